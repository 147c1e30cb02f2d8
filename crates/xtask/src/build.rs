//! Builds the workspace's binaries for the steps that run them.

use std::path::PathBuf;

use crate::process::{Failure, cargo, root, run};

/// Which packages and features the binaries are built from.
#[derive(Clone, Copy)]
pub(crate) enum Build {
    /// From the packages that a step needs, with their default features: the least work if one step runs alone.
    Package,
    /// From the whole workspace with all features, like `cargo test --workspace --all-features`: after that step only the
    /// binaries have to be linked.
    Workspace,
}

impl Build {
    pub(crate) fn is_workspace(self) -> bool {
        matches!(self, Self::Workspace)
    }

    /// Builds `upsign` and returns its path.
    pub(crate) fn upsign(self) -> Result<PathBuf, Failure> {
        self.binaries(&["upsign-cli"], &["upsign"], &[])?;
        Ok(binary("debug", "upsign"))
    }

    /// Builds `upsign` with all features and returns its path.
    pub(crate) fn upsign_with_all_features(self) -> Result<PathBuf, Failure> {
        match self {
            Self::Workspace => return self.upsign(),
            Self::Package => {
                run(cargo().args(["build", "--locked", "-p", "upsign-cli", "--all-features"]))?;
            }
        }
        Ok(binary("debug", "upsign"))
    }

    /// Builds binaries in the development profile, into `debug/` of the target directory, with further features of the packages.
    pub(crate) fn binaries(
        self,
        packages: &[&str],
        names: &[&str],
        features: &[&str],
    ) -> Result<(), Failure> {
        let mut build = cargo();
        build.args(["build", "--locked"]);
        match self {
            Self::Package => {
                for package in packages {
                    build.args(["-p", package]);
                }
                for feature in features {
                    build.args(["--features", feature]);
                }
            }
            Self::Workspace => {
                build.args(["--workspace", "--all-features"]);
                // Cargo takes the features of development dependencies into account only if a test is built too. One
                // that the workspace step has built already makes the features, and so the artifacts, the same.
                build.args(["--test", "servers"]);
                for name in names {
                    build.args(["--bin", name]);
                }
            }
        }
        run(&mut build)
    }

    /// Builds an example of a package and returns its path.
    pub(crate) fn example(self, package: &str, name: &str) -> Result<PathBuf, Failure> {
        let mut build = cargo();
        build.args(["build", "--locked"]);
        match self {
            Self::Package => build.args(["-p", package]),
            // As `binaries` does, so that the artifacts are the same.
            Self::Workspace => build.args(["--workspace", "--all-features", "--test", "servers"]),
        };
        run(build.args(["--example", name]))?;
        Ok(binary("debug/examples", name))
    }

    /// Returns the arguments that run one integration test with all features, as [`binaries`](Self::binaries) builds.
    pub(crate) fn test(self, package: &'static str, test: &'static str) -> Vec<&'static str> {
        match self {
            Self::Package => vec!["test", "--locked", "-p", package, "--all-features", "--test", test],
            Self::Workspace => vec!["test", "--locked", "--workspace", "--all-features", "--test", test],
        }
    }
}

/// Returns the path of a binary below `CARGO_TARGET_DIR`, or `target`. `folder` is `debug`, `release` or `dist`.
pub(crate) fn binary(folder: &str, name: &str) -> PathBuf {
    target().join(folder).join(name)
}

/// Returns the target directory of the workspace.
pub(crate) fn target() -> PathBuf {
    let configured = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(configured)
}
