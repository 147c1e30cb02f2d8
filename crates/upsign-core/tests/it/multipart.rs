//! Multipart plans at every store: each size is divided completely, within the limits, and a requested part size is used or
//! refused with the nearest possible one.

use proptest::prelude::*;
use upsign_core::{Capabilities, InvalidMultipartPlan, MultipartPlan, PartNumber, Provider};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The largest object of Amazon S3, about 48.8 TiB.
const LARGEST: u64 = 10_000 * 5 * GIB;

fn store(provider: Provider) -> Capabilities {
    provider.capabilities()
}

/// Returns the largest object of the store, from its limits.
fn largest(store: &Capabilities) -> u64 {
    let part = store.max_part_bytes / MIB * MIB;
    store.max_object_bytes.min(part * u64::from(store.max_parts))
}

/// The error for an empty object at a store whose last parts have at least 1 byte.
fn too_small() -> InvalidMultipartPlan {
    InvalidMultipartPlan::ObjectTooSmall { size: 0, min: 1 }
}

/// Sizes around every limit.
fn boundaries() -> Vec<u64> {
    let limits = [
        0,
        5_000_000,
        5 * MIB,
        MultipartPlan::DEFAULT_PART_SIZE,
        5 * GIB - 5 * MIB,
        5 * GIB,
        1_000 * MultipartPlan::DEFAULT_PART_SIZE,
        10_000 * 5 * MIB,
        10_000 * MultipartPlan::DEFAULT_PART_SIZE,
        10_000 * 9 * MIB,
        1_000 * 5_000_000_000,
        5_000_000_000_000,
        10_000_000_000_000,
        5 * 1024 * GIB - 5 * GIB,
        5 * 1024 * GIB,
        LARGEST,
        50 * 1024 * GIB,
        u64::MAX,
    ];
    let around = |limit: u64| [limit.saturating_sub(1), limit, limit.saturating_add(1)];
    limits.into_iter().flat_map(around).collect()
}

/// Asserts that the plan divides the object within the limits of the store.
#[track_caller]
fn check(plan: MultipartPlan, size: u64, store: &Capabilities) {
    assert_eq!(plan.size(), size);
    assert!(plan.part_size().is_multiple_of(MIB));
    assert!((store.min_part_bytes..=store.max_part_bytes).contains(&plan.part_size()));
    assert!((1..=store.max_parts).contains(&plan.part_count()));

    let mut end = 0;
    for (index, part) in plan.parts().enumerate() {
        assert_eq!(usize::from(part.number.get()), index + 1);
        assert_eq!(part.offset, end);
        assert_eq!(plan.part(part.number), Some(part));
        end += part.len;
        let is_last = part.number.get() == plan.part_count();
        assert!(is_last || part.len == plan.part_size(), "part {} differs from the others", part.number);
        assert!(part.len <= plan.part_size() && (part.len > 0 || size == 0));
    }
    assert_eq!(end, size);
    assert_eq!(plan.parts().count(), usize::from(plan.part_count()));
    if let Ok(after) = PartNumber::new(u64::from(plan.part_count()) + 1) {
        assert_eq!(plan.part(after), None);
    }
    assert_eq!(MultipartPlan::restore(size, plan.part_size()), Some(plan));
}

#[test]
fn every_boundary_is_planned_or_refused_at_every_store() {
    for provider in Provider::ALL {
        let store = store(provider);
        for size in boundaries().into_iter().chain([largest(&store), largest(&store) + 1]) {
            match MultipartPlan::new(size, None, &store) {
                Ok(plan) => check(plan, size, &store),
                Err(error) if size == 0 => {
                    assert_eq!((provider, error), (Provider::B2, too_small()));
                }
                Err(error) => {
                    let max = largest(&store);
                    assert!(size > max, "{provider}: {size} of {max}");
                    assert_eq!(error, InvalidMultipartPlan::ObjectTooLarge { size, max }, "{provider}");
                    assert_eq!(error.nearest_part_size(), None);
                }
            }
        }
    }
}

