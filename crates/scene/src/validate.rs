//! The rules a scene must keep.

mod follows;
mod moves;
mod plan;
mod text;

pub use plan::names_a_marker;

use crate::ranges::{
    ANCHOR, ANGLE, BEATS, BPM, CANVAS_HEIGHT, CANVAS_WIDTH, CENTER, CROP, DELAY_MS, DURATION_MS,
    GAP, GRADIENT_RADIUS, ITERATIONS, LENGTH, LOCAL_MS, POSITION, QUIET_ZONE, RADIUS, RATE, SCALE,
    SPEED, STOPS, UNIT,
};
use crate::shared::fresh;
use crate::{
    Animation, EffectKind, Fault, FaultKind, FieldValue, Gradient, GradientForm, Id, Kind, Layer,
    Range, SafeArea, Scene, Shared, Source, Start, Takes, Target, Verb,
};
use animation::{Playback, Timing};
use media::Figure;
use std::collections::HashMap;
use std::fmt::Display;

/// How much a scene may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Layers, groups and children counted alike.
    pub layers: usize,
    /// Animations.
    pub animations: usize,
    /// Timelines.
    pub timelines: usize,
    /// What all timelines move together: the targets of all animations in them.
    pub timeline_leaves: usize,
    /// Entries of one timeline, those of the timelines in it counted.
    pub timeline_entries: usize,
    /// Templates.
    pub templates: usize,
    /// Keyframes of one animation.
    pub keyframes: usize,
    /// Characters of one text.
    pub text_chars: usize,
    /// Groups in groups.
    pub nesting: usize,
    /// Effects of one layer.
    pub effects: usize,
    /// Pixels of one layer's box.
    pub box_px: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            layers: 50,
            animations: 500,
            timelines: 100,
            timeline_leaves: 1000,
            timeline_entries: 2000,
            templates: 100,
            keyframes: 1000,
            text_chars: 10_000,
            nesting: 16,
            effects: 16,
            box_px: 67_108_864.0,
        }
    }
}

impl Scene {
    /// Everything that is wrong with this scene, in document order; empty when it may go on air.
    ///
    /// `has_asset` says whether an asset of that name is there; a missing one is a fault of its own
    /// [kind](FaultKind::MissingAsset). Cost: linear in the document.
    pub fn faults(&self, limits: &Limits, has_asset: &dyn Fn(&str) -> bool) -> Vec<Fault> {
        self.faults_of(None, limits, has_asset)
    }

    /// As [`faults`](Self::faults), for a scene that came of `before`, whose faults by the same limits are empty or missing
    /// assets only: what the two share is not looked into again, and the assets that it lacks are not named. It may have as many
    /// layers as `before` had, whatever the limit is by now.
    ///
    /// Cost: a few ns for each part of the scene, and what [`faults`](Self::faults) costs for each part that is another, or
    /// moves a layer that is another.
    pub fn faults_since(
        &self,
        before: &Self,
        limits: &Limits,
        has_asset: &dyn Fn(&str) -> bool,
    ) -> Vec<Fault> {
        self.faults_of(Some(before), limits, has_asset)
    }

