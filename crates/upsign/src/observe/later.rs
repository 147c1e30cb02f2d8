//! Notifications about quotas, inspections and announcements.

use std::time::Duration;

use upsign_core::Timestamp;

use crate::announce::AnnouncementKind;

/// A decision of a quota about a requested upload.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct QuotaEvent<'a> {
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The decision.
    pub decision: QuotaDecision,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> QuotaEvent<'a> {
    /// Creates an event.
    #[must_use]
    pub const fn new(route: Option<&'a str>, decision: QuotaDecision, at: Timestamp) -> Self {
        Self { route, decision, at }
    }
}

/// What a quota decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuotaDecision {
    /// The upload was reserved within the limits.
    Granted,
    /// A limit is reached. The client receives 429.
    Denied,
    /// The store of the quota failed, and the quota fails closed. The client receives 503.
    Unavailable,
    /// The store of the quota failed, and the quota fails open: the upload is not counted.
    Skipped,
}

impl QuotaDecision {
    /// Returns the word for logs and metrics: `granted`, `denied`, `unavailable` or `skipped`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Skipped => "skipped",
        }
    }
}

/// An inspection of an uploaded object that has ended.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InspectionEvent<'a> {
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// The result.
    pub result: InspectionResult,
    /// How long the inspection took, with the calls that read the object. Zero on targets without a clock.
    pub duration: Duration,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> InspectionEvent<'a> {
    /// Creates an event.
    #[must_use]
    pub const fn new(
        route: Option<&'a str>,
        result: InspectionResult,
        duration: Duration,
        at: Timestamp,
    ) -> Self {
        Self { route, result, duration, at }
    }
}

/// How an inspection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InspectionResult {
    /// The inspector accepts the object.
    Accepted,
    /// The inspector refuses the object.
    Rejected,
    /// The inspector does not know yet and asks to be called again.
    Later,
    /// The object was replaced or deleted during the inspection.
    Changed,
    /// The inspector failed. The client receives 503.
    Unavailable,
}

impl InspectionResult {
    /// Returns the word for logs and metrics: `accepted`, `rejected`, `later`, `changed` or `unavailable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Later => "later",
            Self::Changed => "changed",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An announcement that an [`Announce`](crate::Announce) has accepted or failed to accept.
///
/// The service creates it. A test of an observer creates its own with [`new`](Self::new).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AnnouncementEvent<'a> {
    /// The name of the route, or `None` for the unnamed route.
    pub route: Option<&'a str>,
    /// What became of the upload.
    pub kind: AnnouncementKind,
    /// Whether the announcement was accepted. If not, the client receives 503, and its next request announces again.
    pub is_accepted: bool,
    /// The instant at which the request was judged.
    pub at: Timestamp,
}

impl<'a> AnnouncementEvent<'a> {
    /// Creates an event.
    #[must_use]
    pub const fn new(
        route: Option<&'a str>,
        kind: AnnouncementKind,
        is_accepted: bool,
        at: Timestamp,
    ) -> Self {
        Self { route, kind, is_accepted, at }
    }
}
