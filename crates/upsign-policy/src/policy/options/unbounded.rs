//! Whether a `PUT` may bind no size.

/// Whether clients that cannot state the size of a file may upload it with a `PUT` that binds no size.
///
/// Only some clients of other contracts, such as Uppy's, state no size. A form binds a range of sizes and parts are added up, so both
/// are safe without a stated size; a `PUT` binds an exact size or none. The API's own contract always requires the size.
///
/// TOML key: `unbounded`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unbounded {
    /// They may not.
    #[default]
    Refuse,
    /// They may: the URL binds the key and the type, but a client can upload as much as the store accepts in one request (5 GiB
    /// at Amazon S3), again and again until it expires. Nothing but a confirmation notices a file above the maximum size.
    Danger,
}
