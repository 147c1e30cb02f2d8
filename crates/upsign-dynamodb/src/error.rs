//! Errors of the store.

use std::time::Duration;

use serde_json::Value;
use upsign::types::CredentialsError;

/// The reason why a call failed: the source of a `QuotaStoreError`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("there are no credentials to sign the call with")]
    Credentials(#[from] CredentialsError),
    #[error("DynamoDB does not answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("DynamoDB did not answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    #[error("DynamoDB answered {status} {code}: {message}")]
    Refused { status: u16, code: Box<str>, message: Box<str> },
    /// A transaction had no effect.
    #[error("DynamoDB canceled the transaction: {}", codes(.0))]
    Canceled(Vec<Reason>),
    /// The condition of a single write does not hold. Holds the item.
    #[error("the item has changed")]
    Condition(Value),
    #[error("the answer of DynamoDB is not that of the operation")]
    Malformed,
}

/// Why an item of a transaction could not be written.
#[derive(Debug)]
pub(crate) struct Reason {
    pub(crate) code: Box<str>,
    /// The item whose condition does not hold, if it exists.
    pub(crate) item: Option<Value>,
}

impl Reason {
    pub(crate) fn is_condition(&self) -> bool {
        &*self.code == "ConditionalCheckFailed"
    }
}

fn codes(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| &*reason.code).collect::<Vec<_>>().join(", ")
}

/// Codes after which the same call can succeed soon.
///
/// Sources: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
const TEMPORARY: [&str; 11] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl CallError {
    /// Whether the same call can succeed soon. Every call can be repeated: its conditions do not hold if it had an effect.
    pub(crate) fn retry_may_help(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::Timeout(_) => true,
            Self::Refused { status, code, .. } => {
                *status == 429 || *status >= 500 || TEMPORARY.contains(&&**code)
            }
            Self::Canceled(reasons) => {
                let fails = |reason: &&Reason| &*reason.code != "None";
                reasons.iter().filter(fails).all(|reason| TEMPORARY.contains(&&*reason.code))
            }
            Self::Credentials(_) | Self::Condition(_) | Self::Malformed => false,
        }
    }

    /// Reads an answer with another status than 200.
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = answer.get("__type").and_then(Value::as_str).unwrap_or("UnknownError");
        let code = code.rsplit('#').next().unwrap_or_default();
        match code {
            "TransactionCanceledException" => match reasons(&answer) {
                Some(reasons) => Self::Canceled(reasons),
                None => Self::Malformed,
            },
            "ConditionalCheckFailedException" => {
                Self::Condition(answer.get("Item").cloned().unwrap_or_default())
            }
            code => {
                let message = ["message", "Message"].into_iter().find_map(|name| answer.get(name)?.as_str());
                Self::Refused { status, code: short(code), message: short(message.unwrap_or("no message")) }
            }
        }
    }
}

fn reasons(answer: &Value) -> Option<Vec<Reason>> {
    let reason = |reason: &Value| {
        Some(Reason { code: reason.get("Code")?.as_str()?.into(), item: reason.get("Item").cloned() })
    };
    answer.get("CancellationReasons")?.as_array()?.iter().map(reason).collect()
}

/// Returns a text for the log: no control characters, and at most 300 characters.
fn short(text: &str) -> Box<str> {
    text.chars().filter(|c| !c.is_control()).take(300).collect::<String>().into()
}
