//! Round trips of random sessions, and random tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use upsign::policy::ChecksumAlgorithm;
use upsign::session::{MultipartUpload, ResumeWindow, TokenKeys, UploadSession, fuzzing};
use upsign::types::{Identity, MultipartPlan, Timestamp};

use super::{alice, at, bucket_of, keys};

fn plans() -> impl Strategy<Value = MultipartPlan> {
    (any::<u64>(), 0_u32..64, any::<u64>(), 0_u32..64).prop_filter_map(
        "more than 10,000 parts",
        |(size, shift, part_size, part_shift)| {
            let (size, part_size) = (size >> shift, part_size >> part_shift);
            MultipartPlan::restore(size, part_size.max(size / 10_000 + 1))
        },
    )
}

fn uploads() -> impl Strategy<Value = MultipartUpload> {
    let route =
        prop::option::of("[a-z][a-z0-9_-]{0,63}").prop_map(|name| name.and_then(|name| name.parse().ok()));
    let bucket = prop_oneof![
        "[a-z][a-z0-9]{2,40}",
        Just("arn:aws:s3:us-west-2:123456789012:accesspoint/uploads".to_owned()),
    ];
    let checksum = prop::option::of(prop::sample::select(ChecksumAlgorithm::ALL.to_vec()));
    (route, bucket, "[^/\\p{Cc}.]{1,200}", "\\PC{1,300}", "[a-z]{1,9}/[a-z]{1,20}", plans(), checksum)
        .prop_map(|(route, bucket, key, upload_id, content_type, plan, checksum)| MultipartUpload {
            route,
            bucket: bucket.parse().unwrap(),
            key: key.parse().unwrap(),
            upload_id: upload_id.parse().unwrap(),
            content_type: content_type.parse().unwrap(),
            plan,
            checksum,
        })
}

fn sessions() -> impl Strategy<Value = (Identity, UploadSession)> {
    let times = (0..=Timestamp::MAX.as_unix() - 604_800, 1_u64..=604_800);
    (uploads(), "\\PC{1,100}", "\\PC{1,100}", times).prop_map(|(upload, issuer, subject, (at, window))| {
        let caller = Identity::from_verified(&issuer, &subject).unwrap();
        let window = ResumeWindow::from_secs(window).unwrap();
        let session = UploadSession::begin(upload, &caller, Timestamp::from_unix(at).unwrap(), window);
        (caller, session)
    })
}

proptest! {
    #[test]
    fn every_session_is_restored_until_it_expires(
        (caller, session) in sessions(),
        secret in prop::collection::vec(any::<u8>(), 32..100),
        deployment in "\\PC{1,60}",
    ) {
        let keys = TokenKeys::new(&deployment, [secret]).unwrap();
        let token = keys.sign(&session).unwrap();
        let bucket = session.upload().bucket.clone();
        let last = session.expires_at().saturating_sub(1);
        let restored = keys.verify(token.expose(), &caller, last, |_| Some(bucket.clone()));
        prop_assert_eq!(restored, Ok(session.clone()));
        prop_assert!(keys.verify(token.expose(), &caller, session.expires_at(), |_| Some(bucket)).is_err());
    }

    #[test]
    fn two_sessions_have_two_tokens((_, one) in sessions(), (_, other) in sessions()) {
        let (one_token, other_token) = (keys().sign(&one).unwrap(), keys().sign(&other).unwrap());
        prop_assert_eq!(one == other, one_token == other_token);
    }

    #[test]
    fn random_texts_are_rejected(text in prop_oneof!["\\PC*", "[A-Za-z0-9_-]{0,400}"]) {
        prop_assert!(keys().verify(&text, &alice(), at(), bucket_of).is_err());
    }

    /// Even with a valid signature, a payload is accepted in one form only.
    #[test]
    fn payload_is_accepted_in_its_canonical_form_only(
        (_, session) in sessions(),
        position in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let payload = payload(&session);
        prop_assert_eq!(fuzzing::payload(&payload), Some(payload.clone()));
        let mut changed = payload;
        let place = position.index(changed.len());
        changed[place] ^= 1 << bit;
        if let Some(restored) = fuzzing::payload(&changed) {
            prop_assert_eq!(restored, changed);
        }
    }
}

/// Returns the payload of the session's token: what is between the key id and the signature.
fn payload(session: &UploadSession) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(keys().sign(session).unwrap().expose()).unwrap();
    bytes.get(9..bytes.len() - 32).unwrap().to_vec()
}
