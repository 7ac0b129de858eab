//! x264 through its own interface: libavcodec's, before version 7.1, does not take what is known of a picture.

use super::c_int_from;
use crate::Error;
use bytes::{BufMut, Bytes, BytesMut};
use media::{Damage, Framerate, I420Frame, Resolution};
use std::{
    ffi::{CStr, CString, c_int, c_void},
    mem::MaybeUninit,
    ptr::{self, NonNull},
    slice,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

#[allow(
    dead_code,
    non_camel_case_types,
    unreachable_pub,
    missing_debug_implementations,
    clippy::all,
    clippy::pedantic,
    reason = "written by bindgen; which of these fire depends on x264's version"
)]
mod sys {
    include!(concat!(env!("OUT_DIR"), "/x264.rs"));
}

const NAL_SLICES: std::ops::RangeInclusive<c_int> = 1..=5;
const NAL_SPS: c_int = 7;
const NAL_PPS: c_int = 8;
/// Bytes before each NAL unit that tell its length.
const LENGTH_BYTES: usize = 4;

/// Target and ceiling of the bitrate, and the buffer that evens it out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateControl {
    pub(crate) bitrate_bps: u64,
    pub(crate) buffer_bits: u64,
}

/// What x264 is opened with; ranges are the caller's care.
#[derive(Debug)]
pub(crate) struct X264Config<'a> {
    pub(crate) resolution: Resolution,
    pub(crate) framerate: Framerate,
    pub(crate) rate: RateControl,
    pub(crate) preset: &'a str,
    pub(crate) tune: Option<&'a CStr>,
    /// Whether frames may come with damage.
    pub(crate) takes_damage: bool,
    /// Names and values in x264's words, applied after preset and tune.
    pub(crate) options: &'a [(&'a CStr, String)],
}

/// An encoded frame.
#[derive(Debug)]
pub(crate) struct Picture {
    /// AVCC with 4-byte lengths, slices only.
    pub(crate) data: Bytes,
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) is_keyframe: bool,
}

/// An open encoder.
#[derive(Debug)]
pub(crate) struct X264 {
    // Dropped before the marks, which it may still refer to.
    handle: Handle,
    settings: Box<sys::x264_param_t>,
    marks: Option<Marks>,
    resolution: Resolution,
    parameter_sets: [Vec<u8>; 2],
}

// SAFETY: x264's handle belongs to no thread and is reachable through this value only, and every call takes it by `&mut`.
// The settings hold pointers to static data alone, and the marks are atomic.
unsafe impl Send for X264 {}

#[derive(Debug)]
struct Handle(NonNull<sys::x264_t>);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: opened by `x264_encoder_open`, closed once.
        unsafe { sys::x264_encoder_close(self.0.as_ptr()) }
    }
}

impl X264 {
    pub(crate) fn open(config: &X264Config<'_>) -> Result<Self, Error> {
        let mut settings = settings(config)?;
        // SAFETY: complete settings, which are copied.
        let handle = unsafe { sys::x264_encoder_open(&raw mut *settings) };
        let handle = Handle(NonNull::new(handle).ok_or(failed("open"))?);
        let marks = config
            .takes_damage
            .then(|| Marks::new(macroblocks(config.resolution)));
        let mut encoder = Self {
            handle,
            settings,
            marks,
            resolution: config.resolution,
            parameter_sets: [Vec::new(), Vec::new()],
        };
        encoder.parameter_sets = encoder.headers()?;
        Ok(encoder)
    }

    /// SPS and PPS, without lengths.
    pub(crate) fn parameter_sets(&self) -> [&[u8]; 2] {
        self.parameter_sets.each_ref().map(Vec::as_slice)
    }

    fn headers(&mut self) -> Result<[Vec<u8>; 2], Error> {
        let (mut nals, mut count) = (ptr::null_mut(), 0);
        // SAFETY: an open encoder; both receive what belongs to it.
        let code =
            unsafe { sys::x264_encoder_headers(self.handle.0.as_ptr(), &mut nals, &mut count) };
        if code < 0 {
            return Err(failed("write its headers"));
        }
        // SAFETY: as the encoder says; nothing is called while they are looked at.
        let nals = unsafe { nals_at(nals, count) };
        [NAL_SPS, NAL_PPS]
            .map(|wanted| {
                nals.iter()
                    .find(|nal| nal.i_type == wanted)
                    // SAFETY: as above.
                    .and_then(|nal| unsafe { payload(nal) }.get(LENGTH_BYTES..))
                    .map(<[u8]>::to_vec)
                    .ok_or(Error::MalformedH264 {
                        reason: "no SPS or no PPS",
                    })
            })
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
            .map(|sets| sets.try_into().unwrap_or_default())
    }

