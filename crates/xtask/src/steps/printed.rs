//! Runs the commands that `upsign documents sam` prints, from the template to an uploaded file: with the example of this
//! repository, also with multipart uploads, and with the function of another crate, which the manual shows.
//!
//! An emulator stands for AWS, and `tools/stand_in.py` for the programs that would reach it.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::common::{json_output, text, with_credentials};
use super::{Context, StepError};
use crate::build::target;
use crate::process::{Failure, failure, own, root, run, scratch, which};
use crate::servers::{Server, ministack};
use crate::tools::{Missing, system};

const PHOTO: &str = "crates/upsign-cli/assets/demo.jpg";
const STAND_INS: [&str; 7] = ["python3", "cargo", "sam", "curl", "upsign", "configure", "trust"];

/// A folder in which somebody types the printed commands.
struct Case {
    name: &'static str,
    /// The path of the configuration, as in `upsign documents sam --config`.
    config: &'static str,
    /// Another kind of API than the configuration's.
    api: Option<&'static str>,
    /// Whether the route uploads every file in parts, which `upsign upload` does.
    has_multipart: bool,
    prepare: fn(&Path) -> Result<(), Failure>,
    /// Whether the alternatives are followed that the printed text has for some accounts.
    follows_alternatives: bool,
}

const CASES: &[Case] = &[
    Case {
        name: "example",
        config: "examples/lambda/upsign.toml",
        api: None,
        has_multipart: false,
        prepare: prepare_example,
        // No REST API of the account has written logs yet.
        follows_alternatives: true,
    },
    Case {
        name: "multipart",
        config: "examples/lambda/upsign.toml",
        api: Some("http"),
        has_multipart: true,
        prepare: prepare_example,
        follows_alternatives: false,
    },
    Case {
        name: "crate",
        config: "upsign.toml",
        api: Some("url"),
        has_multipart: false,
        prepare: prepare_crate,
        follows_alternatives: false,
    },
];

pub(super) fn from_template_to_upload(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    let aws_cli = which("aws").ok_or_else(|| Missing::new("aws", "the AWS CLI"))?;
    system("jq", "jq")?;
    let curl = system("curl", "curl")?;
    let upsign = context.build.upsign()?;
    // Other runs at the same time have folders of their own.
    let folder = scratch(&format!("printed-{}", std::process::id()))?;
    let programs = stand_ins(&folder, &python, &aws_cli)?;
    for case in CASES {
        // Each case has the emulator for itself, because the stacks have the same name.
        let aws = ministack(&context.tools)?;
        let mut pool = Command::new(&python);
        let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
        let work = folder.join(case.name);
        fs::create_dir_all(&work).map_err(failure)?;
        (case.prepare)(&work)?;
        let environment =
            Environment { programs: &programs, curl: &curl, upsign: &upsign, aws: &aws, pool: &pool };
        run_case(case, &work, &environment)?;
    }
    Ok(fs::remove_dir_all(&folder).map_err(failure)?)
}

/// Returns a folder with the AWS CLI and the stand-ins, for `PATH`. They run with the real home folder: the commands have
/// another one, because they install a program there.
fn stand_ins(folder: &Path, python: &Path, aws: &Path) -> Result<PathBuf, Failure> {
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).map_err(failure)?;
    let home = std::env::var("HOME").map_err(failure)?;
    let script = own("tools/stand_in.py");
    let stand_in = |name| (name, format!("'{}' '{}' {name}", python.display(), script.display()));
    let aws = ("aws", format!("'{}'", aws.display()));
    for (name, program) in STAND_INS.into_iter().map(stand_in).chain([aws]) {
        let file = programs.join(name);
        fs::write(&file, format!("#!/bin/sh\nHOME='{home}' exec {program} \"$@\"\n")).map_err(failure)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).map_err(failure)?;
    }
    Ok(programs)
}

/// Copies what the commands for the example need. The stand-in of `cargo lambda` builds it in this repository.
fn prepare_example(folder: &Path) -> Result<(), Failure> {
    let example = folder.join("examples/lambda");
    fs::create_dir_all(&example).map_err(failure)?;
    for file in ["Cargo.toml", "upsign.toml"] {
        fs::copy(root().join("examples/lambda").join(file), example.join(file)).map_err(failure)?;
    }
    Ok(())
}

/// Creates the crate of the manual's page about Lambda, with the libraries of this repository.
fn prepare_crate(folder: &Path) -> Result<(), Failure> {
    let page =
        fs::read_to_string(root().join("crates/upsign/src/manual/howto/lambda.md")).map_err(failure)?;
    let block = |start: &str| {
        let (_, rest) = page.split_once(start).ok_or_else(|| format!("howto/lambda.md has no {start}"))?;
        rest.split_once("```").map(|(block, _)| block).ok_or_else(|| format!("{start} has no end"))
    };
    let library = format!("path = \"{}\"", root().join("crates/upsign-lambda").display());
    let repository = "git = \"https://github.com/upsign/upsign\"";
    let manifest = block("```toml\n[package]")?;
    if !manifest.contains(repository) {
        return Err(format!("howto/lambda.md: the manifest has no dependency with {repository}"));
    }
    let manifest = format!(
        "[package]{}\n[workspace]\n{}",
        manifest.replace(repository, &library),
        development_profile()?
    );
    fs::create_dir_all(folder.join("src")).map_err(failure)?;
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failure)?;
    fs::write(folder.join("src/main.rs"), block("```rust,no_run\n")?).map_err(failure)?;
    // The same versions as here, which are downloaded already.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(failure)?;
    let config = root().join("examples/lambda/upsign.toml");
    fs::copy(config, folder.join("upsign.toml")).map(drop).map_err(failure)
}

