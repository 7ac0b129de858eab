//! Whole documents as files: `accepted/NAME.json` is read and written back, `rejected/NAME.json` gives `NAME.faults`.
//!
//! After a change that is meant, `UPDATE_FAULTS=1` writes the `.faults` and `.written.json` files anew: read the difference.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use scene::{FaultKind, Limits};
use std::path::{Path, PathBuf};
use wire::{ReadError, read_scene, write_scene};

/// The JSON files of one folder, without what was written from them.
fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder);
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut documents: Vec<_> = files
        .filter(|p| {
            p.extension().is_some_and(|e| e == "json")
                && !p.to_string_lossy().ends_with(".written.json")
        })
        .collect();
    documents.sort();
    assert!(!documents.is_empty());
    documents
}

fn check_text(expected: &Path, actual: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch for the person who runs the tests"
    )]
    if std::env::var("UPDATE_FAULTS").is_ok() {
        std::fs::write(expected, actual).unwrap();
    }
    let wanted = std::fs::read_to_string(expected).unwrap_or_default();
    assert_eq!(actual, wanted, "{}", expected.display());
}

#[test]
fn accepted_documents_are_written_back_complete() {
    for path in documents("accepted") {
        let name = path.display();
        let read = |json: &[u8]| {
            read_scene(json, &Limits::default(), &|_| true)
                .unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        let first = read(&std::fs::read(&path).unwrap());
        assert_eq!(first.missing, [], "{name}");
        let written = format!("{:#}\n", write_scene(&first.scene));
        let second = read(written.as_bytes());
        assert_eq!(second, first, "{name}");
        assert_eq!(
            format!("{:#}\n", write_scene(&second.scene)),
            written,
            "{name}"
        );
        check_text(&path.with_extension("written.json"), &written);
    }
}

#[test]
fn rejected_documents_name_every_fault() {
    for path in documents("rejected") {
        let json = std::fs::read(&path).unwrap();
        let Err(ReadError::Invalid(faults)) = read_scene(&json, &Limits::default(), &|asset| {
            !asset.starts_with("missing")
        }) else {
            panic!("{} was accepted or is no JSON", path.display());
        };
        let text: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        check_text(&path.with_extension("faults"), &text);
    }
}

/// Whatever has a name is written into logs, journals and answers with it.
#[test]
fn names_have_a_longest_length() {
    let layer = |source: &str| {
        format!(
            r#"{{ "id": "a", "kind": "overlay", "source": {source}, "transform": {{ "width_px": 9, "height_px": 9 }} }}"#
        )
    };
    for (pointer, layer) in [
        (
            "/layers/0/name",
            layer(r#"{ "type": "color", "color": "red" }, "name": "NAME""#),
        ),
        (
            "/layers/0/source/font",
            layer(r#"{ "type": "text", "text": "x", "font": "NAME" }"#),
        ),
        (
            "/layers/0/source/runs/0/font",
            layer(r#"{ "type": "text", "runs": [{ "text": "x", "font": "NAME" }] }"#),
        ),
        (
            "/layers/0/source/asset",
            layer(r#"{ "type": "image", "asset": "NAME" }"#),
        ),
        (
            "/layers/0/source/atlas",
            layer(r#"{ "type": "sprite", "asset": "x", "atlas": "NAME" }"#),
        ),
    ] {
        let read = |chars: usize| {
            let layer = layer.replace("NAME", &"ü".repeat(chars));
            let document = format!(
                r#"{{ "schema": 1, "canvas": {{ "width_px": 128, "height_px": 72 }}, "layers": [{layer}] }}"#
            );
            read_scene(document.as_bytes(), &Limits::default(), &|_| true)
        };
        assert!(read(1000).is_ok(), "{pointer}: {:?}", read(1000));
        let Err(ReadError::Invalid(faults)) = read(1001) else {
            panic!("{pointer} of 1001 characters was accepted");
        };
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [format!(
                "{pointer}: has 1001 characters; allowed are 0 to 1000"
            )]
        );
    }
}

#[test]
fn ten_faults_of_six_kinds_in_five_layers_give_ten_pointers() {
    let json = include_bytes!("data/rejected/ten_faults_of_six_kinds.json");
    let Err(ReadError::Invalid(faults)) = read_scene(json, &Limits::default(), &|_| false) else {
        panic!()
    };
    let pointers: Vec<_> = faults.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/layers/0/opacity",
            "/layers/0/blur",
            "/layers/0/source/asset",
            "/layers/1/parent",
            "/layers/1/z_index",
            "/layers/2/transform/scale_x",
            "/layers/2/transform/rotation",
            "/layers/3/id",
            "/layers/3/transform/x_px",
            "/layers/4/source/asset",
        ]
    );
}

#[test]
fn a_scene_that_only_misses_assets_is_read() {
    let json = include_bytes!("data/accepted/auction_example.json");
    let read = read_scene(json, &Limits::default(), &|_| false).unwrap();
    assert_eq!(read.scene.layers.len(), 4);
    let missing: Vec<_> = read
        .missing
        .iter()
        .map(|f| (f.pointer.as_str(), f.kind))
        .collect();
    assert_eq!(
        missing,
        [("/layers/0/source/asset", FaultKind::MissingAsset)]
    );
}

#[test]
fn what_is_not_json_is_a_syntax_error_with_its_place() {
    for (json, line, column) in [
        (&b"{\n  \"schema\": 1,\n}"[..], 3, 1),
        (b"", 1, 0),
        (b"{} {}", 1, 4),
        (b"{\"schema\": 1e999}", 1, 16),
        (b"{\"a\": \"\xff\"}", 1, 8),
    ] {
        let Err(ReadError::Syntax {
            line: l,
            column: c,
            detail,
        }) = read_scene(json, &Limits::default(), &|_| true)
        else {
            panic!()
        };
        assert_eq!((l, c), (line, column), "{detail}");
        assert!(!detail.contains("at line"), "{detail}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(
        read_scene(deep.as_bytes(), &Limits::default(), &|_| true),
        Err(ReadError::Syntax { .. })
    ));
}

#[test]
fn an_answer_ends_at_a_hundred_faults() {
    let layers = vec![r#"{"kind": "group", "x": 1, "y": 2}"#; 80].join(",");
    let json = format!(
        r#"{{"schema": 1, "canvas": {{"width_px": 1920, "height_px": 1080}}, "layers": [{layers}]}}"#
    );
    let Err(ReadError::Invalid(faults)) =
        read_scene(json.as_bytes(), &Limits::default(), &|_| true)
    else {
        panic!()
    };
    assert_eq!(faults.len(), wire::MAX_FAULTS);
    assert_eq!(faults[0].pointer, "/layers");
    assert_eq!(faults[1].pointer, "/layers/0/x");
    // One for the number of layers, two for each of them.
    assert_eq!(faults[99].detail, "and 62 more faults");
}
