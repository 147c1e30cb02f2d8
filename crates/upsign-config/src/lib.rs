//! Reads `upsign.toml`, the one file that describes the policy and the deployment.
//!
//! [`Config::read`] takes the content of the file and the environment variables. It returns a [`Config`]: an
//! [`UploadPolicy`] for each route, the requirements for tokens, the allowed origins, and the [`Deployment`] that surrounds
//! the service on AWS. If anything is wrong, it returns every problem at once, each with its line, its key and how to correct
//! it.
//!
//! ```
//! use upsign_config::Config;
//! let file = r#"
//!     [bucket]
//!     name = "article-images-bucket"
//!     region = "ap-southeast-1"
//!
//!     [upload]
//!     key = "articles/{id}.{ext}"
//!     types = ["image/jpeg", "image/png"]
//!     max_size = "10 MiB"
//!     bodyless = "refuse"
//!
//!     [cors]
//!     origins = ["https://app.example.com"]
//! "#;
//! let config = Config::read("upsign.toml", file, |name| std::env::var(name).ok())?;
//! assert_eq!(config.policies().next().unwrap().max_size(), 10 << 20);
//!
//! let error = Config::read("upsign.toml", &file.replace("max_size", "max_sise"), |_| None).unwrap_err();
//! assert!(error.to_string().starts_with("upsign.toml:9:5: upload.max_sise: unknown key (did you mean `max_size`?)"));
//! # Ok::<(), upsign_config::InvalidConfig>(())
//! ```
//!
//! # From the configuration to a service
//!
//! | you want | use |
//! | --- | --- |
//! | a service that issues uploads | [`Config::service`], or [`Config::service_with`] if clients may supply ids or upload in parts |
//! | what signs for every route, at AWS and at other stores | [`Config::presigner`] |
//! | the credentials that sign | [`environment_credentials`] and [`Config::credentials_source`] |
//! | the requirements for tokens | [`Config::auth`] |
//! | the keys of upload tokens, for multipart uploads | [`Config::token_keys`] |
//! | the origins for a CORS layer | [`Config::origins`] |
//! | CORS, IAM and stack documents | [`Config::deployment`] |
//! | what verifies tokens on Lambda | [`Config::auth_source`] |
//! | what an operator should know at start | [`Config::warnings`] and [`Config::effective`] |
//! | an editor that completes keys | [`schema()`] |
//! | a file to start from | [`initial_file`] |
//! | durations and sizes in your own settings | [`units`] |
//!
//! # Problems
//!
//! Each problem has a stable [code](ProblemCode), a [place](Place) with the line, the column and the bytes of the value, a
//! message, and a next step of its own. What follows from a mistake is not reported: a misspelled key is not also missing. The
//! command shows each with an excerpt of the file:
//!
//! ```text
//! error: upload.types: "jpeg" is not a content type
//!  --> upsign.toml:8:10
//!   |
//! 8 | types = ["jpeg", "image/png"]
//!   |          ^^^^^^
//! help: write types = ["image/jpeg", "image/png"]
//! ```
//!
//! # What it is not
//!
//! It accesses neither the file system nor the environment, and it reads no secrets: a file that contains one is refused, and
//! its lines are marked so that programs do not repeat them ([`InvalidSetting::quotable`]).
//!
//! # Neighbours
//!
//! `upsign-policy` holds the policies, `upsign-cognito` verifies the tokens, and [`upsign`] issues the uploads.
//! `upsign-documents` generates CORS, IAM, bucket policies and stacks from [`Config::deployment`]. The command `upsign` and the crate
//! `upsign-lambda` start from this crate. The chapter `upsign::manual::reference::configuration` describes every key.

