//! What a `PUT` binds of the size.

use upsign_core::{InvalidQuery, MaxSizeBinding, Query};

use crate::content::size::SizeLimit;

/// What a presigned `PUT` binds of the size of the file.
///
/// Stores compare a signed `Content-Length`, so a `PUT` usually binds the exact size, and the client must state it. A form
/// ([`UploadMethod::Post`](crate::UploadMethod::Post)) binds a range of sizes at every store that accepts forms.
///
/// TOML key: `size_bound`.
///
/// ```
/// use upsign_core::{Endpoint, MaxSizeBinding, Provider};
/// use upsign_policy::{Bodyless, SizeBound, UploadPolicy, UploadRequest};
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// // `target` is a bucket on RustFS.
/// let policy = UploadPolicy::builder(target, "recordings/{id}".parse()?, Bodyless::Refuse)
///     .content_types(["video/webm"])
///     .max_size(1 << 30)
///     .size_bound(SizeBound::Max(MaxSizeBinding::RustFs))
///     .build()?;
/// // The size of a recording is not known before it ends.
/// let recording = UploadRequest::described().with_content_type("video/webm;codecs=vp9");
/// let permit = policy.authorize(&caller, &recording, &ids)?;
/// let put = permit.request().put().unwrap();
/// assert_eq!(put.query().iter().next(), Some(("x-rustfs-max-content-length", "1073741824")));
/// assert_eq!(put.headers().get("content-length"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SizeBound {
    /// The exact size that the client states, as a signed `Content-Length`.
    #[default]
    Exact,
    /// The maximum size of the policy, by a signed query parameter or header that the store must understand. The client need
    /// not state the size. Other stores ignore it and accept any size, so use it only for a store whose
    /// [`Capabilities::max_size`](upsign_core::Capabilities::max_size) names it.
    Max(MaxSizeBinding),
    /// The exact size if the client states it. If it does not, the file is uploaded in parts, at most as many as the maximum
    /// size has, and the length of each is signed when the client asks for its URL. It needs
    /// [`MultipartOptions`](crate::MultipartOptions) and works at every store that has multipart uploads.
    MaxInParts,
}

impl SizeBound {
    /// Returns whether a `PUT` binds the exact size if the client states it.
    pub(in crate::policy) const fn is_exact_if_stated(self) -> bool {
        matches!(self, Self::Exact | Self::MaxInParts)
    }

    /// Returns the query parameters of a `PUT` of at most `max` bytes.
    pub(in crate::policy) fn query(self, max: u64) -> Result<Query, InvalidQuery> {
        let mut query = Query::new();
        if let Self::Max(binding) = self
            && let Some(name) = binding.query_parameter()
        {
            query.insert(name, &max.to_string())?;
        }
        Ok(query)
    }

    /// Returns the header of a `PUT` of a size within the limit.
    pub(in crate::policy) fn header(self, size: SizeLimit) -> Option<(&'static str, String)> {
        let Self::Max(binding) = self else { return None };
        Some((binding.range_header()?, format!("{},{}", size.min(), size.max())))
    }
}
