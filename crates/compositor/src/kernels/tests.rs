//! Plain loops against formulas, vectors of every instruction set against plain loops.

use super::{Kernels, STRETCH_PX, Stretch, div255, has_stretches, mul255};
use crate::list::Matte;
use media::BlendMode;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};

#[test]
fn div255_rounds_every_product_to_nearest() {
    for a in 0..=255u16 {
        for b in 0..=255 {
            let exact = (f64::from(a) * f64::from(b) / 255.0).round();
            let got = f64::from(div255(a * b));
            assert_eq!(got.to_bits(), exact.to_bits(), "{a} {b}");
        }
    }
}

/// Source-over as its formula has it, px by px.
fn exact_over(target: &[u8], source: &[u8], opacity: impl Fn(usize) -> u8) -> Vec<u8> {
    let px = target.chunks(4).zip(source.chunks(4)).enumerate();
    let blended = px.flat_map(|(i, (t, s))| {
        let s: Vec<u8> = s.iter().map(|&v| mul255(v, opacity(i))).collect();
        let one = |(&t, &v): (&u8, &u8)| v.saturating_add(mul255(t, 255 - s[3]));
        t.iter().zip(&s).map(one).collect::<Vec<u8>>()
    });
    blended.collect()
}

/// The mode's function of two colors that are not premultiplied, as W3C Compositing writes it.
pub(crate) fn mixed(mode: BlendMode, below: f64, above: f64) -> f64 {
    let (b, s) = (below, above);
    let hard = |b: f64, s: f64| {
        if s <= 0.5 {
            b * 2.0 * s
        } else {
            b + (2.0 * s - 1.0) - b * (2.0 * s - 1.0)
        }
    };
    match mode {
        BlendMode::Difference => (b - s).abs(),
        BlendMode::Exclusion => b + s - 2.0 * b * s,
        BlendMode::Multiply => b * s,
        BlendMode::Screen => b + s - b * s,
        BlendMode::Overlay => hard(s, b),
        BlendMode::Darken => b.min(s),
        BlendMode::Lighten => b.max(s),
        BlendMode::ColorDodge if b <= 0.0 => 0.0,
        BlendMode::ColorDodge if s >= 1.0 => 1.0,
        BlendMode::ColorDodge => (b / (1.0 - s)).min(1.0),
        BlendMode::ColorBurn if b >= 1.0 => 1.0,
        BlendMode::ColorBurn if s <= 0.0 => 0.0,
        BlendMode::ColorBurn => 1.0 - ((1.0 - b) / s).min(1.0),
        BlendMode::HardLight => hard(b, s),
        BlendMode::SoftLight if s <= 0.5 => b - (1.0 - 2.0 * s) * b * (1.0 - b),
        BlendMode::SoftLight => {
            let d = if b <= 0.25 {
                ((16.0 * b - 12.0) * b + 4.0) * b
            } else {
                b.sqrt()
            };
            b + (2.0 * s - 1.0) * (d - b)
        }
        _ => s,
    }
}

/// As [`mixed`], for the modes that mix channels together: what W3C Compositing calls `SetLum`, `ClipColor` and `SetSat`.
fn toned(mode: BlendMode, below: [f64; 3], above: [f64; 3]) -> Option<[f64; 3]> {
    let lum = |[r, g, b]: [f64; 3]| 0.3 * r + 0.59 * g + 0.11 * b;
    let least = |c: [f64; 3]| c.into_iter().fold(f64::INFINITY, f64::min);
    let most = |c: [f64; 3]| c.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let sat = |c: [f64; 3]| most(c) - least(c);
    let clip_color = |mut c: [f64; 3]| {
        let (l, n, x) = (lum(c), least(c), most(c));
        if n < 0.0 {
            c = c.map(|v| l + (v - l) * l / (l - n));
        }
        if x > 1.0 {
            c = c.map(|v| l + (v - l) * (1.0 - l) / (x - l));
        }
        c
    };
    let set_lum = |c: [f64; 3], l: f64| {
        let d = l - lum(c);
        clip_color(c.map(|v| v + d))
    };
    let set_sat = |c: [f64; 3], s: f64| {
        let (n, x) = (least(c), most(c));
        // Sorting a color into its least, middle and greatest channel comes to this.
        c.map(|v| if x > n { (v - n) * s / (x - n) } else { 0.0 })
    };
    Some(match mode {
        BlendMode::Hue => set_lum(set_sat(above, sat(below)), lum(below)),
        BlendMode::Saturation => set_lum(set_sat(below, sat(above)), lum(below)),
        BlendMode::Color => set_lum(above, lum(below)),
        BlendMode::Luminosity => set_lum(below, lum(above)),
        _ => return None,
    })
}

