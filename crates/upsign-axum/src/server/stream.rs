//! The bytes of a connection, given to hyper one request at a time.

use std::io;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::framing::{Framing, Position};

/// Maximum number of bytes of a body that are held back until the body is complete.
///
/// hyper allocates 24 KiB for a request whose body it waits for. A body of up to this size waits here, in a buffer of its own
/// size. Longer ones are given to hyper as they arrive.
pub(super) const MAX_HELD_BODY: usize = 16 << 10;

/// The answer to `Expect: 100-continue`.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Number of bytes read at once.
const READ: usize = 8 << 10;

/// A connection from which hyper reads the bytes of one request and no byte of the next.
pub(super) struct RequestStream<S> {
    stream: S,
    /// Bytes that were read and not given to hyper: `..passed` belong to the current request, the others follow it.
    buffer: Vec<u8>,
    passed: usize,
    position: Position,
    framing: Framing,
    /// What remains to be sent before the body is awaited.
    interim: &'static [u8],
    closed: bool,
    /// Whether a write or flush of hyper is incomplete.
    writing: bool,
    /// When the head of the current request was complete.
    head_received: Option<Instant>,
    finished: Arc<AtomicBool>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> RequestStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            passed: 0,
            position: Position::START,
            framing: Framing::Unclear,
            interim: &[],
            closed: false,
            writing: false,
            head_received: None,
            finished: Arc::default(),
        }
    }

    /// Returns a flag that is set while hyper has received the whole current request and nothing waits to be written.
    pub(super) fn finished(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.finished)
    }

    pub(super) const fn framing(&self) -> Framing {
        self.framing
    }

    /// Returns whether a byte of the current request has arrived.
    pub(super) const fn has_begun(&self) -> bool {
        self.passed > 0
    }

    /// Returns when the head of the current request was complete.
    pub(super) const fn head_received(&self) -> Option<Instant> {
        self.head_received
    }

    /// Prepares for the next request, whose first bytes may have arrived.
    pub(super) fn start_next(&mut self) {
        self.position = Position::START;
        self.framing = Framing::Unclear;
        self.interim = &[];
        self.head_received = None;
        self.finished.store(false, Ordering::Relaxed);
        // An idle connection has no buffer.
        self.buffer.shrink_to_fit();
        self.pass();
    }

    /// Waits until the request can be given to hyper: until it is complete, or its head is longer than `max_head`, or its
    /// body is not held back. Returns `false` if the client has closed the connection.
    pub(super) fn poll_request(&mut self, max_head: usize, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let ready = match self.position {
                Position::Head(_) | Position::HeadEnd => self.passed >= max_head,
                Position::Length(left) => left > MAX_HELD_BODY as u64,
                Position::Chunk(_) => self.buffer.len() > max_head + MAX_HELD_BODY,
                Position::End | Position::Open | Position::Broken => true,
            };
            while !self.interim.is_empty() {
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, self.interim))?;
                self.interim =
                    self.interim.get(written..).filter(|_| written > 0).ok_or(io::ErrorKind::WriteZero)?;
                if self.interim.is_empty() {
                    ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
                }
            }
            if ready {
                return Poll::Ready(Ok(true));
            }
            if ready!(self.poll_fill(cx))? == 0 {
                // What has arrived of a request is given to hyper, which answers if an answer is due.
                return Poll::Ready(Ok(self.has_begun()));
            }
            self.pass();
        }
    }

    fn pass(&mut self) {
        while let Some(bytes) = self.buffer.get_mut(self.passed..).filter(|bytes| !bytes.is_empty()) {
            self.passed += self.position.advance(bytes);
            if self.position != Position::HeadEnd {
                break;
            }
            let head = self.buffer.get(..self.passed).unwrap_or_default();
            self.framing = Framing::of(head);
            let held = match self.framing {
                Framing::Length(length) => (1..=MAX_HELD_BODY as u64).contains(&length),
                Framing::Chunked => true,
                Framing::Unclear => false,
            };
            if let Some(line) = expectation(head).filter(|_| held && is_http_11(head)) {
                // The body is awaited here, so the server meets the expectation, and hyper must not do it again.
                self.interim = CONTINUE;
                self.passed -= line.len();
                self.buffer.drain(line);
            }
            self.position = self.framing.body();
            self.head_received = Some(Instant::now());
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        let read = read.filled();
        self.closed |= read.is_empty();
        self.buffer.extend_from_slice(read);
        Poll::Ready(Ok(read.len()))
    }

    fn update_finished(&self) {
        let finished = self.position == Position::End && self.passed == 0 && !self.writing;
        self.finished.store(finished, Ordering::Relaxed);
    }
}

/// Returns where the head's line `Expect: 100-continue` is.
fn expectation(head: &[u8]) -> Option<Range<usize>> {
    let mut start = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if name.eq_ignore_ascii_case(b"expect") && value.trim_ascii().eq_ignore_ascii_case(b"100-continue") {
            return Some(start..end);
        }
        start = end;
    }
    None
}

/// Returns whether the request line of a head names HTTP/1.1. Older clients do not know interim answers.
fn is_http_11(head: &[u8]) -> bool {
    let line = head.trim_ascii_start().split(|&byte| byte == b'\r').next().unwrap_or_default();
    line.ends_with(b"HTTP/1.1")
}

impl<S: AsyncRead + AsyncWrite + Unpin> Read for RequestStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.passed > 0 {
                let count = this.passed.min(cursor.remaining());
                cursor.put_slice(this.buffer.get(..count).unwrap_or_default());
                this.buffer.drain(..count);
                this.passed -= count;
                this.update_finished();
                return Poll::Ready(Ok(()));
            }
            match this.position {
                // Reading no bytes means that the stream has ended.
                _ if this.closed => return Poll::Ready(Ok(())),
                Position::Broken => return Poll::Ready(Ok(())),
                // hyper reads on to notice that the client has gone. The next request stays in the buffer, and the task
                // is woken by the answer.
                Position::End if !this.buffer.is_empty() => return Poll::Pending,
                _ => {}
            }
            ready!(this.poll_fill(cx))?;
            this.pass();
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Write for RequestStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.writing = written.is_pending();
        self.update_finished();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.writing = flushed.is_pending();
        self.update_finished();
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.writing = written.is_pending();
        self.update_finished();
        written
    }
}
