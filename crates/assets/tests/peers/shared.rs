//! What one process puts, another one has.

use crate::site::{Site, lead, store, svg};
use assets::{AssetId, Error, Kind, Limits};
use std::time::Duration;
use testkit::poll_until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_follows_another_and_takes_over() {
    for site in Site::all() {
        let (one, two) = (site.leader("one").await, site.process("two"));
        let mut put = Vec::new();
        for seed in 0..3 {
            put.push(store(&one, &svg(200, seed)).await.unwrap());
        }
        put.sort_by_key(|asset| asset.id);
        assert_eq!(one.list(None, 9), put);

        // Who follows knows what it has asked for, and changes nothing.
        assert!(two.list(None, 9).is_empty());
        let first = put[0].id;
        assert_eq!(two.get(&first).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(two.find(&first).await.unwrap(), put[0]);
        assert_eq!(two.get(&first).unwrap(), put[0]);
        assert_eq!(two.list(None, 9), put[..1]);
        for asset in &put {
            assert_eq!(
                *two.read(&asset.id).await.unwrap(),
                *one.read(&asset.id).await.unwrap()
            );
            assert!(two.read_at_hand(&asset.id).unwrap().is_some() && two.has(&asset.id));
        }
        assert!(matches!(two.begin().await.unwrap_err(), Error::Following));
        let refused = two.remove(&first).await.unwrap_err();
        assert!(matches!(refused, Error::Following), "{refused}");

        // What was not there a moment ago is asked for again, if not at once.
        let late = svg(200, 9);
        let id = AssetId::of(&late);
        assert_eq!(two.read(&id).await.unwrap_err().kind(), Kind::NotFound);
        store(&one, &late).await.unwrap();
        assert_eq!(two.read(&id).await.unwrap_err().kind(), Kind::NotFound);
        let runtime = tokio::runtime::Handle::current();
        let asked = tokio::task::spawn_blocking({
            let two = two.clone();
            move || {
                poll_until(Duration::from_secs(10), "a late asset", || {
                    runtime.block_on(two.read(&id)).ok()
                })
            }
        });
        assert_eq!(*asked.await.unwrap(), *late);

        // Roles change.
        one.follow();
        lead(&two).await.unwrap();
        assert!(matches!(one.begin().await.unwrap_err(), Error::Following));
        assert_eq!(two.list(None, 9).len(), 4);
        two.remove(&first).await.unwrap();
        let new = store(&two, &svg(200, 10)).await.unwrap();
        assert_eq!(*one.read(&new.id).await.unwrap(), *svg(200, 10));
        // And back: who led before learns what happened meanwhile.
        two.follow();
        lead(&one).await.unwrap();
        assert_eq!(one.list(None, 9).len(), 4);
        assert_eq!(one.get(&first).unwrap_err().kind(), Kind::NotFound);

        // Another machine, with nothing of its own.
        let three = site.leader("three").await;
        assert_eq!(three.list(None, 9), one.list(None, 9));
        assert_eq!(three.used_bytes(), 800);
        assert_eq!(*three.read(&new.id).await.unwrap(), *svg(200, 10));
        assert_eq!(three.fault(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leads_makes_room_and_use_is_known_after_a_change_of_roles() {
    for mut site in Site::all() {
        site.limits = Limits {
            quota_bytes: 5000,
            ..Limits::default()
        };
        site.world.pass_ms(1);
        let one = site.leader("one").await;
        let mut ids = Vec::new();
        for seed in 0..5 {
            ids.push(store(&one, &svg(1000, seed)).await.unwrap().id);
            site.world.pass_ms(1);
        }
        // Long enough for every store to hear of it.
        site.world.pass_ms(2 * 60 * 60 * 1000);
        one.touch(&ids[0]).await.unwrap();
        site.world.use_now(ids[1]);
        one.follow();
        let two = site.leader("two").await;
        store(&two, &svg(1000, 6)).await.unwrap();
        let there: Vec<bool> = ids.iter().map(|id| two.get(id).is_ok()).collect();
        assert_eq!(there, [true, true, false, true, true]);
        let three = site.leader("three").await;
        assert_eq!(three.list(None, 9), two.list(None, 9));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_come_through_and_copies_are_bounded() {
    let mut site = Site::bucket();
    site.cache_bytes = 2500;
    let one = site.leader("one").await;
    let wav = [&b"RIFF\0\0\0\0WAVE"[..], &vec![7; 33 << 20]].concat();
    let large = store(&one, &wav).await.unwrap();
    let two = site.process("two");
    let path = two.path(&large.id).await.unwrap();
    assert!(std::fs::read(path).unwrap() == wav);
    let copies = || {
        let cached = site.cache_of("two").read_dir().unwrap();
        cached
            .filter(|entry| entry.as_ref().unwrap().path().is_file())
            .count()
    };
    assert_eq!(copies(), 1);
    let mut ids = Vec::new();
    for seed in 0..4 {
        let id = store(&one, &svg(1000, seed)).await.unwrap().id;
        site.world.pass_ms(1000);
        two.read(&id).await.unwrap();
        ids.push(id);
    }
    assert_eq!(copies(), 2);
    let at_hand: Vec<bool> = ids
        .iter()
        .map(|id| two.read_at_hand(id).unwrap().is_some())
        .collect();
    assert_eq!(at_hand, [false, false, true, true]);
    // What went is fetched again.
    assert_eq!(*two.read(&ids[0]).await.unwrap(), *svg(1000, 0));
}
