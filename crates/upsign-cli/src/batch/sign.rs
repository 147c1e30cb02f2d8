//! Who signs a line.

use upsign::SigV4;
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
            "sigv4" | "aws-sigv4" | "aws-sdk" => {
                aws(backend.unwrap_or("sigv4"), request, credentials, at).await
            }
            _ => Err(Refused::new("unknown-backend", "backend is sigv4, aws-sigv4 or aws-sdk")),
        }
    }
}

#[cfg(feature = "sdk")]
async fn aws(
    backend: &str,
    request: &PresignRequest,
    credentials: Credentials,
    at: Timestamp,
) -> Result<PresignedRequest, Refused> {
    use upsign_aws::{AwsSigV4, AwsSigV4a, SdkPresigner};
    use upsign_core::Presigner;

    match backend {
        "aws-sdk" => Ok(SdkPresigner::new(credentials).presign(request, at).await?),
        _ if request.target().signs_with_sigv4a() => Ok(AwsSigV4a::new().sign(request, &credentials, at)?),
        _ => Ok(AwsSigV4::new().sign(request, &credentials, at)?),
    }
}

#[cfg(not(feature = "sdk"))]
#[expect(clippy::unused_async, reason = "the build with AWS's crates waits")]
async fn aws(
    backend: &str,
    _request: &PresignRequest,
    _credentials: Credentials,
    _at: Timestamp,
) -> Result<PresignedRequest, Refused> {
    let what = if backend == "sigv4" { "SigV4a, which multi-region access points take" } else { backend };
    let hint = "install it with `cargo install upsign-cli --features sdk`";
    Err(Refused::new("backend-absent", format!("this build lacks {what}: {hint}")))
}
