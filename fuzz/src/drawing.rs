//! Drawings that the fuzzer makes up are painted, with an image of pixels and one that cannot be had: none panics, none has color above its alpha, and the same list gives the
//! same pixels.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scene::Limits;
use serde_json::{Value, json};
use sources::{Asset, Fonts, Painter, Request};

/// Operations that take numbers, and how many.
const NUMBERS: [(&str, usize); 29] = [
    ("lineWidth", 1),
    ("miterLimit", 1),
    ("lineDashOffset", 1),
    ("globalAlpha", 1),
    ("shadowBlur", 1),
    ("shadowOffsetX", 1),
    ("shadowOffsetY", 1),
    ("translate", 2),
    ("rotate", 1),
    ("scale", 2),
    ("transform", 6),
    ("setTransform", 6),
    ("moveTo", 2),
    ("lineTo", 2),
    ("quadraticCurveTo", 4),
    ("bezierCurveTo", 6),
    ("arc", 5),
    ("arcTo", 5),
    ("ellipse", 7),
    ("rect", 4),
    ("roundRect", 5),
    ("fillRect", 4),
    ("strokeRect", 4),
    ("clearRect", 4),
    ("fillRect", 4),
    ("lineTo", 2),
    ("arc", 5),
    ("letterSpacing", 1),
    ("wordSpacing", 1),
];
/// Others, as they are.
const WORDS: [&str; 30] = [
    r#"["save"]"#,
    r#"["restore"]"#,
    r#"["beginPath"]"#,
    r#"["closePath"]"#,
    r#"["fill"]"#,
    r#"["fill","evenodd"]"#,
    r#"["stroke"]"#,
    r#"["clip"]"#,
    r#"["clip","evenodd"]"#,
    r#"["resetTransform"]"#,
    r##"["fillStyle","#f00"]"##,
    r##"["fillStyle","#08f8"]"##,
    r##"["strokeStyle","#0f04"]"##,
    r##"["shadowColor","#000a"]"##,
    r#"["lineCap","round"]"#,
    r#"["lineCap","square"]"#,
    r#"["lineJoin","round"]"#,
    r#"["lineJoin","bevel"]"#,
    r#"["globalCompositeOperation","copy"]"#,
    r#"["globalCompositeOperation","source-in"]"#,
    r#"["globalCompositeOperation","xor"]"#,
    r#"["globalCompositeOperation","luminosity"]"#,
    r#"["globalCompositeOperation","source-over"]"#,
    r#"["imageSmoothingEnabled",false]"#,
    r#"["imageSmoothingQuality","high"]"#,
    r#"["fill","M0 0 L30 5 L10 40 Z"]"#,
    r#"["stroke","M5 5 C40 0 0 40 50 40"]"#,
    r#"["clip","M0 0 H50 V40 Z","evenodd"]"#,
    r#"["reset"]"#,
    r#"["direction","rtl"]"#,
];
/// Gradients, and how many numbers they take.
const GRADIENTS: [(&str, usize); 3] = [
    ("linearGradient", 4),
    ("radialGradient", 6),
    ("conicGradient", 3),
];

/// Mostly small, now and then at a limit.
fn number(bytes: &mut impl Iterator<Item = u8>) -> Option<f64> {
    let (kind, value) = (bytes.next()?, bytes.next()?);
    let v = f64::from(value) - 64.0;
    Some(match kind % 8 {
        0..=3 => v,
        4 => v / 64.0,
        5 => v.abs() / 100.0,
        6 => v * 7500.0,
        _ => v * 1e-7,
    })
}

fn operation(bytes: &mut impl Iterator<Item = u8>) -> Option<Value> {
    let which = usize::from(bytes.next()?);
    let mut numbers = |count: usize| (0..count).map(|_| number(bytes)).collect::<Option<Vec<_>>>();
    if let Some((name, count)) = NUMBERS.get(which) {
        let mut list = vec![json!(name)];
        list.extend(numbers(*count)?.into_iter().map(Value::from));
        return Some(list.into());
    }
    let which = which - NUMBERS.len();
    if let Some(words) = WORDS.get(which) {
        return serde_json::from_str(words).ok();
    }
    let which = which - WORDS.len();
    if which == 0 {
        return Some(json!(["setLineDash", numbers(2)?]));
    }
    let which = which - 1;
    if let Some(count) = [2, 4, 8].get(which) {
        let mut list = vec![json!("drawImage"), json!(if which == 0 { "gone" } else { "leaf" })];
        list.extend(numbers(*count)?.into_iter().map(Value::from));
        return Some(list.into());
    }
    let which = which - 3;
    if let Some(repetition) = ["repeat", "repeat-x", "repeat-y", "no-repeat"].get(which) {
        let transform = numbers(6)?;
        return Some(json!(["fillStyle", { "pattern": "leaf", "repetition": repetition, "transform": transform }]));
    }
    let (name, count) = GRADIENTS[(which - 4) % GRADIENTS.len()];
    Some(json!(["fillStyle", { name: numbers(count)?, "stops": [[0, "#f00"], [0.5, "#00f8"], [1, "#0f00"]] }]))
}

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.iter().copied();
    // What a reader refuses is left out, so that the rest is painted.
    let list: Vec<Value> = std::iter::from_fn(|| operation(&mut bytes)).take(200).collect();
    let document = |operations: &[Value]| {
        json!({
            "schema": 1, "canvas": { "width_px": 640, "height_px": 360 },
            "layers": [{ "kind": "overlay", "transform": { "width_px": 64, "height_px": 48 },
                         "source": { "type": "drawing", "operations": operations } }],
        })
        .to_string()
    };
    let read = |operations: &[Value]| {
        wire::read_scene(document(operations).as_bytes(), &Limits::default(), &|_| true)
    };
    let scene = match read(&list) {
        Ok(read) => read.scene,
        Err(_) => {
            let good: Vec<Value> = list
                .into_iter()
                .filter(|one| read(std::slice::from_ref(one)).is_ok())
                .collect();
            match read(&good) {
                Ok(read) => read.scene,
                Err(_) => return,
            }
        }
    };
    let mut leaf = media::Surface::new(13, 7);
    for (i, px) in (0_u8..).zip(leaf.data_mut().chunks_exact_mut(4)) {
        // Premultiplied: no color is above its alpha.
        px.copy_from_slice(&[i, i / 2, 0, i.saturating_mul(2)]);
    }
    let pictures = vec![("leaf".into(), Some(Asset::from_surface(leaf))), ("gone".into(), None)];
    let album = Asset::album(pictures).expect("few pixels");
    let request = Request {
        source: scene.layers[0].source.as_ref().expect("a layer with a drawing"),
        content: None,
        width_px: Some(64.0),
        height_px: Some(48.0),
        effects: &[],
        scale: 1.0,
        hint: true,
        asset: Some(&album),
    };
    let mut painter = Painter::new(Fonts::new([] as [Vec<u8>; 0]));
    let Ok(raster) = painter.paint(&request) else {
        return;
    };
    for px in raster.surface.data().chunks_exact(4) {
        assert!(px[..3].iter().all(|v| *v <= px[3]), "{px:?}");
    }
    let again = painter.paint(&request).expect("what was painted can be painted");
    assert_eq!(again.surface.data(), raster.surface.data());
});
