//! Whether an upload may replace an existing object.

/// Whether an upload may replace an object that exists already, and how the client shows that it knows which one.
///
/// A policy whose key identifies every upload, by a generated id or the checksum of the content, needs no choice: it signs
/// `If-None-Match: *`, which prevents overwriting. A key that several uploads share, such as `avatars/{sub}`, is only possible
/// with [`IfMatch`](Self::IfMatch) or [`Allow`](Self::Allow), so that nobody overwrites objects by accident.
///
/// TOML key: `replace`.
///
/// ```
/// use upsign_policy::{Bodyless, Replace, UploadPolicy, UploadRequest};
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// let policy = UploadPolicy::builder(target, "avatars/{sub}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg"])
///     .max_size(1 << 20)
///     .replace(Replace::IfMatch)
///     .build()?;
/// let first = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// let permit = policy.authorize(&caller, &first, &ids)?;
/// assert_eq!(permit.headers().unwrap().get("if-none-match"), Some("*"));
/// // The next upload names the object that it replaces, by the ETag of the answer to the first one.
/// let next = first.with_if_match("\"9b2cf535f27731c974343645a3985328\"");
/// let permit = policy.authorize(&caller, &next, &ids)?;
/// assert_eq!(permit.headers().unwrap().get("if-match"), Some("\"9b2cf535f27731c974343645a3985328\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replace {
    /// Never: every upload signs `If-None-Match: *`, and the store refuses it with 412 if the key has an object.
    Never,
    /// Only the object that the client names by its ETag, in the member `ifMatch`: the upload signs `If-Match`, and the store
    /// refuses it with 412 if the object has changed, and with 404 if it is missing. An upload without the member signs
    /// `If-None-Match: *`, as the first upload to a key.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    IfMatch,
    /// Any object: neither header is signed, and the last upload wins.
    Allow,
}
