//! Explanations and diagnoses.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test's panic is its report"
)]

mod arbitrary;
mod bounds;
mod causes;
mod cors;
mod evidence;
mod explain;
mod fixture;
mod form_answers;
mod har_choice;
mod har_rows;
mod mutations;
mod policies;
mod preflight;
mod recorded;
mod redaction;
mod refusals;
mod revoke;
mod revoke_matrix;
mod rows;
mod uncertain;
mod unrecorded;
