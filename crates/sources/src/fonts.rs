//! The fonts at hand, and which of them has a character.

use crate::emoji;
use parley::fontique::{
    Attributes, Blob, Collection, CollectionOptions, FamilyId, FamilyInfo, FontInfo, FontStyle,
    FontWeight, FontWidth,
};
use resvg::usvg::fontdb;
use std::sync::{Arc, OnceLock};

/// Fonts, given as bytes: what text is written with. Cloning shares them.
///
/// System fonts are never looked for: the same fonts in the same order give the same pixels on every machine.
#[derive(Clone)]
pub struct Fonts(Arc<Inner>);

struct Inner {
    files: Vec<Arc<dyn AsRef<[u8]> + Send + Sync>>,
    collection: Collection,
    /// In the order in which they are asked for a character that the chosen family lacks.
    families: Vec<FamilyInfo>,
    /// The colour emoji family, an index into `families`.
    emoji: Option<usize>,
    /// The same fonts for SVG; made when the first SVG needs them.
    for_svg: OnceLock<Arc<fontdb::Database>>,
}

/// Families that stand in for an unknown one, best first; after them any other.
const DEFAULT_FAMILIES: [&str; 4] = ["Inter", "DejaVu Sans", "Noto Sans", "Liberation Sans"];

impl Fonts {
    /// Takes font files (TrueType, OpenType, collections). A file that holds no font is skipped; families, and where two
    /// files claim the same face the first one, are taken in the order given.
    pub fn new<B: AsRef<[u8]> + Send + Sync + 'static>(files: impl IntoIterator<Item = B>) -> Self {
        let files: Vec<Arc<dyn AsRef<[u8]> + Send + Sync>> =
            files.into_iter().map(|f| Arc::new(f) as _).collect();
        let mut collection = Collection::new(CollectionOptions {
            shared: false,
            system_fonts: false,
        });
        for file in &files {
            collection.register_fonts(Blob::new(Arc::clone(file)), None);
        }
        let ids: Vec<_> = collection.family_ids().collect();
        let mut families: Vec<FamilyInfo> = ids
            .into_iter()
            .filter_map(|id| collection.family(id))
            .collect();
        families.sort_by_cached_key(|f| (rank(f.name()), f.name().to_owned()));
        families.dedup_by_key(|f| f.id());
        let emoji = families.iter().position(|f| f.name().contains("Emoji"));
        Self(Arc::new(Inner {
            files,
            collection,
            families,
            emoji,
            for_svg: OnceLock::new(),
        }))
    }

    /// Names of all families, in the order in which they stand in for missing characters.
    pub fn families(&self) -> Vec<String> {
        self.0
            .families
            .iter()
            .map(|f| f.name().to_owned())
            .collect()
    }

    /// Whether a family of this name is at hand; upper and lower case are the same.
    pub fn has_family(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The family used where an unknown one is asked for: `Inter`, `DejaVu Sans`, `Noto Sans`, `Liberation Sans` or any other,
    /// in this order; `None` when there is no font at all.
    pub fn default_family(&self) -> Option<&str> {
        self.0.families.first().map(|f| f.name())
    }

    pub(crate) fn collection(&self) -> Collection {
        self.0.collection.clone()
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        // An alias, such as a localised name, leads to the same family.
        let id = self.0.collection.clone().family_id(name)?;
        self.index_of(id)
    }

    /// Where a family stands in the order in which they stand in.
    pub(crate) fn index_of(&self, id: FamilyId) -> Option<usize> {
        self.0.families.iter().position(|f| f.id() == id)
    }

    pub(crate) fn family(&self, index: usize) -> &FamilyInfo {
        &self.0.families[index]
    }

    pub(crate) fn emoji(&self) -> Option<usize> {
        self.0.emoji
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.families.is_empty()
    }

    /// The font of a family that fits best.
    pub(crate) fn face(&self, family: usize, attributes: &Attributes) -> Option<&FontInfo> {
        self.0.families[family].match_font(
            attributes.width,
            attributes.style,
            attributes.weight,
            true,
        )
    }

    /// Whether the font of this family that fits best has `c`.
    pub(crate) fn has_char(&self, family: usize, attributes: &Attributes, c: char) -> bool {
        let Some(face) = self.face(family, attributes) else {
            return false;
        };
        let Some(data) = face.load(None) else {
            return false;
        };
        face.charmap_index()
            .charmap(data.as_ref())
            .and_then(|map| map.map(c))
            .is_some_and(|glyph| glyph != 0)
    }

    /// The first family that has `c` and is not the emoji family, or else that.
    pub(crate) fn family_with(&self, attributes: &Attributes, c: char) -> Option<usize> {
        (0..self.0.families.len()).find(|&f| self.has_char(f, attributes, c))
    }

    /// The font of an SVG's words for `c`, which none of `tried` has: as in a text, the families in their order and emoji in
    /// color, in the weight and style of the first of `tried`. The parser's own choice is whatever file comes first.
    pub(crate) fn stand_in(
        &self,
        c: char,
        tried: &[fontdb::ID],
        database: &fontdb::Database,
    ) -> Option<fontdb::ID> {
        let asked = database.face(*tried.first()?)?;
        let style = match asked.style {
            fontdb::Style::Normal => FontStyle::Normal,
            fontdb::Style::Italic => FontStyle::Italic,
            fontdb::Style::Oblique => FontStyle::Oblique(None),
        };
        let weight = FontWeight::new(f32::from(asked.weight.0));
        let attributes = Attributes::new(FontWidth::NORMAL, style, weight);
        let emoji = self.emoji().filter(|_| emoji::is_basic(c));
        emoji
            .into_iter()
            .chain(0..self.0.families.len())
            .filter(|&family| self.has_char(family, &attributes, c))
            .find_map(|family| {
                let found = database.query(&fontdb::Query {
                    families: &[fontdb::Family::Name(self.family(family).name())],
                    weight: asked.weight,
                    stretch: asked.stretch,
                    style: asked.style,
                })?;
                (!tried.contains(&found)).then_some(found)
            })
    }

    pub(crate) fn for_svg(&self) -> Arc<fontdb::Database> {
        let load = || {
            let mut database = fontdb::Database::new();
            for file in &self.0.files {
                database.load_font_source(fontdb::Source::Binary(Arc::clone(file)));
            }
            if let Some(family) = self.default_family() {
                database.set_sans_serif_family(family);
                database.set_serif_family(family);
                database.set_cursive_family(family);
                database.set_fantasy_family(family);
                database.set_monospace_family(if self.has_family("DejaVu Sans Mono") {
                    "DejaVu Sans Mono"
                } else {
                    family
                });
            }
            Arc::new(database)
        };
        Arc::clone(self.0.for_svg.get_or_init(load))
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Fonts({} files, {} families)",
            self.0.files.len(),
            self.0.families.len()
        )
    }
}

