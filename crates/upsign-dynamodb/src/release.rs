//! The ends of reservations: settled, released, expired.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use upsign::quota::{ObjectMark, QuotaAccount, Reservation, ReservationId};

use crate::error::{CallError, Reason};
use crate::items::{Stored, key, number, reservation_item, text, with};
use crate::retry::Step;

/// Reservations that one transaction subtracts. With their counters they stay below the 100 items of a transaction
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const AT_ONCE: usize = 25;

/// Returns a reservation.
pub(crate) async fn find(
    step: &Step<'_>,
    account: QuotaAccount,
    id: ReservationId,
) -> Result<Option<Stored>, CallError> {
    let body = json!({
        "TableName": step.table,
        "Key": key(account, &reservation_item(id)),
        "ConsistentRead": true,
    });
    let answer = step.call("GetItem", &body).await?;
    match answer.get("Item") {
        Some(item) => Stored::read(item).map(Some).ok_or(CallError::Malformed),
        None => Ok(None),
    }
}

/// Replaces the reserved bytes of an open reservation. Returns `false` if another process has ended it in the meantime.
pub(crate) async fn settle_open(
    step: &Step<'_>,
    upload: &Reservation,
    stored: &Stored,
    object: ObjectMark,
) -> Result<bool, CallError> {
    let difference = i128::from(upload.bytes) - i128::from(stored.bytes);
    let settle = json!({ "Update": {
        "TableName": step.table,
        "Key": key(upload.account, &stored.item),
        "UpdateExpression": "SET #state = :settled, #object = :object, #expires = :expires",
        "ConditionExpression": "#state = :open",
        "ExpressionAttributeNames": { "#state": "state", "#object": "object", "#expires": "expires" },
        "ExpressionAttributeValues": {
            ":open": text("o"), ":settled": text("s"), ":object": text(object.to_string()),
            ":expires": number(stored.expires.max(upload.keep_until().as_unix())),
        },
    }});
    let counters = stored.counters.iter().filter(|_| difference != 0);
    let changes = counters.map(|counter| (counter.as_str(), (0, difference))).collect();
    Ok(matches!(end_once(step, upload.account, &[settle], changes).await?, Ended::Done))
}

/// Subtracts an open reservation.
pub(crate) async fn release(
    step: &Step<'_>,
    account: QuotaAccount,
    id: ReservationId,
) -> Result<(), CallError> {
    match find(step, account, id).await? {
        Some(stored) if stored.is_open => subtract(step, account, &[stored]).await,
        _ => Ok(()),
    }
}

