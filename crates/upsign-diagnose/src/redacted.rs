//! Text that may be shown: signatures and tokens are shortened, headers that authenticate are removed.

use std::fmt;
use std::ops::Range;

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

/// What to do with the value of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// Keep the first characters.
    Shorten,
    /// Keep nothing, up to the end of the line or of the quoted text.
    Remove,
    /// Keep nothing, up to the end of the element.
    RemoveElement,
}

const REMOVED: &str = "[removed]";

/// Names in lower case, of query parameters, form fields, headers, and members of JSON and XML.
const NAMES: [(&str, Treatment); 33] = [
    ("x-amz-signature", Treatment::Shorten),
    ("x-amz-security-token", Treatment::Shorten),
    ("x-amz-s3session-token", Treatment::Shorten),
    ("x-amz-server-side-encryption-customer-key", Treatment::Shorten),
    ("x-amz-copy-source-server-side-encryption-customer-key", Treatment::Shorten),
    ("x-amz-cf-signature", Treatment::Shorten),
    ("x-goog-signature", Treatment::Shorten),
    ("x-goog-encryption-key", Treatment::Shorten),
    ("x-ms-encryption-key", Treatment::Shorten),
    ("signature", Treatment::Shorten),
    ("signatureprovided", Treatment::Shorten),
    ("sig", Treatment::Shorten),
    ("cloudfront-signature", Treatment::Shorten),
    ("x-api-key", Treatment::Shorten),
    ("bearer", Treatment::Shorten),
    ("token", Treatment::Shorten),
    ("access_token", Treatment::Shorten),
    ("id_token", Treatment::Shorten),
    ("refresh_token", Treatment::Shorten),
    ("session_token", Treatment::Shorten),
    ("sessiontoken", Treatment::Shorten),
    ("aws_session_token", Treatment::Shorten),
    ("aws_secret_access_key", Treatment::Shorten),
    ("secret_access_key", Treatment::Shorten),
    ("secretaccesskey", Treatment::Shorten),
    ("uploadtoken", Treatment::Shorten),
    ("password", Treatment::Shorten),
    ("authorization", Treatment::Remove),
    ("proxy-authorization", Treatment::Remove),
    ("cookie", Treatment::Remove),
    ("set-cookie", Treatment::Remove),
    ("stringtosignbytes", Treatment::RemoveElement),
    ("canonicalrequestbytes", Treatment::RemoveElement),
];

/// How session tokens of AWS begin: the base64 of the same first bytes of every token.
const TOKEN_STARTS: [&str; 4] = ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz"];

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

