//! Callers without tokens: the contexts of a Lambda authorizer, and callers who sign their requests.

use serde_json::{Value, json};
use upsign_core::Identity;

use super::configuration::{ISSUER, POOL};

/// What the function of the Lambda authorizer knows about a caller.
#[derive(Clone, Debug)]
pub(super) struct Context {
    user: &'static str,
    groups: &'static [&'static str],
    scopes: &'static [&'static str],
}

pub(super) const CONTEXTS: [Context; 4] = [
    Context { user: "alice", groups: &[], scopes: &[] },
    Context { user: "bob", groups: &["readers", "editors"], scopes: &["write"] },
    Context { user: "carol", groups: &["editors"], scopes: &[] },
    Context { user: "dave", groups: &["readers"], scopes: &["openid", "admin"] },
];

impl Context {
    /// Returns the identity that the configuration describes.
    pub(super) fn identity(&self, file: &str) -> Identity {
        let identity = Identity::from_verified(ISSUER, self.user).unwrap();
        let groups = if file.contains("groups_claim") { self.groups } else { &[] };
        let scopes = if file.contains("scopes_claim") { self.scopes } else { &[] };
        identity.with_groups(groups).with_scopes(scopes)
    }

    /// Returns the context. That of a REST API contains no lists
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).
    fn members(&self, is_rest: bool) -> Value {
        let list = |names: &[&str]| if is_rest { json!(json!(names).to_string()) } else { json!(names) };
        json!({"userId": self.user, "roles": list(self.groups), "permissions": list(self.scopes)})
    }

    /// Writes the context into an event.
    pub(super) fn write_to(&self, event: &mut Value, is_rest: bool) {
        let members = self.members(is_rest);
        event["requestContext"]["authorizer"] = if is_rest { members } else { json!({"lambda": members}) };
    }
}

/// A caller of an API with IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Unsigned,
    User,
    UserOfAnotherPool,
    Guest,
    Role,
}

pub(super) const CALLERS: [Caller; 5] =
    [Caller::Unsigned, Caller::User, Caller::UserOfAnotherPool, Caller::Guest, Caller::Role];

impl Caller {
    pub(super) fn identity(self) -> Option<Identity> {
        let issuer = format!("https://cognito-idp.ap-southeast-1.amazonaws.com/{POOL}");
        (self == Self::User).then(|| Identity::from_verified(&issuer, "alice").unwrap())
    }

    /// Writes who has signed the request into an event.
    pub(super) fn write_to(self, event: &mut Value, is_rest: bool) {
        let pool = if self == Self::UserOfAnotherPool { "ap-southeast-1_Other1234" } else { POOL };
        let provider = format!("cognito-idp.ap-southeast-1.amazonaws.com/{pool}");
        let login = format!("{provider}:CognitoSignIn:alice");
        let (id, arn) =
            ("ap-southeast-1:1", "arn:aws:sts::123456789012:assumed-role/readers/CognitoIdentityCredentials");
        let is_guest = self == Self::Guest;
        let context = &mut event["requestContext"];
        if is_rest {
            context["authorizer"].take();
            let kind = if is_guest { "unauthenticated" } else { "authenticated" };
            let provider = (!is_guest).then(|| format!("{provider},{login}"));
            let identity = &mut context["identity"];
            identity["userArn"] = arn.into();
            if self != Self::Role {
                identity["cognitoIdentityId"] = id.into();
                identity["cognitoIdentityPoolId"] = "ap-southeast-1:2".into();
                identity["cognitoAuthenticationType"] = kind.into();
                identity["cognitoAuthenticationProvider"] = json!(provider);
            }
            return;
        }
        let methods =
            if is_guest { json!(["unauthenticated"]) } else { json!(["authenticated", provider, login]) };
        let cognito = json!({"amr": methods, "identityId": id, "identityPoolId": "ap-southeast-1:2"});
        let cognito = if self == Self::Role { Value::Null } else { cognito };
        context["authorizer"] = json!({"iam": {"userArn": arn, "cognitoIdentity": cognito}});
    }
}
