//! One connected life of an output.

use crate::Headers;
use crate::dial::{Stream, dial};
use crate::failure::Failure;
use crate::output::{Order, Output};
use bytes::{Buf, Bytes, BytesMut};
use rtmp::flv::{self, Rebase};
use rtmp::{Event, HANDSHAKE_RANDOM_LEN, Publisher, Stage, Target};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// A session whose server takes media.
pub(crate) struct Session {
    output: Arc<Output>,
    publisher: Publisher,
    reader: ReadHalf<Box<dyn Stream>>,
    writer: WriteHalf<Box<dyn Stream>>,
    input: BytesMut,
    /// Bytes for the socket, taken from the publisher.
    pending: Bytes,
    /// Whether the stream may hold bytes that a flush would move: TLS keeps records back.
    unflushed: bool,
    rebase: Rebase,
    sent_headers: Option<Arc<Headers>>,
}

/// How many bytes are taken out of the queue at once: enough to fill some TLS records, little enough that what cannot
/// be sent stays in the queue, where it can be dropped.
const TAKE_BYTES: usize = 16 * 1024;
const READ_BYTES: usize = 4096;

impl Session {
    /// Dials and speaks RTMP up to the permission to publish, all within the deadline.
    pub(crate) async fn establish(
        output: Arc<Output>,
        target: &Target,
        random: &[u8; HANDSHAKE_RANDOM_LEN],
        bitrate_bps: Option<u64>,
    ) -> Result<Self, Failure> {
        let deadline = Instant::now() + output.settings.deadline;
        let stream = dial(target, &output.settings.tls, bitrate_bps, deadline).await?;
        let (reader, writer) = split(stream);
        let mut session = Self {
            publisher: Publisher::new(target.clone(), random),
            rebase: Rebase::new(true, output.settings.timestamp_start_ms),
            reader,
            writer,
            input: BytesMut::with_capacity(READ_BYTES),
            pending: Bytes::new(),
            unflushed: false,
            sent_headers: None,
            output,
        };
        while session.publisher.stage() != Stage::Live {
            let step = match session.publisher.stage() {
                Stage::Handshake => "the RTMP handshake",
                Stage::Connect => "connect",
                Stage::CreateStream => "createStream",
                Stage::Publish | Stage::Live | Stage::Closed => "publish",
            };
            timeout_at(deadline, session.converse())
                .await
                .map_err(|_| Failure::TimedOut { step })??;
        }
        Ok(session)
    }

    /// Sends the queue's media until the server ends it, or `order` is called off, which closes in good manners.
    pub(crate) async fn run(
        mut self,
        orders: &mut watch::Receiver<Order>,
        order: &Order,
    ) -> Result<(), Failure> {
        let stall = self.output.settings.stall;
        let mut progress = Instant::now();
        loop {
            let was_idle = !self.must_write();
            self.take_from_queue()?;
            if was_idle {
                progress = Instant::now();
            }
            let must_write = self.must_write();
            tokio::select! {
                read = self.reader.read_buf(&mut self.input) => self.take_input(read)?,
                written = write_some(&mut self.writer, &mut self.pending), if must_write => {
                    self.note_written(written)?;
                    progress = Instant::now();
                }
                () = sleep_until(progress + stall), if must_write => return Err(Failure::Stalled(stall)),
                () = self.output.queue.ready(), if !must_write => {}
                _ = orders.wait_for(|now| !now.upholds(order)) => break,
            }
        }
        self.output.queue.close();
        // What is not out in time is lost, as was asked for: a server that does not take it must not hold up a stop.
        match timeout(self.output.settings.close, self.finish()).await {
            Ok(Err(failure)) => tracing::debug!(%failure, "the session did not end properly"),
            Err(_) => tracing::debug!("the session did not end in time"),
            Ok(Ok(())) => {}
        }
        Ok(())
    }

    /// Sends what is queued, says goodbye, and waits until the server has closed too: closing with unread input would
    /// reset the connection and lose the end of the stream on its way.
    async fn finish(&mut self) -> Result<(), Failure> {
        loop {
            self.take_from_queue()?;
            if !self.must_write() {
                break;
            }
            let written = write_some(&mut self.writer, &mut self.pending).await;
            self.note_written(written)?;
        }
        self.publisher.close();
        self.pending = self.publisher.poll_output().unwrap_or_default();
        while self.pending.has_remaining() {
            let written = write_some(&mut self.writer, &mut self.pending).await;
            self.note_written(written)?;
        }
        let ended = async {
            self.writer.shutdown().await?;
            let mut rest = [0; READ_BYTES];
            while self.reader.read(&mut rest).await? > 0 {}
            Ok(())
        };
        ended
            .await
            .map_err(|error| Failure::from_io(error, Stage::Closed))
    }

