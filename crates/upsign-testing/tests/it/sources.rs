//! Checks which source files read the clock, random numbers or the environment, how long files are, and what they include.

use std::fs;
use std::path::Path;

use crate::rust::Source;
use crate::workspace::{Package, packages, relative, root, rust_files};

/// Functions that read the clock, random numbers or the environment, or create a verified identity, and the files that may use
/// them. A folder stands for all files below it.
const RULES: [(&str, &[&str]); 14] = [
    ("SystemTime::now", &["crates/upsign/src/world.rs"]),
    ("SystemTime::elapsed", &[]),
    // In `server`, `s3`, `renewing`, `http` and the client, this is tokio's `Instant`, which tests can pause. `renewing` measures how long
    // a source takes to fail, and `http` how long a call has taken.
    (
        "Instant::now",
        &[
            "crates/upsign-axum/src/observe.rs",
            "crates/upsign-axum/src/router.rs",
            "crates/upsign-axum/src/server/connection.rs",
            "crates/upsign-axum/src/server/mod.rs",
            "crates/upsign-axum/src/server/stream.rs",
            "crates/upsign-client/src/confirm.rs",
            "crates/upsign-client/src/multipart/batch.rs",
            "crates/upsign-client/src/state/file.rs",
            "crates/upsign-client/src/store/mod.rs",
            "crates/upsign-core/src/renewing/fetch.rs",
            "crates/upsign-dynamodb/src/retry.rs",
            "crates/upsign-local/src/s3/form_reader.rs",
            "crates/upsign-objects/src/http/retry.rs",
            "crates/upsign-sqs/src/call.rs",
            "crates/upsign-sqs/src/status.rs",
            "crates/upsign-webhooks/src/http/in_process.rs",
            "crates/upsign/src/world.rs",
        ],
    ),
    ("getrandom::*", &["crates/upsign/src/world.rs"]),
    ("rand::rng*", &[]),
    ("rand::random*", &[]),
    ("rand::thread_rng", &[]),
    // The keys of the embedded user pool. And an argument of the cryptographic library for signatures with a service account's
    // key, which do not depend on it.
    (
        "SystemRandom::*",
        &[
            "crates/upsign-cloudfront/src/key.rs",
            "crates/upsign-gcs/src/service_account.rs",
            "crates/upsign-local/src",
        ],
    ),
    ("Uuid::new_v4", &[]),
    ("Uuid::now_*", &[]),
    (
        "env::var*",
        &[
            // The proxy, next to the variables of credentials that the SDK itself reads.
            "crates/upsign-aws/src/proxy.rs",
            "crates/upsign-cli/src/environment.rs",
            "crates/upsign-lambda/src/environment.rs",
        ],
    ),
    ("env::set_*", &[]),
    ("env::remove_*", &[]),
    // Only code that has verified a token, or the claims of a gateway, may create an identity.
    (
        "Identity::from_verified",
        &[
            // Sample identities: the command signs nothing for them.
            "crates/upsign-cli/src/batch/key.rs",
            "crates/upsign-cli/src/command/key.rs",
            "crates/upsign-cli/src/sample.rs",
            "crates/upsign-jwt/src/claims/caller.rs",
            // Deserializing, which its documentation restricts to trusted queues.
            "crates/upsign-core/src/serialized/identity.rs",
            // The signature of an upload token proves who began the upload, and a ticket replaces the credentials.
            "crates/upsign/src/session/calls/ticket.rs",
        ],
    ),
];

/// Files that measure elapsed time with `.elapsed()`, which also reads the clock.
const MEASURING: [&str; 15] = [
    "crates/upsign-axum/src/observe.rs",
    "crates/upsign-axum/src/server/connection.rs",
    "crates/upsign-client/src/state/file.rs",
    "crates/upsign-core/src/renewing/fetch.rs",
    "crates/upsign-dynamodb/src/retry.rs",
    "crates/upsign-objects/src/http/retry.rs",
    "crates/upsign-sqs/src/call.rs",
    "crates/upsign-sqs/src/status.rs",
    "crates/upsign/src/batch.rs",
    "crates/upsign/src/confirm/flow.rs",
    "crates/upsign/src/service.rs",
    "crates/upsign/src/session/calls/mod.rs",
    "crates/upsign/src/session/calls/receipt.rs",
    "crates/upsign/src/store.rs",
    "crates/upsign/src/world.rs",
];

/// Packages that are never part of a service.
const EXEMPT: [&str; 3] = ["upsign-testing", "xtask", "upsign-bench"];

