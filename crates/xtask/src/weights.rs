//! What a dependency on one of the libraries costs: crates compiled, CPU time, and what comes with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cpu;
use crate::process::{Failure, cargo, failure, root, run, scratch};

/// A library with some of its features.
struct Configuration {
    library: &'static str,
    features: &'static [&'static str],
}

const fn with(library: &'static str, features: &'static [&'static str]) -> Configuration {
    Configuration { library, features }
}

/// What an application may depend on, lightest first.
const CONFIGURATIONS: &[Configuration] = &[
    with("upsign-browser", &[]),
    with("upsign-core", &[]),
    with("upsign-sigv4", &[]),
    with("upsign-policy", &[]),
    with("upsign", &[]),
    with("upsign", &["renewing"]),
    with("upsign-objects", &[]),
    with("upsign-objects", &["http"]),
    with("upsign-documents", &[]),
    with("upsign-documents", &["hcl", "xml"]),
    with("upsign-cognito", &[]),
    with("upsign-cognito", &["fetch"]),
    with("upsign-http", &[]),
    with("upsign-http", &["cognito"]),
    with("upsign-axum", &[]),
    with("upsign-axum", &["server"]),
    with("upsign-axum", &["cognito"]),
    with("upsign-axum", &["fetch", "metrics", "tls"]),
    with("upsign-config", &[]),
    with("upsign-config", &["objects", "secrets"]),
    with("upsign-client", &[]),
    with("upsign-lambda", &[]),
    with("upsign-lambda", &["verify"]),
    with("upsign-lambda", &["multipart"]),
    with("upsign-lambda", &["verify", "multipart"]),
    with("upsign-lambda", &["chain"]),
    with("upsign-aws", &["secrets"]),
    with("upsign-aws", &["sigv4"]),
    with("upsign-aws", &["chain"]),
    with("upsign-aws", &["sdk"]),
];

/// Libraries that the table names if they are compiled, by their name in code.
const NOTABLE: [(&str, &str); 9] = [
    ("aws_lc_sys", "C code (aws-lc)"),
    ("rustls", "TLS (rustls)"),
    ("serde_json", "serde_json"),
    ("tokio", "tokio"),
    ("hyper", "hyper"),
    ("axum", "axum"),
    ("reqwest", "an HTTP client (reqwest)"),
    ("lambda_runtime", "the Lambda runtime"),
    ("aws_config", "the AWS SDK's provider chain"),
];

/// What one build compiled.
#[derive(Default)]
struct Compiled {
    packages: BTreeSet<String>,
    libraries: BTreeSet<String>,
}

/// Builds a program that depends on nothing else, for each configuration of `only` (all if it is empty), and prints a table
/// in Markdown.
///
/// Each build is cold, in the development profile with cargo's own settings, and uses the versions of the workspace's lock
/// file. The CPU time is that of the compilers and of everything that build scripts run.
pub(crate) fn table(only: &[String]) -> Result<(), Failure> {
    let known = |name: &&String| CONFIGURATIONS.iter().any(|it| it.library == name.as_str());
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        return Err(format!("there is no configuration of {unknown:?}"));
    }
    println!("| crate | features | crates compiled | CPU seconds | pulls in |");
    println!("| --- | --- | ---: | ---: | --- |");
    for configuration in CONFIGURATIONS {
        if only.is_empty() || only.iter().any(|name| name == configuration.library) {
            println!("{}", row(configuration)?);
        }
    }
    Ok(())
}

fn row(configuration: &Configuration) -> Result<String, Failure> {
    let folder = scratch("weights")?;
    write_package(&folder, configuration)?;
    // Downloads are not part of the measurement.
    run(package_cargo(&folder).args(["fetch", "--quiet"]))?;
    let before = cpu::of_children();
    let mut build = package_cargo(&folder);
    build.args(["build", "--offline", "--quiet", "--message-format", "json"]).stdout(Stdio::piped());
    let output = build.spawn().and_then(std::process::Child::wait_with_output).map_err(failure)?;
    let used = before.and_then(|before| Some(cpu::of_children()?.saturating_sub(before)));
    if !output.status.success() {
        return Err(format!("{} with {:?} does not build", configuration.library, configuration.features));
    }
    let compiled = compiled(&String::from_utf8_lossy(&output.stdout));
    drop(fs::remove_dir_all(&folder));
    let features = configuration.features.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let features = if features.is_empty() { "–".to_owned() } else { features.join(", ") };
    let seconds = used.map_or_else(|| "–".into(), |used| format!("{:.0}", used.as_secs_f64()));
    let pulled =
        NOTABLE.iter().filter(|(name, _)| compiled.libraries.contains(*name)).map(|(_, label)| *label);
    let pulled = pulled.collect::<Vec<_>>();
    let pulled = if pulled.is_empty() { "–".to_owned() } else { pulled.join(", ") };
    Ok(format!(
        "| `{}` | {features} | {} | {seconds} | {pulled} |",
        configuration.library,
        compiled.packages.len()
    ))
}

/// Returns a call of cargo outside of the workspace, without the settings that the caller has for it.
fn package_cargo(folder: &Path) -> Command {
    let mut command = cargo();
    command.current_dir(folder).env_remove("CARGO_TARGET_DIR").env_remove("CARGO_INCREMENTAL");
    command
}

/// Writes a package outside of the workspace, because the profiles of a workspace do not apply to its users.
fn write_package(folder: &Path, configuration: &Configuration) -> Result<(), Failure> {
    let Configuration { library, features } = configuration;
    let path = root().join("crates").join(library);
    let manifest = format!(
        "[package]\nname = \"application\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {library} = {{ path = {path:?}, features = {features:?} }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failure)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(failure)?;
    fs::create_dir(folder.join("src")).map_err(failure)?;
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").map_err(failure)
}

/// Reads the messages of `cargo build --message-format json`.
fn compiled(messages: &str) -> Compiled {
    let mut compiled = Compiled::default();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let target = message.get("target").unwrap_or(&Value::Null);
        let name = text(target.get("name"));
        if text(message.get("reason")) != "compiler-artifact" || name == "application" {
            continue;
        }
        compiled.packages.insert(text(message.get("package_id")));
        compiled.libraries.insert(name.replace('-', "_"));
    }
    compiled
}

#[cfg(test)]
mod tests {
    use cargo_metadata::MetadataCommand;

    use super::*;

    #[test]
    fn configurations_name_existing_features() {
        let metadata =
            MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
        for Configuration { library, features } in CONFIGURATIONS {
            let package = metadata.packages.iter().find(|package| package.name.as_str() == *library).unwrap();
            let is_known = |feature: &&str| package.features.contains_key(*feature);
            assert!(features.iter().all(is_known), "{library}: {features:?}");
        }
    }

    #[test]
    fn package_with_a_build_script_is_one_crate() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"a#serde@1.0.0","target":{"name":"build-script-build"}}
{"reason":"build-script-executed","package_id":"a#serde@1.0.0"}
{"reason":"compiler-artifact","package_id":"a#serde@1.0.0","target":{"name":"serde"}}
{"reason":"compiler-artifact","package_id":"a#aws-lc-sys@0.3.0","target":{"name":"aws-lc-sys"}}
{"reason":"compiler-artifact","package_id":"path#0.0.0","target":{"name":"application"}}
{"reason":"build-finished","success":true}"#;
        let compiled = compiled(messages);
        assert_eq!(compiled.packages.len(), 2);
        assert!(compiled.libraries.contains("aws_lc_sys"));
    }
}