    /// Takes effect with the next frame that leaves the encoder.
    pub(crate) fn set_rate(&mut self, rate: RateControl) -> Result<(), Error> {
        apply_rate(&mut self.settings, rate);
        // SAFETY: an open encoder and complete settings, which are copied.
        let code =
            unsafe { sys::x264_encoder_reconfig(self.handle.0.as_ptr(), &raw mut *self.settings) };
        if code < 0 {
            return Err(failed("change its bitrate"));
        }
        Ok(())
    }

    /// Encodes a frame of the size it was opened with; x264 copies it. Gives the next packet, if one is ready.
    ///
    /// Outside of `damage` the frame equals the one given before.
    pub(crate) fn encode(
        &mut self,
        frame: &I420Frame,
        pts: i64,
        force_idr: bool,
        damage: Option<&Damage>,
    ) -> Result<Option<Picture>, Error> {
        assert_eq!(
            frame.resolution(),
            self.resolution,
            "the size it was opened with"
        );
        let mut picture = MaybeUninit::uninit();
        // SAFETY: writes all of it.
        let mut picture: sys::x264_picture_t = unsafe {
            sys::x264_picture_init(picture.as_mut_ptr());
            picture.assume_init()
        };
        let width = c_int_from(self.resolution.width);
        picture.i_type = as_int(if force_idr {
            sys::X264_TYPE_IDR
        } else {
            sys::X264_TYPE_AUTO
        });
        picture.i_pts = pts;
        picture.img.i_csp = as_int(sys::X264_CSP_I420);
        picture.img.i_plane = 3;
        for (i, plane) in frame.planes().into_iter().enumerate() {
            picture.img.plane[i] = plane.as_ptr().cast_mut();
            picture.img.i_stride[i] = if i == 0 { width } else { width / 2 };
        }
        if let (Some(marks), Some(damage)) = (&mut self.marks, damage) {
            picture.prop.mb_info = marks.lend(damage);
            picture.prop.mb_info_free = Some(give_back);
        }
        // SAFETY: a complete picture, which x264 reads and copies within the call; its planes are as large as the size and
        // strides say, as it is that of the frame. The marks live until x264 gives them back or is closed.
        unsafe { self.step(&mut picture) }
    }

    /// The next packet of a frame that was held back; `None` when there is no more.
    pub(crate) fn drain(&mut self) -> Result<Option<Picture>, Error> {
        // SAFETY: an open encoder.
        while unsafe { sys::x264_encoder_delayed_frames(self.handle.0.as_ptr()) } > 0 {
            // SAFETY: null means that there is no new frame.
            if let Some(picture) = unsafe { self.step(ptr::null_mut()) }? {
                return Ok(Some(picture));
            }
        }
        Ok(None)
    }

    /// # Safety
    /// `picture` must be null or complete.
    unsafe fn step(&mut self, picture: *mut sys::x264_picture_t) -> Result<Option<Picture>, Error> {
        let (mut nals, mut count) = (ptr::null_mut(), 0);
        let mut out = MaybeUninit::<sys::x264_picture_t>::zeroed();
        // SAFETY: an open encoder, by the caller's promise a picture, and room for the results.
        let bytes = unsafe {
            sys::x264_encoder_encode(
                self.handle.0.as_ptr(),
                &mut nals,
                &mut count,
                picture,
                out.as_mut_ptr(),
            )
        };
        match bytes {
            ..0 => return Err(failed("encode a frame")),
            0 => return Ok(None),
            1.. => {}
        }
        // SAFETY: plain data, zeroed and then filled in, for which all zeros is a value.
        let out = unsafe { out.assume_init() };
        let mut data = BytesMut::with_capacity(usize::try_from(bytes).unwrap_or(0));
        // Parameter sets are in avcC already. SEI is left out: all that x264 sends without HRD is its version and option string,
        // and the bytes of a show shall not depend on which x264 is installed more than its decisions do.
        // SAFETY: valid until the next call, which needs `&mut self`.
        for nal in unsafe { nals_at(nals, count) } {
            if NAL_SLICES.contains(&nal.i_type) {
                // SAFETY: as above.
                data.put_slice(unsafe { payload(nal) });
            }
        }
        if data.is_empty() {
            return Err(Error::MalformedH264 {
                reason: "access unit without a slice",
            });
        }
        Ok(Some(Picture {
            data: data.freeze(),
            pts: out.i_pts,
            dts: out.i_dts,
            is_keyframe: out.b_keyframe != 0,
        }))
    }
}

