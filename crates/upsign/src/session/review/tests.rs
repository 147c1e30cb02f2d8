//! Comparisons of random uploads: the honest client is accepted, and one that differs in anything is not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use upsign_core::{MultipartPlan, Target};
use upsign_policy::{Checksum, ChecksumAlgorithm};

use upsign_objects::ETag;

use super::*;
use crate::session::checksum::to_store;
use crate::session::upload::SessionGate;

const PART_SIZE: u64 = 8;

fn number(number: u16) -> PartNumber {
    PartNumber::new(number.into()).unwrap()
}

fn etag(value: u8) -> ETag {
    format!("{value:032x}").parse().unwrap()
}

fn checksum(value: u8) -> Checksum {
    let store = upsign_objects::Checksum::of_bytes(upsign_objects::ChecksumAlgorithm::Crc32c, &[value; 4]);
    Checksum::parse(ChecksumAlgorithm::Crc32c, store.unwrap().as_base64()).unwrap()
}

/// What the store says about one part, and what the client says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    number: u16,
    etag: u8,
    size: u64,
    checksum: Option<u8>,
}

fn list(parts: &[Part]) -> PartList {
    let uploaded = parts.iter().map(|part| {
        let mut uploaded = UploadedPart::new(number(part.number), etag(part.etag), part.size);
        uploaded.checksums = part.checksum.and_then(|value| to_store(&checksum(value))).into_iter().collect();
        uploaded
    });
    PartList::new(uploaded.collect())
}

fn state(parts: &[Part]) -> Stated {
    let part = |part: &Part| StatedPart {
        number: number(part.number),
        etag: etag(part.etag),
        checksum: part.checksum.map(checksum),
    };
    Stated { parts: parts.iter().map(part).collect(), checksum: None }
}

/// An honest upload: the parts as both sides know them, of up to 9 parts. In one of unknown size, the client has stopped
/// somewhere below the maximum.
fn uploads() -> impl Strategy<Value = (PlannedSize, Vec<Part>)> {
    let upload = (0_u64..=70, any::<bool>(), any::<Index>(), any::<[u8; 10]>(), any::<[Option<u8>; 10]>());
    upload.prop_map(|(max, is_exact, end, etags, checksums)| {
        let plan = MultipartPlan::restore(max, PART_SIZE).unwrap();
        let size =
            if is_exact { max } else { u64::try_from(end.index(usize::try_from(max).unwrap() + 1)).unwrap() };
        let parts = MultipartPlan::restore(size, PART_SIZE).unwrap().parts();
        let parts = parts.zip(etags).zip(checksums).map(|((part, etag), checksum)| Part {
            number: part.number.get(),
            etag,
            size: part.len,
            checksum,
        });
        (if is_exact { PlannedSize::Exact(plan) } else { PlannedSize::AtMost(plan) }, parts.collect())
    })
}

/// What one side has different.
#[derive(Clone, Copy, Debug)]
enum Change {
    Missing,
    ETag,
    Checksum,
    Longer,
    Shorter,
    Swapped,
}

fn changes() -> impl Strategy<Value = Change> {
    prop::sample::select(vec![
        Change::Missing,
        Change::ETag,
        Change::Checksum,
        Change::Longer,
        Change::Shorter,
        Change::Swapped,
    ])
}

/// Changes the store's part at `position`, or its content with that of the next one. Returns `None` if nothing is different then.
fn changed(parts: &[Part], position: usize, change: Change) -> Option<Vec<Part>> {
    let mut changed = parts.to_vec();
    match change {
        Change::Missing => {
            changed.remove(position);
        }
        Change::ETag => changed[position].etag ^= 1,
        Change::Checksum => changed[position].checksum = Some(changed[position].checksum? ^ 1),
        Change::Longer => changed[position].size += 1,
        Change::Shorter => changed[position].size = changed[position].size.checked_sub(1)?,
        Change::Swapped => {
            let (one, next) = (parts.get(position)?, parts.get(position + 1)?);
            changed[position] = Part { number: one.number, ..next.clone() };
            changed[position + 1] = Part { number: next.number, ..one.clone() };
        }
    }
    (changed != parts).then_some(changed)
}

