use super::*;
use crate::tests::connect;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use media::{AudioHeader, Bitrate, Framerate, Resolution, VideoHeader};
use tungstenite::Message;
use tungstenite::protocol::frame::coding::CloseCode;

fn preview() -> Preview {
    Preview::new(&headers())
}

fn headers() -> Headers {
    let framerate = Framerate::new(30, 1).unwrap();
    let video = VideoHeader {
        resolution: Resolution::new(128, 72),
        framerate,
        bitrate: Bitrate::from_bps(1_000_000),
        avcc: Bytes::from_static(&[1, 100, 0, 40]),
    };
    let asc = Bytes::from_static(&[0x11, 0x90]);
    let audio = AudioHeader {
        sample_rate_hz: 48_000,
        channels: 2,
        bitrate: Bitrate::from_bps(128_000),
        asc,
    };
    Headers { video, audio }
}

fn video(n: i64, is_keyframe: bool, len: usize) -> Packet {
    let timebase = Timebase { num: 1, den: 30 };
    Packet {
        track: Track::Video,
        pts: n,
        dts: n,
        timebase,
        is_keyframe,
        data: vec![u8::try_from(n % 256).unwrap(); len].into(),
    }
}

fn audio(k: i64) -> Packet {
    let timebase = Timebase {
        num: 1,
        den: 48_000,
    };
    Packet {
        track: Track::Audio,
        pts: k * 1024,
        dts: k * 1024,
        timebase,
        is_keyframe: true,
        data: Bytes::from_static(&[200]),
    }
}

/// The payload's first byte stands for the packet.
fn payloads(fragments: &[Bytes]) -> Vec<u8> {
    fragments
        .iter()
        .map(|f| f[f.windows(4).position(|w| w == b"mdat").unwrap() + 4])
        .collect()
}

#[test]
fn a_viewer_begins_at_the_last_idr_and_misses_nothing() {
    let preview = preview();
    for packet in [audio(0), video(0, false, 1)] {
        preview.push(&packet);
    }
    assert!(
        preview.join().gop.is_empty(),
        "nothing can be decoded before an IDR"
    );
    for packet in [video(1, true, 1), audio(1), video(2, false, 1)] {
        preview.push(&packet);
    }
    let mut early = preview.join();
    assert_eq!(payloads(&early.gop), [1, 200, 2]);
    for packet in [video(3, false, 1), video(4, true, 1), audio(2)] {
        preview.push(&packet);
    }
    let late = preview.join();
    assert_eq!(payloads(&late.gop), [4, 200]);
    assert_eq!(late.init, early.init);
    let live = std::iter::from_fn(|| match early.live.try_recv() {
        Ok(Live::Fragment(fragment)) => Some(fragment),
        _ => None,
    });
    assert_eq!(payloads(&live.collect::<Vec<_>>()), [3, 4, 200]);
}

/// Decode time and composition offset of a fragment, in frames; media time is a second ahead of show time.
fn times(fragment: &Bytes) -> (u64, i32) {
    let after = |kind: &[u8], skip: usize| {
        &fragment[fragment.windows(4).position(|w| w == kind).unwrap() + 4 + skip..]
    };
    let decode = u64::from_be_bytes(after(b"tfdt", 4)[..8].try_into().unwrap());
    let composition = i32::from_be_bytes(after(b"trun", 24)[..4].try_into().unwrap());
    (decode / 3000 - 30, composition / 3000)
}