/// Removes an expired reservation, and what it still counts.
pub(crate) async fn forget(step: &Step<'_>, account: QuotaAccount, stored: &Stored) -> Result<(), CallError> {
    if stored.counts_until_forgotten() {
        return subtract(step, account, std::slice::from_ref(stored)).await;
    }
    let body = json!({
        "TableName": step.table,
        "Key": key(account, &stored.item),
        "ConditionExpression": "#until <= :now",
        "ExpressionAttributeNames": { "#until": "until" },
        "ExpressionAttributeValues": { ":now": number(step.at.as_unix()) },
    });
    match step.call("DeleteItem", &body).await {
        Ok(_) | Err(CallError::Condition(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Subtracts the open reservations of an account that have expired, and returns how many there were.
pub(crate) async fn release_expired(step: &Step<'_>, account: QuotaAccount) -> Result<usize, CallError> {
    let query = json!({
        "TableName": step.table,
        "KeyConditionExpression": "#account = :account AND begins_with(#item, :reservations)",
        "FilterExpression": "#until <= :now AND #state = :open AND #keep = :no",
        "ExpressionAttributeNames": {
            "#account": "account", "#item": "item", "#until": "until", "#state": "state", "#keep": "keep",
        },
        "ExpressionAttributeValues": {
            ":account": text(account.to_string()),
            ":reservations": text("r#"),
            ":now": number(step.at.as_unix()),
            ":open": text("o"),
            ":no": { "BOOL": false },
        },
        "ConsistentRead": true,
    });
    let (mut released, mut body) = (0, query.clone());
    loop {
        let page = step.call("Query", &body).await?;
        let items = page.get("Items").and_then(Value::as_array).ok_or(CallError::Malformed)?;
        let expired: Vec<Stored> =
            items.iter().map(Stored::read).collect::<Option<_>>().ok_or(CallError::Malformed)?;
        for some in expired.chunks(AT_ONCE) {
            subtract_all(step, account, some).await?;
        }
        released += expired.len();
        let Some(last) = page.get("LastEvaluatedKey").filter(|last| !last.is_null()) else {
            return Ok(released);
        };
        body = with(query.clone(), "ExclusiveStartKey", last.clone());
    }
}

/// Subtracts several reservations in one transaction, or one by one if another process ends one of them at the same time.
async fn subtract_all(
    step: &Step<'_>,
    account: QuotaAccount,
    reservations: &[Stored],
) -> Result<(), CallError> {
    step.check_time()?;
    let body = deletions(step, account, reservations);
    match end_once(step, account, &body, sums(reservations)).await? {
        Ended::Done => Ok(()),
        Ended::Changed => {
            for one in reservations {
                subtract(step, account, std::slice::from_ref(one)).await?;
            }
            Ok(())
        }
    }
}

async fn subtract(step: &Step<'_>, account: QuotaAccount, reservations: &[Stored]) -> Result<(), CallError> {
    end(step, account, &deletions(step, account, reservations), sums(reservations)).await
}

fn deletions(step: &Step<'_>, account: QuotaAccount, reservations: &[Stored]) -> Vec<Value> {
    let delete = |stored: &Stored| {
        json!({ "Delete": {
            "TableName": step.table,
            "Key": key(account, &stored.item),
            "ConditionExpression": "#state = :open",
            "ExpressionAttributeNames": { "#state": "state" },
            "ExpressionAttributeValues": { ":open": text("o") },
        }})
    };
    reservations.iter().map(delete).collect()
}

/// What is added to each counter: objects and bytes.
type Changes<'a> = BTreeMap<&'a str, (i128, i128)>;

fn sums(reservations: &[Stored]) -> Changes<'_> {
    let mut changes = Changes::new();
    for stored in reservations {
        for counter in &stored.counters {
            let (objects, bytes) = changes.entry(counter).or_default();
            *objects -= 1;
            *bytes -= i128::from(stored.bytes);
        }
    }
    changes
}

/// Whether the reservations were still open.
enum Ended {
    Done,
    /// Another process has ended one of them. Nothing was changed.
    Changed,
}

/// Ends reservations that another process may have ended in the meantime, in which case there is nothing to do.
async fn end(
    step: &Step<'_>,
    account: QuotaAccount,
    reservations: &[Value],
    changes: Changes<'_>,
) -> Result<(), CallError> {
    end_once(step, account, reservations, changes).await.map(|_| ())
}

/// Ends reservations and changes their counters. Counters whose window has ended may be missing; they are left out.
async fn end_once(
    step: &Step<'_>,
    account: QuotaAccount,
    reservations: &[Value],
    mut changes: Changes<'_>,
) -> Result<Ended, CallError> {
    loop {
        step.check_time()?;
        let updates = changes.iter().map(|(counter, change)| add(step.table, account, counter, *change));
        let items: Vec<Value> = reservations.iter().cloned().chain(updates).collect();
        let reasons = match step.call("TransactWriteItems", &json!({ "TransactItems": items })).await {
            Ok(_) => return Ok(Ended::Done),
            Err(CallError::Canceled(reasons)) if reasons.iter().any(Reason::is_condition) => reasons,
            Err(error) => return Err(error),
        };
        let (of_reservations, of_counters) =
            reasons.split_at_checked(reservations.len()).ok_or(CallError::Malformed)?;
        if of_reservations.iter().any(Reason::is_condition) {
            return Ok(Ended::Changed);
        }
        let names = changes.keys().zip(of_counters);
        let missing: BTreeSet<&str> =
            names.filter(|(_, reason)| reason.is_condition()).map(|(name, _)| *name).collect();
        changes.retain(|name, _| !missing.contains(name));
    }
}

fn add(table: &str, account: QuotaAccount, counter: &str, (objects, bytes): (i128, i128)) -> Value {
    json!({ "Update": {
        "TableName": table,
        "Key": key(account, counter),
        "UpdateExpression": "ADD #n :objects, #b :bytes",
        "ConditionExpression": "attribute_exists(#n)",
        "ExpressionAttributeNames": { "#n": "n", "#b": "b" },
        "ExpressionAttributeValues": { ":objects": number(objects), ":bytes": number(bytes) },
    }})
}
