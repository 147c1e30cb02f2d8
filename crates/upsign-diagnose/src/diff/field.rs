//! The names of the parts of a request.

use std::fmt;

/// The part of a request, or of what surrounds it, that is wrong.
///
/// ```
/// use upsign_diagnose::Field;
/// assert_eq!(Field::header("Content-Type").to_string(), "header:content-type");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The method.
    Method,
    /// The scheme of the URL.
    Scheme,
    /// The host, with its port.
    Host,
    /// The path.
    Path,
    /// A query parameter, by its decoded name.
    Query(Box<str>),
    /// A request header, by its name in lower case.
    Header(Box<str>),
    /// A header of the answer, by its name in lower case.
    AnswerHeader(Box<str>),
    /// A field of a POST form.
    FormField(Box<str>),
    /// The body.
    Body,
    /// The key of the object.
    Key,
    /// The clock.
    Clock,
    /// The credentials.
    Credentials,
    /// The origin of the page.
    Origin,
    /// The region.
    Region,
    /// The bucket.
    Bucket,
    /// A permission, such as `s3:PutObject`.
    Action(Box<str>),
    /// The token of the caller of the API.
    Token,
    /// A claim of the token of the caller, such as `exp`.
    Claim(Box<str>),
    /// Nothing in particular is known to be wrong.
    Unknown,
}

impl Field {
    /// Returns the request header with this name.
    #[must_use]
    pub fn header(name: &str) -> Self {
        Self::Header(name.to_ascii_lowercase().into())
    }

    /// Returns the query parameter with this name.
    #[must_use]
    pub fn query(name: &str) -> Self {
        Self::Query(name.into())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = match self {
            Self::Method => return f.write_str("method"),
            Self::Scheme => return f.write_str("scheme"),
            Self::Host => return f.write_str("host"),
            Self::Path => return f.write_str("path"),
            Self::Body => return f.write_str("body"),
            Self::Key => return f.write_str("key"),
            Self::Clock => return f.write_str("clock"),
            Self::Credentials => return f.write_str("credentials"),
            Self::Origin => return f.write_str("origin"),
            Self::Region => return f.write_str("region"),
            Self::Bucket => return f.write_str("bucket"),
            Self::Token => return f.write_str("token"),
            Self::Unknown => return f.write_str("unknown"),
            Self::Query(name) => ("query", name),
            Self::Header(name) => ("header", name),
            Self::AnswerHeader(name) => ("answer-header", name),
            Self::FormField(name) => ("form-field", name),
            Self::Action(name) => ("action", name),
            Self::Claim(name) => ("claim", name),
        };
        write!(f, "{}:{}", named.0, named.1)
    }
}
