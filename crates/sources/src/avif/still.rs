//! The items of an AVIF: its picture, in one piece or in tiles, what makes it transparent, and how it is turned.

use super::boxes::{Boxes, Part, content, versioned};
use super::color::{Space, space};
use super::{MAX_STILL_PIXELS, broken, checked_planes, checked_size};
use crate::Error;
use crate::reading::Bytes;
use media::{Av1, Chroma, Planes};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Most items that are looked at: two full sets of tiles, and some metadata.
const MAX_ITEMS: usize = 600;
/// Most tiles of a picture: all there may be in tiles of 512 px, and some more.
const MAX_TILES: usize = 256;
/// Most pieces that the bytes of an item lie in.
const MAX_PIECES: usize = 64;

/// What is said about the items of a file, by their numbers.
#[derive(Default)]
pub(super) struct Items {
    primary: u32,
    kinds: HashMap<u32, [u8; 4]>,
    places: HashMap<u32, Vec<Range<usize>>>,
    /// (kind, from, to), in order.
    references: Vec<([u8; 4], u32, u32)>,
    /// Places of the properties of each item, in order, with their kinds.
    properties: HashMap<u32, Vec<Part>>,
}

/// A picture's planes with what they are in, before anything is turned.
pub(super) struct Still {
    pub(super) color: Planes,
    pub(super) alpha: Option<Planes>,
    pub(super) space: Space,
    pub(super) is_premultiplied: bool,
    pub(super) turns: Vec<Turn>,
}

/// A step from the packed picture to the one that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    /// Only this part of it: left, top, width, height.
    Cut([u32; 4]),
    /// Quarters of a turn, against the clock.
    Quarters(u8),
    /// What was left is right.
    SwapSides,
    /// What was above is below.
    SwapEnds,
}

/// Reads the `meta` box at `range`.
pub(super) fn items(bytes: &[u8], range: Range<usize>) -> Option<Items> {
    let mut items = Items::default();
    let inner = range.start.checked_add(4)?..range.end;
    let mut data = 0..0;
    // First where the bytes within the box are, since places may be told from there.
    if let Some(found) = Boxes::within(bytes, inner.clone()).find(b"idat") {
        data = found;
    }
    for (kind, range) in Boxes::within(bytes, inner) {
        match &kind {
            b"pitm" => {
                let (version, _, mut reader) = versioned(bytes, range)?;
                items.primary = reader.item(version > 0)?;
            }
            b"iinf" => infos(bytes, range, &mut items)?,
            b"iloc" => places(bytes, range, &data, &mut items)?,
            b"iref" => references(bytes, range, &mut items)?,
            b"iprp" => properties(bytes, range, &mut items)?,
            _ => {}
        }
    }
    Some(items)
}

trait ItemNumber {
    fn item(&mut self, is_long: bool) -> Option<u32>;
}

impl ItemNumber for Bytes<'_> {
    fn item(&mut self, is_long: bool) -> Option<u32> {
        if is_long {
            self.u32_be()
        } else {
            self.u16_be().map(u32::from)
        }
    }
}

fn infos(bytes: &[u8], range: Range<usize>, items: &mut Items) -> Option<()> {
    let (version, _, mut reader) = versioned(bytes, range.clone())?;
    reader.item(version > 0)?;
    let start = range.start + reader.at();
    for (kind, range) in Boxes::within(bytes, start..range.end).take(MAX_ITEMS) {
        let (version, _, mut entry) = versioned(bytes, range)?;
        if &kind == b"infe" && version >= 2 {
            let item = entry.item(version > 2)?;
            entry.take(2)?;
            items.kinds.insert(item, entry.array()?);
        }
    }
    Some(())
}

