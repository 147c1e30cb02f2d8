//! The wire of upsign, without a framework: JSON in, JSON out, problem details, the API's own CORS.
//!
//! [`Api::handle`] takes an [`http::Request`] and an instant, and whoever can [`Authenticate`] the caller; the doors
//! (`upsign-axum`, `upsign-lambda`) do little more than call it.

mod api;
mod auth;
mod bearer;
mod body;
mod cors;
mod openapi;
mod problem;
mod respond;

pub use api::Api;
pub use auth::{Authenticate, Unauthenticated};
pub use bearer::BearerToken;
pub use body::InvalidBody;
pub use openapi::openapi;
pub use problem::Problem;
