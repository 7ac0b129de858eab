//! Properties with names or numbers in their paths that the document gives: of effects, stops, runs, axes and the like.

use crate::run_property::RUN_PROPERTIES;
use crate::source_property::style;
use crate::{EffectProperty, Id, Layer, PaintOf, Property, RunProperty, Source, Tag, TextContent};

impl Property {
    /// Every one that `layer` may have; those that it lacks as it is among them. Copies its source.
    pub(crate) fn of_layer(layer: &Layer) -> Vec<Self> {
        let mut all: Vec<Self> = Self::all().map(|(_, property, _)| property).collect();
        for effect in &layer.effects {
            all.extend(Self::of_effect(effect.id.clone()));
        }
        if let Some(source) = &layer.source {
            all.extend(Self::of_source(source));
        }
        all
    }

    /// Those of `source` with names or numbers in their paths.
    pub(crate) fn of_source(source: &Source) -> Vec<Self> {
        let mut source = source.clone();
        let mut all = Vec::new();
        for of in PaintOf::ALL {
            let stops = of.gradient(&mut source).map_or(0, |one| one.stops.len());
            for stop in numbers(stops) {
                all.extend([Self::Stop(of, stop), Self::StopOffset(of, stop)]);
            }
        }
        if let Some(style) = style(&mut source) {
            all.extend(style.axes.iter().map(|(tag, _)| Self::Axis(*tag)));
            all.extend(style.features.iter().map(|(tag, _)| Self::Feature(*tag)));
        }
        match &source {
            Source::Text(text) => {
                if let TextContent::Runs(runs) = &text.text {
                    for run in numbers(runs.len()) {
                        let fields = RUN_PROPERTIES.iter();
                        all.extend(fields.map(|(_, field, _)| Self::Run(run, *field)));
                    }
                }
            }
            Source::Svg(svg) => {
                let names = svg.params.iter().filter_map(|(name, _)| Id::new(name));
                all.extend(names.map(Self::Param));
            }
            _ => {}
        }
        all
    }

    /// The one that stands for it in the list of what can move, in which names and numbers are left open.
    pub(crate) fn in_list(&self) -> Self {
        let listed = match self {
            Self::Stop(of, _) => Some(Self::Stop(*of, 0)),
            Self::StopOffset(of, _) => Some(Self::StopOffset(*of, 0)),
            Self::Run(_, field) => Some(Self::Run(0, *field)),
            Self::Axis(_) => Tag::new("wdth").map(Self::Axis),
            Self::Feature(_) => Tag::new("ss01").map(Self::Feature),
            Self::Param(_) => Id::new("name").map(Self::Param),
            Self::Effect(_, field) => Id::new("id").map(|id| Self::Effect(id, *field)),
            _ => None,
        };
        listed.unwrap_or_else(|| self.clone())
    }

    /// One with a name or a number in its path that the document gives.
    pub(crate) fn with_name(path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("effects.") {
            let (id, field) = rest.split_once('.')?;
            let field = EffectProperty::named(field)?;
            return Some(Self::Effect(Id::new(id)?, field));
        }
        for of in PaintOf::ALL {
            let rest = path.strip_prefix(of.path());
            if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(".stops.")) {
                let (stop, field) = rest.split_once('.')?;
                let stop = stop.parse().ok()?;
                if usize::from(stop) >= *crate::ranges::STOPS.end() {
                    return None;
                }
                return match field {
                    "color" => Some(Self::Stop(of, stop)),
                    "offset" => Some(Self::StopOffset(of, stop)),
                    _ => None,
                };
            }
        }
        if let Some(rest) = path.strip_prefix("source.runs.") {
            let (run, field) = rest.split_once('.')?;
            let run: u8 = run.parse().ok()?;
            let is_one = usize::from(run) < *crate::ranges::RUNS.end();
            let field = RunProperty::named(field)?;
            return is_one.then_some(Self::Run(run, field));
        }
        let (list, name) = path.strip_prefix("source.")?.split_once('.')?;
        match list {
            "axes" => Tag::new(name).map(Self::Axis),
            "features" => Tag::new(name).map(Self::Feature),
            "params" => Id::new(name).map(Self::Param),
            _ => None,
        }
    }

    /// What `layer` has where this is missing: which runs, which stops.
    pub(crate) fn missing_from(&self, layer: &Layer) -> Option<String> {
        let mut source = layer.source.clone()?;
        let (noun, count) = match self {
            Self::Run(..) => match &source {
                Source::Text(text) => match &text.text {
                    TextContent::Runs(runs) => ("runs", runs.len()),
                    _ => return Some("its text is not in runs".to_owned()),
                },
                _ => return None,
            },
            Self::Stop(of, _) | Self::StopOffset(of, _) => {
                ("stops", of.gradient(&mut source)?.stops.len())
            }
            _ => return None,
        };
        let last = count.saturating_sub(1);
        Some(format!("it has {count} {noun}, 0 to {last}"))
    }
}

/// From 0, as many as have a property.
fn numbers(count: usize) -> std::ops::Range<u8> {
    0..u8::try_from(count).unwrap_or(u8::MAX)
}
