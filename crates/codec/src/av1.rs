//! AV1 to planes, for pictures that are packed that way.

use crate::Error;
use crate::ffi;
use media::Planes;

/// Decodes AV1 by the libavcodec that the program is linked with, through libdav1d or, where that is missing, libaom.
///
/// libdav1d rather than a decoder in Rust: rav1d without assembler took 172 ms for a picture of 1080p, libdav1d 8 ms, and
/// a panic inside it cannot be caught, since it leaves through `extern "C"`.
/// Both libraries decode the same bits to the same samples, as AV1 prescribes, whatever the processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Av1;

impl media::Av1 for Av1 {
    fn open(&self, most_px: u64) -> Result<Box<dyn media::Av1Decoder>, String> {
        match ffi::Av1Decoder::open(most_px) {
            Ok(decoder) => Ok(Box::new(Decoder(decoder))),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[derive(Debug)]
struct Decoder(ffi::Av1Decoder);

impl media::Av1Decoder for Decoder {
    fn decode(&mut self, unit: &[u8], planes: &mut Planes) -> Result<(), String> {
        // Nothing comes of nothing, and an empty packet would mean the end to the decoder.
        if unit.is_empty() {
            let error = Error::Undecodable {
                reason: "was given no bytes",
            };
            return Err(error.to_string());
        }
        self.0
            .decode(unit, planes)
            .map_err(|error| error.to_string())
    }
}
