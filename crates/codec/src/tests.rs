//! What comes out of the encoders and containers, also as the real `ffprobe` and `ffmpeg` see it.

use crate::{
    AudioEncoder, AudioSettings, Container, Error, Fragmenter, Latency, Muxer, Preset,
    VideoEncoder, VideoSettings,
};
use media::{
    AudioBlock, AudioHeader, Bitrate, Framerate, I420Frame, Packet, Resolution, Track, VideoHeader,
};
use proptest::prelude::*;
use std::{
    io::{Cursor, Write},
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
};

mod damage;

const SIZE: Resolution = Resolution::new(320, 180);

fn rate(num: u32, den: u32) -> Framerate {
    Framerate::new(num, den).unwrap()
}

fn normal() -> VideoSettings {
    VideoSettings {
        keyframe_interval_ms: 1000,
        ..VideoSettings::new(SIZE, rate(30, 1), Bitrate::from_bps(600_000))
    }
}

fn low() -> VideoSettings {
    VideoSettings {
        latency: Latency::Low,
        ..normal()
    }
}

fn b_frames() -> VideoSettings {
    VideoSettings {
        b_frames: 2,
        ..normal()
    }
}

/// A grey gradient with a bright block that moves, so that every frame differs and yet compresses well.
fn picture(n: i64) -> Arc<I420Frame> {
    static BACKGROUND: LazyLock<I420Frame> = LazyLock::new(background);
    let mut frame = BACKGROUND.clone();
    let x0 = usize::try_from(n * 4).unwrap() % 280;
    for line in frame.planes_mut()[0]
        .chunks_exact_mut(320)
        .skip(60)
        .take(40)
    {
        line[x0..x0 + 40].fill(220);
    }
    Arc::new(frame)
}

fn background() -> I420Frame {
    let mut frame = I420Frame::black(SIZE);
    let [y, u, v] = frame.planes_mut();
    for (row, line) in y.chunks_exact_mut(320).enumerate() {
        for (x, luma) in line.iter_mut().enumerate() {
            *luma = 40 + u8::try_from((x + row) / 5).unwrap();
        }
    }
    for (row, line) in u.chunks_exact_mut(160).enumerate() {
        line.fill(96 + u8::try_from(row / 2).unwrap());
    }
    for line in v.chunks_exact_mut(160) {
        line[..80].fill(150);
    }
    frame
}

/// Encodes the frames with these numbers; those in `forced` as IDR.
fn encode(
    settings: &VideoSettings,
    numbers: impl IntoIterator<Item = i64>,
    forced: &[i64],
) -> (VideoHeader, Vec<Packet>) {
    let mut encoder = VideoEncoder::open(settings).unwrap();
    let mut packets = Vec::new();
    for n in numbers {
        encoder
            .encode(&picture(n), n, forced.contains(&n), None, &mut packets)
            .unwrap();
    }
    encoder.finish(&mut packets).unwrap();
    (encoder.header().clone(), packets)
}

fn check_times(packets: &[Packet], numbers: impl IntoIterator<Item = i64>) {
    let mut shown: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
    shown.sort_unstable();
    assert_eq!(shown, numbers.into_iter().collect::<Vec<_>>());
    assert!(
        packets.iter().all(|packet| packet.pts >= packet.dts),
        "{packets:?}"
    );
    assert!(
        packets.windows(2).all(|pair| pair[0].dts < pair[1].dts),
        "{packets:?}"
    );
}

fn idrs(packets: &[Packet]) -> Vec<i64> {
    packets
        .iter()
        .filter(|packet| packet.is_keyframe)
        .map(|packet| packet.pts)
        .collect()
}

/// The NAL unit types of an AVCC access unit.
fn nal_types(avcc: &[u8]) -> Vec<u8> {
    let (mut rest, mut types) = (avcc, Vec::new());
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (nal, tail) = tail.split_at(u32::from_be_bytes(*length) as usize);
        types.push(nal[0] & 31);
        rest = tail;
    }
    assert!(rest.is_empty());
    types
}

