//! A load generator: a fixed number of connections, each with one request in flight at any time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::statistics::{milliseconds, quantile};

/// The load on one server.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the measurements construct it")]
pub struct Load {
    /// The address of the server.
    pub address: SocketAddr,
    /// The bytes of one request.
    pub request: String,
    /// The text that a correct response contains.
    pub expected_text: &'static str,
    /// The number of connections.
    pub connections: usize,
    /// The length of the measurement.
    pub duration: Duration,
}

/// The result of a load.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LoadReport {
    /// The number of correct responses.
    pub correct: usize,
    /// The number of incorrect responses and broken connections.
    pub failed: usize,
    /// Correct responses per second.
    pub rate: f64,
    /// Median latency in milliseconds.
    pub p50: f64,
    /// The latency in milliseconds below which 99 of 100 responses arrive.
    pub p99: f64,
}

/// Sends the requests of `load` for its duration and returns the measurements.
pub async fn run_load(load: &Load) -> LoadReport {
    let start = Instant::now();
    let end = start + load.duration;
    let connections: Vec<_> =
        (0..load.connections).map(|_| tokio::spawn(run_connection(load.clone(), end))).collect();
    let (mut latencies, mut failed) = (Vec::new(), 0);
    for connection in connections {
        match connection.await {
            Ok((connection_latencies, connection_failures)) => {
                latencies.extend(connection_latencies);
                failed += connection_failures;
            }
            Err(_) => failed += 1,
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |share| milliseconds(quantile(&latencies, share));
    let (correct, rate) = (latencies.len(), latencies.len() as f64 / seconds);
    LoadReport { correct, failed, rate, p50: at(0.5), p99: at(0.99) }
}

/// Sends requests on one connection until `end`. Returns the latencies of the correct responses and the number of others.
async fn run_connection(load: Load, end: Instant) -> (Vec<Duration>, usize) {
    let (mut latencies, mut failed) = (Vec::new(), 0);
    let Ok(mut stream) = TcpStream::connect(load.address).await else { return (latencies, 1) };
    drop(stream.set_nodelay(true));
    let mut buffer = Vec::with_capacity(16 << 10);
    while Instant::now() < end {
        let start = Instant::now();
        if stream.write_all(load.request.as_bytes()).await.is_err() {
            return (latencies, failed + 1);
        }
        match read_response(&mut stream, &mut buffer).await {
            Some(text) if text.starts_with("HTTP/1.1 200") && text.contains(load.expected_text) => {
                latencies.push(start.elapsed());
            }
            Some(_) => failed += 1,
            None => return (latencies, failed + 1),
        }
    }
    (latencies, failed)
}

/// Reads one response that has a `Content-Length`. Returns `None` if the server closes the connection before the end of the
/// response, or if the response is not UTF-8.
pub(crate) async fn read_response<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Option<&'a str> {
    buffer.clear();
    let mut complete_len = None;
    while complete_len.is_none_or(|len| buffer.len() < len) {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        if complete_len.is_none() {
            let text = std::str::from_utf8(buffer).ok()?;
            complete_len = text.split_once("\r\n\r\n").and_then(|(head, _)| {
                let body_len = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
                })?;
                Some(head.len() + 4 + body_len)
            });
        }
    }
    std::str::from_utf8(buffer).ok()
}
