//! Items of the table, in the JSON of DynamoDB.

use serde_json::{Value, json};
use upsign::Timestamp;
use upsign::quota::{AtExpiry, ObjectMark, QuotaAccount, QuotaCounter, Reservation, ReservationId};

/// A whole number. It is sent as text.
pub(crate) fn number(value: impl Into<i128>) -> Value {
    json!({ "N": value.into().to_string() })
}

pub(crate) fn text(value: impl Into<String>) -> Value {
    json!({ "S": value.into() })
}

/// Adds a member to an object.
pub(crate) fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(name.to_owned(), value);
    }
    object
}

/// The primary key of an item.
pub(crate) fn key(account: QuotaAccount, item: &str) -> Value {
    json!({ "account": text(account.to_string()), "item": text(item) })
}

pub(crate) fn counter_item(counter: &QuotaCounter) -> String {
    format!("c#{}#{}", counter.name(), counter.number)
}

pub(crate) fn reservation_item(id: ReservationId) -> String {
    format!("r#{id}")
}

/// Returns a number of an item.
pub(crate) fn number_of(item: &Value, name: &str) -> Option<u64> {
    item.get(name)?.get("N")?.as_str()?.parse().ok()
}

fn text_of<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.get("S")?.as_str()
}

/// A reservation as it is stored.
pub(crate) struct Stored {
    /// The sort key.
    pub(crate) item: String,
    pub(crate) is_open: bool,
    /// The mark of the object with which it is settled.
    pub(crate) object: Option<Box<str>>,
    pub(crate) bytes: u64,
    /// The sort keys of the counters.
    pub(crate) counters: Vec<String>,
    until: u64,
    /// The instant after which DynamoDB may delete the item.
    pub(crate) expires: u64,
    keep: bool,
}

impl Stored {
    pub(crate) fn read(item: &Value) -> Option<Self> {
        let counters = item.get("counters")?.get("L")?.as_array()?;
        let counters = counters.iter().map(|counter| Some(counter.get("S")?.as_str()?.to_owned()));
        Some(Self {
            item: text_of(item, "item")?.to_owned(),
            is_open: text_of(item, "state")? == "o",
            object: text_of(item, "object").map(Into::into),
            bytes: number_of(item, "bytes")?,
            counters: counters.collect::<Option<_>>()?,
            until: number_of(item, "until")?,
            expires: number_of(item, "expires")?,
            keep: item.get("keep")?.get("BOOL")?.as_bool()?,
        })
    }

    /// Writes the item of a new reservation. With an object it is settled.
    pub(crate) fn new_item(reservation: &Reservation, object: Option<ObjectMark>) -> Value {
        let counters: Vec<Value> =
            reservation.counters.iter().map(|counter| text(counter_item(counter))).collect();
        let item = json!({
            "account": text(reservation.account.to_string()),
            "item": text(reservation_item(reservation.id)),
            "state": text(if object.is_some() { "s" } else { "o" }),
            "bytes": number(reservation.bytes),
            "counters": { "L": counters },
            "until": number(reservation.expires_at.as_unix()),
            "keep": { "BOOL": reservation.at_expiry == AtExpiry::Keep },
            // Later than `until`, so that an expired reservation can be subtracted before DynamoDB deletes it, and so that the
            // object of a settled one is not counted again.
            "expires": number(reservation.keep_until().as_unix()),
        });
        match object {
            Some(object) => with(item, "object", text(object.to_string())),
            None => item,
        }
    }

    pub(crate) fn has_expired(&self, at: Timestamp) -> bool {
        self.until <= at.as_unix()
    }

    /// Whether it is settled, and its object must not be counted again, although the reservation may have expired.
    pub(crate) fn is_remembered(&self, at: Timestamp) -> bool {
        !self.is_open && self.expires > at.as_unix()
    }

    /// Whether its bytes and its object are subtracted when it is forgotten.
    pub(crate) fn counts_until_forgotten(&self) -> bool {
        self.is_open && !self.keep
    }
}
