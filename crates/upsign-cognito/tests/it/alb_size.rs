//! The maximum length of the signed header of a load balancer.

use serde_json::{Value, json};
use upsign_cognito::Rejection;
use upsign_cognito::authorizer::{Alb, IdentitySource, InvalidAlb};

use super::alb::{FakeAlb, alb, header, payload};
use crate::pool::at;

fn identify(fake: &FakeAlb, alb: Alb, event: &Value) -> Result<usize, Rejection> {
    let source = IdentitySource::Alb(alb.with_only_key(&fake.pem()).unwrap());
    source.identify(event, at(0)).map(|user| user.identity().unwrap().groups().len())
}

#[test]
fn header_of_a_user_with_many_groups_needs_a_longer_maximum() {
    let fake = FakeAlb::new();
    let groups: Vec<String> = (0..200).map(|number| format!("group-{number:030}")).collect();
    let mut payload = payload();
    payload["cognito:groups"] = json!(groups);
    let event = fake.event(&header(), &payload);
    let bytes = event["headers"]["X-Amzn-Oidc-Data"].as_str().unwrap().len();
    let too_long = |max| Err(Rejection::TokenTooLong { bytes, max });
    assert!(bytes > 8_192);
    assert_eq!(identify(&fake, alb(), &event), too_long(8_192));
    assert_eq!(identify(&fake, alb().with_max_token_bytes(bytes - 1).unwrap(), &event), too_long(bytes - 1));
    assert_eq!(identify(&fake, alb().with_max_token_bytes(bytes).unwrap(), &event), Ok(200));
}

#[test]
fn maximum_has_the_bounds_of_tokens() {
    assert!(alb().with_max_token_bytes(1_024).is_ok() && alb().with_max_token_bytes(65_536).is_ok());
    for bytes in [0, 1_023, 65_537] {
        assert_eq!(alb().with_max_token_bytes(bytes).unwrap_err(), InvalidAlb::MaxTokenBytes, "{bytes}");
    }
}
