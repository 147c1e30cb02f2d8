//! What was signed, as far as it is known.

use upsign_sigv4::encode_key;

use crate::evidence::Grant;
use crate::url::SignedUrl;

/// The request that a URL was signed for.
#[derive(Clone)]
pub(crate) struct Signed {
    /// The method, if an answer states it or the URL implies it.
    pub(crate) method: Option<Box<str>>,
    /// Whether an answer or `x-id` states the method, rather than its being a guess.
    pub(crate) is_method_stated: bool,
    pub(crate) host: String,
    pub(crate) path: Box<str>,
    /// Decoded names and values, without the signature.
    pub(crate) query: Vec<(Box<str>, Box<str>)>,
    /// The names of signed headers, in lower case.
    pub(crate) headers: Vec<String>,
    /// The values of signed headers that are known.
    pub(crate) values: Vec<(Box<str>, Box<str>)>,
    pub(crate) signature: String,
}

impl Signed {
    pub(crate) fn new(url: &SignedUrl, grant: Option<&Grant>) -> Self {
        // An answer about another URL does not describe this one.
        let grant = grant.filter(|grant| grant.url.signature() == url.signature());
        let stated = grant.and_then(|grant| grant.method.clone());
        let hint = url.method_hint().map(Into::into);
        let query = url.parameters().iter().filter(|it| &*it.name != "X-Amz-Signature");
        let names: Vec<String> = url.signed_headers().iter().map(|name| name.to_ascii_lowercase()).collect();
        let values = grant.map(|grant| grant.headers.clone()).unwrap_or_default();
        Self {
            is_method_stated: stated.is_some() || (url.parameter("x-id").is_some() && hint.is_some()),
            method: stated.or(hint),
            host: url.canonical_host(),
            path: if url.raw_path().is_empty() { "/" } else { url.raw_path() }.into(),
            query: query.map(|it| (it.name.clone(), it.value.clone())).collect(),
            values: values.into_iter().filter(|(name, _)| names.iter().any(|it| **it == **name)).collect(),
            headers: names,
            signature: url.signature().to_owned(),
        }
    }

    /// Returns the value of a header, if it is known.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }
}

/// Returns a path as S3 signs it: decoded, and each byte encoded once.
pub(crate) fn canonical_path(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let mut out = String::with_capacity(path.len());
    encode_key(&mut out, &decoded);
    out
}

/// Returns the value of a header as it is signed: without white space at its ends, and with single spaces inside.
pub(crate) fn normalized(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
