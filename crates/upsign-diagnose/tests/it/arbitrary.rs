//! Any text is either refused or diagnosed, without a panic, and what a person can break is never certain.

use proptest::prelude::*;
use upsign_diagnose::{Evidence, diagnose};

use crate::fixture::{Request, har};

/// Texts of every kind.
fn seeds() -> Vec<String> {
    let request = Request::put();
    vec![
        request.echo(),
        request.curl_verbose(403, &request.echo()),
        request.curl_command(),
        request.curl_command().replace('\'', "^\""),
        request.fetch_call(),
        har(&[request.har_entry(403, &[], &request.echo())]),
        "HTTP/1.1 403 Forbidden\r\nA: b\r\n\r\n<Error><Code>AccessDenied</Code></Error>".to_owned(),
        "Access to fetch at 'https://b/k' from origin 'https://a' has been blocked by CORS policy: x"
            .to_owned(),
        "{\"code\":\"unauthorized\",\"status\":401}".to_owned(),
    ]
}

fn read(text: &str) {
    if let Ok(evidence) = Evidence::read(text.as_bytes()) {
        let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap());
        assert!(!found.is_empty());
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_read(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn arbitrary_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(evidence) = Evidence::read(&bytes) {
            prop_assert!(!diagnose(&evidence).is_empty());
        }
    }

    #[test]
    fn changed_texts_are_read(seed in 0..9_usize, at in 0.0..1.0_f64, cut in 0..40_usize, added in "\\PC{0,12}") {
        let text = &seeds()[seed];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in the text")]
        let at = text.floor_char_boundary((text.len() as f64 * at) as usize);
        let end = text.floor_char_boundary((at + cut).min(text.len()));
        read(&format!("{}{added}{}", &text[..at], &text[end..]));
        read(&text[..at]);
    }
}
