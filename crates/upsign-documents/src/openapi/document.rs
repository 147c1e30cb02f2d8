//! The document: operations, answers and schemas.

use upsign_core::OriginPattern;

use super::calls::Call;
use super::codes::Codes;
use super::{OpenApi, call_schemas, files, grant, names, request};
use crate::node::{Node, list, map, text};

impl OpenApi {
    /// Returns the description in OpenAPI 3.1.
    pub(super) fn document(&self) -> Node {
        let health = self.has_health_check.then(|| ("/healthz".to_owned(), map([("get", health_check())])));
        let module = |version| (format!("/upsign/{version}/{{module}}"), map([("get", browser_client())]));
        let paths = self
            .paths()
            .into_iter()
            .chain(self.dialect_paths())
            .chain(health)
            .chain(self.browser_client.map(module));
        let license = map([("name", text("MIT OR Apache-2.0")), ("identifier", text("MIT OR Apache-2.0"))]);
        let security = self.security.name();
        map([
            ("openapi", text("3.1.1")),
            (
                "info",
                map([
                    ("title", text("upsign")),
                    ("summary", text("Issues the right to upload one object directly to S3.")),
                    ("version", text(env!("CARGO_PKG_VERSION"))),
                    ("license", license),
                ]),
            ),
            ("servers", Node::List(vec![map([("url", text("/"))])])),
            ("security", Node::List(vec![map([(security, Node::List(Vec::new()))])])),
            ("paths", map(paths)),
            (
                "components",
                map([
                    ("securitySchemes", map([(security, self.security.object())])),
                    ("schemas", Node::Map(self.schemas())),
                ]),
            ),
        ])
    }

