//! A JSON Schema while it is put together.

use crate::read::{NAME_CHARS, Words};
use crate::write::number;
use scene::Range;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// One schema; the keywords in the order they are given.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Node(Map<String, Value>);

impl Node {
    fn typed(name: &str) -> Self {
        Self::default().with("type", name)
    }

    /// Any keyword.
    pub(super) fn with(mut self, keyword: &str, value: impl Into<Value>) -> Self {
        self.0.insert(keyword.to_owned(), value.into());
        self
    }

    /// What it means, with its unit.
    pub(super) fn says(self, description: &str) -> Self {
        self.with("description", description)
    }

    pub(super) fn default_is(self, value: impl Into<Value>) -> Self {
        self.with("default", value)
    }

    pub(super) fn default_number(self, value: f64) -> Self {
        self.with("default", number(value))
    }

    pub(super) fn example(self, value: impl Into<Value>) -> Self {
        self.with("examples", vec![value.into()])
    }

    /// The schema of that name among `components.schemas`.
    pub(super) fn of(name: &str) -> Self {
        Self::default().with("$ref", reference(name))
    }

    pub(super) fn any_number() -> Self {
        Self::typed("number")
    }

    pub(super) fn number(range: Range) -> Self {
        Self::typed("number").within(range)
    }

    pub(super) fn whole() -> Self {
        Self::typed("integer")
    }

    pub(super) fn count() -> Self {
        Self::whole().with("minimum", 0)
    }

    /// Ends included.
    pub(super) fn within(self, range: Range) -> Self {
        self.with("minimum", number(range.min))
            .with("maximum", number(range.max))
    }

    pub(super) fn boolean() -> Self {
        Self::typed("boolean")
    }

    pub(super) fn text() -> Self {
        Self::typed("string")
    }

    /// What something is called.
    pub(super) fn name() -> Self {
        Self::text().with("maxLength", NAME_CHARS)
    }

    pub(super) fn pattern(pattern: &str) -> Self {
        Self::text().with("pattern", pattern)
    }

    pub(super) fn words<T>(words: &Words<T>) -> Self {
        Self::one_of_words(words.iter().map(|(word, _)| *word))
    }

    pub(super) fn one_of_words<W: Into<Value>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::text().with("enum", words.into_iter().map(Into::into).collect::<Value>())
    }

    /// Exactly this text.
    pub(super) fn word(word: &str) -> Self {
        Self::text().with("const", word)
    }

    pub(super) fn list(items: Self) -> Self {
        Self::typed("array").with("items", items)
    }

    pub(super) fn holding(self, count: RangeInclusive<usize>) -> Self {
        self.with("minItems", *count.start())
            .with("maxItems", *count.end())
    }

    pub(super) fn one_of<const N: usize>(nodes: [Self; N]) -> Self {
        Self::default().with("oneOf", nodes.map(Value::from).to_vec())
    }

    /// At least one of them.
    pub(super) fn any_of(nodes: Vec<Self>) -> Self {
        let nodes: Vec<Value> = nodes.into_iter().map(Value::from).collect();
        Self::default().with("anyOf", nodes)
    }

    /// One of the schemas of these names, told apart by their field `type`.
    pub(super) fn by_type<'n>(
        types: impl Iterator<Item = (&'n str, &'n str)> + Clone,
        suffix: &str,
    ) -> Self {
        let name = |name: &str| format!("{name}{suffix}");
        let refs: Vec<Value> = types
            .clone()
            .map(|(_, n)| Self::of(&name(n)).into())
            .collect();
        let mapping: Map<String, Value> = types
            .map(|(word, n)| (word.to_owned(), reference(&name(n)).into()))
            .collect();
        Self::default().with("oneOf", refs).with(
            "discriminator",
            json!({ "propertyName": "type", "mapping": mapping }),
        )
    }

    /// An object that refuses what it does not know.
    pub(super) fn object() -> Self {
        Self::typed("object")
            .with("properties", Map::new())
            .with("additionalProperties", false)
    }

    pub(super) fn may(mut self, name: &str, node: Self) -> Self {
        if let Some(Value::Object(properties)) = self.0.get_mut("properties") {
            properties.insert(name.to_owned(), node.into());
        }
        self
    }

    pub(super) fn must(self, name: &str, node: Self) -> Self {
        self.may(name, node).demanding(&[name])
    }

    /// Exactly one of its fields; not a choice of objects, since a merge patch takes one out and puts another in.
    pub(super) fn with_one_field(self) -> Self {
        self.with("minProperties", 1).with("maxProperties", 1)
    }

    /// These too must be there.
    pub(super) fn demanding(mut self, names: &[&str]) -> Self {
        let required = self.0.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.extend(names.iter().map(|name| Value::from(*name)));
        }
        self
    }
}

impl From<Node> for Value {
    fn from(node: Node) -> Self {
        Self::Object(node.0)
    }
}

fn reference(name: &str) -> String {
    format!("{COMPONENTS}{name}")
}

/// Where an OpenAPI document keeps its schemas.
pub(super) const COMPONENTS: &str = "#/components/schemas/";
