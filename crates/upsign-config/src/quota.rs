//! The limits of uploads per day, and the store that counts them.

use std::fmt;
use std::sync::Arc;

use upsign::quota::{AccountKey, FailMode, MemoryQuota, Quota, QuotaLimit, QuotaStore};
use upsign_core::{CredentialsSource, Region};

use crate::config::Config;
use crate::token::TokenSecretSource;

/// The section `[quota]`, with the limits of `[limit]` and of the routes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaConfig {
    /// Where uploads are counted.
    pub store: QuotaStoreConfig,
    /// What happens while the store does not answer.
    pub fail: FailMode,
    /// Whose uploads are counted together.
    pub account: AccountKey,
    /// The limits of all routes together, and of each route. Empty if only the limits of requests are in the store.
    pub limits: Vec<QuotaLimit>,
    /// Whether the limits of requests per minute are counted there too.
    pub shares_rate_limits: bool,
}

/// Where uploads per day are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaStoreConfig {
    /// In the memory of the process. It is the only one.
    Memory,
    /// In Redis or Valkey, whose URL this source contains. It contains a password.
    Redis(TokenSecretSource),
    /// In a table of DynamoDB.
    DynamoDb {
        /// The name of the table.
        table: Box<str>,
        /// The region of the table.
        region: Region,
    },
}

/// The reason why the store of quotas cannot be opened. No message contains the URL.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenQuotaError {
    /// The program does not support the store. Holds its name, for example `redis`.
    NotSupported(&'static str),
    /// The program has no credentials of AWS to call DynamoDB with.
    NoCredentials,
    /// The endpoint of DynamoDB that a variable names is not valid. Holds the name of the variable.
    Endpoint(&'static str, Box<dyn std::error::Error + Send + Sync>),
    /// The URL cannot be loaded.
    Load(crate::LoadSecretError),
    /// The URL is not one of Redis.
    Url(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for OpenQuotaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSupported(name) => write!(f, "quota.store: this program does not call {name}"),
            Self::NoCredentials => f.write_str("quota.store: DynamoDB needs credentials of AWS"),
            Self::Endpoint(name, _) => write!(f, "{name} is not the URL of DynamoDB"),
            Self::Load(_) => f.write_str("quota.url: the URL cannot be loaded"),
            Self::Url(_) => f.write_str("quota.url: the value of the source is not the URL of a server"),
        }
    }
}

impl std::error::Error for OpenQuotaError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotSupported(_) | Self::NoCredentials => None,
            Self::Endpoint(_, source) => Some(source.as_ref()),
            Self::Load(source) => Some(source),
            Self::Url(source) => Some(source.as_ref()),
        }
    }
}

impl QuotaConfig {
    /// Returns a new store in memory, if uploads are counted there.
    pub(crate) fn memory(&self) -> Option<Arc<dyn QuotaStore>> {
        let is_memory = self.store == QuotaStoreConfig::Memory;
        is_memory.then(|| Arc::new(MemoryQuota::new()) as Arc<dyn QuotaStore>)
    }

    /// Returns the quota, counted in this store. `namespace` separates deployments with the same store.
    pub(crate) fn in_store(&self, store: Arc<dyn QuotaStore>, namespace: &str) -> Quota {
        let quota = Quota::new(store, self.fail).with_account(self.account.clone()).with_namespace(namespace);
        self.limits.iter().cloned().fold(quota, Quota::with_limit)
    }
}

impl Config {
    /// Returns the limits of uploads per day and where they are counted; `None` if there are none.
    #[must_use]
    pub const fn quota(&self) -> Option<&QuotaConfig> {
        self.quota.as_ref()
    }

    /// Opens the store in which uploads per day are counted, for
    /// [`ServiceParts::with_quota_store`](crate::ServiceParts::with_quota_store). Returns `None` without a quota. `variable` returns
    /// the value of an environment variable, and `credentials` sign the calls to DynamoDB: those of the process, also if another role
    /// signs uploads.
    ///
    /// A store in a server connects when it is first used.
    ///
    /// ```
    /// use upsign_config::{Config, initial_file};
    ///
    /// let limits = "[limit]\nper_day = 20\n[quota]\nstore = \"memory\"\nfail = \"closed\"\n[server]\nsingle_process = true\n";
    /// let config = Config::read("upsign.toml", &format!("{}\n{limits}", initial_file()), |_| None)?;
    /// // A program passes `|name| std::env::var(name).ok()`.
    /// assert!(config.open_quota_store(|_| None, None)?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`OpenQuotaError`] if this build does not have the store, or if its URL cannot be loaded or is not valid.
    pub fn open_quota_store(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        credentials: Option<Arc<dyn CredentialsSource>>,
    ) -> Result<Option<Arc<dyn QuotaStore>>, OpenQuotaError> {
        let Some(quota) = &self.quota else { return Ok(None) };
        match &quota.store {
            QuotaStoreConfig::Memory => Ok(quota.memory()),
            QuotaStoreConfig::Redis(source) => open_redis(source, variable).map(Some),
            QuotaStoreConfig::DynamoDb { table, region } => {
                open_dynamodb(table, region, credentials, variable).map(Some)
            }
        }
    }
}

#[cfg(feature = "redis")]
fn open_redis(
    source: &TokenSecretSource,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Arc<dyn QuotaStore>, OpenQuotaError> {
    let url = source.read(variable).map_err(OpenQuotaError::Load)?;
    let url = std::str::from_utf8(&url).map_err(|error| OpenQuotaError::Url(error.into()))?;
    let store =
        upsign_redis::RedisQuota::open(url.trim()).map_err(|error| OpenQuotaError::Url(error.into()))?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "redis"))]
fn open_redis(
    _: &TokenSecretSource,
    _: impl Fn(&str) -> Option<String>,
) -> Result<Arc<dyn QuotaStore>, OpenQuotaError> {
    Err(OpenQuotaError::NotSupported("Redis"))
}

/// The variables that name another endpoint of DynamoDB, for example an emulator.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>.
#[cfg(feature = "dynamodb")]
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];

#[cfg(feature = "dynamodb")]
fn open_dynamodb(
    table: &str,
    region: &Region,
    credentials: Option<Arc<dyn CredentialsSource>>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Arc<dyn QuotaStore>, OpenQuotaError> {
    let credentials = credentials.ok_or(OpenQuotaError::NoCredentials)?;
    let store = upsign_dynamodb::DynamoDbQuota::new(table, region.clone(), credentials);
    let store = store.with_environment_proxy();
    let set =
        ENDPOINTS.into_iter().find_map(|name| Some((name, variable(name).filter(|url| !url.is_empty())?)));
    let Some((name, url)) = set else { return Ok(Arc::new(store)) };
    let endpoint: upsign_core::Endpoint = url
        .parse()
        .map_err(|error: upsign_core::InvalidEndpoint| OpenQuotaError::Endpoint(name, error.into()))?;
    Ok(Arc::new(store.with_endpoint(&endpoint)))
}

#[cfg(not(feature = "dynamodb"))]
fn open_dynamodb(
    _: &str,
    _: &Region,
    _: Option<Arc<dyn CredentialsSource>>,
    _: impl Fn(&str) -> Option<String>,
) -> Result<Arc<dyn QuotaStore>, OpenQuotaError> {
    Err(OpenQuotaError::NotSupported("DynamoDB"))
}
