//! The constructors of a function from its settings, and what can prevent its start.

use std::sync::Arc;

use upsign::UploadService;
use upsign_cognito::authorizer::IdentitySource;
#[cfg(feature = "verify")]
use upsign_config::CreateVerifierError;
#[cfg(feature = "webhooks")]
use upsign_config::OpenWebhookError;
use upsign_config::{
    Auth, AuthSource, BuildServiceError, Config, GatewayIdentity, InvalidTokenSecrets, LoadCredentialsError,
    MissingServiceAccount, OpenQuotaError, Reads, ServiceParts, StorePresigner,
};
use upsign_core::CredentialsSource;
use upsign_core::api_cors::AllowHeaders;
#[cfg(feature = "verify")]
use upsign_http::BearerToken;
use upsign_http::{Api, InvalidDialect};

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
        "the function must verify tokens itself: build it with the feature `verify` of upsign-lambda ({0})"
    )]
    VerifyDisabled(Box<str>),
    /// The constructor is for callers with tokens, but `auth.source` identifies them in another way. Holds the value of
    /// `auth.source`.
    #[error(
        "auth.source = \"{0}\" identifies callers without a token: create the function with UploadFunction::configured or \
         UploadFunction::identified_by_gateway"
    )]
    NoTokens(AuthSource),
    /// The constructor is for callers that the gateway identifies without a token for the function, but the function is to read
    /// tokens or their claims. Holds the value of `auth.source`.
    #[error(
        "auth.source is \"{0}\", expected \"lambda-authorizer\" or \"iam\": create the function with UploadFunction::configured"
    )]
    NoGateway(AuthSource),
    /// The authorizer of a gateway verifies the tokens of one issuer, and the configuration has several. Holds their number.
    #[error(
        "the authorizer of a gateway has one issuer, and [[auth]] lists {0}: create the function with \
         UploadFunction::configured or UploadFunction::verifying_tokens"
    )]
    SeveralIssuers(usize),
    /// The API cannot answer one of `dialects`, for example because no route has what it needs.
    #[error("the API cannot answer what `dialects` lists")]
    Dialect(#[from] InvalidDialect),
    /// The credentials cannot be used, for example because their expiry is unknown.
    #[error("the credentials cannot be used")]
    Credentials(#[from] LoadCredentialsError),
    /// The verifier of the tokens cannot be created, for example because the file of `auth.jwks_file` cannot be read.
    #[cfg(feature = "verify")]
    #[error("tokens cannot be verified")]
    Verifier(#[from] CreateVerifierError),
    /// A route needs the key of a service account, and [`FunctionSettings::with_service_account`] was not called.
    #[error("the function has no service account: call FunctionSettings::with_service_account")]
    ServiceAccount(#[from] MissingServiceAccount),
    /// A route has upload tokens, and their secrets cannot be loaded.
    #[error("uploads with upload tokens cannot be served")]
    TokenKeys(#[from] InvalidTokenSecrets),
    /// A route has multipart uploads or confirms its uploads, but the feature `multipart` is disabled, without which the function
    /// does not call the store. Holds the name of the route; `upload` is the default route.
    #[error(
        "the route {0} has multipart uploads or confirms uploads: build the function with the feature `multipart` of \
         upsign-lambda, or remove `multipart` and `confirm` from the route"
    )]
    MultipartDisabled(Box<str>),
    /// Uploads per day are counted in memory, which every process of the function would do for itself.
    #[error(
        "quota.store = \"memory\" counts in one process, and Lambda runs several: set \"dynamodb\" or \"redis\", or call \
         FunctionSettings::with_quota_store"
    )]
    MemoryQuota,
    /// The store in which uploads per day are counted cannot be used.
    #[error("uploads cannot be counted")]
    Quota(#[from] OpenQuotaError),
    /// The configuration has a `[webhook]` section, but the feature `webhooks` is disabled: nobody would learn what became of an upload.
    #[error(
        "the function would announce nothing: build it with the feature `webhooks` of upsign-lambda, call \
         FunctionSettings::with_announcer, or remove [webhook] from the configuration"
    )]
    WebhooksDisabled,
    /// The messages of `[webhook]` are to wait in the memory of the process, which Lambda suspends after each request.
    #[error(
        "webhook.outbox = \"process\" keeps messages in the memory of one process, and Lambda suspends it after each request: set \
         \"sqs\" and queue_url, or call FunctionSettings::with_announcer"
    )]
    WebhookInProcess,
    /// The function is to deliver the messages of a queue, and the configuration has no `[webhook]` section.
    #[cfg(feature = "webhooks")]
    #[error("the configuration has no [webhook] section, so it does not say where webhooks are sent")]
    NoWebhook,
    /// The queue of `[webhook]` cannot be used, or the secrets with which webhooks are signed cannot be loaded.
    #[cfg(feature = "webhooks")]
    #[error("uploads cannot be announced")]
    Webhook(#[from] OpenWebhookError),
    /// URLs to read uploads through CloudFront cannot be signed as `[cloudfront]` says.
    #[cfg(feature = "cloudfront")]
    #[error("URLs to read uploads through CloudFront cannot be signed as [cloudfront] says")]
    Reads(#[from] upsign_config::OpenReadSignerError),
    /// Uploads are read by signed URLs of CloudFront, but the feature `cloudfront` is disabled.
    #[error(
        "uploads are read by signed URLs of CloudFront: build the function with the feature `cloudfront` of upsign-lambda, or call \
         FunctionSettings::with_read_signer"
    )]
    CloudFrontDisabled,
    /// The configuration does not describe a valid service.
    #[error("the configuration cannot be served")]
    Service(#[from] BuildServiceError),
}

