//! Random and altered input: never a panic, and never an accepted token.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::Value;
use upsign_cognito::authorizer::{IdentitySource, authorization, parse_event};
use upsign_cognito::{KeySet, TokenCheck, bearer, fuzzing};

use crate::corpus::{cases, corpus};
use crate::pool::{NOW, at, claims, config, jwks, token};

fn valid() -> &'static (TokenCheck, KeySet, String) {
    static VALID: OnceLock<(TokenCheck, KeySet, String)> = OnceLock::new();
    VALID.get_or_init(|| {
        let check = TokenCheck::new(config());
        let keys = check.key_set(jwks(&["old"]).as_bytes()).unwrap();
        (check, keys, token("old"))
    })
}

fn events() -> &'static [Value] {
    static EVENTS: OnceLock<Vec<Value>> = OnceLock::new();
    EVENTS.get_or_init(|| {
        let corpus = corpus!("lambda_events.json");
        cases(&corpus).iter().filter_map(|case| case.get("event").cloned()).collect()
    })
}

proptest! {
    #[test]
    fn random_text_is_not_a_token(text in ".{0,300}") {
        let (check, keys, _) = valid();
        prop_assert!(check.check(keys, &text, at(0)).is_err());
        let _ = bearer(&text, true);
    }

    #[test]
    fn altered_token_is_rejected(position in any::<prop::sample::Index>(), character in any::<char>()) {
        let (check, keys, token) = valid();
        prop_assert!(check.check(keys, token, at(0)).is_ok());
        let position = position.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(position..=position, &character.to_string());
        prop_assert!(changed == *token || check.check(keys, &changed, at(0)).is_err());
        let mut shorter = token.clone();
        shorter.remove(position);
        prop_assert!(check.check(keys, &shorter, at(0)).is_err());
        let mut longer = token.clone();
        longer.insert(position, character);
        prop_assert!(check.check(keys, &longer, at(0)).is_err());
    }

    #[test]
    fn inner_parsers_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = fuzzing::header(&bytes);
        let _ = fuzzing::claims(&bytes, &config(), at(0));
        let _ = KeySet::parse(&bytes);
        let _ = parse_event(&bytes);
    }

    #[test]
    fn altered_documents_do_not_panic(
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let alter = |document: String| {
            let mut bytes = document.into_bytes();
            let position = position.index(bytes.len());
            bytes[position] = byte;
            bytes
        };
        let _ = fuzzing::claims(&alter(claims(NOW + 100).to_string()), &config(), at(0));
        let _ = fuzzing::header(&alter(r#"{"alg":"RS256","kid":"old","typ":"JWT"}"#.into()));
        if let Ok(keys) = KeySet::parse(&alter(jwks(&["first", "second"]))) {
            prop_assert!((1..=2).contains(&keys.kids().len()), "one byte affects at most one key: {keys:?}");
        }
    }

    #[test]
    fn altered_events_do_not_panic(
        event in any::<prop::sample::Index>(),
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = event.get(events()).to_string().into_bytes();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        if let Ok(event) = parse_event(&bytes) {
            let _ = authorization(&event);
            let _ = IdentitySource::ClaimsOrIam(config()).identify(&event, at(0));
        }
    }
}
