//! Issues upload grants for one policy.

mod begin;
mod many;
mod now;
mod proof;
mod token;

use std::sync::Arc;
use std::time::Duration;

use upsign_core::{
    CredentialsSource, ExpiresIn, Identity, ObjectKey, PresignError, Presigner, Timestamp, Unsupported,
    WithCredentials,
};
use upsign_objects::ObjectCalls;
use upsign_policy::{Ids, Inspection, MultipartMode, Permit, SignableRequest, UploadPolicy, UploadRequest};
use upsign_sigv4::SigV4;
use uuid::Uuid;

use crate::authorize::{Authorize, AuthorizeRequest, Decision};
use crate::chosen::ChosenIds;
use crate::confirm::Inspect;
use crate::error::IssueError;
use crate::grant::{Upload, UploadGrant};
use crate::ids::IdSource;
pub(crate) use crate::issuer::begin::Beginning;
use crate::observe::UploadObserver;
use crate::session::{StoreAccess, TokenKeys};
use crate::store::Store;
use crate::world::RandomIds;

/// Issues upload grants for one policy: it applies the policy, calls the application's [`Authorize`] implementation, and signs.
///
/// ```
/// use upsign::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg", "image/png"])
///     .max_size(10 << 20) // 10 MiB
///     .build()?;
/// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let issuer = UploadIssuer::sigv4(policy, credentials)?;
///
/// let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// let image = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
/// let grant = issuer.issue(&caller, &image, SystemClock.now()).await?;
/// // Answer with the URL, the headers that the client must send, and the new ids.
/// let put = grant.upload.put().ok_or("the policy uploads by PUT")?;
/// assert_eq!(put.headers.get("content-length"), Some("48213"));
/// assert!(put.url.expose().contains("X-Amz-Signature="));
/// assert!(grant.id("articleId").is_some());
///
/// let page = UploadRequest::described().with_content_type("text/html").with_content_length(48_213);
/// let refused = issuer.issue(&caller, &page, SystemClock.now()).await.unwrap_err();
/// assert_eq!((refused.status(), refused.code()), (415, "content-type-not-allowed"));
/// # Ok(())
/// # }
/// ```
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
///
/// Clones are cheap and share the presigner, the source of ids and the authorization.
#[derive(Debug)]
pub struct UploadIssuer<P = Arc<dyn Presigner>> {
    policy: Arc<UploadPolicy>,
    presigner: Arc<P>,
    ids: Arc<dyn IdSource>,
    authorize: Option<Arc<dyn Authorize>>,
    store: Option<StoreAccess>,
    inspect: Option<Arc<dyn Inspect>>,
}

/// An upload that the policy permits, and whether the client supplied an id that the service did not choose.
struct Decided {
    permit: Permit,
    client_supplied_ids: bool,
}

/// A grant, and how long the store took to create its upload.
pub(crate) struct SignedGrant {
    pub(crate) grant: UploadGrant,
    pub(crate) store: Duration,
}

// Derived, it would require `P: Clone`.
impl<P> Clone for UploadIssuer<P> {
    fn clone(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            presigner: Arc::clone(&self.presigner),
            ids: Arc::clone(&self.ids),
            authorize: self.authorize.clone(),
            store: self.store.clone(),
            inspect: self.inspect.clone(),
        }
    }
}

impl<P> UploadIssuer<P> {
    /// Implements [`with_authorizer`](Self::with_authorizer) without the bound on `P`, which [`Route`](crate::Route) lacks.
    pub(crate) fn set_authorizer(self, authorize: impl Authorize + 'static) -> Self {
        Self { authorize: Some(Arc::new(authorize)), ..self }
    }

    /// Sets the inspection of objects before they are confirmed. [`Inspect`] has an example.
    #[must_use]
    pub fn with_inspector(self, inspect: impl Inspect + 'static) -> Self {
        Self { inspect: Some(Arc::new(inspect)), ..self }
    }

    pub(crate) fn inspector(&self) -> Option<&dyn Inspect> {
        self.inspect.as_deref()
    }

