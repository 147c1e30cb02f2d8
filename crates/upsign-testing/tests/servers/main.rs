//! Sends signed requests to S3 servers: each of 200 requests is accepted as signed and rejected after any single change.
//!
//! The servers' endpoints come from `TEST_S3_SEAWEED` and `TEST_S3_MINISTACK`; `cargo xtask test --only
//! servers` starts both and sets them. Without them only the embedded server of `upsign-local` is tested.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod admin;
mod deviations;
mod mutations;
mod report;
mod requests;
mod server;
mod state;
mod suite;
mod wire;

use std::env;

use server::{Server, ServerName};

/// Servers that run outside of this process, and the variables with their endpoints.
const EXTERNAL: [(ServerName, &str); 2] =
    [(ServerName::SeaweedFs, "TEST_S3_SEAWEED"), (ServerName::Ministack, "TEST_S3_MINISTACK")];

/// Runs the suite on every available server.
#[tokio::test(flavor = "multi_thread")]
async fn servers_accept_signed_requests_and_reject_altered_ones() {
    let mut servers = vec![Server::local().await];
    for (name, variable) in EXTERNAL {
        match environment_variable(variable) {
            Some(endpoint) => servers.push(Server::connect(name, &endpoint).await),
            None => assert!(!external_servers_are_required(), "{variable} is not set"),
        }
    }
    if servers.len() == 1 {
        eprintln!("only the embedded server is tested: `cargo xtask test --only servers` starts the others");
    }
    let mut reports = Vec::new();
    for server in &servers {
        reports.push(suite::run(server).await);
    }
    println!("\n{}", report::table(&reports));
    report::check(&reports);
}

#[expect(clippy::disallowed_methods, reason = "the command that starts the servers passes their addresses")]
fn environment_variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns `true` if a missing server is a failure.
fn external_servers_are_required() -> bool {
    environment_variable("TEST_SERVERS").is_some_and(|value| value == "required")
}
