//! Checks the `rust-version` of every package: at least what its locked dependencies ask for, with the reason next to it.
//!
//! Clippy's `incompatible_msrv` compares it with the standard library that the code uses. Neither needs an older compiler, and
//! neither notices syntax that an older compiler does not know: `cargo xtask nightly --only rust-version` compiles each crate
//! with the version that it states.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cargo_metadata::semver::Version;
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::workspace::root;

/// The edition of the workspace needs this version.
const EDITION_2024: Version = Version::new(1, 85, 0);

#[test]
fn rust_version_is_what_the_locked_dependencies_need() {
    let metadata = metadata();
    let stated = |id: &PackageId| metadata[id].rust_version.clone();
    let mut violations = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let own = package.rust_version.clone().unwrap_or(Version::new(0, 0, 0));
        let mut needed: BTreeMap<String, Version> = dependencies(&metadata, &package.id)
            .into_iter()
            .filter_map(|id| Some((metadata[id].name.to_string(), stated(id)?)))
            .collect();
        needed.insert("the edition".to_owned(), EDITION_2024);
        violations.extend(too_low(name, &own, &needed));
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn published_packages_state_why_they_need_their_rust_version() {
    let mut checked = 0;
    for package in metadata().workspace_packages() {
        if package.publish.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            has_reason(&manifest),
            "{}: no own rust-version below a comment with its reason",
            package.name
        );
        checked += 1;
    }
    assert!(checked > 10);
}

/// Reads the packages of the workspace and their locked dependencies, with all features.
fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).features(CargoOpt::AllFeatures);
    command.other_options(["--locked".to_owned()]).exec().unwrap()
}

/// Returns everything that a package is built with, directly and indirectly, except for its tests.
fn dependencies<'a>(metadata: &'a Metadata, package: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let (mut found, mut new) = (BTreeSet::new(), vec![package]);
    while let Some(id) = new.pop() {
        for dependency in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
            let is_built = dependency.dep_kinds.iter().any(|it| it.kind != DependencyKind::Development);
            if is_built && found.insert(&dependency.pkg) {
                new.push(&dependency.pkg);
            }
        }
    }
    found
}

/// Returns a line for each dependency that needs a later version.
fn too_low(name: &str, own: &Version, needed: &BTreeMap<String, Version>) -> Vec<String> {
    let later = needed.iter().filter(|(_, version)| *version > own);
    later
        .map(|(dependency, version)| {
            format!("{name} states rust-version {own}, but {dependency} needs {version}")
        })
        .collect()
}

/// Returns `true` if the manifest has a `rust-version` of its own below a comment.
fn has_reason(manifest: &str) -> bool {
    let before = |lines: &[&str]| matches!(lines, [comment, line] if comment.starts_with("# ") && line.starts_with("rust-version = \""));
    manifest.lines().collect::<Vec<_>>().windows(2).any(before)
}

mod tests {
    use super::*;

    #[test]
    fn later_dependencies_are_reported() {
        let needed = BTreeMap::from([
            ("uuid".to_owned(), Version::new(1, 89, 0)),
            ("zeroize".to_owned(), Version::new(1, 85, 0)),
        ]);
        let expected = ["upsign states rust-version 1.88.0, but uuid needs 1.89.0"];
        assert_eq!(too_low("upsign", &Version::new(1, 88, 0), &needed), expected);
        assert!(too_low("upsign", &Version::new(1, 89, 0), &needed).is_empty());
    }

    #[test]
    fn indirect_dependencies_count_and_those_of_tests_do_not() {
        let metadata = metadata();
        let of = |name: &str| {
            let package =
                metadata.workspace_packages().into_iter().find(|it| it.name.as_str() == name).unwrap();
            let ids = dependencies(&metadata, &package.id);
            ids.into_iter().map(|id| metadata[id].name.to_string()).collect::<BTreeSet<_>>()
        };
        let core = of("upsign-core");
        assert!(core.contains("zeroize_derive") && !core.contains("proptest"), "{core:?}");
    }

    #[test]
    fn inherited_version_has_no_reason() {
        assert!(has_reason("edition = \"2024\"\n# uuid\nrust-version = \"1.89\"\n"));
        assert!(!has_reason("# uuid\nrust-version.workspace = true\n"));
        assert!(!has_reason("edition = \"2024\"\nrust-version = \"1.89\"\n"));
    }
}
