//! Bits of a NAL unit: fields, Exp-Golomb codes (clause 9.1) and emulation prevention (clause 7.4.1).

/// Reads fields, the most significant bit first; `None` beyond the end.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits read so far.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// Up to 32 bits.
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    pub(super) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bits(1)? == 0 {
            zeros += 1;
            if zeros > 16 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.bits(zeros)?)
    }

    pub(super) fn signed_exp_golomb(&mut self) -> Option<i32> {
        let code = i32::try_from(self.exp_golomb()?).ok()?;
        Some(if code % 2 == 1 {
            code / 2 + 1
        } else {
            -code / 2
        })
    }
}

/// Writes fields, the most significant bit first.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are written, 0 when it is full.
    used: u32,
}

impl BitWriter {
    /// The low `count` bits of `value`.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        for i in (0..count).rev() {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> i & 1 == 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.used);
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// Below 2^31.
    pub(super) fn exp_golomb(&mut self, value: u32) {
        let code = value + 1;
        let bits = 32 - code.leading_zeros();
        self.bits(0, bits - 1);
        self.bits(code, bits);
    }

    pub(super) fn signed_exp_golomb(&mut self, value: i32) {
        let magnitude = value.unsigned_abs();
        self.exp_golomb(if value > 0 {
            2 * magnitude - 1
        } else {
            2 * magnitude
        });
    }

    pub(super) fn align_with_ones(&mut self) {
        while self.used != 0 {
            self.bits(1, 1);
        }
    }

    /// The last byte is filled up with zeros.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Writes `count` bits over those from bit `at` on.
pub(super) fn overwrite(bytes: &mut [u8], at: usize, value: u32, count: u32) {
    for (i, at) in (0..count).rev().zip(at..) {
        let bit = 1 << (7 - at % 8);
        if value >> i & 1 == 1 {
            bytes[at / 8] |= bit;
        } else {
            bytes[at / 8] &= !bit;
        }
    }
}

/// What a NAL unit carries, without emulation prevention.
pub(super) fn unescaped(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len());
    let mut zeros = 0;
    for &byte in payload {
        if zeros == 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { (zeros + 1).min(2) } else { 0 };
        out.push(byte);
    }
    out
}

/// A NAL unit: its first byte, then `payload` with emulation prevention.
pub(super) fn escaped(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + payload.len() / 64 + 8);
    out.push(first);
    let mut zeros = 0;
    for &byte in payload {
        if zeros == 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}
