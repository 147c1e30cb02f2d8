//! What must hold after every step.

use futures_executor::block_on;
use upsign::RouteName;
use upsign::confirm::Confirmation;
use upsign::quota::ObjectMark;
use upsign::read::ReadRequest;

use super::setup::{GateKind, SIZE, TYPE, alice, keys, target};
use super::store::Version;
use super::world::{Granted, World};

impl World {
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
    pub(super) fn note(&mut self, index: usize, answer: &Confirmation) {
        assert_eq!(answer.is_confirmed(), answer.receipt.is_some());
        let Some(signed) = &answer.receipt else { return };
        let target_of = |_: Option<&RouteName>| Some(target());
        let receipt = keys(self.rotations).verify_receipt(signed.expose(), target_of).unwrap();
        let upload = &mut self.granted[index];
        assert_eq!(receipt.key().as_str(), upload.final_key);
        let version = receipt.version_id().map(|id| id.as_str().to_owned());
        assert_eq!(version.is_some(), self.setup.versioned);
        upload.receipts.push((signed.expose().to_owned(), version, receipt.etag().as_str().to_owned()));
    }

    /// Whether readers find a version behind the gate.
    pub(super) fn is_readable(&self, key: &str, version: &Version) -> bool {
        match self.setup.gate {
            // Readers find whatever is uploaded.
            GateKind::None => false,
            GateKind::Pending => key.starts_with("files/"),
            GateKind::Tag => version.tags.get("upsign").is_some_and(|tag| tag == "confirmed"),
        }
    }

    /// Panics if something does not hold that always must.
    pub(super) fn check(&self) {
        for (key, version) in self.store.versions() {
            let bytes = version.bytes.as_deref().unwrap_or_default();
            let is_good = bytes.starts_with(b"GOOD") && bytes.len() == SIZE && version.content_type == TYPE;
            assert!(
                is_good || !self.is_readable(&key, &version),
                "readers can read {key}, which was not accepted: {version:?}"
            );
        }
        for upload in &self.granted {
            self.check_receipts(upload);
        }
        self.check_rejected();
        block_on(self.quota.check(self.at));
    }

    fn check_receipts(&self, upload: &Granted) {
        self.check_counts(upload);
        let existing = &upload.receipts[upload.deleted..];
        let Some((_, first_version, first_etag)) = existing.first() else { return };
        for (_, version, etag) in existing {
            if !self.setup.confirms_versions() && !self.setup.loses_objects() {
                assert_eq!((version, etag), (first_version, first_etag), "two receipts name two objects");
            }
            match self.store.read(&upload.final_key, version.as_deref()) {
                Some(stored) if self.setup.loses_objects() && stored.etag().as_str() != etag => {}
                Some(stored) => {
                    assert_eq!(stored.etag().as_str(), etag, "the receipt names an object that was replaced");
                    let is_readable =
                        self.setup.gate == GateKind::None || self.is_readable(&upload.final_key, &stored);
                    assert!(
                        is_readable
                            || (self.setup.gate == GateKind::Tag
                                && self.is_disputed(&upload.final_key, &stored)),
                        "a confirmed object is not readable any more: {stored:?}"
                    );
                    let bytes = stored.bytes.unwrap_or_default();
                    assert_eq!((bytes.len(), &*stored.content_type), (SIZE, TYPE));
                }
                None => panic!("the confirmed object {} is gone", upload.final_key),
            }
        }
    }

    /// Each object that was ever confirmed is counted, and none is counted twice. More may be counted than are confirmed: an object that was
    /// replaced or deleted after it was settled stays counted.
    fn check_counts(&self, upload: &Granted) {
        let settled = self.quota.settled(upload.reservation);
        // A store remembers an object for one window longer than it is counted in. After that, it is counted as a new one.
        for (number, (mark, window)) in settled.iter().enumerate() {
            let again =
                settled[..number].iter().find(|(other, of)| other == mark && of.abs_diff(*window) < 2);
            assert!(again.is_none(), "{mark:?} of {} is counted twice: {settled:?}", upload.final_key);
        }
        let counted: Vec<_> = settled.into_iter().map(|(mark, _)| mark).collect();
        let mut named: Vec<&str> = Vec::new();
        for (_, version, etag) in &upload.receipts {
            let name = version.as_deref().unwrap_or(etag);
            if !named.contains(&name) {
                named.push(name);
            }
        }
        match self.setup.gate {
            // What is counted is the pending object, whose version is another one.
            GateKind::Pending => assert!(
                named.len() <= counted.len() || (!self.setup.versioned && !counted.is_empty()),
                "{named:?} are confirmed, {counted:?} are counted"
            ),
            GateKind::None | GateKind::Tag => {
                for name in named {
                    assert!(counted.contains(&ObjectMark::of(name)), "{name} is confirmed and not counted");
                }
            }
        }
    }
}