/// The fractions of source and target that the operators of Porter and Duff keep.
fn kept(mode: BlendMode, sa: f64, da: f64) -> Option<[f64; 2]> {
    Some(match mode {
        BlendMode::SourceIn => [da, 0.0],
        BlendMode::SourceOut => [1.0 - da, 0.0],
        BlendMode::SourceAtop => [da, 1.0 - sa],
        BlendMode::DestinationOver => [1.0 - da, 1.0],
        BlendMode::DestinationIn => [0.0, sa],
        BlendMode::DestinationOut => [0.0, 1.0 - sa],
        BlendMode::DestinationAtop => [1.0 - da, sa],
        BlendMode::Xor => [1.0 - da, 1.0 - sa],
        BlendMode::Copy => [1.0, 0.0],
        BlendMode::Clear => [0.0, 0.0],
        _ => return None,
    })
}

/// One px of `above` onto `below`, premultiplied, 0..=255, by the formulas for colors that are not.
pub(crate) fn exact_onto(mode: BlendMode, below: [f64; 4], above: [f64; 4]) -> [f64; 4] {
    let (sa, da) = (above[3] / 255.0, below[3] / 255.0);
    let straight = |v: f64, alpha: f64| if alpha > 0.0 { v / alpha } else { 0.0 };
    let color = |[r, g, b, a]: [f64; 4]| [r, g, b].map(|v| straight(v, a));
    let toned = toned(mode, color(below), color(above));
    std::array::from_fn(|i| {
        let (s, d) = (above[i] / 255.0, below[i] / 255.0);
        let out = match (mode, i) {
            (BlendMode::PlusLighter, _) => (s + d).min(1.0),
            _ if let Some([of_s, of_d]) = kept(mode, sa, da) => s * of_s + d * of_d,
            (_, 3) => sa + da - sa * da,
            _ => {
                let mixed = toned.map_or_else(
                    || mixed(mode, straight(d, da), straight(s, sa)),
                    |color| color[i],
                );
                let own = sa * da * mixed;
                s * (1.0 - da) + d * (1.0 - sa) + own
            }
        };
        out * 255.0
    })
}

#[test]
fn blend_modes_are_within_half_a_level_of_their_formulas() {
    let levels = [0, 1, 60, 63, 64, 65, 127, 128, 129, 200, 254, 255u8];
    for mode in BlendMode::ALL {
        for (sa, da) in levels.iter().flat_map(|&a| levels.map(|b| (a, b))) {
            for (s, d) in levels.iter().flat_map(|&a| levels.map(|b| (a, b))) {
                let (above, below) = ([s.min(sa), 0, sa, sa], [d.min(da), da, 0, da]);
                let mut got = below;
                Kernels::SCALAR.onto(mode, &mut got, &above, 255);
                let want = exact_onto(mode, below.map(f64::from), above.map(f64::from));
                for (got, want) in got.into_iter().zip(want) {
                    let off = (f64::from(got) - want).abs();
                    // The term of modes that divide is rounded once more, to 1/255^2.
                    assert!(
                        off <= 0.51,
                        "{mode:?} {above:?} onto {below:?}: {got} {want}"
                    );
                }
            }
        }
    }
}

/// Every channel counts for every other.
#[test]
fn tones_of_opaque_colors_are_the_nearest_level_to_their_formulas() {
    let levels = [0, 1, 2, 50, 51, 127, 128, 200, 254, 255u8];
    let colors = || {
        let two = levels.iter().flat_map(|&r| levels.map(|g| [r, g]));
        two.flat_map(|[r, g]| levels.map(|b| [r, g, b, 255]))
    };
    for mode in BlendMode::ALL
        .into_iter()
        .filter(|m| super::tones::is_tonal(*m))
    {
        for below in colors() {
            for above in colors().step_by(7) {
                let mut got = below;
                Kernels::SCALAR.onto(mode, &mut got, &above, 255);
                let want = exact_onto(mode, below.map(f64::from), above.map(f64::from));
                for (got, want) in got.into_iter().zip(want) {
                    let off = (f64::from(got) - want).abs();
                    assert!(
                        off <= 0.505,
                        "{mode:?} {above:?} onto {below:?}: {got} {want}"
                    );
                }
            }
        }
    }
}

