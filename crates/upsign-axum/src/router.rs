//! The router.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use futures_util::FutureExt;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use upsign::Refused;
use upsign_core::Presigner;
use upsign_http::{Api, Problem};

use crate::{Authentication, Limits};

struct Service<P> {
    api: Api<P>,
    authentication: Authentication,
    limits: Limits,
    places: Semaphore,
}

impl<P: Presigner> Service<P> {
    /// What the API never saw, told to its observers too.
    fn refuse(&self, headers: &HeaderMap, problem: &Problem) -> Response {
        let ours = problem.status().is_server_error();
        let told = Refused::new(problem.code(), ours, self.authentication.clock.now());
        self.api.service().refused(&told);
        self.api.refuse(headers, problem).map(Body::from)
    }
}

/// A router that answers `/upload-url`, with the API's own CORS and nothing else: nest it, merge it, layer it.
///
/// Bodies over [`Api::MAX_BODY_BYTES`] are answered 413 without being read to their end; otherwise the default
/// [`Limits`] hold.
pub fn router<P: Presigner + 'static>(api: Api<P>, authentication: Authentication) -> Router {
    limited_router(api, authentication, Limits::default())
}

/// The same within other limits: what is too slow or too much is answered 408 or 503, and a panic 500, all of it
/// readable by the API's pages.
pub fn limited_router<P: Presigner + 'static>(
    api: Api<P>,
    authentication: Authentication,
    limits: Limits,
) -> Router {
    let places = Semaphore::new(limits.requests);
    let service = Arc::new(Service { api, authentication, limits, places });
    Router::new().route(Api::<P>::UPLOAD_URL, any(answer::<P>)).with_state(service)
}

async fn answer<P: Presigner + 'static>(
    State(service): State<Arc<Service<P>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match whole::<P>(&service.limits, body).await {
        Ok(body) => body,
        Err(problem) => return service.refuse(&parts.headers, &problem),
    };
    // Only now: a body that trickles in keeps no place from anybody.
    let Ok(_place) = service.places.try_acquire() else {
        return service.refuse(&parts.headers, &Problem::overloaded());
    };
    let at = service.authentication.clock.now();
    let request = http::Request::from_parts(parts, body);
    let work = service.api.handle(&request, at, &*service.authentication.authenticate);
    let problem = match timeout(service.limits.request_time, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(answer)) => return answer.map(Body::from),
        Ok(Err(_)) => {
            tracing::error!("a request ended in a panic");
            Problem::internal()
        }
        Err(_) => {
            tracing::warn!("a request took too long");
            Problem::took_too_long()
        }
    };
    service.refuse(request.headers(), &problem)
}

async fn whole<P: Presigner>(limits: &Limits, body: Body) -> Result<Bytes, Problem> {
    let body = Limited::new(body, Api::<P>::MAX_BODY_BYTES).collect();
    match timeout(limits.body_time, body).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem::body_too_large(Api::<P>::MAX_BODY_BYTES))
        }
        Ok(Err(_)) => Err(Problem::body_unreadable()),
        Err(_) => Err(Problem::body_too_slow()),
    }
}