    /// One turn before media flows: write everything, read once.
    async fn converse(&mut self) -> Result<(), Failure> {
        self.pending = self.publisher.poll_output().unwrap_or_default();
        while self.must_write() {
            let written = write_some(&mut self.writer, &mut self.pending).await;
            self.note_written(written)?;
        }
        let read = self.reader.read_buf(&mut self.input).await;
        self.take_input(read)
    }

    fn must_write(&self) -> bool {
        self.pending.has_remaining() || self.unflushed
    }

    fn note_written(&mut self, written: io::Result<usize>) -> Result<(), Failure> {
        let count = written.map_err(|error| Failure::from_io(error, self.publisher.stage()))?;
        self.unflushed = count > 0;
        self.output.note_sent_bytes(count as u64);
        Ok(())
    }

    fn take_input(&mut self, read: io::Result<usize>) -> Result<(), Failure> {
        let stage = self.publisher.stage();
        if read.map_err(|error| Failure::from_io(error, stage))? == 0 {
            return Err(Failure::ClosedByServer { stage });
        }
        let result = self.publisher.handle_input(&self.input);
        self.input.clear();
        // What the server said before it broke the rules explains more than that it broke them.
        while let Some(event) = self.publisher.poll_event() {
            match event {
                Event::Connected | Event::Publishing => {}
                Event::Rejected {
                    stage,
                    code,
                    description,
                } => {
                    return Err(Failure::Rejected {
                        stage,
                        code,
                        description,
                    });
                }
                Event::ClosedByPeer => return Err(Failure::ClosedByServer { stage }),
            }
        }
        Ok(result?)
    }

    /// Refills `pending` when it is empty: media, and whatever the publisher has to answer.
    fn take_from_queue(&mut self) -> Result<(), Failure> {
        if self.pending.has_remaining() {
            return Ok(());
        }
        let mut sent = 0;
        while self.publisher.output_len() < TAKE_BYTES {
            let Some(entry) = self.output.queue.pop() else {
                break;
            };
            let Some(timestamp_ms) = self.rebase.timestamp_ms(&entry.packet) else {
                continue;
            };
            if let Some(headers) = entry
                .headers
                .filter(|headers| self.sent_headers.as_ref() != Some(headers))
            {
                self.send_headers(&headers, timestamp_ms)?;
                self.sent_headers = Some(headers);
            }
            let body = flv::body(&entry.packet);
            match entry.packet.track {
                media::Track::Video => self.publisher.send_video(body, timestamp_ms)?,
                media::Track::Audio => self.publisher.send_audio(body, timestamp_ms)?,
            }
            sent += 1;
        }
        self.output.note_sent_packets(sent);
        self.pending = self.publisher.poll_output().unwrap_or_default();
        Ok(())
    }

    fn send_headers(&mut self, headers: &Headers, timestamp_ms: u32) -> Result<(), rtmp::Error> {
        let metadata = flv::metadata(Some(&headers.video), Some(&headers.audio));
        self.publisher.send_metadata(&metadata, timestamp_ms)?;
        let sent = self.sent_headers.as_ref();
        // The sound goes on where only the picture is another.
        if sent.is_none_or(|sent| sent.audio != headers.audio) {
            self.publisher
                .send_audio(flv::aac_sequence_header(&headers.audio), timestamp_ms)?;
        }
        self.publisher
            .send_video(flv::avc_sequence_header(&headers.video), timestamp_ms)
    }
}

/// Writes a part, or flushes when there is nothing left to write and returns 0. Cancelling loses nothing.
async fn write_some(
    writer: &mut WriteHalf<Box<dyn Stream>>,
    pending: &mut Bytes,
) -> io::Result<usize> {
    if !pending.has_remaining() {
        return writer.flush().await.map(|()| 0);
    }
    match writer.write_buf(pending).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        count => Ok(count),
    }
}
