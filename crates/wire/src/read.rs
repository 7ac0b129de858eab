//! The cursor: a JSON value and where it stands.
//!
//! Every reader returns `None` after it has reported the fault; the caller then takes a stand-in and reads on.

use crate::parse::push_segment;
use crate::report::Report;
use media::Figure;
use scene::Id;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Words of a closed list and what they stand for; one table serves reading and writing.
pub(crate) type Words<T> = [(&'static str, T)];

/// Longest name, in characters: no file system has a longer one.
pub(crate) const NAME_CHARS: usize = 1000;

/// A value and where it stands.
pub(crate) struct At<'a> {
    pub(crate) value: &'a Value,
    pub(crate) pointer: String,
    pub(crate) report: &'a Report,
}

impl<'a> At<'a> {
    /// The whole document.
    pub(crate) const fn root(value: &'a Value, report: &'a Report) -> Self {
        Self {
            value,
            pointer: String::new(),
            report,
        }
    }

    /// Reports a fault here; the `None` is for the reader to return.
    pub(crate) fn fault<T>(&self, detail: impl Into<String>) -> Option<T> {
        self.report.fault(self.pointer.clone(), detail);
        None
    }

    /// Reports that something else was expected here.
    pub(crate) fn takes<T>(&self, expected: &str) -> Option<T> {
        let is = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(v) => v.to_string(),
            Value::Number(v) if v.is_f64() => Figure(v.as_f64().unwrap_or(f64::NAN)).to_string(),
            Value::Number(v) => v.to_string(),
            Value::String(v) => format!("the text `{}`", excerpt(v)),
            Value::Array(_) => "an array".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.fault(format!("is {is}; takes {expected}"))
    }

    pub(crate) fn number(&self) -> Option<f64> {
        self.value.as_f64().or_else(|| self.takes("a number"))
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.takes("true or false"))
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        self.value.as_str().or_else(|| self.takes("text"))
    }

    /// What something is called: a layer, a family of fonts, a file.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.text_of(0..=NAME_CHARS)
    }

    /// A text of so many characters.
    pub(crate) fn text_of(&self, chars: RangeInclusive<usize>) -> Option<&'a str> {
        let text = self.text()?;
        let count = text.chars().count();
        if chars.contains(&count) {
            return Some(text);
        }
        let (low, high) = (chars.start(), chars.end());
        self.fault(format!(
            "has {count} characters; allowed are {low} to {high}"
        ))
    }

    pub(crate) fn id(&self) -> Option<Id> {
        let Some(text) = self.value.as_str() else {
            return self.takes("text");
        };
        Id::new(text)
            .or_else(|| self.fault(format!("`{}` is not an id: {}", excerpt(text), Id::RULE)))
    }

    /// A word of `words`; those of `later` belong to the format and are refused.
    pub(crate) fn word<T: Clone>(&self, words: &Words<T>, later: &[&str]) -> Option<T> {
        let Some(text) = self.value.as_str() else {
            return self.takes("text");
        };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(meaning.clone());
        }
        let allowed = joined(words.iter().map(|(word, _)| *word));
        if later.contains(&text) {
            return self.fault(format!("`{text}` is not yet available; allowed: {allowed}"));
        }
        self.fault(format!(
            "unknown word `{}`; allowed: {allowed}",
            excerpt(text)
        ))
    }

    /// The elements, each with its own place.
    pub(crate) fn array(&self) -> Option<Vec<Self>> {
        let Some(array) = self.value.as_array() else {
            return self.takes("an array");
        };
        let element = |(i, value)| Self {
            value,
            pointer: format!("{}/{i}", self.pointer),
            report: self.report,
        };
        Some(array.iter().enumerate().map(element).collect())
    }

    /// Reads an object's fields with `read`; those that it did not ask for are faults.
    pub(crate) fn object<T>(&self, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let Some(object) = self.value.as_object() else {
            return self.takes("an object");
        };
        let mut fields = Fields {
            object,
            pointer: self.pointer.clone(),
            report: self.report,
            known: Vec::new(),
            later: &[],
            told: None,
            misplaced: &[],
            open: false,
        };
        let result = read(&mut fields);
        fields.report_unknown();
        Some(result)
    }
}

/// The fields of an object while it is read.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    pointer: String,
    report: &'a Report,
    known: Vec<&'static str>,
    later: &'static [&'static str],
    told: Option<&'static str>,
    misplaced: &'static [&'static str],
    open: bool,
}

