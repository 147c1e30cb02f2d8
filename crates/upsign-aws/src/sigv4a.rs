//! Presigned URLs for multi-region access points, on `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4a;
use upsign_core::{
    Credentials, PresignError, PresignRequest, PresignedRequest, Sign, Timestamp, Unsupported,
};

use crate::sigv4::{BACKEND, identity, presign_with, settings, signing_parameters};
use crate::url::{backend_error, check_headers};

/// Signs URLs for multi-region access points with SigV4a, for all regions (`*`). Every other target is [`Unsupported`].
///
/// SigV4a signs with an ECDSA key on the curve P-256 that is derived from the access key. Other implementations may return
/// another signature for the same request, which is equally valid; this one is deterministic (RFC 6979).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AwsSigV4a;

impl AwsSigV4a {
    /// Creates the signer. It has no state.
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
        presign_with(request, at, |url| {
            let identity = identity(credentials);
            let params = v4a::SigningParams::builder()
                .identity(&identity)
                .region_set("*")
                .name(request.target().signing_service())
                .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
                .settings(settings(request))
                .build()
                .map_err(|error| backend_error(BACKEND, error))?;
            signing_parameters(request, url, &params.into())
        })
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        if !request.target().requires_sigv4a() {
            return Err(Unsupported::new(
                BACKEND,
                "with SigV4a for a target that is not a multi-region access point",
            ));
        }
        check_headers(BACKEND, request)
    }
}
