//! Properties: arbitrary input never panics and shows no secret, and URLs of our signer are explained as they were signed.

use proptest::prelude::*;
use upsign_core::{
    Credentials, Endpoint, ExpiresIn, Expiry, ObjectKey, Operation, PresignRequest, Sign, SignedHeaders,
    Target, Timestamp,
};
use upsign_diagnose::{Explanation, Redacted, SignedUrl, Subject};
use upsign_sigv4::SigV4;

use super::{SIGNATURE, url};

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// What a bucket can be called.
fn buckets() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{1,20}[a-z0-9]|[a-z0-9]{2,10}\\.[a-z]{3})"
        .prop_filter("no reserved name", |name| name.parse::<upsign_core::Bucket>().is_ok())
}

fn keys() -> impl Strategy<Value = ObjectKey> {
    prop_oneof!["[a-zA-Z0-9 +%&=#?()'!*~._/-]{1,60}", "\\PC{1,40}"]
        .prop_filter_map("no key", |text| text.parse().ok())
}

fn headers() -> impl Strategy<Value = SignedHeaders> {
    let names = prop::sample::subsequence(
        vec![
            "content-type",
            "content-length",
            "if-none-match",
            "x-amz-meta-a",
            "x-amz-checksum-sha256",
            "x-amz-tagging",
        ],
        0..=6,
    );
    names.prop_map(|names| {
        let mut headers = SignedHeaders::new();
        for name in names {
            headers.insert(name, "7").unwrap();
        }
        headers
    })
}

fn targets() -> impl Strategy<Value = Target> {
    (buckets(), prop::sample::select(vec!["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]), 0..4)
        .prop_map(|(bucket, region, kind)| {
            let (bucket, region): (upsign_core::Bucket, upsign_core::Region) =
                (bucket.parse().unwrap(), region.parse().unwrap());
            match kind {
                0 => Target::aws(bucket, region),
                1 => {
                    let endpoint: Endpoint = "http://127.0.0.1:9000".parse().unwrap();
                    Target::at(&endpoint, upsign_core::Addressing::Path, bucket, region).unwrap()
                }
                2 => {
                    let endpoint: Endpoint = "https://acct.r2.cloudflarestorage.com".parse().unwrap();
                    Target::at(&endpoint, upsign_core::Addressing::Path, bucket, region).unwrap()
                }
                _ => Target::builder(bucket.clone(), region.clone())
                    .dualstack(true)
                    .build()
                    .unwrap_or_else(|_| Target::aws(bucket, region)),
            }
        })
}

/// Returns the names of the parts of a URL. They are in order, and only separators are between them.
fn parts_of(url: &str) -> Vec<&'static str> {
    let Ok(signed) = SignedUrl::parse(url) else { return Vec::new() };
    let (parts, mut end) = (signed.parts(), 0);
    for part in &parts {
        let between = url.get(end..part.range.start).unwrap();
        let between = between.to_ascii_lowercase();
        let is_separator = ["http://", "https://", "%2f"].contains(&&*between);
        assert!(is_separator || between.bytes().all(|byte| b"/?&".contains(&byte)), "{between:?} in {url}");
        assert!(!url.get(part.range.clone()).unwrap().is_empty());
        end = part.range.end;
    }
    assert!(url.get(end..).unwrap().bytes().all(|byte| byte == b'&') || signed.fragment().is_some(), "{url}");
    parts.iter().map(|part| part.kind.name()).collect()
}

proptest! {
    #[test]
    fn urls_of_our_signer_are_explained_as_they_were_signed(
        target in targets(), key in keys(), headers in headers(), expires_in in 1_u64..=604_800, is_temporary: bool,
    ) {
        let credentials = if is_temporary {
            Credentials::temporary("ASIAY34FZKBOKMUTVV7A", "secret", "IQoJb3JpZ2luX2VjEKr+/w==secretsecret", Expiry::Never).unwrap()
        } else {
            Credentials::long_term("AKIAY34FZKBOKMUTVV7A", "secret").unwrap()
        };
        let request = PresignRequest::new(target.clone(), Operation::PutObject, key.clone(), ExpiresIn::from_secs(expires_in).unwrap()).with_headers(headers.clone());
        let signed = SigV4::new().sign(&request, &credentials, at()).unwrap();
        let subject = Subject::read(signed.url.expose().as_bytes()).unwrap();
        let explained = Explanation::of(&subject, at());

        let location = explained.location.as_ref().unwrap();
        prop_assert_eq!(location.bucket.as_deref(), Some(target.bucket().as_str()));
        prop_assert_eq!(location.key.as_deref(), Some(key.as_str()));
        prop_assert!(!location.is_assumed);
        prop_assert_eq!(explained.signing_region.as_ref().unwrap().as_str(), target.region().as_str());
        prop_assert_eq!(explained.validity.expires_at.unwrap().seconds_since(at()), expires_in);
        prop_assert_eq!(explained.signer.account.as_deref(), Some("609629065308"));
        let mut names: Vec<&str> = headers.iter().map(|(name, _)| name).chain(["host"]).collect();
        names.sort_unstable();
        let required: Vec<&str> = explained.required.iter().map(|it| it.name.as_str()).collect();
        prop_assert_eq!(required, names);
        // Our signer makes none of these mistakes; the bucket and the key are the caller's choice.
        let allowed = ["token-may-end-earlier", "dotted-bucket", "double-encoded-key", "bucket-twice", "encoded-slash", "http"];
        for oddity in &explained.oddities {
            prop_assert!(allowed.contains(&oddity.code()), "{:?}", oddity);
        }
        let names = parts_of(signed.url.expose());
        for wanted in ["host", "key", "signer", "scope", "signed-at", "expiry", "signed-headers", "signature"] {
            prop_assert!(names.contains(&wanted), "{:?}", names);
        }
        let shown = format!("{explained:?}{}", explained.to_json());
        let signature = signed.url.expose().split("X-Amz-Signature=").nth(1).unwrap();
        prop_assert!(!shown.contains(&signature[8..64]) && !shown.contains("secretsecret"));
    }

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(subject) = Subject::read(&bytes) {
            prop_assert!(Explanation::of(&subject, at()).to_json().is_object());
        }
    }

    #[test]
    fn changed_urls_are_answered_and_show_no_signature(text in "\\PC{0,30}", at_byte in 0_usize..400, removed in 0_usize..40) {
        let url = url().text();
        let at_byte = at_byte.min(url.len());
        let changed = format!("{}{text}{}", &url[..at_byte], url.get(at_byte + removed..).unwrap_or_default());
        if let Ok(subject) = Subject::read(changed.as_bytes()) {
            let explained = Explanation::of(&subject, at());
            let shown = format!("{explained:?}{}", explained.to_json());
            prop_assert!(!shown.contains(&SIGNATURE[20..]));
            parts_of(changed.trim());
        }
    }

    #[test]
    fn redaction_is_stable_and_keeps_everything_else(text in "\\PC{0,200}") {
        let once = Redacted::new(&text);
        let twice = Redacted::new(once.as_str());
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn redacted_text_has_no_signature(before in "[ -~]{0,40}", name in prop::sample::select(vec!["X-Amz-Signature", "x-amz-security-token", "Signature", "sig"]), after in "[ &\"'<>]{1}") {
        let secret = "0123456789abcdef0123456789abcdef";
        let shown = Redacted::new(&format!("{before} {name}={secret}{after}"));
        prop_assert!(!shown.as_str().contains(&secret[8..]), "{}", shown);
    }
}
