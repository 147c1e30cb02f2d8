//! The handling of requests without a body, and the method with which clients send the file.

/// The handling of a request without a body, which does not describe the file.
///
/// There is no default, because the choice decides what a grant binds.
///
/// ```
/// use upsign_policy::Bodyless;
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// // `target`, `caller` and `ids` are those of the first example of this crate.
/// let policy = |bodyless| {
///     UploadPolicy::builder(target.clone(), "articles/{id}.jpg".parse().unwrap(), bodyless)
///         .content_types(["image/jpeg"])
///         .max_size(10 << 20)
///         .build()
/// };
/// let request = UploadRequest::bodyless();
/// let permit = policy(Bodyless::Allow)?.authorize(&caller, &request, &ids)?;
/// assert_eq!(permit.headers().unwrap().get("content-length"), None); // any size
/// let denied = policy(Bodyless::Refuse)?.authorize(&caller, &request, &ids).unwrap_err();
/// assert_eq!(denied.code(), "body-required");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bodyless {
    /// Issues a grant for the first exact content type of the policy.
    ///
    /// With [`UploadMethod::Put`], such a grant signs the content type and nothing else: the size, the protection against
    /// overwriting and every other constraint of the policy are not bound. With [`UploadMethod::Post`], the form binds
    /// everything except a required checksum, which only the client could state.
    Allow,
    /// Denies the request with [`Denied::BodyRequired`](crate::Denied::BodyRequired).
    Refuse,
}

/// How the client sends the file to S3.
///
/// ```
/// use upsign_policy::{Bodyless, UploadMethod};
/// # use upsign_policy::{Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// // `target`, `caller` and `ids` are those of the first example of this crate.
/// let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg"])
///     .max_size(10 << 20)
///     .method(UploadMethod::Post)
///     .no_overwrite(false)
///     .build()?;
/// // The client does not know the size yet.
/// let request = UploadRequest::described().with_content_type("image/jpeg");
/// let form = policy.authorize(&caller, &request, &ids)?;
/// assert_eq!(form.request().post().unwrap().length().max(), 10 << 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMethod {
    /// One presigned `PUT`. Every constraint is a signed header, and the size is exact.
    #[default]
    Put,
    /// A form with a POST policy, for clients that do not know the size in advance: a form can bind a range of sizes. A
    /// form cannot protect an existing object against overwriting.
    ///
    /// With [`MultipartMode::Auto`](crate::MultipartMode::Auto), a file above
    /// [`MultipartOptions::above`](crate::MultipartOptions::above) is uploaded in parts, and a form of unknown size accepts
    /// at most that many bytes. [`MultipartMode::Always`](crate::MultipartMode::Always) would leave no file for forms.
    Post,
}
