//! Keyframes of one property, and several animations of it on top of each other.

use crate::{Along, ColorSpace, Easing, Error, SpatialCurve, Value};
use kurbo::{Point, Vec2};

/// A value of one property at an offset within an iteration, and the easing from there to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyframe {
    /// Place in the iteration, 0..=1; `None` spreads it evenly between its neighbours (the first is 0, the last 1).
    pub offset: Option<f64>,
    /// The value; `None` where a keyframe of several properties leaves this one out.
    /// It then counts when offsets are spread, and for nothing else.
    pub value: Option<Value>,
    /// Easing of the interval that begins here.
    pub easing: Easing,
    /// How the value meets what lies below; `None` takes the track's.
    pub composite: Option<Composite>,
}

impl Keyframe {
    /// A keyframe at an even offset, eased linearly.
    pub const fn new(value: Value) -> Self {
        Self {
            offset: None,
            value: Some(value),
            easing: Easing::Linear,
            composite: None,
        }
    }
}

/// How a keyframe's value meets the underlying value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Composite {
    /// It takes its place.
    #[default]
    Replace,
    /// It is added to it.
    Add,
    /// It is added to it; of transform lists, function by function where they match.
    Accumulate,
}

/// How the way between positions bends at a keyframe, px relative to its position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tangents {
    /// Towards where the way comes from.
    pub arriving_px: [f64; 2],
    /// Towards where it goes on.
    pub leaving_px: [f64; 2],
}

/// The keyframes of one property, ready to sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    given: Vec<Keyframe>,
    composite: Composite,
    color_space: ColorSpace,
    /// In order of offset; the first is at 0 and the last at 1, so there are at least two; none along a path.
    frames: Vec<Frame>,
    /// The way instead of keyframes.
    along: Option<Along>,
}

#[derive(Clone, Debug, PartialEq)]
struct Frame {
    offset: f64,
    /// `None`: neutral, the underlying value itself.
    value: Option<Value>,
    easing: Easing,
    composite: Option<Composite>,
    tangents: Tangents,
    /// The way from here to the next, where it bends, between the two values as they were given.
    way: Option<SpatialCurve>,
}

/// Where among keyframes a value is found.
enum Place<'a> {
    /// It is that of one.
    At(&'a Frame),
    /// It is on the way between two, so far as eased.
    Between(&'a Frame, &'a Frame, f64),
}

impl Track {
    /// A track that replaces what lies below and mixes colours in OKLab.
    ///
    /// Where no keyframe stands at 0 or at 1, the underlying value is used there.
    ///
    /// # Errors
    /// [`Error::OffsetRange`], [`Error::OffsetOrder`] (keyframes are not sorted: a falling offset is a mistake), [`Error::MixedTypes`], or [`Error::NoValue`].
    pub fn new(keyframes: Vec<Keyframe>) -> Result<Self, Error> {
        check_types(&keyframes)?;
        let offsets = spread_offsets(&keyframes)?;
        let neutral = |offset| Frame {
            offset,
            value: None,
            easing: Easing::Linear,
            composite: None,
            tangents: Tangents::default(),
            way: None,
        };
        let mut frames: Vec<Frame> = keyframes
            .iter()
            .zip(offsets)
            .filter(|(keyframe, _)| keyframe.value.is_some())
            .map(|(keyframe, offset)| Frame {
                offset,
                value: keyframe.value.clone(),
                easing: keyframe.easing.clone(),
                composite: keyframe.composite,
                tangents: Tangents::default(),
                way: None,
            })
            .collect();
        if frames.first().is_some_and(|frame| frame.offset > 0.0) {
            frames.insert(0, neutral(0.0));
        }
        if frames.last().is_some_and(|frame| frame.offset < 1.0) {
            frames.push(neutral(1.0));
        }
        Ok(Self {
            given: keyframes,
            composite: Composite::default(),
            color_space: ColorSpace::default(),
            frames,
            along: None,
        })
    }

    /// A track along a way, which replaces what lies below.
    pub const fn along(along: Along) -> Self {
        Self {
            given: Vec::new(),
            composite: Composite::Replace,
            color_space: ColorSpace::Oklab,
            frames: Vec::new(),
            along: Some(along),
        }
    }

