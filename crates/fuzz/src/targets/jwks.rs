//! JWKS documents: the number of keys is bounded and every listed key id is found. The document is also read as a discovery
//! document, of which only an address of https is used.

use upsign_cognito::{Algorithm, Backend, KeySet, fuzzing};

use crate::within_time_limit;

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

pub(super) fn run(document: &[u8]) {
    if let Ok(keys) = within_time_limit(|| KeySet::parse_for(document, &ALGORITHMS, Backend::default())) {
        assert!(keys.kids().len() <= KeySet::MAX_KEYS && keys.kids().iter().all(|kid| keys.contains(kid)));
    }
    if let Some(uri) = within_time_limit(|| fuzzing::jwks_uri(document)) {
        assert!(uri.starts_with("https://"), "{uri}");
    }
}
