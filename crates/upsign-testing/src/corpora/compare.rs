//! Compares a presigned URL with the one that an SDK made.

use std::collections::{BTreeMap, BTreeSet};

use upsign_core::Credentials;

use super::client::ClientOptions;
use super::reference::{self, Parts, collapsed};
use super::url::{Answer, Expected, UrlRow};
use super::{Comparison, Pairs};

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
/// Properties of rows that a library may refuse although the SDK signs them.
const REFUSABLE: [&str; 8] = [
    "boto3-drops-this-content-type",
    "boto3-fips-host-region-mismatch",
    "boto3-mrap-signed-with-v4-not-v4a",
    "control-char-key",
    "dot-segment-key",
    "empty-segment-key",
    "expires-out-of-range",
    "header-value-needs-trim-or-collapse",
];

impl UrlRow {
    /// Compares an answer with the SDK's. `verify` checks a SigV4a signature, which is random and cannot be compared: it
    /// receives the credentials, the string to sign and the signature in hex.
    pub fn compare(&self, answer: &Answer, verify: impl Fn(&Credentials, &str, &str) -> bool) -> Comparison {
        let wrong = |difference: String| Comparison::Wrong(difference);
        match (&self.expected, answer) {
            (None, Answer::Refused(_)) => Comparison::Refused,
            (None, Answer::Signed(..)) => Comparison::Equivalent,
            (Some(_), Answer::Refused(_)) if self.may_be_refused() => Comparison::Refused,
            (Some(_), Answer::Refused(reason)) => wrong(format!("refused: {reason}")),
            (Some(expected), Answer::Signed(url, headers)) => {
                self.compare_signed(expected, &Parts::of(url), headers, verify).unwrap_or_else(wrong)
            }
        }
    }

