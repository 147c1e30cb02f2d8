//! Writes the manual's list of commands from their definition, and checks that the committed one is current.
//!
//! `cargo xtask reference` updates it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};

use crate::args::Cli;

/// Returns the path of the committed list.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../upsign/src/manual/reference/commands.md")
}

#[test]
fn commands_page_of_the_manual_is_current() {
    let expected = page();
    if crate::environment::variable("XTASK_REFERENCE").is_some_and(|mode| mode == "update") {
        std::fs::write(file(), &expected).unwrap();
    }
    let committed = std::fs::read_to_string(file()).unwrap_or_default();
    assert!(committed == expected, "commands.md is not current: run `cargo xtask reference`");
}

fn page() -> String {
    let mut root = Cli::definition().term_width(0);
    root.build();
    let mut text = String::from(
        "# Commands\n\nEvery command, option, default and variable. Generated from the command line by `cargo xtask reference`; `upsign COMMAND\n\
         --help` prints the same with examples. An option takes precedence over its variable.\n",
    );
    let _ = write!(text, "\n## Options of every command\n\n");
    let global: Vec<&Arg> =
        root.get_arguments().filter(|arg| arg.is_global_set() && is_listed(arg)).collect();
    options(&mut text, &global);
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        describe(&mut text, command, "upsign");
    }
    text
}

/// Whether an option is worth a line on this page.
fn is_listed(arg: &Arg) -> bool {
    !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version")
}

fn describe(text: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    let _ = write!(text, "\n## `{name}`\n\n");
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        let _ = writeln!(text, "{}\n", escaped(&about.to_string(), false));
    }
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(text, "```text\n{}\n```", usage.trim_start_matches("Usage: ").trim());
    let own: Vec<&Arg> =
        command.get_arguments().filter(|arg| !arg.is_global_set() && is_listed(arg)).collect();
    if !own.is_empty() {
        text.push('\n');
        options(text, &own);
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        describe(text, inner, &name);
    }
}

fn options(text: &mut String, arguments: &[&Arg]) {
    let _ = writeln!(text, "| option | meaning | default | variable |\n| --- | --- | --- | --- |");
    for arg in arguments {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            option(arg),
            meaning(arg),
            default(arg),
            arg.get_env().map(|name| format!("`{}`", name.to_string_lossy())).unwrap_or_default()
        );
    }
}

/// Returns the option as it is typed.
fn option(arg: &Arg) -> String {
    let values: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(AsRef::as_ref).collect();
    let value = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    let repeated = if matches!(arg.get_action(), ArgAction::Append | ArgAction::Count) { " …" } else { "" };
    let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    match arg.get_long() {
        Some(long) if value.is_empty() => format!("{short}`--{long}`{repeated}"),
        Some(long) => format!("{short}`--{long} {value}`{repeated}"),
        None => format!("`{value}`{repeated}"),
    }
}

/// Returns the help and the possible values.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = escaped(&help, true);
    let values = arg.get_possible_values();
    let values: Vec<String> = values
        .iter()
        .filter(|value| !value.is_hide_set() && arg.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => {
                format!("`{}`: {}", value.get_name(), escaped(&help.to_string(), true).trim_end_matches('.'))
            }
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        let end = if text.is_empty() || text.ends_with('.') { "" } else { "." };
        let _ = write!(text, "{end} One of {}.", values.join("; "));
    }
    text.trim().to_owned()
}

fn default(arg: &Arg) -> String {
    if !arg.get_action().takes_values() || arg.is_hide_default_value_set() {
        return String::new();
    }
    let values: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if values.is_empty() { String::new() } else { format!("`{}`", values.join(" ")) }
}

/// Makes Markdown of plain text: names of variables and options become code, and no other character is markup. A cell of a
/// table is one line.
fn escaped(text: &str, is_cell: bool) -> String {
    let mut markdown = String::new();
    for (index, part) in text.split('`').enumerate() {
        let is_code = index % 2 == 1;
        if is_code {
            let _ = write!(markdown, "`{part}`");
            continue;
        }
        for word in part.split_inclusive(char::is_whitespace) {
            escape_word(&mut markdown, word);
        }
    }
    if is_cell { markdown.split_whitespace().collect::<Vec<_>>().join(" ") } else { markdown }
}

fn escape_word(markdown: &mut String, word: &str) {
    let rest = word.trim_start_matches(['(', '"']);
    let (before, rest) = word.split_at(word.len() - rest.len());
    let name = rest.trim_end().trim_end_matches(['.', ',', ';', ':', ')', '"']);
    let (name, after) = rest.split_at(name.len());
    let is_variable = name.contains('_')
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | '\u{2026}'));
    if is_variable || (name.starts_with('-') && name.len() > 1) {
        let _ = write!(markdown, "{before}`{name}`{after}");
        return;
    }
    for character in word.chars() {
        match character {
            '<' => markdown.push_str("&lt;"),
            '>' => markdown.push_str("&gt;"),
            '*' | '_' | '[' | ']' | '|' | '\\' => markdown.extend(['\\', character]),
            other => markdown.push(other),
        }
    }
}
