//! The published libraries of the workspace, and the versions of the crates that they depend on.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep, Package, PackageId, TargetKind};

use crate::process::{Failure, failure, root};

/// A published package with a library.
pub(crate) struct Library {
    pub(crate) name: String,
    /// Name of the library in code, for example `upsign_core`.
    pub(crate) target: String,
    pub(crate) folder: PathBuf,
    id: PackageId,
}

/// The packages of the workspace and their locked dependencies, with all features.
pub(crate) struct Workspace {
    metadata: Metadata,
    libraries: Vec<Library>,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self, Failure> {
        let mut command = MetadataCommand::new();
        command
            .manifest_path(root().join("Cargo.toml"))
            .other_options(["--locked".into(), "--all-features".into()]);
        let metadata = command.exec().map_err(failure)?;
        let mut libraries: Vec<Library> =
            metadata.workspace_packages().into_iter().filter_map(library).collect();
        libraries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { metadata, libraries })
    }

    pub(crate) fn libraries(&self) -> &[Library] {
        &self.libraries
    }

    /// Returns the locked versions of the crate that a library's code calls `name`: the version of its direct dependency,
    /// or else the versions that are nearest in the tree of its dependencies.
    pub(crate) fn versions(&self, library: &Library, name: &str) -> BTreeSet<Version> {
        let mut known = self.dependencies(&BTreeSet::from([&library.id]));
        loop {
            let packages = self.metadata.packages.iter().filter(|package| known.contains(&package.id));
            let named = packages.filter(|package| code_name(package).as_deref() == Some(name));
            let found: BTreeSet<Version> = named.map(|package| package.version.clone()).collect();
            let count = known.len();
            known.extend(self.dependencies(&known));
            if !found.is_empty() || known.len() == count {
                return found;
            }
        }
    }

    /// Returns what these packages depend on directly, except for tests and build scripts.
    fn dependencies<'a>(&'a self, of: &BTreeSet<&PackageId>) -> BTreeSet<&'a PackageId> {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let dependencies = nodes.filter(|node| of.contains(&node.id)).flat_map(|node| &node.deps);
        let is_normal = |dependency: &&NodeDep| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        };
        dependencies.filter(is_normal).map(|dependency| &dependency.pkg).collect()
    }
}

fn library(package: &Package) -> Option<Library> {
    // `publish = false` reads as an empty list of registries.
    if package.publish.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    Some(Library {
        name: package.name.to_string(),
        target: code_name(package)?,
        folder: package.manifest_path.parent()?.into(),
        id: package.id.clone(),
    })
}

/// Returns the name of a package's library in code.
fn code_name(package: &Package) -> Option<String> {
    let is_library = |kind: &TargetKind| {
        matches!(kind, TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib | TargetKind::ProcMacro)
    };
    let target = package.targets.iter().find(|target| target.kind.iter().any(is_library))?;
    Some(target.name.replace('-', "_"))
}
