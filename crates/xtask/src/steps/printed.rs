//! Runs the commands that `upsign documents sam` prints, from the template to an uploaded file: with the example of this
//! repository, and with the function of another crate, which the manual shows.
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
const STAND_INS: [&str; 5] = ["pip", "cargo", "sam", "curl", "configure"];

/// A folder in which somebody types the printed commands.
struct Case {
    name: &'static str,
    /// The path of the configuration, as in `upsign documents sam --config`.
    config: &'static str,
    /// Another kind of API than the configuration's.
    api: Option<&'static str>,
    prepare: fn(&Path) -> Result<(), Failure>,
}

const CASES: &[Case] = &[
    Case { name: "example", config: "examples/lambda/upsign.toml", api: None, prepare: prepare_example },
    Case { name: "crate", config: "upsign.toml", api: Some("url"), prepare: prepare_crate },
];

pub(super) fn from_template_to_upload(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    which("aws").ok_or_else(|| Missing::new("aws", "the AWS CLI"))?;
    system("jq", "jq")?;
    let curl = system("curl", "curl")?;
    let upsign = context.build.upsign()?;
    let folder = scratch("printed")?;
    let programs = stand_ins(&folder, &python, &upsign)?;
    for case in CASES {
        // Each case has the emulator for itself, because the stacks have the same name.
        let aws = ministack(&context.tools)?;
        let mut pool = Command::new(&python);
        let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
        let work = folder.join(case.name);
        fs::create_dir_all(&work).map_err(failure)?;
        (case.prepare)(&work)?;
        let environment = Environment { programs: &programs, curl: &curl, aws: &aws, pool: &pool };
        run_case(case, &work, &environment)?;
    }
    Ok(())
}

/// Returns a folder with `upsign` and the stand-ins, for `PATH`.
fn stand_ins(folder: &Path, python: &Path, upsign: &Path) -> Result<PathBuf, Failure> {
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).map_err(failure)?;
    std::os::unix::fs::symlink(upsign, programs.join("upsign")).map_err(failure)?;
    for name in STAND_INS {
        let file = programs.join(name);
        let script = own("tools/stand_in.py");
        let text = format!("#!/bin/sh\nexec '{}' '{}' {name} \"$@\"\n", python.display(), script.display());
        fs::write(&file, text).map_err(failure)?;
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
    let manifest = format!("[package]{}\n[workspace]\n", manifest.replace(repository, &library));
    fs::create_dir_all(folder.join("src")).map_err(failure)?;
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failure)?;
    fs::write(folder.join("src/main.rs"), block("```rust,no_run\n")?).map_err(failure)?;
    // The same versions as here, which are downloaded already.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(failure)?;
    let config = root().join("examples/lambda/upsign.toml");
    fs::copy(config, folder.join("upsign.toml")).map(drop).map_err(failure)
}

/// What the commands find.
struct Environment<'a> {
    programs: &'a Path,
    curl: &'a Path,
    aws: &'a Server,
    pool: &'a Value,
}

impl Environment<'_> {
    fn shell(&self, case: &Case, folder: &Path) -> Result<Command, Failure> {
        let mut shell = Command::new("bash");
        shell.args(["-e", "-u", "-o", "pipefail"]).current_dir(folder).stdin(Stdio::null());
        let path = std::env::var("PATH").map_err(failure)?;
        shell.env("PATH", format!("{}:{path}", self.programs.display())).env("CURL", self.curl);
        shell.env("ENDPOINT", &self.aws.endpoint).env("AWS_ENDPOINT_URL", &self.aws.endpoint);
        shell.env("CHECKOUT", root()).env("TARGET", target()).env("POOL", self.pool.to_string());
        shell.env("CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        shell.env("BUCKET", format!("printed-{}", case.name)).env("AWS_PAGER", "");
        shell.env("TOKEN", text(self.pool, "access_token")?).env("FILE", root().join(PHOTO));
        shell.envs(case.api.map(|api| ("API", api)));
        with_credentials(&mut shell);
        Ok(shell)
    }
}

fn run_case(case: &Case, folder: &Path, environment: &Environment<'_>) -> Result<(), Failure> {
    let generate = format!(
        "configure {0}\nupsign documents sam --config {0} > template.yaml 2> printed.txt",
        case.config
    );
    run(environment.shell(case, folder)?.args(["-c", &generate]))?;
    let printed = fs::read_to_string(folder.join("printed.txt")).map_err(failure)?;
    let commands = commands(&printed);
    let mut script = commands.clone();
    // The key is in the answer that the last command has read.
    let _ = writeln!(script, "aws s3 cp \"s3://$BUCKET/$(jq -r .key <<< \"$grant\")\" - | cmp - \"$FILE\"");
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

/// Returns the commands of the printed text. The other lines are notes, and each title before a command.
fn commands(printed: &str) -> String {
    const TITLES: [&str; 5] = ["next: ", "then ", "note: ", "warning: ", "help: "];
    let is_command = |line: &&str| !TITLES.iter().any(|title| line.starts_with(title));
    printed.lines().filter(is_command).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_notes_are_no_commands() {
        let printed =
            "note: a\nnext: with it: build\ncargo lambda build \\\n  --release\nthen deploy:\nsam deploy\n";
        assert_eq!(commands(printed), "cargo lambda build \\\n  --release\nsam deploy\n");
    }
}
