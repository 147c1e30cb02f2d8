//! The commands that follow `upsign documents sam`: from the template to an uploaded file.

mod upload;

use std::fs;
use std::path::Path;

use toml::Table;
use upsign_config::{ApiKind, Config};
use upsign_core::Provider;

use crate::output;
use crate::shell::quote;

/// A command for a POSIX shell, and what it does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) title: String,
    pub(super) command: String,
}

/// Prints the steps after a template that was generated from `config`, the file at `path`.
pub(super) fn print(config: &Config, path: &Path) {
    if let Some(missing) = foreign_store(config) {
        output::warning(&missing);
    }
    let mut steps =
        build(config, &Package::of(path)).into_iter().chain([deploy(config)]).chain(upload::upload(config));
    if let Some(first) = steps.next() {
        output::notes().next(&format!("with the template in {TEMPLATE}: {}", first.title));
        output::notes().verbatim(&first.command);
    }
    for step in steps {
        output::notes().line(&format!("then {}", step.title));
        output::notes().verbatim(&step.command);
    }
}

/// The file to which the examples of the command write the template.
const TEMPLATE: &str = "template.yaml";
const STACK: &str = "uploads";

/// The package of the function, which the folder of `upsign.toml` contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Package {
    /// In the current folder. Holds the name of the configuration file.
    Here(String),
    /// In another folder, from which the current one, with the workspace, is built. Holds its name and the path of the file.
    Member(String, String),
    /// There is no package next to the configuration file.
    Unknown,
}

impl Package {
    fn of(config: &Path) -> Self {
        let folder = config.parent().unwrap_or(Path::new(""));
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest: Table = toml::from_str(&manifest).unwrap_or_default();
        let name = manifest.get("package").and_then(|package| package.get("name")?.as_str());
        let file = config.display().to_string();
        match name {
            Some(_) if [Path::new(""), Path::new(".")].contains(&folder) => Self::Here(file),
            Some(name) => Self::Member(name.to_owned(), file),
            None => Self::Unknown,
        }
    }
}

/// Returns the steps to the function's zip file; none if its code is elsewhere.
fn build(config: &Config, package: &Package) -> Vec<Step> {
    // Without a location, the template names the file that cargo-lambda writes.
    if config.deployment_config().code.is_some() {
        return Vec::new();
    }
    // The package of the registry installs Zig too, with which cargo-lambda links for Linux and the C library of Lambda.
    let install =
        Step { title: "install cargo-lambda".to_owned(), command: "pip install cargo-lambda".to_owned() };
    let arm64 = if IS_ARM { " --arm64" } else { "" };
    let build = format!("cargo lambda build --release{arm64} --output-format zip");
    let (place, command) = match package {
        Package::Here(file) => ("", format!("{build} --include {}", included(file))),
        Package::Member(name, file) => {
            ("", format!("{build} --package {} --include {}", quote(name), included(file)))
        }
        Package::Unknown => (
            " in the folder of its package, with upsign.toml next to Cargo.toml",
            format!("{build} --include upsign.toml"),
        ),
    };
    let title =
        format!("build the function's zip file{place}. The program of the package is named bootstrap:");
    vec![install, Step { title, command }]
}

/// Whether the machine has the same processor architecture as the template's default.
const IS_ARM: bool = cfg!(target_arch = "aarch64");

/// Returns the argument with which cargo-lambda packs a file as `upsign.toml`: `DESTINATION:SOURCE`, or the name alone.
fn included(file: &str) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    if file == "upsign.toml" { file.to_owned() } else { quote(&format!("upsign.toml:{file}")) }
}

/// Returns the option for the region of the stack: that of its buckets. A stack without buckets of AWS can be anywhere.
fn region(config: &Config) -> String {
    let deployment = config.deployment();
    let buckets = deployment.buckets();
    let in_aws = buckets.iter().find(|bucket| bucket.provider() == Provider::Aws);
    let policy = in_aws.and_then(|bucket| bucket.policies().next());
    policy
        .map_or_else(String::new, |policy| format!(" --region {}", quote(policy.target().region().as_str())))
}

/// Returns what the function of the printed commands lacks for a store other than S3.
fn foreign_store(config: &Config) -> Option<String> {
    let deployment = config.deployment();
    let buckets = deployment.buckets();
    let bucket = buckets.iter().find(|bucket| bucket.provider() != Provider::Aws)?;
    Some(format!(
        "{}: the function signs with the credentials of its role, which {} refuses: pass the keys of the store to the settings \
         of your function (documentation of upsign-lambda, \"Stores other than S3\")",
        bucket.bucket(),
        bucket.provider()
    ))
}

