//! Reads the conditions of a statement.

use serde_json::{Map, Value};

use super::super::operator::Test;
use super::super::pattern::Pattern;
use super::super::value::{Date, Network, number};
use super::super::{IamCondition, IamOperator, InvalidIamOperator};
use super::Reader;

impl Reader {
    pub(super) fn conditions(&mut self, value: Option<&Value>) -> Vec<IamCondition> {
        let none = Map::new();
        let operators = value.map_or(Some(&none), Value::as_object);
        if operators.is_none() {
            self.add("Condition", "not an object");
        }
        let mut out = Vec::new();
        for (name, keys) in operators.unwrap_or(&none) {
            let member = format!("Condition.{name}");
            let operator: IamOperator = match name.parse() {
                Ok(operator) => operator,
                Err(error) => {
                    let error: InvalidIamOperator = error;
                    self.add(member, error.to_string());
                    continue;
                }
            };
            let Some(keys) = keys.as_object() else {
                self.add(member, "not an object");
                continue;
            };
            for (key, values) in keys {
                let condition = self.condition(&format!("{member}.{key}"), operator, key, values);
                out.extend(condition);
            }
        }
        out
    }

    fn condition(
        &mut self,
        member: &str,
        operator: IamOperator,
        key: &str,
        values: &Value,
    ) -> Option<IamCondition> {
        let items: Vec<&Value> = match values {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let texts: Option<Vec<String>> = items.iter().map(|item| plain(item)).collect();
        let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
            self.add(member, format!("`{values}` is neither a value nor a list of values"));
            return None;
        };
        if key.is_empty() || Pattern::has_policy_variable(key) {
            self.add(member, format!("`{key}` is not a condition key"));
            return None;
        }
        for text in &texts {
            if let Some(reason) = self.unusable(operator.test, text) {
                self.add(member, format!("`{text}` {reason}"));
                return None;
            }
        }
        Some(IamCondition::new(operator, key, texts))
    }

    /// Returns why a test cannot compare with this value, or `None` if it can.
    fn unusable(&self, test: Test, text: &str) -> Option<&'static str> {
        let negates = test.negates().unwrap_or(test);
        let takes_variables = matches!(
            negates,
            Test::StringEquals
                | Test::StringEqualsIgnoreCase
                | Test::StringLike
                | Test::ArnEquals
                | Test::ArnLike
        );
        if Pattern::has_policy_variable(text) && !(takes_variables && self.has_variables) {
            return Some("has a policy variable, which IAM does not replace here");
        }
        let is_bool = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
        match negates {
            Test::Bool | Test::Null if !is_bool => Some("is neither true nor false"),
            Test::NumericEquals
            | Test::NumericLessThan
            | Test::NumericLessThanEquals
            | Test::NumericGreaterThan
            | Test::NumericGreaterThanEquals
                if number(text).is_none() =>
            {
                Some("is not a number")
            }
            Test::DateEquals
            | Test::DateLessThan
            | Test::DateLessThanEquals
            | Test::DateGreaterThan
            | Test::DateGreaterThanEquals
                if Date::parse(text).is_none() =>
            {
                Some("is not a date")
            }
            Test::IpAddress if Network::parse(text).is_none() => {
                Some("is neither an IP address nor a range of them")
            }
            Test::ArnEquals | Test::ArnLike if !Pattern::wild(text).is_arn() => {
                Some("is not an ARN: it has fewer than six parts")
            }
            _ => None,
        }
    }
}

/// Returns the text of a scalar. IAM accepts numbers and booleans without quotes.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
