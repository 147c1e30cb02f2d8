//! Limits of one read.

/// Limits on the length of a text, on nesting, on the members of an object and on the items of an array.
///
/// Length and depth have no defaults, because they depend on the texts that the caller expects. Reading takes time and memory
/// proportional to the length; the call stack grows with the depth.
///
/// ```
/// use upsign_json::{InvalidJson, Limits, read};
/// let limits = Limits::new(64, 1).with_max_members(2);
/// assert!(read(br#"{"a":1,"b":2}"#, limits).is_ok());
/// assert_eq!(read(br#"{"a":1,"b":2,"c":3}"#, limits), Err(InvalidJson::TooManyMembers));
/// assert_eq!(read(br#"{"a":[]}"#, limits), Err(InvalidJson::Depth));
/// assert_eq!(read(&[b' '; 65], limits), Err(InvalidJson::TooLong));
/// assert_eq!(read(b"[1,2]", limits.with_max_items(1)), Err(InvalidJson::TooManyItems));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    max_bytes: usize,
    max_depth: u8,
    max_members: usize,
    max_items: usize,
}

impl Limits {
    /// Limits the text to `max_bytes` bytes and to `max_depth` levels of objects and arrays, the outermost included.
    ///
    /// With a depth of 1, `{"a":1}` is accepted and `{"a":[]}` is not; with a depth of 0, only a string, a number, a
    /// boolean or `null` is accepted. The numbers of members of an object and of items of an array are not limited.
    #[must_use]
    pub const fn new(max_bytes: usize, max_depth: u8) -> Self {
        Self { max_bytes, max_depth, max_members: usize::MAX, max_items: usize::MAX }
    }

    /// Limits every object to `max_members` distinct members.
    #[must_use]
    pub const fn with_max_members(self, max_members: usize) -> Self {
        Self { max_members, ..self }
    }

    /// Limits every array to `max_items` items.
    ///
    /// The read ends at the first item above the limit. A value in memory takes more space than its text, so a limit on items
    /// bounds the memory of texts such as `[0,0,0,…]` more tightly than the limit on bytes does.
    #[must_use]
    pub const fn with_max_items(self, max_items: usize) -> Self {
        Self { max_items, ..self }
    }

    /// Returns the maximum length of the text in bytes.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        self.max_bytes
    }

    /// Returns the maximum number of nested objects and arrays.
    #[must_use]
    pub const fn max_depth(self) -> u8 {
        self.max_depth
    }

    /// Returns the maximum number of members of one object.
    #[must_use]
    pub const fn max_members(self) -> usize {
        self.max_members
    }

    /// Returns the maximum number of items of one array.
    #[must_use]
    pub const fn max_items(self) -> usize {
        self.max_items
    }
}
