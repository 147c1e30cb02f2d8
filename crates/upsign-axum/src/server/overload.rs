//! Refuses connections above the limit.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::CONNECTION;
use http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use upsign_core::CorsOrigins;
use upsign_http::Problem;

use super::State;
use super::close::close_reading;

/// Maximum number of connections that are refused with an answer at the same time. Further ones are closed.
///
/// Together with [`TIME`] and [`BUFFER`] this bounds what a flood of connections costs: 2 MiB, for a second each.
pub(super) const MAX_REJECTIONS: usize = 256;

/// Maximum time for a refused connection to send its request head and to receive the answer.
const TIME: Duration = Duration::from_secs(1);

/// Maximum size of the request head in bytes; the smallest that hyper accepts.
const BUFFER: usize = 8 << 10;

/// Maximum number of bytes of a body that are read after the answer.
const MAX_REST: usize = 64 << 10;

/// Answers one request with 503 and closes the connection.
///
/// The request head has to be read first, because the answer depends on its `Origin`: without CORS headers, a page could
/// not tell an overloaded server from one that is down. A client that sends no complete head in time gets no answer.
pub(super) async fn reject(stream: TcpStream, state: Arc<State>, permit: OwnedSemaphorePermit) {
    let answered = timeout(TIME, answer(stream, &state.origins)).await;
    tracing::debug!(answered = answered.is_ok_and(|answered| answered.is_ok()), "connection rejected");
    drop(permit);
}

async fn answer(
    stream: TcpStream,
    origins: &CorsOrigins,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let service = service_fn(async |request: Request<Incoming>| {
        let mut response = Problem::overloaded().response_for(origins, request.headers());
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Ok::<_, Infallible>(response.map(Body::from))
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let stream = connection.without_shutdown().await?.io.into_inner();
    close_reading(stream, MAX_REST).await?;
    Ok(())
}
