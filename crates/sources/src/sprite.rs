//! Sheets: many small pictures in one, and in which order they are shown.

use crate::Error;
use crate::film::Timetable;
use crate::request::checked_size;
use kurbo::Size;
use media::Surface;
use std::sync::Arc;

/// Most pictures of a sheet.
pub const MAX_CELLS: usize = 4096;
/// Most tags of an atlas.
pub const MAX_TAGS: usize = 256;
/// Most steps of a tag that goes back and forth.
const MAX_STEPS: usize = 2 * MAX_CELLS;
/// How long a picture lasts that nobody says it of: 12 a second.
const DEFAULT_MS: f64 = 1000.0 / 12.0;

/// One picture of a sheet. All in px of the sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Left edge in the sheet.
    pub x: u32,
    /// Top edge in the sheet.
    pub y: u32,
    /// Width, as it is shown.
    pub width: u32,
    /// Height, as it is shown.
    pub height: u32,
    /// Whether it lies in the sheet turned clockwise by a quarter, `height` wide and `width` high.
    pub rotated: bool,
    /// Where it stands in the picture that it was cut from, whose other pixels are transparent.
    pub offset: [u32; 2],
    /// Size of the picture that it was cut from.
    pub full: [u32; 2],
    /// How long it is shown, ms; `None` where the atlas does not say.
    pub duration_ms: Option<f64>,
}

impl Cell {
    /// A picture that is all of what it was cut from.
    pub const fn at(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
            rotated: false,
            offset: [0; 2],
            full: [width, height],
            duration_ms: None,
        }
    }

    /// Size of the picture that it was cut from.
    pub(crate) fn size(&self) -> Size {
        Size::new(f64::from(self.full[0]), f64::from(self.full[1]))
    }

    /// The picture, out of its sheet.
    pub(crate) fn cut(&self, sheet: &Surface) -> Result<Surface, Error> {
        let (width, height) = if self.rotated {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        };
        let fits = |at: u32, len: u32, all: u32| at.checked_add(len).is_some_and(|end| end <= all);
        let inside = fits(self.x, width, sheet.width()) && fits(self.y, height, sheet.height());
        let placed = fits(self.offset[0], self.width, self.full[0])
            && fits(self.offset[1], self.height, self.full[1]);
        if !(inside && placed) || width == 0 || height == 0 {
            return Err(Error::CellOutside {
                x: self.x,
                y: self.y,
                width,
                height,
                sheet_width: sheet.width(),
                sheet_height: sheet.height(),
            });
        }
        let (full_w, full_h) = checked_size(
            "the sprite's picture",
            self.full[0].into(),
            self.full[1].into(),
        )?;
        let mut out = Surface::new(full_w, full_h);
        let rows = out
            .data_mut()
            .chunks_exact_mut(full_w as usize * 4)
            .skip(self.offset[1] as usize);
        for (y, row) in (0..self.height).zip(rows) {
            let to = &mut row[self.offset[0] as usize * 4..][..self.width as usize * 4];
            if !self.rotated {
                let from = &sheet.row(self.y + y)[self.x as usize * 4..];
                to.copy_from_slice(&from[..self.width as usize * 4]);
                continue;
            }
            for (x, to) in (0..self.width).zip(to.chunks_exact_mut(4)) {
                // Turned clockwise, the picture's top is the right edge of what lies in the sheet.
                to.copy_from_slice(&sheet.pixel(self.x + width - 1 - y, self.y + x));
            }
        }
        Ok(out)
    }
}

/// Where the pictures of a sheet stand, and which belong together.
#[derive(Debug, PartialEq)]
pub struct Atlas {
    cells: Vec<Cell>,
    tags: Vec<AtlasTag>,
}

/// Pictures of an atlas that are played together.
#[derive(Clone, Debug, PartialEq)]
pub struct AtlasTag {
    /// What it is called.
    pub name: Arc<str>,
    /// Its first picture, counted from 0.
    pub first: u32,
    /// Its last picture.
    pub last: u32,
    /// In which order.
    pub direction: Direction,
    /// How often it is played; `None` is for ever.
    pub plays: Option<u32>,
}

/// In which order the pictures of a tag are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the first to the last.
    #[default]
    Forward,
    /// From the last to the first.
    Reverse,
    /// There and back, the ends once.
    PingPong,
    /// From the last to the first and back, the ends once.
    PingPongReverse,
}

