//! The client side of one publishing session.

use crate::amf0::{self, Value};
use crate::chunk::{self, MAX_MESSAGE_LEN, Message, Reader, kind};
use crate::{Error, Target};
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::VecDeque;
use std::fmt;

/// Random bytes that a handshake needs.
pub const HANDSHAKE_RANDOM_LEN: usize = 1528;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// C0, C1 are sent; S0, S1, S2 have not come whole.
    Handshake,
    /// `connect` is sent.
    Connect,
    /// `createStream` is sent.
    CreateStream,
    /// `publish` is sent.
    Publish,
    /// The server takes media.
    Live,
    /// Over: closed by either side, refused or broken. Input is ignored.
    Closed,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "handshake",
            Self::Connect => "connect",
            Self::CreateStream => "createStream",
            Self::Publish => "publish",
            Self::Live => "live",
            Self::Closed => "closed",
        })
    }
}

/// What the server said, as far as the owner of a session needs to know.
///
/// Texts from the server have the stream key removed, are one line, and at most 200 characters long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server accepted the app.
    Connected,
    /// The server accepted the stream: send metadata, sequence headers, and media from an IDR on.
    Publishing,
    /// The server said no, or, in [`Stage::Live`], that it is over. Nothing more will come.
    Rejected {
        /// What was refused.
        stage: Stage,
        /// Its status code such as `NetStream.Publish.BadName`; empty if it gave none.
        code: String,
        /// Its explanation; empty if it gave none.
        description: String,
    },
    /// The server closed the session on the RTMP level, without an error.
    ClosedByPeer,
}

/// The client side of one publishing session: a state machine between a socket and a source of media.
///
/// Give it what the socket reads ([`handle_input`](Self::handle_input)), write what
/// [`poll_output`](Self::poll_output) returns, and act on [`poll_event`](Self::poll_event), each until there is
/// no more. It has no notion of time: deadlines are the caller's.
pub struct Publisher {
    target: Target,
    stage: Stage,
    reader: Reader,
    /// S0, S1, S2 as far as they have come.
    handshake: Vec<u8>,
    out: BytesMut,
    events: VecDeque<Event>,
    /// Bytes from the peer after the handshake, wrapping, as acknowledgements count them.
    received: u32,
    acknowledged: u32,
    /// Bytes after which the peer wants an acknowledgement; 0 before it said so.
    peer_window: u32,
    stream_id: u32,
}

/// Payload bytes per chunk. 4096 is what OBS sends and every server has seen; a chunk header then costs 0.02 % (0.12 %
/// with extended timestamps), so larger chunks would gain nothing.
const CHUNK_SIZE: u32 = 4096;
/// How many of our bytes the server may leave unacknowledged; nothing here waits for acknowledgements.
const WINDOW_ACK_SIZE: u32 = 2_500_000;
/// Answers to pings and acknowledgements stop above this many unwritten bytes, so a flood of pings costs no memory.
const MAX_REPLY_BACKLOG: usize = 64 * 1024;
/// What streaming servers know as an encoder that sends H.264 and AAC.
const FLASH_VERSION: &str = "FMLE/3.0 (compatible; FMSc/1.0)";

const PROTOCOL: u8 = 2;
const COMMANDS: u8 = 3;
const AUDIO_AND_DATA: u8 = 4;
const VIDEO: u8 = 6;

/// Transaction ids, one per command.
mod transaction {
    pub(super) const CONNECT: u32 = 1;
    pub(super) const RELEASE_STREAM: u32 = 2;
    pub(super) const FC_PUBLISH: u32 = 3;
    pub(super) const CREATE_STREAM: u32 = 4;
    pub(super) const PUBLISH: u32 = 5;
    pub(super) const FC_UNPUBLISH: u32 = 6;
    pub(super) const DELETE_STREAM: u32 = 7;
}

