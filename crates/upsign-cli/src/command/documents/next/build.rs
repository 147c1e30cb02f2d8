//! The commands that build the zip file of the function.

use std::fs;
use std::path::{Component, Path, PathBuf};

use toml::Table;
use upsign_config::{Config, KeysFrom, OutboxConfig, QuotaStoreConfig};

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

/// A feature of `upsign-lambda` that a configuration needs, and why.
struct Needed {
    feature: &'static str,
    reason: &'static str,
    /// Whether the program must read its settings by `environment::load`.
    loads: bool,
}

impl Needed {
    const fn new(feature: &'static str, reason: &'static str) -> Self {
        Self { feature, reason, loads: false }
    }

    const fn loading(self) -> Self {
        Self { loads: true, ..self }
    }
}

/// A function signs with a role that it assumes.
const CHAIN: Needed = Needed::new("chain", "It assumes a role to sign").loading();
/// A route uploads in parts.
const MULTIPART: Needed = Needed::new("multipart", "Its uploads have tokens").loading();
const WEBHOOKS: Needed = Needed::new("webhooks", "It announces uploads to a queue");
const CLOUDFRONT: Needed = Needed::new("cloudfront", "It signs URLs of CloudFront").loading();
const DYNAMODB: Needed = Needed::new("dynamodb", "It counts uploads in DynamoDB");
const REDIS: Needed = Needed::new("redis", "It counts uploads in Redis");
/// Another program of the stack, which is built from the same package.
const EVENTS: Needed = Needed::new("events", "Another function confirms uploads by events");

