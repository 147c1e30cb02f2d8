//! Whatever comes: a verdict, and soon.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::Value;
use upsign_cognito::authorizer::{IdentitySource, authorization, parse_event};
use upsign_cognito::{KeySet, TokenVerifier, bearer, fuzzing};

use crate::corpus::{cases, corpus};
use crate::pool::{NOW, at, claims, config, jwks, token};

fn good() -> &'static (TokenVerifier, KeySet, String) {
    static GOOD: OnceLock<(TokenVerifier, KeySet, String)> = OnceLock::new();
    GOOD.get_or_init(|| {
        let verifier = TokenVerifier::new(config());
        let keys = verifier.key_set(jwks(&["old"]).as_bytes()).unwrap();
        (verifier, keys, token("old"))
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
    fn no_text_is_a_token(text in ".{0,300}") {
        let (verifier, keys, _) = good();
        prop_assert!(verifier.verify(keys, &text, at(0)).is_err());
        let _ = bearer(&text, true);
    }

    #[test]
    fn no_changed_token_is_accepted(position in any::<prop::sample::Index>(), character in any::<char>()) {
        let (verifier, keys, token) = good();
        prop_assert!(verifier.verify(keys, token, at(0)).is_ok());
        let position = position.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(position..=position, &character.to_string());
        prop_assert!(changed == *token || verifier.verify(keys, &changed, at(0)).is_err());
        let mut shorter = token.clone();
        shorter.remove(position);
        prop_assert!(verifier.verify(keys, &shorter, at(0)).is_err());
        let mut longer = token.clone();
        longer.insert(position, character);
        prop_assert!(verifier.verify(keys, &longer, at(0)).is_err());
    }

    #[test]
    fn inner_parsers_come_to_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = fuzzing::header(&bytes);
        let _ = fuzzing::claims(&bytes, &config(), at(0));
        let _ = KeySet::parse(&bytes);
        let _ = parse_event(&bytes);
    }

    #[test]
    fn bent_documents_come_to_a_verdict(
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let bend = |document: String| {
            let mut bytes = document.into_bytes();
            let position = position.index(bytes.len());
            bytes[position] = byte;
            bytes
        };
        let _ = fuzzing::claims(&bend(claims(NOW + 100).to_string()), &config(), at(0));
        let _ = fuzzing::header(&bend(r#"{"alg":"RS256","kid":"old","typ":"JWT"}"#.into()));
        if let Ok(keys) = KeySet::parse(&bend(jwks(&["first", "second"]))) {
            prop_assert!((1..=2).contains(&keys.kids().len()), "one byte spoils one key at most: {keys:?}");
        }
    }

    #[test]
    fn bent_events_come_to_a_verdict(
        which in any::<prop::sample::Index>(),
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = which.get(events()).to_string().into_bytes();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        if let Ok(event) = parse_event(&bytes) {
            let _ = authorization(&event);
            let _ = IdentitySource::ClaimsOrIam(config()).identify(&event, at(0));
        }
    }
}
