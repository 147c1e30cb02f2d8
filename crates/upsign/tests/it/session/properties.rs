//! Round trips of random sessions, and random tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use upsign::policy::{Checksum, ChecksumAlgorithm, ChecksumKind, MultipartChecksum, PlannedSize};
use upsign::quota::QuotaAccount;
use upsign::session::{
    ResumeWindow, SessionGate, SessionMethod, SessionUpload, TokenKeys, UploadSession, fuzzing,
};
use upsign::types::{AccessPoint, Addressing, Identity, MultipartPlan, Target, Timestamp};

use super::{alice, at, keys, target_of};

fn plans() -> impl Strategy<Value = MultipartPlan> {
    (any::<u64>(), 0_u32..64, any::<u64>(), 0_u32..64).prop_filter_map(
        "more than 10,000 parts",
        |(size, shift, part_size, part_shift)| {
            let (size, part_size) = (size >> shift, part_size >> part_shift);
            MultipartPlan::restore(size, part_size.max(size / 10_000 + 1))
        },
    )
}

fn checksums() -> impl Strategy<Value = Option<MultipartChecksum>> {
    let kinds = [ChecksumKind::FullObject, ChecksumKind::Composite, ChecksumKind::Parts];
    let checksum =
        (prop::sample::select(ChecksumAlgorithm::ALL.to_vec()), prop::sample::select(kinds.to_vec()));
    prop::option::of(checksum.prop_map(|(algorithm, kind)| MultipartChecksum { algorithm, kind }))
}

fn targets() -> impl Strategy<Value = Target> {
    let on_aws = "[a-z][a-z0-9]{2,40}"
        .prop_map(|bucket| Target::aws(bucket.parse().unwrap(), "ap-southeast-1".parse().unwrap()));
    let elsewhere = ("[a-z][a-z0-9]{2,40}", "[a-z]{1,20}", any::<u16>()).prop_map(|(bucket, host, port)| {
        let endpoint = format!("http://{host}.example:{port}").parse().unwrap();
        let region = "us-east-1".parse().unwrap();
        Target::at(&endpoint, Addressing::Path, bucket.parse().unwrap(), region).unwrap()
    });
    let point = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads".parse::<AccessPoint>().unwrap();
    let point = Target::builder(point, "us-west-2".parse().unwrap()).build().unwrap();
    prop_oneof![on_aws, elsewhere, Just(point)]
}

/// How the object is uploaded, and in how many parts.
fn methods() -> impl Strategy<Value = (SessionMethod, MultipartPlan)> {
    let in_parts =
        ("\\PC{1,300}", plans()).prop_map(|(id, plan)| (SessionMethod::Multipart(id.parse().unwrap()), plan));
    let method = prop_oneof![Just(SessionMethod::Put), Just(SessionMethod::Form)];
    let at_once = (method, any::<u64>())
        .prop_map(|(method, size)| (method, MultipartPlan::restore(size, size.max(1)).unwrap()));
    prop_oneof![1 => in_parts, 1 => at_once]
}

/// What a confirmation needs: the smallest size, whether the value of the checksum is known, the gate, and the account.
fn confirmations() -> impl Strategy<Value = (u64, bool, SessionGate, Option<QuotaAccount>)> {
    let gate = prop_oneof![
        Just(SessionGate::None),
        Just(SessionGate::Tag),
        "[^/\\p{Cc}.]{1,200}".prop_map(|key| SessionGate::Pending(key.parse().unwrap())),
    ];
    let account = prop::option::of(any::<[u8; 16]>().prop_map(QuotaAccount::from_bytes));
    (prop_oneof![Just(0), any::<u64>()], any::<bool>(), gate, account)
}

fn uploads() -> impl Strategy<Value = (Target, SessionUpload)> {
    let route =
        prop::option::of("[a-z][a-z0-9_-]{0,63}").prop_map(|name| name.and_then(|name| name.parse().ok()));
    let texts = ("[^/\\p{Cc}.]{1,200}", "[a-z]{1,9}/[a-z]{1,20}");
    (route, targets(), texts, methods(), 0..3, checksums(), confirmations()).prop_map(
        |(route, target, (key, content_type), (method, plan), kind_of_size, checksum, confirmation)| {
            let (min_size, has_value, gate, account) = confirmation;
            let size = match (kind_of_size, &method) {
                (0, _) => PlannedSize::Exact(plan),
                (1, SessionMethod::Multipart(_)) => PlannedSize::FreeParts(plan),
                _ => PlannedSize::AtMost(plan),
            };
            let upload = SessionUpload {
                route,
                bucket: target.resource(),
                endpoint: target.endpoint_url().into(),
                key: key.parse().unwrap(),
                method,
                content_type: content_type.parse().unwrap(),
                size,
                min_size,
                checksum,
                checksum_value: checksum
                    .filter(|_| has_value)
                    .map(|checksum| Checksum::zero(checksum.algorithm)),
                gate,
                account,
            };
            (target, upload)
        },
    )
}

fn sessions() -> impl Strategy<Value = (Identity, Target, UploadSession)> {
    let times = (0..=Timestamp::MAX.as_unix() - 604_800, 1_u64..=604_800);
    (uploads(), "\\PC{1,100}", "\\PC{1,100}", times).prop_map(
        |((target, upload), issuer, subject, (at, window))| {
            let caller = Identity::from_verified(&issuer, &subject).unwrap();
            let window = ResumeWindow::from_secs(window).unwrap();
            let session = UploadSession::begin(upload, &caller, Timestamp::from_unix(at).unwrap(), window);
            (caller, target, session)
        },
    )
}

proptest! {
    #[test]
    fn every_session_is_restored_until_it_expires(
        (caller, target, session) in sessions(),
        secret in prop::collection::vec(any::<u8>(), 32..100),
        deployment in "\\PC{1,60}",
    ) {
        let keys = TokenKeys::new(&deployment, [secret]).unwrap();
        let token = keys.sign(&session).unwrap();
        let last = session.expires_at().saturating_sub(1);
        let restored = keys.verify(token.expose(), &caller, last, |_| Some(target.clone()));
        prop_assert_eq!(restored, Ok(session.clone()));
        prop_assert!(keys.verify(token.expose(), &caller, session.expires_at(), |_| Some(target)).is_err());
    }

    #[test]
    fn two_sessions_have_two_tokens((_, _, one) in sessions(), (_, _, other) in sessions()) {
        let (one_token, other_token) = (keys().sign(&one).unwrap(), keys().sign(&other).unwrap());
        prop_assert_eq!(one == other, one_token == other_token);
    }

    #[test]
    fn random_texts_are_rejected(text in prop_oneof!["\\PC*", "[A-Za-z0-9_-]{0,400}"]) {
        prop_assert!(keys().verify(&text, &alice(), at(), target_of).is_err());
    }

    /// Even with a valid signature, a payload is accepted in one form only.
    #[test]
    fn payload_is_accepted_in_its_canonical_form_only(
        (_, _, session) in sessions(),
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
