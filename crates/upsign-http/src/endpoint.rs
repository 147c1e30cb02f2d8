//! The endpoints of the API and their paths.

use http::Method;
use upsign_core::{BasePath, Dialect, Presigner};

use crate::api::Api;
use crate::path::InvalidPath;

/// An endpoint of the API. Each accepts one method, and `OPTIONS` for preflights; only dialects accept several.
///
/// Every API has [`Issue`](Self::Issue). The others are served if a route needs them:
///
/// | endpoints | served if |
/// | --- | --- |
/// | [`OF_SESSIONS`](Self::OF_SESSIONS) | a route has multipart uploads |
/// | [`Confirm`](Self::Confirm) | a route confirms its uploads |
/// | [`ReadUrl`](Self::ReadUrl) | a route confirms its uploads, and [`Api::with_read_urls`] is set |
/// | [`Delete`](Self::Delete) | a route lets callers delete their uploads |
/// | [`Dialect`](Self::Dialect) | [`Api::with_dialects`] contains it; [`Api::dialects`] lists these, not [`Api::endpoints`] |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/upload-url`: issues an upload.
    Issue,
    /// `/uploads/parts`: signs the requests for parts of a multipart upload.
    Parts,
    /// `/uploads/status`: reports which parts of a multipart upload the store has.
    Status,
    /// `/uploads/complete`: assembles the parts of a multipart upload into the object.
    Complete,
    /// `/uploads/abort`: ends a multipart upload without an object.
    Abort,
    /// `/uploads/confirm`: compares an uploaded object with what was granted, and inspects it.
    Confirm,
    /// `/uploads/read-url`: signs a URL at which a confirmed object can be read.
    ReadUrl,
    /// `DELETE /uploads`: deletes the object of an upload.
    Delete,
    /// The paths of a dialect, whose methods differ.
    Dialect(Dialect),
}

impl Endpoint {
    /// The endpoints that continue a multipart upload, which its upload token identifies.
    pub const OF_SESSIONS: [Self; 4] = [Self::Parts, Self::Status, Self::Complete, Self::Abort];

    /// Returns the name for metrics and logs: `issue`, `delete`, the name of a dialect, or the last segment of the path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Parts => "parts",
            Self::Status => "status",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Confirm => "confirm",
            Self::ReadUrl => "read-url",
            Self::Delete => "delete",
            Self::Dialect(dialect) => dialect.name(),
        }
    }

    /// Returns the method of its requests: `DELETE` for [`Delete`](Self::Delete), and `POST` for the others. Dialects accept
    /// further methods.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Delete => Method::DELETE,
            _ => Method::POST,
        }
    }
}

impl<P: Presigner> Api<P> {
    /// Sets the path of the endpoint that issues uploads, as the API receives it: without a prefix that a router strips.
    ///
    /// # Errors
    /// Returns [`InvalidPath`] if the path is not `/`, or segments of letters, digits, `-`, `.`, `_` and `~`, each after a
    /// `/`: routers differ in how they read other characters. The paths of two endpoints must differ.
    pub fn with_path(self, path: impl Into<Box<str>>) -> Result<Self, InvalidPath> {
        Self { paths: self.paths.with_issue(path.into())?, ..self }.check_dialect_paths()
    }

    /// Sets the path at and below which the endpoints for uploads that have begun are (default: [`UPLOADS`](crate::UPLOADS), so
    /// that one of them is `/uploads/parts`). [`Endpoint`] describes which of them are served.
    ///
    /// # Errors
    /// Returns the errors of [`with_path`](Self::with_path).
    pub fn with_uploads_path(self, path: impl Into<Box<str>>) -> Result<Self, InvalidPath> {
        Self { paths: self.paths.with_uploads(path.into())?, ..self }.check_dialect_paths()
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
        Self { paths: self.paths.with_base(base_path), ..self }
    }

    /// Returns every path at which an endpoint answers: the path itself, the same below the base path, and both with a slash at
    /// the end. Adapters with a router register each of them, and everything below the [`prefixes`](Self::prefixes).
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths = self.paths.all();
        paths.extend(self.paths.with_and_without_slash(self.dialects.paths(false)));
        paths
    }

    /// Returns the path at which clients reach the endpoint that issues uploads: [`path`](Self::path) below the base path, such
    /// as `/api/upload-url`. The description of the API and the log of unknown paths name it.
    #[must_use]
    pub fn public_path(&self) -> String {
        self.public_path_of(Endpoint::Issue)
    }

    /// Returns the path at which clients reach an endpoint, such as `/api/uploads/parts`.
    #[must_use]
    pub fn public_path_of(&self, endpoint: Endpoint) -> String {
        self.paths.public(endpoint)
    }

    /// Returns the endpoints that are served: [`Endpoint::Issue`], and the others if a route needs them.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.paths.endpoints().to_vec()
    }

    /// Returns the endpoint that answers requests with a method at one of the [`paths`](Self::paths) or below one of the
    /// [`prefixes`](Self::prefixes); `None` at another path or with another method.
    #[must_use]
    pub fn endpoint(&self, method: &Method, path: &str) -> Option<Endpoint> {
        if let Some(served) = self.paths.at(path) {
            return served.endpoint(method);
        }
        let found = self.dialects.at(path, self.paths.base())?;
        found.served.accepts(method).then_some(Endpoint::Dialect(found.dialect))
    }

    /// Serves `POST /uploads/read-url` if a route confirms its uploads (default: `false`).
    ///
    /// Set it if clients read objects with URLs that the service signs. The credentials of the service then need the permission to
    /// read the objects (`s3:GetObject`).
    #[must_use]
    pub fn with_read_urls(self, read_urls: bool) -> Self {
        Self { paths: self.paths.with_read_urls(read_urls), ..self }
    }

    /// Returns the path of the endpoint that issues uploads.
    #[must_use]
    pub fn path(&self) -> &str {
        self.paths.issue()
    }

    /// Returns the path at and below which the endpoints for uploads that have begun are.
    #[must_use]
    pub fn uploads_path(&self) -> &str {
        self.paths.uploads()
    }

    /// Returns the same path below the base path, such as `/api/uploads`.
    #[must_use]
    pub fn public_uploads_path(&self) -> String {
        self.paths.below_base(self.paths.uploads())
    }
}
