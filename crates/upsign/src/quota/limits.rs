//! Limits of a quota and the windows of time in which they hold.

use std::fmt::{self, Display};
use std::num::NonZeroU32;

use upsign_core::Timestamp;

use crate::route::RouteName;

/// The highest amount that is counted exactly: 2⁵³ − 1 bytes are 9 petabytes. Scripts in Redis calculate with IEEE 754 doubles.
pub const MAX_AMOUNT: u64 = (1 << 53) - 1;

/// A fixed span of time in which a limit holds.
///
/// Windows begin at multiples of their length since 1970-01-01T00:00:00Z, so a day is a UTC day. Within each window the limit is
/// exact, and a caller knows when the next one begins. In any span of the same length that crosses a boundary, a caller can use
/// up to twice the limit.
///
/// ```
/// use upsign::quota::Window;
/// let noon = "2026-01-01T12:00:00Z".parse()?;
/// let number = Window::DAY.number(noon);
/// assert_eq!(Window::DAY.end(number).to_string(), "2026-01-02T00:00:00Z");
/// # Ok::<(), upsign::types::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window(NonZeroU32);

const fn seconds(seconds: u32) -> NonZeroU32 {
    match NonZeroU32::new(seconds) {
        Some(seconds) => seconds,
        None => NonZeroU32::MIN,
    }
}

impl Window {
    /// A UTC day.
    pub const DAY: Self = Self(seconds(86_400));
    /// An hour.
    pub const HOUR: Self = Self(seconds(3_600));

    /// Creates a window with a length in seconds.
    #[must_use]
    pub const fn from_secs(seconds: NonZeroU32) -> Self {
        Self(seconds)
    }

    /// Returns the length in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0.get()
    }

    /// Returns the number of the window that contains `at`.
    #[must_use]
    pub const fn number(self, at: Timestamp) -> u64 {
        // The length is not zero.
        match at.as_unix().checked_div(self.0.get() as u64) {
            Some(number) => number,
            None => 0,
        }
    }

    /// Returns the instant at which the window with this number ends and the next one begins.
    #[must_use]
    pub const fn end(self, number: u64) -> Timestamp {
        let seconds = number.saturating_add(1).saturating_mul(self.0.get() as u64);
        Timestamp::UNIX_EPOCH.saturating_add(seconds)
    }
}

/// The largest number of objects and of bytes in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limits {
    /// The largest number of objects, or `None` for any.
    pub objects: Option<u64>,
    /// The largest number of bytes, or `None` for any.
    pub bytes: Option<u64>,
}

impl Limits {
    /// Creates limits. Values above [`MAX_AMOUNT`] become [`MAX_AMOUNT`].
    #[must_use]
    pub fn new(objects: Option<u64>, bytes: Option<u64>) -> Self {
        let most = |value: Option<u64>| value.map(|value| value.min(MAX_AMOUNT));
        Self { objects: most(objects), bytes: most(bytes) }
    }
}

/// Which uploads a limit counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuotaScope {
    /// The uploads of all routes together.
    AllRoutes,
    /// The uploads of one route; `None` is the route without a name.
    Route(Option<RouteName>),
}

impl QuotaScope {
    pub(super) fn contains(&self, route: Option<&str>) -> bool {
        match self {
            Self::AllRoutes => true,
            Self::Route(name) => name.as_ref().map(RouteName::as_str) == route,
        }
    }
}

/// `all` or the route, as the keys of a store contain it. A name of a route contains neither `*` nor `-` alone.
impl Display for QuotaScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllRoutes => f.write_str("*"),
            Self::Route(None) => f.write_str("/"),
            Self::Route(Some(name)) => write!(f, "/{}", name.as_str()),
        }
    }
}

/// One limit of a quota.
///
/// ```
/// use upsign::quota::{QuotaLimit, Window};
/// // 20 uploads a day over all routes, of which at most 5 through the route `videos`.
/// let limits = [
///     QuotaLimit::for_all_routes(Window::DAY).with_objects(20),
///     QuotaLimit::for_route(Some("videos".parse()?), Window::DAY).with_objects(5),
/// ];
/// # Ok::<(), upsign::InvalidRouteName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaLimit {
    /// The uploads that are counted.
    pub scope: QuotaScope,
    /// The span of time.
    pub window: Window,
    /// The largest amounts.
    pub max: Limits,
}

impl QuotaLimit {
    /// Creates a limit that counts the uploads of all routes together and permits any amount.
    #[must_use]
    pub fn for_all_routes(window: Window) -> Self {
        Self { scope: QuotaScope::AllRoutes, window, max: Limits::default() }
    }

    /// Creates a limit that counts the uploads of one route, by its name, and permits any amount.
    #[must_use]
    pub fn for_route(name: Option<RouteName>, window: Window) -> Self {
        Self { scope: QuotaScope::Route(name), window, max: Limits::default() }
    }

    /// Sets the largest number of objects in a window.
    #[must_use]
    pub fn with_objects(self, objects: u64) -> Self {
        Self { max: Limits::new(Some(objects), self.max.bytes), ..self }
    }

    /// Sets the largest number of bytes in a window.
    #[must_use]
    pub fn with_bytes(self, bytes: u64) -> Self {
        Self { max: Limits::new(self.max.objects, Some(bytes)), ..self }
    }
}
