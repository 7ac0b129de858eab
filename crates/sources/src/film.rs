//! Animated pictures: their frames, how long each is shown, and a player that makes one after the other.
//!
//! A file is indexed once, without decoding a pixel. Each frame then stands in the index with what decodes it alone, so a
//! player holds one canvas and no decoder, and can begin anew at any frame that depends on none before it.

use crate::profile::Conversion;
use crate::request::{MAX_SIDE, checked_size};
use crate::{Error, apng, avif, gif, webp};
use media::Surface;
use std::ops::Range;
use std::sync::Arc;

/// Most frames of an animated picture: more than a minute at 30 a second.
const MAX_FRAMES: usize = 2000;
/// Most pixels of an animated picture's canvas: 4K.
pub(crate) const MAX_CANVAS_PIXELS: u64 = 3840 * 2160;
/// Most pixels of all its frames together: [`MAX_FRAMES`] at 1080p.
const MAX_FILM_PIXELS: u64 = MAX_FRAMES as u64 * 1920 * 1080;
/// Up to here a delay is one that no encoder meant, and [`SLOW_NS`] is shown instead, as browsers do.
const TOO_FAST_NS: u64 = 10_000_000;
const SLOW_NS: u64 = 100_000_000;

/// When which frame of an animated picture is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Timetable {
    /// When each frame ends, nanoseconds from the beginning of the first; increasing.
    ends_ns: Vec<u64>,
    /// How often the file says it is played; `None` is for ever.
    plays: Option<u32>,
}

impl Timetable {
    /// Frames that last so long each; what is 10 ms or less lasts 100 ms, as in browsers.
    ///
    /// Takes at least one delay.
    pub(crate) fn new(delays_ns: impl Iterator<Item = u64>, plays: Option<u32>) -> Self {
        let slowed = |delay| if delay <= TOO_FAST_NS { SLOW_NS } else { delay };
        Self::exact(delays_ns.map(slowed), plays)
    }

    /// Frames that last exactly so long each, above 0.
    pub(crate) fn exact(delays_ns: impl Iterator<Item = u64>, plays: Option<u32>) -> Self {
        let mut end = 0_u64;
        let ends_ns = delays_ns
            .map(|delay| {
                end = end.saturating_add(delay);
                end
            })
            .collect();
        Self { ends_ns, plays }
    }

    /// How many frames there are, at least one.
    pub fn frames(&self) -> u32 {
        u32::try_from(self.ends_ns.len()).unwrap_or(u32::MAX)
    }

    /// How long all frames last once, nanoseconds.
    pub fn duration_ns(&self) -> u64 {
        self.ends_ns.last().copied().unwrap_or(1)
    }

    /// How often the file says it is played; `None` is for ever.
    pub const fn plays(&self) -> Option<u32> {
        self.plays
    }

    /// The frame that is shown `elapsed_ns` after the beginning, in a film that is played `plays` times (`None`: for
    /// ever). Before the beginning it is the first, behind the end the last.
    pub fn frame_at(&self, elapsed_ns: i64, plays: Option<u32>) -> u32 {
        let elapsed = u64::try_from(elapsed_ns).unwrap_or(0);
        let duration = self.duration_ns().max(1);
        if plays.is_some_and(|plays| elapsed / duration >= u64::from(plays)) {
            return self.frames().saturating_sub(1);
        }
        let phase = elapsed % duration;
        let frame = self.ends_ns.partition_point(|end| *end <= phase);
        u32::try_from(frame).unwrap_or(0)
    }
}

/// An animated picture as it lies in its file.
#[derive(Debug)]
pub struct Film {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) format: Format,
    pub(crate) width: u32,
    pub(crate) height: u32,
    frames: Vec<Frame>,
    timetable: Arc<Timetable>,
    /// To sRGB, where it is packed in other colors.
    conversion: Option<Conversion>,
}

/// How a film's frames are packed.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    /// What stands before the first block: header and global palette.
    Gif {
        head: usize,
    },
    /// The header chunk's content, and the chunks that every frame needs: palette and transparency.
    Apng {
        ihdr: [u8; 13],
        shared: Vec<Range<usize>>,
    },
    Webp,
    Avif(avif::Sequence),
}

/// One frame: where it lies, and how it is put on the canvas.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The packed pixels, in order.
    pub(crate) parts: Vec<Range<usize>>,
    /// Of a GIF, what its control block says.
    pub(crate) control: Option<[u8; 4]>,
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether it replaces what is below it, or lies over it.
    pub(crate) replaces: bool,
    pub(crate) disposal: Disposal,
    pub(crate) delay_ns: u64,
}

/// What becomes of a frame's place when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    Keep,
    Clear,
    Restore,
}

