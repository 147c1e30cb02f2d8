//! Printing an error together with its causes.

use std::error::Error;
use std::fmt;

/// Returns a value that displays `error` and all of its causes, separated by `: `, outermost first.
///
/// Errors in these crates do not repeat their cause in their own `Display`. Use this function to write a log line or a
/// message for an operator. A cause is left out if the text before it already ends with the same words, because some
/// errors of other crates do repeat their cause.
///
/// Do not send the result to clients: causes may describe the service's infrastructure.
///
/// ```
/// # use std::{fmt, num::ParseIntError};
/// #[derive(Debug)]
/// struct InvalidPort(ParseIntError);
/// # impl fmt::Display for InvalidPort {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str("the port is not a number") }
/// # }
/// # impl std::error::Error for InvalidPort {
/// #     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> { Some(&self.0) }
/// # }
///
/// let error = InvalidPort("80a".parse::<u16>().unwrap_err());
/// assert_eq!(
///     upsign_core::error_chain(&error).to_string(),
///     "the port is not a number: invalid digit found in string"
/// );
/// ```
#[must_use]
pub fn error_chain(error: &dyn Error) -> impl fmt::Display {
    Chain(error)
}

struct Chain<'a>(&'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        let mut next = self.0.source();
        while let Some(cause) = next {
            let message = cause.to_string();
            if !text.ends_with(&message) {
                text.push_str(": ");
                text.push_str(&message);
            }
            next = cause.source();
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Self>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[track_caller]
    fn check(messages: &[&'static str], expected: &str) {
        let error = messages.iter().rfold(None, |cause, &message| Some(Box::new(Layer(message, cause))));
        assert_eq!(error_chain(&*error.unwrap()).to_string(), expected);
    }

    #[test]
    fn every_cause_is_printed_once() {
        check(&["no grant"], "no grant");
        check(&["no grant", "no credentials", "timeout"], "no grant: no credentials: timeout");
        check(&["no grant: timeout", "timeout"], "no grant: timeout");
        check(&["a", "b", "b", "c"], "a: b: c");
    }
}