fn places(bytes: &[u8], range: Range<usize>, data: &Range<usize>, items: &mut Items) -> Option<()> {
    let (version, _, mut reader) = versioned(bytes, range)?;
    let [sizes, more] = reader.array()?;
    let (offset_len, length_len) = (usize::from(sizes >> 4), usize::from(sizes & 15));
    let (base_len, index_len) = (usize::from(more >> 4), usize::from(more & 15));
    let count = reader.item(version > 1)?;
    for _ in 0..count.min(u32::try_from(MAX_ITEMS).unwrap_or(u32::MAX)) {
        let item = reader.item(version > 1)?;
        let method = if version > 0 {
            reader.u16_be()? & 15
        } else {
            0
        };
        // Bytes of another file are not looked for.
        let is_here = reader.u16_be()? == 0;
        let base = reader.uint_be(base_len)?;
        let mut pieces = Vec::new();
        let count = usize::from(reader.u16_be()?);
        for _ in 0..count {
            if version > 0 {
                reader.uint_be(index_len)?;
            }
            let offset = usize::try_from(base.checked_add(reader.uint_be(offset_len)?)?).ok()?;
            let length = usize::try_from(reader.uint_be(length_len)?).ok()?;
            let within = match method {
                0 => 0..bytes.len(),
                1 => data.clone(),
                _ => continue,
            };
            let start = within.start.checked_add(offset)?;
            let end = if length == 0 {
                within.end
            } else {
                start.checked_add(length)?
            };
            if start <= end && end <= within.end && pieces.len() < MAX_PIECES {
                pieces.push(start..end);
            }
        }
        if is_here && pieces.len() == count {
            items.places.insert(item, pieces);
        }
    }
    Some(())
}

fn references(bytes: &[u8], range: Range<usize>, items: &mut Items) -> Option<()> {
    let (version, ..) = versioned(bytes, range.clone())?;
    for (kind, range) in Boxes::within(bytes, range.start + 4..range.end) {
        let mut reader = content(bytes, range);
        let from = reader.item(version > 0)?;
        for _ in 0..reader.u16_be()? {
            if items.references.len() >= 4 * MAX_ITEMS {
                return Some(());
            }
            items
                .references
                .push((kind, from, reader.item(version > 0)?));
        }
    }
    Some(())
}

fn properties(bytes: &[u8], range: Range<usize>, items: &mut Items) -> Option<()> {
    let all = Boxes::within(bytes, range.clone()).find(b"ipco")?;
    let all: Vec<_> = Boxes::within(bytes, all).take(4 * MAX_ITEMS).collect();
    for (kind, range) in Boxes::within(bytes, range) {
        if &kind != b"ipma" {
            continue;
        }
        let (version, flags, mut reader) = versioned(bytes, range)?;
        let count = reader.u32_be()?;
        for _ in 0..count.min(u32::try_from(MAX_ITEMS).unwrap_or(u32::MAX)) {
            let item = reader.item(version > 0)?;
            let count = reader.u8()?;
            let mut is = Vec::new();
            for _ in 0..count {
                // The highest bit says that the property must be understood.
                let index = if flags & 1 != 0 {
                    usize::from(reader.u16_be()? & 0x7fff)
                } else {
                    usize::from(reader.u8()? & 0x7f)
                };
                if let Some(property) = index.checked_sub(1).and_then(|i| all.get(i)) {
                    is.push(property.clone());
                }
            }
            items.properties.insert(item, is);
        }
    }
    Some(())
}

impl Items {
    fn property(&self, item: u32, kind: &[u8; 4]) -> Option<Range<usize>> {
        let all = self.properties.get(&item)?;
        let found = all.iter().find(|(is, _)| is == kind)?;
        Some(found.1.clone())
    }

    /// Items that `from` is made of, or says something about.
    fn referred(&self, kind: &[u8; 4], from: u32) -> impl Iterator<Item = u32> {
        let all = self.references.iter();
        all.filter(move |(is, of, _)| is == kind && *of == from)
            .map(|(.., to)| *to)
    }

