//! Finds the commands of a page, and the output that the page shows.

use std::process::{Command, Stdio};

use crate::process::{Failure, failure};

/// A command as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The text, with continuation lines.
    pub(super) text: String,
    /// The output, if the page shows it.
    pub(super) output: Option<String>,
}

/// Returns the commands of a page in order. Blocks of `sh` contain commands; blocks of `console` contain commands after `$ `,
/// each with the output below it.
pub(super) fn commands(page: &str) -> Result<Vec<Shown>, Failure> {
    let mut found = Vec::new();
    for (language, lines) in blocks(page) {
        match language.as_str() {
            "sh" | "bash" => {
                let mut command = String::new();
                for line in lines {
                    command.push_str(&line);
                    if is_complete(&command)? {
                        push(&mut found, std::mem::take(&mut command), None);
                    } else {
                        command.push('\n');
                    }
                }
                if !command.trim().is_empty() {
                    return Err(format!("a command has no end:\n{command}"));
                }
            }
            "console" => {
                let mut lines = lines.into_iter().peekable();
                while let Some(line) = lines.next() {
                    let Some(first) = line.strip_prefix("$ ") else {
                        return Err(format!("a block of `console` begins with output: {line}"));
                    };
                    let mut command = first.to_owned();
                    while !is_complete(&command)? {
                        let line = lines.next().ok_or_else(|| format!("a command has no end:\n{command}"))?;
                        command.push('\n');
                        command.push_str(line.strip_prefix("> ").unwrap_or(&line));
                    }
                    let mut output = String::new();
                    while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                        output.push_str(&line);
                        output.push('\n');
                    }
                    push(&mut found, command, (!output.trim().is_empty()).then_some(output));
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn push(found: &mut Vec<Shown>, text: String, output: Option<String>) {
    let is_command = text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if is_command {
        found.push(Shown { text, output });
    }
}

/// Returns the code blocks of a Markdown file, or of the documentation of a Rust module, with their languages.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut open: Option<usize> = None;
    for line in page.lines() {
        let line = line.strip_prefix("//!").map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest));
        let indent = line.len() - line.trim_start().len();
        match (line.trim_start().strip_prefix("```"), open) {
            (Some(language), None) => {
                found.push((language.trim().to_owned(), Vec::new()));
                open = Some(indent);
            }
            (Some(_), Some(_)) => open = None,
            (None, Some(indent)) => {
                if let Some((_, lines)) = found.last_mut() {
                    lines.push(line.get(indent..).unwrap_or_default().to_owned());
                }
            }
            (None, None) => {}
        }
    }
    found
}

/// Returns whether the shell would run this text, rather than wait for more lines.
fn is_complete(command: &str) -> Result<bool, Failure> {
    if command.ends_with('\\') {
        return Ok(false);
    }
    let mut shell = Command::new("bash");
    let output = shell.args(["-n", "-c", command]).stdin(Stdio::null()).output().map_err(failure)?;
    // An unfinished here-document is only a warning.
    Ok(output.status.success() && output.stderr.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, output: Option<&str>) -> Shown {
        Shown { text: text.to_owned(), output: output.map(str::to_owned) }
    }

    #[test]
    fn commands_of_a_page_in_order() {
        let page = "\
            ```sh\n# a comment\nupsign init  # writes it\ncurl -sS URL \\\n  -d '{\n}'\n\n```\n\
            1. In a list:\n\n   ```sh\n   upsign check\n   ```\n\
            ```toml\n[bucket]\n```\n\
            ```console\n$ upsign check\nfine\n\n2 warnings\n$ cat <<EOF\n> text\n> EOF\n```\n";
        let expected = [
            shown("upsign init  # writes it", None),
            shown("curl -sS URL \\\n  -d '{\n}'", None),
            shown("upsign check", None),
            shown("upsign check", Some("fine\n\n2 warnings\n")),
            shown("cat <<EOF\ntext\nEOF", None),
        ];
        assert_eq!(commands(page), Ok(expected.into()));
    }

    #[test]
    fn commands_in_the_documentation_of_a_module() {
        let page = "//! Text.\n//!\n//! ```sh\n//! upsign serve\n//! ```\n\n/// ```sh\n/// not a page\n";
        assert_eq!(commands(page), Ok(vec![shown("upsign serve", None)]));
    }

    #[test]
    fn unfinished_commands_are_reported() {
        assert!(commands("```sh\necho 'a\n```\n").is_err());
        assert!(commands("```console\noutput\n```\n").is_err());
    }
}
