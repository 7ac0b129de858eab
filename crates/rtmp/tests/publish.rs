//! The publisher against a server that shares no code with it.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "test code with small numbers"
)]

mod server;

use bytes::Bytes;
use media::{AudioHeader, Bitrate, Framerate, Packet, Resolution, Timebase, Track, VideoHeader};
use proptest::prelude::*;
use rtmp::{Error, Event, HANDSHAKE_RANDOM_LEN, Publisher, Stage, StreamKey, Target, flv};
use server::{Amf, Answer, Server, amf, text};

const KEY: &str = "swordfish?token=hunter2";

fn publisher() -> Publisher {
    let target = Target::parse(
        "rtmp://[::1]:1936/live/eu",
        Some(StreamKey::new(KEY).unwrap()),
    )
    .unwrap();
    Publisher::new(target, &[0xA5; HANDSHAKE_RANDOM_LEN])
}

fn video_header() -> VideoHeader {
    VideoHeader {
        resolution: Resolution::new(1920, 1080),
        framerate: Framerate::new(30_000, 1001).unwrap(),
        bitrate: Bitrate::from_bps(3_000_000),
        avcc: Bytes::from_static(&[1, 0x64, 0, 0x28, 0xFF]),
    }
}

fn audio_header() -> AudioHeader {
    AudioHeader {
        sample_rate_hz: 48_000,
        channels: 2,
        bitrate: Bitrate::from_bps(128_000),
        asc: Bytes::from_static(&[0x11, 0x90]),
    }
}

fn video_packet(dts: i64, pts: i64, is_keyframe: bool, data: &[u8]) -> Packet {
    let timebase = Timebase { num: 1, den: 30 };
    Packet {
        track: Track::Video,
        pts,
        dts,
        timebase,
        is_keyframe,
        data: Bytes::copy_from_slice(data),
    }
}

fn audio_packet(sample: i64) -> Packet {
    let timebase = Timebase {
        num: 1,
        den: 48_000,
    };
    Packet {
        track: Track::Audio,
        pts: sample,
        dts: sample,
        timebase,
        is_keyframe: true,
        data: Bytes::from_static(b"aac"),
    }
}

/// Lets both sides talk until neither has anything to say, in pieces whose lengths `next_len` gives.
fn converse(
    publisher: &mut Publisher,
    server: &mut Server,
    mut next_len: impl FnMut() -> usize,
) -> Result<(), Error> {
    let mut to_server = Vec::new();
    loop {
        while let Some(bytes) = publisher.poll_output() {
            to_server.extend_from_slice(&bytes);
        }
        let mut to_client = std::mem::take(&mut server.output);
        if to_server.is_empty() && to_client.is_empty() {
            return Ok(());
        }
        while !to_server.is_empty() {
            let n = next_len().min(to_server.len());
            server.input(&to_server.drain(..n).collect::<Vec<_>>());
        }
        while !to_client.is_empty() {
            let n = next_len().min(to_client.len());
            publisher.handle_input(&to_client.drain(..n).collect::<Vec<_>>())?;
        }
    }
}

fn events(publisher: &mut Publisher) -> Vec<Event> {
    std::iter::from_fn(|| publisher.poll_event()).collect()
}

/// Sends one of everything and says what the server must have then.
fn publish_a_little(publisher: &mut Publisher, server: &Server) {
    assert_eq!(events(publisher), [Event::Connected, Event::Publishing]);
    assert_eq!(publisher.stage(), Stage::Live);
    assert_eq!(
        server.names(),
        [
            "connect",
            "releaseStream",
            "FCPublish",
            "createStream",
            "publish"
        ]
    );
    publisher
        .send_metadata(
            &flv::metadata(Some(&video_header()), Some(&audio_header())),
            0,
        )
        .unwrap();
    publisher
        .send_video(flv::avc_sequence_header(&video_header()), 0)
        .unwrap();
    publisher
        .send_audio(flv::aac_sequence_header(&audio_header()), 0)
        .unwrap();
    publisher
        .send_video(flv::body(&video_packet(0, 2, true, &[9; 10_000])), 0)
        .unwrap();
    publisher
        .send_audio(flv::body(&audio_packet(1024)), 21)
        .unwrap();
    publisher.close();
}