impl<'a> Fields<'a> {
    /// The field, where present.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<At<'a>> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        let value = self.object.get(name)?;
        Some(At {
            value,
            pointer: format!("{}/{name}", self.pointer),
            report: self.report,
        })
    }

    /// The field, or `default` where it is absent or at fault.
    pub(crate) fn or<T>(
        &mut self,
        name: &'static str,
        default: T,
        read: impl FnOnce(&At<'a>) -> Option<T>,
    ) -> T {
        self.get(name).and_then(|at| read(&at)).unwrap_or(default)
    }

    /// The field, or `None` where it is absent or at fault.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&At<'a>) -> Option<T>,
    ) -> Option<T> {
        self.get(name).and_then(|at| read(&at))
    }

    /// The field; absence is a fault.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&At<'a>) -> Option<T>,
    ) -> Option<T> {
        let Some(at) = self.get(name) else {
            self.report
                .fault(format!("{}/{name}", self.pointer), "is missing");
            return None;
        };
        read(&at)
    }

    /// The only field among `names` that is present: objects such as `{"at_ms": 5}` and `{"at": ".."}`.
    pub(crate) fn one_of(&mut self, names: &[&'static str]) -> Option<(&'static str, At<'a>)> {
        let mut present: Vec<_> = names
            .iter()
            .filter_map(|name| Some((*name, self.get(name)?)))
            .collect();
        match (present.pop(), present.is_empty()) {
            (Some(one), true) => return Some(one),
            // A field that is unknown, or not yet available, is the better answer.
            (None, _) if !self.object.is_empty() => {}
            _ => self.report.fault(
                self.pointer.clone(),
                format!("takes exactly one of {}", joined(names.iter().copied())),
            ),
        }
        None
    }

    /// Reports a fault at one of the fields, there or not.
    pub(crate) fn fault(&self, name: &str, detail: impl Into<String>) {
        self.report.fault(self.place(name), detail);
    }

    /// Reports a fault at a field of one of the fields, there or not.
    pub(crate) fn fault_below(&self, field: &str, name: &str, detail: impl Into<String>) {
        let mut pointer = self.place(field);
        push_segment(&mut pointer, name);
        self.report.fault(pointer, detail);
    }

    /// Reports a fault of the whole object.
    pub(crate) fn fault_of_all(&self, detail: impl Into<String>) {
        self.report.fault(self.pointer.clone(), detail);
    }

    /// A field that is told beside what is read back, and not looked at when it is sent back.
    pub(crate) const fn told(&mut self, name: &'static str) {
        self.told = Some(name);
    }

    /// These fields belong to the format and are refused until they do something.
    pub(crate) const fn later(&mut self, names: &'static [&'static str]) {
        self.later = names;
    }

    /// These fields are read, to say that they have no place here: nobody is told that they are known.
    pub(crate) const fn misplaced(&mut self, names: &'static [&'static str]) {
        self.misplaced = names;
    }

    /// Leaves unknown fields alone: which are known cannot be told after another fault.
    pub(crate) const fn leave_open(&mut self) {
        self.open = true;
    }

    /// The fields nobody asked for yet, where any name may stand.
    pub(crate) fn rest(&mut self) -> Vec<(&'a str, At<'a>)> {
        self.open = true;
        let known: HashSet<&str> = self.known.iter().copied().collect();
        let rest = self
            .object
            .iter()
            .filter(|(name, _)| !known.contains(name.as_str()));
        rest.map(|(name, value)| {
            (
                name.as_str(),
                At {
                    value,
                    pointer: self.place(name),
                    report: self.report,
                },
            )
        })
        .collect()
    }

    fn place(&self, name: &str) -> String {
        let mut pointer = self.pointer.clone();
        push_segment(&mut pointer, name);
        pointer
    }

    fn report_unknown(&self) {
        if self.open {
            return;
        }
        for name in self
            .object
            .keys()
            .filter(|name| !self.known.contains(&name.as_str()))
            .filter(|name| self.told != Some(name.as_str()))
        {
            let detail = if self.later.contains(&name.as_str()) {
                "is not yet available".to_owned()
            } else {
                let known = self.known.iter().copied();
                let known = known.filter(|name| !self.misplaced.contains(name));
                format!("unknown field; known: {}", joined(known))
            };
            self.report.fault(self.place(name), detail);
        }
    }
}

/// Ids for what was written without one, the same for the same document.
pub(crate) struct FreshIds {
    taken: HashSet<String>,
    next: usize,
}

impl FreshIds {
    /// Keeps clear of every id in `list`, wherever it stands.
    pub(crate) fn beside(list: &[At<'_>]) -> Self {
        let given = list.iter().filter_map(|at| at.value.get("id")?.as_str());
        Self {
            taken: given.map(str::to_owned).collect(),
            next: 0,
        }
    }

    /// Keeps clear of these.
    pub(crate) fn apart_from<'s>(taken: impl Iterator<Item = &'s str>) -> Self {
        Self {
            taken: taken.map(str::to_owned).collect(),
            next: 0,
        }
    }

    /// `stem-number`, or with the next number that is free.
    pub(crate) fn numbered(&mut self, stem: &str, number: usize) -> Id {
        // Never below the last: a document full of taken numbers costs one search, not one for each id.
        self.next = self.next.max(number);
        loop {
            let id = format!("{stem}-{}", self.next);
            self.next += 1;
            if self.taken.insert(id.clone()) {
                return Id::new(&id).expect("a word of ours and a number keep the rule");
            }
        }
    }

    /// `stem`, or numbered from 2 where that is taken.
    pub(crate) fn plain(&mut self, stem: &str) -> Id {
        if self.taken.insert(stem.to_owned()) {
            return Id::new(stem).expect("a word of ours keeps the rule");
        }
        self.numbered(stem, 2)
    }
}

/// What `meaning` is called in the document.
pub(crate) fn word_for<T: PartialEq>(words: &Words<T>, meaning: &T) -> &'static str {
    words
        .iter()
        .find(|(_, m)| m == meaning)
        .map_or("", |(word, _)| word)
}

/// `a, b, c`
pub(crate) fn joined<'s>(words: impl Iterator<Item = &'s str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// The beginning of `text`, for a message.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}
