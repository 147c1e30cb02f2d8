//! Issues upload grants for one policy.

use std::sync::Arc;

use upsign_core::{ExpiresIn, Identity, Presigner, Timestamp, Unsupported};
use upsign_policy::{Ids, Permit, SignableRequest, UploadPolicy, UploadRequest};

use crate::authorize::{Authorize, AuthorizeRequest, Decision};
use crate::error::IssueError;
use crate::grant::{Upload, UploadGrant};
use crate::ids::IdSource;
use crate::world::RandomIds;

/// Issues upload grants for one policy: it applies the policy, calls the application's [`Authorize`] implementation, and signs.
///
/// The issuer has no rate limit and no observers. [`UploadService`](crate::UploadService) adds both, and serves several
/// issuers as routes.
///
/// `P` is the presigner. [`boxed`](Self::boxed) erases its type: a struct field of the type `UploadIssuer` names no
/// signer, and the routes of one service can use different ones.
///
/// ```
/// use upsign::{UploadIssuer, UploadService};
///
/// struct AppState {
///     avatars: UploadIssuer,
///     articles: UploadService,
/// }
/// ```
#[derive(Debug)]
pub struct UploadIssuer<P = Arc<dyn Presigner>> {
    policy: UploadPolicy,
    presigner: P,
    ids: Box<dyn IdSource>,
    authorize: Option<Box<dyn Authorize>>,
}

impl<P> UploadIssuer<P> {
    /// Implements [`with_authorize`](Self::with_authorize) without the bound on `P`, which [`Route`](crate::Route) lacks.
    pub(crate) fn set_authorize(self, authorize: impl Authorize + 'static) -> Self {
        Self { authorize: Some(Box::new(authorize)), ..self }
    }
}

impl<P: Presigner> UploadIssuer<P> {
    /// Creates an issuer for `policy` that signs with `presigner` and takes its ids from [`RandomIds`].
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the presigner cannot sign some request that the policy can permit. The check runs here
    /// so that such a configuration fails when the service starts and not when the first client needs it.
    pub fn new(policy: UploadPolicy, presigner: P) -> Result<Self, Unsupported> {
        for request in policy.sample_requests() {
            match request {
                SignableRequest::Put(request) => presigner.check(&request)?,
                SignableRequest::Post(form) => presigner.check_post(&form)?,
            }
        }
        Ok(Self { policy, presigner, ids: Box::new(RandomIds), authorize: None })
    }

    /// Erases the type of the presigner.
    #[must_use]
    pub fn boxed(self) -> UploadIssuer
    where
        P: 'static,
    {
        let Self { policy, presigner, ids, authorize } = self;
        UploadIssuer { policy, presigner: Arc::new(presigner), ids, authorize }
    }

    /// Sets the source of ids.
    #[must_use]
    pub fn with_ids(self, ids: impl IdSource + 'static) -> Self {
        Self { ids: Box::new(ids), ..self }
    }

    /// Sets the application's authorization, which is called for every upload that the policy permits.
    #[must_use]
    pub fn with_authorize(self, authorize: impl Authorize + 'static) -> Self {
        self.set_authorize(authorize)
    }

    /// Returns the policy.
    pub const fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// Returns the presigner.
    pub const fn presigner(&self) -> &P {
        &self.presigner
    }

    /// Returns `true` if the policy lets clients supply ids and no [`Authorize`] implementation is set.
    ///
    /// Requests that supply an id then fail with [`IssueError::MissingAuthorizer`].
    #[must_use]
    pub fn requires_authorizer(&self) -> bool {
        self.authorize.is_none() && !self.policy.client_may_supply().is_empty()
    }

    /// Issues a grant for `caller` to upload what `upload` describes, valid from `at` on.
    ///
    /// The policy decides first, then the application's [`Authorize`] implementation, and only then is the upload signed.
    ///
    /// # Errors
    /// Returns [`IssueError::Denied`] if the policy does not permit the upload and [`IssueError::Forbidden`] if the
    /// application denies it. Every other error is a fault of the service:
    /// [`IssueError::is_service_fault`] returns `true`.
    pub async fn issue(
        &self,
        caller: &Identity,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let permit = self.permit(caller, None, upload, at).await?;
        self.sign(permit, at).await
    }

    /// Returns the permit if both the policy and the application allow the upload.
    pub(crate) async fn permit(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<Permit, IssueError> {
        let permit = self.policy.authorize(caller, upload, &self.generate_ids(at)?)?;
        let client_supplied_ids = permit.client_supplied_ids();
        let Some(authorize) = &self.authorize else {
            // An id that the client supplied may belong to another user, which the policy cannot check: deny by default.
            return if client_supplied_ids { Err(IssueError::MissingAuthorizer) } else { Ok(permit) };
        };
        let ids: Vec<_> = permit.named_ids().map(|(name, id)| (name.into(), id)).collect();
        let key = permit.key();
        let request = AuthorizeRequest { caller, route, upload, key, ids: &ids, client_supplied_ids, at };
        match authorize.authorize(&request).await? {
            Decision::Allow => Ok(permit),
            Decision::Deny => Err(IssueError::Forbidden),
        }
    }

    /// Signs exactly what `permit` allows. Taking the permit by value means that it cannot be signed twice.
    pub(crate) async fn sign(&self, permit: Permit, at: Timestamp) -> Result<UploadGrant, IssueError> {
        let (key, request, named_ids) = permit.into_parts();
        let (upload, expires_at, expiry_precision) = match request {
            SignableRequest::Put(request) => {
                let put = self.presigner.presign(&request, at).await?;
                let (expires_at, precision) = (put.expires_at, put.expiry_precision);
                (Upload::Put(put), expires_at, precision)
            }
            SignableRequest::Post(form) => {
                let post = self.presigner.presign_post(&form, at).await?;
                let (expires_at, precision) = (post.expires_at, post.expiry_precision);
                (Upload::Post(post), expires_at, precision)
            }
        };
        // Credentials that expire soon shorten the lifetime below the policy's, so it is computed from the result.
        let expires_in = ExpiresIn::from_secs(expires_at.seconds_since(at))?;
        Ok(UploadGrant { key, upload, named_ids, expires_in, expires_at, expiry_precision })
    }

    fn generate_ids(&self, at: Timestamp) -> Result<Ids, IssueError> {
        let mut ids = Ids::new(at, self.ids.next(at)?);
        for name in self.policy.id_names() {
            ids = ids.with(name.clone(), self.ids.next(at)?);
        }
        Ok(ids)
    }
}
