//! Row kernels: integer arithmetic on slices of premultiplied RGBA8.
//!
//! Each is a pure function of its slices, without state and without floats, so that a kernel of another instruction set
//! either gives the same bytes or is wrong. A px is four bytes; slices of px have the same number of them unless said otherwise.

pub(crate) mod blend;
pub(crate) mod convert;
pub(crate) mod sample;

/// `v / 255` rounded to nearest, for `v` in `0..=255 * 255`; every step fits 16 bits.
pub(crate) const fn div255(v: u16) -> u16 {
    let v = v + 128;
    (v + (v >> 8)) >> 8
}

/// The product of two values of which 255 is one.
#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
pub(crate) const fn mul255(a: u8, b: u8) -> u8 {
    div255(a as u16 * b as u16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn div255_rounds_every_product_to_nearest() {
        for a in 0..=255u16 {
            for b in 0..=255 {
                let exact = (f64::from(a) * f64::from(b) / 255.0).round();
                assert_eq!(
                    f64::from(div255(a * b)).to_bits(),
                    exact.to_bits(),
                    "{a} {b}"
                );
            }
        }
    }
}
