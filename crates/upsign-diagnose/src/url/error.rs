//! Why a text is not a signed URL.

use crate::redacted::Redacted;

/// The reason why a text is not a [`SignedUrl`](crate::SignedUrl).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotASignedUrl {
    /// There is no text.
    #[error("the input is empty; pass the presigned URL or the fields of a form")]
    Empty,
    /// The text is longer than 32 KiB.
    #[error("the text has {0} bytes; a presigned URL has at most 32768")]
    TooLong(usize),
    /// The text contains control characters, or is not UTF-8.
    #[error(
        "the input is not text: it contains the byte 0x{byte:02x} at offset {offset}; pass a URL, not a file that was uploaded"
    )]
    Binary {
        /// The first byte that no text contains.
        byte: u8,
        /// Where it is, counted from 0.
        offset: usize,
    },
    /// A space or a line break is inside of the URL.
    #[error(
        "the URL contains white space at offset {offset}: copy it as one line, and write %20 for a space in a key"
    )]
    WhiteSpace {
        /// Where it is, counted from 0.
        offset: usize,
    },
    /// The URL does not begin with `http://` or `https://`.
    #[error("a presigned URL begins with https:// (or http://), not {found:?}")]
    Scheme {
        /// How the text begins.
        found: Redacted,
    },
    /// The URL has no host, or an impossible one.
    #[error("the URL has no valid host between :// and the path")]
    Host,
    /// The URL contains a user name or a password.
    #[error(
        "the URL contains a user name before its host, as in https://user@host; no presigned URL has one"
    )]
    UserInfo,
    /// The `&` is written as HTML does.
    #[error("the URL was copied from HTML: replace each &amp; with &")]
    HtmlEscaped,
    /// The `&` is written as some JSON encoders do.
    #[error("the URL was copied from JSON: replace each \\u0026 with &")]
    JsonEscaped,
    /// The URL has no parameter of a signature.
    #[error(
        "the URL is not presigned: its query contains no signature of S3 (X-Amz-Signature), Google Cloud Storage, CloudFront or Azure Storage"
    )]
    Unsigned,
    /// The signature is made by an unknown algorithm.
    #[error(
        "unknown algorithm {found:?}; expected AWS4-HMAC-SHA256, AWS4-ECDSA-P256-SHA256, GOOG4-RSA-SHA256 or GOOG4-HMAC-SHA256"
    )]
    Algorithm {
        /// The algorithm of the URL.
        found: Redacted,
    },
    /// Parameters of a signature are there, but not the signature.
    #[error(
        "the URL is cut off: {missing} is absent; quote the URL, because a shell ends a command at the first &"
    )]
    Truncated {
        /// The parameter that contains the signature.
        missing: &'static str,
    },
}

impl NotASignedUrl {
    pub(crate) fn algorithm(found: &str) -> Self {
        Self::Algorithm { found: Redacted::new(&found.chars().take(40).collect::<String>()) }
    }

    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too-long",
            Self::Binary { .. } => "binary",
            Self::WhiteSpace { .. } => "white-space",
            Self::Scheme { .. } => "scheme",
            Self::Host => "host",
            Self::UserInfo => "user-info",
            Self::HtmlEscaped => "html-escaped",
            Self::JsonEscaped => "json-escaped",
            Self::Unsigned => "unsigned",
            Self::Algorithm { .. } => "algorithm",
            Self::Truncated { .. } => "truncated",
        }
    }
}