    fn faults_of(
        &self,
        before: Option<&Self>,
        limits: &Limits,
        has_asset: &dyn Fn(&str) -> bool,
    ) -> Vec<Fault> {
        let mut check = Check {
            faults: Vec::new(),
            limits,
            has_asset,
        };
        check.canvas(self);
        let layers = before.map_or(0, |before| before.layers.len());
        check.count(
            "/layers",
            "layers",
            self.layers.len(),
            limits.layers.max(layers),
        );
        check.count(
            "/animations",
            "animations",
            self.animations.len(),
            limits.animations,
        );
        check.timeline_counts(self, before);
        if check.faults.iter().any(|f| {
            matches!(f.pointer.as_str(), "/layers" | "/animations" | "/templates")
                || f.pointer.starts_with("/timelines")
        }) {
            // Ten thousand layers need one clear answer, not ten thousand.
            return check.faults;
        }
        let fresh_layers = before.map_or_else(
            || vec![true; self.layers.len()],
            |before| fresh(&before.layers, &self.layers),
        );
        let fresh_animations = before.map_or_else(
            || vec![true; self.animations.len()],
            |before| fresh(&before.animations, &self.animations),
        );
        let mut index: HashMap<&Id, usize> = HashMap::with_capacity(self.layers.len());
        for (i, layer) in self.layers.iter().enumerate() {
            index.entry(&layer.id).or_insert(i);
        }
        // Where there are as many ids as layers, none is there twice.
        let twice = index.len() < self.layers.len();
        for (i, (layer, is_fresh)) in self.layers.iter().zip(&fresh_layers).enumerate() {
            if twice {
                check.unique("layers", &layer.id, index[&layer.id], i);
            }
            check.parent(&self.layers, i, &index, &fresh_layers);
            if *is_fresh {
                check.layer(&format!("/layers/{i}"), layer);
            }
        }
        check
            .faults
            .extend(crate::follow::faults(&self.layers, &index, &fresh_layers));
        check
            .faults
            .extend(crate::backdrop::faults(&self.layers, &index));
        check
            .faults
            .extend(crate::mask::faults(self, &index, limits));
        let mut ids: HashMap<&Id, usize> = HashMap::with_capacity(self.animations.len());
        for (i, animation) in self.animations.iter().enumerate() {
            ids.entry(&animation.id).or_insert(i);
        }
        let twice = ids.len() < self.animations.len();
        for (i, (animation, is_fresh)) in self.animations.iter().zip(&fresh_animations).enumerate()
        {
            if twice {
                check.unique("animations", &animation.id, ids[&animation.id], i);
            }
            let target = match &animation.target {
                Target::Layer(id) => index.get(id).is_none_or(|layer| fresh_layers[*layer]),
                Target::Canvas => false,
            };
            if *is_fresh || target {
                check.animation(&format!("/animations/{i}"), animation, &self.layers, &index);
            }
        }
        check.templates(self);
        check.timelines(self, before, &ids, &fresh_layers, &index);
        check.passages(self, before);
        check.faults.extend(crate::expression::faults(self, &index));
        check.faults
    }
}

pub(crate) struct Check<'a> {
    pub(crate) faults: Vec<Fault>,
    pub(crate) limits: &'a Limits,
    pub(crate) has_asset: &'a dyn Fn(&str) -> bool,
}

