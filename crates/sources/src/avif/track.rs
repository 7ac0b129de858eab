//! The tracks of a moving AVIF: where each frame lies, and for how long it is shown.

use super::boxes::{Boxes, content, versioned};
use super::color::{Space, space};
use super::{ALPHA_NAMES, broken};
use crate::Error;
use crate::film::{Disposal, Frame, Index};
use crate::profile::Conversion;
use crate::reading::Bytes;
use media::Av1;
use std::ops::Range;

/// Most tracks that are looked at: pictures, their transparency, and what nobody asked for.
const MAX_TRACKS: usize = 8;

/// What the frames of a moving AVIF have in common.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(super) av1: &'static dyn Av1,
    pub(super) space: Space,
    pub(super) is_premultiplied: bool,
    /// Which frames depend on none before them.
    keys: Vec<bool>,
}

impl Sequence {
    /// To sRGB, by what the track says.
    pub(crate) fn conversion(&self, bytes: &[u8]) -> Option<Conversion> {
        self.space.conversion(bytes, None)
    }

    /// The last frame up to `index` that depends on none before it.
    pub(crate) fn key_frame(&self, index: usize) -> usize {
        let upto = &self.keys[..self.keys.len().min(index + 1)];
        upto.iter().rposition(|is_key| *is_key).unwrap_or(0)
    }
}

#[derive(Default)]
struct Track {
    number: u32,
    /// In units of the movie; `None` is for ever.
    duration: Option<u64>,
    timescale: u32,
    is_pictures: bool,
    /// The track that this one is the transparency of.
    alpha_of: Option<u32>,
    /// The track by which this one's colors are multiplied.
    multiplied_by: Option<u32>,
    says_alpha: bool,
    edit: Option<Edit>,
    size: (u32, u32),
    space: Space,
    samples: Vec<Range<usize>>,
    delays: Vec<u32>,
    /// Numbers of the frames that depend on none, from 0; `None` is all.
    keys: Option<Vec<usize>>,
}

/// The part of a track that is shown.
struct Edit {
    repeats: bool,
    /// In units of the movie.
    duration: u64,
}

/// Reads the `moov` box at `range`.
pub(super) fn index(
    bytes: &[u8],
    range: Range<usize>,
    av1: &'static dyn Av1,
) -> Result<Index, Error> {
    let mut tracks = Vec::new();
    for (kind, range) in Boxes::within(bytes, range) {
        if &kind == b"trak" && tracks.len() < MAX_TRACKS {
            tracks.extend(track(bytes, range)?);
        }
    }
    let is_color = |track: &&Track| track.is_pictures && track.alpha_of.is_none();
    let at = tracks.iter().position(|track| is_color(&track));
    let color = tracks.swap_remove(at.ok_or_else(|| broken("it has no pictures"))?);
    let alpha = tracks
        .iter()
        .find(|track| track.alpha_of == Some(color.number) && track.says_alpha);
    if alpha.is_some_and(|alpha| alpha.samples.len() < color.samples.len()) {
        return Err(broken("some of its frames lack their transparency"));
    }
    if color.samples.is_empty() {
        return Err(broken("it has no picture"));
    }
    let (width, height) = color.size;
    let mut delays = color.delays.iter().copied();
    let frames = color.samples.iter().enumerate().map(|(i, sample)| Frame {
        parts: std::iter::once(sample)
            .chain(alpha.and_then(|alpha| alpha.samples.get(i)))
            .cloned()
            .collect(),
        control: None,
        x: 0,
        y: 0,
        width,
        height,
        replaces: true,
        disposal: Disposal::Keep,
        delay_ns: u64::from(delays.next().unwrap_or(0)) * 1_000_000_000
            / u64::from(color.timescale.max(1)),
    });
    let frames: Vec<Frame> = frames.collect();
    let is_key = |i: usize| {
        let is = |track: &Track| track.keys.as_ref().is_none_or(|keys| keys.contains(&i));
        is(&color) && alpha.is_none_or(is)
    };
    let sequence = Sequence {
        av1,
        space: color.space.clone(),
        is_premultiplied: alpha.is_some() && color.multiplied_by == alpha.map(|a| a.number),
        keys: (0..frames.len()).map(is_key).collect(),
    };
    Ok(Index {
        format: crate::film::Format::Avif(sequence),
        width,
        height,
        frames,
        plays: color.plays(),
    })
}