fn deploy(config: &Config) -> Step {
    let settings = config.deployment_config();
    let architecture = (!IS_ARM && settings.code.is_none()).then_some("Architecture=x86_64");
    let parameters = architecture.map_or_else(String::new, |it| format!(" --parameter-overrides {it}"));
    let first = if settings.api == ApiKind::Rest && settings.access_logs.unwrap_or(true) {
        ". If no REST API of the account writes logs in this region yet, add the parameter CreateApiGatewayLogRole=true"
    } else {
        ""
    };
    let region = region(config);
    Step {
        title: format!("deploy it{first}:"),
        command: format!(
            "sam deploy --template-file {TEMPLATE} --stack-name {STACK} --resolve-s3 \\\n  \
             --capabilities CAPABILITY_IAM{region}{parameters}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn config(upload: &str, rest: &str) -> Config {
        let file = format!(
            r#"
            bucket = {{ name = "article-images-bucket", region = "ap-southeast-1" }}
            cors = {{ origins = ["https://app.example.com"] }}
            auth = {{ user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access" }}
            [upload]
            key = "articles/{{id}}.{{ext}}"
            types = ["image/jpeg"]
            max_size = "10 MiB"
            bodyless = "refuse"
            {upload}
            {rest}"#
        );
        Config::read("upsign.toml", &file, |_| None).unwrap()
    }

    fn commands(steps: impl IntoIterator<Item = Step>) -> Vec<String> {
        steps.into_iter().map(|step| step.command).collect()
    }

    #[test]
    fn function_is_built_from_its_package_with_its_configuration() {
        let arm64 = if IS_ARM { " --arm64" } else { "" };
        let build = format!("cargo lambda build --release{arm64} --output-format zip");
        let config = config("", "");
        for (package, end) in [
            (Package::Here("upsign.toml".into()), "--include upsign.toml"),
            (Package::Here("./staging.toml".into()), "--include upsign.toml:staging.toml"),
            (
                Package::Member("example-lambda".into(), "examples/lambda/upsign.toml".into()),
                "--package example-lambda --include upsign.toml:examples/lambda/upsign.toml",
            ),
            (Package::Unknown, "--include upsign.toml"),
        ] {
            let expected = ["pip install cargo-lambda".to_owned(), format!("{build} {end}")];
            assert_eq!(commands(super::build(&config, &package)), expected, "{package:?}");
        }
    }

    #[test]
    fn package_is_the_one_next_to_the_configuration() {
        let example = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/lambda/upsign.toml"));
        let expected = Package::Member("example-lambda".into(), example.display().to_string());
        assert_eq!(Package::of(example), expected);
        assert_eq!(Package::of(Path::new("/nowhere/upsign.toml")), Package::Unknown);
        // The tests run in the folder of this package.
        assert_eq!(Package::of(Path::new("upsign.toml")), Package::Here("upsign.toml".into()));
    }

    #[test]
    fn code_elsewhere_is_not_built() {
        let elsewhere = config("", "[deployment]\ncode = \"s3://releases/uploads.zip\"");
        assert_eq!(build(&elsewhere, &Package::Unknown), []);
        assert!(!deploy(&elsewhere).command.contains("Architecture"));
    }

    #[test]
    fn store_other_than_s3_needs_its_keys_and_has_no_region_of_aws() {
        let plain = config("", "");
        assert_eq!((foreign_store(&plain), region(&plain).as_str()), (None, " --region ap-southeast-1"));
        let file = r#"
            bucket = { name = "images", region = "auto", provider = "r2", endpoint = "https://a.r2.cloudflarestorage.com" }
            cors = { origins = ["https://app.example.com"] }
            auth = { user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access" }
            upload = { key = "{id}", types = ["image/jpeg"], max_size = "1 MiB", bodyless = "refuse" }"#;
        let r2 = Config::read("upsign.toml", file, |_| None).unwrap();
        let missing = foreign_store(&r2).unwrap();
        assert!(missing.starts_with("images: ") && missing.contains(" r2 refuses: "), "{missing}");
        assert_eq!(region(&r2), "");
    }

    #[test]
    fn first_rest_api_of_a_region_needs_the_role_for_logs() {
        assert!(deploy(&config("", "")).title.contains("CreateApiGatewayLogRole=true"));
        for deployment in ["api = \"http\"", "access_logs = false"] {
            let config = config("", &format!("[deployment]\n{deployment}"));
            assert_eq!(deploy(&config).title, "deploy it:");
        }
    }
}