#[test]
fn auto_takes_a_faster_preset_for_more_pixels_or_fewer_cores() {
    for (width, height, fps, one_core, two_cores) in [
        (640, 360, 30, Preset::Veryfast, Preset::Faster),
        (1280, 720, 30, Preset::Veryfast, Preset::Faster),
        (1280, 720, 60, Preset::Veryfast, Preset::Veryfast),
        (1920, 1080, 30, Preset::Veryfast, Preset::Veryfast),
        (1920, 1080, 60, Preset::Superfast, Preset::Veryfast),
        (2560, 1440, 45, Preset::Ultrafast, Preset::Superfast),
        (3840, 2160, 30, Preset::Ultrafast, Preset::Ultrafast),
    ] {
        let resolution = Resolution::new(width, height);
        let chosen = |cores| Preset::auto(resolution, rate(fps, 1), cores);
        assert_eq!(chosen(1), one_core, "{resolution} at {fps}, one core");
        assert_eq!(chosen(2), two_cores, "{resolution} at {fps}, two cores");
        assert_eq!(chosen(64), two_cores, "the encoder uses one of them");
    }
}

#[test]
fn every_profile_gives_each_frame_once_in_decodable_order() {
    for settings in [normal(), low(), b_frames()] {
        let (_, packets) = encode(&settings, 0..60, &[]);
        check_times(&packets, 0..60);
        assert_eq!(idrs(&packets), [0, 30], "{settings:?}");
        for packet in &packets {
            let expected = if packet.is_keyframe { 5 } else { 1 };
            assert_eq!(
                nal_types(&packet.data),
                [expected],
                "{settings:?} {}",
                packet.pts
            );
        }
    }
}

#[test]
fn only_b_frames_reorder() {
    let reordered = |settings| {
        encode(&settings, 0..60, &[])
            .1
            .iter()
            .filter(|packet| packet.pts != packet.dts)
            .count()
    };
    assert_eq!([reordered(normal()), reordered(low())], [0, 0]);
    assert!(reordered(b_frames()) > 30);
}

#[test]
fn a_profile_holds_back_what_it_says() {
    for (settings, held) in [(normal(), 15), (low(), 0)] {
        let mut encoder = VideoEncoder::open(&settings).unwrap();
        let mut packets = Vec::new();
        for n in 0..40 {
            encoder
                .encode(&picture(n), n, false, None, &mut packets)
                .unwrap();
        }
        assert_eq!(40 - packets.len(), held, "{settings:?}");
    }
}