#[test]
fn largest_objects_by_provider() {
    let largest = |provider| match MultipartPlan::new(u64::MAX, None, &store(provider)) {
        Err(InvalidMultipartPlan::ObjectTooLarge { max, .. }) => max,
        other => panic!("{other:?}"),
    };
    assert_eq!(largest(Provider::Aws), 53_687_091_200_000);
    assert_eq!(largest(Provider::R2), 5_492_189_429_760);
    assert_eq!(largest(Provider::B2), 10_000_000_000_000);
    // The documented 50 TiB are more than 10,000 parts of 5 GiB.
    assert_eq!(largest(Provider::Minio), 53_687_091_200_000);
    // 1,000 parts of up to 5 GB, rounded down to 1 MiB.
    assert_eq!(largest(Provider::Scaleway), 1_000 * 4_768 * MIB);
}

#[test]
fn part_sizes_grow_with_the_object() {
    let part_size =
        |size, provider| MultipartPlan::new(size, None, &store(provider)).map(MultipartPlan::part_size);
    let default = MultipartPlan::DEFAULT_PART_SIZE;
    for size in [0, 1, default, 10_000 * default] {
        assert_eq!(part_size(size, Provider::Aws), Ok(default), "{size}");
    }
    assert_eq!(part_size(10_000 * default + 1, Provider::Aws), Ok(9 * MIB));
    assert_eq!(part_size(10_000 * 9 * MIB, Provider::Aws), Ok(9 * MIB));
    assert_eq!(part_size(10_000 * 9 * MIB + 1, Provider::Aws), Ok(10 * MIB));
    assert_eq!(part_size(LARGEST - 1, Provider::Aws), Ok(5 * GIB));
    assert_eq!(part_size(LARGEST, Provider::Aws), Ok(5 * GIB));
    assert_eq!(part_size(1_000 * default + 1, Provider::Scaleway), Ok(9 * MIB));
}

#[test]
fn empty_object_has_one_empty_part() {
    let plan = MultipartPlan::new(0, None, &store(Provider::Aws)).unwrap();
    let parts: Vec<(u16, u64, u64)> =
        plan.parts().map(|part| (part.number.get(), part.offset, part.len)).collect();
    assert_eq!(parts, [(1, 0, 0)]);
}

#[test]
fn empty_object_is_refused_where_no_part_can_be_empty() {
    let b2 = store(Provider::B2);
    let error = MultipartPlan::new(0, None, &b2).unwrap_err();
    assert_eq!(error, too_small());
    assert_eq!(error.nearest_part_size(), None);
    assert!(MultipartPlan::new(1, None, &b2).is_ok());
}

#[test]
fn impossible_part_sizes_are_refused_with_the_nearest_possible_one() {
    let aws = store(Provider::Aws);
    let refuse = |size, part_size| MultipartPlan::new(size, Some(part_size), &aws).unwrap_err();
    let out_of_range = |part_size, nearest| InvalidMultipartPlan::PartSizeOutOfRange {
        part_size,
        min: 5 * MIB,
        max: 5 * GIB,
        nearest,
    };
    assert_eq!(refuse(1, 0), out_of_range(0, 5 * MIB));
    assert_eq!(refuse(1, 5 * MIB - 1), out_of_range(5 * MIB - 1, 5 * MIB));
    assert_eq!(refuse(1, 5 * GIB + 1), out_of_range(5 * GIB + 1, 5 * GIB));
    assert_eq!(refuse(1, u64::MAX), out_of_range(u64::MAX, 5 * GIB));
    // The nearest size is possible for this object, not only at this store.
    assert_eq!(refuse(10_000 * 7 * MIB, 1), out_of_range(1, 7 * MIB));

    let not_aligned = |part_size, nearest| InvalidMultipartPlan::PartSizeNotAligned { part_size, nearest };
    assert_eq!(refuse(1, 5 * MIB + 1), not_aligned(5 * MIB + 1, 5 * MIB));
    assert_eq!(refuse(1, 10_000_000), not_aligned(10_000_000, 10 * MIB));
    assert_eq!(refuse(1, 6 * MIB + MIB / 2), not_aligned(6 * MIB + MIB / 2, 7 * MIB));

    let error = refuse(10_000 * 5 * MIB + 1, 5 * MIB);
    assert_eq!(
        error.to_string(),
        "a part size of 5242880 bytes divides an object of 52428800001 bytes into 10001 parts, but the store accepts at \
         most 10000; the nearest possible part size is 6291456"
    );
    assert!(MultipartPlan::new(10_000 * 5 * MIB, Some(5 * MIB), &aws).is_ok());
}

