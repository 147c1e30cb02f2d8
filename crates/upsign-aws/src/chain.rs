//! Credentials from AWS's provider chain, whose expiry is known.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region as AwsRegion, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use upsign_core::{
    Credentials, CredentialsError, CredentialsSource, Expiry, Region, RenewalStatus, Renewing, Timestamp,
};

use crate::proxy::http_client;

/// Credentials from the places where AWS's SDKs look, or those of a role that is assumed with them. Feature `chain`.
///
/// | constructor | credentials |
/// | --- | --- |
/// | [`load`](Self::load) | the first of: variables, profile (with SSO), web identity, container endpoint, instance metadata |
/// | [`assume_role`](Self::assume_role) | a role, assumed with those |
/// | [`assume_role_with`](Self::assume_role_with) | a role, assumed with a configuration of the application |
/// | [`new`](Self::new) | a provider of the application |
///
/// Profiles that run a program (`credential_process`) are not supported.
///
/// [`load`](Self::load) and [`assume_role`](Self::assume_role) call AWS over the proxy that the variable `HTTPS_PROXY`, or
/// `ALL_PROXY`, names, except for the hosts in `NO_PROXY`; each can be written in lower case. It only tunnels TLS. What has no TLS
/// is called directly: the instance metadata and the container endpoint, whose responses are credentials, whatever
/// `HTTP_PROXY` says. Addresses on this machine are called directly as well. A SOCKS proxy is not supported: calls with TLS then
/// fail. The other constructors use the HTTP client of the application.
///
/// The credentials are kept and renewed by [`Renewing`], which describes the behavior in detail: callers never wait while the
/// credentials can sign, and one fetch runs at a time, for at most 5 seconds. A provider that fails is called again with
/// increasing delays, while callers are served as long as the credentials can sign. Constructors fetch nothing: the first
/// caller does, so a service can start while the provider is unreachable.
///
/// ```
/// use aws_credential_types::Credentials as AwsCredentials;
/// use upsign_aws::{ProviderChain, SharedCredentialsProvider};
/// use upsign_core::{CredentialsSource, ExpiresIn, Expiry, Operation, PresignRequest, Presigner, Target, WithCredentials};
/// use upsign_sigv4::SigV4;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In a service: `ProviderChain::load(None, &region).await?`.
/// let provider = AwsCredentials::new("AKIDEXAMPLE", "secret", None, None, "example");
/// let chain = ProviderChain::new(SharedCredentialsProvider::new(provider))
///     .with_refresh_threshold(900 + 30)
///     .with_observer(|status| {
///         if let Some(error) = &status.last_error {
///             eprintln!("credentials refresh failed error={error} next_attempt={:?}", status.next_attempt);
///         }
///     });
///
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// assert_eq!(chain.credentials(at).await?.expiry(), Expiry::Never);
/// assert!(chain.status(at).is_usable);
///
/// let presigner = WithCredentials::new(SigV4::new(), chain);
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?);
/// assert!(presigner.presign(&request, at).await?.url.expose().contains("AKIDEXAMPLE"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ProviderChain(Renewing<Provider>);

/// Fetches on each call.
#[derive(Debug)]
struct Provider(SharedCredentialsProvider);

/// A role to assume with STS `AssumeRole`.
///
/// ```no_run
/// use upsign_aws::{AssumeRole, ProviderChain};
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let role = AssumeRole::new("arn:aws:iam::123456789012:role/uploads", "upsign").with_session_seconds(900);
/// let chain = ProviderChain::assume_role(role, None, &"ap-southeast-1".parse()?).await;
/// # let _ = chain;
/// # Ok(()) }
/// ```
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
        Self(Renewing::new(Provider(provider)))
    }

    /// Sets the remaining lifetime in seconds below which credentials are refreshed, capped at half of their lifetime and, for
    /// short ones, early enough that they are still usable.
    ///
    /// Pass the longest lifetime of a grant plus [`SAFETY_MARGIN`](upsign_core::SAFETY_MARGIN): then no grant is shortened
    /// because its credentials expire first. The default is 900 plus the margin, for grants of 15 minutes. See
    /// [`Renewing::with_refresh_threshold`].
    #[must_use]
    pub fn with_refresh_threshold(self, seconds: u64) -> Self {
        self.map(|renewing| renewing.with_refresh_threshold(seconds))
    }

    /// Sets the shortest lifetime of a grant in seconds: credentials that are too short for it are not used. Default: 1. See
    /// [`Renewing::with_min_lifetime`].
    #[must_use]
    pub fn with_min_lifetime(self, seconds: u64) -> Self {
        self.map(|renewing| renewing.with_min_lifetime(seconds))
    }

    /// Sets how long one call of the provider may take, with its retries. Default: 5 seconds. See
    /// [`Renewing::with_fetch_timeout`].
    #[must_use]
    pub fn with_fetch_timeout(self, timeout: Duration) -> Self {
        self.map(|renewing| renewing.with_fetch_timeout(timeout))
    }

    /// Refreshes credentials within a request instead of in the background. Use this in a process that is suspended between
    /// requests, such as an AWS Lambda function. See [`Renewing::with_blocking_refresh`].
    #[must_use]
    pub fn with_blocking_refresh(self) -> Self {
        self.map(Renewing::with_blocking_refresh)
    }

    /// Removes the random part from the times of refreshes, so that a test knows them.
    #[must_use]
    pub fn without_jitter(self) -> Self {
        self.map(Renewing::without_jitter)
    }

    /// Calls `observer` after every fetch, to log failures and to count. See [`Renewing::with_observer`].
    #[must_use]
    pub fn with_observer(self, observer: impl Fn(&RenewalStatus) + Send + Sync + 'static) -> Self {
        self.map(|renewing| renewing.with_observer(observer))
    }

    /// Returns the state of the credentials at the time `at`, for readiness checks and metrics. It never waits and never calls
    /// the provider.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> RenewalStatus {
        self.0.status(at)
    }

    fn map(self, change: impl FnOnce(Renewing<Provider>) -> Renewing<Provider>) -> Self {
        Self(change(self.0))
    }
}

#[async_trait]
impl CredentialsSource for ProviderChain {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        self.0.credentials(at).await
    }
}

#[async_trait]
impl CredentialsSource for Provider {
    async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
        let fetched = self.0.provide_credentials().await;
        convert(&fetched.map_err(|error| CredentialsError::Load(error.into()))?)
    }
}

async fn sdk_config(profile: Option<&str>, region: &Region) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .region(AwsRegion::new(region.to_string()));
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
