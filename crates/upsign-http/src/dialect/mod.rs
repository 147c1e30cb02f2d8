//! The HTTP contracts of other clients, in front of the same service.
//!
//! Each dialect has a private module with the functions that [`contract`] lists. This module finds the dialect of a path, and
//! everything that all of them share: the methods of a path, preflights, and the order of a call.

mod active_storage;
mod better_upload;
mod call;
mod companion;
mod contract;
mod error;
mod git_lfs;
mod granting;
mod render;
mod ticket;
mod uppy;
mod xml;

use std::sync::Arc;

use upsign::{Route, UploadPolicy};
use upsign_core::{Dialect, Presigner};

use crate::api::Api;
use crate::path::InvalidPath;
use crate::paths::without_slash;

pub(crate) use call::DialectCall;
pub(crate) use contract::answer;
pub use error::InvalidDialect;
pub(crate) use render::{Shape, respond};

/// The dialects that an API answers, and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dialects {
    enabled: Arc<[Dialect]>,
    places: Arc<[Place]>,
}

/// Where a dialect answers, as the API receives the path: without the base path, and without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: Box<str>,
    /// Whether the dialect answers below the path, instead of at it.
    pub(crate) is_prefix: bool,
}

impl Place {
    pub(crate) fn at(path: impl Into<Box<str>>) -> Self {
        Self { path: path.into(), is_prefix: false }
    }

    pub(crate) fn below(path: impl Into<Box<str>>) -> Self {
        Self { path: path.into(), is_prefix: true }
    }
}

/// What a dialect serves at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    /// The value of `Access-Control-Allow-Methods`, such as `GET, POST`.
    pub(crate) methods: &'static str,
    /// The headers that its client sends, in addition to those of the API: for preflights.
    pub(crate) headers: &'static [&'static str],
    /// How refusals are written.
    pub(crate) shape: Shape,
    /// The largest body of a request.
    pub(crate) body: Body,
}

/// The largest body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// A description of one file, an upload token, or both.
    Small,
    /// Also a list of all parts of an upload, or of a thousand files.
    List,
}

impl Served {
    pub(crate) fn accepts(self, method: &http::Method) -> bool {
        self.methods.split(", ").any(|name| name == method.as_str())
    }
}

/// A path at which a dialect answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) dialect: Dialect,
    /// The path without the base path, and without a slash at the end.
    pub(crate) path: &'a str,
    pub(crate) served: Served,
}

impl Dialects {
    /// Returns the dialect of a path, which is below the base path or not. It allocates nothing.
    pub(crate) fn at<'a>(&self, path: &'a str, base: &upsign_core::BasePath) -> Option<Found<'a>> {
        if self.enabled.is_empty() {
            return None;
        }
        self.below(path).or_else(|| self.below(base.strip(path)?))
    }

    fn below<'a>(&self, path: &'a str) -> Option<Found<'a>> {
        let path = without_slash(path);
        self.enabled.iter().find_map(|dialect| {
            let served = contract::served(*dialect, path)?;
            Some(Found { dialect: *dialect, path, served })
        })
    }

    /// Returns the paths of one kind, without those of the base path.
    pub(crate) fn paths(&self, is_prefix: bool) -> impl Iterator<Item = &str> {
        self.places.iter().filter(move |place| place.is_prefix == is_prefix).map(|place| &*place.path)
    }
}

/// Returns what a route with this policy lacks to serve a dialect, in words, with the key of `upsign.toml` that adds it; `None` if it
/// serves the dialect. [`Api::with_dialects`] demands one route that lacks nothing.
///
/// ```
/// use upsign_http::{Dialect, dialect_lacks};
/// # use upsign::{Bodyless, Target, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "raw/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// // `policy` is that of a route for `PUT` requests, which bind a size that Uppy does not state.
/// assert!(dialect_lacks(Dialect::Uppy, &policy).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn dialect_lacks(dialect: Dialect, policy: &UploadPolicy) -> Option<Box<str>> {
    contract::lacks(dialect, policy)
}