#[test]
fn limits_without_any_part_size_are_an_error() {
    let altered = |alter: fn(&mut Capabilities)| {
        let mut store = store(Provider::Aws);
        alter(&mut store);
        MultipartPlan::new(1, None, &store)
    };
    for outcome in [
        altered(|store| store.max_parts = 0),
        altered(|store| store.max_part_bytes = 0),
        altered(|store| store.max_part_bytes = store.min_part_bytes - 1),
        altered(|store| (store.min_part_bytes, store.max_part_bytes) = (5 * MIB + 1, 5 * MIB + 2)),
        altered(|store| store.min_part_bytes = u64::MAX),
    ] {
        assert!(matches!(outcome, Err(InvalidMultipartPlan::NoPartSize { .. })), "{outcome:?}");
    }
    // A part number above 10,000 cannot be written.
    let mut store = store(Provider::Aws);
    store.max_parts = u16::MAX;
    assert_eq!(MultipartPlan::new(LARGEST, None, &store).map(MultipartPlan::part_count), Ok(10_000));
    assert!(MultipartPlan::new(LARGEST + 1, None, &store).is_err());
}

#[test]
fn restored_plans_have_1_to_10000_parts() {
    assert_eq!(MultipartPlan::restore(1, 0), None);
    assert_eq!(MultipartPlan::restore(u64::MAX, 1), None);
    assert_eq!(MultipartPlan::restore(10_001, 1), None);
    assert_eq!(MultipartPlan::restore(10_000, 1).map(MultipartPlan::part_count), Some(10_000));
    let whole = MultipartPlan::restore(u64::MAX, u64::MAX).unwrap();
    assert_eq!(whole.parts().map(|part| part.len).collect::<Vec<_>>(), [u64::MAX]);
}

fn providers() -> impl Strategy<Value = Capabilities> {
    prop::sample::select(Provider::ALL.to_vec()).prop_map(store)
}

/// Sizes of every magnitude, and those near the boundaries.
fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![
        (0_u32..64, any::<u64>()).prop_map(|(bits, random)| random >> bits),
        0..=LARGEST,
        prop::sample::select(boundaries()),
    ]
}

/// Part sizes that are possible, nearly possible, or random.
fn part_sizes() -> impl Strategy<Value = u64> {
    prop_oneof![
        (0_u64..6_000).prop_map(|units| units * MIB),
        (0_u64..6_000, 0..MIB).prop_map(|(units, rest)| units * MIB + rest),
        any::<u64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_size_is_divided_within_the_limits(store in providers(), size in sizes()) {
        match MultipartPlan::new(size, None, &store) {
            Ok(plan) => check(plan, size, &store),
            Err(InvalidMultipartPlan::ObjectTooLarge { size: found, max }) => {
                prop_assert_eq!((found, max), (size, largest(&store)));
                prop_assert!(size > max);
            }
            Err(InvalidMultipartPlan::ObjectTooSmall { size: found, min }) => {
                prop_assert_eq!((found, min), (size, store.min_object_bytes));
                prop_assert!(size < min);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn requested_part_size_is_used_or_refused_with_the_nearest(
        store in providers(),
        size in sizes(),
        wanted in part_sizes(),
    ) {
        prop_assume!((store.min_object_bytes..=largest(&store)).contains(&size));
        match MultipartPlan::new(size, Some(wanted), &store) {
            Ok(plan) => {
                prop_assert_eq!(plan.part_size(), wanted);
                check(plan, size, &store);
            }
            Err(error) => {
                let nearest = error.nearest_part_size().unwrap();
                let distance = nearest.abs_diff(wanted);
                check(MultipartPlan::new(size, Some(nearest), &store).unwrap(), size, &store);
                // No multiple of 1 MiB that is nearer is possible.
                let floor = wanted / MIB * MIB;
                let near = [floor, floor.saturating_add(MIB), nearest.saturating_sub(MIB), nearest + MIB];
                for other in near.into_iter().filter(|other| other.abs_diff(wanted) < distance) {
                    prop_assert!(MultipartPlan::new(size, Some(other), &store).is_err(), "{} is nearer", other);
                }
            }
        }
    }

    #[test]
    fn part_size_of_an_object_is_possible_for_smaller_ones(
        store in providers(),
        size in sizes(),
        smaller in any::<u64>(),
        wanted in part_sizes(),
    ) {
        if MultipartPlan::new(size, Some(wanted), &store).is_ok() {
            let smaller = if size == 0 { 0 } else { smaller % size }.max(store.min_object_bytes);
            prop_assert!(MultipartPlan::new(smaller, Some(wanted), &store).is_ok());
        }
    }
}
