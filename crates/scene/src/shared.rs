//! What several scenes have in common.

use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A part of a scene that copies of the scene share until one of them writes to it: copying a scene copies none of its
/// parts, and comparing it with one that came of it looks only into those that were written to.
///
/// Reading is free. Writing makes a copy of the part first, unless nobody else has it.
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Whether the two are one and the same; they may be equal without it.
    pub fn same(one: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> From<T> for Shared<T> {
    fn from(part: T) -> Self {
        Self(Arc::new(part))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is the same is equal, without a look at it.
impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Self::same(self, other) || **self == **other
    }
}

impl<T: PartialEq> PartialEq<T> for Shared<T> {
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}

/// How many parts the two lists have in common at their beginnings, and how many more at their ends.
pub(crate) fn ends<T>(before: &[Shared<T>], after: &[Shared<T>]) -> (usize, usize) {
    let same = |(one, other): &(&Shared<T>, &Shared<T>)| Shared::same(one, other);
    let first = before.iter().zip(after).take_while(same).count();
    let (before, after) = (&before[first..], &after[first..]);
    let backwards = before.iter().rev().zip(after.iter().rev());
    (first, backwards.take_while(same).count())
}

/// For each part of `after` whether `before` lacks it, or has it otherwise.
pub(crate) fn fresh<T>(before: &[Shared<T>], after: &[Shared<T>]) -> Vec<bool> {
    let (first, last) = ends(before, after);
    let old = before[first..before.len() - last].iter();
    let old: HashSet<*const T> = old.map(|part| Arc::as_ptr(&part.0)).collect();
    let mut fresh = vec![false; after.len()];
    let middle = first..after.len() - last;
    for (fresh, part) in fresh[middle.clone()].iter_mut().zip(&after[middle]) {
        *fresh = !old.contains(&Arc::as_ptr(&part.0));
    }
    fresh
}