fn converted(rows: [&[u8]; 2], kernels: Kernels) -> Vec<u8> {
    let px = (rows[0].len() / 4 - 1) & !1;
    let [mut a, mut b] = [vec![0; px], vec![0; px]];
    let [mut cb, mut cr] = [vec![0; px / 2], vec![0; px / 2]];
    kernels.convert(rows, [&mut a, &mut b], [&mut cb, &mut cr]);
    [a, b, cb, cr].concat()
}

fn one_color([r, g, b]: [u8; 3]) -> [u8; 3] {
    let row = [r, g, b, 255].repeat(3);
    let out = converted([&row, &row], Kernels::SCALAR);
    [out[0], out[4], out[5]]
}

#[test]
fn known_colors() {
    let cases = [
        ([255, 255, 255], [235, 128, 128]),
        ([0, 0, 0], [16, 128, 128]),
        ([255, 0, 0], [63, 102, 240]),
        ([0, 255, 0], [173, 42, 26]),
        ([0, 0, 255], [32, 240, 118]),
    ];
    for (rgb, ycc) in cases {
        assert_eq!(one_color(rgb), ycc, "{rgb:?}");
    }
    for grey in 0..=255 {
        assert_eq!(one_color([grey; 3])[1..], [128, 128], "{grey}");
    }
}

#[test]
fn every_color_is_within_the_documented_error() {
    let exact = |[r, g, b]: [u8; 3]| {
        let [r, g, b] = [r, g, b].map(f64::from);
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let c = 224.0 / 255.0;
        let (cb, cr) = (c * (b - y) / 1.8556, c * (r - y) / 1.5748);
        [16.0 + y * 219.0 / 255.0, 128.0 + cb, 128.0 + cr]
    };
    let levels: Vec<u8> = (0..=255).step_by(5).collect();
    for &r in &levels {
        for &g in &levels {
            for &b in &levels {
                for (got, want) in one_color([r, g, b]).into_iter().zip(exact([r, g, b])) {
                    let off = (f64::from(got) - want).abs();
                    assert!(off <= 0.512, "{r} {g} {b}: {got} {want}");
                }
            }
        }
    }
}

/// A byte, often one at the end of its range.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        Just(0u8),
        Just(1),
        Just(127),
        Just(254),
        Just(255),
        any::<u8>()
    ]
}

/// Px: runs of transparent, of opaque and of any, some not premultiplied.
fn px(count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    let run = prop_oneof![
        Just([0; 4]).boxed(),
        [byte(), byte(), byte()]
            .prop_map(|[r, g, b]| [r, g, b, 255])
            .boxed(),
        [byte(), byte(), byte(), byte()].boxed(),
    ];
    vec((run, 1..24usize), count)
        .prop_map(|runs| runs.iter().flat_map(|(px, n)| px.repeat(*n)).collect())
}

fn same(kernels: impl Fn(Kernels) -> Vec<u8>) -> Result<(), TestCaseError> {
    let truth = kernels(Kernels::SCALAR);
    for wide in Kernels::all() {
        prop_assert_eq!(&kernels(wide), &truth, "{}", wide.name());
    }
    Ok(())
}

const CASES: u32 = if cfg!(debug_assertions) { 400 } else { 4000 };

