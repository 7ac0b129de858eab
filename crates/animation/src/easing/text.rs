//! Easings as CSS text.

use super::{
    CubicBezier, Curve, Easing, Jump, LinearPoints, LinearStop, Side, SpringEasing, Steps,
};
use crate::{Error, Spring};
use std::{fmt, str::FromStr};

const KEYWORDS: [(&str, Easing); 5] = [
    ("linear", Easing::Linear),
    ("ease", Easing::EASE),
    ("ease-in", Easing::EASE_IN),
    ("ease-out", Easing::EASE_OUT),
    ("ease-in-out", Easing::EASE_IN_OUT),
];

/// Names of the curves; where two name the same one, the first is written.
const CURVES: [(&str, Curve); 14] = [
    ("sine", Curve::Sine),
    ("quad", Curve::Quad),
    ("cubic", Curve::Cubic),
    ("quart", Curve::Quart),
    ("quint", Curve::Quint),
    ("expo", Curve::Expo),
    ("circ", Curve::Circ),
    ("back", Curve::Back),
    ("elastic", Curve::Elastic),
    ("bounce", Curve::Bounce),
    ("power1", Curve::Quad),
    ("power2", Curve::Cubic),
    ("power3", Curve::Quart),
    ("power4", Curve::Quint),
];

/// Pairs first: every name that ends in `-in-out` ends in `-out` as well.
const SIDES: [(&str, Side); 4] = [
    ("-in-out", Side::InOut),
    ("-out-in", Side::OutIn),
    ("-out", Side::Out),
    ("-in", Side::In),
];

/// As [`SIDES`], where CasparCG and GSAP have them: `easeoutback`, `back.out`. CasparCG itself misspells `easeoutintback`.
const CASPAR_SIDES: [(&str, Side); 5] = [
    ("inout", Side::InOut),
    ("outint", Side::OutIn),
    ("outin", Side::OutIn),
    ("out", Side::Out),
    ("in", Side::In),
];

/// What CasparCG calls no easing.
const CASPAR_LINEAR: [&str; 2] = ["easenone", "easelinear"];

/// What GSAP may have in parentheses behind a curve, which then is the one that we have.
const GSAP_NUMBERS: [(Curve, &[&[f64]]); 2] = [
    (Curve::Back, &[&[1.7], &[1.70158]]),
    (Curve::Elastic, &[&[1.0], &[1.0, 0.3]]),
];

/// The longest text of an easing: some hundred stops of a curve that was measured.
const MAX_BYTES: usize = 10_000;

const JUMPS: [(&str, Jump); 6] = [
    ("jump-end", Jump::End),
    ("jump-start", Jump::Start),
    ("jump-none", Jump::None),
    ("jump-both", Jump::Both),
    ("end", Jump::End),
    ("start", Jump::Start),
];

impl Easing {
    /// Every easing that is one word, as documents write it: `ease-out`, `step-end`, `power2-in-out` and so on.
    pub fn words() -> impl Iterator<Item = String> {
        let keywords = KEYWORDS.iter().map(|(word, _)| *word);
        let penner = |(curve, _): &'static (&str, Curve)| {
            SIDES.iter().map(move |(side, _)| format!("{curve}{side}"))
        };
        keywords
            .chain(["step-start", "step-end"])
            .map(str::to_owned)
            .chain(CURVES.iter().flat_map(penner))
    }
}

impl FromStr for Easing {
    type Err = Error;

