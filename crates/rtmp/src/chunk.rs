//! The chunk stream: messages cut into chunks and put together again.

use crate::Error;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::collections::HashMap;

/// Message types that occur when publishing.
pub(crate) mod kind {
    pub(crate) const SET_CHUNK_SIZE: u8 = 1;
    pub(crate) const ABORT: u8 = 2;
    pub(crate) const ACKNOWLEDGEMENT: u8 = 3;
    pub(crate) const USER_CONTROL: u8 = 4;
    pub(crate) const WINDOW_ACK_SIZE: u8 = 5;
    pub(crate) const AUDIO: u8 = 8;
    pub(crate) const VIDEO: u8 = 9;
    pub(crate) const COMMAND_AMF3: u8 = 17;
    pub(crate) const DATA_AMF0: u8 = 18;
    pub(crate) const COMMAND_AMF0: u8 = 20;
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: u8,
    pub(crate) stream_id: u32,
    pub(crate) timestamp: u32,
    pub(crate) payload: Bytes,
}

/// What a timestamp field holds when the timestamp itself follows in 4 bytes.
const EXTENDED: u32 = 0xFF_FFFF;
/// Longest message either side may send: its length field has 24 bits.
pub(crate) const MAX_MESSAGE_LEN: usize = 0xFF_FFFF;
/// Longest accepted message: a server sends a publisher commands only, of some hundred bytes.
const MAX_INBOUND_BYTES: usize = 1 << 20;
/// Chunk streams accepted from the peer; real servers use four.
const MAX_CHUNK_STREAMS: usize = 64;

/// Appends `message` in chunks of `chunk_size` on chunk stream `chunk_stream` (2..=63).
///
/// Every message begins with a full header: that costs 4 bytes more than a delta (2.5 kb/s at 30 frames and 47 audio
/// packets per second) and makes the writer stateless, so no delta can go wrong when timestamps wrap.
/// Chunks of messages with an extended timestamp repeat it, as the specification and all servers want.
pub(crate) fn write(out: &mut BytesMut, chunk_size: usize, chunk_stream: u8, message: &Message) {
    debug_assert!((2..=63).contains(&chunk_stream) && message.payload.len() <= MAX_MESSAGE_LEN);
    let extended = message.timestamp >= EXTENDED;
    out.reserve(message.payload.len() + 16 + message.payload.len() / chunk_size * 5);
    out.put_u8(chunk_stream);
    out.put_uint(u64::from(message.timestamp.min(EXTENDED)), 3);
    out.put_uint(message.payload.len() as u64, 3);
    out.put_u8(message.kind);
    out.put_u32_le(message.stream_id);
    if extended {
        out.put_u32(message.timestamp);
    }
    for (i, part) in message.payload.chunks(chunk_size).enumerate() {
        if i > 0 {
            out.put_u8(0xC0 | chunk_stream);
            if extended {
                out.put_u32(message.timestamp);
            }
        }
        out.put_slice(part);
    }
}

/// Puts the peer's chunks together.
#[derive(Debug)]
pub(crate) struct Reader {
    buffer: BytesMut,
    chunk_size: usize,
    streams: HashMap<u32, ChunkStream>,
    /// Sum of `partial.len()` over all streams.
    partial_bytes: usize,
}

/// What the next header on a chunk stream may leave out, and the message under way.
#[derive(Clone, Debug, Default)]
struct ChunkStream {
    timestamp: u32,
    delta: u32,
    length: usize,
    kind: u8,
    stream_id: u32,
    extended: bool,
    partial: BytesMut,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            chunk_size: 128,
            streams: HashMap::new(),
            partial_bytes: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, or `None` until more bytes come. Set Chunk Size and Abort are obeyed here and not returned.
    pub(crate) fn next_message(&mut self) -> Result<Option<Message>, Error> {
        while let Some(finished) = self.next_chunk()? {
            let Some(message) = finished else { continue };
            let number = || (message.payload.len() >= 4).then(|| (&message.payload[..4]).get_u32());
            match message.kind {
                kind::SET_CHUNK_SIZE => {
                    let size = number().ok_or(Error::Message("Set Chunk Size"))?;
                    if !(1..=0x7FFF_FFFF).contains(&size) {
                        return Err(Error::ChunkSize { actual: size });
                    }
                    self.chunk_size = size as usize;
                }
                kind::ABORT => {
                    let chunk_stream = number().ok_or(Error::Message("Abort"))?;
                    if let Some(stream) = self.streams.get_mut(&chunk_stream) {
                        self.partial_bytes -= stream.partial.len();
                        stream.partial.clear();
                    }
                }
                _ => return Ok(Some(message)),
            }
        }
        Ok(None)
    }

