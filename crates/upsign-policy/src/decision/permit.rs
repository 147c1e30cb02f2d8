//! The permission to sign one request.

use upsign_core::{ObjectKey, PostPolicy, PresignRequest, SignedHeaders};
use uuid::Uuid;

use crate::decision::denied::Denied;
use crate::decision::multipart::MultipartRequest;

/// The permission to sign one request.
///
/// Only [`UploadPolicy::authorize`](crate::UploadPolicy::authorize) creates a permit, and it is neither `Clone` nor `Copy`,
/// so code that requires a permit to sign cannot sign without a decision, or twice for one decision.
///
/// ```compile_fail,E0624
/// # fn sign_anything(request: upsign_policy::SignableRequest) -> upsign_policy::Permit {
/// upsign_policy::Permit::new(todo!(), todo!(), request, Vec::new(), false)
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn spend_twice(permit: upsign_policy::Permit) -> (upsign_policy::Permit, upsign_policy::Permit) {
/// (permit.clone(), permit)
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a permit has no effect until its request is signed"]
pub struct Permit {
    key: ObjectKey,
    upload_key: ObjectKey,
    request: SignableRequest,
    ids: Vec<(Box<str>, Uuid)>,
    client_supplied_ids: bool,
}

/// A complete request that only needs a signature: every header or form field is set.
///
/// ```
/// use upsign_policy::SignableRequest;
///
/// fn describe(request: &SignableRequest) -> String {
///     match request {
///         SignableRequest::Put(put) => format!("PUT {} with {} signed headers", put.key(), put.headers().len()),
///         SignableRequest::Post(form) => format!("POST a form to {}", form.url()),
///         SignableRequest::Multipart(upload) => format!("{} parts", upload.size.plan().part_count()),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a signer must handle every kind of request")]
pub enum SignableRequest {
    /// A `PUT`.
    Put(PresignRequest),
    /// A form (a `POST` with a POST policy).
    Post(PostPolicy),
    /// A multipart upload, which the service creates at the store before the client can send parts.
    Multipart(Box<MultipartRequest>),
}

impl SignableRequest {
    /// Returns the request if it is a `PUT`.
    #[must_use]
    pub const fn put(&self) -> Option<&PresignRequest> {
        match self {
            Self::Put(request) => Some(request),
            Self::Post(_) | Self::Multipart(_) => None,
        }
    }

    /// Returns the form if the request is one.
    #[must_use]
    pub const fn post(&self) -> Option<&PostPolicy> {
        match self {
            Self::Put(_) | Self::Multipart(_) => None,
            Self::Post(form) => Some(form),
        }
    }

    /// Returns the upload if it is in parts.
    #[must_use]
    pub const fn multipart(&self) -> Option<&MultipartRequest> {
        match self {
            Self::Put(_) | Self::Post(_) => None,
            Self::Multipart(upload) => Some(upload),
        }
    }
}

impl SignableRequest {
    /// Adds the claim to the metadata of the object (`x-amz-meta-upsign`): as a header, as a field of a form, or as a header of
    /// the call that creates a multipart upload.
    ///
    /// A policy with [`ConfirmationOptions::with_claim`](crate::ConfirmationOptions::with_claim) leaves room for it, and its
    /// samples contain it.
    ///
    /// # Errors
    /// Returns [`Denied`] if the claim contains other characters than visible ASCII, or is there already.
    pub fn with_claim(self, claim: &str) -> Result<Self, Denied> {
        match self {
            Self::Put(request) => {
                let headers = with_claim(request.headers(), claim)?;
                Ok(Self::Put(request.with_headers(headers)))
            }
            Self::Post(form) => {
                form.with_field(CLAIM, claim).map(Self::Post).map_err(Denied::FieldUnsignable)
            }
            Self::Multipart(mut upload) => {
                upload.create_headers = with_claim(&upload.create_headers, claim)?;
                Ok(Self::Multipart(upload))
            }
        }
    }
}

/// The header and the form field of the claim.
pub(crate) const CLAIM: &str = "x-amz-meta-upsign";

fn with_claim(headers: &SignedHeaders, claim: &str) -> Result<SignedHeaders, Denied> {
    let mut headers = headers.clone();
    headers.insert(CLAIM, claim).map_err(Denied::HeaderUnsignable)?;
    Ok(headers)
}

impl Permit {
    pub(crate) const fn new(
        key: ObjectKey,
        upload_key: ObjectKey,
        request: SignableRequest,
        ids: Vec<(Box<str>, Uuid)>,
        client_supplied_ids: bool,
    ) -> Self {
        Self { key, upload_key, request, ids, client_supplied_ids }
    }

    /// Returns the key of the object once it is confirmed: what an application stores.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the key to which the client uploads. It differs from [`key`](Self::key) with
    /// [`Gate::Pending`](crate::Gate::Pending) only.
    #[must_use]
    pub const fn upload_key(&self) -> &ObjectKey {
        &self.upload_key
    }

    /// Returns the request to sign.
    #[must_use]
    pub const fn request(&self) -> &SignableRequest {
        &self.request
    }

    /// Returns the headers that the upload must send, or `None` for a form, which has fields instead, and for an upload in
    /// parts, which has one request for each.
    #[must_use]
    pub const fn headers(&self) -> Option<&SignedHeaders> {
        match self.request.put() {
            Some(request) => Some(request.headers()),
            None => None,
        }
    }

    /// Returns the declared ids with their wire names, for example `articleId`.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = (&str, Uuid)> + Clone {
        self.ids.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// Returns a declared id by its wire name, for example `articleId`, or `None` if the policy declares no such id.
    #[must_use]
    pub fn id(&self, wire_name: &str) -> Option<Uuid> {
        self.ids().find(|(name, _)| *name == wire_name).map(|(_, value)| value)
    }

    /// Returns whether the client supplied one of the ids.
    ///
    /// The policy cannot check whether the caller may use that id. The application must check it before the request is
    /// signed.
    #[must_use]
    pub const fn client_supplied_ids(&self) -> bool {
        self.client_supplied_ids
    }

    /// Returns the key, the request to sign, and the declared ids with their wire names.
    #[must_use]
    pub fn into_parts(self) -> (ObjectKey, SignableRequest, Vec<(Box<str>, Uuid)>) {
        (self.key, self.request, self.ids)
    }
}
