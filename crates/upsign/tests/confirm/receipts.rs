//! Receipts: their format, every way to alter one, and the rotation of secrets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use upsign::confirm::{Receipt, ReceiptRejection, SignedReceipt};
use upsign::policy::{Checksum, ChecksumAlgorithm};
use upsign::types::Addressing;

use super::*;

fn receipt() -> Receipt {
    let (key, etag) = ("images/1.jpg".parse().unwrap(), "9b2cf535f27731c974343645a3985328".parse().unwrap());
    let owner = keys().owner_of(&alice());
    Receipt::new(&target(), key, etag, 48_213, JPEG.parse().unwrap(), owner, at())
        .with_route(Some("images".parse().unwrap()))
        .with_version_id(Some("3sL4kqtJlcpXroDTDmJ".parse().unwrap()))
        .with_checksum(Some(Checksum::zero(ChecksumAlgorithm::Crc64nvme)))
}

fn verify(text: &str) -> Result<Receipt, ReceiptRejection> {
    keys().verify_receipt(text, |_| Some(target())).map_err(|error| {
        assert_eq!(error.to_string(), "the receipt is not valid for this service");
        error.reason()
    })
}

#[test]
fn receipt_has_the_documented_bytes() {
    let signed = keys().sign_receipt(&receipt()).unwrap();
    assert_eq!(format!("{signed:?}"), "SignedReceipt([redacted])");
    let bytes = URL_SAFE_NO_PAD.decode(signed.expose()).unwrap();
    let payload = &bytes[9..bytes.len() - 32];
    let mut expected = Vec::new();
    expected.extend_from_slice(&at().as_unix().to_be_bytes());
    expected.extend_from_slice(&48_213_u64.to_be_bytes());
    expected.push(5 | 1 << 4); // crc64nvme, and a version
    expected.extend_from_slice(receipt().owner().as_bytes());
    for text in [
        "AAAAAAAAAAA=",
        "3sL4kqtJlcpXroDTDmJ",
        "images",
        "article-images-bucket",
        "https://s3.ap-southeast-1.amazonaws.com",
        "images/1.jpg",
        "9b2cf535f27731c974343645a3985328",
        "image/jpeg",
    ] {
        expected.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        expected.extend_from_slice(text.as_bytes());
    }
    assert_eq!((bytes[0], payload), (1, &*expected));
    assert_eq!(verify(signed.expose()), Ok(receipt()));
    // Neither the issuer nor the subject is in it.
    assert!(!bytes.windows(5).any(|window| window == b"alice"));
}

/// `receipts.json` was computed by a Python script from the documented format.
#[test]
fn receipts_agree_with_the_independent_implementation() {
    let vectors = include_str!("../../../upsign-testing/vectors/receipts.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let keys = TokenKeys::new("production", [(0..32).collect::<Vec<u8>>()]).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let of = &case["receipt"];
        let text = |name: &str| of[name].as_str().unwrap();
        let caller = Identity::from_verified(text("issuer"), text("subject")).unwrap();
        let owner = keys.owner_of(&caller);
        assert_eq!(owner.to_string(), case["owner"].as_str().unwrap());
        let at = Timestamp::from_unix(of["confirmedAt"].as_u64().unwrap()).unwrap();
        let (key, etag) = (text("key").parse().unwrap(), text("etag").parse().unwrap());
        let (size, content_type) = (of["size"].as_u64().unwrap(), text("contentType").parse().unwrap());
        let checksum = of["checksum"]
            .as_str()
            .map(|algorithm| Checksum::parse(algorithm.parse().unwrap(), text("checksumValue")).unwrap());
        let receipt = Receipt::new(&target(), key, etag, size, content_type, owner, at)
            .with_route(of["route"].as_str().map(|route| route.parse().unwrap()))
            .with_version_id(of["versionId"].as_str().map(|version| version.parse().unwrap()))
            .with_checksum(checksum);
        let signed = keys.sign_receipt(&receipt).unwrap();
        assert_eq!(signed.expose(), case["text"].as_str().unwrap(), "{}", case["name"]);
        assert_eq!(keys.verify_receipt(signed.expose(), |_| Some(target())), Ok(receipt));
    }
}

#[test]
fn receipt_with_any_changed_character_is_rejected() {
    let signed = keys().sign_receipt(&receipt()).unwrap();
    let text = signed.expose();
    for position in 0..text.len() {
        let mut changed = text.as_bytes().to_vec();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        assert!(verify(str::from_utf8(&changed).unwrap()).is_err(), "{position}");
        assert!(verify(text.get(..position).unwrap()).is_err(), "the first {position}");
    }
    for addition in ["A", "AAAA", "=", " ", "\n"] {
        assert!(
            verify(&format!("{text}{addition}")).is_err() && verify(&format!("{addition}{text}")).is_err()
        );
    }
}

