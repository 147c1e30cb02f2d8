//! Several uploads together: all of them are permitted and signed, or none.

use std::sync::Arc;
use std::time::Duration;

use upsign_core::{Identity, ObjectKey, PostPolicy, PresignError, PresignRequest, Presigner, Timestamp};
use upsign_objects::AbortMultipartUpload;
use upsign_policy::{MultipartRequest, Permit, SignableRequest, UploadRequest};
use uuid::Uuid;

use crate::batch::IssueManyError;
use crate::error::IssueError;
use crate::grant::{Upload, UploadGrant};
use crate::issuer::{Beginning, SignedGrant, UploadIssuer, grant};
use crate::observe::UploadObserver;
use crate::quota::QuotaAccount;
use crate::session::UploadToken;
use crate::store::Store;

/// A permitted upload, and the quota account that counts it.
pub(crate) type CountedPermit = (Permit, Option<QuotaAccount>);

/// An upload of which everything is decided that needs neither the presigner nor the store.
struct Prepared {
    key: ObjectKey,
    ids: Vec<(Box<str>, Uuid)>,
    token: Option<UploadToken>,
    request: Remaining,
}

/// What remains to be done.
enum Remaining {
    /// A `PUT`, which is signed together with the others.
    Put,
    Post(PostPolicy),
    Multipart(Box<MultipartRequest>),
}

/// A file that is signed, or that is created at the store once all the others are.
enum Progress {
    Signed(SignedGrant),
    Waiting { request: Box<MultipartRequest>, key: ObjectKey, ids: Vec<(Box<str>, Uuid)> },
}

impl<P> UploadIssuer<P> {
    /// Returns the permits in the order of `uploads`. The policy decides about all files before the application is called for
    /// the first one, so that a file that the policy refuses leaves no trace of the others there.
    pub(crate) async fn permit_many(
        &self,
        caller: &Identity,
        route: Option<&str>,
        uploads: &[UploadRequest],
        ids: &[(&str, Uuid)],
        at: Timestamp,
    ) -> Result<Vec<Permit>, IssueManyError>
    where
        P: Presigner,
    {
        let mut decided = Vec::with_capacity(uploads.len());
        for (file, upload) in uploads.iter().enumerate() {
            let one = self.decide_chosen(caller, route, upload, ids, at);
            decided.push(one.map_err(IssueManyError::of_file(file))?);
        }
        let mut permits = Vec::with_capacity(uploads.len());
        for (file, (decided, upload)) in decided.into_iter().zip(uploads).enumerate() {
            let permit = self.allow(decided, caller, route, upload, at).await;
            permits.push(permit.map_err(IssueManyError::of_file(file))?);
        }
        Ok(permits)
    }
}

impl<P: Presigner> UploadIssuer<P> {
    /// Signs what the permits allow, in their order. Multipart uploads are created last, one after the other; if one cannot be
    /// created, those before it are aborted.
    pub(crate) async fn sign_many(
        &self,
        permits: Vec<CountedPermit>,
        beginning: Beginning<'_>,
        observers: &[Arc<dyn UploadObserver>],
    ) -> Result<Vec<SignedGrant>, IssueManyError> {
        let accounts: Vec<_> = permits.iter().map(|(_, account)| *account).collect();
        let mut requests = Vec::with_capacity(permits.len());
        let mut prepared = Vec::with_capacity(permits.len());
        for (file, (permit, account)) in permits.into_iter().enumerate() {
            let one = self.prepare(permit, Beginning { account, ..beginning }, &mut requests);
            prepared.push(one.map_err(IssueManyError::of_file(file))?);
        }
        let progress = self.sign_prepared(prepared, &requests, beginning.at).await?;
        self.begin_waiting(progress, &accounts, beginning, observers).await
    }

    /// Adds a `PUT` to `requests`.
    fn prepare(
        &self,
        permit: Permit,
        beginning: Beginning<'_>,
        requests: &mut Vec<PresignRequest>,
    ) -> Result<Prepared, IssueError> {
        let (key, request, ids) = permit.into_parts();
        let request = self.with_claim(request, &key, beginning)?;
        let token = self.upload_token(&request, &key, beginning)?;
        let request = match request {
            SignableRequest::Put(put) => {
                requests.push(put);
                Remaining::Put
            }
            SignableRequest::Post(form) => Remaining::Post(form),
            SignableRequest::Multipart(upload) => Remaining::Multipart(upload),
        };
        Ok(Prepared { key, ids, token, request })
    }

    async fn sign_prepared(
        &self,
        prepared: Vec<Prepared>,
        requests: &[PresignRequest],
        at: Timestamp,
    ) -> Result<Vec<Progress>, IssueManyError> {
        let puts =
            if requests.is_empty() { Vec::new() } else { self.presigner.presign_many(requests, at).await? };
        let mut puts = puts.into_iter();
        let mut progress = Vec::with_capacity(prepared.len());
        for (file, Prepared { key, ids, token, request }) in prepared.into_iter().enumerate() {
            let upload = match request {
                Remaining::Put => puts.next().map(Upload::Put).ok_or_else(|| too_few().into()),
                Remaining::Post(form) => {
                    let form = self.presigner.presign_post(&form, at).await;
                    form.map(Upload::Post).map_err(IssueError::from)
                }
                Remaining::Multipart(request) => {
                    progress.push(Progress::Waiting { request, key, ids });
                    continue;
                }
            };
            let grant = upload.and_then(|upload| grant(&self.policy, key, upload, ids, at));
            let grant = grant.map_err(IssueManyError::of_file(file))?;
            let grant = UploadGrant { token, ..grant };
            progress.push(Progress::Signed(SignedGrant { grant, store: Duration::ZERO }));
        }
        Ok(progress)
    }

    async fn begin_waiting(
        &self,
        progress: Vec<Progress>,
        accounts: &[Option<QuotaAccount>],
        beginning: Beginning<'_>,
        observers: &[Arc<dyn UploadObserver>],
    ) -> Result<Vec<SignedGrant>, IssueManyError> {
        let mut grants = Vec::with_capacity(progress.len());
        let mut created: Vec<AbortMultipartUpload> = Vec::new();
        // All calls share the time of one request.
        let mut shared_store = None;
        for (file, (progress, account)) in progress.into_iter().zip(accounts).enumerate() {
            let (request, key, ids) = match progress {
                Progress::Signed(grant) => {
                    grants.push(grant);
                    continue;
                }
                Progress::Waiting { request, key, ids } => (request, key, ids),
            };
            let access = self.store.as_ref().ok_or(IssueError::MissingStore)?;
            let store =
                *shared_store.get_or_insert_with(|| Store::new(access.calls(), observers, beginning.at));
            let of_file = Beginning { account: *account, ..beginning };
            let begun = self.begin(*request, &key, access, store, of_file).await.map(|begun| {
                created.push(begun.abort.clone());
                let store = begun.store;
                begun
                    .into_grant(key, ids, beginning.at, self.confirms())
                    .map(|grant| SignedGrant { grant, store })
            });
            match begun.and_then(|grant| grant) {
                Ok(grant) => grants.push(grant),
                Err(error) => {
                    // An upload that cannot be aborted either holds no bytes, and the lifecycle rule removes it.
                    for abort in created {
                        let _ = store.abort(abort).await;
                    }
                    return Err(IssueManyError::of_file(file)(error));
                }
            }
        }
        Ok(grants)
    }
}

/// The error of a presigner that returns fewer requests than it was given.
fn too_few() -> PresignError {
    PresignError::Backend {
        backend: "presigner",
        source: "it signed fewer requests than it was given".into(),
    }
}
