//! Checks which crate uses which. The table also is in `upsign::manual::internals::layers`; the tests fail if the two differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use crate::workspace::{Package, packages, root};

/// Layers, lowest first, with their numbers in the manual. A crate uses crates of lower layers only, and none of its layer.
const LAYERS: [(u8, &[&str]); 7] = [
    (0, &["upsign-core", "upsign-json"]),
    (1, &["upsign-policy", "upsign-sigv4", "upsign-gcs", "upsign-aws", "upsign-jwt", "upsign-objects"]),
    (2, &["upsign", "upsign-documents", "upsign-cognito", "upsign-sqs", "upsign-probe"]),
    (
        3,
        &[
            "upsign-events",
            "upsign-inspect",
            "upsign-cloudfront",
            "upsign-webhooks",
            "upsign-redis",
            "upsign-dynamodb",
            "upsign-diagnose",
        ],
    ),
    (4, &["upsign-http", "upsign-config", "upsign-client"]),
    (5, &["upsign-lambda", "upsign-axum"]),
    // The command serves with upsign-axum, so it is above the adapters.
    (6, &["upsign-cli"]),
];

/// Development tools, and the highest layer that each may use. A tool may use the tools before it. Of the crates in layers,
/// only [`TOOL_USERS`] may use a tool.
const TOOLS: [(&str, u8); 3] = [("upsign-browser", 0), ("upsign-local", 4), ("upsign-testing", 4)];
const TOOL_USERS: [&str; 1] = ["upsign-cli"];

/// Packages that are not published. They may use every crate, and no crate may use them.
const UNPUBLISHED: [&str; 13] = [
    "example-axum",
    "example-axum-session",
    "example-cli",
    "example-confirm",
    "example-deliverer",
    "example-embed",
    "example-lambda",
    "example-remote-signer",
    "example-scanner",
    "example-consumer",
    "upsign-bench-runtimes",
    "upsign-benches",
    "xtask",
];

/// The only crate that uses crates of the AWS SDK.
const AWS_CRATE: &str = "upsign-aws";

/// Packages that may depend on `lambda_http` outside tests: it panics at events that it does not expect. The benchmarks compare
/// with it.
const LAMBDA_HTTP_USERS: [&str; 1] = ["upsign-bench-runtimes"];

/// Crates that a crate with default features must not depend on, neither directly nor indirectly.
const FREE_OF: [(&str, &[&str]); 15] = [
    ("upsign-core", &["serde", "tokio", "hyper", "reqwest", "http"]),
    ("upsign-json", &["tokio", "hyper", "reqwest", "http"]),
    ("upsign-policy", &["serde", "serde_json", "tokio", "hyper", "reqwest", "http"]),
    ("upsign-sigv4", &["serde", "tokio", "hyper", "reqwest", "http", "url"]),
    ("upsign-gcs", &["serde", "tokio", "hyper", "reqwest", "http", "url", "aws-lc-rs", "aws-lc-sys"]),
    ("upsign", &["serde", "tokio", "hyper", "reqwest", "http", "jsonwebtoken"]),
    ("upsign-events", &["tokio", "hyper", "reqwest", "http"]),
    // The trait and its values; the feature `http` adds the client.
    ("upsign-objects", &["serde", "tokio", "hyper", "reqwest", "http", "quick-xml", "sha2"]),
    ("upsign-documents", &["tokio", "hyper", "reqwest", "jsonwebtoken"]),
    // The experiments; the feature `http` adds the client.
    ("upsign-probe", &["tokio", "hyper", "reqwest", "http", "aws-lc-rs"]),
    (
        "upsign-http",
        &["hyper", "reqwest", "axum", "lambda_http", "upsign-documents", "jsonwebtoken", "aws-lc-sys"],
    ),
    ("upsign-config", &["hyper", "reqwest", "axum", "lambda_http", "quick-xml", "hcl-rs"]),
    (
        "upsign-client",
        &["upsign", "upsign-core", "s3s", "axum", "aws-config", "aws-sdk-s3", "clap", "quick-xml"],
    ),
    // An application with sessions of its own verifies no tokens.
    ("upsign-axum", &["aws-lc-rs", "aws-lc-sys", "jsonwebtoken", "upsign-cognito", "upsign-documents"]),
    // The other crates' tests use it, so its heavy parts are behind features.
    ("upsign-testing", &["tokio", "hyper", "reqwest", "http", "axum", "aws-lc-rs", "mockall"]),
];

