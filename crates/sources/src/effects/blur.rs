//! Blurs, of one channel or of four.
//!
//! A gaussian is three passes of an *extended* box: a box of whole radius `r` whose two outer neighbours count with a
//! fraction. The fraction is chosen so that each pass has exactly a third of the variance, so sigma is met at every
//! value and moves without steps when animated. (Three plain boxes of whole width miss sigma 12 by 1.4 %, and step when
//! sigma is animated.) Against the true gaussian the profile of an edge is off by less than 1.2 % of full alpha at sigma
//! 12. Below [`SMALL_SIGMA`] the picture is convolved with the gaussian itself, and wide blurs of four channels are made
//! on a grid two to sixteen times coarser, where they cost as much less.

use super::color::to_u8;
use super::shadow::Growth;
use crate::Quality;
use media::Surface;

/// Below it, three boxes look like boxes.
const SMALL_SIGMA: f64 = 2.0;

/// From so many px of sigma on, one sample stands for two px each way, for four, and so on: the lines drawn between
/// samples are off the gaussian by less than 0.4 % of full then.
const COARSE_FROM: [f64; 4] = [4.0, 10.0, 22.0, 48.0];

/// Full in a [`Plane`].
pub(super) const FULL: u32 = 255 * 256;

/// `N` interleaved channels in 1/256 of an 8-bit step, so that three passes in two directions do not pile up rounding.
pub(super) struct Plane<const N: usize> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) data: Vec<u16>,
}

/// One pass: out = (sum of the 2r+1 middle samples) * middle + (the two beside them) * edge.
#[derive(Clone, Copy)]
pub(super) struct ExtendedBox {
    radius: usize,
    middle: f32,
    edge: f32,
}

/// Samples of a row that go down together: of three passes over 1080 rows, what is read and written fits the cache.
const STRIP: usize = 128;

impl ExtendedBox {
    /// A third of the variance of a gaussian of `sigma` px.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sigma is bounded by the caller"
    )]
    pub(super) fn third_of(sigma: f64) -> Self {
        let variance = sigma * sigma / 3.0;
        let r = (((12.0 * variance + 1.0).sqrt() - 1.0) / 2.0).floor();
        let fraction = (2.0 * r + 1.0) * (r * (r + 1.0) - 3.0 * variance)
            / (6.0 * (variance - (r + 1.0) * (r + 1.0)));
        let weight = 1.0 / (2.0 * r + 1.0 + 2.0 * fraction);
        Self {
            radius: r as usize,
            middle: weight as f32,
            edge: (weight * fraction) as f32,
        }
    }

    /// The mean over `radius` px to each side of a px, and over it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the radius is bounded by the caller"
    )]
    fn square(radius: f64) -> Self {
        let weight = 1.0 / (2.0 * radius + 1.0);
        Self {
            radius: radius.floor() as usize,
            middle: weight as f32,
            edge: (weight * radius.fract()) as f32,
        }
    }

    /// How far ink spreads in one pass.
    pub(super) const fn reach(self) -> usize {
        self.radius + 1
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "weights sum to 1, so the result stays within u16"
    )]
    fn mix(self, middle: i32, edges: i32) -> u16 {
        /// Added to a smaller number, it leaves that number rounded in the lowest bits; a cast would check for ranges.
        const TO_INTEGER: f32 = 8_388_608.0;
        // Sums stay below 2^24 up to radius 127 and are exact; beyond that f32 rounds to 24 bits, far finer than u16.
        (middle as f32 * self.middle + edges as f32 * self.edge + TO_INTEGER).to_bits() as u16
    }

    /// Down the columns of a strip of `w` samples, a row at a time: what lies beside each other is added at once.
    fn blur_columns(self, from: &[u16], to: &mut [u16], w: usize) {
        let (h, r) = (from.len() / w, self.radius.cast_signed());
        let zeros = [0_u16; STRIP];
        let row = |y: isize| match usize::try_from(y) {
            Ok(y) if y < h => &from[y * w..][..w],
            _ => &zeros[..w],
        };
        let mut sums = [0_i32; STRIP];
        let sums = &mut sums[..w];
        for y in 0..r {
            for (s, &v) in sums.iter_mut().zip(row(y)) {
                *s += i32::from(v);
            }
        }
        for (y, out) in to.chunks_exact_mut(w).enumerate() {
            let y = y.cast_signed();
            let (before, last, after) = (row(y - r - 1), row(y + r), row(y + r + 1));
            for ((((o, s), &b), &l), &a) in out
                .iter_mut()
                .zip(&mut *sums)
                .zip(before)
                .zip(last)
                .zip(after)
            {
                *s = s.wrapping_add(i32::from(l).wrapping_sub(i32::from(b)));
                *o = self.mix(*s, i32::from(b).wrapping_add(i32::from(a)));
            }
        }
    }
}

