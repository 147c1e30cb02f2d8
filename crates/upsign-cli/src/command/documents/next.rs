//! The commands that follow `upsign documents sam`: from the template to an uploaded file.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use toml::Table;
use upsign_config::{ApiKind, Config, RouteConfig};
use upsign_policy::{ChecksumAlgorithm, Checksums, UploadMethod};

use crate::shell::{in_quotes, quote};
use crate::{output, sample};

/// A command for a POSIX shell, and what it does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) title: String,
    pub(super) command: String,
}

/// Prints the steps after a template that was generated from `config`, the file at `path`.
pub(super) fn print(config: &Config, path: &Path) {
    let mut steps =
        build(config, &Package::of(path)).into_iter().chain([deploy(config)]).chain(upload(config));
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

fn region(config: &Config) -> String {
    let region = config.policies().next().map(|policy| policy.target().region().to_string());
    region.map_or_else(String::new, |region| format!(" --region {}", quote(&region)))
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

/// Returns the step that requests an upload URL from the deployed function and uploads a file with it.
fn upload(config: &Config) -> Option<Step> {
    let (route, auth) = (config.routes().first()?, config.auth()?);
    let region = region(config);
    let (url, address) = match config.deployment_config().api {
        ApiKind::LoadBalancer => (
            "url=https://$LOAD_BALANCER/upload-url".to_owned(),
            ", the name of the load balancer in LOAD_BALANCER",
        ),
        _ => (
            format!(
                "url=$(aws cloudformation describe-stacks --stack-name {STACK}{region} --output text \\\n  \
                 --query \"Stacks[0].Outputs[?OutputKey=='UploadUrl'].OutputValue\")"
            ),
            "",
        ),
    };
    let body = body(route);
    let content_type = body.content_type;
    let title = format!(
        "request an upload URL and upload a file, with a token of a user (token_use: {}) in TOKEN, the path of a file \
         ({content_type}) in FILE{address}:",
        auth.verifier.token_use().as_str()
    );
    let grant = format!(
        "grant=$(curl -fsS \"$url\" -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' \\\n  -d {})",
        body.argument
    );
    let send = match route.policy.method() {
        UploadMethod::Post => {
            "printf %s \"$grant\" | jq -r '.fields | to_entries[] | \"form-string = \" + (.key + \"=\" + .value | @json)' |\n  \
             curl -fsS -K - -F \"file=@$FILE\" \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
        _ => {
            "printf %s \"$grant\" | jq -r '.headers | to_entries[] | .key + \": \" + .value' |\n  \
             curl -fsS -T \"$FILE\" -H @- \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
    };
    Some(Step { title, command: [url, grant, send.to_owned()].join("\n") })
}

/// The body of a request for the file `$FILE`.
struct Body {
    content_type: String,
    /// A word of the shell, which contains what depends on the file as substitutions.
    argument: String,
}

fn body(route: &RouteConfig) -> Body {
    let mut body = sample::upload(route).body;
    let content_type = body.get("contentType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut substitutions = vec![(format!("\"{LENGTH}\""), "$(wc -c < \"$FILE\")".to_owned())];
    if let Some(members) = body.as_object_mut() {
        members.insert("contentLength".into(), LENGTH.into());
        if let Some((name, command)) = checksum(route.policy.checksums()) {
            members.insert("checksum".into(), json!({name: CHECKSUM}));
            substitutions.push((CHECKSUM.to_owned(), command));
        }
    }
    let mut argument = in_quotes(&body.to_string());
    for (text, command) in substitutions {
        // Ends the quoted word, continues it with a quoted substitution, and begins it again.
        argument = argument.replace(&text, &format!("'\"{command}\"'"));
    }
    Body { content_type, argument }
}

const LENGTH: &str = "LENGTH-OF-FILE";
const CHECKSUM: &str = "CHECKSUM-OF-FILE";

/// Returns a required algorithm and the command that computes its checksum of `$FILE`. `openssl` computes no CRC.
fn checksum(checksums: &Checksums) -> Option<(&'static str, String)> {
    let Checksums::Required(algorithms) = checksums else { return None };
    let known = [ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Md5];
    let algorithm = known.into_iter().find(|known| algorithms.contains(known))?;
    let name = algorithm.as_str();
    Some((name, format!("$(openssl dgst -{name} -binary \"$FILE\" | base64)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(upload: &str, rest: &str) -> Config {
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
    fn first_rest_api_of_a_region_needs_the_role_for_logs() {
        assert!(deploy(&config("", "")).title.contains("CreateApiGatewayLogRole=true"));
        for deployment in ["api = \"http\"", "access_logs = false"] {
            let config = config("", &format!("[deployment]\n{deployment}"));
            assert_eq!(deploy(&config).title, "deploy it:");
        }
    }

    #[test]
    fn request_states_the_size_and_the_checksum_of_the_file() {
        let plain = body(&config("", "").routes()[0]);
        let expected = r#"'{"contentLength":'"$(wc -c < "$FILE")"',"contentType":"image/jpeg"}'"#;
        assert_eq!((plain.argument.as_str(), plain.content_type.as_str()), (expected, "image/jpeg"));
        let config = config("checksums = [\"crc32\", \"sha256\"]\nrequire_checksum = true", "");
        let argument = body(&config.routes()[0]).argument;
        let expected = r#""checksum":{"sha256":"'"$(openssl dgst -sha256 -binary "$FILE" | base64)"'"}"#;
        assert!(argument.contains(expected), "{argument}");
    }

    #[test]
    fn form_is_sent_with_its_fields_before_the_file() {
        let form = upload(&config("method = \"post\"\nno_overwrite = false", "")).unwrap().command;
        assert!(form.contains("form-string = ") && form.contains("-K - -F \"file=@$FILE\""), "{form}");
        let put = upload(&config("", "")).unwrap();
        assert!(put.command.contains("OutputKey=='UploadUrl'") && put.command.contains("-T \"$FILE\""));
        assert!(put.title.contains("token_use: access"), "{}", put.title);
    }
}
