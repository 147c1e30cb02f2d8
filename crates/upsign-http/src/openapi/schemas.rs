//! The JSON schemas of the bodies.

use serde_json::{Value, json};

/// The members of the request body, with those for `id_members`.
pub(super) fn request(id_members: &[&str]) -> Value {
    let mut request = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "contentType": {"type": "string", "description": "Media type of the object.", "examples": ["image/jpeg"]},
            "contentLength": {
                "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_992_u64,
                "description": "Exact size of the object in bytes.",
            },
            "contentDisposition": {"type": "string", "description": "Content-Disposition to store with the object, if the policy allows it."},
            "fileName": {"type": "string", "description": "Name of the file on the client's machine."},
            "metadata": texts("User-defined metadata of the object, if the policy allows it."),
            "route": {
                "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$",
                "description": "Name of the route whose policy applies. Omit it to use the unnamed route.",
            },
            "tags": texts("Tags of the object, if the policy allows them."),
            "checksum": {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": {"type": "string", "contentEncoding": "base64"},
                "description": "One checksum of the object, under the name of its algorithm.",
                "examples": [{"sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}],
            },
        },
    });
    if let Some(Value::Object(properties)) = request.get_mut("properties") {
        let description = "An id that the client may supply, if the application permits it.";
        let id = json!({"type": "string", "format": "uuid", "description": description});
        properties.extend(id_members.iter().map(|name| ((*name).to_owned(), id.clone())));
    }
    request
}

/// The members of the response with a grant.
pub(super) fn grant(has_grant_members: bool) -> Value {
    let ids = json!({
        "type": "string", "format": "uuid", "description": "An id that the policy declares: generated for this upload, or supplied by the client.",
    });
    // The members that an application adds can have any type.
    let additional = if has_grant_members { true.into() } else { ids };
    json!({
        "type": "object",
        "required": ["uploadUrl", "key", "expiresIn", "method", "expiresAt"],
        "oneOf": [
            {"properties": {"method": {"const": "PUT"}}, "required": ["headers"]},
            {"properties": {"method": {"const": "POST"}}, "required": ["fields"]},
        ],
        "properties": {
            "uploadUrl": {"type": "string", "format": "uri", "description": "URL to send the object to. Keep it secret: anyone who has it can upload."},
            "key": {"type": "string", "description": "Key under which the object will be stored."},
            "expiresIn": {"type": "integer", "minimum": 1, "maximum": 604_800, "description": "Lifetime of the grant in seconds."},
            "method": {"enum": ["PUT", "POST"]},
            "headers": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "For PUT: the headers to send, in addition to Host and Content-Length. Send exactly these.",
            },
            "fields": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "For POST: the form fields to send, in this order and before the file.",
            },
            "expiresAt": {"type": "string", "format": "date-time"},
            "expiresAtIs": {
                "const": "upper-bound",
                "description": "Present if the grant may expire earlier than expiresAt, because the expiry of the signing credentials is not known.",
            },
        },
        "additionalProperties": additional,
    })
}

pub(super) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "additionalProperties": false,
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "pattern": "^urn:upsign:problem:[a-z0-9-]+$"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": {"type": "string", "pattern": "^[a-z0-9-]+$", "description": "Stable code for programs."},
            "detail": {"type": "string", "description": "Description for people. Its text may change."},
        },
    })
}

fn texts(description: &str) -> Value {
    json!({
        "type": "object", "maxProperties": 32, "additionalProperties": {"type": "string"},
        "description": description,
    })
}