impl Treatment {
    fn apply(self, secret: &str) -> String {
        match self {
            Self::Shorten => shorten(secret),
            Self::Remove => REMOVED.to_owned(),
            Self::RemoveElement => format!("[{} bytes removed]", secret.split_ascii_whitespace().count()),
        }
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

/// Returns the first four characters of a long secret, or none of a short one.
fn shorten(secret: &str) -> String {
    let shown = if secret.len() >= 16 { 4 } else { 0 };
    let mut text: String = secret.chars().take(shown).collect();
    // The beginning of a percent-encoded byte cannot be read.
    if let Some(at) = text.find('%') {
        text.truncate(at);
    }
    if !secret.is_empty() {
        text.push('…');
    }
    text
}

/// Returns the length of the word at the start of `text`. `%2D` is a hyphen in the name of a query parameter.
fn word(text: &str) -> usize {
    let mut len = 0;
    while let Some(rest) = text.get(len..) {
        let step = match rest.bytes().next() {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') => 1,
            Some(b'%') if starts_with(rest, "%2d") || starts_with(rest, "%5f") => 3,
            _ => break,
        };
        len += step;
    }
    len
}

/// Returns 3 if `text` starts with a percent-encoded byte.
fn encoded(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('%')?.as_bytes().get(..2)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(3)
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// Returns the length of `user:password` in front of a host, if the text before ends with `://`.
fn userinfo(text: &str, before: &str) -> Option<usize> {
    if !before.ends_with("://") {
        return None;
    }
    let authority = text.split(['/', '?', '#', ' ', '\n', '"', '\'', '<']).next()?;
    authority.rfind('@')
}

/// Returns the range of the value in `after`, the text after `name`, if the name is that of a secret.
///
/// `opened` is the quotation mark directly before the name, as in `-H 'cookie: …'`.
fn secret_value(name: &str, after: &str, opened: Option<char>) -> Option<(Range<usize>, Treatment)> {
    let lower = name.to_ascii_lowercase().replace("%2d", "-").replace("%5f", "_");
    let (_, treatment) = NAMES.iter().find(|(known, _)| *known == lower)?;
    let start = if lower == "bearer" { after.len() - after.trim_start().len() } else { separator(after)? };
    let rest = after.get(start..)?;
    let quote = after.get(..start)?.chars().next_back().filter(|it| matches!(it, '"' | '\''));
    let len = match treatment {
        Treatment::Shorten => end_of_value(rest),
        Treatment::Remove => end_of_header(rest, quote.or(opened)),
        Treatment::RemoveElement => rest.find(['<', '"']).unwrap_or(rest.len()),
    };
    (len > 0).then_some((start..start + len, *treatment))
}

/// Returns the length of what separates a name from its value: `=`, `: `, `">`, `" value="`, `","value":"`, …
fn separator(after: &str) -> Option<usize> {
    let (mut at, mut separates) = (0, false);
    loop {
        let rest = after.get(at..)?;
        let step = match rest.chars().next()? {
            '=' | ':' | '>' | '"' | '\'' => {
                separates = true;
                1
            }
            '\\' | ' ' | '\t' | '\r' | '\n' => 1,
            ',' if separates => 1,
            '%' if ["%3d", "%3a", "%22"].iter().any(|it| starts_with(rest, it)) => {
                separates = true;
                3
            }
            // The attribute of HTML and the member of HAR.
            _ if separates && starts_with(rest, "value") && word(rest) == 5 => 5,
            _ => break,
        };
        at += step;
    }
    separates.then_some(at)
}

fn end_of_value(rest: &str) -> usize {
    let is_end = |(at, found): &(usize, char)| match found {
        '&' | '"' | '\'' | '<' | '>' | ';' | ',' | '\\' | '}' | ')' | '#' => true,
        '%' => {
            ["%26", "%22", "%20"].iter().any(|it| rest.get(*at..).is_some_and(|rest| starts_with(rest, it)))
        }
        other => other.is_whitespace(),
    };
    rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at)
}

/// Returns the length of the value of a header: to the end of its line, or of the quoted text that contains it.
fn end_of_header(rest: &str, quote: Option<char>) -> usize {
    let mut escaped = false;
    for (at, found) in rest.char_indices() {
        if matches!(found, '\r' | '\n') || (Some(found) == quote && !escaped) {
            return at;
        }
        escaped = found == '\\' && !escaped;
    }
    rest.len()
}

/// Characters of which tokens consist, from the present position on. They are read once, however often a token seems to begin there.
#[derive(Clone, Copy, Default)]
struct Run {
    /// How many bytes of them are left. 0 if that is not known.
    len: usize,
    /// The distance to the last dots of them: the last but two, and the last but one. `None` if that dot is missing or passed.
    dots: [Option<usize>; 2],
}

impl Run {
    fn read(text: &str) -> Self {
        let is_part =
            |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | '+' | '/' | '=' | '%');
        let len = text.find(|it| !is_part(it)).unwrap_or(text.len());
        let mut dots = text.get(..len).unwrap_or_default().rmatch_indices('.').map(|(at, _)| at).skip(1);
        let last_but_one = dots.next();
        Self { len, dots: [dots.next(), last_but_one] }
    }

    /// Returns the run as it is some bytes later.
    fn after(self, read: usize) -> Self {
        let left = |dot: Option<usize>| dot.and_then(|at| at.checked_sub(read));
        Self { len: self.len.saturating_sub(read), dots: self.dots.map(left) }
    }
}

/// Returns the length of a token that no name precedes.
fn bare_token(text: &str, run: &mut Run) -> Option<usize> {
    let is_session = TOKEN_STARTS.iter().any(|start| text.starts_with(start));
    if !is_session && !text.starts_with("eyJ") {
        return None;
    }
    if run.len == 0 {
        *run = Run::read(text);
    }
    let len = run.len;
    let is_jwt = matches!(run.dots, [None, Some(_)]);
    ((is_session && len >= 60) || (is_jwt && len >= 30)).then_some(len)
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
