//! The comparison of an object with what was granted. A pure function.

use std::ops::RangeInclusive;

use upsign_objects::{ChecksumType, ObjectHead};
use upsign_policy::{Checksum, ContentRules, ContentType, Encryption, PlannedSize, UploadPolicy};

use crate::confirm::state::ConfirmReason;
use crate::session::SessionUpload;
use crate::session::checksum::{find, store_algorithm};

/// What the object must be.
#[derive(Clone, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) size: RangeInclusive<u64>,
    pub(crate) content_type: ExpectedType<'a>,
    /// The checksum of all bytes, if the request that uploaded the object stated one.
    pub(crate) checksum: Option<Checksum>,
    /// Whether an object of which the store returns no checksum differs from what was granted.
    pub(crate) requires_checksum: bool,
    /// The value of `x-amz-server-side-encryption`, if the policy demands one.
    pub(crate) encryption: Option<&'static str>,
}

/// The type that the object must have.
#[derive(Clone, Debug)]
pub(crate) enum ExpectedType<'a> {
    /// The granted one.
    Exactly(&'a ContentType),
    /// One that the route permits, because nothing states which one was granted.
    AllowedBy(&'a ContentRules),
}

impl<'a> Expected<'a> {
    /// Returns what an upload token states.
    pub(crate) fn of_session(upload: &'a SessionUpload, policy: &UploadPolicy) -> Self {
        let size = match upload.size {
            PlannedSize::Exact(plan) => plan.size()..=plan.size(),
            PlannedSize::AtMost(plan) | PlannedSize::FreeParts(plan) => upload.min_size..=plan.size(),
        };
        Self {
            size,
            content_type: ExpectedType::Exactly(&upload.content_type),
            checksum: upload.checksum_value.clone(),
            requires_checksum: policy.checksums().is_required(),
            encryption: policy.encryption().map(Encryption::as_str),
        }
    }

    /// Returns what every upload of the route has in common.
    pub(crate) fn of_policy(policy: &'a UploadPolicy) -> Self {
        Self {
            size: policy.size().min()..=policy.size().max(),
            content_type: ExpectedType::AllowedBy(policy.content_rules()),
            checksum: None,
            requires_checksum: false,
            encryption: policy.encryption().map(Encryption::as_str),
        }
    }

    /// Returns the first difference between the object and what was granted.
    pub(crate) fn judge(&self, head: &ObjectHead) -> Result<(), ConfirmReason> {
        if !self.size.contains(&head.size) {
            return Err(ConfirmReason::Size);
        }
        if !self.content_type.matches(head.content_type.as_deref()) {
            return Err(ConfirmReason::ContentType);
        }
        if !self.has_checksum(head) {
            return Err(ConfirmReason::Checksum);
        }
        match self.encryption {
            Some(encryption) if head.encryption.as_deref() != Some(encryption) => {
                Err(ConfirmReason::Encryption)
            }
            _ => Ok(()),
        }
    }

    fn has_checksum(&self, head: &ObjectHead) -> bool {
        let Some(expected) = &self.checksum else { return true };
        // The store compared the signed checksum with the bytes. It returns none that it cannot name, and some stores return none.
        if store_algorithm(expected.algorithm()).is_none() {
            return true;
        }
        match full_object(head, expected) {
            Some(found) => found == *expected,
            None => !self.requires_checksum,
        }
    }
}

fn full_object(head: &ObjectHead, expected: &Checksum) -> Option<Checksum> {
    let is_of_bytes = head.checksum_type != Some(ChecksumType::Composite);
    find(&head.checksums, expected.algorithm()).filter(|_| is_of_bytes)
}

impl ExpectedType<'_> {
    fn matches(&self, found: Option<&str>) -> bool {
        let Some(found) = found.and_then(|text| text.parse::<ContentType>().ok()) else { return false };
        match self {
            Self::Exactly(expected) => found == **expected,
            Self::AllowedBy(rules) => rules.allows(&found),
        }
    }
}

#[cfg(test)]
mod tests {
    use upsign_objects::ChecksumAlgorithm as StoreAlgorithm;
    use upsign_policy::ChecksumAlgorithm;

    use super::*;

    const CRC: &str = "NSRBwg==";
    const OTHER: &str = "AAAAAA==";

