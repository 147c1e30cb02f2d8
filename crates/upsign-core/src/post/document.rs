//! The policy document of a form, as JSON.
//!
//! S3 rejects a form that contains a field without a condition, so the document has at least one condition for every
//! field.

use crate::post::condition::Condition;
use crate::post::policy::PostPolicy;
use crate::time::Timestamp;

impl PostPolicy {
    /// Returns the policy document for a form that contains `signing_fields` in addition to the fields of the policy.
    pub(crate) fn document(&self, signing_fields: &[(&str, &str)], expires_at: Timestamp) -> String {
        let mut conditions: Vec<Condition> = self.conditions().to_vec();
        let mut add = |condition: Condition| {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        };
        for (name, value) in self.fields() {
            if !self.conditions().iter().any(|condition| condition.applies_to(name)) {
                add(Condition::of_field(name, value));
            }
        }
        add(self.bucket_condition());
        signing_fields.iter().for_each(|(name, value)| add(Condition::exact(name, value)));
        add(self.key_condition());
        let (min, max) = (self.length().min(), self.length().max());
        let mut out =
            format!(r#"{{"expiration":"{expires_at}","conditions":[["content-length-range",{min},{max}]"#);
        for condition in &conditions {
            out.push(',');
            push_condition(&mut out, condition);
        }
        out.push_str("]}");
        out
    }
}

fn push_condition(out: &mut String, condition: &Condition) {
    match condition {
        Condition::Exact { name, value } => {
            out.push('{');
            push_string(out, name);
            out.push(':');
            push_string(out, value);
            out.push('}');
        }
        Condition::StartsWith { name, prefix } => {
            out.push_str(r#"["starts-with","#);
            push_string(out, &format!("${name}"));
            out.push(',');
            push_string(out, prefix);
            out.push(']');
        }
    }
}

/// Appends a JSON string in ASCII. S3 requires all other characters to be escaped.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>, "Character escaping".
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}
