//! The form of a presigned URL that all presigners share: parameters sorted, signature last.

use std::error::Error;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use upsign_core::{Operation, PresignError, PresignRequest, SignatureFamily, Unsupported};

const SIGNATURE: &str = "X-Amz-Signature";

/// Headers that `aws-sigv4` never includes in the signature of a URL. See `SigningSettings::default` and
/// `CanonicalRequest::headers` in its source.
const NEVER_SIGNED: [&str; 5] =
    ["transfer-encoding", "user-agent", "x-amz-checksum-mode", "x-amz-user-agent", "x-amzn-trace-id"];

/// All bytes except the unreserved characters of RFC 3986.
pub(crate) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Returns the URL of a request without its query.
pub(crate) fn base(request: &PresignRequest) -> String {
    let target = request.target();
    let key = utf8_percent_encode(request.key().as_str(), PATH);
    format!("{}://{}{}/{key}", target.scheme().as_str(), target.host(), target.path_prefix())
}

/// Returns `name=value`, both percent-encoded.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

/// Refuses a request with a header that the backend would not sign, the operation that S3 does not have, and a target of
/// another family of signatures.
pub(crate) fn check_headers(backend: &'static str, request: &PresignRequest) -> Result<(), Unsupported> {
    if request.target().signature_family() != SignatureFamily::Aws {
        let feature = "with the signatures of Google Cloud Storage that the target requires";
        return Err(Unsupported::new(backend, feature));
    }
    let operation = request.operation();
    if *operation == Operation::StartResumableUpload {
        return Err(Unsupported::new(backend, format!("the operation {}", operation.name())));
    }
    match NEVER_SIGNED.into_iter().find(|name| request.headers().get(name).is_some()) {
        Some(name) => Err(Unsupported::new(backend, format!("the header `{name}`"))),
        None => Ok(()),
    }
}

/// Returns the URL with its parameters sorted and the signature last. `query` is percent-encoded already.
///
/// The order of parameters does not change the signature: S3 sorts them before it verifies.
///
/// # Errors
/// Returns [`Unsupported`] if the backend did not sign a header of the request, and [`PresignError::Backend`] if it signed a
/// header that is not in the request. Either would change what the URL allows.
pub(crate) fn into_sorted_url(
    backend: &'static str,
    base: &str,
    query: &str,
    request: &PresignRequest,
) -> Result<String, PresignError> {
    let mut parameters: Vec<(&str, &str)> =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))).collect();
    parameters.sort_unstable();
    let find = |wanted: &str| parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let signature = find(SIGNATURE)
        .ok_or_else(|| backend_error(backend, "the URL it returned has no X-Amz-Signature"))?;
    let signed_headers = find("X-Amz-SignedHeaders")
        .ok_or_else(|| backend_error(backend, "the URL it returned has no X-Amz-SignedHeaders"))?;
    // Every header of the request is removed from the list; only `host` may remain.
    let mut unmatched: Vec<&str> = signed_headers.split("%3B").collect();
    for (name, _) in request.headers() {
        let encoded = utf8_percent_encode(name, QUERY).to_string();
        let index = unmatched.iter().position(|signed| *signed == encoded);
        let index = index.ok_or_else(|| Unsupported::new(backend, format!("the header `{name}`")))?;
        unmatched.swap_remove(index);
    }
    if unmatched != ["host"] {
        return Err(backend_error(backend, "it signed headers that are not in the request"));
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

pub(crate) fn backend_error(
    backend: &'static str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> PresignError {
    PresignError::Backend { backend, source: source.into() }
}
