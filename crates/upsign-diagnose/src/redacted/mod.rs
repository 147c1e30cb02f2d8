//! Text that may be shown: signatures and tokens are shortened, headers that authenticate are removed.

mod names;
mod token;
mod value;

use std::fmt;

use names::{REMOVED, shorten};
use token::{Run, bare_token};
use value::{encoded, secret_value, userinfo, word};

/// Quoted text without secrets. Everything that this crate quotes from its input has this type.
///
/// [`Redacted::new`] removes what lets somebody else use a request, wherever it is in the text – in a URL, a header, JSON, XML, HTML
/// or a command of curl:
///
/// - Signatures and session tokens are shortened to their first four characters, so that two can be compared by eye.
/// - The values of `Authorization`, `Proxy-Authorization`, `Cookie` and `Set-Cookie` are removed.
/// - `StringToSignBytes` and `CanonicalRequestBytes` of an error of S3 repeat the session token in hexadecimal: only their length is
///   left.
/// - JSON Web Tokens, session tokens of AWS without a name, and passwords in URLs are shortened as well.
///
/// ```
/// use upsign_diagnose::Redacted;
/// let shown = Redacted::new("?X-Amz-Expires=900&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835");
/// assert_eq!(shown.as_str(), "?X-Amz-Expires=900&X-Amz-Signature=aeee…");
/// assert_eq!(Redacted::new("> Authorization: Bearer abc").as_str(), "> Authorization: [removed]");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Redacted(Box<str>);

impl Redacted {
    /// Removes the secrets from a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut shown = String::with_capacity(text.len());
        let (mut rest, mut run) = (text, Run::default());
        while !rest.is_empty() {
            let read = step(rest, &mut shown, &mut run);
            rest = rest.get(read..).unwrap_or_default();
            run = run.after(read);
        }
        Self(shown.into())
    }

    /// Shortens a text that is a secret as a whole, such as a signature.
    #[must_use]
    pub fn secret(text: &str) -> Self {
        Self(shorten(text).into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Redacted {
    /// Writes the text in quotation marks, as that of a string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for Redacted {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Appends the next part of `rest` without its secret, and returns how many bytes of `rest` that was: at least one.
fn step(rest: &str, shown: &mut String, run: &mut Run) -> usize {
    if let Some(hidden) = userinfo(rest, shown) {
        shown.push_str(REMOVED);
        return hidden;
    }
    let word = word(rest);
    if word == 0 {
        // A percent-encoded byte separates words, and so does every other character.
        let len = encoded(rest).or_else(|| rest.chars().next().map(char::len_utf8)).unwrap_or(1);
        shown.push_str(rest.get(..len).unwrap_or_default());
        return len;
    }
    if let Some(len) = bare_token(rest, run) {
        shown.push_str(&shorten(rest.get(..len).unwrap_or_default()));
        return len;
    }
    let (name, after) = rest.split_at_checked(word).unwrap_or((rest, ""));
    let opened = shown.chars().next_back().filter(|it| matches!(it, '"' | '\''));
    shown.push_str(name);
    let Some((value, treatment)) = secret_value(name, after, opened) else { return word };
    shown.push_str(after.get(..value.start).unwrap_or_default());
    shown.push_str(&treatment.apply(after.get(value.clone()).unwrap_or_default()));
    word + value.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Redacted::new(text).as_str(), expected);
    }

    const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835";

    #[test]
    fn signatures_and_tokens_are_shortened_in_every_notation() {
        for (before, after) in [
            ("https://b.s3.amazonaws.com/k?X-Amz-Signature=", "&x=1"),
            ("https://b.s3.amazonaws.com/k?X%2DAmz%2dSecurity-Token=", "#top"),
            ("https://x/?u=https%3A%2F%2Fb%2Fk%3FX-Amz-Signature%3D", "%26x=1"),
            ("curl -F 'X-Amz-Signature=", "' -F file=@a"),
            ("x-amz-security-token: ", "\nhost: b"),
            (r#"{"X-Amz-Signature":""#, r#"","key":"a"}"#),
            (r#"{"name": "X-Amz-Signature", "value": ""#, r#""}"#),
            (r#"<input type=hidden name="x-amz-signature" value=""#, r#"">"#),
            ("Content-Disposition: form-data; name=\"x-amz-signature\"\r\n\r\n", "\r\n--b"),
            ("<SignatureProvided>", "</SignatureProvided>"),
            ("AWS4-HMAC-SHA256 Credential=A/b, Signature=", ""),
        ] {
            check(&format!("{before}{SIGNATURE}{after}"), &format!("{before}aeee…{after}"));
        }
    }

    #[test]
    fn headers_that_authenticate_are_removed() {
        check("> authorization: AWS4 a=\"b\", c\n> host: b", "> authorization: [removed]\n> host: b");
        check(r#"-H 'cookie: a="b"; c=d' -H 'x: y'"#, "-H 'cookie: [removed]' -H 'x: y'");
        check(r#"{"name":"Cookie","value":"a=\"b\"; c"}"#, r#"{"name":"Cookie","value":"[removed]"}"#);
        check("\"authorization\": \"Bearer abc\",", "\"authorization\": \"[removed]\",");
    }

    #[test]
    fn hexadecimal_copies_are_removed() {
        check(
            "<CanonicalRequestBytes>50 55 54</CanonicalRequestBytes><RequestId>1</RequestId>",
            "<CanonicalRequestBytes>[3 bytes removed]</CanonicalRequestBytes><RequestId>1</RequestId>",
        );
        check("<StringToSignBytes>50 55", "<StringToSignBytes>[2 bytes removed]");
    }

    #[test]
    fn tokens_without_a_name_and_passwords_are_shortened() {
        let token = format!("IQoJb3JpZ2lu{}", "Q0b+/".repeat(20));
        check(&format!("token of {token} here"), "token of IQoJ… here");
        check("jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt eyJh…");
        check("http://me:pass@b.example/k", "http://[removed]@b.example/k");
        check("Bearer abcdefghijklmnopqrst", "Bearer abcd…");
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "",
            "The request signature we calculated does not match the signature you provided.",
            "content-type:image/jpeg\nhost:b.s3.amazonaws.com\n\ncontent-type;host\nUNSIGNED-PAYLOAD",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
            "grüße/日本 %zz 100%",
        ] {
            check(text, text);
        }
    }
}