    /// Returns the operations by path. Those of one path share a preflight.
    fn paths(&self) -> Vec<(String, Node)> {
        let calls = self
            .calls()
            .into_iter()
            .map(|call| (self.path_of(call), call.method(), self.call(call), call.preflight_id()));
        let issue = (self.path.to_string(), "post", self.issue(), "preflight");
        let mut paths: Vec<(String, Vec<(&str, Node)>)> = Vec::new();
        for (path, method, operation, preflight_id) in std::iter::once(issue).chain(calls) {
            match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, operations)) => operations.insert(1, (method, operation)),
                None => {
                    let preflight = self.has_preflight.then(|| ("options", self.preflight(preflight_id)));
                    paths.push((path, [(method, operation)].into_iter().chain(preflight).collect()));
                }
            }
        }
        paths.into_iter().map(|(path, operations)| (path, map(operations))).collect()
    }

    /// Returns the schemas: those of the only route, or those of each route and their unions.
    fn schemas(&self) -> Vec<(String, Node)> {
        let grant = |route| grant::grant(route, self.has_grant_members);
        let mut schemas = match self.routes.as_slice() {
            [route] => {
                vec![
                    ("UploadRequest".to_owned(), request::request(route)),
                    ("UploadGrant".into(), grant(route)),
                ]
            }
            routes => {
                let prefixes = names::prefixes(routes);
                let mut schemas = vec![
                    ("UploadRequest".to_owned(), self.any_request(&prefixes)),
                    ("UploadGrant".into(), map([("anyOf", references(&prefixes, "Grant"))])),
                ];
                for (route, prefix) in routes.iter().zip(&prefixes) {
                    schemas.push((format!("{prefix}Upload"), request::request(route)));
                    schemas.push((format!("{prefix}Grant"), grant(route)));
                }
                schemas
            }
        };
        schemas.extend(self.file_schemas());
        schemas.extend(self.call_schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema)));
        schemas.push(("Problem".into(), self.problem()));
        if !self.of_gateway.is_empty() {
            schemas.push(("GatewayError".into(), grant::gateway_error()));
        }
        schemas
    }

    /// Returns the union of the requests. The member `route` tells which one applies, unless one route has no name.
    fn any_request(&self, prefixes: &[String]) -> Node {
        let one_of = ("oneOf", references(prefixes, "Upload"));
        let named = self.routes.iter().zip(prefixes);
        let mapping: Option<Vec<(&str, Node)>> =
            named.map(|(route, prefix)| Some((route.name()?, text(reference(prefix, "Upload"))))).collect();
        let discriminator = mapping.map(|mapping| {
            ("discriminator", map([("propertyName", text("route")), ("mapping", map(mapping))]))
        });
        map(std::iter::once(one_of).chain(discriminator))
    }

    fn issue(&self) -> Node {
        let description = if request::is_body_optional(&self.routes) {
            "The body describes the upload. A request without a body is granted with the defaults of the policy."
        } else {
            "The body describes the upload."
        };
        let body = map([
            ("required", (!request::is_body_optional(&self.routes)).into()),
            ("description", text(format!("At most {} bytes.", self.max_issue_body()))),
            ("content", content("application/json", self.issue_request())),
        ]);
        map([
            ("operationId", text("issueUpload")),
            ("summary", text("Request the right to upload one object.")),
            ("description", text(description)),
            ("requestBody", body),
            ("responses", Node::Map(self.responses(self.granted(), &self.codes()))),
        ])
    }

    fn granted(&self) -> Node {
        let description = if self.has_call(Call::Parts) { GRANTED_IN_PARTS } else { GRANTED };
        self.answer_with(description, self.issue_answer(), self.links())
    }

    /// Returns the schema of a problem document.
    pub(super) fn problem(&self) -> Node {
        let mut members = Vec::new();
        if self.has_call(Call::Parts) {
            members.extend(call_schemas::problem_members());
        }
        if self.has_files() {
            members.push(("file", files::index()));
        }
        if self.problems.iter().any(|(_, code)| **code == *QUOTA_EXCEEDED) {
            members.extend(call_schemas::quota_members());
        }
        if self.routes.iter().any(|route| route.policy().checksums().is_required()) {
            members.push(("algorithms", call_schemas::algorithms()));
        }
        grant::problem(members)
    }

    /// Returns the answers of an operation: that of its success, and the refusals by status.
    pub(super) fn responses(&self, done: Node, codes: &Codes) -> Vec<(String, Node)> {
        let mut responses = vec![("200".to_owned(), done)];
        responses.extend(codes.iter().map(|(status, codes)| {
            (status.to_string(), self.refusal(*status, codes.iter().map(AsRef::as_ref)))
        }));
        if !self.of_gateway.is_empty() {
            let description = "Another answer of API Gateway or Lambda, which did not invoke the function";
            let content = content("application/json", refer("GatewayError"));
            responses
                .push(("default".into(), map([("description", text(description)), ("content", content)])));
        }
        responses
    }

    /// Returns the answer with a problem document. The codes of this status restrict the member `code`.
    fn refusal<'a>(&self, status: u16, codes: impl Iterator<Item = &'a str>) -> Node {
        let codes: Vec<&str> = codes.collect();
        let forbids_callers = codes.contains(&"insufficient-scope");
        let codes = map([("type", text("string")), ("enum", list(codes))]);
        let number = map([("const", Node::Number(status.into())), ("type", text("integer"))]);
        let restricted = map([("properties", map([("status", number), ("code", codes)]))]);
        let schema = map([("allOf", Node::List(vec![refer("Problem"), restricted]))]);
        let mut contents = vec![("application/problem+json", map([("schema", schema)]))];
        let from_gateway = self.of_gateway.contains(&status);
        if from_gateway {
            contents.push(("application/json", map([("schema", refer("GatewayError"))])));
        }
        // The gateway sends other headers than the function.
        let headers = self.refusal_headers(status, !from_gateway, forbids_callers);
        map([("description", text(reason(status))), ("headers", map(headers)), ("content", map(contents))])
    }

    fn refusal_headers(
        &self,
        status: u16,
        required: bool,
        forbids_callers: bool,
    ) -> Vec<(&'static str, Node)> {
        let mut headers = if required { common_headers() } else { Vec::new() };
        let is_bearer = self.security.is_bearer();
        match status {
            401 if is_bearer => {
                headers.push(("WWW-Authenticate", header(required, [("type", text("string"))])));
            }
            // Not every refusal is for the lack of a group or scope.
            403 if is_bearer && forbids_callers => {
                headers.push(("WWW-Authenticate", header(false, [("type", text("string"))])));
            }
            429 | 503 => {
                let seconds = [("type", text("integer")), ("minimum", Node::Number(1))];
                headers.push(("Retry-After", header(required, seconds)));
            }
            _ => {}
        }
        headers
    }

    /// Returns the operation that answers a preflight. Browsers send it without a token.
    pub(super) fn preflight(&self, operation_id: &str) -> Node {
        let forbidden = self.refusal(403, std::iter::once("origin-not-allowed"));
        let allowed = map([
            ("description", text("The page may send the request, if the answer has these headers.")),
            ("headers", map(self.preflight_headers())),
        ]);
        map([
            ("operationId", text(operation_id)),
            ("summary", text("Ask whether a page may send the request, as browsers do.")),
            ("security", Node::List(Vec::new())),
            ("responses", map([("204", allowed), ("403", forbidden)])),
        ])
    }

    pub(super) fn preflight_headers(&self) -> Vec<(&'static str, Node)> {
        let string = || ("type", text("string"));
        let origins = allowed_origins(self.listed_origins());
        vec![
            ("Access-Control-Allow-Origin", header(false, std::iter::once(string()).chain(origins))),
            ("Access-Control-Allow-Methods", header(false, [string()])),
            ("Access-Control-Allow-Headers", header(false, [string()])),
            ("Access-Control-Max-Age", header(false, [("type", text("integer"))])),
        ]
    }
}

