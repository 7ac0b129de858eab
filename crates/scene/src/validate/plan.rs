//! Rules of waits, groups and retargets.

use super::Check;
use crate::ranges::{GROUP_SIZE, SPRING_DAMPING, SPRING_MASS, SPRING_STIFFNESS, VELOCITY, WAIT_MS};
use crate::{Animation, Course, Patience, Start, Until};

/// Characters of a marker's name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=64;

/// Whether this may be the name of a marker: letters, digits and `_ . : -`, 64 at most.
pub fn names_a_marker(name: &str) -> bool {
    let ours = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    NAME_CHARS.contains(&name.len()) && name.chars().all(ours)
}

impl Check<'_> {
    pub(super) fn marker(&mut self, at: &str, name: &str) {
        if !names_a_marker(name) {
            self.invalid(
                format_args!("{at}/start/marker"),
                "is no name of a marker: 1 to 64 letters, digits, `_`, `.`, `:` and `-`",
            );
        }
    }

    pub(super) fn plan(&mut self, at: &str, a: &Animation) {
        if let Start::Marker(_, Some(patience)) = &a.start {
            self.patience(&format!("{at}/start"), patience);
        }
        if let Some(group) = &a.plan.group {
            let here = format!("{at}/group");
            if let Some(size) = group.size {
                self.number(format_args!("{here}/size"), f64::from(size), GROUP_SIZE);
            }
            if let Some(patience) = &group.patience {
                self.patience(&here, patience);
            }
        }
        let waits = a.plan.group.is_some() || matches!(a.start, Start::Marker(..));
        if waits && !a.verbs.is_empty() {
            self.invalid(
                format_args!("{at}/verbs"),
                "is not possible while it waits for a marker or its group; cancel it, or let it begin",
            );
        }
        let Some(retarget) = &a.plan.retarget else {
            return;
        };
        if let Course::Spring(spring) = retarget.course {
            let [mass, stiffness, damping] = spring.physics();
            for (name, value, range) in [
                ("mass", mass, SPRING_MASS),
                ("stiffness", stiffness, SPRING_STIFFNESS),
                ("damping", damping, SPRING_DAMPING),
            ] {
                self.number(format_args!("{at}/retarget/spring/{name}"), value, range);
            }
        }
        for (property, velocity) in retarget.velocities.iter().flatten() {
            let here = format!("{at}/retarget/velocities/{property}");
            for v in velocity {
                self.number(&here, *v, VELOCITY);
            }
        }
    }

    fn patience(&mut self, at: &str, patience: &Patience) {
        if let Until::After(ms) = patience.until {
            self.number(format_args!("{at}/timeout_ms"), ms, WAIT_MS);
        }
    }
}
