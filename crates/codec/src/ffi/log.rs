//! FFmpeg's log lines go to `tracing`.

use ffmpeg_sys_next as sys;
use std::sync::Once;

/// Takes over the log of FFmpeg, which is one for the whole process; further calls do nothing.
pub(super) fn take_over() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the callback may be called from any thread at any time and keeps no state.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            sys::av_log_set_callback(Some(x86_64::forward));
        }
        // The type of a `va_list` differs between architectures, and what fails is reported by code anyway.
        // SAFETY: sets one integer.
        #[cfg(not(target_arch = "x86_64"))]
        unsafe {
            sys::av_log_set_level(sys::AV_LOG_QUIET);
        }
    });
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::sys;
    use std::ffi::{CStr, c_char, c_int, c_void};

    const LINE_BYTES: u16 = 512;

    pub(super) unsafe extern "C" fn forward(
        class: *mut c_void,
        level: c_int,
        format: *const c_char,
        arguments: *mut sys::__va_list_tag,
    ) {
        // FFmpeg's "warning" and below tell of habits ("VBV larger than needed"), not of faults.
        if level > sys::AV_LOG_WARNING {
            return;
        }
        let mut line = [0; LINE_BYTES as usize];
        let mut print_prefix = 1;
        // SAFETY: class, format and arguments are passed on as they came; at most `line.len()` bytes are written, terminated.
        let text = unsafe {
            sys::av_log_format_line2(
                class,
                level,
                format,
                arguments,
                line.as_mut_ptr(),
                c_int::from(LINE_BYTES),
                &mut print_prefix,
            );
            CStr::from_ptr(line.as_ptr())
        };
        let text = text.to_string_lossy();
        if level <= sys::AV_LOG_ERROR {
            tracing::warn!(target: "ffmpeg", "{}", text.trim_end());
        } else {
            tracing::debug!(target: "ffmpeg", "{}", text.trim_end());
        }
    }
}
