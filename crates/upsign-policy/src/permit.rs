//! What the policy grants.

use upsign_core::PresignRequest;
use uuid::Uuid;

/// Leave to sign one request. Only [`UploadPolicy::authorize`](crate::UploadPolicy::authorize) makes one, and it is
/// neither `Clone` nor `Copy`: a permit is spent once.
///
/// ```compile_fail,E0624
/// # fn sign_anything(request: upsign_core::PresignRequest) -> upsign_policy::Permit {
/// upsign_policy::Permit::new(request, Vec::new())
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn spend_twice(permit: upsign_policy::Permit) -> (upsign_policy::Permit, upsign_policy::Permit) {
/// (permit.clone(), permit)
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a permit that nobody signs for grants nothing"]
pub struct Permit {
    request: PresignRequest,
    named_ids: Vec<(Box<str>, Uuid)>,
}

impl Permit {
    pub(crate) const fn new(request: PresignRequest, named_ids: Vec<(Box<str>, Uuid)>) -> Self {
        Self { request, named_ids }
    }

    /// The request to sign.
    #[must_use]
    pub const fn request(&self) -> &PresignRequest {
        &self.request
    }

    /// The declared ids under their wire names, as in `articleId`.
    #[must_use]
    pub fn named_ids(&self) -> impl ExactSizeIterator<Item = (&str, Uuid)> + Clone {
        self.named_ids.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// The request to sign, and the declared ids under their wire names.
    #[must_use]
    pub fn into_parts(self) -> (PresignRequest, Vec<(Box<str>, Uuid)>) {
        (self.request, self.named_ids)
    }
}
