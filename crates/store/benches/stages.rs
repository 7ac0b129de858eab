//! `cargo bench -p store`: what a record costs, how long it takes to be durable, and to come back. Wall time, for the disk is what is
//! waited for; `TMPDIR` says which.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use store::{Journal, Settings};
use testkit::TempFolder;

const RECORD_BYTES: usize = 300;

fn main() {
    println!("{:64}{:>14}", "journal, records of 300 bytes", "");
    append();
    sustained();
    for clients in [1, 16] {
        durable(clients);
    }
    recover();
}

fn open(folder: &TempFolder) -> (Journal, usize) {
    let (journal, found) = Journal::open(folder.path(), Settings::default()).expect("a folder");
    (journal, found.records.len())
}

fn record() -> Vec<u8> {
    vec![7; RECORD_BYTES]
}

fn wait(journal: &Journal, sequence: u64) {
    let (answer, answers) = channel();
    journal.durable(sequence, move |done| answer.send(done).expect("waited for"));
    answers
        .recv()
        .expect("answered")
        .expect("a disk that is well");
}

fn row(name: &str, value: f64, unit: &str) {
    println!("{name:64}{value:>10.3} {unit}");
}

fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[(samples.len() - 1) * percent / 100]
}

/// The call alone, one in a while, as a change of a show is.
fn append() {
    let folder = TempFolder::new("bench");
    let (journal, _) = open(&folder);
    let mut samples: Vec<f64> = (0..20_000)
        .map(|n| {
            let bytes = record();
            let begin = Instant::now();
            let sequence = journal.append(bytes);
            let us = begin.elapsed().as_secs_f64() * 1e6;
            if n % 10 == 0 {
                wait(&journal, sequence);
            }
            us
        })
        .collect();
    row("append, the call, p50", percentile(&mut samples, 50), "us");
    row("append, the call, p99", percentile(&mut samples, 99), "us");
}

/// As many as the disk takes, 10,000 at a time in memory.
fn sustained() {
    const COUNT: u64 = 1_000_000;
    let folder = TempFolder::new("bench");
    let (journal, _) = open(&folder);
    let begin = Instant::now();
    for _ in 0..COUNT / 10_000 {
        let last = (0..10_000)
            .map(|_| journal.append(record()))
            .fold(0, u64::max);
        wait(&journal, last);
    }
    let seconds = begin.elapsed().as_secs_f64();
    row(
        "append and durable, 10,000 at a time",
        COUNT as f64 / seconds / 1e3,
        "thousand/s",
    );
}

/// From the call of `append` to the answer of `durable`.
fn durable(clients: usize) {
    let folder = TempFolder::new("bench");
    let (journal, _) = open(&folder);
    let begin = Instant::now();
    let mut samples: Vec<f64> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| {
                    let mut samples = Vec::new();
                    while begin.elapsed() < Duration::from_secs(5) {
                        let begin = Instant::now();
                        wait(&journal, journal.append(record()));
                        samples.push(begin.elapsed().as_secs_f64() * 1e3);
                    }
                    samples
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().expect("no panic"))
            .collect()
    });
    let per_second = samples.len() as f64 / begin.elapsed().as_secs_f64();
    let name = |what| format!("durable, {clients} who wait, {what}");
    row(&name("p50"), percentile(&mut samples, 50), "ms");
    row(&name("p99"), percentile(&mut samples, 99), "ms");
    row(&name("answers"), per_second, "/s");
}

/// `Journal::open`, with everything in the system's cache.
fn recover() {
    const COUNT: usize = 100_000;
    let folder = TempFolder::new("bench");
    let (journal, _) = open(&folder);
    let last = (0..COUNT)
        .map(|_| journal.append(record()))
        .fold(0, u64::max);
    wait(&journal, last);
    journal.close().expect("a disk that is well");
    let mut samples: Vec<f64> = (0..10)
        .map(|_| {
            let begin = Instant::now();
            let (journal, count) = open(&folder);
            let ms = begin.elapsed().as_secs_f64() * 1e3;
            assert_eq!(count, COUNT);
            journal.close().expect("a disk that is well");
            ms
        })
        .collect();
    row(
        "open with 100,000 records (32 MB), median",
        percentile(&mut samples, 50),
        "ms",
    );
    row(
        "open with 100,000 records (32 MB), longest of ten",
        percentile(&mut samples, 100),
        "ms",
    );
}
