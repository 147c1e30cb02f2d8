//! The canonical request of a presigned URL: its query string, its signed headers and its hash.
//!
//! The canonical query string and the query of the URL are the same bytes, so they are written once. S3 uses the path as it
//! is sent (no normalization, encoded once), so the same applies to the path.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use upsign_core::PresignRequest;

use crate::hash::sha256::Hasher;
use crate::stages::UNSIGNED_PAYLOAD;
use crate::state::second::SecondState;
use crate::text::decimal::push_decimal;
use crate::text::percent::encode_query;

/// Appends the query of a presigned URL up to the signature: all parameters, sorted by name.
#[inline]
pub(crate) fn push_query(out: &mut String, request: &PresignRequest, state: &SecondState) {
    if request.query().is_empty() && !has_operation_parameters(request) {
        push_signing_parameters(out, request, state);
    } else {
        push_sorted_query(out, request, state);
    }
}

fn has_operation_parameters(request: &PresignRequest) -> bool {
    let mut any = false;
    request.operation().for_each_query_parameter(|_, _| any = true);
    any
}

/// Appends the parameters of the signature itself: `X-Amz-Algorithm`, `-Credential`, `-Date`, `-Expires`,
/// `-Security-Token` and `-SignedHeaders`. In this order they are sorted, so a request without other parameters needs no
/// sort.
pub(crate) fn push_signing_parameters(out: &mut String, request: &PresignRequest, state: &SecondState) {
    out.push_str(&state.query_prefix);
    push_decimal(out, request.expires_in().as_secs());
    out.push_str(&state.day.token_parameter);
    out.push_str("&X-Amz-SignedHeaders=");
    push_header_names(out, request, "%3B");
}

/// Appends all parameters, sorted by encoded name and then by encoded value.
#[cold]
fn push_sorted_query(out: &mut String, request: &PresignRequest, state: &SecondState) {
    let mut signing = String::new();
    push_signing_parameters(&mut signing, request, state);
    let mut parameters: Vec<(String, String)> = signing
        .split('&')
        .filter_map(|parameter| parameter.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut add = |name: &str, value: &str| {
        let (mut encoded_name, mut encoded_value) = (String::new(), String::new());
        encode_query(&mut encoded_name, name);
        encode_query(&mut encoded_value, value);
        parameters.push((encoded_name, encoded_value));
    };
    request.operation().for_each_query_parameter(&mut add);
    request.query().iter().for_each(|(name, value)| add(name, value));
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
}

/// Appends the names of the signed headers, percent-encoded for the query.
fn push_header_names(out: &mut String, request: &PresignRequest, separator: &str) {
    let mut first = true;
    for_each_header(request, |name, _| {
        if !first {
            out.push_str(separator);
        }
        first = false;
        encode_query(out, name);
    });
}

/// Appends the part of the canonical request that follows the query: headers, names of the signed headers, payload hash.
/// Starts with the line feed that ends the query.
pub(crate) fn push_canonical_tail(out: &mut String, request: &PresignRequest) {
    for_each_header(request, |name, value| {
        push_header_start(out, name);
        out.push_str(value);
    });
    push_canonical_end(out, request);
}

/// Returns `start` and the part of the canonical request that follows the query, cut at the values of the headers that `differs`
/// selects: the values are left out, and each text after the first begins after one of them.
pub(crate) fn canonical_tail(
    start: String,
    request: &PresignRequest,
    differs: impl Fn(&str) -> bool,
) -> Vec<String> {
    let (mut texts, mut text) = (Vec::new(), start);
    for_each_header(request, |name, value| {
        push_header_start(&mut text, name);
        if differs(name) {
            texts.push(std::mem::take(&mut text));
        } else {
            text.push_str(value);
        }
    });
    push_canonical_end(&mut text, request);
    texts.push(text);
    texts
}

fn push_header_start(out: &mut String, name: &str) {
    out.push('\n');
    out.push_str(name);
    out.push(':');
}

/// Appends what follows the value of the last header.
fn push_canonical_end(out: &mut String, request: &PresignRequest) {
    out.push_str("\n\n");
    let mut separator = "";
    for_each_header(request, |name, _| {
        out.push_str(separator);
        out.push_str(name);
        separator = ";";
    });
    out.push('\n');
    out.push_str(UNSIGNED_PAYLOAD);
}

/// Hashes the canonical request piece by piece, without building it. `path` and `query` are slices of the URL.
pub(crate) fn canonical_hash(request: &PresignRequest, path: &str, query: &str) -> [u8; 32] {
    let mut hasher = Hasher::new();
    hasher.update(request.operation().method().as_str().as_bytes());
    hasher.update(b"\n");
    hasher.update(path.as_bytes());
    hasher.update(b"\n");
    hasher.update(query.as_bytes());
    hasher.update(b"\n");
    for_each_header(request, |name, value| {
        hasher.update(name.as_bytes());
        hasher.update(b":");
        hasher.update(value.as_bytes());
        hasher.update(b"\n");
    });
    // The empty line after the headers, then their names joined with semicolons.
    let mut separator: &[u8] = b"\n";
    for_each_header(request, |name, _| {
        hasher.update(separator);
        hasher.update(name.as_bytes());
        separator = b";";
    });
    hasher.update(b"\n");
    hasher.update(UNSIGNED_PAYLOAD.as_bytes());
    hasher.finish()
}

/// Calls `each` with every signed header, sorted by name: those of the request, which are sorted already, and `host`, which
/// is always signed.
fn for_each_header<'a>(request: &'a PresignRequest, mut each: impl FnMut(&'a str, &'a str)) {
    let mut host = Some(request.target().host());
    for (name, value) in request.headers() {
        if name > "host"
            && let Some(host) = host.take()
        {
            each("host", host);
        }
        each(name, value);
    }
    if let Some(host) = host {
        each("host", host);
    }
}
