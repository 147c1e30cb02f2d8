//! Ids that count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use upsign::{IdSource, NoEntropy, Uuid};
use upsign_core::Timestamp;

/// A source of ids that are easy to read and known in advance: `00000000-0000-4000-8000-000000000000`, then `…0001`, and so
/// on. Clones continue the same sequence.
///
/// Anyone can guess these ids, so use them in tests only.
///
/// ```
/// use upsign::IdSource;
/// use upsign_testing::CountingIds;
///
/// let ids = CountingIds::new();
/// let at = "2026-01-01T00:00:00Z".parse()?;
/// assert_eq!(ids.next(at)?, CountingIds::nth(0));
/// assert_eq!(ids.next(at)?.to_string(), "00000000-0000-4000-8000-000000000001");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CountingIds(Arc<AtomicU64>);

impl CountingIds {
    /// Creates a source whose first id is number 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the id with this number, a valid version 4 UUID. A number uses 62 bits; higher bits are ignored.
    #[must_use]
    pub fn nth(number: u64) -> Uuid {
        Uuid::from_u64_pair(0x4000, 1 << 63 | number & (u64::MAX >> 2))
    }
}

impl IdSource for CountingIds {
    fn next(&self, _at: Timestamp) -> Result<Uuid, NoEntropy> {
        Ok(Self::nth(self.0.fetch_add(1, Ordering::SeqCst)))
    }
}
