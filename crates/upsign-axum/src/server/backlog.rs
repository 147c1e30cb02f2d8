//! Ends a listening socket without losing the connections that the kernel has already accepted.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// How long handshakes in progress may take after [`refuse_new`], before the socket is closed.
pub(super) const SETTLE: Duration = Duration::from_millis(100);

/// How many failed calls of accept(2) end [`drain`]: more than connections fail at one time, and few enough not to spin when
/// every call fails, for example because the process has no file descriptors left.
const MAX_ACCEPT_FAILURES: u32 = 128;

/// Makes the kernel drop the first packet (SYN) of every new connection, and returns whether it does.
///
/// The kernel accepts connections for a listening socket at any time, also between the last `accept` and `close`, which
/// resets them. With the filter no new connection begins, those whose handshake is in progress are completed, and the queue
/// is empty when the socket is closed. A client whose SYN was dropped sends it again after a second, and is refused or reaches
/// another server.
///
/// Where this is not supported, a connection that is opened within microseconds of the end may be reset.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn refuse_new(listener: &TcpListener) -> bool {
    use socket2::{SockFilter, SockRef};
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
pub(super) fn refuse_new(_: &TcpListener) -> bool {
    false
}

/// Accepts every connection in the kernel's queue, and closes the socket.
///
/// It calls the system directly: tokio's listener would answer from what its event loop has noticed so far.
pub(super) fn drain(listener: TcpListener, mut open: impl FnMut(TcpStream, SocketAddr)) {
    let Ok(listener) = listener.into_std() else { return };
    let mut failures = 0;
    while failures < MAX_ACCEPT_FAILURES {
        match listener.accept() {
            Ok((stream, peer)) => {
                if stream.set_nonblocking(true).is_ok()
                    && let Ok(stream) = TcpStream::from_std(stream)
                {
                    open(stream, peer);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            // The next connection in the queue may be intact: accept(2) also returns network errors of the connection that
            // it removes from the queue.
            Err(_) => failures += 1,
        }
    }
}
