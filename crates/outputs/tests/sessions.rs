//! Outputs against a real socket and a server that shares no code with them.
#![expect(clippy::unwrap_used, reason = "test code")]

mod ingest;

use bytes::Bytes;
use ingest::Ingest;
use ingest::rtmp_server::{Answer, Received};
use media::{AudioHeader, Bitrate, Framerate, Packet, Resolution, Timebase, Track, VideoHeader};
use outputs::{
    Error, Headers, OutputConfig, Outputs, PacketSink, Settings, State, Status, StreamKey, Tls,
};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const KEY: &str = "swordfish";

/// Outputs, and an encoder that makes one frame per call, an IDR where one was asked for.
struct Studio {
    outputs: Outputs,
    headers: watch::Sender<Option<Arc<Headers>>>,
    idr_wanted: Arc<AtomicBool>,
    idr_requests: Arc<AtomicUsize>,
    frame: i64,
    frame_len: usize,
    /// The output whose empty queue lets the next frame be made; otherwise frames come every 2 ms.
    paced_by: Option<&'static str>,
}

impl Studio {
    fn new(settings: Settings) -> Self {
        let (headers, receiver) = watch::channel(Some(Arc::new(headers(1))));
        let (idr_wanted, idr_requests) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (wanted, requests) = (Arc::clone(&idr_wanted), Arc::clone(&idr_requests));
        let request_idr = move || {
            wanted.store(true, Ordering::Relaxed);
            requests.fetch_add(1, Ordering::Relaxed);
        };
        let outputs = Outputs::new(settings, receiver, Arc::new(request_idr), Handle::current());
        Self {
            outputs,
            headers,
            idr_wanted,
            idr_requests,
            frame: 1000,
            frame_len: 100,
            paced_by: None,
        }
    }

    fn add(&self, id: &str, url: &str) {
        self.outputs
            .add(OutputConfig::new(id, url, Some(StreamKey::new(KEY).unwrap()), true).unwrap())
            .unwrap();
    }

    fn add_ingest(&self, id: &str, ingest: &Ingest) {
        self.add(id, &format!("rtmp://{}/live", ingest.address));
    }

    fn status(&self, id: &str) -> Status {
        self.outputs.status(id).unwrap()
    }

    /// One frame of picture, and the packet of sound that begins with it.
    fn encode(&mut self) {
        let is_keyframe = self.idr_wanted.swap(false, Ordering::Relaxed);
        let mut data = self.frame.to_be_bytes().to_vec();
        data.resize(self.frame_len, 0);
        let timebase = Timebase { num: 1, den: 25 };
        let (pts, dts) = (self.frame + 1, self.frame);
        self.outputs.push(&Packet {
            track: Track::Video,
            pts,
            dts,
            timebase,
            is_keyframe,
            data: data.into(),
        });
        let timebase = Timebase {
            num: 1,
            den: 48_000,
        };
        let (pts, data) = (self.frame * 1920, Bytes::from_static(b"sound"));
        self.outputs.push(&Packet {
            track: Track::Audio,
            pts,
            dts: pts,
            timebase,
            is_keyframe: true,
            data,
        });
        self.frame += 1;
    }

    /// Encodes frames until something is so; panics with the outputs' state when it takes 20 s.
    async fn encode_until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut ticks = interval(Duration::from_millis(2));
        // Never several frames at once: a busy machine must not look like a slow network.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !so(self) {
            assert!(
                Instant::now() < deadline,
                "not in time: {what}; {:?}",
                self.outputs.list()
            );
            ticks.tick().await;
            if self.paced_by.is_none_or(|id| self.status(id).queue_ms == 0) {
                self.encode();
            }
        }
    }

    async fn until_state(&mut self, id: &str, state: State) -> Status {
        self.encode_until(state.name(), |studio| studio.status(id).state == state)
            .await;
        self.status(id)
    }
}

