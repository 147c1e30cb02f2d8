//! One module per target.

mod body;
mod client_state;
mod complete_body;
mod config;
mod content_type;
mod curl_text;
mod encoder;
mod endpoint;
mod event;
mod explain;
mod file_name;
mod forwarded;
mod har;
mod inspect;
mod issuers;
mod jwks;
mod key_template;
mod lambda_event;
mod notification;
mod parts_body;
mod post_policy;
mod presign;
mod receipt;
mod resource;
mod serialized;
mod store_error;
mod token;
mod token_claims;
mod token_header;
mod upload_token;

use arbitrary::{Arbitrary, Unstructured};

/// Runs one input.
pub type Target = fn(&[u8]);

/// Every target with its name, which is the name of its module. `cargo xtask test --only fuzz` runs a target for each module, and
/// fails if one is missing here.
pub const TARGETS: &[(&str, Target)] = &[
    ("body", body::run),
    ("client_state", client_state::run),
    ("complete_body", complete_body::run),
    ("config", |data| with_text(data, config::run)),
    ("content_type", |data| with_text(data, content_type::run)),
    ("curl_text", |data| with_text(data, curl_text::run)),
    ("encoder", |data| with_text(data, encoder::run)),
    ("endpoint", |data| with_text(data, endpoint::run)),
    ("event", event::run),
    ("explain", explain::run),
    ("file_name", |data| with_text(data, file_name::run)),
    ("forwarded", |data| with_text(data, forwarded::run)),
    ("har", har::run),
    ("inspect", |data| with(data, inspect::run)),
    ("issuers", |data| with_text(data, issuers::run)),
    ("jwks", jwks::run),
    ("key_template", |data| with_text(data, key_template::run)),
    ("lambda_event", lambda_event::run),
    ("notification", notification::run),
    ("parts_body", parts_body::run),
    ("post_policy", |data| with(data, post_policy::run)),
    ("presign", |data| with(data, presign::run)),
    ("receipt", receipt::run),
    ("resource", |data| with(data, resource::run)),
    ("serialized", |data| with_text(data, serialized::run)),
    ("store_error", store_error::run),
    ("token", |data| with_text(data, token::run)),
    ("token_claims", token_claims::run),
    ("token_header", token_header::run),
    ("upload_token", upload_token::run),
];

fn with_text(data: &[u8], run: fn(&str)) {
    if let Ok(text) = str::from_utf8(data) {
        run(text);
    }
}

/// Builds a structured input from the bytes, as `fuzz_target!` does.
fn with<'a, T: Arbitrary<'a>>(data: &'a [u8], run: fn(T)) {
    if let Ok(input) = T::arbitrary_take_rest(Unstructured::new(data)) {
        run(input);
    }
}
