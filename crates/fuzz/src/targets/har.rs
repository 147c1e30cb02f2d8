//! HAR files: every input is refused or diagnosed in time, and no secret of a request is shown. The input is a whole file first, then
//! the entries of one, then the answer to an upload.

use serde_json::json;

use super::store_error::{SECRET, URL, diagnosed};

pub(super) fn run(data: &[u8]) {
    diagnosed(data);
    let Ok(text) = str::from_utf8(data) else { return };
    diagnosed(format!("{{\"log\":{{\"entries\":[{text}]}}}}").as_bytes());
    let url = format!("{URL}{SECRET}");
    let entry = json!({"startedDateTime": text, "request": {"method": "PUT", "url": url, "headers": [
        {"name": "Authorization", "value": format!("Bearer {SECRET}")}, {"name": text, "value": text},
        {"name": "Origin", "value": "https://app.example.com"}, {"name": "Host", "value": text}]},
        "response": {"status": 403, "headers": [{"name": "www-authenticate", "value": text}], "content": {"text": text}}});
    diagnosed(json!({"log": {"entries": [entry]}}).to_string().as_bytes());
}
