//! The members of a batch line: one declaration gives the type that is parsed and the table that `--help` prints.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::output::wrap;

/// A member of a JSON object, as `--help` lists it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) help: &'static str,
    /// The members of the object that this member holds.
    pub(crate) members: &'static [Self],
}

/// A JSON object with a table of its members.
pub(crate) trait Members: DeserializeOwned {
    /// All members, required ones first.
    const MEMBERS: &'static [Member];
}

/// One line of a batch.
pub(crate) trait BatchLine: Members {
    /// Takes the line's id, which is `null` if the line has none.
    fn take_id(&mut self) -> Value;
}

/// Declares a struct and implements [`Members`] for it, so that parser and help cannot disagree.
///
/// A member is written `name: Type = "help";`. Its JSON name is the field's name. A member that holds another such struct
/// is written `name: Type { Type } = "help";`. Optional members have the type `Option<Type>`, and `null` counts as absent.
macro_rules! members {
    (
        $(#[$attribute:meta])*
        struct $Name:ident {
            required { $($required:ident: $Required:ty $({ $RequiredMembers:ty })? = $required_help:literal;)* }
            optional { $($optional:ident: $Optional:ty $({ $OptionalMembers:ty })? = $optional_help:literal;)* }
        }
    ) => {
        #[derive(serde::Deserialize)]
        $(#[$attribute])*
        pub(crate) struct $Name {
            $($required: $Required,)*
            $(#[serde(default)] $optional: Option<$Optional>,)*
        }

        impl $crate::batch::members::Members for $Name {
            const MEMBERS: &'static [$crate::batch::members::Member] = &[
                $($crate::batch::members::Member {
                    name: stringify!($required),
                    required: true,
                    help: $required_help,
                    members: $crate::batch::members::nested!($($RequiredMembers)?),
                },)*
                $($crate::batch::members::Member {
                    name: stringify!($optional),
                    required: false,
                    help: $optional_help,
                    members: $crate::batch::members::nested!($($OptionalMembers)?),
                },)*
            ];
        }
    };
}
pub(super) use members;

/// The table of a nested struct, or an empty one.
macro_rules! nested {
    () => {
        &[]
    };
    ($Nested:ty) => {
        <$Nested as $crate::batch::members::Members>::MEMBERS
    };
}
pub(super) use nested;

/// Declares a line of a batch: the same as [`members!`], with the member `id`, and unknown members are refused.
macro_rules! batch_line {
    (
        $(#[$attribute:meta])*
        struct $Name:ident {
            required { $($required:tt)* }
            optional { $($optional:tt)* }
        }
    ) => {
        $crate::batch::members::members! {
            $(#[$attribute])*
            #[serde(deny_unknown_fields)]
            struct $Name {
                required { $($required)* }
                optional {
                    id: serde_json::Value = "any JSON value; the answer repeats it";
                    $($optional)*
                }
            }
        }

        impl $crate::batch::members::BatchLine for $Name {
            fn take_id(&mut self) -> serde_json::Value {
                self.id.take().unwrap_or_default()
            }
        }
    };
}
pub(super) use batch_line;

/// Returns the section of `--help` about the batch that `flags` select: how lines are read, their members, and the answers.
pub(super) fn help<L: BatchLine>(flags: &str, answers: &[&str]) -> String {
    let mut rows = Vec::new();
    collect(&mut rows, "", L::MEMBERS);
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let columns = wrap::stdout_width().map(|width| width.min(100));
    let mut text = format!(
        "Lines of {flags}:\n  Reads one JSON object per line from standard input and writes one per line, in order.\n  \
         A line has at most 16 MiB.\n\n"
    );
    for (name, member) in rows {
        let required = if member.required { "required" } else { "optional" };
        let label = format!("  {name:width$}  {required}  ");
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}", wrap::hanging(&label, member.help, width + 14, columns));
    }
    text.push_str("\n  Answers:\n");
    for answer in answers {
        let _ = writeln!(text, "{}", hanging_json(answer, columns));
    }
    let error =
        "{\"id\",\"error\":{\"code\",\"message\",\"line\"}} if the line cannot be answered (exit code 3)";
    text + &hanging_json(error, columns) + "\n"
}

/// Wraps an answer. One that is wider than the terminal gets spaces between its members, at which it can be broken.
fn hanging_json(answer: &str, columns: Option<usize>) -> String {
    let is_wide = columns.is_some_and(|columns| 4 + answer.chars().count() > columns);
    let answer = if is_wide { answer.replace(",\"", ", \"") } else { answer.to_owned() };
    wrap::hanging("    ", &answer, 5, columns)
}

/// Lists `members` and what they contain, with dotted names.
fn collect(rows: &mut Vec<(String, &'static Member)>, prefix: &str, members: &'static [Member]) {
    for member in members {
        let name = format!("{prefix}{}", member.name);
        let nested = format!("{name}.");
        rows.push((name, member));
        collect(rows, &nested, member.members);
    }
}