/// Everything short, so that tests are.
fn quick() -> Settings {
    let ms = Duration::from_millis;
    Settings {
        first_retry: ms(20),
        max_retry: ms(50),
        close: ms(1000),
        ..Settings::default()
    }
}

fn headers(version: u8) -> Headers {
    Headers {
        video: VideoHeader {
            resolution: Resolution::new(1920, 1080),
            framerate: Framerate::new(25, 1).unwrap(),
            bitrate: Bitrate::from_bps(3_000_000),
            avcc: Bytes::from(vec![1, 0x64, 0, 0x28, version]),
        },
        audio: AudioHeader {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(128_000),
            asc: Bytes::from_static(&[0x11, 0x90]),
        },
    }
}

/// Frame number of a video message; `None` for a sequence header.
fn frame_number(message: &Received) -> Option<i64> {
    (message.body[1] == 1).then(|| i64::from_be_bytes(message.body[5..13].try_into().unwrap()))
}

fn pictures(media: &[Received]) -> Vec<&Received> {
    media
        .iter()
        .filter(|m| m.kind == 9 && m.body[1] == 1)
        .collect()
}

#[tokio::test]
async fn a_session_carries_every_frame_in_order_from_an_idr_at_time_zero() {
    // Just below the limit of plain timestamps, so that it is passed within the test.
    for start in [0, 0xFF_FFFF - 500, u32::MAX - 500] {
        let ingest = Ingest::start().await;
        let mut studio = Studio::new(Settings {
            timestamp_start_ms: start,
            ..quick()
        });
        studio.add_ingest("a", &ingest);
        studio
            .encode_until("40 frames", |_| pictures(&ingest.media(0)).len() >= 40)
            .await;
        assert_eq!(studio.status("a").state, State::Live);

        let media = ingest.media(0);
        let heads: Vec<_> = media[..2]
            .iter()
            .map(|m| (m.kind, m.timestamp, m.body[..2].to_vec()))
            .collect();
        assert_eq!(
            heads,
            [(8, start, vec![0xAF, 0]), (9, start, vec![0x17, 0])],
            "sequence headers come first"
        );
        let pictures = pictures(&media);
        let first = frame_number(pictures[0]).unwrap();
        for (i, picture) in (0u32..).zip(&pictures) {
            assert_eq!(frame_number(picture), Some(first + i64::from(i)));
            assert_eq!(picture.timestamp, start.wrapping_add(i * 40));
            assert_eq!(picture.body[0], if i == 0 { 0x17 } else { 0x27 });
            assert_eq!(picture.body[2..5], [0, 0, 40], "composition time");
        }
        let sounds = media.iter().filter(|m| m.kind == 8 && m.body[1] == 1);
        for (i, sound) in (0u32..).zip(sounds) {
            assert_eq!(sound.timestamp, start.wrapping_add(i * 40));
        }
        assert_eq!(ingest.names(0)[5], "@setDataFrame");
        assert_eq!(studio.status("a").dropped_packets, 0);
    }
}

#[tokio::test]
async fn stopping_sends_what_is_queued_and_says_goodbye() {
    let ingest = Ingest::start().await;
    let mut studio = Studio::new(quick());
    studio.add_ingest("a", &ingest);
    studio.until_state("a", State::Live).await;
    studio
        .encode_until("a picture", |_| !pictures(&ingest.media(0)).is_empty())
        .await;
    (0..10).for_each(|_| studio.encode());
    let last = studio.frame - 1;
    studio.outputs.stop("a").unwrap();
    let status = studio.until_state("a", State::Stopped).await;
    assert_eq!((status.reason, status.attempts), (None, 0));
    assert!(
        ingest
            .names(0)
            .ends_with(&["FCUnpublish".to_owned(), "deleteStream".to_owned()]),
        "{:?}",
        ingest.names(0)
    );
    assert!(
        pictures(&ingest.media(0))
            .iter()
            .any(|m| frame_number(m) == Some(last))
    );

    studio.outputs.retry("a").unwrap();
    assert_eq!(
        studio.status("a").state,
        State::Stopped,
        "retry does not start what was stopped"
    );
    studio.outputs.start("a").unwrap();
    studio.until_state("a", State::Live).await;
    studio.outputs.shutdown(Duration::from_secs(5)).await;
    assert!(studio.outputs.list().is_empty());
    studio
        .encode_until("the end of the session", |_| ingest.ended(1))
        .await;
    assert!(ingest.names(1).contains(&"deleteStream".to_owned()));
}