fn check_what_arrived(server: &Server) {
    let mut names = server.names();
    assert_eq!(
        names.split_off(5),
        ["@setDataFrame", "FCUnpublish", "deleteStream"]
    );
    assert!(server.deleted);
    let media = server.media();
    let bodies: Vec<_> = media
        .iter()
        .map(|m| {
            (
                m.kind,
                m.stream_id,
                m.timestamp,
                &m.body[..m.body.len().min(7)],
            )
        })
        .collect();
    let expected: [(u8, u32, u32, &[u8]); 4] = [
        (9, 1, 0, &[0x17, 0, 0, 0, 0, 1, 0x64]),
        (8, 1, 0, &[0xAF, 0, 0x11, 0x90]),
        (9, 1, 0, &[0x17, 1, 0, 0, 67, 9, 9]),
        (8, 1, 21, &[0xAF, 1, b'a', b'a', b'c']),
    ];
    assert_eq!(bodies, expected);
    assert_eq!(media[2].body.len(), 10_005);
    assert!(media[2].body[5..].iter().all(|b| *b == 9));
}

#[test]
fn a_session_runs_from_handshake_to_delete() {
    let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
    converse(&mut publisher, &mut server, || usize::MAX).unwrap();
    publish_a_little(&mut publisher, &server);
    converse(&mut publisher, &mut server, || usize::MAX).unwrap();
    check_what_arrived(&server);

    let connect = server.command("connect");
    let field = |name| connect[2].member(name).text();
    assert_eq!(
        (field("app"), field("type"), field("tcUrl")),
        ("live/eu", "nonprivate", "rtmp://[::1]:1936/live/eu")
    );
    for name in ["releaseStream", "FCPublish", "publish", "FCUnpublish"] {
        assert_eq!(server.command(name)[2..4], [Amf::Null, text(KEY)], "{name}");
    }
    assert_eq!(server.command("publish")[4], text("live"));
    let data = amf(&server.messages.iter().find(|m| m.kind == 18).unwrap().body);
    assert_eq!(
        (data[0].text(), data[1].text()),
        ("@setDataFrame", "onMetaData")
    );
    for (name, value) in [
        ("width", 1920.0),
        ("height", 1080.0),
        ("videocodecid", 7.0),
        ("audiodatarate", 128.0),
    ] {
        assert!(
            (data[2].member(name).number() - value).abs() < 1e-9,
            "{name}"
        );
    }
    assert!((data[2].member("framerate").number() - 29.97).abs() < 0.001);
}

/// A whole conversation that is cut once, at the same place in both directions, for every place.
#[test]
fn the_byte_stream_may_be_split_at_any_point() {
    let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
    // What the server says does not depend on how it is cut: record it once, then replay it cut everywhere.
    let mut said = Vec::new();
    loop {
        while let Some(bytes) = publisher.poll_output() {
            server.input(&bytes);
        }
        if server.output.is_empty() {
            break;
        }
        said.extend_from_slice(&server.output);
        publisher
            .handle_input(&std::mem::take(&mut server.output))
            .unwrap();
    }
    for cut in 0..=said.len() {
        let mut publisher = self::publisher();
        publisher.handle_input(&said[..cut]).unwrap();
        publisher.handle_input(&said[cut..]).unwrap();
        assert_eq!(
            events(&mut publisher),
            [Event::Connected, Event::Publishing],
            "cut at {cut}"
        );
    }
    let mut publisher = self::publisher();
    said.iter()
        .for_each(|byte| publisher.handle_input(&[*byte]).unwrap());
    assert_eq!(publisher.stage(), Stage::Live);
}

#[test]
fn the_server_may_say_no_at_every_stage() {
    let why = || format!("stream {KEY} of hunter2\nno");
    let cases = [
        (
            Answer::ConnectError("NetConnection.Connect.Rejected".to_owned(), why()),
            Stage::Connect,
            "NetConnection.Connect.Rejected",
        ),
        (
            Answer::PublishError("NetStream.Publish.BadName".to_owned(), why()),
            Stage::Publish,
            "NetStream.Publish.BadName",
        ),
        (
            Answer::PublishError("Whatever".to_owned(), why()),
            Stage::Publish,
            "Whatever",
        ),
    ];
    for (answer, stage, code) in cases {
        let (mut publisher, mut server) = (publisher(), Server::new(answer));
        converse(&mut publisher, &mut server, || usize::MAX).unwrap();
        let description = "stream [redacted] of [redacted] no".to_owned();
        let last = events(&mut publisher).pop().unwrap();
        assert_eq!(
            last,
            Event::Rejected {
                stage,
                code: code.to_owned(),
                description
            }
        );
        assert_eq!(publisher.stage(), Stage::Closed);
        assert!(!format!("{publisher:?} {last:?}").contains("hunter2"));
        assert_eq!(
            publisher.send_video(Bytes::new(), 0),
            Err(Error::NotLive {
                stage: Stage::Closed
            })
        );
    }
}

