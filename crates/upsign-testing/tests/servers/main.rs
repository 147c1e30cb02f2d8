//! What is signed, put to servers that other people wrote: 200 requests are taken as they are, and refused after any
//! one change.
//!
//! The servers' endpoints come from `UPSIGN_TEST_S3_SEAWEED` and `UPSIGN_TEST_S3_MINISTACK`; `cargo xtask test --only
//! servers` starts both and sets them. Without them the embedded server of `upsign-local` takes the suite alone.
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

/// Every server at hand, and what each said.
#[tokio::test(flavor = "multi_thread")]
async fn real_servers_take_what_is_signed_and_nothing_else() {
    let mut servers = vec![Server::local().await];
    for (name, variable) in OTHERS {
        match variable_of(variable) {
            Some(endpoint) => servers.push(Server::at(name, &endpoint).await),
            None => assert!(!required(), "{variable} is not set"),
        }
    }
    if servers.len() == 1 {
        eprintln!("only the embedded server is there: `cargo xtask test --only servers` starts the others");
    }
    let mut reports = Vec::new();
    for server in &servers {
        reports.push(suite::run(server).await);
    }
    println!("\n{}", report::table(&reports));
    report::check(&reports);
}

#[expect(clippy::disallowed_methods, reason = "where the servers are is told by whoever starts them")]
fn variable_of(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn required() -> bool {
    variable_of("UPSIGN_TEST_SERVERS").is_some_and(|value| value == "required")
}
