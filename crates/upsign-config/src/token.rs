//! The secrets from which the keys of upload tokens are derived: where they are, and how a program loads them.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use upsign::session::{InvalidTokenKeys, TokenKeys};
use zeroize::Zeroizing;

use crate::arn::{self, InvalidArn};
use crate::config::Config;

/// The values of `[token]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenConfig {
    pub(crate) sources: Vec<TokenSecretSource>,
    pub(crate) deployment: Box<str>,
}

impl TokenConfig {
    /// The name of the deployment if the file sets none.
    const DEFAULT_DEPLOYMENT: &str = "default";
}

impl Default for TokenConfig {
    fn default() -> Self {
        Self { sources: Vec::new(), deployment: Self::DEFAULT_DEPLOYMENT.into() }
    }
}

/// Where a secret of upload tokens is, an item of `token.keys`. It contains no secret.
///
/// `Display` writes it as in the file, for example `env:UPSIGN_TOKEN_SECRET`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenSecretSource {
    /// `env:NAME`: the value of this environment variable.
    Env(Box<str>),
    /// `file:PATH`: the content of this file, for example one that Kubernetes or systemd mounts. A relative path of the
    /// configuration was joined to the folder of its file.
    File(PathBuf),
    /// `secretsmanager:ARN`: a secret of AWS Secrets Manager.
    SecretsManager(SecretArn),
}

/// The ARN of a secret of AWS Secrets Manager.
///
/// ```
/// use upsign_config::SecretArn;
///
/// let arn: SecretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf".parse()?;
/// assert_eq!(arn.region(), "eu-central-1");
/// # Ok::<(), upsign_config::arn::InvalidArn>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html#iam-resources>.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretArn {
    text: Box<str>,
    region: Box<str>,
}

impl SecretArn {
    /// Returns the ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the region in which the secret is stored.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl FromStr for SecretArn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let region = arn::secret(text)?.region;
        Ok(Self { text: text.into(), region: region.into() })
    }
}

impl fmt::Display for SecretArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The reason why a secret cannot be loaded. No message contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadSecretError {
    /// The variable of an `env:` source is not set, or is empty. Holds its name.
    #[error("the variable {0} is not set or empty: set it to what `openssl rand -base64 32` prints")]
    NotSet(Box<str>),
    /// The file of a `file:` source cannot be read.
    #[error("the file {} cannot be read", path.display())]
    Unreadable {
        /// The absolute path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The program does not support `secretsmanager:` sources.
    #[error("{0} cannot be read: this program does not call AWS Secrets Manager")]
    NoSecretsManager(SecretArn),
    /// AWS Secrets Manager did not return the secret.
    #[error("{arn} cannot be read")]
    SecretsManager {
        /// The ARN of the secret.
        arn: SecretArn,
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The reason why a configuration gives no keys of upload tokens. Indices start at 0; messages count
/// items from 1, like the problems of a file. No message contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTokenSecrets {
    /// `token.keys` is not set.
    #[error(
        "token.keys is not set: write keys = [\"env:UPSIGN_TOKEN_SECRET\"] below [token], and set the variable to what \
         `openssl rand -base64 32` prints"
    )]
    NoKeys,
    /// A secret cannot be loaded.
    #[error("token.keys: item {}", index + 1)]
    Load {
        /// The index of the secret.
        index: usize,
        /// The reason.
        source: LoadSecretError,
    },
    /// A secret is too short to be unpredictable.
    #[error(
        "token.keys: item {}: {name} has {len} bytes, but at least 32 are required: set it to what `openssl rand -base64 32` \
         prints",
        index + 1
    )]
    TooShort {
        /// The index of the secret.
        index: usize,
        /// The variable, the file or the ARN.
        name: Box<str>,
        /// The length of the secret in bytes.
        len: usize,
    },
    /// Two sources hold the same secret.
    #[error(
        "token.keys: item {}: {name} has the same value as item {}: remove one of them",
        index + 1,
        first + 1
    )]
    Repeated {
        /// The index of the second secret.
        index: usize,
        /// The variable, the file or the ARN of the second secret.
        name: Box<str>,
        /// The index of the first secret.
        first: usize,
    },
    /// The keys cannot be derived for another reason.
    #[error("the keys of upload tokens cannot be derived")]
    Keys(#[source] InvalidTokenKeys),
}

/// Maximum size of the file of a `file:` source. A secret of more bytes would not be safer.
const MAX_FILE: u64 = 64 << 10;

