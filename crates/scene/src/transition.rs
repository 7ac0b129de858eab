//! How something comes and goes: the kinds, and what each does to what leaves and to what comes.
//!
//! A kind is a script: values of a few properties of the two, at offsets of the whole. The animation engine plays them like
//! any others.

use crate::resolve::Roll;
use crate::validate::Check;
use crate::{Property, Range, Wipe, WipeForm};
use animation::Easing;
use animation::transition::{self as formulas, Heading};
use media::{BlendMode, Color};
use std::sync::Arc;

/// How something comes, goes or takes another's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// What it looks like.
    pub kind: TransitionKind,
    /// How long it takes, [`Transition::DURATION_MS`]; a cut takes no time.
    pub duration_ms: f64,
    /// Over the whole of it.
    pub easing: Easing,
}

/// What a transition looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TransitionKind {
    /// On one frame.
    #[default]
    Cut,
    /// One mixes into the other.
    Fade,
    /// To a color in the first half, and from it in the second.
    FadeThrough {
        /// The color.
        color: Color,
    },
    /// What comes slides over what leaves; of a layer that changes, each within its own box and the shadow around it.
    Slide {
        /// Where it moves.
        heading: Heading,
    },
    /// What comes pushes out what leaves; likewise.
    Push {
        /// Where both move.
        heading: Heading,
    },
    /// What comes grows, or shrinks, to its size while it appears.
    Scale {
        /// The size that it begins with.
        from: f64,
    },
    /// Through what leaves, which grows, out of what comes.
    Zoom {
        /// How large they become.
        scale: f64,
    },
    /// By a wipe: along a line, from a point, around one or by a picture.
    Wipe {
        /// Which part comes when.
        form: WipeForm,
        /// Width of the edge as a share of the whole way.
        softness: f64,
        /// What would come last comes first.
        invert: bool,
    },
    /// One blurs out while the other becomes sharp.
    BlurFade {
        /// Standard deviation at the strongest, canvas px.
        sigma_px: f64,
    },
    /// What leaves turns away, and what comes turns towards the viewer.
    Flip {
        /// About a vertical axis; else about a horizontal one.
        vertical: bool,
    },
    /// A picture that moves plays over both; behind it one becomes the other.
    Stinger {
        /// The picture.
        asset: Arc<str>,
        /// When one becomes the other, ms from the beginning; half the duration when absent.
        cut_ms: Option<f64>,
        /// A picture whose luma shows what comes, from the beginning to the end, instead of a cut.
        matte: Option<Arc<str>>,
    },
    /// What has the same id in both moves from where it was to where it is; what is in one alone fades.
    Morph,
}

impl Default for Transition {
    fn default() -> Self {
        Self {
            kind: TransitionKind::Cut,
            duration_ms: Self::DEFAULT_MS,
            easing: Easing::Linear,
        }
    }
}

impl Transition {
    /// What a duration may be, ms.
    pub const DURATION_MS: Range = Range::new(1.0, 60_000.0);
    /// The size that a scale begins with.
    pub const FROM: Range = Range::new(0.0, 10.0);
    /// How large a zoom makes things.
    pub const ZOOM: Range = Range::new(1.0, 10.0);
    /// Standard deviation of a blur, canvas px.
    pub const SIGMA_PX: Range = Range::new(0.0, 200.0);
    /// How long one takes that says nothing, ms.
    pub const DEFAULT_MS: f64 = 300.0;

    /// Whether it takes no time at all.
    pub fn is_cut(&self) -> bool {
        self.kind == TransitionKind::Cut
    }

    /// All assets that it is made from.
    pub fn assets(&self) -> impl Iterator<Item = &Arc<str>> {
        let (one, other) = match &self.kind {
            TransitionKind::Stinger { asset, matte, .. } => (Some(asset), matte.as_ref()),
            TransitionKind::Wipe {
                form: WipeForm::Luma { asset },
                ..
            } => (Some(asset), None),
            _ => (None, None),
        };
        one.into_iter().chain(other)
    }
}

