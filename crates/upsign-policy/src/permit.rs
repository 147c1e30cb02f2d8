//! What the policy grants.

use upsign_core::{ObjectKey, PostPolicy, PresignRequest, SignedHeaders};
use uuid::Uuid;

/// Leave to sign one request. Only [`UploadPolicy::authorize`](crate::UploadPolicy::authorize) makes one, and it is
/// neither `Clone` nor `Copy`: a permit is spent once.
///
/// ```compile_fail,E0624
/// # fn sign_anything(decided: upsign_policy::Decided) -> upsign_policy::Permit {
/// upsign_policy::Permit::new(todo!(), decided, Vec::new(), false)
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
    key: ObjectKey,
    decided: Decided,
    named_ids: Vec<(Box<str>, Uuid)>,
    names_existing: bool,
}

/// What is to be signed: whole, down to the last header or field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever signs must know how to sign each")]
pub enum Decided {
    /// One `PUT`.
    Put(PresignRequest),
    /// One form.
    Post(PostPolicy),
}

impl Decided {
    /// The request, if it is one `PUT`.
    #[must_use]
    pub const fn put(&self) -> Option<&PresignRequest> {
        match self {
            Self::Put(request) => Some(request),
            Self::Post(_) => None,
        }
    }

    /// The form, if it is one.
    #[must_use]
    pub const fn post(&self) -> Option<&PostPolicy> {
        match self {
            Self::Put(_) => None,
            Self::Post(form) => Some(form),
        }
    }
}

impl Permit {
    pub(crate) const fn new(
        key: ObjectKey,
        decided: Decided,
        named_ids: Vec<(Box<str>, Uuid)>,
        names_existing: bool,
    ) -> Self {
        Self { key, decided, named_ids, names_existing }
    }

    /// Where the object will be.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// What to sign.
    #[must_use]
    pub const fn decided(&self) -> &Decided {
        &self.decided
    }

    /// The headers that the upload must carry: none for a form, whose policy binds its fields.
    #[must_use]
    pub const fn headers(&self) -> Option<&SignedHeaders> {
        match self.decided.put() {
            Some(request) => Some(request.headers()),
            None => None,
        }
    }

    /// The declared ids under their wire names, as in `articleId`.
    #[must_use]
    pub fn named_ids(&self) -> impl ExactSizeIterator<Item = (&str, Uuid)> + Clone {
        self.named_ids.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// Whether the caller named one of the ids. Nothing here knows whether that id is the caller's to use: the
    /// application has to say so before this is signed.
    #[must_use]
    pub const fn names_existing_ids(&self) -> bool {
        self.names_existing
    }

    /// The key, what to sign, and the declared ids under their wire names.
    #[must_use]
    pub fn into_parts(self) -> (ObjectKey, Decided, Vec<(Box<str>, Uuid)>) {
        (self.key, self.decided, self.named_ids)
    }
}
