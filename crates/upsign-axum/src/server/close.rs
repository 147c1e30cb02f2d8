//! Ends a connection without losing the answer to a client that is still sending.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::ready;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// Number of bytes read at once.
const READ: usize = 8 << 10;

/// Ends the connection for writing, and reads what the client still sends, until it closes the connection too or has sent
/// `max_bytes`.
///
/// If a socket with unread data is closed, or data arrives for a closed one, the kernel resets the connection, and the
/// client may lose an answer that it has not read yet (RFC 9112, section 9.6). The caller limits the time.
pub(super) async fn close_reading<S>(mut stream: S, max_bytes: usize) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.shutdown().await?;
    let mut left = max_bytes;
    while left > 0 {
        let read = poll_fn(|cx| {
            // Not part of the future: a connection that only waits for its end does not need it.
            let mut bytes = [const { MaybeUninit::uninit() }; READ];
            let mut read = ReadBuf::uninit(&mut bytes);
            ready!(Pin::new(&mut stream).poll_read(cx, &mut read))?;
            io::Result::Ok(read.filled().len()).into()
        });
        match read.await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}
