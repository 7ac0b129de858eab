//! What a stage costs, beside what it may cost.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// How long one row measures: long enough for a steady median, short enough for a dozen rows.
const ROW_MS: f64 = 400.0;
/// Work shorter than this is repeated between two looks at the clock, each of which takes about a microsecond.
const SHORTEST_SAMPLE_MS: f64 = 0.05;
const FEWEST_SAMPLES: usize = 20;
/// Frames of a paced row: two seconds at 30 fps.
const PACED_FRAMES: u64 = 60;
const PACED_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// A table of CPU times on standard output, a row for each thing measured, for `harness = false` benches.
///
/// CPU time of the whole process is measured: work counts on whatever thread it is done, and waiting does not.
/// Words on the command line choose rows: `cargo bench -p compositor -- breathes`.
#[derive(Debug)]
pub struct StageTable {
    /// What a row's name holds one of; every row when there are none.
    words: Vec<String>,
}

impl StageTable {
    /// Prints the head.
    #[expect(clippy::print_stdout, reason = "a bench is there to print")]
    pub fn new(title: &str) -> Self {
        println!(
            "{title:52}{:>10}{:>10}{:>10}{:>8}",
            "median ms", "p99 ms", "target", "ratio"
        );
        let words = std::env::args().skip(1);
        Self {
            words: words.filter(|word| !word.starts_with('-')).collect(),
        }
    }

    fn wanted(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    /// Measures `work` in a tight loop; it is told the number of the call, as an animation is told its time.
    pub fn hot(&mut self, name: &str, target_ms: Option<f64>, mut work: impl FnMut(u64)) {
        if !self.wanted(name) {
            return;
        }
        let mut calls = 0..;
        let mut run = |times: u32| {
            let begin = cpu_ms();
            for n in calls.by_ref().take(times as usize) {
                work(n);
            }
            (cpu_ms() - begin) / f64::from(times)
        };
        run(2);
        let once = run(3).max(1e-6);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number, and casts of floats saturate"
        )]
        let times = (SHORTEST_SAMPLE_MS / once).ceil().max(1.0) as u32;
        let mut samples = Vec::new();
        let begin = cpu_ms();
        while samples.len() < FEWEST_SAMPLES || cpu_ms() - begin < ROW_MS {
            samples.push(run(times));
        }
        self.samples(name, target_ms, samples);
    }

    /// Measures `work` once for each frame of a 30-fps show: between two calls caches go cold and the core may sleep.
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting is what is measured here; nothing is waited for"
    )]
    pub fn paced(&mut self, name: &str, target_ms: Option<f64>, mut work: impl FnMut(u64)) {
        if !self.wanted(name) {
            return;
        }
        work(0);
        let mut due = Instant::now();
        let samples = (1..=PACED_FRAMES)
            .map(|n| {
                due += PACED_INTERVAL;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let begin = cpu_ms();
                work(n);
                cpu_ms() - begin
            })
            .collect();
        self.samples(name, target_ms, samples);
    }

    fn samples(&mut self, name: &str, target_ms: Option<f64>, mut samples: Vec<f64>) {
        samples.sort_by(f64::total_cmp);
        let last = samples.len() - 1;
        self.row(name, target_ms, samples[last / 2], samples[last * 99 / 100]);
    }

    /// A row of figures that were measured elsewhere.
    #[expect(clippy::print_stdout, reason = "a bench is there to print")]
    pub fn row(&mut self, name: &str, target_ms: Option<f64>, median_ms: f64, p99_ms: f64) {
        let (target, ratio) = target_ms.map_or_else(Default::default, |target| {
            (format!("<= {target}"), format!("{:.2}", median_ms / target))
        });
        println!("{name:52}{median_ms:>10.4}{p99_ms:>10.4}{target:>10}{ratio:>8}");
    }
}

/// The least CPU time of this process, in ms, that one of `calls` calls of `work` takes; each is told its number.
///
/// The least, and not a mean: what a neighbour on the machine does only adds to it. For tests that hold a budget.
pub fn least_cpu_ms(calls: u32, mut work: impl FnMut(u64)) -> f64 {
    let measured = (0..calls).map(|n| {
        let begin = cpu_ms();
        work(n.into());
        cpu_ms() - begin
    });
    measured.fold(f64::INFINITY, f64::min)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a process's life fit 53 bits for a hundred days"
)]
fn cpu_ms() -> f64 {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    cpu.tv_sec as f64 * 1e3 + cpu.tv_nsec as f64 / 1e6
}
