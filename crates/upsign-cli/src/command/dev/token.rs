//! `GET /dev/token`: a token of a user of the embedded issuers, for the command line and for pages that `--origin` admits.
//!
//! No other page may read it. [`guard`](super::guard) rejects foreign hosts and origins, but a browser sends no `Origin` with
//! some requests, such as those of `<script src>`. So `Sec-Fetch-Site` is checked as well, which browsers send with every request
//! to this machine, and the response forbids to be embedded or to be read as another type. It has CORS headers for admitted
//! pages only.

use std::borrow::Cow;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use upsign_config::IssuerName;

use super::{DevState, internal_error};
use crate::embedded::{EmbeddedIssuer, EmbeddedServices, User};

pub(super) const PATH: &str = "/dev/token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The query of a request: whose token it is, and which issuer signs it. The first user and the first issuer need not be named.
/// Unknown and repeated parameters are refused rather than ignored.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TokenQuery<'a> {
    user: Option<Cow<'a, str>>,
    issuer: Option<Cow<'a, str>>,
}

/// Keeps an answer out of caches and of pages of other origins that cannot read it but could embed it.
pub(super) async fn private(mut response: Response) -> Response {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
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
    let mut response = match serde_urlencoded::from_str(uri.query().unwrap_or_default()) {
        Ok(query) => answer(services, &query),
        Err(_) => {
            let reason = format!("{PATH} has the parameters user and issuer only, each once\n");
            (StatusCode::BAD_REQUEST, reason).into_response()
        }
    };
    let response_headers = response.headers_mut();
    for (name, value) in [(CONTENT_TYPE, "text/plain; charset=utf-8"), (VARY, "origin")] {
        response_headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(origin) = origin.filter(|_| is_admitted) {
        response_headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    response
}

fn answer(services: &EmbeddedServices, query: &TokenQuery<'_>) -> Response {
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
    let query = TokenQuery {
        user: (services.users.len() > 1).then_some(Cow::Borrowed(&user.name)),
        issuer: issuer.and_then(|issuer| issuer.name.as_ref()).map(|name| name.as_str().into()),
    };
    match serde_urlencoded::to_string(&query) {
        Ok(query) if !query.is_empty() => format!("{PATH}?{query}"),
        _ => PATH.to_owned(),
    }
}