    fn object() -> ObjectHead {
        let mut head = ObjectHead::new(10, "etag".parse().unwrap());
        head.content_type = Some("image/jpeg".into());
        head.checksums = vec![upsign_objects::Checksum::parse(StoreAlgorithm::Crc32, CRC).unwrap()];
        head.checksum_type = Some(ChecksumType::FullObject);
        head.encryption = Some("aws:kms".into());
        head
    }

    fn with(change: impl Fn(&mut ObjectHead)) -> ObjectHead {
        let mut head = object();
        change(&mut head);
        head
    }

    #[test]
    fn each_difference_has_its_reason_and_the_first_one_is_reported() {
        let content_type = "image/jpeg".parse().unwrap();
        let crc = |text| Some(Checksum::parse(ChecksumAlgorithm::Crc32, text).unwrap());
        let expected = |range: RangeInclusive<u64>, checksum, requires_checksum, encryption| Expected {
            size: range,
            content_type: ExpectedType::Exactly(&content_type),
            checksum,
            requires_checksum,
            encryption,
        };
        let exact = || expected(10..=10, crc(CRC), true, Some("aws:kms"));
        let sha512 = Checksum::zero(ChecksumAlgorithm::Sha512);
        let cases: [(&str, Expected<'_>, ObjectHead, Option<ConfirmReason>); 19] = [
            ("equal", exact(), object(), None),
            ("one byte less", exact(), with(|head| head.size = 9), Some(ConfirmReason::Size)),
            ("one byte more", exact(), with(|head| head.size = 11), Some(ConfirmReason::Size)),
            ("smallest", expected(10..=20, None, false, None), object(), None),
            ("below", expected(11..=20, None, false, None), object(), Some(ConfirmReason::Size)),
            ("largest", expected(0..=10, None, false, None), object(), None),
            ("above", expected(0..=9, None, false, None), object(), Some(ConfirmReason::Size)),
            (
                "another type",
                exact(),
                with(|head| head.content_type = Some("text/html".into())),
                Some(ConfirmReason::ContentType),
            ),
            (
                "parameter of the type",
                exact(),
                with(|head| head.content_type = Some("image/jpeg;a=b".into())),
                Some(ConfirmReason::ContentType),
            ),
            ("same type", exact(), with(|head| head.content_type = Some("Image/JPEG".into())), None),
            ("no type", exact(), with(|head| head.content_type = None), Some(ConfirmReason::ContentType)),
            (
                "another checksum",
                expected(10..=10, crc(OTHER), false, None),
                object(),
                Some(ConfirmReason::Checksum),
            ),
            ("no checksum", exact(), with(|head| head.checksums.clear()), Some(ConfirmReason::Checksum)),
            (
                "no checksum, and none required",
                expected(10..=10, crc(CRC), false, None),
                with(|head| head.checksums.clear()),
                None,
            ),
            (
                "composite checksum",
                exact(),
                with(|head| head.checksum_type = Some(ChecksumType::Composite)),
                Some(ConfirmReason::Checksum),
            ),
            ("unknown to the store", expected(10..=10, Some(sha512), true, None), object(), None),
            ("not encrypted", exact(), with(|head| head.encryption = None), Some(ConfirmReason::Encryption)),
            (
                "encrypted otherwise",
                exact(),
                with(|head| head.encryption = Some("AES256".into())),
                Some(ConfirmReason::Encryption),
            ),
            (
                "everything differs",
                exact(),
                ObjectHead::new(1, "etag".parse().unwrap()),
                Some(ConfirmReason::Size),
            ),
        ];
        for (name, expected, head, reason) in cases {
            assert_eq!(expected.judge(&head).err(), reason, "{name}");
        }
    }

    #[test]
    fn without_a_token_the_limits_of_the_route_apply() {
        let rules = ContentRules::new(["image/*"]).unwrap();
        let expected = Expected {
            size: 1..=10,
            content_type: ExpectedType::AllowedBy(&rules),
            checksum: None,
            requires_checksum: false,
            encryption: None,
        };
        assert_eq!(expected.judge(&object()), Ok(()));
        let html = with(|head| head.content_type = Some("text/html".into()));
        assert_eq!(expected.judge(&html), Err(ConfirmReason::ContentType));
    }
}