/// Defaults, other sans, those of East Asia, the rest; emoji last, because they bring digits and arrows of their own.
///
/// What East Asian scripts share looks as in Japan: of the five families, this is the one that has all of its kana and kanji
/// as its readers expect them, and the one that browsers take where the language is not known.
fn rank(name: &str) -> usize {
    if let Some(i) = DEFAULT_FAMILIES.iter().position(|&d| d == name) {
        return i;
    }
    let wide = DEFAULT_FAMILIES.len();
    match name {
        _ if name.contains("Emoji") => wide + 5,
        _ if name == "Noto Sans CJK JP" => wide + 1,
        _ if name.contains(" CJK ") => wide + 2,
        _ if name.starts_with("Noto Sans") => wide,
        _ if name.contains("Sans") => wide + 3,
        _ => wide + 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_svg_have_the_stand_ins_of_texts() {
        let fonts = Fonts::new(
            [
                "opentype/inter/Inter-Regular.otf",
                "opentype/inter/Inter-Bold.otf",
                "truetype/dejavu/DejaVuSans-Bold.ttf",
                "truetype/dejavu/DejaVuSans.ttf",
                "truetype/noto/NotoColorEmoji.ttf",
            ]
            .map(|file| {
                let path = format!("/usr/share/fonts/{file}");
                std::fs::read(&path)
                    .unwrap_or_else(|e| panic!("{path}: {e}; scripts/packages.sh has its package"))
            }),
        );
        let database = fonts.for_svg();
        let inter = |weight| {
            database.query(&fontdb::Query {
                families: &[fontdb::Family::Name("Inter")],
                weight: fontdb::Weight(weight),
                ..fontdb::Query::default()
            })
        };
        for (weight, c, family, found) in [
            (400, '\u{645}', "DejaVu Sans", 400),
            (700, '\u{645}', "DejaVu Sans", 700),
            // DejaVu Sans has it as well, as an outline.
            (400, '\u{1f600}', "Noto Color Emoji", 400),
        ] {
            let asked = inter(weight).expect("it was loaded");
            let face = fonts
                .stand_in(c, &[asked], &database)
                .and_then(|id| database.face(id))
                .unwrap_or_else(|| panic!("{c} has a stand-in"));
            assert_eq!(
                (face.families[0].0.as_str(), face.weight.0),
                (family, found),
                "{c} at {weight}"
            );
        }
        let asked = inter(400).expect("it was loaded");
        assert_eq!(fonts.stand_in('\u{e000}', &[asked], &database), None);
    }
}
