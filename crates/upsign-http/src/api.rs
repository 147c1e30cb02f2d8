//! The API as a function from a request to a response.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Map, Value};
use upsign::{Refusal, Route, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService};
use upsign_core::api_cors::AllowHeaders;
use upsign_core::{BasePath, CorsOrigins, Identity, Presigner, Timestamp};

use crate::auth::Authenticate;
use crate::grant_body::GrantBody;
use crate::issue::log_grant;
use crate::path::{self, InvalidPath, UPLOAD_URL};
use crate::problem::Problem;
use crate::refusal_log::RefusalLog;
use crate::refused::RefusedRequest;
use crate::upload_body::{MAX_BODY_BYTES, UploadBody};
use crate::{cors, respond};

/// `POST /upload-url` without a framework: [`handle`](Self::handle) turns a request and an instant into a response.
///
/// Every refused request passes through one place ([`refuse`](Self::refuse)), which writes a log line, notifies the
/// service's observers once and creates the problem document.
///
/// `P` is the presigner of the service. [`boxed`](Self::boxed) erases its type, so that the type of an application's state
/// does not name the signer.
///
/// Clones are cheap and share the service, so a router and the handlers of the application can have one each.
pub struct Api<P = Arc<dyn Presigner>> {
    service: UploadService<P>,
    origins: Arc<CorsOrigins>,
    allow_headers: AllowHeaders,
    base_path: BasePath,
    path: Arc<str>,
    max_body: usize,
    members: Option<GrantMembers>,
    log: Arc<RefusalLog>,
    /// The body members for ids of all routes, each once: a service may have thousands of routes.
    id_members: Arc<[Box<str>]>,
}

// Derived, it would require `P: Clone`.
impl<P> Clone for Api<P> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            origins: Arc::clone(&self.origins),
            allow_headers: self.allow_headers.clone(),
            base_path: self.base_path.clone(),
            path: Arc::clone(&self.path),
            max_body: self.max_body,
            members: self.members.clone(),
            log: Arc::clone(&self.log),
            id_members: Arc::clone(&self.id_members),
        }
    }
}

