//! Which endpoint answers at which path.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use upsign_core::BasePath;

use crate::endpoint::Endpoint;
use crate::path::{self, InvalidPath, UPLOAD_URL, UPLOADS};

/// The paths of an API.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    base: BasePath,
    issue: Arc<str>,
    uploads: Arc<str>,
    /// The endpoints that are served, without [`Endpoint::ReadUrl`] unless the application has enabled it.
    served: Arc<[Endpoint]>,
}

/// What is served at a path: an endpoint for one or both of the methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    post: Option<Endpoint>,
    deletes: bool,
}

impl Served {
    pub(crate) fn endpoint(self, method: &Method) -> Option<Endpoint> {
        match *method {
            Method::POST => self.post,
            Method::DELETE => self.deletes.then_some(Endpoint::Delete),
            _ => None,
        }
    }

    /// Returns the value of `Allow`.
    pub(crate) const fn allow(self) -> &'static str {
        match (self.post.is_some(), self.deletes) {
            (true, true) => "POST, DELETE, OPTIONS",
            (false, true) => "DELETE, OPTIONS",
            (_, false) => "POST, OPTIONS",
        }
    }

    /// Returns the value of `Access-Control-Allow-Methods`.
    pub(crate) const fn cors_methods(self) -> &'static str {
        match (self.post.is_some(), self.deletes) {
            (true, true) => "POST, DELETE",
            (false, true) => "DELETE",
            (_, false) => "POST",
        }
    }
}

impl Paths {
    /// Creates the default paths of the issuing endpoint and of these others.
    pub(crate) fn new(others: impl IntoIterator<Item = Endpoint>) -> Self {
        let served: BTreeSet<_> = others.into_iter().chain([Endpoint::Issue]).collect();
        let served = served.into_iter().collect();
        Self { base: BasePath::default(), issue: UPLOAD_URL.into(), uploads: UPLOADS.into(), served }
    }

    pub(crate) fn with_base(self, base: BasePath) -> Self {
        Self { base, ..self }
    }

    /// Adds or removes the endpoint that signs URLs for reading. Without confirmed uploads there is nothing to read.
    pub(crate) fn with_read_urls(self, read_urls: bool) -> Self {
        let mut served: BTreeSet<_> = self.served.iter().copied().collect();
        if read_urls && served.contains(&Endpoint::Confirm) {
            served.insert(Endpoint::ReadUrl);
        } else {
            served.remove(&Endpoint::ReadUrl);
        }
        Self { served: served.into_iter().collect(), ..self }
    }

    pub(crate) fn with_issue(self, path: Box<str>) -> Result<Self, InvalidPath> {
        Self { issue: path::check(path)?.into(), ..self }.checked()
    }

    pub(crate) fn with_uploads(self, path: Box<str>) -> Result<Self, InvalidPath> {
        Self { uploads: path::check(path)?.into(), ..self }.checked()
    }

    /// Refuses paths of two endpoints with the same method that are equal. [`Endpoint::ReadUrl`] counts even if it is not served,
    /// so that the order of the settings of an API does not matter.
    fn checked(self) -> Result<Self, InvalidPath> {
        let issue = self.path_of(Endpoint::Issue);
        let read_url = self.serves(Endpoint::Confirm).then_some(Endpoint::ReadUrl);
        let others = self.served.iter().copied().chain(read_url);
        let mut others = others.filter(|it| *it != Endpoint::Issue && it.method() == Method::POST);
        if others.any(|endpoint| self.path_of(endpoint) == issue) {
            return Err(InvalidPath::Taken(issue.into()));
        }
        Ok(self)
    }

    fn serves(&self, endpoint: Endpoint) -> bool {
        self.served.contains(&endpoint)
    }

    pub(crate) fn issue(&self) -> &str {
        &self.issue
    }

    pub(crate) fn uploads(&self) -> &str {
        &self.uploads
    }

