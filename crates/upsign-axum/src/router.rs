//! The router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use upsign_core::Presigner;
use upsign_http::{Api, Problem};

use crate::Authentication;

struct Service<P> {
    api: Api<P>,
    authentication: Authentication,
}

/// A router that answers `/upload-url`, with the API's own CORS and nothing else: nest it, merge it, layer it.
///
/// Bodies over [`Api::MAX_BODY_BYTES`] are answered 413 without being read to their end.
pub fn router<P: Presigner + 'static>(api: Api<P>, authentication: Authentication) -> Router {
    let service = Arc::new(Service { api, authentication });
    Router::new().route(Api::<P>::UPLOAD_URL, any(answer::<P>)).with_state(service)
}

async fn answer<P: Presigner + 'static>(
    State(service): State<Arc<Service<P>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let at = service.authentication.clock.now();
    let body = match Limited::new(body, Api::<P>::MAX_BODY_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            let problem = if error.is::<LengthLimitError>() {
                Problem::body_too_large(Api::<P>::MAX_BODY_BYTES)
            } else {
                Problem::body_unreadable()
            };
            return service.api.refuse(&parts.headers, &problem).map(Body::from);
        }
    };
    let request = http::Request::from_parts(parts, body);
    service.api.handle(&request, at, &*service.authentication.authenticate).await.map(Body::from)
}