    /// The same track of positions with bends at its keyframes, one for each that was given. Cost: some microseconds for
    /// each bend, once.
    #[must_use]
    pub fn with_tangents(mut self, tangents: &[Tangents]) -> Self {
        let with_value = self.given.iter().zip(tangents);
        let with_value = with_value.filter(|(keyframe, _)| keyframe.value.is_some());
        // A neutral frame may stand before the first that was given.
        let first = usize::from(
            self.frames
                .first()
                .is_some_and(|frame| frame.value.is_none()),
        );
        for (frame, (_, tangents)) in self.frames.iter_mut().skip(first).zip(with_value) {
            frame.tangents = *tangents;
        }
        for at in 1..self.frames.len() {
            let (before, after) = self.frames.split_at_mut(at);
            let (Some(from), Some(to)) = (before.last_mut(), after.first()) else {
                continue;
            };
            if let (Some(Value::Vec2(a)), Some(Value::Vec2(b))) = (&from.value, &to.value) {
                from.way = from.way_to(to, *a, *b);
            }
        }
        self
    }

    /// The same track with another composite for keyframes that have none of their own.
    #[must_use]
    pub const fn with_composite(mut self, composite: Composite) -> Self {
        self.composite = composite;
        self
    }

    /// The same track with colours mixed in another space.
    #[must_use]
    pub const fn with_color_space(mut self, color_space: ColorSpace) -> Self {
        self.color_space = color_space;
        self
    }

    /// The keyframes as they were given.
    pub fn keyframes(&self) -> &[Keyframe] {
        &self.given
    }

    /// Composite of keyframes that have none of their own.
    pub const fn composite(&self) -> Composite {
        self.composite
    }

    /// Space in which colours mix.
    pub const fn color_space(&self) -> ColorSpace {
        self.color_space
    }

    /// The value at `progress` over the value below.
    ///
    /// Progress outside 0..=1 extrapolates the first or last interval, or holds where two keyframes share that end.
    /// An `underlying` of another type than the keyframes cannot add: the keyframe's value replaces it.
    /// What numbers are too small for (a stack of overshoots, each beyond the last) has no effect, so that of what is finite
    /// nothing comes that is not.
    pub fn sample(&self, progress: f64, underlying: &Value) -> Value {
        let value = self.sampled(progress, underlying);
        if value.is_finite() {
            value
        } else {
            underlying.clone()
        }
    }

    fn sampled(&self, progress: f64, underlying: &Value) -> Value {
        if let Some(along) = &self.along {
            return along.sample(progress, self.composite, underlying);
        }
        let (from, to, eased) = match self.place(progress) {
            Place::At(frame) => return self.value_of(frame, underlying),
            Place::Between(from, to, eased) => (from, to, eased),
        };
        let (a, b) = (
            self.value_of(from, underlying),
            self.value_of(to, underlying),
        );
        if let (Value::Vec2(a), Value::Vec2(b)) = (&a, &b)
            && let Some(position) = from.bent(to, *a, *b, eased, self.adds(from) == self.adds(to))
        {
            return Value::Vec2(position);
        }
        a.interpolate(&b, eased, self.color_space)
    }

    /// Whether nothing of what lies below is in the value at `progress`.
    pub fn covers(&self, progress: f64) -> bool {
        if self.along.is_some() {
            return self.composite == Composite::Replace;
        }
        let hides = |frame: &Frame| frame.value.is_some() && !self.adds(frame);
        match self.place(progress) {
            Place::At(frame) => hides(frame),
            Place::Between(from, to, eased) => {
                // Nothing of the first is left at its end, but for the way there, where that bends.
                let is_last = eased.to_bits() == 1.0_f64.to_bits() && !from.bends(to);
                hides(to) && (is_last || hides(from))
            }
        }
    }

