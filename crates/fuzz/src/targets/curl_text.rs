//! The output of `curl -v`, copied requests, answers with headers and messages of consoles: every input is refused or diagnosed in
//! time, and no secret of a request is shown.

use super::store_error::{SECRET, URL, diagnosed};

pub(super) fn run(text: &str) {
    diagnosed(text.as_bytes());
    let url = format!("{URL}{SECRET}");
    let target = url.split_once("amazonaws.com").map_or("/", |(_, target)| target);
    for input in [
        format!("curl '{url}' -X PUT -H 'content-type: {text}' {text}"),
        format!("curl ^\"{url}^\" {text}"),
        format!("fetch(\"{url}\", {{\"method\": \"PUT\", {text}}});"),
        format!("iwr \"{url}\" -Method PUT -Headers @{{\"a\"=\"{text}\"}} -Body {text}"),
        format!(
            "curl 'https://abc.s3.us-east-1.amazonaws.com/' -H 'content-type: multipart/form-data; boundary=X' --data-raw $'--X\\r\\n\
             Content-Disposition: form-data; name=\"x-amz-signature\"\\r\\n\\r\\n{SECRET}\\r\\n--X\\r\\n{text}'"
        ),
        format!(
            "> PUT {target} HTTP/1.1\n> Host: abc.s3.us-east-1.amazonaws.com\n> {text}\n>\n< HTTP/1.1 403 Forbidden\n<\n{text}"
        ),
        format!("HTTP/1.1 403 Forbidden\r\n{text}\r\n\r\n{text}"),
        format!(
            "Access to fetch at '{url}' from origin 'https://a.example' has been blocked by CORS policy: {text}"
        ),
    ] {
        diagnosed(input.as_bytes());
    }
}