impl TokenSecretSource {
    /// Reads the secret of an `env:` or `file:` source. `variable` returns the value of an environment variable; this crate does
    /// not access the environment.
    ///
    /// # Errors
    /// Returns [`LoadSecretError`] if the variable is not set or empty, if the file cannot be read or has more than 64 KiB, and
    /// for every `secretsmanager:` source: see [`Config::token_keys_from`].
    pub fn read(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Zeroizing<Vec<u8>>, LoadSecretError> {
        match self {
            Self::Env(name) => {
                let value = variable(name).filter(|value| !value.is_empty());
                value
                    .map(|value| value.into_bytes().into())
                    .ok_or_else(|| LoadSecretError::NotSet(name.clone()))
            }
            Self::File(path) => {
                let place = || std::path::absolute(path).unwrap_or_else(|_| path.clone());
                read_file(path).map_err(|source| LoadSecretError::Unreadable { path: place(), source })
            }
            Self::SecretsManager(arn) => Err(LoadSecretError::NoSecretsManager(arn.clone())),
        }
    }

    /// Returns the variable, the path or the ARN, for messages.
    fn name(&self) -> Box<str> {
        match self {
            Self::Env(name) => name.clone(),
            Self::File(path) => path.display().to_string().into(),
            Self::SecretsManager(arn) => arn.as_str().into(),
        }
    }
}

fn read_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut content = Zeroizing::new(Vec::new());
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut content)?;
    match content.len() as u64 > MAX_FILE {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "a secret has at most 64 KiB")),
        false => Ok(content),
    }
}

impl fmt::Display for TokenSecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::SecretsManager(arn) => write!(f, "secretsmanager:{arn}"),
        }
    }
}

impl Config {
    /// Returns where the secrets of upload tokens are, in the order of `token.keys`: the first signs, and all verify. It is empty
    /// if the file has none; routes with multipart uploads then cannot be served.
    #[must_use]
    pub fn token_sources(&self) -> &[TokenSecretSource] {
        &self.token.sources
    }

    /// Returns the name of the deployment for which upload tokens are valid: `token.deployment`, or `default`.
    #[must_use]
    pub fn token_deployment(&self) -> &str {
        &self.token.deployment
    }

    /// Derives the keys of upload tokens from the secrets that `load` returns. One line break at the end of a secret is ignored,
    /// because files end with one.
    ///
    /// ```
    /// use upsign_config::{Config, initial_file};
    ///
    /// let text = format!("{}\n[token]\nkeys = [\"env:UPSIGN_TOKEN_SECRET\"]\n", initial_file());
    /// let config = Config::read("upsign.toml", &text, |_| None)?;
    /// // A program passes `|name| std::env::var(name).ok()`.
    /// let variable = |_: &str| Some("what openssl rand -base64 32 prints".to_owned());
    /// let keys = config.token_keys(|source| source.read(variable))?;
    /// assert_eq!(keys.key_ids().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidTokenSecrets`] if `token.keys` is not set, if `load` fails, or if a secret has less than 32 bytes or occurs
    /// twice.
    pub fn token_keys(
        &self,
        load: impl Fn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
    ) -> Result<TokenKeys, InvalidTokenSecrets> {
        let sources = self.token_sources();
        self.derive_keys(sources.iter().map(load).collect())
    }

    /// Derives the keys of upload tokens like [`token_keys`](Self::token_keys), from secrets that are not on this machine. The
    /// secrets are loaded one after the other.
    ///
    /// # Errors
    /// Returns the errors of [`token_keys`](Self::token_keys).
    pub async fn token_keys_from(
        &self,
        load: impl AsyncFn(&TokenSecretSource) -> Result<Zeroizing<Vec<u8>>, LoadSecretError>,
    ) -> Result<TokenKeys, InvalidTokenSecrets> {
        let mut secrets = Vec::with_capacity(self.token_sources().len());
        for source in self.token_sources() {
            secrets.push(load(source).await);
        }
        self.derive_keys(secrets)
    }

    fn derive_keys(
        &self,
        loaded: Vec<Result<Zeroizing<Vec<u8>>, LoadSecretError>>,
    ) -> Result<TokenKeys, InvalidTokenSecrets> {
        let failure = |(index, result): (usize, Result<_, _>)| {
            result.map_err(|source| InvalidTokenSecrets::Load { index, source })
        };
        let secrets: Vec<Zeroizing<Vec<u8>>> =
            loaded.into_iter().enumerate().map(failure).collect::<Result<_, _>>()?;
        let secrets = secrets.iter().map(|secret| without_line_break(secret));
        TokenKeys::new(self.token_deployment(), secrets).map_err(|error| self.invalid_keys(error))
    }

    /// Names the source of a secret that is not valid. Positions of [`InvalidTokenKeys`] start at 1.
    fn invalid_keys(&self, error: InvalidTokenKeys) -> InvalidTokenSecrets {
        let name =
            |index: usize| self.token_sources().get(index).map(TokenSecretSource::name).unwrap_or_default();
        match error {
            InvalidTokenKeys::NoSecret => InvalidTokenSecrets::NoKeys,
            InvalidTokenKeys::SecretTooShort { position, len } => {
                let index = position.saturating_sub(1);
                InvalidTokenSecrets::TooShort { index, name: name(index), len }
            }
            InvalidTokenKeys::DuplicateSecret { position, first } => {
                let index = position.saturating_sub(1);
                InvalidTokenSecrets::Repeated { index, name: name(index), first: first.saturating_sub(1) }
            }
            other => InvalidTokenSecrets::Keys(other),
        }
    }
}

fn without_line_break(secret: &[u8]) -> &[u8] {
    let line = secret.strip_suffix(b"\n").unwrap_or(secret);
    if line.len() < secret.len() { line.strip_suffix(b"\r").unwrap_or(line) } else { line }
}
