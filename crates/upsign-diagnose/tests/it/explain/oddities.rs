//! Each oddity: a URL, and the code that it gets. A URL without oddities gets none.

use std::collections::BTreeSet;

use upsign_diagnose::ODDITIES;

use super::{Url, codes, explain, url};

/// Changes one thing of a URL without oddities.
fn changed(change: impl FnOnce(&mut Url)) -> String {
    let mut url = url();
    change(&mut url);
    url.text()
}

fn based(base: &str) -> String {
    changed(|url| url.base = base.to_owned())
}

fn with(rest: &str) -> String {
    changed(|url| url.rest = format!("&{rest}"))
}

/// Rows of code and URL. The code is the only one.
fn table() -> Vec<(&'static str, String)> {
    let host = "examplebucket.s3.eu-central-1.amazonaws.com";
    let long = format!("https://{host}/{}", "k".repeat(1025));
    vec![
        (
            "expired",
            changed(|url| {
                url.date = "20251231T230000Z".to_owned();
                url.credential = url.credential.replace("20260101", "20251231");
            }),
        ),
        ("not-yet-valid", changed(|url| url.date = "20260101T003000Z".to_owned())),
        ("lifetime-over-7-days", changed(|url| url.expires = "604801".to_owned())),
        ("lifetime-invalid", changed(|url| url.expires = "undefined".to_owned())),
        ("lifetime-invalid", changed(|url| url.expires = "-5".to_owned())),
        ("date-invalid", changed(|url| url.date = "20260101T000000".to_owned())),
        ("date-mismatch", changed(|url| url.credential = url.credential.replace("20260101", "20251231"))),
        ("parameter-missing", url().text().replace("&X-Amz-Expires=900", "")),
        ("parameter-twice", with("X-Amz-Expires=900")),
        ("parameter-added", with("utm_source=mail")),
        ("parameter-added", with("fbclid=1")),
        ("signature-length", changed(|url| url.signature.truncate(63))),
        ("signature-length", changed(|url| url.signature.replace_range(0..1, "x"))),
        ("credential-malformed", changed(|url| url.credential = "AKIAIOSFODNN7EXAMPLE".to_owned())),
        (
            "service-unexpected",
            changed(|url| url.credential = url.credential.replace("Fs3%", "Fexecute-api%")),
        ),
        // Hosts of S3 with a service of their own.
        (
            "service-unexpected",
            based("https://b--euc1-az1--x-s3.s3express-euc1-az1.eu-central-1.amazonaws.com/k"),
        ),
        ("service-unexpected", changed(|url| url.credential = url.credential.replace("Fs3%", "Fs3express%"))),
        ("token-missing", changed(|url| url.credential = url.credential.replace("AKIA", "ASIA"))),
        ("token-may-end-earlier", with("X-Amz-Security-Token=IQoJb3JpZ2lu%2FabcABC123")),
        ("signed-headers-form", changed(|url| url.headers = "host%3Bcontent-type".to_owned())),
        ("signed-headers-form", changed(|url| url.headers = "Content-Type%3Bhost".to_owned())),
        ("host-not-signed", changed(|url| url.headers = "content-type".to_owned())),
        ("header-of-browsers", changed(|url| url.headers = "date%3Bhost".to_owned())),
        (
            "sigv2",
            based("https://b.s3.amazonaws.com/k").split_once('?').unwrap().0.to_owned()
                + "?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1767226000&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D",
        ),
        (
            "multi-region-needs-sigv4a",
            based("https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/k"),
        ),
        ("region-mismatch", based("https://examplebucket.s3.us-west-2.amazonaws.com/k")),
        ("global-endpoint", based("https://examplebucket.s3.amazonaws.com/k")),
        ("website-endpoint", based("https://examplebucket.s3-website.eu-central-1.amazonaws.com/k")),
        ("dotted-bucket", based("https://my.bucket.s3.eu-central-1.amazonaws.com/k")),
        ("host-rewritten", based("https://ExampleBucket.s3.eu-central-1.amazonaws.com/k")),
        ("host-rewritten", based(&format!("https://{host}:443/k"))),
        ("host-rewritten", based("https://bücket.example.com/b/k")),
        ("http", based(&format!("http://{host}/k"))),
        ("fragment", format!("{}#page", url().text())),
        ("dot-segment", based(&format!("https://{host}/a/../b"))),
        ("dot-segment", based(&format!("https://{host}/a/%2E%2e/b"))),
        ("backslash", based(&format!("https://{host}/a\\b"))),
        ("path-rewritten", based(&format!("https://{host}/grün.jpg"))),
        ("double-encoded-key", based(&format!("https://{host}/a%2520b.jpg"))),
        ("plus-in-path", based(&format!("https://{host}/a+b.jpg"))),
        ("encoded-slash", based(&format!("https://{host}/a%2Fb.jpg"))),
        ("empty-segment", based(&format!("https://{host}/a//b.jpg"))),
        ("empty-segment", based(&format!("https://{host}//b.jpg"))),
        ("control-character", based(&format!("https://{host}/a%0Ab"))),
        ("key-not-utf8", based(&format!("https://{host}/%FF"))),
        ("key-too-long", based(&long)),
        ("no-key", based(&format!("https://{host}/"))),
        ("bucket-twice", based(&format!("https://{host}/examplebucket/k"))),
        ("bucket-twice", based("https://s3.eu-central-1.amazonaws.com/examplebucket/examplebucket/k")),
        ("header-in-query", with("x-amz-server-side-encryption=AES256")),
        ("header-in-query", with("Content-Type=image%2Fpng")),
        ("tags-in-query", with("x-amz-tagging=a%3Db")),
        ("checksum-of-empty-body", with("x-amz-checksum-crc32=AAAAAA%3D%3D")),
        ("checksum-in-query", with("x-amz-checksum-crc32=NSRBwg%3D%3D")),
        (
            "payload-of-empty-body",
            with("X-Amz-Content-Sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ),
        ("wildcard-policy", cloudfront(&policy("https://d1.cloudfront.net/*"))),
        ("policy-unreadable", cloudfront("bm90IGpzb24_")),
    ]
}

fn policy(resource: &str) -> String {
    use base64::Engine as _;
    let text = format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1767226000}}}}}}]}}"#
    );
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    encoded.replace('+', "-").replace('=', "_").replace('/', "~")
}

