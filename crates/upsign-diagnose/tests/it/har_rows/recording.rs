//! HAR files as Chromium exports them: an upload between the document, scripts, images and calls of a page.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::evidence::ORIGIN;
use crate::fixture::Request;

const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// An answer in a recording. Without a status, the browser showed none.
#[derive(Clone, Default)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a str,
    /// Whether the body is exported in base64, as that of any type that Chromium does not take for text.
    pub(super) is_base64: bool,
}

fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Value> {
    pairs.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// Returns the entry of a request that a script of the page sent.
pub(super) fn entry(request: &Request, kind: &str, answer: &Answer<'_>) -> Value {
    let host = [("Host", request.host.as_str())];
    let own = [
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Accept-Language", "en-GB,en-US;q=0.9,en;q=0.8"),
        ("Connection", "keep-alive"),
        ("Referer", "https://app.example.com/"),
        ("Sec-Fetch-Dest", "empty"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Site", "cross-site"),
        ("User-Agent", USER_AGENT),
        ("sec-ch-ua", "\"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\""),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Linux\""),
    ];
    let sent = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let recorded = json!({
        "method": request.method, "url": request.url(), "httpVersion": "http/1.1",
        "headers": pairs(host.into_iter().chain(own).chain(sent)), "queryString": pairs(query), "cookies": [],
        "headersSize": 1423, "bodySize": 0,
    });
    of_parts(&recorded, kind, answer)
}

fn of_parts(request: &Value, kind: &str, answer: &Answer<'_>) -> Value {
    let Answer { status, headers, body, is_base64 } = *answer;
    let failed = status == 0;
    let content = match (failed, is_base64) {
        (true, _) => json!({"size": 0, "mimeType": "x-unknown"}),
        (_, true) => json!({"size": body.len(), "mimeType": "application/octet-stream",
            "text": BASE64_STANDARD.encode(body), "encoding": "base64"}),
        _ => json!({"size": body.len(), "mimeType": "application/xml", "text": body}),
    };
    let location = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
    json!({
        "_connectionId": "8213", "_initiator": {"type": "script", "stack": {"callFrames": [{"functionName": "upload",
            "scriptId": "12", "url": "https://app.example.com/assets/index-4f2a.js", "lineNumber": 1, "columnNumber": 48213}]}},
        "_priority": "High", "_resourceType": kind, "cache": {}, "connection": "443", "pageref": "page_1",
        "request": request,
        "response": {"status": status, "statusText": "", "httpVersion": if failed { "" } else { "http/1.1" },
            "headers": pairs(headers.iter().copied()), "cookies": [], "content": content,
            "redirectURL": location.map_or("", |(_, to)| to), "headersSize": if failed { -1 } else { 512 }, "bodySize": -1,
            "_transferSize": if failed { 0 } else { 812 }, "_error": failed.then_some("net::ERR_FAILED"),
            "_fetchedViaServiceWorker": false},
        "serverIPAddress": "52.219.170.1", "startedDateTime": "2026-11-27T12:01:00.123Z", "time": 84.261,
        "timings": {"blocked": 3.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.2, "wait": 79.4, "receive": 1.5,
            "_blocked_queueing": 1.9, "_workerStart": -1}
    })
}

/// Adds the body of a request to its entry.
pub(super) fn with_body(mut entry: Value, content_type: &str, body: &str) -> Value {
    entry["request"]["bodySize"] = body.len().into();
    entry["request"]["postData"] = json!({"mimeType": content_type, "text": body});
    entry
}

/// Returns a call of the API with this answer.
pub(super) fn api_call(answer: &Answer<'_>) -> Value {
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
        ("origin", ORIGIN),
    ];
    let mut asked = Request::new("POST", "/upload-url", &headers);
    asked.query.clear();
    "api.example.com".clone_into(&mut asked.host);
    let description = r#"{"contentType":"image/jpeg","contentLength":48213,"fileName":"summer 2026.jpg"}"#;
    with_body(entry(&asked, "fetch", answer), "application/json", description)
}

