//! The result of `upsign identity`, and where an event carries an identity.

use serde_json::{Map, Value, json};
use upsign_cognito::authorizer::{EventIdentity, EventUser, IamCaller};
use upsign_cognito::{Rejection, RejectionKind, TokenKind};

/// Returns the identity as JSON, or `None` for a kind of identity that this version does not support.
pub(crate) fn identified(identity: &EventIdentity) -> Option<Value> {
    match identity {
        EventIdentity::User(user) => Some(self::user(user)),
        EventIdentity::Iam(caller) => Some(iam_caller(caller)),
        _ => None,
    }
}

/// Returns the rejection as JSON, with the status of the API's response: 400 for an event that is malformed, 403 for a
/// caller without a required group or scope, else 401.
pub(crate) fn rejected(rejection: &Rejection) -> Value {
    let http = match rejection.kind() {
        RejectionKind::BadRequest => 400,
        RejectionKind::Forbidden => 403,
        _ => 401,
    };
    json!({"result": "reject", "http": http, "code": rejection.code(), "reason": rejection.to_string()})
}

fn user(user: &EventUser) -> Value {
    let identity = user.identity();
    let mut members = json!({
        "result": "identity",
        "sub": identity.subject().as_str(),
        "username": user.username(),
        "groups": identity.groups().collect::<Vec<_>>(),
        "scopes": identity.scopes().collect::<Vec<_>>(),
        "token_use": user.token_use().map(TokenKind::as_str),
        "issuer": identity.issuer().as_str(),
        "client_id": user.client_id(),
    });
    if let Some(members) = members.as_object_mut() {
        if let Some(name) = identity.issuer_name() {
            members.insert("issuer_name".to_owned(), name.as_str().into());
        }
        let unreadable: Vec<String> = user.unreadable().iter().map(ToString::to_string).collect();
        if !unreadable.is_empty() {
            members.insert("unreadable".to_owned(), unreadable.into());
        }
        let claims: Map<String, Value> =
            identity.claims().map(|(name, value)| (name.to_owned(), value.into())).collect();
        if !claims.is_empty() {
            members.insert("claims".to_owned(), claims.into());
        }
    }
    members
}

fn iam_caller(caller: &IamCaller) -> Value {
    let mut members = json!({
        "result": "identity-iam",
        "sub": caller.identity().map(|identity| identity.subject().as_str()),
        "cognito_identity_id": caller.identity_id(),
    });
    if let (Some(identity), Some(members)) = (caller.identity(), members.as_object_mut()) {
        members.insert("issuer".to_owned(), identity.issuer().as_str().into());
        if let Some(name) = identity.issuer_name() {
            members.insert("issuer_name".to_owned(), name.as_str().into());
        }
    }
    members
}

/// Where AWS services put the identity of the caller in a Lambda event: a JSON pointer and its meaning.
const SOURCES: [(&str, &str); 10] = [
    ("/requestContext/authorizer/claims", "Cognito authorizer of a REST API"),
    ("/requestContext/authorizer/jwt/claims", "JWT authorizer of an HTTP API"),
    ("/requestContext/authorizer/iam", "IAM authorization of an HTTP API"),
    ("/requestContext/authorizer/lambda", "Lambda authorizer of an HTTP API"),
    ("/requestContext/authorizer/principalId", "Lambda authorizer of a REST API"),
    ("/requestContext/identity/userArn", "IAM authorization of a REST API"),
    ("/requestContext/identity/cognitoIdentityId", "identity pool credentials at a REST API"),
    ("/requestContext/elb", "Application Load Balancer"),
    ("/identity/claims", "user pool authorization of AppSync"),
    ("/identity/resolverContext", "Lambda authorizer of AppSync"),
];

/// Lists where `event` carries an identity, whether or not that is the configured source.
pub(crate) fn sources(event: &Value) -> Vec<(&'static str, &'static str)> {
    let is_present = |pointer: &str| match event.pointer(pointer) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    };
    let mut found: Vec<_> = SOURCES.into_iter().filter(|(pointer, _)| is_present(pointer)).collect();
    // With payload 1.0, an HTTP API writes the members of the context side by side, without a name around them.
    let authorizer = event.pointer(AUTHORIZER).and_then(Value::as_object);
    if authorizer.is_some_and(|context| !context.is_empty())
        && !found.iter().any(|(pointer, _)| pointer.starts_with(AUTHORIZER))
    {
        found.push((AUTHORIZER, "Lambda authorizer of an HTTP API, payload 1.0"));
    }
    found
}

const AUTHORIZER: &str = "/requestContext/authorizer";
