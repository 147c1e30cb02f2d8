//! The calls on real stores: what S3 documents, on the embedded server of `upsign-local`, on SeaweedFS and on Ministack, made by
//! `HttpObjects` and, to compare, by the AWS SDK.
//!
//! The servers' endpoints come from `TEST_S3_SEAWEED` and `TEST_S3_MINISTACK`; `cargo xtask test --only servers` starts both and
//! sets them. Without them only the embedded server is tested.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its report")]

mod cases;
mod checksums;
mod deviations;
mod report;
mod sdk;
mod store;

use std::env;

use cases::ALL;
use store::{Caller, Store, StoreName};

/// Stores that run outside of this process, and the variables with their endpoints.
const EXTERNAL: [(StoreName, &str); 2] =
    [(StoreName::SeaweedFs, "TEST_S3_SEAWEED"), (StoreName::Ministack, "TEST_S3_MINISTACK")];

#[tokio::test(flavor = "multi_thread")]
async fn calls_behave_as_documented_on_every_store() {
    let mut stores = vec![Store::embedded().await];
    for (name, variable) in EXTERNAL {
        match environment_variable(variable) {
            Some(endpoint) => stores.push(Store::connect(name, &endpoint)),
            None => assert!(!external_stores_are_required(), "{variable} is not set"),
        }
    }
    let mut report = report::Report::default();
    for store in &stores {
        for caller in [Caller::Http, Caller::AwsSigner, Caller::Sdk] {
            let bucket = store.bucket(caller).await;
            for case in ALL {
                let result = (case.run)(&bucket).await;
                report.add(store.name, caller, case.name, result);
            }
        }
    }
    println!("{report}");
    report.check();
}

#[expect(clippy::disallowed_methods, reason = "the command that starts the servers passes their addresses")]
fn environment_variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns `true` if a missing server is a failure.
fn external_stores_are_required() -> bool {
    environment_variable("TEST_SERVERS").is_some_and(|value| value == "required")
}
