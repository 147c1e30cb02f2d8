//! Replacing a secret while uploads last.

use upsign::session::{TokenKeys, TokenRejection};

use super::{alice, at, session, target_of};

const OLD: &[u8] = b"the old secret, of 32 bytes or more";
const NEW: &[u8] = b"the new secret, of 32 bytes or more";

fn keys(secrets: &[&[u8]]) -> TokenKeys {
    TokenKeys::new("production", secrets).unwrap()
}

#[test]
fn first_secret_signs_and_all_verify() {
    let (old, new) = (keys(&[OLD]), keys(&[NEW]));
    let (announced, rotated) = (keys(&[OLD, NEW]), keys(&[NEW, OLD]));
    let token = |keys: &TokenKeys| keys.sign(&session()).unwrap();
    let reason = |keys: &TokenKeys, by: &TokenKeys| {
        let verified = keys.verify(token(by).expose(), &alice(), at(), target_of);
        verified.map(|_| ()).map_err(|error| error.reason())
    };
    assert_eq!(token(&announced), token(&old));
    assert_eq!(token(&rotated), token(&new));
    for keys in [&announced, &rotated] {
        assert_eq!((reason(keys, &old), reason(keys, &new)), (Ok(()), Ok(())));
    }
    // The old secret was removed, or the new one has not arrived yet.
    assert_eq!(reason(&new, &rotated), Ok(()));
    assert_eq!(reason(&new, &old), Err(TokenRejection::UnknownKey));
    assert_eq!(reason(&old, &rotated), Err(TokenRejection::UnknownKey));
}

#[test]
fn key_ids_show_which_secrets_are_in_use() {
    let ids = |secrets| keys(secrets).key_ids().collect::<Vec<_>>();
    let (old, new) = (ids(&[OLD]), ids(&[NEW]));
    assert_eq!(ids(&[NEW, OLD]), [new[0].clone(), old[0].clone()]);
    assert_ne!(old, new);
    // The id depends on the deployment, so equal ids elsewhere do not show that a secret is shared.
    assert_ne!(TokenKeys::new("staging", [OLD]).unwrap().key_ids().collect::<Vec<_>>(), old);
}