#[tokio::test]
async fn what_is_held_is_off_the_air_and_comes_back_as_it_was_wanted() {
    let ingest = Ingest::start().await;
    let mut studio = Studio::new(quick());
    studio.add_ingest("a", &ingest);
    studio.add_ingest("stopped", &ingest);
    studio.outputs.stop("stopped").unwrap();
    studio.until_state("a", State::Live).await;
    studio.until_state("stopped", State::Stopped).await;

    studio.outputs.hold(true);
    studio.until_state("a", State::Stopped).await;
    studio.add_ingest("later", &ingest);
    studio.until_state("later", State::Stopped).await;
    // Neither of these brings it back, and what is wanted is remembered.
    studio.outputs.start("a").unwrap();
    studio.outputs.retry("a").unwrap();
    let wanted = studio.outputs.configs();
    let wanted: Vec<bool> = wanted.iter().map(OutputConfig::enabled).collect();
    assert_eq!(wanted, [true, true, false]);
    let connections = ingest.connections();

    studio.outputs.hold(false);
    studio.until_state("a", State::Live).await;
    studio.until_state("later", State::Live).await;
    assert_eq!(studio.status("stopped").state, State::Stopped);
    assert_eq!(ingest.connections(), connections + 2);
}

#[tokio::test]
async fn refusals_stop_the_trying_and_say_why() {
    let error = |code: &str| Answer::PublishError(code.to_owned(), format!("live/{KEY}"));
    let cases = [
        (
            vec![Answer::ConnectError(
                "NetConnection.Connect.Rejected".to_owned(),
                "auth".to_owned(),
            )],
            "auth",
        ),
        (
            vec![error("NetStream.Publish.Denied")],
            "Denied (live/[redacted])",
        ),
        (vec![error("NetStream.Publish.BadName")], "BadName"),
        (
            vec![Answer::CloseAtPublish, Answer::CloseAtPublish],
            "no reason given",
        ),
    ];
    for (answers, reason) in cases {
        let attempts = answers.len();
        let ingest = Ingest::start().await;
        ingest.answer(answers);
        let mut studio = Studio::new(quick());
        studio.add_ingest("a", &ingest);
        let status = studio.until_state("a", State::Refused).await;
        assert!(
            status
                .reason
                .as_ref()
                .is_some_and(|r| r.contains(reason) && !r.contains(KEY)),
            "{status:?}"
        );
        assert_eq!(
            (ingest.connections(), status.next_retry_in_ms),
            (attempts, None)
        );
        studio.outputs.retry("a").unwrap();
        let status = studio.until_state("a", State::Live).await;
        assert_eq!((status.reason, status.connects), (None, 1));
    }
}

#[tokio::test]
async fn our_own_ghost_is_waited_out() {
    let ingest = Ingest::start().await;
    let bad_name = || Answer::PublishError("NetStream.Publish.BadName".to_owned(), String::new());
    ingest.answer([
        Answer::Accept,
        bad_name(),
        bad_name(),
        bad_name(),
        Answer::Accept,
    ]);
    let mut studio = Studio::new(quick());
    studio.add_ingest("a", &ingest);
    studio.until_state("a", State::Live).await;
    ingest.cut();
    studio
        .encode_until("the second session", |studio| {
            studio.status("a").connects == 2
        })
        .await;
    assert_eq!(ingest.connections(), 5);
    studio
        .encode_until("its picture", |_| !pictures(&ingest.media(4)).is_empty())
        .await;
    let media = ingest.media(4);
    let first = pictures(&media)[0];
    assert_eq!(
        (first.timestamp, first.body[0]),
        (0, 0x17),
        "a new session begins at 0 with an IDR"
    );
}

