//! Error codes of S3.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Generates the enumeration and both directions of its text from one list.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// An error code of S3. The codes that callers distinguish have a variant; another code stays text.
        ///
        /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
        ///
        /// ```
        /// use upsign_objects::ErrorCode;
        /// assert_eq!("NoSuchUpload".parse(), Ok(ErrorCode::NoSuchUpload));
        /// let other: ErrorCode = "XMinioStorageFull".parse()?;
        /// assert_eq!(other.as_str(), "XMinioStorageFull");
        /// # Ok::<(), std::convert::Infallible>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
            /// Another code: up to 64 letters, digits, dots, hyphens and underscores. Other characters of the store's code
            /// are replaced by `?`.
            Other(Box<str>),
        }

        impl ErrorCode {
            /// Returns the code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => stringify!($name),)*
                    Self::Other(text) => text,
                }
            }
        }

        impl FromStr for ErrorCode {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(match text {
                    $(stringify!($name) => Self::$name,)*
                    _ => Self::Other(bounded(text)),
                })
            }
        }
    };
}

codes! {
    /// The credentials may not perform the operation, or the bucket does not exist for them.
    AccessDenied,
    /// The checksum of the request does not match its content, or, for a completed upload, the object's.
    BadDigest,
    /// Another conditional request for the same key was in progress. For `CompleteMultipartUpload`, S3's documentation asks
    /// for a new upload.
    ConditionalRequestConflict,
    /// The object is larger than S3 allows: a copied object, than 5 GiB.
    EntityTooLarge,
    /// A part other than the last is smaller than 5 MiB.
    EntityTooSmall,
    /// The session token of the credentials has expired.
    ExpiredToken,
    /// The store failed.
    InternalError,
    /// The access key does not exist.
    InvalidAccessKeyId,
    /// A value of the request is not valid.
    InvalidArgument,
    /// A part does not exist, or its entity tag is another one.
    InvalidPart,
    /// The parts are not in ascending order.
    InvalidPartOrder,
    /// The range of bytes begins after the end of the object.
    InvalidRange,
    /// The request is not valid, for example because `x-amz-mp-object-size` is not the sum of the parts.
    InvalidRequest,
    /// The body of the request is not the XML that the operation needs.
    MalformedXML,
    /// The method is not allowed, for example for a delete marker.
    MethodNotAllowed,
    /// The bucket does not exist.
    NoSuchBucket,
    /// The object does not exist.
    NoSuchKey,
    /// The multipart upload does not exist: it was completed or aborted, or never created.
    NoSuchUpload,
    /// The version of the object does not exist.
    NoSuchVersion,
    /// The store does not implement the operation or a header.
    NotImplemented,
    /// Another operation on the same resource is in progress.
    OperationAborted,
    /// The bucket is in another region.
    PermanentRedirect,
    /// A condition of the request was not met.
    PreconditionFailed,
    /// The store did not receive the request in time.
    RequestTimeout,
    /// The clocks of service and store differ by more than 15 minutes.
    RequestTimeTooSkewed,
    /// The store does not accept requests at the moment.
    ServiceUnavailable,
    /// The secret key is wrong, or something changed the request on its way.
    SignatureDoesNotMatch,
    /// The rate of requests is too high.
    SlowDown,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// S3's longest code has 45 characters.
const MAX_LEN: usize = 64;

fn bounded(text: &str) -> Box<str> {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let kept = text.chars().take(MAX_LEN).map(|c| if is_kept(c) { c } else { '?' });
    kept.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_bounded_text() {
        let code = |text: &str| text.parse::<ErrorCode>().unwrap();
        assert_eq!(code("SlowDownWrite").as_str(), "SlowDownWrite");
        assert_eq!(code("a\r\nb <é>").as_str(), "a??b????");
        assert_eq!(code(&"x".repeat(10_000)).as_str().len(), 64);
        assert_eq!(code("").as_str(), "");
        // Not the variant: codes are compared in S3's spelling.
        assert_eq!(code("slowdown"), ErrorCode::Other("slowdown".into()));
    }
}