/// The presigner of a function that is created from [`FunctionSettings`].
pub type RoleSigner = Arc<StorePresigner<Box<dyn CredentialsSource>>>;

impl UploadFunction<RoleSigner> {
    /// Creates the function of the deployment that `upsign.toml` describes:
    /// [`Config::auth_source`](crate::Config::auth_source) decides whether the function verifies tokens itself, takes the claims
    /// that the authorizer of the API has verified, the context of a Lambda authorizer, or the caller that IAM has identified.
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
            AuthSource::LambdaAuthorizer | AuthSource::Iam => Self::identified_by_gateway(settings),
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
    /// Returns [`StartError`] if the configuration has no `[auth]`, several `[[auth]]` or an `auth.source` without tokens, if
    /// the expiry of the credentials is unknown, or if the configuration does not describe a valid service.
    pub fn behind_authorizer(settings: FunctionSettings) -> Result<Self, StartError> {
        let auth = auth_with_tokens(&settings)?;
        let issuer = auth.only_issuer().ok_or(StartError::SeveralIssuers(auth.issuers.len()))?;
        let source = IdentitySource::Claims(issuer.verifier.clone());
        Self::trusting_gateway(settings, source)
    }

    /// Creates a function whose callers the API identifies without a token for the function: by a Lambda authorizer
    /// (`auth.source = "lambda-authorizer"`) or by IAM (`auth.source = "iam"`).
    ///
    /// The gateway is trusted: a caller that calls the function in another way than through this API, or through a route without
    /// the authorizer, is rejected, because the event then contains no such caller.
    ///
    /// # Errors
    /// Returns [`StartError`] if the configuration has no `[auth]` or another `auth.source`, if the expiry of the credentials is
    /// unknown, or if the configuration does not describe a valid service.
    pub fn identified_by_gateway(settings: FunctionSettings) -> Result<Self, StartError> {
        let auth = settings.config.auth().ok_or(StartError::NoAuth)?;
        let source = match &auth.gateway {
            Some(GatewayIdentity::LambdaAuthorizer(source)) => {
                IdentitySource::LambdaAuthorizer(source.clone())
            }
            Some(GatewayIdentity::Iam(source)) => IdentitySource::Iam(source.clone()),
            _ => return Err(StartError::NoGateway(settings.config.auth_source())),
        };
        Self::trusting_gateway(settings, source)
    }

    fn trusting_gateway(settings: FunctionSettings, source: IdentitySource) -> Result<Self, StartError> {
        let (header, end) = (settings.config.token_header(), settings.credentials_end());
        let function = Self::with_identity_source(settings.api()?, source);
        Ok(function.with_token_header(header).with_credentials_end(end))
    }

    /// Creates a function that verifies the token itself, behind a function URL, a load balancer or an API without an
    /// authorizer.
    ///
    /// The keys of an issuer are fetched within the request that needs them: Lambda freezes the process between requests, so
    /// a refresh in the background would never finish. They are fetched over the proxy that `HTTPS_PROXY` and `NO_PROXY` name,
    /// if the variables of the function set them, within `auth.fetch_timeout`.
    ///
    /// # Errors
    /// Returns [`StartError`] if the configuration has no `[auth]` or an `auth.source` without tokens, if the keys of
    /// `auth.jwks_file` or `auth.jwks` cannot be used, if the expiry of the credentials is unknown, or if the configuration does
    /// not describe a valid service.
    #[cfg(feature = "verify")]
    pub fn verifying_tokens(settings: FunctionSettings) -> Result<Self, StartError> {
        let auth = auth_with_tokens(&settings)?;
        let refreshes = &settings.refreshes;
        let verifier = auth.verifier(|issuer, verifier| {
            let name = issuer.name.as_ref().filter(|_| auth.only_issuer().is_none());
            crate::refresh::observed(verifier.with_blocking_refresh(), name, refreshes.clone())
        });
        let bearer = BearerToken::new(verifier?).with_header(auth.token_header.clone());
        let bearer = if auth.accept_raw_authorization { bearer.accept_raw_authorization() } else { bearer };
        let end = settings.credentials_end();
        Ok(Self::with_authenticator(settings.api()?, bearer).with_credentials_end(end))
    }
}

