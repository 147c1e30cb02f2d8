//! A service with a store and a quota, everything that can happen to its uploads, and what must hold after each step.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use futures_executor::block_on;
use upsign::confirm::{
    ConfirmReason, Confirmation, DeleteProof, Inspect, InspectError, InspectRequest, InspectVerdict,
    StoredObjectRef,
};
use upsign::policy::{ConfirmationOptions, Gate, Inspection, Replace, UploadPolicyBuilder};
use upsign::quota::{FailMode, Quota, QuotaLimit, ReservationId, Window};
use upsign::read::ReadRequest;
use upsign::session::{SessionError, TokenKeys};
use upsign::{
    Announce, AnnounceError, Announcement, Bodyless, Identity, Route, RouteName, Target, Timestamp, Upload,
    UploadIssuer, UploadPolicy, UploadRequest, UploadService,
};

use super::quota::{Fate, Recorded};
use super::store::{Store, Version};
use crate::fixture::{Signer, signer};

/// Every upload declares this size.
pub(super) const SIZE: usize = 8;
/// The number of uploads per day that the quota permits.
pub(super) const MAX_UPLOADS: usize = 3;

/// How the bucket and the route are set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setup {
    pub(super) versioned: bool,
    pub(super) gate: GateKind,
    /// Whether a client can upload twice with one URL.
    pub(super) replaces: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GateKind {
    None,
    Pending,
    Tag,
}

impl Setup {
    const fn new(versioned: bool, gate: GateKind, replaces: bool) -> Self {
        Self { versioned, gate, replaces }
    }

    pub(super) const ALL: [Self; 7] = [
        Self::new(true, GateKind::Pending, true),
        Self::new(true, GateKind::Pending, false),
        Self::new(false, GateKind::Pending, true),
        Self::new(false, GateKind::Pending, false),
        Self::new(true, GateKind::Tag, false),
        Self::new(true, GateKind::None, false),
        Self::new(false, GateKind::None, false),
    ];
}

/// What a client uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// What was declared. The number distinguishes bytes that are accepted likewise.
    Good(u8),
    /// The size and the type that were declared, but bytes that the inspection refuses.
    Evil,
    Short,
}

impl Content {
    fn version(self, content_type: &str, metadata: &[(Box<str>, Box<str>)]) -> Version {
        let bytes = match self {
            Self::Good(number) => format!("GOOD{number:04}"),
            Self::Evil => "EVIL0000".to_owned(),
            Self::Short => "GOOD".to_owned(),
        };
        Version {
            id: None,
            bytes: Some(bytes.into_bytes()),
            content_type: content_type.to_owned(),
            metadata: metadata.to_vec(),
            tags: [].into(),
        }
    }
}

/// Accepts what begins with `GOOD`.
#[derive(Debug)]
struct BeginsWithGood;

#[async_trait]
impl Inspect for BeginsWithGood {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let start = object.read(0, 4).await.map_err(InspectError::new)?;
        let is_good = start == b"GOOD";
        Ok(if is_good { InspectVerdict::Accept } else { InspectVerdict::Reject(ConfirmReason::TypeMismatch) })
    }
}

/// Fails while it is switched off.
#[derive(Clone, Debug)]
struct Switched(Arc<AtomicBool>);

#[async_trait]
impl Announce for Switched {
    async fn announce(&self, _: &Announcement<'_>) -> Result<(), AnnounceError> {
        if self.0.load(Ordering::Relaxed) { Ok(()) } else { Err(AnnounceError::new("switched off")) }
    }
}

/// An upload that was granted.
#[derive(Debug)]
struct Granted {
    token: String,
    upload_key: String,
    final_key: String,
    is_if_absent: bool,
    metadata: Vec<(Box<str>, Box<str>)>,
    reservation: ReservationId,
    /// Each receipt, with the version and the entity tag that it names.
    receipts: Vec<(String, Option<String>, String)>,
    /// The number of these receipts whose object was deleted. They stay valid, and must read no other object.
    deleted: usize,
}

impl Granted {
    /// Returns the receipts of the object that was not deleted.
    fn existing_receipts(&self) -> &[(String, Option<String>, String)] {
        &self.receipts[self.deleted..]
    }
}

/// One step of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
    Put(Content),
    /// The lifecycle rule removes the object to which clients upload.
    Expire,
}

pub(super) struct World {
    setup: Setup,
    store: Store,
    quota: Recorded,
    service: UploadService<Signer>,
    announces: Arc<AtomicBool>,
    at: Timestamp,
    granted: Vec<Granted>,
}

fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [[7; 32]]).unwrap()
}

