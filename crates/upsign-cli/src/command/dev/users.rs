//! `--user`, `--group`, `--scope` and `--claim`: the users of the embedded issuers.
//!
//! clap collects the values of each option in a list of its own. What belongs to which user follows from the order on the
//! command line, so these options are read by their positions.

use clap::builder::ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use serde_json::Value;

use crate::embedded::User;

/// The users, in the order of the command line. Empty if no option names one.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserArgs(pub(crate) Vec<User>);

const HEADING: &str = "Users (default: alice, who may use every route, and bob, who is in no group)";

/// The options that belong to a user: name, value name and help.
const OPTIONS: [(&str, &str, &str); 4] = [
    (
        "user",
        "NAME",
        "Add a user; the options that follow, up to the next --user, describe this one; repeatable",
    ),
    ("group", "GROUP", "Put the user in a group; repeatable"),
    ("scope", "SCOPE", "Add a scope to the user's access tokens; repeatable"),
    ("claim", "NAME=TEXT", "Add a claim to the user's tokens, or a JSON value as NAME:=JSON; repeatable"),
];

/// Claims that the issuer sets itself. The subject is not one of them.
const RESERVED: [&str; 8] = ["iss", "aud", "exp", "iat", "nbf", "jti", "token_use", "client_id"];

impl Args for UserArgs {
    fn augment_args(command: Command) -> Command {
        command.args(OPTIONS.map(|(name, value_name, help)| {
            Arg::new(name)
                .long(name)
                .value_name(value_name)
                .help(help)
                .help_heading(HEADING)
                .action(ArgAction::Append)
                .value_parser(parser(name))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for UserArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut values: Vec<(usize, &str, &String)> = Vec::new();
        for (name, ..) in OPTIONS {
            let texts = matches.get_many::<String>(name).unwrap_or_default();
            values.extend(
                matches.indices_of(name).unwrap_or_default().zip(texts).map(|(at, text)| (at, name, text)),
            );
        }
        values.sort_by_key(|(at, ..)| *at);
        let mut users = Self::default();
        for (_, option, text) in values {
            users
                .add(option, text)
                .map_err(|message| Error::raw(ErrorKind::ValueValidation, message + "\n"))?;
        }
        Ok(users)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl UserArgs {
    fn add(&mut self, option: &str, text: &str) -> Result<(), String> {
        if option == "user" {
            if self.0.iter().any(|user| user.name == text) {
                return Err(format!("--user {text} is given twice"));
            }
            self.0.push(User::named(text));
            return Ok(());
        }
        let Some(user) = self.0.last_mut() else {
            return Err(format!(
                "--{option} {text} needs a --user in front of it, for example: --user alice --{option} {text}"
            ));
        };
        match option {
            "group" => drop(user.groups.insert(text.to_owned())),
            "scope" => drop(user.scopes.insert(text.to_owned())),
            _ => {
                let (name, value) = claim(text)?;
                if user.claims.insert(name.clone(), value).is_some() {
                    return Err(format!("--claim {name} is given twice for the user {}", user.name));
                }
            }
        }
        Ok(())
    }
}

/// Returns what checks the value of one of the options.
fn parser(option: &str) -> ValueParser {
    match option {
        "claim" => ValueParser::new(|text: &str| claim(text).map(|_| text.to_owned())),
        // RFC 6749 section 3.3: scopes are separated by spaces.
        "scope" => ValueParser::new(|text: &str| {
            name(text, |c| c.is_ascii_graphic(), "expected one scope of ASCII characters without spaces")
        }),
        _ => ValueParser::new(|text: &str| {
            name(text, |c| !c.is_control(), "expected a name without control characters")
        }),
    }
}

fn name(text: &str, is_valid: fn(char) -> bool, expected: &str) -> Result<String, String> {
    if text.trim().is_empty() || !text.chars().all(is_valid) {
        return Err(expected.to_owned());
    }
    Ok(text.to_owned())
}

/// Reads `NAME=TEXT`, or `NAME:=JSON`.
fn claim(text: &str) -> Result<(String, Value), String> {
    let (name, value) =
        text.split_once('=').ok_or("expected NAME=TEXT or NAME:=JSON, for example custom:tenant=acme")?;
    let (name, value) = match name.strip_suffix(':') {
        Some(name) => {
            let value = serde_json::from_str(value);
            (name, value.map_err(|error| format!("the value of {name} is not JSON: {error}"))?)
        }
        None => (name, Value::from(value)),
    };
    if name.is_empty() || name.chars().any(|c| c.is_control() || c == ' ') {
        return Err("expected the name of a claim in front of `=`".to_owned());
    }
    if RESERVED.contains(&name) {
        return Err(format!("{name} is set by the issuer: leave it out"));
    }
    if name == "sub" && value.as_str().is_none_or(|subject| subject.trim().is_empty()) {
        return Err("sub is a text that is not empty".to_owned());
    }
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(arguments: &str) -> Result<Vec<Value>, String> {
        let command = UserArgs::augment_args(Command::new("dev")).no_binary_name(true);
        let matches = command.try_get_matches_from(arguments.split_whitespace());
        let users = matches.and_then(|matches| UserArgs::from_arg_matches(&matches));
        users.map(|users| users.0.iter().map(User::json).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn options_belong_to_the_user_in_front_of_them() {
        let users = parse(
            "--user alice --group editors --scope write --claim custom:tenant=acme --group=staff --user=bob \
             --claim level:=3 --claim a=b=c --user carol",
        );
        let expected = [
            json!({"name": "alice", "groups": ["editors", "staff"], "scopes": ["write"], "claims": {"custom:tenant": "acme"}}),
            json!({"name": "bob", "groups": [], "scopes": [], "claims": {"level": 3, "a": "b=c"}}),
            json!({"name": "carol", "groups": [], "scopes": [], "claims": {}}),
        ];
        assert_eq!(users.unwrap(), expected);
        assert_eq!(parse("").unwrap(), [] as [Value; 0]);
    }

    #[test]
    fn misplaced_and_invalid_options_are_refused() {
        for (arguments, message) in [
            ("--group editors", "--group editors needs a --user in front of it"),
            ("--claim a=b --user alice", "--claim a=b needs a --user in front of it"),
            ("--user alice --user alice", "--user alice is given twice"),
            ("--user alice --claim a=1 --claim a=2", "--claim a is given twice for the user alice"),
            ("--user alice --claim tenant", "expected NAME=TEXT or NAME:=JSON"),
            ("--user alice --claim =acme", "expected the name of a claim"),
            ("--user alice --claim level:=x", "the value of level is not JSON"),
            ("--user alice --claim iss=x", "iss is set by the issuer"),
            ("--user alice --claim sub:=3", "sub is a text"),
            ("--user alice --group=", "expected a name"),
            ("--user alice --scope=", "expected one scope"),
            ("--user alice --scope sch\u{f6}n", "expected one scope"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(message), "{arguments}: {error}");
        }
    }
}
