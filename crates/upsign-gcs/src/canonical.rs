//! What both kinds of keys sign: the canonical request of a URL and the policy of a form.
//!
//! Sources: <https://cloud.google.com/storage/docs/authentication/canonical-requests>,
//! <https://cloud.google.com/storage/docs/authentication/signatures>, and `_signing.py` of google-cloud-storage for Python.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use upsign_core::{
    Method, Operation, PostPolicy, PostStyle, PresignError, PresignRequest, PresignedPost, PresignedRequest,
    SignedHeaders, Target, Timestamp, Unsupported,
};

/// The name of this crate in [`Unsupported`].
pub(crate) const BACKEND: &str = "upsign-gcs";

/// The parts of the credential scope after the date. Google's own signatures name no region.
const SCOPE: [&str; 3] = ["auto", "storage", "goog4_request"];

const RESUMABLE: &str = "x-goog-resumable";
const CONTENT_HASH: &str = "x-goog-content-sha256";

/// A kind of key at one moment: everything of a signature that does not depend on the request.
pub(crate) struct Signing<'a> {
    /// `GOOG4-HMAC-SHA256` or `GOOG4-RSA-SHA256`.
    pub(crate) algorithm: &'a str,
    /// The access id of the HMAC key, or the address of the service account.
    pub(crate) account: &'a str,
    pub(crate) at: Timestamp,
}

/// The texts of a point in time in signatures.
pub(crate) struct Dates {
    /// `20260101`
    pub(crate) date: String,
    /// `20260101T000000Z`
    pub(crate) timestamp: String,
}

impl Dates {
    pub(crate) fn of(at: Timestamp) -> Self {
        let civil = at.to_civil();
        let date = format!("{:04}{:02}{:02}", civil.year, civil.month, civil.day);
        let timestamp = format!("{date}T{:02}{:02}{:02}Z", civil.hour, civil.minute, civil.second);
        Self { date, timestamp }
    }

    fn scope(&self) -> String {
        let [location, service, request] = SCOPE;
        format!("{}/{location}/{service}/{request}", self.date)
    }

    /// Returns the messages of the HMACs that derive a signing key, in their order.
    pub(crate) fn key_parts(&self) -> [&str; 4] {
        let [location, service, request] = SCOPE;
        [&self.date, location, service, request]
    }
}