/// Returns an entry that has nothing to do with the upload.
fn other(method: &str, url: &str, kind: &str, answer: &Answer<'_>) -> Value {
    let request = json!({"method": method, "url": url, "httpVersion": "h2", "headers": pairs([(":authority", "app.example.com"),
        (":method", method), (":scheme", "https"), ("accept", "*/*"), ("origin", ORIGIN), ("user-agent", USER_AGENT)]),
        "queryString": [], "cookies": [{"name": "sid", "value": "s3cr3t"}], "headersSize": -1, "bodySize": 0});
    of_parts(&request, kind, answer)
}

fn answered(status: u16, body: &str) -> Answer<'_> {
    Answer { status, body, ..Answer::default() }
}

/// Returns what a page loads before an upload: 100 requests, some of which fail.
fn before() -> Vec<Value> {
    let script = "export const a=(b)=>b.map((c)=>c*2);".repeat(200);
    let picture = "\u{fffd}PNG picture".repeat(200);
    let mut entries = vec![
        other(
            "GET",
            "https://app.example.com/upload",
            "document",
            &answered(200, "<!doctype html><title>Upload</title>"),
        ),
        other(
            "GET",
            "https://app.example.com/favicon.ico",
            "other",
            &answered(404, "<html>Not Found</html>"),
        ),
        other("GET", "data:image/png;base64,iVBORw0KGgo=", "image", &answered(200, "")),
        other("GET", "chrome-extension://abcdefgh/inject.js", "script", &answered(200, "void 0")),
        other("GET", "wss://app.example.com/events", "websocket", &answered(101, "")),
        other(
            "GET",
            "https://api.example.com/me",
            "fetch",
            &answered(401, r#"{"code":"unauthorized","status":401}"#),
        ),
        other(
            "POST",
            "https://api.example.com/token",
            "fetch",
            &answered(200, r#"{"access_token":"eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}"#),
        ),
    ];
    for number in 0..93 {
        let url = format!("https://app.example.com/assets/{number}");
        entries.push(match number % 3 {
            0 => other("GET", &format!("{url}.js"), "script", &answered(200, &script)),
            1 => other(
                "GET",
                &format!("{url}.png"),
                "image",
                &Answer { is_base64: true, ..answered(200, &picture) },
            ),
            _ => other("GET", &format!("{url}.css"), "stylesheet", &answered(304, "")),
        });
    }
    entries
}

/// The calls of another host that an extension blocks.
const BLOCKED: usize = 2;

/// Returns what a page still does after an upload: 10 requests, of which an extension blocks the first ones.
fn after() -> Vec<Value> {
    let mut entries =
        vec![other("POST", "https://stats.example.net/collect", "ping", &Answer::default()); BLOCKED];
    entries.extend((0..8).map(|number| {
        let url = format!("https://app.example.com/poll?{number}");
        other("GET", &url, "fetch", &answered(200, "{}"))
    }));
    entries
}

/// Returns the call of the API that issued the URL of an upload.
pub(super) fn grant(granted: &Request) -> Value {
    let cors = [("Access-Control-Allow-Origin", ORIGIN)];
    api_call(&Answer { headers: &cors, ..answered(200, &granted.grant()) })
}

/// Returns a HAR file with these entries in the middle of a session.
pub(super) fn session(entries: Vec<Value>) -> String {
    let mut entries: Vec<Value> = before().into_iter().chain(entries).collect();
    // A call of another host that fails comes before a read that fails.
    let is_read = entries.last().is_some_and(|it| it["request"]["method"] == "GET");
    entries.extend(after().into_iter().skip(if is_read { BLOCKED } else { 0 }));
    json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [{"startedDateTime": "2026-11-27T12:00:40.001Z", "id": "page_1", "title": "https://app.example.com/upload",
            "pageTimings": {"onContentLoad": 412.7, "onLoad": 918.3}}],
        "entries": entries}})
    .to_string()
}
