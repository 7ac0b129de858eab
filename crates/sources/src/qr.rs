//! QR codes, module by module on whole pixels.

use crate::Error;
use crate::request::checked_size;
use kurbo::Size;
use media::{Color, Surface};
use qrcode::{EcLevel, QrCode};
use scene::{ErrorCorrection, Qr};

/// Side of a module where the layer gives no size, layer px.
const MODULE_PX: f64 = 8.0;

fn code(qr: &Qr) -> Result<QrCode, Error> {
    let level = match qr.error_correction {
        ErrorCorrection::Low => EcLevel::L,
        ErrorCorrection::Medium => EcLevel::M,
        ErrorCorrection::Quartile => EcLevel::Q,
        ErrorCorrection::High => EcLevel::H,
    };
    QrCode::with_error_correction_level(qr.text.as_bytes(), level).map_err(|e| Error::Qr {
        reason: e.to_string(),
    })
}

/// Modules of a side, with the quiet zones.
fn side(code: &QrCode, qr: &Qr) -> usize {
    code.width() + 2 * qr.quiet_zone_modules as usize
}

/// Its size, layer px.
///
/// # Errors
/// When the text does not fit a code.
pub(crate) fn natural_size(qr: &Qr) -> Result<Size, Error> {
    let side = f64::from(u32::try_from(side(&code(qr)?, qr)).unwrap_or(u32::MAX));
    Ok(Size::new(side, side) * MODULE_PX)
}

/// The code in a box of `size` layer px: modules as many whole pixels wide as fit, in the middle.
pub(crate) fn paint(qr: &Qr, size: Size, scale: f64) -> Result<Surface, Error> {
    let (width, height) = checked_size("the QR code", size.width * scale, size.height * scale)?;
    let code = code(qr)?;
    let side = side(&code, qr);
    let module = width.min(height) as usize / side;
    if module == 0 {
        let pixels = width.min(height);
        return Err(Error::QrTooSmall {
            modules: side,
            pixels,
        });
    }
    let mut surface = Surface::new(width, height);
    let [light, dark] = [qr.background, qr.color].map(premul);
    for px in surface.data_mut().chunks_exact_mut(4) {
        px.copy_from_slice(&light);
    }
    // Over the background, so that a color that is see-through shows it.
    let below = 255 - u32::from(dark[3]);
    let dark: [u8; 4] = std::array::from_fn(|i| {
        let sum = u32::from(dark[i]) + crate::shadow::div255(u32::from(light[i]) * below);
        u8::try_from(sum).unwrap_or(255)
    });
    let quiet = qr.quiet_zone_modules as usize;
    let start = |length: u32| (length as usize - module * side) / 2 + module * quiet;
    let (left, top, stride) = (start(width), start(height), width as usize * 4);
    for (i, color) in code.to_colors().into_iter().enumerate() {
        if color != qrcode::Color::Dark {
            continue;
        }
        let (x, y) = (
            left + i % code.width() * module,
            top + i / code.width() * module,
        );
        for row in surface
            .data_mut()
            .chunks_exact_mut(stride)
            .skip(y)
            .take(module)
        {
            for px in row[x * 4..][..module * 4].chunks_exact_mut(4) {
                px.copy_from_slice(&dark);
            }
        }
    }
    Ok(surface)
}

fn premul(color: Color) -> [u8; 4] {
    let [r, g, b, a] = color.to_rgba8();
    let times =
        |v: u8| u8::try_from(crate::shadow::div255(u32::from(v) * u32::from(a))).unwrap_or(255);
    [times(r), times(g), times(b), a]
}
