//! Random histories of faults and clock steps against a model.

use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;
use upsign_core::{Credentials, CredentialsSource, Expiry, Renewing, SAFETY_MARGIN};

use super::source::{Script, Scripted, at, number};

fn script() -> impl Strategy<Value = Script> {
    prop_oneof![
        2 => (0_u64..8_000).prop_map(Script::Lives),
        2 => (0_u64..200).prop_map(Script::Lives),
        4 => Just(Script::Fails),
        1 => Just(Script::Expiry(Expiry::Never)),
        1 => Just(Script::Expiry(Expiry::Unknown)),
        1 => (0_u64..100_000).prop_map(|end| Script::Expiry(Expiry::AtMost(at(end)))),
        1 => (0_u64..100_000).prop_map(|end| Script::Unchanged(at(end))),
    ]
}

/// Returns whether a signature of `min_lifetime` seconds ends a margin before the credentials.
fn is_usable(credentials: &Credentials, seconds: u64, min_lifetime: u64) -> bool {
    match credentials.expiry() {
        Expiry::At(end) | Expiry::AtMost(end) => {
            end.seconds_since(at(seconds)) >= u64::from(SAFETY_MARGIN) + min_lifetime
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A source that answers after two seconds delays nobody but the first caller, however short its credentials live and
    /// whatever is signed with them.
    #[test]
    fn nobody_waits_for_a_source_that_answers(
        min_lifetime in prop_oneof![Just(1_u64), Just(60), 1_u64..1_000],
        // Two seconds for the fetch, five between two fetches, and as long again, because renewal begins halfway.
        extra in prop_oneof![15_u64..200, 15_u64..4_000],
        threshold in 0_u64..4_000,
        jitter in any::<bool>(),
    ) {
        let life = u64::from(SAFETY_MARGIN) + min_lifetime + extra;
        let source = Scripted::new(Script::Slow(Duration::from_secs(2), life));
        let renewing = if jitter { Renewing::new(source.clone()) } else { source.renewing() };
        let renewing = renewing.with_refresh_threshold(threshold).with_min_lifetime(min_lifetime);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let start = tokio::time::Instant::now();
            renewing.credentials(at(0)).await.unwrap();
            for seconds in 2..life * 3 {
                tokio::time::sleep_until(start + Duration::from_secs(seconds)).await;
                prop_assert!(renewing.credentials(at(seconds)).now_or_never().is_some_and(|found| found.is_ok()), "{}", seconds);
            }
            // At least half of what is usable, less a tenth, between two fetches.
            prop_assert!(source.calls() <= 1 + 3 * life / (extra * 9 / 20).max(5), "{}", source.calls());
            Ok(())
        })?;
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
        min_lifetime in prop_oneof![Just(1_u64), Just(60), 1_u64..4_000],
    ) {
        let source = Scripted::new(Script::Fails);
        // Without a runtime every fetch ends within the call.
        let renewing = source.renewing().with_refresh_threshold(threshold).with_min_lifetime(min_lifetime);
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
                    prop_assert!(is_usable(&found, seconds, min_lifetime));
                    last = Some(found);
                }
                Err(_) => {
                    prop_assert!(!last.as_ref().is_some_and(|last| is_usable(last, seconds, min_lifetime)));
                    prop_assert!(status.next_attempt >= Some(at(seconds)) && status.last_error.is_some());
                }
            }
        }
    }
}
