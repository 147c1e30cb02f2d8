//! Reasons to refuse a text.

/// The reason a text is refused.
///
/// A text can have several faults. The error is the first of these that applies: [`TooLong`](Self::TooLong), then
/// [`Syntax`](Self::Syntax), [`Depth`](Self::Depth) or [`TooManyItems`](Self::TooManyItems), whichever comes first in the text, then
/// [`NotAnObject`](Self::NotAnObject), [`TooManyMembers`](Self::TooManyMembers) and [`Duplicate`](Self::Duplicate).
///
/// `Display` completes a sentence that begins with the name of the text, as in "the token's header is not valid JSON".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// The text is longer than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("JSON longer than the limit")]
    TooLong,
    /// The text is not UTF-8, does not follow RFC 8259, has a number outside the range of `f64`, or does not end after
    /// the value.
    #[error("not valid JSON")]
    Syntax,
    /// Objects and arrays are nested deeper than [`Limits::max_depth`](crate::Limits::max_depth).
    #[error("JSON nested deeper than the limit")]
    Depth,
    /// The value is not an object, where [`read_object`](crate::read_object) requires one.
    #[error("JSON, but not an object")]
    NotAnObject,
    /// An object has more distinct members than [`Limits::with_max_members`](crate::Limits::with_max_members) allows.
    #[error("JSON with more members in one object than the limit")]
    TooManyMembers,
    /// An array has more items than [`Limits::with_max_items`](crate::Limits::with_max_items) allows.
    #[error("JSON with more items in one array than the limit")]
    TooManyItems,
    /// An object has two members of the same name.
    #[error("JSON with a duplicate member")]
    Duplicate,
}
