//! The server on a real socket: malformed and slow requests, limits, shutdown, request ids and metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use upsign_axum::{
    ClientAddress, Limits, Metrics, Server, ServerReport, TrustedProxies, observe, router_with_limits,
};
use upsign_core::CorsOrigins;

use crate::{api, authentication};

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    end: oneshot::Sender<()>,
    ended: JoinHandle<ServerReport>,
}

impl Running {
    pub(crate) async fn start(app: Router, configure: impl FnOnce(Server) -> Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = configure(Server::new(listener).with_linger(Duration::from_millis(50)));
        let (end, ending) = oneshot::channel();
        let ended = tokio::spawn(server.serve(app, async { drop(ending.await) }));
        Self { address, end, ended }
    }

    pub(crate) async fn end(self) -> ServerReport {
        drop(self.end);
        self.ended.await.unwrap()
    }
}

pub(crate) fn app(limits: &Limits) -> Router {
    router_with_limits(api(), authentication(), limits.clone())
}

pub(crate) const GOOD: &str =
    "POST /upload-url HTTP/1.1\r\nhost: a\r\nauthorization: Bearer good\r\ncontent-length: 0\r\n";

/// Sends bytes and returns everything that comes back until the server closes the connection, even if it does so while the
/// bytes are still being sent.
pub(crate) async fn exchange(address: SocketAddr, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let writing = async { drop(write.write_all(sent).await) };
    drop(tokio::join!(writing, read.read_to_end(&mut answer)).1);
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("closed")
}

pub(crate) fn origins() -> CorsOrigins {
    CorsOrigins::listed(["https://app.example.com".parse().unwrap()])
}

