//! Which crate may know which.

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Layers, lowest first. An arrow points down, never sideways, never up.
const LAYERS: [&[&str]; 7] = [
    &["upsign-core"],
    &["upsign-policy", "upsign-sigv4", "upsign-aws", "upsign-cognito"],
    &["upsign", "upsign-documents"],
    &["upsign-diagnose"],
    &["upsign-http", "upsign-config"],
    &["upsign-lambda", "upsign-axum"],
    // The command serves with upsign-axum: a door above a door.
    &["upsign-cli"],
];

/// Tools may know the layers up to this one; of the layers, only the command knows a tool.
const TOOLS: [(&str, usize); 2] = [("upsign-local", 4), ("upsign-testing", 2)];

/// Crates that name an AWS SDK crate, and no other may.
const AWS_DOOR: &str = "upsign-aws";

/// What must not be found below these crates, however deep.
const FREE_OF: [(&str, &[&str]); 6] = [
    ("upsign-core", &["serde", "tokio", "hyper", "reqwest", "http"]),
    ("upsign-policy", &["serde", "serde_json", "tokio", "hyper", "reqwest", "http"]),
    ("upsign-sigv4", &["serde", "tokio", "hyper", "reqwest", "http", "url"]),
    ("upsign", &["serde", "tokio", "hyper", "reqwest", "http", "jsonwebtoken"]),
    ("upsign-documents", &["tokio", "hyper", "reqwest", "jsonwebtoken"]),
    ("upsign-http", &["hyper", "reqwest", "axum", "lambda_http"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .exec()
        .unwrap()
}

fn is_aws_sdk(name: &str) -> bool {
    ["aws-config", "aws-credential-types", "aws-sigv4"].contains(&name)
        || name.starts_with("aws-sdk-")
        || name.starts_with("aws-smithy-")
}

fn normal(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn arrows_point_down() {
    let metadata = metadata();
    let mut seen = 0;
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let reach = match (layer(name), TOOLS.iter().find(|(tool, _)| *tool == name)) {
            (Some(layer), _) => layer,
            (None, Some((_, highest))) => highest + 1,
            (None, None) => continue,
        };
        seen += 1;
        for dependency in normal(package).filter(|dependency| dependency.starts_with("upsign")) {
            let allowed = match layer(dependency) {
                Some(layer) => layer < reach,
                None => name == "upsign-cli",
            };
            assert!(allowed, "{name} must not depend on {dependency}");
        }
    }
    assert!(seen >= 12, "only {seen} crates looked at");
}

#[test]
fn one_door_to_the_aws_sdk() {
    let mut doors = BTreeSet::new();
    for package in metadata().workspace_packages() {
        if normal(package).any(is_aws_sdk) && !package.manifest_path.as_str().contains("/benches/") {
            doors.insert(package.name.to_string());
        }
    }
    assert_eq!(doors.into_iter().collect::<Vec<_>>(), [AWS_DOOR]);
}

#[test]
fn light_crates_stay_light() {
    for (root, banned) in FREE_OF {
        // `cargo metadata` unites the features of the whole workspace; `cargo tree -p` takes those of one package.
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "--package",
                root,
            ])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains("upsign-core") || root == "upsign-core", "{tree}");
        for name in banned {
            assert!(!names.contains(name), "{root} must not bring in {name}");
        }
    }
}
