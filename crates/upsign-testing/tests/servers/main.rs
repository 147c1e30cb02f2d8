//! Sends signed requests to S3 servers: each of 200 requests is accepted as signed and rejected after any single change.
//!
//! Uploads the files of `content_types.json` to them as well, replaces objects, uploads to a bucket behind its own host, and
//! sends the headers and fields that a route can fix.
//!
//! The servers' endpoints come from `TEST_S3_SEAWEED` and `TEST_S3_MINISTACK`; `cargo xtask test --only
//! servers` starts both and sets them. Without them only the embedded server of `upsign-local` is tested. The endpoint of a
//! RustFS with the same keys can be set in `TEST_S3_RUSTFS`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod admin;
mod checksums;
mod deviations;
mod diagnosed;
mod files;
mod mutations;
mod preflights;
mod probed;
mod replacing;
mod report;
mod requests;
mod route_headers;
mod server;
mod state;
mod suite;
mod wire;

use std::env;

use server::{
    BUCKETS, DIAGNOSED_BUCKET, FILES_BUCKET, PREFLIGHT_BUCKET, PROBED_BUCKETS, ROUTE_HEADERS_BUCKET, Server,
    ServerName,
};

/// Servers that run outside of this process, and the variables with their endpoints. RustFS is optional: the registries have
/// no program of it that runs here.
const EXTERNAL: [(ServerName, &str); 3] = [
    (ServerName::SeaweedFs, "TEST_S3_SEAWEED"),
    (ServerName::Ministack, "TEST_S3_MINISTACK"),
    (ServerName::RustFs, "TEST_S3_RUSTFS"),
];

/// Runs the suite on every available server.
#[tokio::test(flavor = "multi_thread")]
async fn servers_accept_signed_requests_and_reject_altered_ones() {
    let servers = servers(&BUCKETS).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn servers_store_every_file_as_it_was_signed() {
    let mut failures = Vec::new();
    for server in &servers(&[FILES_BUCKET]).await {
        let mut differences = files::run(server).await;
        differences.extend(replacing::replace(server).await);
        println!("{}: {}", server.name, deviations::summary(server.name, &differences));
        failures.extend(deviations::unknown(server.name, &differences));
        replacing::bucket_is_host(server).await;
        failures.extend(checksums::wrong_ones(server).await);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_store_the_headers_of_a_route() {
    let mut failures = Vec::new();
    for server in &servers(&[ROUTE_HEADERS_BUCKET]).await {
        let differences = route_headers::run(server).await;
        println!("{}: {}", server.name, route_headers::summary(server.name, &differences));
        failures.extend(route_headers::unknown(server.name, &differences));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_servers_are_diagnosed() {
    let mut failures = Vec::new();
    for server in &servers(&[DIAGNOSED_BUCKET]).await {
        let (refusals, wrong) = diagnosed::run(server).await;
        println!("{}: {refusals} refusals diagnosed", server.name);
        assert!(refusals > 200, "{}: {refusals}", server.name);
        failures.extend(wrong);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn preflights_of_servers_are_explained() {
    let mut failures = Vec::new();
    for server in &servers(&[PREFLIGHT_BUCKET]).await {
        failures.extend(preflights::run(server).await);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn experiments_find_the_known_deviations_and_leave_nothing() {
    let [with_versions, without] = PROBED_BUCKETS;
    let (with_versions, without) = (servers(&[with_versions]).await, servers(&[without]).await);
    let mut failures = Vec::new();
    for (with_versions, without) in with_versions.iter().zip(&without) {
        let (failed, summaries) = probed::run(with_versions, without).await;
        println!("{}", summaries.join("\n"));
        failures.extend(failed);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Returns every available server, with empty buckets of these names. The requests are for the first of them.
async fn servers(buckets: &[&'static str]) -> Vec<Server> {
    let mut servers = vec![Server::local(buckets.first().unwrap()).await];
    for (name, variable) in EXTERNAL {
        match environment_variable(variable) {
            Some(endpoint) => servers.push(Server::connect(name, &endpoint, buckets).await),
            None if name == ServerName::RustFs => {}
            None => assert!(!external_servers_are_required(), "{variable} is not set"),
        }
    }
    servers
}

#[expect(clippy::disallowed_methods, reason = "the command that starts the servers passes their addresses")]
fn environment_variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns `true` if a missing server is a failure.
fn external_servers_are_required() -> bool {
    environment_variable("TEST_SERVERS").is_some_and(|value| value == "required")
}
