//! What stays the same for a second.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use upsign_core::{Credentials, Region, Timestamp};

use crate::blocks::Hasher;
use crate::date::AmzDate;
use crate::day::Day;
use crate::hex::Hex;

/// Everything that depends on the day's state and the second alone.
pub(crate) struct Second {
    pub(crate) day: Arc<Day>,
    at: Timestamp,
    /// `X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-Expires=`.
    pub(crate) query: String,
    /// The string to sign, hashed up to the hash of the canonical request. Its first 64 bytes are done with.
    begun: Hasher,
}

impl Second {
    fn new(day: Arc<Day>, at: Timestamp) -> Self {
        let date = AmzDate::new(at);
        let query = format!("{}{}&X-Amz-Expires=", day.query, date.as_str());
        let mut begun = day.key.hmac().begin();
        begun.update(format!("AWS4-HMAC-SHA256\n{}\n{}\n", date.as_str(), day.scope).as_bytes());
        Self { day, at, query, begun }
    }

    fn serves(&self, credentials: &Credentials, region: &Region, at: Timestamp) -> bool {
        self.at == at && self.day.serves(credentials, region, at)
    }

    /// The signature over a canonical request of this hash.
    #[inline]
    pub(crate) fn signature(&self, canonical_hash: &[u8; 32]) -> Hex {
        let mut message = self.begun.clone();
        message.update(Hex::new(canonical_hash).as_bytes());
        Hex::new(&self.day.key.hmac().finish(message))
    }

    /// The string to sign so far, and the state its tag goes on from: for signing two at a time.
    pub(crate) const fn begun(&self) -> &Hasher {
        &self.begun
    }
}

/// The seconds in use: a few, for callers that sign for several accounts or regions at once.
///
/// Readers take no lock; whoever finds nothing fitting makes it and swaps it in. Two who do that at once waste a
/// derivation, nothing else.
pub(crate) struct Seconds(ArcSwap<Vec<Arc<Second>>>);

impl Seconds {
    const KEPT: usize = 8;

    pub(crate) fn new() -> Self {
        Self(ArcSwap::from_pointee(Vec::new()))
    }

    #[inline]
    pub(crate) fn at(&self, credentials: &Credentials, region: &Region, at: Timestamp) -> Arc<Second> {
        let kept = self.0.load();
        match kept.iter().find(|second| second.serves(credentials, region, at)) {
            Some(second) => Arc::clone(second),
            None => self.make(&kept, credentials, region, at),
        }
    }

    #[cold]
    fn make(
        &self,
        kept: &[Arc<Second>],
        credentials: &Credentials,
        region: &Region,
        at: Timestamp,
    ) -> Arc<Second> {
        let today = kept.iter().find(|second| second.day.serves(credentials, region, at));
        let day = match today {
            Some(second) => Arc::clone(&second.day),
            None => Arc::new(Day::new(credentials, region, at)),
        };
        let second = Arc::new(Second::new(day, at));
        // The new one takes the place of its own credentials' last one, else of the oldest.
        let others = kept.iter().filter(|other| {
            other.day.region != *region
                || other.day.credentials.access_key_id() != credentials.access_key_id()
        });
        let mut next = vec![Arc::clone(&second)];
        next.extend(others.take(Self::KEPT - 1).cloned());
        self.0.store(Arc::new(next));
        second
    }
}

impl fmt::Debug for Seconds {
    /// Shows nothing: a signing key signs as well as the secret it comes from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
