//! What the system says of this process, under the names that all programs use for it.
//!
//! Written as text beside the recorder's page, for its counters are whole numbers and processor time is not. Everything
//! is there on Linux; elsewhere what cannot be read is left out.

use crate::{METRICS, MetricKind};
use rustix::time::ClockId;
use std::fmt::Write as _;

/// Adds the metrics of the process to a page. Takes some tens of microseconds.
pub(crate) fn write(page: &mut String) {
    for (name, value) in read() {
        let Some(metric) = METRICS.iter().find(|metric| metric.name == name) else {
            continue;
        };
        let kind = match metric.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge | MetricKind::Histogram => "gauge",
        };
        // Writing to memory does not fail.
        let _ = writeln!(
            page,
            "# HELP {name} {}\n# TYPE {name} {kind}\n{name} {value}\n",
            metric.help
        );
    }
}

/// Values by name, as far as they are known.
pub(crate) fn read() -> Vec<(&'static str, f64)> {
    let proc = |name: &str| std::fs::read_to_string(format!("/proc/{name}")).unwrap_or_default();
    let status = proc("self/status");
    let kib = |name| field(&status, name).map(|kib| kib * 1024.0);
    let cpu = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a process does not run for a million years"
    )]
    let cpu_seconds = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    let values = [
        ("process_cpu_seconds_total", Some(cpu_seconds)),
        ("process_resident_memory_bytes", kib("VmRSS:")),
        ("process_virtual_memory_bytes", kib("VmSize:")),
        ("process_threads", field(&status, "Threads:")),
        ("process_open_fds", open_files()),
        (
            "process_max_fds",
            field(&proc("self/limits"), "Max open files"),
        ),
        (
            "process_start_time_seconds",
            start_time(&proc("self/stat"), &proc("stat")),
        ),
    ];
    let known = values.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The first number of the line that begins so.
fn field(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn open_files() -> Option<f64> {
    let files = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // The one that lists them is among them.
    u32::try_from(files.saturating_sub(1)).ok().map(f64::from)
}

/// Seconds since 1970, of the ticks since the machine started, the twentieth after the name, and of when that was.
fn start_time(own: &str, machine: &str) -> Option<f64> {
    // A name may have blanks and brackets in it; what follows has none.
    let (_, after_name) = own.rsplit_once(')')?;
    let ticks: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let per_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    Some(field(machine, "btime")? + ticks / f64::from(per_second))
}
