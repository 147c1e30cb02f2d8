//! JWKS documents: the number of keys is bounded and every listed key id is found.

use upsign_cognito::KeySet;

use crate::within_time_limit;

pub(super) fn run(document: &[u8]) {
    if let Ok(keys) = within_time_limit(|| KeySet::parse(document)) {
        assert!(keys.kids().len() <= KeySet::MAX_KEYS && keys.kids().iter().all(|kid| keys.contains(kid)));
    }
}
