//! A load: so many connections, each with one request under way at any time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What to send, to whom, for how long.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is filled in by the measurements")]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// The bytes of a request.
    pub request: String,
    /// A right answer holds this.
    pub holds: &'static str,
    /// Connections.
    pub connections: usize,
    /// How long.
    pub time: Duration,
}

/// What came back.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Told {
    /// Right answers.
    pub right: usize,
    /// Wrong answers, and connections that broke.
    pub wrong: usize,
    /// Right answers a second.
    pub rate: f64,
    /// Milliseconds that half of the answers, and 99 of 100, took at most.
    pub half: f64,
    /// See `half`.
    pub most: f64,
}

/// Sends it.
pub async fn load(load: &Load) -> Told {
    let began = Instant::now();
    let until = began + load.time;
    let callers: Vec<_> = (0..load.connections).map(|_| tokio::spawn(ask(load.clone(), until))).collect();
    let (mut took, mut wrong) = (Vec::new(), 0);
    for caller in callers {
        match caller.await {
            Ok((times, failed)) => {
                took.extend(times);
                wrong += failed;
            }
            Err(_) => wrong += 1,
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| {
        let place = (took.len() as f64 * share) as usize;
        took.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    };
    Told { right: took.len(), wrong, rate: took.len() as f64 / seconds, half: at(0.5), most: at(0.99) }
}

async fn ask(load: Load, until: Instant) -> (Vec<Duration>, usize) {
    let (mut took, mut wrong) = (Vec::new(), 0);
    let Ok(mut stream) = TcpStream::connect(load.address).await else { return (took, 1) };
    drop(stream.set_nodelay(true));
    let mut buffer = Vec::with_capacity(16 << 10);
    while Instant::now() < until {
        let began = Instant::now();
        if stream.write_all(load.request.as_bytes()).await.is_err() {
            return (took, wrong + 1);
        }
        match answer(&mut stream, &mut buffer).await {
            Some(text) if text.starts_with("HTTP/1.1 200") && text.contains(load.holds) => {
                took.push(began.elapsed());
            }
            Some(_) => wrong += 1,
            None => return (took, wrong + 1),
        }
    }
    (took, wrong)
}

/// One answer with a `Content-Length`.
async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Option<&'a str> {
    buffer.clear();
    let mut needed = None;
    while needed.is_none_or(|needed| buffer.len() < needed) {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        if needed.is_none() {
            let text = std::str::from_utf8(buffer).ok()?;
            needed = text.split_once("\r\n\r\n").and_then(|(head, _)| {
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
                })?;
                Some(head.len() + 4 + length)
            });
        }
    }
    std::str::from_utf8(buffer).ok()
}
