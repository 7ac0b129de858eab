//! Taking in, finding again, throwing away.

use crate::files::{Shelf, encoded, gif, open, png, store, svg};
use crate::world::World;
use assets::{AssetId, Error, Format, Kind, Limits};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Builder;

#[tokio::test]
async fn the_same_bytes_are_one_asset_whatever_they_are_called() {
    let shelf = Shelf::new("same", Limits::default());
    let bytes = png(4, 3, 1);
    let (first, is_new) = shelf.store(&bytes, "../x/logo.exe").await.unwrap();
    assert!(is_new);
    assert_eq!(first.id, AssetId::of(&bytes));
    assert_eq!(
        (first.format, first.name.as_deref()),
        (Format::Png, Some("logo.exe"))
    );
    assert_eq!(
        (first.width_px, first.height_px, first.frames, first.bytes),
        (Some(4), Some(3), Some(1), bytes.len() as u64)
    );
    let (second, is_new) = shelf.store(&bytes, "other.jpg").await.unwrap();
    assert!(!is_new);
    assert_eq!(second.name, first.name);
    assert_eq!(shelf.library.used_bytes(), bytes.len() as u64);
    assert_eq!(*shelf.library.read(&first.id).await.unwrap(), *bytes);
    assert_eq!(
        fs::read(shelf.library.path(&first.id).await.unwrap()).unwrap(),
        bytes
    );
    assert_eq!(shelf.leftovers(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_of_one_content_at_the_same_time_make_one_asset() {
    let shelf = Shelf::new("concurrent", Limits::default());
    let bytes: Arc<[u8]> = png(200, 200, 2).into();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (library, bytes) = (shelf.library.clone(), Arc::clone(&bytes));
            tokio::spawn(async move {
                let mut upload = library.begin().await.unwrap();
                for piece in bytes.chunks(1000) {
                    upload.write(piece).await.unwrap();
                }
                upload.finish(None).await.unwrap().1
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += usize::from(task.await.unwrap());
    }
    assert_eq!((new, shelf.library.list(None, 10).len()), (1, 1));
    assert_eq!(shelf.library.used_bytes(), bytes.len() as u64);
    assert_eq!(shelf.leftovers(), 0);
}

#[tokio::test]
async fn what_is_too_long_fails_while_it_comes() {
    let limits = Limits {
        picture_bytes: 5000,
        streamed_bytes: 20_000,
        quota_bytes: 30_000,
    };
    let shelf = Shelf::new("long", limits);
    let mut upload = shelf.library.begin().await.unwrap();
    upload.write(&svg(6000, 0)[..4096]).await.unwrap();
    let error = upload.write(&[b'a'; 905]).await.unwrap_err();
    assert!(
        matches!(error, Error::TooManyBytes { allowed: 5000, .. }),
        "{error}"
    );
    drop(upload);
    // The first bytes decide, so rubbish does not fill the disk until its end.
    let mut upload = shelf.library.begin().await.unwrap();
    let error = upload.write(&[7; 4096]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UnsupportedType);
    drop(upload);
    let wav = |len: usize| [&b"RIFF\0\0\0\0WAVE"[..], &vec![0; len - 12]].concat();
    assert!(shelf.store(&wav(20_000), "a.wav").await.is_ok());
    let error = shelf.store(&wav(20_001), "a.wav").await.unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge, "{error}");
    // Two that are not finished may not take more than the quota either.
    let mut one = shelf.library.begin().await.unwrap();
    let mut two = shelf.library.begin().await.unwrap();
    one.write(&wav(16_000)).await.unwrap();
    let error = two.write(&wav(16_000)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Quota, "{error}");
    drop(one);
    drop(two);
    let mut two = shelf.library.begin().await.unwrap();
    two.write(&wav(16_000)).await.unwrap();
    drop(two);
    assert_eq!(shelf.leftovers(), 0);
}

#[tokio::test]
async fn room_is_made_by_what_was_not_used_longest_and_nobody_uses() {
    let limits = Limits {
        quota_bytes: 5000,
        ..Limits::default()
    };
    let shelf = Shelf::new("quota", limits);
    let mut ids = Vec::new();
    for seed in 0..5 {
        shelf.world.pass_ms(10);
        let (asset, _) = shelf.store(&svg(1000, seed), "x").await.unwrap();
        ids.push(asset.id);
    }
    let there = |shelf: &Shelf| -> Vec<bool> {
        ids.iter()
            .map(|id| shelf.library.get(id).is_ok() && shelf.path(id).exists())
            .collect()
    };
    // The oldest is in use and the next one was just looked at, so the third goes.
    shelf.world.pass_ms(10);
    shelf.world.use_now(ids[0]);
    shelf.library.touch(&ids[1]).await.unwrap();
    shelf.world.pass_ms(10);
    let (new, _) = shelf.store(&svg(1000, 5), "x").await.unwrap();
    assert_eq!(there(&shelf), [true, true, false, true, true]);
    // Two more must go for twice the size, in the order of their use.
    shelf.world.pass_ms(10);
    shelf.store(&svg(2000, 6), "x").await.unwrap();
    assert_eq!(there(&shelf), [true, true, false, false, false]);
    // All but 1000 bytes are in use: nothing goes for what would not fit anyway.
    for asset in shelf.library.list(None, 10) {
        if asset.id != ids[1] {
            shelf.world.use_now(asset.id);
        }
    }
    let error = shelf.store(&svg(1001, 7), "x").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Quota {
                needed: 1001,
                used: 5000,
                in_use: 4000,
                allowed: 5000
            }
        ),
        "{error}"
    );
    assert_eq!(there(&shelf), [true, true, false, false, false]);
    assert!(shelf.store(&svg(1000, 8), "x").await.is_ok());
    assert!(shelf.library.get(&new.id).is_ok() && shelf.library.get(&ids[1]).is_err());
    assert_eq!((shelf.library.used_bytes(), shelf.leftovers()), (5000, 0));
}

#[tokio::test]
async fn what_may_be_wanted_again_makes_no_room_and_can_be_removed() {
    let limits = Limits {
        quota_bytes: 5000,
        ..Limits::default()
    };
    let shelf = Shelf::new("again", limits);
    let (old, _) = shelf.store(&svg(2000, 0), "x").await.unwrap();
    shelf.world.pass_ms(10);
    let (new, _) = shelf.store(&svg(2000, 1), "x").await.unwrap();
    shelf.world.wanted_again.lock().unwrap().insert(old.id);
    shelf.store(&svg(2000, 2), "x").await.unwrap();
    assert!(shelf.library.get(&old.id).is_ok() && shelf.library.get(&new.id).is_err());
    shelf.library.remove(&old.id).await.unwrap();
    assert!(shelf.library.get(&old.id).is_err());
}

#[tokio::test]
async fn assets_are_listed_in_order_and_removed_unless_in_use() {
    let shelf = Shelf::new("list", Limits::default());
    let mut ids = Vec::new();
    for seed in 0..7 {
        ids.push(shelf.store(&svg(200, seed), "x").await.unwrap().0.id);
    }
    ids.sort();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = shelf.library.list(after.as_ref(), 3);
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|asset| asset.id));
    }
    assert_eq!(seen, ids);
    shelf.world.use_now(ids[0]);
    let error = shelf.library.remove(&ids[0]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InUse);
    shelf.library.remove(&ids[1]).await.unwrap();
    assert!(!shelf.path(&ids[1]).exists());
    assert!(!shelf.path(&ids[1]).with_extension("json").exists());
    for error in [
        shelf.library.remove(&ids[1]).await.unwrap_err(),
        shelf.library.read(&ids[1]).await.unwrap_err(),
        shelf.library.thumbnail(&ids[1], 8).await.unwrap_err(),
        shelf.library.touch(&ids[1]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::NotFound);
    }
    assert_eq!(shelf.library.used_bytes(), 1200);
}