#[test]
fn a_hole_in_the_programme_is_none_between_decode_times() {
    let preview = preview();
    let mut viewer = preview.join();
    for (n, is_keyframe) in [
        (0, true),
        (1, false),
        (9, false),
        (10, false),
        (20, true),
        (21, false),
    ] {
        preview.push(&video(n, is_keyframe, 1));
    }
    let seen = std::iter::from_fn(|| match viewer.live.try_recv() {
        Ok(Live::Fragment(fragment)) => Some(times(&fragment)),
        _ => None,
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [(0, 0), (1, 0), (2, 7), (3, 7), (20, 0), (21, 0)]
    );
}

#[test]
fn a_gop_without_end_is_not_kept() {
    let preview = preview();
    preview.push(&video(0, true, MAX_GOP_BYTES / 2));
    preview.push(&video(1, false, MAX_GOP_BYTES / 2));
    preview.push(&video(2, false, 1));
    assert!(preview.join().gop.is_empty());
    preview.push(&video(3, true, 1));
    assert_eq!(payloads(&preview.join().gop), [3]);
}

fn router(preview: &Arc<Preview>) -> Router {
    let preview = Arc::clone(preview);
    Router::new().route(
        "/preview",
        get(async |upgrade: WebSocketUpgrade| {
            upgrade.on_upgrade(async move |s| socket::serve(s, &preview).await)
        }),
    )
}

/// Reads to the close frame; gives its code and the fragments before it.
fn read_to_end(mut socket: tungstenite::WebSocket<std::net::TcpStream>) -> (CloseCode, usize) {
    let mut fragments = 0;
    loop {
        match socket.read().unwrap() {
            Message::Binary(_) => fragments += 1,
            Message::Close(frame) => return (frame.unwrap().code, fragments),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_viewer_is_cut_off_and_a_quick_one_is_not() {
    let preview = Arc::new(preview());
    preview.push(&video(0, true, 1));
    let (mut quick, slow) = (
        connect(router(&preview)).await,
        connect(router(&preview)).await,
    );
    // 48 MB, of which the queue of 512 holds 20 and the network some; `slow` reads nothing of it.
    let pushed = 1200;
    let pushing = Arc::clone(&preview);
    let reading = tokio::task::spawn_blocking(move || {
        for _ in 0..3 {
            quick.read().unwrap();
        }
        for n in 1..=pushed {
            pushing.push(&video(n, false, 40_000));
            assert!(quick.read().unwrap().is_binary());
        }
        quick
    });
    let quick = reading.await.unwrap();
    let (code, fragments) = tokio::task::spawn_blocking(move || read_to_end(slow))
        .await
        .unwrap();
    assert_eq!(code, CloseCode::from(4008));
    assert!(fragments < usize::try_from(pushed).unwrap());
    preview.end();
    assert_eq!(
        tokio::task::spawn_blocking(move || read_to_end(quick))
            .await
            .unwrap(),
        (CloseCode::Away, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_viewer_too_many_is_told_so() {
    let preview = Arc::new(preview());
    let _places = preview
        .viewers
        .acquire_many(u32::try_from(MAX_VIEWERS).unwrap())
        .await
        .unwrap();
    let refused = connect(router(&preview)).await;
    assert_eq!(
        tokio::task::spawn_blocking(move || read_to_end(refused))
            .await
            .unwrap(),
        (CloseCode::Again, 0)
    );
}

#[test]
fn another_picture_sends_viewers_away_and_the_next_get_its_headers() {
    let preview = preview();
    preview.push(&video(1, true, 1));
    let mut viewer = preview.join();
    let mut headers = headers();
    headers.video.resolution = Resolution::new(256, 144);
    headers.video.framerate = Framerate::new(60, 1).unwrap();
    preview.begin(&Arc::new(headers));
    assert!(matches!(viewer.live.try_recv(), Ok(Live::Anew)));
    let joined = preview.join();
    assert!(joined.gop.is_empty(), "nothing of what was before");
    assert!(
        joined.hello.contains("\"width_px\":256"),
        "{}",
        joined.hello
    );
    assert_ne!(joined.init, viewer.init);
    // From now on times are nanoseconds; a hole of ten frames is closed to one.
    for (ns, is_keyframe) in [(500_000_000, true), (666_666_666, false)] {
        let mut packet = video(1, is_keyframe, 1);
        (packet.pts, packet.dts, packet.timebase) = (ns, ns, Timebase::NANOS);
        preview.push(&packet);
    }
    assert_eq!(preview.cache().last_dts, Some(500_000_000 + 16_666_667));
}
