//! Request heads on a real socket: `Host`, line endings, pipelining and the end of a body.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use upsign_axum::Limits;

use crate::server::{GOOD, Running, app, assert_problem, exchange, origins, read_response, status};

/// Runs a server that also answers `POST /count` with the length of the body.
async fn running() -> Running {
    let count = |body: Bytes| async move { body.len().to_string() };
    let count = post(count).layer(DefaultBodyLimit::disable());
    let app = app(&Limits::default()).route("/count", count);
    Running::start(app, |server| server.with_cors(origins())).await
}

/// Returns a head for `POST /count` with these header lines.
fn count(headers: &str) -> String {
    format!("POST /count HTTP/1.1\r\nhost: a\r\n{headers}\r\n")
}

/// RFC 9112, section 3.2.
#[tokio::test]
async fn missing_repeated_or_invalid_host_is_400() {
    let running = running().await;
    let rest = "origin: https://app.example.com\r\nauthorization: Bearer good\r\ncontent-length: 0\r\n\
                connection: close\r\n\r\n";
    for (version, hosts, expected) in [
        ("1.1", "", "400"),
        ("1.1", "host: a\r\nhost: a\r\n", "400"),
        ("1.1", "host: a\r\nHost: b\r\n", "400"),
        ("1.1", "host: a, b\r\n", "400"),
        ("1.1", "host: user@a\r\n", "400"),
        ("1.1", "host: a/b\r\n", "400"),
        ("1.1", "host: a:99999\r\n", "400"),
        ("1.1", "host: a\r\n", "200"),
        ("1.1", "host: a.example:8080\r\n", "200"),
        ("1.1", "host: [::1]:8080\r\n", "200"),
        ("1.0", "", "200"),
        ("1.0", "host: a\r\nhost: a\r\n", "400"),
    ] {
        let request = format!("POST /upload-url HTTP/{version}\r\n{hosts}{rest}");
        let answer = exchange(running.address, request.as_bytes()).await;
        assert_eq!(status(&answer), expected, "HTTP/{version} {hosts:?}: {answer}");
        if expected == "400" {
            assert_problem(&answer, "request-malformed");
        }
    }
    assert_eq!(running.end().await.cut, 0);
}

/// RFC 9112, section 2.2 allows a server to accept a bare LF. Proxies disagree about it, which is how requests are smuggled.
#[tokio::test]
async fn bare_lf_in_a_head_is_400() {
    let running = running().await;
    let good = format!("{GOOD}connection: close\r\n\r\n");
    let ends: Vec<usize> = good.match_indices("\r\n").map(|(at, _)| at).collect();
    for end in ends {
        let mut request = good.clone();
        request.remove(end);
        let answer = exchange(running.address, request.as_bytes()).await;
        assert_eq!(status(&answer), "400", "{request:?}: {answer}");
    }
    for request in [good.replace("\r\n", "\n"), format!("\n{good}"), good.replace("host: a", "host: a\rb")] {
        let answer = exchange(running.address, request.as_bytes()).await;
        assert_eq!(status(&answer), "400", "{request:?}: {answer}");
    }
    // Also after another request on the same connection, in the same packet.
    let second = format!("{GOOD}\r\n{}", good.replace("host: a\r\n", "host: a\n"));
    let answer = exchange(running.address, second.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 2, "{answer}");
    assert!(answer.contains("HTTP/1.1 400"), "{answer}");
    // A bare LF in a body is data.
    let request = count("content-length: 3\r\nconnection: close\r\n") + "\n\n\n";
    assert!(exchange(running.address, request.as_bytes()).await.ends_with("\r\n\r\n3"));
    assert_eq!(running.end().await.cut, 0);
}

