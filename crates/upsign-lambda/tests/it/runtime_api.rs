//! Lambda's Runtime API, as little of it as a function uses:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use tokio::sync::mpsc;

/// What a function has said of one event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Response(String),
    Error(String),
}

struct Queue {
    events: Vec<String>,
    next: AtomicUsize,
    said: mpsc::UnboundedSender<(usize, Said)>,
}

/// Hands out the events in order, one at a time, and tells what comes back, by the event's number.
pub(crate) async fn start(events: Vec<String>) -> (SocketAddr, mpsc::UnboundedReceiver<(usize, Said)>) {
    let (said, told) = mpsc::unbounded_channel();
    let queue = Arc::new(Queue { events, next: AtomicUsize::new(0), said });
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .layer(DefaultBodyLimit::max(6 << 20))
        .with_state(queue);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, told)
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
    tell(&queue, &id, Said::Response(String::from_utf8(body.to_vec()).unwrap()))
}

async fn error(State(queue): State<Arc<Queue>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    tell(&queue, &id, Said::Error(String::from_utf8(body.to_vec()).unwrap()))
}

fn tell(queue: &Queue, id: &str, said: Said) -> StatusCode {
    let number = id.strip_prefix("event-").and_then(|number| number.parse().ok()).unwrap();
    queue.said.send((number, said)).unwrap();
    StatusCode::ACCEPTED
}