#[test]
fn a_live_session_answers_pings_acknowledges_and_hears_the_end() {
    let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
    converse(&mut publisher, &mut server, || usize::MAX).unwrap();
    server.messages.clear();
    server.send(2, 4, 0, 0, &[0, 6, 1, 2, 3, 4]);
    server.send(2, 5, 0, 0, &1000u32.to_be_bytes());
    // Chunk stream ids of two and three bytes, with an extended timestamp over several chunks.
    server.send(70, 18, 1, 0x0100_0000, &[5; 9000]);
    server.send(65_599, 18, 1, u32::MAX, &[5; 9000]);
    server.send_status("status", "NetStream.Data.Start", "");
    server.send_status("status", "NetStream.Unpublish.Success", "");
    converse(&mut publisher, &mut server, || 500).unwrap();
    assert_eq!(
        server.messages.iter().find(|m| m.kind == 4).unwrap().body,
        [0, 7, 1, 2, 3, 4]
    );
    let acknowledged: Vec<_> = server
        .messages
        .iter()
        .filter(|m| m.kind == 3)
        .map(|m| u32::from_be_bytes(m.body[..].try_into().unwrap()))
        .collect();
    assert!(
        acknowledged.len() >= 9 && acknowledged.windows(2).all(|w| w[1] - w[0] >= 1000),
        "{acknowledged:?}"
    );
    assert_eq!(
        events(&mut publisher),
        [Event::Connected, Event::Publishing, Event::ClosedByPeer]
    );
}

#[test]
fn timestamps_pass_the_24_and_the_32_bit_limit() {
    for start in [0xFF_FFFF - 50, u32::MAX - 50] {
        let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
        converse(&mut publisher, &mut server, || usize::MAX).unwrap();
        let mut expected = Vec::new();
        for i in 0..100u32 {
            // Lengths around whole chunks, and far above one.
            let len = [1, 4095, 4096, 4097, 8192, 20_000][i as usize % 6];
            let timestamp = start.wrapping_add(i);
            let body = Bytes::from(vec![i as u8; len]);
            if i % 3 == 0 {
                publisher.send_audio(body.clone(), timestamp).unwrap();
            } else {
                publisher.send_video(body.clone(), timestamp).unwrap();
            }
            expected.push((timestamp, body));
        }
        converse(&mut publisher, &mut server, || 1447).unwrap();
        let arrived: Vec<_> = server
            .media()
            .into_iter()
            .map(|m| (m.timestamp, Bytes::from(m.body)))
            .collect();
        assert!(arrived == expected, "from {start}");
    }
}

