//! Credentials from AWS's provider chain, whose expiry is known.

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

/// Credentials from the places where AWS's SDKs look: environment, profile, web identity, container endpoint and instance
/// metadata; or those of a role that is assumed with them.
///
/// The credentials are cached until their remaining lifetime is below the refresh threshold. Then one caller fetches new ones
/// while the others wait for it. If the fetch fails, the cached credentials are returned, if there are any: they may still
/// sign shorter grants.
#[derive(Debug)]
pub struct ProviderChain {
    provider: SharedCredentialsProvider,
    /// Remaining lifetime in seconds below which credentials are refreshed.
    refresh_threshold: u64,
    /// Locked while credentials are fetched, so that concurrent callers cause a single fetch.
    cached: Mutex<Option<Credentials>>,
}

/// A role to assume with STS `AssumeRole`.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    session_name: String,
    session_seconds: u64,
    policy: Option<String>,
    external_id: Option<String>,
}

impl AssumeRole {
    /// Selects a role and a session name, which CloudTrail shows. Sessions last an hour, the longest that every role allows
    /// and that role chaining permits.
    pub fn new(role_arn: impl Into<String>, session_name: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            session_name: session_name.into(),
            session_seconds: 3_600,
            policy: None,
            external_id: None,
        }
    }

    /// Sets the length of the session: 900 to 43,200 seconds, and at most the maximum session duration of the role. STS
    /// refuses other values when the credentials are fetched.
    #[must_use]
    pub fn with_session_seconds(self, seconds: u64) -> Self {
        Self { session_seconds: seconds, ..self }
    }

    /// Restricts the permissions of the session to those that both the role and this IAM policy document allow. The policy
    /// that `upsign documents iam` prints is a good choice.
    #[must_use]
    pub fn with_policy(self, json: impl Into<String>) -> Self {
        Self { policy: Some(json.into()), ..self }
    }

    /// Sets the external id that the trust policy of the role requires.
    #[must_use]
    pub fn with_external_id(self, id: impl Into<String>) -> Self {
        Self { external_id: Some(id.into()), ..self }
    }
}

impl ProviderChain {
    /// Loads AWS's default chain, with the given profile of the shared configuration files if there is one. Credentials are
    /// fetched later, when they are first needed.
    ///
    /// # Errors
    /// Returns [`CredentialsError::Missing`] if the configuration has no credentials provider.
    pub async fn load(profile: Option<&str>, region: &Region) -> Result<Self, CredentialsError> {
        let config = sdk_config(profile, region).await;
        let provider = config.credentials_provider();
        let provider = provider.ok_or_else(|| {
            CredentialsError::Missing("the AWS configuration has no credentials provider".into())
        })?;
        Ok(Self::new(provider))
    }

    /// Assumes a role through STS with the credentials of the default chain. The role is assumed later, when credentials
    /// are first needed.
    pub async fn assume_role(role: AssumeRole, profile: Option<&str>, region: &Region) -> Self {
        Self::assume_role_with(role, &sdk_config(profile, region).await).await
    }

    /// Assumes a role with the credentials, region, endpoint and HTTP client of `config`.
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
        Self::new(SharedCredentialsProvider::new(builder.build().await))
    }

    /// Wraps a credentials provider of the application.
    #[must_use]
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, refresh_threshold: 900 + u64::from(SAFETY_MARGIN), cached: Mutex::new(None) }
    }

    /// Sets the remaining lifetime in seconds below which credentials are refreshed.
    ///
    /// Pass the longest lifetime of a grant plus [`SAFETY_MARGIN`]: then no grant is shortened because its credentials
    /// expire first. The default is 900 plus the margin, for grants of 15 minutes.
    #[must_use]
    pub fn with_refresh_threshold(self, seconds: u64) -> Self {
        Self { refresh_threshold: seconds, ..self }
    }

    /// Refreshes credentials within a request instead of in the background.
    #[must_use]
    pub fn with_blocking_refresh(self) -> Self {
        self
    }

    fn is_fresh(&self, credentials: &Credentials, at: Timestamp) -> bool {
        match credentials.expiry() {
            Expiry::At(end) | Expiry::AtMost(end) => end.seconds_since(at) >= self.refresh_threshold,
            _ => true,
        }
    }
}

#[async_trait]
impl CredentialsSource for ProviderChain {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        // The lock is held across the fetch: callers that arrive meanwhile wait and then find the new credentials. A caller
        // that is cancelled during the fetch drops the lock and leaves the cache unchanged, so the next one fetches.
        let mut cached = self.cached.lock().await;
        if let Some(credentials) = cached.as_ref().filter(|credentials| self.is_fresh(credentials, at)) {
            return Ok(credentials.clone());
        }
        match self.provider.provide_credentials().await {
            Ok(fetched) => {
                let fetched = convert(&fetched)?;
                *cached = Some(fetched.clone());
                Ok(fetched)
            }
            // The cached credentials include their expiry, so the presigner shortens or refuses the grant accordingly.
            Err(error) => cached.clone().ok_or_else(|| CredentialsError::Load(error.into())),
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

fn convert(credentials: &AwsCredentials) -> Result<Credentials, CredentialsError> {
    let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let converted = match credentials.session_token() {
        None => Credentials::long_term(id, secret),
        Some(token) => Credentials::temporary(id, secret, token, expiry(credentials.expiry())),
    };
    converted.map_err(|error| CredentialsError::Load(error.into()))
}

/// Converts the expiry of temporary credentials. Without one, the result is [`Expiry::Unknown`] and not
/// [`Expiry::Never`], because temporary credentials always expire.
fn expiry(end: Option<SystemTime>) -> Expiry {
    let seconds =
        end.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|since| since.as_secs());
    seconds.and_then(Timestamp::from_unix).map_or(Expiry::Unknown, Expiry::At)
}
