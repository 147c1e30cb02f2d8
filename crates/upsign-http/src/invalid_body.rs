//! The reasons for refusing a request body.

/// The reason a request body is refused. The client has to change the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBody {
    /// The body is longer than the maximum, which the field contains.
    #[error("the body has more than {0} bytes")]
    TooLarge(usize),
    /// The length of the body differs from its `Content-Length`.
    #[error("the length of the body differs from its content-length")]
    Length,
    /// The `Content-Type` of the request is not `application/json`.
    #[error("the body must be application/json")]
    NotJsonType,
    /// The body is not JSON: a syntax error, invalid UTF-8, a byte order mark, text after the end, or too many levels.
    #[error("the body is not valid JSON")]
    Syntax,
    /// The body is JSON, but not an object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// An object of the body has two members of the same name, on which JSON readers disagree.
    #[error("the body has a duplicate member")]
    Duplicate,
    /// An object of the body has more members than the maximum, which the field contains.
    #[error("the body has more than {0} members in one object")]
    TooMany(usize),
    /// The body has a member that this API does not define. The field lists the members that it defines.
    #[error("the body has an unknown member; the known members are {0}")]
    UnknownMember(Box<str>),
    /// The member for an id is not a string. The field is its name.
    #[error("`{0}` must be a UUID, as a string")]
    Id(Box<str>),
    /// A member has the wrong type. The fields are its name and the expected type.
    #[error("`{0}` must be {1}")]
    Type(&'static str, &'static str),
    /// `contentLength` is not an integer from 0 to 2^53, the range in which all JSON readers agree on the value. `7.0` and
    /// `1e3` are not integers.
    #[error("`contentLength` must be a whole number from 0 to 9007199254740992")]
    ContentLength,
    /// The body lacks a member that the call requires. The field is its name.
    #[error("the body must have the member `{0}`")]
    Missing(&'static str),
    /// The body has neither `receipt` nor `uploadToken`, or both.
    #[error("the body must have either the member `receipt` or the member `uploadToken`")]
    OneProof,
    /// A part number is not an integer from 1 to 10,000. The field is the path of the member, such as `partNumbers[0]`.
    #[error("`{0}` must be a whole number from 1 to 10000")]
    PartNumber(Box<str>),
    /// The body lists more parts than one call accepts. The field is the maximum.
    #[error("the body lists more than {0} parts, the maximum of one call")]
    TooManyParts(usize),
    /// The body lists more files than one request can have. The field is the maximum.
    #[error("the body lists more than {0} files, the maximum of one request")]
    TooManyFiles(usize),
    /// The description of one of several files is not valid.
    #[error("`files[{index}]`: {error}")]
    File {
        /// The index of the file, from 0 on.
        index: usize,
        /// What is wrong with it. The code is that of this error.
        error: Box<Self>,
    },
    /// The client of a dialect could not send what would be granted. The field says why, and what to change.
    #[error("{0}")]
    ClientCannotSend(Box<str>),
    /// A length of a part is not an integer from 0 to 2^53. The field is its index.
    #[error("`contentLengths[{0}]` must be a whole number from 0 to 9007199254740992")]
    PartLength(usize),
}

impl InvalidBody {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { error, .. } => error.code(),
            Self::TooManyFiles(_) => "files-count",
            Self::TooLarge(_) => "body-too-large",
            Self::Length => "body-length",
            Self::NotJsonType => "body-not-json",
            Self::Syntax => "body-syntax",
            Self::NotAnObject => "body-not-object",
            Self::Duplicate => "body-duplicate-member",
            Self::TooMany(_) => "body-too-many-members",
            Self::UnknownMember(_) => "body-unknown-member",
            Self::Type(..) | Self::Id(_) => "body-member-type",
            Self::ContentLength => "content-length-invalid",
            Self::Missing(_) | Self::OneProof => "body-member-missing",
            Self::PartNumber(_) | Self::TooManyParts(_) => "part-numbers-invalid",
            Self::PartLength(_) => "part-lengths-invalid",
            Self::ClientCannotSend(_) => "client-cannot-send",
        }
    }

    /// Returns the index of the file that is not valid, if the body lists several.
    #[must_use]
    pub const fn file(&self) -> Option<usize> {
        match self {
            Self::File { index, .. } => Some(*index),
            _ => None,
        }
    }
}
