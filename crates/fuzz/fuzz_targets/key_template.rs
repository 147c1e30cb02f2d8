//! Templates of keys: the first line is the template, the second a key.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use upsign_policy::{IdName, KeyTemplate};

static IDS: LazyLock<[IdName; 2]> = LazyLock::new(|| ["article_id", "b"].map(|name| name.parse().unwrap()));

fuzz_target!(|text: &str| {
    let (template, key) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(template) = KeyTemplate::parse(template, &*IDS) else { return };
    assert!(KeyTemplate::parse(template.as_str(), &*IDS).is_ok(), "a template reads as what it prints");
    assert!(template.arn_pattern().starts_with(template.literal_prefix()));
    if template.parse_key(key).is_ok() {
        assert!(key.starts_with(template.literal_prefix()), "{key}");
    }
});
