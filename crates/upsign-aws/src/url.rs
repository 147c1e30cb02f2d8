//! The one form in which every backend writes a presigned URL: query sorted, signature last.

use std::error::Error;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use upsign_core::{PresignError, PresignRequest, Unsupported};

const SIGNATURE: &str = "X-Amz-Signature";

/// Headers that the SDK's signer leaves out of every presigned URL (`aws-sigv4`, `SigningSettings::default` and
/// `CanonicalRequest::headers`).
const NEVER_SIGNED: [&str; 5] =
    ["transfer-encoding", "user-agent", "x-amz-checksum-mode", "x-amz-user-agent", "x-amzn-trace-id"];

/// All but RFC 3986's unreserved characters.
pub(crate) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const PATH: &AsciiSet = &QUERY.remove(b'/');

/// The URL of a request up to its query.
pub(crate) fn base(request: &PresignRequest) -> String {
    let target = request.target();
    let key = utf8_percent_encode(request.key().as_str(), PATH);
    format!("{}://{}{}/{key}", target.scheme().as_str(), target.host(), target.path_prefix())
}

/// `name=value`, both percent-encoded.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

pub(crate) fn check_headers(backend: &'static str, request: &PresignRequest) -> Result<(), Unsupported> {
    match NEVER_SIGNED.into_iter().find(|name| request.headers().get(name).is_some()) {
        Some(name) => Err(Unsupported::new(backend, format!("the header `{name}`"))),
        None => Ok(()),
    }
}

/// Sorts the parameters of a signed URL, whose names and values are percent-encoded already.
///
/// Makes sure that the signature binds every header of the request: a missing one would be a constraint dropped.
pub(crate) fn sorted(
    backend: &'static str,
    base: &str,
    query: &str,
    request: &PresignRequest,
) -> Result<String, PresignError> {
    let mut parameters: Vec<(&str, &str)> =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))).collect();
    parameters.sort_unstable();
    let find = |wanted: &str| parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let signature = find(SIGNATURE).ok_or_else(|| failed(backend, "it made no signature"))?;
    let names = find("X-Amz-SignedHeaders").ok_or_else(|| failed(backend, "it signed no headers"))?;
    let mut bound: Vec<&str> = names.split("%3B").collect();
    for (name, _) in request.headers().iter() {
        let encoded = utf8_percent_encode(name, QUERY).to_string();
        let place = bound.iter().position(|bound| *bound == encoded);
        let place = place.ok_or_else(|| Unsupported::new(backend, format!("the header `{name}`")))?;
        bound.swap_remove(place);
    }
    if bound != ["host"] {
        return Err(failed(backend, "it signed headers that nobody asked for"));
    }
    let mut url = String::with_capacity(base.len() + query.len() + 1);
    url.push_str(base);
    let mut separator = '?';
    for (name, value) in parameters.iter().filter(|(name, _)| *name != SIGNATURE) {
        url.push(separator);
        url.push_str(name);
        url.push('=');
        url.push_str(value);
        separator = '&';
    }
    url.push('&');
    url.push_str(SIGNATURE);
    url.push('=');
    url.push_str(signature);
    Ok(url)
}

pub(crate) fn failed(backend: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> PresignError {
    PresignError::Backend { backend, source: source.into() }
}
