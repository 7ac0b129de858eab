//! Whole numbers, and what is said of those that their types do not hold.

use crate::read::At;
use media::Figure;
use scene::Range;
use serde_json::Number;
use std::fmt::Display;

/// A type of whole numbers that is read.
pub(crate) trait Whole: TryFrom<i128> + Display {
    /// The least of them.
    const LEAST: Self;
    /// The greatest.
    const GREATEST: Self;
}

macro_rules! whole {
    ($($type:ty),+) => {
        $(impl Whole for $type {
            const LEAST: Self = Self::MIN;
            const GREATEST: Self = Self::MAX;
        })+
    };
}

whole!(u8, u16, u32, i32, i64);

impl At<'_> {
    /// A whole number, any that `T` holds; `3.0` is one.
    pub(crate) fn integer<T: Whole>(&self) -> Option<T> {
        self.whole_of(&format_args!("{} to {}", T::LEAST, T::GREATEST))
    }

    /// A whole number of which `allowed` is all that makes sense: what `T` does not hold is told that. What it holds beyond is
    /// left to the rules of meaning, for a scene that was kept is read whatever is allowed today.
    pub(crate) fn whole<T: Whole>(&self, allowed: Range) -> Option<T> {
        self.whole_of(&allowed)
    }

    /// A whole number in `allowed`, and nothing beyond, where no rule of meaning looks at it again.
    pub(crate) fn whole_within<T: Whole + Copy + Into<f64>>(&self, allowed: Range) -> Option<T> {
        let v = self.whole::<T>(allowed)?;
        if allowed.contains(v.into()) {
            return Some(v);
        }
        self.fault(format!("is {v}; allowed is {allowed}"))
    }

    /// That one number; `reads` says of another what is read here: `this version reads schema`.
    pub(crate) fn exactly(&self, number: u32, reads: &str) -> Option<()> {
        match self.value.as_f64() {
            #[expect(
                clippy::float_cmp,
                reason = "1.0 and 1 are the same JSON number, nothing near them is"
            )]
            Some(v) if v == f64::from(number) => Some(()),
            Some(v) => self.fault(format!("is {}; {reads} {number}", Figure(v))),
            None => self.takes("a number"),
        }
    }

    fn whole_of<T: Whole>(&self, allowed: &dyn Display) -> Option<T> {
        let exact = self.value.as_number().and_then(Number::as_i128);
        let (is, v) = match (exact, self.value.as_f64()) {
            (Some(v), _) => (v.to_string(), v),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole, and what is too large for an i128 is too large for every T"
            )]
            (None, Some(v)) if v.fract() == 0.0 => (Figure(v).to_string(), v as i128),
            _ => return self.takes(&format!("a whole number from {allowed}")),
        };
        T::try_from(v)
            .ok()
            .or_else(|| self.fault(format!("is {is}; allowed is {allowed}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    /// What is read of a number, or what is said of it.
    fn read<T: Whole>(json: &str) -> Result<T, String> {
        let value = serde_json::from_str(json).unwrap();
        let report = Report::default();
        let read = At::root(&value, &report).integer();
        let mut faults = report.merged(Vec::new(), &value);
        read.ok_or_else(|| faults.remove(0).detail)
    }

    #[test]
    fn what_a_type_does_not_hold_is_told_what_it_does() {
        assert_eq!(read("4294967295"), Ok(u32::MAX));
        assert_eq!(read("3.0"), Ok(3_u8));
        assert_eq!(read("-0.0"), Ok(0_u16));
        assert_eq!(read("1e3"), Ok(1000_i32));
        assert_eq!(read("-9223372036854775808"), Ok(i64::MIN));
        for (json, says) in [
            ("4294967296", "is 4294967296; allowed is 0 to 4294967295"),
            ("-1", "is -1; allowed is 0 to 4294967295"),
            ("-1.0", "is -1; allowed is 0 to 4294967295"),
            ("1e308", "is 1e308; allowed is 0 to 4294967295"),
            ("0.5", "is 0.5; takes a whole number from 0 to 4294967295"),
            (
                "1e-300",
                "is 1e-300; takes a whole number from 0 to 4294967295",
            ),
            ("null", "is null; takes a whole number from 0 to 4294967295"),
            (
                "\"7\"",
                "is the text `7`; takes a whole number from 0 to 4294967295",
            ),
        ] {
            assert_eq!(read::<u32>(json), Err(says.to_owned()));
        }
        // Nothing saturates into the widest of them.
        for json in ["9223372036854775808", "18446744073709551616", "-1e300"] {
            let said = read::<i64>(json).unwrap_err();
            let allowed = "allowed is -9223372036854775808 to 9223372036854775807";
            assert!(said.ends_with(allowed), "{said}");
        }
    }

    #[test]
    fn what_is_told_is_what_makes_sense() {
        let read = |json: &str| {
            let value = serde_json::from_str(json).unwrap();
            let report = Report::default();
            let at = At::root(&value, &report);
            let range = Range::new(1.0, 8.0);
            let (whole, within) = (at.whole::<u32>(range), at.whole_within::<u32>(range));
            let faults = report.merged(Vec::new(), &value);
            (whole, within, faults.first().map(|one| one.detail.clone()))
        };
        let said = |is: &str| Some(format!("is {is}; allowed is 1 to 8"));
        assert_eq!(read("8"), (Some(8), Some(8), None));
        assert_eq!(read("9"), (Some(9), None, said("9")));
        assert_eq!(read("-1"), (None, None, said("-1")));
    }
}