impl<const N: usize> Plane<N> {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            data: vec![0; width * height * N],
        }
    }

    /// So many passes across and down.
    pub(super) fn blur(&mut self, pass: ExtendedBox, passes: usize) {
        let work = |from: &mut Vec<u16>, to: &mut Vec<u16>, w: usize| {
            for _ in 0..passes {
                pass.blur_columns(from, to, w);
                std::mem::swap(from, to);
            }
        };
        self.by_rows(work);
        self.by_columns(work);
    }

    /// Hands over a few rows after another, turned so that they go down; what `work` leaves in the first of two buffers
    /// takes their place. Strips without ink are left alone.
    fn by_rows(&mut self, work: impl Fn(&mut Vec<u16>, &mut Vec<u16>, usize)) {
        let (w, most) = (self.width, STRIP / N);
        let [mut from, mut to] = [(); 2].map(|()| vec![0_u16; w * STRIP]);
        for rows in self.data.chunks_mut(w * N * most) {
            if rows.iter().all(|&v| v == 0) {
                continue;
            }
            let high = rows.len() / (w * N);
            from.truncate(rows.len());
            to.truncate(rows.len());
            for (y, row) in rows.chunks_exact(w * N).enumerate() {
                let down = from.as_chunks_mut::<N>().0.iter_mut().skip(y).step_by(high);
                for (to, px) in down.zip(row.as_chunks::<N>().0) {
                    *to = *px;
                }
            }
            work(&mut from, &mut to, high * N);
            for (y, row) in rows.chunks_exact_mut(w * N).enumerate() {
                let down = from.as_chunks::<N>().0.iter().skip(y).step_by(high);
                for (px, from) in row.as_chunks_mut::<N>().0.iter_mut().zip(down) {
                    *px = *from;
                }
            }
        }
    }

    /// Hands over a few columns after another; what `work` leaves in the first of two buffers takes their place.
    fn by_columns(&mut self, work: impl Fn(&mut Vec<u16>, &mut Vec<u16>, usize)) {
        let w = self.width * N;
        let [mut from, mut to] = [(); 2].map(|()| vec![0_u16; self.height * STRIP.min(w)]);
        for x in (0..w).step_by(STRIP) {
            let wide = STRIP.min(w - x);
            from.truncate(self.height * wide);
            to.truncate(self.height * wide);
            for (to, row) in from.chunks_exact_mut(wide).zip(self.data.chunks_exact(w)) {
                to.copy_from_slice(&row[x..x + wide]);
            }
            work(&mut from, &mut to, wide);
            for (from, row) in from.chunks_exact(wide).zip(self.data.chunks_exact_mut(w)) {
                row[x..x + wide].copy_from_slice(from);
            }
        }
    }

    /// Convolves rows and columns with `taps`, an odd number of weights in 1/32768 whose sum is 1.
    fn convolve(&mut self, taps: &[u16]) {
        let reach = taps.len() / 2;
        let work = |from: &mut Vec<u16>, to: &mut Vec<u16>, w: usize| {
            let h = from.len() / w;
            for (y, out) in to.chunks_exact_mut(w).enumerate() {
                let (first, last) = (reach.saturating_sub(y), taps.len().min(h + reach - y));
                let lines = &from[(y + first - reach) * w..(y + last - reach) * w];
                weigh(lines, &taps[first..last], out);
            }
            std::mem::swap(from, to);
        };
        self.by_rows(work);
        self.by_columns(work);
    }
}

/// Sums as many lines as there are `taps`, each times its own, in 1/32768.
///
/// Two numbers of 16 bits are multiplied four times as fast as two of 32. Wrapping, here and elsewhere, because nothing
/// overflows, and a check of that for each sample would leave one at a time.
#[expect(clippy::cast_possible_truncation, reason = "weights sum to 1")]
fn weigh(lines: &[u16], taps: &[u16], to: &mut [u16]) {
    let mut sums = [HALF; STRIP];
    let sums = &mut sums[..to.len()];
    for (line, &tap) in lines.chunks_exact(to.len()).zip(taps) {
        for (sum, &v) in sums.iter_mut().zip(line) {
            *sum = sum.wrapping_add(u32::from(v).wrapping_mul(u32::from(tap)));
        }
    }
    for (to, sum) in to.iter_mut().zip(sums) {
        *to = (*sum >> 15) as u16;
    }
}

