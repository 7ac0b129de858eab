//! The list of all that can move, found out from where properties live.

use crate::run_property::RUN_PROPERTIES;
use crate::slot::ValueType;
use crate::specimen::specimens;
use crate::{EFFECTS, Effect, EffectProperty, Id, Layer, PaintOf, Property, Range, Tag};
use animation::Value;
use std::sync::LazyLock;

/// A property that can move, of some layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Animatable {
    /// Its path; `{id}`, `{n}`, `{tag}` and `{name}` stand for what the document gives.
    pub path: String,
    /// The property; of those with a name in their path, one of them.
    pub property: Property,
    /// What it takes.
    pub takes: ValueType,
    /// Unit of its numbers, empty where they have none.
    pub unit: &'static str,
    /// Types of sources, `group`, types of effects, `layer` for all layers, or `canvas`.
    pub applies_to: Vec<&'static str>,
    /// What it means.
    pub says: &'static str,
}

/// Everything that can move. Worked out once, from `Property::slot` and a layer of each type.
pub fn animatable() -> &'static [Animatable] {
    static ALL: LazyLock<Vec<Animatable>> = LazyLock::new(all);
    &ALL
}

/// What of `layer` can move as it is, with what stands there; effects, stops and settings by their names.
pub fn animatable_of(layer: &Layer) -> Vec<(Animatable, Value)> {
    let mut copy = layer.clone();
    let mut found = Vec::new();
    for one in animatable() {
        for (path, property) in names(one, layer) {
            let Some(slot) = property.slot(&mut copy) else {
                continue;
            };
            // A name may stand for other types of values on other layers.
            let (Some(value), takes) = (slot.get(), slot.value_type()) else {
                continue;
            };
            if takes == one.takes && !matches!(one.applies_to[..], ["canvas"]) {
                let is = Animatable {
                    path,
                    property,
                    ..one.clone()
                };
                found.push((is, value));
            }
        }
    }
    found
}

/// The properties of a layer that one of the list stands for.
fn names(one: &Animatable, layer: &Layer) -> Vec<(String, Property)> {
    let of: Vec<Property> = match (&one.property, &layer.source) {
        (Property::Effect(_, field), _) => {
            let of_type = |effect: &&Effect| one.applies_to.contains(&effect.kind.type_name());
            let ids = layer.effects.iter().filter(of_type);
            ids.map(|effect| Property::Effect(effect.id.clone(), *field))
                .collect()
        }
        (property, Some(source)) if one.path.contains('{') => {
            let mut of = Property::of_source(source);
            of.retain(|named| named.in_list() == *property);
            of
        }
        (property, _) => vec![property.clone()],
    };
    of.into_iter()
        .map(|property| (property.to_string(), property))
        .collect()
}

fn all() -> Vec<Animatable> {
    let mut layers = specimens();
    let mut all = Vec::new();
    let plain = Property::all().map(|(path, property, says)| (path.to_owned(), property, says));
    for (path, property, says) in plain.chain(named()) {
        if property == Property::Background {
            all.push(Animatable {
                unit: unit(&path),
                path,
                property,
                takes: ValueType::Color,
                applies_to: vec!["canvas"],
                says,
            });
            continue;
        }
        let before = all.len();
        let mut everywhere = true;
        for (name, layer) in &mut layers {
            let Some(takes) = property.slot(layer).map(|slot| slot.value_type()) else {
                everywhere = false;
                continue;
            };
            let known = all[before..]
                .iter_mut()
                .find(|one: &&mut Animatable| one.takes == takes);
            match known {
                Some(one) if one.applies_to.contains(name) => {}
                Some(one) => one.applies_to.push(name),
                None => all.push(Animatable {
                    path: path.clone(),
                    property: property.clone(),
                    takes,
                    unit: unit(&path),
                    applies_to: vec![name],
                    says,
                }),
            }
        }
        if everywhere && all.len() == before + 1 {
            all[before].applies_to = vec!["layer"];
        }
    }
    all.extend(of_effects());
    all
}

