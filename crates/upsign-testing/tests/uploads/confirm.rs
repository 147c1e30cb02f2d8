//! Confirmations on real stores: the life of an object, and races between confirmations and a client that replaces its object.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Client;
use tokio::join;
use tokio::time::sleep;
use upsign::confirm::{
    ConfirmReason, ConfirmState, Confirmation, DeleteProof, Inspect, InspectError, InspectRequest,
    InspectVerdict,
};
use upsign::policy::{ConfirmationOptions, Gate, Inspection, Replace};
use upsign::read::ReadRequest;
use upsign::session::{SessionError, TokenKeys};
use upsign::types::Operation;
use upsign::{
    Bodyless, Identity, ObjectKey, Route, SigV4, UploadGrant, UploadIssuer, UploadPolicy, UploadRequest,
    UploadService, async_trait,
};
use upsign_objects::{GetObjectTagging, HttpObjects, ObjectCalls as _, TimeLimits};

use crate::store::{Store, StoreName, keys, now};
use crate::uploader::{Signer, presign, send};

/// Races of pending keys on each of the external stores.
const ROUNDS: u64 = 1_000;
/// Races on the embedded store, which are those of one process, and of tags, which have fewer steps.
const FEWER_ROUNDS: u64 = 200;
const SIZE: usize = 64;

/// Refuses what begins with `evil`.
#[derive(Debug)]
struct Inspector;

#[async_trait]
impl Inspect for Inspector {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let bytes = object.read(0, SIZE).await.map_err(InspectError::new)?;
        let is_evil = bytes.starts_with(b"evil");
        Ok(if is_evil { InspectVerdict::Reject(ConfirmReason::Malware) } else { InspectVerdict::Accept })
    }
}

/// Returns the gates that hold at the store.
pub(crate) fn gates(store: &Store, is_versioned: bool) -> Vec<Gate> {
    let pending = Gate::Pending("pending/{id}".parse().unwrap());
    // Without versions and without conditional copies, two confirmations could both store their object.
    match (store.name, is_versioned) {
        (StoreName::Ministack, false) => Vec::new(),
        (_, false) => vec![pending],
        (_, true) => vec![pending, Gate::Tag],
    }
}

pub(crate) struct Confirmations<'a> {
    store: &'a Store,
    pub(crate) service: UploadService<Signer>,
    pub(crate) caller: Identity,
    http: Client,
}

impl<'a> Confirmations<'a> {
    pub(crate) fn new(store: &'a Store, gate: &Gate) -> Self {
        let options = ConfirmationOptions::new().with_confirm(true).with_delete(true);
        let options = options.with_gate(gate.clone()).with_inspection(Inspection::Hook);
        let template = "images/{id}".parse().unwrap();
        let policy = UploadPolicy::builder(store.target.clone(), template, Bodyless::Refuse)
            .content_types(["image/jpeg"])
            .max_size(1 << 20)
            .replace(Replace::Allow)
            .confirmation(options)
            .build()
            .unwrap();
        Self::with_policy(store, policy)
    }

