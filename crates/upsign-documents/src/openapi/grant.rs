//! The schemas of the answers.

use upsign_policy::{IdName, MultipartOptions, SizeBound, UploadMethod, UploadPolicy};

use super::call_schemas;
use crate::deployment::DeploymentRoute;
use crate::node::{Node, list, map, text};

/// Returns the schema of a grant for one route: that of its only kind, or one of both.
pub(super) fn grant(route: &DeploymentRoute, has_other_members: bool) -> Node {
    let mut kinds = kinds(route, has_other_members);
    match kinds.len() {
        1 => kinds.remove(0),
        _ => map([("oneOf", Node::List(kinds))]),
    }
}

/// Returns the schema of each kind of grant that a route issues: for one request, and for a multipart upload.
pub(super) fn kinds(route: &DeploymentRoute, has_other_members: bool) -> Vec<Node> {
    let policy = route.policy();
    let whole = policy.sends_whole_files().then(|| of_one_request(policy, has_other_members));
    let parts = policy.multipart().map(|options| in_parts(policy, options, has_other_members));
    whole.into_iter().chain(parts).collect()
}

fn of_one_request(policy: &UploadPolicy, has_other_members: bool) -> Node {
    let ids = policy.id_names().iter().map(IdName::wire_name);
    let (method, sent) = match policy.method() {
        UploadMethod::Post => ("POST", ("fields", fields())),
        _ => ("PUT", ("headers", headers(policy))),
    };
    let required = ["uploadUrl", "key"].into_iter().chain(ids.clone());
    let required = required.chain(["expiresIn", "method", sent.0, "expiresAt"]);
    let confirms = policy.confirmation().confirm();
    let required = required.chain(confirms.then_some(["uploadToken", "confirm"]).into_iter().flatten());
    let url = "URL to send the object to. Keep it secret: anyone who has it can upload.";
    let key = format!("Key under which the object will be stored: {}", policy.template().as_str());
    let mut properties =
        vec![("uploadUrl", described("string", Some("uri"), url)), ("key", described("string", None, &key))];
    properties.extend(ids.map(|name| (name, id())));
    properties.extend([
        ("expiresIn", expires_in(policy)),
        ("method", map([("const", text(method)), ("type", text("string"))])),
        sent,
        ("expiresAt", map([("type", text("string")), ("format", text("date-time"))])),
        ("expiresAtIs", expires_at_is()),
    ]);
    if confirms || (policy.multipart().is_some() && policy.no_overwrite()) {
        // With it, a client confirms its upload, or asks whether its `PUT`, whose answer it lost, stored the object.
        properties.push(("uploadToken", call_schemas::token()));
    }
    properties.extend(confirms.then(|| ("confirm", confirm())));
    open_or_closed(required, properties, has_other_members)
}

