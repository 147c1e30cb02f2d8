//! The endpoints of the API and their paths.

use std::sync::Arc;

use upsign_core::{BasePath, Presigner};

use crate::api::Api;
use crate::path::{self, InvalidPath, UPLOAD_URL, UPLOADS};

/// An endpoint of the API. Each accepts `POST`, and `OPTIONS` for preflights.
///
/// An API whose routes have no multipart uploads has only [`Issue`](Self::Issue).
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
}

impl Endpoint {
    /// The endpoints that continue an upload, which its upload token identifies.
    pub const OF_SESSIONS: [Self; 4] = [Self::Parts, Self::Status, Self::Complete, Self::Abort];

    /// Returns the name for metrics and logs: `issue`, or the last segment of the path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Parts => "parts",
            Self::Status => "status",
            Self::Complete => "complete",
            Self::Abort => "abort",
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
        Ok(Self { paths: self.paths.with_issue(path.into())?, ..self })
    }

    /// Sets the path below which the endpoints for multipart uploads are (default: [`UPLOADS`], so that one of them is
    /// `/uploads/parts`). An API without multipart uploads does not serve them.
    ///
    /// # Errors
    /// Returns the errors of [`with_path`](Self::with_path).
    pub fn with_uploads_path(self, path: impl Into<Box<str>>) -> Result<Self, InvalidPath> {
        Ok(Self { paths: self.paths.with_uploads(path.into())?, ..self })
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
        Self { paths: Paths { base: base_path, ..self.paths }, ..self }
    }

    /// Returns every path at which an endpoint answers: the path itself, the same below the base path, and both with a slash at
    /// the end. Adapters with a router register each of them.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.paths.all()
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

    /// Returns the endpoints that are served: [`Endpoint::Issue`], and the others if a route has multipart uploads.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.paths.endpoints()
    }

    /// Returns the endpoint that answers at one of the [`paths`](Self::paths), or `None` at another path.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Option<Endpoint> {
        self.paths.endpoint(path)
    }

    /// Returns the path of the endpoint that issues uploads.
    #[must_use]
    pub fn path(&self) -> &str {
        self.paths.issue()
    }

    /// Returns the path below which the endpoints for multipart uploads are.
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

/// The paths of an API.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    base: BasePath,
    issue: Arc<str>,
    uploads: Arc<str>,
    /// Whether the endpoints of [`Endpoint::OF_SESSIONS`] are served.
    sessions: bool,
}

impl Paths {
    pub(crate) fn new(sessions: bool) -> Self {
        Self { base: BasePath::default(), issue: UPLOAD_URL.into(), uploads: UPLOADS.into(), sessions }
    }

    pub(crate) fn with_issue(self, path: Box<str>) -> Result<Self, InvalidPath> {
        Self { issue: path::check(path)?.into(), ..self }.checked()
    }

    pub(crate) fn with_uploads(self, path: Box<str>) -> Result<Self, InvalidPath> {
        Self { uploads: path::check(path)?.into(), ..self }.checked()
    }

    /// Refuses paths of two endpoints that are equal.
    fn checked(self) -> Result<Self, InvalidPath> {
        let issue = self.path_of(Endpoint::Issue);
        let mut others = self.endpoints().into_iter().filter(|endpoint| *endpoint != Endpoint::Issue);
        if others.any(|endpoint| self.path_of(endpoint) == issue) {
            return Err(InvalidPath::Taken(issue.into()));
        }
        Ok(self)
    }

    pub(crate) fn issue(&self) -> &str {
        &self.issue
    }

    pub(crate) fn uploads(&self) -> &str {
        &self.uploads
    }

