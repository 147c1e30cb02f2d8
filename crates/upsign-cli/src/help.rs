//! Texts of `--help` that clap cannot derive: the commands in groups, the exit codes, and the examples.
//!
//! A test runs every line below `Examples:`.

use std::fmt::Write;
use std::sync::LazyLock;

use clap::Command;
use clap::builder::StyledStr;

use crate::output::wrap;

pub(crate) const ROOT: &str = "\
Examples:
  upsign demo
  upsign init && upsign check

Exit codes:
  0  success
  1  the operation failed, for example a token was rejected or an upload failed
  2  the command line, the environment or upsign.toml is invalid; nothing was started
  3  a batch could not answer at least one line, or one of several files failed; all others succeeded
  4  an uploaded file was rejected, or is not what was declared
  130  interrupted; a multipart upload can be resumed";

const JSON: &str = "\
With --json:
  Standard output carries one JSON document, also for an error:
    {\"error\":{\"code\",\"message\",\"file\",\"line\",\"column\",\"key\",\"help\"},\"errors\":[error,…]}
  Members without a value are left out; `errors` is there if a configuration has several.
  Codes: usage, io, failed, no-credentials, missing-feature, invalid-document; about upsign.toml:
  no-config, invalid-toml, unknown-key, unknown-variable, missing-key, wrong-type, invalid-value,
  contradiction, unsupported-by-store, secret-in-file; or the code of a rejection or denial, such as
  expired or too-large.";

/// Returns the text after the options of `upsign --help`.
pub(crate) fn root() -> String {
    format!("{ROOT}\n\n{JSON}")
}

/// The Cargo features that change what the command can do, and whether this build has them.
const FEATURES: [(&str, bool); 4] = [
    ("chain", cfg!(feature = "chain")),
    ("hcl", cfg!(feature = "hcl")),
    ("live", cfg!(feature = "live")),
    ("sdk", cfg!(feature = "sdk")),
];

/// Returns the version with the features of this build, for `--version`. `-V` prints the version alone.
pub(crate) fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let names = |is_in: bool| {
            let names = FEATURES.iter().filter(|(_, included)| *included == is_in).map(|(name, _)| *name);
            let names: Vec<&str> = names.collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        format!("{}\nfeatures: {}\nnot included: {}", env!("CARGO_PKG_VERSION"), names(true), names(false))
    });
    &TEXT
}

pub(crate) const DEMO: &str = "\
Examples:
  upsign demo
  upsign demo photo.jpg
  upsign demo --size 40MiB";

pub(crate) const UPLOAD: &str = "\
Examples:
  upsign upload photo.jpg --api https://api.example.com
  upsign upload film.mp4 --api https://api.example.com --route videos -j 8
  tar c photos | upsign upload - --name photos.tar --api https://api.example.com --route archives
  upsign upload --list

UPSIGN_TOKEN holds the token of the caller, or --token-command prints one.

A multipart upload is resumed by the same command, also after the process was killed: its state is in
$XDG_STATE_HOME/upsign/uploads, or in ~/.local/state/upsign/uploads.";

