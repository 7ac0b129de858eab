//! Surfaces of half the size.

use crate::Surface;

/// Of two channels in the halves of a word, which leave room for sums of four.
const EVERY_OTHER: u32 = 0x00ff_00ff;

/// The mean of every four px, rounded to nearest.
pub(crate) fn half(surface: &Surface) -> Surface {
    let (width, height) = (surface.width().div_ceil(2), surface.height().div_ceil(2));
    let mut half = Surface::new(width, height);
    if width == 0 || height == 0 {
        return half;
    }
    let last = surface.height() - 1;
    let rows = half.data_mut().chunks_exact_mut(width as usize * 4);
    for (out, y) in rows.zip(0..) {
        let [top, bottom] = [2 * y, (2 * y + 1).min(last)].map(|y| surface.row(y));
        row(out, top, bottom);
    }
    half
}

fn row(out: &mut [u8], top: &[u8], bottom: &[u8]) {
    let ([top, bottom], out) = (
        [top, bottom].map(|row| row.as_chunks::<4>().0),
        out.as_chunks_mut::<4>().0,
    );
    let pairs = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
    for (out, ([a, b], [c, d])) in out.iter_mut().zip(pairs) {
        *out = mean([*a, *b, *c, *d]);
    }
    if let ([.., a], [.., c], [.., out], true) = (top, bottom, out, top.len() % 2 == 1) {
        *out = mean([*a, *a, *c, *c]);
    }
}

/// As words, so that a vector of px is one of numbers.
fn mean(px: [[u8; 4]; 4]) -> [u8; 4] {
    let of = |shift: u32| {
        let [a, b, c, d] = px.map(|px| (u32::from_le_bytes(px) >> shift) & EVERY_OTHER);
        let sum = a.wrapping_add(b).wrapping_add(c).wrapping_add(d);
        (sum.wrapping_add(0x0002_0002) >> 2) & EVERY_OTHER
    };
    (of(0) | of(8) << 8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use crate::Surface;

    /// Of three columns the last stands for two, and so does the last of three rows.
    #[test]
    fn each_px_is_the_mean_of_four() {
        let px = |v: u8| [v, 255, 0, v];
        let all = [0, 1, 9, 2, 3, 200, 8, 7, 255].map(px).concat();
        let surface = Surface::from_premultiplied(3, 3, all).unwrap();
        let half = surface.half();
        assert_eq!((half.width(), half.height()), (2, 2));
        assert_eq!(*half.data(), *[2, 105, 8, 255].map(px).concat());
        let quarter = half.half();
        assert_eq!((quarter.width(), quarter.half().width()), (1, 1));
        assert_eq!(quarter.pixel(0, 0), px(93));
        assert_eq!(Surface::new(0, 5).half().height(), 3);
    }

    #[test]
    fn what_is_written_to_is_halved_anew() {
        let mut surface = Surface::new(4, 2);
        assert_eq!(surface.half().pixel(1, 0), [0; 4]);
        surface.data_mut().fill(8);
        assert_eq!(surface.half().pixel(1, 0), [8; 4]);
    }
}