/// Properties with names in their paths that the document gives: one of each, as specimens have it.
fn named() -> Vec<(String, Property, &'static str)> {
    let stop = |of: PaintOf| {
        let path = format!("{}.stops.{{n}}.color", of.path());
        (
            path,
            Property::Stop(of, 0),
            "Colour of one stop of a gradient, from 0.",
        )
    };
    let offset = |of: PaintOf| {
        let path = format!("{}.stops.{{n}}.offset", of.path());
        (
            path,
            Property::StopOffset(of, 0),
            "Where one stop of a gradient stands; one that comes before an earlier one is drawn where that stands.",
        )
    };
    let mut all: Vec<_> = PaintOf::ALL.map(stop).into();
    all.extend(PaintOf::ALL.map(offset));
    all.extend(RUN_PROPERTIES.map(|(name, field, says)| {
        let path = format!("source.runs.{{n}}.{name}");
        (path, Property::Run(0, field), says)
    }));
    let tag = Tag::new("wdth").map(|tag| {
        let says = "Where words stand on an axis of a variable font that they name.";
        ("source.axes.{tag}".to_owned(), Property::Axis(tag), says)
    });
    let feature = Tag::new("ss01").map(|tag| {
        let says = "An OpenType feature that words name.";
        (
            "source.features.{tag}".to_owned(),
            Property::Feature(tag),
            says,
        )
    });
    let param = Id::new("name").map(|name| {
        let says = "Text that is put into an SVG, where it is named.";
        (
            "source.params.{name}".to_owned(),
            Property::Param(name),
            says,
        )
    });
    all.extend(tag.into_iter().chain(feature).chain(param));
    all
}

fn of_effects() -> Vec<Animatable> {
    let mut all = Vec::new();
    let Some(id) = Id::new("id") else { return all };
    for spec in EFFECTS {
        let mut layer = specimens().swap_remove(0).1;
        layer.effects = vec![Effect::new(id.clone(), spec.fresh())];
        let switch = ("enabled".to_owned(), "Whether it is applied.");
        let fields = spec.fields.iter().flat_map(|field| match field.takes {
            crate::Takes::Matrix(_) => (0..20)
                .map(|part| (format!("{}.{part}", field.name), field.says))
                .collect(),
            _ => vec![(field.name.to_owned(), field.says)],
        });
        for (name, says) in [switch].into_iter().chain(fields) {
            let Some(field) = EffectProperty::named(&name) else {
                continue;
            };
            let property = Property::Effect(id.clone(), field);
            let Some(takes) = property.slot(&mut layer).map(|slot| slot.value_type()) else {
                continue;
            };
            all.push(Animatable {
                path: format!("effects.{{id}}.{name}"),
                property,
                takes,
                unit: unit(&name),
                applies_to: vec![spec.word],
                says,
            });
        }
    }
    all
}

impl Property {
    /// What it may take, on one layer or another: more than one where a name stands for several things.
    pub fn value_types(&self) -> impl Iterator<Item = &'static ValueType> {
        let alike = self.in_list();
        let all = animatable().iter();
        all.filter(move |one| one.property == alike)
            .map(|one| &one.takes)
    }
}

impl Animatable {
    /// The numbers it may take, where it is of numbers.
    pub const fn range(&self) -> Option<Range> {
        self.takes.range()
    }
}

/// The unit that a name ends in.
fn unit(path: &str) -> &'static str {
    let ends = |words: &[&str]| words.iter().any(|word| path.ends_with(word));
    let crop = path.starts_with("source.crop_px.");
    let places = [
        "transform.position",
        "transform.size",
        "polygon.points",
        "line.from",
        "line.to",
    ];
    if crop || ends(&["_px"]) || ends(&places) {
        "px"
    } else if ends(&["_deg"]) {
        "deg"
    } else if ends(&["line_height"]) {
        "em"
    } else {
        ""
    }
}
