//! The one table of all metrics.

mod document;

pub use document::metrics_document;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values by size.
    Histogram,
}

/// A metric that some crate records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// `stream_manager_<noun>_<unit>[_total]`, or a name that others gave the same thing.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// What one is: seconds, bytes, or the things that are counted.
    pub unit: &'static str,
    /// Names of its labels. The values of each are few, whatever anybody asks for.
    pub labels: &'static [&'static str],
    /// Upper bounds of a histogram's buckets.
    pub buckets: &'static [f64],
    /// What it counts or measures, one sentence.
    pub help: &'static str,
    /// When to look at it, and what it says then.
    pub watch: &'static str,
}

const fn counter(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
    watch: &'static str,
) -> Metric {
    Metric {
        name,
        kind: MetricKind::Counter,
        unit,
        labels,
        buckets: &[],
        help,
        watch,
    }
}

const fn gauge(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
    watch: &'static str,
) -> Metric {
    Metric {
        kind: MetricKind::Gauge,
        ..counter(name, unit, labels, help, watch)
    }
}

/// Of seconds, as all are.
const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    buckets: &'static [f64],
    help: &'static str,
    watch: &'static str,
) -> Metric {
    Metric {
        kind: MetricKind::Histogram,
        buckets,
        ..counter(name, "seconds", labels, help, watch)
    }
}

/// Where a frame's time may fall at 30 and 60 fps.
const FRAME_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.010, 0.012, 0.014, 0.0167, 0.020, 0.025,
    0.0333, 0.05, 0.1, 0.25, 1.0,
];

/// An answer from memory takes a millisecond, a change waits for its frame, a still is composed, an upload is decoded.
const REQUEST_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// A good disk takes one millisecond, a shared one ten, a failing one seconds.
const SYNC_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0,
];

