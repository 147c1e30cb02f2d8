//! What multipart uploads need: the keys of upload tokens, and calls to the stores.

use upsign::{Clock, SystemClock};
use upsign_config::{Config, ServiceParts, TimeLimits};
use upsign_core::Presigner;

use super::credentials::Signer;
use crate::exit::CommandError;
use crate::{environment, output, summary};

/// Returns the parts of the service: nothing, or, if a route has multipart uploads, the keys of upload tokens and the calls to the
/// stores. `signer` signs the calls to AWS Secrets Manager.
pub(super) async fn parts<P: Presigner + 'static>(
    config: &Config,
    signer: &Signer,
) -> Result<ServiceParts<'static, P>, CommandError> {
    if !config.has_multipart() {
        return Ok(ServiceParts::new());
    }
    let keys = config.load_token_keys(environment::variable, signer, SystemClock.now()).await;
    let keys = keys.map_err(|error| {
        let what = "cannot sign the tokens of multipart uploads";
        CommandError::caused(what, &error).into_usage()
    })?;
    let ids: Vec<String> = keys.key_ids().collect();
    let keys_of = summary::count(ids.len(), "key");
    output::notes().detail("upload tokens", &format!("{keys_of}, the first signs: {}", ids.join(", ")));
    Ok(ServiceParts::new().with_http_multipart(keys, TimeLimits::default()))
}
