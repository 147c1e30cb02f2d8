//! Several files in one request: the schemas of the request and of its answer, and its codes.

use upsign_policy::UploadPolicy;

use super::document::{refer, reference};
use super::request::{constant, request_of};
use super::{OpenApi, names};
use crate::deployment::DeploymentRoute;
use crate::node::{Node, map, text};

/// The bytes that each file after the first one adds to the maximum size of a body: those of `upsign-http`.
const BYTES_PER_FILE: usize = 1 << 10;

impl OpenApi {
    /// Returns whether a request can list several files.
    pub(super) fn has_files(&self) -> bool {
        self.offering().next().is_some()
    }

    fn offering(&self) -> impl Iterator<Item = &DeploymentRoute> {
        self.routes.iter().filter(|route| route.policy().files().is_offered())
    }

    /// Returns the schema of the body of a request for an upload: of one file, or of several.
    pub(super) fn issue_request(&self) -> Node {
        one_of("UploadRequest", self.has_files().then_some("FilesRequest"))
    }

    /// Returns the schema of a grant for one file or for several.
    pub(super) fn issue_answer(&self) -> Node {
        one_of("UploadGrant", self.has_files().then_some("FilesAnswer"))
    }

    /// Returns the maximum size of the body of a request for an upload: `upsign-http` adds 1 KiB for each further file.
    pub(super) fn max_issue_body(&self) -> usize {
        let files = self.routes.iter().map(|route| usize::from(route.policy().files().max_files())).max();
        self.max_body + BYTES_PER_FILE * files.unwrap_or(1).saturating_sub(1)
    }

    /// Returns the codes of a request that lists files.
    pub(super) fn file_codes(&self) -> Vec<(u16, &'static str)> {
        let mut codes = Vec::new();
        if self.has_files() {
            codes.extend([(400, "files-count"), (413, "files-too-large")]);
        }
        if self.has_files() && !self.routes.iter().all(|route| route.policy().files().is_offered()) {
            codes.push((400, "files-not-offered"));
        }
        codes
    }

    /// Returns objects with the member `files` of a request and of its answer, for models that describe what all have in common;
    /// `None` if no route accepts it.
    pub(super) fn file_models(&self) -> [Option<Node>; 2] {
        let model = || {
            let items = map([("type", text("object"))]);
            let files = map([("type", text("array")), ("items", items)]);
            map([("type", text("object")), ("properties", map([("files", files)]))])
        };
        let is_offered = self.has_files();
        [is_offered.then(model), is_offered.then(model)]
    }

    /// Returns the schemas of requests that list files; none if no route accepts them.
    pub(super) fn file_schemas(&self) -> Vec<(String, Node)> {
        if !self.has_files() {
            return Vec::new();
        }
        let (mut schemas, mut requests) = (Vec::new(), Vec::new());
        for (route, prefix) in self.routes.iter().zip(names::prefixes(&self.routes)) {
            if route.policy().files().is_offered() {
                schemas.push((format!("{prefix}File"), request_of(route.policy(), None)));
                requests.push(files_request(route, &prefix));
            }
        }
        let request = match <[Node; 1]>::try_from(requests) {
            Ok([only]) => only,
            Err(several) => map([("oneOf", Node::List(several))]),
        };
        let most = self.offering().map(|route| max_files(route.policy())).max().unwrap_or(1);
        schemas.push(("FilesRequest".into(), request));
        schemas.push(("FilesAnswer".into(), files_answer(most)));
        schemas
    }
}

fn one_of(single: &str, several: Option<&str>) -> Node {
    match several {
        None => refer(single),
        Some(several) => map([("oneOf", Node::List(vec![refer(single), refer(several)]))]),
    }
}

fn max_files(policy: &UploadPolicy) -> i64 {
    policy.files().max_files().into()
}

fn files_request(route: &DeploymentRoute, prefix: &str) -> Node {
    let description = match route.policy().files().max_total_size() {
        Some(bytes) => format!("The files, of at most {bytes} bytes together. All are granted, or none."),
        None => "The files. All are granted, or none.".to_owned(),
    };
    let files = map([
        ("type", text("array")),
        ("items", map([("$ref", text(reference(prefix, "File")))])),
        ("minItems", Node::Number(1)),
        ("maxItems", Node::Number(max_files(route.policy()))),
        ("description", text(description)),
    ]);
    let name = route.name().map(|name| ("route", constant(name, "Name of the route.")));
    let required = name.iter().map(|(name, _)| *name).chain(["files"]).map(text).collect();
    map([
        ("type", text("object")),
        ("required", Node::List(required)),
        ("properties", map(name.into_iter().chain([("files", files)]))),
        ("additionalProperties", false.into()),
    ])
}

fn files_answer(most: i64) -> Node {
    let files = map([
        ("type", text("array")),
        ("items", refer("UploadGrant")),
        ("minItems", Node::Number(1)),
        ("maxItems", Node::Number(most)),
        ("description", text("The grants, in the order of the request.")),
    ]);
    super::call_schemas::closed(&["files"], vec![("files", files)])
}

/// Returns the schema of the member of a problem document that names a file.
pub(super) fn index() -> Node {
    map([
        ("type", text("integer")),
        ("minimum", Node::Number(0)),
        ("description", text("Index of the file of the request that is refused, from 0 on.")),
    ])
}
