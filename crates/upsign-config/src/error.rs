//! The problems of a configuration, with their places.

use std::fmt;

/// All problems of a configuration, in this order: those of the file by position, those of the whole file (such as a missing
/// section), and those of environment variables.
///
/// A mistake is reported once: what follows from it, such as a missing key whose name is misspelled, is left out.
///
/// `Display` writes one line per problem: the place, the key, the problem, and in parentheses how to correct it, for example
/// `upsign.toml:13:10: upload.method: must be "put" or "post", not "putt" (write method = "put")`. A program that shows
/// excerpts of the file finds the position in [`Place`].
///
/// ```
/// use upsign_config::{Config, ProblemCode};
/// let text = upsign_config::initial_file().replace("bodyless = \"refuse\"", "bodyless = \"refused\"");
/// let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
/// let [problem] = error.problems() else { panic!("one mistake is one problem") };
/// assert_eq!((problem.code, problem.key.as_str()), (ProblemCode::InvalidValue, "upload.bodyless"));
/// assert_eq!(&text[problem.place.span().unwrap()], "\"refused\"");
/// assert_eq!(problem.message, "must be \"allow\" or \"refuse\", not \"refused\"");
/// assert_eq!(problem.help, "write bodyless = \"refuse\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConfig {
    problems: Vec<InvalidSetting>,
}

/// One problem of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSetting {
    /// The kind of problem.
    pub code: ProblemCode,
    /// The place of the key or the value.
    pub place: Place,
    /// The complete name of the key, for example `upload.max_size`, or `auth[1].issuer` in the second `[[auth]]`. It is empty if
    /// the problem concerns no key, such as the syntax of the file or an unknown variable.
    pub key: String,
    /// What was found, and what would be right.
    pub message: String,
    /// The next step, for example `write name = "article-images-bucket"`, or empty if the message already explains it.
    pub help: String,
    /// Whether a program may show the lines of `place`. It is `false` if they may contain a secret.
    pub quotable: bool,
}

/// The kind of a problem. The names of [`as_str`](ProblemCode::as_str) are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemCode {
    /// The file is not valid TOML.
    InvalidToml,
    /// The file has a section or a key that does not exist.
    UnknownKey,
    /// An `UPSIGN_…` variable is set that does not exist.
    UnknownVariable,
    /// A mandatory section or key is missing.
    MissingKey,
    /// A value has the wrong type, for example a string instead of a list.
    WrongType,
    /// A value is malformed or out of range.
    InvalidValue,
    /// A value contradicts another one.
    Contradiction,
    /// The named store does not support what a value requires.
    Unsupported,
    /// The file contains a secret.
    SecretInFile,
}

impl ProblemCode {
    /// Every code.
    pub const ALL: [Self; 9] = [
        Self::InvalidToml,
        Self::UnknownKey,
        Self::UnknownVariable,
        Self::MissingKey,
        Self::WrongType,
        Self::InvalidValue,
        Self::Contradiction,
        Self::Unsupported,
        Self::SecretInFile,
    ];

    /// Returns the stable name, for example `unknown-key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidToml => "invalid-toml",
            Self::UnknownKey => "unknown-key",
            Self::UnknownVariable => "unknown-variable",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::InvalidValue => "invalid-value",
            Self::Contradiction => "contradiction",
            Self::Unsupported => "unsupported-by-store",
            Self::SecretInFile => "secret-in-file",
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// A part of the file.
    #[non_exhaustive]
    Position {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1.
        column: usize,
        /// The offset in the text of the file, in bytes.
        offset: usize,
        /// The length in bytes. It can be 0, for example where something is missing.
        len: usize,
    },
    /// The file as a whole.
    File(String),
    /// An environment variable.
    Variable(String),
    /// An option of the command line; see [`Override`](crate::Override).
    Option(String),
}

impl Place {
    /// Returns the name of the file, or `None` for a variable or an option.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Position { file, .. } | Self::File(file) => Some(file),
            Self::Variable(_) | Self::Option(_) => None,
        }
    }

    /// Returns the line, counted from 1, if a part of the file is known.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Position { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// Returns the column in characters, counted from 1, if a part of the file is known.
    #[must_use]
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::Position { column, .. } => Some(*column),
            _ => None,
        }
    }

    /// Returns the bytes of the file's text, if a part of the file is known.
    #[must_use]
    pub const fn span(&self) -> Option<std::ops::Range<usize>> {
        match self {
            Self::Position { offset, len, .. } => Some(*offset..offset.saturating_add(*len)),
            _ => None,
        }
    }

    /// Returns the name of the environment variable, if it is one.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the name of the option of the command line, if it is one.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        match self {
            Self::Option(name) => Some(name),
            _ => None,
        }
    }
}

impl InvalidConfig {
    pub(crate) fn new(mut problems: Vec<InvalidSetting>) -> Self {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        Self { problems }
    }

    /// Returns the problems. There is at least one.
    #[must_use]
    pub fn problems(&self) -> &[InvalidSetting] {
        &self.problems
    }
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(f, Some(&self.place), &self.key, &self.message, &self.help)
    }
}

/// Writes a problem or a warning in one line.
pub(crate) fn one_line(
    f: &mut fmt::Formatter<'_>,
    place: Option<&Place>,
    key: &str,
    message: &str,
    help: &str,
) -> fmt::Result {
    if let Some(place) = place {
        write!(f, "{place}: ")?;
    }
    if !key.is_empty() {
        write!(f, "{key}: ")?;
    }
    f.write_str(message)?;
    if help.is_empty() { Ok(()) } else { write!(f, " ({help})") }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { file, line, column, .. } => write!(f, "{file}:{line}:{column}"),
            Self::File(file) => f.write_str(file),
            Self::Variable(name) | Self::Option(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for InvalidConfig {}