#[test]
fn a_forced_idr_lands_on_its_frame_and_restarts_the_interval() {
    for settings in [normal(), low(), b_frames()] {
        let (_, packets) = encode(&settings, 0..80, &[7, 8, 40]);
        assert_eq!(idrs(&packets), [0, 7, 8, 38, 40, 70], "{settings:?}");
        check_times(&packets, 0..80);
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    for settings in [normal(), low(), b_frames()] {
        let [(header, a), (header_b, b)] = [0, 1].map(|_| encode(&settings, 0..60, &[20]));
        assert_eq!(header, header_b);
        assert!(
            a.iter()
                .zip(&b)
                .all(|(a, b)| a.data == b.data && a.dts == b.dts),
            "{settings:?}"
        );
    }
}

#[test]
fn a_gap_in_the_frame_numbers_stays_a_gap() {
    let numbers = || (100..130).chain(190..230);
    for settings in [normal(), low(), b_frames()] {
        let (_, packets) = encode(&settings, numbers(), &[]);
        check_times(&packets, numbers());
        let (_, whole) = encode(&settings, 100..170, &[]);
        let bytes = |packets: &[Packet]| {
            packets
                .iter()
                .map(|packet| packet.data.len())
                .sum::<usize>()
        };
        assert!(
            bytes(&packets) < bytes(&whole) * 13 / 10,
            "rate control is not upset: {settings:?}"
        );
    }
}

#[test]
fn the_header_tells_profile_level_and_parameter_sets() {
    let expected = [
        (Preset::Ultrafast, 66),
        (Preset::Veryfast, 100),
        (Preset::Medium, 100),
    ];
    for (preset, profile) in expected {
        let avcc = VideoEncoder::open(&VideoSettings { preset, ..normal() })
            .unwrap()
            .header()
            .avcc
            .clone();
        assert_eq!(
            [avcc[0], avcc[1], avcc[3], avcc[4], avcc[5]],
            [1, profile, 13, 0xff, 0xe1],
            "{preset}"
        );
        let sps_len = usize::from(u16::from_be_bytes([avcc[6], avcc[7]]));
        let rest = &avcc[8..];
        assert_eq!(rest[..4], [0x67, avcc[1], avcc[2], avcc[3]]);
        let rest = &rest[sps_len..];
        assert_eq!([rest[0], rest[3]], [1, 0x68]);
        let pps_len = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
        let tail: &[u8] = if profile == 100 {
            &[0xfd, 0xf8, 0xf8, 0]
        } else {
            &[]
        };
        assert_eq!(&rest[3 + pps_len..], tail, "{preset}");
    }
}

#[test]
fn a_lower_bitrate_takes_effect_at_run_time() {
    // Noise, so that the encoder uses all the bits it may.
    let noise = |n: u32| {
        let mut frame = I420Frame::black(SIZE);
        let mut state = n.wrapping_mul(2_654_435_761) | 1;
        frame.planes_mut()[0].fill_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        });
        Arc::new(frame)
    };
    let mut encoder = VideoEncoder::open(&VideoSettings {
        bitrate: Bitrate::from_bps(2_000_000),
        ..low()
    })
    .unwrap();
    let mut packets = Vec::new();
    for n in 0..150 {
        if n == 60 {
            encoder.set_bitrate(Bitrate::from_bps(500_000)).unwrap();
        }
        encoder
            .encode(&noise(n), i64::from(n), false, None, &mut packets)
            .unwrap();
    }
    let bits = |range: std::ops::Range<usize>| {
        packets[range]
            .iter()
            .map(|packet| packet.data.len() * 8)
            .sum::<usize>()
    };
    assert!(bits(30..60) > 1_500_000, "{}", bits(30..60));
    assert!(bits(120..150) < 700_000, "{}", bits(120..150));
    assert_eq!(encoder.header().bitrate.bps(), 500_000);
}

