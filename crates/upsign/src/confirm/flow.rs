//! The steps from an uploaded object to a confirmed one.
//!
//! ```text
//!             no object               differs                 the inspection refuses
//! uploaded -------------> missing   -----------> mismatch   --------------------------> rejected
//!          otherwise, without a gate: the version is confirmed where it is
//!                     with a tag:     the version gets the tag that lets readers in
//!                     pending:        the version is copied to its final key, unless an object is there
//! ```
//!
//! One look at the object pins its version, or its entity tag in a bucket without versions, and every later step has the pin as a
//! condition. So what is inspected, what is promoted and what the receipt names are one object, whatever is uploaded meanwhile.
//! An object is counted against the quota after it was checked and before readers find it, so one that does not fit is not confirmed.
//! Each step can be repeated: a request that died after any of them is completed by the next one.

use upsign_core::{ObjectKey, Timestamp};
use upsign_objects::{HeadObject, ObjectHead, VersionId};
use upsign_policy::{ContentType, Inspection, UploadPolicy};

use crate::confirm::inspect::{Inspect, InspectError, InspectRequest, InspectVerdict};
use crate::confirm::judge::Expected;
use crate::confirm::pinned::{PinnedReader, version_of};
use crate::confirm::promote::Tagged;
use crate::confirm::state::{ConfirmReason, ConfirmState};
use crate::observe::{InspectionEvent, InspectionResult};
use crate::quota::Counting;
use crate::session::{SessionError, SessionGate, UploadSession};
use crate::store::Store;
use crate::world::Stopwatch;

/// An object to confirm.
pub(crate) struct Confirming<'a> {
    pub(crate) policy: &'a UploadPolicy,
    pub(crate) inspect: Option<&'a dyn Inspect>,
    pub(crate) store: Store<'a>,
    /// The name of the route, or `None` for the unnamed route.
    pub(crate) route: Option<&'a str>,
    pub(crate) session: Option<&'a UploadSession>,
    pub(crate) upload_key: &'a ObjectKey,
    pub(crate) gate: &'a SessionGate,
    pub(crate) expected: Expected<'a>,
    /// Counts the object before readers find it.
    pub(crate) counting: Counting<'a>,
    /// The version that an event names, or `None` for the current one.
    pub(crate) version_id: Option<&'a VersionId>,
    pub(crate) at: Timestamp,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Readers find this object.
    Confirmed {
        head: ObjectHead,
        was_confirmed: bool,
    },
    /// It differs or is refused.
    Refused {
        reason: ConfirmReason,
        head: Option<ObjectHead>,
    },
    Missing,
    /// It is not known yet.
    Pending {
        reason: ConfirmReason,
        retry_after: u32,
    },
}

/// The result of an inspection.
pub(super) enum Inspected {
    Accepted,
    Refused(ConfirmReason),
    Later(u32),
    /// The object was replaced or deleted meanwhile.
    Changed,
}

impl Found {
    pub(super) const fn refused(reason: ConfirmReason, head: ObjectHead) -> Self {
        Self::Refused { reason, head: Some(head) }
    }

    pub(super) const fn changed() -> Self {
        Self::Refused { reason: ConfirmReason::Changed, head: None }
    }

    const fn inspecting(retry_after: u32) -> Self {
        Self::Pending { reason: ConfirmReason::Inspecting, retry_after }
    }

    /// 5 s is enough for a store that has just lost an answer, and for most copies.
    pub(super) const fn promoting() -> Self {
        Self::Pending { reason: ConfirmReason::Promoting, retry_after: 5 }
    }
}

