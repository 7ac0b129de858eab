//! The arithmetic code (clause 9.3.4.2) of a slice of skipped macroblocks.

use super::bits::BitWriter;

/// `SliceQPY` that the context begins from: nothing is quantized, and at this one "skipped" is likeliest.
pub(super) const SLICE_QP: i32 = 51;

/// `mb_skip_flag` with neighbors that are skipped or not there, `cabac_init_idc` 0 (table 9-13): m and n.
const SKIP: [i32; 2] = [23, 33];

/// Range of the less likely symbol from state 42 on, by two bits of the range (table 9-44).
const FIRST_STATE: usize = 42;
const LESS_LIKELY: [[u32; 4]; 21] = [
    [16, 20, 23, 27],
    [15, 19, 22, 25],
    [14, 18, 21, 24],
    [14, 17, 20, 23],
    [13, 16, 19, 22],
    [12, 15, 18, 21],
    [12, 14, 17, 20],
    [11, 14, 16, 19],
    [11, 13, 15, 18],
    [10, 12, 15, 17],
    [10, 12, 14, 16],
    [9, 11, 13, 15],
    [9, 11, 12, 14],
    [8, 10, 12, 14],
    [8, 9, 11, 13],
    [7, 9, 11, 12],
    [7, 9, 10, 12],
    [7, 8, 10, 11],
    [6, 8, 9, 11],
    [6, 7, 9, 10],
    [6, 7, 8, 9],
];

/// Appends `macroblocks` times "skipped", the end, and the stop bit; the slice is aligned.
pub(super) fn all_skipped(slice: &mut BitWriter, macroblocks: u32) {
    let mut code = Encoder {
        low: 0,
        range: 510,
        outstanding: 0,
        is_first: true,
    };
    // As clause 9.3.1.1 has it: above 63 the likelier symbol is 1.
    let begin = ((SKIP[0] * SLICE_QP) >> 4) + SKIP[1] - 64;
    let mut state = usize::try_from(begin).map_or(0, |begin| begin - FIRST_STATE);
    for i in 0..macroblocks {
        let row = LESS_LIKELY[state];
        code.range -= row[usize::try_from(code.range >> 6 & 3).unwrap_or(0)];
        code.renormalize(slice);
        state = (state + 1).min(LESS_LIKELY.len() - 1);
        // end_of_slice_flag
        code.range -= 2;
        if i + 1 < macroblocks {
            code.renormalize(slice);
        }
    }
    code.low += code.range;
    code.range = 2;
    code.renormalize(slice);
    code.put(slice, code.low >> 9 & 1);
    // The last bit written is the stop bit.
    slice.bits(code.low >> 7 & 3 | 1, 2);
}

struct Encoder {
    low: u32,
    range: u32,
    outstanding: u32,
    is_first: bool,
}

impl Encoder {
    fn renormalize(&mut self, slice: &mut BitWriter) {
        while self.range < 256 {
            if self.low < 256 {
                self.put(slice, 0);
            } else if self.low >= 512 {
                self.low -= 512;
                self.put(slice, 1);
            } else {
                self.low -= 256;
                self.outstanding += 1;
            }
            self.range <<= 1;
            self.low <<= 1;
        }
    }

    fn put(&mut self, slice: &mut BitWriter, bit: u32) {
        if self.is_first {
            self.is_first = false;
        } else {
            slice.bits(bit, 1);
        }
        for _ in 0..std::mem::take(&mut self.outstanding) {
            slice.bits(1 - bit, 1);
        }
    }
}