#[test]
fn hostile_servers_are_shown_the_door() {
    let greeting = [vec![3], vec![0; 3072]].concat();
    let after_greeting = |bytes: &[u8]| [greeting.clone(), bytes.to_vec()].concat();
    let many_streams: Vec<u8> = (0..65)
        .flat_map(|i| [0, i, 0, 0, 0, 0, 0, 1, 18, 0, 0, 0, 0, 5])
        .collect();
    let cases = [
        (
            b"HTTP/1.1 400 Bad Request".to_vec(),
            Error::Version { actual: b'H' },
        ),
        (
            after_greeting(&[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            Error::ChunkSize { actual: 0 },
        ),
        (
            after_greeting(&[2, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0]),
            Error::Message("Window Acknowledgement Size"),
        ),
        (
            after_greeting(&[3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 20, 0, 0, 0, 0]),
            Error::MessageTooLong {
                actual: 0xFF_FFFF,
                limit: 1 << 20,
            },
        ),
        (
            after_greeting(&[0xC5]),
            Error::NoEarlierHeader { chunk_stream: 5 },
        ),
        (
            after_greeting(&[3, 0, 0, 0, 0, 0, 1, 20, 0, 0, 0, 0, 99]),
            Error::Amf0("unknown type"),
        ),
        (
            after_greeting(&many_streams),
            Error::TooManyChunkStreams { limit: 64 },
        ),
    ];
    for (bytes, error) in cases {
        let mut publisher = publisher();
        assert_eq!(publisher.handle_input(&bytes), Err(error));
        assert_eq!(
            (publisher.stage(), publisher.handle_input(&bytes)),
            (Stage::Closed, Ok(()))
        );
    }
}

/// A server that never reads cannot make the client hoard answers for it.
#[test]
fn a_flood_of_pings_costs_bounded_memory() {
    let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
    converse(&mut publisher, &mut server, || usize::MAX).unwrap();
    for _ in 0..100_000 {
        server.send(2, 4, 0, 0, &[0, 6, 1, 2, 3, 4]);
    }
    publisher.handle_input(&server.output).unwrap();
    assert!(publisher.output_len() < 70_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_sequence_of_lengths_gives_the_same_conversation(seed: u64) {
        let mut state = seed | 1;
        let mut next_len = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            1 + (state % [3, 50, 2000][(state >> 32) as usize % 3]) as usize
        };
        let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
        converse(&mut publisher, &mut server, &mut next_len).unwrap();
        publish_a_little(&mut publisher, &server);
        converse(&mut publisher, &mut server, &mut next_len).unwrap();
        check_what_arrived(&server);
    }

    #[test]
    fn arbitrary_bytes_never_panic(before: bool, bytes in prop::collection::vec(any::<u8>(), 0..600), cut in 0usize..600) {
        let mut publisher = publisher();
        if before {
            publisher.handle_input(&[vec![3], vec![0; 3072]].concat()).unwrap();
        }
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        let _ = publisher.handle_input(head).and_then(|()| publisher.handle_input(tail));
        while publisher.poll_event().is_some() {}
    }

    /// Well-framed messages of every kind with arbitrary contents, which reach deeper than arbitrary bytes.
    #[test]
    fn arbitrary_messages_never_panic(
        messages in prop::collection::vec((2u32..80, prop::sample::select(vec![1u8, 2, 3, 4, 5, 6, 17, 18, 20]), any::<u32>(), prop::collection::vec(any::<u8>(), 0..40)), 1..8),
    ) {
        let (mut publisher, mut server) = (publisher(), Server::new(Answer::Accept));
        converse(&mut publisher, &mut server, || usize::MAX).unwrap();
        for (chunk_stream, kind, time, body) in messages {
            if kind == 1 && body.len() != 4 {
                continue;
            }
            server.send(chunk_stream, kind, 0, time, &body);
            if kind == 1 {
                break;
            }
        }
        let _ = publisher.handle_input(&server.output);
        while publisher.poll_event().is_some() {}
    }
}

/// Reads an FLV file by the letter of its specification: kind, time and body of each tag.
fn read_flv(file: &[u8]) -> (u8, Vec<(u8, u32, Vec<u8>)>) {
    assert_eq!(
        (&file[..4], &file[5..13]),
        (&b"FLV\x01"[..], &[0, 0, 0, 9, 0, 0, 0, 0][..])
    );
    let (mut at, mut tags) = (13, Vec::new());
    while at < file.len() {
        let len = u32::from_be_bytes([0, file[at + 1], file[at + 2], file[at + 3]]) as usize;
        let time = u32::from_be_bytes([file[at + 7], file[at + 4], file[at + 5], file[at + 6]]);
        assert_eq!(file[at + 8..at + 11], [0, 0, 0], "stream id");
        let body = file[at + 11..at + 11 + len].to_vec();
        tags.push((file[at], time, body));
        at += 11 + len;
        assert_eq!(
            u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize,
            len + 11,
            "previous tag size"
        );
        at += 4;
    }
    (file[4], tags)
}

#[test]
fn a_file_begins_at_its_first_idr_and_keeps_picture_and_sound_together() {
    let (mut muxer, head) = flv::Muxer::new(Some(&video_header()), Some(&audio_header()));
    let mut file = head.to_vec();
    // Show time 10 s, B-frames: the IDR is decoded two frames before it is shown; sound before that is cut.
    let hour = 5 * 3600;
    let packets = [
        video_packet(297, 298, false, b"cut"),
        audio_packet(473_088),
        video_packet(298, 300, true, b"idr"),
        audio_packet(477_184),
        video_packet(299, 303, false, b"p"),
        video_packet(300, 301, false, b"b"),
        video_packet(298 + 30 * hour, 298 + 30 * hour, true, b"late"),
    ];
    for packet in &packets {
        file.extend_from_slice(&muxer.write(packet));
    }
    let (tracks, tags) = read_flv(&file);
    assert_eq!(tracks, 5);
    assert_eq!(
        tags.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(),
        [18, 9, 8, 9, 8, 9, 9, 9]
    );
    let media: Vec<_> = tags[3..]
        .iter()
        .map(|(_, time, body)| (*time, body.clone()))
        .collect();
    // 9933 ms is time 0: sound at 9941, pictures at 9967 (shown 10100) and 10000 (shown 10033).
    let expected = [
        (0, b"\x17\x01\0\0\x43idr".to_vec()),
        (8, b"\xAF\x01aac".to_vec()),
        (34, b"\x27\x01\0\0\x85p".to_vec()),
        (67, b"\x27\x01\0\0\x21b".to_vec()),
        (hour as u32 * 1000, b"\x17\x01\0\0\0late".to_vec()),
    ];
    assert_eq!(media, expected);
    assert_eq!(amf(&tags[0].2)[0].text(), "onMetaData");
}
