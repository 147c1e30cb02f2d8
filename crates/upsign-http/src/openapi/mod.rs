//! The description of the API in OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>).

mod codes;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};
use upsign_core::Presigner;

use crate::api::Api;
use crate::path::UPLOAD_URL;
use crate::upload_body::MAX_BODY_BYTES;

/// How clients authenticate, for [`Api::openapi`]: a *security scheme* of OpenAPI
/// (<https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object>).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// `Authorization: Bearer <token>`. 401 responses have the header `WWW-Authenticate`.
    Bearer,
    /// A cookie. Holds its name.
    Cookie(Box<str>),
    /// A header of the request. Holds its name.
    Header(Box<str>),
    /// Any other scheme. Holds the security scheme object.
    Other(Value),
}

impl SecurityScheme {
    /// The name under which the description refers to the scheme.
    const fn name(&self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Cookie(_) => "cookie",
            Self::Header(_) => "header",
            Self::Other(_) => "other",
        }
    }

    fn object(&self) -> Value {
        match self {
            Self::Bearer => json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
            Self::Cookie(name) => json!({"type": "apiKey", "in": "cookie", "name": name}),
            Self::Header(name) => json!({"type": "apiKey", "in": "header", "name": name}),
            Self::Other(object) => object.clone(),
        }
    }
}

/// What differs between the APIs of two applications.
struct Description<'a> {
    path: &'a str,
    max_body: usize,
    /// The members with which clients may supply ids.
    id_members: &'a [&'a str],
    /// Whether the application adds members to the grant, which can have any type.
    has_grant_members: bool,
    security: &'a SecurityScheme,
    /// Whether the server also answers `GET /healthz`.
    healthz: bool,
}

/// Returns the description of what `upsign serve` answers in OpenAPI 3.1, as JSON: the API with its default path, size of
/// bodies and bearer tokens, and `/healthz`.
///
/// This crate contains a copy as `openapi.json`. The statuses and codes are taken from the
/// [`Problem`](crate::Problem)s that the API creates, so they cannot differ from what clients receive. For the API of an
/// application see [`Api::openapi`].
#[must_use]
pub fn openapi() -> String {
    Description {
        path: UPLOAD_URL,
        max_body: MAX_BODY_BYTES,
        id_members: &[],
        has_grant_members: false,
        security: &SecurityScheme::Bearer,
        healthz: true,
    }
    .text()
}

impl<P: Presigner> Api<P> {
    /// Returns the description of this API in OpenAPI 3.1, as JSON, with its path, its maximum size of bodies and the ids
    /// that clients may supply.
    ///
    /// `security` states how clients authenticate, which the API does not know: each call of [`handle`](Self::handle)
    /// receives its own [`Authenticate`](crate::Authenticate).
    ///
    /// ```
    /// # use upsign_http::{Api, SecurityScheme};
    /// # fn describe(api: &Api) {
    /// let description = api.openapi(&SecurityScheme::Cookie("session".into()));
    /// # }
    /// ```
    #[must_use]
    pub fn openapi(&self, security: &SecurityScheme) -> String {
        Description {
            path: self.path(),
            max_body: self.max_body(),
            id_members: &self.id_members(),
            has_grant_members: self.has_grant_members(),
            security,
            healthz: false,
        }
        .text()
    }
}

impl Description<'_> {
    fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&sorted(self.document())).unwrap_or_default();
        text.push('\n');
        text
    }

    fn document(&self) -> Value {
        let mut paths = Map::from_iter([(self.path.to_owned(), json!({"post": self.upload_url()}))]);
        if self.healthz {
            paths.insert("/healthz".into(), json!({"get": healthz()}));
        }
        json!({
            "openapi": "3.1.1",
            "info": {
                "title": "upsign",
                "summary": "Issues the right to upload one object directly to S3.",
                "version": env!("CARGO_PKG_VERSION"),
                "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "security": [{(self.security.name()): []}],
            "paths": paths,
            "components": {
                "securitySchemes": {(self.security.name()): self.security.object()},
                "schemas": {
                    "UploadRequest": schemas::request(self.id_members),
                    "UploadGrant": schemas::grant(self.has_grant_members),
                    "Problem": schemas::problem(),
                },
            },
        })
    }

    fn upload_url(&self) -> Value {
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
            responses.insert(status.as_str().to_owned(), self.refusal_response(status, &codes));
        }
        json!({
            "operationId": "issueUpload",
            "summary": "Request the right to upload one object.",
            "description": "The body describes the upload. A request without a body is granted with the policy's defaults if the policy allows such requests.",
            "requestBody": {
                "required": false,
                "description": format!("At most {} bytes.", self.max_body),
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UploadRequest"}}},
            },
            "responses": responses,
        })
    }

    fn refusal_response(&self, status: StatusCode, codes: &BTreeSet<&'static str>) -> Value {
        let mut headers = Map::from_iter([("Cache-Control".to_owned(), no_store())]);
        match status {
            StatusCode::UNAUTHORIZED if *self.security == SecurityScheme::Bearer => {
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
