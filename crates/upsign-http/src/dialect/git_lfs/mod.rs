//! Git LFS: the batch API with the transfer `basic`, and `verify`.
//!
//! A file of Git LFS is named by its SHA-256 (its *oid*). The key of the route follows from it, and it is the checksum that every URL
//! signs, so the store refuses other bytes. `verify` confirms the upload.
//!
//! The repository in the path is the name of the route. Without one, it is the unnamed route, or the only route that serves the dialect.
//!
//! | path | |
//! | --- | --- |
//! | `[/REPOSITORY]/info/lfs/objects/batch` | up to 256 objects: the service looks for each, and signs the URLs of those to send or to read |
//! | `[/REPOSITORY]/info/lfs/verify` | confirms one upload |
//! | `[/REPOSITORY]/info/lfs/locks`, and below | 404, which tells git-lfs that there are no locks |
//!
//! Two clients that push the same file at the same time both receive a URL. The store answers 412 to the second one
//! (`If-None-Match: *`); git-lfs then asks the batch API again, and learns that the object exists.
//!
//! Sources: <https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md> and
//! <https://github.com/git-lfs/git-lfs/blob/main/docs/api/basic-transfers.md>.

mod answer;
mod basic;
mod batch;
mod needs;
mod public_url;
mod request;
mod verify;

use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;
use upsign::Route;
use upsign_core::{Dialect, Presigner};

use crate::api::Api;
use crate::dialect::render::{Rendered, Shape};
use crate::dialect::{Body, DialectCall, InvalidDialect, Place, Served};
use crate::problem::Problem;
use crate::refused::RefusedRequest;

pub(super) use needs::lacks;

/// The type of every request and answer.
pub(super) const MEDIA_TYPE: &str = "application/vnd.git-lfs+json";

/// The end of the URL of every server, after the repository.
const LFS: &str = "/info/lfs";
const LFS_OF_REPOSITORY: &str = "info/lfs";
const BATCH: &str = "/objects/batch";
const VERIFY: &str = "/verify";
const LOCKS: &str = "/locks";

/// Returns the prefix without a repository, and one for each route that serves the dialect.
pub(super) fn places<P: Presigner>(routes: &[Route<P>]) -> Vec<Place> {
    let serving = routes.iter().filter(|route| lacks(route.issuer().policy()).is_none());
    let named = serving.filter_map(Route::name).map(|name| Place::below(format!("/{name}{LFS}")));
    [Place::below(LFS)].into_iter().chain(named).collect()
}

pub(super) fn served(path: &str) -> Option<Served> {
    let (_, call) = split(path)?;
    let (methods, body) = match call {
        BATCH => ("POST", Body::List),
        VERIFY => ("POST", Body::Small),
        _ if is_lock(call) => ("GET, POST", Body::Small),
        _ => return None,
    };
    Some(Served { methods, headers: &[], shape: Shape::Of(Dialect::GitLfs), body })
}

/// Returns the repository and the rest of a path.
fn split(path: &str) -> Option<(Option<&str>, &str)> {
    if let Some(call) = path.strip_prefix(LFS) {
        return Some((None, call));
    }
    let (repository, rest) = path.strip_prefix('/')?.split_once('/')?;
    let call = rest.strip_prefix(LFS_OF_REPOSITORY)?;
    Some((Some(repository), call))
}

fn is_lock(call: &str) -> bool {
    call.strip_prefix(LOCKS).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the `message` that git-lfs shows, and the id of the request in the log
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#response-errors>).
pub(super) fn render(problem: &Problem) -> Rendered {
    let status = match problem.code() {
        // The repository does not exist.
        "route-unknown" | "route-required" => StatusCode::NOT_FOUND,
        _ => problem.status(),
    };
    let mut body = json!({ "message": problem.detail() });
    if let (Some(id), Some(members)) = (problem.diagnose().request_id(), body.as_object_mut()) {
        members.insert("request_id".to_owned(), id.as_str().into());
    }
    Rendered { status, content_type: MEDIA_TYPE, body: body.to_string() }
}

/// Adds `LFS-Authenticate` to an answer 401. git-lfs then asks the credential helpers of Git, and sends the password
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#response-errors>).
pub(super) fn challenge(response: &mut Response<String>) {
    if response.status() == StatusCode::UNAUTHORIZED {
        let header = HeaderName::from_static("lfs-authenticate");
        response.headers_mut().insert(header, HeaderValue::from_static("Basic realm=\"upsign\""));
    }
}

pub(super) async fn answer<P: Presigner>(
    call: &DialectCall<'_, P>,
) -> Result<Response<String>, RefusedRequest> {
    let Some((repository, name)) = split(call.path) else { return Err(call.refuse(Problem::not_found())) };
    let repository = repository.filter(|name| !is_base_path(call, name));
    match name {
        BATCH => batch::transfer(call, repository).await,
        VERIFY => verify::confirm(call, repository).await,
        // With 404 or 501, git-lfs sets `lfs.<url>.locksverify` to `false` by itself and never asks again. It needs no caller: a
        // server without locks has nothing to protect.
        _ => Ok(answer::without_locks()),
    }
}

/// Returns whether the segment before [`LFS`] is the base path and no repository: only the routes tell.
fn is_base_path<P: Presigner>(call: &DialectCall<'_, P>, segment: &str) -> bool {
    let base = call.api.paths.base().as_str();
    base.strip_prefix('/') == Some(segment) && call.api.service().route(Some(segment)).is_none()
}

/// Refuses a route with the name of the base path, if a client of the base path alone would expect another route there.
pub(super) fn check_base_path<P: Presigner>(api: &Api<P>) -> Result<(), InvalidDialect> {
    let routes = api.service().routes();
    let Some(name) = api.paths.base().as_str().strip_prefix('/') else { return Ok(()) };
    let default = api.default_route(Dialect::GitLfs);
    let expected = routes.iter().find(|route| route.name() == default);
    let is_other =
        expected.is_some_and(|route| route.name() != Some(name) && lacks(route.issuer().policy()).is_none());
    if is_other && routes.iter().any(|route| route.name() == Some(name)) {
        return Err(InvalidDialect::Repository { dialect: Dialect::GitLfs, route: name.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_a_repository_or_none() {
        for (path, expected) in [
            ("/info/lfs/objects/batch", Some((None, BATCH))),
            ("/assets/info/lfs/objects/batch", Some((Some("assets"), BATCH))),
            ("/info/info/lfs/verify", Some((Some("info"), VERIFY))),
            ("/a/b/info/lfs/verify", None),
            ("/assets/info/lfsx/verify", Some((Some("assets"), "x/verify"))),
            ("/assets", None),
            ("", None),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }

    #[test]
    fn calls_have_their_methods() {
        let methods = |path: &str| served(path).map(|served| served.methods);
        for path in ["/info/lfs/objects/batch", "/a/info/lfs/verify"] {
            assert_eq!(methods(path), Some("POST"), "{path}");
        }
        for path in ["/info/lfs/locks", "/a/info/lfs/locks/verify", "/info/lfs/locks/1/unlock"] {
            assert_eq!(methods(path), Some("GET, POST"), "{path}");
        }
        for path in [
            "/info/lfs",
            "/info/lfs/objects",
            "/info/lfsx/verify",
            "/info/lfs/locksmith",
            "/info/lfs/verify/x",
        ] {
            assert_eq!(methods(path), None, "{path}");
        }
    }
}
