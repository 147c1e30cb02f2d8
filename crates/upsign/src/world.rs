//! The only module that reads the clock and the operating system's random bytes.

use std::fmt::Debug;
use std::time::Duration;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use std::time::{Instant, SystemTime};

use upsign_core::Timestamp;
use upsign_policy::{uuid_v4, uuid_v7};
use uuid::Uuid;
// The clocks of `std` panic on this target, which has no system that they could ask. JavaScript has clocks.
#[cfg(all(target_family = "wasm", target_os = "unknown", feature = "js"))]
use web_time::{Instant, SystemTime};

use crate::ids::{IdSource, NoEntropy};

/// A source of the current time.
///
/// An adapter reads its clock once per request and passes the instant on, so that the token, the rate limit, the lifetime
/// and the signature are all judged at the same instant. Tests implement this trait to fix the time.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use upsign::{Clock, Timestamp};
///
/// /// A clock that a test advances by hand. `upsign_testing::FixedClock` is one.
/// #[derive(Debug, Default)]
/// struct ManualClock(AtomicU64);
///
/// impl Clock for ManualClock {
///     fn now(&self) -> Timestamp {
///         Timestamp::UNIX_EPOCH.saturating_add(self.0.load(Ordering::Relaxed))
///     }
/// }
///
/// let clock = ManualClock::default();
/// clock.0.store(90, Ordering::Relaxed);
/// assert_eq!(clock.now().to_string(), "1970-01-01T00:01:30Z");
/// ```
///
/// [`SystemClock`] is the implementation for programs, and [`clock_fn`](crate::clock_fn) makes one of a closure.
pub trait Clock: Debug + Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
///
/// On `wasm32-unknown-unknown` there is no operating system: this type implements [`Clock`] there only with the feature
/// `js`, which reads the clock of JavaScript. Without it, pass the time of the host to the methods that take it.
///
/// ```
/// use upsign::{Clock, SystemClock};
/// assert!(SystemClock.now() > "2025-01-01T00:00:00Z".parse()?);
/// # Ok::<(), upsign::types::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct SystemClock;

#[cfg(any(not(all(target_family = "wasm", target_os = "unknown")), feature = "js"))]
impl Clock for SystemClock {
    /// Returns the current time in whole seconds, rounded down.
    ///
    /// A clock before 1970 reads as 1970, and one after 9999 as the end of 9999. In both cases every token is rejected and
    /// every signature is out of date, so a wrong clock never extends a grant.
    #[expect(clippy::disallowed_methods, reason = "the clock is read here and nowhere else")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix(since.as_secs()).unwrap_or(Timestamp::MAX)
    }
}

/// Measures elapsed time with the monotonic clock, or as zero on targets without a clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(
    #[cfg(any(not(all(target_family = "wasm", target_os = "unknown")), feature = "js"))] Instant,
);

#[cfg(any(not(all(target_family = "wasm", target_os = "unknown")), feature = "js"))]
impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(all(target_family = "wasm", target_os = "unknown", not(feature = "js")))]
impl Stopwatch {
    pub(crate) const fn start() -> Self {
        Self()
    }

    pub(crate) const fn elapsed(self) -> Duration {
        Duration::ZERO
    }
}

/// Generates version 4 UUIDs: 122 random bits from the operating system, in no order (RFC 9562 section 5.4).
///
/// ```
/// use upsign::{IdSource, RandomIds, Timestamp};
/// let id = RandomIds.next(Timestamp::UNIX_EPOCH)?;
/// assert_eq!(id.get_version_num(), 4);
/// # Ok::<(), upsign::NoEntropy>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, _at: Timestamp) -> Result<Uuid, NoEntropy> {
        Ok(uuid_v4(random()?))
    }
}

/// Generates version 7 UUIDs: 74 random bits after a timestamp, so that keys sort by time (RFC 9562 section 5.7).
///
/// Everyone who sees such an id learns when it was generated, to the second.
///
/// ```
/// use upsign::{IdSource, TimeOrderedIds, Timestamp};
/// let (earlier, later) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH.saturating_add(1));
/// assert!(TimeOrderedIds.next(earlier)? < TimeOrderedIds.next(later)?);
/// # Ok::<(), upsign::NoEntropy>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
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

/// Fills `bytes` with random bytes of the operating system.
///
/// ```
/// let mut secret = [0; 32];
/// upsign::fill_random(&mut secret)?;
/// # Ok::<(), upsign::NoEntropy>(())
/// ```
///
/// # Errors
/// Returns [`NoEntropy`] if the operating system provides none. The content of `bytes` is then unspecified.
#[expect(clippy::disallowed_methods, reason = "random bytes are read here and nowhere else")]
pub fn fill_random(bytes: &mut [u8]) -> Result<(), NoEntropy> {
    getrandom::fill(bytes).map_err(|_| NoEntropy::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_unique_and_have_the_right_version() {
        let at = SystemClock.now();
        let (first, second) = (RandomIds.next(at).unwrap(), RandomIds.next(at).unwrap());
        assert_ne!(first, second);
        assert_eq!((first.get_version_num(), TimeOrderedIds.next(at).unwrap().get_version_num()), (4, 7));
    }

    #[test]
    fn system_clock_is_after_2025() {
        assert!(SystemClock.now() > "2025-01-01T00:00:00Z".parse().unwrap());
    }
}