#[tokio::test]
async fn a_slow_server_costs_packets_up_to_the_next_idr() {
    let ingest = Ingest::start().await;
    let mut studio = Studio::new(Settings {
        stall: Duration::from_secs(60),
        queue: Duration::from_secs(1),
        ..quick()
    });
    studio.add_ingest("a", &ingest);
    studio
        .encode_until("a picture", |_| !pictures(&ingest.media(0)).is_empty())
        .await;
    ingest.set_deaf(true);
    let asked = studio.idr_requests.load(Ordering::Relaxed);
    studio.frame_len = 200_000;
    studio
        .encode_until("drops", |studio| studio.status("a").dropped_packets > 0)
        .await;
    assert!(studio.idr_requests.load(Ordering::Relaxed) > asked);
    assert!(studio.status("a").queue_ms <= 1000);
    studio.frame_len = 100;
    let resumed = studio.frame;
    ingest.set_deaf(false);
    studio
        .encode_until("new pictures", |_| {
            pictures(&ingest.media(0))
                .iter()
                .any(|m| frame_number(m) >= Some(resumed))
        })
        .await;
    assert_eq!(
        (ingest.connections(), studio.status("a").state),
        (1, State::Live)
    );
    let media = ingest.media(0);
    for pair in pictures(&media).windows(2) {
        let numbers = [
            frame_number(pair[0]).unwrap(),
            frame_number(pair[1]).unwrap(),
        ];
        assert!(
            numbers[1] == numbers[0] + 1 || pair[1].body[0] == 0x17,
            "a gap of {numbers:?} ends with an IDR"
        );
        let distance = u32::try_from(numbers[1] - numbers[0]).unwrap() * 40;
        assert_eq!(
            pair[1].timestamp - pair[0].timestamp,
            distance,
            "a gap stays as long as it was"
        );
    }
}

#[tokio::test]
async fn a_server_that_takes_nothing_is_left() {
    let ingest = Ingest::start().await;
    let mut studio = Studio::new(Settings {
        stall: Duration::from_millis(200),
        ..quick()
    });
    studio.frame_len = 200_000;
    studio.add_ingest("a", &ingest);
    studio
        .encode_until("a picture", |_| !pictures(&ingest.media(0)).is_empty())
        .await;
    ingest.set_deaf(true);
    let status = studio.until_state("a", State::Retrying).await;
    assert!(status.reason.unwrap().contains("took no data for 0.2 s"));
    ingest.set_deaf(false);
    studio
        .encode_until("the second session", |studio| {
            studio.status("a").connects == 2
        })
        .await;
}

#[tokio::test]
async fn a_silent_server_meets_the_deadline() {
    let ingest = Ingest::start().await;
    ingest.set_deaf(true);
    let mut studio = Studio::new(Settings {
        deadline: Duration::from_millis(200),
        ..quick()
    });
    studio.add_ingest("a", &ingest);
    let status = studio.until_state("a", State::Retrying).await;
    assert!(status.reason.unwrap().contains("during the RTMP handshake"));
}

#[tokio::test]
async fn a_retry_cuts_the_wait_short() {
    let address = Ingest::start().await.address;
    let mut studio = Studio::new(Settings {
        first_retry: Duration::from_secs(3600),
        max_retry: Duration::from_secs(3600),
        ..quick()
    });
    studio.add("a", &format!("rtmp://{address}/live"));
    let status = studio.until_state("a", State::Retrying).await;
    assert!(
        status.next_retry_in_ms.unwrap() > 2_000_000 && status.attempts == 1,
        "{status:?}"
    );
    assert!(status.reason.unwrap().contains("could not connect"));
    let ingest = Ingest::start_at(&address.to_string(), None).await;
    studio.outputs.retry("a").unwrap();
    studio.until_state("a", State::Live).await;
    assert_eq!(ingest.connections(), 1);
}