    /// Returns the endpoints that are served.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.served
    }

    /// Returns the path of an endpoint, as the API receives it.
    fn path_of(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Issue => (*self.issue).to_owned(),
            Endpoint::Delete => (*self.uploads).to_owned(),
            _ => format!("{}/{}", self.uploads.strip_suffix('/').unwrap_or(&self.uploads), endpoint.name()),
        }
    }

    /// Returns the path of an endpoint below the base path.
    pub(crate) fn public(&self, endpoint: Endpoint) -> String {
        self.below_base(&self.path_of(endpoint))
    }

    pub(crate) fn below_base(&self, path: &str) -> String {
        match (self.base.as_str(), path) {
            ("", path) => path.to_owned(),
            (base, "/") => base.to_owned(),
            (base, path) => format!("{base}{path}"),
        }
    }

    /// Returns every path that is served: with and without the base path, and with and without a slash at the end.
    pub(crate) fn all(&self) -> Vec<String> {
        let own = self.own();
        self.with_and_without_slash(own.iter().map(String::as_str))
    }

    /// Returns the path of every endpoint, without the base path.
    pub(crate) fn own(&self) -> Vec<String> {
        self.served.iter().map(|endpoint| self.path_of(*endpoint)).collect()
    }

    /// Returns these paths with and without the base path, and with and without a slash at the end, each once.
    pub(crate) fn with_and_without_slash<'a>(&self, own: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut paths = Vec::new();
        for path in self.with_and_without_base(own.map(without_slash)) {
            let slash = format!("{path}/");
            for candidate in [path, slash].into_iter().filter(|path| !path.is_empty()) {
                if !paths.contains(&candidate) {
                    paths.push(candidate);
                }
            }
        }
        paths
    }

    /// Returns these paths with and without the base path.
    pub(crate) fn with_and_without_base<'a>(&self, own: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut paths = Vec::new();
        for path in own {
            for candidate in [path.to_owned(), format!("{}{path}", self.base)] {
                if !paths.contains(&candidate) {
                    paths.push(candidate);
                }
            }
        }
        paths
    }

    pub(crate) const fn base(&self) -> &BasePath {
        &self.base
    }

    /// Returns what is served at a path of [`all`](Self::all).
    pub(crate) fn at(&self, path: &str) -> Option<Served> {
        self.below(path).or_else(|| self.below(self.base.strip(path)?))
    }

    /// Returns what is served at a path without the base path. It does not allocate: it runs for every request.
    fn below(&self, path: &str) -> Option<Served> {
        let path = without_slash(path);
        let rest = path.strip_prefix(without_slash(&self.uploads));
        let deletes = rest == Some("") && self.serves(Endpoint::Delete);
        let post = match rest.and_then(|rest| rest.strip_prefix('/')) {
            _ if path == without_slash(&self.issue) => Some(Endpoint::Issue),
            Some(name) => self.named(name),
            None => None,
        };
        (post.is_some() || deletes).then_some(Served { post, deletes })
    }

    /// Returns the endpoint whose path has this last segment.
    fn named(&self, name: &str) -> Option<Endpoint> {
        let has_own_segment = |endpoint: &Endpoint| !matches!(endpoint, Endpoint::Issue | Endpoint::Delete);
        self.served.iter().copied().filter(has_own_segment).find(|endpoint| endpoint.name() == name)
    }
}

