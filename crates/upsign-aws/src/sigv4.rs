//! Presigning on `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported,
};

use crate::url::{base, check_headers, failed, parameter, sorted};

pub(crate) const BACKEND: &str = "aws-sigv4";

/// Signs with the `aws-sigv4` crate, the signer inside AWS's own SDK.
///
/// Twelve times slower than `upsign_sigv4::SigV4` and equal to it byte for byte: choose it where policy asks for AWS's
/// code, or to check the other against.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsSigV4;

impl AwsSigV4 {
    /// The signer; it keeps no state.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Sign for AwsSigV4 {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        presigned(request, at, |url| {
            let identity = identity(credentials);
            let params = v4::SigningParams::builder()
                .identity(&identity)
                .region(request.target().region().as_str())
                .name(request.target().signing_service())
                .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
                .settings(settings(request))
                .build()
                .map_err(|error| failed(BACKEND, error))?;
            signing_query(request, url, &params.into())
        })
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        if request.target().signs_with_sigv4a() {
            return Err(Unsupported::new(BACKEND, "for a multi-region access point: that takes SigV4a"));
        }
        check_headers(BACKEND, request)
    }
}

/// The URL of a request, with the parameters that `signing` gives for it unsigned.
pub(crate) fn presigned(
    request: &PresignRequest,
    at: Timestamp,
    signing: impl FnOnce(&str) -> Result<Parameters, PresignError>,
) -> Result<PresignedRequest, PresignError> {
    let base = base(request);
    let mut query = own_query(request);
    let unsigned = if query.is_empty() { base.clone() } else { format!("{base}?{query}") };
    for (name, value) in signing(&unsigned)? {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&parameter(name, &value));
    }
    Ok(PresignedRequest::new(request, sorted(BACKEND, &base, &query, request)?, at))
}

fn own_query(request: &PresignRequest) -> String {
    let mut parameters = Vec::new();
    let mut add = |name: &str, value: &str| parameters.push(parameter(name, value));
    request.operation().for_each_query(&mut add);
    request.query().iter().for_each(|(name, value)| add(name, value));
    parameters.join("&")
}

pub(crate) type Parameters = Vec<(&'static str, std::borrow::Cow<'static, str>)>;

pub(crate) fn signing_query(
    request: &PresignRequest,
    url: &str,
    params: &SigningParams<'_>,
) -> Result<Parameters, PresignError> {
    let signable = SignableRequest::new(
        request.operation().method().as_str(),
        url,
        request.headers().iter(),
        SignableBody::UnsignedPayload,
    )
    .map_err(|error| failed(BACKEND, error))?;
    let signed = sign(signable, params).map_err(|error| failed(BACKEND, error))?;
    Ok(signed.into_parts().0.into_parts().1)
}

pub(crate) fn identity(credentials: &Credentials) -> Identity {
    // The expiry plays no part in signing.
    AwsCredentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "upsign",
    )
    .into()
}

/// S3's rules: single encoding, no path normalisation, everything in the query, the body unsigned.
pub(crate) fn settings(request: &PresignRequest) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.expires_in = Some(request.expires_in().as_duration());
    settings
}