impl Publisher {
    /// Begins a session: C0 and C1 are ready to be written.
    ///
    /// `random` fills the handshake; it need not be secret, only differ from session to session.
    pub fn new(target: Target, random: &[u8; HANDSHAKE_RANDOM_LEN]) -> Self {
        let mut out = BytesMut::with_capacity(HANDSHAKE_HALF + 1);
        out.put_u8(VERSION);
        // Time 0 and four zeroes: the latter ask for the plain handshake.
        out.put_u64(0);
        out.put_slice(random);
        Self {
            target,
            stage: Stage::Handshake,
            reader: Reader::new(),
            handshake: Vec::new(),
            out,
            events: VecDeque::new(),
            received: 0,
            acknowledged: 0,
            peer_window: 0,
            stream_id: 0,
        }
    }

    /// How far the session has come.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Takes bytes from the socket, split anywhere.
    ///
    /// # Errors
    /// When the peer breaks the protocol or exceeds a limit; the session is over then.
    pub fn handle_input(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let result = self.read(bytes);
        if result.is_err() {
            self.stage = Stage::Closed;
        }
        result
    }

    /// Bytes to be written to the socket, all that there are, or `None`.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        (!self.out.is_empty()).then(|| self.out.split().freeze())
    }

    /// Bytes that [`poll_output`](Self::poll_output) would return now.
    pub fn output_len(&self) -> usize {
        self.out.len()
    }

    /// The next thing that happened, or `None`.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Sends `onMetaData`; `body` comes from [`flv::metadata`](crate::flv::metadata).
    ///
    /// # Errors
    /// When the session is not live, or the body is longer than a message can be.
    pub fn send_metadata(&mut self, body: &Bytes, timestamp_ms: u32) -> Result<(), Error> {
        let mut payload = BytesMut::with_capacity(body.len() + 16);
        Value::string("@setDataFrame").encode(&mut payload);
        payload.put_slice(body);
        self.send_media(
            AUDIO_AND_DATA,
            kind::DATA_AMF0,
            payload.freeze(),
            timestamp_ms,
        )
    }

    /// Sends an FLV video tag body, at a time that may wrap.
    ///
    /// # Errors
    /// When the session is not live, or the body is longer than a message can be (16 MiB).
    pub fn send_video(&mut self, body: Bytes, timestamp_ms: u32) -> Result<(), Error> {
        self.send_media(VIDEO, kind::VIDEO, body, timestamp_ms)
    }

    /// Sends an FLV audio tag body, at a time that may wrap.
    ///
    /// # Errors
    /// When the session is not live, or the body is longer than a message can be (16 MiB).
    pub fn send_audio(&mut self, body: Bytes, timestamp_ms: u32) -> Result<(), Error> {
        self.send_media(AUDIO_AND_DATA, kind::AUDIO, body, timestamp_ms)
    }

    /// Ends the session in good manners (`FCUnpublish`, `deleteStream`), as far as there is something to end.
    pub fn close(&mut self) {
        if matches!(self.stage, Stage::Publish | Stage::Live) {
            let key = Value::string(self.target.key().expose());
            self.command(
                "FCUnpublish",
                transaction::FC_UNPUBLISH,
                0,
                &[Value::Null, key],
            );
            let stream = Value::Number(f64::from(self.stream_id));
            self.command(
                "deleteStream",
                transaction::DELETE_STREAM,
                0,
                &[Value::Null, stream],
            );
        }
        self.stage = Stage::Closed;
    }

    fn send_media(
        &mut self,
        chunk_stream: u8,
        kind: u8,
        payload: Bytes,
        timestamp_ms: u32,
    ) -> Result<(), Error> {
        if self.stage != Stage::Live {
            return Err(Error::NotLive { stage: self.stage });
        }
        if payload.len() > MAX_MESSAGE_LEN {
            return Err(Error::MessageTooLong {
                actual: payload.len(),
                limit: MAX_MESSAGE_LEN,
            });
        }
        let message = Message {
            kind,
            stream_id: self.stream_id,
            timestamp: timestamp_ms,
            payload,
        };
        chunk::write(&mut self.out, CHUNK_SIZE as usize, chunk_stream, &message);
        Ok(())
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let bytes = if self.stage == Stage::Handshake {
            self.read_handshake(bytes)?
        } else {
            bytes
        };
        self.reader.push(bytes);
        while !matches!(self.stage, Stage::Handshake | Stage::Closed) {
            let Some(message) = self.reader.next_message()? else {
                break;
            };
            self.read_message(&message)?;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "acknowledgements count modulo 2^32"
        )]
        let len = bytes.len() as u32;
        self.received = self.received.wrapping_add(len);
        if self.peer_window > 0 && self.received.wrapping_sub(self.acknowledged) >= self.peer_window
        {
            self.acknowledged = self.received;
            self.reply(kind::ACKNOWLEDGEMENT, &self.received.to_be_bytes());
        }
        Ok(())
    }

    /// Collects S0, S1, S2 and returns what follows them.
    fn read_handshake<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Error> {
        let missing = 1 + 2 * HANDSHAKE_HALF - self.handshake.len();
        let (ours, rest) = bytes.split_at(missing.min(bytes.len()));
        self.handshake.extend_from_slice(ours);
        match self.handshake.first() {
            Some(&actual) if actual != VERSION => return Err(Error::Version { actual }),
            _ if ours.len() < missing => return Ok(rest),
            _ => {}
        }
        // C2 echoes S1. S2 is not compared with C1: servers in use do not all echo, and nothing hangs on it.
        self.out.put_slice(&self.handshake[1..=HANDSHAKE_HALF]);
        self.handshake = Vec::new();
        self.protocol(kind::SET_CHUNK_SIZE, &CHUNK_SIZE.to_be_bytes());
        let target = Value::Object(vec![
            ("app".to_owned(), Value::string(self.target.app())),
            ("type".to_owned(), Value::string("nonprivate")),
            ("flashVer".to_owned(), Value::string(FLASH_VERSION)),
            ("tcUrl".to_owned(), Value::String(self.target.tc_url())),
        ]);
        self.command("connect", transaction::CONNECT, 0, &[target]);
        self.stage = Stage::Connect;
        Ok(rest)
    }

    fn read_message(&mut self, message: &Message) -> Result<(), Error> {
        let payload = &message.payload[..];
        match message.kind {
            kind::WINDOW_ACK_SIZE => {
                let size = payload
                    .first_chunk()
                    .ok_or(Error::Message("Window Acknowledgement Size"))?;
                self.peer_window = u32::from_be_bytes(*size);
            }
            kind::USER_CONTROL => {
                let (event, data) = payload
                    .split_first_chunk()
                    .ok_or(Error::Message("User Control"))?;
                if u16::from_be_bytes(*event) == PING_REQUEST {
                    let time: &[u8; 4] = data.first_chunk().ok_or(Error::Message("ping"))?;
                    let mut pong = [0; 6];
                    pong[..2].copy_from_slice(&PING_RESPONSE.to_be_bytes());
                    pong[2..].copy_from_slice(time);
                    self.reply(kind::USER_CONTROL, &pong);
                }
            }
            kind::COMMAND_AMF0 => self.read_command(&amf0::decode_all(payload)?),
            kind::COMMAND_AMF3 => {
                // One byte of format, then AMF0 until a value says otherwise.
                let (_, values) = payload
                    .split_first()
                    .ok_or(Error::Message("AMF3 command"))?;
                self.read_command(&amf0::decode_all(values)?);
            }
            // Acknowledgements, the peer's bandwidth wishes, data and media have no meaning for a publisher.
            _ => {}
        }
        Ok(())
    }

    /// Acts on a command; what makes no sense at this stage is ignored, as servers send much that nobody asked for.
    fn read_command(&mut self, values: &[Value]) {
        let Some(name) = values.first().and_then(Value::as_str) else {
            return;
        };
        let id = values.get(1).and_then(Value::as_id);
        let arguments = values.get(2..).unwrap_or_default();
        match (name, self.stage, id) {
            ("_result", Stage::Connect, Some(transaction::CONNECT)) => {
                self.events.push_back(Event::Connected);
                self.create_stream();
            }
            ("_result", Stage::CreateStream, Some(transaction::CREATE_STREAM)) => {
                // Without a number there is nothing to publish on; the stream id 1 is what nearly all servers give.
                self.stream_id = arguments.iter().find_map(Value::as_id).unwrap_or(1);
                self.publish();
            }
            ("_error", Stage::Connect, Some(transaction::CONNECT))
            | ("_error", Stage::CreateStream, Some(transaction::CREATE_STREAM))
            | ("_error", Stage::Publish, Some(transaction::PUBLISH)) => self.reject(arguments),
            ("onStatus", ..) => self.read_status(arguments),
            ("close", ..) => {
                self.events.push_back(Event::ClosedByPeer);
                self.stage = Stage::Closed;
            }
            _ => {}
        }
    }

    fn read_status(&mut self, arguments: &[Value]) {
        let field = |name| {
            arguments
                .iter()
                .find_map(|value| value.get(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        match (field("code"), field("level"), self.stage) {
            ("NetStream.Publish.Start", _, Stage::Publish) => {
                self.stage = Stage::Live;
                self.events.push_back(Event::Publishing);
            }
            ("NetConnection.Connect.Closed" | "NetStream.Unpublish.Success", ..) => {
                self.events.push_back(Event::ClosedByPeer);
                self.stage = Stage::Closed;
            }
            // nginx-rtmp says BadName with the level "error", other servers with "status".
            (
                "NetStream.Publish.BadName"
                | "NetStream.Publish.Denied"
                | "NetStream.Publish.Rejected"
                | "NetStream.Failed",
                ..,
            )
            | (_, "error", _) => self.reject(arguments),
            _ => {}
        }
    }

    fn reject(&mut self, arguments: &[Value]) {
        let field = |name| {
            arguments
                .iter()
                .find_map(|value| value.get(name))
                .and_then(Value::as_str)
        };
        let code = field("code").unwrap_or_default();
        let description = field("description")
            .or_else(|| arguments.iter().find_map(Value::as_str))
            .unwrap_or_default();
        let (code, description) = (self.target.redact(code), self.target.redact(description));
        self.events.push_back(Event::Rejected {
            stage: self.stage,
            code,
            description,
        });
        self.stage = Stage::Closed;
    }

    /// Like every encoder, does not wait for answers to `releaseStream` and `FCPublish`: many servers give none.
    fn create_stream(&mut self) {
        self.protocol(kind::WINDOW_ACK_SIZE, &WINDOW_ACK_SIZE.to_be_bytes());
        let key = Value::string(self.target.key().expose());
        self.command(
            "releaseStream",
            transaction::RELEASE_STREAM,
            0,
            &[Value::Null, key.clone()],
        );
        self.command("FCPublish", transaction::FC_PUBLISH, 0, &[Value::Null, key]);
        self.command(
            "createStream",
            transaction::CREATE_STREAM,
            0,
            &[Value::Null],
        );
        self.stage = Stage::CreateStream;
    }

    fn publish(&mut self) {
        let key = Value::string(self.target.key().expose());
        self.command(
            "publish",
            transaction::PUBLISH,
            self.stream_id,
            &[Value::Null, key, Value::string("live")],
        );
        self.stage = Stage::Publish;
    }

    fn command<const N: usize>(
        &mut self,
        name: &str,
        transaction: u32,
        stream_id: u32,
        arguments: &[Value; N],
    ) {
        let mut payload = BytesMut::new();
        Value::string(name).encode(&mut payload);
        Value::Number(f64::from(transaction)).encode(&mut payload);
        for argument in arguments {
            argument.encode(&mut payload);
        }
        let message = Message {
            kind: kind::COMMAND_AMF0,
            stream_id,
            timestamp: 0,
            payload: payload.freeze(),
        };
        chunk::write(&mut self.out, CHUNK_SIZE as usize, COMMANDS, &message);
    }

    fn protocol(&mut self, kind: u8, payload: &[u8]) {
        let message = Message {
            kind,
            stream_id: 0,
            timestamp: 0,
            payload: Bytes::copy_from_slice(payload),
        };
        chunk::write(&mut self.out, CHUNK_SIZE as usize, PROTOCOL, &message);
    }

    fn reply(&mut self, kind: u8, payload: &[u8]) {
        if self.out.len() < MAX_REPLY_BACKLOG {
            self.protocol(kind, payload);
        }
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("target", &self.target)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

const VERSION: u8 = 3;
/// Length of C1, S1, C2 and S2.
const HANDSHAKE_HALF: usize = HANDSHAKE_RANDOM_LEN + 8;
const PING_REQUEST: u16 = 6;
const PING_RESPONSE: u16 = 7;
