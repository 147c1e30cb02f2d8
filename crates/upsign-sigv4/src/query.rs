//! The canonical query string, which is also the URL's.

use upsign_core::PresignRequest;

use crate::date::AmzDate;
use crate::day::Day;
use crate::encode::encode_query;

/// Appends the query of a presigned URL up to the signature, sorted as SigV4 wants it.
pub(crate) fn push(out: &mut String, request: &PresignRequest, day: &Day, date: &AmzDate) {
    let plain = request.query().is_empty() && !has_parameters(request);
    if plain { push_signing(out, request, day, date) } else { push_sorted(out, request, day, date) }
}

fn has_parameters(request: &PresignRequest) -> bool {
    let mut any = false;
    request.operation().for_each_query(|_, _| any = true);
    any
}

/// The signature's own parameters, which stand in sorted order as written here.
fn push_signing(out: &mut String, request: &PresignRequest, day: &Day, date: &AmzDate) {
    out.push_str("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    out.push_str(&day.credential);
    out.push_str("&X-Amz-Date=");
    out.push_str(date.as_str());
    out.push_str("&X-Amz-Expires=");
    out.push_str(&request.expires_in().as_secs().to_string());
    if let Some(token) = &day.token {
        out.push_str("&X-Amz-Security-Token=");
        out.push_str(token);
    }
    out.push_str("&X-Amz-SignedHeaders=");
    push_signed_headers(out, request, "%3B");
}

fn push_sorted(out: &mut String, request: &PresignRequest, day: &Day, date: &AmzDate) {
    let mut signing = String::new();
    push_signing(&mut signing, request, day, date);
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
    request.operation().for_each_query(&mut add);
    request.query().iter().for_each(|(name, value)| add(name, value));
    parameters.sort_unstable();
    for (place, (name, value)) in parameters.iter().enumerate() {
        if place > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
}

/// Appends the names of the signed headers: those of the request and `host`, sorted.
pub(crate) fn push_signed_headers(out: &mut String, request: &PresignRequest, separator: &str) {
    let mut first = true;
    for_each_header(request, |name, _| {
        if !first {
            out.push_str(separator);
        }
        first = false;
        encode_query(out, name);
    });
}

/// Calls `each` with every signed header in canonical order, `host` among them.
pub(crate) fn for_each_header<'a>(request: &'a PresignRequest, mut each: impl FnMut(&'a str, &'a str)) {
    let mut host = Some(request.target().host());
    for (name, value) in request.headers().iter() {
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
