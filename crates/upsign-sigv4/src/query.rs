//! The canonical query string, which is also the URL's.

use upsign_core::PresignRequest;

use crate::encode::encode_query;
use crate::second::Second;

/// Appends the query of a presigned URL up to the signature, sorted as SigV4 wants it.
#[inline]
pub(crate) fn push(out: &mut String, request: &PresignRequest, second: &Second) {
    if request.query().is_empty() && !has_parameters(request) {
        push_signing(out, request, second);
    } else {
        push_sorted(out, request, second);
    }
}

fn has_parameters(request: &PresignRequest) -> bool {
    let mut any = false;
    request.operation().for_each_query(|_, _| any = true);
    any
}

/// The signature's own parameters, which stand in sorted order as written here.
pub(crate) fn push_signing(out: &mut String, request: &PresignRequest, second: &Second) {
    out.push_str(&second.query);
    push_decimal(out, request.expires_in().as_secs());
    out.push_str(&second.day.token);
    out.push_str("&X-Amz-SignedHeaders=");
    push_signed_headers(out, request, "%3B");
}

#[cold]
fn push_sorted(out: &mut String, request: &PresignRequest, second: &Second) {
    let mut signing = String::new();
    push_signing(&mut signing, request, second);
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

/// Appends what follows the query in a canonical request: headers, their names, the payload hash.
pub(crate) fn push_canonical_tail(out: &mut String, request: &PresignRequest) {
    for_each_header(request, |name, value| {
        out.push('\n');
        out.push_str(name);
        out.push(':');
        out.push_str(value);
    });
    out.push_str("\n\n");
    let mut separator = "";
    for_each_header(request, |name, _| {
        out.push_str(separator);
        out.push_str(name);
        separator = ";";
    });
    out.push('\n');
    out.push_str(crate::stages::UNSIGNED_PAYLOAD);
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

/// Appends a number, without the allocation of `to_string`.
pub(crate) fn push_decimal(out: &mut String, number: u32) {
    let mut power = 1_000_000_000;
    let mut started = false;
    while power > 0 {
        let digit = number / power % 10;
        started |= digit != 0 || power == 1;
        if started {
            out.push(char::from_digit(digit, 10).unwrap_or_default());
        }
        power /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for number in [0, 1, 9, 10, 99, 100, 900, 10_000, 604_800, u32::MAX] {
            let mut out = String::new();
            push_decimal(&mut out, number);
            assert_eq!(out, number.to_string());
        }
    }
}
