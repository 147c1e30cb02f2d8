//! The issuer.

use upsign_core::{ExpiresIn, Identity, Presigner, Timestamp, Unsupported};
use upsign_policy::{Decided, Ids, Permit, UploadPolicy, UploadRequest};

use crate::{Asked, Authorize, IdSource, IssueError, RandomIds, Upload, UploadGrant, Verdict};

/// Issues upload grants: a policy, something that signs, and a source of fresh ids.
#[derive(Debug)]
pub struct UploadIssuer<P> {
    policy: UploadPolicy,
    presigner: P,
    ids: Box<dyn IdSource>,
    authorize: Option<Box<dyn Authorize>>,
}

impl<P> UploadIssuer<P> {
    pub(crate) fn with_authorize_of_any(self, authorize: impl Authorize + 'static) -> Self {
        Self { authorize: Some(Box::new(authorize)), ..self }
    }
}

impl<P: Presigner> UploadIssuer<P> {
    /// An issuer of the policy's grants, with ids from [`RandomIds`].
    ///
    /// # Errors
    /// [`Unsupported`] when the presigner cannot honour some request that the policy can permit: better now than at the
    /// first caller.
    pub fn new(policy: UploadPolicy, presigner: P) -> Result<Self, Unsupported> {
        for shape in policy.shapes() {
            match shape {
                Decided::Put(request) => presigner.check(&request)?,
                Decided::Post(form) => presigner.check_post(&form)?,
            }
        }
        Ok(Self { policy, presigner, ids: Box::new(RandomIds), authorize: None })
    }

    /// The same issuer, drawing its ids elsewhere.
    #[must_use]
    pub fn with_ids(self, ids: impl IdSource + 'static) -> Self {
        Self { ids: Box::new(ids), ..self }
    }

    /// The same issuer, asking the application too.
    #[must_use]
    pub fn with_authorize(self, authorize: impl Authorize + 'static) -> Self {
        self.with_authorize_of_any(authorize)
    }

    /// The policy.
    pub const fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// What signs.
    pub const fn presigner(&self) -> &P {
        &self.presigner
    }

    /// Whether the policy lets callers name existing ids, and nobody can be asked whether they may: such requests fail.
    #[must_use]
    pub fn lacks_authorize(&self) -> bool {
        self.authorize.is_none() && !self.policy.client_ids().is_empty()
    }

    /// A grant for `who` to upload `what`, valid from `at` on.
    ///
    /// # Errors
    /// [`IssueError::Denied`] when the policy says no, [`IssueError::Forbidden`] when the application does; anything else
    /// is not the caller's doing.
    pub async fn issue(
        &self,
        who: &Identity,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let permit = self.permit(who, None, what, at).await?;
        self.sign(permit, at).await
    }

    /// What policy and application permit.
    pub(crate) async fn permit(
        &self,
        who: &Identity,
        route: Option<&str>,
        what: &UploadRequest,
        at: Timestamp,
    ) -> Result<Permit, IssueError> {
        let permit = self.policy.authorize(who, what, &self.draw(at)?)?;
        let Some(authorize) = &self.authorize else {
            return if permit.names_existing_ids() { Err(IssueError::NobodyToAsk) } else { Ok(permit) };
        };
        let ids: Vec<_> = permit.named_ids().map(|(name, id)| (name.into(), id)).collect();
        let asked = Asked {
            who,
            route,
            what,
            key: permit.key(),
            ids: &ids,
            names_existing_ids: permit.names_existing_ids(),
            at,
        };
        match authorize.authorize(&asked).await? {
            Verdict::Yes => Ok(permit),
            Verdict::No => Err(IssueError::Forbidden),
        }
    }

    pub(crate) async fn sign(&self, permit: Permit, at: Timestamp) -> Result<UploadGrant, IssueError> {
        let (key, decided, named_ids) = permit.into_parts();
        let (upload, expires_at, expires_at_is) = match decided {
            Decided::Put(request) => {
                let put = self.presigner.presign(&request, at).await?;
                let end = (put.expires_at, put.expires_at_is);
                (Upload::Put(put), end.0, end.1)
            }
            Decided::Post(form) => {
                let post = self.presigner.presign_post(&form, at).await?;
                let end = (post.expires_at, post.expires_at_is);
                (Upload::Post(post), end.0, end.1)
            }
        };
        Ok(UploadGrant {
            key,
            upload,
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