#[tokio::test]
async fn a_dead_output_does_not_delay_another() {
    let (dead, healthy) = (Ingest::start().await, Ingest::start().await);
    let mut studio = Studio::new(Settings {
        stall: Duration::from_secs(60),
        queue: Duration::from_millis(500),
        ..quick()
    });
    studio.frame_len = 100_000;
    studio.add_ingest("dead", &dead);
    studio.add_ingest("healthy", &healthy);
    studio.until_state("dead", State::Live).await;
    studio.until_state("healthy", State::Live).await;
    studio.paced_by = Some("healthy");
    dead.set_deaf(true);
    studio
        .encode_until("the dead one to drop", |studio| {
            studio.status("dead").dropped_packets > 100
        })
        .await;
    let until = studio.frame;
    studio
        .encode_until("the healthy one to catch up", |_| {
            pictures(&healthy.media(0))
                .iter()
                .any(|m| frame_number(m) >= Some(until))
        })
        .await;
    assert_eq!(studio.status("healthy").dropped_packets, 0);
    let media = healthy.media(0);
    let numbers: Vec<_> = pictures(&media)
        .iter()
        .filter_map(|m| frame_number(m))
        .collect();
    assert!(numbers.windows(2).all(|w| w[1] == w[0] + 1));
}

#[tokio::test]
async fn new_headers_come_before_the_idr_they_belong_to() {
    let ingest = Ingest::start().await;
    let mut studio = Studio::new(quick());
    studio.add_ingest("a", &ingest);
    studio
        .encode_until("a picture", |_| !pictures(&ingest.media(0)).is_empty())
        .await;
    studio.headers.send_replace(Some(Arc::new(headers(2))));
    studio.idr_wanted.store(true, Ordering::Relaxed);
    let first = studio.frame;
    studio
        .encode_until("new pictures", |_| {
            pictures(&ingest.media(0))
                .iter()
                .any(|m| frame_number(m) > Some(first))
        })
        .await;
    let media = ingest.media(0);
    let videos: Vec<_> = media.iter().filter(|m| m.kind == 9).collect();
    let at = videos
        .iter()
        .position(|m| m.body.ends_with(&[1, 0x64, 0, 0x28, 2]))
        .unwrap();
    assert_eq!(frame_number(videos[at + 1]), Some(first));
    assert_eq!(videos[at].timestamp, videos[at + 1].timestamp);
    assert_eq!(
        videos.iter().filter(|m| m.body[1] == 0).count(),
        2,
        "and only then"
    );
}