/// What an index found.
pub(crate) struct Index {
    pub(crate) format: Format,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames: Vec<Frame>,
    pub(crate) plays: Option<u32>,
}

impl Index {
    /// Room for one frame more, or an error that says how many may be.
    pub(crate) fn check_room(frames: &[Frame]) -> Result<(), Error> {
        Self::check_count(frames.len() + 1)
    }

    /// As [`Index::check_room`], where a file says how many frames it has.
    pub(crate) const fn check_count(frames: usize) -> Result<(), Error> {
        if frames <= MAX_FRAMES {
            return Ok(());
        }
        Err(Error::TooManyFrames {
            allowed: MAX_FRAMES,
        })
    }
}

impl Film {
    pub(crate) fn new(bytes: Arc<[u8]>, index: Index) -> Result<Self, Error> {
        let (width, height) = checked_size("the picture", index.width.into(), index.height.into())?;
        let pixels = u64::from(width) * u64::from(height);
        if index.frames.len() > 1 && pixels > MAX_CANVAS_PIXELS {
            return Err(Error::TooManyPixels {
                what: "the animated picture",
                width: width.into(),
                height: height.into(),
                allowed_side: MAX_SIDE.into(),
                allowed_pixels: MAX_CANVAS_PIXELS,
            });
        }
        // A GIF's frames may leave its canvas, and are decoded as a whole all the same.
        for frame in &index.frames {
            let (w, h) = (u64::from(frame.width), u64::from(frame.height));
            if w * h > pixels.max(MAX_CANVAS_PIXELS) {
                return Err(Error::TooManyPixels {
                    what: "a frame",
                    width: w,
                    height: h,
                    allowed_side: MAX_SIDE.into(),
                    allowed_pixels: pixels.max(MAX_CANVAS_PIXELS),
                });
            }
        }
        let all = pixels.saturating_mul(index.frames.len() as u64);
        if index.frames.len() > 1 && all > MAX_FILM_PIXELS {
            return Err(Error::TooLongFilm {
                frames: index.frames.len(),
                pixels: all,
                allowed: MAX_FILM_PIXELS,
            });
        }
        let delays = index.frames.iter().map(|frame| frame.delay_ns);
        let timetable = Arc::new(Timetable::new(delays, index.plays));
        let conversion = match &index.format {
            Format::Gif { .. } => None,
            Format::Apng { .. } => Conversion::of_png(&bytes),
            Format::Webp => Conversion::of_webp(&bytes),
            Format::Avif(sequence) => sequence.conversion(&bytes),
        };
        Ok(Self {
            conversion,
            bytes,
            format: index.format,
            width,
            height,
            frames: index.frames,
            timetable,
        })
    }

    /// When which frame is shown.
    pub const fn timetable(&self) -> &Arc<Timetable> {
        &self.timetable
    }

    /// Bytes of memory: the file, and the index.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.len() + self.frames.len() * (size_of::<Frame>() + size_of::<Range<usize>>())
    }

    /// The last frame up to `index` that does not depend on any before it.
    fn key_frame(&self, index: usize) -> usize {
        if let Format::Avif(sequence) = &self.format {
            return sequence.key_frame(index);
        }
        (1..=index)
            .rev()
            .find(|&i| {
                let (frame, before) = (&self.frames[i], &self.frames[i - 1]);
                // What is to be restored behind it must be there.
                frame.disposal != Disposal::Restore
                    && (frame.replaces && self.is_whole(frame)
                        || before.disposal == Disposal::Clear && self.is_whole(before))
            })
            .unwrap_or(0)
    }

    const fn is_whole(&self, frame: &Frame) -> bool {
        frame.x == 0 && frame.y == 0 && frame.width >= self.width && frame.height >= self.height
    }

    /// A frame's own pixels, of a format whose frames are packed each by itself.
    fn decode(&self, frame: &Frame) -> Result<Surface, Error> {
        let conversion = self.conversion.as_ref();
        match &self.format {
            Format::Gif { head } => gif::frame(&self.bytes, *head, frame),
            Format::Apng { ihdr, shared } => {
                apng::frame(&self.bytes, ihdr, shared, frame, conversion)
            }
            Format::Webp => webp::frame(&self.bytes, frame, conversion),
            Format::Avif(sequence) => avif::alone(&self.bytes, sequence, frame, conversion),
        }
    }
}

/// Makes the frames of a film; quick in their order, and right in any.
#[derive(Debug)]
pub struct Player {
    film: Arc<Film>,
    canvas: Surface,
    /// What is to be restored when the frame on the canvas goes.
    saved: Option<Surface>,
    /// Of a film whose frames build on those before, what has decoded them.
    reel: Option<avif::Reel>,
    /// The frame to come; what is on the canvas is the one before it, if any.
    next: usize,
}

