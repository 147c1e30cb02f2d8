//! The operations of dialects: the contracts of other clients, as far as these clients need them.

mod active_storage;
mod better_upload;
mod companion;
mod git_lfs;
mod tickets;
mod uppy;

use upsign_core::{BasePath, Dialect};
use upsign_policy::UploadPolicy;

use super::OpenApi;
use super::document::{content, refer};
use crate::deployment::DeploymentRoute;
use crate::node::{Node, list, map, text};

const JSON: &str = "application/json";

/// A request of the client of a dialect.
pub(super) struct Operation {
    dialect: Dialect,
    /// The path without the base path, with parameters in braces.
    path: &'static str,
    /// The method in the form of a key of OpenAPI.
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    parameters: Vec<Node>,
    /// The type and the schema of the body.
    body: Option<(&'static str, Node)>,
    /// The status, and the type and the schema of the answer.
    answer: (u16, Option<(&'static str, Node)>),
    /// The type and the schema of a refusal.
    refusal: (&'static str, Node),
    /// Whether the request carries no token of the caller.
    is_open: bool,
}

impl Operation {
    fn new(dialect: Dialect, method: &'static str, path: &'static str, id: &'static str) -> Self {
        let refusal = match dialect {
            Dialect::BetterUpload => (JSON, better_upload::error()),
            Dialect::GitLfs => (git_lfs::MEDIA_TYPE, git_lfs::error()),
            Dialect::ActiveStorage => ("application/problem+json", refer("Problem")),
            _ => (JSON, uppy::error()),
        };
        Self {
            dialect,
            path,
            method,
            id,
            summary: "",
            parameters: Vec::new(),
            body: None,
            answer: (200, None),
            refusal,
            is_open: false,
        }
    }

    fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    fn parameters(self, parameters: impl IntoIterator<Item = Node>) -> Self {
        Self { parameters: parameters.into_iter().collect(), ..self }
    }

    fn body(self, media_type: &'static str, schema: Node) -> Self {
        Self { body: Some((media_type, schema)), ..self }
    }

    fn answer(self, media_type: &'static str, schema: Node) -> Self {
        Self { answer: (200, Some((media_type, schema))), ..self }
    }

    fn no_content(self) -> Self {
        Self { answer: (204, None), ..self }
    }

    /// Sets that refusals are those of S3, because the client believes that it calls S3 with a ticket of the query.
    fn by_ticket(self) -> Self {
        Self { refusal: tickets::refusal(), is_open: true, ..self }
    }

    fn object(&self) -> Node {
        let body = self.body.as_ref().map(|(media_type, schema)| {
            map([("required", true.into()), ("content", content(media_type, schema.clone()))])
        });
        let (status, answered) = &self.answer;
        let answered = answered.as_ref().map(|(media_type, schema)| content(media_type, schema.clone()));
        let done = [("description", text("What the client reads."))].into_iter();
        let done = map(done.chain(answered.map(|content| ("content", content))));
        let mut members = vec![
            ("operationId", text(self.id)),
            ("summary", text(self.summary)),
            ("tags", list([self.dialect.name()])),
        ];
        if !self.parameters.is_empty() {
            members.push(("parameters", Node::List(self.parameters.clone())));
        }
        members.extend(body.map(|body| ("requestBody", body)));
        members.extend(self.is_open.then(|| ("security", Node::List(Vec::new()))));
        let responses = [(status.to_string(), done), ("default".to_owned(), self.refused())];
        members.push(("responses", map(responses)));
        map(members)
    }

    fn refused(&self) -> Node {
        let (media_type, schema) = &self.refusal;
        let description = "The request is refused, in the form that the client reads.";
        let of = |media_type: &'static str, schema| (media_type, map([("schema", schema)]));
        // Other values of a parameter of the path can make it a path at which nothing is served.
        let problem = self.path.contains('{').then(|| of("application/problem+json", refer("Problem")));
        let contents = [of(media_type, schema.clone())].into_iter().chain(problem);
        map([("description", text(description)), ("content", map(contents))])
    }

    /// Returns the parameters of the path without the rules for their values: a preflight depends on none.
    fn path_parameters(&self) -> Vec<Node> {
        let names = self.path.split('{').filter_map(|rest| Some(rest.split_once('}')?.0));
        names.map(|name| parameter("path", name, "As in the request that follows.", string())).collect()
    }
}

impl OpenApi {
    /// Sets the dialects that the API answers (default: none), below the base path if there is one. Their operations are tagged with
    /// their names. [`for_deployment`](Self::for_deployment) sets those of the deployment.
    #[must_use]
    pub fn with_dialects(self, dialects: impl IntoIterator<Item = Dialect>, base: &BasePath) -> Self {
        let mut dialects: Vec<Dialect> = dialects.into_iter().collect();
        dialects.sort_unstable();
        dialects.dedup();
        Self { dialects, dialects_base: base.as_str().into(), ..self }
    }

    /// Returns the operations of dialects by path, each path with its preflight.
    pub(super) fn dialect_paths(&self) -> Vec<(String, Node)> {
        let mut paths: Vec<(String, Vec<Operation>)> = Vec::new();
        for operation in self.dialect_operations() {
            let path = format!("{}{}", self.dialects_base, operation.path);
            match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, operations)) => operations.push(operation),
                None => paths.push((path, vec![operation])),
            }
        }
        let object = |(path, operations): (String, Vec<Operation>)| {
            let preflight = operations.first().filter(|_| self.has_preflight);
            let preflight = preflight.map(|first| ("options", self.dialect_preflight(first)));
            let methods = operations.iter().map(|operation| (operation.method, operation.object()));
            (path, map(methods.chain(preflight)))
        };
        paths.into_iter().map(object).collect()
    }

    /// Returns the operation that answers a preflight of a path.
    fn dialect_preflight(&self, first: &Operation) -> Node {
        let allowed = map([
            ("description", text("The page may send the request, if the answer has these headers.")),
            ("headers", map(self.preflight_headers())),
        ]);
        let parameters = first.path_parameters();
        let mut members = vec![
            ("operationId", text(format!("{}Preflight", first.id))),
            ("summary", text("Ask whether a page may send the request, as browsers do.")),
            ("tags", list([first.dialect.name()])),
        ];
        if !parameters.is_empty() {
            members.push(("parameters", Node::List(parameters)));
        }
        members.push(("security", Node::List(Vec::new())));
        members.push(("responses", map([("204", allowed), ("default", first.refused())])));
        map(members)
    }

    fn dialect_operations(&self) -> Vec<Operation> {
        let of = |dialect: &Dialect| match dialect {
            Dialect::Uppy => uppy::operations(&self.ids()),
            Dialect::Companion => companion::operations(),
            Dialect::BetterUpload => better_upload::operations(),
            Dialect::ActiveStorage => active_storage::operations(),
            Dialect::GitLfs => git_lfs::operations(&self.routes),
            _ => Vec::new(),
        };
        self.dialects.iter().flat_map(of).collect()
    }

    /// Returns the members with which clients supply ids, each once.
    fn ids(&self) -> Vec<String> {
        let policies = self.routes.iter().map(DeploymentRoute::policy);
        let names = policies.flat_map(UploadPolicy::client_may_supply).map(|id| id.wire_name().to_string());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Returns the schema of an object whose other members may be anything.
fn open(required: &[&'static str], members: Vec<(&str, Node)>) -> Node {
    let object = [("type", text("object"))].into_iter();
    let required = (!required.is_empty()).then(|| ("required", list(required.iter().copied())));
    map(object.chain(required).chain([("properties", map(members))]))
}

/// Returns the schema of an object whose values are texts.
fn texts(description: &str) -> Node {
    map([
        ("type", text("object")),
        ("description", text(description)),
        ("additionalProperties", map([("type", text("string"))])),
    ])
}

fn string() -> Node {
    map([("type", text("string"))])
}

fn array(items: Node) -> Node {
    map([("type", text("array")), ("items", items)])
}

/// Returns a required parameter of the path or of the query.
fn parameter(place: &str, name: &str, description: &str, schema: Node) -> Node {
    map([
        ("name", text(name)),
        ("in", text(place)),
        ("required", true.into()),
        ("description", text(description)),
        ("schema", schema),
    ])
}

/// Returns a parameter of the query that can be absent.
fn optional(name: &str, description: &str) -> Node {
    map([
        ("name", text(name)),
        ("in", text("query")),
        ("description", text(description)),
        ("schema", string()),
    ])
}

/// Returns the schema of an upload token in a path or a query.
fn token() -> Node {
    map([("type", text("string")), ("pattern", text("^[A-Za-z0-9_-]+$"))])
}
