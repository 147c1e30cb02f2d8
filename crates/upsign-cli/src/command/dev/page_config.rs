//! `GET /dev/config.json`: what the page needs to know about this run.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::HOST;
use serde_json::{Value, json};
use upsign_config::{RouteConfig, RouteName};
use upsign_http::{UPLOAD_URL, UPLOADS};
use upsign_policy::{Checksums, MultipartMode, UploadMethod};

use super::DevState;
use crate::embedded::{EmbeddedIssuer, EmbeddedServices, User};
use crate::{sample, summary};

/// Returns the configuration of the page. The password works for this process only.
pub(super) async fn page_config(State(dev): State<DevState>, headers: HeaderMap) -> Response {
    let services = &dev.services;
    // 127.0.0.1 and localhost are two origins, so the API is addressed by the name that the page was opened with.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let routes: Vec<Value> = services.config.routes().iter().map(route).collect();
    let config = json!({
        "run": &*dev.run.run,
        "revision": dev.run.revision,
        "file": dev.file.as_deref(),
        "api": format!("http://{host}"),
        "uploadUrlPath": UPLOAD_URL,
        "uploadsPath": UPLOADS,
        "tokenHeader": services.config.token_header().as_str(),
        "s3": services.s3.endpoint().to_string(),
        "region": services.s3.region().as_str(),
        "password": services.issuers.password,
        "issuers": services.issuers.iter().map(issuer).collect::<Vec<_>>(),
        "users": services.users.iter().map(|user| self::user(services, user)).collect::<Vec<_>>(),
        "routes": routes,
    });
    Json(config).into_response()
}

/// Returns an issuer, where users sign in, and which groups and scopes it requires.
fn issuer(issuer: &EmbeddedIssuer) -> Value {
    let pool = &issuer.pool;
    let is_openid = issuer.verifier.is_oidc();
    let endpoint = if is_openid { format!("{}/oauth2/token", pool.issuer()) } else { pool.endpoint() };
    let token = match (is_openid, issuer.takes_id_tokens()) {
        (false, false) => "AccessToken",
        (false, true) => "IdToken",
        (true, false) => "access_token",
        (true, true) => "id_token",
    };
    with_members(
        issuer.json(),
        [
            ("endpoint", endpoint.into()),
            ("groups", json!(issuer.verifier.required_groups())),
            ("scopes", json!(issuer.verifier.required_scopes())),
            ("token", token.into()),
        ],
    )
}

/// Returns a JSON object with further members.
fn with_members<const N: usize>(mut object: Value, members: [(&str, Value); N]) -> Value {
    if let Value::Object(object) = &mut object {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// Returns a user, and for each issuer why the user's token is refused, by the names of the routes that refuse it.
fn user(services: &EmbeddedServices, user: &User) -> Value {
    let denials = |issuer: &EmbeddedIssuer| {
        let denials = services.config.routes().iter().filter_map(|route| {
            let reason = services.denial(route, issuer, user)?;
            Some((summary::route_name(route).to_owned(), Value::from(reason)))
        });
        Value::Object(denials.collect())
    };
    with_members(user.json(), [("denials", services.issuers.iter().map(denials).collect())])
}

/// Returns a route: what it accepts, who may use it, and a request that it grants.
fn route(route: &RouteConfig) -> Value {
    let policy = &route.policy;
    let types: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    let required = match policy.checksums() {
        Checksums::Required(algorithms) => algorithms.iter().map(|algorithm| algorithm.as_str()).collect(),
        _ => Vec::new(),
    };
    json!({
        "name": summary::route_name(route),
        "member": route.name.as_ref().map(RouteName::as_str),
        "method": if policy.method() == UploadMethod::Post { "POST" } else { "PUT" },
        "bucket": policy.target().bucket().as_str(),
        "types": types,
        "minSize": policy.size().min(),
        "maxSize": policy.max_size(),
        "expiresIn": policy.expires_in().as_secs(),
        "keyTemplate": policy.template().as_str(),
        "requiredChecksums": required,
        "multipart": policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No),
        "confirm": policy.confirmation().confirm(),
        "groups": route.access.groups(),
        "scopes": route.access.scopes(),
        "sample": sample::upload(route).body,
    })
}
