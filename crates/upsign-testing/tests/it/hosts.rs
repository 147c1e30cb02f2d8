//! Hosts of endpoints and origins are read as the browsers of `hosts.json` read them.

use serde_json::Value;
use upsign_core::{Endpoint, Origin};

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
