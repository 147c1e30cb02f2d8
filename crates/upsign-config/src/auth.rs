//! The requirements for tokens, and the issuers whose tokens are accepted.

use std::path::PathBuf;
use std::time::Duration;

use upsign_cognito::authorizer::{IamSource, LambdaAuthorizer};
use upsign_cognito::{FetchKeys, InvalidKeySet, StaticKeys, UserPool, Verifier, VerifierConfig};
use upsign_core::{IssuerName, TokenHeader};
use upsign_documents::AuthSource;

/// How callers are identified: `[auth]`, or every `[[auth]]` if there are several issuers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Auth {
    /// The issuers whose tokens are accepted, in the order of the file. Empty if [`gateway`](Self::gateway) is set: then there are
    /// no tokens.
    pub issuers: Vec<AuthIssuer>,
    /// Whether a token is accepted without the word `Bearer`. Default: `false`.
    pub accept_raw_authorization: bool,
    /// The request header that contains the token. Default: `authorization`.
    pub token_header: TokenHeader,
    /// Maximum length of a token in bytes, also in the configuration of each verifier. Default:
    /// [`DEFAULT_MAX_TOKEN_BYTES`](upsign_cognito::DEFAULT_MAX_TOKEN_BYTES).
    pub max_token_bytes: usize,
    /// Time limit of one request for keys. Default: 3 seconds.
    pub fetch_timeout: Duration,
    /// The value of `source`. [`Config::auth_source`](crate::Config::auth_source) returns what it is by default.
    pub source: Option<AuthSource>,
    /// What identifies callers in place of tokens, for `source = "lambda-authorizer"` and `source = "iam"`. Only the events that
    /// the Lambda function receives contain such callers.
    pub gateway: Option<GatewayIdentity>,
}

/// An issuer whose tokens are accepted, and the requirements for its tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthIssuer {
    /// The name of the issuer, for the placeholder `{issuer}` and for messages. Always set if there are several issuers.
    pub name: Option<IssuerName>,
    /// The requirements for a token: issuer, client, use, groups and scopes.
    pub verifier: VerifierConfig,
    /// The user pool, or `None` if the tokens are those of another issuer.
    pub user_pool: Option<UserPool>,
    /// Where the keys come from. [`fetch_keys`](Self::fetch_keys) returns them.
    pub keys: KeysFrom,
    /// Whether keys may be fetched over `http` from any host: the value of `danger_http_keys`. Default: `false`.
    pub allows_http_keys: bool,
}

/// Where the keys of an issuer come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeysFrom {
    /// They are fetched, from the URL that the verifier's configuration contains or from the one that the discovery document of
    /// the issuer names.
    Issuer,
    /// This file, the value of `jwks_file`. The path is relative to the working directory if the configuration was read with a
    /// relative name.
    File(PathBuf),
    /// This key set, the value of `jwks`: a JSON document.
    Inline(Box<str>),
}

/// What identifies a caller in events of the Lambda function, in place of a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GatewayIdentity {
    /// The context of a Lambda authorizer of the API.
    LambdaAuthorizer(LambdaAuthorizer),
    /// The IAM credentials with which the caller signed the request to the API.
    Iam(IamSource),
}

/// The reason the keys of `auth.jwks_file` or `auth.jwks` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadKeysError {
    /// The file cannot be read.
    #[error("cannot read {}, the value of auth.jwks_file", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is not a key set, or has no key for an algorithm of `auth.algorithms`.
    #[error("{}, the value of auth.jwks_file, cannot be used", path.display())]
    Invalid {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: InvalidKeySet,
    },
    /// The value of `auth.jwks` is not a key set, or has no key for an algorithm of `auth.algorithms`.
    #[error("the key set in auth.jwks cannot be used")]
    InvalidInline(#[source] InvalidKeySet),
}

impl Auth {
    /// Returns the issuer if there is exactly one.
    #[must_use]
    pub fn only_issuer(&self) -> Option<&AuthIssuer> {
        match &*self.issuers {
            [issuer] => Some(issuer),
            _ => None,
        }
    }
}

impl AuthIssuer {
    /// Returns what a [`Verifier`] fetches keys with: the file `jwks_file`, which is read now, or the key set in `jwks`, or else
    /// `fetcher`.
    ///
    /// # Errors
    /// Returns [`ReadKeysError`] if the file cannot be read, or has no key for the algorithms that the configuration accepts.
    pub fn fetch_keys(&self, fetcher: impl FetchKeys + 'static) -> Result<Box<dyn FetchKeys>, ReadKeysError> {
        match &self.keys {
            KeysFrom::Issuer => Ok(Box::new(fetcher)),
            KeysFrom::Inline(document) => {
                self.static_keys(document.as_bytes().to_vec()).map_err(ReadKeysError::InvalidInline)
            }
            KeysFrom::File(path) => {
                let document = std::fs::read(path)
                    .map_err(|source| ReadKeysError::Unreadable { path: path.clone(), source })?;
                let invalid = |source| ReadKeysError::Invalid { path: path.clone(), source };
                self.static_keys(document).map_err(invalid)
            }
        }
    }

    /// Returns a fetcher of these keys, once a verifier has checked that the set has a key for the accepted algorithms. The
    /// fetcher alone would accept any set.
    fn static_keys(&self, document: Vec<u8>) -> Result<Box<dyn FetchKeys>, InvalidKeySet> {
        drop(Verifier::with_static_keys(self.verifier.clone(), document.clone())?);
        StaticKeys::new(document).map(|keys| Box::new(keys) as Box<dyn FetchKeys>)
    }
}
