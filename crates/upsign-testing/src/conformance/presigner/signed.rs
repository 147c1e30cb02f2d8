//! Checks one presigned URL against its request, with a signature computed independently.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use upsign_core::{Credentials, PresignRequest, PresignedRequest, Timestamp};

use crate::corpora::{Pairs, Parts, reference};

/// The parameters of a presigned URL that are not part of the request.
const SIGNING: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];
/// What a key keeps unencoded (`UriEncode` in the documentation of SigV4, except that a slash stays).
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Panics unless the URL is signed with `credentials` and carries exactly what the request asks for.
pub(super) fn assert_complete(
    request: &PresignRequest,
    presigned: &PresignedRequest,
    credentials: &Credentials,
    at: Timestamp,
) {
    let parts = Parts::of(presigned.url.expose());
    assert_eq!(presigned.method, request.operation().method(), "the method of {request:?}");
    assert_eq!(presigned.headers, *request.headers(), "the headers to send, of {request:?}");
    let expires_at = at.saturating_add(request.expires_in().as_secs().into());
    assert_eq!(presigned.expires_at, expires_at, "expires_at of {request:?}");
    assert_eq!(parts.host, request.target().host(), "the host of {request:?}");
    let key = utf8_percent_encode(request.key().as_str(), KEY).to_string();
    let path = format!("{}/{key}", request.target().path_prefix());
    assert_eq!(parts.path, path, "the path of {request:?}");
    assert_parameters(request, &parts, credentials, at);
    assert_signature(request, &parts, credentials);
}

fn assert_parameters(request: &PresignRequest, parts: &Parts, credentials: &Credentials, at: Timestamp) {
    let mut expected: Pairs = Vec::new();
    request
        .operation()
        .for_each_query_parameter(|name, value| expected.push((name.to_owned(), value.to_owned())));
    expected.extend(request.query().iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    let is_own = |pair: &&(String, String)| !SIGNING.contains(&pair.0.as_str());
    let mut own: Pairs = parts.query.iter().filter(is_own).cloned().collect();
    expected.sort();
    own.sort();
    assert_eq!(own, expected, "the query parameters of {request:?}");
    let lifetime = request.expires_in().as_secs().to_string();
    assert_eq!(parts.parameter("X-Amz-Expires"), Some(lifetime.as_str()), "the lifetime of {request:?}");
    let date = at.to_string().replace(['-', ':'], "");
    assert_eq!(parts.parameter("X-Amz-Date"), Some(date.as_str()), "the time of {request:?}");
    let token = parts.parameter("X-Amz-Security-Token");
    assert_eq!(token, credentials.session_token(), "the session token of {request:?}");
    let mut names: Vec<&str> = request.headers().iter().map(|(name, _)| name).chain(["host"]).collect();
    names.sort_unstable();
    let names = names.join(";");
    assert_eq!(
        parts.parameter("X-Amz-SignedHeaders"),
        Some(names.as_str()),
        "the signed headers of {request:?}"
    );
}

/// A SigV4a signature is random. Its value is not checked here.
fn assert_signature(request: &PresignRequest, parts: &Parts, credentials: &Credentials) {
    let parameter = |name| parts.parameter(name).unwrap_or_default();
    let algorithm = parameter("X-Amz-Algorithm");
    let is_sigv4a = request.target().requires_sigv4a();
    let expected = if is_sigv4a { "AWS4-ECDSA-P256-SHA256" } else { "AWS4-HMAC-SHA256" };
    assert_eq!(algorithm, expected, "the algorithm of {request:?}");
    let (id, scope) = parameter("X-Amz-Credential").split_once('/').unwrap_or_default();
    assert_eq!(id, credentials.access_key_id(), "the access key id of {request:?}");
    if is_sigv4a {
        return;
    }
    let day = parameter("X-Amz-Date").get(..8).unwrap_or_default();
    let (region, service) = (request.target().region().as_str(), request.target().signing_service());
    assert_eq!(scope, format!("{day}/{region}/{service}/aws4_request"), "the scope of {request:?}");
    let mut headers: Pairs =
        request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    headers.push(("host".to_owned(), parts.host.clone()));
    let canonical = reference::canonical_request(request.operation().method().as_str(), parts, &headers);
    let message = reference::string_to_sign(algorithm, parameter("X-Amz-Date"), scope, &canonical);
    let signature = reference::signature(credentials.secret_access_key(), scope, &message);
    assert_eq!(parameter("X-Amz-Signature"), signature, "the signature of {request:?}");
}
