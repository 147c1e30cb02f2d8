//! Reads the configuration and the credentials of a function from its environment.

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fmt, fs, io};

use upsign::objects::ObjectCalls;
use upsign::session::TokenKeys;
use upsign::{Authorize, Clock, SystemClock, UploadObserver};
use upsign_config::{
    Config, InvalidConfig, InvalidTokenSecrets, LoadCredentialsError, RouteConfig, UnknownExpiry,
    environment_credentials,
};
use upsign_core::{Credentials, CredentialsSource, Expiry, Presigner, Timestamp};

use crate::credentials::{CredentialsEnd, LastExpiry};
use crate::emf;
use crate::extensions::Extensions;
use crate::refresh::RefreshMetrics;
use crate::uploads::UploadSettings;

/// The settings of a function: its configuration, signing credentials, destination of metrics, and the extensions of the
/// application.
#[non_exhaustive]
pub struct FunctionSettings {
    /// The configuration from `upsign.toml` and the variables.
    pub config: Config,
    pub(crate) signer: SignerCredentials,
    pub(crate) metrics: Option<emf::WriteLine>,
    pub(crate) authorize: Option<Arc<dyn Authorize>>,
    pub(crate) observers: Vec<Box<dyn UploadObserver>>,
    pub(crate) service_account: Option<Arc<dyn Presigner>>,
    pub(crate) uploads: UploadSettings,
    pub(crate) extensions: Extensions,
    /// Shared by the API, which records the expiry, and by [`CredentialsEnd`].
    pub(crate) last_expiry: LastExpiry,
    pub(crate) refreshes: RefreshMetrics,
}

/// The credentials that sign.
#[derive(Debug)]
pub(crate) enum SignerCredentials {
    /// Fixed credentials, usually those of the function's role, whose variables do not state an expiry.
    Fixed {
        credentials: Credentials,
        /// When the process received them. Their assumed life begins then.
        received_at: Timestamp,
    },
    /// A source whose credentials state their expiry.
    Source(Box<dyn CredentialsSource>),
}

impl FunctionSettings {
    /// Creates settings from a configuration and credentials that the program has read itself. Metrics go to standard
    /// output.
    ///
    /// If the expiry of the credentials is assumed, their life begins now: call it when the process starts.
    #[must_use]
    pub fn new(config: Config, credentials: Credentials) -> Self {
        Self::received_at(config, credentials, SystemClock.now())
    }

    /// Creates settings like [`new`](Self::new), for credentials that the process received at `received_at`, such as the time
    /// of a test's clock. The assumed life of the credentials begins then.
    #[must_use]
    pub fn received_at(config: Config, credentials: Credentials, received_at: Timestamp) -> Self {
        let settings = Self::from_signer(config, SignerCredentials::Fixed { credentials, received_at });
        settings.last_expiry.record(settings.fixed_expiry());
        settings
    }

    /// Returns the expiry of fixed credentials, known or assumed.
    fn fixed_expiry(&self) -> Expiry {
        match (&self.signer, self.config.unknown_expiry()) {
            (SignerCredentials::Fixed { credentials, received_at }, Some(UnknownExpiry::Assume(seconds)))
                if credentials.expiry() == Expiry::Unknown =>
            {
                Expiry::AtMost(received_at.saturating_add(seconds))
            }
            (SignerCredentials::Fixed { credentials, .. }, _) => credentials.expiry(),
            (SignerCredentials::Source(_), _) => Expiry::Unknown,
        }
    }

    fn from_signer(config: Config, signer: SignerCredentials) -> Self {
        Self {
            config,
            signer,
            metrics: Some(Arc::new(emf::standard_output)),
            authorize: None,
            observers: Vec::new(),
            service_account: None,
            uploads: UploadSettings::default(),
            extensions: Extensions::default(),
            last_expiry: LastExpiry::default(),
            refreshes: RefreshMetrics::default(),
        }
    }

    /// Signs with the credentials of `source`, for example those of an assumed role.
    #[must_use]
    pub fn with_credentials_source(self, source: impl CredentialsSource + 'static) -> Self {
        // Nothing is known about its credentials before it is called.
        let (signer, last_expiry) = (SignerCredentials::Source(Box::new(source)), LastExpiry::default());
        Self { signer, last_expiry, ..self }
    }