proptest! {
    #![proptest_config(Config { cases: CASES, rng_seed: RngSeed::Fixed(3), ..Config::default() })]

    #[test]
    fn blending(target in px(0..8), source in px(0..8), opacity in byte(), skip in 0..4usize) {
        let len = target.len().min(source.len());
        let (target, source) = (&target[(skip * 4).min(len)..len], &source[(skip * 4).min(len)..len]);
        let over = |kernels: Kernels| {
            let mut out = target.to_vec();
            kernels.over(&mut out, source);
            out
        };
        prop_assert_eq!(over(Kernels::SCALAR), exact_over(target, source, |_| 255));
        same(over)?;
        let faded = |kernels: Kernels| {
            let mut out = target.to_vec();
            kernels.over_faded(&mut out, source, opacity);
            out
        };
        prop_assert_eq!(faded(Kernels::SCALAR), exact_over(target, source, |_| opacity));
        same(faded)?;
        let coverage: Vec<u8> = (0..=255).cycle().step_by(17).take(target.len() / 4).collect();
        let mut masked = target.to_vec();
        Kernels::SCALAR.onto_masked(BlendMode::Normal, &mut masked, source, &coverage, opacity);
        prop_assert_eq!(masked, exact_over(target, source, |i| mul255(coverage[i], opacity)));
    }

    #[test]
    fn blend_modes(target in px(0..8), source in px(0..8), opacity in byte(), mode in 0..BlendMode::ALL.len()) {
        let mode = BlendMode::ALL[mode];
        let len = target.len().min(source.len());
        let (target, source) = (&target[..len], &source[..len]);
        let onto = |kernels: Kernels| {
            let mut out = target.to_vec();
            kernels.onto(mode, &mut out, source, opacity);
            out
        };
        same(onto)?;
        let mut masked = target.to_vec();
        Kernels::SCALAR.onto_masked(mode, &mut masked, source, &vec![255; len / 4], opacity);
        prop_assert_eq!(masked, onto(Kernels::SCALAR));
    }

    #[test]
    fn cutting(target in px(0..8), matte in px(0..8), luma in any::<bool>(), invert in any::<bool>()) {
        let len = target.len().min(matte.len());
        let (target, matte) = (&target[..len], &matte[..len]);
        let kind = Matte { luma, invert };
        let cut = |kernels: Kernels| {
            let mut out = target.to_vec();
            kernels.cut(kind, &mut out, matte);
            out
        };
        same(cut)?;
        for ((got, t), m) in cut(Kernels::SCALAR).chunks(4).zip(target.chunks(4)).zip(matte.chunks(4)) {
            let [r, g, b, a] = [0, 1, 2, 3].map(|i| f64::from(m[i]) / 255.0);
            let shows = if luma { 0.2126 * r + 0.7152 * g + 0.0722 * b } else { a };
            let by = if invert { 1.0 - shows } else { shows };
            for (got, t) in got.iter().zip(t) {
                // The value is rounded, and what it makes.
                prop_assert!((f64::from(*got) - f64::from(*t) * by).abs() <= 1.01);
            }
        }
    }

    /// As one after the other.
    #[test]
    fn cutting_and_blending(target in px(0..40), source in px(0..40), matte in px(0..40), sharp in any::<bool>()) {
        let len = target.len().min(source.len()).min(matte.len());
        let (target, source) = (&target[..len], &source[..len]);
        // What is all or nothing takes other ways.
        let step = |v: &u8| if sharp { if *v < 128 { 0 } else { 255 } } else { *v };
        let matte: Vec<u8> = matte[..len].iter().map(step).collect();
        let at_once = |kernels: Kernels| {
            let mut out = target.to_vec();
            kernels.over_cut(&mut out, source, &matte);
            out
        };
        same(at_once)?;
        let mut cut = source.to_vec();
        Kernels::SCALAR.cut(Matte::default(), &mut cut, &matte);
        let mut out = target.to_vec();
        Kernels::SCALAR.over(&mut out, &cut);
        prop_assert_eq!(at_once(Kernels::SCALAR), out);
    }

    #[test]
    fn conversion(top in px(1..8), bottom in px(1..8), skip in 0..4usize) {
        let len = top.len().min(bottom.len());
        let from = (skip * 4).min(len - 4);
        same(|kernels| converted([&top[from..len], &bottom[from..len]], kernels))?;
    }

    #[test]
    fn shifting(top in px(1..8), bottom in px(1..8), x in 0..=256u16, y in 0..=256u16) {
        let len = top.len().min(bottom.len());
        same(|kernels| {
            let mut out = vec![0; len - 4];
            kernels.shifted(&mut out, [&top[..len], &bottom[..len]], [x, y]);
            out
        })?;
    }

    #[test]
    fn sampling(
        surface in px(40..60),
        width in 1..40usize,
        position in [-50.0..80.0f64, -20.0..40.0],
        step in [-3.0..3.0f64, -3.0..3.0],
        small in any::<bool>(),
        level in any::<bool>(),
        count in 1..150usize,
    ) {
        let height = surface.len() / 4 / width;
        #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
        let fixed = |v: f64| (v * (1i64 << 32) as f64) as i64;
        let [x, y] = step.map(|v| fixed(if small { v / 8.0 } else { v }));
        let step = if level { [x.abs(), 0] } else { [x, y] };
        same(|kernels| {
            let mut out = vec![0; count * 4];
            kernels.bilinear(&mut out, &surface[..width * height * 4], [width, height], position.map(fixed), step);
            out
        })?;
    }

    /// Inside, across every edge and far outside; near and far, and running away to the back.
    #[test]
    fn perspective(
        surface in px(40..60),
        width in 2..40usize,
        base in [-60..60i32, -20..30],
        at in [0.0..256.0f32, 0.0..900.0],
        step in [-800.0..800.0f32, -300.0..300.0],
        widens in -0.06..4.0f32,
    ) {
        let height = surface.len() / 4 / width;
        let size = [width, height];
        prop_assume!(has_stretches(size));
        let stretch = |number, base| Stretch { number, base, at, step, widens };
        let all = [stretch(2, base), stretch(0, [0, 0]), stretch(1, [1 << 20, -(1 << 20)])];
        same(|kernels| {
            let mut out = vec![7; 4 * STRETCH_PX * 4];
            kernels.stretches(&mut out, &surface[..width * height * 4], size, &all);
            out
        })?;
    }
}

