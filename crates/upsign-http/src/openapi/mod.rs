//! The description of the API in OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>).

mod codes;

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::api::UPLOAD_URL;

/// Returns the description of the API in OpenAPI 3.1, as JSON.
///
/// This crate contains a copy as `openapi.json`. The statuses and codes are taken from the
/// [`Problem`](crate::Problem)s that the API creates, so they cannot differ from what clients receive.
#[must_use]
pub fn openapi() -> String {
    let mut text = serde_json::to_string_pretty(&sorted(document())).unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> Value {
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "upsign",
            "summary": "Issues the right to upload one object directly to S3.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": {
            (UPLOAD_URL): {"post": upload_url()},
            "/healthz": {"get": healthz()},
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"UploadRequest": request(), "UploadGrant": grant(), "Problem": problem()},
        },
    })
}

fn upload_url() -> Value {
    let mut responses = Map::new();
    responses.insert(
        "200".into(),
        json!({
            "description": "The upload is granted. Send the object with the returned method, URL and headers or fields.",
            "headers": {"Cache-Control": no_store()},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UploadGrant"}}},
        }),
    );
    for (status, codes) in codes::by_status() {
        responses.insert(status.as_str().to_owned(), refusal_response(status, &codes));
    }
    json!({
        "operationId": "issueUpload",
        "summary": "Request the right to upload one object.",
        "description": "The body describes the upload. A request without a body is granted with the policy's defaults if the policy allows such requests.",
        "requestBody": {
            "required": false,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UploadRequest"}}},
        },
        "responses": responses,
    })
}

fn healthz() -> Value {
    let text = json!({"text/plain": {"schema": {"type": "string"}}});
    json!({
        "operationId": "health",
        "summary": "Check that the server is running.",
        "security": [],
        "responses": {"200": {"description": "The server is running.", "content": text}},
    })
}

fn texts(description: &str) -> Value {
    json!({
        "type": "object", "maxProperties": 32, "additionalProperties": {"type": "string"},
        "description": description,
    })
}

/// The members of the request body, except the ids that a policy lets clients supply.
fn request() -> Value {
    json!({
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
    })
}

fn grant() -> Value {
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
        "additionalProperties": {
            "type": "string", "format": "uuid", "description": "An id that the policy declares: generated for this upload, or supplied by the client.",
        },
    })
}

fn problem() -> Value {
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

fn refusal_response(status: StatusCode, codes: &BTreeSet<&'static str>) -> Value {
    let mut headers = Map::from_iter([("Cache-Control".to_owned(), no_store())]);
    match status {
        StatusCode::UNAUTHORIZED => {
            let text = json!({"required": true, "schema": {"type": "string"}});
            headers.insert("WWW-Authenticate".into(), text);
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            let seconds = json!({"required": true, "schema": {"type": "integer", "minimum": 1}});
            headers.insert("Retry-After".into(), seconds);
        }
        _ => {}
    }
    json!({
        "description": status.canonical_reason().unwrap_or("Refused"),
        "headers": headers,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": codes,
    })
}

fn no_store() -> Value {
    json!({"required": true, "schema": {"const": "no-store"}})
}

/// Sorts the members of every object by name.
///
/// `serde_json::Map` keeps the order of insertion if any crate of the build enables its `preserve_order` feature. Sorting
/// makes the text independent of that.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
