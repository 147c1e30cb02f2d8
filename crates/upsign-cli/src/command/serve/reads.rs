//! URLs to read confirmed uploads through CloudFront.

use std::sync::Arc;

use upsign::read::SignRead;
use upsign::{Clock, SystemClock};
use upsign_config::{Config, OpenReadSignerError};
use upsign_core::error_chain;

use super::credentials::Signer;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::{environment, multipart_summary};

/// Opens what signs URLs of CloudFront. `process` signs the call to AWS Secrets Manager. Returns `None` if uploads are read in another
/// way.
pub(super) async fn open(
    config: &Config,
    process: &Signer,
) -> Result<Option<Arc<dyn SignRead>>, CommandError> {
    let at = SystemClock.now();
    let opened =
        config.open_read_signer(async |source| source.load(environment::variable, process, at).await);
    opened.await.map_err(|error| {
        let key = match &error {
            OpenReadSignerError::Load(_) | OpenReadSignerError::Key(_) | OpenReadSignerError::OtherKey => {
                "cloudfront.private_key"
            }
            // Keys that are missing have no line.
            _ => "deployment.reads",
        };
        let message = format!("cannot sign URLs of CloudFront: {}", error_chain(&error));
        CommandError::new(
            Exit::Usage,
            multipart_summary::at_key(config, key, Diagnostic::new("usage", message)),
        )
    })
}
