//! The API as an axum router.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{OriginalUri, Request, State};
use axum::response::Response;
use axum::routing::any;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use upsign_core::Presigner;
use upsign_http::{Api, Endpoint, Problem, PublicPrefix, RefusedRequest};

use crate::body::Budget;
use crate::extract::Authentication;
use crate::limits::{HeadReceived, Limits};

struct Service<P> {
    api: Api<P>,
    authentication: Authentication,
    limits: Limits,
    /// One permit for each request in progress.
    capacity: Semaphore,
    bodies: Budget,
    /// For the bodies of [`Endpoint::Complete`] and of dialects, which can be the largest.
    completions: Budget,
}

/// Returns a router that answers at the [`Api::paths`], such as `POST /upload-url`, and below the [`Api::prefixes`], with the default
/// [`Limits`].
///
/// ```
/// use axum::Router;
/// use axum::body::Body;
/// use axum::http::{Request, StatusCode};
/// use tower::ServiceExt;
/// # use upsign_axum::{Bodyless, Credentials, Target, UploadIssuer, UploadPolicy};
/// use upsign_axum::{Api, Authentication, CorsOrigins, Identity, authenticate_fn, router};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "raw/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// # let issuer = UploadIssuer::sigv4(policy, credentials)?;
/// // `issuer` is the `UploadIssuer` of a policy for images of at most 10 MiB.
/// let api = Api::new(issuer, CorsOrigins::listed(["https://app.example.com".parse()?]));
/// let authentication = Authentication::new(authenticate_fn(|request, _at| {
///     let user = request.headers.get("x-user").and_then(|user| user.to_str().ok()).unwrap_or_default();
///     let identity = Identity::from_verified("https://proxy.internal", user);
///     async { Ok(identity?) }
/// }));
/// let app: Router = Router::new().merge(router(api, authentication));
///
/// let request = Request::post("/upload-url")
///     .header("x-user", "alice")
///     .header("content-type", "application/json")
///     .body(Body::from(r#"{"contentType": "image/jpeg", "contentLength": 48213}"#))?;
/// assert_eq!(app.clone().oneshot(request).await?.status(), StatusCode::OK);
/// let request = Request::post("/upload-url").body(Body::empty())?;
/// assert_eq!(app.oneshot(request).await?.status(), StatusCode::UNAUTHORIZED);
/// # Ok(())
/// # }
/// ```
///
/// Equal to [`router_with_limits`] with `Limits::default()`, which describes the answers, nesting, the fallback, handlers of
/// your own, and CORS with cookies.
pub fn router<P, S>(api: Api<P>, authentication: Authentication) -> Router<S>
where
    P: Presigner + 'static,
    S: Clone + Send + Sync + 'static,
{
    router_with_limits(api, authentication, Limits::default())
}

