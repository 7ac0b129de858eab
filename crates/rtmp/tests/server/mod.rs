//! An RTMP server for tests, without I/O, written from the specification and sharing no code with the crate.
#![allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "test code with small numbers; not every test uses all of it"
)]

/// An AMF0 value, as far as a publisher sends any.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Amf {
    Number(f64),
    Boolean(bool),
    Text(String),
    Members(Vec<(String, Self)>),
    Null,
}

impl Amf {
    pub(crate) fn text(&self) -> &str {
        if let Self::Text(text) = self {
            text
        } else {
            panic!("not a text: {self:?}")
        }
    }

    pub(crate) fn number(&self) -> f64 {
        if let Self::Number(n) = self {
            *n
        } else {
            panic!("not a number: {self:?}")
        }
    }

    pub(crate) fn member(&self, name: &str) -> &Self {
        let Self::Members(members) = self else {
            panic!("no members: {self:?}")
        };
        &members
            .iter()
            .find(|(n, _)| n == name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .1
    }
}

/// A whole message from the publisher.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    pub(crate) kind: u8,
    pub(crate) stream_id: u32,
    pub(crate) timestamp: u32,
    pub(crate) body: Vec<u8>,
}

/// How the server answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Accept everything.
    Accept,
    /// `_error` to `connect` with this code and description.
    ConnectError(String, String),
    /// `onStatus` of level error to `publish` with this code and description.
    PublishError(String, String),
    /// Ask to be cut off when `publish` comes.
    CloseAtPublish,
}

/// One connection.
pub(crate) struct Server {
    answer: Answer,
    input: Vec<u8>,
    /// Bytes to be written.
    pub(crate) output: Vec<u8>,
    greeted: u8,
    in_chunk: usize,
    out_chunk: usize,
    streams: Vec<(u32, Under)>,
    /// All messages, in order, protocol control included.
    pub(crate) messages: Vec<Received>,
    /// Set when the connection should be closed by the server.
    pub(crate) wants_close: bool,
    /// Set by `deleteStream`.
    pub(crate) deleted: bool,
}

#[derive(Clone, Default)]
struct Under {
    kind: u8,
    stream_id: u32,
    len: usize,
    base: u32,
    delta: u32,
    long: bool,
    body: Vec<u8>,
}

impl Server {
    pub(crate) fn new(answer: Answer) -> Self {
        Self {
            answer,
            input: Vec::new(),
            output: Vec::new(),
            greeted: 0,
            in_chunk: 128,
            out_chunk: 128,
            streams: Vec::new(),
            messages: Vec::new(),
            wants_close: false,
            deleted: false,
        }
    }

