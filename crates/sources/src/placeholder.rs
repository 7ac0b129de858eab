//! What is drawn where a source is not ready.

use media::Surface;

/// A calm picture of diagonal bands, drawn when a source is not ready or failed: half-transparent greys, so that it is
/// seen as "something belongs here" on any background, and nobody takes it for the show. Sides are clamped to 1..=8192.
pub fn placeholder(width: u32, height: u32) -> Surface {
    let (width, height) = (width.clamp(1, 8192), height.clamp(1, 8192));
    // Premultiplied: grey 112 and 96 at alpha 160.
    const BANDS: [[u8; 4]; 2] = [[70, 70, 70, 160], [60, 60, 60, 160]];
    let mut surface = Surface::new(width, height);
    for (y, row) in surface
        .data_mut()
        .chunks_exact_mut(width as usize * 4)
        .enumerate()
    {
        for (x, px) in row.chunks_exact_mut(4).enumerate() {
            px.copy_from_slice(&BANDS[(x + y) / 16 % 2]);
        }
    }
    surface
}
