//! Ends a listening socket without losing the connections that the kernel has already accepted.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

/// How long handshakes in progress may take after [`Backlog::refuse_new`], before the socket is closed.
pub(super) const SETTLE: Duration = Duration::from_millis(100);

/// How many failed calls of accept(2) end [`Backlog::accept_all`]: more than connections fail at one time, and few enough
/// not to spin when every call fails, for example because the process has no file descriptors left.
const MAX_ACCEPT_FAILURES: u32 = 128;

/// A listening socket that is about to be closed.
#[derive(Debug)]
pub(super) struct Backlog {
    listener: TcpListener,
    /// Whether the kernel drops the first packets of new connections.
    filtered: bool,
}

impl Backlog {
    /// Makes the kernel drop the first packet (SYN) of every new connection, if it can: see
    /// [`is_filtered`](Self::is_filtered).
    ///
    /// The kernel accepts connections for a listening socket at any time, also between the last `accept` and `close`, which
    /// resets them. With the filter no new connection begins, those whose handshake is in progress are completed, and the
    /// queue is empty when the socket is closed. A client whose SYN was dropped sends it again after a second, and is refused
    /// or reaches another server.
    ///
    /// Where this is not supported, a connection that is opened within microseconds of the end may be reset.
    pub(super) fn refuse_new(listener: TcpListener) -> Self {
        let filtered = attach_filter(&listener);
        Self { listener, filtered }
    }

    /// Returns whether the kernel drops the first packets of new connections.
    pub(super) const fn is_filtered(&self) -> bool {
        self.filtered
    }

    pub(super) const fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// Accepts every connection in the kernel's queue, and closes the socket.
    pub(super) fn drain(mut self, mut open: impl FnMut(TcpStream, SocketAddr)) {
        self.accept_all(&mut open);
        if self.filtered {
            self.detach_filter();
            // The kernel accepts connections again. This leaves them the microseconds until the socket is closed.
            self.accept_all(&mut open);
        }
    }

    /// Accepts every connection in the kernel's queue.
    ///
    /// It calls the system directly: tokio's listener would answer from what its event loop has noticed so far.
    fn accept_all(&self, open: &mut impl FnMut(TcpStream, SocketAddr)) {
        let socket = SockRef::from(&self.listener);
        let mut failures = 0;
        while failures < MAX_ACCEPT_FAILURES {
            match socket.accept() {
                Ok((stream, peer)) => {
                    if stream.set_nonblocking(true).is_ok()
                        && let Ok(stream) = TcpStream::from_std(stream.into())
                        && let Some(peer) = peer.as_socket()
                    {
                        open(stream, peer);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // The next connection in the queue may be intact: accept(2) also returns network errors of the connection
                // that it removes from the queue.
                Err(_) => failures += 1,
            }
        }
    }

    /// Lets connections begin again.
    ///
    /// The filter belongs to the socket, not to the file descriptor. If another process holds the socket too, such as a
    /// process manager that passes it to the next server, closing the descriptor would leave it with a socket that refuses
    /// every connection. Linux does not tell whether a socket is shared, so the filter is always removed.
    fn detach_filter(&mut self) {
        self.filtered = false;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Err(error) = SockRef::from(&self.listener).detach_filter() {
            tracing::warn!(%error, "the listening socket keeps its filter");
        }
    }
}

/// The shutdown may be abandoned while the filter is in place.
impl Drop for Backlog {
    fn drop(&mut self) {
        if self.filtered {
            self.detach_filter();
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn attach_filter(listener: &TcpListener) -> bool {
    use socket2::SockFilter;
    // Classic BPF (linux/filter.h), on data that begins with the TCP header: load the flags at byte 13, keep only SYN and
    // ACK, drop the packet if that leaves SYN alone. Accepted sockets inherit the filter. Their packets have ACK set.
    const LOAD_BYTE: u16 = 0x30; // BPF_LD | BPF_B | BPF_ABS
    const AND: u16 = 0x54; // BPF_ALU | BPF_AND | BPF_K
    const JUMP_IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    let filter = [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    let attached = SockRef::from(listener).attach_filter(&filter);
    if let Err(error) = &attached {
        tracing::debug!(%error, "the listening socket takes no filter");
    }
    attached.is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn attach_filter(_: &TcpListener) -> bool {
    false
}