#[test]
fn clock_entropy_environment_and_identities_are_used_in_listed_files_only() {
    let packages = packages();
    let violations: Vec<String> =
        RULES.iter().flat_map(|(name, files)| violations(&packages, name, files)).collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    let elapsed = files(&packages, |source| source.calls_method("elapsed"));
    assert_eq!(elapsed, MEASURING);
}

#[test]
fn files_stay_short() {
    for path in rust_files(&root()) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines; split it", relative(&path));
    }
}

/// A package must hold every file that its code includes, or it does not compile from the registry.
#[test]
fn included_files_are_inside_the_package() {
    let mut included = 0;
    for package in packages().iter().filter(|package| package.name.starts_with("upsign")) {
        for (path, source) in &package.sources {
            for name in ["include_str", "include_bytes", "include"] {
                for file in source.macro_literals(name) {
                    let folder = path.split_once("/src/").unwrap().0;
                    assert!(
                        is_inside(path, &file, folder),
                        "{path} includes {file}, which is outside of {folder}"
                    );
                    included += 1;
                }
            }
        }
    }
    assert!(included > 0);
}

/// Returns a line for each file that uses `name` and is not listed, and for each listed file that does not use it.
fn violations(packages: &[Package], name: &str, listed: &[&str]) -> Vec<String> {
    let users = files(packages, |source| source.names(name));
    let covers = |listed: &str, user: &str| user == listed || Path::new(user).starts_with(listed);
    let unlisted = users.iter().filter(|user| !listed.iter().any(|listed| covers(listed, user)));
    let unlisted = unlisted.map(|user| format!("{user} must not use {name}: it is not in the list"));
    let unused = listed.iter().filter(|listed| !users.iter().any(|user| covers(listed, user)));
    let unused = unused.map(|listed| format!("{listed} no longer uses {name}: remove it from the list"));
    unlisted.chain(unused).collect()
}

/// Returns the files of libraries, adapters and the command for which `matches` returns `true`.
fn files(packages: &[Package], matches: impl Fn(&Source) -> bool) -> Vec<String> {
    let exempt = |package: &&Package| {
        package.name.starts_with("example-") || EXEMPT.iter().any(|name| package.name.starts_with(name))
    };
    let sources = packages.iter().filter(|package| !exempt(package)).flat_map(|package| &package.sources);
    let mut files: Vec<String> =
        sources.filter(|(_, source)| matches(source)).map(|(path, _)| path.clone()).collect();
    files.sort();
    files
}

/// Returns `true` if `included`, a path from the folder of `file`, is below `folder`.
fn is_inside(file: &str, included: &str, folder: &str) -> bool {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in included.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/").starts_with(&format!("{folder}/"))
}

mod tests {
    use super::*;

    fn package(name: &str, path: &str, source: &str) -> Package {
        Package {
            name: name.to_owned(),
            sources: [(path.to_owned(), Source::parse(source))].into(),
            ..Package::default()
        }
    }

    #[test]
    fn use_outside_of_the_listed_files_is_a_violation() {
        let code = "#[cfg(test)] mod tests {} fn f() { Instant::now(); }";
        let packages = [package("upsign-http", "a.rs", code), package("xtask", "b.rs", code)];
        assert_eq!(
            violations(&packages, "Instant::now", &[]),
            ["a.rs must not use Instant::now: it is not in the list"]
        );
        assert!(violations(&packages, "Instant::now", &["a.rs"]).is_empty());
        assert_eq!(
            violations(&packages, "Instant::now", &["a.rs", "c.rs"]),
            ["c.rs no longer uses Instant::now: remove it from the list"]
        );
    }

    #[test]
    fn test_code_and_folders_are_allowed() {
        let code = "#[cfg(test)] mod tests { fn f() { env::var(\"A\"); } }";
        assert!(violations(&[package("upsign", "a.rs", code)], "env::var*", &[]).is_empty());
        let packages = [package("upsign-local", "a/src/b.rs", "fn f() { SystemRandom::new(); }")];
        assert!(violations(&packages, "SystemRandom::*", &["a/src"]).is_empty());
        assert_eq!(violations(&packages, "SystemRandom::*", &["a/s"]).len(), 2);
    }

    #[test]
    fn paths_that_leave_a_folder_are_found() {
        assert!(is_inside("crates/a/src/b/c.rs", "../../assets/d", "crates/a"));
        assert!(!is_inside("crates/a/src/b/c.rs", "../../../e/d", "crates/a"));
        assert!(!is_inside("crates/a/src/c.rs", "../../ab/d", "crates/a"));
    }
}
