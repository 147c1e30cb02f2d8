//! The commands that build the zip file of the function.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;
use upsign_config::Config;

use super::Step;
use crate::shell::quote;

/// The package of the function, which the folder of `upsign.toml` contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Package {
    /// In the current folder.
    Here { config: String },
    /// In another folder.
    Elsewhere { manifest: String, config: String },
    /// There is no package next to the configuration file.
    Unknown { config: String },
}

impl Package {
    pub(super) fn of(config: &Path) -> Self {
        let folder = config.parent().unwrap_or(Path::new(""));
        let (path, manifest) = manifest(folder);
        let config = config.display().to_string();
        if !manifest.contains_key("package") {
            Self::Unknown { config }
        } else if [Path::new(""), Path::new(".")].contains(&folder) {
            Self::Here { config }
        } else {
            Self::Elsewhere { manifest: path.display().to_string(), config }
        }
    }
}

/// Returns the path of a folder's manifest and its content, which is empty if the file is missing.
fn manifest(folder: &Path) -> (PathBuf, Table) {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    (path, toml::from_str(&text).unwrap_or_default())
}

/// Returns whether the package next to the configuration has a feature `chain`, as the example has.
pub(super) fn has_chain_feature(config: &Path) -> bool {
    let (_, manifest) = manifest(config.parent().unwrap_or(Path::new("")));
    manifest.get("features").is_some_and(|features| features.get("chain").is_some())
}

/// What a function needs that signs with a role that it assumes.
const ASSUMES: &str = ". It assumes a role to sign, so it needs the feature `chain` of upsign-lambda in Cargo.toml, and \
    environment::load in place of environment::read";

/// Installs cargo-lambda with its package of PyPI, which brings Zig, with which it links for Linux and the C library of Lambda.
///
/// An environment of its own, because distributions refuse to install packages into that of the system (PEP 668). It comes first in
/// `PATH`, because cargo-lambda runs `python3 -m ziglang`: installed with `pipx` or `uv tool`, it would not find Zig.
const INSTALL: &str = "python3 -m venv ~/.cargo-lambda && ~/.cargo-lambda/bin/pip install cargo-lambda\n\
    export PATH=\"$HOME/.cargo-lambda/bin:$PATH\"";

/// Returns the steps to the function's zip file. `has_chain` states whether the package has a
/// feature `chain`, which a signing role needs.
pub(super) fn build(config: &Config, package: &Package, has_chain: bool) -> Vec<Step> {
    let arm64 = if IS_ARM { " --arm64" } else { "" };
    // By default, cargo-lambda writes below the target folder of the workspace, which the template does not know.
    let mut build =
        format!("cargo lambda build --release{arm64} --output-format zip --lambda-dir target/lambda");
    let assumes = config.deployment_config().signing_role.is_some();
    if assumes && has_chain {
        build.push_str(" --features chain");
    }
    let needs = if assumes && !has_chain { ASSUMES } else { "" };
    let (place, command) = match package {
        Package::Here { config } => ("", format!("{build} --include {}", included(config))),
        Package::Elsewhere { manifest, config } => {
            ("", format!("{build} \\\n  --manifest-path {} --include {}", quote(manifest), included(config)))
        }
        Package::Unknown { config } => (
            ", in the folder of its package, with the configuration and what was printed next to Cargo.toml, as all that follows",
            format!("{build} --include {}", included(config)),
        ),
    };
    let title = format!(
        "build the function's zip file{place}. The program of the package is named bootstrap{needs}:"
    );
    vec![Step::new("install cargo-lambda:", INSTALL), Step::new(title, command)]
}

/// Whether the machine has the same processor architecture as the template's default.
pub(super) const IS_ARM: bool = cfg!(target_arch = "aarch64");

/// Returns the argument with which cargo-lambda packs a file as `upsign.toml`: `DESTINATION:SOURCE`, or the name alone.
fn included(file: &str) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    if file == "upsign.toml" { file.to_owned() } else { quote(&format!("upsign.toml:{file}")) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::config;
    use super::*;

    #[test]
    fn function_is_built_from_its_package_with_its_configuration() {
        let arm64 = if IS_ARM { " --arm64" } else { "" };
        let build =
            format!("cargo lambda build --release{arm64} --output-format zip --lambda-dir target/lambda");
        let here = |config: &str| Package::Here { config: config.into() };
        let elsewhere = Package::Elsewhere {
            manifest: "examples/lambda/Cargo.toml".into(),
            config: "examples/lambda/upsign.toml".into(),
        };
        for (package, end) in [
            (here("upsign.toml"), " --include upsign.toml"),
            (here("./staging.toml"), " --include upsign.toml:staging.toml"),
            (
                elsewhere,
                " \\\n  --manifest-path examples/lambda/Cargo.toml --include upsign.toml:examples/lambda/upsign.toml",
            ),
            (Package::Unknown { config: "upsign.toml".into() }, " --include upsign.toml"),
            (Package::Unknown { config: "sub/upsign.toml".into() }, " --include upsign.toml:sub/upsign.toml"),
        ] {
            let steps = super::build(&config("", ""), &package, true);
            let commands: Vec<_> = steps.into_iter().map(|step| step.command).collect();
            assert_eq!(commands, [INSTALL.to_owned(), format!("{build}{end}")], "{package:?}");
        }
    }

    #[test]
    fn package_is_the_one_next_to_the_configuration() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/lambda"));
        let (config, manifest) = (folder.join("upsign.toml"), folder.join("Cargo.toml"));
        let expected = Package::Elsewhere {
            manifest: manifest.display().to_string(),
            config: config.display().to_string(),
        };
        assert_eq!(Package::of(&config), expected);
        let nowhere = "/nowhere/upsign.toml";
        assert_eq!(Package::of(Path::new(nowhere)), Package::Unknown { config: nowhere.into() });
        // The tests run in the folder of this package.
        assert_eq!(Package::of(Path::new("upsign.toml")), Package::Here { config: "upsign.toml".into() });
    }

    #[test]
    fn function_that_assumes_a_role_is_built_with_the_provider_chain() {
        let role = "[deployment]\nsigning_role = \"arn:aws:iam::123456789012:role/signer\"";
        let last = |has_chain| {
            build(&config("", role), &Package::Unknown { config: "upsign.toml".into() }, has_chain)
                .pop()
                .unwrap()
        };
        assert!(last(true).command.contains(" --features chain "), "{}", last(true).command);
        assert!(!last(false).command.contains("chain"), "{}", last(false).command);
        assert!(last(false).title.contains("the feature `chain` of upsign-lambda"), "{}", last(false).title);
        let example = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/lambda/upsign.toml"));
        assert!(has_chain_feature(example) && !has_chain_feature(Path::new("/nowhere/upsign.toml")));
    }
}
