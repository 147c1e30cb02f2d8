//! The body of a form.

use std::fmt::Write as _;

/// Separates the fields. No field contains it.
const BOUNDARY: &str = "upsign-probe-4b7c1e0d9a";

/// Returns the content type and the body of a form with these fields and a file.
pub(crate) fn encode(fields: &[(Box<str>, Box<str>)], file: &str) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (name, value) in fields {
        // Writing to a String does not fail.
        let _ = write!(
            body,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let _ = write!(
        body,
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
         Content-Type: text/plain\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
    );
    (format!("multipart/form-data; boundary={BOUNDARY}"), body.into_bytes())
}