impl Check<'_> {
    pub(crate) fn transition(&mut self, at: &str, transition: &Transition) {
        let duration_ms = transition.duration_ms;
        if !transition.is_cut() {
            let range = Transition::DURATION_MS;
            self.number(format_args!("{at}/duration_ms"), duration_ms, range);
        }
        match &transition.kind {
            TransitionKind::Scale { from } => {
                self.number(format_args!("{at}/from"), *from, Transition::FROM);
            }
            TransitionKind::Zoom { scale } => {
                self.number(format_args!("{at}/scale"), *scale, Transition::ZOOM);
            }
            TransitionKind::BlurFade { sigma_px } => {
                let range = Transition::SIGMA_PX;
                self.number(format_args!("{at}/sigma_px"), *sigma_px, range);
            }
            TransitionKind::Wipe {
                form,
                softness,
                invert,
            } => {
                let wipe = Wipe {
                    form: form.clone(),
                    softness: *softness,
                    progress: 1.0,
                    invert: *invert,
                };
                self.wipe(at, &wipe);
            }
            TransitionKind::Stinger {
                asset,
                cut_ms,
                matte,
            } => {
                self.asset(format!("{at}/asset"), asset);
                if let Some(matte) = matte {
                    self.asset(format!("{at}/matte"), matte);
                }
                if let Some(cut_ms) = cut_ms {
                    let range = Range::new(0.0, duration_ms.max(0.0));
                    self.number(format_args!("{at}/cut_ms"), *cut_ms, range);
                }
            }
            TransitionKind::Cut
            | TransitionKind::Fade
            | TransitionKind::FadeThrough { .. }
            | TransitionKind::Slide { .. }
            | TransitionKind::Push { .. }
            | TransitionKind::Flip { .. }
            | TransitionKind::Morph => {}
        }
    }
}

/// What a transition does.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// The two are composed apart from what is below them.
    pub(crate) isolated: bool,
    /// What leaves rolls out of its box, and what comes into its own.
    pub(crate) rolls: Option<Roll>,
    /// The two turn like a card by the angle that their rotation says, about an upright axis or a level one.
    pub(crate) turns_upright: Option<bool>,
    pub(crate) coming: Part,
    pub(crate) leaving: Part,
    /// What stands above both.
    pub(crate) cover: Option<(Cover, Part)>,
    /// A picture whose luma shows what comes.
    pub(crate) matte: Option<Arc<str>>,
}

/// What stands above both.
#[derive(Debug)]
pub(crate) enum Cover {
    Color(Color),
    Picture(Arc<str>),
}

/// What happens to one of the two.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) blend_mode: BlendMode,
    pub(crate) wipe: Option<Wipe>,
    /// Standard deviation of a blur that `moves` moves.
    pub(crate) blurs: bool,
    /// Properties with their values at offsets. X and y are in ways out of the frame, the first axis of each being one whole way.
    pub(crate) moves: Vec<(Property, Vec<(f64, f64)>)>,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            blend_mode: BlendMode::Normal,
            wipe: None,
            blurs: false,
            moves: Vec::new(),
        }
    }
}

impl Part {
    fn moved(mut self, property: Property, values: &[(f64, f64)]) -> Self {
        self.moves.push((property, values.to_vec()));
        self
    }

    fn between(self, property: Property, from: f64, to: f64) -> Self {
        self.moved(property, &[(0.0, from), (1.0, to)])
    }

    fn scaled(self, values: &[(f64, f64)]) -> Self {
        self.moved(Property::ScaleX, values)
            .moved(Property::ScaleY, values)
    }

    fn fading(self, values: &[(f64, f64)]) -> Self {
        self.moved(Property::Opacity, values)
    }

    /// Seen until `at`, or from then on.
    fn until(self, at: f64) -> Self {
        self.fading(&[(0.0, 1.0), (at, 1.0), (at, 0.0), (1.0, 0.0)])
    }

