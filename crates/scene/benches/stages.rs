//! `cargo bench -p scene`: what it takes to find out what is on screen.
#![forbid(unsafe_code)]

#[path = "../tests/crowd/mod.rs"]
mod crowd;

use scene::{Resolver, Scene};
use std::hint::black_box;
use testkit::StageTable;

fn main() {
    let mut table = StageTable::new("resolve");
    let rows: [(&str, Option<f64>, Scene); 4] = [
        ("50 layers, nothing moves", None, crowd::still()),
        (
            "50 layers, each moves in 10 properties",
            Some(0.2),
            crowd::moving(),
        ),
        ("1000 animations on 50 layers", Some(0.5), crowd::thousand()),
        ("1000 animations that are over", None, crowd::over()),
    ];
    for (what, target_ms, scene) in &rows {
        let mut resolver = Resolver::new(scene);
        let mut items = Vec::new();
        table.hot(what, *target_ms, |n| {
            resolver.resolve(crowd::frame(n), &mut crowd::OneSize, &mut items);
            black_box(&items);
        });
    }
    for (what, _, scene) in &rows {
        table.hot(&format!("made anew: {what}"), None, |_| {
            black_box(Resolver::new(scene));
        });
    }
}
