//! Checks of every issued key and header: the invariants I1 to I14 of the corpus `key_policy.json`.

use std::error::Error;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use upsign_core::SignedHeaders;
use upsign_policy::ContentRules;

/// Checks I2 to I9 and I13 for a key of `uploads/{sub}/{uuid}/{filename}`.
pub(crate) fn check_key(key: &str, headers: &SignedHeaders, rules: &ContentRules) {
    let segments: Vec<&str> = key.split('/').collect();
    assert_eq!(segments.len(), 4, "I2: {key:?}");
    let name = segments[3];
    assert!((1..=1024).contains(&key.len()), "I3: {key:?}");
    for c in key.chars() {
        assert!(c.general_category_group() != GeneralCategoryGroup::Other, "I4: {key:?}");
        assert!(!is_format(c), "I4: {key:?}");
        let structural = c.nfkc().any(|part| matches!(part, '/' | '\\') || part == '.' && c != '.');
        assert!(c == '/' || !structural, "I6: {key:?}");
    }
    assert!(is_nfc(key), "I5: {key:?}");
    assert!(segments.iter().all(|segment| !matches!(*segment, "" | "." | "..")), "I7: {key:?}");
    let signed = headers.get("content-type").unwrap().parse().unwrap();
    let extension = name.rsplit_once('.').unwrap().1.to_ascii_lowercase();
    assert!(rules.extensions_of(&signed).any(|known| known == extension), "I8: {key:?}");
    let url = format!("https://b.s3.us-east-1.amazonaws.com/{}?X-Amz-Signature=0", percent_encoded(key));
    assert_eq!(url::Url::parse(&url).unwrap().as_str(), url, "I9");
    assert!(!key.contains(['{', '}']), "I13: {key:?}");
}

/// Checks I10: header values are visible ASCII.
pub(crate) fn check_headers(headers: &SignedHeaders) {
    for (name, value) in headers {
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "I10: {name}: {value:?}");
    }
}

/// Checks I11: every message of the error chain is short and visible ASCII, so it cannot repeat foreign text unescaped.
pub(crate) fn check_error(error: &dyn Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')), "I11: {text:?}");
        assert!(text.len() < 512, "I11: {text:?}");
        next = error.source();
    }
}

fn is_format(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn percent_encoded(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    key.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
