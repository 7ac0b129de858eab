//! Frames that are drawn again and again, each with the blocks in which it is behind.

use media::{Damage, I420Frame, Resolution};
use std::sync::Arc;

/// Frames kept at most, made as they are needed: those that wait for the encoder (8), those it reads, and the one drawn.
/// With more in use at once, frames are made for one use.
const CAPACITY: usize = 12;

/// A frame that was not drawn into for so many draws (five to ten seconds) goes: when the encoder first fills its
/// look-ahead, more frames wait than ever again, 3 MB each. Regular IDRs come more often than this.
const IDLE_DRAWS: u32 = 300;

/// Frames and which of them is the latest.
#[derive(Debug)]
pub(crate) struct Ring {
    resolution: Resolution,
    buffers: Vec<Buffer>,
    latest: Option<Latest>,
    temporary_frames: u64,
}

#[derive(Debug)]
struct Buffer {
    frame: Arc<I420Frame>,
    /// Blocks that differ from the latest list.
    stale: Damage,
    /// Draws since the one into it.
    idle: u32,
}

#[derive(Debug)]
enum Latest {
    Kept(usize),
    Temporary(Arc<I420Frame>),
}

impl Ring {
    pub(crate) const fn new(resolution: Resolution) -> Self {
        Self {
            resolution,
            buffers: Vec::new(),
            latest: None,
            temporary_frames: 0,
        }
    }

    /// The frame drawn last.
    pub(crate) fn latest(&self) -> Option<Arc<I420Frame>> {
        self.latest.as_ref().map(|latest| match latest {
            Latest::Kept(i) => Arc::clone(&self.buffers[*i].frame),
            Latest::Temporary(frame) => Arc::clone(frame),
        })
    }

    /// Notes that all frames fall behind in `damage`.
    pub(crate) fn age(&mut self, damage: &Damage) {
        for buffer in &mut self.buffers {
            buffer.stale.merge(damage);
        }
    }

    /// Lets `draw` bring the least stale frame that nobody holds up to date in the blocks it is given.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut I420Frame, &Damage)) -> Arc<I420Frame> {
        // Holding it here would keep a temporary frame alive for nothing.
        self.latest = None;
        self.buffers.retain_mut(|buffer| {
            buffer.idle += 1;
            buffer.idle <= IDLE_DRAWS
        });
        let free =
            self.buffers.iter_mut().enumerate().filter_map(|(i, b)| {
                Arc::get_mut(&mut b.frame).map(|_| (i, b.stale.block_count()))
            });
        let mut least = free.min_by_key(|&(_, stale)| stale).map(|(i, _)| i);
        if least.is_none() && self.buffers.len() < CAPACITY {
            least = Some(self.buffers.len());
            self.buffers.push(Buffer {
                frame: Arc::new(I420Frame::black(self.resolution)),
                stale: self.everything(),
                idle: 0,
            });
        }
        if let Some(i) = least {
            let Buffer { frame, stale, idle } = &mut self.buffers[i];
            if let Some(unique) = Arc::get_mut(frame) {
                draw(unique, stale);
                stale.clear();
                *idle = 0;
                self.latest = Some(Latest::Kept(i));
                return Arc::clone(frame);
            }
        }
        self.temporary_frames += 1;
        let mut frame = I420Frame::black(self.resolution);
        draw(&mut frame, &self.everything());
        let frame = Arc::new(frame);
        self.latest = Some(Latest::Temporary(Arc::clone(&frame)));
        frame
    }

    /// Frames kept.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.buffers.len()).unwrap_or(u32::MAX)
    }

    /// Frames made for one use so far.
    pub(crate) const fn temporary_frames(&self) -> u64 {
        self.temporary_frames
    }

    fn everything(&self) -> Damage {
        let Resolution { width, height } = self.resolution;
        Damage::all(width as usize, height as usize)
    }
}
