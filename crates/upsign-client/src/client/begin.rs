//! Beginning an upload, in one request or in parts, as the API grants it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::ApiCall;
use crate::api::wire::{GrantAnswer, GrantCommon, MultipartAnswer};
use crate::checksum::{ChecksumAlgorithm, ChecksumType};
use crate::client::UploadClient;
use crate::error::UploadError;
use crate::events::{Emitter, Event};
use crate::grant::{MultipartGrant, UploadToken};
use crate::multipart::Transfer;
use crate::plan::{PartLayout, Uploaded};
use crate::request::UploadRequest;
use crate::single::{SingleGrant, SingleMethod, SingleOutcome, SingleUpload};
use crate::source::Source;
use crate::state::StateFile;
use crate::state::record::StoredUpload;

/// How often an upload in one request is granted anew because its URL has expired.
const MAX_GRANTS: u32 = 3;

impl UploadClient {
    /// Begins an upload, and sends it as the API grants it. `granted` is what the API granted for this file together with others.
    pub(super) async fn begin(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        mut granted: Option<(GrantAnswer, ChecksumAlgorithm)>,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        let mut grants = 0;
        loop {
            grants += 1;
            let (answer, algorithm) = match granted.take() {
                Some(granted) => granted,
                None => self.grant(source, request, events).await?,
            };
            let (ids, is_promised) = (ids(answer.common()), answer.common().confirm);
            let (key, url, method, token) = match answer {
                GrantAnswer::Put { upload_url, headers, upload_token, common } => {
                    (common.key, upload_url, SingleMethod::Put(headers), upload_token.map(UploadToken))
                }
                GrantAnswer::Post { upload_url, fields, upload_token, common } => {
                    let method = SingleMethod::Form(fields.0);
                    (common.key, upload_url, method, upload_token.map(UploadToken))
                }
                GrantAnswer::Multipart(answer) => {
                    let grant = multipart_grant(answer, source.size(), ids)?;
                    return self.begin_multipart(source, request, &grant, events).await;
                }
            };
            let Some(size) = source.size() else {
                return Err(UploadError::answer(
                    ApiCall::Begin,
                    "it grants one request, but the size is not known",
                ));
            };
            events.emit(&Event::Granted { key: &key, layout: None, parts_at_once: None });
            let confirmed_with = token.clone();
            let grant = SingleGrant { key, ids, url, method, token };
            let upload = SingleUpload { client: self, source, size, algorithm, grant, events };
            match upload.run().await? {
                SingleOutcome::Stored(uploaded) => {
                    return self.confirm(confirmed_with.as_ref(), is_promised, uploaded, events).await;
                }
                SingleOutcome::Expired(error) if grants >= MAX_GRANTS => return Err(error),
                SingleOutcome::Expired(_) => {}
            }
        }
    }

    async fn begin_multipart(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        grant: &MultipartGrant,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        if let Err(error) = self.check_buffer(&**source, grant) {
            let _ = self.call_abort(&grant.token, events).await;
            return Err(error);
        }
        let state = match self.create_state(source, request, grant) {
            Ok(state) => state,
            Err(error) => {
                // Nothing was sent, and without a state nothing could continue the upload.
                let _ = self.call_abort(&grant.token, events).await;
                return Err(error);
            }
        };
        events.emit(&Event::Granted {
            key: &grant.key,
            layout: Some(&grant.layout),
            parts_at_once: Some(grant.allowed_parts()),
        });
        let transfer = Transfer::new(self, Arc::clone(source), grant, state.as_ref(), events);
        let stored = transfer.run().await.map_err(|error| grant.error_of_expiry(error));
        drop(transfer);
        match (stored, state) {
            (Ok(uploaded), state) => self.confirm_parts(grant, uploaded, state, events).await,
            // Nothing can continue this upload, so its parts are not kept.
            (Err(error), None) => {
                let _ = self.call_abort(&grant.token, events).await;
                Err(error)
            }
            (Err(error @ UploadError::Gone { .. }), Some(state)) => {
                state.remove()?;
                Err(error)
            }
            (Err(error), Some(_)) => Err(error),
        }
    }

    /// Confirms an object whose parts are all stored. The state remains if the same command can confirm it later.
    pub(super) async fn confirm_parts(
        &self,
        grant: &MultipartGrant,
        uploaded: Uploaded,
        state: Option<StateFile>,
        events: &Emitter,
    ) -> Result<Uploaded, UploadError> {
        let confirmed = self.confirm(Some(&grant.token), grant.confirm, uploaded, events).await;
        let is_over = confirmed.as_ref().err().is_none_or(UploadError::ends_confirmation);
        if let Some(state) = state.filter(|_| is_over) {
            state.remove()?;
        }
        confirmed
    }

    /// Refuses a source whose parts would have to be buffered, but do not fit.
    fn check_buffer(&self, source: &dyn Source, grant: &MultipartGrant) -> Result<(), UploadError> {
        let (part_size, max_buffer) = (grant.layout.len(1), self.options.max_buffer);
        if source.is_sequential() && part_size > max_buffer {
            return Err(UploadError::PartExceedsBuffer {
                name: source.name().to_owned(),
                part_size,
                max_buffer,
            });
        }
        Ok(())
    }

    fn create_state(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        grant: &MultipartGrant,
    ) -> Result<Option<StateFile>, UploadError> {
        let Some(identity) = source.identity() else { return Ok(None) };
        let Some((store, path)) = self.state_of(Some(identity), request) else { return Ok(None) };
        let upload = StoredUpload {
            api: self.endpoint.begin().to_owned(),
            identity: identity.clone(),
            grant: grant.clone(),
        };
        store.create(&path, &upload).map(Some)
    }
}

/// Returns the members of the answer that are texts and not part of every answer: ids, and members of the application.
fn ids(common: &GrantCommon) -> BTreeMap<String, String> {
    let texts = common.others.iter().filter(|(name, _)| *name != "expiresAtIs");
    texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn multipart_grant(
    answer: MultipartAnswer,
    size: Option<u64>,
    ids: BTreeMap<String, String>,
) -> Result<MultipartGrant, UploadError> {
    let wrong = |reason: &str| UploadError::answer(ApiCall::Begin, reason);
    let checksum = match (answer.checksum_algorithm, answer.checksum_type) {
        (None, _) => None,
        (Some(algorithm), kind) => {
            let algorithm: ChecksumAlgorithm = algorithm
                .parse()
                .map_err(|_| wrong("it demands a checksum algorithm that this client does not know"))?;
            let kind = kind.map_or(Some(ChecksumType::Parts), |kind| ChecksumType::named(&kind));
            Some((algorithm, kind.ok_or_else(|| wrong("it has an unknown type of checksum"))?))
        }
    };
    let layout = PartLayout::new(size, answer.part_size, answer.part_count, checksum);
    Ok(MultipartGrant {
        key: answer.common.key,
        ids,
        token: UploadToken(answer.upload_token),
        layout: layout.ok_or_else(|| wrong("its parts do not fit the size"))?,
        parts_at_once: answer.parts_at_once,
        confirm: answer.common.confirm,
        expires_at: answer.common.expires_at,
    })
}
