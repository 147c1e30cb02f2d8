//! Why a text is no evidence.

use crate::redacted::Redacted;

/// The reason why a text is not [`Evidence`](super::Evidence) of a refused upload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableEvidence {
    /// There is no text.
    #[error(
        "the input is empty; pass the store's answer, a HAR file, the output of curl -v, or a copied request"
    )]
    Empty,
    /// The input is larger than [`Evidence::MAX_BYTES`](super::Evidence::MAX_BYTES).
    #[error(
        "the input is larger than 32 MiB; clear the network tab, repeat the upload alone, and export the HAR without content"
    )]
    TooLarge,
    /// The input is not text.
    #[error(
        "the input is not text in UTF-8; pass a HAR file or a copied request, not the file that was uploaded"
    )]
    Binary,
    /// The input is text in UTF-16, as PowerShell writes it.
    #[error("the input is text in UTF-16, as PowerShell's > writes it; save it as UTF-8")]
    Utf16,
    /// The text is JSON that ends too early.
    #[error("the JSON ends too early, in line {line}: it was cut off; export or copy it again")]
    Truncated {
        /// The line, from 1.
        line: usize,
    },
    /// The text is JSON, and neither a HAR file nor an answer of an API.
    #[error("the JSON is neither a HAR file (log.entries) nor an answer of an API with an error")]
    OtherJson,
    /// The text is not JSON, although it begins like it.
    #[error("the JSON is invalid in line {line}, column {column}")]
    InvalidJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The text is the answer that issued a URL, and not a refusal.
    #[error("this is the answer that issued the URL; pass it with --grant, and the refusal as FILE")]
    Grant,
    /// The HAR has no entry.
    #[error("the HAR has no requests; open the network tab before the upload, repeat it, and export again")]
    NoRequests,
    /// The evidence has no upload that failed, among this number of requests.
    #[error(
        "there is no failed upload among the recorded requests ({0}); record the upload itself, with the preflight (OPTIONS) and the PUT or POST"
    )]
    NoFailure(usize),
    /// The XML is not an error of a store.
    #[error("the XML has no <Error> with a <Code>, so it is not the refusal of a store")]
    OtherXml,
    /// A command of curl has no URL.
    #[error("the curl command has no URL")]
    NoUrl,
    /// A quoted text does not end.
    #[error("the command ends inside of quotation marks: it was cut off; copy it again")]
    UnclosedQuote,
    /// A call of `fetch` is not complete.
    #[error("the call of fetch is incomplete or is no literal; use the browser's \"Copy as fetch\"")]
    Fetch,
    /// The URL is signed by another scheme than that of S3.
    #[error("the URL is signed by another scheme than S3's ({scheme}); `upsign explain` takes it apart")]
    OtherService {
        /// The scheme.
        scheme: &'static str,
    },
    /// The request has more parts than stores accept.
    #[error(
        "the URL has more than 32 KiB, or it or the headers have more than 1,000 parts: no store accepts such a request"
    )]
    OversizedRequest,
    /// The text is of no known kind.
    #[error("unrecognized input: it begins with {start:?}")]
    Unrecognized {
        /// How the text begins.
        start: Redacted,
    },
}

impl UnreadableEvidence {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
            Self::Binary => "binary",
            Self::Utf16 => "utf-16",
            Self::Truncated { .. } => "truncated",
            Self::OtherJson => "other-json",
            Self::InvalidJson { .. } => "invalid-json",
            Self::Grant => "grant",
            Self::NoRequests => "no-requests",
            Self::NoFailure(_) => "no-failure",
            Self::OtherXml => "other-xml",
            Self::NoUrl => "no-url",
            Self::UnclosedQuote => "unclosed-quote",
            Self::Fetch => "fetch",
            Self::OtherService { .. } => "other-service",
            Self::OversizedRequest => "oversized-request",
            Self::Unrecognized { .. } => "unrecognized",
        }
    }
}

impl From<serde_json::Error> for UnreadableEvidence {
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Eof => Self::Truncated { line: error.line() },
            serde_json::error::Category::Data => Self::OtherJson,
            _ => Self::InvalidJson { line: error.line(), column: error.column() },
        }
    }
}
