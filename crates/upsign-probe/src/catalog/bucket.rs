//! Settings of the bucket. They are read, and never changed.

use crate::probe::{Probe, Reference};
use crate::step::{Call, Expected, Step};

/// Names of settings with what is true if the store shows one.
const SETTINGS: [(&str, &str, &str, Expected); 4] = [
    (
        "versioning",
        "versioning",
        "the API says that the bucket keeps versions",
        Expected::Text("<Status>Enabled</Status>"),
    ),
    (
        "cors_api",
        "cors",
        "the bucket has a CORS configuration, which the API returns",
        Expected::Shown("<CORSRule>"),
    ),
    (
        "lifecycle",
        "lifecycle",
        "the bucket has lifecycle rules, which the API returns",
        Expected::Shown("<Rule>"),
    ),
    (
        "object_lock_enabled",
        "object-lock",
        "the bucket has Object Lock, as the API says",
        Expected::Shown("<ObjectLockEnabled>Enabled</ObjectLockEnabled>"),
    ),
];

pub(super) fn all() -> Vec<Probe> {
    let probe = |(name, parameter, statement, expected): (&str, _, &str, _)| {
        let reference = match name {
            "cors_api" => Reference::Profile(|can| can.cors_api),
            _ => Reference::Nothing,
        };
        Probe::new(name, statement, reference, vec![Step::new(Call::Setting(parameter), "", expected)])
    };
    SETTINGS.into_iter().map(probe).collect()
}
