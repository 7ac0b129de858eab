//! What paints: a painter, with the assets it has at hand.

use crate::AssetSource;
use crate::originals::Originals;
use crate::players::Players;
use media::Surface;
use scene::{Extent, Layer, Source};
use sources::{Asset, Fonts, Painter, Part, Quality, Raster, Request};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What is to be painted, beside the layer itself.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// Words of the moment.
    pub(crate) content: Option<&'a str>,
    /// The asset of the layer's source; its pixels may be [put away](Asset::put_away).
    pub(crate) asset: Option<&'a Asset>,
    /// What of it.
    pub(crate) part: Part,
    /// Surface px per layer px.
    pub(crate) scale: f64,
    pub(crate) hint: bool,
}

/// Why there is no raster.
pub(crate) enum Failure {
    /// In a sentence for people.
    Said(String),
    /// The asset of that name is another one by now.
    Changed((Arc<str>, Asset)),
}

/// A painter with the assets it has at hand; the engine's thread has one, and the worker another.
pub(crate) struct Studio {
    painter: Painter,
    fonts: Fonts,
    quality: Quality,
    assets: Arc<dyn AssetSource>,
    originals: Originals,
    players: Players,
}

impl Studio {
    pub(crate) fn new(fonts: Fonts, assets: Arc<dyn AssetSource>, quality: Quality) -> Self {
        Self {
            painter: Painter::new(fonts.clone()).with_quality(quality),
            fonts,
            quality,
            assets,
            originals: Originals::default(),
            players: Players::default(),
        }
    }

    pub(crate) const fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    pub(crate) const fn quality(&self) -> Quality {
        self.quality
    }

    pub(crate) const fn assets(&self) -> &Arc<dyn AssetSource> {
        &self.assets
    }

    /// Lets go of all pixels that it could decode again.
    pub(crate) fn clear(&mut self) {
        self.originals = Originals::default();
        self.players = Players::default();
    }

    /// Bytes of what it could decode again.
    pub(crate) fn held_bytes(&self) -> usize {
        self.originals.bytes() + self.players.bytes()
    }

    /// Lets go of a picture that nobody is to hold any longer.
    pub(crate) fn forget(&mut self, surface: &Arc<Surface>) {
        self.originals.forget(surface);
    }

    /// Lets go of the players of other layers.
    pub(crate) fn keep_players(&mut self, is_kept: impl Fn(&scene::Id) -> bool) {
        self.players.keep(is_kept);
    }

    /// Reads an asset, keeps what of it is large at hand for a while, and gives back the rest.
    pub(crate) fn decode(&mut self, name: &Arc<str>) -> Result<Asset, String> {
        let asset = decode(&*self.assets, &self.fonts, name)?;
        let known = asset.put_away();
        self.originals.insert(Arc::clone(name), asset);
        Ok(known)
    }

    pub(crate) fn measure(&mut self, request: &Request<'_>) -> Result<Extent, String> {
        self.guarded(|painter| painter.measure(request))
    }

    /// Paints a layer's source.
    pub(crate) fn paint(
        &mut self,
        layer: &Layer,
        source: &Source,
        wish: Wish<'_>,
    ) -> Result<Raster, Failure> {
        let asset = match (wish.asset, source.asset()) {
            (Some(asset), Some(name)) => Some(self.shown(&layer.id, name, asset, wish.part)?),
            (Some(album), None) => Some(self.full_album(album)?),
            (None, _) => None,
        };
        let request = Request {
            hint: wish.hint,
            ..request(layer, source, wish.content, asset.as_ref(), wish.scale)
        };
        self.guarded(|painter| painter.paint(&request))
            .map_err(Failure::Said)
    }

    /// The part of an asset that is to be painted, with its pixels.
    fn shown(
        &mut self,
        layer: &scene::Id,
        name: &Arc<str>,
        known: &Asset,
        part: Part,
    ) -> Result<Asset, Failure> {
        let Part::Frame(frame) = part else {
            return Ok(self.full(name, known)?.part(part));
        };
        if !self.players.has(layer, known) {
            let full = self.full(name, known)?;
            match full.film() {
                Some(film) => self.players.insert(layer, known, film),
                None => return Ok(full),
            }
        }
        let decoded = catch_unwind(AssertUnwindSafe(|| self.players.frame(layer, frame)));
        let pixels = match decoded {
            Ok(Ok(Some(pixels))) => pixels,
            Ok(Ok(None)) => return Err(Failure::Said("there is no player".to_owned())),
            Ok(Err(error)) => return Err(Failure::Said(error.to_string())),
            Err(_) => {
                self.players.remove(layer);
                return Err(Failure::Said("decoding it failed inside".to_owned()));
            }
        };
        Ok(known.with_frame(frame, pixels))
    }

    /// An asset with its pixels.
    fn full(&mut self, name: &Arc<str>, known: &Asset) -> Result<Asset, Failure> {
        if !known.is_away() {
            return Ok(known.clone());
        }
        if let Some(asset) = self
            .originals
            .get(name)
            .filter(|asset| asset.is_same(known))
        {
            return Ok(asset.clone());
        }
        let asset = decode(&*self.assets, &self.fonts, name).map_err(Failure::Said)?;
        self.originals.insert(Arc::clone(name), asset.clone());
        if asset.is_same(known) {
            Ok(asset)
        } else {
            Err(Failure::Changed((Arc::clone(name), asset.put_away())))
        }
    }

    /// The pictures of a drawing, with their pixels.
    fn full_album(&mut self, album: &Asset) -> Result<Asset, Failure> {
        let mut pictures = Vec::with_capacity(album.pictures().len());
        for (name, known) in album.pictures() {
            let full = known.as_ref().map(|known| self.full(name, known));
            pictures.push((Arc::clone(name), full.transpose()?));
        }
        Asset::album(pictures).map_err(|error| Failure::Said(error.to_string()))
    }

    /// Works behind a wall: a panic becomes an error and costs the painter its caches, not the show its life.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Painter) -> Result<T, sources::Error>,
    ) -> Result<T, String> {
        match catch_unwind(AssertUnwindSafe(|| work(&mut self.painter))) {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => {
                metrics::counter!("stream_manager_source_panics_total").increment(1);
                self.painter = Painter::new(self.fonts.clone()).with_quality(self.quality);
                Err("painting it failed inside".to_owned())
            }
        }
    }
}

pub(crate) fn request<'a>(
    layer: &'a Layer,
    source: &'a Source,
    content: Option<&'a str>,
    asset: Option<&'a Asset>,
    scale: f64,
) -> Request<'a> {
    let (width_px, height_px) = (layer.transform.width_px, layer.transform.height_px);
    Request {
        source,
        content,
        width_px,
        height_px,
        effects: layer.source_effects(),
        scale,
        hint: false,
        asset,
    }
}

fn decode(assets: &dyn AssetSource, fonts: &Fonts, name: &str) -> Result<Asset, String> {
    let bytes = assets.bytes(name).map_err(|error| error.to_string())?;
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        if Asset::is_json(&bytes) {
            let atlas = assets.atlas(&bytes)?;
            return Ok(Asset::from_atlas(atlas, &bytes));
        }
        Asset::decode_with(&bytes, fonts, &codec::Av1).map_err(|error| error.to_string())
    }));
    decoded.unwrap_or_else(|_| Err("decoding it failed inside".to_owned()))
}
