//! Prints how long it takes to diagnose HAR files of 10 MiB: `cargo bench -p upsign-diagnose`.
//!
//! The shapes are those that cost most: many requests, large answers, answers in base64, and answers with many signed URLs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and its panic is its report"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upsign_diagnose::{Evidence, diagnose};
use zeroize::Zeroizing;

/// The size of each file.
const SIZE: usize = 10 << 20;

const ROUNDS: usize = 7;

/// Returns a signed URL of S3. Its signature has the right form and signs nothing.
fn url(number: usize) -> String {
    format!(
        "https://my-bucket.s3.eu-central-1.amazonaws.com/photos/{number}.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261127%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20261127T120000Z\
         &X-Amz-Expires=900&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match&X-Amz-Signature={number:064x}"
    )
}

fn entry(method: &str, url: &str, headers: &[(&str, &str)], status: u16, content: &Value) -> Value {
    let headers: Vec<Value> =
        headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({
        "startedDateTime": "2026-11-27T12:01:00.123Z", "time": 84.2, "_resourceType": "xhr", "pageref": "page_1",
        "request": {"method": method, "url": url, "httpVersion": "http/1.1", "headers": headers, "queryString": [],
            "cookies": [], "headersSize": 1423, "bodySize": 0},
        "response": {"status": status, "statusText": "", "httpVersion": "http/1.1", "headers": [], "cookies": [],
            "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1},
        "cache": {}, "timings": {"send": 0.2, "wait": 79.4, "receive": 1.5}
    })
}

fn text(body: &str) -> Value {
    json!({"size": body.len(), "mimeType": "application/json", "text": body})
}

/// The upload that failed: another type than was signed.
fn failed(number: usize) -> Value {
    let headers = [
        ("Host", "my-bucket.s3.eu-central-1.amazonaws.com"),
        ("content-type", "text/plain"),
        ("content-length", "48213"),
        ("if-none-match", "*"),
        ("Origin", "https://app.example.com"),
    ];
    let error = "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message></Error>";
    entry("PUT", &url(number), &headers, 403, &text(error))
}

/// Returns the answer that granted uploads.
fn granted(numbers: std::ops::Range<usize>) -> Value {
    let headers = json!({"content-type": "image/jpeg", "content-length": "48213", "if-none-match": "*"});
    let files: Vec<Value> = numbers
        .map(|number| json!({"uploadUrl": url(number), "method": "PUT", "headers": headers}))
        .collect();
    entry("POST", "https://api.example.com/upload-url", &[], 200, &text(&json!({"files": files}).to_string()))
}

/// Returns a HAR file that `more` fills up to the size, with a failed upload and its grant.
fn har(mut more: impl FnMut(usize) -> Value) -> String {
    let mut entries = vec![granted(0..1), failed(0)];
    let mut len: usize = entries.iter().map(|entry| entry.to_string().len()).sum();
    for number in 1.. {
        let entry = more(number);
        len += entry.to_string().len() + 1;
        if len > SIZE {
            break;
        }
        entries.insert(0, entry);
    }
    json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": entries}})
        .to_string()
}

/// Returns the median time of reading and diagnosing a file.
fn median(har: &str, secret: Option<&str>) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let mut evidence = Evidence::read(black_box(har.as_bytes())).unwrap();
            if let Some(secret) = secret {
                evidence = evidence.with_secret(None, Zeroizing::new(secret.to_owned()));
            }
            let found = diagnose(&evidence);
            assert!(!black_box(found).is_empty(), "there is always a diagnosis");
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.into_iter().nth(ROUNDS / 2).unwrap_or_default()
}

fn main() {
    let script = "export const a=(b)=>b.map((c)=>c*2);".repeat(3_000);
    let base64 = "iVBORw0KGgoAAAANSUhEUgAA".repeat(5_000);
    let image = json!({"size": 90_000, "mimeType": "image/png", "text": base64, "encoding": "base64"});
    let shapes = [
        (
            "many small requests",
            har(|_| entry("GET", "https://app.example.com/a", &[("accept", "*/*")], 304, &json!({}))),
        ),
        (
            "scripts of 100 KB",
            har(|_| entry("GET", "https://app.example.com/a.js", &[], 200, &text(&script))),
        ),
        ("images in base64", har(|_| entry("GET", "https://app.example.com/a.png", &[], 200, &image))),
        ("failed uploads only", har(failed)),
        ("grants of 100 files each", har(|number| granted(number * 100..number * 100 + 100))),
        ("one grant of many files", {
            let files = SIZE / granted(0..1).to_string().len();
            har(|number| if number == 1 { granted(1..files) } else { granted(0..files) })
        }),
    ];
    println!("{:<28} {:>9} {:>12} {:>14}", "HAR file", "size", "diagnosed in", "with a secret");
    let mut slowest = (Duration::ZERO, "");
    for (name, har) in &shapes {
        let (without, with) =
            (median(har, None), median(har, Some("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")));
        let mib = har.len() as f64 / f64::from(1 << 20);
        println!("{name:<28} {mib:>5.1} MiB {without:>12.1?} {with:>14.1?}");
        slowest = slowest.max((with.max(without), name));
    }
    println!("slowest: {}, {:.1?}", slowest.1, slowest.0);
}
