use super::*;

fn degraded(condition: Condition, said: &str) {
    match condition {
        Condition::Degraded(reason) => assert!(reason.contains(said), "{reason}"),
        other => panic!("{other:?}, not degraded with {said}"),
    }
}

#[test]
fn only_an_encoder_that_failed_or_is_silent_needs_a_restart() {
    let silent = telemetry::STALL_NS + 1;
    assert_eq!(of_encoder(&Stats::default(), 0), Condition::Ok);
    assert!(matches!(
        of_encoder(&Stats::default(), silent),
        Condition::Failed(_)
    ));
    let failed = Stats {
        encoder_failed: true,
        ..Stats::default()
    };
    assert!(
        matches!(of_encoder(&failed, 0), Condition::Failed(reason) if reason.contains("ended"))
    );
}

fn output(state: State, reason: Option<&str>) -> Status {
    Status {
        state,
        since_ms: 0,
        reason: reason.map(str::to_owned),
        url: "rtmp://ingest/app".to_owned(),
        attempts: 1,
        next_retry_in_ms: None,
        connects: 0,
        bytes_sent: 0,
        packets_sent: 0,
        dropped_packets: 0,
        queue_ms: 0,
    }
}

#[test]
fn an_output_in_trouble_degrades_until_it_is_live() {
    for state in [State::Idle, State::Connecting, State::Live, State::Stopped] {
        assert_eq!(of_output(&output(state, None)), Condition::Ok);
    }
    let closed = Some("the server closed");
    degraded(
        of_output(&output(State::Retrying, closed)),
        "retrying: the server closed",
    );
    degraded(
        of_output(&output(State::Refused, None)),
        "refused: no reason",
    );
    degraded(
        of_output(&output(State::Connecting, closed)),
        "connecting: the",
    );
}

#[test]
fn a_store_with_a_fault_or_with_old_records_degrades() {
    let folder = testkit::TempFolder::new("condition");
    let (journal, _) = store::Journal::open(folder.path(), store::Settings::default()).unwrap();
    let mut status = journal.status();
    assert_eq!(of_store(&status), Condition::Ok);
    status.oldest_unsynced_ms = LATE_RECORDS_MS;
    assert_eq!(of_store(&status), Condition::Ok);
    (status.oldest_unsynced_ms, status.waiting) = (LATE_RECORDS_MS + 1, 7);
    degraded(
        of_store(&status),
        "7 records waits for the disk since 2001 ms",
    );
    status.fault = Some("No space left on device".to_owned());
    degraded(of_store(&status), "No space left");
}

#[test]
fn a_step_of_the_wall_clock_degrades() {
    assert_eq!(of_clock(DRIFT_NS), Condition::Ok);
    assert_eq!(of_clock(-DRIFT_NS), Condition::Ok);
    degraded(of_clock(3_600_000_000_000), "ahead by 3600000 ms");
    degraded(of_clock(-1_500_000_000), "back by 1500 ms");
}
