//! The store in which uploads per day are counted.

use std::sync::Arc;

use upsign::quota::{FailMode, QuotaAccount, QuotaStore, ReservationId};
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::error_chain;

use super::credentials::Signer;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::{environment, multipart_summary, output};

/// Opens the store of the configuration and uses it once. `process` signs the calls to DynamoDB. Returns `None` without a quota.
///
/// A server that could grant nothing does not start: with `fail = "closed"` the store has to answer. With `fail = "open"` the
/// reason is a warning.
pub(super) async fn store(
    config: &Config,
    process: &Signer,
) -> Result<Option<Arc<dyn QuotaStore>>, CommandError> {
    let Some(quota) = config.quota() else { return Ok(None) };
    let credentials = Arc::new(process.clone());
    let store = config.open_quota_store(environment::variable, Some(credentials));
    let store = store.map_err(|error| failure(config, &error_chain(&error).to_string(), Exit::Usage))?;
    let Some(store) = store else { return Ok(None) };
    // Nobody has this account, so the step changes nothing.
    let (nobody, nothing) = (QuotaAccount::from_bytes([0; 16]), ReservationId::from_bytes([0; 16]));
    if let Err(error) = store.release(nobody, nothing, SystemClock.now()).await {
        let reason = error_chain(&error).to_string();
        match quota.fail {
            FailMode::Closed => return Err(failure(config, &reason, Exit::Failure)),
            FailMode::Open => {
                output::warning(&format!(
                    "quota: {reason}; uploads are not counted until it does (fail = \"open\")"
                ));
            }
        }
    }
    Ok(Some(store))
}

fn failure(config: &Config, reason: &str, exit: Exit) -> CommandError {
    let message = format!("cannot count uploads: {reason}");
    let code = if exit == Exit::Usage { "usage" } else { "failed" };
    let diagnostic = multipart_summary::at_key(config, "quota.store", Diagnostic::new(code, message));
    CommandError::new(exit, diagnostic)
}
