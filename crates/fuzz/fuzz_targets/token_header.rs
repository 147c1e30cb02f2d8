//! The JSON of a token's header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upsign_cognito::fuzzing::header;
use upsign_fuzz::soon;

fuzz_target!(|json: &[u8]| drop(soon(|| header(json))));
