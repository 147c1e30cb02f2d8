//! Texts of `--help` that clap cannot derive: the commands in groups, and the exit codes.

use std::fmt::Write;

use clap::Command;
use clap::builder::StyledStr;

use crate::output::wrap;

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  the operation failed, for example a token was rejected or an upload failed
  2  the command line, the environment or upsign.toml is invalid; nothing was started
  3  a batch could not answer at least one line; all other lines were answered";

/// The commands in the order of `upsign --help`. clap has no groups of commands.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Start here", &["init", "check", "serve", "dev", "demo"]),
    ("Deploy", &["documents"]),
    ("Try and debug", &["key", "verify", "jwks", "identity", "presign", "post"]),
    ("Tools", &["schema", "completions", "help"]),
];

/// The width of the names of commands in the list.
const NAME_WIDTH: usize = 11;
const TEXT_COLUMN: usize = 2 + NAME_WIDTH + 2;

/// Shows the commands of the root command in groups.
pub(crate) fn with_groups(command: Command) -> Command {
    let groups = groups(&command);
    let template =
        format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{{options}}{{after-help}}");
    command.help_template(StyledStr::from(template))
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
