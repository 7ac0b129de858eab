//! A change of parts of a scene.

use crate::shared::ends;
use crate::{Animation, Canvas, Id, Layer, Passage, Scene, Shared, Template, Timeline};
use std::collections::{HashMap, HashSet};

/// What differs between two scenes, by id: small where little changed, and the same whoever made the change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// The canvas from now on, where it is another.
    pub canvas: Option<Canvas>,
    /// Layers.
    pub layers: ListEdit<Layer>,
    /// Animations.
    pub animations: ListEdit<Animation>,
    /// Timelines.
    pub timelines: ListEdit<Timeline>,
    /// Templates.
    pub templates: ListEdit<Template>,
    /// Transitions that run.
    pub passages: ListEdit<Passage>,
}

/// What differs between two lists of things with ids.
#[derive(Clone, Debug, PartialEq)]
pub struct ListEdit<T> {
    /// As they are from now on, in place of those of the same ids, or at the end where there are none.
    pub put: Vec<Shared<T>>,
    /// Taken out; before anything is put in.
    pub remove: Vec<Id>,
    /// Every id in its place, where the list is then in another order.
    pub order: Option<Vec<Id>>,
}

impl<T> Default for ListEdit<T> {
    fn default() -> Self {
        Self {
            put: Vec::new(),
            remove: Vec::new(),
            order: None,
        }
    }
}

/// Has an id that is unique in its list.
trait Named: Clone + PartialEq {
    fn id(&self) -> &Id;
}

impl Named for Layer {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Named for Passage {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Named for Animation {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Named for Timeline {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Named for Template {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Edit {
    /// What makes `after` of `before`; ids are unique in both. Parts that the two share cost a comparison of pointers.
    pub fn between(before: &Scene, after: &Scene) -> Self {
        Self {
            canvas: (before.canvas != after.canvas).then_some(after.canvas),
            layers: ListEdit::between(&before.layers, &after.layers),
            animations: ListEdit::between(&before.animations, &after.animations),
            timelines: ListEdit::between(&before.timelines, &after.timelines),
            templates: ListEdit::between(&before.templates, &after.templates),
            passages: ListEdit::between(&before.passages, &after.passages),
        }
    }

    /// Makes the change.
    pub fn apply(self, scene: &mut Scene) {
        if let Some(canvas) = self.canvas {
            scene.canvas = canvas;
        }
        self.layers.apply(&mut scene.layers);
        self.animations.apply(&mut scene.animations);
        self.timelines.apply(&mut scene.timelines);
        self.templates.apply(&mut scene.templates);
        self.passages.apply(&mut scene.passages);
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(private_bounds, reason = "the lists of a scene are all there are")]
impl<T: Named> ListEdit<T> {
    fn between(before: &[Shared<T>], all: &[Shared<T>]) -> Self {
        let (first, last) = ends(before, all);
        let (before, rest) = before[first..].split_at(before.len() - first - last);
        let after = &all[first..all.len() - last];
        let old: HashMap<&Id, &Shared<T>> = before.iter().map(|item| (item.id(), item)).collect();
        let new: HashSet<&Id> = after.iter().map(|item| item.id()).collect();
        let put = after.iter().filter(|item| old.get(item.id()) != Some(item));
        let gone = before.iter().map(|item| item.id());
        let mut edit = Self {
            put: put.cloned().collect(),
            remove: gone.filter(|id| !new.contains(id)).cloned().collect(),
            order: None,
        };
        let stay = before.iter().map(|item| item.id());
        let stay = stay.filter(|id| new.contains(id));
        let come = after.iter().map(|item| item.id());
        let come = come.filter(|id| !old.contains_key(id));
        let rest = || rest.iter().map(|item| item.id());
        let made = stay.chain(rest()).chain(come);
        if !made.eq(after.iter().map(|item| item.id()).chain(rest())) {
            edit.order = Some(all.iter().map(|item| item.id().clone()).collect());
        }
        edit
    }

    fn apply(self, list: &mut Vec<Shared<T>>) {
        if !self.remove.is_empty() {
            let gone: HashSet<&Id> = self.remove.iter().collect();
            list.retain(|item| !gone.contains(item.id()));
        }
        // Both are in the order of the document, so the next stands behind the last, and few are looked at for each.
        let mut from = 0;
        for item in self.put {
            let (before, after) = list.split_at(from);
            let is = |old: &Shared<T>| old.id() == item.id();
            let behind = after.iter().position(is).map(|at| from + at);
            match behind.or_else(|| before.iter().position(is)) {
                Some(at) => {
                    list[at] = item;
                    from = at + 1;
                }
                None => list.push(item),
            }
        }
        if let Some(order) = self.order {
            let place: HashMap<&Id, usize> = order.iter().zip(0..).collect();
            list.sort_by_key(|item| place.get(item.id()).copied().unwrap_or(usize::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Start, Target};
    use animation::{Composite, Timing};
    use media::Color;
    use proptest::prelude::*;

    fn layer(name: &str, opacity: f64) -> Layer {
        Layer {
            opacity,
            ..Layer::bare(Id::new(name).unwrap(), Kind::Group, None)
        }
    }

    fn movement(name: &str, target: &str) -> Animation {
        Animation {
            id: Id::new(name).unwrap(),
            target: Target::Layer(Id::new(target).unwrap()),
            start: Start::Now,
            timing: Timing::default(),
            playback: None,
            verbs: Vec::new(),
            when_over: crate::WhenOver::Keep,
            plan: crate::Plan::default(),
            composite: Composite::default(),
            color_space: animation::ColorSpace::default(),
            driver: crate::Driver::default(),
            keyframes: Vec::new(),
        }
    }

    prop_compose! {
        fn scene()(
            layers in prop::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5).prop_shuffle(),
            opacities in prop::collection::vec(0..2u8, 5),
            movements in prop::sample::subsequence(vec!["m", "n", "o"], 0..=3).prop_shuffle(),
            light in any::<bool>(),
        ) -> Scene {
            let mut scene = Scene::empty(128, 72);
            scene.canvas.background = if light { Color::WHITE } else { Color::BLACK };
            scene.layers = layers.iter().zip(&opacities).map(|(name, o)| layer(name, f64::from(*o)).into()).collect();
            scene.animations = movements.iter().map(|name| movement(name, "a").into()).collect();
            scene
        }
    }

    proptest! {
        #[test]
        fn the_edit_between_two_scenes_makes_one_of_the_other(before in scene(), after in scene()) {
            let mut made = before.clone();
            let edit = Edit::between(&before, &after);
            prop_assert_eq!(edit.is_empty(), before == after);
            edit.apply(&mut made);
            prop_assert_eq!(made, after);
        }
    }

    #[test]
    fn a_group_goes_with_what_is_in_it_and_what_moves_that() {
        let inside = |name: &str, parent: &str| Layer {
            parent: Id::new(parent),
            ..layer(name, 1.0)
        };
        let mut scene = Scene::empty(128, 72);
        let layers = [
            inside("c", "b"),
            layer("a", 1.0),
            inside("b", "a"),
            layer("d", 1.0),
        ];
        scene.layers = layers.map(Into::into).into();
        scene.animations = [movement("m", "c"), movement("n", "d")]
            .map(Into::into)
            .into();
        scene.remove_layer(&Id::new("a").unwrap());
        assert_eq!(scene.layers, [layer("d", 1.0)]);
        assert_eq!(scene.animations, [movement("n", "d")]);
    }
}