/// Returns the schema of a grant for a multipart upload.
fn in_parts(policy: &UploadPolicy, options: &MultipartOptions, has_other_members: bool) -> Node {
    let ids = policy.id_names().iter().map(IdName::wire_name);
    let length = (policy.size_bound() == SizeBound::Exact).then_some("contentLength");
    let required = ["key"].into_iter().chain(ids.clone()).chain(length);
    let required = required.chain([
        "expiresIn",
        "method",
        "uploadToken",
        "partSize",
        "partCount",
        "partsAtOnce",
        "expiresAt",
    ]);
    let confirms = policy.confirmation().confirm();
    let required = required.chain(confirms.then_some("confirm"));
    let key = format!("Key under which the object will be stored: {}", policy.template().as_str());
    let number = |minimum: i64, maximum: i64, description: &str| {
        map([
            ("type", text("integer")),
            ("minimum", Node::Number(minimum)),
            ("maximum", Node::Number(maximum)),
            ("description", text(description)),
        ])
    };
    let window = i64::try_from(options.resume_window().as_secs()).unwrap_or(i64::MAX);
    let most = i64::from(MultipartOptions::MAX_PARTS_AT_ONCE);
    let mut properties = vec![("key", described("string", None, &key))];
    properties.extend(ids.map(|name| (name, id())));
    properties.extend([
        ("expiresIn", number(1, window, "For how many seconds the upload can be continued.")),
        ("method", map([("const", text("MULTIPART")), ("type", text("string"))])),
        ("uploadToken", call_schemas::token()),
        ("partSize", call_schemas::size("Size of every part except the last one in bytes.")),
        (
            "partCount",
            number(
                1,
                options.store().max_parts.into(),
                "Number of parts; the maximum if contentLength is absent.",
            ),
        ),
        ("partsAtOnce", number(1, most, "How many parts to send at a time.")),
        ("contentLength", call_schemas::size("Exact size of the object in bytes.")),
        ("expiresAt", map([("type", text("string")), ("format", text("date-time"))])),
    ]);
    properties.extend(confirms.then(|| ("confirm", confirm())));
    let checksums = policy.multipart_checksums();
    if !checksums.is_empty() {
        let names = checksums.iter().map(|checksum| checksum.algorithm.as_str());
        let algorithm = "Algorithm of the checksums of the parts and of the object.";
        let enumeration =
            map([("type", text("string")), ("enum", list(names)), ("description", text(algorithm))]);
        properties.push(("checksumAlgorithm", enumeration));
        let mut kinds: Vec<&str> =
            checksums.iter().filter_map(|checksum| checksum.kind.header_value()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kind = "FULL_OBJECT: state the checksum of the whole object when the upload is completed. COMPOSITE: every part needs one.";
        if !kinds.is_empty() {
            let enumeration =
                map([("type", text("string")), ("enum", list(kinds)), ("description", text(kind))]);
            properties.push(("checksumType", enumeration));
        }
    }
    open_or_closed(required, properties, has_other_members)
}

fn id() -> Node {
    let description = "Id in the key: generated for this upload, or supplied by the client.";
    map([("type", text("string")), ("format", text("uuid")), ("description", text(description))])
}

fn open_or_closed<'a>(
    required: impl Iterator<Item = &'a str>,
    properties: Vec<(&'a str, Node)>,
    has_other_members: bool,
) -> Node {
    map([
        ("type", text("object")),
        ("required", list(required)),
        ("properties", map(properties)),
        ("additionalProperties", has_other_members.into()),
    ])
}

fn described(kind: &str, format: Option<&str>, description: &str) -> Node {
    let format = format.map(|format| ("format", text(format)));
    let kind = [("type", text(kind))];
    map(kind.into_iter().chain(format).chain([("description", text(description))]))
}

fn expires_in(policy: &UploadPolicy) -> Node {
    map([
        ("type", text("integer")),
        ("minimum", policy.min_expires_in().as_secs().into()),
        ("maximum", policy.expires_in().as_secs().into()),
        ("description", text("Lifetime of the grant in seconds.")),
    ])
}

pub(super) fn expires_at_is() -> Node {
    let description = "Present if the grant may expire earlier than expiresAt, because the expiry of the signing \
                       credentials is not known.";
    map([("const", text("upper-bound")), ("type", text("string")), ("description", text(description))])
}

fn confirm() -> Node {
    let description = "The upload succeeded only if POST /uploads/confirm answers that it is confirmed.";
    map([("const", true.into()), ("type", text("boolean")), ("description", text(description))])
}

/// Returns the schema of the headers. Clients set `Content-Length` and `Host` by themselves.
fn headers(policy: &UploadPolicy) -> Node {
    let string = || map([("type", text("string"))]);
    let names = policy.signed_header_names().filter(|name| *name != "content-length");
    let (any, names): (Vec<&str>, Vec<&str>) = names.partition(|name| name.ends_with('*'));
    let additional = if any.is_empty() { false.into() } else { string() };
    map([
        ("type", text("object")),
        ("description", text("Headers to send, in addition to Host and Content-Length. Send exactly these.")),
        ("properties", map(names.into_iter().map(|name| (name, string())))),
        ("additionalProperties", additional),
    ])
}

fn fields() -> Node {
    map([
        ("type", text("object")),
        ("description", text("Form fields to send, in this order and before the file.")),
        ("additionalProperties", map([("type", text("string"))])),
    ])
}

/// Returns the schema of the hint of a problem document: in whose hands the refusal is, and what corrects it.
fn hint() -> Node {
    let cause = "Cause in the table of `upsign diagnose`. Further ones can be added.";
    let id = "Id of the request in the log of the service.";
    let code = |description: &str| {
        map([("type", text("string")), ("pattern", text("^[a-z-]+$")), ("description", text(description))])
    };
    let id = map([
        ("type", text("string")),
        ("pattern", text("^[A-Za-z0-9_.:=-]{1,128}$")),
        ("description", text(id)),
    ]);
    map([
        ("type", text("object")),
        ("description", text("What corrects the refusal, as `upsign diagnose` says it.")),
        ("required", list(["cause", "owner", "fix"])),
        (
            "properties",
            map([
                ("cause", code(cause)),
                ("owner", code("In whose hands the fix is: client, cors or configuration.")),
                ("fix", described("string", None, "What to do, for people. It may change.")),
                ("requestId", id),
            ]),
        ),
        ("additionalProperties", false.into()),
    ])
}

/// Returns the schema of a problem document, which can have further members.
pub(super) fn problem(more: Vec<(&'static str, Node)>) -> Node {
    let string = || map([("type", text("string"))]);
    let status =
        map([("type", text("integer")), ("minimum", Node::Number(400)), ("maximum", Node::Number(599))]);
    let kind = map([("type", text("string")), ("pattern", text("^urn:upsign:problem:[a-z0-9-]+$"))]);
    let members = [
        ("type", kind),
        ("title", string()),
        ("status", status),
        ("code", described("string", None, "Stable code for programs.")),
        ("detail", described("string", None, "Description for people. It may change.")),
        ("diagnose", hint()),
    ];
    map([
        ("type", text("object")),
        ("description", text("Problem details (RFC 9457).")),
        ("required", list(["type", "title", "status", "code", "detail", "diagnose"])),
        ("properties", map(members.into_iter().chain(more))),
        ("additionalProperties", false.into()),
    ])
}

/// Returns the schema of an answer of API Gateway itself.
pub(super) fn gateway_error() -> Node {
    let description = "Answer of API Gateway or Lambda, which did not invoke the function.";
    map([
        ("type", text("object")),
        ("description", text(description)),
        ("properties", map([("message", map([("type", text("string"))]))])),
    ])
}
