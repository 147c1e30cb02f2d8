//! Who signs a line.

use upsign::SigV4;
use upsign_aws::{AwsSigV4, AwsSigV4a};
use upsign_core::{Credentials, PresignRequest, PresignedRequest, Sign, Timestamp};

use super::refused::Refused;

/// The signers of a run.
#[derive(Debug, Default)]
pub(crate) struct Signers {
    ours: SigV4,
}

impl Signers {
    /// Signs with the backend named, `sigv4` when none is. Multi-region access points take SigV4a, which only AWS's own
    /// code signs here.
    pub(crate) async fn presign(
        &self,
        backend: Option<&str>,
        request: &PresignRequest,
        credentials: Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, Refused> {
        let many_regions = request.target().signs_with_sigv4a();
        match backend.unwrap_or("sigv4") {
            "sigv4" if !many_regions => {
                self.ours.check(request).map_err(Refused::with("unsupported"))?;
                Ok(self.ours.sign(request, &credentials, at)?)
            }
            "sigv4" | "aws-sigv4" if many_regions => Ok(AwsSigV4a::new().sign(request, &credentials, at)?),
            "aws-sigv4" => Ok(AwsSigV4::new().sign(request, &credentials, at)?),
            "aws-sdk" => aws_sdk(request, credentials, at).await,
            _ => Err(Refused::new("unknown-backend", "backend is sigv4, aws-sigv4 or aws-sdk")),
        }
    }
}

#[cfg(feature = "sdk")]
async fn aws_sdk(
    request: &PresignRequest,
    credentials: Credentials,
    at: Timestamp,
) -> Result<PresignedRequest, Refused> {
    use upsign_core::Presigner;

    Ok(upsign_aws::SdkPresigner::new(credentials).presign(request, at).await?)
}

#[cfg(not(feature = "sdk"))]
#[expect(clippy::unused_async, reason = "the build with AWS's SDK waits")]
async fn aws_sdk(_: &PresignRequest, _: Credentials, _: Timestamp) -> Result<PresignedRequest, Refused> {
    let hint = "install it with `cargo install upsign-cli --features sdk`; the URLs are the same";
    Err(Refused::new("backend-absent", format!("this build lacks aws-sdk: {hint}")))
}
