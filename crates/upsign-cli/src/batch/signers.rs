//! The signing backends of `presign --batch`.

use upsign_aws::{AwsSigV4, AwsSigV4a};
use upsign_config::StoreSigner;
use upsign_core::{Credentials, PresignRequest, PresignedRequest, Sign, Timestamp};

use super::error::LineError;

/// The backends, kept for a whole batch because [`StoreSigner`] caches signing keys of AWS.
#[derive(Debug, Default)]
pub(super) struct Signers {
    own: StoreSigner,
}

impl Signers {
    /// Signs with the named backend; the default is `sigv4`.
    ///
    /// A multi-region access point needs SigV4a, which `sigv4` and `aws-sigv4` both leave to the aws-sigv4 crate.
    pub(super) async fn presign(
        &self,
        backend: Option<&str>,
        request: &PresignRequest,
        credentials: Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, LineError> {
        let needs_sigv4a = request.target().requires_sigv4a();
        match backend.unwrap_or("sigv4") {
            "sigv4" if !needs_sigv4a => {
                self.own.check(request).map_err(LineError::with("unsupported"))?;
                Ok(self.own.sign(request, &credentials, at)?)
            }
            "sigv4" | "aws-sigv4" if needs_sigv4a => Ok(AwsSigV4a::new().sign(request, &credentials, at)?),
            "aws-sigv4" => Ok(AwsSigV4::new().sign(request, &credentials, at)?),
            "aws-sdk" => sign_with_sdk(request, credentials, at).await,
            _ => Err(LineError::new("unknown-backend", "backend must be sigv4, aws-sigv4 or aws-sdk")),
        }
    }
}

#[cfg(feature = "sdk")]
async fn sign_with_sdk(
    request: &PresignRequest,
    credentials: Credentials,
    at: Timestamp,
) -> Result<PresignedRequest, LineError> {
    use upsign_core::Presigner;

    Ok(upsign_aws::SdkPresigner::new(credentials).presign(request, at).await?)
}

#[cfg(not(feature = "sdk"))]
#[expect(clippy::unused_async, reason = "the variant with the AWS SDK awaits")]
async fn sign_with_sdk(
    _: &PresignRequest,
    _: Credentials,
    _: Timestamp,
) -> Result<PresignedRequest, LineError> {
    let hint = crate::missing_feature::hint("sdk");
    let message = format!("this build does not include the backend aws-sdk; to include it, {hint}");
    Err(LineError::new("backend-absent", message))
}