/// Checks that the answer is a problem document that pages of [`origins`] can read.
#[track_caller]
pub(crate) fn assert_problem(answer: &str, code: &str) {
    assert!(answer.contains("content-type: application/problem+json\r\n"), "{answer}");
    assert!(answer.contains("access-control-allow-origin: https://app.example.com\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

async fn assert_still_serving(address: SocketAddr) {
    let answer = exchange(address, format!("{GOOD}connection: close\r\n\r\n").as_bytes()).await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let limits = Limits::default();
    let running = Running::start(app(&limits), |server| server.with_limits(limits.clone())).await;
    let big = format!("{GOOD}x-big: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("{GOOD}{}\r\n", "x-many: 1\r\n".repeat(20_000));
    let long = format!("POST /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(1 << 20));
    let oversized = format!(
        "{}content-length: 1073741824\r\n\r\n{}",
        GOOD.replace("content-length: 0\r\n", ""),
        "x".repeat(1 << 20)
    );
    let chunked = GOOD.replace("content-length: 0", "transfer-encoding: chunked");
    let endless = format!("{chunked}\r\n{}", format!("1000\r\n{}\r\n", " ".repeat(4096)).repeat(200));
    let both = format!("{GOOD}transfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n");
    for (name, sent, expected) in [
        ("1 MB headers", big.as_bytes(), &["431"][..]),
        ("20,000 headers", many.as_bytes(), &["431"]),
        ("1 MB path", long.as_bytes(), &["414", "431"]),
        ("oversized body", oversized.as_bytes(), &["413"]),
        ("endless body", endless.as_bytes(), &["413"]),
        ("bad chunk", format!("{chunked}\r\nzz\r\n").as_bytes(), &["400"]),
        ("length and chunked", both.as_bytes(), &["400"]),
        ("two lengths", format!("{GOOD}content-length: 5\r\n\r\n").as_bytes(), &["400"]),
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", &["400", "closed"]),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &["400", "505", "closed"]),
        ("bad header", b"POST /upload-url HTTP/1.1\r\nhost a\r\n\r\n", &["400"]),
        ("folded header", b"POST /upload-url HTTP/1.1\r\nhost: a\r\n b\r\n\r\n", &["400"]),
        ("NUL", b"POST /upload-url HTTP/1.1\r\nhost: a\0\r\n\r\n", &["400"]),
    ] {
        let answer = exchange(running.address, sent).await;
        assert!(expected.contains(&status(&answer)), "{name}: {}", answer.get(..300).unwrap_or(&answer));
        assert_still_serving(running.address).await;
    }
    assert_eq!(running.end().await.cut, 0);
}

#[tokio::test]
async fn too_large_head_gets_a_problem_document_with_cors() {
    let limits = Limits::default();
    let running =
        Running::start(app(&limits), |server| server.with_limits(limits.clone()).with_cors(origins())).await;
    let request = |bytes: usize| {
        let head = format!("{GOOD}origin: https://app.example.com\r\nconnection: close\r\nx-big: \r\n\r\n");
        head.replace("x-big: ", &format!("x-big: {}", "a".repeat(bytes - head.len())))
    };
    for (bytes, expected) in [(16 << 10, "200"), ((16 << 10) + 1, "431"), (32 << 10, "431")] {
        let answer = exchange(running.address, request(bytes).as_bytes()).await;
        assert_eq!(status(&answer), expected, "{answer}");
        if expected == "431" {
            assert_problem(&answer, "headers-too-large");
        }
    }
    assert_eq!(running.end().await.cut, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_connections_do_not_block_others() {
    const SLOW: usize = 1000;
    let have = rlimit::increase_nofile_limit(8192).unwrap();
    assert!(have > 2500, "too few file descriptors for this test: {have}");
    let limits = Limits::default().with_head_time(Duration::from_secs(2));
    let running = Running::start(app(&limits), |server| server.with_limits(limits.clone())).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(b"POST /upload-url HTTP/1.1\r\nhost: a\r\nx-slow: ").await.unwrap();
        slow.push(stream);
    }
    for _ in 0..50 {
        assert_still_serving(running.address).await;
    }
    // Single bytes do not extend the time limit.
    let closed = slow.into_iter().map(|mut stream| {
        tokio::spawn(async move {
            let (mut read, mut write) = stream.split();
            let mut answer = Vec::new();
            tokio::select! {
                _ = read.read_to_end(&mut answer) => {}
                () = async { loop {
                    sleep(Duration::from_millis(300)).await;
                    drop(write.write_all(b"a").await);
                } } => {}
            }
            answer
        })
    });
    let mut count = 0;
    for closed in closed.collect::<Vec<_>>() {
        let answer = closed.await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(["closed", "408"].contains(&status(&answer)), "{answer}");
        count += 1;
    }
    assert_eq!(count, SLOW);
    assert_still_serving(running.address).await;
    assert_eq!(running.end().await.cut, 0);
}

#[tokio::test]
async fn connection_above_the_limit_gets_503() {
    let metrics = Metrics::new();
    let limits = Limits::default().with_connections(2);
    let running = Running::start(app(&limits), |server| {
        server.with_limits(limits.clone()).with_observer(metrics.clone()).with_cors(origins())
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(format!("{GOOD}\r\n").as_bytes()).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let request = format!("{GOOD}origin: https://app.example.com\r\ncontent-type: a\r\n\r\n");
    let answer = exchange(running.address, request.as_bytes()).await;
    assert_eq!(status(&answer), "503", "{answer}");
    assert_problem(&answer, "overloaded");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    let text = metrics.text();
    assert!(text.contains("upsign_connections_open 2\n"), "{text}");
    assert!(text.contains("upsign_connections_turned_away_total 1\n"), "{text}");
    drop(held);
    while !metrics.text().contains("upsign_connections_open 0\n") {
        sleep(Duration::from_millis(5)).await;
    }
    assert_still_serving(running.address).await;
    running.end().await;
}

/// Some clients keep their connection and some open one for each request. A server that shuts down answers every request
/// that it has received, and every connection that it has accepted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_loses_no_request() {
    const TRIALS: usize = 50;
    let answered = Arc::new(AtomicUsize::new(0));
    for trial in 0..TRIALS {
        let limits = Limits::default();
        let running = Running::start(app(&limits), |server| server).await;
        let shutting_down = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..16)
            .map(|caller| {
                let (over, answered) = (Arc::clone(&shutting_down), Arc::clone(&answered));
                tokio::spawn(load(running.address, caller % 2 == 0, over, answered))
            })
            .collect();
        sleep(Duration::from_millis(10 + trial as u64 % 7)).await;
        shutting_down.store(true, Ordering::SeqCst);
        assert_eq!(running.end().await.cut, 0);
        for caller in callers {
            caller.await.unwrap();
        }
    }
    assert!(answered.load(Ordering::SeqCst) > TRIALS * 16, "under load");
}

/// Sends requests until the server answers with `Connection: close`.
async fn load(address: SocketAddr, keeps: bool, over: Arc<AtomicBool>, answered: Arc<AtomicUsize>) {
    let request = if keeps { format!("{GOOD}\r\n") } else { format!("{GOOD}connection: close\r\n\r\n") };
    while !over.load(Ordering::SeqCst) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        loop {
            stream.write_all(request.as_bytes()).await.unwrap();
            let answer = read_response(&mut stream).await;
            assert_eq!(status(&answer), "200", "{answer}");
            assert!(answer.ends_with('}'), "{answer}");
            answered.fetch_add(1, Ordering::SeqCst);
            if answer.contains("connection: close\r\n") {
                break;
            }
        }
    }
}

pub(crate) async fn read_response(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "lost after {} bytes", answer.len());
        answer.extend_from_slice(&bytes[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return text;
            }
        }
    }
}

#[tokio::test]
async fn requests_have_an_id_an_address_and_metrics() {
    let metrics = Metrics::new();
    let app = app(&Limits::default())
        .route("/address", get(|ClientAddress(address)| async move { address.to_string() }));
    let trusted = TrustedProxies::new(["127.0.0.0/8".parse().unwrap()]);
    let app = observe(app, trusted, metrics.clone());
    let running = Running::start(app, |server| server.with_observer(metrics.clone())).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("http://{}", running.address);
    let answer = client
        .get(format!("{base}/address"))
        .header("x-forwarded-for", "198.51.100.7")
        .header("x-request-id", "edge-1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], "edge-1");
    assert_eq!(answer.text().await.unwrap(), "198.51.100.7");
    let answer =
        client.get(format!("{base}/nothing")).header("x-request-id", "not an id").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-request-id"].len()), (404, 32));
    // The problem document has the same id, and not the one that the client sent.
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(problem["diagnose"]["requestId"], id.as_str());
    assert_eq!(problem["diagnose"]["cause"], "gateway-not-found");
    drop(client);
    running.end().await;
    let text = metrics.text();
    for line in [
        "upsign_http_requests_total{status=\"200\"} 1\n",
        "upsign_http_requests_total{status=\"404\"} 1\n",
        "upsign_http_requests_in_flight 0\n",
        "upsign_connections_open 0\n",
        "upsign_http_request_seconds_count 2\n",
        "# EOF\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