    /// Returns `true` if the policy has objects inspected and [`with_inspector`](Self::with_inspector) was not called.
    ///
    /// Nothing is confirmed then: every confirmation fails with
    /// [`SessionError::MissingInspector`](crate::session::SessionError::MissingInspector).
    #[must_use]
    pub fn requires_inspector(&self) -> bool {
        self.inspect.is_none() && self.policy.confirmation().inspection() != Inspection::None
    }

    pub(crate) fn authorizer(&self) -> Option<&dyn Authorize> {
        self.authorize.as_deref()
    }

    /// Sets what a policy with multipart uploads or confirmations needs: the calls to the store of the policy's target, and the
    /// keys of upload tokens.
    ///
    /// ```
    /// use upsign::UploadIssuer;
    /// use upsign::objects::ObjectCalls;
    /// use upsign::session::TokenKeys;
    ///
    /// # fn large(issuer: UploadIssuer, store: impl ObjectCalls + 'static) -> Result<UploadIssuer, Box<dyn std::error::Error>> {
    /// // `store` is an `HttpObjects` of `upsign-objects` for the same target. A program reads the secret from its configuration.
    /// let keys = TokenKeys::new("production", [b"an example secret of 32 bytes or more"])?;
    /// let issuer = issuer.with_store(store, keys);
    /// assert!(!issuer.requires_store());
    /// # Ok(issuer)
    /// # }
    /// ```
    #[must_use]
    pub fn with_store(self, calls: impl ObjectCalls + 'static, keys: TokenKeys) -> Self {
        Self { store: Some(StoreAccess::new(calls, keys)), ..self }
    }

    /// Returns what [`with_store`](Self::with_store) has set.
    #[must_use]
    pub const fn store(&self) -> Option<&StoreAccess> {
        self.store.as_ref()
    }

    /// Returns `true` if the policy permits multipart uploads, confirms uploads or seals keys (`{id:sealed}`), and [`with_store`](Self::with_store) was not
    /// called.
    ///
    /// Every request then fails with [`IssueError::MissingStore`].
    #[must_use]
    pub fn requires_store(&self) -> bool {
        let has_parts = self.policy.multipart().is_some_and(|options| options.mode() != MultipartMode::No);
        let needs_keys = self.policy.confirmation().confirm() || self.policy.template().is_sealed();
        self.store.is_none() && (has_parts || needs_keys)
    }
}

