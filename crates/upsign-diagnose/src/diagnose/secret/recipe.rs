//! Everything that a signature is made of, each part on its own so that it can be varied.

use upsign_core::Timestamp;
use upsign_sigv4::{encode_query, stages};
use zeroize::Zeroizing;

use super::signed_at;
use crate::diagnose::case::Case;
use crate::diff::{canonical_path, normalized};
use crate::url::SignedUrl;

/// The parts of a signature.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) method: String,
    /// The path as it is in the canonical request.
    pub(super) path: String,
    /// Encoded names and values.
    pub(super) query: Vec<(String, String)>,
    pub(super) is_query_sorted: bool,
    /// Signed headers in order, with their values as they are in the canonical request.
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload_hash: String,
    /// Date and scope as they are in the string to sign.
    pub(super) date: String,
    pub(super) scope: String,
    /// The parts from which the key is derived.
    pub(super) secret: Zeroizing<String>,
    pub(super) key_date: Timestamp,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) access_key_id: String,
}

impl Recipe {
    /// Describes the correct signature of the request in hand, as the store shows it or as it was sent.
    pub(super) fn of_request(case: &Case<'_>, url: &SignedUrl, secret: &str) -> Option<Self> {
        let request = case.request()?;
        let host = match (&case.echo, case.sent()) {
            (None, Some(sent)) => sent.sent_host(),
            _ => request.header("host")?.to_owned(),
        };
        let mut recipe = Self::new(case, url, secret)?;
        recipe.method = request.method.to_string();
        recipe.path = canonical_path(&request.path);
        recipe.query = request.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        let length = case.sent().and_then(|sent| sent.body_len).map(|length| length.to_string());
        for (name, value) in &mut recipe.headers {
            let sent = request.header(name).map(normalized);
            *value = match name.as_str() {
                "host" => host.clone(),
                "content-length" => sent.or_else(|| length.clone()).unwrap_or_default(),
                _ => sent.unwrap_or_default(),
            };
        }
        Some(recipe)
    }

    /// Describes the correct signature of the URL: with the headers that were signed, or those of the request where that is not known.
    pub(super) fn new(case: &Case<'_>, url: &SignedUrl, secret: &str) -> Option<Self> {
        let signed = case.signed.as_ref()?;
        let scope = url.credential_scope()?;
        let request = case.request();
        let length = case.sent().and_then(|sent| sent.body_len).map(|length| length.to_string());
        let value = |name: &str| {
            let known = signed.value(name).or_else(|| request.and_then(|request| request.header(name)));
            let length = || length.clone().filter(|_| name == "content-length");
            known.map(str::to_owned).or_else(length).unwrap_or_default()
        };
        let headers = signed.headers.iter().map(|name| match name.as_str() {
            "host" => (name.clone(), signed.host.clone()),
            _ => (name.clone(), normalized(&value(name))),
        });
        let method =
            signed.method.as_deref().or_else(|| request.map(|request| &*request.method)).unwrap_or("PUT");
        Some(Self {
            method: method.to_owned(),
            path: canonical_path(&signed.path),
            query: signed.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect(),
            is_query_sorted: true,
            headers: headers.collect(),
            payload_hash: stages::UNSIGNED_PAYLOAD.to_owned(),
            date: url.parameter("X-Amz-Date")?.to_owned(),
            scope: format!("{}/{}/{}/{}", scope.date, scope.region?, scope.service, scope.terminator),
            secret: Zeroizing::new(secret.to_owned()),
            key_date: signed_at(url)?,
            region: scope.region?.to_owned(),
            service: scope.service.to_owned(),
            access_key_id: scope.access_key_id.to_owned(),
        })
    }

    /// Returns the signature, or `None` if the date is not one.
    pub(super) fn signature(&self) -> Option<String> {
        // The last line of this is the hash of the canonical request; date and scope are replaced by those that vary.
        let hashed = stages::string_to_sign(self.key_date, "", &self.canonical());
        let (_, hash) = hashed.rsplit_once('\n')?;
        let text = format!("AWS4-HMAC-SHA256\n{}\n{}\n{hash}", self.date, self.scope);
        let key = stages::SigningKey::derive(&self.secret, self.key_date, &self.region, &self.service);
        Some(key.sign(&text))
    }

    fn canonical(&self) -> String {
        let mut query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if self.is_query_sorted {
            let mut pairs = self.query.clone();
            pairs.sort_unstable();
            query = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        }
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, query.join("&"));
        for (name, value) in &self.headers {
            text.extend([name, ":", value, "\n"]);
        }
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        text.extend(["\n", &names.join(";"), "\n", &self.payload_hash]);
        text
    }
}

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    encode_query(&mut out, text);
    out
}
