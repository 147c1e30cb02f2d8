//! The text fields of a POST form (`multipart/form-data`, RFC 7578).
//!
//! `s3s` parses the form again. This parser only reads the signature fields for the checks that `s3s` omits; see
//! [`SignatureRules::check_form`](super::signature::rules::SignatureRules::check_form).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Returns whether a `Content-Type` is that of a form.
pub(super) fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// Returns the fields before the field `file`, by lowercase name, and whether the header of the file was found. S3 ignores
/// fields after the file.
///
/// If the form is malformed, the fields before the error are returned. `s3s` then rejects the form.
pub(super) fn fields(content_type: &str, body: &[u8]) -> (BTreeMap<String, String>, bool) {
    let mut fields = BTreeMap::new();
    let Some(boundary) = boundary(content_type) else { return (fields, false) };
    let delimiter = format!("--{boundary}");
    let mut rest = split_once(body, delimiter.as_bytes()).map_or(&[][..], |(_, rest)| rest);
    while let Some((headers, content)) = split_once(rest, b"\r\n\r\n") {
        let Some(name) = field_name(&String::from_utf8_lossy(headers)) else { break };
        if name == "file" {
            return (fields, true);
        }
        let Some((value, next)) = split_once(content, format!("\r\n{delimiter}").as_bytes()) else { break };
        fields.insert(name, String::from_utf8_lossy(value).into_owned());
        rest = next;
    }
    (fields, false)
}

/// Returns the size of the field `file` in bytes, or `None` if the form is malformed. No field follows the file.
pub(super) fn file_size(content_type: &str, body: &[u8]) -> Option<u64> {
    let delimiter = format!("--{}", boundary(content_type)?);
    let (_, mut rest) = split_once(body, delimiter.as_bytes())?;
    loop {
        let (headers, content) = split_once(rest, b"\r\n\r\n")?;
        let end = format!("\r\n{delimiter}");
        if field_name(&String::from_utf8_lossy(headers))? == "file" {
            let mut places = content.windows(end.len());
            return u64::try_from(places.rposition(|window| window == end.as_bytes())?).ok();
        }
        (_, rest) = split_once(content, end.as_bytes())?;
    }
}

/// Returns the minimum and the maximum of the condition `content-length-range` of a policy.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.
pub(super) fn content_length_range(policy: &str) -> Option<(u64, u64)> {
    let policy: Value = serde_json::from_slice(&STANDARD.decode(policy).ok()?).ok()?;
    let mut conditions = policy.get("conditions")?.as_array()?.iter().filter_map(Value::as_array);
    conditions.find_map(|condition| match condition.as_slice() {
        [name, least, most] if name == "content-length-range" => Some((least.as_u64()?, most.as_u64()?)),
        _ => None,
    })
}

/// Returns the `boundary` parameter of a `Content-Type`.
fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let mut boundaries = parameters.filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    boundaries.next().map(|(_, value)| value.trim_matches('"')).filter(|value| !value.is_empty())
}

/// Returns the lowercase `name` parameter of the `Content-Disposition` header of a part.
fn field_name(headers: &str) -> Option<String> {
    let lines = headers.lines();
    let mut dispositions = lines.filter(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
    let parameters = dispositions.next()?.split(';').skip(1);
    let mut pairs = parameters.filter_map(|parameter| parameter.trim().split_once('='));
    let (_, name) = pairs.find(|(key, _)| key.eq_ignore_ascii_case("name"))?;
    Some(name.trim_matches('"').to_ascii_lowercase())
}

/// Splits `bytes` at the first occurrence of `separator`.
fn split_once<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let position = bytes.windows(separator.len()).position(|window| window == separator)?;
    let (before, rest) = bytes.split_at_checked(position)?;
    Some((before, rest.get(separator.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_after_the_file_are_ignored() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/b\r\n--B\r\n\
                    content-disposition: form-data; name=\"X-Amz-Date\"\r\n\r\n2026\r\n--B\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nbytes\r\n--B\r\n\
                    Content-Disposition: form-data; name=\"late\"\r\n\r\nignored\r\n--B--\r\n";
        let (read, found_file) = fields("multipart/form-data; boundary=B", body.as_bytes());
        assert!(found_file);
        let pairs: Vec<(&str, &str)> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("key", "a/b"), ("x-amz-date", "2026")]);
    }

    #[test]
    fn file_size_and_range_of_a_form_are_read() {
        let form = "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--B\r\n\
                    Content-Disposition: form-data; name=\"file\"\r\n\r\nby\r\ntes\r\n--B--\r\n";
        assert_eq!(file_size("multipart/form-data; boundary=B", form.as_bytes()), Some(7));
        let cut = form.split("by").next().unwrap();
        assert_eq!(file_size("multipart/form-data; boundary=B", cut.as_bytes()), None);
        let policy = STANDARD.encode(r#"{"conditions": [{"bucket": "b"}, ["content-length-range", 1, 9]]}"#);
        assert_eq!(content_length_range(&policy), Some((1, 9)));
        assert_eq!(content_length_range("e30="), None);
    }

    #[test]
    fn forms_are_recognized_by_their_content_type() {
        assert!(!is_form("multipart/mixed; boundary=B"));
        assert!(is_form("Multipart/Form-Data;boundary=B"));
    }

    #[test]
    fn malformed_forms_have_no_fields() {
        for (content_type, body) in [
            ("multipart/form-data", "--B\r\n"),
            ("multipart/form-data; boundary=B", ""),
            ("multipart/form-data; boundary=B", "--B\r\n\r\n\r\n--B"),
            (
                "multipart/form-data; boundary=B",
                "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na",
            ),
        ] {
            let (read, found_file) = fields(content_type, body.as_bytes());
            assert!(read.is_empty() && !found_file, "{body:?}");
        }
    }
}