    /// # Errors
    /// [`Error::UnknownEasing`] or [`Error::EasingSyntax`] for the text, or the error of the easing's own constructor.
    fn from_str(text: &str) -> Result<Self, Error> {
        let said = || excerpt(text);
        if text.len() > MAX_BYTES {
            return Err(Error::EasingSyntax {
                text: said(),
                expected: "at most 10000 bytes",
            });
        }
        let lower = text.trim().to_ascii_lowercase();
        let unknown = || Error::UnknownEasing {
            text: said(),
            near: near(&lower),
        };
        if let Some(easing) = parse_gsap(&lower) {
            return Ok(easing);
        }
        if let Some((name, rest)) = lower.split_once('(') {
            let malformed = |expected| Error::EasingSyntax {
                text: said(),
                expected,
            };
            let args: Vec<&str> = rest
                .strip_suffix(')')
                .ok_or_else(|| malformed("a closing parenthesis"))?
                .split(',')
                .map(str::trim)
                .collect();
            return match name {
                "cubic-bezier" => parse_bezier(&args)
                    .ok_or_else(|| malformed("cubic-bezier(x1, y1, x2, y2)"))?
                    .map(Self::CubicBezier),
                "spring" => parse_spring(&args)
                    .ok_or_else(|| {
                        malformed("spring(bounce) or spring(mass, stiffness, damping[, velocity])")
                    })?
                    .map(Self::Spring),
                "steps" => parse_steps(&args)
                    .ok_or_else(|| {
                        malformed("steps(count, jump-start|jump-end|jump-none|jump-both)")
                    })?
                    .map(Self::Steps),
                "linear" => {
                    let stops: Option<Vec<_>> = args.iter().map(|arg| parse_stop(arg)).collect();
                    let stops = stops.ok_or_else(|| {
                        malformed("linear() of numbers, each with up to two percentages")
                    })?;
                    LinearPoints::new(stops.concat()).map(Self::LinearPoints)
                }
                _ => Err(unknown()),
            };
        }
        match lower.as_str() {
            "step-start" => return Steps::new(1, Jump::Start).map(Self::Steps),
            "step-end" => return Steps::new(1, Jump::End).map(Self::Steps),
            _ => {}
        }
        if let Some((_, easing)) = KEYWORDS.iter().find(|(name, _)| *name == lower) {
            return Ok(easing.clone());
        }
        if CASPAR_LINEAR.contains(&lower.as_str()) {
            return Ok(Self::Linear);
        }
        let caspar = lower.strip_prefix("ease").and_then(|rest| {
            CASPAR_SIDES
                .iter()
                .find_map(|(prefix, side)| Some((rest.strip_prefix(prefix)?, *side)))
        });
        let (name, side) = SIDES
            .iter()
            .find_map(|(suffix, side)| Some((lower.strip_suffix(suffix)?, *side)))
            .or(caspar)
            .ok_or_else(unknown)?;
        let (_, curve) = CURVES
            .iter()
            .find(|(n, _)| *n == name)
            .ok_or_else(unknown)?;
        Ok(Self::Penner(*curve, side))
    }
}

/// GSAP's names: `power2.out`, `sine.inOut`, `back.out(1.7)`.
fn parse_gsap(lower: &str) -> Option<Easing> {
    let (name, rest) = lower.split_once('.')?;
    let (side, numbers) = match rest.split_once('(') {
        Some((side, numbers)) => (side, Some(numbers.strip_suffix(')')?)),
        None => (rest, None),
    };
    let (_, curve) = CURVES.iter().find(|(known, _)| *known == name)?;
    let (_, side) = CASPAR_SIDES.iter().find(|(known, _)| *known == side)?;
    if let Some(numbers) = numbers {
        let numbers: Option<Vec<f64>> =
            numbers.split(',').map(|n| parse_number(n.trim())).collect();
        let (_, ours) = GSAP_NUMBERS.iter().find(|(of, _)| of == curve)?;
        numbers.filter(|numbers| ours.contains(&numbers.as_slice()))?;
    }
    Some(Easing::Penner(*curve, *side))
}

/// The name of a curve that somebody may have meant who wrote something else: it has the name of one, and most often a side.
fn near(lower: &str) -> Option<String> {
    let plain: String = lower
        .split('(')
        .next()?
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let known = CURVES.iter().filter(|(name, _)| plain.contains(name));
    let (name, _) = known.max_by_key(|(name, _)| name.len())?;
    let rest = plain.replacen(name, "", 1);
    let said = CASPAR_SIDES.iter().find(|(side, _)| rest.contains(side));
    let side = said.map_or(Side::Out, |(_, side)| *side);
    Some(format!("{name}{}", name_of(&SIDES, &side)))
}

