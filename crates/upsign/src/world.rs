//! The one place where the clock and entropy are read.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

use upsign_core::Timestamp;
use upsign_policy::{uuid_v4, uuid_v7};
use uuid::Uuid;

use crate::{IdSource, NoEntropy};

/// Tells the time, once per request: the instant it gives judges the token, the lifetime and the signature alike.
pub trait Clock: Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no parts")]
pub struct SystemClock;

impl Clock for SystemClock {
    /// Now, cut to whole seconds. A clock set before 1970 reads as the epoch, after 9999 as its end: either way every
    /// token is then refused and every signature is out of date.
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix(since.as_secs()).unwrap_or(Timestamp::MAX)
    }
}

/// Measures how long something took, by the steady clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Version 4 UUIDs from the operating system's entropy: 122 random bits, in no order.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no parts")]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, _at: Timestamp) -> Result<Uuid, NoEntropy> {
        Ok(uuid_v4(random()?))
    }
}

/// Version 7 UUIDs: 74 random bits after the instant, so that keys sort by time. Whoever sees one knows when it was made.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no parts")]
pub struct TimeOrderedIds;

impl IdSource for TimeOrderedIds {
    fn next(&self, at: Timestamp) -> Result<Uuid, NoEntropy> {
        Ok(uuid_v7(at, random()?))
    }
}

fn random<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

/// Fills `bytes` from the operating system's entropy.
///
/// # Errors
/// [`NoEntropy`] when it gives none.
#[expect(clippy::disallowed_methods, reason = "this is where entropy is read")]
pub fn fill_random(bytes: &mut [u8]) -> Result<(), NoEntropy> {
    getrandom::fill(bytes).map_err(|_| NoEntropy::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fresh_and_of_their_version() {
        let at = SystemClock.now();
        let (one, two) = (RandomIds.next(at).unwrap(), RandomIds.next(at).unwrap());
        assert_ne!(one, two);
        assert_eq!((one.get_version_num(), TimeOrderedIds.next(at).unwrap().get_version_num()), (4, 7));
    }

    #[test]
    fn the_clock_is_past_2025() {
        assert!(SystemClock.now() > "2025-01-01T00:00:00Z".parse().unwrap());
    }
}
