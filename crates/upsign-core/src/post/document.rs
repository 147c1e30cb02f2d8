//! The policy documents of a form, as JSON: one in the order of boto3, one in that of Google's libraries.
//!
//! The store rejects a form that contains a field without a condition, so the document has at least one condition for every
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
        let mut out = format!(r#"{{"expiration":"{expires_at}","conditions":"#);
        self.push_conditions(&mut out, &conditions);
        out.push('}');
        out
    }

    /// Returns the policy document for Google Cloud Storage: conditions first, fields sorted by name, then bucket and key and
    /// the fields of the signature.
    ///
    /// Source: `generate_signed_post_policy_v4` of google-cloud-storage for Python, whose bytes these are.
    pub(crate) fn google_document(&self, signing_fields: &[(&str, &str)], expires_at: Timestamp) -> String {
        let mut conditions: Vec<Condition> = self.conditions().to_vec();
        let has_condition = |name: &str| self.conditions().iter().any(|condition| condition.applies_to(name));
        let fields = self.fields_by_name().into_iter().filter(|(name, _)| !has_condition(name));
        conditions.extend(fields.map(|(name, value)| Condition::of_field(name, value)));
        let signing = signing_fields.iter().map(|(name, value)| Condition::exact(name, value));
        for condition in [self.bucket_condition(), self.key_condition()].into_iter().chain(signing) {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let mut out = r#"{"conditions":"#.to_owned();
        self.push_conditions(&mut out, &conditions);
        out.push_str(&format!(r#","expiration":"{expires_at}"}}"#));
        out
    }

    /// Returns the fields that were added, sorted by name.
    pub(crate) fn fields_by_name(&self) -> Vec<(&str, &str)> {
        let mut fields: Vec<_> = self.fields().collect();
        fields.sort_unstable();
        fields
    }

    fn push_conditions(&self, out: &mut String, conditions: &[Condition]) {
        let (min, max) = (self.length().min(), self.length().max());
        out.push_str(&format!(r#"[["content-length-range",{min},{max}]"#));
        for condition in conditions {
            out.push(',');
            push_condition(out, condition);
        }
        out.push(']');
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