impl Signing<'_> {
    /// Returns the presigned request; `sign` computes the signature of the string to sign, in hex.
    pub(crate) fn request(
        &self,
        request: &PresignRequest,
        sign: impl FnOnce(&str) -> Result<String, PresignError>,
    ) -> Result<PresignedRequest, PresignError> {
        check(request)?;
        let request = &with_operation_headers(request)?;
        let dates = Dates::of(self.at);
        let target = request.target();
        let mut url = target.object_url(request.key());
        let origin_len = target.scheme().as_str().len() + "://".len() + target.host().len();
        let query = self.query(request, &dates);
        let path = url.get(origin_len..).unwrap_or_default();
        let canonical = canonical_request(request, path, &query);
        let hash = hex(&Sha256::digest(canonical.as_bytes()));
        let to_sign = format!("{}\n{}\n{}\n{hash}", self.algorithm, dates.timestamp, dates.scope());
        let signature = sign(&to_sign)?;
        url.push('?');
        url.push_str(&query);
        url.push_str("&X-Goog-Signature=");
        url.push_str(&signature);
        Ok(PresignedRequest::new(request, url, self.at))
    }

    /// Returns the signed form; `sign` computes the signature of the policy's base64 encoding, in hex.
    pub(crate) fn post(
        &self,
        policy: &PostPolicy,
        sign: impl FnOnce(&str) -> Result<String, PresignError>,
    ) -> Result<PresignedPost, PresignError> {
        check_post(policy)?;
        let dates = Dates::of(self.at);
        let credential = self.credential(&dates);
        let form = policy.to_unsigned_google(self.algorithm, &credential, &dates.timestamp, self.at);
        let document = STANDARD.encode(form.document());
        let signature = sign(&document)?;
        Ok(form.into_signed(&document, &signature))
    }

    fn credential(&self, dates: &Dates) -> String {
        format!("{}/{}", self.account, dates.scope())
    }

    /// Returns the canonical query string, which is the query of the URL up to the signature: all parameters, sorted by name.
    fn query(&self, request: &PresignRequest, dates: &Dates) -> String {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| parameters.push((encoded(name), encoded(value)));
        add("X-Goog-Algorithm", self.algorithm);
        add("X-Goog-Credential", &self.credential(dates));
        add("X-Goog-Date", &dates.timestamp);
        add("X-Goog-Expires", &request.expires_in().as_secs().to_string());
        add("X-Goog-SignedHeaders", &header_names(request));
        request.operation().for_each_query_parameter(&mut add);
        request.query().iter().for_each(|(name, value)| add(name, value));
        parameters.sort_unstable();
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

/// Checks that the store accepts requests like this one with its own signatures.
pub(crate) fn check(request: &PresignRequest) -> Result<(), Unsupported> {
    check_target(request.target())?;
    // "Signed URLs can only be used for POST requests that initiate a resumable upload":
    // <https://cloud.google.com/storage/docs/authentication/canonical-requests>.
    let operation = request.operation();
    if operation.method() == Method::Post && *operation != Operation::StartResumableUpload {
        return Err(unsupported(format!("the operation {}", operation.name())));
    }
    let starts = *operation == Operation::StartResumableUpload;
    if request.headers().get(RESUMABLE).is_some_and(|value| !starts || value != "start") {
        return Err(unsupported(format!("the header `{RESUMABLE}`, which belongs to StartResumableUpload")));
    }
    for (name, value) in request.headers() {
        check_name(name)?;
        if name == CONTENT_HASH && !(value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Err(unsupported(format!("`{CONTENT_HASH}` with a value other than 64 hex digits")));
        }
    }
    Ok(())
}

/// Checks that the store accepts forms like this one with its own signatures.
pub(crate) fn check_post(policy: &PostPolicy) -> Result<(), Unsupported> {
    check_target(policy.target())?;
    if policy.style() == PostStyle::Js {
        return Err(unsupported("a form with the field names of the AWS SDK for JavaScript"));
    }
    let fields = policy.fields().map(|(name, _)| name);
    fields.chain(policy.conditions().iter().map(upsign_core::Condition::name)).try_for_each(check_name)
}

fn check_target(target: &Target) -> Result<(), Unsupported> {
    let is_bucket = target.access_point().is_none() && target.signing_service() == "s3";
    if is_bucket { Ok(()) } else { Err(unsupported("for an access point or a special bucket of AWS")) }
}

/// Refuses the headers that the store reads with signatures of AWS only.
fn check_name(name: &str) -> Result<(), Unsupported> {
    let amz = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"));
    if amz {
        Err(unsupported(format!("`{name}`; headers of Google Cloud Storage start with x-goog-")))
    } else {
        Ok(())
    }
}

fn unsupported(feature: impl Into<Box<str>>) -> Unsupported {
    Unsupported::new(BACKEND, feature)
}

/// Returns the request with the header that its operation implies.
fn with_operation_headers(request: &PresignRequest) -> Result<PresignRequest, PresignError> {
    let mut headers: SignedHeaders = request.headers().clone();
    if *request.operation() == Operation::StartResumableUpload && headers.get(RESUMABLE).is_none() {
        headers
            .insert(RESUMABLE, "start")
            .map_err(|error| PresignError::Backend { backend: BACKEND, source: error.into() })?;
    }
    Ok(request.clone().with_headers(headers))
}

fn canonical_request(request: &PresignRequest, path: &str, query: &str) -> String {
    let mut out = format!("{}\n{path}\n{query}\n", request.operation().method());
    for (name, value) in headers(request) {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&header_names(request));
    out.push('\n');
    // With the hash of the body among the headers, the store compares the body with it.
    out.push_str(request.headers().get(CONTENT_HASH).unwrap_or("UNSIGNED-PAYLOAD"));
    out
}

/// Returns the signed headers, sorted by name: those of the request and `host`.
fn headers(request: &PresignRequest) -> Vec<(&str, &str)> {
    let mut headers: Vec<(&str, &str)> = request.headers().iter().collect();
    headers.push(("host", request.target().host()));
    headers.sort_unstable();
    headers
}

fn header_names(request: &PresignRequest) -> String {
    let names: Vec<&str> = headers(request).into_iter().map(|(name, _)| name).collect();
    names.join(";")
}

/// Percent-encodes every byte except the unreserved characters of RFC 3986 section 2.3.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns the bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