#[tokio::test]
async fn a_new_process_finds_everything_again_and_mends_what_is_broken() {
    let shelf = Shelf::new("reopen", Limits::default());
    shelf.world.pass_ms(1000);
    let (kept, _) = shelf.store(&png(5, 6, 3), "a.png").await.unwrap();
    let (mended, _) = shelf.store(&gif(3), "b.gif").await.unwrap();
    let (orphan, _) = shelf.store(&svg(300, 1), "c.svg").await.unwrap();
    let (torn, _) = shelf.store(&svg(300, 2), "d.svg").await.unwrap();
    // A use is written down once a minute.
    shelf.world.pass_ms(59_999);
    shelf.library.touch(&kept.id).await.unwrap();
    let json =
        |shelf: &Shelf, id| fs::read_to_string(shelf.path(id).with_extension("json")).unwrap();
    assert!(json(&shelf, &kept.id).contains("\"last_used_unix_ms\":1000"));
    shelf.world.pass_ms(1);
    shelf.library.touch(&kept.id).await.unwrap();
    assert!(json(&shelf, &kept.id).contains("\"last_used_unix_ms\":61000"));
    let kept = shelf.library.get(&kept.id).unwrap();

    let root = shelf.folder.path();
    fs::write(shelf.path(&mended.id).with_extension("json"), "{\"name\":").unwrap();
    fs::remove_file(shelf.path(&orphan.id)).unwrap();
    fs::write(shelf.path(&torn.id), "<svg>").unwrap();
    fs::write(root.join("tmp/7"), "half a picture").unwrap();
    fs::write(root.join("tmp/8"), "half a picture of today").unwrap();
    fs::create_dir_all(root.join("tmp/folder")).unwrap();
    shelf.world.pass_ms(2 * DAY_MS);
    for (name, ms) in [("7", 1), ("folder", 1), ("8", DAY_MS + 1000)] {
        let written = SystemTime::UNIX_EPOCH + Duration::from_millis(61_000 + ms);
        let file = fs::File::open(root.join("tmp").join(name)).unwrap();
        file.set_modified(written).unwrap();
    }
    fs::write(root.join("README"), "mine").unwrap();
    fs::create_dir_all(root.join("zz/deep")).unwrap();
    fs::write(root.join("zz/notes.txt"), "mine").unwrap();
    fs::write(root.join("zz").join("0".repeat(64)), "misplaced").unwrap();
    let shelf = shelf.reopen();

    let ids: Vec<_> = shelf.library.list(None, 9).iter().map(|a| a.id).collect();
    let mut expected = [kept.id, mended.id];
    expected.sort();
    assert_eq!(ids, expected);
    assert_eq!(shelf.library.get(&kept.id).unwrap(), kept);
    let made_anew = shelf.library.get(&mended.id).unwrap();
    assert_eq!(
        (made_anew.format, made_anew.frames, made_anew.name),
        (Format::Gif, Some(3), None)
    );
    assert!(json(&shelf, &mended.id).contains("image/gif"));
    assert!(!shelf.path(&orphan.id).with_extension("json").exists());
    // Another process may be about to complete what is not a day old.
    assert_eq!(shelf.leftovers(), 1);
    assert!(shelf.folder.path().join("tmp/8").exists());
    assert!(shelf.folder.path().join("zz/notes.txt").exists());
    // What was torn is no asset, and is replaced when it comes again.
    let (again, is_new) = shelf.store(&svg(300, 2), "d.svg").await.unwrap();
    assert!(is_new && again.id == torn.id);
    assert_eq!(shelf.library.read(&torn.id).await.unwrap().len(), 300);
}

