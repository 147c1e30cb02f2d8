//! The constructors of a function from its settings, and what can prevent its start.

use std::sync::Arc;

use upsign::SigV4;
use upsign_cognito::authorizer::IdentitySource;
use upsign_config::{Auth, AuthSource, BuildServiceError, LoadCredentialsError, ReadKeysError};
use upsign_core::{CredentialsSource, WithCredentials};
use upsign_http::Api;

use crate::credentials::ExpiryRecorder;
use crate::emf::Emf;
use crate::environment::{FunctionSettings, SignerCredentials};
use crate::function::UploadFunction;

/// The reason why a function cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration has no `[auth]` section, so no token would be accepted.
    #[error(
        "the configuration has no [auth] section: set auth.user_pool, auth.client_ids and auth.token_use"
    )]
    NoAuth,
    /// The configuration makes the function verify tokens ([`AuthSource::Token`]), but the feature `verify` is disabled.
    #[error(
        "the function must verify tokens itself, because {0}: build it with the feature `verify` of upsign-lambda"
    )]
    VerifyDisabled(Box<str>),
    /// The credentials cannot be used, for example because their expiry is unknown.
    #[error("the credentials cannot be used")]
    Credentials(#[from] LoadCredentialsError),
    /// The file of `auth.jwks_file` cannot be used.
    #[error("the keys of the issuer cannot be used")]
    Keys(#[from] ReadKeysError),
    /// The configuration does not describe a valid service.
    #[error("the configuration cannot be served")]
    Service(#[from] BuildServiceError),
}

/// The presigner of a function that is created from [`FunctionSettings`].
pub type RoleSigner = Arc<WithCredentials<SigV4, Box<dyn CredentialsSource>>>;

impl UploadFunction<RoleSigner> {
    /// Creates the function of the deployment that `upsign.toml` describes:
    /// [`Config::auth_source`](crate::Config::auth_source) decides whether the function verifies tokens itself, or takes the
    /// claims that the authorizer of the API has verified.
    ///
    /// The generated templates follow the same decision and set the variable `UPSIGN_AUTH_SOURCE` to it. The same program
    /// therefore runs behind a REST API, an HTTP API, a function URL and a load balancer. Enable the feature `verify`: without
    /// it, the function can only run behind an authorizer.
    ///
    /// The decision never depends on the event. A function that trusts the authorizer answers 401 if the API has no
    /// authorizer.
    ///
    /// # Errors
    /// Returns [`StartError::VerifyDisabled`] if the function must verify tokens and the feature `verify` is disabled, and the
    /// errors of [`behind_authorizer`](Self::behind_authorizer).
    pub fn configured(settings: FunctionSettings) -> Result<Self, StartError> {
        match settings.config.auth_source() {
            AuthSource::Authorizer => Self::behind_authorizer(settings),
            #[cfg(feature = "verify")]
            _ => Self::verifying_tokens(settings),
            #[cfg(not(feature = "verify"))]
            _ if settings.config.auth().is_none() => Err(StartError::NoAuth),
            #[cfg(not(feature = "verify"))]
            _ => Err(StartError::VerifyDisabled(settings.config.auth_source_reason().into())),
        }
    }

    /// Creates a function behind an API Gateway whose authorizer verifies the token: the Cognito authorizer of a REST API, or
    /// the JWT authorizer of an HTTP API.
    ///
    /// The function checks issuer, client id, use and expiry of the claims again, against `[auth]`.
    ///
    /// # Errors
    /// Returns [`StartError`] if the configuration has no `[auth]`, if the expiry of the credentials is unknown, or if the
    /// configuration does not describe a valid service.
    pub fn behind_authorizer(settings: FunctionSettings) -> Result<Self, StartError> {
        let issuer = settings.config.auth().and_then(Auth::only_issuer).ok_or(StartError::NoAuth)?;
        let (source, end) = (IdentitySource::Claims(issuer.verifier.clone()), settings.credentials_end());
        Ok(Self::with_identity_source(settings.api()?, source).with_credentials_end(end))
    }

    /// Creates a function that verifies the token itself, behind a function URL, a load balancer or an API without an
    /// authorizer.
    ///
    /// The keys of the issuer are fetched within the request that needs them: Lambda freezes the process between requests, so
    /// a refresh in the background would never finish.
    ///
    /// # Errors
    /// Returns [`StartError`] in the same cases as [`behind_authorizer`](Self::behind_authorizer), and if the file of
    /// `auth.jwks_file` cannot be used.
    #[cfg(feature = "verify")]
    pub fn verifying_tokens(settings: FunctionSettings) -> Result<Self, StartError> {
        use upsign::{Clock, SystemClock};
        use upsign_cognito::{HttpFetch, Verifier};
        use upsign_http::{BearerToken, RefreshAttempt, RefreshLog};

        let auth = settings.config.auth().ok_or(StartError::NoAuth)?;
        let issuer = auth.only_issuer().ok_or(StartError::NoAuth)?;
        let (log, metrics) = (RefreshLog::keys(), settings.refreshes.clone());
        let verifier = Verifier::new(issuer.verifier.clone(), issuer.fetch_keys(HttpFetch::new())?)
            .with_blocking_refresh()
            .with_keys_observer(move |status| {
                let (at, error) = (SystemClock.now(), status.error());
                log.record(&RefreshAttempt {
                    error: error.as_ref().map(|error| error as _),
                    consecutive_failures: status.consecutive_failures,
                    next_attempt: status.next_attempt,
                    is_usable: status.is_usable,
                    at,
                });
                if status.last_error.is_some() {
                    metrics.count("JwksRefreshFailures", at);
                }
            });
        let bearer = BearerToken::new(verifier);
        let bearer = if auth.accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
        let end = settings.credentials_end();
        Ok(Self::with_authenticator(settings.api()?, bearer).with_credentials_end(end))
    }
}

impl FunctionSettings {
    /// Creates the API for a function with routes of its own: with the configuration, credentials, lines of metrics and
    /// extensions of these settings, as in the constructors of [`UploadFunction`].
    ///
    /// Pass it to [`UploadFunction::with_identity_source`] or [`UploadFunction::with_authenticator`], and pass every event
    /// that is not for another route to [`UploadFunction::answer`]. Or call [`Api::handle`] with requests that another crate
    /// has read. The [crate documentation](crate#routes-of-your-own) has an example. Take
    /// [`credentials_end`](Self::credentials_end) first, so that the process ends with its credentials.
    ///
    /// # Errors
    /// Returns [`StartError`] if the expiry of the credentials is unknown, or if the configuration does not describe a valid
    /// service. `[auth]` is not required, because the caller decides how callers are authenticated.
    pub fn api(self) -> Result<Api<RoleSigner>, StartError> {
        let Self { config, signer, metrics, authorize, observers, last_expiry, refreshes } = self;
        let source = match signer {
            SignerCredentials::Fixed { credentials, received_at } => {
                config.credentials_source(credentials, received_at)?
            }
            SignerCredentials::Source(source) => source,
        };
        let source: Box<dyn CredentialsSource> = Box::new(ExpiryRecorder::new(source, last_expiry.clone()));
        let presigner = WithCredentials::new(SigV4::new(), source);
        let mut service = config.service_with_authorizer(presigner, |_| authorize.clone())?;
        for observer in observers {
            service = service.with_observer(observer);
        }
        if let Some(write) = metrics {
            refreshes.write_to(Arc::clone(&write));
            service = service.with_observer(Emf::new(last_expiry, write));
        }
        Ok(Api::new(service, config.origins().clone())
            .with_allow_headers(config.allow_headers())
            .with_base_path(config.base_path().clone()))
    }
}
