//! Gateway events: only a well-formed event has an identity, and its issuer is the configured one.

use std::sync::LazyLock;

use upsign_cognito::authorizer::{
    EventIdentity, IdentitySource, LambdaAuthorizer, authorization, parse_event,
};
use upsign_cognito::{ListClaim, ListForm, TokenUse, UserPool};
use upsign_core::Timestamp;

use crate::within_time_limit;

/// Issuer, client and clock of `lambda_events.json`, from which the seeds are taken.
const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1";
const NOW: u64 = 1_767_225_600;

static SOURCES: LazyLock<[IdentitySource; 2]> = LazyLock::new(|| {
    let pool: UserPool = "us-east-1_TestPool1".parse().unwrap();
    let config = pool.verifier_config(["client-app-1"], TokenUse::Any).unwrap();
    let lambda =
        LambdaAuthorizer::new(ISSUER, "sub").with_groups_claim(ListClaim::new("groups", ListForm::Json));
    [IdentitySource::ClaimsOrIam(config), IdentitySource::LambdaAuthorizer(lambda)]
});

pub(super) fn run(text: &[u8]) {
    let Ok(event) = within_time_limit(|| parse_event(text)) else { return };
    assert!(serde_json::from_slice::<serde_json::Value>(text).is_ok(), "accepted text that is not JSON");
    drop(authorization(&event));
    let at = Timestamp::from_unix(NOW).unwrap();
    for source in &*SOURCES {
        let Ok(EventIdentity::User(user)) = within_time_limit(|| source.identify(&event, at)) else {
            continue;
        };
        assert_eq!(user.identity().issuer().as_str(), ISSUER);
        assert!(!user.identity().subject().as_str().is_empty());
    }
}
