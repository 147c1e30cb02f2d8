//! A client that distinguishes every way in which a request can fail.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{sleep, timeout};

use crate::load::read_response;

/// How long a client waits for an answer. Every time limit of the server is shorter, or as long.
const PATIENCE: Duration = Duration::from_secs(12);

/// A complete answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The value of `Retry-After`, if the answer has one.
    pub retry_after: Option<String>,
    /// The time from the first byte sent, or from the start of the connection, to the last byte received.
    pub time: Duration,
}

/// The reason why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoAnswer {
    /// The server accepted no connection.
    Refused,
    /// The connection ended without a complete answer.
    Lost,
    /// There was no answer in time.
    TimedOut,
}

/// The bytes of a request, and the time at which its body follows.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the measurements construct it")]
pub struct Upload {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: &'static str,
    /// The time from the head to the body.
    pub pause: Duration,
}

/// A client with one connection at a time.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Client {
    /// Creates a client. It connects with its first request, and after each answer that closes the connection.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::new() }
    }

    /// Returns whether the connection of the last request is open.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Sends the bytes of a request and reads the answer.
    ///
    /// # Errors
    /// Returns [`NoAnswer`] if the server does not answer.
    pub async fn send(&mut self, request: &str) -> Result<Answer, NoAnswer> {
        self.exchange(request, None).await
    }

    /// Sends a request whose body follows its head after a pause, and reads the answer. If the server answers before the
    /// body is sent, the body is not sent and the connection is closed.
    ///
    /// # Errors
    /// Returns [`NoAnswer`] if the server does not answer.
    pub async fn upload(&mut self, upload: &Upload) -> Result<Answer, NoAnswer> {
        self.exchange(&upload.head, Some(upload)).await
    }

    async fn exchange(&mut self, head: &str, upload: Option<&Upload>) -> Result<Answer, NoAnswer> {
        let start = Instant::now();
        let answer = timeout(PATIENCE, self.answer(head, upload)).await.unwrap_or(Err(NoAnswer::TimedOut));
        if answer.is_err() {
            self.stream = None;
        }
        answer.map(|answer| Answer { time: start.elapsed(), ..answer })
    }

    /// Returns the answer without its time.
    async fn answer(&mut self, head: &str, upload: Option<&Upload>) -> Result<Answer, NoAnswer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await.map_err(|_| NoAnswer::Refused)?;
                drop(stream.set_nodelay(true));
                self.stream.insert(stream)
            }
        };
        stream.write_all(head.as_bytes()).await.map_err(|_| NoAnswer::Lost)?;
        let (mut early, mut byte) = (false, [0]);
        if let Some(upload) = upload.filter(|upload| !upload.body.is_empty()) {
            select! {
                _ = stream.peek(&mut byte) => early = true,
                () = sleep(upload.pause) => {
                    stream.write_all(upload.body.as_bytes()).await.map_err(|_| NoAnswer::Lost)?;
                }
            }
        }
        let text = read_response(stream, &mut self.buffer).await.ok_or(NoAnswer::Lost)?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or(NoAnswer::Lost)?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or(NoAnswer::Lost)?;
        let header = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            fields
                .find(|(field, _)| field.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        let retry_after = header("retry-after");
        let answer = Answer { status, body: body.to_owned(), retry_after, time: Duration::ZERO };
        if early || head.lines().any(|line| line.eq_ignore_ascii_case("connection: close")) {
            self.stream = None;
        }
        Ok(answer)
    }
}

/// Returns the bytes of `POST /upload-url` with an access token and no body.
#[must_use]
pub fn upload_request(token: &str, close: bool) -> String {
    let connection = if close { "connection: close\r\n" } else { "" };
    format!(
        "POST /upload-url HTTP/1.1\r\nhost: api.example.com\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\
         {connection}\r\n"
    )
}

/// Returns the bytes of a `GET`.
#[must_use]
pub fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: api.example.com\r\n\r\n")
}
