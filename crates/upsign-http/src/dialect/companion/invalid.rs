//! Requests that do not have the form of Companion's.

/// The reason why a request is not one that a client of Companion sends. The texts are those of Companion, where it has one
/// (<https://github.com/transloadit/uppy/blob/main/packages/%40uppy/companion/src/server/controllers/s3.js>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidCall {
    /// A parameter occurs twice.
    #[error("a parameter occurs twice in the query")]
    Repeated,
    /// The query has too many parameters. Holds the maximum.
    #[error(
        "the query has more than {0} parameters: set `allowedMetaFields` of @uppy/aws-s3 to the entries that the route permits"
    )]
    TooManyParameters(usize),
    /// The name of the file is missing.
    #[error("s3: the \"filename\" query parameter is required and must be a non-empty string")]
    FileName,
    /// The content type is missing.
    #[error("s3: content type must be a string")]
    ContentType,
    /// The key of the object is missing.
    #[error("s3: the object key must be passed as a query parameter. For example: \"?key=abc.jpg\"")]
    Key,
    /// The key is not that of the upload.
    #[error("s3: the object key is not that of the upload: pass `key` as it was answered with `uploadId`")]
    OtherKey,
    /// The list of part numbers is missing.
    #[error(
        "s3: the part numbers must be passed as a comma separated query parameter. For example: \"?partNumbers=4,6,7,21\""
    )]
    PartNumbers,
    /// A part number is not from 1 to 10,000.
    #[error("s3: the part number must be a number between 1 and 10000.")]
    PartNumber,
    /// The list has too many part numbers. Holds the maximum.
    #[error("s3: at most {0} part numbers can be passed at once")]
    TooManyPartNumbers(usize),
}
