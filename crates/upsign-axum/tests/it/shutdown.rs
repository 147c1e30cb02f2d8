//! The shutdown of the server: what it has accepted is answered, also connections whose request is still on its way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use upsign_axum::{Limits, Server};

use crate::server::{GOOD, Running, app, read_response, status};

/// Trials of [`no_accepted_connection_is_lost_without_linger`]; `TEST_SHUTDOWN_TRIALS` overrides it.
const TRIALS: usize = 20;

/// Clients that open a connection for each request, until they are refused. No connection that the kernel has accepted may
/// end without an answer, even if the server stops accepting at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_accepted_connection_is_lost_without_linger() {
    let trials = trials();
    let (answered, lost) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for trial in 0..trials {
        let running =
            Running::start(app(&Limits::default()), |server| server.with_linger(Duration::ZERO)).await;
        let callers: Vec<_> = (0..16)
            .map(|_| tokio::spawn(reconnect(running.address, Arc::clone(&answered), Arc::clone(&lost))))
            .collect();
        sleep(Duration::from_millis(10 + trial as u64 % 7)).await;
        assert_eq!(running.end().await.cut, 0);
        for caller in callers {
            caller.await.unwrap();
        }
    }
    let answered = answered.load(Ordering::SeqCst);
    assert_eq!(lost.load(Ordering::SeqCst), 0, "lost in {trials} trials with {answered} answers");
    assert!(answered > trials * 16, "under load");
}

#[expect(clippy::disallowed_methods, reason = "a developer sets it for a longer run")]
fn trials() -> usize {
    std::env::var("TEST_SHUTDOWN_TRIALS").map_or(TRIALS, |trials| trials.parse().unwrap())
}

async fn reconnect(address: SocketAddr, answered: Arc<AtomicUsize>, lost: Arc<AtomicUsize>) {
    let request = format!("{GOOD}connection: close\r\n\r\n");
    // Once the server accepts no more, the kernel refuses new connections, or drops their first packet.
    while let Ok(Ok(mut stream)) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        let mut answer = Vec::new();
        let sent = stream.write_all(request.as_bytes()).await;
        let read = stream.read_to_end(&mut answer).await;
        let complete = sent.is_ok() && read.is_ok() && answer.starts_with(b"HTTP/1.1 200");
        if complete { &answered } else { &lost }.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn first_request_after_the_shutdown_began_is_answered() {
    let running = Running::start(app(&Limits::default()), |server| server.with_linger(Duration::ZERO)).await;
    let mut fresh = TcpStream::connect(running.address).await.unwrap();
    let mut half = TcpStream::connect(running.address).await.unwrap();
    let request = format!("{GOOD}\r\n");
    let (first, second) = request.split_at(20);
    half.write_all(first.as_bytes()).await.unwrap();
    let mut used = TcpStream::connect(running.address).await.unwrap();
    used.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(status(&read_response(&mut used).await), "200");
    let ended = tokio::spawn(running.end());
    sleep(Duration::from_millis(400)).await;
    fresh.write_all(request.as_bytes()).await.unwrap();
    half.write_all(second.as_bytes()).await.unwrap();
    used.write_all(request.as_bytes()).await.unwrap();
    for (name, mut stream) in [("fresh", fresh), ("half", half), ("used", used)] {
        let answer = read_response(&mut stream).await;
        assert_eq!(status(&answer), "200", "{name}: {answer}");
        assert!(answer.contains("connection: close\r\n"), "{name}: {answer}");
    }
    assert_eq!(ended.await.unwrap().cut, 0);
}

/// A request that is never completed does not keep the server longer than the drain timeout.
#[tokio::test]
async fn half_sent_request_does_not_hold_the_shutdown() {
    let running = Running::start(app(&Limits::default()), |server| {
        server.with_linger(Duration::ZERO).with_drain_timeout(Duration::from_millis(1500))
    })
    .await;
    let mut half = TcpStream::connect(running.address).await.unwrap();
    half.write_all(b"POST /upload-url HTTP/1.1\r\nhost").await.unwrap();
    let idle = TcpStream::connect(running.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(timeout(Duration::from_secs(5), running.end()).await.is_ok());
    drop((half, idle));
}

/// A process manager, or the next process, may hold the same listening socket. It accepts connections after the server has
/// ended, also if the server was dropped in the middle of its shutdown.
#[tokio::test]
async fn shared_socket_accepts_connections_after_the_server_has_ended() {
    for patience in [Duration::from_secs(10), Duration::from_millis(50)] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let shared = TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
        let address = shared.local_addr().unwrap();
        let server = Server::new(TcpListener::from_std(listener).unwrap()).with_linger(Duration::ZERO);
        let ended = timeout(patience, server.serve(app(&Limits::default()), async {})).await;
        assert_eq!(ended.is_ok(), patience > Duration::from_secs(1));
        // A dropped SYN is sent again after a second.
        let connected = timeout(Duration::from_millis(800), TcpStream::connect(address)).await;
        assert!(connected.is_ok_and(|connected| connected.is_ok()), "after {patience:?}");
        let accepted = timeout(Duration::from_secs(5), shared.accept()).await;
        assert!(accepted.is_ok_and(|accepted| accepted.is_ok()), "after {patience:?}");
    }
}