pub(super) fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn options(setup: Setup) -> ConfirmationOptions {
    let options = ConfirmationOptions::new().with_confirm(true).with_delete(true).with_claim(true);
    match setup.gate {
        GateKind::None => options,
        GateKind::Pending => {
            let pending = Gate::Pending("pending/{sub}/{id}".parse().unwrap());
            options.with_gate(pending).with_inspection(Inspection::Hook)
        }
        GateKind::Tag => options.with_gate(Gate::Tag).with_inspection(Inspection::Hook),
    }
}

fn policy(setup: Setup) -> UploadPolicy {
    let replace = if setup.replaces { Replace::Allow } else { Replace::Never };
    let builder: UploadPolicyBuilder =
        UploadPolicy::builder(target(), "files/{sub}/{id}".parse().unwrap(), Bodyless::Refuse);
    let builder = builder.content_types(["image/jpeg"]).max_size(100).replace(replace);
    builder.confirmation(options(setup)).build().unwrap()
}

impl World {
    pub(super) fn new(setup: Setup) -> Self {
        let (store, quota) = (Store::new(setup.versioned), Recorded::new());
        let announces = Arc::new(AtomicBool::new(true));
        let issuer = UploadIssuer::new(policy(setup), signer()).unwrap().with_store(store.clone(), keys());
        let issuer = issuer.with_inspector(BeginsWithGood);
        let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(MAX_UPLOADS as u64);
        let limits = Quota::new(quota.clone(), FailMode::Closed).with_limit(limit.with_bytes(1 << 20));
        let service = UploadService::new([Route::unnamed(issuer)]).unwrap();
        let service = service.with_announcer(Switched(Arc::clone(&announces))).with_quota(limits);
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        Self { setup, store, quota, service, announces, at, granted: Vec::new() }
    }

    pub(super) fn uploads(&self) -> usize {
        self.granted.len()
    }

    pub(super) fn advance(&mut self, hours: u64) {
        self.at = self.at.saturating_add(hours * 3_600);
    }

