//! What the inspector has said about each object, and which objects were rejected.
//!
//! A rejected object is inspected again by the next request, so it may be confirmed later. It must not become readable otherwise: an
//! inspection that accepts it must have run at the same time as the rejection, or later.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use upsign::VersionId;
use upsign::confirm::{ConfirmReason, ConfirmState, Confirmation, InspectRequest};

use super::setup::GateKind;
use super::store::Version;
use super::world::World;

/// An object that is readable if it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Inspected {
    final_key: String,
    /// The version if it is confirmed where it is, or the entity tag if a copy of it is.
    name: String,
}

#[derive(Clone, Debug)]
struct Verdict {
    object: Inspected,
    is_accepted: bool,
}

/// The verdicts of an inspector. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdicts(Arc<Mutex<Vec<Verdict>>>);

impl Verdicts {
    pub(super) fn record(&self, gate: GateKind, request: &InspectRequest<'_>, is_accepted: bool) {
        let version = request.version_id.map(VersionId::as_str);
        let object = inspected(gate, request.key.as_str(), version, request.etag.as_str());
        self.0.lock().unwrap().push(Verdict { object, is_accepted });
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Returns the object of the last verdict since this number of them, if that was a rejection.
    pub(super) fn last_rejected(&self, since: usize) -> Option<Inspected> {
        let last = self.0.lock().unwrap()[since..].last().cloned();
        last.filter(|verdict| !verdict.is_accepted).map(|verdict| verdict.object)
    }

    /// Returns whether an object was accepted since this number of verdicts.
    fn accepts(&self, object: &Inspected, since: usize) -> bool {
        let verdicts = self.0.lock().unwrap();
        verdicts[since..].iter().any(|verdict| verdict.is_accepted && verdict.object == *object)
    }
}

fn inspected(gate: GateKind, final_key: &str, version: Option<&str>, etag: &str) -> Inspected {
    let name = version.filter(|_| gate == GateKind::Tag).unwrap_or(etag);
    Inspected { final_key: final_key.to_owned(), name: name.to_owned() }
}

/// The objects that were rejected.
#[derive(Debug, Default)]
pub(super) struct Rejected {
    /// With the number of verdicts at the beginning of the step that rejected each.
    since: BTreeMap<Inspected, usize>,
    /// Those that one request accepted and another one rejected at the same time. With a tag as the gate, both set it.
    disputed: BTreeSet<Inspected>,
}

impl World {
    /// Returns the object that this answer rejects, which was given this moment. Its request inspected last, of all since this number of
    /// verdicts.
    pub(super) fn rejected_now(&self, answer: &Confirmation, since: usize) -> Option<Inspected> {
        self.check_rejection(answer, self.scanner.verdicts.last_rejected(since))
    }

    /// Panics if an answer that was given this moment rejects an object that is readable. `object` is what its request has rejected.
    pub(super) fn check_rejection(
        &self,
        answer: &Confirmation,
        object: Option<Inspected>,
    ) -> Option<Inspected> {
        if answer.state != ConfirmState::Rejected {
            return None;
        }
        assert_eq!(answer.reason, Some(ConfirmReason::Malware));
        assert!(object.is_some(), "an object is rejected that was not inspected");
        let is_readable = self.readable().any(|(readable, _)| Some(&readable) == object.as_ref());
        assert!(!is_readable, "{object:?} is rejected while it is readable");
        object
    }

    /// Records what the answers of a step reject, which began with this number of verdicts.
    pub(super) fn note_rejected(&mut self, objects: impl IntoIterator<Item = Inspected>, since: usize) {
        for object in objects {
            if self.scanner.verdicts.accepts(&object, since) {
                self.rejected.disputed.insert(object.clone());
            }
            self.rejected.since.insert(object, since);
        }
    }

    /// Returns everything that readers find behind a gate.
    fn readable(&self) -> impl Iterator<Item = (Inspected, Version)> {
        let versions = self.store.versions().into_iter();
        versions.filter(|(key, version)| self.is_readable(key, version)).map(|(key, version)| {
            (inspected(self.setup.gate, &key, version.id.as_deref(), version.etag().as_str()), version)
        })
    }

    /// Panics if readers find an object that was rejected, with a receipt or without, or if a receipt names one that was never accepted.
    pub(super) fn check_rejected(&self) {
        let verdicts = &self.scanner.verdicts;
        for (object, version) in self.readable() {
            let since = self.rejected.since.get(&object).copied().unwrap_or_default();
            assert!(
                verdicts.accepts(&object, since),
                "{object:?} was not accepted and is readable: {version:?}"
            );
        }
        for upload in self.granted.iter().filter(|_| self.setup.gate != GateKind::None) {
            for (_, version, etag) in &upload.receipts {
                let object = inspected(self.setup.gate, &upload.final_key, version.as_deref(), etag);
                assert!(verdicts.accepts(&object, 0), "{object:?} has a receipt, and was not accepted");
            }
        }
    }

    /// Whether one request accepted a version, and another one rejected it at the same time.
    pub(super) fn is_disputed(&self, final_key: &str, version: &Version) -> bool {
        let (id, etag) = (version.id.as_deref(), version.etag());
        self.rejected.disputed.contains(&inspected(self.setup.gate, final_key, id, etag.as_str()))
    }
}