    /// The bytes of an item.
    fn data<'a>(&self, bytes: &'a [u8], item: u32) -> Option<Cow<'a, [u8]>> {
        match self.places.get(&item)?.as_slice() {
            [one] => bytes.get(one.clone()).map(Cow::Borrowed),
            pieces => {
                // Pieces may lie over each other, so that together they could be more than the file.
                let len = pieces.iter().map(ExactSizeIterator::len).sum::<usize>();
                if len > bytes.len() {
                    return None;
                }
                let pieces = pieces.iter().filter_map(|piece| bytes.get(piece.clone()));
                Some(Cow::Owned(pieces.flatten().copied().collect()))
            }
        }
    }

    /// Width and height that are said of an item.
    fn size(&self, bytes: &[u8], item: u32) -> Option<(u32, u32)> {
        let (.., mut reader) = versioned(bytes, self.property(item, b"ispe")?)?;
        Some((reader.u32_be()?, reader.u32_be()?))
    }

    /// The item whose brightness is the transparency of the primary one.
    fn alpha(&self, bytes: &[u8]) -> Option<u32> {
        let says_alpha = |item: u32| {
            let range = self.property(item, b"auxC")?;
            let (.., reader) = versioned(bytes, range)?;
            let name = reader.rest().split(|byte| *byte == 0).next()?;
            Some(super::ALPHA_NAMES.contains(&name))
        };
        self.references
            .iter()
            .filter(|(kind, _, to)| kind == b"auxl" && *to == self.primary)
            .map(|(_, from, _)| *from)
            .find(|item| says_alpha(*item) == Some(true))
    }

    /// The picture's planes.
    pub(super) fn still(&self, bytes: &[u8], av1: &dyn Av1) -> Result<Still, Error> {
        if let Some((width, height)) = self.size(bytes, self.primary) {
            checked_size(width, height)?;
        }
        let color = self.planes(bytes, self.primary, av1)?;
        let alpha = self.alpha(bytes);
        let is_premultiplied =
            alpha.is_some_and(|alpha| self.referred(b"prem", self.primary).any(|to| to == alpha));
        let alpha = match alpha {
            Some(item) => Some(self.planes(bytes, item, av1)?),
            None => None,
        };
        let all = self.properties.get(&self.primary);
        let said = all.into_iter().flatten().filter(|(is, _)| is == b"colr");
        let space = space(bytes, said.map(|(_, range)| range.clone()));
        Ok(Still {
            turns: self.turns(bytes, &color)?,
            color,
            alpha,
            space,
            is_premultiplied,
        })
    }

    /// The planes of a picture or of one in tiles.
    fn planes(&self, bytes: &[u8], item: u32, av1: &dyn Av1) -> Result<Planes, Error> {
        let mut decoder = av1.open(MAX_STILL_PIXELS).map_err(broken)?;
        let mut decode = |item: u32| {
            let data = self.data(bytes, item);
            let data = data.ok_or_else(|| broken("a picture's bytes are missing"))?;
            let mut planes = Planes::default();
            decoder.decode(&data, &mut planes).map_err(broken)?;
            checked_planes(planes)
        };
        match self.kinds.get(&item) {
            Some(b"av01") => decode(item),
            Some(b"grid") => {
                let data = self.data(bytes, item);
                let data = data.ok_or_else(|| broken("its tiles are announced nowhere"))?;
                let grid = grid(&data).ok_or_else(|| broken("its tiles are announced wrongly"))?;
                checked_size(grid.width, grid.height)?;
                let tiles: Vec<u32> = self.referred(b"dimg", item).take(MAX_TILES + 1).collect();
                if tiles.len() != grid.columns * grid.rows || tiles.len() > MAX_TILES {
                    return Err(broken("it has another number of tiles than it says"));
                }
                // One tile at a time, put where it belongs: what is in memory is the picture and one tile.
                let mut whole = Planes::default();
                let mut size = None;
                for (i, tile) in tiles.into_iter().enumerate() {
                    if self.kinds.get(&tile) != Some(b"av01") {
                        return Err(broken("a tile is no picture"));
                    }
                    let tile = decode(tile)?;
                    let is = (tile.width, tile.height);
                    if *size.get_or_insert(is) != is {
                        return Err(broken("its tiles are not alike"));
                    }
                    grid.put(i, &tile, &mut whole)?;
                }
                Ok(whole)
            }
            _ => Err(broken("it has no picture that is AV1")),
        }
    }

    /// How the picture is turned, in order.
    fn turns(&self, bytes: &[u8], planes: &Planes) -> Result<Vec<Turn>, Error> {
        let mut turns = Vec::new();
        if let Some(range) = self.property(self.primary, b"clap") {
            let cut = aperture(content(bytes, range), planes.width, planes.height);
            turns.push(Turn::Cut(
                cut.ok_or_else(|| broken("it is cut to what lies outside it"))?,
            ));
        }
        if let Some(range) = self.property(self.primary, b"irot") {
            let quarters = content(bytes, range).u8().unwrap_or(0) & 3;
            turns.push(Turn::Quarters(quarters));
        }
        if let Some(range) = self.property(self.primary, b"imir") {
            turns.push(match content(bytes, range).u8().unwrap_or(0) & 1 {
                0 => Turn::SwapEnds,
                _ => Turn::SwapSides,
            });
        }
        Ok(turns)
    }
}