    /// Where `progress` is among the keyframes, of which there are some.
    fn place(&self, progress: f64) -> Place<'_> {
        let frames = &self.frames;
        let last = frames.len() - 1;
        if progress < 0.0 && frames[1].offset <= 0.0 {
            return Place::At(&frames[0]);
        }
        if progress >= 1.0 && frames[last - 1].offset >= 1.0 {
            return Place::At(&frames[last]);
        }
        // The last keyframe at or before the progress that is not at 1, of those at 0 the last; the next one lies beyond it.
        let reached = progress.max(0.0);
        let right = frames.partition_point(|frame| frame.offset <= reached && frame.offset < 1.0);
        let (from, to) = (&frames[right - 1], &frames[right]);
        // Finite, however near two keyframes are of which the interval is extrapolated.
        let distance = ((progress - from.offset) / (to.offset - from.offset)).clamp(-1e9, 1e9);
        Place::Between(from, to, from.easing.at(distance, false))
    }

    /// Whether the value of a keyframe is added to what lies below.
    fn adds(&self, frame: &Frame) -> bool {
        frame.composite.unwrap_or(self.composite) != Composite::Replace
    }

    fn value_of(&self, frame: &Frame, underlying: &Value) -> Value {
        match (&frame.value, frame.composite.unwrap_or(self.composite)) {
            (None, _) => underlying.clone(),
            (Some(value), Composite::Replace) => value.clone(),
            (Some(value), Composite::Add) => underlying.add(value),
            (Some(value), Composite::Accumulate) => underlying.accumulate(value),
        }
    }
}

impl Frame {
    fn bends(&self, to: &Self) -> bool {
        [self.tangents.leaving_px, to.tangents.arriving_px]
            .iter()
            .flatten()
            .any(|px| px.abs() > 0.0)
    }

    /// The way to the next frame between two positions; `None` where it is straight.
    fn way_to(&self, to: &Self, a: [f64; 2], b: [f64; 2]) -> Option<SpatialCurve> {
        let vector = |[x, y]: [f64; 2]| Vec2::new(x, y);
        self.bends(to).then(|| {
            SpatialCurve::new(
                Point::from((a[0], a[1])),
                vector(self.tangents.leaving_px),
                vector(to.tangents.arriving_px),
                Point::from((b[0], b[1])),
            )
        })
    }

    /// The position `eased` of the way from `a` to `b`, on a way that bends; `together` where what moves one end moves the
    /// other as far.
    fn bent(
        &self,
        to: &Self,
        a: [f64; 2],
        b: [f64; 2],
        eased: f64,
        together: bool,
    ) -> Option<[f64; 2]> {
        if !self.bends(to) {
            return None;
        }
        if eased == 0.0 {
            return Some(a);
        }
        if 1.0 - eased == 0.0 {
            return Some(b);
        }
        // A way that moves as a whole need not be measured again.
        if let (Some(way), Some(Value::Vec2(from)), true) = (&self.way, &self.value, together)
            && to.value.is_some()
        {
            let at = way.at(eased);
            return Some([at.x + (a[0] - from[0]), at.y + (a[1] - from[1])]);
        }
        let at = self.way_to(to, a, b)?.at(eased);
        Some([at.x, at.y])
    }
}

/// The value of a property under several animations: each one's result is the underlying value of the next.
///
/// `effects` are in composite order (priority, then order of creation), each with its progress; `None` has no effect now.
pub fn sample_stack<'a>(
    base: Value,
    effects: impl IntoIterator<Item = (Option<f64>, &'a Track)>,
) -> Value {
    effects
        .into_iter()
        .fold(base, |below, (progress, track)| match progress {
            Some(progress) => track.sample(progress, &below),
            None => below,
        })
}

fn check_types(keyframes: &[Keyframe]) -> Result<(), Error> {
    let mut values = keyframes
        .iter()
        .enumerate()
        .filter_map(|(index, keyframe)| Some((index, keyframe.value.as_ref()?)));
    let (_, expected) = values.next().ok_or(Error::NoValue)?;
    match values.find(|(_, found)| !expected.stands_beside(found)) {
        Some((index, found)) => Err(Error::MixedTypes {
            index,
            expected: expected.type_name(),
            found: found.type_name(),
        }),
        None => Ok(()),
    }
}

/// Computed offsets: as given, else the first 0, the last 1, and gaps spread evenly. A lone keyframe is the last.
fn spread_offsets(keyframes: &[Keyframe]) -> Result<Vec<f64>, Error> {
    let last = keyframes.len().saturating_sub(1);
    let mut offsets = Vec::with_capacity(keyframes.len());
    // The last keyframe whose offset is fixed.
    let mut fixed = (0, 0.0);
    for (index, keyframe) in keyframes.iter().enumerate() {
        let offset = match keyframe.offset {
            Some(offset) if !(0.0..=1.0).contains(&offset) => {
                return Err(Error::OffsetRange { index, offset });
            }
            Some(offset) if offset < fixed.1 => {
                return Err(Error::OffsetOrder {
                    index,
                    offset,
                    previous: fixed.1,
                });
            }
            Some(offset) => offset,
            None if index == last => 1.0,
            None if index == 0 => 0.0,
            None => continue,
        };
        let (from, previous) = fixed;
        for gap in offsets.len()..index {
            let share = (gap - from) as f64 / (index - from) as f64;
            offsets.push(previous + (offset - previous) * share);
        }
        offsets.push(offset);
        fixed = (index, offset);
    }
    Ok(offsets)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]
