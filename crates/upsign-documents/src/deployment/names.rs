//! The names of options in `upsign.toml` and on the command line.

use std::fmt;
use std::str::FromStr;

use super::{ApiKind, NotificationTarget, Reads};

/// The text is not the name of a value of this option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown value `{found}`: expected {expected}")]
pub struct UnknownOption {
    found: String,
    expected: &'static str,
}

/// Gives the values of an option their names.
macro_rules! names {
    ($type:ident, $count:literal, $expected:literal: $($value:ident = $name:literal),*) => {
        impl $type {
            /// Every value.
            pub const ALL: [Self; $count] = [$(Self::$value),*];

            /// Returns the name of the value in `upsign.toml` and on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name),* }
            }
        }

        /// Writes the [`name`](Self::name).
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        /// Reads a [`name`](Self::name).
        impl FromStr for $type {
            type Err = UnknownOption;

            fn from_str(text: &str) -> Result<Self, UnknownOption> {
                let known = Self::ALL.into_iter().find(|it| it.name() == text);
                known.ok_or_else(|| UnknownOption { found: text.to_owned(), expected: $expected })
            }
        }
    };
}

names! { ApiKind, 4, "`rest`, `http`, `url` or `alb`": Rest = "rest", Http = "http", FunctionUrl = "url", LoadBalancer = "alb" }
names! { Reads, 3, "`none`, `presigned` or `cloudfront`": None = "none", Presigned = "presigned", CloudFront = "cloudfront" }
names! { NotificationTarget, 3, "`none`, `queue` or `event-bridge`": None = "none", Queue = "queue", EventBridge = "event-bridge" }

#[cfg(test)]
mod tests {
    use super::*;

    /// The error lists exactly the names that are read back.
    #[test]
    fn names_are_read_back_and_listed() {
        fn check<T>(all: &[T], name: impl Fn(T) -> &'static str)
        where
            T: FromStr<Err = UnknownOption> + Copy + fmt::Debug + fmt::Display + PartialEq,
        {
            for value in all {
                assert_eq!(name(*value).parse::<T>().as_ref(), Ok(value));
                assert_eq!(value.to_string(), name(*value));
            }
            let names: Vec<String> = all.iter().map(|value| format!("`{value}`")).collect();
            let (last, others) = names.split_last().unwrap();
            let expected = format!("unknown value `other`: expected {} or {last}", others.join(", "));
            assert_eq!("other".parse::<T>().unwrap_err().to_string(), expected);
        }
        check(&ApiKind::ALL, ApiKind::name);
        check(&Reads::ALL, Reads::name);
        check(&NotificationTarget::ALL, NotificationTarget::name);
    }
}