proptest! {
    #[test]
    fn honest_upload_is_accepted((size, parts) in uploads()) {
        let reviewed = review(size, None, &list(&parts), &state(&parts)).unwrap();
        prop_assert_eq!(reviewed.size, parts.iter().map(|part| part.size).sum::<u64>());
        let completed: Vec<_> = reviewed.parts.iter().map(|part| (part.number(), part.etag().clone())).collect();
        let stated: Vec<_> = parts.iter().map(|part| (number(part.number), etag(part.etag))).collect();
        prop_assert_eq!(completed, stated);
        if let PlannedSize::Exact(plan) = size {
            prop_assert_eq!(reviewed.size, plan.size());
        }
    }

    #[test]
    fn any_change_is_found((size, parts) in uploads(), position in any::<Index>(), change in changes()) {
        let position = position.index(parts.len());
        let Some(uploaded) = changed(&parts, position, change) else { return Ok(()) };
        let is_last = position + 1 == parts.len();
        let plan = size.plan();
        let planned = plan.part(number(parts[position].number)).unwrap().len;
        let changed_size = uploaded.get(position).map_or(0, |part| part.size);
        // The end of an upload of unknown size is where the client says. Only its last part can have another size, and only
        // below the planned one.
        let is_possible_end = matches!(size, PlannedSize::AtMost(_))
            && is_last
            && changed_size <= planned
            && (changed_size > 0 || parts.len() == 1);
        let result = review(size, None, &list(&uploaded), &state(&parts));
        let is_size = matches!(change, Change::Longer | Change::Shorter);
        match result {
            Ok(_) => prop_assert!(is_size && is_possible_end, "{change:?} was accepted"),
            Err(SessionError::PartsMissing { missing, part_count }) => {
                prop_assert!(matches!(change, Change::Missing));
                prop_assert_eq!(missing, PartRanges::new([number(parts[position].number)]));
                prop_assert_eq!(usize::from(part_count), parts.len());
            }
            Err(SessionError::PartMismatch(wrong)) => {
                let first = wrong.first().unwrap();
                // Of swapped parts, the first can be equal but for the size, and then only the second differs.
                let differing: BTreeSet<_> = (1_u16..).zip(uploaded.iter().zip(&parts))
                    .filter(|(_, (one, other))| one != other)
                    .map(|(position, _)| position)
                    .collect();
                prop_assert!(wrong.iter().all(|part| differing.contains(&part.number.get())));
                let expected = match change {
                    Change::ETag => Some(PartDifference::ETag),
                    Change::Checksum => Some(PartDifference::Checksum),
                    Change::Longer | Change::Shorter => Some(PartDifference::Size),
                    Change::Missing | Change::Swapped => None,
                };
                prop_assert!(expected.is_none_or(|expected| first.difference == expected), "{first:?}");
                prop_assert_eq!((first.size, &first.etag), {
                    let part = &uploaded[usize::from(first.number.get()) - 1];
                    (part.size, &etag(part.etag))
                });
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// A second description of the rule, over lists that need not have anything to do with each other.
    #[test]
    fn parts_are_accepted_if_and_only_if_every_stated_one_is_there(
        (size, honest) in uploads(),
        uploaded in prop::collection::btree_map(1_u16..=10, (0_u8..2, 0_u64..=9, prop::option::of(0_u8..2)), 0..10),
        etags in prop::collection::vec(0_u8..2, 10),
        mixed in any::<[bool; 10]>(),
    ) {
        let stated: Vec<_> =
            honest.iter().zip(etags).map(|(part, etag)| Part { etag, ..part.clone() }).collect();
        // Some parts are the honest ones, so that all of them fit now and then.
        let mut listed: BTreeMap<u16, Part> = uploaded
            .into_iter()
            .map(|(number, (etag, size, checksum))| (number, Part { number, etag, size, checksum }))
            .collect();
        for (part, is_honest) in stated.iter().zip(mixed) {
            if is_honest || mixed.iter().filter(|is_honest| **is_honest).count() > 4 {
                listed.insert(part.number, part.clone());
            }
        }
        if mixed[9] {
            listed.retain(|number, _| usize::from(*number) <= stated.len());
        }
        let len_of = |number: u16| size.plan().part(PartNumber::new(number.into()).unwrap()).unwrap().len;
        let agrees = |part: &Part| listed.get(&part.number).is_some_and(|found| {
            let is_end = matches!(size, PlannedSize::AtMost(_)) && usize::from(part.number) == stated.len();
            let has_size = match is_end {
                false => found.size == len_of(part.number),
                true => found.size <= len_of(part.number) && (found.size > 0 || part.number == 1),
            };
            let has_checksum = found.checksum.is_none() || part.checksum.is_none() || found.checksum == part.checksum;
            has_size && found.etag == part.etag && has_checksum
        });
        let has_more = matches!(size, PlannedSize::AtMost(_))
            && listed.keys().any(|number| usize::from(*number) > stated.len());
        let expected = stated.iter().all(agrees) && !has_more;
        let listed: Vec<_> = listed.into_values().collect();
        let result = review(size, None, &list(&listed), &state(&stated));
        prop_assert_eq!(result.is_ok(), expected, "{:?}", result);
    }

    /// As SeaweedFS lists parts that were sent again.
    #[test]
    fn part_that_is_listed_repeatedly_is_found((size, parts) in uploads(), position in any::<Index>(), change in changes()) {
        let position = position.index(parts.len());
        let Some(other) = changed(&parts, position, change).and_then(|changed| changed.get(position).cloned()) else {
            return Ok(());
        };
        // An upload with the same entity tag has the same size, so only the end of an upload of unknown size could be either.
        let is_end = matches!(size, PlannedSize::AtMost(_)) && position + 1 == parts.len();
        if other.number != parts[position].number || is_end && other.size != parts[position].size {
            return Ok(());
        }
        for insert_at in [position, position + 1] {
            let mut listed = parts.clone();
            listed.insert(insert_at, other.clone());
            let reviewed = review(size, None, &list(&listed), &state(&parts)).unwrap();
            prop_assert_eq!(reviewed.parts.len(), parts.len());
            prop_assert_eq!(reviewed.size, parts.iter().map(|part| part.size).sum::<u64>());
            let open = survey(size, list(&listed));
            prop_assert!(open.missing.is_empty() && open.wrong.is_empty());
            prop_assert_eq!(open.parts.len(), parts.len());
        }
    }

    #[test]
    fn survey_and_review_agree((size, parts) in uploads(), position in any::<Index>(), change in changes()) {
        let complete = survey(size, list(&parts));
        prop_assert!(complete.missing.is_empty() && complete.wrong.is_empty());
        prop_assert_eq!(complete.bytes, parts.iter().map(|part| part.size).sum::<u64>());
        let Some(uploaded) = changed(&parts, position.index(parts.len()), change) else { return Ok(()) };
        let open = survey(size, list(&uploaded));
        prop_assert_eq!(open.bytes, open.parts.iter().map(|part| part.size).sum::<u64>());
        prop_assert!(open.wrong.ranges().iter().all(|range| {
            open.missing.ranges().iter().any(|(first, last)| first <= &range.0 && &range.1 <= last)
        }), "a wrong part is not missing");
        // A client that uploads what is missing again can complete.
        if matches!(size, PlannedSize::Exact(_)) {
            let kept: BTreeSet<_> = open.parts.iter().map(|part| part.number.get()).collect();
            let repaired: Vec<_> = parts.iter()
                .map(|part| uploaded.iter().find(|it| it.number == part.number && kept.contains(&it.number)).unwrap_or(part).clone())
                .collect();
            prop_assert!(review(size, None, &list(&repaired), &state(&repaired)).is_ok());
        }
    }
}

fn session_upload(size: PlannedSize) -> SessionUpload {
    let target = Target::aws("uploads".parse().unwrap(), "eu-central-1".parse().unwrap());
    SessionUpload {
        route: None,
        bucket: target.resource(),
        endpoint: target.endpoint_url().into(),
        key: "a/1".parse().unwrap(),
        method: SessionMethod::Multipart("id".parse().unwrap()),
        content_type: "video/mp4".parse().unwrap(),
        size,
        min_size: 0,
        checksum: None,
        checksum_value: None,
        gate: SessionGate::None,
        account: None,
    }
}

#[test]
fn object_is_ours_by_size_parts_and_checksum() {
    let plan = MultipartPlan::restore(20, PART_SIZE).unwrap();
    let stated = |count: u16, total: Option<u8>| {
        let parts: Vec<_> =
            (1..=count).map(|number| Part { number, etag: 0, size: 8, checksum: None }).collect();
        Stated { checksum: total.map(checksum), ..state(&parts) }
    };
    let head = |size: u64, etag: &str, total: Option<u8>| {
        let mut head = ObjectHead::new(size, etag.parse().unwrap());
        head.checksums = total.and_then(|value| to_store(&checksum(value))).into_iter().collect();
        head
    };
    // Of the entity tags of three parts, which are all zero.
    let digest = "b203621a65475445e6fcdca717c667b5";
    let (three, four) = (format!("{digest}-3"), format!("{digest}-4"));
    let exact = session_upload(PlannedSize::Exact(plan));
    let is_ours =
        |upload: &SessionUpload, stated: Option<&Stated>, head: ObjectHead| is_ours(upload, stated, &head);

    let same = stated(3, Some(1));
    assert!(is_ours(&exact, Some(&same), head(20, &three, Some(1))));
    assert!(is_ours(&exact, Some(&same), head(20, &three, None)), "the store returns no checksum");
    assert!(is_ours(&exact, Some(&same), head(20, "opaque-4", Some(1))), "not an ETag of S3's form");
    assert!(is_ours(&exact, None, head(20, &three, Some(7))), "nothing was stated");
    for other in
        [head(19, &three, None), head(21, &three, None), head(20, &four, None), head(20, &three, Some(2))]
    {
        assert!(!is_ours(&exact, Some(&same), other));
    }
    let mut composite = head(20, &three, Some(2));
    composite.checksum_type = Some(ChecksumType::Composite);
    assert!(is_ours(&exact, Some(&same), composite), "that of the parts is not comparable");

    let at_most = session_upload(PlannedSize::AtMost(plan));
    let two = stated(2, None);
    for (size, expected) in [(8, false), (9, true), (16, true), (17, false)] {
        assert_eq!(is_ours(&at_most, Some(&two), head(size, "opaque", None)), expected, "{size}");
    }
    for (size, expected) in [(0, true), (20, true), (21, false)] {
        assert_eq!(is_ours(&at_most, None, head(size, "opaque", None)), expected, "{size}");
    }

    let put = SessionUpload { method: SessionMethod::Put, ..session_upload(PlannedSize::Exact(plan)) };
    assert!(is_ours(&put, None, head(20, &four, None)), "some stores divide the object of a PUT");
    assert!(!is_ours(&put, None, head(21, digest, None)));
}
