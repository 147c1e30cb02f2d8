//! HAR 1.2, the record of a browser's network tab.
//!
//! Format: <http://www.softwareishard.com/blog/har-12-spec/>. Only the members that matter are kept in memory.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use upsign_core::Timestamp;

use super::error::UnreadableEvidence;
use super::grant::Grant;
use super::sent::{Answer, Exchange, Sent};

/// The largest body of an answer that is looked at. Errors of stores have about 2 KB.
const MAX_BODY: usize = 256 * 1024;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
    #[serde(default)]
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    /// The URL of the page in Chrome; a title in Firefox.
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    request: Request,
    #[serde(default)]
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    body_size: serde_json::Value,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Response {
    status: serde_json::Value,
    headers: Vec<Header>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    text: String,
    encoding: String,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    #[serde(default)]
    value: String,
}

/// What a HAR shows of a failed upload.
pub(super) struct Recorded {
    /// The request that failed; for a preflight that was refused, the upload behind it if the HAR has it.
    pub(super) failed: Exchange,
    /// The preflight of the request.
    pub(super) preflight: Option<Exchange>,
    /// The answer of the API that issued the URL.
    pub(super) grant: Option<Grant>,
    /// Stored parts whose ETag the page could not read.
    pub(super) hidden_etag: Option<Exchange>,
    /// The URL of the page.
    pub(super) page: Option<Box<str>>,
}

/// Reads a HAR and chooses the failed upload: the last one.
pub(super) fn read(text: &str) -> Result<Recorded, UnreadableEvidence> {
    let har: Har = serde_json::from_str(text)?;
    if har.log.entries.is_empty() {
        return Err(UnreadableEvidence::NoRequests);
    }
    let page =
        har.log.pages.first().map(|page| page.title.as_str()).filter(|title| title.starts_with("http"));
    let page = page.map(Into::into);
    let exchanges: Vec<Exchange> = har.log.entries.iter().filter_map(exchange).collect();
    let hidden_etag = exchanges.iter().find(|it| hides_etag(it)).cloned();
    let failed = exchanges.iter().rposition(is_failed_upload).or_else(|| {
        // Parts that are stored and cannot be completed fail in the page, without a request.
        exchanges.iter().rposition(hides_etag)
    });
    // A call of the API that was refused, if no upload was; then a signed URL to read.
    let failed = failed.or_else(|| exchanges.iter().rposition(is_refused_call));
    let failed = failed.or_else(|| exchanges.iter().rposition(is_failed_read));
    let Some(index) = failed else { return Err(UnreadableEvidence::NoFailure(exchanges.len())) };
    let Some(mut failed) = exchanges.get(index).cloned() else {
        return Err(UnreadableEvidence::NoFailure(exchanges.len()));
    };
    let mut preflight = exchanges.iter().rfind(|it| is_preflight_of(it, &failed)).cloned();
    if &*failed.sent.request.method == "OPTIONS" {
        preflight = Some(failed.clone());
        let upload = exchanges.iter().rfind(|it| is_preflight_of(&failed, it));
        if let Some(upload) = upload {
            failed = upload.clone();
        }
    }
    let grant = har.log.entries.iter().rev().find_map(|entry| grant(entry, &failed.sent));
    Ok(Recorded { failed, preflight, grant, hidden_etag, page })
}

/// Returns whether a request with a signed URL, or its preflight, failed.
fn is_failed_upload(exchange: &Exchange) -> bool {
    let method = &*exchange.sent.request.method;
    let is_upload = exchange.sent.is_signed() || (method == "POST" && is_form(exchange));
    let is_upload = is_upload && !matches!(method, "GET" | "HEAD");
    is_upload
        && exchange.answer.as_ref().is_none_or(|answer| answer.is_failure() && answer.status != Some(304))
}

fn is_form(exchange: &Exchange) -> bool {
    let of_store = exchange
        .answer
        .as_ref()
        .is_some_and(|answer| answer.header("x-amz-request-id").is_some() || answer.body.contains("<Error>"));
    let content_type = exchange.sent.request.header("content-type").unwrap_or_default();
    content_type.starts_with("multipart/form-data") || of_store
}

/// Returns whether an API refused a request.
fn is_refused_call(exchange: &Exchange) -> bool {
    matches!(&*exchange.sent.request.method, "POST" | "PUT" | "OPTIONS" | "PATCH")
        && exchange.answer.as_ref().is_none_or(Answer::is_failure)
}

fn is_failed_read(exchange: &Exchange) -> bool {
    exchange.sent.is_signed()
        && exchange.answer.as_ref().is_some_and(|it| it.is_failure() && it.status != Some(304))
}

/// Returns whether a stored part has an ETag that the page cannot read.
fn hides_etag(exchange: &Exchange) -> bool {
    let Exchange { sent, answer: Some(answer) } = exchange else { return false };
    answer.status == Some(200)
        && sent.request.parameter("partNumber").is_some()
        && sent.origin().is_some()
        && answer.header("etag").is_some()
        && !answer.lists("access-control-expose-headers", "etag")
}

fn is_preflight_of(preflight: &Exchange, upload: &Exchange) -> bool {
    let (asked, sent) = (&preflight.sent, &upload.sent);
    &*asked.request.method == "OPTIONS"
        && &*sent.request.method != "OPTIONS"
        && asked.host == sent.host
        && asked.request.path == sent.request.path
        && asked.request.header("access-control-request-method").is_none_or(|it| *it == *sent.request.method)
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
    Some(Exchange { sent, answer: Some(answer(&entry.response)) })
}

fn answer(response: &Response) -> Answer {
    let body = match response.content.encoding.as_str() {
        "base64" => {
            let bytes = BASE64_STANDARD.decode(&response.content.text).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => response.content.text.clone(),
    };
    let end = body.floor_char_boundary(MAX_BODY);
    let mut headers = headers(&response.headers);
    if !response.redirect_url.is_empty() && !headers.iter().any(|(name, _)| &**name == "location") {
        headers.push(("location".into(), response.redirect_url.as_str().into()));
    }
    let status = response.status.as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
    Answer { status: Some(status), headers, body: body.get(..end).unwrap_or_default().into() }
}

/// Returns the headers with names in lower case, without those that stand for the first line in HTTP/2.
fn headers(headers: &[Header]) -> Vec<(Box<str>, Box<str>)> {
    let real = headers.iter().filter(|header| !header.name.starts_with(':') && !header.name.is_empty());
    real.map(|header| (header.name.to_ascii_lowercase().into(), header.value.trim().into())).collect()
}

/// Returns what an API answered, if it contains the URL of the request.
fn grant(entry: &Entry, sent: &Sent) -> Option<Grant> {
    let body = answer(&entry.response).body;
    let mut grant = Grant::find(&body, sent)?;
    let asked = entry.request.post_data.as_ref();
    grant.add_description(asked.map(|data| data.text.as_str()).unwrap_or_default());
    Some(grant)
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
