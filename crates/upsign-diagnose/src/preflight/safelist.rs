//! Headers that a page may send to another origin without permission.
//!
//! Source: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>.

use std::collections::BTreeSet;

/// The longest value of a header that needs no permission, in bytes.
const MAX_VALUE: usize = 128;

/// The largest sum of the values of all headers that need no permission, in bytes.
const MAX_VALUES: usize = 1_024;

/// Returns the names that `Access-Control-Request-Headers` lists: in lower case, sorted, each once. The value of a header is `None` if
/// it is not known.
///
/// Source: <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>.
pub(super) fn unsafe_names<'a>(
    headers: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> BTreeSet<Box<str>> {
    let mut unsafe_names = BTreeSet::new();
    // Headers that need no permission alone need it together if their values are long.
    let (mut safe_names, mut safe_size) = (Vec::new(), 0);
    for (name, value) in headers {
        let name: Box<str> = name.to_ascii_lowercase().into();
        let is_safe = match value {
            Some(value) => is_safelisted(&name, value),
            // Files have other types than forms, and unknown values of the others are taken for short ones.
            None => matches!(&*name, "accept" | "accept-language" | "content-language"),
        };
        if is_safe {
            safe_size += value.map_or(0, str::len);
            safe_names.push(name);
        } else {
            unsafe_names.insert(name);
        }
    }
    if safe_size > MAX_VALUES {
        unsafe_names.extend(safe_names);
    }
    unsafe_names
}

/// Returns whether a page may send a header without permission. The name must be in lower case.
pub(crate) fn is_safelisted(name: &str, value: &str) -> bool {
    if value.len() > MAX_VALUE {
        return false;
    }
    match name {
        "accept" => !value.bytes().any(is_unsafe),
        "accept-language" | "content-language" => {
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte))
        }
        "content-type" => !value.bytes().any(is_unsafe) && is_type_of_form(value),
        "range" => is_simple_range(value),
        _ => false,
    }
}

/// Source: <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>.
const fn is_unsafe(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0A..=0x1F | 0x7F)
        || matches!(
            byte,
            b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}'
        )
}

fn is_type_of_form(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(&*essence, "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain")
}

/// Returns whether a value is `bytes=FIRST-` or `bytes=FIRST-LAST`.
///
/// Source: <https://fetch.spec.whatwg.org/#simple-range-header-value>.
fn is_simple_range(value: &str) -> bool {
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| text.parse::<u128>().unwrap_or(u128::MAX);
    is_number(first) && (last.is_empty() || is_number(last) && number(first) <= number(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safelisted_headers() {
        for (name, value, is_safe) in [
            ("accept", "image/*", true),
            ("accept", "a\"b", false),
            ("accept-language", "en-US,en;q=0.5", true),
            ("accept-language", "en_US", false),
            ("content-language", "de", true),
            ("content-type", "text/plain", true),
            ("content-type", "text/plain;charset=UTF-8", true),
            ("content-type", " Multipart/Form-Data; boundary=x", true),
            ("content-type", "application/x-www-form-urlencoded", true),
            ("content-type", "text/plain; a=\"b\"", false),
            ("content-type", "text/plain,image/png", false),
            ("content-type", "image/jpeg", false),
            ("content-type", "application/json", false),
            ("content-type", "", false),
            ("range", "bytes=0-", true),
            ("range", "bytes=0-99", true),
            ("range", "bytes=10-9", false),
            ("range", "bytes=-99", false),
            ("range", "bytes=0-1,3-4", false),
            ("x-amz-meta-owner", "a", false),
            ("authorization", "Bearer a", false),
        ] {
            assert_eq!(is_safelisted(name, value), is_safe, "{name}: {value}");
        }
        assert!(is_safelisted("accept", &"a".repeat(128)) && !is_safelisted("accept", &"a".repeat(129)));
    }

    #[test]
    fn many_long_values_need_permission_together() {
        let value = "a".repeat(128);
        let headers = vec![("Accept", Some(value.as_str())); 8];
        assert!(unsafe_names(headers.clone()).is_empty());
        let more =
            headers.into_iter().chain([("Content-Language", Some("de")), ("X-B", None), ("x-a", Some(""))]);
        let names: Vec<_> = unsafe_names(more).into_iter().collect();
        assert_eq!(names, ["accept", "content-language", "x-a", "x-b"].map(Box::from));
    }
}
