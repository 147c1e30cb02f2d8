//! Signing with `aws-sigv4`, an implementation that shares no code with the server.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use upsign_core::{Credentials, Target};

/// A request to be signed.
pub(crate) struct Presign<'a> {
    target: &'a Target,
    credentials: &'a Credentials,
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    query: String,
    region: String,
    at: SystemTime,
    expires: Duration,
}

impl<'a> Presign<'a> {
    pub(crate) fn new(
        target: &'a Target,
        credentials: &'a Credentials,
        method: &'a str,
        key: &'a str,
    ) -> Self {
        Self {
            target,
            credentials,
            method,
            path: encode_key(key),
            headers: Vec::new(),
            query: String::new(),
            region: target.region().to_string(),
            at: SystemTime::now(),
            expires: Duration::from_secs(300),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), format!("{value}")));
        self
    }

    /// Replaces the encoded key in the signed path.
    pub(crate) fn encoded_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Sets further query parameters, already encoded.
    pub(crate) fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    pub(crate) fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    pub(crate) fn at(mut self, at: SystemTime) -> Self {
        self.at = at;
        self
    }

    pub(crate) fn expires(mut self, expires: Duration) -> Self {
        self.expires = expires;
        self
    }

    pub(crate) fn signed_headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the presigned URL.
    pub(crate) fn url(&self) -> String {
        let mut settings = self.settings();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.expires);
        let url = self.base_url();
        let ((_, pairs), _) = self.sign(&url, settings, SignableBody::UnsignedPayload);
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        let separator = if self.query.is_empty() { "?" } else { "&" };
        format!("{url}{separator}{}", query.join("&"))
    }

    /// Returns the URL and the headers of a request that is signed in the `Authorization` header.
    pub(crate) fn sign_header(&self, body: &[u8]) -> (String, Vec<(String, String)>) {
        self.sign_in_header(SignableBody::Bytes(body))
    }

    /// Returns the URL and the headers of a request whose body consists of unsigned chunks and a trailer.
    pub(crate) fn sign_header_for_chunks(&self) -> (String, Vec<(String, String)>) {
        self.sign_in_header(SignableBody::StreamingUnsignedPayloadTrailer)
    }

    fn sign_in_header(&self, body: SignableBody<'_>) -> (String, Vec<(String, String)>) {
        let mut settings = self.settings();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let url = self.base_url();
        let ((signature, _), mut headers) = self.sign(&url, settings, body);
        headers.extend(signature);
        (url, headers)
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings
    }

    fn base_url(&self) -> String {
        let Self { target, path, query, .. } = self;
        let url = format!("http://{}{}/{path}", target.host(), target.path_prefix());
        if query.is_empty() { url } else { format!("{url}?{query}") }
    }

    #[expect(
        clippy::type_complexity,
        reason = "lists of name-value pairs, which the callers destructure into named variables"
    )]
    fn sign(
        &self,
        url: &str,
        settings: SigningSettings,
        body: SignableBody<'_>,
    ) -> ((Vec<(String, String)>, Vec<(String, String)>), Vec<(String, String)>) {
        let identity = aws_credential_types::Credentials::new(
            self.credentials.access_key_id(),
            self.credentials.secret_access_key(),
            self.credentials.session_token().map(str::to_owned),
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(self.at)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(self.method, url, headers, body).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let (new_headers, new_query) = instructions.into_parts();
        let headers = new_headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
        let query = new_query.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
        ((headers.collect(), query.collect()), self.headers.clone())
    }
}

/// Returns a key as in a path: percent-encoded except unreserved characters and slashes.
pub(crate) fn encode_key(key: &str) -> String {
    percent_encode(key).replace("%2F", "/")
}

/// Returns text percent-encoded except unreserved characters.
pub(crate) fn percent_encode(text: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode =
        |byte: u8| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