#[test]
fn each_rejection_has_its_reason() {
    let max = SignedReceipt::MAX_LEN;
    assert_eq!(verify(&"A".repeat(max + 1)), Err(ReceiptRejection::TooLong { len: max + 1, max }));
    assert_eq!(verify("!"), Err(ReceiptRejection::Encoding));
    assert_eq!(verify("AAAA"), Err(ReceiptRejection::TooShort));
    assert_eq!(verify(&"A".repeat(100)), Err(ReceiptRejection::Version(0)));
    let staging = TokenKeys::new("staging", [[7; 32]]).unwrap().sign_receipt(&receipt()).unwrap();
    assert_eq!(verify(staging.expose()), Err(ReceiptRejection::UnknownKey));
    let signed = keys().sign_receipt(&receipt()).unwrap();
    let at_targets = |target: Option<Target>| {
        keys().verify_receipt(signed.expose(), |_| target).map_err(|error| error.reason())
    };
    assert_eq!(at_targets(None), Err(ReceiptRejection::Route));
    let region = || "ap-southeast-1".parse().unwrap();
    let bucket = Target::aws("another-bucket".parse().unwrap(), region());
    assert_eq!(at_targets(Some(bucket)), Err(ReceiptRejection::Bucket));
    let store = "http://127.0.0.1:9000".parse().unwrap();
    let elsewhere =
        Target::at(&store, Addressing::Path, "article-images-bucket".parse().unwrap(), region()).unwrap();
    assert_eq!(at_targets(Some(elsewhere)), Err(ReceiptRejection::Bucket));
    // An upload token is signed with another key.
    let store = Store::new(true);
    let grant = futures_executor::block_on(grant(&service(options(), &store)));
    assert_eq!(verify(token(&grant)), Err(ReceiptRejection::Version(2)));
}

#[test]
fn receipts_and_owners_outlive_a_rotation() {
    let old = TokenKeys::new("production", [[1; 32]]).unwrap();
    let rotated = TokenKeys::new("production", [[2; 32], [1; 32]]).unwrap();
    let owner = old.owner_of(&alice());
    assert_ne!(rotated.owner_of(&alice()), owner);
    assert!(rotated.is_owner(&alice(), owner) && rotated.is_owner(&alice(), rotated.owner_of(&alice())));
    assert!(!rotated.is_owner(&bob(), owner));
    let signed = old.sign_receipt(&receipt()).unwrap();
    assert_eq!(rotated.verify_receipt(signed.expose(), |_| Some(target())), Ok(receipt()));
    let new = TokenKeys::new("production", [[2; 32]]).unwrap();
    let error = new.verify_receipt(signed.expose(), |_| Some(target())).unwrap_err();
    assert_eq!(error.reason(), ReceiptRejection::UnknownKey);
}

#[test]
fn owner_binds_issuer_and_subject() {
    let of =
        |issuer: &str, subject: &str| keys().owner_of(&Identity::from_verified(issuer, subject).unwrap());
    assert_ne!(of("https://a", "b"), of("https://a.example", "b"));
    // The border between the two is part of the message.
    assert_ne!(of("https://ab", "c"), of("https://a", "bc"));
    assert_eq!(of("https://a", "b").to_string().len(), 32);
}

proptest! {
    #[test]
    fn every_receipt_is_restored(
        key in "[^/\\p{Cc}.]{1,300}",
        etag in "[!#-~]{1,128}",
        version in prop::option::of("[!-~]{1,1024}"),
        size in any::<u64>(),
        at in 0..=Timestamp::MAX.as_unix(),
        algorithm in prop::option::of(prop::sample::select(ChecksumAlgorithm::ALL.to_vec())),
        route in prop::option::of("[a-z][a-z0-9_-]{0,63}"),
    ) {
        let at = Timestamp::from_unix(at).unwrap();
        let owner = keys().owner_of(&alice());
        let receipt = Receipt::new(
            &target(), key.parse().unwrap(), etag.parse().unwrap(), size, JPEG.parse().unwrap(), owner, at,
        )
        .with_version_id(version.map(|version| version.parse().unwrap()))
        .with_checksum(algorithm.map(Checksum::zero))
        .with_route(route.and_then(|route| route.parse().ok()));
        let signed = keys().sign_receipt(&receipt).unwrap();
        prop_assert!(signed.expose().len() <= SignedReceipt::MAX_LEN);
        prop_assert_eq!(verify(signed.expose()), Ok(receipt));
    }

    #[test]
    fn random_texts_are_rejected(text in prop_oneof!["\\PC*", "[A-Za-z0-9_-]{0,400}"]) {
        prop_assert!(verify(&text).is_err());
    }

    /// Even with a valid signature, a payload is accepted in one form only.
    #[test]
    fn payload_is_accepted_in_its_canonical_form_only(position in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let bytes = URL_SAFE_NO_PAD.decode(keys().sign_receipt(&receipt()).unwrap().expose()).unwrap();
        let mut payload = bytes[9..bytes.len() - 32].to_vec();
        prop_assert_eq!(upsign::session::fuzzing::receipt(&payload), Some(payload.clone()));
        let place = position.index(payload.len());
        payload[place] ^= 1 << bit;
        if let Some(restored) = upsign::session::fuzzing::receipt(&payload) {
            prop_assert_eq!(restored, payload);
        }
    }
}