    /// Signs routes with `signature = "goog4-rsa"` with the key of a service account of Google Cloud: with the `Goog4Rsa` of
    /// `upsign-gcs`. Such routes need it.
    #[must_use]
    pub fn with_service_account(self, presigner: impl Presigner + 'static) -> Self {
        Self { service_account: Some(Arc::new(presigner)), ..self }
    }

    /// Sets the keys of the tokens of multipart uploads, in place of the secrets that `token.keys` names.
    #[must_use]
    pub fn with_token_keys(mut self, keys: TokenKeys) -> Self {
        self.uploads.keys = Some(keys);
        self
    }

    /// Loads the secrets that `token.keys` names and derives the keys of upload tokens, if a route has upload tokens and
    /// [`with_token_keys`](Self::with_token_keys) was not called. Feature `multipart`.
    ///
    /// Only secrets in AWS Secrets Manager need it: those in variables and files are read when the function is created. The calls
    /// are signed with the credentials of the function's role, also if another role signs the uploads. [`load`](load()) does the same.
    ///
    /// # Errors
    /// Returns [`InvalidTokenSecrets`] if `token.keys` is not set, or if a secret cannot be loaded or is not valid.
    #[cfg(feature = "multipart")]
    pub async fn load_token_keys(self) -> Result<Self, InvalidTokenSecrets> {
        if !self.config.needs_store() || self.uploads.keys.is_some() {
            return Ok(self);
        }
        let (config, at) = (&self.config, SystemClock.now());
        let keys = match (environment_credentials(variable), &self.signer) {
            (Ok(role), _) => config.load_token_keys(variable, role, at).await?,
            (_, SignerCredentials::Fixed { credentials, .. }) => {
                config.load_token_keys(variable, credentials.clone(), at).await?
            }
            (_, SignerCredentials::Source(source)) => config.load_token_keys(variable, source, at).await?,
        };
        Ok(self.with_token_keys(keys))
    }

    /// Makes the calls of multipart uploads to the stores in another way than over HTTP with the function's signer. `create` is
    /// called once for each route with multipart uploads, and returns calls to the target of its policy.
    #[must_use]
    pub fn with_objects(
        mut self,
        create: impl Fn(&RouteConfig) -> Arc<dyn ObjectCalls> + Send + Sync + 'static,
    ) -> Self {
        self.uploads.objects = Some(Arc::new(create));
        self
    }

    /// Passes each line of metrics (CloudWatch's embedded metric format) to `write`, in place of standard output.
    #[must_use]
    pub fn with_metrics_to(self, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { metrics: Some(Arc::new(write)), ..self }
    }

    /// Disables metrics.
    #[must_use]
    pub fn without_metrics(self) -> Self {
        Self { metrics: None, ..self }
    }

    /// Returns when the credentials end and the process has to be replaced. See [`CredentialsEnd`].
    ///
    /// Call it after [`with_credentials_source`](Self::with_credentials_source): credentials of a source do not end.
    #[must_use]
    pub fn credentials_end(&self) -> CredentialsEnd {
        match self.signer {
            SignerCredentials::Fixed { .. } => {
                CredentialsEnd::at(self.last_expiry.clone(), self.config.min_expires_in().as_secs())
            }
            SignerCredentials::Source(_) => CredentialsEnd::NEVER,
        }
    }

    /// Sets the application's authorization for every route.
    #[must_use]
    pub fn with_authorizer(self, authorize: impl Authorize + 'static) -> Self {
        Self { authorize: Some(Arc::new(authorize)), ..self }
    }

    /// Adds an observer of grants and refusals.
    #[must_use]
    pub fn with_observer(mut self, observer: impl UploadObserver + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }
}

impl fmt::Debug for FunctionSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionSettings")
            .field("config", &self.config)
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}

