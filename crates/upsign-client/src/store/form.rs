//! The body of a form upload (`multipart/form-data`).

use bytes::Bytes;

use crate::retry::random;

/// The text before and after the file, and the value of `Content-Type`.
pub(crate) struct Form {
    pub(crate) content_type: String,
    pub(crate) head: Bytes,
    pub(crate) tail: Bytes,
}

/// Returns the boundary between the fields. It must not occur in the file, because the file ends where a store finds it: with 128
/// random bits, it does not.
fn boundary() -> String {
    format!("upsign-{:016x}{:016x}", random(), random())
}

impl Form {
    /// Creates the form of these fields, followed by the file.
    pub(crate) fn new(fields: &[(String, String)]) -> Self {
        let boundary = boundary();
        let mut head = String::new();
        for (name, value) in fields {
            head.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n",
                quoted(name)
            ));
        }
        head.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        ));
        Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            head: head.into(),
            tail: format!("\r\n--{boundary}--\r\n").into(),
        }
    }

    /// Returns the length of the body with a file of `len` bytes.
    pub(crate) fn len(&self, len: u64) -> u64 {
        let around = self.head.len() + self.tail.len();
        len.saturating_add(u64::try_from(around).unwrap_or_default())
    }
}

/// Encodes a name as browsers do: <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_precede_the_file_in_their_order() {
        let fields =
            [("key", "raw/a.jpg"), ("b\"\r\n", "1"), ("a", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let form = Form::new(&fields);
        let boundary = form.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let text = String::from_utf8([&form.head[..], b"FILE", &form.tail[..]].concat()).unwrap();
        let expected = "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nraw/a.jpg\r\n\
                        --B\r\nContent-Disposition: form-data; name=\"b%22%0D%0A\"\r\n\r\n1\r\n\
                        --B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n\
                        --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
                        Content-Type: application/octet-stream\r\n\r\nFILE\r\n--B--\r\n";
        assert_eq!(text.replace(boundary, "B"), expected);
        assert_eq!(form.len(4), text.len() as u64);
        assert_ne!(Form::new(&fields).content_type, form.content_type);
    }
}