    pub(crate) fn with_policy(store: &'a Store, policy: UploadPolicy) -> Self {
        let signer = || SigV4::new().with_credentials(keys());
        let limits = TimeLimits::default().with_second_look(Duration::from_millis(1));
        let calls = HttpObjects::new(store.target.clone(), signer()).with_time_limits(limits);
        let token_keys = TokenKeys::new("tests", [[7; 32]]).unwrap();
        let issuer = UploadIssuer::new(policy, signer()).unwrap();
        let route = Route::unnamed(issuer.with_store(calls, token_keys).with_inspector(Inspector));
        Self {
            store,
            service: UploadService::new([route]).unwrap(),
            caller: Identity::from_verified("https://issuer.example", "alice").unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) async fn grant(&self) -> UploadGrant {
        let size = u64::try_from(SIZE).unwrap();
        let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(size);
        self.service.issue(&self.caller, None, &upload, now()).await.unwrap()
    }

    pub(crate) async fn put(&self, grant: &UploadGrant, bytes: &[u8]) {
        let put = grant.upload.put().unwrap();
        for pause in [0, 100, 400, 1_600] {
            sleep(Duration::from_millis(pause)).await;
            let mut request = self.http.put(put.url.expose()).body(bytes.to_vec());
            for (name, value) in &put.headers {
                request = request.header(name, value);
            }
            let answer = request.send().await.unwrap();
            if answer.status().is_success() {
                return;
            }
            // SeaweedFS answers 500 while it creates a volume.
            assert!(answer.status().is_server_error(), "{}", answer.text().await.unwrap());
        }
    }

    pub(crate) async fn confirm(&self, grant: &UploadGrant) -> Result<Confirmation, SessionError> {
        let token = grant.upload_token().unwrap().expose();
        self.service.confirm_upload(&self.caller, token, now()).await
    }

    /// Reads the object of a receipt as a client does.
    pub(crate) async fn read(&self, confirmation: &Confirmation) -> (u16, String, Vec<u8>) {
        let receipt = confirmation.receipt.as_ref().unwrap().expose();
        let request = ReadRequest::new();
        let url = self.service.read_url(&self.caller, receipt, &request, now()).await.unwrap();
        let mut get = self.http.get(url.url.expose());
        for (name, value) in &url.headers {
            get = get.header(name, value);
        }
        let answer = get.send().await.unwrap();
        let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), content_type, answer.bytes().await.unwrap().to_vec())
    }

    pub(crate) fn policy(&self) -> &UploadPolicy {
        self.service.routes()[0].issuer().policy()
    }

    /// Returns the key to which the client uploads.
    pub(crate) fn pending_key(&self, grant: &UploadGrant) -> String {
        grant.key.as_str().replacen("images/", "pending/", 1)
    }

    /// Stores another version of an object, as another program that may write to the bucket could.
    pub(crate) async fn replace(&self, key: &ObjectKey, bytes: &[u8]) {
        let request = presign(&self.store.target, Operation::PutObject, key.clone());
        let answer = send(&self.http, &request, bytes.to_vec()).await;
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Returns the tag that the bucket policy of `gate = "tag"` compares, of the current version.
    async fn gate_tag(&self, key: &ObjectKey) -> Option<String> {
        let calls = HttpObjects::new(self.store.target.clone(), SigV4::new().with_credentials(keys()));
        let tags = calls.get_object_tagging(&GetObjectTagging::new(key.clone()), now()).await.unwrap();
        tags.get(Gate::TAG).map(str::to_owned)
    }

    /// Returns the object of a key, or `None` if it does not exist.
    async fn current(&self, key: &ObjectKey) -> Option<Vec<u8>> {
        let request = presign(&self.store.target, Operation::GetObject, key.clone());
        let answer = send(&self.http, &request, Vec::new()).await;
        if answer.status() == 404 {
            return None;
        }
        assert!(answer.status().is_success(), "{}", answer.status());
        Some(answer.bytes().await.unwrap().to_vec())
    }
}

pub(crate) fn file(start: &str, round: u64) -> Vec<u8> {
    format!("{start:<8}{round:<56}").into_bytes()
}