/// The reason why the environment does not describe a function.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvironment {
    /// The configuration file cannot be read. Holds its path.
    #[error("cannot read {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The configuration file or a variable is not valid. The source lists every problem with its place.
    #[error("the configuration is not valid")]
    Config(#[from] InvalidConfig),
    /// A variable has an unknown value. Holds its name and the known values.
    #[error("{0} must be {1}")]
    Value(&'static str, &'static str),
    /// The credentials cannot be loaded.
    #[error("no credentials could be loaded")]
    Credentials(#[from] LoadCredentialsError),
    /// A route has multipart uploads, and the secrets of their tokens cannot be loaded.
    #[error("uploads with upload tokens cannot be served")]
    TokenKeys(#[from] InvalidTokenSecrets),
    /// A variable selects the provider chain or a role, but the function was built without the feature `chain`. Holds the
    /// name of the variable.
    #[error(
        "{0} is set, but this function was built without the feature `chain` of upsign-lambda: enable it, or unset the \
         variable"
    )]
    WithoutChain(&'static str),
}

/// Reads the settings of a function from its environment.
///
/// | setting | source |
/// | --- | --- |
/// | configuration | the file `UPSIGN_CONFIG`, or `upsign.toml` in `LAMBDA_TASK_ROOT`; `UPSIGN_…` variables override it, and suffice without a file |
/// | credentials | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, which Lambda sets to those of the function's role |
/// | secrets of upload tokens | the variables and files that `token.keys` names, if a route has multipart uploads; with `load` and the feature `multipart` also AWS Secrets Manager |
/// | metrics | `UPSIGN_METRICS`: `emf` (default) or `off` |
///
/// The credentials are those of an AWS role. For a store other than S3 see the
/// [crate documentation](crate#stores-other-than-s3).
///
/// With the feature `chain`, `load` can also assume a role. `UPSIGN_CREDENTIALS` must be `env` here, or not set.
///
/// # Errors
/// Returns [`InvalidEnvironment`] if a setting is missing or invalid. The function should then exit, so that a wrong
/// deployment fails at its start and not with the first request.
pub fn read() -> Result<FunctionSettings, InvalidEnvironment> {
    if let Some(name) = chain_variable(variable)? {
        return Err(InvalidEnvironment::WithoutChain(name));
    }
    let config = config()?;
    let credentials = environment_credentials(variable)?;
    with_metrics_variable(FunctionSettings::new(config, credentials))
}

/// Reads the settings like [`read`]; with the feature `multipart` also secrets of upload tokens in AWS Secrets Manager, and with
/// the feature `chain` credentials from a role or from the AWS provider chain.
///
/// With `UPSIGN_ASSUME_ROLE`, the function assumes that role through STS (with `UPSIGN_EXTERNAL_ID`, if set) and signs with
/// its credentials. With `UPSIGN_CREDENTIALS=chain`, it signs with the credentials that the provider
/// chain finds, for example those of a container. Both state their expiry, so grants have an exact lifetime. With
/// `UPSIGN_CREDENTIALS=env`, or without it, it signs with those of the function's role.
///
/// # Errors
/// Returns [`InvalidEnvironment`] if a setting is missing or invalid, including another value of `UPSIGN_CREDENTIALS`, if the
/// provider chain finds no credentials, or if a secret of upload tokens cannot be loaded.
#[cfg(any(feature = "chain", feature = "cloudfront", feature = "multipart"))]
pub async fn load() -> Result<FunctionSettings, InvalidEnvironment> {
    let settings = load_without_reads().await?;
    #[cfg(feature = "cloudfront")]
    let settings = settings.load_read_signer().await;
    Ok(settings)
}

/// Reads the settings like [`load`](load()), without the private key of `[cloudfront]`: for a function that answers no clients, such as
/// `EventFunction`. Its role in a generated stack may not read this key.
///
/// # Errors
/// Returns [`InvalidEnvironment`] as [`load`](load()) does.
#[cfg(any(feature = "chain", feature = "cloudfront", feature = "multipart"))]
pub async fn load_without_reads() -> Result<FunctionSettings, InvalidEnvironment> {
    #[cfg(feature = "chain")]
    let settings = match chain_variable(variable)? {
        Some(_) => read_with_chain().await?,
        None => read()?,
    };
    #[cfg(not(feature = "chain"))]
    let settings = read()?;
    #[cfg(feature = "multipart")]
    let settings = settings.load_token_keys().await?;
    Ok(settings)
}

/// Reads the settings, with credentials of a role or of the AWS provider chain.
#[cfg(feature = "chain")]
async fn read_with_chain() -> Result<FunctionSettings, InvalidEnvironment> {
    use upsign_http::{RefreshAttempt, RefreshLog};

    let config = config()?;
    let (role_arn, external_id) = (variable("UPSIGN_ASSUME_ROLE"), variable("UPSIGN_EXTERNAL_ID"));
    let mut options = upsign_config::ChainOptions::default();
    options.role_arn = role_arn.as_deref();
    options.external_id = external_id.as_deref();
    // Lambda suspends the process as soon as it has responded, and a background refresh with it.
    options.blocking_refresh = true;
    let refreshes = RefreshMetrics::default();
    let (log, metrics) = (RefreshLog::credentials(), refreshes.clone());
    let source = config.chain_source(options).await?.with_observer(move |status| {
        let at = SystemClock.now();
        log.record(&RefreshAttempt {
            error: status.last_error.as_deref().map(|error| error as _),
            consecutive_failures: status.consecutive_failures,
            next_attempt: status.next_attempt,
            is_usable: status.is_usable,
            at,
        });
        if status.last_error.is_some() {
            metrics.count("CredentialsRefreshFailures", None, at);
        }
    });
    let settings = FunctionSettings::from_signer(config, SignerCredentials::Source(Box::new(source)));
    with_metrics_variable(FunctionSettings { refreshes, ..settings })
}

/// Returns the name of the variable that selects a role or the provider chain, or `None` if the variables of the function's
/// role sign.
fn chain_variable(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<&'static str>, InvalidEnvironment> {
    let chain = match variable("UPSIGN_CREDENTIALS").as_deref() {
        None | Some("env") => None,
        Some("chain") => Some("UPSIGN_CREDENTIALS"),
        Some(_) => return Err(InvalidEnvironment::Value("UPSIGN_CREDENTIALS", "`env` or `chain`")),
    };
    Ok(variable("UPSIGN_ASSUME_ROLE").map(|_| "UPSIGN_ASSUME_ROLE").or(chain))
}

fn with_metrics_variable(settings: FunctionSettings) -> Result<FunctionSettings, InvalidEnvironment> {
    match variable("UPSIGN_METRICS").as_deref() {
        None | Some("emf") => Ok(settings),
        Some("off") => Ok(settings.without_metrics()),
        Some(_) => Err(InvalidEnvironment::Value("UPSIGN_METRICS", "`emf` or `off`")),
    }
}

fn config() -> Result<Config, InvalidEnvironment> {
    let (name, text) = config_file()?;
    let names = variable_names();
    Ok(Config::read_with_names(&name, &text, variable, names.iter().map(String::as_str))?)
}

/// Returns the value of a variable. An empty value counts as not set, because deployment templates often set one.
#[expect(clippy::disallowed_methods, reason = "an adapter is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the names of all variables that are valid UTF-8.
#[expect(clippy::disallowed_methods, reason = "an adapter is where the environment is read")]
fn variable_names() -> Vec<String> {
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}

/// Returns the name and the text of the configuration file. Only a file that is named explicitly has to exist.
fn config_file() -> Result<(String, String), InvalidEnvironment> {
    let named = variable("UPSIGN_CONFIG").map(PathBuf::from);
    let required = named.is_some();
    let default = || variable("LAMBDA_TASK_ROOT").map(|root| PathBuf::from(root).join("upsign.toml"));
    let Some(path) = named.or_else(default) else { return Ok(("the environment".into(), String::new())) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(error) if !required && error.kind() == io::ErrorKind::NotFound => {
            Ok(("the environment".into(), String::new()))
        }
        Err(error) => Err(InvalidEnvironment::File(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_source_of_credentials_is_refused() {
        let chosen = |source: &str, role: &str| {
            let set = [("UPSIGN_CREDENTIALS", source), ("UPSIGN_ASSUME_ROLE", role)];
            let value = |name: &str| set.iter().find(|(have, _)| *have == name).map(|(_, value)| *value);
            chain_variable(|name| value(name).filter(|value| !value.is_empty()).map(str::to_owned))
        };
        for (source, role, expected) in [
            ("", "", None),
            ("env", "", None),
            ("chain", "", Some("UPSIGN_CREDENTIALS")),
            ("env", "arn:aws:iam::123456789012:role/uploads", Some("UPSIGN_ASSUME_ROLE")),
            ("chain", "arn:aws:iam::123456789012:role/uploads", Some("UPSIGN_ASSUME_ROLE")),
        ] {
            assert_eq!(chosen(source, role).unwrap(), expected, "{source} {role}");
        }
        for unknown in ["profile", "Chain", "AKIDEXAMPLE", " env"] {
            let error = chosen(unknown, "arn:aws:iam::123456789012:role/uploads").unwrap_err();
            assert_eq!(error.to_string(), "UPSIGN_CREDENTIALS must be `env` or `chain`", "{unknown}");
        }
    }
}
