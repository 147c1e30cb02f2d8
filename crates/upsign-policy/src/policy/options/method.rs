//! The handling of requests without a body, and the method with which clients send the file.

/// The handling of a request without a body, which does not describe the file.
///
/// There is no default, because the choice decides what a grant binds.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMethod {
    /// One presigned `PUT`. Every constraint is a signed header, and the size is exact.
    #[default]
    Put,
    /// A form with a POST policy, for clients that do not know the size in advance: a form can bind a range of sizes. A
    /// form cannot protect an existing object against overwriting.
    Post,
}