mod tests {
    use super::*;

    fn at(offset: f64, value: f64) -> Keyframe {
        Keyframe {
            offset: Some(offset),
            ..Keyframe::new(Value::Number(value))
        }
    }

    fn even(value: f64) -> Keyframe {
        Keyframe::new(Value::Number(value))
    }

    fn left_out() -> Keyframe {
        Keyframe {
            value: None,
            ..even(0.0)
        }
    }

    fn number(track: &Track, progress: f64) -> f64 {
        match track.sample(progress, &Value::Number(-1.0)) {
            Value::Number(v) => v,
            other => panic!("a number track gave {other:?}"),
        }
    }

    #[test]
    fn offsets_spread_between_fixed_ones() {
        let keyframes = [
            even(0.0),
            even(1.0),
            even(2.0),
            at(0.6, 3.0),
            even(4.0),
            even(5.0),
        ];
        let offsets = spread_offsets(&keyframes).unwrap();
        for (got, want) in offsets.iter().zip([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]) {
            assert!((got - want).abs() < 1e-12, "{offsets:?}");
        }
        assert_eq!(spread_offsets(&[even(0.0)]), Ok(vec![1.0]));
    }

    #[test]
    fn a_keyframe_without_the_property_still_takes_its_place() {
        let track = Track::new(vec![
            even(0.0),
            left_out(),
            even(10.0),
            left_out(),
            even(30.0),
        ])
        .unwrap();
        assert_eq!(
            [
                number(&track, 0.25),
                number(&track, 0.5),
                number(&track, 0.75)
            ],
            [5.0, 10.0, 20.0]
        );
        let track = Track::new(vec![left_out(), even(9.0), left_out()]).unwrap();
        assert_eq!(
            [
                number(&track, 0.0),
                number(&track, 0.25),
                number(&track, 0.5),
                number(&track, 1.0)
            ],
            [-1.0, 4.0, 9.0, -1.0]
        );
        assert_eq!(track.keyframes().len(), 3);
    }

    #[test]
    fn progress_beyond_the_ends_extrapolates_or_holds() {
        let open = Track::new(vec![even(0.0), at(0.5, 10.0), even(30.0)]).unwrap();
        assert_eq!([number(&open, -0.5), number(&open, 1.5)], [-10.0, 50.0]);
        let held =
            Track::new(vec![at(0.0, 1.0), at(0.0, 2.0), at(1.0, 3.0), at(1.0, 4.0)]).unwrap();
        assert_eq!(
            [-0.5, 0.0, 1.0, 1.5].map(|p| number(&held, p)),
            [1.0, 2.0, 4.0, 4.0]
        );
    }

    #[test]
    fn a_keyframe_composite_overrides_the_tracks() {
        let replacing = Keyframe {
            composite: Some(Composite::Replace),
            ..even(100.0)
        };
        let track = Track::new(vec![even(10.0), replacing])
            .unwrap()
            .with_composite(Composite::Add);
        assert_eq!([number(&track, 0.0), number(&track, 1.0)], [9.0, 100.0]);
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(Track::new(vec![]), Err(Error::NoValue));
        assert_eq!(Track::new(vec![left_out()]), Err(Error::NoValue));
        assert_eq!(
            Track::new(vec![at(1.5, 0.0)]),
            Err(Error::OffsetRange {
                index: 0,
                offset: 1.5
            })
        );
        assert_eq!(
            Track::new(vec![at(0.5, 0.0), even(1.0), at(0.2, 0.0)]),
            Err(Error::OffsetOrder {
                index: 2,
                offset: 0.2,
                previous: 0.5
            })
        );
        assert_eq!(
            Track::new(vec![
                even(0.0),
                left_out(),
                Keyframe::new(Value::Bool(true))
            ]),
            Err(Error::MixedTypes {
                index: 2,
                expected: "number",
                found: "bool"
            })
        );
    }
}
