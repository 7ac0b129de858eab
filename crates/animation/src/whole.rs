//! Values of several parts that only their owner knows, such as a gradient or an outline.

use crate::ColorSpace;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// A value of several parts. Two of the same form mix part by part, any others switch in the middle.
pub trait Parts: Any + Debug + Send + Sync {
    /// What lies `p` of the way to `to`, colours mixed in `space`; `None` where the two differ in form.
    fn between(&self, to: &dyn Parts, p: f64, space: ColorSpace) -> Option<Arc<dyn Parts>>;

    /// Whether the other is equal to it.
    fn equals(&self, other: &dyn Parts) -> bool;

    /// One of the same form that a number stands for, where there is such: all corners alike.
    fn made_of(&self, _number: f64) -> Option<Arc<dyn Parts>> {
        None
    }

    /// Both, part by part; `None` for what does not add.
    fn plus(&self, _other: &dyn Parts) -> Option<Arc<dyn Parts>> {
        None
    }

    /// Itself, for whoever knows its type.
    fn as_any(&self) -> &dyn Any;
}

/// A shared value of several parts. Mixing makes a new one; everything else shares it.
#[derive(Clone, Debug)]
pub struct Whole(Arc<dyn Parts>);

impl Whole {
    /// Shares `parts`.
    pub fn new(parts: impl Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The parts, where they are a `T`.
    pub fn get<T: Parts>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }

    /// One of its form that a number stands for.
    pub(crate) fn made_of(&self, number: f64) -> Option<Self> {
        self.0.made_of(number).map(Self)
    }

    /// Both, part by part; `None` for what does not add.
    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        self.0.plus(&*other.0).map(Self)
    }

    /// Whether the two are of one form, so that they mix.
    pub(crate) fn mixes_with(&self, to: &Self) -> bool {
        self.0.between(&*to.0, 0.5, ColorSpace::default()).is_some()
    }

    /// The value `p` of the way to `to`; exactly `self` at 0 and `to` at 1.
    #[must_use]
    pub fn interpolate(&self, to: &Self, p: f64, space: ColorSpace) -> Self {
        if p == 0.0 || Arc::ptr_eq(&self.0, &to.0) {
            return self.clone();
        }
        if 1.0 - p == 0.0 {
            return to.clone();
        }
        match self.0.between(&*to.0, p, space) {
            Some(parts) => Self(parts),
            None if p < 0.5 => self.clone(),
            None => to.clone(),
        }
    }
}

impl PartialEq for Whole {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.equals(&*other.0)
    }
}
