//! A server that answers each request with the next line of a script, and a client for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upsign_core::{Addressing, Credentials, ObjectKey, Target, Timestamp, UploadId, WithCredentials};
use upsign_objects::{HttpObjects, TimeLimits};
use upsign_sigv4::SigV4;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends these bytes and closes the connection.
    Send(Vec<u8>),
    /// Sends these bytes and waits for the next request on the same connection.
    Keep(Vec<u8>),
    /// Closes the connection without an answer.
    Close,
    /// Never answers.
    Hang,
    /// Sends a head, and then body bytes until the client closes the connection.
    Endless(String),
}

/// A server that runs a script. Further requests get the last step again.
pub(crate) struct Script {
    pub(crate) target: Target,
    requests: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
}

/// A request as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Method and target of the request line.
    pub(crate) line: String,
    /// Name in lower case and value of each header.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.line.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns the request line without the parameters of the signature.
    pub(crate) fn plain_line(&self) -> String {
        let (path, query) = self.line.split_once('?').unwrap();
        let own: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("X-Amz-")).collect();
        [path, own.join("&").as_str()].join("?").trim_end_matches('?').to_owned()
    }
}

impl Script {
    pub(crate) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: Vec<Step> = steps.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (received, accepted) = (Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::Relaxed);
                let (steps, received) = (steps.clone(), Arc::clone(&received));
                tokio::spawn(async move { serve(stream, &steps, &received).await });
            }
        });
        Self { target: target(port), requests, connections }
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the number of connections that clients opened.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Returns the calls to this server, with short time limits.
    pub(crate) fn calls(&self) -> HttpObjects<WithCredentials<SigV4, Credentials>> {
        HttpObjects::new(self.target.clone(), presigner()).with_time_limits(short_limits())
    }
}

async fn serve(mut stream: TcpStream, steps: &[Step], received: &Mutex<Vec<Received>>) {
    loop {
        let Some(request) = read_request(&mut stream).await else { return };
        let number = {
            let mut received = received.lock().unwrap();
            received.push(request);
            received.len()
        };
        match steps.get(number - 1).or(steps.last()).unwrap() {
            Step::Keep(answer) => stream.write_all(answer).await.unwrap(),
            last => return answer_and_close(stream, last).await,
        }
    }
}

async fn answer_and_close(mut stream: TcpStream, step: &Step) {
    match step {
        Step::Send(answer) => {
            // The client closes the connection early if it refuses the answer.
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
        Step::Keep(_) | Step::Close => {}
        Step::Hang => tokio::time::sleep(Duration::from_secs(600)).await,
        Step::Endless(head) => {
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes.get(..head)?.to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut request = Received { line, headers, body: String::new() };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    request.body = String::from_utf8(bytes.get(head + 4..)?.to_vec()).unwrap();
    Some(request)
}

/// Returns an answer with these headers, one a line, and the length of the body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Step {
    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for header in headers.lines() {
        head.push_str(header.trim());
        head.push_str("\r\n");
    }
    Step::Send(format!("{head}connection: close\r\n\r\n{body}").into_bytes())
}

/// Returns an error answer of S3.
pub(crate) fn error(status: u16, code: &str) -> Step {
    answer(status, "", &error_body(code))
}

pub(crate) fn error_body(code: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{code}</Code><Message>m</Message><RequestId>R1</RequestId><HostId>H1=</HostId></Error>"#
    )
}

pub(crate) const COMPLETED: &str =
    "<CompleteMultipartUploadResult><ETag>&quot;abc-1&quot;</ETag></CompleteMultipartUploadResult>";
pub(crate) const COPIED: &str = "<CopyObjectResult><ETag>\"abc\"</ETag></CopyObjectResult>";

pub(crate) fn target(port: u16) -> Target {
    let endpoint = format!("http://127.0.0.1:{port}").parse().unwrap();
    Target::at(&endpoint, Addressing::Path, "uploads".parse().unwrap(), "us-east-1".parse().unwrap()).unwrap()
}

pub(crate) fn presigner() -> WithCredentials<SigV4, Credentials> {
    SigV4::new().with_credentials(Credentials::long_term("AKIDEXAMPLE", "the-secret-key").unwrap())
}

pub(crate) fn short_limits() -> TimeLimits {
    TimeLimits::default()
        .with_connect(Duration::from_millis(500))
        .with_attempt(Duration::from_millis(700))
        .with_long_attempt(Duration::from_millis(700))
        .with_total(Duration::from_secs(3))
}

pub(crate) fn at() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

pub(crate) fn key() -> ObjectKey {
    "raw/a b.mp4".parse().unwrap()
}

pub(crate) fn upload_id() -> UploadId {
    "id/1+=".parse().unwrap()
}
