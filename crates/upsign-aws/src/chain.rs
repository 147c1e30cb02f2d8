//! Credentials from AWS's provider chain: sources that say when their credentials end.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region as AwsRegion, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::Mutex;
use upsign_core::{
    Credentials, CredentialsError, CredentialsSource, Expiry, Region, SAFETY_MARGIN, Timestamp,
};

/// Credentials from wherever AWS's SDKs find them: environment, profile, web identity, container endpoint, instance
/// metadata; or those of a role assumed with them.
///
/// Kept until they are about to end, then fetched anew by one caller while the others wait.
#[derive(Debug)]
pub struct ProviderChain {
    provider: SharedCredentialsProvider,
    /// Seconds of life below which credentials are fetched anew.
    renew_below: u64,
    kept: Mutex<Option<Credentials>>,
}

/// The role to assume, and how.
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    session_name: String,
    session_seconds: u64,
    policy: Option<String>,
    external_id: Option<String>,
}

impl AssumeRole {
    /// A role, under a session name that CloudTrail shows, for an hour.
    pub fn new(role_arn: impl Into<String>, session_name: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            session_name: session_name.into(),
            session_seconds: 3_600,
            policy: None,
            external_id: None,
        }
    }

    /// The same for so many seconds: 900 to 43,200, and no more than the role allows.
    #[must_use]
    pub fn with_session_seconds(self, seconds: u64) -> Self {
        Self { session_seconds: seconds, ..self }
    }

    /// The same, with the role's permissions narrowed by a session policy: the IAM document of the upload policy, say.
    #[must_use]
    pub fn with_policy(self, json: impl Into<String>) -> Self {
        Self { policy: Some(json.into()), ..self }
    }

    /// The same with an external id, which the role's trust policy asks for.
    #[must_use]
    pub fn with_external_id(self, id: impl Into<String>) -> Self {
        Self { external_id: Some(id.into()), ..self }
    }
}

impl ProviderChain {
    /// AWS's default chain, as the environment, a profile or the machine has it.
    ///
    /// # Errors
    /// [`CredentialsError::Missing`] when the chain has no provider at all.
    pub async fn load(profile: Option<&str>, region: &Region) -> Result<Self, CredentialsError> {
        let config = sdk_config(profile, region).await;
        let provider = config.credentials_provider();
        let provider =
            provider.ok_or_else(|| CredentialsError::Missing("the chain has no provider".into()))?;
        Ok(Self::of(provider))
    }

    /// The credentials of a role, assumed through STS with those of the default chain.
    pub async fn assume_role(role: AssumeRole, profile: Option<&str>, region: &Region) -> Self {
        Self::assume_role_with(role, &sdk_config(profile, region).await).await
    }

    /// The credentials of a role, assumed as `config` says: its credentials, region, endpoint and HTTP client.
    pub async fn assume_role_with(role: AssumeRole, config: &SdkConfig) -> Self {
        let mut builder = AssumeRoleProvider::builder(role.role_arn)
            .session_name(role.session_name)
            .session_length(Duration::from_secs(role.session_seconds))
            .configure(config);
        if let Some(policy) = role.policy {
            builder = builder.policy(policy);
        }
        if let Some(id) = role.external_id {
            builder = builder.external_id(id);
        }
        Self::of(SharedCredentialsProvider::new(builder.build().await))
    }

    /// The credentials of a provider of your own.
    #[must_use]
    pub fn of(provider: SharedCredentialsProvider) -> Self {
        Self { provider, renew_below: 900 + u64::from(SAFETY_MARGIN), kept: Mutex::new(None) }
    }

    /// The same, with credentials fetched anew once they have less than `seconds` to live: the longest grant's lifetime
    /// and [`SAFETY_MARGIN`], so that no grant has to be shortened. 930 unless set.
    #[must_use]
    pub fn renew_below(self, seconds: u64) -> Self {
        Self { renew_below: seconds, ..self }
    }

    fn still_good(&self, credentials: &Credentials, at: Timestamp) -> bool {
        match credentials.expiry() {
            Expiry::At(end) | Expiry::AtMost(end) => end.seconds_since(at) >= self.renew_below,
            _ => true,
        }
    }
}

#[async_trait]
impl CredentialsSource for ProviderChain {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = kept.as_ref().filter(|credentials| self.still_good(credentials, at)) {
            return Ok(credentials.clone());
        }
        match self.provider.provide_credentials().await {
            Ok(fresh) => {
                let fresh = converted(&fresh)?;
                *kept = Some(fresh.clone());
                Ok(fresh)
            }
            // What is kept may still serve for a while, and says for how long.
            Err(error) => kept.clone().ok_or_else(|| CredentialsError::Load(error.into())),
        }
    }
}

async fn sdk_config(profile: Option<&str>, region: &Region) -> SdkConfig {
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).region(AwsRegion::new(region.to_string()));
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}

fn converted(credentials: &AwsCredentials) -> Result<Credentials, CredentialsError> {
    let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let made = match credentials.session_token() {
        None => Credentials::long_term(id, secret),
        Some(token) => Credentials::temporary(id, secret, token, expiry(credentials.expiry())),
    };
    made.map_err(|error| CredentialsError::Load(error.into()))
}

fn expiry(end: Option<SystemTime>) -> Expiry {
    let seconds =
        end.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|since| since.as_secs());
    seconds.and_then(Timestamp::from_unix).map_or(Expiry::Unknown, Expiry::At)
}
