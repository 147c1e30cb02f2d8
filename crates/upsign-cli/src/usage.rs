//! Errors of the command line, and the options that are needed before it is parsed.

use std::ffi::OsString;

use clap::ColorChoice;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::{CommandError, Diagnostic, Exit};

/// Global options that also apply to errors of the command line itself, so they are found before it is parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EarlyOptions {
    pub(crate) json: bool,
    pub(crate) color: ColorChoice,
    /// Whether standard error carries JSON objects: `serve --log-format json`.
    pub(crate) json_lines: bool,
}

impl EarlyOptions {
    /// Looks for `--json`, `--color` and `--log-format` among the arguments before `--`. `log_format` is the value of the
    /// variable `UPSIGN_LOG_FORMAT`. Invalid values are left to the parser.
    pub(crate) fn find(arguments: impl IntoIterator<Item = OsString>, log_format: Option<&str>) -> Self {
        let mut options = Self::default();
        let (mut is_server, mut log_format) = (false, log_format.map(str::to_owned));
        let arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
        let mut arguments = arguments.take_while(|argument| argument != "--");
        while let Some(argument) = arguments.next() {
            let color = match argument.strip_prefix("--color") {
                Some("") => arguments.next(),
                Some(value) => value.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            if let Some(choice) = color.and_then(|value| value.parse().ok()) {
                options.color = choice;
            }
            match argument.strip_prefix("--log-format") {
                Some("") => log_format = arguments.next(),
                Some(value) => log_format = value.strip_prefix('=').map(str::to_owned),
                None => {}
            }
            options.json |= argument == "--json";
            is_server |= argument == "serve";
        }
        options.json_lines = is_server && log_format.as_deref() == Some("json");
        options
    }
}

/// Returns whether `error` is the output of `--help` or `--version`, which clap reports as errors.
pub(crate) fn is_display(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

/// Returns the error of a value that an environment variable contains, with the name of the variable: clap names only the
/// option, which the user has not written.
pub(crate) fn variable_error(
    command: &clap::Command,
    error: &clap::Error,
    arguments: &[OsString],
) -> Option<CommandError> {
    let option = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(option) => option.as_str(),
        _ => return None,
    };
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { return None };
    let flag = option.split([' ', '=']).next().unwrap_or(option);
    let is_written = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument == flag || argument.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='))
    };
    if arguments.iter().any(is_written) {
        return None;
    }
    let all = command.get_subcommands().flat_map(clap::Command::get_arguments);
    // Another command may have an option of this name without a variable.
    let mut names = all.filter(|argument| argument.to_string() == option).filter_map(clap::Arg::get_env);
    let name = names.next()?.to_str()?.to_owned();
    let reason = match std::error::Error::source(error) {
        Some(reason) => format!("{name}: {reason}"),
        None => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(values)) => {
                format!("{name}: {value:?} must be one of {}", values.join(", "))
            }
            _ => format!("{name}: {value:?} is not a valid value for {flag}"),
        },
    };
    let mut diagnostic = Diagnostic::new("usage", reason);
    diagnostic.key = Some(name.clone());
    diagnostic.help = Some(format!("correct or unset the variable {name}, or write {option}"));
    Some(CommandError::new(Exit::Usage, diagnostic))
}

/// Adds `--config FILE` to the error about a TOML file that stands alone.
pub(crate) fn suggest_config(error: &mut clap::Error) {
    if error.kind() != ErrorKind::UnknownArgument {
        return;
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && !argument.starts_with('-')
        && argument.ends_with(".toml")
    {
        let tip = format!("write --config {argument}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// Returns the error in the form that `--json` prints: the first paragraph of clap's text, and its tip.
pub(crate) fn as_command_error(error: &clap::Error) -> CommandError {
    let text = error.render().to_string();
    let (message, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = message.trim_start_matches("error: ").lines().map(str::trim);
    let mut message = lines.next().unwrap_or_default().to_owned();
    let details: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    if !details.is_empty() {
        message = format!("{message} {}", details.join(", "));
    }
    if matches!(
        error.kind(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        message = "a command is missing".to_owned();
    }
    let tip = rest.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    CommandError::usage(message).with_help(tip.unwrap_or("--help lists the options"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(arguments: &[&str]) -> EarlyOptions {
        EarlyOptions::find(arguments.iter().map(OsString::from), None)
    }

    #[test]
    fn json_and_color_are_found_before_the_end_of_options() {
        assert!(find(&["upsign", "check", "--json"]).json);
        assert!(!find(&["upsign", "verify", "--", "--json"]).json);
        for arguments in [&["--color", "always"][..], &["--color=always"]] {
            assert_eq!(find(arguments).color, ColorChoice::Always);
        }
        assert_eq!(find(&["--color=loud"]).color, ColorChoice::Auto);
    }
    #[test]
    fn json_lines_are_found_for_the_server_only() {
        for arguments in [&["serve", "--log-format", "json"][..], &["serve", "--log-format=json", "--listen"]]
        {
            assert!(find(arguments).json_lines, "{arguments:?}");
        }
        for arguments in
            [&["serve"][..], &["serve", "--log-format"], &["serve", "--log-format=text"], &["check"]]
        {
            assert!(!find(arguments).json_lines, "{arguments:?}");
        }
        let with_variable = |arguments: &[&str]| {
            EarlyOptions::find(arguments.iter().map(OsString::from), Some("json")).json_lines
        };
        assert!(with_variable(&["serve"]) && !with_variable(&["serve", "--log-format=text"]));
        assert!(!with_variable(&["check"]));
    }
}