    /// Takes one whole chunk off the buffer: `None` if there is none yet, `Some(None)` if its message goes on.
    ///
    /// A chunk that has not come whole is read again from its header next time: at most 18 bytes, so cheap.
    fn next_chunk(&mut self) -> Result<Option<Option<Message>>, Error> {
        let mut rest = &self.buffer[..];
        let Some((format, id)) = basic_header(&mut rest) else {
            return Ok(None);
        };
        let known = self.streams.get(&id);
        if known.is_none() && format != 0 {
            return Err(Error::NoEarlierHeader { chunk_stream: id });
        }
        if known.is_none() && self.streams.len() >= MAX_CHUNK_STREAMS {
            return Err(Error::TooManyChunkStreams {
                limit: MAX_CHUNK_STREAMS,
            });
        }
        let partial_len = known.map_or(0, |stream| stream.partial.len());
        // Only a header without fields goes on with a message; any other one gives an unfinished message up.
        let (begins, kept) = if format == 3 {
            (partial_len == 0, partial_len)
        } else {
            (true, 0)
        };
        let mut next = known.map_or_else(ChunkStream::default, ChunkStream::header);
        if !next.read_header(format, begins, &mut rest) {
            return Ok(None);
        }
        let total = self.partial_bytes - partial_len + next.length;
        if total > MAX_INBOUND_BYTES {
            return Err(Error::MessageTooLong {
                actual: total,
                limit: MAX_INBOUND_BYTES,
            });
        }
        let chunk_len = (next.length - kept).min(self.chunk_size);
        if rest.len() < chunk_len {
            return Ok(None);
        }

        let header_len = self.buffer.len() - rest.len();
        self.buffer.advance(header_len);
        let data = self.buffer.split_to(chunk_len);
        let stream = self.streams.entry(id).or_default();
        let mut partial = std::mem::take(&mut stream.partial);
        partial.truncate(kept);
        partial.extend_from_slice(&data);
        self.partial_bytes = self.partial_bytes - partial_len + partial.len();
        *stream = next;
        if partial.len() < stream.length {
            stream.partial = partial;
            return Ok(Some(None));
        }
        self.partial_bytes -= partial.len();
        let payload = partial.freeze();
        Ok(Some(Some(Message {
            kind: stream.kind,
            stream_id: stream.stream_id,
            timestamp: stream.timestamp,
            payload,
        })))
    }
}

impl ChunkStream {
    /// A copy without the message under way.
    fn header(&self) -> Self {
        Self {
            partial: BytesMut::new(),
            ..*self
        }
    }

    /// Reads the message header after the basic header; `false` when it has not come whole.
    fn read_header(&mut self, format: u8, begins: bool, rest: &mut &[u8]) -> bool {
        let fields = [11, 7, 3, 0][usize::from(format)];
        if rest.len() < fields {
            return false;
        }
        let mut field = 0;
        if format < 3 {
            field = u24(rest);
            self.extended = field == EXTENDED;
        }
        if format < 2 {
            self.length = u24(rest) as usize;
            self.kind = rest.get_u8();
        }
        if format == 0 {
            self.stream_id = rest.get_u32_le();
        }
        if self.extended {
            if rest.len() < 4 {
                return false;
            }
            field = rest.get_u32();
        }
        match format {
            0 => {
                self.timestamp = field;
                self.delta = field;
            }
            1 | 2 => {
                self.delta = field;
                self.timestamp = self.timestamp.wrapping_add(field);
            }
            _ if begins => self.timestamp = self.timestamp.wrapping_add(self.delta),
            _ => {}
        }
        true
    }
}