pub(crate) const UPLOAD_JSON: &str = "\
With --json:
  Standard output carries one JSON object a line: events with the members `event` and `file`, and in the end the result:
    {\"uploads\":[{\"file\",\"key\",\"size\",\"etag\",\"versionId\",\"checksum\",\"ids\",\"parts\"}|{\"file\",\"error\"},…]}
  Events: granted, resumed, restarted, progress, part-stored, retry, completing, resolved, stored, failed.";

/// Returns the text after the options of `upsign upload --help`.
pub(crate) fn upload() -> String {
    format!("{UPLOAD}\n\n{UPLOAD_JSON}")
}

pub(crate) const DEV: &str = "\
Examples:
  upsign dev
  upsign dev --config upsign.toml
  upsign dev --config upsign.toml --origin http://localhost:5173
  upsign dev --user alice --group editors --scope write --claim custom:tenant=acme --user bob
  upsign dev --listen 127.0.0.1:8081";

pub(crate) const SERVE: &str = "\
Examples:
  upsign serve
  upsign serve --listen 0.0.0.0:8080 --admin-listen 127.0.0.1:9090 --log-format json
  upsign serve --print-config";

pub(crate) const PRESIGN: &str = "\
Examples:
  upsign presign photos/cat.jpg --bucket my-bucket --region eu-central-1 --content-type image/jpeg
  upsign presign cat.jpg --operation get --expires-in 1h --bucket my-bucket --region eu-central-1";

pub(crate) const POST: &str = "\
Examples:
  upsign post 'photos/${filename}' --max-size '10 MiB' --bucket my-bucket --region eu-central-1";

pub(crate) const EXPLAIN: &str = "\
Examples:
  upsign explain - < url.txt
  upsign explain grant.json --config upsign.toml
  upsign explain \"$URL\" --json";

pub(crate) const DIAGNOSE: &str = "\
Examples:
  upsign diagnose upload.har
  upsign diagnose answer.xml --url \"$URL\"
  upsign diagnose curl.txt --grant grant.json
  upsign diagnose upload.har --cors cors.json --json";

pub(crate) const PREFLIGHT: &str = "\
Examples:
  upsign preflight grant.json --origin https://app.example.com --cors cors.json
  upsign preflight - --origin https://app.example.com --cors cors.json < url.txt
  upsign preflight https://api.example.com/upload-url --origin http://localhost:5173 \\
    --method POST --header authorization --header 'content-type: application/json'";

pub(crate) const PROBE: &str = "\
Examples:
  upsign probe
  upsign probe --bucket my-bucket --region eu-central-1 --iam
  upsign probe --only if_none_match --only checksums.put --json
  upsign probe --bucket uploads --region us-east-1 --endpoint-url http://127.0.0.1:9000 \\
    --yes > can.toml";

pub(crate) const REVOKE: &str = "\
Examples:
  upsign revoke --issued-before now --config upsign.toml > policy.json
  upsign revoke --issued-before now --bucket my-bucket --json
  upsign revoke --user-id AROAIOSFODNN7EXAMPLE:signer --bucket my-bucket > policy.json";

pub(crate) const VERIFY: &str = "\
Examples:
  upsign verify - < token.txt
  upsign verify - --jwks keys.json --at now < token.txt
  upsign verify - --json < token.txt
  upsign verify - --provider oidc --issuer https://id.example.com \\
    --audience upload-api --token-use access < token.txt";

pub(crate) const JWKS: &str = "\
Examples:
  upsign jwks
  upsign jwks keys.json --json";

pub(crate) const IDENTITY: &str = "\
Examples:
  upsign identity event.json
  upsign identity - --json < event.json";

pub(crate) const CHECK: &str = "\
Examples:
  upsign check
  upsign check --deny-warnings --json
  upsign check --against cors.json";

pub(crate) const INIT: &str = "\
Examples:
  upsign init
  upsign init - > other.toml";

pub(crate) const SCHEMA: &str = "\
Examples:
  upsign schema > upsign.schema.json";

pub(crate) const KEY: &str = "\
Examples:
  upsign key --content-type image/jpeg --content-length 48213
  upsign key --content-type image/png --content-length '1 MiB' --sub alice --group editors --json";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  upsign completions bash > upsign.bash
  upsign completions zsh > _upsign";

/// Returns the text after the options of `--help`: the examples, then the format of batches.
pub(crate) fn with_batch(examples: &str, batch: &str) -> String {
    format!("{examples}\n\n{batch}")
}

/// The commands in the order of `upsign --help`. clap has no groups of commands.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Start here", &["init", "check", "serve", "dev", "demo"]),
    ("Deploy", &["documents"]),
    (
        "Try and debug",
        &[
            "upload",
            "explain",
            "diagnose",
            "preflight",
            "probe",
            "revoke",
            "key",
            "verify",
            "jwks",
            "identity",
            "presign",
            "post",
        ],
    ),
    ("Tools", &["schema", "completions", "help"]),
];

/// The width of the names of commands in the list.
const NAME_WIDTH: usize = 11;
const TEXT_COLUMN: usize = 2 + NAME_WIDTH + 2;

/// Shows the commands of the root command in groups.
pub(crate) fn with_groups(command: Command) -> Command {
    let groups = groups(&command);
    let header = command.get_styles().get_header();
    let options = format!("{header}Options:{header:#}\n");
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{options}{{options}}{{after-help}}"
    );
    command.help_template(StyledStr::from(template))
}

/// Leaves the variables out of the help of every command, for the short help: the long help names them.
pub(crate) fn without_variables(command: Command) -> Command {
    let command = command.mut_args(|argument| argument.hide_env(true));
    command.mut_subcommands(without_variables)
}

/// Styles the titles in the texts after the options as clap styles its own: lines that are not indented and end with a colon.
pub(crate) fn with_styled_titles(command: Command) -> Command {
    let header = *command.get_styles().get_header();
    let styled = |text: &StyledStr| {
        let lines = text.to_string();
        let lines = lines.lines().map(|line| {
            let is_title = !line.starts_with(' ') && line.ends_with(':');
            if is_title { format!("{header}{line}{header:#}") } else { line.to_owned() }
        });
        StyledStr::from(lines.collect::<Vec<_>>().join("\n"))
    };
    let (short, long) = (command.get_after_help().map(styled), command.get_after_long_help().map(styled));
    let command = match short {
        Some(short) => command.after_help(short),
        None => command,
    };
    let command = match long {
        Some(long) => command.after_long_help(long),
        None => command,
    };
    command.mut_subcommands(with_styled_titles)
}

fn groups(command: &Command) -> String {
    let header = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let width = wrap::stdout_width().map(|width| width.min(100)).or(Some(100));
    let mut text = String::new();
    for (title, names) in GROUPS {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{header}{title}:{header:#}");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map_or_else(|| "Print the help of a command".to_owned(), ToString::to_string);
            let label = format!("  {literal}{name:<NAME_WIDTH$}{literal:#}  ");
            let _ = writeln!(text, "{}", wrap::hanging(&label, &about, TEXT_COLUMN, width));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;

    #[test]
    fn groups_list_every_command_once() {
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        listed.sort_unstable();
        let command = Cli::definition();
        let mut all: Vec<&str> = command.get_subcommands().map(Command::get_name).chain(["help"]).collect();
        all.sort_unstable();
        assert_eq!(listed, all);
        assert!(all.iter().all(|name| name.len() <= NAME_WIDTH));
    }
}