/// A stretch whose px lie on those of the surface gives them, the last ones too.
#[test]
fn a_stretch_at_whole_px_copies_them() {
    let surface: Vec<u8> = (0..18 * 3 * 4u8).map(|v| v.wrapping_mul(37)).collect();
    for kernels in Kernels::all() {
        for (x, y) in [(0, 0), (2, 1), (2, 2)] {
            let stretch = Stretch {
                number: 0,
                base: [x, y],
                at: [0.0; 2],
                step: [256.0, 0.0],
                widens: 0.0,
            };
            let mut out = vec![0; STRETCH_PX * 4];
            kernels.stretches(&mut out, &surface, [18, 3], &[stretch]);
            let from = usize::try_from(y * 18 + x).unwrap() * 4;
            assert_eq!(out, surface[from..][..STRETCH_PX * 4], "{}", kernels.name());
        }
    }
}

#[test]
fn sampling_rows_of_a_scaled_picture() {
    // Wide enough that stretches lie inside, and ends at both edges too.
    let (width, height) = (331, 5);
    let surface: Vec<u8> = (0..width * height * 4usize)
        .map(|i| (i * i / 7 + i * 31).to_le_bytes()[0])
        .collect();
    for step in [
        1,
        1 << 30,
        (1 << 32) - 12_345,
        1 << 32,
        5 << 30,
        2 << 32,
        (2 << 32) + 1,
    ] {
        for count in [1, 3, 15, 16, 17, 63, 64, 127, 128, 129, 160] {
            for from in [-2i64 << 32, 0, (1 << 31) + 77, 10 << 32, (320i64 << 32) + 9] {
                let position = [from, (1 << 32) + (from >> 3).rem_euclid(3 << 32)];
                same(|kernels| {
                    let mut out = vec![0; count * 4];
                    kernels.bilinear(&mut out, &surface, [width, height], position, [step, 0]);
                    out
                })
                .unwrap_or_else(|fault| panic!("{count} px from {from} by {step}: {fault}"));
            }
        }
    }
}

#[test]
fn conversion_truth_is_what_a_row_of_one_color_gives() {
    // A row of its own: the vectors' remainder is the plain loop, which this covers for every length.
    for px in 3..70 {
        let row = [200, 100, 50, 255].repeat(px);
        for kernels in Kernels::all() {
            let out = converted([&row, &row], kernels);
            let n = (px - 1) & !1;
            let [y, cb, cr] = one_color([200, 100, 50]);
            assert!(out[..2 * n].iter().all(|&v| v == y), "{}", kernels.name());
            assert!(out[2 * n..2 * n + n / 2].iter().all(|&v| v == cb));
            assert!(out[2 * n + n / 2..].iter().all(|&v| v == cr));
        }
    }
}
