//! Recognition of events that were delivered again or late.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;

use crate::event::ObjectEvent;
use crate::sequencer::Sequencer;

/// What an event is among those that were processed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// No such event was processed, as far as is known.
    New,
    /// The event was processed.
    Duplicate,
    /// A later event of the same object was processed: this one describes an object that was replaced or deleted since.
    Late,
}

/// The sequencers of the objects whose events were processed last.
///
/// It saves work and is no guarantee: it knows only the events that this process has processed, for the given number of objects.
/// An event of unknown order is new. Versions of one key are different objects, so that every version is processed.
///
/// ```
/// use std::num::NonZeroUsize;
/// use upsign_events::{Delivery, DeliveryOrder, parse};
/// let message = br#"{"Records":[{"eventVersion":"2.6","eventSource":"aws:s3","eventTime":"2026-11-27T14:06:09.746Z",
///     "eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k","sequencer":"0A"}}}]}"#;
/// let mut order = DeliveryOrder::new(NonZeroUsize::new(10_000).unwrap());
/// for event in parse(message)?.into_events() {
///     let event = event?;
///     assert_eq!(order.check(&event), Delivery::New);
///     // Here the event is processed. If that fails, it is not recorded, and is new when the queue delivers it again.
///     order.record(&event);
///     assert_eq!(order.check(&event), Delivery::Duplicate);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeliveryOrder {
    capacity: NonZeroUsize,
    latest: HashMap<Object, Sequencer>,
    /// The keys of `latest`, the one that was added first in front.
    added: VecDeque<Object>,
}

/// Bucket, key and version.
type Object = (Box<str>, Box<str>, Option<Box<str>>);

impl DeliveryOrder {
    /// Creates an order that remembers up to `capacity` objects, which takes up to about 3 KiB of memory each: twice bucket, key and
    /// version id.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity, latest: HashMap::new(), added: VecDeque::new() }
    }

    /// Compares an event with those that were recorded.
    #[must_use]
    pub fn check(&self, event: &ObjectEvent) -> Delivery {
        let Some(sequencer) = &event.sequencer else { return Delivery::New };
        let latest = self.latest.get(&object(event));
        match latest.and_then(|latest| sequencer.order(latest)) {
            Some(Ordering::Equal) => Delivery::Duplicate,
            Some(Ordering::Less) => Delivery::Late,
            Some(Ordering::Greater) | None => Delivery::New,
        }
    }

    /// Records an event that was processed. Call it only after success. Events without a sequencer are not recorded.
    pub fn record(&mut self, event: &ObjectEvent) {
        let Some(sequencer) = event.sequencer.clone() else { return };
        if self.check(event) != Delivery::New {
            return;
        }
        let object = object(event);
        if self.latest.insert(object.clone(), sequencer).is_some() {
            return;
        }
        self.added.push_back(object);
        if self.added.len() > self.capacity.get()
            && let Some(oldest) = self.added.pop_front()
        {
            self.latest.remove(&oldest);
        }
    }
}

fn object(event: &ObjectEvent) -> Object {
    let version = event.version_id.as_ref().map(|version| Box::from(version.as_str()));
    (event.bucket.clone(), Box::from(event.key.as_str()), version)
}