    /// Returns the endpoints that are served.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        let sessions: &[Endpoint] = if self.sessions { &Endpoint::OF_SESSIONS } else { &[] };
        [Endpoint::Issue].iter().chain(sessions).copied().collect()
    }

    /// Returns the path of an endpoint, as the API receives it.
    fn path_of(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Issue => (*self.issue).to_owned(),
            _ => format!("{}/{}", self.uploads.strip_suffix('/').unwrap_or(&self.uploads), endpoint.name()),
        }
    }

    /// Returns the path of an endpoint below the base path.
    pub(crate) fn public(&self, endpoint: Endpoint) -> String {
        self.below_base(&self.path_of(endpoint))
    }

    fn below_base(&self, path: &str) -> String {
        match (self.base.as_str(), path) {
            ("", path) => path.to_owned(),
            (base, "/") => base.to_owned(),
            (base, path) => format!("{base}{path}"),
        }
    }

    /// Returns every path that is served: with and without the base path, and with and without a slash at the end.
    pub(crate) fn all(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for endpoint in self.endpoints() {
            let path = self.path_of(endpoint);
            let path = path.strip_suffix('/').unwrap_or(&path);
            for base in ["", self.base.as_str()] {
                let candidates = [format!("{base}{path}"), format!("{base}{path}/")];
                for candidate in candidates.into_iter().filter(|path| !path.is_empty()) {
                    if !paths.contains(&candidate) {
                        paths.push(candidate);
                    }
                }
            }
        }
        paths
    }

    /// Returns the endpoint that is served at a path of [`all`](Self::all).
    pub(crate) fn endpoint(&self, path: &str) -> Option<Endpoint> {
        self.below(path).or_else(|| self.below(self.base.strip(path)?))
    }

    /// Returns the endpoint at a path without the base path. It does not allocate: it runs for every request.
    fn below(&self, path: &str) -> Option<Endpoint> {
        let without_slash = |path: &'_ str| -> usize { path.strip_suffix('/').unwrap_or(path).len() };
        let path = path.get(..without_slash(path))?;
        if Some(path) == self.issue.get(..without_slash(&self.issue)) {
            return Some(Endpoint::Issue);
        }
        let rest = path.strip_prefix(self.uploads.get(..without_slash(&self.uploads))?)?.strip_prefix('/')?;
        let served = if self.sessions { Endpoint::OF_SESSIONS.as_slice() } else { &[] };
        served.iter().copied().find(|endpoint| endpoint.name() == rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(base: &str, issue: &str, uploads: &str) -> Paths {
        let paths = Paths { base: base.parse().unwrap(), ..Paths::new(true) };
        paths.with_uploads(uploads.into()).unwrap().with_issue(issue.into()).unwrap()
    }

    #[test]
    fn service_without_multipart_serves_one_endpoint() {
        let paths = Paths::new(false);
        assert_eq!(paths.endpoints(), [Endpoint::Issue]);
        assert_eq!(paths.all(), ["/upload-url", "/upload-url/"]);
        assert_eq!(paths.endpoint("/uploads/parts"), None);
        // The path is free, because nothing else is served there.
        let paths = paths.with_issue("/uploads/parts".into()).unwrap();
        assert_eq!(paths.endpoint("/uploads/parts"), Some(Endpoint::Issue));
    }

    #[test]
    fn every_served_path_leads_to_its_endpoint() {
        for (base, issue, uploads) in [
            ("", "/upload-url", "/uploads"),
            ("/api", "/upload-url", "/uploads"),
            ("/api/v1", "/", "/"),
            ("", "/uploads", "/uploads"),
            ("/uploads", "/uploads/parts/issue", "/uploads/parts"),
        ] {
            let paths = paths(base, issue, uploads);
            let all = paths.all();
            for endpoint in paths.endpoints() {
                let public = paths.public(endpoint);
                assert_eq!(paths.endpoint(&public), Some(endpoint), "{public}");
                assert_eq!(paths.endpoint(&paths.path_of(endpoint)), Some(endpoint));
                assert!(all.contains(&public), "{public} in {all:?}");
                for wrong in [format!("{public}x"), format!("{public}//"), format!("/x{public}")] {
                    assert_eq!(paths.endpoint(&wrong), None, "{wrong}");
                }
            }
            for path in &all {
                assert!(paths.endpoint(path).is_some(), "{path}");
            }
        }
    }

    #[test]
    fn paths_of_sessions_are_below_their_own_path() {
        let paths = paths("/api", "/upload-url", "/media/large");
        let expected = [
            (Endpoint::Issue, "/api/upload-url"),
            (Endpoint::Parts, "/api/media/large/parts"),
            (Endpoint::Status, "/api/media/large/status"),
            (Endpoint::Complete, "/api/media/large/complete"),
            (Endpoint::Abort, "/api/media/large/abort"),
        ];
        for (endpoint, path) in expected {
            assert_eq!(paths.public(endpoint), path);
        }
        for path in ["/media/large", "/media/large/issue", "/media/large/Parts", "/uploads/parts"] {
            assert_eq!(paths.endpoint(path), None, "{path}");
        }
    }

    #[test]
    fn two_endpoints_cannot_have_one_path() {
        let taken = |path: &str| InvalidPath::Taken(path.into());
        assert_eq!(
            Paths::new(true).with_issue("/uploads/abort".into()).unwrap_err(),
            taken("/uploads/abort")
        );
        let moved = Paths::new(true).with_issue("/large/parts".into()).unwrap();
        assert_eq!(moved.with_uploads("/large".into()).unwrap_err(), taken("/large/parts"));
        let malformed = InvalidPath::Malformed("/a/{id}".into());
        assert_eq!(Paths::new(true).with_uploads("/a/{id}".into()).unwrap_err(), malformed);
    }
}
