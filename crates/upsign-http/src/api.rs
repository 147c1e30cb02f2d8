//! The API as a function from a request to a response.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use upsign::{Refusal, Route, UploadIssuer, UploadPolicy, UploadService};
use upsign_core::{CorsOrigins, Presigner, Timestamp};
use upsign_policy::IdName;

use crate::auth::Authenticate;
use crate::body::{self, Body, InvalidBody};
use crate::problem::Problem;
use crate::refused::RefusedRequest;
use crate::{cors, respond};

/// The default path of the endpoint that issues uploads.
pub const UPLOAD_URL: &str = "/upload-url";

/// The default maximum size of a request body in bytes: 16 KiB. Descriptions of uploads are much smaller.
pub const MAX_BODY_BYTES: usize = 16 << 10;

/// `POST /upload-url` without a framework: [`handle`](Self::handle) turns a request and an instant into a response.
///
/// Every refused request passes through one place ([`refuse`](Self::refuse)), which writes one log line, notifies the
/// service's observers once and creates the problem document.
#[derive(Debug)]
pub struct Api<P> {
    service: UploadService<P>,
    origins: CorsOrigins,
}

impl<P: Presigner> Api<P> {
    /// Creates the API of a service, or of a single issuer.
    ///
    /// `origins` lists the web origins whose pages may call the API from a browser. Clients that are not browsers are not
    /// affected.
    pub fn new(service: impl Into<UploadService<P>>, origins: CorsOrigins) -> Self {
        Self { service: service.into(), origins }
    }

    /// Returns the service.
    #[must_use]
    pub const fn service(&self) -> &UploadService<P> {
        &self.service
    }

    /// Returns the web origins whose pages may call the API.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }

    /// Answers a request.
    ///
    /// `at` is the single reading of the clock by which the token, the rate limit, the lifetime and the signature are
    /// judged. `auth` identifies the caller.
    pub async fn handle(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Response<String> {
        let response = self.route(request, at, auth).await;
        let mut response = response.unwrap_or_else(|refused| self.report_refused(&refused));
        let allowed = cors::allow(&self.origins, request.headers(), response.headers_mut());
        if allowed && request.method() == Method::OPTIONS {
            cors::preflight(response.headers_mut());
        }
        response
    }

    /// Reports a request that an adapter refuses itself, and returns the answer, with the API's CORS headers.
    ///
    /// `headers` are those of the request: pages of the configured origins can read the answer.
    #[must_use]
    pub fn refuse(&self, headers: &HeaderMap, refused: &RefusedRequest) -> Response<String> {
        let mut response = self.report_refused(refused);
        cors::allow(&self.origins, headers, response.headers_mut());
        response
    }

    /// Logs a refusal and notifies the service's observers.
    ///
    /// The level is WARN, or ERROR if the service failed. Requests for unknown paths (`not-found`) and with other methods
    /// (`method-not-allowed`) are logged at INFO, because scanners send many of them.
    ///
    /// Use [`refuse`](Self::refuse) where there is a request to answer. This method is for adapters that cannot answer,
    /// for example because an event is not a request at all.
    pub fn report(&self, refusal: &Refusal) {
        let Refusal { code, reason, .. } = refusal;
        let (route, reason) = (refusal.route.as_deref(), reason.as_deref());
        if refusal.service_fault {
            tracing::error!(code, route, reason, "request refused");
        } else if matches!(refusal.code, "not-found" | "method-not-allowed") {
            tracing::info!(code, route, reason, "request refused");
        } else {
            tracing::warn!(code, route, reason, "request refused");
        }
        self.service.report(refusal);
    }

    /// The only exit for refused requests.
    fn report_refused(&self, refused: &RefusedRequest) -> Response<String> {
        self.report(&refused.refusal);
        respond::problem(&refused.problem)
    }

    async fn route(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<String>, RefusedRequest> {
        if request.uri().path() != UPLOAD_URL {
            return Err(RefusedRequest::new(Problem::not_found(), at));
        }
        match *request.method() {
            Method::POST => self.upload_url(request, at, auth).await,
            Method::OPTIONS => self.preflight(request.headers(), at),
            _ => Err(RefusedRequest::new(Problem::method_not_allowed(), at)),
        }
    }

    /// Answers a preflight without authentication: browsers send preflights without the `Authorization` header.
    fn preflight(&self, headers: &HeaderMap, at: Timestamp) -> Result<Response<String>, RefusedRequest> {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        if origin.is_some_and(|origin| !self.origins.allows(origin)) {
            return Err(RefusedRequest::new(Problem::origin_not_allowed(), at));
        }
        Ok(respond::empty(StatusCode::NO_CONTENT))
    }

    /// The order matters: nothing about the body is revealed to a caller without a valid token, and a caller is counted
    /// before the body is parsed, so that invalid bodies cannot be sent without limit.
    async fn upload_url(
        &self,
        request: &Request<Bytes>,
        at: Timestamp,
        auth: &dyn Authenticate,
    ) -> Result<Response<String>, RefusedRequest> {
        let caller = auth.authenticate(&request.into(), at).await;
        let caller =
            caller.map_err(|error| RefusedRequest::unauthenticated(&error, auth.challenge().as_ref(), at))?;
        let refused = |error, route: Option<&str>| {
            RefusedRequest::issue(&error, self.service.refusal(&error, &caller, route, at))
        };
        // The rate limit covers all routes, so its refusals belong to none.
        self.service.count(&caller, at).await.map_err(|error| refused(error, None))?;
        let body = self.read_body(request);
        let Body { route, upload } = body.map_err(|error| RefusedRequest::body(&error, &caller, at))?;
        let route = route.as_deref();
        let grant = self.service.issue_counted(&caller, route, &upload, at).await;
        let grant = grant.map_err(|error| refused(error, route))?;
        let response = respond::grant(&grant).map_err(|_| RefusedRequest::new(Problem::internal(), at))?;
        tracing::info!(key = grant.key.as_str(), expires_at = %grant.expires_at, "upload granted");
        Ok(response)
    }

    /// Reads the description of the upload. An empty body is a request without one, no matter what type it declares.
    fn read_body(&self, request: &Request<Bytes>) -> Result<Body, InvalidBody> {
        let (headers, body) = (request.headers(), request.body());
        if body.len() > MAX_BODY_BYTES {
            return Err(InvalidBody::TooLarge(MAX_BODY_BYTES));
        }
        // A gateway may have cut the body off or decoded it twice.
        let declared =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|declared| declared != body.len()) {
            return Err(InvalidBody::Length);
        }
        if body.is_empty() {
            return Ok(Body::absent());
        }
        if !is_json(headers) {
            return Err(InvalidBody::NotJsonType);
        }
        body::read(body, &self.id_members())
    }

    /// Returns the body members with which a client can supply an id, on any route.
    fn id_members(&self) -> Vec<&str> {
        let policies = self.service.routes().iter().map(Route::issuer).map(UploadIssuer::policy);
        policies.flat_map(UploadPolicy::client_may_supply).map(IdName::wire_name).collect()
    }
}

/// Returns `true` for `application/json`, with or without parameters, and for a request that declares no type.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence = value.to_str().ok().and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
