//! Bilinear sampling with 8-bit fractions: weights of 256ths in both directions, rounded once.

const HALF: u32 = 1 << 15;

/// Bytes mixed at once: taps are gathered px by px, but mixed four px at a time, which vectorises.
const LANES: usize = 16;

/// Blends two surface rows vertically into 256ths: `rows[0] * (256 - fraction) + rows[1] * fraction`; a missing row is transparent.
///
/// `out` holds four values per px.
pub(crate) fn mix_rows(out: &mut [u16], rows: [Option<&[u8]>; 2], fraction: u16) {
    match rows {
        [Some(a), Some(b)] => {
            for ((o, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *o = u16::from(a) * (256 - fraction) + u16::from(b) * fraction;
            }
        }
        [Some(a), None] => scale_row(out, a, 256 - fraction),
        [None, Some(b)] => scale_row(out, b, fraction),
        [None, None] => out.fill(0),
    }
}

fn scale_row(out: &mut [u16], row: &[u8], weight: u16) {
    for (o, &v) in out.iter_mut().zip(row) {
        *o = u16::from(v) * weight;
    }
}

/// Blends neighbouring columns of 256ths: px i is `columns[i] * (256 - fraction) + columns[i + 1] * fraction`.
///
/// `columns` holds one px more than `out`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "weights add up to 2^16, so the sum is at most 255 after the shift"
)]
pub(crate) fn mix_columns(out: &mut [u8], columns: &[u16], fraction: u16) {
    let (left, right) = (256 - u32::from(fraction), u32::from(fraction));
    for ((o, &a), &b) in out
        .iter_mut()
        .zip(columns)
        .zip(columns.get(4..).unwrap_or_default())
    {
        *o = ((u32::from(a) * left + u32::from(b) * right + HALF) >> 16) as u8;
    }
}

/// A row of px at `position`, stepping by `step`, both in surface px as 32.32 fixed point with px centres at whole numbers.
///
/// `surface` has `width` x `height` px, at least one; taps outside are clamped to its edge.
/// Positions are rounded to 256ths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the surface; fractions are 8 bits"
)]
pub(crate) fn bilinear(
    out: &mut [u8],
    surface: &[u8],
    width: usize,
    height: usize,
    position: [i64; 2],
    step: [i64; 2],
) {
    let (px, _) = surface.as_chunks::<4>();
    let (last_x, last_y) = (width as i64 - 1, height as i64 - 1);
    let [mut u, mut v] = position.map(|at| at.wrapping_add(1 << 23));
    for out in out.chunks_mut(LANES) {
        let mut taps = [[0; LANES]; 4];
        let mut fractions = [[0; LANES]; 2];
        for at in (0..out.len()).step_by(4) {
            let (x, y) = (u >> 32, v >> 32);
            let inside = (0..last_x).contains(&x) && (0..last_y).contains(&y);
            let around = if inside {
                let top = &px[y as usize * width + x as usize..][..width + 2];
                [top[0], top[1], top[width], top[width + 1]]
            } else {
                let column = |x: i64| x.clamp(0, last_x) as usize;
                let tap = |x, y: i64| px[y.clamp(0, last_y) as usize * width + column(x)];
                [tap(x, y), tap(x + 1, y), tap(x, y + 1), tap(x + 1, y + 1)]
            };
            for (taps, px) in taps.iter_mut().zip(around) {
                taps[at..at + 4].copy_from_slice(&px);
            }
            fractions[0][at..at + 4].fill((u >> 24) as u16 & 255);
            fractions[1][at..at + 4].fill((v >> 24) as u16 & 255);
            (u, v) = (u.wrapping_add(step[0]), v.wrapping_add(step[1]));
        }
        let mixed = mix(&taps, &fractions);
        out.copy_from_slice(&mixed[..out.len()]);
    }
}

/// Four taps of each px, top left, top right, bottom left, bottom right, as one; fractions right and down, per channel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "weights add up to 2^16, so a sum is at most 255 after the shift"
)]
fn mix([a, b, c, d]: &[[u8; LANES]; 4], [fx, fy]: &[[u16; LANES]; 2]) -> [u8; LANES] {
    let mut out = [0; LANES];
    for i in 0..LANES {
        let row = |a: u8, b: u8| u32::from(u16::from(a) * (256 - fx[i]) + u16::from(b) * fx[i]);
        let sum = row(a[i], b[i]) * u32::from(256 - fy[i]) + row(c[i], d[i]) * u32::from(fy[i]);
        out[i] = ((sum + HALF) >> 16) as u8;
    }
    out
}

/// Multiplies one px by a coverage.
pub(crate) fn cover(px: &mut [u8], coverage: u8) {
    for v in px {
        *v = super::mul255(*v, coverage);
    }
}
