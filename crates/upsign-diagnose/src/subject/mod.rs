//! Recognizes what to explain: a URL, the answer of a service, the fields of a form, HTML, or a command of curl.

mod curl;
mod html;
mod json;

use std::fmt;

use upsign_json::InvalidJson;

use crate::form::{NotASignedForm, SignedForm};
use crate::url::{NotASignedUrl, SignedUrl};

/// A presigned URL or a signed form, with what else is known about the request.
///
/// ```
/// use upsign_diagnose::{Subject, SubjectError};
///
/// let answer = r#"{"uploadUrl":"https://a.s3.us-east-1.amazonaws.com/k?AWSAccessKeyId=AK&Expires=1&Signature=x%3D",
///     "method":"PUT","headers":{"content-type":"image/png"}}"#;
/// let Subject::Url(request) = Subject::read(answer.as_bytes())? else { unreachable!() };
/// assert_eq!(request.headers, [("content-type".into(), "image/png".into())]);
///
/// assert!(matches!(Subject::read(b"\x89PNG\r\n\x1a\n"), Err(SubjectError::Binary { .. })));
/// # Ok::<(), SubjectError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A URL.
    Url(Box<SignedRequest>),
    /// A form.
    Form(Box<SignedForm>),
}

/// A presigned URL, and the method and headers that came with it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedRequest {
    /// The URL.
    pub url: SignedUrl,
    /// The method, if it is known.
    pub method: Option<Box<str>>,
    /// The headers, if they are known.
    pub headers: Vec<(Box<str>, Box<str>)>,
}

impl SignedRequest {
    /// Creates a request of which only the URL is known.
    #[must_use]
    pub const fn new(url: SignedUrl) -> Self {
        Self { url, method: None, headers: Vec::new() }
    }

    /// Returns the value of a header, whose name's case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

impl fmt::Debug for SignedRequest {
    /// Shows the names of headers only: a value may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("SignedRequest")
            .field("url", &self.url)
            .field("method", &self.method)
            .field("headers", &names)
            .finish()
    }
}

/// The reason why an input cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// The input is longer than 256 KiB.
    #[error(
        "the input has more than 262144 bytes; pass a presigned URL or the fields of a form, not a file to upload"
    )]
    TooLong,
    /// The input contains a byte that no text contains.
    #[error(
        "the input is not text: it contains the byte 0x{byte:02x} at offset {offset}; pass a presigned URL or the fields of a form, not a file to upload"
    )]
    Binary {
        /// The byte.
        byte: u8,
        /// Where it is, counted from 0.
        offset: usize,
    },
    /// The input begins like JSON, and is not.
    #[error("the input begins like JSON and cannot be read: {0}")]
    Json(InvalidJson),
    /// The JSON is something else.
    #[error(
        "the JSON contains neither a presigned URL (url or uploadUrl) nor the fields of a form (policy, x-amz-signature)"
    )]
    OtherJson,
    /// The JSON is a recording of a browser.
    #[error("the input is a HAR file: `upsign diagnose` reads it")]
    Har,
    /// The answer is that of a multipart upload.
    #[error("the answer is that of a multipart upload; pass one of the URLs of its parts")]
    Multipart,
    /// The HTML contains no form.
    #[error("the HTML contains no <input> with a name")]
    Html,
    /// The command contains no URL and no form field.
    #[error("the command of curl contains neither a URL nor fields (-F name=value)")]
    Curl,
    /// The text is no signed URL.
    #[error(transparent)]
    Url(#[from] NotASignedUrl),
    /// The fields are no signed form.
    #[error(transparent)]
    Form(#[from] NotASignedForm),
}

impl SubjectError {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::Binary { .. } => "binary",
            Self::Json(_) => "json",
            Self::OtherJson => "other-json",
            Self::Har => "har",
            Self::Multipart => "multipart",
            Self::Html => "html",
            Self::Curl => "curl",
            Self::Url(error) => error.code(),
            Self::Form(error) => error.code(),
        }
    }
}

impl Subject {
    /// The longest input that is read, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// Recognizes an input:
    ///
    /// - a presigned URL;
    /// - JSON with `url` or `uploadUrl`, and `fields` or `headers`: the answer of a service, or the output of `upsign presign --json` and
    ///   `upsign post --json`;
    /// - JSON whose members are the fields of a form;
    /// - HTML with the `<input>` elements of a form;
    /// - a command of curl with `-F` or `--form-string`, or its arguments on lines of their own.
    ///
    /// # Errors
    /// Fails if the input is something else, is not text, or is longer than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn read(input: &[u8]) -> Result<Self, SubjectError> {
        // The start of a large file shows that it is no text, which says more than its length.
        let start = input.get(..Self::MAX_BYTES).unwrap_or(input);
        // JSON may contain 0x7F.
        let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n');
        if let Some(offset) = start.iter().position(control) {
            return Err(binary(start, offset));
        }
        if start.len() < input.len() {
            return Err(SubjectError::TooLong);
        }
        let text = str::from_utf8(input).map_err(|error| binary(input, error.valid_up_to()))?;
        Self::parse(text.trim_start_matches('\u{feff}').trim())
    }

    fn parse(text: &str) -> Result<Self, SubjectError> {
        if text.starts_with(['{', '[']) {
            return json::read(text);
        }
        let lower = text.get(..text.len().min(4096)).unwrap_or(text).to_ascii_lowercase();
        if lower.contains("<form") || lower.contains("<input") {
            return html::read(text);
        }
        if lower.starts_with("curl") || lower.starts_with('-') {
            return curl::read(text);
        }
        Ok(Self::from(SignedUrl::parse(text)?))
    }
}

impl From<SignedUrl> for Subject {
    fn from(url: SignedUrl) -> Self {
        Self::Url(Box::new(SignedRequest::new(url)))
    }
}

impl From<SignedForm> for Subject {
    fn from(form: SignedForm) -> Self {
        Self::Form(Box::new(form))
    }
}

fn binary(bytes: &[u8], offset: usize) -> SubjectError {
    SubjectError::Binary { byte: bytes.get(offset).copied().unwrap_or_default(), offset }
}
