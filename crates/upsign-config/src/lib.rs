//! `upsign.toml`: one file is the policy.
//!
//! [`Config::read`] takes the text of the file and the environment variables, and gives an
//! [`UploadPolicy`](upsign_policy::UploadPolicy), what a token verifier needs, and the origins of CORS, or every problem
//! at once, each with its file, line, key and a hint. It reads neither the file nor the environment itself.
//!
//! Every key is in `upsign::manual::configuration`.

mod build;
mod config;
mod effective;
mod error;
mod keys;
mod raw;
mod schema;
mod service;
mod units;
mod warning;

pub use config::{Auth, Config, IdVersion, Limit, RouteConfig, UnknownExpiry};
pub use error::{InvalidConfig, Place, Problem};
pub use schema::{reference, schema};
pub use service::NoService;
pub use warning::Warning;
