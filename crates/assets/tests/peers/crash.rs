//! A process that ends between two steps of a put leaves nothing that counts.

use crate::site::{BUCKET, PREFIX, Site, store, svg};
use assets::{AssetId, Kind};
use std::fs;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_into_a_folder_that_ends_after_any_step() {
    // What is where after so many steps: the blob and the description as temporary files or in place.
    let states: [(&str, &[&str], bool); 6] = [
        ("the upload is half there", &["tmp/x-0:half"], false),
        ("the upload is whole", &["tmp/x-0:blob"], false),
        (
            "the description is half there",
            &["tmp/x-0:blob", "tmp/x-1:half"],
            false,
        ),
        (
            "the description is in place",
            &["tmp/x-0:blob", "ID.json:json"],
            false,
        ),
        ("the blob is in place", &["ID:blob", "ID.json:json"], true),
        (
            "power failed and took the description",
            &["ID:blob", "ID.json:half"],
            true,
        ),
    ];
    let bytes = svg(300, 1);
    let id = AssetId::of(&bytes);
    let name = id.to_string();
    let json = {
        let site = Site::folder();
        store(&site.leader("one").await, &bytes).await.unwrap();
        let path = site.folder.path().join("assets").join(&name[..2]);
        fs::read(path.join(format!("{name}.json"))).unwrap()
    };
    for (what, files, is_there) in states {
        let site = Site::folder();
        let root = site.folder.path().join("assets");
        for file in files {
            let (path, content) = file.split_once(':').unwrap();
            let path = root.join(path.replace("ID", &format!("{}/{name}", &name[..2])));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let content = match content {
                "blob" => &bytes,
                "json" => &json,
                _ => &b"<svg"[..],
            };
            fs::write(path, content).unwrap();
        }
        // One that stands by, while the other one is dead; then it takes over.
        let two = site.process("two");
        assert_eq!(two.read(&id).await.is_ok(), is_there, "{what}");
        two.lead().unwrap();
        assert_eq!(two.list(None, 9).len(), usize::from(is_there), "{what}");
        // The same upload again.
        let asset = store(&two, &bytes).await.unwrap();
        assert_eq!(
            (asset.id, *two.read(&id).await.unwrap() == *bytes),
            (id, true),
            "{what}"
        );
        assert_eq!(
            site.process("three").find(&id).await.unwrap().bytes,
            300,
            "{what}"
        );
        // Files of the system have its time, which is far ahead of this world's.
        site.world.pass_ms(1 << 42);
        let three = site.leader("three").await;
        let left = root.join("tmp").read_dir().unwrap().count();
        assert_eq!((three.list(None, 9).len(), left), (1, 0), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_into_a_bucket_that_ends_after_any_step() {
    let mut site = Site::bucket();
    let (whole, half) = (svg(300, 1), svg(300, 2));
    let one = site.leader("one").await;
    let kept = store(&one, &whole).await.unwrap();
    // The object is there and its description is not.
    let id = AssetId::of(&half);
    let path = format!("/{BUCKET}/{PREFIX}/{id}");
    site.moto().put(&path, &half);
    // Not ours: no id, and an id that lies deeper.
    let foreign = [
        format!("/{BUCKET}/{PREFIX}/notes.txt"),
        format!("/{BUCKET}/{PREFIX}/deeper/{}", AssetId::of(b"x")),
    ];
    for path in &foreign {
        site.moto().put(path, b"mine");
    }
    for world_ms in [DAY_MS, 1 << 42] {
        site.world.pass_ms(world_ms);
        let two = site.process("two");
        assert_eq!(two.find(&id).await.unwrap_err().kind(), Kind::NotFound);
        let two = site.leader("two").await;
        assert_eq!(two.list(None, 9), std::slice::from_ref(&kept));
        let is_left = site.moto().has(&path);
        assert_eq!(is_left, world_ms == DAY_MS);
        assert!(foreign.iter().all(|path| site.moto().has(path)));
    }
    // An object with other bytes than its name says is not shown.
    let two = site.leader("two").await;
    store(&two, &half).await.unwrap();
    site.moto().put(&path, &svg(300, 3));
    let three = site.process("three");
    assert_eq!(three.read(&id).await.unwrap_err().kind(), Kind::NotFound);
    assert!(three.read(&kept.id).await.is_ok());
}
