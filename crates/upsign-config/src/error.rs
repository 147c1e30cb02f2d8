//! The problems of a configuration, with their places.

use std::fmt;

/// All problems of a configuration, in this order: those of a line of the file, those of the whole file (such as a missing
/// key), and those of environment variables.
///
/// `Display` writes one line per problem: the place, the key, the problem, and in parentheses how to correct it, for example
/// `upsign.toml:13: upload.method: must be "put" or "post"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConfig {
    problems: Vec<InvalidSetting>,
}

/// One problem of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSetting {
    /// The place of the value.
    pub place: Place,
    /// The complete name of the key, for example `upload.max_size`, or empty if the place is an unknown variable.
    pub key: String,
    /// The problem, for example `must be "put" or "post"`.
    pub message: String,
    /// How to correct it, or empty if the message already explains that.
    pub hint: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// The file as a whole: a mandatory key is missing.
    File(String),
    /// A line of a file, counted from 1.
    Line(String, usize),
    /// An environment variable.
    Variable(String),
}

impl InvalidConfig {
    pub(crate) fn new(mut problems: Vec<InvalidSetting>) -> Self {
        problems.sort_by(|a, b| (a.place.rank(), &a.place).cmp(&(b.place.rank(), &b.place)));
        Self { problems }
    }

    /// Returns the problems.
    #[must_use]
    pub fn problems(&self) -> &[InvalidSetting] {
        &self.problems
    }
}

impl Place {
    /// Returns the position of this kind of place in the order of problems.
    const fn rank(&self) -> u8 {
        match self {
            Self::Line(..) => 0,
            Self::File(_) => 1,
            Self::Variable(_) => 2,
        }
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
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, " ({})", self.hint) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.write_str(file),
            Self::Line(file, line) => write!(f, "{file}:{line}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl std::error::Error for InvalidConfig {}
