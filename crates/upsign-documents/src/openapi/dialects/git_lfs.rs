//! The batch API of Git LFS. Source: <https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md>.

use upsign_core::Dialect;

use super::{Operation, array, map, open, parameter, string, text, texts};
use crate::deployment::{DeploymentRoute, serves_without_repository};
use crate::node::{Node, list};

pub(super) const MEDIA_TYPE: &str = "application/vnd.git-lfs+json";

/// Returns the operations without a repository, if requests without one have a route, and those of the named routes. Only routes that
/// find objects by their content serve them.
pub(super) fn operations(routes: &[DeploymentRoute]) -> Vec<Operation> {
    let plain = of(["/info/lfs/objects/batch", "/info/lfs/verify"], ["gitLfsBatch", "gitLfsVerify"], &[]);
    let names: Vec<&str> =
        routes.iter().filter(|it| it.policy().finds_by_content()).filter_map(DeploymentRoute::name).collect();
    let named = of(
        ["/{repository}/info/lfs/objects/batch", "/{repository}/info/lfs/verify"],
        ["gitLfsBatchOfRepository", "gitLfsVerifyOfRepository"],
        &names,
    );
    let plain = plain.into_iter().filter(|_| serves_without_repository(routes));
    plain.chain(named.into_iter().filter(|_| !names.is_empty())).collect()
}

fn of(paths: [&'static str; 2], ids: [&'static str; 2], repositories: &[&str]) -> Vec<Operation> {
    let ([batch, verify], [batch_id, verify_id]) = (paths, ids);
    let repository = || {
        let schema = map([("type", text("string")), ("enum", list(repositories.iter().copied()))]);
        parameter("path", "repository", "The name of the route.", schema)
    };
    let repository = || (!repositories.is_empty()).then(repository);
    let token = parameter("header", "upsign-upload-token", "The upload token.", string());
    vec![
        Operation::new(Dialect::GitLfs, "post", batch, batch_id)
            .summary("Sign the requests for objects of Git LFS, to send or to read them.")
            .parameters(repository())
            .body(MEDIA_TYPE, request())
            .answer(MEDIA_TYPE, answer()),
        Operation::new(Dialect::GitLfs, "post", verify, verify_id)
            .summary("Confirm an upload of Git LFS.")
            .parameters(repository().into_iter().chain([token]))
            .body(MEDIA_TYPE, object())
            .answer(MEDIA_TYPE, open(&[], Vec::new())),
    ]
}

fn object() -> Node {
    let oid = map([("type", text("string")), ("pattern", text("^[0-9a-f]{64}$"))]);
    open(&["oid", "size"], vec![("oid", oid), ("size", size())])
}

fn size() -> Node {
    map([("type", text("integer")), ("minimum", Node::Number(0))])
}

fn request() -> Node {
    let operation = map([("type", text("string")), ("enum", list(["upload", "download"]))]);
    // Each object is accepted or refused by itself, in the answer.
    let oid =
        map([("type", text("string")), ("description", text("SHA-256 of the file in lower-case hex."))]);
    let object = open(&["oid", "size"], vec![("oid", oid), ("size", size())]);
    open(&["operation", "objects"], vec![("operation", operation), ("objects", array(object))])
}

fn answer() -> Node {
    let action = || {
        let members = vec![("href", string()), ("header", texts("Headers of the request."))];
        open(&["href"], members)
    };
    let actions = open(&[], vec![("upload", action()), ("download", action()), ("verify", action())]);
    let code = map([("type", text("integer"))]);
    let error = open(&["code", "message"], vec![("code", code), ("message", string())]);
    // An object that is refused can have any oid.
    let size = map([("type", text("integer"))]);
    let object = open(
        &["oid", "size"],
        vec![("oid", string()), ("size", size), ("actions", actions), ("error", error)],
    );
    open(&["transfer", "objects"], vec![("transfer", string()), ("objects", array(object))])
}

pub(super) fn error() -> Node {
    open(&["message"], vec![("message", string()), ("request_id", string())])
}
