//! Calls and answers that break the rules of S3.

use upsign_core::{InvalidHeader, InvalidQuery};

/// A call contradicts the rules of S3. It was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCall {
    /// `CompleteMultipartUpload` without parts. S3 answers `MalformedXML`.
    #[error("an upload needs at least one part to be completed")]
    NoParts,
    /// The parts of `CompleteMultipartUpload` are not in ascending order, or one is listed twice. S3 answers
    /// `InvalidPartOrder`.
    #[error("the parts must be in ascending order, each once: part {0} is not")]
    PartOrder(u16),
    /// A conditional header or a checksum is also among the headers of the call.
    #[error("a header of the call cannot be signed")]
    Header(#[source] InvalidHeader),
    /// A header of `CreateMultipartUpload` or `CopyObject` describes a body, which these requests do not have: length, MD5 or
    /// checksum. They belong to the parts, and a checksum of the whole object to `CompleteMultipartUpload`.
    #[error("the header `{0}` describes a body, which the request does not have")]
    BodyHeader(&'static str),
    /// A query parameter of the call cannot be signed.
    #[error("a query parameter of the call cannot be signed")]
    Query(#[source] InvalidQuery),
    /// A range of bytes is empty, or ends beyond 2^63 - 1.
    #[error("the range of bytes is empty or too large")]
    Range,
    /// Both `If-Match` and `If-None-Match` are set for the same object.
    #[error("an object cannot be required to exist and to be absent")]
    Contradiction,
    /// More tags than S3 allows for an object.
    #[error("an object can have 10 tags, not {0}")]
    TagCount(usize),
    /// The key or the value of a tag is longer than S3 allows, empty, or contains a control character.
    #[error(
        "tag {0}: a key must have 1 to 128 characters, a value at most 256, and neither control characters"
    )]
    Tag(usize),
    /// A key of a tag is given twice.
    #[error("tag {0}: the key is given twice")]
    RepeatedTag(usize),
}

/// An answer that claims success is not one of S3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAnswer {
    /// The body is longer than the limit of the call, in bytes.
    #[error("the body has more than {0} bytes")]
    TooLong(usize),
    /// The body ends too early.
    #[error("the body is incomplete")]
    Incomplete,
    /// The body is not XML.
    #[error("the body is not XML of S3")]
    Xml(#[source] InvalidXml),
    /// The root element of the body is another one.
    #[error("the body is not <{expected}>")]
    Root {
        /// The name of the expected root element.
        expected: &'static str,
    },
    /// A header or an element is missing or has an unreadable value.
    #[error("`{0}` is missing or cannot be read")]
    Member(&'static str),
    /// The store ignored the range of the request, or answered with another one.
    #[error("the answer has another range of bytes than requested")]
    Range,
    /// The list of parts does not end: a page does not start after the previous one, or there are more parts than an
    /// upload can have.
    #[error("the list of parts has no end")]
    Endless,
    /// The status is neither the one of success nor one of an error.
    #[error("unexpected status {0}")]
    Status(u16),
}

/// A body is not XML of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidXml {
    /// The document ends before its root element does.
    #[error("the document ends too early")]
    Incomplete,
    /// The text is not well-formed XML.
    #[error("the document is not well-formed")]
    Malformed,
    /// The document has a document type definition, or an entity other than the five that XML defines.
    #[error("the document declares or uses entities")]
    Entities,
    /// Elements are nested more than 16 deep, or there are more than 200,000 of them.
    #[error("the document has too many or too deeply nested elements")]
    TooComplex,
}
