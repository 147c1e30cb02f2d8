//! Duplicates, late events, and the bound of memory.

use std::num::NonZeroUsize;

use serde_json::json;
use upsign_events::{Delivery, DeliveryOrder, ObjectEvent};

use crate::{created, event};

fn of(key: &str, sequencer: &str, version: &str) -> ObjectEvent {
    event(&created(key, &json!({"sequencer": sequencer, "versionId": version})))
}

fn order(capacity: usize) -> DeliveryOrder {
    DeliveryOrder::new(NonZeroUsize::new(capacity).unwrap())
}

#[test]
fn duplicate_and_late_events_are_recognized() {
    let mut order = order(10);
    let steps = [
        ("k", "0B", "", Delivery::New),
        ("k", "0B", "", Delivery::Duplicate),
        ("k", "0b", "", Delivery::Duplicate),
        ("k", "0A", "", Delivery::Late),
        ("k", "0C", "", Delivery::New),
        ("k", "0B", "", Delivery::Late),
        // Another object.
        ("other", "0A", "", Delivery::New),
        // Every version is an object of its own.
        ("k", "0A", "v1", Delivery::New),
        ("k", "09", "v2", Delivery::New),
        ("k", "0A", "v1", Delivery::Duplicate),
        // The order is unknown.
        ("k", "10A", "", Delivery::New),
    ];
    for (key, sequencer, version, expected) in steps {
        let event = of(key, sequencer, version);
        assert_eq!(order.check(&event), expected, "{key} {sequencer} {version}");
        order.record(&event);
    }
}

/// An event that could not be processed is delivered again, and must then be processed.
#[test]
fn event_is_new_until_it_is_recorded() {
    let mut order = order(10);
    let event = of("k", "0A", "");
    assert_eq!((order.check(&event), order.check(&event)), (Delivery::New, Delivery::New));
    order.record(&event);
    assert_eq!(order.check(&event), Delivery::Duplicate);
}

#[test]
fn event_without_sequencer_is_always_new() {
    let mut order = order(10);
    let event = of("k", "", "");
    order.record(&event);
    assert_eq!(order.check(&event), Delivery::New);
}

#[test]
fn objects_beyond_the_capacity_are_forgotten_oldest_first() {
    let mut order = order(3);
    for key in ["a", "b", "c"] {
        order.record(&of(key, "01", ""));
    }
    // A known object takes no further place.
    order.record(&of("a", "02", ""));
    assert_eq!(order.check(&of("b", "01", "")), Delivery::Duplicate);
    order.record(&of("d", "01", ""));
    let found = ["a", "b", "c", "d"].map(|key| order.check(&of(key, "01", "")));
    assert_eq!(found, [Delivery::New, Delivery::Duplicate, Delivery::Duplicate, Delivery::Duplicate]);
}
