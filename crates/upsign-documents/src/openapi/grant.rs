//! The schemas of the answers.

use upsign_policy::{IdName, UploadMethod, UploadPolicy};

use crate::deployment::DeploymentRoute;
use crate::node::{Node, list, map, text};

/// Returns the schema of a grant for one route.
pub(super) fn grant(route: &DeploymentRoute, has_other_members: bool) -> Node {
    let policy = route.policy();
    let ids = policy.id_names().iter().map(IdName::wire_name);
    let (method, sent) = match policy.method() {
        UploadMethod::Post => ("POST", ("fields", fields())),
        _ => ("PUT", ("headers", headers(policy))),
    };
    let required = ["uploadUrl", "key"].into_iter().chain(ids.clone());
    let required = required.chain(["expiresIn", "method", sent.0, "expiresAt"]);
    let url = "URL to send the object to. Keep it secret: anyone who has it can upload.";
    let key = format!("Key under which the object will be stored: {}", policy.template().as_str());
    let id = || {
        let description = "Id in the key: generated for this upload, or supplied by the client.";
        map([("type", text("string")), ("format", text("uuid")), ("description", text(description))])
    };
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

fn expires_at_is() -> Node {
    let description = "Present if the grant may expire earlier than expiresAt, because the expiry of the signing \
                       credentials is not known.";
    map([("const", text("upper-bound")), ("type", text("string")), ("description", text(description))])
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

/// Returns the schema of a problem document.
pub(super) fn problem() -> Node {
    let string = || map([("type", text("string"))]);
    let status =
        map([("type", text("integer")), ("minimum", Node::Number(400)), ("maximum", Node::Number(599))]);
    let kind = map([("type", text("string")), ("pattern", text("^urn:upsign:problem:[a-z0-9-]+$"))]);
    map([
        ("type", text("object")),
        ("description", text("Problem details (RFC 9457).")),
        ("required", list(["type", "title", "status", "code", "detail"])),
        (
            "properties",
            map([
                ("type", kind),
                ("title", string()),
                ("status", status),
                ("code", described("string", None, "Stable code for programs.")),
                ("detail", described("string", None, "Description for people. It may change.")),
            ]),
        ),
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