/// Returns the development profile of this workspace. With another one, each dependency of the crate would be compiled again.
fn development_profile() -> Result<String, Failure> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(failure)?;
    let found = manifest.find("[profile.dev]").zip(manifest.find("[profile.release]"));
    let profile = found.and_then(|(start, end)| manifest.get(start..end));
    profile.map(str::to_owned).ok_or_else(|| "Cargo.toml: no [profile.dev] before [profile.release]".into())
}

/// What the commands find.
struct Environment<'a> {
    programs: &'a Path,
    curl: &'a Path,
    upsign: &'a Path,
    aws: &'a Server,
    pool: &'a Value,
}

impl Environment<'_> {
    fn shell(&self, case: &Case, folder: &Path) -> Result<Command, Failure> {
        let mut shell = Command::new("bash");
        shell.args(["-e", "-u", "-o", "pipefail"]).current_dir(folder).stdin(Stdio::null());
        let path = std::env::var("PATH").map_err(failure)?;
        shell.env("PATH", format!("{}:{path}", self.programs.display())).env("CURL", self.curl);
        shell.env("UPSIGN", self.upsign);
        shell.env("ENDPOINT", &self.aws.endpoint).env("AWS_ENDPOINT_URL", &self.aws.endpoint);
        shell.env("CHECKOUT", root()).env("TARGET", target()).env("POOL", self.pool.to_string());
        shell.env("CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        shell.env("BUCKET", format!("printed-{}", case.name)).env("AWS_PAGER", "");
        shell
            .env("HOME", folder)
            .env("LOGIN", text(self.pool, "user")?)
            .env("PASSWORD", text(self.pool, "password")?);
        shell.env("FILE", root().join(PHOTO));
        shell.envs(case.api.map(|api| ("API", api)));
        shell.envs(case.has_multipart.then_some(("MULTIPART", "always")));
        with_credentials(&mut shell);
        Ok(shell)
    }
}

fn run_case(case: &Case, folder: &Path, environment: &Environment<'_>) -> Result<(), Failure> {
    let generate = format!(
        "configure {0}\nupsign documents sam --config {0} > template.yaml 2> printed.txt\ntrust {0}",
        case.config
    );
    run(environment.shell(case, folder)?.args(["-c", &generate]))?;
    let printed = fs::read_to_string(folder.join("printed.txt")).map_err(failure)?;
    let commands = commands(&printed, case.follows_alternatives);
    let mut script = commands.clone();
    let _ = writeln!(
        script,
        "key=$(aws s3api list-objects-v2 --bucket \"$BUCKET\" --query 'Contents[].Key' --output text)\n\
         aws s3 cp \"s3://$BUCKET/$key\" - | cmp - \"$FILE\""
    );
    if case.has_multipart {
        // The ETag of an object that was uploaded in one part.
        let _ = writeln!(
            script,
            "aws s3api head-object --bucket \"$BUCKET\" --key \"$key\" --query ETag | grep -q -- '-1'"
        );
    }
    fs::write(folder.join("commands.sh"), &script).map_err(failure)?;
    run(environment.shell(case, folder)?.arg("commands.sh"))
        .map_err(|error| format!("{}: {error}. The printed text:\n{printed}", case.name))?;
    println!(
        "{}: {} lines of commands, from the template to an uploaded file",
        case.name,
        commands.lines().count()
    );
    Ok(())
}

/// Returns the commands of the printed text: those below a title, or those of its alternative. Notes have no commands.
fn commands(printed: &str, follows_alternatives: bool) -> String {
    let mut steps: Vec<String> = Vec::new();
    let mut is_followed = true;
    for line in printed.lines() {
        if line.starts_with("next: ") || line.starts_with("then ") {
            is_followed = true;
            steps.push(String::new());
        } else if line.starts_with("or ") {
            is_followed = follows_alternatives;
            if is_followed {
                steps.pop();
                steps.push(String::new());
            }
        } else if is_followed && let Some(step) = steps.last_mut().filter(|_| !is_note(line)) {
            step.push_str(line);
            step.push('\n');
        }
    }
    steps.concat()
}

fn is_note(line: &str) -> bool {
    ["note: ", "warning: ", "help: "].iter().any(|label| line.starts_with(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_notes_are_no_commands() {
        let printed = "note: a\nnext: with it: build\ncargo lambda build \\\n  --release\nthen deploy:\nsam deploy\n\
                       or deploy it with a role:\nsam deploy --role\nthen upload:\ncurl\nnote: b\n";
        let build = "cargo lambda build \\\n  --release\n";
        assert_eq!(commands(printed, false), format!("{build}sam deploy\ncurl\n"));
        assert_eq!(commands(printed, true), format!("{build}sam deploy --role\ncurl\n"));
    }
}
