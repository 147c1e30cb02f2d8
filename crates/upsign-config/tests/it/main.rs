//! Reading `upsign.toml`: valid configurations, and the message for each mistake.
#![expect(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test's panic is its report")]

mod auth_source;
mod caller_warnings;
mod cloudfront;
mod confirmation;
mod deployment;
mod deployment_warnings;
mod dialects;
mod effective;
mod events;
mod files;
mod good;
mod google;
mod identities;
mod issuers;
mod manual;
mod many_routes;
mod multipart;
mod multipart_service;
mod multipart_warnings;
mod oidc;
mod origins;
mod overrides;
mod problems;
mod quota;
mod robust;
mod route_headers;
mod routes;
#[cfg(feature = "secrets")]
mod secrets_manager;
mod stores;
mod token;
mod variables;
mod webhook;
