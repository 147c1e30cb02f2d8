//! What each dialect consists of. A new dialect is a module with these five functions, and an arm in each of the functions below.

use http::Response;
use upsign::{Route, UploadPolicy};
use upsign_core::{Dialect, Presigner};

use crate::dialect::render::Rendered;
use crate::dialect::{DialectCall, Place, Served, active_storage, better_upload, companion, git_lfs, uppy};
use crate::problem::Problem;
use crate::refused::RefusedRequest;

/// Returns where the dialect answers. The paths can depend on the routes of the service.
pub(super) fn places<P: Presigner>(dialect: Dialect, routes: &[Route<P>]) -> Vec<Place> {
    match dialect {
        Dialect::Uppy => uppy::places(),
        Dialect::ActiveStorage => active_storage::places(),
        Dialect::BetterUpload => better_upload::places(),
        Dialect::Companion => companion::places(),
        Dialect::GitLfs => git_lfs::places(routes),
        _ => Vec::new(),
    }
}

/// Returns what the dialect serves at a path without the base path and without a slash at the end.
///
/// It is called for every path that no endpoint has. Every one of [`places`] has an answer here.
pub(super) fn served(dialect: Dialect, path: &str) -> Option<Served> {
    match dialect {
        Dialect::Uppy => uppy::served(path),
        Dialect::ActiveStorage => active_storage::served(path),
        Dialect::BetterUpload => better_upload::served(path),
        Dialect::Companion => companion::served(path),
        Dialect::GitLfs => git_lfs::served(path),
        _ => None,
    }
}

/// Returns what a route with this policy lacks to serve the dialect, with the key of `upsign.toml` that adds it.
pub(super) fn lacks(dialect: Dialect, policy: &UploadPolicy) -> Option<Box<str>> {
    match dialect {
        Dialect::Uppy => uppy::lacks(policy),
        Dialect::ActiveStorage => active_storage::lacks(policy),
        Dialect::BetterUpload => better_upload::lacks(policy),
        Dialect::Companion => companion::lacks(policy),
        Dialect::GitLfs => git_lfs::lacks(policy),
        _ => Some("this version has no such dialect".into()),
    }
}

/// Writes a refusal in the form that the client of the dialect shows.
pub(super) fn render(dialect: Dialect, problem: &Problem) -> Rendered {
    match dialect {
        Dialect::Uppy => uppy::render(problem),
        Dialect::ActiveStorage => active_storage::render(problem),
        Dialect::BetterUpload => better_upload::render(problem),
        Dialect::Companion => companion::render(problem),
        Dialect::GitLfs => git_lfs::render(problem),
        _ => Rendered::problem(problem),
    }
}

/// Answers a request with one of the methods of its path. Nothing is authenticated, counted or read before.
pub(crate) async fn answer<P: Presigner>(
    dialect: Dialect,
    call: DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    match dialect {
        Dialect::Uppy => uppy::answer(&call).await,
        Dialect::ActiveStorage => active_storage::answer(&call).await,
        Dialect::BetterUpload => better_upload::answer(&call).await,
        Dialect::Companion => companion::answer(&call).await,
        Dialect::GitLfs => git_lfs::answer(&call).await,
        _ => Err(RefusedRequest::new(Problem::not_found(), call.at)),
    }
}