impl UploadIssuer {
    /// Creates an issuer for `policy` that signs with [`SigV4`] and the credentials of `source`.
    ///
    /// ```
    /// use upsign::{Bodyless, Credentials, Target, UploadIssuer, UploadPolicy};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
    ///     .content_types(["image/jpeg"])
    ///     .max_size(10 << 20)
    ///     .build()?;
    /// let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    /// let issuer = UploadIssuer::sigv4(policy, credentials)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`Unsupported`] if the policy permits requests that the signer cannot sign.
    pub fn sigv4(
        policy: UploadPolicy,
        source: impl CredentialsSource + 'static,
    ) -> Result<Self, Unsupported> {
        Ok(UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), source))?.boxed())
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
                SignableRequest::Multipart(upload) => {
                    upload.sample_calls().iter().try_for_each(|call| presigner.check(call))?;
                }
            }
        }
        Ok(Self {
            policy: Arc::new(policy),
            presigner: Arc::new(presigner),
            ids: Arc::new(RandomIds),
            authorize: None,
            store: None,
            inspect: None,
        })
    }

    /// Erases the type of the presigner.
    #[must_use]
    pub fn boxed(self) -> UploadIssuer
    where
        P: 'static,
    {
        let Self { policy, presigner, ids, authorize, store, inspect } = self;
        let presigner: Arc<dyn Presigner> = presigner;
        UploadIssuer { policy, presigner: Arc::new(presigner), ids, authorize, store, inspect }
    }

    /// Sets the source of ids.
    ///
    /// ```
    /// use upsign::TimeOrderedIds;
    /// # fn time_ordered(issuer: upsign::UploadIssuer) -> upsign::UploadIssuer {
    /// issuer.with_ids(TimeOrderedIds)
    /// # }
    /// ```
    #[must_use]
    pub fn with_ids(self, ids: impl IdSource + 'static) -> Self {
        Self { ids: Arc::new(ids), ..self }
    }

    /// Sets the application's authorization, which is called for every upload that the policy permits. [`Authorize`] has an
    /// example.
    #[must_use]
    pub fn with_authorizer(self, authorize: impl Authorize + 'static) -> Self {
        self.set_authorizer(authorize)
    }

    /// Returns the policy.
    #[must_use]
    pub fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// Returns the presigner.
    #[must_use]
    pub fn presigner(&self) -> &P {
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
        self.issue_under(caller, upload, [], at).await
    }

    /// Issues a grant whose ids the service chooses, for example the id of the article in the path of the request.
    ///
    /// `ids` contains wire names (`articleId`) and values. Ids that it does not contain are generated, and so is `{id}`. If
    /// a name occurs twice, the last value is used. A chosen id does not count as supplied by the client
    /// ([`AuthorizeRequest::client_supplied_ids`]), so check first that `caller` may use it.
    ///
    /// If the policy lets clients supply a chosen id, a client may repeat it but cannot change it.
    ///
    /// ```
    /// # use upsign::{Identity, IssueError, Timestamp, UploadGrant, UploadIssuer, UploadRequest, Uuid};
    /// /// `POST /articles/{article}/images`
    /// async fn add_image(
    ///     issuer: &UploadIssuer,
    ///     author: &Identity,
    ///     article: Uuid,
    ///     image: &UploadRequest,
    ///     at: Timestamp,
    /// ) -> Result<UploadGrant, IssueError> {
    ///     issuer.issue_under(author, image, [("articleId", article)], at).await
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns [`IssueError::UndeclaredId`] if the policy declares no id of such a name, [`IssueError::IdConflict`] if the
    /// client supplied another value for a chosen id, and the errors of [`issue`](Self::issue).
    pub async fn issue_under<'a>(
        &self,
        caller: &Identity,
        upload: &UploadRequest,
        ids: impl IntoIterator<Item = (&'a str, Uuid)>,
        at: Timestamp,
    ) -> Result<UploadGrant, IssueError> {
        let ids: Vec<_> = ids.into_iter().collect();
        let permit = self.permit(caller, None, upload, &ids, at).await?;
        Ok(self.sign(permit, Beginning { caller, route: None, at, account: None }, &[]).await?.grant)
    }

    /// Returns the permit if both the policy and the application allow the upload.
    pub(crate) async fn permit(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<Permit, IssueError> {
        let decided = self.decide_chosen(caller, route, upload, ids, at)?;
        self.allow(decided, caller, route, upload, at).await
    }

    /// Applies the policy, with the ids that the service chooses.
    fn decide_chosen(
        &self,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<Decided, IssueError> {
        if self.requires_store() {
            return Err(IssueError::MissingStore);
        }
        let chosen = ChosenIds::new(&self.policy, ids)?;
        let permit = self.decide(caller, route, upload, &self.generate_ids(&chosen, at)?)?;
        chosen.check(&permit)?;
        let client_supplied_ids = permit.client_supplied_ids() && chosen.has_others_in(upload);
        Ok(Decided { permit, client_supplied_ids })
    }

    /// Returns the permit if the application allows the upload too.
    async fn allow(
        &self,
        decided: Decided,
        caller: &Identity,
        route: Option<&str>,
        upload: &UploadRequest,
        at: Timestamp,
    ) -> Result<Permit, IssueError> {
        let Decided { permit, client_supplied_ids } = decided;
        let Some(authorize) = &self.authorize else {
            // An id that the client supplied may belong to another user, which the policy cannot check: deny by default.
            return if client_supplied_ids { Err(IssueError::MissingAuthorizer) } else { Ok(permit) };
        };
        let ids: Vec<_> = permit.ids().map(|(name, id)| (name.into(), id)).collect();
        let request = AuthorizeRequest::new(caller, upload, permit.key(), at)
            .with_route(route)
            .with_ids(&ids, client_supplied_ids)
            .with_multipart(permit.request().multipart().is_some())
            .with_expires_in(self.lifetime_of(&permit));
        match authorize.authorize(&request).await? {
            Decision::Allow => Ok(permit),
            Decision::Deny => Err(IssueError::Forbidden),
        }
    }

    /// Returns how long an upload can take under the policy: the lifetime of its URL, or of the multipart upload.
    fn lifetime_of(&self, permit: &Permit) -> ExpiresIn {
        let window = permit.request().multipart().map(|request| request.resume_window.as_secs());
        window
            .and_then(|seconds| ExpiresIn::from_secs(seconds).ok())
            .unwrap_or_else(|| self.policy.expires_in())
    }

    /// Signs exactly what `permit` allows, or begins the multipart upload. Taking the permit by value means that it cannot be
    /// signed twice.
    pub(crate) async fn sign(
        &self,
        permit: Permit,
        beginning: Beginning<'_>,
        observers: &[Arc<dyn UploadObserver>],
    ) -> Result<SignedGrant, IssueError> {
        let at = beginning.at;
        let (key, request, ids) = permit.into_parts();
        let request = self.with_claim(request, &key, beginning)?;
        let token = self.upload_token(&request, &key, beginning)?;
        let upload = match request {
            SignableRequest::Put(request) => Upload::Put(self.presigner.presign(&request, at).await?),
            SignableRequest::Post(form) => Upload::Post(self.presigner.presign_post(&form, at).await?),
            SignableRequest::Multipart(request) => {
                let uploads = self.store.as_ref().ok_or(IssueError::MissingStore)?;
                let store = Store::new(uploads.calls(), observers, at);
                let begun = self.begin(*request, &key, uploads, store, beginning).await?;
                let store = begun.store;
                return Ok(SignedGrant { grant: begun.into_grant(key, ids, at, self.confirms())?, store });
            }
        };
        let grant = grant(&self.policy, key, upload, ids, at)?;
        Ok(SignedGrant { grant: UploadGrant { token, ..grant }, store: Duration::ZERO })
    }

    fn confirms(&self) -> bool {
        self.policy.confirmation().confirm()
    }

    fn generate_ids(&self, chosen: &ChosenIds, at: Timestamp) -> Result<Ids, IssueError> {
        let mut ids = Ids::new(at, self.ids.next(at)?);
        for name in self.policy.id_names() {
            let value = match chosen.get(name) {
                Some(value) => value,
                None => self.ids.next(at)?,
            };
            ids = ids.with(name.clone(), value);
        }
        Ok(ids)
    }
}

/// Returns the grant for a signed upload, unless it would expire too soon to be used.
fn grant(
    policy: &UploadPolicy,
    key: ObjectKey,
    upload: Upload,
    ids: Vec<(Box<str>, Uuid)>,
    at: Timestamp,
) -> Result<UploadGrant, IssueError> {
    let (expires_at, expiry_precision) = match &upload {
        Upload::Put(put) => (put.expires_at, put.expiry_precision),
        Upload::Post(post) => (post.expires_at, post.expiry_precision),
        // Created at the store, so nothing of it was signed with credentials.
        Upload::Multipart(_) => return Err(IssueError::MultipartMustWait),
    };
    // Credentials that expire soon shorten the lifetime below the policy's, so it is computed from the result. That also
    // covers presigners that get their credentials elsewhere.
    let remaining = expires_at.seconds_since(at);
    let minimum = policy.min_expires_in().as_secs();
    if remaining < u64::from(minimum) {
        return Err(PresignError::CredentialsTooShort { remaining, requested: minimum }.into());
    }
    let expires_in = ExpiresIn::from_secs(remaining)?;
    let confirm = policy.confirmation().confirm();
    Ok(UploadGrant { key, upload, ids, expires_in, expires_at, expiry_precision, token: None, confirm })
}
