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

/// The buffer grows in steps of this size, so that a waiting request takes hardly more memory than it has bytes. A `Vec` would
/// double its capacity.
const GROWTH: usize = 1 << 10;

/// A connection from which hyper reads the bytes of one request and no byte of the next.
pub(super) struct RequestStream<S> {
    stream: S,
    /// Bytes that were read and not given to hyper: `..passed` belong to the current request, the others follow it.
    buffer: Vec<u8>,
    passed: usize,
    position: Position,
    framing: Framing,
    interim: Interim,
    closed: bool,
    /// Whether a write or flush of hyper is incomplete.
    writing: bool,
    /// When the first byte of the current request arrived.
    begun: Option<Instant>,
    /// When the head of the current request was complete.
    head_received: Option<Instant>,
    /// Size of the head of the current request, once it is complete.
    head_len: usize,
    finished: Arc<AtomicBool>,
}

/// The answer that is sent before the body is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interim {
    /// None is due, or it has been sent.
    Done,
    /// These bytes remain to be written.
    Write(&'static [u8]),
    /// It is written, but a layer below, such as TLS, may still hold it back.
    Flush,
}

impl<S: AsyncRead + AsyncWrite + Unpin> RequestStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            passed: 0,
            position: Position::START,
            framing: Framing::Unclear,
            interim: Interim::Done,
            closed: false,
            writing: false,
            begun: None,
            head_received: None,
            head_len: 0,
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

    /// Returns when the first byte of the current request arrived.
    pub(super) const fn begun(&self) -> Option<Instant> {
        self.begun
    }

    /// Returns when the head of the current request was complete.
    pub(super) const fn head_received(&self) -> Option<Instant> {
        self.head_received
    }

    /// Returns whether the current request can be answered although it is incomplete: its head has arrived, and no interim
    /// answer is half written.
    pub(super) fn is_answerable(&self) -> bool {
        self.head_received.is_some() && self.interim == Interim::Done
    }

    /// Ends the connection after the last answer. TLS sends `close_notify`, by which the client can tell that nothing was cut
    /// off.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// Returns whether the client may still be sending: the current request is incomplete, or another one follows it.
    pub(super) fn may_receive_more(&self) -> bool {
        !self.closed && (self.position != Position::End || self.buffer.len() > self.passed)
    }

    /// Returns the connection, without the bytes that were read and not given to hyper.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Prepares for the next request, whose first bytes may have arrived.
    pub(super) fn start_next(&mut self) {
        self.position = Position::START;
        self.framing = Framing::Unclear;
        self.interim = Interim::Done;
        (self.begun, self.head_received, self.head_len) = (None, None, 0);
        self.finished.store(false, Ordering::Relaxed);
        // An idle connection has no buffer.
        self.buffer.shrink_to_fit();
        self.pass();
    }

    /// Waits until the request can be given to hyper: until it is complete, or its head is longer than `max_head`, or its
    /// body is not held back. Returns `false` if the client has closed the connection.
    ///
    /// The body is also not held back if the head has more than `head_limit` bytes: the answer does not depend on the body.
    pub(super) fn poll_request(
        &mut self,
        head_limit: usize,
        max_head: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        loop {
            let ready = match self.position {
                Position::Head(_) | Position::HeadEnd => self.passed >= max_head,
                Position::Length(_) | Position::Chunk(_) if self.head_len > head_limit => true,
                Position::Length(left) => left > MAX_HELD_BODY as u64,
                Position::Chunk(_) => self.buffer.len() > self.head_len + MAX_HELD_BODY,
                Position::End | Position::Open | Position::Broken => true,
            };
            ready!(self.poll_interim(cx))?;
            if ready {
                return Poll::Ready(Ok(true));
            }
            if ready!(self.poll_fill(cx))? == 0 {
                // What has arrived of a request is given to hyper, which answers if an answer is due.
                return Poll::Ready(Ok(self.begun.is_some()));
            }
            self.pass();
        }
    }

    /// Sends the interim answer. The client waits for it, so the body is read only after the last byte has left.
    fn poll_interim(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Interim::Write(rest) = self.interim {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            let rest = rest.get(written..).filter(|_| written > 0).ok_or(io::ErrorKind::WriteZero)?;
            self.interim = if rest.is_empty() { Interim::Flush } else { Interim::Write(rest) };
        }
        if self.interim == Interim::Flush {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.interim = Interim::Done;
        }
        Poll::Ready(Ok(()))
    }

    fn pass(&mut self) {
        while let Some(bytes) = self.buffer.get_mut(self.passed..).filter(|bytes| !bytes.is_empty()) {
            self.begun.get_or_insert_with(Instant::now);
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
                self.interim = Interim::Write(CONTINUE);
                self.passed -= line.len();
                self.buffer.drain(line);
            }
            self.position = self.framing.body();
            self.head_len = self.passed;
            self.head_received = Some(Instant::now());
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        let read = read.filled();
        self.closed |= read.is_empty();
        let free = self.buffer.capacity() - self.buffer.len();
        if free < read.len() {
            self.buffer.reserve_exact(read.len().next_multiple_of(GROWTH));
        }
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const LIMIT: usize = 16 << 10;
    const MAX_HEAD: usize = 2 * LIMIT;

    async fn request<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut RequestStream<S>) -> io::Result<bool> {
        poll_fn(|cx| stream.poll_request(LIMIT, MAX_HEAD, cx)).await
    }

    /// Holds written bytes back until its flush, which is pending the first time, as TLS does when the socket is full.
    struct HoldsBack {
        inner: DuplexStream,
        held: Vec<u8>,
        flushes: u32,
    }

    impl AsyncRead for HoldsBack {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for HoldsBack {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.held.extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            if self.flushes == 1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let held = std::mem::take(&mut self.held);
            if !held.is_empty() {
                let Poll::Ready(written) = Pin::new(&mut self.inner).poll_write(cx, &held)? else {
                    return Poll::Pending;
                };
                assert_eq!(written, held.len());
            }
            Pin::new(&mut self.inner).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_shutdown(cx)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn interim_answer_is_flushed_until_it_has_left() {
        let (mut client, inner) = duplex(1 << 10);
        let mut stream = RequestStream::new(HoldsBack { inner, held: Vec::new(), flushes: 0 });
        client
            .write_all(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
            .await
            .unwrap();
        let body = async {
            let mut interim = [0; CONTINUE.len()];
            client.read_exact(&mut interim).await.unwrap();
            assert_eq!(interim, *CONTINUE);
            client.write_all(b"{}").await.unwrap();
        };
        let both = async { tokio::join!(request(&mut stream), body).0 };
        let arrived = tokio::time::timeout(std::time::Duration::from_secs(5), both).await;
        assert!(arrived.expect("the interim answer never leaves").unwrap());
    }

    /// Returns the capacity of the buffer after these bytes have arrived in parts of `part` bytes, without a complete request.
    async fn capacity_after(sent: &[u8], part: usize) -> usize {
        let (mut client, server) = duplex(64 << 10);
        let mut stream = RequestStream::new(server);
        for part in sent.chunks(part) {
            client.write_all(part).await.unwrap();
            let waiting =
                tokio::time::timeout(std::time::Duration::from_millis(1), request(&mut stream)).await;
            assert!(waiting.is_err(), "the request is incomplete");
        }
        assert_eq!(stream.buffer.len(), sent.len());
        stream.buffer.capacity()
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_request_takes_hardly_more_memory_than_it_has_bytes() {
        let head = |line: &str, bytes: usize| {
            let head = format!("POST / HTTP/1.1\r\n{line}\r\nx: ");
            head.clone() + &"a".repeat(bytes - head.len() - 4)
        };
        let half_head = head("host: a", MAX_HEAD);
        let half_body = head("content-length: 16384", LIMIT) + "\r\n\r\n" + &" ".repeat(MAX_HELD_BODY - 1);
        let half_chunked =
            head("transfer-encoding: chunked", LIMIT) + "\r\n\r\n" + &"1\r\n \r\n".repeat(2_700);
        for sent in [half_head, half_body, half_chunked] {
            for part in [sent.len(), 5_000, 100, 7] {
                let capacity = capacity_after(sent.as_bytes(), part).await;
                assert!(capacity <= sent.len() + GROWTH, "{capacity} for {} bytes", sent.len());
                assert!(capacity <= LIMIT + MAX_HELD_BODY + READ, "{capacity}");
            }
        }
    }

    #[tokio::test]
    async fn body_after_a_head_above_the_limit_is_not_held_back() {
        for framing in ["content-length: 10", "transfer-encoding: chunked"] {
            let (mut client, server) = duplex(64 << 10);
            let mut stream = RequestStream::new(server);
            let head = format!("POST / HTTP/1.1\r\n{framing}\r\nx: {}\r\n\r\n", "a".repeat(LIMIT));
            client.write_all(head.as_bytes()).await.unwrap();
            assert!(request(&mut stream).await.unwrap());
        }
    }
}
