//! `GET /dev/token`: a token of a user of the embedded issuers, for the command line and for pages that `--origin` admits.
//!
//! No other page may read it. [`guard`](super::guard) rejects foreign hosts and origins, but a browser sends no `Origin` with
//! some requests, such as those of `<script src>`. So `Sec-Fetch-Site` is checked as well, which browsers send with every request
//! to this machine, and the response forbids to be embedded or to be read as another type. It has CORS headers for admitted
//! pages only.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use upsign_config::IssuerName;

use super::{DevState, internal_error, query};
use crate::embedded::{EmbeddedIssuer, EmbeddedServices, User};

pub(super) const PATH: &str = "/dev/token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Whose token it is. Without a name, it is that of the first one.
#[derive(Default)]
struct TokenQuery {
    user: Option<String>,
    issuer: Option<String>,
}

impl TokenQuery {
    /// Reads the query of a request. Unknown and repeated parameters are refused rather than ignored.
    fn parse(query: &str) -> Option<Self> {
        let mut parsed = Self::default();
        for (name, value) in query::parse(query)? {
            let member = match &*name {
                "user" => &mut parsed.user,
                "issuer" => &mut parsed.issuer,
                _ => return None,
            };
            if member.replace(value).is_some() {
                return None;
            }
        }
        Some(parsed)
    }
}

/// Returns the token as text, without a line break.
pub(super) async fn token(State(dev): State<DevState>, uri: Uri, headers: HeaderMap) -> Response {
    let services = &dev.services;
    let origin = headers.get(ORIGIN);
    let is_admitted = origin
        .and_then(|origin| origin.to_str().ok())
        .is_some_and(|origin| services.origins.may_read_tokens(origin));
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    if !is_admitted && site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return (StatusCode::FORBIDDEN, "pages of other origins do not receive the token\n").into_response();
    }
    let mut response = match TokenQuery::parse(uri.query().unwrap_or_default()) {
        Some(query) => answer(services, &query),
        None => {
            let reason = format!("{PATH} has the parameters user and issuer only, each once\n");
            (StatusCode::BAD_REQUEST, reason).into_response()
        }
    };
    let response_headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "origin"),
    ] {
        response_headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(origin) = origin.filter(|_| is_admitted) {
        response_headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response
}

fn answer(services: &EmbeddedServices, query: &TokenQuery) -> Response {
    let not_found = |what: &str, names: Vec<&str>| {
        let reason = format!("there is no {what} of this name: the {what}s are {}\n", names.join(", "));
        (StatusCode::NOT_FOUND, reason).into_response()
    };
    let user = match &query.user {
        Some(name) => services.user(name),
        None => services.users.first(),
    };
    let Some(user) = user else {
        return not_found("user", services.users.iter().map(|user| &*user.name).collect());
    };
    let issuer = match &query.issuer {
        Some(name) => services.issuers.named(name),
        None => Some(services.issuers.first()),
    };
    let Some(issuer) = issuer else {
        let names = services.issuers.iter().filter_map(|issuer| issuer.name.as_ref()).map(IssuerName::as_str);
        return not_found("issuer", names.collect());
    };
    services.issuers.token(issuer, user).map_or_else(|_| internal_error(), IntoResponse::into_response)
}

/// Returns the path and the query of the token of a user. The only user is not named, and neither is the first issuer.
pub(super) fn path(services: &EmbeddedServices, user: &User, issuer: Option<&EmbeddedIssuer>) -> String {
    let mut pairs = Vec::new();
    if services.users.len() > 1 {
        pairs.push(format!("user={}", query::encode(&user.name)));
    }
    if let Some(name) = issuer.and_then(|issuer| issuer.name.as_ref()) {
        pairs.push(format!("issuer={name}"));
    }
    if pairs.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", pairs.join("&")) }
}
