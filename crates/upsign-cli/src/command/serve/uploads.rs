//! What the service needs in addition to its configuration: the keys of upload tokens, calls to the stores, and a store of quotas.

use upsign::{Clock, SystemClock};
use upsign_config::{Config, ServiceParts, TimeLimits};
use upsign_core::{Presigner, error_chain};

use super::credentials::Signer;
use super::quota;
use crate::diagnostic::{self, Severity};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::{environment, multipart_summary, summary};

/// Returns the parts of the service, and what is printed about the keys of upload tokens. `process` signs the calls to AWS Secrets
/// Manager and to DynamoDB.
pub(super) async fn parts<P: Presigner + 'static>(
    config: &Config,
    process: &Signer,
) -> Result<(ServiceParts<'static, P>, Option<String>), CommandError> {
    let (parts, keys) = with_tokens(config, process).await?;
    let parts = match quota::store(config, process).await? {
        Some(store) => parts.with_quota_store(store),
        None => parts,
    };
    Ok((parts, keys))
}

/// Returns nothing, or, if uploads have tokens, the keys of upload tokens and the calls to the stores.
async fn with_tokens<P: Presigner + 'static>(
    config: &Config,
    process: &Signer,
) -> Result<(ServiceParts<'static, P>, Option<String>), CommandError> {
    if !config.needs_store() {
        return Ok((ServiceParts::new(), None));
    }
    let keys = config.load_token_keys(environment::variable, process, SystemClock.now()).await;
    let keys = keys.map_err(|error| {
        let reason = error_chain(&error).to_string();
        let reason = reason.strip_prefix("token.keys: ").unwrap_or(&reason);
        let message = format!("cannot sign the tokens of uploads: {reason}");
        let diagnostic = multipart_summary::at_key(config, "token.keys", Diagnostic::new("usage", message));
        CommandError::new(Exit::Usage, diagnostic::with_help(Severity::Error, diagnostic))
    })?;
    let ids: Vec<String> = keys.key_ids().collect();
    let keys_of = summary::count(ids.len(), "key");
    let described = format!("{keys_of}, the first signs: {}", ids.join(", "));
    Ok((ServiceParts::new().with_http_store(keys, TimeLimits::default()), Some(described)))
}
