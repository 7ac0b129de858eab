//! Room for another animation where there are as many as there may be.

use crate::{Animation, Id, Limits, Property, Scene, Start, Target};
use media::ShowTime;
use std::borrow::Cow;
use std::collections::HashSet;

impl Scene {
    /// The scene as it is, or where it has as many animations as it may, without the oldest that is over by `now` and that
    /// nobody sees: it holds nothing, or only what later ones that are over and hold hide (the "replaced animations" of Web
    /// Animations). A show of days is not full after its first five hundred.
    ///
    /// A function of the scene and `now`. Costs nothing where there is room; else a look at every keyframe.
    pub fn with_room(&self, limits: &Limits, now: ShowTime) -> Cow<'_, Self> {
        if self.animations.len() < limits.animations {
            return Cow::Borrowed(self);
        }
        let Some(at) = self.oldest_unseen(now) else {
            return Cow::Borrowed(self);
        };
        let mut scene = self.clone();
        scene.animations.remove(at);
        Cow::Owned(scene)
    }

    /// Why there is no room for another animation, and what may be done about it; `None` where there is.
    pub fn lacks_room(&self, limits: &Limits, now: ShowTime) -> Option<String> {
        let (is, most) = (self.animations.len(), limits.animations);
        if is < most {
            return None;
        }
        let over = self.animations.iter().filter(|one| one.is_over(now));
        let detail = format!("there are {is} animations; at most {most} are allowed");
        let count = over.clone().count();
        Some(match over.min_by_key(|one| one.ends_at()) {
            None => format!("{detail}, and none of them is over: cancel those that are not needed"),
            Some(oldest) => format!(
                "{detail}, and {count} of them are over but hold values that nothing later hides, `{}` for the longest time: \
                 cancel those that are not needed, and start others with `when_over` `remove`, which leaves the value and not \
                 the animation",
                oldest.id
            ),
        })
    }

    /// Where the oldest stands that is over and shows nothing, now or in what begins after it.
    fn oldest_unseen(&self, now: ShowTime) -> Option<usize> {
        let awaited = self.clocked().filter_map(|one| match one.start() {
            Start::After(id, _) => Some(id),
            _ => None,
        });
        let awaited: HashSet<&Id> = awaited.collect();
        // From the top down: what those above hide.
        let mut hidden: HashSet<(&Target, Property)> = HashSet::new();
        let mut oldest = None;
        for (at, one) in self.animations.iter().enumerate().rev() {
            if !one.is_over(now) {
                continue;
            }
            let held = one.playback().sample(&one.timing, now).progress;
            let moved = one.properties();
            let is_hidden = |field: Property| hidden.contains(&(&one.target, field));
            let unseen = held.is_none()
                || moved
                    .iter()
                    .all(|property| property.fields().into_iter().all(is_hidden));
            if unseen && !awaited.contains(&one.id) {
                oldest = Some(at);
            }
            let hides = moved
                .iter()
                .filter(|property| held.is_some_and(|held| one.hides(property, held)));
            let hides: Vec<Property> = hides.flat_map(Property::fields).collect();
            hidden.extend(hides.into_iter().map(|field| (&one.target, field)));
        }
        oldest
    }
}

impl Animation {
    /// Whether what it holds at `progress` hides whatever lies below on a property.
    fn hides(&self, property: &Property, progress: f64) -> bool {
        // A formula may swing about what is below it, and a glide leads there.
        let is_told = self.driver.expression().is_none() && self.plan.retarget.is_none();
        is_told
            && self
                .track(property)
                .is_ok_and(|track| track.covers(progress))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Layer, Resolver, StyledKeyframe};
    use animation::{Composite, Easing, Fill, Tangents, Timing, Value};
    use proptest::prelude::*;

    fn limits(animations: usize) -> Limits {
        Limits {
            animations,
            ..Limits::default()
        }
    }

    /// Over after 100 ms, with one keyframe at each offset, where one is named.
    fn held(name: &str, property: &Property, offsets: &[Option<f64>], value: f64) -> Animation {
        let timing = Timing {
            duration_ms: 100.0,
            fill: Fill::Forwards,
            ..Timing::default()
        };
        let value = match property {
            Property::Position | Property::Scale => Value::Vec2([value, 2.0 * value]),
            _ => Value::Number(value),
        };
        let keyframe = |offset: &Option<f64>| StyledKeyframe {
            offset: *offset,
            easing: Easing::Linear,
            composite: None,
            tangents: Tangents::default(),
            values: vec![(property.clone(), value.clone())],
        };
        let target = Target::Layer(Id::new("a").unwrap());
        Animation {
            start: Start::At(ShowTime::ZERO),
            keyframes: offsets.iter().map(keyframe).collect(),
            ..Animation::new(Id::new(name).unwrap(), target, timing, &[])
        }
    }

    fn moved_by(animations: Vec<Animation>) -> Scene {
        let mut scene = Scene::empty(128, 72);
        for name in ["a", "b"] {
            let layer = Layer::bare(Id::new(name).unwrap(), Kind::Group, None);
            scene.layers.push(layer.into());
        }
        scene.animations = animations.into_iter().map(Into::into).collect();
        scene
    }

