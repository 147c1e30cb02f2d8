//! Computes a signature from a URL and its headers, without code of the signers under test.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::Pairs;

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parts of a URL, still encoded unless stated otherwise.
pub(crate) struct Parts {
    /// The host as an HTTP client sends it: in lower case, without the default port.
    pub(crate) host: String,
    pub(crate) path: String,
    /// Names and values of the query parameters, decoded.
    pub(crate) query: Pairs,
}

impl Parts {
    pub(crate) fn of(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = before.split_once('/').unwrap_or((before, ""));
        let default = if scheme == "https" { ":443" } else { ":80" };
        let host = authority.to_ascii_lowercase();
        let host = host.strip_suffix(default).unwrap_or(&host).to_owned();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        let query = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
        Self { host, path: format!("/{path}"), query }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) fn canonical_request(method: &str, parts: &Parts, headers: &[(String, String)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let query = parts.query.iter().filter(|(name, _)| name != "X-Amz-Signature");
    let mut query: Vec<_> = query.map(|(name, value)| (encoded(name), encoded(value))).collect();
    query.sort();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut headers = headers.to_vec();
    headers.sort();
    let lines: String =
        headers.iter().map(|(name, value)| format!("{name}:{}\n", collapsed(value))).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let payload = parts.parameter("X-Amz-Content-Sha256").unwrap_or("UNSIGNED-PAYLOAD");
    format!("{method}\n{}\n{}\n{lines}\n{}\n{payload}", parts.path, query.join("&"), names.join(";"))
}

pub(crate) fn collapsed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn string_to_sign(algorithm: &str, date: &str, scope: &str, canonical_request: &str) -> String {
    format!("{algorithm}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical_request)))
}

/// Returns the signature of `message` by the key derived for `scope`, such as `20130524/us-east-1/s3/aws4_request`.
pub(crate) fn signature(secret: &str, scope: &str, message: &str) -> String {
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    hex(&hmac(&key, message))
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
