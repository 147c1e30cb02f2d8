//! Claims: how each source spells them, what they become, and what is rejected.
//!
//! A caller comes with a token that `upsign serve` verifies, or with the claims that a gateway passes on. Each source spells the same claim
//! in its own way. One reader knows them all, so that the same caller has the same groups, scopes and keys whichever way it comes, or
//! is rejected. A claim is in one of three states:
//!
//! - *absent*: the caller has no groups, and a key that contains the claim is denied with 403 `claim-required`.
//! - *present*: the value is used.
//! - *present but unusable*: the caller is rejected, and the reason in the log names the claim, what was found, what was expected and the
//!   source. A list that a gateway has joined to a text that can be split in several ways is the exception: it grants nothing, and a
//!   requirement for a group then denies the caller with the text.
//!
//! `upsign verify` and `upsign identity` print the reason for one token or one event. `identity` also says if the function would not
//! read the claims of the event, because it verifies the token itself:
//!
//! ```text
//! upsign identity event.json
//! ```
//!
//! # What each source sends
//!
//! Every source spells scopes as in the token: `"openid uploads/write"`. IAM passes on no claims, only who the caller is. A claim within
//! a claim (`groups_claim = "realm_access.roles"`) reaches the function in tokens and from AppSync; other gateways make a text of the
//! outer claim, which is rejected.
//!
//! | source | the list of `admin` and `uploaders` | 42 | true | a list in place of one value: rejected | expiry |
//! | --- | --- | --- | --- | --- | --- |
//! | [token](https://www.rfc-editor.org/rfc/rfc7519.html#section-4) | `["admin","uploaders"]` | `42` | `true` | `["acme","globex"]` | `1767218400` |
//! | [REST API, Cognito authorizer](https://repost.aws/questions/QUFJRBaEJRSmmqarNrvCWoQA/aws-cognito-group) | `"admin,uploaders"` | `"42"` | `"true"` | `"acme,globex"` | `"1767218400"`, `"Wed Dec 31 22:00:00 UTC 2025"` |
//! | [HTTP API, JWT authorizer, payload 1.0](https://github.com/awsdocs/amazon-api-gateway-developer-guide/issues/113) | `"[admin uploaders]"` | `"42"` | `"true"` | `"[acme globex]"` | `"1767218400"` |
//! | [HTTP API, JWT authorizer, payload 2.0](https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/pull/803) | `"[admin uploaders]"` | `"42"` | `"true"` | `"[acme globex]"` | `"1767218400"` |
//! | [AppSync, user pool or OpenID Connect](https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html) | `["admin","uploaders"]` | `42` | `true` | `["acme","globex"]` | `1767218400` |
//! | [load balancer, `x-amzn-oidc-data`](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html) | `["admin","uploaders"]` | `42` | `true` | `["acme","globex"]` | `1767218400` |
//! | [REST API, Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html) | `"[\"admin\",\"uploaders\"]"`, `"admin,uploaders"` | `"42"` | `"true"` | `"[acme globex]"` | – |
//! | [HTTP API, Lambda authorizer, payload 1.0](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html) | `["admin","uploaders"]`, `"[\"admin\",\"uploaders\"]"`, `"admin,uploaders"` | `42` | `true` | `["acme"]`, `"[acme globex]"` | – |
//! | [HTTP API, Lambda authorizer, payload 2.0](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html) | `["admin","uploaders"]`, `"[\"admin\",\"uploaders\"]"`, `"admin,uploaders"` | `42` | `true` | `["acme"]`, `"[acme globex]"` | – |
//! | [AppSync, Lambda authorizer](https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html) | `["admin","uploaders"]`, `"[\"admin\",\"uploaders\"]"`, `"admin,uploaders"` | `42` | `true` | `["acme"]`, `"[acme globex]"` | – |
//!
//! The groups of an attribute that Cognito has mapped from a company directory are one text at every source; `form` says which one:
//! `groups_claim = { claim = "custom:groups", form = "bracket" }`.
//!
//! What a REST API sends for the list of the one group `acme` and for the text `acme` is the same, and so is what it sends for the group
//! `a,b` and for two groups. Where users choose names of groups, or where a claim can be a list, verify the token itself
//! (`source = "token"`).
//!
//! # What becomes part of a key
//!
//! `{claim:NAME}` is one value: a text as it is, and a number or boolean as its canonical text, because some gateways send it so. The
//! subject is a text, or a number if `subject_claim` names another claim than `sub`. Lists and objects are rejected at every source, and
//! with them every text in the form in which some gateway spells a list, an object or a number with an exponent: such a text could be
//! either.
//!
//! # What is not read
//!
//! The forms are those of `groups_claim` and `scopes_claim`; without one, groups are a list.
//!
//! | read as | sent | outcome | source |
//! | --- | --- | --- | --- |
//! | groups | `"admin"` | rejected: a text, expected a list of strings | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | groups | `["admin",1]` | rejected: a list, expected a list of strings | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | groups | `7` | rejected: a number, expected a list of strings | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data`; HTTP API, JWT authorizer, payload 2.0; REST API, Cognito authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | groups | `{"admin":true}` | rejected: an object, expected a list of strings | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data`; HTTP API, JWT authorizer, payload 2.0; REST API, Cognito authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | groups | `"[admin uploaders]"` | grants nothing, with a warning | REST API, Cognito authorizer |
//! | groups | `"admin,,uploaders"` | grants nothing, with a warning | REST API, Cognito authorizer |
//! | groups | `"admin uploaders"` | grants nothing, with a warning | REST API, Cognito authorizer |
//! | groups | `"[[admin] x]"` | grants nothing, with a warning | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | groups | `"[admin  uploaders]"` | grants nothing, with a warning | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | groups | `"[\"admin\",\"uploaders\"]"` | grants nothing, with a warning | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | groups | `"admin"` | grants nothing, with a warning | HTTP API, JWT authorizer, payload 2.0 |
//! | groups, form `bracket` | `"admin,uploaders"` | rejected: expected names in brackets | token; REST API, Cognito authorizer; HTTP API, JWT authorizer, payload 2.0; AppSync, user pool or OpenID Connect |
//! | groups | `"admin"` | rejected: `realm_access` is a text, expected an object | token |
//! | groups | `"map[roles:[admin uploaders]]"` | rejected: `realm_access` is a text, expected an object | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | groups | `"[admin uploaders]"` | rejected: a text that is neither names with commas nor the JSON of a list | REST API, Lambda authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | groups | `"admin uploaders"` | rejected: a text that is neither names with commas nor the JSON of a list | REST API, Lambda authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | scopes, form `space` | `["openid","uploads/write"]` | rejected: expected names with spaces | token |
//! | one value | `["acme","globex"]` | rejected: a list of texts, expected a text | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | one value | `{"id":"acme"}` | rejected: an object, expected a text | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data`; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | one value | `1e+300` | rejected: a number that services write in different ways | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | one value | `"[acme globex]"` | rejected: a text in the form of a list in brackets | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data`; HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0; REST API, Lambda authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | one value | `"map[id:acme]"` | rejected: a text in the form of an object | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | one value | `"1e+300"` | rejected: a text in the form of a number with an exponent | HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | one value | `"acme,globex"` | rejected: a text with a comma, which can be a list | REST API, Cognito authorizer |
//! | one value | `"{id=acme}"` | rejected: a text in the form of an object | REST API, Cognito authorizer |
//! | one value | `"1.0E300"` | rejected: a text in the form of a number with an exponent | REST API, Cognito authorizer |
//! | one value | `["acme"]` | rejected: a list of texts, expected a text | HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | subject | `["42"]` | rejected: a list of texts, expected a text | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | subject | `true` | rejected: a boolean, expected a text or a number | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data`; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | subject | `7` | rejected: a number, expected a text | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | subject | `["alice"]` | rejected: a list of texts, expected a text | REST API, Lambda authorizer; HTTP API, Lambda authorizer, payload 1.0; HTTP API, Lambda authorizer, payload 2.0; AppSync, Lambda authorizer |
//! | subject | `42` | rejected: not a text, and a REST API passes on texts only | REST API, Lambda authorizer |
//! | subject | `["cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1"]` | rejected: a list of texts, expected a text | REST API, IAM |
//! | subject | `"cognito-idp.us-east-1.amazonaws.com/us-east-1_Test1"` | rejected: a text, expected a list of strings | HTTP API or function URL, IAM |
//! | expiry | `"1767218400"` | rejected: not a time | token; AppSync, user pool or OpenID Connect; load balancer, `x-amzn-oidc-data` |
//! | expiry | `"in two hours"` | left to the check of the gateway | REST API, Cognito authorizer; HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
//! | expiry | `true` | rejected: not a time | REST API, Cognito authorizer; HTTP API, JWT authorizer, payload 1.0; HTTP API, JWT authorizer, payload 2.0 |