#[test]
fn what_cannot_be_encoded_is_refused_by_name() {
    let refused = |settings: &VideoSettings| match VideoEncoder::open(settings) {
        Err(Error::InvalidSetting { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(&VideoSettings {
            resolution: Resolution::new(321, 180),
            ..normal()
        }),
        "resolution"
    );
    assert_eq!(
        refused(&VideoSettings {
            resolution: Resolution::new(0, 180),
            ..normal()
        }),
        "resolution"
    );
    assert_eq!(
        refused(&VideoSettings {
            b_frames: 1,
            ..low()
        }),
        "b_frames"
    );
    assert_eq!(
        refused(&VideoSettings {
            b_frames: 4,
            ..normal()
        }),
        "b_frames"
    );
    assert_eq!(
        refused(&VideoSettings {
            bitrate: Bitrate::from_bps(0),
            ..normal()
        }),
        "bitrate"
    );
    assert_eq!(
        refused(&VideoSettings {
            keyframe_interval_ms: 0,
            ..normal()
        }),
        "keyframe_interval_ms"
    );

    let mut encoder = VideoEncoder::open(&low()).unwrap();
    let mut packets = Vec::new();
    encoder
        .encode(&picture(0), 5, false, None, &mut packets)
        .unwrap();
    let again = encoder.encode(&picture(0), 5, false, None, &mut packets);
    assert!(matches!(
        again,
        Err(Error::FrameOrder {
            pts: 5,
            previous: 5
        })
    ));
    let other_size = Arc::new(I420Frame::black(Resolution::new(640, 360)));
    assert!(matches!(
        encoder.encode(&other_size, 6, false, None, &mut packets),
        Err(Error::FrameSize { .. })
    ));
    encoder
        .encode(&picture(6), 6, false, None, &mut packets)
        .unwrap();
    encoder.finish(&mut packets).unwrap();
    assert_eq!(packets.len(), 2);
    assert!(matches!(
        encoder.encode(&picture(7), 7, false, None, &mut packets),
        Err(Error::Finished)
    ));
}

#[test]
fn preset_names_are_x264s() {
    for preset in Preset::ALL {
        assert_eq!(preset.to_string().parse(), Ok(preset));
        VideoEncoder::open(&VideoSettings { preset, ..normal() }).unwrap();
    }
    assert_eq!(Preset::default().name(), "veryfast");
    assert!("placebo".parse::<Preset>().is_err());
}

#[test]
fn versions_name_ffmpeg_and_its_licence() {
    let versions = crate::versions();
    assert!(
        versions.starts_with("FFmpeg ") && versions.contains("GPL"),
        "{versions}"
    );
}

fn sound() -> AudioSettings {
    AudioSettings {
        sample_rate_hz: 48_000,
        channels: 2,
        bitrate: Bitrate::from_bps(128_000),
    }
}

/// `len` instants of a tone from sample `start` on.
#[expect(clippy::cast_possible_truncation, reason = "samples are 32-bit")]
fn tone(start: i64, len: i64) -> AudioBlock {
    let sample =
        |i: i64| (libm::sin(i as f64 * 440.0 * core::f64::consts::TAU / 48_000.0) * 0.5) as f32;
    let samples = (start..start + len)
        .flat_map(|i| [sample(i), -sample(i)])
        .collect();
    AudioBlock {
        sample_rate_hz: 48_000,
        channels: 2,
        start,
        samples,
    }
}

fn encode_sound(blocks: impl IntoIterator<Item = AudioBlock>) -> (AudioHeader, Vec<Packet>) {
    let mut encoder = AudioEncoder::open(&sound()).unwrap();
    let mut packets = Vec::new();
    for block in blocks {
        encoder.encode(&block, &mut packets).unwrap();
    }
    encoder.finish(&mut packets).unwrap();
    (encoder.header().clone(), packets)
}

#[test]
fn sound_has_the_configuration_of_aac_lc() {
    // Object type 2, 48 kHz (index 3), 2 channels.
    let (header, _) = encode_sound([]);
    assert_eq!(header.asc[..2], [0x11, 0x90]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// However sound is cut into blocks, packets and their times are the same.
    #[test]
    fn blocks_of_any_length_give_the_same_packets(start in -5000_i64..5000, lengths in prop::collection::vec(0_i64..3000, 1..8)) {
        let total: i64 = lengths.iter().sum();
        let mut at = start;
        let (_, packets) = encode_sound(lengths.iter().map(|&length| {
            at += length;
            tone(at - length, length)
        }));
        let (_, whole) = encode_sound([tone(start, total)]);
        prop_assert_eq!(packets.len(), whole.len());
        for (k, (a, b)) in (0..).zip(packets.iter().zip(&whole)) {
            prop_assert_eq!((&a.data, a.pts, a.dts), (&b.data, start + k * 1024 - 1024, a.pts));
        }
        prop_assert!(packets.len() as i64 * 1024 >= total, "nothing is lost at the end");
    }
}

#[test]
fn a_gap_in_the_sound_is_silence_and_an_overlap_is_refused() {
    let silence = AudioBlock {
        samples: vec![0.0; 5000],
        ..tone(1600, 0)
    };
    let (_, gap) = encode_sound([tone(0, 1600), tone(4100, 1000)]);
    let (_, filled) = encode_sound([tone(0, 1600), silence, tone(4100, 1000)]);
    assert!(
        gap.iter()
            .map(|packet| &packet.data)
            .eq(filled.iter().map(|packet| &packet.data))
    );

    let mut encoder = AudioEncoder::open(&sound()).unwrap();
    encoder.encode(&tone(0, 100), &mut Vec::new()).unwrap();
    let overlap = encoder.encode(&tone(99, 100), &mut Vec::new());
    assert!(matches!(
        overlap,
        Err(Error::BlockOverlap {
            start: 99,
            expected: 100
        })
    ));
    let mono = AudioBlock {
        channels: 1,
        ..tone(100, 100)
    };
    assert!(matches!(
        encoder.encode(&mono, &mut Vec::new()),
        Err(Error::BlockFormat { channels: 1, .. })
    ));
}

/// Whoever stood still for a day does not encode a day of silence.
#[test]
fn a_gap_of_a_day_is_ten_seconds_of_silence_and_a_leap_of_times() {
    let from = |start| AudioBlock {
        start,
        ..tone(0, 3000)
    };
    let day = 86_400 * 48_000 + 777;
    let (_, packets) = encode_sound([tone(0, 1600), from(1600 + day)]);
    let leap = (day - 480_000) / 1024 * 1024;
    let (_, whole) = encode_sound([tone(0, 1600), from(1600 + day - leap)]);
    assert_eq!(packets.len(), whole.len());
    let leaps: Vec<i64> = (packets.iter().zip(&whole))
        .map(|(packet, same)| {
            assert_eq!(packet.data, same.data, "the same sound");
            assert_eq!(packet.pts, packet.dts);
            packet.pts - same.pts
        })
        .collect();
    // Once, in the midst of the silence.
    let before = leaps.iter().position(|&it| it != 0).unwrap();
    assert!((460..475).contains(&before), "{before}");
    assert!(leaps[before..].iter().all(|&it| it == leap), "{leaps:?}");
}

#[test]
fn samples_that_are_no_numbers_are_silence() {
    let broken = AudioBlock {
        samples: vec![f32::NAN; 4096],
        ..tone(0, 0)
    };
    let silent = AudioBlock {
        samples: vec![0.0; 4096],
        ..tone(0, 0)
    };
    let data = |block| {
        encode_sound([block])
            .1
            .into_iter()
            .map(|packet| packet.data)
            .collect::<Vec<_>>()
    };
    assert_eq!(data(broken), data(silent));
}

/// Runs a program on `input` and returns its standard output; it must succeed silently.
fn run(program: &str, arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("these tests need {program} on the PATH: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that has read enough closes the pipe; what it says counts, not that.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().unwrap()
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{program} {arguments}: {said}"
    );
    output.stdout
}

fn probe(arguments: &str, input: &[u8]) -> String {
    String::from_utf8(run(
        "ffprobe",
        &format!("-v error {arguments} -of csv=p=0 -"),
        input,
    ))
    .unwrap()
}

/// Both tracks in the order of their decode times, as outputs send them.
fn interleaved(video: Vec<Packet>, audio: Vec<Packet>) -> Vec<Packet> {
    let mut packets = [video, audio].concat();
    packets.sort_by_key(Packet::dts_nanos);
    packets
}

fn fragmented(video: &VideoHeader, audio: Option<&AudioHeader>, packets: &[Packet]) -> Vec<u8> {
    let mut fragmenter = Fragmenter::new(video, audio);
    let mut file = fragmenter.init_segment().to_vec();
    for packet in packets {
        file.extend_from_slice(&fragmenter.fragment(packet).unwrap());
    }
    file
}

/// `pts` and `dts` of one track in its time base, as ffprobe reads them.
fn probed_times(file: &[u8], track: char) -> Vec<(i64, i64)> {
    let text = probe(
        &format!("-select_streams {track}:0 -show_entries packet=pts,dts"),
        file,
    );
    let number = |text: &str| text.trim().parse().unwrap();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut fields = line.split(',');
            (
                number(fields.next().unwrap()),
                number(fields.next().unwrap()),
            )
        })
        .collect()
}

#[test]
fn fragments_decode_to_the_pictures_that_went_in() {
    for settings in [normal(), low(), b_frames()] {
        let (video, packets) = encode(&settings, 0..60, &[]);
        let file = fragmented(&video, None, &packets);
        let entries = "stream=codec_name,profile,width,height,pix_fmt,chroma_location,color_range,color_space,\
                       color_transfer,color_primaries,r_frame_rate,time_base";
        assert_eq!(
            probe(&format!("-show_entries {entries}"), &file).trim(),
            "h264,High,320,180,yuv420p,tv,bt709,bt709,bt709,left,30/1,1/90000"
        );
        let decoded = run(
            "ffmpeg",
            "-v error -i - -f rawvideo -pix_fmt yuv420p -fps_mode passthrough -",
            &file,
        );
        let frame_len = 320 * 180 * 3 / 2;
        assert_eq!(decoded.len(), 60 * frame_len);
        for (n, shown) in (0..).zip(decoded.chunks_exact(frame_len)).step_by(7) {
            let psnr = psnr_db(picture(n).data(), shown);
            assert!(psnr > 30.0, "{settings:?}: frame {n} has {psnr:.1} dB");
        }
    }
}

fn psnr_db(a: &[u8], b: &[u8]) -> f64 {
    let squares: u64 = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2))
        .sum();
    10.0 * libm::log10(255.0 * 255.0 * a.len() as f64 / squares.max(1) as f64)
}