fn settings(config: &X264Config<'_>) -> Result<Box<sys::x264_param_t>, Error> {
    let preset = CString::new(config.preset).map_err(|_| failed("take its preset"))?;
    let tune = config.tune.map_or(ptr::null(), CStr::as_ptr);
    let mut p = Box::new(MaybeUninit::<sys::x264_param_t>::zeroed());
    // SAFETY: terminated names; fills in every field that has a meaning, and for the rest all zeros is a value.
    let mut p = unsafe {
        if sys::x264_param_default_preset(p.as_mut_ptr(), preset.as_ptr(), tune) < 0 {
            return Err(failed("take its preset"));
        }
        p.assume_init()
    };
    p.i_width = c_int_from(config.resolution.width);
    p.i_height = c_int_from(config.resolution.height);
    p.i_csp = as_int(sys::X264_CSP_I420);
    p.i_fps_num = config.framerate.num();
    p.i_fps_den = config.framerate.den();
    p.i_timebase_num = config.framerate.den();
    p.i_timebase_den = config.framerate.num();
    p.vui.i_sar_width = 1;
    p.vui.i_sar_height = 1;
    // Limited range; BT.709 for primaries, transfer and matrix; chroma sited left.
    p.vui.b_fullrange = 0;
    p.vui.i_colorprim = 1;
    p.vui.i_transfer = 1;
    p.vui.i_colmatrix = 1;
    p.vui.i_chroma_loc = 0;
    p.b_repeat_headers = 0;
    p.b_annexb = 0;
    p.rc.i_rc_method = as_int(sys::X264_RC_ABR);
    apply_rate(&mut p, config.rate);
    p.analyse.b_mb_info = config.takes_damage.into();
    log::send_lines(&mut p);
    for (name, value) in config.options {
        let refused = || Error::InvalidSetting {
            setting: "option",
            value: format!("{}={value}", name.to_string_lossy()),
            allowed: "what this version of x264 knows",
        };
        let value = CString::new(value.as_str()).map_err(|_| refused())?;
        // SAFETY: terminated strings, which are parsed; none of the options keeps its text.
        if unsafe { sys::x264_param_parse(&raw mut *p, name.as_ptr(), value.as_ptr()) } < 0 {
            return Err(refused());
        }
    }
    Ok(p)
}

/// x264 counts in kilobits.
fn apply_rate(settings: &mut sys::x264_param_t, rate: RateControl) {
    let kilo = |bits: u64| c_int::try_from(bits / 1000).unwrap_or(c_int::MAX);
    settings.rc.i_bitrate = kilo(rate.bitrate_bps);
    settings.rc.i_vbv_max_bitrate = kilo(rate.bitrate_bps);
    settings.rc.i_vbv_buffer_size = kilo(rate.buffer_bits);
}

/// # Safety
/// `nals` must point to `count` NAL units that stay as they are as long as the result lives.
unsafe fn nals_at<'a>(nals: *const sys::x264_nal_t, count: c_int) -> &'a [sys::x264_nal_t] {
    match usize::try_from(count) {
        // SAFETY: by the caller's promise.
        Ok(count) if !nals.is_null() => unsafe { slice::from_raw_parts(nals, count) },
        _ => &[],
    }
}

/// # Safety
/// `nal` must be x264's, and no call to it come before the last use of the result.
unsafe fn payload(nal: &sys::x264_nal_t) -> &[u8] {
    // SAFETY: by the caller's promise.
    unsafe { slice::from_raw_parts(nal.p_payload, usize::try_from(nal.i_payload).unwrap_or(0)) }
}