impl Player {
    /// A player at the beginning of `film`; allocates its canvas.
    pub fn new(film: Arc<Film>) -> Self {
        Self {
            canvas: Surface::new(film.width, film.height),
            saved: None,
            reel: None,
            next: 0,
            film,
        }
    }

    /// The film it plays.
    pub const fn film(&self) -> &Arc<Film> {
        &self.film
    }

    /// Bytes of memory, the film's file included.
    pub fn memory_bytes(&self) -> usize {
        let saved = self.saved.as_ref().map_or(0, |saved| saved.data().len());
        let canvas = self.canvas.data().len();
        // Decoders keep the frames that others may be built on.
        let reel = self.reel.as_ref().map_or(0, |_| canvas * avif::CANVASES);
        canvas + reel + saved + self.film.memory_bytes()
    }

    /// The whole picture as it is while the frame `index` is shown; an index beyond the last is the last.
    ///
    /// Costs the decoding of one frame where `index` is the one after the last call's; else of all frames since one that
    /// depends on none before it.
    ///
    /// # Errors
    /// When a frame is broken. The player has gone past it then: the next frames lie on what was there before.
    pub fn frame(&mut self, index: u32) -> Result<&Surface, Error> {
        let index = (index as usize).min(self.film.frames.len() - 1);
        let key = self.film.key_frame(index);
        if self.next > index + 1 || self.next < key {
            self.begin_at(key);
        }
        let mut result = Ok(());
        while self.next <= index {
            let step = self.step(self.next == index);
            result = result.and(step);
        }
        result.map(|()| &self.canvas)
    }

    fn begin_at(&mut self, key: usize) {
        self.canvas.data_mut().fill(0);
        self.saved = None;
        self.reel = None;
        self.next = key;
        // The frame before a key frame leaves nothing that counts, so it is not to be disposed of either.
    }

    fn step(&mut self, is_shown: bool) -> Result<(), Error> {
        let film = Arc::clone(&self.film);
        if let Format::Avif(sequence) = &film.format {
            let frame = &film.frames[self.next];
            self.next += 1;
            let reel = match &mut self.reel {
                Some(reel) => reel,
                none => none.insert(avif::Reel::open(sequence, frame)?),
            };
            let conversion = is_shown.then_some(film.conversion.as_ref());
            if let Some(whole) = reel.step(&film.bytes, sequence, frame, conversion)? {
                self.canvas = whole;
            }
            return Ok(());
        }
        if let Some(before) = self.next.checked_sub(1).map(|i| &film.frames[i]) {
            match before.disposal {
                Disposal::Keep => {}
                Disposal::Clear => clear(&mut self.canvas, before),
                Disposal::Restore => match self.saved.take() {
                    Some(saved) => self.canvas = saved,
                    None => clear(&mut self.canvas, before),
                },
            }
        }
        let frame = &film.frames[self.next];
        if frame.disposal == Disposal::Restore {
            self.saved = Some(self.canvas.clone());
        }
        self.next += 1;
        let patch = film.decode(frame)?;
        put(&mut self.canvas, &patch, frame);
        Ok(())
    }
}

/// Rows of `canvas` that a frame lies on, cut to its columns.
fn rows<'a>(canvas: &'a mut Surface, frame: &Frame) -> impl Iterator<Item = &'a mut [u8]> {
    let (width, height) = (canvas.width(), canvas.height());
    let (x0, x1) = (
        frame.x.min(width) as usize * 4,
        frame.x.saturating_add(frame.width).min(width) as usize * 4,
    );
    let rows = frame.height.min(height.saturating_sub(frame.y)) as usize;
    let stride = (width as usize * 4).max(4);
    canvas
        .data_mut()
        .chunks_exact_mut(stride)
        .skip(frame.y as usize)
        .take(rows)
        .map(move |row| &mut row[x0..x1])
}

fn clear(canvas: &mut Surface, frame: &Frame) {
    rows(canvas, frame).for_each(|row| row.fill(0));
}

fn put(canvas: &mut Surface, patch: &Surface, frame: &Frame) {
    let stride = (patch.width() as usize * 4).max(4);
    for (to, from) in rows(canvas, frame).zip(patch.data().chunks_exact(stride)) {
        let len = to.len().min(from.len());
        if frame.replaces {
            to[..len].copy_from_slice(&from[..len]);
            continue;
        }
        for (to, from) in to.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
            let below = 255 - u32::from(from[3]);
            for (to, from) in to.iter_mut().zip(from) {
                let kept = crate::shadow::div255(u32::from(*to) * below);
                *to = u8::try_from(u32::from(*from) + kept).unwrap_or(255);
            }
        }
    }
}