    /// The names of all commands and data messages, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.messages
            .iter()
            .filter(|m| m.kind == 20 || m.kind == 18)
            .map(|m| amf(&m.body)[0].text().to_owned())
            .collect()
    }

    /// The values of the first command called `name`.
    pub(crate) fn command(&self, name: &str) -> Vec<Amf> {
        let named = |m: &&Received| m.kind == 20 && amf(&m.body)[0].text() == name;
        amf(&self
            .messages
            .iter()
            .find(named)
            .unwrap_or_else(|| panic!("no {name}"))
            .body)
    }

    /// Audio and video messages, in order.
    pub(crate) fn media(&self) -> Vec<Received> {
        self.messages
            .iter()
            .filter(|m| m.kind == 8 || m.kind == 9)
            .cloned()
            .collect()
    }

    pub(crate) fn input(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        loop {
            let before = self.input.len();
            match self.greeted {
                0 if self.input.len() >= 1537 => {
                    assert_eq!(self.input[0], 3, "version");
                    assert_eq!(
                        &self.input[1..9],
                        &[0; 8],
                        "time and zeroes of a plain handshake"
                    );
                    let c1 = self.input.drain(..1537).skip(1).collect::<Vec<_>>();
                    self.output.push(3);
                    self.output.extend((0..1536u32).map(|i| i as u8 ^ 0x5A));
                    self.output.extend(c1);
                    self.greeted = 1;
                }
                1 if self.input.len() >= 1536 => {
                    let c2 = self.input.drain(..1536).collect::<Vec<_>>();
                    assert!(
                        c2.iter().enumerate().all(|(i, b)| *b == i as u8 ^ 0x5A),
                        "C2 echoes S1"
                    );
                    self.greeted = 2;
                }
                2 => self.chunk(),
                _ => {}
            }
            if self.input.len() == before {
                return;
            }
        }
    }

    /// Queues a message with a full header on any chunk stream.
    pub(crate) fn send(
        &mut self,
        csid: u32,
        kind: u8,
        stream_id: u32,
        timestamp: u32,
        body: &[u8],
    ) {
        let basic = |format: u8| match csid {
            0..=1 => panic!("not a chunk stream"),
            2..=63 => vec![format << 6 | csid as u8],
            64..=319 => vec![format << 6, (csid - 64) as u8],
            _ => vec![
                format << 6 | 1,
                ((csid - 64) % 256) as u8,
                ((csid - 64) / 256) as u8,
            ],
        };
        let long = timestamp >= 0xFF_FFFF;
        self.output.extend(basic(0));
        self.output
            .extend(&timestamp.min(0xFF_FFFF).to_be_bytes()[1..]);
        self.output.extend(&(body.len() as u32).to_be_bytes()[1..]);
        self.output.push(kind);
        self.output.extend(stream_id.to_le_bytes());
        for (i, part) in body.chunks(self.out_chunk).enumerate() {
            if i > 0 {
                self.output.extend(basic(3));
            }
            if long {
                self.output.extend(timestamp.to_be_bytes());
            }
            self.output.extend(part);
        }
        if kind == 1 {
            self.out_chunk = u32::from_be_bytes(body.try_into().unwrap()) as usize;
        }
    }

    /// Queues a command on chunk stream 3.
    pub(crate) fn send_command(&mut self, stream_id: u32, values: &[Amf]) {
        let mut body = Vec::new();
        values.iter().for_each(|value| put_amf(value, &mut body));
        self.send(3, 20, stream_id, 0, &body);
    }

    /// Queues `onStatus`.
    pub(crate) fn send_status(&mut self, level: &str, code: &str, description: &str) {
        let info = status(level, code, description);
        self.send_command(1, &[text("onStatus"), Amf::Number(0.0), Amf::Null, info]);
    }

    fn chunk(&mut self) {
        let Some((taken, csid, under)) = self.parse() else {
            return;
        };
        self.input.drain(..taken);
        self.streams.retain(|(id, _)| *id != csid);
        let mut under = under;
        if under.body.len() == under.len {
            let body = std::mem::take(&mut under.body);
            let message = Received {
                kind: under.kind,
                stream_id: under.stream_id,
                timestamp: under.base,
                body,
            };
            self.streams.push((csid, under));
            self.answer_to(&message);
            self.messages.push(message);
        } else {
            self.streams.push((csid, under));
        }
    }

    /// One chunk off the input, all or nothing: how long it is, its chunk stream, and that stream's new state.
    fn parse(&self) -> Option<(usize, u32, Under)> {
        let mut at = 0;
        let mut take = |n: usize| {
            let part = self.input.get(at..at + n)?;
            at += n;
            Some(part)
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0u32, |n, b| n << 8 | u32::from(*b));
        let first = take(1)?[0];
        let csid = match first & 63 {
            0 => u32::from(take(1)?[0]) + 64,
            1 => {
                let pair = take(2)?;
                u32::from(pair[1]) * 256 + u32::from(pair[0]) + 64
            }
            n => u32::from(n),
        };
        let format = first >> 6;
        let mut under = self
            .streams
            .iter()
            .find(|(id, _)| *id == csid)
            .map(|(_, u)| u.clone())
            .unwrap_or_default();
        assert!(
            format == 3 || under.body.is_empty(),
            "a new message begins within another"
        );
        let mut time = 0;
        if format <= 2 {
            time = number(take(3)?);
            under.long = time == 0xFF_FFFF;
        }
        if format <= 1 {
            under.len = number(take(3)?) as usize;
            under.kind = take(1)?[0];
        }
        if format == 0 {
            under.stream_id = u32::from_le_bytes(take(4)?.try_into().unwrap());
        }
        if under.long {
            let long = number(take(4)?);
            assert!(
                format < 3 || under.body.is_empty() || long == under.base,
                "type 3 repeats the extended timestamp"
            );
            time = long;
        }
        match format {
            0 => (under.base, under.delta) = (time, time),
            1 | 2 => (under.base, under.delta) = (under.base.wrapping_add(time), time),
            _ if under.body.is_empty() => under.base = under.base.wrapping_add(under.delta),
            _ => {}
        }
        let n = (under.len - under.body.len()).min(self.in_chunk);
        under.body.extend_from_slice(take(n)?);
        Some((at, csid, under))
    }

    fn answer_to(&mut self, message: &Received) {
        match message.kind {
            1 => self.in_chunk = u32::from_be_bytes(message.body[..].try_into().unwrap()) as usize,
            20 => {
                let values = amf(&message.body);
                let id = values[1].clone();
                match (values[0].text(), self.answer.clone()) {
                    ("connect", Answer::ConnectError(code, description)) => {
                        let info = status("error", &code, &description);
                        self.send_command(0, &[text("_error"), id, Amf::Null, info]);
                    }
                    ("connect", _) => {
                        self.send(2, 5, 0, 0, &2_500_000u32.to_be_bytes());
                        self.send(2, 6, 0, 0, &[0, 0x26, 0x25, 0xA0, 2]);
                        self.send(2, 1, 0, 0, &4096u32.to_be_bytes());
                        self.send_command(0, &[text("onBWDone"), Amf::Number(0.0), Amf::Null]);
                        let properties =
                            Amf::Members(vec![("fmsVer".to_owned(), text("FMS/3,0,1,123"))]);
                        let info = status(
                            "status",
                            "NetConnection.Connect.Success",
                            "Connection succeeded.",
                        );
                        self.send_command(0, &[text("_result"), id, properties, info]);
                    }
                    ("releaseStream", _) => {
                        self.send_command(0, &[text("_error"), id, Amf::Null, Amf::Null]);
                    }
                    ("FCPublish", _) => {
                        self.send_command(0, &[text("onFCPublish"), Amf::Number(0.0), Amf::Null]);
                    }
                    ("createStream", _) => {
                        self.send_command(0, &[text("_result"), id, Amf::Null, Amf::Number(1.0)]);
                    }
                    ("publish", Answer::PublishError(code, description)) => {
                        self.send_status("error", &code, &description);
                    }
                    ("publish", Answer::CloseAtPublish) => self.wants_close = true,
                    ("publish", _) => {
                        assert_eq!(message.stream_id, 1);
                        self.send(2, 4, 0, 0, &[0, 0, 0, 0, 0, 1]);
                        self.send_status("status", "NetStream.Publish.Start", "Publishing.");
                    }
                    ("deleteStream", _) => self.deleted = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// All values of a message.
pub(crate) fn amf(mut data: &[u8]) -> Vec<Amf> {
    let mut values = Vec::new();
    while !data.is_empty() {
        values.push(one(&mut data));
    }
    values
}

pub(crate) fn text(text: &str) -> Amf {
    Amf::Text(text.to_owned())
}

fn status(level: &str, code: &str, description: &str) -> Amf {
    let members = [
        ("level", level),
        ("code", code),
        ("description", description),
    ];
    Amf::Members(
        members
            .map(|(name, value)| (name.to_owned(), text(value)))
            .to_vec(),
    )
}

fn one(data: &mut &[u8]) -> Amf {
    let kind = take(data, 1)[0];
    match kind {
        0 => Amf::Number(f64::from_be_bytes(take(data, 8).try_into().unwrap())),
        1 => Amf::Boolean(take(data, 1)[0] == 1),
        2 => Amf::Text(name(data)),
        3 | 8 => {
            let count = (kind == 8).then(|| u32::from_be_bytes(take(data, 4).try_into().unwrap()));
            let mut members = Vec::new();
            while !data.starts_with(&[0, 0, 9]) {
                members.push((name(data), one(data)));
            }
            take(data, 3);
            assert!(
                count.is_none_or(|count| count as usize == members.len()),
                "count of an ECMA array"
            );
            Amf::Members(members)
        }
        5 => Amf::Null,
        other => panic!("AMF0 type {other}"),
    }
}

fn name(data: &mut &[u8]) -> String {
    let len = u16::from_be_bytes(take(data, 2).try_into().unwrap());
    String::from_utf8(take(data, len.into()).to_vec()).unwrap()
}

fn take<'a>(data: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (head, rest) = data.split_at(n);
    *data = rest;
    head
}

fn put_amf(value: &Amf, out: &mut Vec<u8>) {
    let put_name = |name: &str, out: &mut Vec<u8>| {
        out.extend((name.len() as u16).to_be_bytes());
        out.extend(name.as_bytes());
    };
    match value {
        Amf::Number(n) => {
            out.push(0);
            out.extend(n.to_be_bytes());
        }
        Amf::Boolean(b) => out.extend([1, u8::from(*b)]),
        Amf::Text(text) => {
            out.push(2);
            put_name(text, out);
        }
        Amf::Members(members) => {
            out.push(3);
            for (name, value) in members {
                put_name(name, out);
                put_amf(value, out);
            }
            out.extend([0, 0, 9]);
        }
        Amf::Null => out.push(5),
    }
}
