//! Small scenes as reference pictures, `tests/golden/*.png`.

use crate::build::{
    Shelf, color, golden_with_text, group, has_reference_font, id, image, inside, layer, ms,
    picture, png, rect, rgba, scene, scene_of, stage, stage_with, style, text,
};
use media::BlendMode;
use scene::{
    Align, AtEnd, Countdown, CountdownFormat, CountdownTo, Effect, EffectKind, FillRule, Fit,
    Gradient, Layer, Paint, Shape, ShapeForm, Source, Stroke, Svg, Ticker, Transform,
};

/// All is integer arithmetic or `libm`: the same picture everywhere.
const EXACT: u8 = 0;

fn gradient(angle_deg: f64, from: u32, to: u32) -> Gradient {
    Gradient::linear(angle_deg, vec![(0.0, rgba(from)), (1.0, rgba(to))])
}

fn shadow(dx_px: f64, dy_px: f64, sigma_px: f64) -> Vec<Effect> {
    vec![Effect {
        id: id("shadow"),
        enabled: true,
        kind: EffectKind::DropShadow {
            dx_px,
            dy_px,
            sigma_px,
            color: rgba(0x0000_00a0),
        },
    }]
}

/// A sky that fades from top to bottom; a rounded card with a stroke casts a soft shadow down; an ellipse fades from
/// left to right and lies over the card's corner.
#[test]
fn shapes() {
    let card = Source::Shape(Shape {
        form: ShapeForm::Rect {
            radii_px: [10.0, 10.0, 2.0, 2.0],
        },
        fill_rule: FillRule::NonZero,
        fill: Some(Paint::Color(rgba(0xf4f1_e8ff))),
        stroke: Some(Stroke::new(Paint::Color(rgba(0xc060_20ff)), 3.0)),
    });
    let eye = Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: FillRule::NonZero,
        fill: Some(Paint::Gradient(gradient(0.0, 0xff20_60ff, 0x20c0_ffff))),
        stroke: None,
    });
    let scene = scene(vec![
        layer(
            "sky",
            [0.0, 0.0],
            [128.0, 72.0],
            Source::Gradient(gradient(90.0, 0x2040_80ff, 0xd0e0_ffff)),
        ),
        Layer {
            effects: shadow(0.0, 4.0, 3.0),
            ..layer("card", [16.0, 12.0], [64.0, 40.0], card)
        },
        layer("eye", [60.0, 30.0], [50.0, 30.0], eye),
    ]);
    testkit::golden!("shapes", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// Two overlapping squares in a group at half opacity show no seam where they overlap; the outer group is turned by
/// 20 degrees about its middle, the inner one cuts its children to a rounded box.
#[test]
fn groups() {
    let outer = Layer {
        transform: Transform {
            anchor_x: 0.5,
            anchor_y: 0.5,
            rotation_deg: 20.0,
            ..group("outer", [64.0, 36.0], [80.0, 50.0]).transform
        },
        ..group("outer", [64.0, 36.0], [80.0, 50.0])
    };
    let inner = Layer {
        clip: Some([12.0; 4]),
        opacity: 0.5,
        ..inside("outer", group("inner", [10.0, 5.0], [60.0, 40.0]))
    };
    let square = |name: &str, x, fill| {
        inside(
            "inner",
            layer(
                name,
                [x, -10.0],
                [40.0, 40.0],
                rect(0.0, Paint::Color(rgba(fill))),
            ),
        )
    };
    let scene = scene(vec![
        outer,
        inner,
        square("left", -10.0, 0xff40_40ff),
        square("right", 20.0, 0x40ff_40ff),
    ]);
    testkit::golden!("groups", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// A group is composed by itself: what blends in it meets what is in the group, not what lies behind it.
#[test]
fn blending_ends_at_the_group() {
    let grey = |name: &str, at, size, hex| layer(name, at, size, color(hex));
    let black_by = |blend_mode| {
        vec![
            group("group", [0.0, 0.0], [128.0, 72.0]),
            inside("group", grey("half", [0.0, 0.0], [64.0, 72.0], 0x8080_80ff)),
            inside(
                "group",
                Layer {
                    blend_mode,
                    ..grey("all", [0.0, 0.0], [128.0, 72.0], 0x8080_80ff)
                },
            ),
        ]
    };
    let shown = picture(&mut stage(&scene(black_by(BlendMode::Multiply))), ms(0.0));
    // 128 * 128 / 255 where the group has something below, and the layer as it is where it has nothing.
    assert_eq!(shown.pixel(10, 10), [64, 64, 64, 255]);
    assert_eq!(shown.pixel(100, 10), [128, 128, 128, 255]);
}

/// Four tall boxes with a wide picture of four colours: contained, covering, filled, and in its own size, left to
/// right, each on a dark plate as large as its box.
#[test]
fn fits() {
    let art = png(24, 12, |x, y| match (x < 12, y < 6) {
        (true, true) => 0xff30_30ff,
        (false, true) => 0x30ff_30ff,
        (true, false) => 0x3030_ffff,
        (false, false) => 0xffff_30ff,
    });
    let layers = [Fit::Contain, Fit::Cover, Fit::Fill, Fit::None]
        .into_iter()
        .zip(0u8..)
        .flat_map(|(fit, i)| {
            let at = [4.0 + 31.0 * f64::from(i), 10.0];
            let size = [27.0, 50.0];
            [
                layer(
                    &format!("plate-{i}"),
                    at,
                    size,
                    rect(0.0, Paint::Color(rgba(0x0000_00ff))),
                ),
                layer(&format!("art-{i}"), at, size, image("art.png", fit)),
            ]
        });
    let scene = scene(layers.collect());
    testkit::golden!(
        "fits",
        &picture(
            &mut stage_with(&scene, Shelf::with(&[("art.png", &art)])),
            ms(0.0)
        ),
        EXACT
    );
}

/// A word whose baseline lies on a red line, next to one whose box begins there; below, one sentence wrapped to the
/// left, to the middle and to the right of equal boxes.
#[test]
fn words() {
    let line = |name: &str, y, h| {
        layer(
            name,
            [0.0, y],
            [256.0, h],
            rect(0.0, Paint::Color(rgba(0xff00_00ff))),
        )
    };
    let mut on_baseline = text("Agj", 30.0);
    on_baseline.baseline = true;
    let mut layers = vec![
        line("line", 40.0, 1.0),
        layer("on", [8.0, 40.0], None, Source::Text(on_baseline)),
        layer("below", [90.0, 40.0], None, Source::Text(text("Agj", 30.0))),
    ];
    for (align, (name, x)) in [Align::Left, Align::Center, Align::Right].into_iter().zip([
        ("l", 4.0),
        ("c", 90.0),
        ("r", 176.0),
    ]) {
        let words = scene::Text {
            align,
            ..text("Seven lots to go", 13.0)
        };
        layers.push(layer(
            &format!("plate-{name}"),
            [x, 90.0],
            [76.0, 50.0],
            rect(4.0, Paint::Color(rgba(0x3050_70ff))),
        ));
        layers.push(layer(name, [x, 90.0], [76.0, 50.0], Source::Text(words)));
    }
    golden_with_text("words", &mut stage(&scene_of(256, 144, layers)), 0.0);
}

/// A line of news on a band: the end of the strip leaves to the left and its next beginning follows after a gap; nothing
/// leaves the window. A fifth of a second later all has moved left by 12 px.
#[test]
fn ticker() {
    let ticker = Ticker {
        text: "LOT 12 SOLD  +++  NEXT: SLOW TIDE".into(),
        style: style(18.0),
        speed_px_s: 60.0,
        gap_px: 36.0,
        baseline_px: Some(22.0),
    };
    let scene = scene_of(
        320,
        52,
        vec![
            layer("band", [0.0, 10.0], [320.0, 32.0], color(0xa01c_38ff)),
            layer("mark", [0.0, 10.0], [64.0, 32.0], color(0xf4f1_e8ff)),
            layer("live", [9.0, 16.0], None, {
                let mut words = text("LIVE", 18.0);
                words.style.color = rgba(0xa01c_38ff);
                Source::Text(words)
            }),
            layer("news", [72.0, 10.0], [240.0, 32.0], Source::Ticker(ticker)),
        ],
    );
    golden_with_text("ticker", &mut stage(&scene), 4000.0);
    if !has_reference_font() {
        return;
    }
    let mut stage = stage(&scene);
    let (before, after) = (
        picture(&mut stage, ms(4000.0)),
        picture(&mut stage, ms(4200.0)),
    );
    for y in 0..52 {
        for x in 72..300 {
            assert_eq!(after.pixel(x, y), before.pixel(x + 12, y), "{x}, {y}");
        }
    }
}

/// Ten minutes less 4.2 seconds, rounded up, in the format mm:ss.
#[test]
fn countdown() {
    let countdown = Countdown {
        counts: scene::Counts::Down,
        moment: CountdownTo::ShowMs(600_000.0),
        format: CountdownFormat::MmSs,
        at_end: AtEnd::Hold,
        style: style(36.0),
        align: Align::Left,
        baseline: false,
    };
    golden_with_text(
        "countdown",
        &mut stage(&scene(vec![layer(
            "left",
            [8.0, 12.0],
            None,
            Source::Countdown(countdown),
        )])),
        4200.0,
    );
}

/// One SVG three times, drawn as fine as it is placed: a card with the name and the price of a lot put in where it leaves
/// places for them, small and large; and stretched over a wide box.
#[test]
fn svg_with_values() {
    const CARD: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 64">
        <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#3b5bdb"/><stop offset="1" stop-color="#12183c"/></linearGradient></defs>
        <rect width="96" height="64" rx="10" fill="url(#sky)"/>
        <path d="M0 50 Q24 34 48 48 T96 40 V54 a10 10 0 0 1 -10 10 H10 a10 10 0 0 1 -10 -10 Z" fill="#ffd166" opacity=".85"/>
        <circle cx="76" cy="18" r="9" fill="none" stroke="#fff" stroke-width="2.5"/>
        <text x="8" y="22" font-family="DejaVu Sans" font-size="13" fill="#fff">{{name}}</text>
        <text x="8" y="58" font-family="DejaVu Sans" font-size="10" fill="#12183c">{{price}}</text>
    </svg>"##;
    let card = |name: &str, price: &str, fit| {
        Source::Svg(Svg {
            asset: "card.svg".into(),
            fit,
            params: vec![("name".into(), name.into()), ("price".into(), price.into())],
        })
    };
    let layers = vec![
        layer(
            "small",
            [8.0, 8.0],
            None,
            card("Lot 1", "2.1 ETH", Fit::Contain),
        ),
        layer(
            "wide",
            [8.0, 84.0],
            [96.0, 52.0],
            card("Wide", "0.4 ETH", Fit::Fill),
        ),
        layer(
            "large",
            [116.0, 8.0],
            [192.0, 128.0],
            card("Lot 7", "12.45 ETH", Fit::Contain),
        ),
    ];
    let shelf = Shelf::with(&[("card.svg", CARD.as_bytes())]);
    let mut stage = stage_with(&scene_of(320, 144, layers), shelf);
    golden_with_text("svg_with_values", &mut stage, 0.0);
}
