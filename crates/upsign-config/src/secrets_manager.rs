//! Secrets of upload tokens and webhooks in AWS Secrets Manager.

use upsign::session::TokenKeys;
use upsign_aws::SecretsManager;
use upsign_core::{CredentialsSource, Endpoint, Timestamp};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::token::{InvalidTokenSecrets, LoadSecretError, SecretArn, TokenSecretSource};

/// The variables with another endpoint, in this order.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"];
/// With the value `true`, the AWS SDKs ignore them.
const IGNORE_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

impl Config {
    /// Derives the keys of upload tokens like [`token_keys`](Self::token_keys), from secrets in variables, in files, and in AWS
    /// Secrets Manager. Feature `secrets`. Requires a tokio runtime.
    ///
    /// `variable` returns the value of an environment variable. `credentials` signs the calls to Secrets Manager at the instant
    /// `at`; without `secretsmanager:` sources it is not called. `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_ENDPOINT_URL` name
    /// another endpoint, as for the AWS SDKs, unless `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`.
    ///
    /// Call it at start. A secret that was replaced is used after the next start.
    ///
    /// # Errors
    /// Returns the errors of [`token_keys`](Self::token_keys), and [`LoadSecretError::SecretsManager`] in them if Secrets Manager does
    /// not return a secret.
    pub async fn load_token_keys(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        credentials: impl CredentialsSource,
        at: Timestamp,
    ) -> Result<TokenKeys, InvalidTokenSecrets> {
        let manager = manager(credentials, &variable);
        self.token_keys_from(async |source| source.read_with(&manager, &variable, at).await).await
    }
}

impl TokenSecretSource {
    /// Reads a secret like [`read`](Self::read), also one of AWS Secrets Manager. Feature `secrets`. Requires a tokio runtime.
    ///
    /// The parameters are those of [`Config::load_token_keys`].
    ///
    /// # Errors
    /// Returns the errors of [`read`](Self::read), and [`LoadSecretError::SecretsManager`] if Secrets Manager does not return the
    /// secret.
    pub async fn load(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        credentials: impl CredentialsSource,
        at: Timestamp,
    ) -> Result<Zeroizing<Vec<u8>>, LoadSecretError> {
        self.read_with(&manager(credentials, &variable), variable, at).await
    }

    /// Without `secretsmanager:` sources, an invalid endpoint is not an error.
    async fn read_with<C: CredentialsSource>(
        &self,
        manager: &Result<SecretsManager<C>, String>,
        variable: impl Fn(&str) -> Option<String>,
        at: Timestamp,
    ) -> Result<Zeroizing<Vec<u8>>, LoadSecretError> {
        match (self, manager) {
            (Self::SecretsManager(arn), Ok(manager)) => {
                manager.read(arn.as_str(), at).await.map_err(|error| failure(arn, error))
            }
            (Self::SecretsManager(arn), Err(invalid)) => Err(failure(arn, invalid.clone())),
            (other, _) => other.read(variable),
        }
    }
}

/// Returns what calls Secrets Manager, at the endpoint that a variable names, or what is wrong with this endpoint.
fn manager<C: CredentialsSource>(
    credentials: C,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<SecretsManager<C>, String> {
    let endpoint = configured_endpoint(variable)?;
    let manager = SecretsManager::new(credentials).with_environment_proxy();
    Ok(match endpoint {
        Some(endpoint) => manager.with_endpoint(endpoint),
        None => manager,
    })
}

/// Returns the endpoint that a variable names, or what is wrong with it.
fn configured_endpoint(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Endpoint>, String> {
    let value = |name: &str| variable(name).filter(|value| !value.is_empty());
    if value(IGNORE_ENDPOINTS).is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let Some((name, url)) = ENDPOINTS.into_iter().find_map(|name| Some((name, value(name)?))) else {
        return Ok(None);
    };
    url.trim_end_matches('/').parse().map(Some).map_err(|error| format!("{name} is not an endpoint: {error}"))
}

fn failure(arn: &SecretArn, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LoadSecretError {
    LoadSecretError::SecretsManager { arn: arn.clone(), source: source.into() }
}
