//! The reasons why routes do not form a service.

use std::fmt;

use upsign_core::Presigner;

use crate::route::Route;

/// The reason why a list of routes does not form a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUploadService {
    /// The list is empty.
    #[error("a service needs at least one route")]
    NoRoute,
    /// Two routes have the same name, or two routes have no name. Holds the name.
    #[error("more than one route is {}", Name(.0))]
    DuplicateRoute(Option<Box<str>>),
    /// The policy of a route lets clients supply ids, and its issuer has no [`Authorize`](crate::Authorize)
    /// implementation that could check who owns them. Holds the name of the route.
    #[error(
        "{} lets clients supply ids (client_may_supply), but only an application can check who owns an id: give its \
         issuer an Authorize implementation",
        Name(.0)
    )]
    MissingAuthorizer(Option<Box<str>>),
    /// The policy of a route permits multipart uploads, and its issuer cannot create them. Holds the name of the route.
    #[error(
        "{} permits multipart uploads: give its issuer the calls to the store and the keys of upload tokens by with_store",
        Name(.0)
    )]
    MissingStore(Option<Box<str>>),
    /// The policy of a route has objects inspected, and its issuer has no inspector. Holds the name of the route.
    #[error("{} has objects inspected: give its issuer an Inspect implementation by with_inspector", Name(.0))]
    MissingInspector(Option<Box<str>>),
    /// A final key of one route could be in the folder of another route's objects that are not confirmed
    /// ([`UploadPolicy::pending_overlap`](crate::UploadPolicy::pending_overlap)).
    #[error(
        "{} keeps objects that are not confirmed under `{folder}`, and {} has final keys that begin with `{prefix}`: begin the keys \
         with different folders",
        Name(.pending),
        Name(.other)
    )]
    PendingOverlaps {
        /// The name of the route with the pending keys.
        pending: Option<Box<str>>,
        /// The name of the other route.
        other: Option<Box<str>>,
        /// The folder of the pending keys.
        folder: Box<str>,
        /// The literal text with which the final keys begin.
        prefix: Box<str>,
    },
}

struct Name<'a>(&'a Option<Box<str>>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "the route `{name}`"),
            None => f.write_str("the unnamed route"),
        }
    }
}

/// Checks that no route has final keys where another one keeps what is not confirmed.
pub(crate) fn check_pending<P: Presigner>(routes: &[Route<P>]) -> Result<(), InvalidUploadService> {
    let name = |route: &Route<P>| route.name().map(Into::into);
    // Few routes have pending keys, so this does not compare all with all.
    for route in routes.iter().filter(|route| route.issuer().policy().pending_template().is_some()) {
        for other in routes {
            if let Some((folder, prefix)) = route.issuer().policy().pending_overlap(other.issuer().policy()) {
                let (pending, other) = (name(route), name(other));
                let (folder, prefix) = (folder.into(), prefix.into());
                return Err(InvalidUploadService::PendingOverlaps { pending, other, folder, prefix });
            }
        }
    }
    Ok(())
}