    fn after(self, at: f64) -> Self {
        self.fading(&[(0.0, 0.0), (at, 0.0), (at, 1.0), (1.0, 1.0)])
    }

    fn travelling(self, heading: Heading, way: &[(f64, f64)]) -> Self {
        let [x, y] = heading.unit();
        let along = |unit: f64| -> Vec<_> { way.iter().map(|(at, v)| (*at, unit * v)).collect() };
        if x.abs() > 0.0 {
            self.moved(Property::X, &along(x))
        } else {
            self.moved(Property::Y, &along(y))
        }
    }

    fn wiped(mut self, form: &WipeForm, softness: f64, invert: bool, from: f64, to: f64) -> Self {
        self.wipe = Some(Wipe {
            form: form.clone(),
            softness,
            progress: 1.0,
            invert,
        });
        self.between(Property::WipeProgress, from, to)
    }

    /// Added to what is below, so that two that share one place sum up to no less than either.
    fn added(self) -> Self {
        Self {
            blend_mode: BlendMode::PlusLighter,
            ..self
        }
    }

    fn blurred(mut self, from_px: f64, to_px: f64) -> Self {
        self.blurs = true;
        self.between(blur_sigma(), from_px, to_px)
    }
}

/// The id of the effect by which things blur.
pub(crate) const BLUR: &str = "blur";

fn blur_sigma() -> Property {
    let path = format!("effects.{BLUR}.sigma_px");
    path.parse().unwrap_or(Property::Opacity)
}

/// How much a picture of this size grows that blurs by `sigma_px`, so that its edge, which becomes transparent, stays outside:
/// beyond two and a half sigma lies less than one part in 150 of a gaussian.
fn blur_growth(size: [f64; 2], sigma_px: f64) -> f64 {
    let shorter = size[0].min(size[1]).max(1.0);
    1.0 + 2.0 * 2.5 * sigma_px / shorter
}

impl Transition {
    /// When a stinger that leaves in one place and comes in another goes over from one to the other: what is seen of it here.
    pub(crate) fn cover_of_half(&self, comes: bool) -> Part {
        match &self.kind {
            TransitionKind::Stinger { cut_ms, .. } if comes => {
                Part::default().after(self.cut(*cut_ms))
            }
            TransitionKind::Stinger { cut_ms, .. } => Part::default().until(self.cut(*cut_ms)),
            _ => Part::default(),
        }
    }

    /// When a stinger has one become the other, as an offset.
    fn cut(&self, cut_ms: Option<f64>) -> f64 {
        let at = cut_ms.unwrap_or(self.duration_ms / 2.0) / self.duration_ms;
        if at.is_finite() {
            at.clamp(0.0, 1.0)
        } else {
            0.5
        }
    }