/// An object is confirmed, read and deleted, and one that the inspector refuses is not readable.
pub(crate) async fn life_of_an_object(store: &Store, gate: &Gate) {
    let confirmations = Confirmations::new(store, gate);
    let name = format!("{} {gate:?}", store.name);
    let (good, evil) = (confirmations.grant().await, confirmations.grant().await);
    assert_eq!(confirmations.confirm(&good).await.unwrap().state, ConfirmState::Missing, "{name}");
    confirmations.put(&good, &file("good", 0)).await;
    confirmations.put(&evil, &file("evil", 0)).await;

    let first = confirmations.confirm(&good).await.unwrap();
    assert_eq!((first.state, &first.key), (ConfirmState::Confirmed, &good.key), "{name}");
    let again = confirmations.confirm(&good).await.unwrap();
    assert_eq!((&again.receipt, &again.version_id), (&first.receipt, &first.version_id), "{name}");
    assert_eq!(confirmations.read(&first).await, (200, "image/jpeg".to_owned(), file("good", 0)), "{name}");

    let rejected = confirmations.confirm(&evil).await.unwrap();
    assert_eq!(rejected.state, ConfirmState::Rejected, "{name}");
    match gate {
        Gate::Tag => {
            assert_eq!(confirmations.gate_tag(&good.key).await.as_deref(), Some("confirmed"), "{name}");
            assert_eq!(confirmations.gate_tag(&evil.key).await.as_deref(), Some("rejected"), "{name}");
        }
        _ => assert_eq!(confirmations.current(&evil.key).await, None, "{name}"),
    }

    let receipt = first.receipt.as_ref().unwrap().expose();
    for _ in 0..2 {
        let proof = DeleteProof::Receipt(receipt);
        confirmations.service.delete_upload(&confirmations.caller, proof, now()).await.unwrap();
        assert_eq!(confirmations.read(&first).await.0, 404, "{name}");
    }
    let proof = DeleteProof::Token(evil.upload_token().unwrap().expose());
    confirmations.service.delete_upload(&confirmations.caller, proof, now()).await.unwrap();
    assert_eq!(confirmations.confirm(&evil).await.unwrap().state, ConfirmState::Missing, "{name}");
}

/// Two requests confirm an object while the client replaces it by one that the inspector refuses. Whatever they answer, a receipt
/// reads the accepted object, and the refused one is never at the final key, and never has the tag that lets readers in.
pub(crate) async fn races(store: &Store, gate: &Gate) -> String {
    let confirmations = Confirmations::new(store, gate);
    let has_fewer = store.name == StoreName::Embedded || *gate == Gate::Tag;
    let rounds = if has_fewer { FEWER_ROUNDS } else { ROUNDS };
    let mut outcomes = BTreeMap::<String, u32>::new();
    for round in 0..rounds {
        let grant = confirmations.grant().await;
        let (good, evil) = (file("good", round), file("evil", round));
        confirmations.put(&grant, &good).await;
        // The moment moves over the time that a confirmation takes.
        let replace = async {
            sleep(Duration::from_micros(round % 40 * 500)).await;
            confirmations.put(&grant, &evil).await;
        };
        let (one, other, ()) = join!(confirmations.confirm(&grant), confirmations.confirm(&grant), replace);
        let last = confirmations.confirm(&grant).await;
        for answer in [&one, &other, &last] {
            match answer {
                Ok(answer) => {
                    if answer.receipt.is_some() {
                        let (status, _, bytes) = confirmations.read(answer).await;
                        assert_eq!((status, &bytes), (200, &good), "{} {round}", store.name);
                    }
                }
                // A request that found the object changed while it was inspected may be repeated.
                Err(error) => assert!(error.retry_after().is_some(), "{}: {error:?}", store.name),
            }
        }
        match gate {
            // The current version is the refused one.
            Gate::Tag => {
                let tag = confirmations.gate_tag(&grant.key).await;
                assert_ne!(tag.as_deref(), Some("confirmed"), "{} {round}", store.name);
            }
            _ => {
                let current = confirmations.current(&grant.key).await;
                assert!(current.is_none_or(|bytes| bytes == good), "{} {round}", store.name);
            }
        }
        let word = |answer: &Result<Confirmation, SessionError>| match answer {
            Ok(answer) => answer.state.as_str(),
            Err(error) => error.code(),
        };
        *outcomes.entry(format!("{}, {}, then {}", word(&one), word(&other), word(&last))).or_default() += 1;
    }
    let lines: Vec<_> = outcomes.into_iter().map(|(outcome, count)| format!("{count} × {outcome}")).collect();
    lines.join("; ")
}
