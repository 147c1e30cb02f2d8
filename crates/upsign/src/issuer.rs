//! The issuer.

use upsign_core::{ExpiresIn, Identity, Presigner, Timestamp, Unsupported};
use upsign_policy::{Ids, UploadPolicy, UploadRequest};

use crate::{IdSource, IssueError, RandomIds, Upload, UploadGrant};

/// Issues upload grants: a policy, something that signs, and a source of fresh ids.
#[derive(Debug)]
pub struct UploadIssuer<P> {
    policy: UploadPolicy,
    presigner: P,
    ids: Box<dyn IdSource>,
}

impl<P: Presigner> UploadIssuer<P> {
    /// An issuer of the policy's grants, with ids from [`RandomIds`].
    ///
    /// # Errors
    /// [`Unsupported`] when the presigner cannot honour some request that the policy can permit: better now than at the
    /// first caller.
    pub fn new(policy: UploadPolicy, presigner: P) -> Result<Self, Unsupported> {
        for shape in policy.shapes() {
            presigner.check(&shape)?;
        }
        Ok(Self { policy, presigner, ids: Box::new(RandomIds) })
    }

    /// The same issuer, drawing its ids elsewhere.
    #[must_use]
    pub fn with_ids(self, ids: impl IdSource + 'static) -> Self {
        Self { ids: Box::new(ids), ..self }
    }

    /// The policy.
    pub const fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// What signs.
    pub const fn presigner(&self) -> &P {
        &self.presigner
    }

    /// A grant for `who` to upload `what`, valid from `at` on.
    ///
    /// # Errors
    /// [`IssueError::Denied`] when the policy says no; anything else is not the caller's doing.
    pub async fn issue(
        &self,
        who: &Identity,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let permit = self.policy.authorize(who, what, &self.draw(at)?)?;
        let presigned = self.presigner.presign(permit.request(), at).await?;
        let (expires_at, expires_at_is) = (presigned.expires_at, presigned.expires_at_is);
        let (request, named_ids) = permit.into_parts();
        Ok(UploadGrant {
            key: request.key().clone(),
            upload: Upload::Put(presigned),
            named_ids,
            expires_in: ExpiresIn::from_secs(expires_at.seconds_since(at))?,
            expires_at,
            expires_at_is,
        })
    }

    fn draw(&self, at: Timestamp) -> Result<Ids, IssueError> {
        let mut ids = Ids::new(at, self.ids.next(at)?);
        for name in self.policy.id_names() {
            ids = ids.with(name.clone(), self.ids.next(at)?);
        }
        Ok(ids)
    }
}
