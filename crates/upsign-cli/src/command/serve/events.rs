//! Confirms uploads by the events of the bucket, which arrive in a queue.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use upsign::confirm::{ConfirmReason, ConfirmState, ObjectOutcome};
use upsign::session::SessionError;
use upsign::{Clock, SystemClock, UploadService};
use upsign_axum::{Counter, InvalidMetric, Metrics};
use upsign_core::{Backoff, Presigner, error_chain};
use upsign_events::{Delivery, DeliveryOrder, EventKind, ObjectEvent, parse};
use upsign_sqs::{HandleMessage, Handled, QueueMessage, async_trait};

/// What became of one event, in the order of its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Confirmed,
    Mismatch,
    Missing,
    Rejected,
    /// The inspection or the promotion has not ended: the event is handled again.
    Pending,
    /// Nothing proves that the object was granted, so its client has to confirm it.
    Observed,
    /// A lifecycle rule has removed an object. It is announced if it was not confirmed.
    Expired,
    /// No route stores under such a key, or the event is not one about an upload.
    Ignored,
    /// The event was handled before, or a later one of the same object.
    Repeated,
    /// The store, the quota or the announcement failed: the event is handled again.
    Failed,
    /// The message is no notification of S3: it stays until the queue moves it to its dead-letter queue.
    Unreadable,
}

impl Outcome {
    const ALL: [Self; 11] = [
        Self::Confirmed,
        Self::Mismatch,
        Self::Missing,
        Self::Rejected,
        Self::Pending,
        Self::Observed,
        Self::Expired,
        Self::Ignored,
        Self::Repeated,
        Self::Failed,
        Self::Unreadable,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Mismatch => "mismatch",
            Self::Missing => "missing",
            Self::Rejected => "rejected",
            Self::Pending => "pending",
            Self::Observed => "observed",
            Self::Expired => "expired",
            Self::Ignored => "ignored",
            Self::Repeated => "repeated",
            Self::Failed => "failed",
            Self::Unreadable => "unreadable",
        }
    }

    /// Returns whether the queue has to deliver the event again.
    const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Failed | Self::Unreadable)
    }

    const fn of_state(state: ConfirmState) -> Self {
        match state {
            ConfirmState::Confirmed => Self::Confirmed,
            ConfirmState::Mismatch => Self::Mismatch,
            ConfirmState::Missing => Self::Missing,
            ConfirmState::Rejected => Self::Rejected,
            // A later version of the service may have further states that are not final.
            _ => Self::Pending,
        }
    }
}

/// Events of this many objects are remembered, in at most 12 MiB. Repetitions of others cost requests and are harmless.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4_095);
/// The pauses before an event is handled again.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_mins(15));
/// The pause after a message that is no notification. No attempt will succeed.
const UNREADABLE: Duration = Duration::from_mins(5);

/// Handles the messages of the queue that the bucket notifies.
#[derive(Debug)]
pub(super) struct EventHandler<P> {
    service: UploadService<P>,
    order: Mutex<DeliveryOrder>,
    /// In the order of [`Outcome::ALL`].
    counts: Vec<Counter>,
}

impl<P: Presigner> EventHandler<P> {
    /// Creates the handler and registers its metric.
    ///
    /// # Errors
    /// Fails if another metric has its name.
    pub(super) fn new(service: UploadService<P>, metrics: &Metrics) -> Result<Self, InvalidMetric> {
        let help = "Events of the bucket that were handled, by outcome";
        let counts =
            metrics.counters("upsign_events_total", help, "outcome", &Outcome::ALL.map(Outcome::as_str))?;
        Ok(Self { service, order: Mutex::new(DeliveryOrder::new(REMEMBERED)), counts })
    }

    fn count(&self, outcome: Outcome) {
        let index = Outcome::ALL.iter().position(|it| *it == outcome);
        if let Some(counter) = index.and_then(|index| self.counts.get(index)) {
            counter.increment();
        }
    }

    fn order(&self) -> MutexGuard<'_, DeliveryOrder> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles one event, unless it is known to be a repetition.
    ///
    /// A message that is delivered again because one of its events failed has others that succeeded, and several processes or an
    /// event of S3 that arrives twice repeat each other: the order of delivery saves the requests for those this process has seen.
    async fn handle_event(&self, event: &ObjectEvent) -> Outcome {
        let delivery = self.order().check(event);
        if matches!(delivery, Delivery::Duplicate | Delivery::Late) {
            return Outcome::Repeated;
        }
        let outcome = match self.pass_on(event).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = error_chain(&error).to_string();
                tracing::warn!(key = event.key.as_str(), error, "event not handled");
                Outcome::Failed
            }
        };
        if !outcome.is_open() && outcome != Outcome::Ignored {
            self.order().record(event);
        }
        outcome
    }

    async fn pass_on(&self, event: &ObjectEvent) -> Result<Outcome, SessionError> {
        let (object, at) = (event.object(), SystemClock.now());
        match &event.kind {
            kind if kind.is_upload() => Ok(match self.service.confirm_object(&object, at).await? {
                ObjectOutcome::Confirmed(confirmation) => {
                    let reason = confirmation.reason.map(ConfirmReason::as_str);
                    let state = confirmation.state.as_str();
                    tracing::info!(
                        key = confirmation.key.as_str(),
                        state,
                        reason,
                        "upload confirmed by event"
                    );
                    Outcome::of_state(confirmation.state)
                }
                ObjectOutcome::Observed(_) => Outcome::Observed,
                _ => Outcome::Ignored,
            }),
            EventKind::Expired { .. } => {
                self.service.expire_object(&object, at).await?;
                Ok(Outcome::Expired)
            }
            _ => Ok(Outcome::Ignored),
        }
    }
}

#[async_trait]
impl<P: Presigner> HandleMessage for EventHandler<P> {
    async fn handle(&self, message: &QueueMessage) -> Handled {
        let (id, receives) = (&*message.id, message.receive_count);
        let notification = match parse(message.body.as_bytes()) {
            Ok(notification) => notification,
            Err(error) => {
                self.count(Outcome::Unreadable);
                let error = error_chain(&error).to_string();
                tracing::error!(id, receives, error, "message in the queue of events is no notification");
                return Handled::Retry(UNREADABLE);
            }
        };
        let mut is_open = false;
        for event in notification.into_events() {
            let outcome = match event {
                Ok(event) => self.handle_event(&event).await,
                Err(record) if record.is_foreign() => Outcome::Ignored,
                Err(record) => {
                    let error = error_chain(&record).to_string();
                    tracing::error!(id, receives, error, "record of a notification cannot be read");
                    Outcome::Unreadable
                }
            };
            self.count(outcome);
            is_open |= outcome.is_open();
        }
        if is_open { Handled::Retry(BACKOFF.longest(receives)) } else { Handled::Done }
    }
}

#[cfg(test)]
mod tests;
