//! Another process, with an empty data folder, has the assets of the one before it.

use crate::client::Connection;
use crate::studio::Studio;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use testkit::{Moto, TempFolder, poll_until, read_png};

const SIZE: [(&str, &str); 2] = [("STREAM_RESOLUTION", "320x180"), ("SHOW", "none")];
const RED: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='320' height='180'><rect width='320' height='180' fill='red'/></svg>";
const BLUE: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='320' height='180'><rect width='320' height='180' fill='blue'/></svg>";

/// The environment for a bucket of this server.
fn bucket(moto: &Moto) -> Vec<(String, String)> {
    [
        ("ASSET_STORE", "s3://pictures/main"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "live_secret"),
        ("AWS_ENDPOINT_URL", &moto.url()),
        ("AWS_ALLOW_HTTP", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn serve(store: &[(String, String)], data: Option<&Path>) -> Studio {
    let data = data.map(|data| ("DATA_DIR", data.to_str().expect("a path of ours is text")));
    let store = store.iter().map(|(name, value)| (&**name, &**value));
    let env: Vec<(&str, &str)> = SIZE.into_iter().chain(store).chain(data).collect();
    Studio::serve(&env)
}

fn upload(studio: &Studio, bytes: &[u8]) -> (u16, Value) {
    let answer = Connection::open(studio).upload("picture.svg", bytes);
    (answer.status, answer.json())
}

/// Has one layer show this asset over the whole canvas.
fn show(studio: &Studio, id: &str) {
    let scene = json!({
        "schema": 1,
        "canvas": { "width_px": 320, "height_px": 180, "background": "#000000" },
        "layers": [{
            "id": "picture", "kind": "overlay",
            "transform": { "width_px": 320, "height_px": 180 },
            "source": { "type": "svg", "asset": id, "fit": "fill" },
        }],
    });
    let answer = studio.ask(
        "PUT",
        "/api/v1/scene?durability=sync",
        scene.to_string().as_bytes(),
    );
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// The middle of the programme.
fn color(studio: &Studio) -> [u8; 3] {
    let folder = TempFolder::new("color");
    let path = folder.path().join("frame.png");
    fs::write(&path, studio.get("/api/v1/frame.png").body).expect("the folder is there");
    let frame = read_png(&path).expect("a still is a PNG");
    let at = (90 * 320 + 160) * 4;
    let px = &frame.data()[at..at + 3];
    [px[0], px[1], px[2]]
}

fn wait_for_color(studio: &Studio, expected: [u8; 3]) {
    poll_until(Duration::from_secs(30), "the picture", || {
        (color(studio) == expected).then_some(())
    });
}

#[test]
fn a_process_that_takes_over_with_an_empty_data_folder_shows_every_asset() {
    let shared = TempFolder::new("shared");
    let moto = Moto::start();
    moto.make_bucket("pictures");
    let folder = shared.path().join("assets").display().to_string();
    let stores = [vec![("ASSET_STORE".to_owned(), folder)], bucket(&moto)];
    for store in stores {
        let one = serve(&store, None);
        let (status, red) = upload(&one, RED);
        assert_eq!(status, 201, "{red}");
        let id = red["id"].as_str().expect("an asset has an id");
        show(&one, id);
        wait_for_color(&one, [255, 0, 0]);
        // It dies; what the journal says is handed on, nothing else is.
        one.signal("KILL");
        let data = TempFolder::new("taker");
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([one.data().join("journal"), data.path().join("journal")])
            .status();
        assert!(copied.is_ok_and(|status| status.success()));
        let two = serve(&store, Some(data.path()));
        // From its first frame on.
        assert_eq!(color(&two), [255, 0, 0], "{}", two.log());
        let listed = two.get("/api/v1/assets").json();
        assert_eq!(listed["items"], json!([red]));
        assert_eq!(two.health().json()["components"]["assets"]["status"], "ok");
        assert!(!two.log().contains("live_secret"));
    }
}

#[test]
fn a_show_goes_on_without_its_object_store_and_recovers_with_it() {
    let mut moto = Moto::start();
    moto.make_bucket("pictures");
    let store = bucket(&moto);
    let first = serve(&store, None);
    let (_, red) = upload(&first, RED);
    let (_, blue) = upload(&first, BLUE);
    drop(first);
    let [red, blue] = [&red, &blue].map(|asset| asset["id"].as_str().expect("it has an id"));
    let studio = serve(&store, None);
    show(&studio, red);
    wait_for_color(&studio, [255, 0, 0]);
    moto.freeze();
    show(&studio, blue);
    let said = poll_until(Duration::from_secs(30), "the fault to be told", || {
        let health = studio.health().json();
        let component = health["components"]["assets"].clone();
        (component["status"] == "degraded").then_some(component)
    });
    assert!(!said.to_string().contains("live_secret"), "{said}");
    let placeholder = color(&studio);
    assert!(placeholder != [0, 0, 255]);
    let new = [RED, b"<!-- another one -->"].concat();
    let (status, problem) = upload(&studio, &new);
    assert_eq!(
        (status, &problem["code"]),
        (503, &json!("asset-store-away")),
        "{problem}"
    );
    // What it has copies of goes on being shown.
    show(&studio, red);
    wait_for_color(&studio, [255, 0, 0]);
    show(&studio, blue);
    moto.thaw();
    wait_for_color(&studio, [0, 0, 255]);
    poll_until(Duration::from_secs(30), "health to be well", || {
        let health = studio.health().json();
        (health["components"]["assets"]["status"] == "ok").then_some(())
    });
    let (status, _) = upload(&studio, &new);
    assert_eq!(status, 201);
    assert!(!studio.log().contains("live_secret"));
    moto.kill();
}