pub(crate) fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Endpoint; 8] = [
        Endpoint::Issue,
        Endpoint::Parts,
        Endpoint::Status,
        Endpoint::Complete,
        Endpoint::Abort,
        Endpoint::Confirm,
        Endpoint::ReadUrl,
        Endpoint::Delete,
    ];

    fn post(endpoint: Endpoint) -> Option<Served> {
        Some(Served { post: Some(endpoint), deletes: false })
    }

    fn paths(base: &str, issue: &str, uploads: &str) -> Paths {
        let paths = Paths { base: base.parse().unwrap(), ..Paths::new(ALL) };
        paths.with_uploads(uploads.into()).unwrap().with_issue(issue.into()).unwrap()
    }

    #[test]
    fn service_without_multipart_serves_one_endpoint() {
        let paths = Paths::new([]);
        assert_eq!(paths.endpoints(), [Endpoint::Issue]);
        assert_eq!(paths.all(), ["/upload-url", "/upload-url/"]);
        assert_eq!(paths.at("/uploads/parts"), None);
        assert_eq!(paths.at("/uploads"), None);
        // The path is free, because nothing else is served there.
        let paths = paths.with_issue("/uploads/parts".into()).unwrap();
        assert_eq!(paths.at("/uploads/parts"), post(Endpoint::Issue));
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
            for endpoint in paths.endpoints().iter().copied() {
                let public = paths.public(endpoint);
                let at = |path: &str| paths.at(path)?.endpoint(&endpoint.method());
                assert_eq!(at(&public), Some(endpoint), "{public}");
                assert_eq!(at(&paths.path_of(endpoint)), Some(endpoint));
                assert!(all.contains(&public), "{public} in {all:?}");
                for wrong in [format!("{public}x"), format!("{public}//"), format!("/x{public}")] {
                    assert_eq!(paths.at(&wrong), None, "{wrong}");
                }
            }
            for path in &all {
                assert!(paths.at(path).is_some(), "{path}");
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
            (Endpoint::Confirm, "/api/media/large/confirm"),
            (Endpoint::ReadUrl, "/api/media/large/read-url"),
            (Endpoint::Delete, "/api/media/large"),
        ];
        for (endpoint, path) in expected {
            assert_eq!(paths.public(endpoint), path);
        }
        for path in ["/media/large/issue", "/media/large/delete", "/media/large/Parts", "/uploads/parts"] {
            assert_eq!(paths.at(path), None, "{path}");
        }
    }

    #[test]
    fn two_endpoints_of_one_method_cannot_have_one_path() {
        let taken = |path: &str| InvalidPath::Taken(path.into());
        for path in ["/uploads/abort", "/uploads/confirm", "/uploads/read-url"] {
            assert_eq!(Paths::new(ALL).with_issue(path.into()).unwrap_err(), taken(path));
        }
        let moved = Paths::new(ALL).with_issue("/large/parts".into()).unwrap();
        assert_eq!(moved.with_uploads("/large".into()).unwrap_err(), taken("/large/parts"));
        let malformed = InvalidPath::Malformed("/a/{id}".into());
        assert_eq!(Paths::new(ALL).with_uploads("/a/{id}".into()).unwrap_err(), malformed);
        // It could be enabled later.
        let confirming = Paths::new([Endpoint::Confirm]);
        assert_eq!(
            confirming.with_issue("/uploads/read-url".into()).unwrap_err(),
            taken("/uploads/read-url")
        );
    }

    #[test]
    fn issuing_and_deleting_can_share_a_path() {
        let shared = paths("", "/uploads", "/uploads").at("/uploads").unwrap();
        assert_eq!(shared.endpoint(&Method::POST), Some(Endpoint::Issue));
        assert_eq!(shared.endpoint(&Method::DELETE), Some(Endpoint::Delete));
        assert_eq!((shared.allow(), shared.cors_methods()), ("POST, DELETE, OPTIONS", "POST, DELETE"));
        let alone = paths("", "/upload-url", "/uploads").at("/uploads/").unwrap();
        assert_eq!(alone.endpoint(&Method::POST), None);
        assert_eq!((alone.allow(), alone.cors_methods()), ("DELETE, OPTIONS", "DELETE"));
    }

    #[test]
    fn reading_needs_confirmed_uploads() {
        let serves = |paths: Paths| paths.endpoints().contains(&Endpoint::ReadUrl);
        assert!(!serves(Paths::new([]).with_read_urls(true)));
        assert!(serves(Paths::new([Endpoint::Confirm]).with_read_urls(true)));
        assert!(!serves(Paths::new([Endpoint::Confirm]).with_read_urls(true).with_read_urls(false)));
    }
}
