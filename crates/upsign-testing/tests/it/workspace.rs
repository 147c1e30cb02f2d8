//! Reads the packages of the workspace and their sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::rust::Source;

/// A package, with what the rules check.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Names of all dependencies that are not for development or build scripts, optional ones too.
    pub(crate) dependencies: BTreeSet<String>,
    /// Source files below `src`, without tests, by path from the folder of the workspace.
    pub(crate) sources: BTreeMap<String, Source>,
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Reads every package of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().unwrap();
    let read = |package: &&cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        Package {
            name: package.name.to_string(),
            dependencies: normal.map(|dependency| dependency.name.clone()).collect(),
            sources: sources(&folder.join("src")),
        }
    };
    metadata.workspace_packages().iter().map(read).collect()
}

/// Reads the Rust files below a folder and drops those that are compiled for tests only.
fn sources(folder: &Path) -> BTreeMap<String, Source> {
    let files = rust_files(folder);
    let parsed: Vec<(PathBuf, Source)> = files
        .into_iter()
        .map(|path| (path.clone(), Source::parse(&fs::read_to_string(path).unwrap())))
        .collect();
    let test_only: Vec<PathBuf> = parsed.iter().flat_map(|(path, source)| source.test_files(path)).collect();
    let is_shipped = |path: &Path, source: &Source| {
        !source.is_test_only() && !test_only.iter().any(|test| path.starts_with(test))
    };
    let shipped = parsed.into_iter().filter(|(path, source)| is_shipped(path, source));
    shipped.map(|(path, source)| (relative(&path), source)).collect()
}

/// Returns every Rust file below a folder.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !["target", "node_modules"].contains(&name) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns a path from the root of the workspace, with `/` on every platform.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}
