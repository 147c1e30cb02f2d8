//! Runs the `upsign` command as a process and checks its output and exit code.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's panic is its report"
)]

mod abuse;
mod addresses;
mod batch;
mod batch_format;
mod broken;
mod check_callers;
mod check_deployment;
mod check_dialects;
mod check_live;
mod check_multipart;
mod comparison;
mod config_commands;
mod config_issuers;
mod corpora;
#[cfg(feature = "chain")]
mod credentials;
mod demo;
mod dev;
mod dev_commands;
mod dev_diagnosis;
mod dev_issuers;
mod dev_live;
mod dev_origins;
mod dev_panels;
mod dev_users;
mod diagnose;
mod documents;
mod elsewhere;
mod entrances;
mod explain;
mod faults;
mod google;
mod help;
mod identity;
mod issuers;
mod key;
mod logs;
mod next_steps;
mod oidc;
mod openapi;
mod output;
mod overrides;
mod preflight;
mod presign;
mod probe;
mod refusing_store;
mod repair;
mod revoke;
mod route_headers;
mod run;
mod secrecy;
mod serve;
mod serve_events;
mod serve_multipart;
mod serve_quota;
mod stores;
mod tls;
mod types;
mod uncompared;
mod upload;
mod upload_confirm;
mod upload_refused;
mod upload_resume;
mod verdicts;
mod verify;