fn macroblocks(resolution: Resolution) -> usize {
    let blocks = |px: u32| usize::try_from(px.div_ceil(16)).unwrap_or(usize::MAX);
    blocks(resolution.width) * blocks(resolution.height)
}

/// x264's constants are small, its fields signed.
fn as_int(constant: u32) -> c_int {
    c_int_from(constant)
}

fn failed(operation: &'static str) -> Error {
    Error::X264 { operation }
}

/// One byte for each macroblock and frame that x264 holds back, telling which it need not look at.
///
/// x264 gives an array back when it is done with the frame, so a few are enough and none is allocated in the long run.
#[derive(Debug)]
struct Marks {
    macroblocks: usize,
    /// The first byte of each says whether x264 has it. `Arc`, as x264 reads what this refers to as well.
    arrays: Vec<Arc<[AtomicU8]>>,
}

impl Marks {
    fn new(macroblocks: usize) -> Self {
        Self {
            macroblocks,
            arrays: Vec::new(),
        }
    }

    /// An array that marks what is outside of `damage`, until [`give_back`].
    fn lend(&mut self, damage: &Damage) -> *mut u8 {
        assert_eq!(
            damage.columns() * damage.rows(),
            self.macroblocks,
            "damage is that of the frame"
        );
        let free = self
            .arrays
            .iter()
            .position(|array| array[0].load(Ordering::Acquire) == 0);
        let index = free.unwrap_or_else(|| {
            let array = (0..=self.macroblocks).map(|_| AtomicU8::new(0)).collect();
            self.arrays.push(array);
            self.arrays.len() - 1
        });
        let array = &self.arrays[index];
        array[0].store(1, Ordering::Relaxed);
        for (row, marks) in array[1..].chunks_exact(damage.columns()).enumerate() {
            let damaged = damage.row(row);
            for (column, mark) in marks.iter().enumerate() {
                let unchanged = u8::from(!damaged.contains(column));
                mark.store(unchanged * MARK_UNCHANGED, Ordering::Relaxed);
            }
        }
        array.as_ptr().cast_mut().cast::<u8>().wrapping_add(1)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "one bit of a byte")]
const MARK_UNCHANGED: u8 = sys::X264_MBINFO_CONSTANT as u8;

/// Tells that x264 is done with an array of [`Marks`].
unsafe extern "C" fn give_back(marks: *mut c_void) {
    // SAFETY: from `Marks::lend`, one byte into an array of atomics that lives as long as the encoder.
    let lent = unsafe { &*marks.cast::<AtomicU8>().sub(1) };
    lent.store(0, Ordering::Release);
}

/// x264's log lines go to `tracing`.
mod log {
    use super::sys;

    #[cfg(target_arch = "x86_64")]
    pub(super) fn send_lines(settings: &mut sys::x264_param_t) {
        settings.pf_log = Some(x86_64::forward);
        settings.i_log_level = super::as_int(sys::X264_LOG_WARNING);
    }

    // As in `ffi::log`: the type of a `va_list` differs between architectures.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn send_lines(settings: &mut sys::x264_param_t) {
        settings.i_log_level = sys::X264_LOG_NONE;
    }

    #[cfg(target_arch = "x86_64")]
    mod x86_64 {
        use super::sys;
        use std::ffi::{CStr, c_char, c_int, c_void};

        pub(super) unsafe extern "C" fn forward(
            _: *mut c_void,
            level: c_int,
            format: *const c_char,
            arguments: *mut sys::__va_list_tag,
        ) {
            let mut line = [0; 512];
            // SAFETY: format and arguments are passed on as they came; at most `line.len()` bytes are written, terminated.
            let text = unsafe {
                sys::vsnprintf(line.as_mut_ptr(), line.len() as _, format, arguments);
                CStr::from_ptr(line.as_ptr())
            };
            let text = text.to_string_lossy();
            // Warnings tell of habits ("VBV underflow"), not of faults.
            if level <= super::super::as_int(sys::X264_LOG_ERROR) {
                tracing::warn!(target: "x264", "{}", text.trim_end());
            } else {
                tracing::debug!(target: "x264", "{}", text.trim_end());
            }
        }
    }
}

/// Version of x264, such as `0.164.3095 baee400`.
pub(super) fn version() -> &'static str {
    sys::X264_POINTVER.to_str().unwrap_or("unknown")
}
