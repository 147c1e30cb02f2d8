//! The settings of the API.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use upsign::{Route, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest, UploadService};
use upsign_core::api_cors::AllowHeaders;
use upsign_core::{CorsOrigins, Identity, Presigner, Timestamp};
use upsign_policy::{MultipartMode, MultipartOptions};

use crate::dialect::Dialects;
use crate::endpoint::Endpoint;
use crate::paths::Paths;
use crate::refusal_log::RefusalLog;
use crate::upload_body::MAX_BODY_BYTES;

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
    pub(crate) service: UploadService<P>,
    pub(crate) origins: Arc<CorsOrigins>,
    pub(crate) allow_headers: AllowHeaders,
    pub(crate) paths: Paths,
    pub(crate) dialects: Dialects,
    pub(crate) max_body: usize,
    /// The maximum number of files in one request of any route.
    pub(crate) max_files: u16,
    pub(crate) members: Option<GrantMembers>,
    pub(crate) log: Arc<RefusalLog>,
    /// The body members for ids of all routes, each once: a service may have thousands of routes.
    pub(crate) id_members: Arc<[Box<str>]>,
}

// Derived, it would require `P: Clone`.
impl<P> Clone for Api<P> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            origins: Arc::clone(&self.origins),
            allow_headers: self.allow_headers.clone(),
            paths: self.paths.clone(),
            dialects: self.dialects.clone(),
            max_body: self.max_body,
            max_files: self.max_files,
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
        Api {
            service: self.service.boxed(),
            origins: self.origins,
            allow_headers: self.allow_headers,
            paths: self.paths,
            dialects: self.dialects,
            max_body: self.max_body,
            max_files: self.max_files,
            members: self.members,
            log: self.log,
            id_members: self.id_members,
        }
    }
}

impl<P: Presigner> Api<P> {
    /// Creates the API of a service, or of a single issuer, at [`UPLOAD_URL`](crate::UPLOAD_URL) and for bodies up to [`MAX_BODY_BYTES`].
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
        let (max_body, origins) = (MAX_BODY_BYTES, Arc::new(origins));
        let service = service.into();
        let policies = || service.routes().iter().map(Route::issuer).map(UploadIssuer::policy);
        let paths = Paths::new(policies().flat_map(needed));
        let id_members: BTreeSet<Box<str>> =
            policies().flat_map(UploadPolicy::client_may_supply).map(|id| id.wire_name().into()).collect();
        let id_members = id_members.into_iter().collect();
        let allow_headers = AllowHeaders::default();
        let max_files = policies().map(|policy| policy.files().max_files()).max().unwrap_or(1);
        Self {
            service,
            origins,
            allow_headers,
            paths,
            dialects: Dialects::default(),
            max_body,
            max_files,
            members: None,
            log: Arc::default(),
            id_members,
        }
    }

    /// Sets the headers that pages may send, for the answer to preflights (default: `authorization` and `content-type`).
    ///
    /// The first header is replaced by [`Authenticate::token_header`](crate::Authenticate::token_header), if callers send their token in another one.
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

    /// Sets the maximum size in bytes of the body of a request for an upload. Longer bodies are refused with 413 `body-too-large`.
    /// If a route accepts several files in one request, each after the first one adds 1 KiB.
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

    /// Returns the maximum size in bytes of the body of a request for one upload. [`max_body_of`](Self::max_body_of) covers several
    /// files and the other endpoints.
    #[must_use]
    pub const fn max_body(&self) -> usize {
        self.max_body
    }

    /// Returns the body members with which a client can supply an id, on any route: the last argument of
    /// [`UploadBody::read`](crate::UploadBody::read).
    #[must_use]
    pub fn id_members(&self) -> Vec<&str> {
        self.id_members.iter().map(AsRef::as_ref).collect()
    }

    #[cfg(feature = "openapi")]
    pub(crate) const fn has_grant_members(&self) -> bool {
        self.members.is_some()
    }
}

/// Returns the endpoints that the uploads of a policy need after they were granted.
fn needed(policy: &UploadPolicy) -> Vec<Endpoint> {
    let mode = policy.multipart().map(MultipartOptions::mode);
    let in_parts = mode.is_some_and(|mode| mode != MultipartMode::No);
    let mut endpoints = if in_parts { Endpoint::OF_SESSIONS.to_vec() } else { Vec::new() };
    let options = policy.confirmation();
    endpoints.extend(options.confirm().then_some(Endpoint::Confirm));
    endpoints.extend(options.delete().then_some(Endpoint::Delete));
    endpoints
}

impl<P: fmt::Debug> fmt::Debug for Api<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("service", &self.service)
            .field("origins", &self.origins)
            .field("allow_headers", &self.allow_headers)
            .field("paths", &self.paths)
            .field("dialects", &self.dialects)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
