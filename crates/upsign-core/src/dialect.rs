//! The HTTP contracts of other clients that the API can answer.

use std::fmt;
use std::str::FromStr;

/// The HTTP contract of a client that exists already, such as the uploader of a web page.
///
/// An API answers a dialect only if it is switched on, by `dialects` in `upsign.toml` or by `Api::with_dialects` of `upsign-http`.
/// The policy of the route decides as for the API's own contract; only the form of the requests and answers differs.
///
/// ```
/// use upsign_core::Dialect;
///
/// let dialect: Dialect = "uppy".parse()?;
/// assert_eq!(dialect, Dialect::Uppy);
/// assert!("tus".parse::<Dialect>().is_err());
/// # Ok::<(), upsign_core::UnknownDialect>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `@uppy/aws-s3` 6, whose option `signRequest` asks for one signed request at a time
    /// (<https://uppy.io/docs/aws-s3/>).
    Uppy,
    /// The `/s3` endpoints of Companion, which `@uppy/aws-s3` 4 and 5 call (<https://uppy.io/docs/companion/>).
    Companion,
    /// `better-upload` (<https://better-upload.com>).
    BetterUpload,
    /// Direct uploads of Active Storage
    /// (<https://guides.rubyonrails.org/active_storage_overview.html#direct-uploads>).
    ActiveStorage,
    /// The batch API of Git LFS with the transfer `basic`
    /// (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md>).
    GitLfs,
}

impl Dialect {
    /// Every dialect that an API can answer.
    pub const ALL: &[Self] =
        &[Self::Uppy, Self::ActiveStorage, Self::Companion, Self::GitLfs, Self::BetterUpload];

    /// Returns the name, as `upsign.toml` spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uppy => "uppy",
            Self::Companion => "companion",
            Self::BetterUpload => "better-upload",
            Self::ActiveStorage => "active-storage",
            Self::GitLfs => "git-lfs",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().copied().find(|dialect| dialect.name() == name);
        known.ok_or_else(|| UnknownDialect(name.into()))
    }
}

/// No dialect has this name. Holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a dialect: expected {names}", names = names())]
#[non_exhaustive]
pub struct UnknownDialect(Box<str>);

/// Returns the names of all dialects in words.
fn names() -> String {
    let names: Vec<String> = Dialect::ALL.iter().map(|dialect| format!("`{dialect}`")).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse(), Ok(*dialect));
            assert_eq!(dialect.to_string(), dialect.name());
        }
        for name in ["", "Uppy", "uppy ", "tus"] {
            let error = name.parse::<Dialect>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{name}` is not the name")), "{error}");
            assert!(error.contains("`uppy`"), "{error}");
        }
    }
}
