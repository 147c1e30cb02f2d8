//! Why an input is no request of a page.

use crate::subject::SubjectError;
use crate::url::NotASignedUrl;

/// The reason why an input is no request that a page can make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPageRequest {
    /// The input is neither a URL nor a form.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The fields of a form come without the URL to which it is sent.
    #[error("the form has no address: pass the whole answer of the service, with `url` or `uploadUrl`")]
    NoAddress,
    /// The URL has no signature, so nothing says what it is for.
    #[error("the URL is not signed, so its method is not known: state it")]
    NoMethod,
    /// The text is no method of HTTP that a page can use. Holds the text in upper case, without unsafe characters.
    #[error("{0} is no method that a page can use: GET, HEAD, PUT, POST, DELETE, PATCH or OPTIONS")]
    Method(Box<str>),
    /// The text is no name of a header. Holds the text, without unsafe characters.
    #[error("{0:?} is no name of a header")]
    HeaderName(Box<str>),
}

impl InvalidPageRequest {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Subject(error) => error.code(),
            Self::NoAddress => "no-address",
            Self::NoMethod => "no-method",
            Self::Method(_) => "method",
            Self::HeaderName(_) => "header",
        }
    }
}

impl From<NotASignedUrl> for InvalidPageRequest {
    fn from(error: NotASignedUrl) -> Self {
        Self::Subject(error.into())
    }
}