fn cloudfront(policy: &str) -> String {
    format!(
        "https://d1.cloudfront.net/a/b.jpg?Policy={policy}&Signature=abcdefghijklmnop__&Key-Pair-Id=K2JCJMDEHXQW5F"
    )
}

#[test]
fn each_oddity_gets_its_code_and_no_other() {
    for (code, url) in table() {
        // A session token and the location cannot be right at the same time in these rows.
        let explained = explain(&url);
        assert_eq!(codes(&explained), [code], "{url}\n{:#?}", explained.oddities);
    }
}

/// By how much, in the two largest units.
#[test]
fn sentences_of_dates_have_their_values() {
    for (url, sentence) in [
        (
            changed(|url| {
                url.date = "20251229T210000Z".to_owned();
                url.credential = url.credential.replace("20260101", "20251229");
            }),
            "the URL expired 2 days 2 h ago, at 2025-12-29T21:15:00Z",
        ),
        (
            changed(|url| url.date = "20260101T003000Z".to_owned()),
            "the URL is valid from 2026-01-01T00:30:00Z on, in 25 min",
        ),
        (
            changed(|url| url.expires = "691200".to_owned()),
            "X-Amz-Expires is 691200 (8 days), and 604800 is the maximum",
        ),
    ] {
        assert_eq!(explain(&url).oddities[0].sentence.as_str(), sentence);
    }
}

/// The fix names no other service than the sentence.
#[test]
fn the_service_that_the_host_needs_is_named() {
    let directory = based("https://b--euc1-az1--x-s3.s3express-euc1-az1.eu-central-1.amazonaws.com/k");
    let explanation = explain(&directory);
    let found = explanation.oddities.iter().find(|it| it.code() == "service-unexpected").unwrap();
    assert!(found.sentence.as_str().contains("needs the service s3express"), "{found:?}");
    assert_eq!(found.kind.fix, "sign for the service that the host needs");
}

#[test]
fn a_plus_in_a_token_is_reported_with_the_token() {
    let explained = explain(&with("X-Amz-Security-Token=IQoJb3JpZ2lu+abcABC123"));
    assert_eq!(codes(&explained), ["plus-in-query", "token-may-end-earlier"]);
}

#[test]
fn urls_without_oddities_get_none() {
    for text in [
        url().text(),
        based("https://s3.eu-central-1.amazonaws.com/my.bucket/k"),
        based("https://examplebucket.s3.dualstack.eu-central-1.amazonaws.com/a%20b/%E6%97%A5.jpg"),
        based("https://examplebucket.s3-accelerate.amazonaws.com/k"),
        based("https://ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/k"),
        based("http://127.0.0.1:9000/bucket/k"),
        based("http://localhost:9000/bucket/k"),
        based("https://examplebucket.nyc3.digitaloceanspaces.com/k"),
        with("x-amz-meta-owner=7&x-id=PutObject&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"),
        cloudfront(&policy("https://d1.cloudfront.net/a/b.jpg")),
    ] {
        let explained = explain(&text);
        assert_eq!(codes(&explained), [""; 0], "{text}\n{:#?}", explained.oddities);
    }
}

/// Oddities of forms are in `forms.rs`.
#[test]
fn every_row_of_the_table_has_a_case() {
    let mut tested: BTreeSet<_> = table().iter().map(|(code, _)| *code).collect();
    tested.extend(super::forms::table().iter().map(|(code, ..)| *code));
    tested.insert("plus-in-query");
    let rows: BTreeSet<_> = ODDITIES.iter().map(|kind| kind.code).collect();
    assert_eq!(rows.len(), ODDITIES.len(), "a code occurs twice");
    assert_eq!(tested, rows);
    for kind in ODDITIES {
        assert!(kind.source.starts_with("https://") && !kind.fix.ends_with('.'), "{}", kind.code);
    }
}
