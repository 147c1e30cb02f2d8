//! Keys with `{id:sealed}`: read back, and refused if anything in them is changed.

use proptest::prelude::*;
use upsign_core::{Identity, Target, Timestamp};
use upsign_policy::{
    Bodyless, ConfirmationOptions, Denied, Gate, Ids, Permit, SealKeys, SealNonce, SealedId, UploadPolicy,
    UploadRequest, uuid_v4, uuid_v7,
};

use crate::sample::{MIB, target};

/// A code that depends on every byte, and is no more secret than FNV.
#[derive(Debug)]
struct TestSeal;

fn fnv<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut mix = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        part.iter().copied().for_each(&mut mix);
        mix(0xff);
    }
    std::array::from_fn(|index| hash.rotate_left(u32::try_from(index).unwrap() * 7).to_le_bytes()[index % 8])
}

impl SealKeys for TestSeal {
    fn owner(&self, nonce: &SealNonce, caller: &Identity) -> [u8; SealedId::OWNER_LEN] {
        fnv(&[nonce, caller.issuer().as_str().as_bytes(), caller.subject().as_str().as_bytes()])
    }

    fn mac(&self, bucket: &str, unsealed_key: &str) -> [u8; SealedId::MAC_LEN] {
        fnv(&[bucket.as_bytes(), unsealed_key.as_bytes()])
    }

    fn verifies(&self, bucket: &str, unsealed_key: &str, mac: &[u8; SealedId::MAC_LEN]) -> bool {
        self.mac(bucket, unsealed_key) == *mac
    }
}

fn policy_of(target: Target, gate: Gate) -> UploadPolicy {
    UploadPolicy::builder(target, "u/{sub}/{id:sealed}.{ext}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg", "image/png"])
        .max_size(MIB)
        .confirmation(ConfirmationOptions::new().with_confirm(true).with_gate(gate))
        .build()
        .unwrap()
}

fn policy() -> UploadPolicy {
    policy_of(target(), Gate::None)
}

fn pending() -> UploadPolicy {
    policy_of(target(), Gate::Pending("pending/{sub}/{id:sealed}.{ext}".parse().unwrap()))
}

fn permit(policy: &UploadPolicy, ids: &Ids) -> Permit {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let request = UploadRequest::described().with_content_type("image/png").with_content_length(7);
    policy.authorize_with(&caller, &request, ids, Some(&TestSeal)).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn is_sealed(policy: &UploadPolicy, key: &str) -> bool {
    policy.read_key(key).is_some_and(|read| read.is_sealed_by(policy, &TestSeal))
}

#[test]
fn key_proves_who_when_and_where() {
    for policy in [policy(), pending()] {
        let permit = permit(&policy, &Ids::new(at(1_800_000_000), uuid_v4([7; 16])));
        for key in [permit.key(), permit.upload_key()] {
            let read = policy.read_key(key.as_str()).unwrap();
            assert!(read.is_sealed_by(&policy, &TestSeal), "{key}");
            let sealed = read.parts.sealed.unwrap();
            assert_eq!((sealed.issued_at, read.parts.subject.as_deref()), (at(1_800_000_000), Some("alice")));
            let alice = Identity::from_verified("https://issuer.example", "alice").unwrap();
            assert_eq!(sealed.owner, TestSeal.owner(&sealed.nonce(), &alice));
            let mallory = Identity::from_verified("https://issuer.example", "mallory").unwrap();
            assert_ne!(sealed.owner, TestSeal.owner(&sealed.nonce(), &mallory));
        }
    }
}

#[test]
fn another_bucket_or_template_refuses_the_key() {
    let permit = permit(&policy(), &Ids::new(at(1_800_000_000), uuid_v4([7; 16])));
    let key = permit.key().as_str();
    let elsewhere = Target::aws("other-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    assert!(is_sealed(&policy(), key) && !is_sealed(&policy_of(elsewhere, Gate::None), key));
    let unsealed = UploadPolicy::builder(target(), "u/{sub}/{filename}".parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(MIB)
        .replace(upsign_policy::Replace::Allow)
        .build()
        .unwrap();
    assert!(unsealed.read_key(key).is_some() && !is_sealed(&unsealed, key));
}

#[test]
fn sealing_needs_keys() {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let request = UploadRequest::described().with_content_type("image/png").with_content_length(7);
    let ids = Ids::new(at(0), uuid_v4([7; 16]));
    assert_eq!(policy().authorize(&caller, &request, &ids).unwrap_err(), Denied::SealMissing);
}

#[test]
fn ids_of_both_versions_have_at_least_64_random_bits() {
    let policy = policy();
    let random = |id| {
        let permit = permit(&policy, &Ids::new(at(1), id));
        policy.read_key(permit.key().as_str()).unwrap().parts.sealed.unwrap().random
    };
    for (zeros, ones) in
        [(uuid_v4([0; 16]), uuid_v4([255; 16])), (uuid_v7(at(1), [0; 10]), uuid_v7(at(1), [255; 10]))]
    {
        let differing =
            random(zeros).into_iter().zip(random(ones)).map(|(zero, one)| (zero ^ one).count_ones());
        assert!(differing.sum::<u32>() >= 64);
    }
}

proptest! {
    /// Every single change of a key is refused: of the id, of the caller, of the extension, and of the literal text.
    #[test]
    fn changed_keys_are_refused(
        seed in any::<[u8; 16]>(),
        seconds in 0_u64..4_000_000_000,
        place in any::<prop::sample::Index>(),
        replacement in "[0-9a-z/.~-]",
        is_pending in any::<bool>(),
    ) {
        let policy = if is_pending { pending() } else { policy() };
        let permit = permit(&policy, &Ids::new(at(seconds), uuid_v4(seed)));
        for key in [permit.key().as_str(), permit.upload_key().as_str()] {
            prop_assert!(is_sealed(&policy, key));
            let index = place.index(key.len());
            let mut changed = key.to_owned();
            changed.replace_range(index..=index, &replacement);
            if changed != key {
                prop_assert!(!is_sealed(&policy, &changed), "{} {}", key, changed);
            }
        }
    }
}