/// Its beginning, for messages.
fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The control points; `None` when they are not four numbers.
fn parse_bezier(args: &[&str]) -> Option<Result<CubicBezier, Error>> {
    let &[x1, y1, x2, y2] = args else { return None };
    Some(CubicBezier::new(
        parse_number(x1)?,
        parse_number(y1)?,
        parse_number(x2)?,
        parse_number(y2)?,
    ))
}

/// The spring; `None` when the arguments are not its numbers.
fn parse_spring(args: &[&str]) -> Option<Result<SpringEasing, Error>> {
    let numbers: Option<Vec<f64>> = args.iter().map(|arg| parse_number(arg)).collect();
    let (spring, velocity) = match numbers?[..] {
        // Its own duration does not matter: it is stretched to that of the iteration.
        [bounce] => (Spring::with_bounce(1000.0, bounce), 0.0),
        [mass, stiffness, damping] => (Spring::new(mass, stiffness, damping), 0.0),
        [mass, stiffness, damping, velocity] => (Spring::new(mass, stiffness, damping), velocity),
        _ => return None,
    };
    Some(spring.and_then(|spring| SpringEasing::new(spring, velocity)))
}

fn parse_steps(args: &[&str]) -> Option<Result<Steps, Error>> {
    let (count, jump) = match args {
        [count] => (count, Jump::End),
        [count, position] => (count, JUMPS.iter().find(|(name, _)| name == position)?.1),
        _ => return None,
    };
    Some(Steps::new(count.parse().ok()?, jump))
}

/// One output with up to two percentages, before or after it; two make two stops.
fn parse_stop(arg: &str) -> Option<Vec<LinearStop>> {
    let is_percent = |word: &&str| word.ends_with('%');
    let mut words: Vec<&str> = arg.split_whitespace().collect();
    if words.first().is_some_and(is_percent) {
        // The output comes last.
        words.rotate_right(1);
    }
    let (output, percents) = words.split_first()?;
    let output = parse_number(output)?;
    let percents = percents
        .iter()
        .map(|word| parse_number(word.strip_suffix('%')?))
        .collect::<Option<Vec<f64>>>()?;
    match percents[..] {
        [] => Some(vec![LinearStop {
            output,
            at_percent: None,
        }]),
        [_] | [_, _] => Some(
            percents
                .into_iter()
                .map(|percent| LinearStop {
                    output,
                    at_percent: Some(percent),
                })
                .collect(),
        ),
        _ => None,
    }
}

/// Finite numbers only: Rust reads `inf` and `nan` as well.
fn parse_number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

impl fmt::Display for Easing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = KEYWORDS.iter().find(|(_, easing)| easing == self) {
            return f.write_str(name);
        }
        match self {
            Self::Linear => f.write_str("linear"),
            Self::CubicBezier(bezier) => {
                let [x1, y1, x2, y2] = bezier.control_points();
                write!(f, "cubic-bezier({x1}, {y1}, {x2}, {y2})")
            }
            Self::Steps(steps) => write!(
                f,
                "steps({}, {})",
                steps.count(),
                name_of(&JUMPS, &steps.jump())
            ),
            Self::LinearPoints(points) => {
                f.write_str("linear(")?;
                for (index, stop) in points.stops().iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, stop.output)?;
                    if let Some(percent) = stop.at_percent {
                        write!(f, " {percent}%")?;
                    }
                }
                f.write_str(")")
            }
            Self::Spring(easing) => {
                let [mass, stiffness, damping] = easing.spring().physics();
                let velocity = easing.velocity();
                write!(f, "spring({mass}, {stiffness}, {damping}, {velocity})")
            }
            Self::Penner(curve, side) => {
                write!(f, "{}{}", name_of(&CURVES, curve), name_of(&SIDES, side))
            }
        }
    }
}

/// The first name of `value`; the tables name every one.
fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names
        .iter()
        .find(|(_, v)| v == value)
        .map_or("", |(name, _)| name)
}
