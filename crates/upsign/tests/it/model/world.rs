//! A service with a store and a quota, and everything that can happen to its uploads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use futures_executor::block_on;
use upsign::confirm::{Confirmation, DeleteProof, ObjectOutcome, StoredObjectRef};
use upsign::quota::{FailMode, Quota, QuotaLimit, ReservationId, Window};
use upsign::session::SessionError;
use upsign::{Identity, Route, Timestamp, Upload, UploadIssuer, UploadRequest, UploadService};

use super::quota::Recorded;
use super::setup::{Content, GateKind, SIZE, Scanner, Setup, Switched, TYPE, alice, keys, target};
use super::store::Store;
use super::verdicts::Rejected;
use crate::fixture::{Signer, signer};

/// The number of uploads per day that the quota permits, unless a test says it.
const MAX_UPLOADS: u64 = 3;

/// An upload that was granted.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) upload_key: String,
    pub(super) final_key: String,
    is_if_absent: bool,
    metadata: Vec<(Box<str>, Box<str>)>,
    pub(super) reservation: ReservationId,
    at: Timestamp,
    /// Each receipt, with the version and the entity tag that it names.
    pub(super) receipts: Vec<(String, Option<String>, String)>,
    /// The number of these receipts whose object may have been deleted. They stay valid, and must read no other object.
    pub(super) deleted: usize,
}

pub(super) struct World {
    pub(super) setup: Setup,
    pub(super) store: Store,
    pub(super) quota: Recorded,
    pub(super) service: UploadService<Signer>,
    announces: Arc<AtomicBool>,
    pub(super) scanner: Scanner,
    pub(super) rejected: Rejected,
    pub(super) rotations: u8,
    pub(super) at: Timestamp,
    pub(super) granted: Vec<Granted>,
}

impl World {
    pub(super) fn new(setup: Setup) -> Self {
        Self::with_limit(setup, MAX_UPLOADS)
    }

    pub(super) fn with_limit(setup: Setup, objects: u64) -> Self {
        let (store, quota) = (Store::new(setup.versioned), Recorded::new(objects, objects * SIZE as u64));
        let (announces, scanner) = (Arc::new(AtomicBool::new(true)), Scanner::new(setup.gate));
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let service = service(setup, &store, &quota, &announces, &scanner, 0);
        let (rejected, granted) = (Rejected::default(), Vec::new());
        Self { setup, store, quota, service, announces, scanner, rejected, rotations: 0, at, granted }
    }

    pub(super) fn uploads(&self) -> usize {
        self.granted.len()
    }

    pub(super) fn advance(&mut self, minutes: u64) {
        self.at = self.at.saturating_add(minutes * 60);
    }

    /// The service starts with a new secret. The ones before stay valid.
    pub(super) fn rotate(&mut self) {
        self.rotations = (self.rotations + 1).min(3);
        let Self { setup, store, quota, announces, scanner, rotations, .. } = self;
        self.service = service(*setup, store, quota, announces, scanner, *rotations);
    }