    /// What it does where one takes the place of the other. `canvas`: its size, where both fill it and hide what is below them.
    pub(crate) fn over(&self, canvas: Option<[f64; 2]>) -> Script {
        let opaque = canvas.is_some();
        let (coming, leaving) = (Part::default(), Part::default());
        // Two that show each other's ground are mixed by weight; where one hides the other it is enough to fade that one in.
        let mixed = |coming: Part, leaving: Part, up: &[(f64, f64)], down: &[(f64, f64)]| {
            if opaque {
                return Script {
                    coming: coming.fading(up),
                    leaving,
                    ..Script::default()
                };
            }
            Script {
                isolated: true,
                coming: coming.fading(up).added(),
                leaving: leaving.fading(down),
                ..Script::default()
            }
        };
        let faded = |leaving: Part| {
            if opaque {
                leaving
            } else {
                leaving.fading(&formulas::MIX_LEAVING)
            }
        };
        match &self.kind {
            TransitionKind::Cut => Script::default(),
            TransitionKind::Fade | TransitionKind::Morph => mixed(
                coming,
                leaving,
                &formulas::MIX_COMING,
                &formulas::MIX_LEAVING,
            ),
            TransitionKind::FadeThrough { color } => Script {
                isolated: !opaque,
                coming: coming.after(formulas::THROUGH_AT),
                leaving: leaving.until(formulas::THROUGH_AT),
                cover: Some((
                    Cover::Color(*color),
                    tint(opaque).fading(&formulas::THROUGH_COLOR),
                )),
                ..Script::default()
            },
            TransitionKind::Slide { heading } | TransitionKind::Push { heading } if !opaque => {
                Script {
                    isolated: true,
                    rolls: Some(Roll {
                        heading: *heading,
                        pushes: matches!(self.kind, TransitionKind::Push { .. }),
                    }),
                    ..Script::default()
                }
            }
            TransitionKind::Slide { heading } => Script {
                coming: coming.travelling(*heading, &formulas::WAY_IN),
                ..Script::default()
            },
            TransitionKind::Push { heading } => Script {
                coming: coming.travelling(*heading, &formulas::WAY_IN),
                leaving: leaving.travelling(*heading, &formulas::WAY_OUT),
                ..Script::default()
            },
            TransitionKind::Scale { from } => Script {
                coming: coming.scaled(&[(0.0, *from), (1.0, 1.0)]).fading(&[
                    (0.0, 0.0),
                    (0.6, 1.0),
                    (1.0, 1.0),
                ]),
                leaving: faded(leaving),
                ..Script::default()
            },
            TransitionKind::Zoom { scale } => mixed(
                coming.scaled(&[(0.0, *scale), (1.0, 1.0)]),
                leaving.scaled(&[(0.0, 1.0), (1.0, *scale)]),
                &[(0.0, 0.0), (0.3, 0.0), (0.7, 1.0), (1.0, 1.0)],
                &[(0.0, 1.0), (0.3, 1.0), (0.7, 0.0), (1.0, 0.0)],
            ),
            TransitionKind::Wipe {
                form,
                softness,
                invert,
            } => {
                let coming = coming.wiped(form, *softness, *invert, 0.0, 1.0);
                if opaque {
                    return Script {
                        coming,
                        ..Script::default()
                    };
                }
                // The same edge from its other side: the two shares of a px add up to all of it.
                Script {
                    isolated: true,
                    coming: coming.added(),
                    leaving: leaving.wiped(form, *softness, !*invert, 1.0, 0.0),
                    ..Script::default()
                }
            }
            TransitionKind::BlurFade { sigma_px } => {
                // A layer has an edge, which may become soft.
                let growth = canvas.map_or(1.0, |size| blur_growth(size, *sigma_px));
                mixed(
                    coming
                        .blurred(*sigma_px, 0.0)
                        .scaled(&[(0.0, growth), (1.0, 1.0)]),
                    leaving
                        .blurred(0.0, *sigma_px)
                        .scaled(&[(0.0, 1.0), (1.0, growth)]),
                    &[(0.0, 0.0), (0.2, 0.0), (0.8, 1.0), (1.0, 1.0)],
                    &[(0.0, 1.0), (0.2, 1.0), (0.8, 0.0), (1.0, 0.0)],
                )
            }
            TransitionKind::Flip { vertical } => Script {
                turns_upright: Some(*vertical),
                coming: coming.after(0.5).moved(
                    Property::Rotation,
                    &[(0.0, -EDGE_ON_DEG), (0.5, -EDGE_ON_DEG), (1.0, 0.0)],
                ),
                leaving: leaving.until(0.5).moved(
                    Property::Rotation,
                    &[(0.0, 0.0), (0.5, EDGE_ON_DEG), (1.0, EDGE_ON_DEG)],
                ),
                ..Script::default()
            },
            TransitionKind::Stinger {
                asset,
                cut_ms,
                matte,
            } => {
                let at = self.cut(*cut_ms);
                let (coming, leaving) = match matte {
                    Some(_) if opaque => (coming, leaving),
                    // Each by its share.
                    Some(_) => (coming.added(), leaving),
                    None => (coming.after(at), leaving.until(at)),
                };
                Script {
                    isolated: matte.is_some() && !opaque,
                    coming,
                    leaving,
                    cover: Some((Cover::Picture(asset.clone()), Part::default())),
                    matte: matte.clone(),
                    ..Script::default()
                }
            }
        }
    }

