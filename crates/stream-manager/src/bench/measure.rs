//! Clocks, and what many readings of them say.

use codec::Latency;
use engine::{Clock as _, SystemClock};
use rustix::time::{ClockId, clock_gettime};

/// Reads the CPU time of this process, all threads together, and the wall clock.
pub(super) struct Meter(SystemClock);

impl Meter {
    pub(super) fn new() -> Self {
        Self(SystemClock::new())
    }

    pub(super) fn clock(&self) -> &SystemClock {
        &self.0
    }

    /// Takes about a microsecond.
    #[expect(
        clippy::cast_precision_loss,
        reason = "nanoseconds of a process's life fit 53 bits for a hundred days"
    )]
    pub(super) fn read(&self) -> Reading {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        Reading {
            cpu_ms: cpu.tv_sec as f64 * 1e3 + cpu.tv_nsec as f64 / 1e6,
            wall_ms: self.0.now_ns() as f64 / 1e6,
        }
    }
}

/// Both clocks at a moment, or what passed on both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) cpu_ms: f64,
    pub(super) wall_ms: f64,
}

impl Reading {
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms - earlier.cpu_ms,
            wall_ms: self.wall_ms - earlier.wall_ms,
        }
    }

    /// What is more than in `other`; never below nothing.
    pub(super) fn less(self, other: Self) -> Self {
        Self {
            cpu_ms: (self.cpu_ms - other.cpu_ms).max(0.0),
            wall_ms: (self.wall_ms - other.wall_ms).max(0.0),
        }
    }

    /// One of `n` equal parts.
    pub(super) fn shared(self, n: u32) -> Self {
        Self {
            cpu_ms: self.cpu_ms / f64::from(n),
            wall_ms: self.wall_ms / f64::from(n),
        }
    }
}

/// What a stage took, frame by frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Reading>);

/// CPU times of a stage; 0 where it had no frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) frames: usize,
    pub(super) median_ms: f64,
    pub(super) mean_ms: f64,
    pub(super) p99_ms: f64,
}

impl FromIterator<Reading> for Times {
    fn from_iter<I: IntoIterator<Item = Reading>>(readings: I) -> Self {
        Self(readings.into_iter().collect())
    }
}

impl Times {
    pub(super) fn push(&mut self, reading: Reading) {
        self.0.push(reading);
    }

    pub(super) fn summary(&self) -> Summary {
        let mut cpu: Vec<f64> = self.0.iter().map(|reading| reading.cpu_ms).collect();
        cpu.sort_by(f64::total_cmp);
        // The least figure that so many per cent of the frames do not exceed.
        let rank = |percent: usize| {
            let at = (cpu.len() * percent).div_ceil(100).max(1) - 1;
            cpu.get(at).copied().unwrap_or_default()
        };
        Summary {
            frames: cpu.len(),
            median_ms: rank(50),
            mean_ms: self.mean(|reading| reading.cpu_ms),
            p99_ms: rank(99),
        }
    }

    pub(super) fn mean_wall_ms(&self) -> f64 {
        self.mean(|reading| reading.wall_ms)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of frames is far below 53 bits"
    )]
    fn mean(&self, of: impl Fn(&Reading) -> f64) -> f64 {
        self.0.iter().map(of).sum::<f64>() / self.0.len().max(1) as f64
    }
}

/// The most memory this process ever held, where the system says so.
pub(super) fn rss_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = field(&status, "VmHWM")?
        .strip_suffix(" kB")?
        .parse::<u64>()
        .ok()?;
    Some(kib * 1024)
}

/// What the processor calls itself, where the system says so.
pub(super) fn processor() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|info| field(&info, "model name").map(str::to_owned))
        .unwrap_or_else(|| format!("a processor of {}", std::env::consts::ARCH))
}

/// The first line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

/// The word of `STREAM_LATENCY`.
pub(super) const fn latency_name(latency: Latency) -> &'static str {
    match latency {
        Latency::Normal => "normal",
        Latency::Low => "low",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_frames_there_are() {
        let times = |cpu: &[f64]| -> Times {
            cpu.iter()
                .map(|&cpu_ms| Reading {
                    cpu_ms,
                    wall_ms: 2.0 * cpu_ms,
                })
                .collect()
        };
        let summary = |frames, median_ms, mean_ms, p99_ms| Summary {
            frames,
            median_ms,
            mean_ms,
            p99_ms,
        };
        assert_eq!(times(&[]).summary(), summary(0, 0.0, 0.0, 0.0));
        assert_eq!(times(&[3.0]).summary(), summary(1, 3.0, 3.0, 3.0));
        assert_eq!(times(&[9.0, 1.0, 2.0]).summary(), summary(3, 2.0, 4.0, 9.0));
        let hundred: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(times(&hundred).summary(), summary(200, 100.0, 100.5, 198.0));
        assert!((times(&hundred).mean_wall_ms() - 201.0).abs() < 1e-9);
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "VmPeak:\t 9 kB\nVmHWM:\t  123 kB\nmodel\t: 7\nmodel name\t: A: B\n";
        assert_eq!(field(text, "VmHWM"), Some("123 kB"));
        assert_eq!(field(text, "model name"), Some("A: B"));
        assert_eq!(field(text, "name"), None);
    }
}
