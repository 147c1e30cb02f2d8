//! Integration tests: derivation, evaluation, comparison and file formats of every document.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test's panic is its report"
)]

mod agreement;
mod api_answers;
mod api_cors;
mod apis;
mod authorizer_drift;
mod authorizers;
mod buckets;
mod combinations;
mod confirmed;
mod confirmed_drift;
mod confirmed_stacks;
mod cors_drift;
mod counts;
mod decisions;
mod denies;
mod deployable;
mod derived;
mod dialects;
mod dialects_drift;
mod drift;
mod evaluation;
mod forms;
mod golden;
mod in_parts;
mod language;
mod matrix;
mod meaning;
mod multipart_stacks;
mod mutations;
mod object_lock;
mod openapi;
mod openapi_after_upload;
mod openapi_page;
mod policies;
mod preflights;
mod properties;
mod read_keys;
mod scanned;
mod settings;
mod several_files;
mod spellings;
mod stacks;
mod terraform_show;
mod unsupported_documents;
mod workers;
