//! Adds a statement to the policy of a bucket, without changing the rest of it.

use serde_json::Value;
use upsign_documents::{IamPolicy, IamStatement};

use super::{Revocation, RevocationError};

/// The longest policy of a bucket that S3 takes: 20 KB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-iam-policies.html>.
pub const MAX_POLICY_BYTES: usize = 20 * 1024;

pub(super) fn merged(revocation: &Revocation, present: &str) -> Result<String, RevocationError> {
    let mut policy = read(present)?;
    let added = as_value(&revocation.statement);
    let statements = policy.get_mut("Statement").ok_or(RevocationError::Policy)?;
    if statements.is_object() {
        *statements = Value::Array(vec![statements.take()]);
    }
    let statements = statements.as_array_mut().ok_or(RevocationError::Policy)?;
    if !statements.contains(&added) {
        let added = with_free_id(added, statements);
        statements.push(added);
    }
    let bytes = policy.to_string().len();
    if bytes > MAX_POLICY_BYTES {
        return Err(RevocationError::TooLong { bytes });
    }
    // White space may count as well, so a policy near the limit has none.
    let indented = format!("{policy:#}\n");
    Ok(if indented.len() > MAX_POLICY_BYTES { policy.to_string() } else { indented })
}

/// Reads a policy, or the answer of `get-bucket-policy` that contains it.
fn read(text: &str) -> Result<Value, RevocationError> {
    let value: Value = serde_json::from_str(text).map_err(|_| RevocationError::Policy)?;
    let policy = match value.get("Policy").and_then(Value::as_str) {
        Some(inner) => serde_json::from_str(inner).map_err(|_| RevocationError::Policy)?,
        None => value,
    };
    let has_statements = policy.get("Statement").is_some_and(|it| it.is_array() || it.is_object());
    if has_statements { Ok(policy) } else { Err(RevocationError::Policy) }
}

/// Two URLs that end at the same second have different statements, and ids are unique in a policy.
fn with_free_id(mut statement: Value, present: &[Value]) -> Value {
    let id = statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_used = |id: &str| present.iter().any(|it| it.get("Sid").and_then(Value::as_str) == Some(id));
    let numbered = (2_u32..).map(|number| format!("{id}No{number}"));
    if let Some(free) = std::iter::once(id.clone()).chain(numbered).find(|id| !is_used(id))
        && let Some(members) = statement.as_object_mut()
    {
        members.insert("Sid".to_owned(), free.into());
    }
    statement
}

/// Returns a statement as JSON.
pub(super) fn as_value(statement: &IamStatement) -> Value {
    let policy: Value =
        serde_json::from_str(&IamPolicy::new([statement.clone()]).to_json()).unwrap_or_default();
    policy.pointer("/Statement/0").cloned().unwrap_or_default()
}
