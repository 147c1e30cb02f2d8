//! Content types: the normal form parses to itself and is safe in a header.

use upsign_policy::ContentType;

pub(super) fn run(text: &str) {
    let Ok(parsed) = text.parse::<ContentType>() else { return };
    let normal = parsed.as_str();
    assert_eq!(normal.parse(), Ok(parsed.clone()), "{normal:?}");
    assert!(normal.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{normal:?}");
    assert_eq!(parsed.essence(), format!("{}/{}", parsed.main_type(), parsed.subtype()));
    assert!(normal.starts_with(parsed.essence()) && !parsed.essence().contains(['*', ' ', ';']));
}