/// Half of 1 in 1/32768.
const HALF: u32 = 1 << 14;

/// A gaussian blur of four channels.
pub(super) struct Gaussian {
    /// Px each way that one sample stands for, a power of two.
    coarse: usize,
    way: Way,
}

enum Way {
    /// The weights, in 1/32768.
    Taps(Vec<u16>),
    Boxes(ExtendedBox),
}

impl Gaussian {
    /// Of standard deviation `sigma` px, above 0. At low quality grids are coarser by a step: half the time, and off the
    /// gaussian by up to 3 % of full.
    pub(super) fn new(sigma: f64, quality: Quality) -> Self {
        if sigma < SMALL_SIGMA {
            return Self {
                coarse: 1,
                way: Way::Taps(taps(sigma)),
            };
        }
        let sooner = if quality == Quality::Low { 2.0 } else { 1.0 };
        let is_coarse = |from: &&f64| sigma * sooner >= **from;
        let steps = COARSE_FROM.iter().filter(is_coarse).count();
        let coarse = 1_usize << steps;
        let k = coarse as f64;
        // Averaging k px blurs by (k^2 - 1) / 12, drawing lines between samples by k^2 / 6 + 1 / 12.
        let spent = if steps > 0 { k * k / 4.0 } else { 0.0 };
        let left = ((sigma * sigma - spent) / (k * k)).sqrt();
        Self {
            coarse,
            way: Way::Boxes(ExtendedBox::third_of(left)),
        }
    }

    fn margin(&self) -> usize {
        match &self.way {
            Way::Taps(taps) => taps.len() / 2,
            // With one sample more, to draw the last line to.
            Way::Boxes(pass) => (3 * pass.reach() + usize::from(self.coarse > 1)) * self.coarse,
        }
    }

    pub(super) fn growth(&self) -> Growth {
        Growth::all(self.margin())
    }

    /// For each px of the blurred picture.
    pub(super) const fn cost_ns(&self) -> f64 {
        match (&self.way, self.coarse) {
            (Way::Taps(_), _) => 9.0,
            (Way::Boxes(_), 1) => 13.0,
            (Way::Boxes(_), 2) => 8.0,
            (Way::Boxes(_), _) => 4.0,
        }
    }

    /// The blurred picture, larger by [`growth`](Self::growth).
    pub(super) fn of(&self, picture: &Surface) -> Surface {
        let (margin, k) = (self.margin(), self.coarse);
        let grown = |side: u32| side as usize + 2 * margin;
        let (width, height) = (grown(picture.width()), grown(picture.height()));
        let mut plane = Plane::<4>::new(width.div_ceil(k), height.div_ceil(k));
        gather(picture, margin, k, &mut plane);
        match &self.way {
            Way::Taps(taps) => plane.convolve(taps),
            Way::Boxes(pass) => plane.blur(*pass, 3),
        }
        spread(&plane, k, (width, height))
    }
}

/// A blur by the mean over a square.
pub(super) struct Square(ExtendedBox);

impl Square {
    /// `radius` px to each side, above 0.
    pub(super) fn new(radius: f64) -> Self {
        Self(ExtendedBox::square(radius))
    }

    pub(super) fn growth(&self) -> Growth {
        Growth::all(self.0.reach())
    }

    /// The blurred picture, larger by [`growth`](Self::growth).
    pub(super) fn of(&self, picture: &Surface) -> Surface {
        let margin = self.0.reach();
        let grown = |side: u32| side as usize + 2 * margin;
        let size = (grown(picture.width()), grown(picture.height()));
        let mut plane = Plane::<4>::new(size.0, size.1);
        gather(picture, margin, 1, &mut plane);
        plane.blur(self.0, 1);
        spread(&plane, 1, size)
    }
}

