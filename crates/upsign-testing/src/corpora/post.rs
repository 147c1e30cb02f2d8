//! Forms that an SDK presigned.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::ClientOptions;
use super::form::Form;
use super::{Comparison, Keys};

/// The input of a form, and the form that an SDK presigned for it.
#[derive(Clone, Debug, Deserialize)]
pub struct PostRow {
    /// The name of the row, such as `boto3post-003-key`.
    pub id: String,
    bucket: String,
    key: String,
    fields: Option<Value>,
    conditions: Option<Value>,
    client: Value,
    credentials: Keys,
    now: String,
    expires: i64,
    expected: Option<Expected>,
    #[serde(default)]
    fields_without_condition: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Expected {
    url: String,
    fields: Map<String, Value>,
    policy: Value,
}

impl PostRow {
    /// Returns the form as a line for `upsign post --batch`.
    #[must_use]
    pub fn line(&self) -> Value {
        let options = ClientOptions::of(&self.client);
        json!({
            "id": self.id,
            "bucket": self.bucket,
            "key": self.key,
            "fields": self.fields,
            "conditions": self.conditions,
            "region": options.region,
            "endpoint": options.line(),
            "expires_in": self.expires,
            "at": self.now,
            "credentials": self.credentials.line(),
            "style": if self.id.starts_with("js") { "js" } else { "boto3" },
        })
    }

    /// Compares an answer of `upsign post --batch` with the form of the SDK.
    #[must_use]
    pub fn compare(&self, answer: &Value) -> Comparison {
        let refused = answer.get("error");
        match (&self.expected, refused) {
            (None, Some(_)) => Comparison::Refused,
            (None, None) => Comparison::Equivalent,
            (Some(_), Some(_)) if self.may_be_refused() => Comparison::Refused,
            (Some(_), Some(error)) => Comparison::Wrong(format!("refused: {error}")),
            (Some(expected), None) => self.compare_signed(expected, answer).unwrap_or_else(Comparison::Wrong),
        }
    }

    fn may_be_refused(&self) -> bool {
        let file_name = "${filename}";
        self.key.bytes().any(|byte| byte.is_ascii_control())
            || self.key.split('/').any(|segment| ["", ".", ".."].contains(&segment))
            || !(1..=604_800).contains(&self.expires)
            || self.key.strip_suffix(file_name).unwrap_or(&self.key).contains(file_name)
    }

    fn compare_signed(&self, expected: &Expected, answer: &Value) -> Result<Comparison, String> {
        let url = answer["url"].as_str().unwrap_or_default();
        if !self.is_same_endpoint(url, &expected.url) {
            return Err(format!("url {url} is not {}", expected.url));
        }
        let (made, wanted) =
            (Form::of(&answer["fields"])?, Form::of(&Value::Object(expected.fields.clone()))?);
        if !made.is_signed(&self.credentials.secret_access_key) {
            return Err("the signature does not verify".into());
        }
        let policy = made.policy()?;
        if policy["expiration"] != expected.policy["expiration"] {
            return Err(format!("it expires at {}", policy["expiration"]));
        }
        let (conditions, expected_conditions) = (made.conditions()?, Form::conditions_of(&expected.policy)?);
        if let Some(lost) = expected_conditions.difference(&conditions).next() {
            return Err(format!("the condition {lost:?} is missing"));
        }
        if let Some(name) = made.uncovered()? {
            return Err(format!("the field {name} is covered by no condition"));
        }
        // Other fields must be equal. A field that boto3 leaves without a condition must have one.
        if made.given() != wanted.given() {
            return Err(format!("the fields are {:?}", made.given()));
        }
        let all_covered = self.fields_without_condition.iter().all(|name| made.covers(name));
        let same = answer["fields"].as_object() == Some(&expected.fields) && url == expected.url;
        Ok(if same && all_covered { Comparison::Identical } else { Comparison::Equivalent })
    }

    fn is_same_endpoint(&self, url: &str, expected: &str) -> bool {
        let (url, expected) = (url.trim_end_matches('/'), expected.trim_end_matches('/'));
        let (scheme, rest) = expected.split_once("://").unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let regional = format!("{scheme}://{}/{path}", ClientOptions::of(&self.client).regional(host));
        url == expected || url == regional.trim_end_matches('/')
    }
}