#[test]
fn crates_use_lower_layers_only() {
    let violations = layer_violations(&packages());
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_manual_shows_the_same_layers() {
    let chapter = fs::read_to_string(root().join("crates/upsign/src/manual/internals/layers.rs")).unwrap();
    let expected: Vec<(u8, Vec<&str>)> =
        LAYERS.iter().rev().map(|(number, names)| (*number, names.to_vec())).collect();
    assert_eq!(layers_in(&chapter), expected);
}

#[test]
fn only_one_crate_uses_the_aws_sdk() {
    let packages = packages();
    let users = packages.iter().filter(|package| package.dependencies.iter().any(|name| is_aws_sdk(name)));
    let users: Vec<&str> = users.map(|package| package.name.as_str()).collect();
    assert_eq!(users, [AWS_CRATE]);
}

#[test]
fn only_tests_and_benchmarks_use_lambda_http() {
    let is_user = |package: &&Package| package.dependencies.contains("lambda_http");
    let users: Vec<String> = packages().iter().filter(is_user).map(|package| package.name.clone()).collect();
    assert_eq!(users, LAMBDA_HTTP_USERS);
}

#[test]
fn light_crates_stay_light() {
    for (package, banned) in FREE_OF {
        // `cargo metadata` unifies the features of the workspace; `cargo tree --package` uses those of one package.
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .args(["--package", package])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(package), "{tree}");
        for name in banned {
            assert!(!names.contains(name), "{package} must not depend on {name}, not even indirectly");
        }
    }
}

fn is_aws_sdk(name: &str) -> bool {
    ["aws-config", "aws-credential-types", "aws-runtime", "aws-sigv4", "aws-types"].contains(&name)
        || name.starts_with("aws-sdk-")
        || name.starts_with("aws-smithy-")
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(_, names)| names.contains(&name)).map(|(number, _)| *number)
}

fn tool_position(name: &str) -> Option<usize> {
    TOOLS.iter().position(|(tool, _)| *tool == name)
}

/// Returns every use of a crate that the tables do not allow, and every package that is not in them.
fn layer_violations(packages: &[Package]) -> Vec<String> {
    let exports = reexports(packages);
    let (mut violations, mut seen) = (Vec::new(), BTreeSet::new());
    for package in packages {
        let name = package.name.as_str();
        seen.insert(name);
        let tool = TOOLS.iter().find(|(tool, _)| *tool == name);
        // The number of the lowest layer that is too high.
        let limit = match (layer(name), tool, UNPUBLISHED.contains(&name)) {
            (Some(layer), None, false) => layer,
            (None, Some((_, highest)), false) => highest + 1,
            (None, None, true) => u8::MAX,
            _ => {
                violations.push(format!("{name} is not in exactly one of the tables"));
                continue;
            }
        };
        for (used, how) in uses(package, &exports) {
            let allowed = match layer(&used) {
                Some(layer) => layer < limit,
                None if tool_position(&used).is_some() => {
                    let is_earlier = tool_position(name).is_some_and(|own| tool_position(&used) < Some(own));
                    is_earlier || TOOL_USERS.contains(&name) || UNPUBLISHED.contains(&name)
                }
                None => false,
            };
            if !allowed {
                violations.push(format!("{name} must not use {used} ({how})"));
            }
        }
    }
    let known = LAYERS.iter().flat_map(|(_, names)| names.iter().copied());
    let known = known.chain(TOOLS.map(|(tool, _)| tool)).chain(UNPUBLISHED);
    violations
        .extend(known.filter(|name| !seen.contains(name)).map(|name| format!("there is no package {name}")));
    violations
}

/// Returns the crates of the workspace that a package uses, and how: in its manifest, or through a re-export.
fn uses(package: &Package, exports: &BTreeMap<(String, String), String>) -> BTreeMap<String, String> {
    let mut uses = BTreeMap::new();
    for dependency in package.dependencies.iter().filter(|name| is_own(name)) {
        uses.insert(dependency.clone(), "Cargo.toml".to_owned());
        let root = dependency.replace('-', "_");
        for (path, source) in &package.sources {
            for member in source.members_of(&root) {
                let through = exports.get(&(root.clone(), member.clone()));
                if let Some(target) = through.filter(|target| **target != package.name) {
                    uses.entry(target.clone()).or_insert_with(|| format!("{root}::{member} in {path}"));
                } else if member == "as" {
                    uses.insert(format!("{dependency} by another name"), path.clone());
                }
            }
        }
    }
    uses
}

/// Returns the crate behind each name that one crate of the workspace re-exports from another.
fn reexports(packages: &[Package]) -> BTreeMap<(String, String), String> {
    let mut exports = BTreeMap::new();
    for package in packages.iter().filter(|package| layer(&package.name).is_some()) {
        let found = package.sources.values().flat_map(|source| source.reexports("upsign"));
        for (target, name) in found {
            assert_ne!(name, "*", "{} re-exports all of {target}: list the names", package.name);
            exports.insert((package.name.replace('-', "_"), name), target.replace('_', "-"));
        }
    }
    exports
}

