//! The JSON of sprite sheets, and what is played of it, over bytes that the fuzzer makes up: nothing panics, every number is
//! within the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sources::{MAX_CELLS, Strip};

fuzz_target!(|bytes: &[u8]| {
    let Ok(atlas) = assets::read_atlas(bytes) else {
        return;
    };
    for tag in [None, Some("walk"), Some("a")] {
        let Ok(strip) = Strip::of_atlas(&atlas, tag, None) else {
            continue;
        };
        let table = strip.timetable();
        assert!(table.frames() >= 1 && table.frames() as usize <= 2 * MAX_CELLS);
        for elapsed in [i64::MIN, -1, 0, 1, 90_000_000, i64::MAX] {
            let number = table.frame_at(elapsed, table.plays());
            assert!(number < table.frames());
            let cell = strip.cell(number);
            assert!(cell.width > 0 && cell.height > 0 && cell.full[0] >= cell.offset[0] + cell.width);
        }
    }
});
