//! The part of Lambda's Runtime API that a successful function uses.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// A server that gives one event at a time to a function and receives its response.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<String>,
    responses: mpsc::UnboundedReceiver<(Bytes, Instant)>,
}

#[derive(Clone)]
struct Shared {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    responses: mpsc::UnboundedSender<(Bytes, Instant)>,
}

impl RuntimeApi {
    /// Starts the server on a free port of the loopback interface.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        let (events, event_queue) = mpsc::unbounded_channel();
        let (response_queue, responses) = mpsc::unbounded_channel();
        let shared = Shared { events: Arc::new(Mutex::new(event_queue)), responses: response_queue };
        let app = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", any(receive_response))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, events, responses })
    }

    /// Starts a function that uses this server, with these environment variables and no others.
    ///
    /// # Errors
    /// Returns an error if the program does not start.
    pub fn spawn(&self, program: &Path, variables: &[(&str, &str)]) -> std::io::Result<Child> {
        let mut command = Command::new(program);
        command.env_clear().env("AWS_LAMBDA_RUNTIME_API", self.address.to_string());
        command.env("AWS_LAMBDA_FUNCTION_NAME", "f").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").envs(variables.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    /// Sends an event and returns the response and the time from `since` to its arrival. Returns `None` after 20 seconds.
    pub async fn invoke(&mut self, event: &str, since: Instant) -> Option<(Bytes, Duration)> {
        self.events.send(event.to_owned()).ok()?;
        let received = tokio::time::timeout(Duration::from_secs(20), self.responses.recv());
        let (body, received_at) = received.await.ok()??;
        Some((body, received_at.duration_since(since)))
    }
}

async fn next_event(State(shared): State<Shared>) -> ([(HeaderName, &'static str); 3], String) {
    let event = shared.events.lock().await.recv().await;
    let Some(event) = event else { std::future::pending().await };
    let headers = [
        (HeaderName::from_static("lambda-runtime-aws-request-id"), "event"),
        (HeaderName::from_static("lambda-runtime-deadline-ms"), "4102444800000"),
        (
            HeaderName::from_static("lambda-runtime-invoked-function-arn"),
            "arn:aws:lambda:eu-west-1:1:function:f",
        ),
    ];
    (headers, event)
}

async fn receive_response(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    drop(shared.responses.send((body, Instant::now())));
    StatusCode::ACCEPTED
}
