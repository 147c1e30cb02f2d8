//! Tests of the policy through its public API.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's panic is its report"
)]

mod building;
mod client_ids_and_claims;
mod confirmation;
mod content_keys;
mod content_ranges;
mod corpus;
mod denials;
mod files;
mod forms;
mod google;
mod invariants;
mod multipart;
mod multipart_building;
mod multipart_properties;
mod options;
mod properties;
mod replacing;
mod route_headers;
mod sample;
mod sealed;
mod size_bounds;
mod templates;
mod two_step_upload;