impl Check<'_> {
    pub(crate) fn invalid(&mut self, pointer: impl Display, detail: impl Into<String>) {
        self.faults
            .push(Fault::invalid(pointer.to_string(), detail));
    }

    pub(crate) fn number(&mut self, pointer: impl Display, value: f64, range: Range) {
        if !range.contains(value) {
            let is = Figure(value);
            self.invalid(pointer, format!("is {is}; allowed is {range}"));
        }
    }

    pub(crate) fn count(&mut self, pointer: &str, noun: &str, count: usize, max: usize) {
        if count > max {
            self.invalid(
                pointer.to_owned(),
                format!("has {count} {noun}; at most {max} are allowed"),
            );
        }
    }

    pub(crate) fn text(&mut self, pointer: impl Display, text: &str) {
        let (chars, max) = (text.chars().count(), self.limits.text_chars);
        if chars > max {
            self.invalid(
                pointer,
                format!("has {chars} characters; at most {max} are allowed"),
            );
        }
    }

    pub(crate) fn asset(&mut self, pointer: String, asset: &str) {
        if !(self.has_asset)(asset) {
            self.faults.push(Fault {
                pointer,
                detail: format!("there is no asset `{asset}`"),
                kind: FaultKind::MissingAsset,
            });
        }
    }

    pub(crate) fn unique(&mut self, list: &str, id: &Id, first: usize, i: usize) {
        if first != i {
            self.invalid(
                format_args!("/{list}/{i}/id"),
                format!("`{id}` is also the id of /{list}/{first}; ids are unique"),
            );
        }
    }

    fn canvas(&mut self, scene: &Scene) {
        for (name, value, range) in [
            ("width_px", scene.canvas.width_px, CANVAS_WIDTH),
            ("height_px", scene.canvas.height_px, CANVAS_HEIGHT),
        ] {
            if !range.contains(f64::from(value)) || !value.is_multiple_of(2) {
                self.invalid(
                    format!("/canvas/{name}"),
                    format!("is {value}; allowed are even numbers from {range}"),
                );
            }
        }
        if let Some(design) = scene.canvas.design {
            for (name, value, range) in [
                ("width_px", design.width_px, CANVAS_WIDTH),
                ("height_px", design.height_px, CANVAS_HEIGHT),
            ] {
                self.number(format_args!("/canvas/design/{name}"), value.into(), range);
            }
        }
    }

    /// A cycle is one fault, at the first of its layers in the document that were written to.
    fn parent(
        &mut self,
        layers: &[Shared<Layer>],
        i: usize,
        index: &HashMap<&Id, usize>,
        is_fresh: &[bool],
    ) {
        let Some(parent) = &layers[i].parent else {
            return;
        };
        let at = format_args!("/layers/{i}/parent");
        let Some(&p) = index.get(parent) else {
            return self.invalid(at, format!("there is no layer `{parent}`"));
        };
        if layers[p].kind != Kind::Group {
            return self.invalid(at, format!("layer `{parent}` is not a group"));
        }
        let mut depth = 1;
        let rank = |i: usize| (!is_fresh[i], i);
        let mut first = rank(i);
        let mut current = p;
        while current != i {
            first = first.min(rank(current));
            match layers[current].parent.as_ref().and_then(|id| index.get(id)) {
                // A chain longer than the document leads into a cycle that this layer only hangs from.
                Some(&next) if depth <= layers.len() => current = next,
                Some(_) => return,
                None => {
                    if depth > self.limits.nesting {
                        let max = self.limits.nesting;
                        self.invalid(
                            at,
                            format!("is nested {depth} groups deep; at most {max} are allowed"),
                        );
                    }
                    return;
                }
            }
            depth += 1;
        }
        if first == rank(i) {
            self.invalid(
                at,
                format!(
                    "layer `{}` would be its own ancestor, through `{parent}`",
                    layers[i].id
                ),
            );
        }
    }

    fn layer(&mut self, at: &str, layer: &Layer) {
        self.number(format_args!("{at}/opacity"), layer.opacity, UNIT);
        let max = Layer::MAX_TTL_MS;
        if let Some(ttl) = layer.ttl_ms.filter(|ttl| !(*ttl > 0.0 && *ttl <= max)) {
            self.invalid(
                format!("{at}/ttl_ms"),
                format!("is {ttl}; allowed is above 0 up to {max}"),
            );
        }
        let t = &layer.transform;
        for (name, value, range) in [
            ("x_px", t.x_px, POSITION),
            ("y_px", t.y_px, POSITION),
            ("anchor_x", t.anchor_x, ANCHOR),
            ("anchor_y", t.anchor_y, ANCHOR),
            ("scale_x", t.scale_x, SCALE),
            ("scale_y", t.scale_y, SCALE),
            ("rotation_deg", t.rotation_deg, ANGLE),
        ] {
            self.number(format_args!("{at}/transform/{name}"), value, range);
        }
        for (name, value) in [("width_px", t.width_px), ("height_px", t.height_px)] {
            if let Some(value) = value {
                self.number(format_args!("{at}/transform/{name}"), value, LENGTH);
            }
        }
        if let (Some(width), Some(height), max) = (t.width_px, t.height_px, self.limits.box_px)
            && width * height > max
            && LENGTH.contains(width)
            && LENGTH.contains(height)
        {
            let pixels = width * height;
            self.invalid(
                format!("{at}/transform/width_px"),
                format!("makes a box of {pixels} pixels; at most {max} are allowed"),
            );
        }
        self.functions(&format!("{at}/transform/functions"), &t.functions);
        self.placing(at, layer);
        if let Some(wipe) = &layer.wipe {
            self.wipe(&format!("{at}/wipe"), wipe);
        }
        self.notes(at, layer);
        let group = layer.kind == Kind::Group;
        match &layer.source {
            None if !group => {
                self.invalid(format!("{at}/source"), "is missing; only groups have none");
            }
            Some(_) if group => {
                self.invalid(format!("{at}/source"), "a group has children, not a source");
            }
            None => {}
            Some(source) => {
                if source.needs_size() {
                    for (name, value) in [("width_px", t.width_px), ("height_px", t.height_px)] {
                        if value.is_none() {
                            let kind = source.type_name();
                            self.invalid(
                                format!("{at}/transform/{name}"),
                                format!("is missing; a {kind} has no size of its own"),
                            );
                        }
                    }
                }
                self.source(&format!("{at}/source"), source);
            }
        }
        if let Some(radii) = layer.clip {
            if !group {
                self.invalid(format!("{at}/clip"), "only groups clip");
            }
            self.radii(&format!("{at}/clip/radius_px"), radii);
        }
        self.count(
            &format!("{at}/effects"),
            "effects",
            layer.effects.len(),
            self.limits.effects,
        );
        for (k, effect) in layer.effects.iter().take(self.limits.effects).enumerate() {
            let at = format!("{at}/effects/{k}");
            if layer.effects[..k].iter().any(|e| e.id == effect.id) {
                self.invalid(
                    format!("{at}/id"),
                    format!("`{}` is used twice in this layer", effect.id),
                );
            }
            self.effect(&at, &effect.kind);
        }
    }

    fn effect(&mut self, at: &str, kind: &EffectKind) {
        for (field, value) in kind.fields() {
            let at = format!("{at}/{}", field.name);
            match (value, field.takes) {
                (FieldValue::Number(v), Takes::Number(range, _)) => self.number(at, v, range),
                (FieldValue::Radii(radii), _) => self.radii(&at, radii),
                (FieldValue::Matrix(matrix), Takes::Matrix(range)) => {
                    for (k, v) in matrix.into_iter().enumerate() {
                        self.number(format_args!("{at}/{k}"), v, range);
                    }
                }
                _ => {}
            }
        }
    }

    /// Moved corners and what is cut off.
    fn placing(&mut self, at: &str, layer: &Layer) {
        let (t, group) = (&layer.transform, layer.kind == Kind::Group);
        if let Some(crop) = &layer.crop {
            if group {
                self.invalid(
                    format!("{at}/crop"),
                    "only layers with a source are cropped",
                );
            }
            for (name, value) in [
                ("left_px", crop.left_px),
                ("top_px", crop.top_px),
                ("right_px", crop.right_px),
                ("bottom_px", crop.bottom_px),
            ] {
                self.number(format_args!("{at}/crop/{name}"), value, CROP);
            }
        }
        if let Some(SafeArea::Margins {
            left_px,
            top_px,
            right_px,
            bottom_px,
        }) = layer.safe_area
        {
            for (name, value) in [
                ("left_px", left_px),
                ("top_px", top_px),
                ("right_px", right_px),
                ("bottom_px", bottom_px),
            ] {
                self.number(format_args!("{at}/safe_area/{name}"), value, CROP);
            }
        }
        let Some(pin) = t.corner_pin else { return };
        // Where the corners come to is not asked while a number is wrong that they hang on.
        let sides = [t.width_px, t.height_px];
        let mut sound = sides.iter().flatten().all(|side| LENGTH.contains(*side));
        sound &= layer.crop.is_none_or(|crop| {
            let cut = [crop.left_px, crop.top_px, crop.right_px, crop.bottom_px];
            cut.iter().all(|px| CROP.contains(*px))
        });
        sound &= pin.iter().flatten().all(|px| POSITION.contains(*px));
        let at = format!("{at}/transform/corner_pin");
        for (k, (axis, value)) in pin
            .iter()
            .zip(0..)
            .flat_map(|([x, y], k)| [(k, (0, *x)), (k, (1, *y))])
        {
            self.number(format_args!("{at}/{k}/{axis}"), value, POSITION);
        }
        if matches!(layer.source, Some(Source::Ticker(_))) {
            self.invalid(at, "is not yet available for tickers");
        } else if let (Some(width), Some(height), true) = (t.width_px, t.height_px, sound) {
            let size = kurbo::Size::new(width, height);
            let size = layer.crop.map_or(size, |crop| crop.rest(size).size());
            if !crate::placing::is_convex(pin, size) {
                let detail = "makes corners that are not those of a convex quadrilateral";
                self.invalid(at, detail);
            }
        }
    }

    /// What is kept with a layer for others.
    fn notes(&mut self, at: &str, layer: &Layer) {
        self.count(
            &format!("{at}/tags"),
            "tags",
            layer.tags.len(),
            Layer::MAX_TAGS,
        );
        for (k, tag) in layer.tags.iter().take(Layer::MAX_TAGS).enumerate() {
            if layer.tags[..k].contains(tag) {
                self.invalid(format!("{at}/tags/{k}"), format!("`{tag}` is there twice"));
            }
        }
        let bytes = layer.metadata.as_ref().map_or(0, |text| text.len());
        self.count(
            &format!("{at}/metadata"),
            "bytes",
            bytes,
            Layer::MAX_METADATA_BYTES,
        );
    }

    fn source(&mut self, at: &str, source: &Source) {
        // A drawing names its own by their operations.
        let picture = source.asset().map(|_| source.assets());
        for (asset, name) in picture.into_iter().flatten().zip(["asset", "atlas"]) {
            self.asset(format!("{at}/{name}"), asset);
        }
        match source {
            Source::Color(_) => {}
            Source::Gradient(gradient) => self.gradient(&format!("{at}/gradient"), gradient),
            Source::Image(image) => self.image(at, image),
            Source::Svg(svg) => self.svg(at, svg),
            Source::Sprite(sprite) => self.sprite(at, sprite),
            Source::Shape(shape) => self.shape(at, shape),
            Source::Text(s) => self.written(at, s),
            Source::Ticker(s) => {
                self.text(format_args!("{at}/text"), &s.text);
                self.style(at, &s.style);
                self.number(format_args!("{at}/speed_px_s"), s.speed_px_s, SPEED);
                self.number(format_args!("{at}/gap_px"), s.gap_px, GAP);
                if let Some(baseline) = s.baseline_px {
                    self.number(format_args!("{at}/baseline_px"), baseline, POSITION);
                }
            }
            Source::Countdown(s) => self.style(at, &s.style),
            Source::Clock(s) => self.style(at, &s.style),
            Source::Drawing(drawing) => self.drawing(at, drawing),
            Source::Qr(qr) => {
                let (bytes, max) = (qr.text.len(), qr.error_correction.max_bytes());
                if bytes > max {
                    self.invalid(
                        format_args!("{at}/text"),
                        format!("has {bytes} bytes; at most {max} fit with this error correction"),
                    );
                }
                let quiet = f64::from(qr.quiet_zone_modules);
                self.number(format_args!("{at}/quiet_zone_modules"), quiet, QUIET_ZONE);
            }
        }
    }

    pub(crate) fn radii(&mut self, at: &str, radii: [f64; 4]) {
        if let Some(&radius) = radii.iter().find(|r| !RADIUS.contains(**r)) {
            self.number(at, radius, RADIUS);
        }
    }

    pub(crate) fn gradient(&mut self, at: &str, gradient: &Gradient) {
        let (angle_deg, center, radius_px) = match gradient.form {
            GradientForm::Linear { angle_deg } => (Some(angle_deg), None, None),
            GradientForm::Radial { center, radius_px } => (None, Some(center), radius_px),
            GradientForm::Conic { center, angle_deg } => (Some(angle_deg), Some(center), None),
        };
        if let Some(angle_deg) = angle_deg {
            self.number(format_args!("{at}/angle_deg"), angle_deg, ANGLE);
        }
        for (k, v) in center.into_iter().flatten().enumerate() {
            self.number(format_args!("{at}/center/{k}"), v, CENTER);
        }
        if let Some(radius_px) = radius_px {
            self.number(format_args!("{at}/radius_px"), radius_px, GRADIENT_RADIUS);
        }
        let n = gradient.stops.len();
        if !STOPS.contains(&n) {
            self.invalid(
                format!("{at}/stops"),
                format!(
                    "has {n} stops; allowed are {} to {}",
                    STOPS.start(),
                    STOPS.end()
                ),
            );
        }
        let mut last = 0.0;
        for (k, &(offset, _)) in gradient.stops.iter().enumerate() {
            let pointer = format_args!("{at}/stops/{k}/0");
            if !UNIT.contains(offset) {
                self.number(pointer, offset, UNIT);
                continue;
            }
            if offset < last {
                self.invalid(
                    pointer,
                    format!("is {offset} after {last}; offsets must not decrease"),
                );
            }
            last = offset;
        }
    }

    /// When what is called `own` begins.
    pub(crate) fn start(&mut self, at: &str, start: &Start, own: &Id) {
        match start {
            Start::After(id, offset_ms) => {
                if id == own {
                    self.invalid(
                        format_args!("{at}/start/after"),
                        "is the animation itself; it cannot follow itself",
                    );
                }
                self.number(format_args!("{at}/start/offset_ms"), *offset_ms, DELAY_MS);
            }
            Start::Beat(grid) => {
                for (name, value, range) in [
                    ("bpm", grid.bpm, BPM),
                    ("offset_ms", grid.offset_ms, DELAY_MS),
                    ("beats", grid.quantum_beats, BEATS),
                ] {
                    self.number(format_args!("{at}/start/beat/{name}"), value, range);
                }
            }
            Start::Marker(name, _) => self.marker(at, name),
            Start::Now | Start::At(_) | Start::Wall(_) => {}
        }
    }

    pub(crate) fn playback(&mut self, at: &str, playback: &Playback) {
        self.number(
            format_args!("{at}/playback/local_ms"),
            playback.anchor().1,
            LOCAL_MS,
        );
        self.number(format_args!("{at}/playback/rate"), playback.rate(), RATE);
    }

    /// When it begins, and what is done to it.
    pub(crate) fn running(&mut self, at: &str, a: &Animation) {
        self.start(at, &a.start, &a.id);
        self.plan(at, a);
        let endless = !a.timing.end_ms().is_finite();
        if let Some(playback) = &a.playback {
            self.playback(at, playback);
        }
        let mut backwards = a.playback().rate() < 0.0;
        let (verbs, most) = (a.verbs.len(), Animation::MAX_VERBS);
        if verbs > most {
            self.invalid(
                format_args!("{at}/verbs"),
                format!("has {verbs} verbs; at most {most} are allowed"),
            );
        }
        for (k, verb) in a.verbs.iter().enumerate() {
            let at = format!("{at}/verbs/{k}");
            match verb {
                Verb::Seek(local_ms) => {
                    self.number(format_args!("{at}/seek_ms"), *local_ms, LOCAL_MS);
                }
                Verb::Rate(rate) => self.number(format_args!("{at}/rate"), *rate, RATE),
                Verb::Pause | Verb::Resume | Verb::Reverse | Verb::Finish => {}
            }
            match verb {
                Verb::Rate(rate) => backwards = *rate < 0.0,
                Verb::Reverse => backwards = !backwards,
                Verb::Finish if endless && !backwards => {
                    self.invalid(at, "needs an end; this one never ends");
                }
                _ => {}
            }
        }
    }

    fn animation(
        &mut self,
        at: &str,
        a: &Animation,
        layers: &[Shared<Layer>],
        index: &HashMap<&Id, usize>,
    ) {
        self.timing(&format!("{at}/timing"), &a.timing);
        self.running(at, a);
        self.keyframes(at, a);
        self.moves(at, &format!("{at}/target"), a, &a.target, layers, index);
    }

    /// How many keyframes there are, and where they stand.
    pub(crate) fn keyframes(&mut self, at: &str, a: &Animation) {
        self.keyframe_count(at, a);
        let mut last = 0.0;
        for (k, keyframe) in a.keyframes.iter().enumerate() {
            let Some(offset) = keyframe.offset else {
                continue;
            };
            let pointer = format_args!("{at}/keyframes/{k}/offset");
            if !UNIT.contains(offset) {
                self.number(pointer, offset, UNIT);
            } else if offset < last {
                self.invalid(
                    pointer,
                    format!("is {offset} after {last}; offsets must not decrease"),
                );
            } else {
                last = offset;
            }
        }
    }

    /// Whether the target has what the keyframes move; `target_at` is the pointer of the target.
    pub(crate) fn moves(
        &mut self,
        at: &str,
        target_at: &str,
        a: &Animation,
        target: &Target,
        layers: &[Shared<Layer>],
        index: &HashMap<&Id, usize>,
    ) {
        let mut layer = match target {
            Target::Canvas => None,
            Target::Layer(id) => match index.get(id) {
                Some(&i) => Some(Layer::clone(&layers[i])),
                None => {
                    return self.invalid(target_at, format!("there is no layer `{id}`"));
                }
            },
        };
        self.driver(at, a, target, layer.as_mut());
        for (k, keyframe) in a.keyframes.iter().enumerate() {
            self.keyframe(
                &format!("{at}/keyframes/{k}"),
                keyframe,
                target,
                layer.as_mut(),
            );
        }
    }

    pub(crate) fn timing(&mut self, at: &str, t: &Timing) {
        for (name, value, range) in [
            ("delay_ms", t.delay_ms, DELAY_MS),
            ("end_delay_ms", t.end_delay_ms, DELAY_MS),
            ("duration_ms", t.duration_ms, DURATION_MS),
            ("iteration_start", t.iteration_start, ITERATIONS),
            ("playback_rate", t.playback_rate, RATE),
        ] {
            self.number(format_args!("{at}/{name}"), value, range);
        }
        if t.iterations.is_finite() {
            self.number(format_args!("{at}/iterations"), t.iterations, ITERATIONS);
        } else if t.playback_rate < 0.0 {
            self.invalid(
                format!("{at}/playback_rate"),
                "is negative; what repeats without end has no end to play back from",
            );
        }
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Layer(id) => write!(f, "layers/{id}"),
            Self::Canvas => f.write_str("canvas"),
        }
    }
}