    fn may_be_refused(&self) -> bool {
        let bucket = self.text("Bucket");
        let ends = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let named = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|b| ends(Some(b)) || b == b'.' || b == b'-')
            && ends(bucket.bytes().next())
            && ends(bucket.bytes().last())
            && bucket.parse::<std::net::Ipv4Addr>().is_err()
            && !bucket.starts_with("xn--");
        (!bucket.starts_with("arn:") && !named)
            || bucket.contains(":s3-object-lambda:")
            || ClientOptions::of(&self.client).region == "aws-global"
            || self.quirks.iter().any(|quirk| REFUSABLE.contains(&quirk.as_str()))
    }

    /// Returns `true` if no client can parse the SDK's URL. The answer may then name another address.
    fn is_unparsable(expected: &Expected) -> bool {
        expected.whatwg.as_deref() == Some("unparsable")
    }

    fn compare_signed(
        &self,
        expected: &Expected,
        parts: &Parts,
        headers: &[(String, String)],
        verify: impl Fn(&Credentials, &str, &str) -> bool,
    ) -> Result<Comparison, String> {
        let names: BTreeSet<&String> = parts.query.iter().map(|(name, _)| name).collect();
        let mut difference = FirstDifference::default();
        difference.note_if(names.len() != parts.query.len(), "a query parameter occurs twice");
        let same_host = parts.host == expected.canonical_host;
        let other_host = parts.host == ClientOptions::of(&self.client).regional(&expected.canonical_host)
            || ["boto3-global-endpoint", "boto3-fips-host-region-mismatch"]
                .iter()
                .any(|quirk| self.quirks.contains(*quirk));
        if !Self::is_unparsable(expected) {
            difference.note_if(
                !same_host && !other_host,
                &format!("host {} is not {}", parts.host, expected.canonical_host),
            );
            difference.note_if(
                parts.path != expected.path,
                &format!("path {} is not {}", parts.path, expected.path),
            );
        }
        let signed = signed_headers(parts, headers)?;
        difference
            .note_if(!self.is_signed(expected, parts, &signed, verify), "the signature does not verify");
        let token = parts.parameter("X-Amz-Security-Token");
        difference.note_if(token != self.credentials.session_token.as_deref(), "the session token differs");
        let lifetime = parts.parameter("X-Amz-Expires");
        difference.note_if(lifetime != Some(&self.expires.to_string()), "the lifetime differs");
        difference.into_result()?;
        if same_host && parts.parameter("X-Amz-Signature") == Some(&expected.signature) {
            return Ok(Comparison::Identical);
        }
        self.carries_the_same(expected, parts, &signed)
    }

    fn is_signed(
        &self,
        expected: &Expected,
        parts: &Parts,
        signed: &[(String, String)],
        verify: impl Fn(&Credentials, &str, &str) -> bool,
    ) -> bool {
        let parameter = |name| parts.parameter(name).unwrap_or_default();
        let (algorithm, signature) = (parameter("X-Amz-Algorithm"), parameter("X-Amz-Signature"));
        let scope = parameter("X-Amz-Credential").split_once('/').map_or("", |(_, scope)| scope);
        let canonical = reference::canonical_request(&expected.method, parts, signed);
        let message = reference::string_to_sign(algorithm, parameter("X-Amz-Date"), scope, &canonical);
        match algorithm {
            "AWS4-HMAC-SHA256" => {
                reference::signature(&self.credentials.secret_access_key, scope, &message) == signature
            }
            "AWS4-ECDSA-P256-SHA256" => verify(&self.credentials(), &message, signature),
            _ => false,
        }
    }

    /// Checks that the answer carries what the SDK's URL carries, as signed headers or parameters, and nothing else.
    fn carries_the_same(
        &self,
        expected: &Expected,
        parts: &Parts,
        signed: &[(String, String)],
    ) -> Result<Comparison, String> {
        let collect = |pairs: &mut dyn Iterator<Item = &(String, String)>| -> BTreeMap<String, String> {
            pairs.map(|(name, value)| (name.to_ascii_lowercase(), collapsed(value))).collect()
        };
        let not_js = |pair: &&(String, String)| {
            !["x-id", "x-amz-content-sha256"].contains(&pair.0.to_ascii_lowercase().as_str())
        };
        let unsigned = self.unsigned_input(expected);
        let wanted = expected.required_headers.iter().chain(expected.extra_query.iter().filter(not_js));
        let wanted = collect(&mut wanted.chain(unsigned).filter(|(name, _)| name != "host"));
        let own = parts.query.iter().filter(|(name, _)| !SIGNING.contains(&name.as_str())).filter(not_js);
        let got = collect(&mut signed.iter().filter(|(name, _)| name != "host").chain(own));
        let lost = wanted.iter().find(|(name, value)| got.get(*name) != Some(*value));
        let added = got.keys().find(|name| !wanted.contains_key(*name) && *name != "content-type");
        let mut difference = FirstDifference::default();
        difference.note_if(lost.is_some(), &format!("{lost:?} is lost"));
        difference.note_if(added.is_some(), &format!("{added:?} is added"));
        difference.into_result()?;
        Ok(Comparison::Equivalent)
    }
}

/// Returns the headers in `X-Amz-SignedHeaders` with the values that the client has to send.
fn signed_headers(parts: &Parts, headers: &[(String, String)]) -> Result<Pairs, String> {
    let names: Vec<&str> = parts.parameter("X-Amz-SignedHeaders").unwrap_or_default().split(';').collect();
    if !names.is_sorted() {
        return Err("the signed headers are not sorted".into());
    }
    let value = |name: &str| match name {
        "host" => Some(parts.host.clone()),
        _ => headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()),
    };
    let found = |name: &str| {
        let value = value(name).ok_or_else(|| format!("{name} is signed but has no value to send"))?;
        Ok((name.to_owned(), value))
    };
    names.into_iter().map(found).collect()
}

/// The first difference that was found.
#[derive(Default)]
struct FirstDifference(Option<String>);

impl FirstDifference {
    fn note_if(&mut self, differs: bool, description: &str) {
        if differs && self.0.is_none() {
            self.0 = Some(description.to_owned());
        }
    }

    fn into_result(self) -> Result<(), String> {
        self.0.map_or(Ok(()), Err)
    }
}