/// RFC 9112, section 6.3: a proxy in front may find another end of such a request, and take its rest for the next one.
#[tokio::test]
async fn unclear_end_of_a_body_is_400_and_closes_the_connection() {
    let running = running().await;
    let smuggled = format!("{GOOD}\r\n");
    for (framing, body) in [
        ("content-length: 5\r\ntransfer-encoding: chunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked\r\ncontent-length: 5", "0\r\n\r\n"),
        ("content-length: 0\r\ntransfer-encoding: chunked", "0\r\n\r\n"),
        ("content-length: 3\r\ncontent-length: 5", "abc"),
        ("content-length: 3\r\ncontent-length: 3", "abc"),
        ("content-length: 3, 3", "abc"),
        ("content-length: +3", "abc"),
        ("content-length: 0x3", "abc"),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked\r\ntransfer-encoding: identity", "0\r\n\r\n"),
        ("transfer-encoding: identity\r\ntransfer-encoding: chunked", "0\r\n\r\n"),
        ("transfer-encoding: gzip, chunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked, chunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked;q=1", "0\r\n\r\n"),
        ("transfer-encoding: gzip", "abc"),
        ("transfer-encoding: identity", "abc"),
        ("transfer-encoding:", "0\r\n\r\n"),
    ] {
        for host in ["host: a\r\n", "origin: https://app.example.com\r\nhost: a\r\n"] {
            let head = format!("POST /count HTTP/1.1\r\n{host}{framing}\r\n\r\n");
            let answers = exchange(running.address, format!("{head}{body}{smuggled}").as_bytes()).await;
            assert_eq!(status(&answers), "400", "{framing:?}: {answers}");
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{framing:?}: {answers}");
        }
    }
    let head =
        count("origin: https://app.example.com\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n");
    assert_problem(&exchange(running.address, (head + "0\r\n\r\n").as_bytes()).await, "request-malformed");
    assert_eq!(running.end().await.cut, 0);
}

/// Every split of two requests into two packets, with each kind of body, gives two answers.
#[tokio::test]
async fn pipelined_requests_are_answered_however_they_are_split() {
    let running = running().await;
    let length = count("content-length: 3\r\n") + "a\nb";
    let chunked =
        count("transfer-encoding: chunked\r\n") + "2;a=b\r\na\n\r\n1\r\nb\r\n0\r\nx-trailer: 1\r\n\r\n";
    let last = format!("{GOOD}connection: close\r\n\r\n");
    for first in [format!("{GOOD}\r\n"), format!("\r\n{GOOD}\r\n"), length, chunked] {
        let both = format!("{first}{last}");
        for at in 1..both.len() {
            let (start, end) = both.split_at(at);
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
            stream.write_all(end.as_bytes()).await.unwrap();
            let mut answers = String::new();
            stream.read_to_string(&mut answers).await.unwrap();
            assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{first:?} split at {at}: {answers}");
        }
    }
    assert_eq!(running.end().await.cut, 0);
}

/// A client that waits for `100 Continue` before it sends the body.
#[tokio::test]
async fn expect_continue_is_answered_before_the_body() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let large = "x".repeat(100_000);
    for (framing, body) in [
        ("content-length: 2", "{}"),
        ("content-length: 100000", large.as_str()),
        ("transfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"),
    ] {
        let head = count(&format!("Expect: 100-continue\r\n{framing}\r\n"));
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n", "{framing}");
        stream.write_all(body.as_bytes()).await.unwrap();
        let answer = read_response(&mut stream).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && !answer.contains("100 Continue"),
            "{framing}: {answer}"
        );
    }
    drop(stream);
    assert_eq!(running.end().await.cut, 0);
}

/// A body longer than what the server holds back reaches the application as it arrives.
#[tokio::test]
async fn large_body_is_streamed_to_the_application() {
    let running = running().await;
    let body = vec![b'a'; 3 << 20];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/count", running.address);
    for _ in 0..2 {
        let answer = client.post(&url).body(body.clone()).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), body.len().to_string());
        let chunks =
            futures_util::stream::iter((0..300).map(|_| Ok::<_, std::io::Error>(vec![b'b'; 10_000])));
        let answer = client.post(&url).body(reqwest::Body::wrap_stream(chunks)).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "3000000");
    }
    drop(client);
    assert_eq!(running.end().await.cut, 0);
}

/// The time for a head runs from its first byte, not from the end of the request before it.
#[tokio::test]
async fn idle_time_does_not_count_for_the_next_head() {
    let limits = Limits::default().with_head_time(Duration::from_secs(2));
    let running = Running::start(app(&limits), |server| server.with_limits(limits.clone())).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = format!("{GOOD}\r\n");
    for _ in 0..2 {
        sleep(Duration::from_millis(1300)).await;
        let (first, second) = request.split_at(20);
        stream.write_all(first.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(1300)).await;
        stream.write_all(second.as_bytes()).await.unwrap();
        assert_eq!(status(&read_response(&mut stream).await), "200");
    }
    drop(stream);
    assert_eq!(running.end().await.cut, 0);
}