    /// Requests an upload, which the quota may refuse.
    pub(super) fn grant(&mut self) {
        let request = UploadRequest::described().with_content_type(TYPE).with_content_length(SIZE as u64);
        let Ok(grant) = block_on(self.service.issue(&alice(), None, &request, self.at)) else { return };
        let Upload::Put(put) = &grant.upload else { unreachable!("the policy signs PUT requests") };
        let path = put.url.expose().split('?').next().unwrap();
        let upload_key = path.split_once("amazonaws.com/").unwrap().1.to_owned();
        let headers = put.headers.iter();
        let metadata = headers.filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?, value)));
        self.granted.push(Granted {
            token: grant.token.unwrap().expose().to_owned(),
            reservation: ReservationId::of(
                target().resource().as_str(),
                &target().endpoint_url(),
                &upload_key.parse().unwrap(),
            ),
            upload_key,
            final_key: grant.key.to_string(),
            is_if_absent: put.headers.get("if-none-match").is_some(),
            metadata: metadata.map(|(name, value)| (name.into(), value.into())).collect(),
            at: self.at,
            receipts: Vec::new(),
            deleted: 0,
        });
    }

    /// The client uploads, if its URL has not expired.
    pub(super) fn put(&self, index: usize, content: Content) {
        let upload = &self.granted[index];
        let lifetime = u64::from(self.setup.policy().expires_in().as_secs());
        if self.at < upload.at.saturating_add(lifetime) {
            self.store.put(&upload.upload_key, content.version(&upload.metadata), upload.is_if_absent);
        }
    }

    /// Confirms an upload. `announces`: whether the announcement succeeds.
    pub(super) fn confirm(&mut self, index: usize, announces: bool) -> Option<Confirmation> {
        self.announces.store(announces, Ordering::Relaxed);
        let token = self.granted[index].token.clone();
        let since = self.scanner.verdicts.count();
        let answer = block_on(self.service.confirm_upload(&alice(), &token, self.at));
        self.announces.store(true, Ordering::Relaxed);
        if !announces && let Ok(answer) = &answer {
            assert!(!answer.is_confirmed(), "a confirmation that was not announced is not answered");
        }
        let answer = answer.ok()?;
        self.note(index, &answer);
        let rejected = self.rejected_now(&answer, since);
        self.note_rejected(rejected, since);
        Some(answer)
    }

    /// Another caller sends the token.
    pub(super) fn confirm_as_another(&self, index: usize) {
        let mallory = Identity::from_verified("https://issuer.example", "mallory").unwrap();
        let answer = block_on(self.service.confirm_upload(&mallory, &self.granted[index].token, self.at));
        assert!(matches!(answer, Err(SessionError::Token(_))), "{answer:?}");
    }

    /// The process ends while it confirms an upload, before its call of the store with this number. `between` happens before the call
    /// with the number of the pair.
    pub(super) fn crash(&self, index: usize, calls: usize, between: Option<(usize, Content)>) {
        let caller = alice();
        let mut request = Box::pin(self.service.confirm_upload(&caller, &self.granted[index].token, self.at));
        let mut context = Context::from_waker(Waker::noop());
        for call in 0..=calls {
            if let Some((position, content)) = between
                && position == call
            {
                self.put(index, content);
            }
            if request.as_mut().poll(&mut context).is_ready() {
                return;
            }
        }
    }

    /// The store notifies the service of the object to which the client uploads.
    pub(super) fn event(&mut self, index: usize) {
        let since = self.scanner.verdicts.count();
        if let Some(answer) = self.send_event(index) {
            self.note(index, &answer);
            let rejected = self.rejected_now(&answer, since);
            self.note_rejected(rejected, since);
        }
    }

    pub(super) fn send_event(&self, index: usize) -> Option<Confirmation> {
        let key = self.granted[index].upload_key.parse().unwrap();
        let object = StoredObjectRef::new("article-images-bucket", key);
        match block_on(self.service.confirm_object(&object, self.at)) {
            // Without a gate, an event after the end of the token confirms what is not counted.
            Ok(ObjectOutcome::Confirmed(answer)) if !self.is_late(index) => Some(*answer),
            _ => None,
        }
    }

    fn is_late(&self, index: usize) -> bool {
        let policy = self.setup.policy();
        let lifetime = u64::from(policy.expires_in().as_secs());
        let seconds = lifetime + policy.confirmation().confirm_within().as_secs();
        self.setup.gate == GateKind::None && self.at >= self.granted[index].at.saturating_add(seconds)
    }

    /// The lifecycle rule removes what was uploaded more than a day ago and not confirmed, and the store notifies the service.
    pub(super) fn expire(&mut self, index: usize) {
        let upload = &self.granted[index];
        if self.setup.gate != GateKind::Pending || !self.store.expire(&upload.upload_key) {
            return;
        }
        let object = StoredObjectRef::new("article-images-bucket", upload.upload_key.parse().unwrap());
        let _ = block_on(self.service.expire_object(&object, self.at));
    }

    pub(super) fn delete_by_token(&mut self, index: usize) {
        if self.send_deletion(index) {
            self.granted[index].deleted = self.granted[index].receipts.len();
        }
    }

    /// Returns whether something may have been deleted.
    pub(super) fn send_deletion(&self, index: usize) -> bool {
        let proof = DeleteProof::Token(&self.granted[index].token);
        // An older version that differs from what was granted is an error, after newer ones were deleted.
        !matches!(
            block_on(self.service.delete_upload(&alice(), proof, self.at)),
            Err(SessionError::Token(_) | SessionError::Store(_))
        )
    }

    pub(super) fn delete_by_receipt(&mut self, index: usize) {
        let upload = &self.granted[index];
        let Some((receipt, ..)) = upload.receipts[upload.deleted..].first().cloned() else { return };
        if block_on(self.service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), self.at)).is_ok() {
            // The client may upload again while its URL is valid.
            self.granted[index].deleted = self.granted[index].receipts.len();
        }
    }
}

fn service(
    setup: Setup,
    store: &Store,
    quota: &Recorded,
    announces: &Arc<AtomicBool>,
    scanner: &Scanner,
    rotations: u8,
) -> UploadService<Signer> {
    let issuer = UploadIssuer::new(setup.policy(), signer()).unwrap();
    let issuer = issuer.with_store(store.clone(), keys(rotations));
    let issuer = issuer.with_inspector(scanner.clone());
    let (objects, bytes) = quota.limits();
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(objects).with_bytes(bytes);
    let quota = Quota::new(quota.clone(), FailMode::Closed).with_limit(limit);
    let service = UploadService::new([Route::unnamed(issuer)]).unwrap();
    service.with_announcer(Switched(Arc::clone(announces))).with_quota(quota)
}
