//! Hosts of endpoints and origins are read as the browsers of `hosts.json` read them, and presigned URLs stay as they are signed.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use upsign_core::{Credentials, Endpoint, Origin, Sign};
use upsign_sigv4::SigV4;
use upsign_testing::requests;
use url::Url;

const CORPUS: &str = include_str!("../../vectors/hosts.json");

#[test]
fn hosts_are_read_as_browsers_read_them() {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let rows = corpus["rows"].as_array().unwrap();
    assert!(rows.len() > 150, "{} rows", rows.len());
    for row in rows {
        let (host, browser) = (row["host"].as_str().unwrap(), row["browser"].as_str());
        let ours = format!("https://{host}").parse::<Endpoint>().ok();
        let ours = ours.as_ref().map(Endpoint::host);
        // Which names in other scripts are valid is in the tables of Unicode. The parser does not have them, and those of
        // browsers differ by version.
        let is_refused_by_one = ours.is_none() || browser.is_none();
        let needs_unicode = is_refused_by_one && host.split('.').any(|label| label.starts_with("xn--"));
        assert!(ours == browser || needs_unicode, "{host}: {ours:?}, but browsers read {browser:?}");
        // Browsers send only what they have written, so an origin must already have this form.
        let origin = format!("https://{host}").parse::<Origin>();
        assert!(origin.is_ok() == (browser == Some(host)) || needs_unicode, "{host}: {origin:?}");
    }
}

/// A browser parses a presigned URL before it sends the request. If that changed a byte, the signature would not match.
#[test]
fn browsers_do_not_rewrite_presigned_urls() {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let signed = Cell::new(0);
    TestRunner::new(config)
        .run(&(requests::all(), requests::times()), |(request, at)| {
            let Ok(presigned) = SigV4::new().sign(&request, &credentials, at) else { return Ok(()) };
            signed.set(signed.get() + 1);
            let url = presigned.url.expose();
            let parsed = Url::parse(url).unwrap();
            prop_assert_eq!(parsed.as_str(), url);
            let object = request.target().object_url(request.key());
            prop_assert_eq!(url.split('?').next(), Some(object.as_str()));
            Ok(())
        })
        .unwrap();
    assert!(signed.get() > 1_900, "{} requests were signed", signed.get());
}