/// Returns a router that answers at the [`Api::paths`], such as `POST /upload-url`, and below the [`Api::prefixes`], within `limits`,
/// with the API's own CORS headers.
///
/// Everything else that reaches the router is refused with a problem document that pages of the API's origins can read, or at a path
/// of a dialect in the form that its client reads:
///
/// | reason | answer |
/// | --- | --- |
/// | unknown path | 404 `not-found` |
/// | body longer than [`Api::max_body_of`] its path; it is not read to its end | 413 `body-too-large` |
/// | body slower than [`Limits::body_time`] | 408 `body-too-slow` |
/// | more than [`Limits::requests`] requests in progress | 503 `overloaded` |
/// | bodies of more than [`Limits::body_bytes`] in all, or [`Limits::completion_bytes`] for those that complete an upload | 503 `overloaded` |
/// | no answer within [`Limits::request_time`], or [`Limits::call_time`] for calls that wait for the store | 503 `took-too-long` |
/// | panic in an extension of the application | 500 `internal` |
///
/// # Within an application
///
/// The router has the state type of yours. Merge it, nest it below a path, or add layers to it. The state of the application
/// needs the [`Authentication`] for [`Caller`](crate::Caller), and a clone of the API to share its rate limit and observers:
///
/// ```
/// use axum::Router;
/// use axum::extract::FromRef;
/// # use axum::routing::get;
/// use upsign_axum::{Api, Authentication, Caller, router};
///
/// #[derive(Clone)]
/// struct AppState {
///     api: Api,
///     authentication: Authentication,
/// }
///
/// impl FromRef<AppState> for Authentication {
///     fn from_ref(state: &AppState) -> Self {
///         state.authentication.clone()
///     }
/// }
///
/// fn app(api: Api, authentication: Authentication) -> Router {
///     let state = AppState { api: api.clone(), authentication: authentication.clone() };
///     Router::new()
///         .route("/", get(|caller: Caller| async move { format!("hello {}", caller.identity.subject()) }))
///         .nest("/api/v1", router(api, authentication)) // POST /api/v1/upload-url
///         .fallback(|| async { "not here" })
///         .with_state(state)
/// }
/// ```
///
/// [`UploadDescription`](crate::UploadDescription) shows handlers that issue uploads.
///
/// Its answer to unknown paths is an axum fallback. Nested, it answers below its path only, and the application's own
/// fallback answers everywhere else; remove it with `reset_fallback` if the application's fallback should answer there too.
/// axum does not merge two routers that both have a fallback; to keep your own, remove this one first:
///
/// ```
/// # use axum::Router;
/// # fn app(upsign: Router, app: Router) -> Router {
/// app.fallback(|| async { "not here" }).merge(upsign.reset_fallback())
/// # }
/// ```
///
/// # CORS with cookies
///
/// Pages of another origin that send cookies (`credentials: "include"`) need `Access-Control-Allow-Credentials`, which the
/// API never sends. Let one [`CorsLayer`] answer for the whole application, and configure the API with no origins, so that
/// there is one list of origins. Two lists would have to be kept equal: an origin that only the API lists can read the answers
/// too, and with the layer's permission for credentials. If they are equal, each answer has one
/// `Access-Control-Allow-Origin`, and only `Vary` is doubled (tested with tower-http 0.7).
///
/// ```
/// # use axum::Router;
/// use axum::http::{HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
/// use tower_http::cors::CorsLayer;
/// use upsign_axum::{Api, Authentication, CorsOrigins, UploadIssuer, router};
///
/// fn app(issuer: UploadIssuer, authentication: Authentication) -> Router {
///     let cors = CorsLayer::new()
///         .allow_origin([HeaderValue::from_static("https://app.example.com")])
///         .allow_credentials(true)
///         .allow_methods([Method::GET, Method::POST])
///         .allow_headers([CONTENT_TYPE])
///         .expose_headers([HeaderName::from_static("retry-after")]);
///     let api = Api::new(issuer, CorsOrigins::listed([]));
///     Router::new().merge(router(api, authentication)).layer(cors) // outermost
/// }
/// ```
///
/// The layer answers preflights itself, also those of other origins, to which it grants nothing. Answers that
/// [`Server`](crate::Server) gives before the router are outside the layer, so pages that send cookies cannot read them.
///
/// Browsers send a cookie to another *site* (`app.example.com` and `api.example.com` are one site) only with
/// `SameSite=None; Secure`. The application then has to refuse forged requests itself, for example by the header `Origin`.
///
/// [`CorsLayer`]: https://docs.rs/tower-http/latest/tower_http/cors/struct.CorsLayer.html
pub fn router_with_limits<P, S>(api: Api<P>, authentication: Authentication, limits: Limits) -> Router<S>
where
    P: Presigner + 'static,
    S: Clone + Send + Sync + 'static,
{
    let capacity = Semaphore::new(limits.requests);
    let (bodies, completions) = (Budget::new(limits.body_bytes), Budget::new(limits.completion_bytes));
    let service = Arc::new(Service { api, authentication, limits, capacity, bodies, completions });
    let below = service.api.prefixes().into_iter().map(|prefix| format!("{prefix}/{{*rest}}"));
    let paths = service.api.paths().into_iter().chain(below);
    paths
        .fold(Router::new(), |router, path| router.route(&path, any(answer::<P>)))
        .fallback(answer_unknown_path::<P>)
        .with_state(Arc::clone(&service))
}

/// Returns the path below which the router is nested, or `None` if it is not.
fn nested_below<B>(request: &http::Request<B>) -> Option<PublicPrefix> {
    let OriginalUri(original) = request.extensions().get()?;
    original.path().strip_suffix(request.uri().path())?.parse().ok()
}

impl<P: Presigner> Service<P> {
    /// Refuses a request that the API has not answered.
    fn refuse(&self, headers: &HeaderMap, refused: &RefusedRequest) -> Response {
        self.api.refuse(headers, refused).map(Body::from)
    }

    /// Returns the refusal of a request for this path.
    fn refused(&self, problem: Problem, path: &str) -> RefusedRequest {
        let refused = RefusedRequest::new(problem, self.authentication.clock.now());
        refused.with_dialect_at(&self.api, path)
    }

    /// Returns the memory for the body of a request to this endpoint.
    const fn budget_for(&self, endpoint: Option<Endpoint>) -> &Budget {
        match endpoint {
            Some(Endpoint::Complete | Endpoint::Dialect(_)) => &self.completions,
            _ => &self.bodies,
        }
    }

