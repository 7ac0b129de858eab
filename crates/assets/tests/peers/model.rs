//! Whatever is put, removed and handed over, all processes see what a map would hold.

use crate::site::{Site, lead, store, svg};
use assets::{AssetId, Kind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use tokio::runtime::Builder;

#[derive(Clone, Debug)]
enum Step {
    Put(u8),
    Remove(u8),
    Read(u8),
    HandOver,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let seed = 0..6_u8;
    let step = prop_oneof![
        3 => seed.clone().prop_map(Step::Put),
        2 => seed.clone().prop_map(Step::Remove),
        3 => seed.prop_map(Step::Read),
        1 => Just(Step::HandOver),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..20)
}

async fn carry_out(site: &Site, steps: &[Step]) {
    let id = |seed: u8| AssetId::of(&svg(100, seed));
    let mut model = BTreeSet::new();
    let mut leads = site.leader("one").await;
    let mut follows = site.process("two");
    for step in steps {
        match *step {
            Step::Put(seed) => {
                assert_eq!(store(&leads, &svg(100, seed)).await.unwrap().id, id(seed));
                model.insert(id(seed));
            }
            Step::Remove(seed) => {
                let removed = leads.remove(&id(seed)).await;
                assert_eq!(removed.is_ok(), model.remove(&id(seed)));
            }
            Step::Read(seed) => {
                let expected = model.contains(&id(seed)).then(|| svg(100, seed));
                let read = leads.read(&id(seed)).await;
                assert_eq!(read.as_ref().ok().map(|bytes| bytes.to_vec()), expected);
                assert!(read.is_ok() || read.is_err_and(|e| e.kind() == Kind::NotFound));
            }
            Step::HandOver => {
                leads.follow();
                std::mem::swap(&mut leads, &mut follows);
                lead(&leads).await.unwrap();
            }
            Step::Restart => {
                leads = site.leader("three").await;
            }
        }
        let listed: BTreeSet<_> = leads.list(None, 99).iter().map(|asset| asset.id).collect();
        assert_eq!(listed, model);
        assert_eq!(leads.used_bytes(), 100 * model.len() as u64);
    }
    // A process that was never there sees the same.
    let last = site.process("four");
    for seed in 0..6 {
        let there = last.find(&id(seed)).await.is_ok();
        assert_eq!(there, model.contains(&id(seed)));
    }
}

fn check(cases: u32, site: impl Fn() -> Site) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let checked = runner.run(&steps(), |steps| {
        runtime.block_on(carry_out(&site(), &steps));
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn a_folder_is_a_map() {
    check(100, Site::folder);
}

#[test]
fn a_bucket_is_a_map() {
    check(4, Site::bucket);
}