/// Format and chunk stream id; `None` when the header has not come whole.
fn basic_header(rest: &mut &[u8]) -> Option<(u8, u32)> {
    let first = *rest.first()?;
    let len = match first & 0x3F {
        0 => 2,
        1 => 3,
        _ => 1,
    };
    let (header, after) = rest.split_at_checked(len)?;
    *rest = after;
    let id = match header {
        [_, low] => 64 + u32::from(*low),
        [_, low, high] => 64 + u32::from(*low) + 256 * u32::from(*high),
        _ => u32::from(first & 0x3F),
    };
    Some((first >> 6, id))
}

fn u24(rest: &mut &[u8]) -> u32 {
    u32::from(rest.get_u8()) << 16 | u32::from(rest.get_u16())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::iter;

    fn messages(parts: &[&[u8]]) -> Vec<(u8, u32, u32, Vec<u8>)> {
        let mut reader = Reader::new();
        reader.push(&parts.concat());
        let found: Vec<_> = iter::from_fn(|| reader.next_message().unwrap()).collect();
        assert_eq!(
            (reader.buffer.len(), reader.partial_bytes),
            (0, 0),
            "nothing is left over"
        );
        found
            .into_iter()
            .map(|m| (m.kind, m.stream_id, m.timestamp, m.payload.to_vec()))
            .collect()
    }

    #[test]
    fn all_header_formats_are_understood() {
        let found = messages(&[
            &[0x05, 0, 0, 10, 0, 0, 1, 18, 7, 0, 0, 0, b'a'],
            &[0x45, 0, 0, 5, 0, 0, 2, 20, b'b', b'c'],
            &[0x85, 0, 0, 6, b'd', b'e'],
            &[0xC5, b'f', b'g'],
            &[0x85, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, b'h', b'i'],
            &[0xC5, 1, 0, 0, 0, b'j', b'k'],
        ]);
        let expected = [
            (18, 7, 10, b"a".to_vec()),
            (20, 7, 15, b"bc".to_vec()),
            (20, 7, 21, b"de".to_vec()),
            (20, 7, 27, b"fg".to_vec()),
            (20, 7, 27 + 0x100_0000, b"hi".to_vec()),
            (20, 7, 27 + 0x200_0000, b"jk".to_vec()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn chunk_streams_interleave_abort_and_begin_anew() {
        let head = |id: u8, len: u8| [id, 0, 0, 0, 0, 0, len, 18, 0, 0, 0, 0];
        let found = messages(&[
            // Two messages chunk by chunk.
            &head(3, 200),
            &[1; 128],
            &head(4, 200),
            &[2; 128],
            &[0xC3],
            &[1; 72],
            &[0xC4],
            &[2; 72],
            // One aborted, one given up for another.
            &head(3, 200),
            &[3; 128],
            &[2, 0, 0, 0, 0, 0, 4, kind::ABORT, 0, 0, 0, 0, 0, 0, 0, 3],
            &head(3, 1),
            &[4],
            &head(4, 200),
            &[5; 128],
            &head(4, 1),
            &[6],
        ]);
        let bodies: Vec<_> = found.into_iter().map(|(.., body)| body).collect();
        assert_eq!(bodies, [vec![1; 200], vec![2; 200], vec![4], vec![6]]);
    }

    #[test]
    fn unfinished_messages_together_stay_within_the_limit() {
        let mut reader = Reader::new();
        reader.push(&[
            2,
            0,
            0,
            0,
            0,
            0,
            4,
            kind::SET_CHUNK_SIZE,
            0,
            0,
            0,
            0,
            0,
            8,
            0,
            0,
        ]);
        let mut refused = 0;
        for id in 10..14 {
            // 1 MiB announced less 1 byte, 512 KiB given.
            reader.push(&[id, 0, 0, 0, 0x0F, 0xFF, 0xFF, 18, 0, 0, 0, 0]);
            reader.push(&vec![0; 1 << 19]);
            if reader.next_message().is_err() {
                refused += 1;
                break;
            }
        }
        assert_eq!(refused, 1);
    }
}
