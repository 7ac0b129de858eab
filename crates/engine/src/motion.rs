//! What moves by itself: which of its pictures is shown at a moment.

use media::ShowTime;
use scene::{Moment, Run};
use sources::{Part, Strip, Timetable};
use std::sync::Arc;

/// How far ahead upcoming pictures are looked for, in steps of the show.
const LOOK_AHEAD: i64 = 64;

/// The pictures of a layer that moves by itself, and when they are shown.
#[derive(Debug)]
pub(crate) struct Motion {
    pictures: Pictures,
    run: Run,
    /// The picture that is shown whatever the time.
    fixed: Option<f64>,
}

#[derive(Debug)]
enum Pictures {
    Film(Arc<Timetable>),
    Sprite(Arc<Strip>, u64),
}

impl Motion {
    pub(crate) const fn of_film(timetable: Arc<Timetable>, run: Run) -> Self {
        Self {
            pictures: Pictures::Film(timetable),
            run,
            fixed: None,
        }
    }

    /// `serial` tells strips of one layer apart.
    pub(crate) const fn of_sprite(
        strip: Arc<Strip>,
        serial: u64,
        run: Run,
        fixed: Option<f64>,
    ) -> Self {
        Self {
            pictures: Pictures::Sprite(strip, serial),
            run,
            fixed,
        }
    }

    fn timetable(&self) -> &Timetable {
        match &self.pictures {
            Pictures::Film(timetable) => timetable,
            Pictures::Sprite(strip, _) => strip.timetable(),
        }
    }

    /// Tells what the numbers of one layer mean apart, of the same asset.
    pub(crate) const fn serial(&self) -> u64 {
        match &self.pictures {
            Pictures::Film(_) => 0,
            Pictures::Sprite(_, serial) => *serial,
        }
    }

    /// How many pictures there are.
    pub(crate) fn count(&self) -> u32 {
        self.timetable().frames()
    }

    /// The number of the picture that is shown.
    pub(crate) fn number(&self, moment: Moment) -> u32 {
        if let Some(fixed) = self.fixed {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturating, and the last picture bounds it"
            )]
            let number = fixed as u32;
            return number.min(self.count() - 1);
        }
        let timetable = self.timetable();
        timetable.frame_at(
            self.run.elapsed_ns(moment),
            self.run.plays(timetable.plays()),
        )
    }

    /// What of the asset the picture `number` is.
    pub(crate) fn part(&self, number: u32) -> Part {
        match &self.pictures {
            Pictures::Film(_) => Part::Frame(number),
            Pictures::Sprite(strip, _) => Part::Cell(strip.cell(number)),
        }
    }

    /// Replaces `numbers` by that of the picture shown and those of the next ones, each once and at most `most`, for a show
    /// that goes on by `step_ns`.
    pub(crate) fn upcoming(
        &self,
        moment: Moment,
        step_ns: i64,
        most: usize,
        numbers: &mut Vec<u32>,
    ) {
        numbers.clear();
        numbers.push(self.number(moment));
        if self.fixed.is_some() {
            return;
        }
        for step in 1..LOOK_AHEAD {
            if numbers.len() >= most {
                return;
            }
            let ahead = moment.show.nanos().saturating_add(step * step_ns);
            let number = self.number(Moment {
                show: ShowTime::from_nanos(ahead),
                ..moment
            });
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
}