fn is_own(name: &str) -> bool {
    name == "upsign" || name.starts_with("upsign-") || UNPUBLISHED.contains(&name)
}

/// Reads the lines `//! N   crate   crate   description` of the manual.
fn layers_in(chapter: &str) -> Vec<(u8, Vec<&str>)> {
    let read = |line| {
        let mut words = str::strip_prefix(line, "//! ")?.split_whitespace();
        let number = words.next()?.parse().ok()?;
        let names: Vec<&str> = words.take_while(|word| is_own(word)).collect();
        (!names.is_empty()).then_some((number, names))
    };
    chapter.lines().filter_map(read).collect()
}

mod tests {
    use super::*;
    use crate::rust::Source;

    /// Every package of the tables, without dependencies.
    fn all() -> Vec<Package> {
        let names = LAYERS.iter().flat_map(|(_, names)| names.iter().copied());
        let names = names.chain(TOOLS.map(|(tool, _)| tool)).chain(UNPUBLISHED);
        names.map(|name| Package { name: name.to_owned(), ..Package::default() }).collect()
    }

    fn with(name: &str, dependencies: &[&str], source: &str) -> Vec<Package> {
        let mut packages = all();
        packages.retain(|package| package.name != name);
        let sources = [("src/lib.rs".to_owned(), Source::parse(source))];
        packages.push(Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
            sources: sources.into(),
        });
        packages
    }

    #[track_caller]
    fn check(packages: &[Package], expected: &[&str]) {
        assert_eq!(layer_violations(packages), expected);
    }

    #[test]
    fn lower_layers_are_allowed() {
        check(&all(), &[]);
        check(&with("upsign-http", &["upsign", "upsign-core", "serde"], ""), &[]);
        check(&with("upsign-cli", &["upsign-axum", "upsign-local"], ""), &[]);
        check(&with("upsign-local", &["upsign-documents", "upsign-http"], ""), &[]);
        check(&with("upsign-testing", &["upsign-http", "upsign-local"], ""), &[]);
        check(&with("example-embed", &["upsign-cli", "upsign-local"], ""), &[]);
    }

    #[test]
    fn unknown_and_absent_packages_are_violations() {
        check(&with("upsign-new", &[], ""), &["upsign-new is not in exactly one of the tables"]);
        let mut packages = all();
        packages.retain(|package| package.name != "upsign-sigv4");
        check(&packages, &["there is no package upsign-sigv4"]);
    }

    #[test]
    fn upward_and_sideways_uses_are_violations() {
        let cases = [
            ("upsign-core", "upsign-policy"),
            ("upsign-core", "upsign-json"),
            ("upsign-sigv4", "upsign-policy"),
            ("upsign-documents", "upsign"),
            ("upsign-axum", "upsign-lambda"),
            ("upsign-axum", "upsign-cli"),
            ("upsign-http", "upsign-local"),
            ("upsign-local", "upsign-axum"),
            ("upsign-local", "upsign-testing"),
            ("upsign-testing", "upsign-axum"),
            ("upsign", "xtask"),
        ];
        for (user, used) in cases {
            check(&with(user, &[used], ""), &[&format!("{user} must not use {used} (Cargo.toml)")]);
        }
    }

    #[test]
    fn uses_through_a_reexport_count() {
        let facade = || Package {
            name: "upsign-core".to_owned(),
            sources: [("src/lib.rs".to_owned(), Source::parse("pub use upsign_http as http;"))].into(),
            ..Package::default()
        };
        for source in ["use upsign_core::http::Api;", "use upsign_core::{Target, http};"] {
            let mut packages = with("upsign-documents", &["upsign-core"], source);
            packages.retain(|package| package.name != "upsign-core");
            packages.push(facade());
            let how = "upsign_core::http in src/lib.rs";
            check(&packages, &[&format!("upsign-documents must not use upsign-http ({how})")]);
        }
    }

    #[test]
    fn renamed_crates_are_violations() {
        let packages = with("upsign-http", &["upsign"], "use upsign as u;");
        check(&packages, &["upsign-http must not use upsign by another name (src/lib.rs)"]);
    }

    #[test]
    fn layers_of_a_manual_are_read() {
        let chapter = "//! ```text\n//! 6   upsign-cli       the command\n//!         ↓\n//! 0   upsign-core   upsign-json   types\n//! | 1 | adapter |";
        assert_eq!(layers_in(chapter), [(6, vec!["upsign-cli"]), (0, vec!["upsign-core", "upsign-json"])]);
    }
}
