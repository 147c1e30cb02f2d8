//! The policy of a form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use upsign_core::Timestamp;
use upsign_json::{Json, Limits, read};

use crate::form::NotASignedForm;
use crate::url::time;

/// A condition of a policy.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormCondition {
    /// The field must have this value.
    Exact {
        /// The name of the field, without `$`.
        name: Box<str>,
        /// The value.
        value: Box<str>,
    },
    /// The value of the field must begin with this text. An empty text allows every value.
    StartsWith {
        /// The name of the field, without `$`.
        name: Box<str>,
        /// The text.
        prefix: Box<str>,
    },
    /// The file must have a size in this range, in bytes.
    Length {
        /// The smallest size.
        min: u64,
        /// The largest size.
        max: u64,
    },
}

impl FormCondition {
    /// Returns the name of the field, or `None` for the size of the file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Exact { name, .. } | Self::StartsWith { name, .. } => Some(name),
            Self::Length { .. } => None,
        }
    }
}

impl std::fmt::Debug for FormCondition {
    /// Shows the name only: one condition repeats the session token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FormCondition").field(&self.name().unwrap_or("content-length-range")).finish()
    }
}

/// A decoded policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPolicy {
    expires_at: Option<Timestamp>,
    conditions: Vec<FormCondition>,
    /// Conditions that have none of the documented forms.
    unread: usize,
}

/// Policies have a few hundred bytes; a session token in one of the conditions adds up to 4 KB.
const LIMITS: Limits = Limits::new(64 * 1024, 6);

impl FormPolicy {
    pub(crate) fn read(encoded: &str) -> Result<Self, NotASignedForm> {
        let compact: String = encoded.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(compact).map_err(|_| NotASignedForm::PolicyEncoding)?;
        let document = read(&bytes, LIMITS).map_err(|_| NotASignedForm::PolicyDocument)?;
        let object = document.as_object().ok_or(NotASignedForm::PolicyDocument)?;
        let listed =
            object.get("conditions").and_then(Json::as_array).ok_or(NotASignedForm::PolicyDocument)?;
        let expires_at = object.get("expiration").and_then(Json::as_str).and_then(time::iso);
        let mut conditions = Vec::new();
        let mut unread = 0;
        for condition in listed {
            let before = conditions.len();
            read_condition(condition, &mut conditions);
            unread += usize::from(conditions.len() == before);
        }
        Ok(Self { expires_at, conditions, unread })
    }

    /// Returns the instant from which the store refuses the form, or `None` if the policy does not say it in a valid form.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the conditions in order.
    #[must_use]
    pub fn conditions(&self) -> &[FormCondition] {
        &self.conditions
    }

    /// Returns the value that a field must have.
    #[must_use]
    pub fn exact(&self, wanted: &str) -> Option<&str> {
        self.conditions.iter().find_map(|condition| match condition {
            FormCondition::Exact { name, value } if name.eq_ignore_ascii_case(wanted) => Some(&**value),
            _ => None,
        })
    }

    /// Returns the sizes that the file may have: the intersection of all ranges, or `None` without one.
    #[must_use]
    pub fn length(&self) -> Option<(u64, u64)> {
        let ranges = self.conditions.iter().filter_map(|condition| match condition {
            FormCondition::Length { min, max } => Some((*min, *max)),
            _ => None,
        });
        ranges.reduce(|one, other| (one.0.max(other.0), one.1.min(other.1)))
    }

    /// Returns how many conditions have none of the documented forms.
    #[must_use]
    pub const fn unread_conditions(&self) -> usize {
        self.unread
    }
}

fn read_condition(condition: &Json<'_>, conditions: &mut Vec<FormCondition>) {
    if let Some(object) = condition.as_object() {
        for (name, value) in object {
            let value = match value {
                Json::String(text) => text.to_string(),
                Json::Number(number) => number.text().to_owned(),
                _ => continue,
            };
            conditions.push(FormCondition::Exact { name: name.into(), value: value.into() });
        }
        return;
    }
    let Some([operator, first, second]) = condition.as_array() else { return };
    let Some(operator) = operator.as_str() else { return };
    if operator.eq_ignore_ascii_case("content-length-range") {
        if let (Some(min), Some(max)) = (bytes(first), bytes(second)) {
            conditions.push(FormCondition::Length { min, max });
        }
        return;
    }
    let (Some(name), Some(value)) = (first.as_str(), second.as_str()) else { return };
    let name = name.strip_prefix('$').unwrap_or(name).into();
    if operator.eq_ignore_ascii_case("eq") {
        conditions.push(FormCondition::Exact { name, value: value.into() });
    } else if operator.eq_ignore_ascii_case("starts-with") {
        conditions.push(FormCondition::StartsWith { name, prefix: value.into() });
    }
}

/// A size, which some libraries write as text.
fn bytes(value: &Json<'_>) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
