//! The part of the Lambda Runtime API that a function uses:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// The result that a function has posted for one event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    Response(String),
    Error(String),
}

struct Queue {
    events: Vec<String>,
    next: AtomicUsize,
    posted: mpsc::UnboundedSender<(usize, Posted)>,
}

/// Serves the events in order, one at a time, and returns the results with the number of their event.
pub(crate) async fn start(events: Vec<String>) -> (SocketAddr, mpsc::UnboundedReceiver<(usize, Posted)>) {
    let (posted, results) = mpsc::unbounded_channel();
    let queue = Arc::new(Queue { events, next: AtomicUsize::new(0), posted });
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .layer(DefaultBodyLimit::max(6 << 20))
        .with_state(queue);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, results)
}

/// Starts a function: the ignored test `name` of this program, in a process of its own.
pub(crate) fn spawn(name: &str, api: SocketAddr) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", name, "--ignored", "--nocapture"]).kill_on_drop(true);
    child.env_clear().env("AWS_LAMBDA_RUNTIME_API", api.to_string());
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ] {
        child.env(name, value);
    }
    child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Returns `true` in a process that [`spawn`] has started.
#[expect(clippy::disallowed_methods, reason = "the environment is how a process knows its Runtime API")]
pub(crate) fn is_function_process() -> bool {
    std::env::var("AWS_LAMBDA_RUNTIME_API").is_ok()
}

async fn next(State(queue): State<Arc<Queue>>) -> ([(HeaderName, String); 4], String) {
    let number = queue.next.fetch_add(1, Ordering::SeqCst);
    let Some(event) = queue.events.get(number).cloned() else { std::future::pending().await };
    let header = |name: &'static str, value: String| (HeaderName::from_static(name), value);
    let headers = [
        header("lambda-runtime-aws-request-id", format!("event-{number}")),
        header("lambda-runtime-deadline-ms", "4102444800000".into()),
        header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:f".into(),
        ),
        header("content-type", "application/json".into()),
    ];
    (headers, event)
}

async fn response(State(queue): State<Arc<Queue>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    record(&queue, &id, Posted::Response(String::from_utf8(body.to_vec()).unwrap()))
}

async fn error(State(queue): State<Arc<Queue>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    record(&queue, &id, Posted::Error(String::from_utf8(body.to_vec()).unwrap()))
}

fn record(queue: &Queue, id: &str, posted: Posted) -> StatusCode {
    let number = id.strip_prefix("event-").and_then(|number| number.parse().ok()).unwrap();
    queue.posted.send((number, posted)).unwrap();
    StatusCode::ACCEPTED
}
