//! What a function finds in its environment.

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fmt, fs, io};

use upsign_config::{Config, InvalidConfig};
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, InvalidCredentials};

use crate::emf;

/// A configuration, whose credentials sign, and where metrics go.
#[non_exhaustive]
pub struct Start {
    /// What `upsign.toml` and the variables say.
    pub config: Config,
    pub(crate) signer: Signer,
    pub(crate) metrics: Option<emf::WriteLine>,
}

/// Whose credentials sign.
#[derive(Debug)]
pub(crate) enum Signer {
    /// Those of the function's role, as they stand in the environment: nobody says when they end.
    Role(Credentials),
    /// Those of a source that says when they end.
    Source(Box<dyn CredentialsSource>),
}

impl Start {
    /// A configuration and credentials that you have read elsewhere. Metrics go to standard output.
    #[must_use]
    pub fn new(config: Config, credentials: Credentials) -> Self {
        Self { config, signer: Signer::Role(credentials), metrics: Some(Arc::new(emf::standard_output)) }
    }

    /// The same with credentials of another source: an assumed role's, say, which say when they end.
    #[must_use]
    pub fn with_source(self, source: impl CredentialsSource + 'static) -> Self {
        Self { signer: Signer::Source(Box::new(source)), ..self }
    }

    /// The same, handing each line of metrics (CloudWatch's embedded metric format) to `write`.
    #[must_use]
    pub fn with_metrics_to(self, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { metrics: Some(Arc::new(write)), ..self }
    }

    /// The same without metrics.
    #[must_use]
    pub fn without_metrics(self) -> Self {
        Self { metrics: None, ..self }
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("config", &self.config)
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvironment {
    /// The file that `UPSIGN_CONFIG` names cannot be read.
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The configuration is wrong.
    #[error("the configuration is not valid")]
    Config(#[from] InvalidConfig),
    /// A variable that Lambda itself sets is absent.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable has a value that means nothing.
    #[error("{0} is neither {1}")]
    Value(&'static str, &'static str),
    /// The credentials are none.
    #[error("the credentials in the environment are not valid")]
    Credentials(#[from] InvalidCredentials),
    /// The provider chain gives none.
    #[error("the provider chain has no credentials")]
    Chain(#[from] CredentialsError),
    /// `UPSIGN_ASSUME_ROLE` or `UPSIGN_CREDENTIALS` asks for more than this build can.
    #[error("{0} is set, and this function was built without the feature `chain` of upsign-lambda")]
    WithoutChain(&'static str),
}

/// Reads `UPSIGN_CONFIG`, else `upsign.toml` in `LAMBDA_TASK_ROOT`, else variables alone; and the role's credentials
/// from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. `UPSIGN_METRICS=off` leaves metrics out.
///
/// With the feature `chain`, [`load`] also assumes a role.
///
/// # Errors
/// [`InvalidEnvironment`]; a function should end with it, so that a bad deployment fails at once.
pub fn read() -> Result<Start, InvalidEnvironment> {
    if let Some(name) = CHAIN.into_iter().find(|name| asks_for_chain(name)) {
        return Err(InvalidEnvironment::WithoutChain(name));
    }
    let config = config()?;
    metrics(Start::new(config, credentials()?))
}

/// The same, and one variable further: with `UPSIGN_ASSUME_ROLE` the credentials of that role, assumed through STS with the
/// function's own; with `UPSIGN_CREDENTIALS=chain` whatever AWS's provider chain finds, a container's for example. Both say
/// when they end, so grants do too.
///
/// # Errors
/// [`InvalidEnvironment`].
#[cfg(feature = "chain")]
pub async fn load() -> Result<Start, InvalidEnvironment> {
    use upsign_aws::{AssumeRole, ProviderChain};
    use upsign_core::SAFETY_MARGIN;

    if !CHAIN.into_iter().any(asks_for_chain) {
        return read();
    }
    let config = config()?;
    // A configuration has a route.
    let region = config.policies().next().map(|policy| policy.target().region().clone());
    let region = region.ok_or(InvalidEnvironment::Missing("UPSIGN_REGION"))?;
    let chain = match variable("UPSIGN_ASSUME_ROLE") {
        Some(arn) => {
            let mut role = AssumeRole::new(arn, "upsign");
            if let Some(id) = variable("UPSIGN_EXTERNAL_ID") {
                role = role.with_external_id(id);
            }
            ProviderChain::assume_role(role, None, &region).await
        }
        None => ProviderChain::load(None, &region).await?,
    };
    let longest = config.policies().map(|policy| policy.expires_in().as_secs()).max().unwrap_or_default();
    let longest = u64::from(longest) + u64::from(SAFETY_MARGIN);
    let signer = Signer::Source(Box::new(chain.renew_below(longest)));
    metrics(Start { config, signer, metrics: Some(Arc::new(emf::standard_output)) })
}

const CHAIN: [&str; 2] = ["UPSIGN_ASSUME_ROLE", "UPSIGN_CREDENTIALS"];

fn asks_for_chain(name: &str) -> bool {
    variable(name).is_some_and(|value| value != "env")
}

fn metrics(start: Start) -> Result<Start, InvalidEnvironment> {
    match variable("UPSIGN_METRICS").as_deref() {
        None | Some("emf") => Ok(start),
        Some("off") => Ok(start.without_metrics()),
        Some(_) => Err(InvalidEnvironment::Value("UPSIGN_METRICS", "emf nor off")),
    }
}

fn config() -> Result<Config, InvalidEnvironment> {
    let (name, text) = file()?;
    Ok(Config::read(&name, &text, variable)?)
}

#[expect(clippy::disallowed_methods, reason = "a door is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn file() -> Result<(String, String), InvalidEnvironment> {
    let named = variable("UPSIGN_CONFIG").map(PathBuf::from);
    let required = named.is_some();
    let usual = || variable("LAMBDA_TASK_ROOT").map(|root| PathBuf::from(root).join("upsign.toml"));
    let Some(path) = named.or_else(usual) else { return Ok(("the environment".into(), String::new())) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(error) if !required && error.kind() == io::ErrorKind::NotFound => {
            Ok(("the environment".into(), String::new()))
        }
        Err(error) => Err(InvalidEnvironment::File(path, error)),
    }
}

fn credentials() -> Result<Credentials, InvalidEnvironment> {
    let required = |name| variable(name).ok_or(InvalidEnvironment::Missing(name));
    let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
    Ok(match variable("AWS_SESSION_TOKEN") {
        Some(token) => Credentials::temporary(&id, &secret, &token, Expiry::Unknown)?,
        None => Credentials::long_term(&id, &secret)?,
    })
}
