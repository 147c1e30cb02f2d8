//! Key templates. The first line is the template, the second a key. The printed template parses again, also with the ids that
//! it declares by using them, and every key that matches the template starts with its literal prefix.

use std::sync::LazyLock;

use upsign_policy::{IdName, KeyTemplate};

static IDS: LazyLock<[IdName; 2]> = LazyLock::new(|| ["article_id", "b"].map(|name| name.parse().unwrap()));

pub(super) fn run(text: &str) {
    let (template, key) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(declaring) = template.parse::<KeyTemplate>() {
        assert_eq!(KeyTemplate::parse(template, declaring.id_names()).as_ref(), Ok(&declaring));
    }
    let Ok(template) = KeyTemplate::parse(template, &*IDS) else { return };
    assert!(KeyTemplate::parse(template.as_str(), &*IDS).is_ok(), "the printed template does not parse");
    assert!(template.arn_pattern().starts_with(template.literal_prefix()));
    if template.parse_key(key).is_ok() {
        assert!(key.starts_with(template.literal_prefix()), "{key}");
    }
}
