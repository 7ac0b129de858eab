//! Gathering faults: one per place, in document order, with an end.

use crate::parse::push_segment;
use scene::{Fault, FaultKind};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The most faults that one answer names; the last of them then says how many there are besides.
pub const MAX_FAULTS: usize = 100;

/// Why a document was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not JSON.
    #[error("not JSON: {detail} at line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// In bytes from 1; 0 where the line before ended too soon.
        column: usize,
        /// What the parser expected or found.
        detail: String,
    },
    /// It is JSON with faults: all of them, in document order, at most [`MAX_FAULTS`].
    #[error("{}", in_words(.0))]
    Invalid(Vec<Fault>),
}

fn in_words(faults: &[Fault]) -> String {
    let first = faults.first().map(Fault::to_string).unwrap_or_default();
    match faults.len() {
        0 | 1 => first,
        n => format!("{first} (and {} more)", n - 1),
    }
}

/// Faults of shape found so far. Shared while reading, so that a cursor can be cheap and plain.
#[derive(Debug, Default)]
pub(crate) struct Report(RefCell<Vec<Fault>>);

impl Report {
    pub(crate) fn fault(&self, pointer: String, detail: impl Into<String>) {
        self.0.borrow_mut().push(Fault::invalid(pointer, detail));
    }

    /// The pointers of all faults so far.
    pub(crate) fn pointers(&self) -> HashSet<String> {
        self.0.borrow().iter().map(|f| f.pointer.clone()).collect()
    }

    /// Faults of shape and of `meaning` as one list in the order of `document`, each place once.
    ///
    /// What stands at or below a fault of shape is a stand-in, so a fault of meaning there is an echo and left out.
    pub(crate) fn merged(self, meaning: Vec<Fault>, document: &Value) -> Vec<Fault> {
        let shape = self.0.into_inner();
        let broken: HashSet<&str> = shape.iter().map(|f| f.pointer.as_str()).collect();
        let sound = meaning
            .into_iter()
            .filter(|f| !ancestors(&f.pointer).any(|p| broken.contains(p)))
            .collect::<Vec<_>>();
        let mut seen = HashSet::new();
        let mut faults: Vec<Fault> = shape
            .iter()
            .cloned()
            .chain(sound)
            .filter(|f| seen.insert(f.pointer.clone()))
            .collect();
        let order = Order::of(document, &faults);
        faults.sort_by_cached_key(|f| order.key(&f.pointer));
        faults
    }
}

/// `faults` cut to [`MAX_FAULTS`], the last one saying how many were left out.
pub(crate) fn capped(mut faults: Vec<Fault>) -> Vec<Fault> {
    if faults.len() > MAX_FAULTS {
        let more = faults.len() - (MAX_FAULTS - 1);
        faults.truncate(MAX_FAULTS - 1);
        faults.push(Fault::invalid("", format!("and {more} more faults")));
    }
    faults
}

/// Whether the document may be used although something in it is missing.
pub(crate) fn only_assets_missing(faults: &[Fault]) -> bool {
    faults.iter().all(|f| f.kind == FaultKind::MissingAsset)
}

/// `/a/b`, then `/a`, then the whole document.
fn ancestors(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |p| p.rfind('/').map(|i| &p[..i]))
}

/// Where the places of faults stand in a document: one walk over it, whatever the number of faults.
struct Order {
    /// When the walk came to a place.
    enter: HashMap<String, usize>,
    /// When it left it: what is missing from an object counts as standing at its end.
    leave: HashMap<String, usize>,
}

impl Order {
    fn of(document: &Value, faults: &[Fault]) -> Self {
        let wanted = faults.iter().flat_map(|f| ancestors(&f.pointer)).collect();
        let mut order = Self {
            enter: HashMap::new(),
            leave: HashMap::new(),
        };
        order.walk(document, &mut String::new(), &wanted, &mut 0);
        order
    }

    fn walk(
        &mut self,
        value: &Value,
        pointer: &mut String,
        wanted: &HashSet<&str>,
        clock: &mut usize,
    ) {
        if !wanted.contains(pointer.as_str()) {
            return;
        }
        *clock += 1;
        self.enter.insert(pointer.clone(), *clock);
        let len = pointer.len();
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    push_segment(pointer, key);
                    self.walk(value, pointer, wanted, clock);
                    pointer.truncate(len);
                }
            }
            Value::Array(array) => {
                for (i, value) in array.iter().enumerate() {
                    push_segment(pointer, &i.to_string());
                    self.walk(value, pointer, wanted, clock);
                    pointer.truncate(len);
                }
            }
            _ => {}
        }
        *clock += 1;
        self.leave.insert(pointer.clone(), *clock);
    }

    fn key(&self, pointer: &str) -> usize {
        let left = || {
            ancestors(pointer)
                .find_map(|p| self.leave.get(p))
                .copied()
                .unwrap_or(usize::MAX)
        };
        self.enter.get(pointer).copied().unwrap_or_else(left)
    }
}