#[test]
fn limits_have_ranges() {
    let world = Arc::new(World::default());
    for (picture_bytes, streamed_bytes, quota_bytes) in [
        (4095, 4096, 4096),
        (4096, 0, 4096),
        (4096, 4096, 4095),
        ((64 << 20) + 1, 4096, 4096),
        (4096, (2 << 30) + 1, 4096),
    ] {
        let limits = Limits {
            picture_bytes,
            streamed_bytes,
            quota_bytes,
        };
        let error = open(Path::new("/proc/none"), limits, &world).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{error}");
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

const CHILD_FOLDER: &str = "ASSETS_TEST_CHILD_FOLDER";

#[test]
fn what_a_killed_process_left_is_nobodys_asset_and_goes_after_a_day() {
    let shelf = Shelf::new("killed", Limits::default());
    let Shelf {
        library,
        world,
        folder,
    } = shelf;
    drop(library);
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "library::dies_in_mid_upload_when_told_a_folder"])
        .env(CHILD_FOLDER, folder.path())
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    let left: Vec<_> = folder.path().join("tmp").read_dir().unwrap().collect();
    let [Ok(left)] = &left[..] else {
        panic!("{left:?}")
    };
    let file = fs::File::open(left.path()).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    for (ms, leftovers) in [(DAY_MS, 1), (1, 0)] {
        world.pass_ms(ms);
        let library = open(folder.path(), Limits::default(), &world).unwrap();
        let now = folder.path().join("tmp").read_dir().unwrap().count();
        assert_eq!((library.list(None, 9).len(), now), (1, leftovers));
    }
}

/// The other process of the test above; does nothing when it is run as a test.
#[test]
fn dies_in_mid_upload_when_told_a_folder() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let world = Arc::new(World::default());
        let library = open(Path::new(&folder), Limits::default(), &world).unwrap();
        store(&library, &svg(100, 0), "kept").await.unwrap();
        let mut upload = library.begin().await.unwrap();
        upload.write(&png(100, 100, 0)[..5000]).await.unwrap();
        std::process::abort();
    });
}