type GrantMembers = Arc<dyn Fn(&GrantedUpload<'_>) -> Map<String, Value> + Send + Sync>;

/// A grant that is about to be sent, for [`Api::with_grant_members`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GrantedUpload<'a> {
    /// The verified caller.
    pub caller: &'a Identity,
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The upload that the client described.
    pub upload: &'a UploadRequest,
    /// The grant.
    pub grant: &'a UploadGrant,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<P: Presigner + 'static> Api<P> {
    /// Erases the type of the presigner.
    #[must_use]
    pub fn boxed(self) -> Api {
        let Self { service, origins, allow_headers, base_path, path, max_body, members, log, id_members } =
            self;
        let service = service.boxed();
        Api { service, origins, allow_headers, base_path, path, max_body, members, log, id_members }
    }
}

impl<P: Presigner> Api<P> {
    /// Creates the API of a service, or of a single issuer, at [`UPLOAD_URL`] and for bodies up to [`MAX_BODY_BYTES`].
    ///
    /// `origins` lists the web origins whose pages may call the API from a browser. Clients that are not browsers are not
    /// affected.
    ///
    /// A handler of the application that issues uploads too shares the rate limit and the observers through a clone of the
    /// service or of the API:
    ///
    /// ```
    /// use upsign_http::{Api, CorsOrigins, UploadService};
    ///
    /// struct AppState {
    ///     uploads: UploadService,
    /// }
    ///
    /// fn start(service: UploadService) -> (AppState, Api) {
    ///     let api = Api::new(service.clone(), CorsOrigins::listed([]));
    ///     (AppState { uploads: service }, api)
    /// }
    /// ```
    pub fn new(service: impl Into<UploadService<P>>, origins: CorsOrigins) -> Self {
        let (path, max_body, origins) = (UPLOAD_URL.into(), MAX_BODY_BYTES, Arc::new(origins));
        let service = service.into();
        let policies = service.routes().iter().map(Route::issuer).map(UploadIssuer::policy);
        let id_members: BTreeSet<Box<str>> =
            policies.flat_map(UploadPolicy::client_may_supply).map(|id| id.wire_name().into()).collect();
        let id_members = id_members.into_iter().collect();
        let allow_headers = AllowHeaders::default();
        let (base_path, members, log) = (BasePath::default(), None, Arc::default());
        Self { service, origins, allow_headers, base_path, path, max_body, members, log, id_members }
    }

    /// Sets the headers that pages may send, for the answer to preflights (default: `authorization` and `content-type`).
    ///
    /// The first header is replaced by [`Authenticate::token_header`], if callers send their token in another one.
    ///
    /// ```
    /// use upsign_http::{AllowHeaders, Api, InvalidAllowHeader};
    ///
    /// fn with_tracing(api: Api) -> Result<Api, InvalidAllowHeader> {
    ///     Ok(api.with_allow_headers(&AllowHeaders::default().with_names(["traceparent", "tracestate"])?))
    /// }
    /// ```
    #[must_use]
    pub fn with_allow_headers(self, headers: &AllowHeaders) -> Self {
        Self { allow_headers: headers.clone(), ..self }
    }

    /// Sets the path of the endpoint, as the API receives it: without a prefix that a router strips.
    ///
    /// # Errors
    /// Returns [`InvalidPath`] if the path is not `/`, or segments of letters, digits, `-`, `.`, `_` and `~`, each after a
    /// `/`. Routers differ in how they read other characters.
    pub fn with_path(self, path: impl Into<Box<str>>) -> Result<Self, InvalidPath> {
        Ok(Self { path: path::check(path.into())?.into(), ..self })
    }

    /// Sets the base path that servers in front of the API do not remove (default: none).
    ///
    /// The endpoint then answers at its path with and without the base path, because the same API can be reachable both
    /// through a server that removes it, such as a custom domain name of API Gateway, and through one that does not, such as
    /// CloudFront.
    ///
    /// ```
    /// use upsign_http::{Api, InvalidBasePath};
    ///
    /// fn behind_cloudfront(api: Api) -> Result<Api, InvalidBasePath> {
    ///     let api = api.with_base_path("/api".parse()?);
    ///     assert_eq!(api.paths(), ["/upload-url", "/upload-url/", "/api/upload-url", "/api/upload-url/"]);
    ///     Ok(api)
    /// }
    /// ```
    #[must_use]
    pub fn with_base_path(self, base_path: BasePath) -> Self {
        Self { base_path, ..self }
    }

    /// Returns every path at which the endpoint answers: [`path`](Self::path), the same below the base path, and both with a
    /// slash at the end. Adapters with a router register each of them.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let path = self.path.strip_suffix('/').unwrap_or(&self.path);
        let mut paths = Vec::new();
        for base in ["", self.base_path.as_str()] {
            let candidates = [format!("{base}{path}"), format!("{base}{path}/")];
            for candidate in candidates.into_iter().filter(|path| !path.is_empty()) {
                if !paths.contains(&candidate) {
                    paths.push(candidate);
                }
            }
        }
        paths
    }

    /// Returns the path at which clients reach the endpoint: [`path`](Self::path) below the base path, such as
    /// `/api/upload-url`. The description of the API and the log of unknown paths name it.
    #[must_use]
    pub fn public_path(&self) -> String {
        match (self.base_path.as_str(), &*self.path) {
            ("", path) => path.to_owned(),
            (base, "/") => base.to_owned(),
            (base, path) => format!("{base}{path}"),
        }
    }

    /// Returns whether the endpoint answers at this path: see [`paths`](Self::paths).
    fn is_endpoint(&self, path: &str) -> bool {
        let is_path = |path: &str| {
            path.strip_suffix('/').unwrap_or(path) == self.path.strip_suffix('/').unwrap_or(&self.path)
        };
        is_path(path) || self.base_path.strip(path).is_some_and(is_path)
    }

    /// Sets the maximum size of a request body in bytes. Longer bodies are refused with 413 `body-too-large`.
    ///
    /// The default, [`MAX_BODY_BYTES`], leaves room for 32 entries of metadata. A lower limit saves memory under load, and
    /// 0 refuses every body.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        Self { max_body: bytes, ..self }
    }

    /// Adds the members that `members` returns to the body of every grant, for example the URL at which the object can be
    /// read later.
    ///
    /// The function runs within the request and must not wait. A member that the API itself defines
    /// ([`ReservedMember`](crate::ReservedMember)) overwrites nothing: the client receives 500 `internal` instead of the
    /// grant. The reason is logged, and the service's observers, which have received the grant before, receive it too.
    ///
    /// ```
    /// use upsign_http::Api;
    ///
    /// # fn with_url(api: Api) -> Api {
    /// api.with_grant_members(|upload| {
    ///     let url = format!("https://cdn.example.com/{}", upload.grant.key.as_str());
    ///     [("publicUrl".to_owned(), url.into())].into_iter().collect()
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn with_grant_members(
        self,
        members: impl Fn(&GrantedUpload<'_>) -> Map<String, Value> + Send + Sync + 'static,
    ) -> Self {
        Self { members: Some(Arc::new(members)), ..self }
    }

    /// Returns the service.
    #[must_use]
    pub const fn service(&self) -> &UploadService<P> {
        &self.service
    }

    /// Returns the web origins whose pages may call the API.
    #[must_use]
    pub fn origins(&self) -> &CorsOrigins {
        &self.origins
    }

    /// Returns the path of the endpoint.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the maximum size of a request body in bytes. Adapters stop reading a body at this size.
    #[must_use]
    pub const fn max_body(&self) -> usize {
        self.max_body
    }

    /// Returns the body members with which a client can supply an id, on any route: the last argument of
    /// [`UploadBody::read`].
    #[must_use]
    pub fn id_members(&self) -> Vec<&str> {
        self.id_members.iter().map(AsRef::as_ref).collect()
    }

    #[cfg(feature = "openapi")]
    pub(crate) const fn has_grant_members(&self) -> bool {
        self.members.is_some()
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
            let headers = self.allow_headers.clone();
            let headers = match auth.token_header() {
                Some(header) => headers.with_token_header(header),
                None => headers,
            };
            cors::preflight(&header_value(&headers), response.headers_mut());
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
    /// The log has up to 10 lines per minute and reason; see [`RefusalLog`] for their levels. Observers receive every refusal.
    ///
    /// Use [`refuse`](Self::refuse) where there is a request to answer. This method is for adapters that cannot answer,
    /// for example because an event is not a request at all.
    pub fn report(&self, refusal: &Refusal) {
        self.log.log(refusal);
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
        let path = request.uri().path();
        if !self.is_endpoint(path) {
            return Err(RefusedRequest::not_found(path, &self.public_path(), at));
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
        self.count(&caller, at).await?;
        let body =
            UploadBody::read_up_to(self.max_body, request.headers(), request.body(), &self.id_members());
        let issued = self.issue_counted(&caller, body.map_err(Into::into), &[], at).await;
        let (grant, body) = issued.map_err(|refused| refused.with_challenge(auth.challenge().as_ref()))?;
        let UploadBody { route, upload } = body;
        let route = route.as_deref();
        let event = GrantedUpload { caller: &caller, route, upload: &upload, grant: &grant, at };
        let response = self.respond(&event).map_err(|error| {
            let refused = RefusedRequest::new(Problem::internal(), at).with_caller(&caller);
            refused.with_route(route).with_reason(error.to_string())
        })?;
        log_grant(&grant);
        Ok(response)
    }

    fn respond(&self, event: &GrantedUpload<'_>) -> Result<Response<String>, Box<dyn Error>> {
        let members = self.members.as_ref().map(|members| members(event)).unwrap_or_default();
        Ok(GrantBody::new(event.grant).with_members(members)?.try_response()?)
    }
}

/// The names contain only characters that are valid in the value of a header.
fn header_value(headers: &AllowHeaders) -> HeaderValue {
    HeaderValue::try_from(headers.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl<P: fmt::Debug> fmt::Debug for Api<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("service", &self.service)
            .field("origins", &self.origins)
            .field("allow_headers", &self.allow_headers)
            .field("base_path", &self.base_path)
            .field("path", &self.path)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
