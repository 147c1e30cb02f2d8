//! What stays the same for a second.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwap;
use upsign_core::{Credentials, Target, Timestamp};

use crate::blocks::{BLOCK, Hasher, State, digest, go_on, pad, padded_len};
use crate::date::AmzDate;
use crate::day::Day;
use crate::hex::Hex;

/// Everything that depends on the day's state and the second alone.
pub(crate) struct Second {
    pub(crate) day: Arc<Day>,
    at: Timestamp,
    /// `X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-Expires=`.
    pub(crate) query: String,
    end: End,
}

/// The end of the string to sign: its first blocks are the same all second and compressed; the rest waits, padded, for
/// the hash of a canonical request.
pub(crate) struct End {
    state: State,
    blocks: [[u8; BLOCK]; 3],
    /// How many of them there are.
    count: usize,
    /// Where the hash goes.
    hash: Range<usize>,
}

impl End {
    fn new(mut begun: Hasher) -> Self {
        let (state, hashed, rest) = begun.midstate();
        let mut bytes = [0; 3 * BLOCK];
        if let Some(start) = bytes.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        let hash = rest.len()..rest.len() + 64;
        let end = padded_len(hash.end);
        if let Some(padding) = bytes.get_mut(hash.end..end) {
            pad(padding, (hashed + hash.end as u64) * 8);
        }
        let mut blocks = [[0; BLOCK]; 3];
        for (block, bytes) in blocks.iter_mut().zip(bytes.as_chunks().0) {
            *block = *bytes;
        }
        Self { state, blocks, count: end / BLOCK, hash }
    }

    /// The blocks left to compress for a canonical request of this hash.
    #[inline]
    pub(crate) fn blocks(&self, canonical_hash: &Hex) -> [[u8; BLOCK]; 3] {
        let mut blocks = self.blocks;
        if let Some(place) = blocks.as_flattened_mut().get_mut(self.hash.clone()) {
            place.copy_from_slice(canonical_hash.as_bytes());
        }
        blocks
    }

    /// The state they go on from, and how many there are.
    pub(crate) const fn start(&self) -> (State, usize) {
        (self.state, self.count)
    }
}

impl Second {
    fn new(day: Arc<Day>, at: Timestamp) -> Self {
        let date = AmzDate::new(at);
        let query = format!("{}{}&X-Amz-Expires=", day.query, date.as_str());
        let mut begun = day.key.hmac().begin();
        begun.update(format!("AWS4-HMAC-SHA256\n{}\n{}\n", date.as_str(), day.scope).as_bytes());
        Self { day, at, query, end: End::new(begun) }
    }

    fn serves(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> bool {
        self.at == at && self.day.serves(credentials, target, at)
    }

    /// The signature over a canonical request of this hash.
    #[inline]
    pub(crate) fn signature(&self, canonical_hash: &[u8; 32]) -> Hex {
        let blocks = self.end.blocks(&Hex::new(canonical_hash));
        let (state, count) = self.end.start();
        let inner = digest(&go_on(state, blocks.get(..count).unwrap_or_default()));
        Hex::new(&self.day.key.hmac().tag(&inner))
    }

    /// For signing two at a time.
    pub(crate) const fn end(&self) -> &End {
        &self.end
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

    /// Hands the second's state to `use_it`, without so much as a reference count between threads.
    #[inline]
    pub(crate) fn with<T>(
        &self,
        credentials: &Credentials,
        target: &Target,
        at: Timestamp,
        use_it: impl FnOnce(&Second) -> T,
    ) -> T {
        let kept = self.0.load();
        match kept.iter().find(|second| second.serves(credentials, target, at)) {
            Some(second) => use_it(second),
            None => use_it(&self.make(&kept, credentials, target, at)),
        }
    }

    /// The same, to keep.
    pub(crate) fn at(&self, credentials: &Credentials, target: &Target, at: Timestamp) -> Arc<Second> {
        let kept = self.0.load();
        let found = kept.iter().find(|second| second.serves(credentials, target, at));
        found.cloned().unwrap_or_else(|| self.make(&kept, credentials, target, at))
    }

    #[cold]
    fn make(
        &self,
        kept: &[Arc<Second>],
        credentials: &Credentials,
        target: &Target,
        at: Timestamp,
    ) -> Arc<Second> {
        let today = kept.iter().find(|second| second.day.serves(credentials, target, at));
        let day = match today {
            Some(second) => Arc::clone(&second.day),
            None => Arc::new(Day::new(credentials, target, at)),
        };
        let second = Arc::new(Second::new(day, at));
        // The new one takes the place of its own credentials' last one, else of the oldest.
        let others = kept.iter().filter(|other| {
            !other.day.is_for(target) || other.day.credentials.access_key_id() != credentials.access_key_id()
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
