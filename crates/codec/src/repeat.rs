//! Pictures that repeat the one before, made without an encoder.
//!
//! A P slice in which every macroblock is skipped shows the reference again, byte for byte, in less than a hundred bytes. Such
//! slices go between those of x264, whose `frame_num` must then count them too: it is a field of fixed width near the
//! beginning of a slice, so it is put right in place. Clauses and tables are those of ITU-T H.264 (08/2021).

mod bits;
mod cabac;

use bits::{BitReader, BitWriter};
use bytes::{BufMut, Bytes, BytesMut};
use media::Resolution;

/// What of the parameter sets a slice depends on.
#[derive(Clone, Copy, Debug)]
struct Layout {
    frame_num_bits: u32,
    has_cabac: bool,
    /// `SliceQPY` without `slice_qp_delta`.
    init_qp: i32,
    has_deblocking_control: bool,
}

/// Makes slices that repeat, and numbers those between them.
#[derive(Debug)]
pub(crate) struct Repeater {
    layout: Layout,
    macroblocks: u32,
    /// `frame_num` of the newest slice.
    frame_num: u32,
    /// Slices made since the last IDR: what x264's numbers lag behind.
    made: u32,
    /// `SliceQPY` of x264's newest P slice; `None` after an IDR.
    qp: Option<i32>,
}

const NAL_SLICE: u8 = 1;
const NAL_IDR: u8 = 5;

/// More than what is read of the beginning of a slice takes.
const HEADER_BYTES: usize = 64;

impl Repeater {
    /// For the streams of these parameter sets, without B-frames; `None` where a slice has more to say than is written here,
    /// or where several pictures are referred to, which repeats would push out.
    pub(crate) fn new([sps, pps]: [&[u8]; 2], resolution: Resolution) -> Option<Self> {
        let frame_num_bits = frame_num_bits(sps)?;
        Some(Self {
            layout: slice_layout(pps, frame_num_bits)?,
            macroblocks: resolution.width.div_ceil(16) * resolution.height.div_ceil(16),
            frame_num: 0,
            made: 0,
            qp: None,
        })
    }

    /// The quantizer (0..=51) of x264's newest picture, when that was a P picture.
    pub(crate) const fn qp(&self) -> Option<i32> {
        self.qp
    }

    /// An access unit that shows the newest picture again, as [`renumber`](Self::renumber) gives them.
    pub(crate) fn repeat(&mut self) -> Bytes {
        let layout = self.layout;
        self.made += 1;
        self.frame_num = (self.frame_num + 1) & mask(layout.frame_num_bits);
        let mut slice = BitWriter::default();
        slice.exp_golomb(0); // first_mb_in_slice
        slice.exp_golomb(5); // slice_type: P, as all of the picture
        slice.exp_golomb(0); // pic_parameter_set_id
        slice.bits(self.frame_num, layout.frame_num_bits);
        slice.bits(0, 1); // num_ref_idx_active_override_flag
        slice.bits(0, 1); // ref_pic_list_modification_flag_l0
        slice.bits(0, 1); // adaptive_ref_pic_marking_mode_flag
        if layout.has_cabac {
            slice.exp_golomb(0); // cabac_init_idc
        }
        slice.signed_exp_golomb(cabac::SLICE_QP - layout.init_qp); // slice_qp_delta
        if layout.has_deblocking_control {
            slice.exp_golomb(1); // disable_deblocking_filter_idc: the reference is filtered already
        }
        if layout.has_cabac {
            slice.align_with_ones();
            cabac::all_skipped(&mut slice, self.macroblocks);
        } else {
            slice.exp_golomb(self.macroblocks); // mb_skip_run
            slice.bits(1, 1); // rbsp_stop_one_bit
        }
        // nal_ref_idc 2: referred to, as x264's own.
        let nal = bits::escaped(2 << 5 | NAL_SLICE, &slice.into_bytes());
        access_unit(&nal)
    }