/// A client cannot know how old its connection is for the server, and may be sending when the time is over.
#[tokio::test]
async fn old_connection_ends_with_an_answer() {
    let mut limits = Limits::default();
    limits.connection_time = Duration::from_millis(300);
    let running = Running::start(app(&limits), |server| server.with_limits(limits)).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = format!("{GOOD}\r\n");
    for (pause, closes) in [(0, false), (600, true)] {
        sleep(Duration::from_millis(pause)).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_response(&mut stream).await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert_eq!(answer.contains("\r\nconnection: close\r\n"), closes, "{answer}");
    }
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(running.end().await.cut, 0);
}

/// Trials of [`refusal_reaches_a_client_that_sends_a_large_body_first`] for each request.
const TRIALS: usize = 20;

/// A simple client reads the answer only after it has sent everything. If the server closed the connection with unread bytes,
/// the kernel would reset it, and the client would lose the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusal_reaches_a_client_that_sends_a_large_body_first() {
    let running = running().await;
    let body = vec![b'a'; 4 << 20];
    let length = format!("content-length: {}\r\n", body.len());
    let head = |headers: &str| format!("POST /upload-url HTTP/1.1\r\n{headers}{length}\r\n");
    for (name, head, expected) in [
        ("no host", head(""), "400"),
        ("malformed head", head("host: a\r\nno field\r\n"), "400"),
        ("bare LF", head("host: a\n"), "400"),
        ("unclear end", head("host: a\r\ntransfer-encoding: chunked\r\n"), "400"),
        ("large head", head(&format!("host: a\r\nx: {}\r\n", "a".repeat(20_000))), "431"),
        ("very large head", head(&format!("host: a\r\nx: {}\r\n", "a".repeat(1 << 20))), "431"),
        ("large body", head("host: a\r\nauthorization: Bearer good\r\n"), "413"),
    ] {
        for trial in 0..TRIALS {
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            let mut answer = Vec::new();
            let exchanged = async {
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&body).await?;
                stream.read_to_end(&mut answer).await
            };
            let exchanged = exchanged.await;
            let answer = String::from_utf8_lossy(&answer);
            assert!(exchanged.is_ok(), "{name}, trial {trial}: {exchanged:?} after {answer:?}");
            assert_eq!(status(&answer), expected, "{name}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: {answer}");
        }
    }
    assert_eq!(running.end().await.cut, 0);
}

/// A client that reads while it sends, as browsers do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusal_reaches_a_client_that_reads_while_it_sends() {
    let running = running().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/upload-url", running.address);
    for trial in 0..TRIALS {
        for size in [1 << 20, 8 << 20] {
            let head = client.post(&url).header("x-big", "a".repeat(size)).send().await;
            assert!(head.as_ref().is_ok_and(|answer| answer.status() == 431), "trial {trial}: {head:?}");
            let body = client.post(&url).body(vec![b' '; size]).send().await;
            assert!(body.as_ref().is_ok_and(|answer| answer.status() == 413), "trial {trial}: {body:?}");
        }
    }
    drop(client);
    assert_eq!(running.end().await.cut, 0);
}

/// What is read after a refusal is limited, so that a client that sends on does not hold the server.
#[tokio::test]
async fn client_that_sends_on_after_a_refusal_is_cut_off() {
    let running = running().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    let head = b"POST /upload-url HTTP/1.1\r\ncontent-length: 1000000000\r\n\r\n";
    idle.write_all(head).await.unwrap();
    let mut answer = String::new();
    idle.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), "400", "{answer}");
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    busy.write_all(head).await.unwrap();
    let sending = async { while busy.write_all(&[b'a'; 64 << 10]).await.is_ok() {} };
    assert!(timeout(Duration::from_secs(8), sending).await.is_ok());
    // The idle client stays connected, which does not hold the shutdown either.
    assert!(timeout(Duration::from_secs(8), running.end()).await.is_ok());
    drop(idle);
}