/// A sampled gaussian over three sigma to each side, in 1/32768 whose sum is 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "weights are between 0 and 1, and sigma is small"
)]
fn taps(sigma: f64) -> Vec<u16> {
    let reach = (3.0 * sigma).ceil().max(1.0) as i32;
    let weight = |x: i32| libm::exp(-f64::from(x * x) / (2.0 * sigma * sigma));
    let total: f64 = (-reach..=reach).map(weight).sum();
    let share = |x: i32| (weight(x) / total * 32768.0).round() as u16;
    let mut taps: Vec<u16> = (-reach..=reach).map(share).collect();
    let beside: u16 = taps.iter().sum::<u16>() - taps[reach as usize];
    taps[reach as usize] = 32768 - beside;
    taps
}

/// Averages squares of `k` x `k` px into `plane`, where the picture stands `margin` px, whole squares, from the corner.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a mean of 8 bits in 1/256 fits 16"
)]
fn gather(picture: &Surface, margin: usize, k: usize, plane: &mut Plane<4>) {
    let (row, at) = (plane.width * 4, margin / k * 4);
    let unit = 256 / (k * k) as u16;
    let stride = picture.width() as usize * 4;
    if k == 1 {
        for (y, line) in (margin..).zip(picture.data().chunks_exact(stride)) {
            for (to, &v) in plane.data[y * row + at..].iter_mut().zip(line) {
                *to = u16::from(v) << 8;
            }
        }
        return;
    }
    // Down first, which is the same for all samples of a row.
    let mut sums = vec![0_u16; stride];
    for (y, strip) in (margin / k..).zip(picture.data().chunks(k * stride)) {
        sums.fill(0);
        for line in strip.chunks_exact(stride) {
            for (sum, &v) in sums.iter_mut().zip(line) {
                *sum = sum.wrapping_add(u16::from(v));
            }
        }
        let to = plane.data[y * row + at..].as_chunks_mut::<4>().0;
        for (to, square) in to.iter_mut().zip(sums.chunks(4 * k)) {
            let mut sum = [0_u16; 4];
            for px in square.as_chunks::<4>().0 {
                sum = std::array::from_fn(|c| sum[c].wrapping_add(px[c]));
            }
            *to = sum.map(|sum| sum.wrapping_mul(unit));
        }
    }
}

/// Draws lines between the samples of `plane`, each in the middle of `k` x `k` px.
#[expect(
    clippy::cast_possible_truncation,
    reason = "means of 16-bit samples, shifted down to 8"
)]
fn spread(plane: &Plane<4>, k: usize, (width, height): (usize, usize)) -> Surface {
    let mut out = Surface::new(width as u32, height as u32);
    let stride = width * 4;
    if k == 1 {
        for (to, &v) in out.data_mut().iter_mut().zip(&plane.data) {
            *to = (u32::from(v).wrapping_add(128) >> 8) as u8;
        }
        return out;
    }
    let row = plane.width * 4;
    // Of row `at` the samples above and below, and their weights.
    let place = |at: usize, last: usize| {
        let from_middle = 2 * at + 1 + k;
        let (behind, part) = (from_middle / (2 * k), from_middle % (2 * k));
        let part = part as f32 / (2 * k) as f32;
        let before = behind.saturating_sub(1).min(last);
        (
            before,
            behind.min(last),
            [(1.0 - part) / 256.0, part / 256.0],
        )
    };
    let weights: Vec<[f32; 2]> = (0..k)
        .map(|i| {
            let part = (2 * i + 1) as f32 / (2 * k) as f32;
            [1.0 - part, part]
        })
        .collect();
    let mut line = vec![0.0_f32; row];
    for (y, to) in out.data_mut().chunks_exact_mut(stride).enumerate() {
        let (above, below, [above_weight, below_weight]) = place(y, plane.height - 1);
        let rows = [above, below].map(|at| &plane.data[at * row..][..row]);
        for ((mixed, &a), &b) in line.iter_mut().zip(rows[0]).zip(rows[1]) {
            *mixed = f32::from(a) * above_weight + f32::from(b) * below_weight;
        }
        let samples = line.as_chunks::<4>().0;
        // Half a square before the middle of the first one, whole squares between the middles.
        let (head, to) = to.as_chunks_mut::<4>().0.split_at_mut(k / 2);
        head.fill(samples[0].map(to_u8));
        let last = samples.last().into_iter().cycle();
        let beside = samples.iter().zip(samples.iter().skip(1).chain(last));
        for (to, (left, right)) in to.chunks_mut(k).zip(beside) {
            let (left, right) = (*left, *right);
            for (px, [a, b]) in to.iter_mut().zip(&weights) {
                *px = std::array::from_fn(|c| to_u8(left[c] * a + right[c] * b));
            }
        }
    }
    out
}
