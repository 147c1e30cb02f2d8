//! Bucket names and ARNs: a target built from one has a host and a path that can be signed.

use upsign_core::{Resource, Target};

pub(super) fn run(input: (&str, u8)) {
    let (text, choices) = input;
    let Ok(resource) = text.parse::<Resource>() else { return };
    let region = ["us-west-2", "us-east-1", "cn-north-1", "us-gov-west-1"][usize::from(choices >> 6)];
    let builder = Target::builder(resource, region.parse().unwrap())
        .dualstack(choices & 1 != 0)
        .fips(choices & 2 != 0)
        .accelerate(choices & 4 != 0)
        .use_arn_region(choices & 8 != 0);
    if let Ok(target) = builder.build() {
        let host_character = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c);
        assert!(target.host().chars().all(host_character), "{}", target.host());
        assert!(!target.host().starts_with("s3.amazonaws.com"), "the global endpoint");
        assert!(target.path_prefix().is_ascii() && !target.path_prefix().ends_with('/'));
    }
}
