//! Rates of requests, without a read before the write: two conditional updates decide.

use serde_json::{Value, json};
use upsign::quota::QuotaAccount;
use upsign::{Rate, Timestamp, TooManyRequests};

use crate::error::CallError;
use crate::items::{key, number};
use crate::retry::Step;

/// One rate of one account. See [`Rate`] for the theoretical arrival time (TAT).
pub(crate) struct Count<'a> {
    pub(crate) account: QuotaAccount,
    pub(crate) kind: &'a str,
    pub(crate) rate: Rate,
}

/// Whether an update was made. Holds the TAT of the item if not, or `None` if there is no item.
type Updated = Result<(), Option<u128>>;

impl Count<'_> {
    pub(crate) async fn count(&self, step: &Step<'_>) -> Result<Result<(), TooManyRequests>, CallError> {
        let (now, latest) = (self.rate.units(step.at), self.rate.latest(step.at));
        let most = latest.saturating_sub(Rate::INTERVAL);
        loop {
            step.check_time()?;
            let tat = match self.advance(step, now, most).await? {
                Ok(()) => return Ok(Ok(())),
                Err(tat) => tat.unwrap_or_default(),
            };
            if tat < now {
                match self.begin(step, now).await? {
                    Ok(()) => return Ok(Ok(())),
                    // Another request has begun in the meantime.
                    Err(_) => continue,
                }
            }
            if let (_, Some(refused)) = self.rate.after(tat, step.at) {
                if tat > latest {
                    // The clock of the server that counted before is ahead.
                    let _ = self.cap(step, latest).await?;
                }
                return Ok(Err(refused));
            }
        }
    }

    /// Moves a TAT that is neither in the past nor too far ahead.
    async fn advance(&self, step: &Step<'_>, now: u128, most: u128) -> Result<Updated, CallError> {
        let values = json!({
            ":interval": units(Rate::INTERVAL),
            ":now": units(now),
            ":most": units(most),
            ":expires": self.expires(step.at),
        });
        self.update(step, "ADD #tat :interval SET #expires = :expires", "#tat BETWEEN :now AND :most", values)
            .await
    }

    /// Sets the TAT of a caller that is new, or idle.
    async fn begin(&self, step: &Step<'_>, now: u128) -> Result<Updated, CallError> {
        let next = now.saturating_add(Rate::INTERVAL);
        let values = json!({ ":next": units(next), ":now": units(now), ":expires": self.expires(step.at) });
        let condition = "attribute_not_exists(#tat) OR #tat < :now";
        self.update(step, "SET #tat = :next, #expires = :expires", condition, values).await
    }

    async fn cap(&self, step: &Step<'_>, latest: u128) -> Result<Updated, CallError> {
        let values = json!({ ":latest": units(latest), ":expires": self.expires(step.at) });
        self.update(step, "SET #tat = :latest, #expires = :expires", "#tat > :latest", values).await
    }

    /// An hour after the latest TAT is over, because the clock of another server may be behind.
    fn expires(&self, at: Timestamp) -> Value {
        number(self.rate.idle_at(self.rate.latest(at)).saturating_add(3_600).as_unix())
    }

    async fn update(
        &self,
        step: &Step<'_>,
        update: &str,
        condition: &str,
        values: Value,
    ) -> Result<Updated, CallError> {
        // The units of a TAT depend on the rate.
        let item = format!("t#{}#{}", self.kind, self.rate.per_minute());
        let body = json!({
            "TableName": step.table,
            "Key": key(self.account, &item),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": { "#tat": "tat", "#expires": "expires" },
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        match step.call("UpdateItem", &body).await {
            Ok(_) => Ok(Ok(())),
            Err(CallError::Condition(item)) => Ok(Err(tat_of(&item)?)),
            Err(error) => Err(error),
        }
    }
}

fn tat_of(item: &Value) -> Result<Option<u128>, CallError> {
    let Some(tat) = item.get("tat") else { return Ok(None) };
    let tat = tat.get("N").and_then(Value::as_str).and_then(|text| text.parse().ok());
    tat.map(Some).ok_or(CallError::Malformed)
}

/// A TAT has at most 22 digits; DynamoDB calculates with 38.
fn units(value: u128) -> Value {
    json!({ "N": value.to_string() })
}