/// Returns the keyword that restricts the origin of an answer to the listed ones, or `None` if no origin is listed.
fn allowed_origins(origins: &[OriginPattern]) -> Option<(&'static str, Node)> {
    if origins.iter().all(|origin| origin.wildcard().is_none()) {
        return (!origins.is_empty()).then(|| ("enum", list(origins.iter().map(OriginPattern::as_str))));
    }
    // Of the characters of an origin, `.`, `*`, `[`, `]` and `+` have a meaning in regular expressions.
    let expression = |origin: &OriginPattern| {
        let escape = |character: char| match character {
            '*' => ".*".to_owned(),
            '.' | '[' | ']' | '+' => format!("\\{character}"),
            other => other.to_string(),
        };
        origin.as_str().chars().map(escape).collect::<String>()
    };
    let expressions: Vec<String> = origins.iter().map(expression).collect();
    Some(("pattern", text(format!("^({})$", expressions.join("|")))))
}

/// The code of a request above a quota, whose problem document has further members.
const QUOTA_EXCEEDED: &str = "quota-exceeded";

const GRANTED: &str =
    "The upload is granted. Send the object with the returned method, URL and headers or fields.";

const GRANTED_IN_PARTS: &str = "The upload is granted. Send the object with the returned method, URL and headers or fields; for the method MULTIPART, request \
     the URLs of its parts with the upload token.";

fn health_check() -> Node {
    let answer = map([
        ("description", text("The server is running.")),
        ("content", content("text/plain", map([("type", text("string"))]))),
    ]);
    map([
        ("operationId", text("health")),
        ("summary", text("Check that the server is running.")),
        ("security", Node::List(Vec::new())),
        ("responses", map([("200", answer)])),
    ])
}

fn browser_client() -> Node {
    let module = map([
        ("name", text("module")),
        ("in", text("path")),
        ("required", true.into()),
        ("schema", map([("type", text("string"))])),
        ("description", text("`upsign.js`, or a module that it imports.")),
    ]);
    let answer = map([
        ("description", text("The module, which may be cached forever.")),
        ("content", content("text/javascript", map([("type", text("string"))]))),
    ]);
    let unknown = map([
        ("description", text("There is no such module.")),
        ("content", content("text/plain", map([("type", text("string"))]))),
    ]);
    map([
        ("operationId", text("browserClient")),
        ("summary", text("Load the client for browsers.")),
        ("security", Node::List(Vec::new())),
        ("parameters", Node::List(vec![module])),
        ("responses", map([("200", answer), ("404", unknown)])),
    ])
}

/// Returns the headers of every answer of the service.
pub(super) fn common_headers() -> Vec<(&'static str, Node)> {
    let constant = |value: &str| header(true, [("const", text(value)), ("type", text("string"))]);
    vec![("Cache-Control", constant("no-store")), ("X-Content-Type-Options", constant("nosniff"))]
}

fn header<'a>(required: bool, schema: impl IntoIterator<Item = (&'a str, Node)>) -> Node {
    map([("required", required.into()), ("schema", map(schema))])
}

pub(super) fn content(media_type: &str, schema: Node) -> Node {
    map([(media_type, map([("schema", schema)]))])
}

pub(super) fn refer(schema: &str) -> Node {
    map([("$ref", text(reference("", schema)))])
}

fn references(prefixes: &[String], kind: &str) -> Node {
    Node::List(prefixes.iter().map(|prefix| refer(&format!("{prefix}{kind}"))).collect())
}

pub(super) fn reference(prefix: &str, kind: &str) -> String {
    format!("#/components/schemas/{prefix}{kind}")
}

/// Returns the reason phrase of a status (RFC 9110 section 15).
pub(super) const fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Refused",
    }
}
