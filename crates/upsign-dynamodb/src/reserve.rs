//! Reserving an upload, and settling one.

use serde_json::{Value, json};
use upsign::quota::{Amount, ObjectMark, QuotaCounter, QuotaDenied, Reservation, Reserved, Settled};

use crate::error::{CallError, Reason};
use crate::items::{Stored, counter_item, key, number, number_of, with};
use crate::release::{find, forget, release_expired, settle_open};
use crate::retry::Step;

pub(crate) async fn reserve(
    step: &Step<'_>,
    reservation: &Reservation,
) -> Result<Result<Reserved, QuotaDenied>, CallError> {
    Ok(match add(step, reservation, None).await? {
        Ok(Added::New) => Ok(Reserved::New),
        Ok(Added::Known(_)) => Ok(Reserved::Already),
        Err(denied) => Err(denied),
    })
}

/// Settles the reservation of an upload, or makes a settled one if it was released or has expired.
pub(crate) async fn settle(
    step: &Step<'_>,
    upload: &Reservation,
    object: ObjectMark,
) -> Result<Result<Settled, QuotaDenied>, CallError> {
    let mut known = find(step, upload.account, upload.id).await?;
    loop {
        step.check_time()?;
        match known {
            Some(stored) if stored.has_expired(step.at) && !stored.is_remembered(step.at) => {
                forget(step, upload.account, &stored).await?;
            }
            Some(stored) if stored.is_open => {
                if settle_open(step, upload, &stored, object).await? {
                    return Ok(Ok(Settled::ThisObject));
                }
            }
            Some(stored) => {
                let is_same = stored.object.as_deref() == Some(object.to_string().as_str());
                return Ok(Ok(if is_same { Settled::ThisObject } else { Settled::OtherObject }));
            }
            None => match add(step, upload, Some(object)).await? {
                Ok(Added::New) => return Ok(Ok(Settled::ThisObject)),
                // Another process was faster.
                Ok(Added::Known(stored)) => {
                    known = Some(stored);
                    continue;
                }
                Err(denied) => return Ok(Err(denied)),
            },
        }
        known = find(step, upload.account, upload.id).await?;
    }
}

/// What became of a reservation that was to be added.
enum Added {
    New,
    /// There is one with this id, which has not expired, or whose object is remembered.
    Known(Stored),
}

/// Adds a reservation, open or, with an object, settled.
async fn add(
    step: &Step<'_>,
    reservation: &Reservation,
    object: Option<ObjectMark>,
) -> Result<Result<Added, QuotaDenied>, CallError> {
    let body = transaction(step.table, reservation, object);
    let mut has_released = false;
    loop {
        step.check_time()?;
        let reasons = match step.call("TransactWriteItems", &body).await {
            Ok(_) => return Ok(Ok(Added::New)),
            Err(CallError::Canceled(reasons)) if reasons.iter().any(Reason::is_condition) => reasons,
            Err(error) => return Err(error),
        };
        let (own, counters) = reasons.split_first().ok_or(CallError::Malformed)?;
        if own.is_condition() {
            match known(step, reservation, own).await? {
                Some(stored)
                    if stored.has_expired(step.at)
                        && (object.is_none() || !stored.is_remembered(step.at)) =>
                {
                    forget(step, reservation.account, &stored).await?;
                }
                Some(stored) => return Ok(Ok(Added::Known(stored))),
                // It was released in the meantime.
                None => {}
            }
            continue;
        }
        let used = used(&reservation.counters, counters);
        match reservation.check(step.at, used) {
            Err(denied) if has_released => return Ok(Err(denied)),
            Err(denied) => {
                has_released = true;
                if release_expired(step, reservation.account).await? == 0 {
                    return Ok(Err(denied));
                }
            }
            // The counter was lowered in the meantime.
            Ok(()) => {}
        }
    }
}

/// Returns the stored reservation with the same id.
async fn known(
    step: &Step<'_>,
    reservation: &Reservation,
    reason: &Reason,
) -> Result<Option<Stored>, CallError> {
    match &reason.item {
        Some(item) => Stored::read(item).map(Some).ok_or(CallError::Malformed),
        None => find(step, reservation.account, reservation.id).await,
    }
}

/// Returns what a counter has used: the item whose condition does not hold, or zero for the others, which do not deny.
fn used<'a>(
    counters: &'a [QuotaCounter],
    reasons: &'a [Reason],
) -> impl Fn(&QuotaCounter) -> Amount + use<'a> {
    move |counter| {
        let position = counters.iter().position(|known| std::ptr::eq(known, counter));
        let reason = position.and_then(|position| reasons.get(position));
        let item = reason.filter(|reason| reason.is_condition()).and_then(|reason| reason.item.as_ref());
        let amount = |name| item.and_then(|item| number_of(item, name)).unwrap_or_default();
        Amount { objects: amount("n"), bytes: amount("b") }
    }
}

/// Puts the reservation and raises its counters.
fn transaction(table: &str, reservation: &Reservation, object: Option<ObjectMark>) -> Value {
    let put = json!({ "Put": {
        "TableName": table,
        "Item": Stored::new_item(reservation, object),
        "ConditionExpression": "attribute_not_exists(#item)",
        "ExpressionAttributeNames": { "#item": "item" },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }});
    let raise = reservation.counters.iter().map(|counter| raise(table, reservation, counter));
    let items: Vec<Value> = std::iter::once(put).chain(raise).collect();
    json!({ "TransactItems": items })
}

fn raise(table: &str, reservation: &Reservation, counter: &QuotaCounter) -> Value {
    let mut values = serde_json::Map::new();
    let mut conditions = Vec::new();
    for (name, added, max) in [("n", 1, counter.max.objects), ("b", reservation.bytes, counter.max.bytes)] {
        let Some(max) = max else { continue };
        match max.checked_sub(added) {
            Some(most) => {
                conditions.push(format!("(attribute_not_exists(#{name}) OR #{name} <= :most_{name})"));
                values.insert(format!(":most_{name}"), number(most));
            }
            // It does not fit even if nothing was counted. A counter is never negative, so this condition never holds.
            None => {
                conditions.push(format!("#{name} < :zero"));
                values.insert(":zero".to_owned(), number(0));
            }
        }
    }
    let expires = counter.ends_at().saturating_add(counter.window.as_secs().into());
    for (name, value) in
        [(":one", number(1)), (":bytes", number(reservation.bytes)), (":expires", number(expires.as_unix()))]
    {
        values.insert(name.to_owned(), value);
    }
    let update = json!({
        "TableName": table,
        "Key": key(reservation.account, &counter_item(counter)),
        "UpdateExpression": "ADD #n :one, #b :bytes SET #expires = :expires",
        "ExpressionAttributeNames": { "#n": "n", "#b": "b", "#expires": "expires" },
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let update = match conditions.as_slice() {
        [] => update,
        conditions => with(update, "ConditionExpression", conditions.join(" AND ").into()),
    };
    json!({ "Update": update })
}