impl Atlas {
    /// An atlas of these pictures.
    ///
    /// # Errors
    /// When there is no picture, or are above [`MAX_CELLS`], or a tag has one that is not there.
    pub fn new(cells: Vec<Cell>, tags: Vec<AtlasTag>) -> Result<Self, Error> {
        let count = cells.len();
        if count == 0 || count > MAX_CELLS {
            return Err(Error::Atlas {
                reason: format!("it has {count} pictures; allowed are 1 to {MAX_CELLS}"),
            });
        }
        let wrong = |tag: &&AtlasTag| tag.first > tag.last || tag.last as usize >= count;
        if let Some(tag) = tags.iter().find(wrong) {
            let (first, last) = (tag.first, tag.last);
            return Err(Error::Atlas {
                reason: format!("the tag `{}` plays {first} to {last} of {count}", tag.name),
            });
        }
        Ok(Self { cells, tags })
    }
}

/// The pictures of a sprite in the order in which they are played.
#[derive(Debug, PartialEq)]
pub struct Strip {
    cells: Vec<Cell>,
    timetable: Timetable,
}

impl Strip {
    /// A sheet of `size` px in rows and columns, of which the first `count` cells have pictures; `fps` of them a second.
    ///
    /// # Errors
    /// When a cell would have no pixel, or there are above [`MAX_CELLS`].
    pub fn of_grid(
        size: Size,
        columns: u32,
        rows: u32,
        count: u32,
        fps: Option<f64>,
    ) -> Result<Self, Error> {
        let count = (count as usize).min(columns as usize * rows as usize);
        if count > MAX_CELLS {
            return Err(Error::Atlas {
                reason: format!("the grid has {count} pictures; at most {MAX_CELLS} are played"),
            });
        }
        let side = |all: f64, parts: u32| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number of px, at most 65535"
            )]
            let all = all as u32;
            all.checked_div(parts).unwrap_or(0)
        };
        let (width, height) = (side(size.width, columns), side(size.height, rows));
        if width == 0 || height == 0 {
            return Err(Error::Atlas {
                reason: format!("a grid of {columns}x{rows} leaves cells no pixel of {size}"),
            });
        }
        let cells = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| Cell::at(column * width, row * height, width, height))
            .take(count.max(1))
            .collect();
        Ok(Self::timed(cells, fps, None))
    }

    /// What `tag` of an atlas plays, or all of it.
    ///
    /// # Errors
    /// When it has no such tag.
    pub fn of_atlas(atlas: &Atlas, tag: Option<&str>, fps: Option<f64>) -> Result<Self, Error> {
        let Some(name) = tag else {
            return Ok(Self::timed(atlas.cells.clone(), fps, None));
        };
        let tag = atlas.tags.iter().find(|tag| &*tag.name == name);
        let Some(tag) = tag else {
            let known: Vec<&str> = atlas.tags.iter().map(|tag| &*tag.name).collect();
            return Err(Error::Atlas {
                reason: format!("it has no tag `{name}`; it has: {}", known.join(", ")),
            });
        };
        let there = tag.first as usize..=tag.last as usize;
        let there: Vec<Cell> = atlas.cells[there].to_vec();
        let back: Vec<Cell> = there.iter().rev().copied().collect();
        let inner = |cells: &[Cell]| cells.get(1..cells.len() - 1).unwrap_or_default().to_vec();
        let mut cells = match tag.direction {
            Direction::Forward => there,
            Direction::Reverse => back,
            Direction::PingPong => [there, inner(&back)].concat(),
            Direction::PingPongReverse => [back, inner(&there)].concat(),
        };
        cells.truncate(MAX_STEPS);
        Ok(Self::timed(cells, fps, tag.plays))
    }

    fn timed(cells: Vec<Cell>, fps: Option<f64>, plays: Option<u32>) -> Self {
        let delay_ns = |cell: &Cell| {
            let ms = match fps {
                Some(fps) => 1000.0 / fps,
                None => cell.duration_ms.unwrap_or(DEFAULT_MS),
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "above 0, and saturating"
            )]
            let ns = (ms * 1e6) as u64;
            ns.max(1)
        };
        let timetable = Timetable::exact(cells.iter().map(delay_ns), plays);
        Self { cells, timetable }
    }

    /// When which picture is shown.
    pub const fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// The picture of that number; beyond the last, the last.
    pub fn cell(&self, number: u32) -> Cell {
        self.cells[(number as usize).min(self.cells.len() - 1)]
    }
}
