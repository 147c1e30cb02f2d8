//! Presigned URLs on `aws-sigv4`.

use std::borrow::Cow;
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

use crate::url::{backend_error, base, check_headers, into_sorted_url, parameter};

pub(crate) const BACKEND: &str = "aws-sigv4";

/// Signs URLs with the `aws-sigv4` crate, the signer inside AWS's SDK.
///
/// Returns the same URLs as `upsign_sigv4::SigV4` and is 5 to 12 times slower, depending on the processor. Choose it where a
/// policy requires AWS's code, or to compare results. Requests with one of the headers `transfer-encoding`, `user-agent`,
/// `x-amz-checksum-mode`, `x-amz-user-agent` and `x-amzn-trace-id` are [`Unsupported`], because `aws-sigv4` does not sign
/// these.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsSigV4;

impl AwsSigV4 {
    /// Creates the signer. It has no state.
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
        presign_with(request, at, |url| {
            let identity = identity(credentials);
            let params = v4::SigningParams::builder()
                .identity(&identity)
                .region(request.target().region().as_str())
                .name(request.target().signing_service())
                .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
                .settings(settings(request))
                .build()
                .map_err(|error| backend_error(BACKEND, error))?;
            signing_parameters(request, url, &params.into())
        })
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        if request.target().requires_sigv4a() {
            return Err(Unsupported::new(BACKEND, "for a multi-region access point, which requires SigV4a"));
        }
        check_headers(BACKEND, request)
    }
}

/// The query parameters that signing adds, not percent-encoded.
pub(crate) type Parameters = Vec<(&'static str, Cow<'static, str>)>;

/// Builds the URL of a request and adds the parameters that `signing_parameters` returns for it.
pub(crate) fn presign_with(
    request: &PresignRequest,
    at: Timestamp,
    signing_parameters: impl FnOnce(&str) -> Result<Parameters, PresignError>,
) -> Result<PresignedRequest, PresignError> {
    let base = base(request);
    let mut query = request_query(request);
    let unsigned = if query.is_empty() { base.clone() } else { format!("{base}?{query}") };
    for (name, value) in signing_parameters(&unsigned)? {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&parameter(name, &value));
    }
    Ok(PresignedRequest::new(request, into_sorted_url(BACKEND, &base, &query, request)?, at))
}

/// Returns the parameters of the operation and of the request, percent-encoded.
fn request_query(request: &PresignRequest) -> String {
    let mut parameters = Vec::new();
    let mut add = |name: &str, value: &str| parameters.push(parameter(name, value));
    request.operation().for_each_query_parameter(&mut add);
    request.query().iter().for_each(|(name, value)| add(name, value));
    parameters.join("&")
}

pub(crate) fn signing_parameters(
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
    .map_err(|error| backend_error(BACKEND, error))?;
    let signed = sign(signable, params).map_err(|error| backend_error(BACKEND, error))?;
    Ok(signed.into_parts().0.into_parts().1)
}

/// Converts credentials. Their expiry is left out: it has no effect on signing.
pub(crate) fn identity(credentials: &Credentials) -> Identity {
    AwsCredentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "upsign",
    )
    .into()
}

/// Returns the settings for presigned S3 URLs: the path encoded once and not normalized, everything in the query, the
/// payload unsigned.
pub(crate) fn settings(request: &PresignRequest) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.expires_in = Some(request.expires_in().as_duration());
    settings
}
