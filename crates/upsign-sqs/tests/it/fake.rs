//! A queue behind the protocol of SQS, with scripted faults. Its seconds last 20 milliseconds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    No,
    /// The connection ends before the request has an effect.
    LostRequest,
    /// The request has an effect, and its answer is lost.
    LostAnswer,
    Unavailable,
    Throttled,
    Denied,
    NotJson,
    OtherJson,
    /// An answer without messages, in another spelling.
    Null,
    /// A page of 9 MiB.
    TooLarge,
    /// A message that is hidden is delivered too.
    Duplicates,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) body: String,
    pub(crate) receives: u32,
    pub(crate) visible_at: Instant,
}

/// A request without the members that are the same in all.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) operation: String,
    pub(crate) body: Value,
    pub(crate) authorization: String,
}

#[derive(Default)]
struct State {
    messages: Vec<Option<Stored>>,
    faults: VecDeque<Fault>,
    seen: Vec<Seen>,
}

#[derive(Clone)]
pub(crate) struct FakeQueue {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

const SECOND: Duration = Duration::from_millis(20);

impl FakeQueue {
    pub(crate) async fn start(bodies: &[&str], faults: &[Fault]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/123456789012/uploads", listener.local_addr().unwrap());
        let state = State { faults: faults.iter().copied().collect(), ..State::default() };
        let fake = Self { url, state: Arc::new(Mutex::new(state)) };
        bodies.iter().for_each(|body| fake.push(body));
        let server = fake.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(server.clone().answer(stream));
            }
        });
        fake
    }

    pub(crate) fn push(&self, body: &str) {
        let stored = Stored { body: body.to_owned(), receives: 0, visible_at: Instant::now() };
        self.state.lock().unwrap().messages.push(Some(stored));
    }

    /// The messages that are not deleted.
    pub(crate) fn left(&self) -> Vec<Stored> {
        self.state.lock().unwrap().messages.iter().flatten().cloned().collect()
    }

    pub(crate) fn seen(&self, operation: &str) -> Vec<Seen> {
        let state = self.state.lock().unwrap();
        state.seen.iter().filter(|seen| seen.operation == operation).cloned().collect()
    }

    async fn answer(self, mut stream: TcpStream) {
        let Some(seen) = read(&mut stream).await else { return };
        let fault = {
            let mut state = self.state.lock().unwrap();
            state.seen.push(seen.clone());
            state.faults.pop_front().unwrap_or(Fault::No)
        };
        let (status, body) = match fault {
            Fault::LostRequest => return,
            Fault::Unavailable => ("503 Service Unavailable", String::new()),
            Fault::Throttled => {
                ("400 Bad Request", r#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#.into())
            }
            Fault::Denied => ("400 Bad Request", r#"{"__type":"AccessDeniedException"}"#.into()),
            Fault::NotJson => ("200 OK", "<html>".into()),
            Fault::Null => ("200 OK", r#"{"Messages":null,"Other":1}"#.into()),
            Fault::OtherJson => ("200 OK", r#"{"Messages":[{"Body":7}]}"#.into()),
            Fault::TooLarge => ("200 OK", "x".repeat(9 << 20)),
            Fault::No | Fault::LostAnswer | Fault::Duplicates => {
                ("200 OK", self.call(&seen, fault == Fault::Duplicates).await)
            }
        };
        if fault == Fault::LostAnswer {
            return;
        }
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        drop(stream.write_all((head + &body).as_bytes()).await);
    }

    async fn call(&self, seen: &Seen, duplicates: bool) -> String {
        match seen.operation.as_str() {
            "SendMessage" => {
                self.push(seen.body["MessageBody"].as_str().unwrap());
                json!({"MessageId": "m", "MD5OfMessageBody": "0"}).to_string()
            }
            "ReceiveMessage" => self.receive(&seen.body, duplicates).await,
            "DeleteMessage" => {
                self.state.lock().unwrap().messages[index(&seen.body)] = None;
                String::new()
            }
            "ChangeMessageVisibility" => {
                let seconds = u32::try_from(seen.body["VisibilityTimeout"].as_u64().unwrap()).unwrap();
                if let Some(stored) = &mut self.state.lock().unwrap().messages[index(&seen.body)] {
                    stored.visible_at = Instant::now() + SECOND * seconds;
                }
                String::new()
            }
            other => panic!("unknown operation {other}"),
        }
    }

    async fn receive(&self, body: &Value, duplicates: bool) -> String {
        let number = |name: &str| u32::try_from(body[name].as_u64().unwrap()).unwrap();
        let end = Instant::now() + SECOND * number("WaitTimeSeconds");
        loop {
            let messages =
                self.visible(number("MaxNumberOfMessages"), number("VisibilityTimeout"), duplicates);
            if !messages.is_empty() || Instant::now() >= end {
                // SQS leaves the member out if there is no message.
                return if messages.is_empty() {
                    "{}".into()
                } else {
                    json!({"Messages": messages}).to_string()
                };
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn visible(&self, max: u32, lease: u32, duplicates: bool) -> Vec<Value> {
        let mut state = self.state.lock().unwrap();
        let stored = state.messages.iter_mut().enumerate();
        let visible = stored.filter_map(|(at, it)| it.as_mut().map(|it| (at, it)));
        let visible = visible.filter(|(_, it)| duplicates || it.visible_at <= Instant::now());
        let visible = visible.take(usize::try_from(max).unwrap());
        let messages = visible.map(|(at, it)| {
            it.receives += 1;
            it.visible_at = Instant::now() + SECOND * lease;
            json!({"MessageId": format!("id-{at}"), "ReceiptHandle": format!("{at}#{}", it.receives), "Body": it.body,
                   "MD5OfBody": "0", "Attributes": {"ApproximateReceiveCount": it.receives.to_string()}})
        });
        messages.collect()
    }
}

fn index(body: &Value) -> usize {
    body["ReceiptHandle"].as_str().unwrap().split('#').next().unwrap().parse().unwrap()
}

/// Reads one request. Returns `None` if the client went away.
async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).await.ok()?;
        bytes.extend(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(it, _)| it.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value).to_owned()
            };
            if body.len() >= header("content-length").parse().unwrap() {
                let operation = header("x-amz-target").strip_prefix("AmazonSQS.")?.to_owned();
                let body = serde_json::from_str(body).unwrap();
                return Some(Seen { operation, body, authorization: header("authorization") });
            }
        }
        if count == 0 {
            return None;
        }
    }
}
