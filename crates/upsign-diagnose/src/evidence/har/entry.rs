//! From an entry to a request and its answer.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use upsign_core::Timestamp;

use super::format::{Entry, Header, PostData, Response};
use crate::evidence::form_data;
use crate::evidence::sent::{Answer, Exchange, MAX_PARTS, Sent};
use crate::form::FormField;

/// The largest body of an answer that is looked at. Errors of stores have about 2 KB.
const MAX_BODY: usize = 256 * 1024;

/// Returns the requests of a HAR without those of web sockets.
pub(super) fn exchanges(entries: &[Entry]) -> Vec<Exchange> {
    let of_http = entries.iter().filter(|entry| entry.resource_type != "websocket");
    let mut found: Vec<(bool, Exchange)> = Vec::with_capacity(entries.len());
    for entry in of_http {
        let Some(exchange) = exchange(entry) else { continue };
        // The request of a service worker follows that of the page, which has the answer and lacks the headers that were sent.
        let of_page =
            found.last_mut().filter(|(is_of_worker, page)| *is_of_worker && is_same(page, &exchange));
        match of_page {
            Some((is_of_worker, page)) => {
                *is_of_worker = false;
                page.sent = exchange.sent;
            }
            None => found.push((entry.response.is_of_worker, exchange)),
        }
    }
    found.into_iter().map(|(_, exchange)| exchange).collect()
}

fn is_same(one: &Exchange, other: &Exchange) -> bool {
    let status = |it: &Exchange| it.answer.as_ref().and_then(|answer| answer.status);
    one.sent.url == other.sent.url
        && one.sent.request.method == other.sent.request.method
        && status(one) == status(other)
}

fn exchange(entry: &Entry) -> Option<Exchange> {
    let headers: Vec<(Box<str>, Box<str>)> = headers(&entry.request.headers);
    let has_own_headers = headers.iter().any(|(name, _)| &**name == "host")
        || entry.request.headers.iter().any(|header| header.name == ":authority");
    let mut sent = Sent::new(&entry.request.method, &entry.request.url, headers)?;
    sent.has_own_headers = has_own_headers;
    let stated = sent.request.header("content-length").and_then(|length| length.parse().ok());
    sent.body_len = stated.or_else(|| entry.request.body_size.as_u64().filter(|size| *size > 0));
    // Browsers derive bodySize from the text of the body, which has another length if the body is not text.
    sent.is_len_exact = stated.is_some();
    sent.at = time(&entry.started_date_time);
    let content_type = sent.request.header("content-type").unwrap_or_default();
    sent.form = entry.request.post_data.as_ref().map(|data| form(content_type, data)).unwrap_or_default();
    Some(Exchange { sent, answer: Some(answer(&entry.response)) })
}

pub(super) fn answer(response: &Response) -> Answer {
    let body = decoded(&response.content.text, &response.content.encoding);
    let end = body.floor_char_boundary(MAX_BODY);
    let mut headers = headers(&response.headers);
    if !response.redirect_url.is_empty() && !headers.iter().any(|(name, _)| &**name == "location") {
        headers.push(("location".into(), response.redirect_url.as_str().into()));
    }
    let status = response.status.as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
    let network_error = network_error(response).filter(|_| status == 0);
    Answer { status: Some(status), headers, body: body.get(..end).unwrap_or_default().into(), network_error }
}

/// Returns the name of an error below HTTP. `ERR_FAILED` stands for a request that the browser blocked itself, `ERR_ABORTED` for one that
/// the page gave up, and a redirect that a browser does not follow is an answer.
fn network_error(response: &Response) -> Option<Box<str>> {
    let name = response.error.as_deref()?.strip_prefix("net::")?;
    let is_network = name.starts_with("ERR_") && name.len() <= 64 && !name.contains("ORB");
    let is_other =
        matches!(name, "ERR_FAILED" | "ERR_ABORTED" | "ERR_INVALID_REDIRECT" | "ERR_BLOCKED_BY_RESPONSE");
    (is_network && !is_other).then(|| name.into())
}

/// Returns the headers with names in lower case, without those that stand for the first line in HTTP/2.
fn headers(headers: &[Header]) -> Vec<(Box<str>, Box<str>)> {
    let real = headers.iter().filter(|header| !header.name.starts_with(':') && !header.name.is_empty());
    real.map(|header| (header.name.to_ascii_lowercase().into(), header.value.trim().into())).collect()
}

/// Returns the fields of a form that was sent.
fn form(content_type: &str, data: &PostData) -> Vec<FormField> {
    // The headers of a request without an answer are not complete.
    let content_type = if content_type.is_empty() { &data.mime_type } else { content_type };
    let fields = form_data::fields(content_type, &decoded(&data.text, &data.encoding));
    if !fields.is_empty() || !content_type.starts_with("multipart/form-data") {
        return fields;
    }
    let listed = data.params.iter().take(MAX_PARTS + 1);
    let value = |file: &Option<String>, value: &Option<String>| {
        file.clone().or_else(|| value.clone()).unwrap_or_default()
    };
    listed.map(|it| FormField::new(&it.name, &value(&it.file_name, &it.value))).collect()
}

fn decoded(text: &str, encoding: &str) -> String {
    if encoding != "base64" {
        return text.to_owned();
    }
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the time at the start of `2026-01-31T23:59:59.123Z` or `…+02:00`.
fn time(text: &str) -> Option<Timestamp> {
    let at: Timestamp = format!("{}Z", text.get(..19)?).parse().ok()?;
    let zone = text.get(19..)?.trim_start_matches(|it: char| it == '.' || it.is_ascii_digit());
    if zone.is_empty() || zone == "Z" {
        return Some(at);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = hours.parse::<u64>().ok()? * 3_600 + minutes.parse::<u64>().ok()? * 60;
    match zone.as_bytes().first()? {
        b'+' => Some(at.saturating_sub(offset)),
        b'-' => Some(at.saturating_add(offset)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_zone_are_read() {
        for text in [
            "2026-01-31T12:00:00.123Z",
            "2026-01-31T12:00:00Z",
            "2026-01-31T14:00:00.5+02:00",
            "2026-01-31T07:30:00-04:30",
        ] {
            assert_eq!(
                time(text).map(|at| at.to_string()).as_deref(),
                Some("2026-01-31T12:00:00Z"),
                "{text}"
            );
        }
        for text in ["", "2026-01-31", "2026-01-31T12:00:00+aa:00", "2026-01-31T12:00:00é"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