#[test]
fn fragments_carry_exact_times_for_odd_rates_and_b_frames() {
    let settings = VideoSettings {
        framerate: rate(30_000, 1001),
        ..b_frames()
    };
    let (video, pictures) = encode(&settings, 0..60, &[]);
    let (audio, sounds) = encode_sound((0..60).map(|n| {
        let [from, to] = [n, n + 1].map(|n| settings.framerate.samples_before(n, 48_000));
        tone(from, to - from)
    }));
    let file = fragmented(
        &video,
        Some(&audio),
        &interleaved(pictures.clone(), sounds.clone()),
    );
    let expected = |packets: &[Packet], ticks: i64, offset: i64| -> Vec<(i64, i64)> {
        packets
            .iter()
            .map(|packet| (packet.pts * ticks + offset, packet.dts * ticks + offset))
            .collect()
    };
    assert_eq!(
        probed_times(&file, 'v'),
        expected(&pictures, 3 * 1001, 90_000)
    );
    assert_eq!(probed_times(&file, 'a'), expected(&sounds, 1, 48_000));
    assert_eq!(
        probe(
            "-select_streams a:0 -show_entries stream=codec_name,profile,sample_rate,channels",
            &file
        )
        .trim(),
        "aac,LC,48000,2"
    );
}

#[test]
fn a_viewer_joins_at_an_idr_days_into_the_show() {
    let first = 3 * 24 * 3600 * 30;
    let (video, packets) = encode(&low(), first..first + 60, &[]);
    let mut fragmenter = Fragmenter::new(&video, None);
    let fragments: Vec<_> = packets
        .iter()
        .map(|packet| fragmenter.fragment(packet).unwrap())
        .collect();
    let joined = [&[fragmenter.init_segment()], &fragments[30..]]
        .concat()
        .concat();
    let times = probed_times(&joined, 'v');
    assert_eq!(
        times,
        (first + 60..first + 90)
            .map(|n| (3000 * n, 3000 * n))
            .collect::<Vec<_>>()
    );
    assert_eq!(fragmenter.mime_type(), "video/mp4; codecs=\"avc1.64000d\"");
}

