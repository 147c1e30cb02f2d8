//! Lambda's Runtime API, as much of it as a function that succeeds uses.

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

/// Hands out one event at a time and takes its answer.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<(Bytes, Instant)>,
}

#[derive(Clone)]
struct Shared {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    answers: mpsc::UnboundedSender<(Bytes, Instant)>,
}

impl RuntimeApi {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> std::io::Result<Self> {
        let (events, handed_out) = mpsc::unbounded_channel();
        let (answers, taken) = mpsc::unbounded_channel();
        let shared = Shared { events: Arc::new(Mutex::new(handed_out)), answers };
        let app = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{what}", any(answer))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, events, answers: taken })
    }

    /// Starts a function on it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn spawn(&self, program: &Path, variables: &[(&str, &str)]) -> std::io::Result<Child> {
        let mut command = Command::new(program);
        command.env_clear().env("AWS_LAMBDA_RUNTIME_API", self.address.to_string());
        command.env("AWS_LAMBDA_FUNCTION_NAME", "f").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").envs(variables.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    /// The answer to an event, and how long it took from `since`.
    pub async fn invoke(&mut self, event: &str, since: Instant) -> Option<(Bytes, Duration)> {
        self.events.send(event.to_owned()).ok()?;
        let answered = tokio::time::timeout(Duration::from_secs(20), self.answers.recv()).await.ok()??;
        Some((answered.0, answered.1.duration_since(since)))
    }
}

async fn next(State(shared): State<Shared>) -> ([(HeaderName, &'static str); 3], String) {
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

async fn answer(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    drop(shared.answers.send((body, Instant::now())));
    StatusCode::ACCEPTED
}
