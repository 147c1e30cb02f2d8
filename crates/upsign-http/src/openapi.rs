//! The API's description: <https://spec.openapis.org/oas/v3.1.1.html>.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};
use upsign_core::{PresignError, Presigner};
use upsign_policy::Denied;

use crate::api::Api;
use crate::auth::Unauthenticated;
use crate::body::InvalidBody;
use crate::problem::Problem;

/// The API's description in OpenAPI 3.1, as JSON: what is committed as `openapi.json` beside this crate.
///
/// The statuses and codes are those of the refusals themselves.
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
            "summary": "The right to upload one object straight to S3.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": {
            (Api::<Box<dyn Presigner>>::UPLOAD_URL): {"post": upload_url()},
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
            "description": "The upload is granted: send the object with this method, URL and headers.",
            "headers": {"Cache-Control": no_store()},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UploadGrant"}}},
        }),
    );
    for (status, codes) in refusals() {
        responses.insert(status.as_str().to_owned(), refusal(status, &codes));
    }
    json!({
        "operationId": "issueUpload",
        "summary": "Ask for the right to upload one object.",
        "description": "Without a body, the policy's own defaults apply, where it allows that.",
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
        "summary": "Tell that the server lives.",
        "security": [],
        "responses": {"200": {"description": "It does.", "content": text}},
    })
}

fn texts(description: &str) -> Value {
    json!({
        "type": "object", "maxProperties": 32, "additionalProperties": {"type": "string"},
        "description": description,
    })
}

/// Members of the request's body, beside the ids that a policy lets callers name.
fn request() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "contentType": {"type": "string", "description": "The object's media type.", "examples": ["image/jpeg"]},
            "contentLength": {
                "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_992_u64,
                "description": "The object's exact size in bytes.",
            },
            "contentDisposition": {"type": "string", "description": "To store with the object, where the policy allows it."},
            "fileName": {"type": "string", "description": "What the file is called where it comes from."},
            "metadata": texts("User metadata, where the policy allows it."),
            "route": {
                "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$",
                "description": "Which of the service's policies to ask; absent where there is one without a name.",
            },
            "tags": texts("Object tags, where the policy allows them."),
            "checksum": {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": {"type": "string", "contentEncoding": "base64"},
                "description": "One checksum of the object, by its algorithm's name.",
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
            "uploadUrl": {"type": "string", "format": "uri", "description": "Where to send the object. A secret."},
            "key": {"type": "string", "description": "The key under which the object will be stored."},
            "expiresIn": {"type": "integer", "minimum": 1, "maximum": 604_800, "description": "Seconds."},
            "method": {"enum": ["PUT", "POST"]},
            "headers": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "Of a PUT: what to send besides Host and Content-Length, no more, no less.",
            },
            "fields": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "Of a POST: the form's fields, to be sent in this order before the file.",
            },
            "expiresAt": {"type": "string", "format": "date-time"},
            "expiresAtIs": {
                "const": "upper-bound",
                "description": "Present when nobody knows how long the credentials behind the grant live.",
            },
        },
        "additionalProperties": {
            "type": "string", "format": "uuid", "description": "An id that the policy declares, freshly drawn.",
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457 problem details.",
        "additionalProperties": false,
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "pattern": "^urn:upsign:problem:[a-z0-9-]+$"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": {"type": "string", "pattern": "^[a-z0-9-]+$", "description": "Never changes its meaning."},
            "detail": {"type": "string", "description": "For people; may change."},
        },
    })
}

fn refusal(status: StatusCode, codes: &BTreeSet<&'static str>) -> Value {
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

/// What a `POST` may be refused with.
fn refusals() -> BTreeMap<StatusCode, BTreeSet<&'static str>> {
    let mut refusals: BTreeMap<StatusCode, BTreeSet<&'static str>> = BTreeMap::new();
    for problem in problems() {
        refusals.entry(problem.status()).or_default().insert(problem.code());
    }
    refusals
}

fn problems() -> Vec<Problem> {
    use upsign::IssueError;
    let nobody = Unauthenticated::Refused { code: "", reason: String::new() };
    let unavailable = Unauthenticated::Unavailable { reason: String::new() };
    let unsigned = PresignError::UnknownExpiry;
    let short = PresignError::CredentialsTooShort { remaining: 0, asked: 0 };
    let mut problems = vec![
        Problem::from(&nobody),
        Problem::from(&unavailable),
        Problem::internal(),
        Problem::overloaded(),
        Problem::took_too_long(),
        Problem::body_too_slow(),
        Problem::body_unreadable(),
        Problem::issue(&IssueError::Presign(unsigned)),
        Problem::issue(&IssueError::Presign(short)),
        Problem::issue(&IssueError::Forbidden),
        Problem::issue(&IssueError::RouteRequired),
        Problem::issue(&IssueError::RouteUnknown),
        Problem::issue(&IssueError::RouteForbidden),
        Problem::issue(&IssueError::TooMany(upsign::TooMany::until(1))),
        Problem::issue(&IssueError::Undecided(upsign::Undecided::new("undecided"))),
    ];
    let bodies = [
        InvalidBody::TooLarge(0),
        InvalidBody::Length,
        InvalidBody::NotJsonType,
        InvalidBody::Syntax,
        InvalidBody::NotAnObject,
        InvalidBody::Duplicate,
        InvalidBody::UnknownMember("".into()),
        InvalidBody::Id("".into()),
        InvalidBody::Type("", ""),
        InvalidBody::ContentLength,
    ];
    problems.extend(bodies.iter().map(Problem::body));
    let denied = [
        Denied::BodyRequired,
        Denied::ContentLengthRequired,
        Denied::TooLarge { len: 0, max: 0 },
        Denied::TooSmall { len: 0, min: 0 },
        Denied::ContentTypeRequired,
        Denied::FileNameRequired,
        Denied::ChecksumNotAllowed,
        Denied::DispositionNotAllowed,
        Denied::MetadataNotAllowed,
        Denied::TagsNotAllowed,
        Denied::SubjectInvalid,
        Denied::GroupRequired,
        Denied::GroupAmbiguous,
        Denied::ClaimRequired("".into()),
        Denied::IdNotAllowed,
        Denied::KeyTooLong,
    ];
    problems.extend(denied.iter().map(Problem::denied));
    if let Ok(png) = "image/png".parse::<upsign_policy::ContentType>() {
        let of_type = [
            Denied::ContentTypeNotAllowed(png.clone()),
            Denied::ExtensionUnknown(png.clone()),
            Denied::ExtensionMismatch(png),
        ];
        problems.extend(of_type.iter().map(Problem::denied));
    }
    problems
}

/// The same, members in alphabetical order however the map keeps them.
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
