//! FFmpeg and x264 behind safe types: the only `unsafe` of this crate, none of it visible outside.

mod aac;
mod av1;
mod log;
mod memory;
mod muxer;
mod x264;

pub(crate) use aac::AacEncoder;
pub(crate) use av1::Av1Decoder;
pub use memory::return_large_memory;
pub(crate) use muxer::{Muxer, StreamConfig};
pub(crate) use x264::{Picture, RateControl, X264, X264Config};

use crate::Error;
use ffmpeg_sys_next as sys;
use std::{
    ffi::{CStr, c_int},
    ptr::{self, NonNull},
};

/// Versions and licence of what the program runs with, such as `FFmpeg 5.1.9 (GPL version 2 or later), x264 0.164.3095 baee400`.
pub fn versions() -> String {
    // SAFETY: both return static strings.
    let [version, licence] =
        unsafe { [sys::av_version_info(), sys::avcodec_license()] }.map(|text| {
            // SAFETY: a static, terminated string.
            unsafe { CStr::from_ptr(text) }.to_string_lossy()
        });
    format!("FFmpeg {version} ({licence}), x264 {}", x264::version())
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

/// A codec of libavcodec, closed when it is dropped.
#[derive(Debug)]
struct Context(NonNull<sys::AVCodecContext>);

impl Context {
    /// # Safety
    /// `codec` is one that libavcodec gave away.
    unsafe fn new(operation: &'static str, codec: *const sys::AVCodec) -> Result<Self, Error> {
        // SAFETY: as the caller promises.
        allocated(operation, unsafe { sys::avcodec_alloc_context3(codec) }).map(Self)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: allocated by `avcodec_alloc_context3`, freed once.
        unsafe { sys::avcodec_free_context(&mut self.0.as_ptr()) }
    }
}

/// Sound or a picture without compression.
#[derive(Debug)]
struct Frame(NonNull<sys::AVFrame>);

impl Frame {
    fn new() -> Result<Self, Error> {
        // SAFETY: no precondition.
        allocated("allocate a frame", unsafe { sys::av_frame_alloc() }).map(Self)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: allocated by `av_frame_alloc`, freed once.
        unsafe { sys::av_frame_free(&mut self.0.as_ptr()) }
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

/// Sizes and rates are far below the limit.
fn c_int_from(value: u32) -> c_int {
    c_int::try_from(value).unwrap_or(c_int::MAX)
}
