//! Uploads whose bytes are not those of the client's file: none is completed, and the upload can still be repaired.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use upsign::policy::{ChecksumAlgorithm, MultipartMode};
use upsign::session::{ClientPart, UploadState};
use upsign::types::{PartNumber, VerifiedChecksums};

use crate::checksums::base64;
use crate::lifecycle::{bytes, status};
use crate::store::{Store, StoreName, now};
use crate::uploader::{PART_SIZE, Service, Uploader};

/// How often each of the five things goes wrong for each checksum.
const ROUNDS: u64 = 100;
/// How often two large parts are swapped for each comparison. There are at least four, so that makes 100 in all.
const SWAPS: u64 = 25;
/// How often a bit of each large part is flipped for each comparison, from its first byte to its last.
const LARGE_FLIPS: u64 = 10;
/// The number of the small last part, in which most of it happens.
const TAIL: u64 = 3;

/// What a client compares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    /// The checksum. Without one, the client compares the entity tag of a part, which is the MD5 of its bytes.
    algorithm: Option<ChecksumAlgorithm>,
    /// Whether the checksum of each part is compared too, and not only that of the object.
    of_parts: bool,
}

/// Returns every comparison that the store can make.
fn comparisons(store: &Store) -> Vec<Comparison> {
    let full = store.capabilities().full_object_checksums;
    let of_object = store
        .algorithms()
        .into_iter()
        .filter(|algorithm| algorithm.is_some_and(|algorithm| full.contain(algorithm.as_str())));
    let of_object = of_object.map(|algorithm| Comparison { algorithm, of_parts: false });
    let of_parts = store.algorithms().into_iter().map(|algorithm| Comparison { algorithm, of_parts: true });
    of_parts.chain(of_object).collect()
}

/// Tries to complete uploads with wrong bytes.
pub(crate) async fn wrong_bytes_are_never_completed(store: &Store) {
    for comparison in comparisons(store) {
        let (mut capabilities, has_checksums) = (store.capabilities(), comparison.algorithm.is_some());
        if !has_checksums {
            capabilities.full_object_checksums = VerifiedChecksums::Only(&[]);
        }
        if !comparison.of_parts || !has_checksums {
            capabilities.part_checksums = VerifiedChecksums::Only(&[]);
        }
        let service = Service::with_capabilities(store, MultipartMode::Always, capabilities, has_checksums);
        let file = bytes(1, 2 * PART_SIZE + 1_000);
        let upload = service.begin(Some(file.len()), comparison.algorithm).await;
        let other = service.begin(Some(1_000), comparison.algorithm).await;
        let (store_name, service, tally) = (store.name, &service, BTreeMap::new());
        let attempts = Attempts { store_name, comparison, service, upload, other, file, tally };
        let tally = attempts.run().await;
        println!("{}: {comparison:?}", store.name);
        for ((kind, answer), count) in tally {
            println!("  {count:4} {kind}: {answer}");
        }
    }
}

/// How many attempts of each kind had which answer.
type Tally = BTreeMap<(&'static str, String), u64>;

struct Attempts<'a> {
    store_name: StoreName,
    comparison: Comparison,
    service: &'a Service,
    upload: Uploader<'a>,
    /// Another upload of the same caller, with one part.
    other: Uploader<'a>,
    file: Vec<u8>,
    tally: Tally,
}