#[tokio::test]
async fn thumbnails_are_small_pngs_of_the_first_frame() {
    let shelf = Shelf::new("thumbnails", Limits::default());
    let wide = "-i color=red:s=600x300:d=0.2:r=10";
    for (bytes, width_px, expected) in [
        (encoded("png", &format!("{wide} -frames:v 1")), 300, (300, 150)),
        (encoded("jpg", &format!("{wide} -frames:v 1")), 512, (512, 256)),
        (encoded("gif", wide), 100, (100, 50)),
        (encoded("webp", wide), 100, (100, 50)),
        (encoded("webp", &format!("{wide} -frames:v 1 -lossless 1")), 1, (1, 1)),
        (encoded("apng", wide), 512, (512, 256)),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'><rect width='20' height='10' fill='red'/></svg>".to_vec(),
            512,
            (20, 10),
        ),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' width='2' height='20000'><rect width='2' height='20000' fill='red'/></svg>".to_vec(),
            50,
            (1, 100),
        ),
    ] {
        let (asset, _) = shelf.store(&bytes, "x").await.unwrap();
        let png = shelf.library.thumbnail(&asset.id, width_px).await.unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), expected, "{}", asset.format.name());
        let [r, g, b, a] = pixels[..4] else { panic!() };
        assert!(
            r > 245 && g < 10 && b < 10 && a == 255,
            "{} {:?}",
            asset.format.name(),
            &pixels[..4]
        );
        assert_eq!(png, shelf.library.thumbnail(&asset.id, width_px).await.unwrap());
        for wrong in [0, 513] {
            let error = shelf.library.thumbnail(&asset.id, wrong).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
        }
    }
    let wav = encoded("wav", "-i sine=d=0.1");
    let (asset, _) = shelf.store(&wav, "x").await.unwrap();
    for error in [
        shelf.library.thumbnail(&asset.id, 8).await.unwrap_err(),
        shelf.library.read(&asset.id).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::UnsupportedType);
    }
}

/// Rubbish behind every beginning that is known, and real files with some bytes changed.
fn byte_soup() -> impl Strategy<Value = Vec<u8>> {
    let heads: Vec<Vec<u8>> = [
        &b""[..],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\x06\0\0\0",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xc0\0\x11\x08\0\x02\0\x02\x03",
        b"GIF89a\x02\0\x02\0\x80",
        b"RIFF\x40\0\0\0WEBPVP8X",
        b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp41",
        b"<svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'><path d='",
        b"{\"w\":1,\"h\":1,\"ip\":0,\"op\":",
        b"\0\x01\0\0\0\x02",
        b"OTTO\0\x01",
        b"wOF2",
        b"\x1a\x45\xdf\xa3\x42\x82\x84webm",
        b"ID3\x03\0\0",
    ]
    .into_iter()
    .map(<[u8]>::to_vec)
    .collect();
    let soup = (
        prop::sample::select(heads),
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(head, tail)| [head, tail].concat());
    let whole = prop::sample::select(vec![png(9, 9, 1), gif(4), svg(150, 1)]);
    let changed = (
        whole,
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    )
        .prop_map(|(mut bytes, changes)| {
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            bytes
        });
    prop_oneof![soup, changed]
}

proptest! {
    #[test]
    fn no_bytes_panic_or_leave_anything_behind(bytes in byte_soup()) {
        let shelf = Shelf::new("soup", Limits::default());
        let runtime = Builder::new_current_thread().build().unwrap();
        let result = runtime.block_on(async {
            let result = shelf.store(&bytes, "x").await;
            if let Ok((asset, _)) = &result && asset.format.has_thumbnail() {
                // May fail, for only the first bytes of a GIF's frames were looked at.
                let _ = shelf.library.thumbnail(&asset.id, 16).await;
            }
            result
        });
        prop_assert_eq!(shelf.leftovers(), 0);
        match result {
            Ok((asset, _)) => prop_assert_eq!(asset.id, AssetId::of(&bytes)),
            Err(error) => {
                prop_assert!(matches!(error.kind(), Kind::Broken | Kind::UnsupportedType | Kind::TooLarge), "{}", error);
                prop_assert!(!error.to_string().contains("gave up"), "{}", error);
            }
        }
    }
}
