//! Whose credentials sign.

use std::sync::Arc;

use upsign_config::Config;
use upsign_core::CredentialsSource;

use super::arguments::{From, Source};
use crate::environment;
use crate::exit::Failed;

pub(crate) async fn source(source: &Source, config: &Config) -> Result<Arc<dyn CredentialsSource>, Failed> {
    if source.credentials == From::Env && source.assume_role.is_none() {
        return Ok(Arc::from(environment::credentials_for(config)?));
    }
    chain(source, config).await
}

/// Credentials that say when they end; renewed before any grant would have to be shortened.
#[cfg(feature = "chain")]
async fn chain(source: &Source, config: &Config) -> Result<Arc<dyn CredentialsSource>, Failed> {
    use upsign_aws::{AssumeRole, ProviderChain};
    use upsign_core::SAFETY_MARGIN;

    let region = config.policies().next().map(|policy| policy.target().region());
    let region = region.ok_or_else(|| Failed::usage("the configuration has no route"))?;
    let profile = environment::variable("AWS_PROFILE");
    let chain = match &source.assume_role {
        Some(arn) => {
            let mut role = AssumeRole::new(arn, "upsign");
            if let Some(id) = &source.external_id {
                role = role.with_external_id(id);
            }
            ProviderChain::assume_role(role, profile.as_deref(), region).await
        }
        None => ProviderChain::load(profile.as_deref(), region)
            .await
            .map_err(|error| Failed::caused("AWS's provider chain", &error).into_usage())?,
    };
    let longest = config.policies().map(|policy| policy.expires_in().as_secs()).max().unwrap_or_default();
    let longest = u64::from(longest) + u64::from(SAFETY_MARGIN);
    Ok(Arc::new(chain.renew_below(longest)))
}

#[cfg(not(feature = "chain"))]
async fn chain(_: &Source, _: &Config) -> Result<Arc<dyn CredentialsSource>, Failed> {
    let hint = "cargo install upsign-cli --features chain";
    Err(Failed::usage("this build has no provider chain and assumes no role").hint(hint))
}
