//! The credentials that sign uploads, and what is known about them without waiting.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use upsign::{Clock, SystemClock};
use upsign_config::Config;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, SAFETY_MARGIN, Timestamp};

use super::args::{CredentialsArgs, CredentialsSourceKind};
use crate::credentials::{self, Sources};
use crate::exit::CommandError;

/// The source of the credentials. Clones share it.
#[derive(Clone, Debug)]
pub(super) enum Signer {
    /// Credentials that are in memory. The number is the shortest lifetime of a grant in seconds.
    Fixed(Arc<dyn CredentialsSource>, u64),
    #[cfg(feature = "chain")]
    Chain(Arc<upsign_config::ProviderChain>),
    /// The key of a service account signs every route, so there are no credentials.
    ServiceAccount,
}

/// The state of the credentials.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Status {
    /// Seconds until they expire; `None` if there are none, or if they do not state when.
    pub(super) remaining: Option<u64>,
    /// Whether a grant can be signed.
    pub(super) is_usable: bool,
    /// Failed attempts to renew them.
    pub(super) total_failures: u64,
}

impl Signer {
    pub(super) async fn load(args: &CredentialsArgs, config: &Config) -> Result<Self, CommandError> {
        if !config.needs_credentials() {
            return Ok(Self::ServiceAccount);
        }
        Self::of_aws(args, args.assume_role.as_deref(), config).await
    }

    /// Returns the credentials of the process itself, which sign calls to SQS, DynamoDB and AWS Secrets Manager.
    ///
    /// They are those that sign uploads, but not those of an assumed role: the generated policies permit these calls to the role of
    /// the process. Next to the key of a service account, they are loaded if the configuration needs them.
    pub(super) async fn of_process(
        &self,
        args: &CredentialsArgs,
        config: &Config,
    ) -> Result<Self, CommandError> {
        let is_loaded = match self {
            Self::ServiceAccount => !config.calls_services(),
            _ => args.assume_role.is_none(),
        };
        if is_loaded { Ok(self.clone()) } else { Self::of_process_alone(args, config).await }
    }

    /// A role is assumed with the credentials of the chain, also without `--credentials chain`.
    async fn of_process_alone(args: &CredentialsArgs, config: &Config) -> Result<Self, CommandError> {
        if args.assume_role.is_some() {
            return chain(args, None, config).await;
        }
        Self::of_aws(args, None, config).await
    }

    async fn of_aws(
        args: &CredentialsArgs,
        role: Option<&str>,
        config: &Config,
    ) -> Result<Self, CommandError> {
        if args.kind == CredentialsSourceKind::Env && role.is_none() {
            let at = SystemClock.now();
            let credentials = credentials::from_variables(Sources::VariablesOrChain, at)?;
            let source = config.credentials_source(credentials, at);
            let source = source.map_err(|error| credentials::load_error(&error))?;
            return Ok(Self::Fixed(Arc::from(source), config.min_expires_in().as_secs().into()));
        }
        chain(args, role, config).await
    }

    /// Returns the state at the time `at` without waiting.
    pub(super) fn status(&self, at: Timestamp) -> Status {
        match self {
            Self::Fixed(source, shortest) => {
                // Fixed credentials are never waited for.
                let Some(Ok(credentials)) = source.credentials(at).now_or_never() else {
                    return Status::default();
                };
                let remaining = match credentials.expiry() {
                    Expiry::At(end) | Expiry::AtMost(end) => Some(end.seconds_since(at)),
                    _ => None,
                };
                let needed = shortest.saturating_add(SAFETY_MARGIN.into());
                let is_usable = remaining.is_none_or(|seconds| seconds >= needed);
                Status { remaining, is_usable, total_failures: 0 }
            }
            #[cfg(feature = "chain")]
            Self::Chain(chain) => {
                let status = chain.status(at);
                let (remaining, is_usable) = (status.remaining, status.is_usable);
                Status { remaining, is_usable, total_failures: status.total_failures }
            }
            Self::ServiceAccount => Status { is_usable: true, ..Status::default() },
        }
    }
}

#[async_trait]
impl CredentialsSource for Signer {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        match self {
            Self::Fixed(source, _) => source.credentials(at).await,
            #[cfg(feature = "chain")]
            Self::Chain(chain) => chain.credentials(at).await,
            Self::ServiceAccount => {
                Err(CredentialsError::Missing("the key of a service account signs every route".into()))
            }
        }
    }
}

/// Returns the AWS provider chain, or the role assumed with its credentials.
#[cfg(feature = "chain")]
async fn chain(args: &CredentialsArgs, role: Option<&str>, config: &Config) -> Result<Signer, CommandError> {
    use upsign_http::{RefreshAttempt, RefreshLog};

    let profile = crate::environment::variable("AWS_PROFILE");
    let mut options = upsign_config::ChainOptions::default();
    options.role_arn = role;
    options.external_id = args.external_id.as_deref().filter(|_| role.is_some());
    options.profile = profile.as_deref();
    let chain = config.chain_source(options).await.map_err(|error| credentials::load_error(&error))?;
    let log = RefreshLog::credentials();
    let chain = chain.with_observer(move |status| {
        log.record(&RefreshAttempt {
            error: status.last_error.as_deref().map(|error| error as _),
            consecutive_failures: status.consecutive_failures,
            next_attempt: status.next_attempt,
            is_usable: status.is_usable,
            at: SystemClock.now(),
        });
    });
    Ok(Signer::Chain(Arc::new(chain)))
}

#[cfg(not(feature = "chain"))]
#[expect(clippy::unused_async, reason = "the variant with the provider chain awaits")]
async fn chain(_: &CredentialsArgs, _: Option<&str>, _: &Config) -> Result<Signer, CommandError> {
    Err(credentials::without_chain())
}