    /// Returns the time to answer a request to this endpoint. The calls for uploads that have begun wait for the store, and so
    /// does `/upload-url` if it may create a multipart upload.
    fn time_for(&self, endpoint: Option<Endpoint>) -> Duration {
        let calls_store = match endpoint {
            Some(Endpoint::Issue) => self.api.endpoints().contains(&Endpoint::Parts),
            endpoint => endpoint.is_some(),
        };
        if calls_store { self.limits.call_time } else { self.limits.request_time }
    }
}

async fn answer_unknown_path<P: Presigner + 'static>(
    State(service): State<Arc<Service<P>>>,
    request: Request,
) -> Response {
    let at = service.authentication.clock.now();
    let refused = RefusedRequest::not_found(request.uri().path(), &service.api.public_path(), at)
        .with_request_id(request.extensions().get());
    let response = service.refuse(request.headers(), &refused);
    let has_body = request.body().size_hint().exact() != Some(0);
    if has_body { announce_close(response) } else { response }
}

/// Announces that the connection closes after this response.
///
/// HTTP/1.1 cannot reuse a connection whose request body was not read to its end: hyper closes it. Without this header a
/// client may already have sent its next request on the connection, and would lose it.
fn announce_close(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn answer<P: Presigner + 'static>(
    State(service): State<Arc<Service<P>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let began = parts.extensions.get().map_or_else(Instant::now, |HeadReceived(at)| *at);
    let max_bytes = service.api.max_body_of(&parts.method, parts.uri.path());
    let endpoint = service.api.endpoint(&parts.method, parts.uri.path());
    let budget = service.budget_for(endpoint);
    let body = match budget.read(body, max_bytes, began + service.limits.body_time).await {
        Ok(body) => body,
        Err(problem) => {
            let refused = service.refused(problem, parts.uri.path()).with_request_id(parts.extensions.get());
            return announce_close(service.refuse(&parts.headers, &refused));
        }
    };
    // The permit is taken after the body has arrived, so that slow clients cannot use up the capacity. It is released when
    // this function returns or is cancelled.
    let Ok(_permit) = service.capacity.try_acquire() else {
        let refused = service.refused(Problem::overloaded(), parts.uri.path());
        let refused = refused.with_request_id(parts.extensions.get());
        return service.refuse(&parts.headers, &refused);
    };
    let at = service.authentication.clock.now();
    let time = service.time_for(endpoint);
    // `body` keeps its memory until the request is answered.
    let mut request = http::Request::from_parts(parts, body.bytes.clone());
    if let Some(prefix) = nested_below(&request) {
        request.extensions_mut().insert(prefix);
    }
    let work = service.api.handle(&request, at, &*service.authentication.authenticate);
    // `tower_http::catch_panic` would lose the request's headers, and with them CORS. Unwind safety: the API changes shared
    // state only behind locks that tolerate a panic, so the next request finds it intact.
    let work = AssertUnwindSafe(work).catch_unwind();
    let refused = match timeout(time, work).await {
        Ok(Ok(response)) => return response.map(Body::from),
        Ok(Err(_)) => {
            RefusedRequest::new(Problem::internal(), at).with_reason("the request ended in a panic")
        }
        // `timeout` has dropped `work`, so nothing is signed for this request any more. A call to the store that was sent may
        // still have its effect: a client that repeats the request finds out.
        Err(_) => {
            let reason = format!("no answer within {time:?}");
            RefusedRequest::new(Problem::took_too_long(), at).with_reason(reason)
        }
    };
    let refused = refused.with_dialect_at(&service.api, request.uri().path());
    let refused = refused.with_request_id(request.extensions().get());
    service.refuse(request.headers(), &refused)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn path_below_which_the_router_is_nested_is_public() {
        let prefix = |request: Request| async move {
            nested_below(&request).map(|prefix| prefix.as_str().to_owned()).unwrap_or_default()
        };
        let own: Router = Router::new().route("/better-upload", get(prefix));
        for (app, path, expected) in [
            (own.clone(), "/better-upload", ""),
            (Router::new().merge(own.clone()), "/better-upload?a=b", ""),
            (Router::new().nest("/api/v1", own.clone()), "/api/v1/better-upload?a=b", "/api/v1"),
            (
                Router::new().nest("/{tenant}", Router::new().nest("/api", own)),
                "/x/api/better-upload",
                "/x/api",
            ),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = app.oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            let body = axum::body::to_bytes(answer.into_body(), 1_000).await.unwrap();
            assert_eq!(body, expected, "{path}");
        }
    }
}
