//! The reasons why an API cannot answer a dialect.

use upsign_core::Dialect;

/// The reason why an API cannot answer a dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDialect {
    /// This version of the API does not answer the dialect.
    #[error("the dialect `{0}` is not available in this version")]
    Unknown(Dialect),
    /// No route has what the dialect needs.
    #[error("no route can serve the dialect `{dialect}`: {reason}")]
    NoRoute {
        /// The dialect.
        dialect: Dialect,
        /// What each route lacks, in words.
        reason: Box<str>,
    },
    /// The path of the dialect is also that of an endpoint, or of another dialect.
    #[error(
        "`{path}` is a path of the dialect `{dialect}` and of another endpoint: choose another path for the endpoint, or switch \
         one of them off"
    )]
    Path {
        /// The dialect.
        dialect: Dialect,
        /// The path, without the base path.
        path: Box<str>,
    },
    /// The base path is also the name of a route, so the paths of that repository are those of another route below the base path.
    #[error(
        "`/{route}/info/lfs` would be the path of the route `{route}` and, below the base path, that of another route that serves the \
         dialect `{dialect}`: rename the route, or choose another base path"
    )]
    Repository {
        /// The dialect.
        dialect: Dialect,
        /// The name of the route.
        route: Box<str>,
    },
}