impl Confirming<'_> {
    pub(crate) async fn run(&self) -> Result<Found, SessionError> {
        match self.gate {
            SessionGate::None => self.confirm_in_place().await,
            SessionGate::Tag => self.confirm_by_tag().await,
            SessionGate::Pending(final_key) => self.promote(final_key).await,
        }
    }

    async fn confirm_in_place(&self) -> Result<Found, SessionError> {
        let Some(head) = self.look_at_upload().await? else { return Ok(Found::Missing) };
        Ok(match self.check(&head).await? {
            Err(found) => found,
            Ok(Inspected::Accepted) => {
                self.counting.settle(&head).await?;
                Found::Confirmed { head, was_confirmed: false }
            }
            Ok(Inspected::Refused(reason)) => Found::refused(reason, head),
            Ok(Inspected::Later(retry_after)) => Found::inspecting(retry_after),
            Ok(Inspected::Changed) => Found::changed(),
        })
    }

    async fn confirm_by_tag(&self) -> Result<Found, SessionError> {
        let Some(head) = self.look_at_upload().await? else { return Ok(Found::Missing) };
        // Without versions, a tag would let readers into whatever is uploaded next at a store that keeps the tags of the object
        // before, and between the upload and the tag in any case.
        let version = version_of(&head).cloned().ok_or(SessionError::VersionsRequired)?;
        match self.tagged_as(&version).await? {
            // What was confirmed stays confirmed: its receipt may be in use. An inspection that would refuse it now is not asked.
            Some(Tagged::Confirmed) => return Ok(self.confirmed_before(head)),
            Some(Tagged::Undecided) => {}
            None => return Ok(Found::Missing),
        }
        let (tag, found) = match self.check(&head).await? {
            Err(found) => return Ok(found),
            Ok(Inspected::Later(retry_after)) => return Ok(Found::inspecting(retry_after)),
            Ok(Inspected::Changed) => return Ok(Found::changed()),
            Ok(Inspected::Accepted) => {
                self.counting.settle(&head).await?;
                (ConfirmState::Confirmed, Found::Confirmed { head, was_confirmed: false })
            }
            Ok(Inspected::Refused(reason)) => {
                // Another request may have confirmed this version since the first look. S3 has no condition for tags, so one that
                // does so between this look and the next call loses its tag: readers then find nothing.
                match self.tagged_as(&version).await? {
                    Some(Tagged::Confirmed) => return Ok(self.confirmed_before(head)),
                    Some(Tagged::Undecided) => (ConfirmState::Rejected, Found::refused(reason, head)),
                    None => return Ok(Found::Missing),
                }
            }
        };
        let is_there = self.tag(version, tag).await?;
        Ok(if is_there { found } else { Found::Missing })
    }

    /// Compares an object with what was granted and has it inspected. The error is the answer if it differs.
    pub(super) async fn check(&self, head: &ObjectHead) -> Result<Result<Inspected, Found>, SessionError> {
        if let Err(reason) = self.expected.judge(head) {
            return Ok(Err(Found::refused(reason, head.clone())));
        }
        self.inspect(head).await.map(Ok)
    }

    async fn inspect(&self, head: &ObjectHead) -> Result<Inspected, SessionError> {
        let Some(inspector) = self.inspect else {
            let is_required = self.policy.confirmation().inspection() != Inspection::None;
            return if is_required { Err(SessionError::MissingInspector) } else { Ok(Inspected::Accepted) };
        };
        let reader = PinnedReader::new(self.store, self.upload_key, head, self.policy.call_headers());
        // The comparison has refused an object whose type is not the granted one.
        let of_object: Option<ContentType> = head.content_type.as_deref().and_then(|text| text.parse().ok());
        let Some(content_type) = &of_object else {
            return Ok(Inspected::Refused(ConfirmReason::UnknownType));
        };
        let request = InspectRequest::new(
            self.session,
            self.final_key(),
            head.size,
            content_type,
            &head.etag,
            version_of(head),
            self.at,
            &reader,
        );
        let watch = Stopwatch::start();
        let verdict = inspector.inspect(&request).await;
        let has_changed = reader.has_changed();
        self.report(result(&verdict, has_changed), watch);
        if has_changed {
            return Ok(Inspected::Changed);
        }
        Ok(match verdict.map_err(SessionError::InspectorUnavailable)? {
            InspectVerdict::Accept => Inspected::Accepted,
            InspectVerdict::Reject(reason) if reason.state() == ConfirmState::Rejected => {
                Inspected::Refused(reason)
            }
            InspectVerdict::Reject(_) => Inspected::Refused(ConfirmReason::Application),
            InspectVerdict::Later { retry_after } => Inspected::Later(retry_after.max(1)),
        })
    }

    fn report(&self, result: InspectionResult, watch: Stopwatch) {
        let event = InspectionEvent::new(self.route, result, watch.elapsed(), self.at);
        self.store.observers().iter().for_each(|observer| observer.inspected(&event));
    }

    fn final_key(&self) -> &ObjectKey {
        match self.gate {
            SessionGate::Pending(key) => key,
            SessionGate::None | SessionGate::Tag => self.upload_key,
        }
    }

    /// Looks at the uploaded object, twice if it does not exist.
    pub(super) async fn look_at_upload(&self) -> Result<Option<ObjectHead>, SessionError> {
        let call = HeadObject::new(self.upload_key.clone()).with_second_look();
        let call = match self.version_id {
            Some(version) => call.with_version_id(version.clone()),
            None => call,
        };
        self.look(call).await
    }

    pub(super) async fn look(&self, call: HeadObject) -> Result<Option<ObjectHead>, SessionError> {
        match self.store.head(call.with_headers(self.policy.call_headers())).await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(SessionError::Store(error)),
        }
    }
}

const fn result(verdict: &Result<InspectVerdict, InspectError>, has_changed: bool) -> InspectionResult {
    match verdict {
        _ if has_changed => InspectionResult::Changed,
        Ok(InspectVerdict::Accept) => InspectionResult::Accepted,
        Ok(InspectVerdict::Reject(_)) => InspectionResult::Rejected,
        Ok(InspectVerdict::Later { .. }) => InspectionResult::Later,
        Err(_) => InspectionResult::Unavailable,
    }
}