pub mod arn;
mod auth;
mod auth_source;
mod aws_queue;
mod aws_services;
mod build;
mod cloudfront;
mod config;
mod credentials;
mod deployment;
mod error;
mod events;
mod initial;
mod keys;
mod overrides;
mod quota;
#[cfg(feature = "secrets")]
mod secrets_manager;
mod service;
mod service_parts;
mod signature;
mod source;
#[cfg(feature = "objects")]
mod stores;
mod token;
pub mod units;
#[cfg(feature = "fetch")]
mod verifier;
mod warning;
mod webhook;

pub use auth::{Auth, AuthIssuer, GatewayIdentity, KeysFrom, ReadKeysError};
pub use auth_source::InexactAuthorizer;
pub use build::region_warning;
pub use cloudfront::CloudFrontConfig;
#[cfg(feature = "cloudfront")]
pub use cloudfront::OpenReadSignerError;
pub use config::{Config, IdVersion, RateLimitConfig, RouteConfig, Store, StoreSource, UnknownExpiry};
#[cfg(feature = "chain")]
pub use credentials::ChainOptions;
pub use credentials::{LoadCredentialsError, environment_credentials};
pub use deployment::DeploymentConfig;
pub use error::{InvalidConfig, InvalidSetting, Place, ProblemCode};
pub use events::EventsConfig;
pub use initial::initial_file;
pub use keys::schema::{reference, schema};
pub use overrides::{Overridden, Override};
pub use quota::{OpenQuotaError, QuotaConfig, QuotaStoreConfig};
pub use service::BuildServiceError;
pub use service_parts::ServiceParts;
pub use signature::{MissingServiceAccount, Signature, StorePresigner, StoreSigner};
pub use token::{InvalidTokenSecrets, LoadSecretError, SecretArn, TokenSecretSource};
pub use upsign::confirm::Inspect;
pub use upsign::objects::ObjectCalls;
pub use upsign::quota::{AccountKey, FailMode, QuotaLimit, QuotaStore};
#[cfg(feature = "cloudfront")]
pub use upsign::read::SignRead;
pub use upsign::session::{InvalidTokenKeys, TokenKeys};
pub use upsign::{Access, Announce, Authorize, InvalidUploadService, Route, RouteName, UploadService};
#[cfg(feature = "chain")]
pub use upsign_aws::ProviderChain;
#[cfg(feature = "cloudfront")]
pub use upsign_cloudfront::{CloudFrontKey, InvalidCloudFrontKey, InvalidDistribution};
pub use upsign_cognito::authorizer::{IamSource, LambdaAuthorizer};
pub use upsign_cognito::{FetchKeys, InvalidKeySet, UserPool, VerifierConfig};
#[cfg(feature = "fetch")]
pub use upsign_cognito::{HttpFetch, InvalidVerifiers, Verifier, VerifyToken};
pub use upsign_core::api_cors::AllowHeaders;
pub use upsign_core::{
    BasePath, Capabilities, CorsOrigins, Credentials, CredentialsError, CredentialsSource, Dialect,
    ExpiresIn, InvalidCredentials, IssuerName, Presigner, Provider, Region, SignatureFamily, Target,
    Timestamp, TokenHeader, Unsupported,
};
pub use upsign_documents::{
    AccountId, ApiKind, AuthSource, CloudFrontPublicKey, CodeLocation, Deployment, Guard, NotificationTarget,
    Reads, RoleArn,
};
#[cfg(feature = "objects")]
pub use upsign_objects::TimeLimits;
pub use upsign_policy::{InvalidUploadPolicy, PolicyWarning, SizeBound, UploadPolicy};
#[cfg(feature = "webhooks")]
pub use upsign_webhooks::{
    DeliveryError, InProcessOutbox, InvalidQueueUrl, InvalidSecretCount, InvalidWebhookSecret,
    InvalidWebhookUrl, WebhookSender,
};
#[cfg(feature = "fetch")]
pub use verifier::{CreateVerifierError, IssuerVerifier};
pub use warning::{Warning, WarningCode};
#[cfg(feature = "webhooks")]
pub use webhook::{OpenWebhookError, Webhooks};
pub use webhook::{OutboxConfig, WebhookConfig};