/// Every metric of the service. A test compares it with the source of all crates, another with METRICS.md.
pub const METRICS: &[Metric] = &[
    counter(
        "stream_manager_frames_total",
        "frames",
        &[],
        "Frames composed",
        "its rate is below the frame rate of the show: the engine is late",
    ),
    histogram(
        "stream_manager_tick_seconds",
        &["stage"],
        FRAME_SECONDS,
        "Time a frame took, by stage: resolve, compose, encode",
        "resolve and compose together, or encode alone, near the time of a frame (0.033 at 30 fps)",
    ),
    histogram(
        "stream_manager_frame_lateness_seconds",
        &[],
        FRAME_SECONDS,
        "Time from when a frame was due to when the encoder had it; on time is 0.008",
        "its 99th percentile is above 0.008",
    ),
    counter(
        "stream_manager_lagged_ticks_total",
        "ticks",
        &[],
        "Ticks skipped because the engine was late",
        "it grows: viewers see a jerk each time; the machine is too slow or too busy",
    ),
    counter(
        "stream_manager_repeated_frames_total",
        "frames",
        &[],
        "Frames shown again because none came for their time",
        "it grows: viewers see a jerk each time",
    ),
    counter(
        "stream_manager_replaced_frames_total",
        "frames",
        &[],
        "Composed frames replaced by a newer one before they were encoded",
        "it grows: the encoder is too slow; choose a faster `STREAM_PRESET`",
    ),
    gauge(
        "stream_manager_frames_waiting",
        "frames",
        &[],
        "Frames that wait for the encoder",
        "it stays near its bound (8, or 2 with low latency): frames will be replaced",
    ),
    gauge(
        "stream_manager_commands_waiting",
        "commands",
        &[],
        "Commands that wait for their frame, those for a later show time included",
        "it is near 256, where further ones are refused",
    ),
    gauge(
        "stream_manager_realtime_threads",
        "threads",
        &[],
        "Threads with real-time priority: 0 where the system refuses it",
        "it is 0 on a machine that has other work: grant the priority",
    ),
    counter(
        "stream_manager_realtime_withdrawals_total",
        "withdrawals",
        &[],
        "Times a thread lost its real-time priority because it worked on one frame for too long",
        "it grows",
    ),
    gauge(
        "stream_manager_layers",
        "layers",
        &[],
        "Layers of the scene on air",
        "it is near `MAX_LAYERS`",
    ),
    gauge(
        "stream_manager_surfaces_cached",
        "surfaces",
        &[],
        "Painted surfaces in the cache",
        "",
    ),
    gauge(
        "stream_manager_surface_cache_bytes",
        "bytes",
        &[],
        "Memory that painted surfaces take: those on screen, and others within the budget",
        "it is above 128 MiB: so much is on screen",
    ),
    gauge(
        "stream_manager_pixel_bytes",
        "bytes",
        &["of"],
        "Memory that other pixels take: drafts of pictures that were put away, frames of moving pictures, groups, decoded assets",
        "",
    ),
    gauge(
        "stream_manager_layers_put_away",
        "layers",
        &[],
        "Layers that nobody sees now and of which only a draft is kept",
        "",
    ),
    gauge(
        "stream_manager_pixels_over_budget_bytes",
        "bytes",
        &[],
        "What painted surfaces on screen take beyond the budget for all pixels",
        "it stays above 0: the show needs more memory than it is meant to",
    ),
    counter(
        "stream_manager_pictures_put_away_total",
        "pictures",
        &[],
        "Painted pictures let go for want of room, since nobody sees them",
        "",
    ),
    counter(
        "stream_manager_pictures_brought_back_total",
        "pictures",
        &[],
        "Pictures painted again that were put away",
        "it grows all the time: pictures come and go faster than there is room for",
    ),
    counter(
        "stream_manager_asset_failures_total",
        "assets",
        &[],
        "Assets that could not be read or decoded; a placeholder is shown",
        "it grows: viewers see placeholders",
    ),
    counter(
        "stream_manager_source_failures_total",
        "sources",
        &[],
        "Sources that could not be painted; a placeholder is shown",
        "it grows: viewers see placeholders",
    ),
    counter(
        "stream_manager_source_panics_total",
        "panics",
        &[],
        "Panics caught while a source was painted",
        "it is not 0: report the scene as a fault of the program",
    ),
    counter(
        "stream_manager_font_faults_total",
        "texts",
        &[],
        "Texts painted without a font or a character they ask for",
        "it grows: install the fonts",
    ),
    gauge(
        "stream_manager_encoder_fps",
        "frames/s",
        &[],
        "Pictures that came out of the encoder per second, over the last five seconds",
        "it is below the frame rate of the show",
    ),
    gauge(
        "stream_manager_encoder_bitrate_bps",
        "bits/s",
        &[],
        "Bitrate of the encoded picture over the last five seconds",
        "it stays far above the bitrate that was asked for",
    ),
    counter(
        "stream_manager_encoded_bytes_total",
        "bytes",
        &[],
        "Bytes of the encoded picture",
        "",
    ),
    gauge(
        "stream_manager_output_state",
        "state",
        &["output"],
        "State: 0 idle, 1 connecting, 2 live, 3 retrying, 4 refused, 5 stopped",
        "it is not 2 while the show should be on air",
    ),
    counter(
        "stream_manager_output_connects_total",
        "sessions",
        &["output"],
        "Sessions that became live",
        "",
    ),
    counter(
        "stream_manager_output_reconnects_total",
        "attempts",
        &["output"],
        "Attempts to be live again, after one failed or a session was lost",
        "it grows: the network or the ingest is not well",
    ),
    counter(
        "stream_manager_output_bytes_total",
        "bytes",
        &["output"],
        "Bytes given to the network, without TLS",
        "its rate is 0 while the output is live",
    ),
    counter(
        "stream_manager_output_dropped_packets_total",
        "packets",
        &["output"],
        "Packets dropped because the network was too slow",
        "it grows: viewers see the picture stand still; lower the bitrate",
    ),
    gauge(
        "stream_manager_output_queue_seconds",
        "seconds",
        &["output"],
        "Media that waits for the network",
        "it stays above 1: at 3 it is dropped",
    ),
    histogram(
        "stream_manager_journal_sync_seconds",
        &[],
        SYNC_SECONDS,
        "Time the disk took to make records durable",
        "its 99th percentile is above 0.1: changes with `durability=sync` wait for it",
    ),
    counter(
        "stream_manager_journal_faults_total",
        "faults",
        &[],
        "Writes of the journal or of a snapshot that failed; each is tried again",
        "it grows: changes would not survive the process",
    ),
    gauge(
        "stream_manager_journal_records_waiting",
        "records",
        &[],
        "Records that are not yet known to be durable",
        "it grows",
    ),
    gauge(
        "stream_manager_journal_unsynced_seconds",
        "seconds",
        &[],
        "Age of the oldest record that is not durable; 0 where all are",
        "it is above 2: what is younger would not survive a loss of power",
    ),
    gauge(
        "stream_manager_disk_free_bytes",
        "bytes",
        &[],
        "Space left on the file system of `DATA_DIR`",
        "it is below 5 % of the whole, which counts as 512 MiB at least and 2 GiB at most",
    ),
    gauge(
        "stream_manager_clock_drift_seconds",
        "seconds",
        &[],
        "What the wall clock is ahead of an even one since the start",
        "it is beyond 1 on either side: countdowns to a time of day are off by as much",
    ),
    histogram(
        "http_request_duration_seconds",
        &["method", "route", "code"],
        REQUEST_SECONDS,
        "Time to the head of an answer, by method, route as in the OpenAPI document (`none`: there is no such route), and status",
        "its share of 5xx is not 0, or 503 grows: the engine is busy",
    ),
    gauge(
        "stream_manager_websocket_clients",
        "clients",
        &["kind"],
        "Open WebSockets: control, preview",
        "control is near 4096 or preview near its bound: further ones are refused",
    ),
    counter(
        "stream_manager_events_total",
        "events",
        &[],
        "Events announced, however many listen",
        "",
    ),
    counter(
        "stream_manager_slow_readers_total",
        "clients",
        &[],
        "Listeners that were cut off because they read too slowly",
        "it grows: a client cannot keep up",
    ),
    counter(
        "stream_manager_preview_viewers_cut_total",
        "viewers",
        &["reason"],
        "Viewers of the preview that were cut off: behind, full",
        "it grows",
    ),
    counter(
        "stream_manager_preview_bytes_total",
        "bytes",
        &[],
        "Bytes of the preview handed to viewers",
        "",
    ),
    counter(
        "stream_manager_stills_total",
        "stills",
        &[],
        "Stills composed",
        "its rate is high: each takes the processor a few milliseconds",
    ),
    gauge(
        "stream_manager_build_info",
        "1",
        &["version"],
        "Always 1; the version is its label",
        "",
    ),
    counter(
        "process_cpu_seconds_total",
        "seconds",
        &[],
        "Processor time of the process, user and system",
        "its rate is near the number of cores",
    ),
    gauge(
        "process_resident_memory_bytes",
        "bytes",
        &[],
        "Memory of the process that is in RAM",
        "it grows for hours",
    ),
    gauge(
        "process_virtual_memory_bytes",
        "bytes",
        &[],
        "Address space of the process",
        "",
    ),
    gauge(
        "process_threads",
        "threads",
        &[],
        "Threads of the process",
        "",
    ),
    gauge(
        "process_open_fds",
        "files",
        &[],
        "Open files, sockets included",
        "it is near `process_max_fds`: connections are refused then",
    ),
    gauge(
        "process_max_fds",
        "files",
        &[],
        "Files that may be open",
        "",
    ),
    gauge(
        "process_start_time_seconds",
        "seconds",
        &[],
        "When the process started, seconds since 1970 UTC",
        "it changes: the process was restarted",
    ),
    histogram(
        "stream_manager_store_round_trip_seconds",
        &[],
        REQUEST_SECONDS,
        "From a question to Redis to its answer",
        "its 99th percentile is above 0.1: the network or the server is slow",
    ),
    gauge(
        "stream_manager_store_lag_records",
        "records",
        &[],
        "Records that Redis does not have yet",
        "it grows: nobody could take over the show as it is",
    ),
    gauge(
        "stream_manager_store_lag_seconds",
        "seconds",
        &[],
        "Age of the oldest of them",
        "it is above 1: a process that took over now would lose as much",
    ),
    gauge(
        "stream_manager_store_lease_term",
        "1",
        &[],
        "The term, as this process knows it",
        "it changes: another process took over",
    ),
    counter(
        "stream_manager_bus_events_total",
        "events",
        &[],
        "Events published on the bus",
        "",
    ),
    counter(
        "stream_manager_bus_lost_events_total",
        "events",
        &[],
        "Events that the bus lost because Redis was away, too slow or refused them",
        "it grows: subscribers missed them, and `bus.gap` told them how many",
    ),
    counter(
        "stream_manager_bus_commands_total",
        "commands",
        &["result"],
        "Commands that came over the bus: done, refused, or dropped because too many came at once",
        "`refused` or `dropped` grow: a program sends what the show cannot take",
    ),
];
