//! Cause and remedy of every code that only the log and the command state.

use super::table::Hands::{Application, Client, Operator};
use super::table::Row;

/// Codes of rejected tokens and events. A client receives `unauthorized` in place of each, or `insufficient-scope` in place of
/// `groups` and `scopes`.
pub(super) const REJECTIONS: &[Row] = &[
    (
        "no-authorization",
        "the request has no `Authorization` header",
        "send `Authorization: Bearer …`; a proxy may have removed it",
        Client,
    ),
    ("several-authorizations", "the request has two `Authorization` headers", "send one", Client),
    (
        "not-bearer",
        "the header is not `Bearer`, a space and a token",
        "add `Bearer `, or set `accept_raw_authorization`",
        Client,
    ),
    (
        "token-too-long",
        "the token is longer than `auth.max_token_size`, 8 KiB by default",
        "remove claims from the token, or raise `auth.max_token_size`",
        Operator,
    ),
    (
        "not-compact",
        "the token is not three parts of base64url joined by dots",
        "send the access token as the issuer returned it, without quotes",
        Client,
    ),
    ("header-json", "the token's header is not a JSON object", "send a token of the issuer", Client),
    (
        "header-parameter",
        "the token's header has an unsupported parameter, such as `crit`",
        "send a token of the issuer",
        Client,
    ),
    (
        "algorithm",
        "the token is signed with an algorithm that is not allowed",
        "sign tokens with RS256, or allow the algorithm with `VerifierConfig::with_algorithms`",
        Operator,
    ),
    ("no-kid", "the token's header names no key", "send a token of the issuer", Client),
    (
        "unknown-kid",
        "the issuer publishes no key with the token's key id: a token of another pool, or an old one",
        "compare with `upsign jwks`",
        Client,
    ),
    ("key-mismatch", "the key is published for another algorithm", "correct the issuer's key set", Operator),
    (
        "signature",
        "the signature is not that of the issuer's key: the token is forged or damaged",
        "sign in again; many of them are an attack",
        Client,
    ),
    ("claims-json", "the token's payload is not a JSON object", "send a token of the issuer", Client),
    (
        "missing-claim",
        "a mandatory claim is absent; the log names it",
        "send an access or id token of the issuer",
        Client,
    ),
    (
        "invalid-claim",
        "a claim has the wrong type or an impossible value; the log names it",
        "correct the issuer",
        Operator,
    ),
    (
        "issuer",
        "another issuer issued the token, for example another user pool",
        "correct `auth.user_pool` or `auth.issuer`, or the client's sign-in",
        Operator,
    ),
    (
        "unknown-issuer",
        "none of several verifiers trusts the token's issuer",
        "add a verifier for it, or correct the client's sign-in",
        Operator,
    ),
    ("unknown-token-use", "`token_use` is neither `access` nor `id`", "send a token of a user pool", Client),
    (
        "token-use",
        "an id token was sent where access tokens are accepted, or the other way around",
        "send the other token, or correct `auth.token_use`",
        Client,
    ),
    ("client", "the token was issued to another app client", "add the client to `auth.client_ids`", Operator),
    (
        "audience",
        "the token was issued for another API",
        "let the client request a token for this API, or correct the audiences",
        Operator,
    ),
    ("expired", "the token has expired", "refresh the token and send the request again", Client),
    (
        "not-yet-valid",
        "the token is not valid yet",
        "correct the clock of the server or of the issuer",
        Operator,
    ),
    (
        "issued-later",
        "the token was issued in the future",
        "correct the clock of the server or of the issuer",
        Operator,
    ),
    ("groups", "the caller is in none of `auth.groups`", "add the user to a group", Operator),
    ("scopes", "the token has none of `auth.scopes`", "request the scope at sign-in", Client),
    ("event-json", "the event is not strict JSON", "invoke the function through its gateway", Operator),
    (
        "unsupported-event",
        "the event is of no supported kind",
        "put API Gateway, a load balancer or AppSync in front of the function",
        Operator,
    ),
    (
        "malformed-event",
        "parts of the event contradict each other; the log names one",
        "invoke the function through its gateway",
        Operator,
    ),
    (
        "other-event",
        "this kind of event never carries the configured identity",
        "choose the constructor for the gateway that is deployed",
        Application,
    ),
    (
        "no-claims",
        "the event has no claims of the configured authorizer",
        "give the route an authorizer: `upsign documents sam` does",
        Operator,
    ),
    ("guest", "the caller is a guest of the identity pool", "sign in", Client),
    ("signer", "another load balancer signed the header", "correct the configured ARN", Operator),
    (
        "key-id",
        "the load balancer's key id is not a UUID",
        "accept requests from the load balancer only",
        Operator,
    ),
];
