//! The commands that follow `upsign documents sam` and `upsign documents terraform`: from the stack to an uploaded file.

mod build;
mod caller;
mod deploy;
mod upload;

use std::path::Path;

use upsign_config::Config;

use build::Package;
pub(super) use deploy::sam_deploy;

use crate::output;

/// Commands for a POSIX shell, and what they do.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    title: String,
    command: String,
    /// Whether the commands replace those of the step before, under the condition that the title names.
    is_alternative: bool,
}

impl Step {
    fn new(title: impl Into<String>, command: impl Into<String>) -> Self {
        Self { title: title.into(), command: command.into(), is_alternative: false }
    }

    fn alternative(title: impl Into<String>, command: impl Into<String>) -> Self {
        Self { is_alternative: true, ..Self::new(title, command) }
    }
}

/// The program that deploys the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Sam,
    Terraform,
}

impl Tool {
    /// Returns what was printed, and the file to which the examples of the command write it.
    const fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Sam => ("template", TEMPLATE),
            Self::Terraform => ("module", "main.tf"),
        }
    }

    /// Returns the programs that the steps need. `builds` if they build the function.
    fn needs(self, builds: bool, steps: &[Step]) -> String {
        let deploys = match self {
            Self::Sam => "the SAM CLI",
            Self::Terraform => "Terraform",
        };
        let build = if builds { ", and Python 3 with venv, which installs cargo-lambda" } else { "" };
        let is_used = |program: &&str| steps.iter().any(|step| step.command.contains(*program));
        let programs: String =
            ["jq", "curl"].into_iter().filter(is_used).map(|program| format!(", {program}")).collect();
        format!("{deploys}, the AWS CLI with credentials{programs}{build}")
    }
}

/// The file to which the examples of the command write the template.
const TEMPLATE: &str = "template.yaml";
const STACK: &str = "uploads";

/// Prints the steps after a stack that was generated from `config`, the file at `path`.
pub(super) fn print(config: &Config, path: &Path, tool: Tool) {
    // A Terraform module takes the zip file as a variable.
    let has_code = tool == Tool::Sam && config.deployment_config().code.is_some();
    let build = match has_code {
        true => Vec::new(),
        false => build::build(config, &Package::of(path), &build::declared_features(path)),
    };
    let builds = !build.is_empty();
    let deploy = match tool {
        Tool::Sam => deploy::deploy(config),
        Tool::Terraform => deploy::apply(config),
    };
    let (upload, note) = match upload::upload(config, tool) {
        Ok(steps) => (steps, None),
        Err(reason) => (Vec::new(), Some(reason)),
    };
    let steps: Vec<Step> = build.into_iter().chain(deploy).chain(upload).collect();
    output::notes().line(&format!("note: the commands below need {}", tool.needs(builds, &steps)));
    let mut steps = steps.into_iter();
    if let Some(first) = steps.next() {
        let (source, file) = tool.source();
        output::notes().next(&format!("with the {source} in {file}: {}", first.title));
        output::notes().verbatim(&first.command);
    }
    for step in steps {
        let lead = if step.is_alternative { "or " } else { "then " };
        output::notes().line(&format!("{lead}{}", step.title));
        output::notes().verbatim(&step.command);
    }
    if let Some(note) = note {
        output::notes().line(&format!("note: {note}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn config(upload: &str, rest: &str) -> Config {
        let auth = r#"auth = { user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access" }"#;
        with_auth(auth, &format!("{upload}\n{rest}"))
    }

    /// Returns the configuration with another line for `[auth]`. `rest` follows the keys of `[upload]`.
    pub(super) fn with_auth(auth: &str, rest: &str) -> Config {
        Config::read("upsign.toml", &file(auth, rest), |_| None).unwrap()
    }

    /// Returns the text of a configuration with this line for `[auth]`, or none.
    pub(super) fn file(auth: &str, rest: &str) -> String {
        format!(
            r#"
            bucket = {{ name = "article-images-bucket", region = "ap-southeast-1" }}
            cors = {{ origins = ["https://app.example.com"] }}
            {auth}
            [upload]
            key = "articles/{{id}}.{{ext}}"
            types = ["image/jpeg"]
            max_size = "10 MiB"
            bodyless = "refuse"
            {rest}"#
        )
    }

    /// Returns the configuration of a bucket of another provider.
    pub(super) fn r2() -> Config {
        let file = r#"
            bucket = { name = "images", region = "auto", provider = "r2", endpoint = "https://a.r2.cloudflarestorage.com" }
            cors = { origins = ["https://app.example.com"] }
            auth = { user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access" }
            upload = { key = "{id}", types = ["image/jpeg"], max_size = "1 MiB", bodyless = "refuse" }"#;
        Config::read("upsign.toml", file, |_| None).unwrap()
    }
}