/// The certificates in `tls` are valid until 2126; the key of the CA that signed them is thrown away.
#[tokio::test]
async fn certificates_are_verified() {
    let certificates =
        vec![CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let ingest = Ingest::start_at("127.0.0.1:0", Some(TlsAcceptor::from(Arc::new(config)))).await;
    let trusting = || Tls::with_extra_ca(include_bytes!("tls/ca.pem")).unwrap();
    let port = ingest.address.port();

    let mut studio = Studio::new(Settings {
        tls: trusting(),
        ..quick()
    });
    studio.add("good", &format!("rtmps://localhost:{port}/live"));
    studio
        .encode_until("20 frames over TLS", |_| {
            pictures(&ingest.media(0)).len() >= 20
        })
        .await;
    studio.outputs.stop("good").unwrap();
    studio.until_state("good", State::Stopped).await;
    assert!(ingest.names(0).contains(&"deleteStream".to_owned()));

    studio.add("wrong-name", &format!("rtmps://127.0.0.1:{port}/live"));
    let status = studio.until_state("wrong-name", State::Refused).await;
    assert!(
        status
            .reason
            .as_ref()
            .unwrap()
            .contains("not valid for name"),
        "{status:?}"
    );

    let mut studio = Studio::new(quick());
    studio.add("unknown-issuer", &format!("rtmps://localhost:{port}/live"));
    let status = studio.until_state("unknown-issuer", State::Refused).await;
    assert!(
        status.reason.as_ref().unwrap().contains("UnknownIssuer"),
        "{status:?}"
    );

    for pem in [
        &b""[..],
        b"nonsense",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(matches!(Tls::with_extra_ca(pem), Err(Error::CaFile { .. })));
    }
}

/// Each change in turn, on a live output: what it asks for, and what follows.
#[tokio::test]
async fn an_output_is_changed_while_it_is_live() {
    let key = |key: &str| Some(Some(StreamKey::new(key).unwrap()));
    let (first, second) = (Ingest::start().await, Ingest::start().await);
    let url = |ingest: &Ingest, path: &str| format!("rtmp://{}/{path}", ingest.address);
    let mut studio = Studio::new(quick());
    studio.add_ingest("a", &first);
    studio.until_state("a", State::Live).await;

    // Nothing that leads elsewhere: the session goes on.
    let same = url(&first, "live");
    for (url, key, enabled) in [
        (None, None, None),
        (Some(same.as_str()), None, Some(true)),
        (None, key(KEY), None),
    ] {
        studio.outputs.update("a", url, key, enabled).unwrap();
        let sent = studio.status("a").packets_sent;
        studio
            .encode_until("more packets", |studio| {
                studio.status("a").packets_sent > sent + 20
            })
            .await;
        assert_eq!((first.connections(), studio.status("a").connects), (1, 1));
    }

    // Another key, then another place with the key that is there, then one with the key in it.
    let steps = [
        (None, key("trout"), &first, 1, "trout"),
        (Some(url(&second, "other")), None, &second, 0, "trout"),
        (
            Some(url(&second, "live/perch")),
            Some(None),
            &second,
            1,
            "perch",
        ),
        // Of an address that has the key in it, the key is the last part.
        (Some(url(&second, "live/pike")), None, &second, 2, "pike"),
    ];
    for (i, (url, key, ingest, connection, name)) in (2u64..).zip(steps) {
        studio
            .outputs
            .update("a", url.as_deref(), key, None)
            .unwrap();
        studio
            .encode_until("the next session", |studio| {
                let status = studio.status("a");
                status.connects == i && status.state == State::Live
            })
            .await;
        assert_eq!(ingest.stream_name(connection).as_deref(), Some(name));
        assert!(!studio.status("a").url.contains(name));
    }
    let goodbyes = first.names(0);
    assert!(
        goodbyes.contains(&"deleteStream".to_owned()),
        "{goodbyes:?}"
    );

    studio.outputs.update("a", None, None, Some(false)).unwrap();
    studio.until_state("a", State::Stopped).await;
    // Changed while it is stopped, it stays so.
    studio
        .outputs
        .update("a", Some(&url(&first, "live")), key("roach"), None)
        .unwrap();
    assert_eq!(studio.status("a").url, url(&first, "live"));
    assert_eq!(studio.status("a").state, State::Stopped);
    studio.outputs.update("a", None, None, Some(true)).unwrap();
    studio.until_state("a", State::Live).await;
    assert_eq!(first.stream_name(2).as_deref(), Some("roach"));
    assert_eq!((first.connections(), second.connections()), (3, 3));
}

/// Where the server refuses or is not there, another address is tried at once.
#[tokio::test]
async fn a_change_ends_waiting_and_refusal() {
    let nobody = "rtmp://127.0.0.1:9/live";
    let refusing = Ingest::start().await;
    let denied = || Answer::PublishError("NetStream.Publish.Denied".to_owned(), String::new());
    refusing.answer([denied(), denied()]);
    let refusing_url = format!("rtmp://{}/live", refusing.address);
    for (url, state) in [(nobody, State::Retrying), (&*refusing_url, State::Refused)] {
        let ingest = Ingest::start().await;
        let mut studio = Studio::new(Settings {
            first_retry: Duration::from_secs(3600),
            max_retry: Duration::from_secs(3600),
            ..quick()
        });
        studio.add("a", url);
        studio.until_state("a", state).await;
        let better = format!("rtmp://{}/live", ingest.address);
        studio
            .outputs
            .update("a", Some(&better), None, None)
            .unwrap();
        let status = studio.until_state("a", State::Live).await;
        assert_eq!((status.reason, status.url), (None, better));
    }
}

/// What cannot be is refused as a whole, and says nothing secret.
#[tokio::test]
async fn a_change_is_made_as_a_whole_or_not_at_all() {
    let studio = Studio::new(quick());
    let config = OutputConfig::new(
        "a",
        "rtmp://h/live",
        Some(StreamKey::new(KEY).unwrap()),
        false,
    );
    studio.outputs.add(config.unwrap()).unwrap();
    let update = |id: &str, url, key| studio.outputs.update(id, url, key, Some(true));
    assert_eq!(update("b", None, None), Err(Error::UnknownId));
    for (url, key) in [
        (Some("http://h/live"), None),
        (Some("rtmp://h/live"), Some(None)),
        (None, Some(None)),
    ] {
        let refused = update("a", url, key).unwrap_err();
        assert!(matches!(refused, Error::Target(_)), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains(KEY));
        let status = studio.status("a");
        assert_eq!((status.state, &*status.url), (State::Idle, "rtmp://h/live"));
    }
}

#[tokio::test]
async fn ids_are_checked() {
    let studio = Studio::new(quick());
    let config = |id: &str| OutputConfig::new(id, "rtmp://h/live/k", None, false);
    assert!(matches!(config("a b"), Err(Error::InvalidId)));
    assert!(matches!(
        OutputConfig::new("a", "http://h", None, false),
        Err(Error::Target(_))
    ));
    studio.outputs.add(config("a").unwrap()).unwrap();
    assert_eq!(
        studio.outputs.add(config("a").unwrap()),
        Err(Error::DuplicateId { id: "a".to_owned() })
    );
    assert_eq!(studio.outputs.list()[0].1.state, State::Idle);
    studio.outputs.remove("a").unwrap();
    for result in [
        studio.outputs.start("a"),
        studio.outputs.stop("a"),
        studio.outputs.retry("a"),
        studio.outputs.remove("a"),
        studio.outputs.update("a", None, None, None),
    ] {
        assert_eq!(result, Err(Error::UnknownId));
    }
}

/// Where the logs of a test go.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_key_is_nowhere_to_be_seen() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let ingest = Ingest::start().await;
    let denied = Answer::PublishError(
        "NetStream.Publish.Denied".to_owned(),
        format!("no stream {KEY}"),
    );
    ingest.answer([
        Answer::Accept,
        Answer::PublishError("NetStream.Failed".to_owned(), KEY.to_owned()),
        denied,
    ]);
    let mut studio = Studio::new(quick());
    let config = OutputConfig::new(
        "a",
        &format!("rtmp://{}/live/{KEY}?token={KEY}", ingest.address),
        None,
        true,
    )
    .unwrap();
    let mut seen = format!("{config:?}");
    studio.outputs.add(config).unwrap();
    studio.until_state("a", State::Live).await;
    ingest.cut();
    studio
        .encode_until("refusal", |studio| {
            seen.push_str(&format!("{:?} {:?}", studio.outputs, studio.outputs.list()));
            studio.status("a").state == State::Refused
        })
        .await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for word in ["live", "NetStream.Failed", "refused", "output{id=\"a\"}"] {
        assert!(log.contains(word), "{word} in {log}");
    }
    assert!(!log.contains(KEY) && !seen.contains(KEY), "{log}");
}
