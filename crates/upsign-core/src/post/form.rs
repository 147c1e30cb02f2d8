//! A form, before and after signing.

use std::fmt;

use crate::credentials::Credentials;
use crate::post::condition::Condition;
use crate::post::policy::{PostPolicy, PostStyle};
use crate::request::lifetime::ExpiryPrecision;
use crate::time::Timestamp;

/// What a signature adds to a form, beside itself.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the fields that SigV4 defines for a form")]
pub struct PostSigningFields<'a> {
    /// `AWS4-HMAC-SHA256`.
    pub algorithm: &'a str,
    /// The access key id and the credential scope.
    pub credential: &'a str,
    /// `20130524T000000Z`.
    pub date: &'a str,
    /// The session token of temporary credentials.
    pub security_token: Option<&'a str>,
}

/// A form that lacks its signature alone: made by [`PostPolicy::to_unsigned`].
pub struct UnsignedPost {
    url: String,
    fields: Vec<(Box<str>, Box<str>)>,
    document: String,
    names: Names,
    expires_at: Timestamp,
}

/// A form, ready to be handed to whoever may send it, with the file as its last field.
///
/// `Debug` shows neither the policy nor the signature nor the session token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedPost {
    /// Where to send it, as `multipart/form-data`.
    pub url: Box<str>,
    /// Name and value of each field, in the order to send them. Whoever holds them can use them.
    pub fields: Vec<(Box<str>, Box<str>)>,
    /// From this instant on the form is refused.
    pub expires_at: Timestamp,
    /// Whether it may be refused earlier.
    pub expiry_precision: ExpiryPrecision,
}

impl PresignedPost {
    /// The same, as exact as the credentials' own end is.
    #[must_use]
    pub fn with_precision_of(self, credentials: &Credentials) -> Self {
        Self { expiry_precision: ExpiryPrecision::of(credentials), ..self }
    }
}

#[derive(Clone, Copy)]
struct Names {
    algorithm: &'static str,
    credential: &'static str,
    date: &'static str,
    security_token: &'static str,
    policy: &'static str,
    signature: &'static str,
}

impl PostStyle {
    const fn names(self) -> Names {
        match self {
            Self::Lower => Names {
                algorithm: "x-amz-algorithm",
                credential: "x-amz-credential",
                date: "x-amz-date",
                security_token: "x-amz-security-token",
                policy: "policy",
                signature: "x-amz-signature",
            },
            Self::Js => Names {
                algorithm: "X-Amz-Algorithm",
                credential: "X-Amz-Credential",
                date: "X-Amz-Date",
                security_token: "X-Amz-Security-Token",
                policy: "Policy",
                signature: "X-Amz-Signature",
            },
        }
    }
}

impl PostPolicy {
    /// The form as it is to be signed at `at`: the signature's own fields are among its fields and its conditions.
    #[must_use]
    pub fn to_unsigned(&self, signing: &PostSigningFields<'_>, at: Timestamp) -> UnsignedPost {
        let names = self.style().names();
        let mut signing_fields = vec![
            (names.algorithm, signing.algorithm),
            (names.credential, signing.credential),
            (names.date, signing.date),
        ];
        signing_fields.extend(signing.security_token.map(|token| (names.security_token, token)));
        let expires_at = at.saturating_add(u64::from(self.expires_in().as_secs()));
        let document = self.document(&signing_fields, expires_at);
        let key = self.key().to_string();
        let own = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect::<Vec<(Box<str>, Box<str>)>>()
        };
        let mut fields: Vec<(Box<str>, Box<str>)> =
            self.fields().map(|(name, value)| (name.into(), value.into())).collect();
        match self.style() {
            PostStyle::Lower => {
                fields.push(("key".into(), key.into()));
                fields.extend(own(&signing_fields));
            }
            PostStyle::Js => {
                fields.push(("bucket".into(), self.target().bucket().as_str().into()));
                fields.extend(own(&signing_fields));
                fields.push(("key".into(), key.into()));
            }
        }
        UnsignedPost { url: self.url(), fields, document, names, expires_at }
    }

    fn document(&self, signing_fields: &[(&str, &str)], expires_at: Timestamp) -> String {
        let mut conditions: Vec<Condition> = self.conditions().to_vec();
        let mut cover = |condition: Condition| {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        };
        for (name, value) in self.fields() {
            if !self.conditions().iter().any(|condition| condition.is_about(name)) {
                cover(Condition::of_field(name, value));
            }
        }
        cover(self.bucket_condition());
        signing_fields.iter().for_each(|(name, value)| cover(Condition::exact(name, value)));
        cover(self.key_condition());
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

impl UnsignedPost {
    /// The policy: compact JSON in ASCII. Its base64 form is what gets signed.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The form with its policy, in base64, and the signature of that.
    #[must_use]
    pub fn into_signed(mut self, policy: &str, signature: &str) -> PresignedPost {
        self.fields.push((self.names.policy.into(), policy.into()));
        self.fields.push((self.names.signature.into(), signature.into()));
        PresignedPost {
            url: self.url.into(),
            fields: self.fields,
            expires_at: self.expires_at,
            expiry_precision: ExpiryPrecision::Exact,
        }
    }
}

impl fmt::Debug for UnsignedPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedPost").field("url", &self.url).finish_non_exhaustive()
    }
}

