//! Random histories of faults and clock steps against a model.

use futures_util::FutureExt;
use proptest::prelude::*;
use upsign_core::{Credentials, CredentialsSource, Expiry, SAFETY_MARGIN};

use super::source::{Script, Scripted, at, number};

fn script() -> impl Strategy<Value = Script> {
    prop_oneof![
        4 => (0_u64..8_000).prop_map(Script::Lives),
        4 => Just(Script::Fails),
        1 => Just(Script::Expiry(Expiry::Never)),
        1 => Just(Script::Expiry(Expiry::Unknown)),
        1 => (0_u64..100_000).prop_map(|end| Script::Expiry(Expiry::AtMost(at(end)))),
        1 => (0_u64..100_000).prop_map(|end| Script::Unchanged(at(end))),
    ]
}

fn is_usable(credentials: &Credentials, seconds: u64) -> bool {
    match credentials.expiry() {
        Expiry::At(end) | Expiry::AtMost(end) => end.seconds_since(at(seconds)) > u64::from(SAFETY_MARGIN),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever the source and the clock do: a caller receives whole credentials with which a request can be signed, and is
    /// refused only if the credentials it could have received before are at their end.
    #[test]
    fn callers_are_served_while_the_credentials_are_valid(
        steps in prop::collection::vec((script(), prop_oneof![9 => 0_i64..2_000, 1 => -100_000_i64..100_000]), 1..60),
        threshold in 0_u64..4_000,
    ) {
        let source = Scripted::new(Script::Fails);
        // Without a runtime every fetch ends within the call.
        let renewing = source.renewing().with_refresh_threshold(threshold);
        let (mut seconds, mut last): (u64, Option<Credentials>) = (0, None);
        for (script, step) in steps {
            source.set(script);
            seconds = seconds.saturating_add_signed(step);
            let calls = source.calls();
            let found = renewing.credentials(at(seconds)).now_or_never().unwrap();
            prop_assert!(source.calls() <= calls + 1);
            let status = renewing.status(at(seconds));
            prop_assert_eq!(status.is_usable, found.is_ok());
            match found {
                Ok(found) => {
                    number(&found);
                    prop_assert!(is_usable(&found, seconds));
                    last = Some(found);
                }
                Err(_) => {
                    prop_assert!(!last.as_ref().is_some_and(|last| is_usable(last, seconds)));
                    prop_assert!(status.next_attempt >= Some(at(seconds)) && status.last_error.is_some());
                }
            }
        }
    }
}
