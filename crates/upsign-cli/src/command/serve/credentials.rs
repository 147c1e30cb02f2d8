//! The source of the credentials that sign uploads.

use std::sync::Arc;

use upsign_config::Config;
use upsign_core::CredentialsSource;

use super::args::{CredentialsArgs, CredentialsSourceKind};
use crate::environment;
use crate::exit::CommandError;

pub(super) async fn source(
    args: &CredentialsArgs,
    config: &Config,
) -> Result<Arc<dyn CredentialsSource>, CommandError> {
    if args.kind == CredentialsSourceKind::Env && args.assume_role.is_none() {
        let source = config.credentials_source(environment::credentials()?);
        return source.map(Arc::from).map_err(|error| environment::credentials_error(&error));
    }
    chain(args, config).await
}

/// Returns the AWS provider chain, or the role assumed with its credentials.
#[cfg(feature = "chain")]
async fn chain(args: &CredentialsArgs, config: &Config) -> Result<Arc<dyn CredentialsSource>, CommandError> {
    let profile = environment::variable("AWS_PROFILE");
    let mut options = upsign_config::ChainOptions::default();
    options.role_arn = args.assume_role.as_deref();
    options.external_id = args.external_id.as_deref();
    options.profile = profile.as_deref();
    let source = config.chain_source(options).await.map_err(|error| environment::credentials_error(&error))?;
    Ok(Arc::new(source))
}

#[cfg(not(feature = "chain"))]
#[expect(clippy::unused_async, reason = "the variant with the provider chain awaits")]
async fn chain(_: &CredentialsArgs, _: &Config) -> Result<Arc<dyn CredentialsSource>, CommandError> {
    Err(crate::missing_feature::error("the AWS provider chain, which also assumes roles", "chain"))
}