impl Attempts<'_> {
    async fn run(mut self) -> Tally {
        let large = [self.send(1).await, self.send(2).await];
        for round in 0..ROUNDS {
            self.flipped_bit(&large, round).await;
            self.part_of_another_upload(&large, round).await;
            self.stale_etag(round).await;
            self.lost_part(&large, round).await;
        }
        self.repair(&large).await;
        // Nothing of the file is at the store yet, so that no right part of an earlier round is there.
        self.upload = self.service.begin(Some(self.file.len()), self.comparison.algorithm).await;
        for _ in 0..SWAPS {
            self.swapped_parts().await;
        }
        let large = [self.send(1).await, self.send(2).await];
        self.repair(&large).await;
        for number in [1, 2] {
            self.damaged_large_part(number).await;
        }
        self.tally
    }

    /// Completes the upload with the right last part.
    async fn repair(&self, large: &[ClientPart; 2]) {
        let parts = [&large[..], &[self.send(TAIL).await]].concat();
        let completed = self.upload.complete(&parts, Some(&self.file)).await.unwrap();
        assert!(
            self.service.bytes(&completed.key).await.as_ref() == Some(&self.file),
            "{:?}",
            self.comparison
        );
    }

    /// Returns the bytes of the file in a part.
    fn part(&self, number: u64) -> &[u8] {
        self.file.chunks(PART_SIZE).nth(usize::try_from(number - 1).unwrap()).unwrap()
    }

    /// Sends the bytes of the file as a part.
    async fn send(&self, number: u64) -> ClientPart {
        let sent = self.upload.put(number, self.part(number)).await;
        self.stated(number, sent)
    }

    /// Returns what the client states of a part after the store has answered. A client that compares no checksum, or has no
    /// answer, computes the entity tag from its file.
    fn stated(&self, number: u64, sent: Result<ClientPart, String>) -> ClientPart {
        let bytes = self.part(number);
        let mut part = match (sent, self.comparison.algorithm) {
            (Ok(part), Some(_)) => part,
            _ => {
                let hex: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                ClientPart::new(PartNumber::new(number).unwrap(), hex.parse().unwrap())
            }
        };
        let algorithm = self.comparison.algorithm.filter(|_| self.comparison.of_parts);
        part.checksum = algorithm.map(|algorithm| base64(algorithm, bytes));
        part
    }

    /// Counts a part that the store refused.
    fn count_refused(&mut self, kind: &'static str, sent: &Result<ClientPart, String>) {
        if let Err(answer) = sent {
            let status = answer.split(':').next().unwrap_or_default();
            *self.tally.entry((kind, format!("part refused: {status}"))).or_default() += 1;
        }
    }

    /// Completes the upload, which must fail with an answer that names the parts or the checksum, and store nothing.
    async fn refused(&mut self, kind: &'static str, parts: &[ClientPart]) {
        let result = self.upload.complete(parts, Some(&self.file)).await;
        let code = match &result {
            Ok(_) => "completed",
            Err(error) => error.code(),
        };
        let expected = ["parts-missing", "part-mismatch", "checksum-mismatch"];
        assert!(expected.contains(&code), "{:?}: {kind}: {result:?}", self.comparison);
        assert!(self.service.bytes(&self.upload.grant.key).await.is_none(), "{:?}: {kind}", self.comparison);
        *self.tally.entry((kind, code.to_owned())).or_default() += 1;
    }

    /// Sends other bytes of the same length where the last part belongs, so that nothing of an earlier round is there.
    async fn decoy(&self, round: u64) {
        self.upload.put(TAIL, &bytes(1_000 + round, 1_000)).await.unwrap();
    }

    async fn flipped_bit(&mut self, large: &[ClientPart; 2], round: u64) {
        let kind = "flipped bit";
        self.decoy(round).await;
        let mut flipped = self.part(TAIL).to_vec();
        // A bit of every byte that is a multiple of ten.
        let position = usize::try_from(round).unwrap();
        flipped[10 * position] ^= 1 << (position % 8);
        let sent = self.upload.put_as(TAIL, self.part(TAIL), &flipped).await;
        self.count_refused(kind, &sent);
        let parts = [&large[..], &[self.stated(TAIL, sent)]].concat();
        self.refused(kind, &parts).await;
    }

    /// Loses a large part, and then sends it with a flipped bit. All others are right.
    async fn damaged_large_part(&mut self, number: u64) {
        self.upload = self.service.begin(Some(self.file.len()), self.comparison.algorithm).await;
        let (other, tail) = (self.send(3 - number).await, self.send(TAIL).await);
        self.refused("lost large part", &[other.clone(), tail.clone()]).await;
        let kind = "flipped bit of a large part";
        let mut parts = vec![other.clone(), other.clone(), tail];
        let place = usize::try_from(number - 1).unwrap();
        for round in 0..LARGE_FLIPS {
            let mut flipped = self.part(number).to_vec();
            let position = (flipped.len() - 1) * usize::try_from(round).unwrap() / (LARGE_FLIPS as usize - 1);
            flipped[position] ^= 1 << (round % 8);
            let sent = self.upload.put_as(number, self.part(number), &flipped).await;
            self.count_refused(kind, &sent);
            parts[place] = self.stated(number, sent);
            self.refused(kind, &parts).await;
        }
        let part = self.send(number).await;
        let large = if number == 1 { [part, other] } else { [other, part] };
        self.repair(&large).await;
    }

    async fn part_of_another_upload(&mut self, large: &[ClientPart; 2], round: u64) {
        let kind = "part of another upload";
        self.decoy(round).await;
        let foreign = bytes(7, 1_000);
        let sent = match round % 3 {
            // The bytes of the other upload arrive here.
            0 => self.upload.put_as(TAIL, self.part(TAIL), &foreign).await,
            // The client names the entity tag of a part of the other upload.
            1 => self.other.put(1, &foreign).await,
            // The bytes of this upload arrive there.
            _ => self.other.put(1, self.part(TAIL)).await,
        };
        self.count_refused(kind, &sent);
        let renumbered = sent.map(|part| renumbered(part, PartNumber::new(TAIL).unwrap()));
        let parts = [&large[..], &[self.stated(TAIL, renumbered)]].concat();
        self.refused(kind, &parts).await;
    }

    /// Another tab sends another version of a part after this one.
    async fn stale_etag(&mut self, round: u64) {
        let kind = "stale ETag";
        let file = bytes(round, 1_000);
        let fresh = self.service.begin(Some(file.len()), self.comparison.algorithm).await;
        let part = fresh.put(1, &file).await.unwrap();
        fresh.put(1, &bytes(1_000 + round, 1_000)).await.unwrap();
        let answer = match fresh.complete(&[part], Some(&file)).await {
            Err(error) => {
                self.service.service.abort_upload(&self.service.caller, &fresh.token, now()).await.unwrap();
                assert!(
                    self.service.bytes(&fresh.grant.key).await.is_none(),
                    "{:?}: {kind}",
                    self.comparison
                );
                error.code()
            }
            // SeaweedFS keeps every version of a part until the upload is completed, and takes the one that the client names.
            Ok(object) => {
                assert_eq!(self.store_name, StoreName::SeaweedFs, "{:?}: {kind}", self.comparison);
                assert!(self.service.bytes(&object.key).await == Some(file), "{:?}: {kind}", self.comparison);
                "completed with the bytes of that ETag"
            }
        };
        *self.tally.entry((kind, answer.to_owned())).or_default() += 1;
    }

    async fn lost_part(&mut self, large: &[ClientPart; 2], round: u64) {
        let kind = "lost part";
        if round.is_multiple_of(2) {
            // The client has lost its own record of the last part.
            self.refused(kind, large).await;
            return;
        }
        let fresh = self.service.begin(Some(self.file.len()), self.comparison.algorithm).await;
        let tail = fresh.put(TAIL, self.part(TAIL)).await;
        let parts = [&large[..], &[self.stated(TAIL, tail)]].concat();
        let error = fresh.complete(&parts, Some(&self.file)).await.unwrap_err();
        assert_eq!(error.code(), "parts-missing");
        *self.tally.entry((kind, "parts-missing".to_owned())).or_default() += 1;
        self.service.service.abort_upload(&self.service.caller, &fresh.token, now()).await.unwrap();
        assert_eq!(status(&fresh).await.state, UploadState::Gone);
    }

    /// Sends the bytes of each of two parts as the other one.
    async fn swapped_parts(&mut self) {
        let kind = "swapped parts";
        let first = self.upload.put_as(1, self.part(1), self.part(2)).await;
        let second = self.upload.put_as(2, self.part(2), self.part(1)).await;
        self.count_refused(kind, &first);
        self.count_refused(kind, &second);
        let parts = [self.stated(1, first), self.stated(2, second), self.send(TAIL).await];
        self.refused(kind, &parts).await;
    }
}

fn renumbered(mut part: ClientPart, number: PartNumber) -> ClientPart {
    part.number = number;
    part
}
