//! JWKS documents.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upsign_cognito::KeySet;
use upsign_fuzz::soon;

fuzz_target!(|document: &[u8]| {
    if let Ok(keys) = soon(|| KeySet::parse(document)) {
        assert!(keys.kids().len() <= KeySet::MAX_KEYS && keys.kids().iter().all(|kid| keys.contains(kid)));
    }
});
