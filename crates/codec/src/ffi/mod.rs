//! FFmpeg behind safe types: the only `unsafe` of this crate, none of it visible outside.

mod encoder;
mod log;
mod muxer;

pub(crate) use encoder::{Encoder, RateControl, X264Config};
pub(crate) use muxer::{Muxer, StreamConfig};

use crate::Error;
use ffmpeg_sys_next as sys;
use std::{
    ffi::{CStr, CString, c_int},
    ptr::{self, NonNull},
};

/// Version and licence of the FFmpeg the program runs with, such as `FFmpeg 5.1.9 (GPL version 2 or later)`.
pub fn versions() -> String {
    // SAFETY: both return static strings.
    let [version, licence] =
        unsafe { [sys::av_version_info(), sys::avcodec_license()] }.map(|text| {
            // SAFETY: a static, terminated string.
            unsafe { CStr::from_ptr(text) }.to_string_lossy()
        });
    format!("FFmpeg {version} ({licence})")
}

/// `Ok(code)` unless it is an error.
fn check(operation: &'static str, code: c_int) -> Result<c_int, Error> {
    if code >= 0 {
        Ok(code)
    } else {
        Err(error(operation, code))
    }
}

fn error(operation: &'static str, code: c_int) -> Error {
    let mut text = [0; 256];
    // SAFETY: writes at most `text.len()` bytes, terminated.
    let message = unsafe {
        sys::av_strerror(code, text.as_mut_ptr(), text.len());
        CStr::from_ptr(text.as_ptr())
    };
    Error::Ffmpeg {
        operation,
        code,
        message: message.to_string_lossy().into_owned(),
    }
}

/// What an allocation returned, or "out of memory".
fn allocated<T>(operation: &'static str, pointer: *mut T) -> Result<NonNull<T>, Error> {
    match NonNull::new(pointer) {
        Some(pointer) => Ok(pointer),
        None => Err(error(operation, sys::AVERROR(sys::ENOMEM))),
    }
}

/// A packet that libavcodec fills or libavformat reads.
#[derive(Debug)]
struct RawPacket(NonNull<sys::AVPacket>);

impl RawPacket {
    fn new() -> Result<Self, Error> {
        // SAFETY: no precondition.
        allocated("allocate a packet", unsafe { sys::av_packet_alloc() }).map(Self)
    }
}

impl Drop for RawPacket {
    fn drop(&mut self) {
        // SAFETY: allocated by `av_packet_alloc`, freed once.
        unsafe { sys::av_packet_free(&mut self.0.as_ptr()) }
    }
}

/// Sets options of a codec's or muxer's own ("private data"); the names are ours, so a refusal is a mismatch of versions.
///
/// # Safety
/// `object` must be null or an object whose first member is an `AVClass` pointer.
unsafe fn set_options(
    object: *mut std::ffi::c_void,
    options: &[(&CStr, &str)],
) -> Result<(), Error> {
    for (name, value) in options {
        let value = CString::new(*value).map_err(|_| Error::InvalidSetting {
            setting: "option",
            value: (*value).to_owned(),
            allowed: "text without NUL",
        })?;
        // SAFETY: by the caller's promise; both strings are terminated and copied.
        check("set an option", unsafe {
            sys::av_opt_set(object, name.as_ptr(), value.as_ptr(), 0)
        })?;
    }
    Ok(())
}

/// Copies `bytes` into a fresh allocation with the padding that FFmpeg reads beyond its end.
fn extradata_of(bytes: &[u8]) -> Result<NonNull<u8>, Error> {
    // SAFETY: no precondition; the memory is zeroed.
    let memory =
        unsafe { sys::av_mallocz(bytes.len() + sys::AV_INPUT_BUFFER_PADDING_SIZE as usize) };
    let memory = allocated("allocate extradata", memory.cast::<u8>())?;
    // SAFETY: at least `bytes.len()` fresh bytes.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), memory.as_ptr(), bytes.len()) };
    Ok(memory)
}