impl<P: Presigner> Api<P> {
    /// Answers these dialects too: the contracts of other clients, at paths of their own (default: none).
    ///
    /// The policies decide as for the API's own contract. A dialect answers at the paths that its client expects, below the base
    /// path if there is one; [`paths`](Self::paths) and [`prefixes`](Self::prefixes) contain them.
    ///
    /// ```
    /// use upsign_http::{Api, Dialect, InvalidDialect};
    ///
    /// fn for_uppy(api: Api) -> Result<Api, InvalidDialect> {
    ///     api.with_dialects([Dialect::Uppy])
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidDialect`] if no route has what the dialect needs, or if one of its paths is that of another endpoint or route.
    pub fn with_dialects(self, dialects: impl IntoIterator<Item = Dialect>) -> Result<Self, InvalidDialect> {
        let mut enabled: Vec<Dialect> = dialects.into_iter().collect();
        enabled.sort_unstable();
        enabled.dedup();
        for dialect in &enabled {
            if !Dialect::ALL.contains(dialect) {
                return Err(InvalidDialect::Unknown(*dialect));
            }
            self.check_routes(*dialect)?;
        }
        if enabled.contains(&Dialect::GitLfs) {
            git_lfs::check_base_path(&self)?;
        }
        let places: Vec<_> =
            enabled.iter().flat_map(|dialect| contract::places(*dialect, self.service.routes())).collect();
        let dialects = Dialects { enabled: enabled.into(), places: places.into() };
        if let Some((dialect, path)) = self.conflict(&dialects) {
            return Err(InvalidDialect::Path { dialect, path });
        }
        Ok(Self { dialects, ..self })
    }

    /// Returns the dialects that the API answers.
    #[must_use]
    pub fn dialects(&self) -> &[Dialect] {
        &self.dialects.enabled
    }

    /// Returns every path below which a dialect answers, at segments that vary: with and without the base path, and without a
    /// slash at the end. Adapters with a router send the API every request whose path begins with one of them and a slash.
    #[must_use]
    pub fn prefixes(&self) -> Vec<String> {
        self.paths.with_and_without_base(self.dialects.paths(true))
    }

    /// Returns the dialect that answers at a path, with any method, or `None`.
    ///
    /// Adapters pass it to [`RefusedRequest::with_dialect`](crate::RefusedRequest::with_dialect), so that the client can read the
    /// requests that they refuse themselves.
    #[must_use]
    pub fn dialect_at(&self, path: &str) -> Option<Dialect> {
        if self.paths.at(path).is_some() {
            return None;
        }
        self.dialects.at(path, self.paths.base()).map(|found| found.dialect)
    }

    /// Returns every route by its name, with what it lacks to serve a dialect: `None` if it lacks nothing.
    #[must_use]
    pub fn routes_for(&self, dialect: Dialect) -> Vec<(Option<&str>, Option<Box<str>>)> {
        let routes = self.service.routes().iter();
        routes.map(|route| (route.name(), contract::lacks(dialect, route.issuer().policy()))).collect()
    }

    fn check_routes(&self, dialect: Dialect) -> Result<(), InvalidDialect> {
        let routes = self.routes_for(dialect);
        if routes.iter().any(|(_, lacks)| lacks.is_none()) {
            return Ok(());
        }
        let reasons = routes.iter().map(|(name, lacks)| {
            let lacks = lacks.as_deref().unwrap_or_default();
            name.map_or_else(|| lacks.to_owned(), |name| format!("route {name}: {lacks}"))
        });
        let reason = reasons.collect::<Vec<_>>().join("; ").into();
        Err(InvalidDialect::NoRoute { dialect, reason })
    }

    /// Returns the name of the route for a request that names none: that of the only route that serves the dialect, if the service
    /// has no unnamed route. `None` is the unnamed route.
    pub(crate) fn default_route(&self, dialect: Dialect) -> Option<&str> {
        let routes = self.service.routes();
        if routes.iter().any(|route| route.name().is_none()) {
            return None;
        }
        let serves = |route: &&Route<P>| contract::lacks(dialect, route.issuer().policy()).is_none();
        let mut serving = routes.iter().filter(serves);
        match (serving.next(), serving.next()) {
            (Some(only), None) => only.name(),
            _ => None,
        }
    }

    /// Checks paths of the API that were changed after the dialects were set.
    pub(crate) fn check_dialect_paths(self) -> Result<Self, InvalidPath> {
        match self.conflict(&self.dialects) {
            Some((dialect, path)) => Err(InvalidPath::OfDialect { dialect, path }),
            None => Ok(self),
        }
    }

    /// Returns a dialect whose path is that of an endpoint or of another dialect.
    fn conflict(&self, dialects: &Dialects) -> Option<(Dialect, Box<str>)> {
        let own = self.paths.own();
        let own = own.iter().find_map(|path| Some((dialects.below(path)?.dialect, path.as_str().into())));
        own.or_else(|| {
            dialects.paths(false).find_map(|path| {
                let mut answering =
                    dialects.enabled.iter().filter(|it| contract::served(**it, path).is_some());
                let _first = answering.next();
                answering.next().map(|second| (*second, path.into()))
            })
        })
    }
}

#[cfg(test)]
mod tests;
