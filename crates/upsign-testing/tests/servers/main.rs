//! Signed requests against S3 servers: 200 requests are accepted as signed and rejected after any single change.
//!
//! The servers' endpoints come from `UPSIGN_TEST_S3_SEAWEED` and `UPSIGN_TEST_S3_MINISTACK`; `cargo xtask test --only
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

use server::{Name, Server};

const OTHERS: [(Name, &str); 2] =
    [(Name::SeaweedFs, "UPSIGN_TEST_S3_SEAWEED"), (Name::Ministack, "UPSIGN_TEST_S3_MINISTACK")];

/// Runs the suite on every available server.
#[tokio::test(flavor = "multi_thread")]
async fn servers_accept_signed_requests_and_reject_altered_ones() {
    let mut servers = vec![Server::local().await];
    for (name, variable) in OTHERS {
        match variable_of(variable) {
            Some(endpoint) => servers.push(Server::at(name, &endpoint).await),
            None => assert!(!required(), "{variable} is not set"),
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
fn variable_of(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn required() -> bool {
    variable_of("UPSIGN_TEST_SERVERS").is_some_and(|value| value == "required")
}
