//! Forms that are complete except for their signature.

use std::fmt;

use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::post::style::{FieldNames, GOOGLE_FIELD_NAMES, PostStyle};
use crate::request::lifetime::ExpiryPrecision;
use crate::time::Timestamp;

/// The form fields that describe a signature. The policy has a condition for each of them.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the fields that SigV4 defines for a form")]
pub struct PostSigningFields<'a> {
    /// The value of `x-amz-algorithm`: `AWS4-HMAC-SHA256`.
    pub algorithm: &'a str,
    /// The value of `x-amz-credential`: the access key id, a slash and the credential scope.
    pub credential: &'a str,
    /// The value of `x-amz-date`, such as `20130524T000000Z`.
    pub date: &'a str,
    /// The value of `x-amz-security-token`: the session token of temporary credentials.
    pub security_token: Option<&'a str>,
}

/// A form that is complete except for its policy and signature fields.
///
/// Signers obtain it from [`PostPolicy::to_unsigned`] or [`PostPolicy::to_unsigned_google`], sign its
/// [`document`](UnsignedPost::document), and pass the result to [`into_signed`](UnsignedPost::into_signed).
pub struct UnsignedPost {
    url: String,
    fields: Vec<(Box<str>, Box<str>)>,
    document: String,
    names: FieldNames,
    expires_at: Timestamp,
}

impl PostPolicy {
    /// Returns the form to be signed at the time `at`.
    ///
    /// The signing fields become fields of the form and conditions of its policy. Signers call this method.
    #[must_use]
    pub fn to_unsigned(&self, signing: &PostSigningFields<'_>, at: Timestamp) -> UnsignedPost {
        let names = self.style().field_names();
        let mut signing_fields = vec![
            (names.algorithm, signing.algorithm),
            (names.credential, signing.credential),
            (names.date, signing.date),
        ];
        signing_fields.extend(signing.security_token.map(|token| (names.security_token, token)));
        let expires_at = at.saturating_add(u64::from(self.expires_in().as_secs()));
        let document = self.document(&signing_fields, expires_at);
        let key = self.key().to_string();
        let mut fields = to_owned(self.fields());
        let signing_fields = signing_fields.iter().copied();
        // The order is that of boto3 and of the AWS SDK for JavaScript; their outputs are the test corpora.
        match self.style() {
            PostStyle::Lower => {
                fields.push(("key".into(), key.into()));
                fields.extend(to_owned(signing_fields));
            }
            PostStyle::Js => {
                fields.push(("bucket".into(), self.target().bucket().as_str().into()));
                fields.extend(to_owned(signing_fields));
                fields.push(("key".into(), key.into()));
            }
        }
        UnsignedPost { url: self.url(), fields, document, names, expires_at }
    }

    /// Returns the form to be signed for Google Cloud Storage at the time `at`.
    ///
    /// `algorithm` is `GOOG4-HMAC-SHA256` or `GOOG4-RSA-SHA256`, `credential` the account, a slash and the credential scope,
    /// and `date` the time of signing, such as `20130524T000000Z`. They become fields of the form and conditions of its
    /// policy. The names of these fields are Google's, whatever the [style](Self::style). Signers call this method.
    ///
    /// Source: <https://cloud.google.com/storage/docs/xml-api/post-object-forms>.
    #[must_use]
    pub fn to_unsigned_google(
        &self,
        algorithm: &str,
        credential: &str,
        date: &str,
        at: Timestamp,
    ) -> UnsignedPost {
        let names = GOOGLE_FIELD_NAMES;
        let expires_at = at.saturating_add(u64::from(self.expires_in().as_secs()));
        let [date, credential, algorithm] =
            [(names.date, date), (names.credential, credential), (names.algorithm, algorithm)];
        let document = self.google_document(&[date, credential, algorithm], expires_at);
        let mut fields = to_owned(self.fields_by_name().into_iter());
        fields.push(("key".into(), self.key().to_string().into()));
        fields.extend(to_owned([algorithm, credential, date].into_iter()));
        UnsignedPost { url: self.url(), fields, document, names, expires_at }
    }
}

fn to_owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(Box<str>, Box<str>)> {
    pairs.map(|(name, value)| (name.into(), value.into())).collect()
}

impl UnsignedPost {
    /// Returns the policy document as compact JSON in ASCII. The string to sign is its base64 encoding.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Returns the signed form.
    ///
    /// `policy` is the base64 encoding of the [`document`](UnsignedPost::document), and `signature` is the signature of
    /// that encoding in hexadecimal.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::condition::Condition;
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
    fn policy_has_one_condition_per_field() {
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
    fn google_policy_sorts_the_fields_and_ends_with_the_expiration() {
        let policy = policy("u/k")
            .with_condition(Condition::starts_with("Content-Type", "image/"))
            .and_then(|policy| policy.with_field("x-goog-meta-b", "é"))
            .and_then(|policy| policy.with_field("Content-Type", "image/png"))
            .and_then(|policy| policy.with_field("acl", "private"))
            .unwrap();
        let form = policy.to_unsigned_google("A", "C", "D", "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(
            form.document(),
            concat!(
                r#"{"conditions":[["content-length-range",1,10],["starts-with","$Content-Type","image/"],"#,
                r#"{"acl":"private"},{"x-goog-meta-b":"\u00e9"},{"bucket":"abc"},{"key":"u/k"},{"x-goog-date":"D"},"#,
                r#"{"x-goog-credential":"C"},{"x-goog-algorithm":"A"}],"expiration":"2026-01-01T00:01:00Z"}"#
            )
        );
        let post = form.into_signed("p0licy", "s1gnature");
        let names: Vec<&str> = post.fields.iter().map(|(name, _)| name.as_ref()).collect();
        let own =
            ["key", "x-goog-algorithm", "x-goog-credential", "x-goog-date", "policy", "x-goog-signature"];
        assert_eq!(names, [&["Content-Type", "acl", "x-goog-meta-b"], &own[..]].concat());
        let text = format!("{post:?}");
        assert!(!text.contains("p0licy") && !text.contains("s1gnature"), "{text}");
    }

    #[test]
    fn field_names_and_order_follow_the_style() {
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
    fn debug_hides_policy_signature_and_token() {
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
