//! Reads `upsign.toml`, the one file that describes the policy and the deployment.
//!
//! [`Config::read`] takes the content of the file and the environment variables. It returns a [`Config`]: an
//! [`UploadPolicy`] for each route, the requirements for tokens, and the allowed origins. If
//! anything is wrong, it returns every problem at once, each with its line, its key and how to correct it.
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
//! [`Config::service`] builds an [`UploadService`] from the configuration. [`Config::warnings`] lists
//! valid settings that weaken it. [`schema()`] is the JSON Schema for editors. The chapter `upsign::manual::reference::configuration`
//! describes every key.
//!
//! This crate does not access the file system or the environment, and it reads no secrets: a file that contains one is
//! refused. [`environment_credentials`] and [`Config::credentials_source`] turn variables that the program has read into
//! the credentials that sign.

mod build;
mod config;
mod credentials;
mod error;
mod initial;
mod keys;
mod service;
mod source;
pub mod units;
mod warning;

pub use config::{Auth, Config, IdVersion, RateLimitConfig, RouteConfig, UnknownExpiry};
#[cfg(feature = "chain")]
pub use credentials::ChainOptions;
pub use credentials::{LoadCredentialsError, environment_credentials};
pub use error::{InvalidConfig, InvalidSetting, Place, ProblemCode};
pub use initial::initial_file;
pub use keys::schema::{reference, schema};
pub use service::BuildServiceError;
pub use upsign::{Access, Authorize, InvalidUploadService, Route, RouteName, UploadService};
#[cfg(feature = "chain")]
pub use upsign_aws::ProviderChain;
pub use upsign_cognito::VerifierConfig;
pub use upsign_core::{
    CorsOrigins, Credentials, CredentialsError, CredentialsSource, InvalidCredentials, Presigner, Unsupported,
};
pub use upsign_policy::{PolicyWarning, UploadPolicy};
pub use warning::{Warning, WarningCode};