#[test]
fn fragments_refuse_what_they_cannot_express() {
    let (video, packets) = encode(&low(), 0..1, &[]);
    let mut fragmenter = Fragmenter::new(&video, None);
    let audio = Packet {
        track: Track::Audio,
        ..packets[0].clone()
    };
    assert!(matches!(
        fragmenter.fragment(&audio),
        Err(Error::TrackMissing {
            track: Track::Audio
        })
    ));
    let early = Packet {
        dts: -31,
        ..packets[0].clone()
    };
    assert!(matches!(
        fragmenter.fragment(&early),
        Err(Error::TooEarly {
            dts_ns: -1_033_333_334,
            ..
        })
    ));
    let just = Packet {
        dts: -30,
        ..packets[0].clone()
    };
    fragmenter.fragment(&just).unwrap();
}

#[test]
fn files_hold_every_packet_with_its_time() {
    let (video, pictures) = encode(&b_frames(), 0..60, &[]);
    let (audio, sounds) = encode_sound((0..60).map(|n| tone(n * 1600, 1600)));
    let packets = interleaved(pictures, sounds.clone());
    for (container, name) in [
        (Container::Mp4, "mov,mp4,m4a,3gp,3g2,mj2"),
        (Container::Matroska, "matroska,webm"),
    ] {
        let write = || {
            let mut muxer =
                Muxer::open(container, &video, Some(&audio), Cursor::new(Vec::new())).unwrap();
            for packet in &packets {
                muxer.write(packet).unwrap();
            }
            muxer.finish().unwrap().into_inner()
        };
        let file = write();
        assert_eq!(file, write(), "{container:?}: same packets, same file");
        assert_eq!(
            probe("-show_entries format=format_name", &file)
                .trim()
                .trim_matches('"'),
            name
        );
        let count = |track| {
            probe(
                &format!(
                    "-count_packets -select_streams {track} -show_entries stream=nb_read_packets"
                ),
                &file,
            )
        };
        assert_eq!(count("v:0").trim(), "60", "{container:?}");
        assert_eq!(
            count("a:0").trim(),
            sounds.len().to_string(),
            "{container:?}"
        );
        let times = |track| -> Vec<f64> {
            let text = probe(
                &format!("-select_streams {track} -show_entries packet=pts_time"),
                &file,
            );
            let mut times: Vec<f64> = text
                .split_whitespace()
                .map(|field| field.trim_end_matches(',').parse().unwrap())
                .collect();
            times.sort_by(f64::total_cmp);
            times
        };
        let (shown, heard) = (times("v:0"), times("a:0"));
        let near = |a: f64, b: f64| (a - b).abs() < 0.0011;
        for (n, time) in shown.iter().enumerate() {
            assert!(
                near(time - shown[0], n as f64 / 30.0),
                "{container:?} {shown:?}"
            );
        }
        for (k, time) in heard.iter().enumerate() {
            let expected = (k as f64 - 1.0) * 1024.0 / 48_000.0;
            assert!(near(time - shown[0], expected), "{container:?} {heard:?}");
        }
        let decoded = run(
            "ffmpeg",
            "-v error -i - -map 0:v -f rawvideo -pix_fmt yuv420p -fps_mode passthrough -",
            &file,
        );
        assert_eq!(decoded.len(), 60 * 320 * 180 * 3 / 2, "{container:?}");
        assert!(
            psnr_db(picture(59).data(), &decoded[59 * 320 * 180 * 3 / 2..]) > 30.0,
            "{container:?}"
        );
    }
}