    fn left(scene: &Scene, ms: f64) -> String {
        let room = scene.with_room(&limits(scene.animations.len()), ShowTime::from_ms(ms));
        room.animations.iter().map(|one| one.id.as_str()).collect()
    }

    /// A badge that turns at each bid and stays: the turn before makes room, and nothing else does.
    #[test]
    fn what_later_ones_hide_makes_room() {
        let turn = |name: &str| held(name, &Property::Rotation, &[None], 90.0);
        let with = |change: &dyn Fn(&mut Animation)| {
            let mut second = turn("2");
            change(&mut second);
            moved_by(vec![turn("1"), second])
        };
        assert_eq!(left(&with(&|_| {}), 200.0), "2");
        assert_eq!(left(&with(&|_| {}), 50.0), "12", "neither is over");
        let seen: [&dyn Fn(&mut Animation); 6] = [
            &|one| one.composite = Composite::Add,
            &|one| one.timing.duration_ms = 500.0,
            &|one| one.target = Target::Layer(Id::new("b").unwrap()),
            &|one| one.keyframes[0].values[0].0 = Property::Opacity,
            // Back to what is below.
            &|one| one.keyframes[0].offset = Some(0.0),
            &|one| one.keyframes[0].composite = Some(Composite::Add),
        ];
        for (k, change) in seen.into_iter().enumerate() {
            assert_eq!(left(&with(change), 200.0), "12", "{k}");
        }
        let follows = |one: &mut Animation| {
            one.start = Start::After(Id::new("1").unwrap(), 1000.0);
        };
        let mut third = turn("3");
        follows(&mut third);
        let mut awaited = with(&|_| {});
        awaited.animations.push(third.into());
        assert_eq!(left(&awaited, 200.0), "123", "it begins after the first");
        let parts = [Property::X, Property::Y];
        let mut parts: Vec<Animation> = parts
            .iter()
            .map(|one| held("p", one, &[None], 1.0))
            .collect();
        parts.insert(0, held("1", &Property::Position, &[None], 5.0));
        assert_eq!(left(&moved_by(parts.clone()), 200.0), "pp");
        parts.pop();
        assert_eq!(left(&moved_by(parts), 200.0), "1p");
    }

    #[test]
    fn where_nothing_makes_room_it_is_said_how_to_make_some() {
        let all = [Property::X, Property::Opacity]
            .map(|one| held(&one.to_string().replace('.', "_"), &one, &[None], 0.5));
        let scene = moved_by(all.to_vec());
        let now = ShowTime::from_ms(200.0);
        assert_eq!(scene.lacks_room(&limits(3), now), None);
        let said = scene.lacks_room(&limits(2), now).unwrap();
        for words in [
            "there are 2 animations; at most 2",
            " 2 of them are over",
            "`transform_x_px`",
            "`remove`",
        ] {
            assert!(said.contains(words), "{said}");
        }
        let said = scene
            .lacks_room(&limits(2), ShowTime::from_ms(50.0))
            .unwrap();
        assert!(said.contains("none of them is over"), "{said}");
    }

    fn any_animation() -> impl Strategy<Value = Animation> {
        let properties = vec![
            Property::X,
            Property::Position,
            Property::Scale,
            Property::ScaleX,
            Property::Opacity,
        ];
        let offsets = prop::sample::select(vec![
            vec![None],
            vec![Some(0.0)],
            vec![Some(0.5)],
            vec![None, None],
            vec![None, Some(0.5)],
            vec![Some(0.0), Some(1.0)],
        ]);
        let composite = prop::sample::select(vec![
            Composite::Replace,
            Composite::Replace,
            Composite::Add,
            Composite::Accumulate,
        ]);
        let fill = prop::sample::select(vec![Fill::None, Fill::Forwards, Fill::Both]);
        (
            prop::sample::select(properties),
            offsets,
            composite,
            fill,
            0.0..1.0_f64,
            50.0..250.0_f64,
        )
            .prop_map(|(property, offsets, composite, fill, value, duration_ms)| {
                let mut one = held("m", &property, &offsets, value);
                (one.composite, one.timing.fill, one.timing.duration_ms) =
                    (composite, fill, duration_ms);
                one
            })
    }

    proptest! {
        /// Nobody sees that room was made, from then on for ever.
        #[test]
        fn what_makes_room_was_not_seen(all in prop::collection::vec(any_animation(), 1..12)) {
            let all = all.into_iter().enumerate().map(|(k, one)| Animation { id: Id::new(&format!("m{k}")).unwrap(), ..one });
            let mut scene = moved_by(all.collect());
            let now = ShowTime::from_ms(200.0);
            while let Cow::Owned(after) = scene.with_room(&limits(scene.animations.len()), now) {
                for ms in [200.0, 230.0, 1000.0] {
                    let at = ShowTime::from_ms(ms);
                    let (mut was, mut is) = (Resolver::new(&scene), Resolver::new(&after));
                    prop_assert_eq!(was.layers_at(at), is.layers_at(at));
                }
                scene = after;
            }
        }
    }
}
