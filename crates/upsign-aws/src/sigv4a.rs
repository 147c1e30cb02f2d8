//! Presigning for multi-region access points, on `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4a;
use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported,
};

use crate::sigv4::{BACKEND, identity, presigned, settings, signing_query};
use crate::url::{check_headers, failed};

/// Signs requests to multi-region access points with SigV4a, for every region at once; refuses all others.
///
/// SigV4a signs with a key of the curve P-256, derived from the access key. The signature is not comparable, only
/// verifiable; this one is deterministic (RFC 6979).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsSigV4a;

impl AwsSigV4a {
    /// The signer; it keeps no state.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Sign for AwsSigV4a {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        presigned(request, at, |url| {
            let identity = identity(credentials);
            let params = v4a::SigningParams::builder()
                .identity(&identity)
                .region_set("*")
                .name(request.target().signing_service())
                .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
                .settings(settings(request))
                .build()
                .map_err(|error| failed(BACKEND, error))?;
            signing_query(request, url, &params.into())
        })
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        if !request.target().signs_with_sigv4a() {
            return Err(Unsupported::new(
                BACKEND,
                "with SigV4a for anything but a multi-region access point",
            ));
        }
        check_headers(BACKEND, request)
    }
}