/// Fails or panics once `room` bytes are written.
#[derive(Debug)]
struct FullDisk {
    file: Cursor<Vec<u8>>,
    room: usize,
    panics: bool,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert!(
            !self.panics || self.file.get_ref().len() < self.room,
            "a sink's own fault"
        );
        if self.file.get_ref().len() >= self.room {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for FullDisk {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_failing_sink_is_an_error_and_nothing_worse() {
    let (video, packets) = encode(&low(), 0..60, &[]);
    for (panics, kind) in [
        (false, std::io::ErrorKind::StorageFull),
        (true, std::io::ErrorKind::Other),
    ] {
        let sink = FullDisk {
            file: Cursor::new(Vec::new()),
            room: 1,
            panics,
        };
        let error = Muxer::open(Container::Matroska, &video, None, sink)
            .and_then(|mut muxer| {
                packets.iter().try_for_each(|packet| muxer.write(packet))?;
                muxer.finish().map(drop)
            })
            .unwrap_err();
        assert!(
            matches!(&error, Error::Sink(cause) if cause.kind() == kind),
            "{error:?}"
        );
    }
    // Dropped in the middle.
    let mut muxer = Muxer::open(Container::Mp4, &video, None, Cursor::new(Vec::new())).unwrap();
    muxer.write(&packets[0]).unwrap();
    assert!(matches!(
        muxer.write(&Packet {
            track: Track::Audio,
            ..packets[0].clone()
        }),
        Err(Error::TrackMissing { .. })
    ));
}