impl Needed {
    /// Returns the features that the configuration needs.
    fn by(config: &Config) -> Vec<Self> {
        let assumes = config.deployment_config().signing_role.is_some().then_some(CHAIN);
        let quota = config.quota().and_then(|quota| match &quota.store {
            QuotaStoreConfig::DynamoDb { .. } => Some(DYNAMODB),
            QuotaStoreConfig::Redis(_) => Some(REDIS),
            _ => None,
        });
        let has_queue =
            config.webhook().is_some_and(|webhook| matches!(webhook.outbox, OutboxConfig::Sqs { .. }));
        [
            assumes,
            config.needs_store().then_some(MULTIPART),
            config.signs_reads_of_cloudfront().then_some(CLOUDFRONT),
            has_queue.then_some(WEBHOOKS),
            quota,
            config.deployment().has_consumer().then_some(EVENTS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns what to change in a package that does not declare the feature.
    fn change(&self) -> String {
        let loads = if self.loads { ", and environment::load in place of environment::read" } else { "" };
        format!(
            ". {}, so it needs the feature `{}` of upsign-lambda in Cargo.toml{loads}",
            self.reason, self.feature
        )
    }
}

/// The programs of the other functions of a stack, in the packages of the examples with these names.
const CONSUMER: &str = "consumer";
const DELIVERER: &str = "deliverer";

/// Returns the programs that the stack of a configuration runs besides the one that signs uploads.
pub(super) fn other_programs(config: &Config) -> Vec<&'static str> {
    let deployment = config.deployment();
    let consumer = deployment.has_consumer().then_some(CONSUMER);
    consumer.into_iter().chain(deployment.has_deliverer().then_some(DELIVERER)).collect()
}

/// Returns what the package contains in addition to the program `bootstrap`.
fn other_binaries(config: &Config) -> String {
    let files: Vec<String> = other_programs(config).iter().map(|name| format!("src/bin/{name}.rs")).collect();
    if files.is_empty() {
        return String::new();
    }
    format!(
        ", and the package also has the programs of the stack's other functions, {}, which are those of upsign's examples with these \
         names",
        files.join(" and ")
    )
}

/// Returns the features that the package next to the configuration declares by the names of those of `upsign-lambda`, as the
/// example does.
pub(super) fn declared_features(config: &Path) -> Vec<&'static str> {
    let (_, manifest) = manifest(config.parent().unwrap_or(Path::new("")));
    let declares = |name: &&str| manifest.get("features").is_some_and(|all| all.get(name).is_some());
    let all = [CHAIN, MULTIPART, CLOUDFRONT, WEBHOOKS, DYNAMODB, REDIS, EVENTS];
    all.iter().map(|needed| needed.feature).filter(declares).collect()
}

/// Installs cargo-lambda with its package of PyPI, which brings Zig, with which it links for Linux and the C library of Lambda.
///
/// An environment of its own, because distributions refuse to install packages into that of the system (PEP 668). It comes first in
/// `PATH`, because cargo-lambda runs `python3 -m ziglang`: installed with `pipx` or `uv tool`, it would not find Zig.
const INSTALL: &str = "python3 -m venv ~/.cargo-lambda && ~/.cargo-lambda/bin/pip install cargo-lambda\n\
    export PATH=\"$HOME/.cargo-lambda/bin:$PATH\"";

/// Returns the steps to the function's zip file. `declared` are the [features](declared_features) of its package.
pub(super) fn build(config: &Config, package: &Package, declared: &[&str]) -> Vec<Step> {
    let arm64 = if IS_ARM { " --arm64" } else { "" };
    // By default, cargo-lambda writes below the target folder of the workspace, which the template does not know.
    let mut build =
        format!("cargo lambda build --release{arm64} --output-format zip --lambda-dir target/lambda");
    let (present, missing): (Vec<_>, Vec<_>) =
        Needed::by(config).into_iter().partition(|needed| declared.contains(&needed.feature));
    if !present.is_empty() {
        let names: Vec<&str> = present.iter().map(|needed| needed.feature).collect();
        build.push_str(" --features ");
        build.push_str(&names.join(","));
    }
    let needs: String = missing.iter().map(Needed::change).collect();
    let (place, manifest, file) = match package {
        Package::Here { config } => ("", None, config),
        Package::Elsewhere { manifest, config } => ("", Some(manifest), config),
        Package::Unknown { config } => (
            ", in the folder of its package, with the configuration and what was printed next to Cargo.toml, as all that follows",
            None,
            config,
        ),
    };
    let manifest = manifest.map(|manifest| format!(" \\\n  --manifest-path {}", quote(manifest)));
    let command = format!("{build}{} {}", manifest.unwrap_or_default(), includes(config, file).join(" "));
    let others = other_binaries(config);
    let what = if others.is_empty() { "the function's zip file" } else { "the zip files of the functions" };
    let title = format!("build {what}{place}. The program of the package is named bootstrap{others}{needs}:");
    vec![Step::new("install cargo-lambda:", INSTALL), Step::new(title, command)]
}

/// Whether the machine has the same processor architecture as the template's default.
pub(super) const IS_ARM: bool = cfg!(target_arch = "aarch64");

/// Returns the options with which cargo-lambda packs the configuration in `file`, and the key sets next to it that it names.
///
/// A key set in another folder cannot be at the same path in the function, so it is left out.
fn includes(config: &Config, file: &str) -> Vec<String> {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let issuers = config.auth().map(|auth| &*auth.issuers).unwrap_or_default();
    let mut key_sets: Vec<PathBuf> = issuers
        .iter()
        .filter_map(|issuer| match &issuer.keys {
            KeysFrom::File(path) => below(path.strip_prefix(folder).unwrap_or(path)),
            _ => None,
        })
        .collect();
    key_sets.sort_unstable();
    key_sets.dedup();
    let key_sets = key_sets
        .iter()
        .map(|path| included(&path.display().to_string(), &folder.join(path).display().to_string()));
    [included("upsign.toml", file)].into_iter().chain(key_sets).collect()
}

/// Returns a relative path without `.`, or `None` if it leads out of its folder.
fn below(path: &Path) -> Option<PathBuf> {
    let components = path.components().filter(|component| *component != Component::CurDir);
    components.map(|component| matches!(component, Component::Normal(_)).then_some(component)).collect()
}

/// Returns the option with which cargo-lambda packs a file under a name: `DESTINATION:SOURCE`, or the name alone.
fn included(name: &str, file: &str) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    let argument = if file == name { quote(name) } else { quote(&format!("{name}:{file}")) };
    format!("--include {argument}")
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
            let steps = super::build(&config("", ""), &package, &["chain", "multipart"]);
            let commands: Vec<_> = steps.into_iter().map(|step| step.command).collect();
            assert_eq!(commands, [INSTALL.to_owned(), format!("{build}{end}")], "{package:?}");
        }
    }

    #[test]
    fn key_sets_next_to_the_configuration_are_packed() {
        let issuer = |name: &str, keys: &str| {
            format!(
                "[[auth]]\nname = \"{name}\"\nprovider = \"oidc\"\nissuer = \"https://{name}.example.com\"\naudiences = \
                 [\"api\"]\ntoken_use = \"access\"\n{keys}\n"
            )
        };
        let issuers = [
            issuer("a", "jwks_file = \"keys/staff.json\""),
            issuer("b", "jwks_file = \"./b.json\""),
            issuer("c", "jwks_file = \"keys/staff.json\""),
            issuer("d", "jwks_file = \"/etc/keys.json\""),
            issuer("e", "jwks_file = \"../keys.json\""),
            issuer("f", ""),
        ];
        let packed = |file: &str| {
            let text = super::super::tests::file("", &issuers.concat());
            let config = Config::read(file, &text, |_| None).unwrap();
            includes(&config, file).join(" ")
        };
        assert_eq!(packed("upsign.toml"), "--include upsign.toml --include b.json --include keys/staff.json");
        assert_eq!(
            packed("examples/lambda/upsign.toml"),
            "--include upsign.toml:examples/lambda/upsign.toml --include b.json:examples/lambda/b.json --include \
             keys/staff.json:examples/lambda/keys/staff.json"
        );
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

    const COUNTED: &str =
        "[limit]\nper_day = 20\n[quota]\nfail = \"closed\"\nstore = \"dynamodb\"\ntable = \"counts\"\n";
    const AFTER_UPLOAD: &str = "[route.photos]\nkey = \"photos/{id:sealed}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
         bodyless = \"refuse\"\nconfirm = true\n[token]\nkeys = [\"env:TOKEN_SECRET\"]\n";
    const WEBHOOK: &str = "[webhook]\nurl = \"https://app.example.com/hook\"\nsecrets = [\"env:WEBHOOK_SECRET\"]\noutbox = \"sqs\"\n\
         queue_url = \"https://sqs.ap-southeast-1.amazonaws.com/123456789012/webhooks\"\n";

    const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXiqltw8ks1rT3Ubx7bxwXq+6fSZi\n\
        J1MIuZGPfSFAegmQqDPji1ZYzO9cXCnmQI3g7CVjjlWvifmnh7YrOZx7Ng==\n\
        -----END PUBLIC KEY-----";

    /// Returns reads by CloudFront, with these lines about who may read.
    fn through_cloudfront(lines: &str) -> String {
        format!("{AFTER_UPLOAD}[deployment]\nreads = \"cloudfront\"\n[cloudfront]\n{lines}\n")
    }

    #[test]
    fn every_program_of_the_stack_is_built() {
        let package = Package::Unknown { config: "upsign.toml".into() };
        let title = |rest: &str| build(&config("", rest), &package, &[]).pop().unwrap().title;
        assert!(title("").starts_with("build the function's zip file, in"), "{}", title(""));
        let all = title(&format!("{AFTER_UPLOAD}{WEBHOOK}"));
        for part in ["build the zip files of the functions", "src/bin/consumer.rs and src/bin/deliverer.rs"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        let events = title(AFTER_UPLOAD);
        assert!(events.contains("src/bin/consumer.rs") && !events.contains("deliverer"), "{events}");
    }

    #[test]
    fn function_is_built_with_the_features_that_it_needs() {
        let role = "[deployment]\nsigning_role = \"arn:aws:iam::123456789012:role/signer\"";
        let videos = "[route.videos]\nkey = \"videos/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = \"1 GiB\"\nbodyless = \
                      \"refuse\"\nmultipart = \"auto\"\n";
        let signed =
            format!("private_key = \"file:cloudfront.pem\"\npublic_keys = [\"\"\"\n{PUBLIC_KEY}\n\"\"\"]");
        for (rest, features) in [
            (role.to_owned(), &["chain"][..]),
            (videos.to_owned(), &["multipart"]),
            (format!("{videos}{role}"), &["chain", "multipart"]),
            (COUNTED.to_owned(), &["dynamodb"]),
            (COUNTED.replace("dynamodb\"\ntable = \"counts", "redis\"\nurl = \"env:REDIS_URL"), &["redis"]),
            (format!("{AFTER_UPLOAD}{WEBHOOK}"), &["multipart", "webhooks", "events"]),
            (through_cloudfront(&signed), &["multipart", "cloudfront", "events"]),
            (through_cloudfront("public_reads = true"), &["multipart", "events"]),
        ] {
            let last = |declared: &[&str]| {
                let package = Package::Unknown { config: "upsign.toml".into() };
                build(&config("", &rest), &package, declared).pop().unwrap()
            };
            let all = ["chain", "multipart", "cloudfront", "webhooks", "dynamodb", "redis", "events"];
            let (with, without) = (last(&all), last(&[]));
            assert!(
                with.command.contains(&format!(" --features {} ", features.join(","))),
                "{}",
                with.command
            );
            assert!(!without.command.contains("--features"), "{}", without.command);
            for feature in features {
                let named = format!("the feature `{feature}` of upsign-lambda");
                assert!(without.title.contains(&named) && !with.title.contains(&named), "{}", without.title);
            }
        }
        let example = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/lambda/upsign.toml"));
        assert_eq!(
            declared_features(example),
            ["chain", "multipart", "cloudfront", "webhooks", "dynamodb", "redis"]
        );
        assert!(declared_features(Path::new("/nowhere/upsign.toml")).is_empty());
    }
}