/// Returns `[auth]` if callers have tokens.
fn auth_with_tokens(settings: &FunctionSettings) -> Result<&Auth, StartError> {
    let auth = settings.config.auth().ok_or(StartError::NoAuth)?;
    if auth.gateway.is_some() {
        return Err(StartError::NoTokens(settings.config.auth_source()));
    }
    Ok(auth)
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
    /// Returns [`StartError`] if the expiry of the credentials is unknown, if the configuration does not describe a valid service,
    /// if a route has upload tokens and their secrets cannot be loaded or the feature `multipart` is disabled, or if the
    /// configuration has signed URLs of CloudFront whose key cannot be loaded or the feature `cloudfront` is disabled, and
    /// [`with_read_signer`](Self::with_read_signer) was not called, or if the
    /// configuration has `[webhook]` with `outbox = "process"` or the feature `webhooks` is disabled, and
    /// [`with_announcer`](Self::with_announcer) was not called.
    /// `[auth]` is not required, because the caller decides how callers are authenticated.
    pub fn api(self) -> Result<Api<RoleSigner>, StartError> {
        let mut settings = self;
        settings.extensions.sign_reads_by(&settings.config)?;
        let signs_reads = settings.extensions.sign_read.is_some();
        let (config, service) = settings.config_and_service()?;
        let read_urls = match config.deployment().reads() {
            Reads::Presigned => true,
            Reads::CloudFront => signs_reads,
            _ => false,
        };
        Ok(Api::new(service, config.origins().clone())
            .with_allow_headers(&allow_headers(&config))
            .with_base_path(config.base_path().clone())
            .with_read_urls(read_urls)
            .with_dialects(config.dialects().iter().copied())?)
    }

    /// Creates the service without an API, for a function that handles notifications about objects: with the configuration,
    /// credentials, lines of metrics and extensions of these settings. Take [`credentials_end`](Self::credentials_end) first, so
    /// that the process ends with its credentials.
    ///
    /// # Errors
    /// Returns [`StartError`] as [`api`](Self::api) does.
    pub fn service(self) -> Result<UploadService<RoleSigner>, StartError> {
        Ok(self.config_and_service()?.1)
    }

    fn config_and_service(self) -> Result<(Config, UploadService<RoleSigner>), StartError> {
        let own_credentials = self.own_credentials();
        let Self {
            config,
            signer,
            metrics,
            authorize,
            observers,
            service_account,
            uploads,
            mut extensions,
            last_expiry,
            refreshes,
        } = self;
        let source = match signer {
            SignerCredentials::Fixed { credentials, received_at } => {
                config.credentials_source(credentials, received_at)?
            }
            SignerCredentials::Source(source) => source,
        };
        let source: Box<dyn CredentialsSource> = Box::new(ExpiryRecorder::new(source, last_expiry.clone()));
        let presigner = config.presigner(source, service_account)?;
        extensions.announce_by(&config, own_credentials.clone())?;
        let parts = ServiceParts::new().with_authorizers(|_| authorize.clone());
        let parts = extensions.add_to(parts, &config, own_credentials)?;
        let service = config.service_with(presigner, uploads.add_to(parts, &config)?)?;
        let mut service = extensions.extend(service);
        for observer in observers {
            service = service.with_observer(observer);
        }
        if let Some(write) = metrics {
            refreshes.write_to(Arc::clone(&write));
            service = service.with_observer(Emf::new(last_expiry, write));
        }
        Ok((config, service))
    }
}

/// Returns the headers that pages may send: the configured ones, and those of a signature if IAM identifies the callers.
fn allow_headers(config: &Config) -> AllowHeaders {
    let headers = config.allow_headers().clone();
    match config.auth().and_then(|auth| auth.gateway.as_ref()) {
        Some(GatewayIdentity::Iam(_)) => headers.with_signature_headers(),
        _ => headers,
    }
}
