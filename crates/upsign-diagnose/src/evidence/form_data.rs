//! The fields of a form as a client sent them, in `multipart/form-data`.
//!
//! Format: <https://www.rfc-editor.org/rfc/rfc7578>.

use super::sent::MAX_PARTS;
use crate::form::FormField;

/// Returns the fields of a body of `multipart/form-data` in order, or none of another body. The value of the file is its name.
pub(crate) fn fields(content_type: &str, body: &str) -> Vec<FormField> {
    let is_form = starts_with(content_type, "multipart/form-data");
    let boundary = boundary(content_type).or_else(|| first_boundary(body)).filter(|_| is_form);
    let Some(boundary) = boundary else { return Vec::new() };
    // The text in front of the first boundary is no part. Of a form with more parts than stores accept, one more shows that.
    let boundary = format!("--{boundary}");
    let parts = body.split(&boundary).skip(1).filter_map(Part::read).take(MAX_PARTS + 1);
    parts.map(|part| FormField::new(part.name, part.value)).collect()
}

/// A part of the body.
struct Part<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Part<'a> {
    fn read(text: &'a str) -> Option<Self> {
        // Copies for `cmd` have lines that end with a line feed only.
        let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'))?;
        let (head, value) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"))?;
        let disposition = head.lines().find(|line| starts_with(line, "content-disposition:"))?;
        let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
        let value = attribute(disposition, "filename").unwrap_or(value);
        Some(Self { name: attribute(disposition, "name")?, value })
    }
}

/// Returns the value of an attribute such as `name="key"`.
fn attribute<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let attributes = line.split(';').map(str::trim).filter_map(|it| it.split_once('='));
    let mut values = attributes.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    values.next().map(|value| value.trim_matches('"'))
}

fn boundary(content_type: &str) -> Option<&str> {
    attribute(content_type, "boundary").filter(|boundary| !boundary.is_empty())
}

/// Returns the boundary of the first line, for records whose type has none.
fn first_boundary(body: &str) -> Option<&str> {
    body.lines().next()?.strip_prefix("--").map(str::trim_end).filter(|it| !it.is_empty() && it.len() <= 70)
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "------X\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n------X\r\n\
        Content-Disposition: form-data; name=\"note\"\r\n\r\ntwo\r\nlines\r\n------X\r\nContent-Disposition: form-data; \
        name=\"file\"; filename=\"cat.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\u{fffd}\u{1}\r\n------X--\r\n";

    #[test]
    fn fields_and_the_name_of_the_file_are_read() {
        for (content_type, body) in [
            ("multipart/form-data; boundary=----X", BODY.to_owned()),
            ("Multipart/Form-Data; Boundary=\"----X\"", BODY.to_owned()),
            ("multipart/form-data", BODY.to_owned()),
            ("multipart/form-data; boundary=----X", BODY.replace("\r\n", "\n")),
        ] {
            let lines = if body == BODY { "two\r\nlines" } else { "two\nlines" };
            let expected = [("key", "a/${filename}"), ("note", lines), ("file", "cat.jpg")];
            assert_eq!(
                fields(content_type, &body),
                expected.map(|(name, value)| FormField::new(name, value))
            );
        }
    }

    #[test]
    fn other_bodies_have_no_fields() {
        for (content_type, body) in [
            ("application/json", BODY),
            ("multipart/form-data; boundary=----X", "{}"),
            ("multipart/form-data", ""),
            ("multipart/form-data; boundary=", "a=b"),
        ] {
            assert!(fields(content_type, body).is_empty(), "{content_type}");
        }
        let many = "--X\nContent-Disposition: form-data; name=a\n\n\n".repeat(5_000);
        assert_eq!(fields("multipart/form-data", &many).len(), MAX_PARTS + 1);
    }
}