    /// Requests an upload, which the quota may refuse.
    pub(super) fn grant(&mut self) {
        let request = UploadRequest::described();
        let request = request.with_content_type("image/jpeg").with_content_length(SIZE as u64);
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
            receipts: Vec::new(),
            deleted: 0,
        });
    }

    pub(super) fn put(&self, index: usize, content: Content) {
        let upload = &self.granted[index];
        let version = content.version("image/jpeg", &upload.metadata);
        self.store.put(&upload.upload_key, version, upload.is_if_absent);
    }

    /// Confirms an upload. `announces`: whether the announcement succeeds.
    pub(super) fn confirm(&mut self, index: usize, announces: bool) -> Option<Confirmation> {
        self.announces.store(announces, Ordering::Relaxed);
        let token = self.granted[index].token.clone();
        let answer = block_on(self.service.confirm_upload(&alice(), &token, self.at));
        self.announces.store(true, Ordering::Relaxed);
        if !announces && let Ok(answer) = &answer {
            assert!(!answer.is_confirmed(), "a confirmation that was not announced is not answered");
        }
        let answer = answer.ok()?;
        self.note(index, &answer);
        Some(answer)
    }

    /// Another caller sends the token.
    pub(super) fn confirm_as_another(&self, index: usize) {
        let mallory = Identity::from_verified("https://issuer.example", "mallory").unwrap();
        let answer = block_on(self.service.confirm_upload(&mallory, &self.granted[index].token, self.at));
        assert!(matches!(answer, Err(SessionError::Token(_))), "{answer:?}");
    }

    /// Two requests confirm one upload, and their calls of the store happen in this order, with other things between them.
    /// Returns whether each turn had an effect: it has none for a request that has ended.
    pub(super) fn race(&mut self, index: usize, turns: &[Turn], to_the_end: bool) -> [bool; 2] {
        let (token, caller) = (self.granted[index].token.clone(), alice());
        let mut answers = [None, None];
        {
            let confirm = || -> Pin<Box<dyn Future<Output = Result<Confirmation, SessionError>> + '_>> {
                Box::pin(self.service.confirm_upload(&caller, &token, self.at))
            };
            let mut requests = [confirm(), confirm()];
            let mut poll = |number: usize| {
                if answers[number].is_none() {
                    let mut context = Context::from_waker(Waker::noop());
                    if let Poll::Ready(answer) = requests[number].as_mut().poll(&mut context) {
                        answers[number] = Some(answer);
                    }
                }
                answers[number].is_some()
            };
            for turn in turns {
                match turn {
                    Turn::First => drop(poll(0)),
                    Turn::Second => drop(poll(1)),
                    Turn::Put(content) => self.put(index, *content),
                    // Only objects that are not confirmed expire.
                    Turn::Expire if self.setup.gate == GateKind::Pending => {
                        let _ = self.store.expire(&self.granted[index].upload_key);
                    }
                    Turn::Expire => {}
                }
            }
            let mut ended = to_the_end;
            while ended {
                ended = !(poll(0) & poll(1));
            }
        }
        let ended = [answers[0].is_some(), answers[1].is_some()];
        for answer in answers.into_iter().flatten().flatten() {
            self.note(index, &answer);
        }
        ended
    }

    /// The store notifies the service of the object to which the client uploads.
    pub(super) fn event(&mut self, index: usize) {
        let key = self.granted[index].upload_key.parse().unwrap();
        let object = StoredObjectRef::new("article-images-bucket", key);
        let _ = block_on(self.service.confirm_object(&object, self.at));
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
        let proof = DeleteProof::Token(&self.granted[index].token);
        if block_on(self.service.delete_upload(&alice(), proof, self.at)).is_ok() {
            self.granted[index].deleted = self.granted[index].receipts.len();
        }
    }

    pub(super) fn delete_by_receipt(&mut self, index: usize) {
        let Some((receipt, ..)) = self.granted[index].existing_receipts().first().cloned() else { return };
        if block_on(self.service.delete_upload(&alice(), DeleteProof::Receipt(&receipt), self.at)).is_ok() {
            // The client may upload again while its URL is valid.
            self.granted[index].deleted = self.granted[index].receipts.len();
        }
    }

    /// Every URL to read names the version of its receipt, or its entity tag where there are no versions.
    pub(super) fn read(&self, index: usize) {
        for (receipt, version, etag) in &self.granted[index].receipts {
            let read = block_on(self.service.read_url(&alice(), receipt, &ReadRequest::new(), self.at));
            let read = read.unwrap();
            let bound = version.is_none().then(|| format!("\"{etag}\""));
            assert_eq!(read.headers.get("if-match"), bound.as_deref());
            let url = read.url.expose();
            let named = url.split(['?', '&']).find_map(|member| member.strip_prefix("versionId="));
            assert_eq!(named, version.as_deref(), "{url}");
            assert!(url.contains(&self.granted[index].final_key));
        }
    }

    /// Records a receipt.
    fn note(&mut self, index: usize, answer: &Confirmation) {
        assert_eq!(answer.is_confirmed(), answer.receipt.is_some());
        let Some(signed) = &answer.receipt else { return };
        let target_of = |_: Option<&RouteName>| Some(target());
        let receipt = keys().verify_receipt(signed.expose(), target_of).unwrap();
        let upload = &mut self.granted[index];
        assert_eq!(receipt.key().as_str(), upload.final_key);
        let version = receipt.version_id().map(|id| id.as_str().to_owned());
        assert_eq!(version.is_some(), self.setup.versioned);
        upload.receipts.push((signed.expose().to_owned(), version, receipt.etag().as_str().to_owned()));
    }

    /// Panics if something does not hold that always must.
    pub(super) fn check(&self) {
        for (key, version) in self.store.versions() {
            let bytes = version.bytes.as_deref().unwrap_or_default();
            let is_readable = match self.setup.gate {
                GateKind::None => false,
                GateKind::Pending => key.starts_with("files/"),
                GateKind::Tag => version.tags.get("upsign").is_some_and(|tag| tag == "confirmed"),
            };
            let is_good = bytes.starts_with(b"GOOD") && bytes.len() == SIZE;
            assert!(is_good || !is_readable, "readers can read {key}, which was not accepted: {version:?}");
        }
        for upload in &self.granted {
            self.check_receipts(upload);
        }
        let settled = self.quota.settled();
        for id in &settled {
            assert!(self.granted.iter().any(|upload| upload.reservation == *id), "{id} was not granted");
        }
        block_on(self.quota.check(self.at));
    }

    fn check_receipts(&self, upload: &Granted) {
        let Some((_, version, etag)) = upload.existing_receipts().first() else { return };
        for (_, other_version, other_etag) in upload.existing_receipts() {
            assert_eq!((other_version, other_etag), (version, etag), "two receipts name two objects");
        }
        assert_eq!(
            self.quota.fate(upload.reservation),
            Some(Fate::Settled(SIZE as u64)),
            "a confirmed upload is counted once, with its size"
        );
        match self.store.read(&upload.final_key, version.as_deref()) {
            Some(stored) => {
                assert_eq!(stored.etag().as_str(), etag, "the receipt names an object that was replaced");
                let bytes = stored.bytes.unwrap_or_default();
                assert_eq!((bytes.len(), &*stored.content_type), (SIZE, "image/jpeg"));
            }
            None => panic!("the confirmed object {} is gone", upload.final_key),
        }
    }
}