    /// What it does to a layer that comes (where nothing was) or goes (where nothing comes).
    pub(crate) fn alone(&self, comes: bool) -> Script {
        // How it goes is how it comes, backwards, but for what has a direction.
        let turned = |values: &[(f64, f64)]| -> Vec<(f64, f64)> {
            if comes {
                return values.to_vec();
            }
            values.iter().rev().map(|(at, v)| (1.0 - at, *v)).collect()
        };
        let (part, up) = (Part::default(), turned(&formulas::MIX_COMING));
        let mut script = Script::default();
        script.coming = match &self.kind {
            TransitionKind::Cut => part,
            TransitionKind::Fade | TransitionKind::Morph => part.fading(&up),
            TransitionKind::FadeThrough { color } => {
                let tint = tint(false).fading(&turned(&[(0.0, 1.0), (0.5, 1.0), (1.0, 0.0)]));
                script.isolated = true;
                script.cover = Some((Cover::Color(*color), tint));
                part.fading(&turned(&[(0.0, 0.0), (0.5, 1.0), (1.0, 1.0)]))
            }
            TransitionKind::Slide { heading } | TransitionKind::Push { heading } => {
                let way = if comes {
                    formulas::WAY_IN
                } else {
                    formulas::WAY_OUT
                };
                part.travelling(*heading, &way)
            }
            TransitionKind::Scale { from } => part
                .scaled(&turned(&[(0.0, *from), (1.0, 1.0)]))
                .fading(&turned(&[(0.0, 0.0), (0.6, 1.0), (1.0, 1.0)])),
            TransitionKind::Zoom { scale } => part
                .scaled(&turned(&[(0.0, *scale), (1.0, 1.0)]))
                .fading(&up),
            TransitionKind::Wipe {
                form,
                softness,
                invert,
            } => {
                let [from, to] = if comes { [0.0, 1.0] } else { [1.0, 0.0] };
                // What goes is wiped off by the same edge from its other side.
                part.wiped(form, *softness, *invert == comes, from, to)
            }
            TransitionKind::BlurFade { sigma_px } => {
                let [from, to] = if comes {
                    [*sigma_px, 0.0]
                } else {
                    [0.0, *sigma_px]
                };
                part.blurred(from, to).fading(&up)
            }
            TransitionKind::Flip { vertical } => {
                script.turns_upright = Some(*vertical);
                // It goes on the way on which it came.
                let [from, to] = if comes {
                    [-EDGE_ON_DEG, 0.0]
                } else {
                    [0.0, EDGE_ON_DEG]
                };
                part.between(Property::Rotation, from, to)
            }
            TransitionKind::Stinger {
                asset,
                cut_ms,
                matte,
            } => {
                script.cover = Some((Cover::Picture(asset.clone()), Part::default()));
                let at = self.cut(*cut_ms);
                match (matte, comes) {
                    (Some(_), true) => {
                        script.matte.clone_from(matte);
                        part
                    }
                    (None, true) => part.after(at),
                    (_, false) => part.until(at),
                }
            }
        };
        script
    }
}

fn tint(opaque: bool) -> Part {
    Part {
        // Over a layer only what is drawn of it takes the color, its shadow too.
        blend_mode: if opaque {
            BlendMode::Normal
        } else {
            BlendMode::SourceAtop
        },
        ..Part::default()
    }
}

/// The angle at which a card is a line.
const EDGE_ON_DEG: f64 = 90.0;