impl Track {
    /// How often the frames are played; for ever, where nothing is said, as browsers do it.
    fn plays(&self) -> Option<u32> {
        let edit = self.edit.as_ref()?;
        if !edit.repeats {
            return Some(1);
        }
        let rounds = self.duration?.div_ceil(edit.duration.max(1));
        Some(u32::try_from(rounds).unwrap_or(u32::MAX).max(1))
    }
}

/// `None` for a track that is told wrongly.
fn track(bytes: &[u8], range: Range<usize>) -> Result<Option<Track>, Error> {
    let mut track = Track::default();
    let mut table = None;
    for (kind, range) in Boxes::within(bytes, range) {
        match &kind {
            b"tkhd" => header(bytes, range, &mut track),
            b"tref" => {
                for (kind, range) in Boxes::within(bytes, range) {
                    let to = content(bytes, range).u32_be();
                    match &kind {
                        b"auxl" => track.alpha_of = to,
                        b"prem" => track.multiplied_by = to,
                        _ => {}
                    }
                }
            }
            b"edts" => {
                let list = Boxes::within(bytes, range).find(b"elst");
                track.edit = list.and_then(|range| edit(bytes, range));
            }
            b"mdia" => {
                for (kind, range) in Boxes::within(bytes, range) {
                    match &kind {
                        b"mdhd" => track.timescale = timescale(bytes, range).unwrap_or(0),
                        b"hdlr" => {
                            let kind = bytes.get(range).and_then(|content| content.get(8..12));
                            track.is_pictures = kind == Some(b"pict");
                        }
                        b"minf" => table = Boxes::within(bytes, range).find(b"stbl"),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let Some(table) = table else {
        return Ok(None);
    };
    samples(bytes, table, &mut track)?;
    Ok(Some(track))
}

fn header(bytes: &[u8], range: Range<usize>, track: &mut Track) {
    let read = || {
        let (version, _, mut reader) = versioned(bytes, range)?;
        let side = if version == 1 { 8 } else { 4 };
        reader.take(2 * side)?;
        let number = reader.u32_be()?;
        reader.take(4)?;
        let duration = reader.uint_be(side)?;
        let is_endless = duration == u64::MAX >> (64 - 8 * side);
        Some((number, (!is_endless).then_some(duration)))
    };
    if let Some((number, duration)) = read() {
        track.number = number;
        track.duration = duration;
    }
}

fn timescale(bytes: &[u8], range: Range<usize>) -> Option<u32> {
    let (version, _, mut reader) = versioned(bytes, range)?;
    reader.take(if version == 1 { 16 } else { 8 })?;
    reader.u32_be()
}

fn edit(bytes: &[u8], range: Range<usize>) -> Option<Edit> {
    let (version, flags, mut reader) = versioned(bytes, range)?;
    reader.u32_be()?;
    let duration = reader.uint_be(if version == 1 { 8 } else { 4 })?;
    Some(Edit {
        repeats: flags & 1 != 0,
        duration,
    })
}

/// Sizes, chunks and times.
fn samples(bytes: &[u8], table: Range<usize>, track: &mut Track) -> Result<(), Error> {
    let find = |kind: &[u8; 4]| Boxes::within(bytes, table.clone()).find(kind);
    let open = |kind: &[u8; 4]| versioned(bytes, find(kind)?).map(|(.., reader)| reader);
    if let Some(range) = find(b"stsd") {
        description(bytes, range, track);
    }
    let Some(mut sizes) = open(b"stsz") else {
        return Ok(());
    };
    let (Some(same), Some(count)) = (sizes.u32_be(), sizes.u32_be()) else {
        return Ok(());
    };
    Index::check_count(usize::try_from(count).unwrap_or(usize::MAX))?;
    let (mut chunks, is_long) = match (open(b"stco"), open(b"co64")) {
        (Some(chunks), _) => (chunks, false),
        (None, Some(chunks)) => (chunks, true),
        (None, None) => return Ok(()),
    };
    let mut runs = open(b"stsc").unwrap_or(Bytes::new(&[]));
    chunks.u32_be();
    runs.u32_be();
    // Runs say from which chunk on, numbered from 1, a chunk has so many samples.
    let run = |reader: &mut Bytes<'_>| {
        let (first, per_chunk) = (reader.u32_be()?, reader.u32_be()?);
        reader.u32_be()?;
        Some((first, per_chunk))
    };
    let mut per_chunk = run(&mut runs).map_or(1, |(_, per_chunk)| per_chunk);
    let mut next = run(&mut runs);
    let mut left = count;
    let mut number = 0_u32;
    'all: while left > 0 {
        number += 1;
        if let Some((_, next_per_chunk)) = next.filter(|(first, _)| number >= *first) {
            per_chunk = next_per_chunk;
            next = run(&mut runs);
        }
        let offset = if is_long {
            chunks.u64_be()
        } else {
            chunks.u32_be().map(u64::from)
        };
        let Some(mut at) = offset.and_then(|offset| usize::try_from(offset).ok()) else {
            break;
        };
        for _ in 0..per_chunk.min(left) {
            let size = if same == 0 {
                sizes.u32_be()
            } else {
                Some(same)
            };
            let end = size.and_then(|size| at.checked_add(usize::try_from(size).ok()?));
            // A file that ends too early has the frames that are whole.
            let Some(end) = end.filter(|end| *end <= bytes.len()) else {
                break 'all;
            };
            track.samples.push(at..end);
            at = end;
            left -= 1;
        }
    }
    if let Some(mut times) = open(b"stts") {
        times.u32_be();
        while let (Some(count), Some(delta)) = (times.u32_be(), times.u32_be()) {
            let room = track.samples.len() - track.delays.len();
            let count = usize::try_from(count).unwrap_or(usize::MAX).min(room);
            track.delays.extend(std::iter::repeat_n(delta, count));
        }
    }
    if let Some(mut keys) = open(b"stss") {
        keys.u32_be();
        let numbers = std::iter::from_fn(|| keys.u32_be());
        let numbers = numbers.take(track.samples.len());
        track.keys = Some(
            numbers
                .filter_map(|n| (n as usize).checked_sub(1))
                .collect(),
        );
    }
    Ok(())
}

/// Size and colors, from the first entry that is AV1.
fn description(bytes: &[u8], range: Range<usize>, track: &mut Track) {
    /// What stands before the boxes of an entry.
    const FIXED: usize = 78;
    let entries = Boxes::within(bytes, range.start + 8..range.end);
    let Some(entry) = entries.find(b"av01") else {
        // Pictures that nothing here can decode are as good as none.
        track.is_pictures = false;
        return;
    };
    let mut reader = content(bytes, entry.clone());
    reader.take(24);
    if let (Some(width), Some(height)) = (reader.u16_be(), reader.u16_be()) {
        track.size = (width.into(), height.into());
    }
    let inner = || Boxes::within(bytes, entry.start + FIXED..entry.end);
    let said = inner().filter(|(kind, _)| kind == b"colr");
    track.space = space(bytes, said.map(|(_, range)| range));
    track.says_alpha = inner().find(b"auxi").is_some_and(|range| {
        versioned(bytes, range).is_some_and(|(.., reader)| {
            let name = reader.rest().split(|byte| *byte == 0).next();
            name.is_some_and(|name| ALPHA_NAMES.contains(&name))
        })
    });
}