impl fmt::Debug for PostSigningFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostSigningFields").field("date", &self.date).finish_non_exhaustive()
    }
}

impl fmt::Debug for PresignedPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = |name: &str| {
            ["policy", "x-amz-signature", "x-amz-security-token"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name))
        };
        let shown: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_ref(), if secret(name) { "[redacted]" } else { value.as_ref() }))
            .collect();
        f.debug_struct("PresignedPost")
            .field("url", &self.url)
            .field("fields", &shown)
            .field("expires_at", &self.expires_at)
            .field("expiry_precision", &self.expiry_precision)
            .finish()
    }
}

fn push_condition(out: &mut String, condition: &Condition) {
    match condition {
        Condition::Exact { name, value } => {
            out.push('{');
            push_text(out, name);
            out.push(':');
            push_text(out, value);
            out.push('}');
        }
        Condition::StartsWith { name, prefix } => {
            out.push_str(r#"["starts-with","#);
            push_text(out, &format!("${name}"));
            out.push(',');
            push_text(out, prefix);
            out.push(']');
        }
    }
}

/// A JSON string in ASCII: S3 wants every other character escaped.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>, "Character escaping".
fn push_text(out: &mut String, text: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::condition::LengthRange;
    use crate::request::lifetime::ExpiresIn;
    use crate::target::Target;

    const SIGNING: PostSigningFields<'_> =
        PostSigningFields { algorithm: "A", credential: "C", date: "D", security_token: Some("T") };

    fn policy(key: &str) -> PostPolicy {
        let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
        let size = LengthRange::new(1, 10).unwrap();
        PostPolicy::new(target, key.parse().unwrap(), size, ExpiresIn::from_secs(60).unwrap())
    }

    fn form(policy: &PostPolicy) -> UnsignedPost {
        policy.to_unsigned(&SIGNING, "2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_field_is_covered_once() {
        let policy = policy("u/${filename}")
            .with_condition(Condition::starts_with("Content-Type", "image/"))
            .and_then(|policy| policy.with_field("content-type", "image/png"))
            .and_then(|policy| policy.with_field("x-amz-meta-name", "é\"\\\u{2028}📷"))
            .and_then(|policy| policy.with_field("x-amz-meta-file", "a ${filename}"))
            .and_then(|policy| policy.with_condition(Condition::exact("bucket", "abc")))
            .unwrap();
        let form = form(&policy);
        assert_eq!(
            form.document(),
            concat!(
                r#"{"expiration":"2026-01-01T00:01:00Z","conditions":[["content-length-range",1,10],"#,
                r#"["starts-with","$Content-Type","image/"],{"bucket":"abc"},"#,
                r#"{"x-amz-meta-name":"\u00e9\"\\\u2028\ud83d\udcf7"},["starts-with","$x-amz-meta-file","a "],"#,
                r#"{"x-amz-algorithm":"A"},{"x-amz-credential":"C"},{"x-amz-date":"D"},{"x-amz-security-token":"T"},"#,
                r#"["starts-with","$key","u/"]]}"#
            )
        );
    }

    #[test]
    fn two_styles() {
        let names = |style| {
            let post = form(&policy("k").with_style(style)).into_signed("P", "S");
            let pairs = post.fields.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            names(PostStyle::Lower),
            "key=k x-amz-algorithm=A x-amz-credential=C x-amz-date=D x-amz-security-token=T policy=P x-amz-signature=S"
        );
        assert_eq!(
            names(PostStyle::Js),
            "bucket=abc X-Amz-Algorithm=A X-Amz-Credential=C X-Amz-Date=D X-Amz-Security-Token=T key=k Policy=P X-Amz-Signature=S"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        for style in [PostStyle::Lower, PostStyle::Js] {
            let signing = PostSigningFields { security_token: Some("t0ken"), ..SIGNING };
            let form = policy("k").with_style(style).to_unsigned(&signing, Timestamp::UNIX_EPOCH);
            let before = format!("{form:?} {signing:?}");
            let post = form.into_signed("p0licy", "s1gnature");
            let text = format!("{before} {post:?} {post:#?}");
            assert!(text.contains("[redacted]") && text.contains("https://abc.s3.us-east-1.amazonaws.com/"));
            for secret in ["t0ken", "p0licy", "s1gnature"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}
