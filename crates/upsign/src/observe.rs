//! Being told what happens.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use upsign_core::{Identity, Timestamp};

use crate::UploadGrant;

/// Told of every grant and every refusal, by every door: for metrics, audit trails, a row in a database.
///
/// It is called in line: hand on what takes time.
pub trait UploadObserver: Debug + Send + Sync {
    /// A grant was issued. It is a secret: keep its key and its end, not its URL.
    fn granted(&self, told: &Granted<'_>) {
        let _ = told;
    }

    /// A request was refused, or could not be served.
    fn refused(&self, told: &Refused) {
        let _ = told;
    }
}

impl<T: UploadObserver + ?Sized> UploadObserver for Box<T> {
    fn granted(&self, told: &Granted<'_>) {
        (**self).granted(told);
    }

    fn refused(&self, told: &Refused) {
        (**self).refused(told);
    }
}

impl<T: UploadObserver + ?Sized> UploadObserver for Arc<T> {
    fn granted(&self, told: &Granted<'_>) {
        (**self).granted(told);
    }

    fn refused(&self, told: &Refused) {
        (**self).refused(told);
    }
}

/// A grant that was issued.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Granted<'a> {
    /// To whom.
    pub who: &'a Identity,
    /// On which route; none for the one without a name.
    pub route: Option<&'a str>,
    /// What.
    pub grant: &'a UploadGrant,
    /// How long the signing took, credentials included.
    pub signing: Duration,
    /// When.
    pub at: Timestamp,
}

/// A request that was refused. Holds nothing that the caller sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Who asked, where that is known.
    pub who: Option<Identity>,
    /// On which route, where that is known and there is such a route.
    pub route: Option<Box<str>>,
    /// Why: one of a fixed set of kebab-case names.
    pub code: &'static str,
    /// Whether the service failed, rather than the caller.
    pub ours: bool,
    /// When.
    pub at: Timestamp,
}

impl Refused {
    /// A refusal of a request of which nothing else is known, as a door makes it.
    #[must_use]
    pub const fn new(code: &'static str, ours: bool, at: Timestamp) -> Self {
        Self { who: None, route: None, code, ours, at }
    }

    /// The same, of a known caller.
    #[must_use]
    pub fn of(self, who: &Identity) -> Self {
        Self { who: Some(who.clone()), ..self }
    }

    /// The same, on a route.
    #[must_use]
    pub fn on(self, route: Option<&str>) -> Self {
        Self { route: route.map(Into::into), ..self }
    }
}
