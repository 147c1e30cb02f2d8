//! What is wrong with a configuration, and where.

use std::fmt;

/// Everything that is wrong with a configuration, in the order it stands in the file.
///
/// `Display` gives a line for each: `upsign.toml:7: upload.max_size: …`, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConfig {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// The key it concerns, as in `upload.max_size`.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// A file as a whole: something is missing from it.
    File(String),
    /// A line of a file, counted from 1.
    Line(String, usize),
    /// An environment variable.
    Variable(String),
}

impl InvalidConfig {
    pub(crate) fn of(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (a.place.rank(), &a.place).cmp(&(b.place.rank(), &b.place)));
        Self { problems }
    }

    /// Each problem.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Place {
    /// Lines come first, then what is missing, then variables.
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
        for (place, problem) in self.problems.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.key, self.what)?;
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