/// How a picture is made of tiles of one size, row by row; the last ones may stick out.
struct Grid {
    columns: usize,
    rows: usize,
    width: u32,
    height: u32,
}

fn grid(data: &[u8]) -> Option<Grid> {
    let mut reader = Bytes::new(data);
    let [_version, flags, rows, columns] = reader.array()?;
    let side = if flags & 1 == 0 { 2 } else { 4 };
    Some(Grid {
        columns: usize::from(columns) + 1,
        rows: usize::from(rows) + 1,
        width: u32::try_from(reader.uint_be(side)?).ok()?,
        height: u32::try_from(reader.uint_be(side)?).ok()?,
    })
}

impl Grid {
    /// Copies tile `i` to its place; the first one decides what the whole is like.
    fn put(&self, i: usize, tile: &Planes, whole: &mut Planes) -> Result<(), Error> {
        if i == 0 {
            let fits = |tile: u32, count: usize, all: u32| {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                all > 0 && u64::from(tile) * count >= all.into()
            };
            let is_odd = |side: u32, count: usize| count > 1 && !side.is_multiple_of(2);
            if !fits(tile.width, self.columns, self.width)
                || !fits(tile.height, self.rows, self.height)
            {
                return Err(broken("its tiles leave a gap"));
            }
            let halves = (
                matches!(tile.chroma, Chroma::Half | Chroma::HalfColumns),
                tile.chroma == Chroma::Half,
            );
            if halves.0 && is_odd(tile.width, self.columns)
                || halves.1 && is_odd(tile.height, self.rows)
            {
                return Err(broken("its tiles end between two pixels of color"));
            }
            *whole = Planes {
                width: self.width,
                height: self.height,
                samples: Default::default(),
                ..*tile
            };
            for (plane, (w, h)) in
                whole
                    .samples
                    .iter_mut()
                    .zip(sizes(tile.chroma, self.width, self.height))
            {
                *plane = vec![0; w * h];
            }
        }
        let first = |p: &Planes| (p.bits, p.chroma);
        if first(tile) != first(whole) {
            return Err(broken("its tiles are not alike"));
        }
        let (column, row) = (i % self.columns, i / self.columns);
        let small = sizes(tile.chroma, tile.width, tile.height);
        let large = sizes(tile.chroma, self.width, self.height);
        for (n, ((tw, th), (w, h))) in small.into_iter().zip(large).enumerate() {
            let (x, y) = (column * tw, row * th);
            let (Some(columns), Some(rows)) = (w.checked_sub(x), h.checked_sub(y)) else {
                continue;
            };
            let columns = columns.min(tw);
            for line in 0..rows.min(th) {
                let to = (y + line) * w + x;
                let from = line * tw;
                whole.samples[n][to..to + columns]
                    .copy_from_slice(&tile.samples[n][from..from + columns]);
            }
        }
        Ok(())
    }
}

/// Width and height of each plane.
fn sizes(chroma: Chroma, width: u32, height: u32) -> [(usize, usize); 3] {
    let (w, h) = chroma.size(width, height);
    let second = (w as usize, h as usize);
    [(width as usize, height as usize), second, second]
}

/// The clean aperture in whole px: left, top, width, height.
fn aperture(mut reader: Bytes<'_>, width: u32, height: u32) -> Option<[u32; 4]> {
    let mut fraction = || {
        let (num, den) = (reader.u32_be()?, reader.u32_be()?);
        // Offsets are signed.
        let num = i64::from(i32::from_be_bytes(num.to_be_bytes()));
        (den != 0).then_some((num, i64::from(den)))
    };
    let (w, h, dx, dy) = (fraction()?, fraction()?, fraction()?, fraction()?);
    let side = |(num, den): (i64, i64), (off, off_den): (i64, i64), all: u32| {
        let len = num / den;
        // Its middle is so far from the middle of the picture; twice, to stay in whole numbers.
        let twice = i64::from(all) - len + off * 2 / off_den;
        let start = twice.div_euclid(2);
        (len > 0 && start >= 0 && start + len <= i64::from(all)).then_some((start, len))
    };
    let (x, w) = side(w, dx, width)?;
    let (y, h) = side(h, dy, height)?;
    let whole = |v: i64| u32::try_from(v).ok();
    Some([whole(x)?, whole(y)?, whole(w)?, whole(h)?])
}
