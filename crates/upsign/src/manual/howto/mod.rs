//! Recipes for common tasks.

pub mod authorize;
pub mod axum;
pub mod files;
pub mod handlers;
pub mod lambda;
pub mod library;
pub mod routes;
pub mod server;