    /// One of x264's access units (AVCC, 4-byte lengths), its slice numbered among those made.
    pub(crate) fn renumber(&mut self, unit: Bytes) -> Bytes {
        let Some(&kind) = unit.get(4) else {
            return unit;
        };
        if kind & 31 == NAL_IDR {
            (self.frame_num, self.made, self.qp) = (0, 0, None);
            return unit;
        }
        let header = bits::unescaped(&unit[5..unit.len().min(5 + HEADER_BYTES)]);
        let Some((at, frame_num, qp)) = self.read(&header) else {
            return unit;
        };
        self.qp = qp;
        self.frame_num = frame_num.wrapping_add(self.made) & mask(self.layout.frame_num_bits);
        if self.made == 0 {
            return unit;
        }
        let mut slice = bits::unescaped(&unit[5..]);
        bits::overwrite(&mut slice, at, self.frame_num, self.layout.frame_num_bits);
        access_unit(&bits::escaped(kind, &slice))
    }

    /// Of a P slice: the bit at which `frame_num` is, its value, and `SliceQPY`.
    fn read(&self, slice: &[u8]) -> Option<(usize, u32, Option<i32>)> {
        let mut read = BitReader::new(slice);
        read.exp_golomb()?; // first_mb_in_slice
        read.exp_golomb()?; // slice_type
        read.exp_golomb()?; // pic_parameter_set_id
        let at = read.position();
        let frame_num = read.bits(self.layout.frame_num_bits)?;
        Some((at, frame_num, self.read_qp(&mut read)))
    }

    fn read_qp(&self, read: &mut BitReader<'_>) -> Option<i32> {
        // num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0, adaptive_ref_pic_marking_mode_flag.
        if read.bits(3)? != 0 {
            return None;
        }
        if self.layout.has_cabac {
            read.exp_golomb()?;
        }
        Some(self.layout.init_qp + read.signed_exp_golomb()?)
    }
}

/// `log2_max_frame_num` of a sequence parameter set that allows for repeats.
fn frame_num_bits(sps: &[u8]) -> Option<u32> {
    let sps = bits::unescaped(sps.get(1..)?);
    let mut read = BitReader::new(&sps);
    let profile = read.bits(8)?;
    read.bits(16)?; // constraint flags, level_idc
    read.exp_golomb()?; // seq_parameter_set_id
    if matches!(profile, 100 | 110 | 122 | 244) {
        let chroma_format = read.exp_golomb()?;
        let depths = [read.exp_golomb()?, read.exp_golomb()?];
        // qpprime_y_zero_transform_bypass_flag, seq_scaling_matrix_present_flag.
        if chroma_format != 1 || depths != [0, 0] || read.bits(2)? != 0 {
            return None;
        }
    }
    let frame_num_bits = read.exp_golomb()? + 4;
    // pic_order_cnt_type 2: the order of output is that of decoding, and slices say nothing of it.
    let order = read.exp_golomb()?;
    let max_num_ref_frames = read.exp_golomb()?;
    (order == 2 && max_num_ref_frames == 1 && frame_num_bits <= 16).then_some(frame_num_bits)
}

fn slice_layout(pps: &[u8], frame_num_bits: u32) -> Option<Layout> {
    let pps = bits::unescaped(pps.get(1..)?);
    let mut read = BitReader::new(&pps);
    let ids = [read.exp_golomb()?, read.exp_golomb()?];
    let has_cabac = read.bits(1)? == 1;
    let has_order_in_fields = read.bits(1)? == 1;
    let slice_groups = read.exp_golomb()? + 1;
    let refs = [read.exp_golomb()?, read.exp_golomb()?];
    let weighted = read.bits(3)?; // weighted_pred_flag, weighted_bipred_idc
    let init_qp = read.signed_exp_golomb()? + 26;
    read.signed_exp_golomb()?; // pic_init_qs
    read.signed_exp_golomb()?; // chroma_qp_index_offset
    let has_deblocking_control = read.bits(1)? == 1;
    read.bits(1)?; // constrained_intra_pred_flag
    let has_redundant_pictures = read.bits(1)? == 1;
    let plain = ids == [0, 0]
        && !has_order_in_fields
        && slice_groups == 1
        && refs[0] == 0
        && weighted >> 2 == 0
        && !has_redundant_pictures;
    plain.then_some(Layout {
        frame_num_bits,
        has_cabac,
        init_qp,
        has_deblocking_control,
    })
}

/// A unit behind its length.
fn access_unit(nal: &[u8]) -> Bytes {
    let mut unit = BytesMut::with_capacity(4 + nal.len());
    unit.put_u32(u32::try_from(nal.len()).unwrap_or(u32::MAX));
    unit.put_slice(nal);
    unit.freeze()
}

const fn mask(bits: u32) -> u32 {
    (1 << bits) - 1
}
