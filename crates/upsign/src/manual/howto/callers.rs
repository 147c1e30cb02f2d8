//! Where the caller is named: a token in another header, IAM, a Lambda authorizer, and how each source spells claims.
//!
//! `auth.source` is the one place from which the identity of a caller is read. There is no fallback from one to another.
//!
//! | `source` | who has verified the caller | where it works |
//! | --- | --- | --- |
//! | `token` | this service, with the issuer's keys | everywhere |
//! | `authorizer` | the Cognito or JWT authorizer of the API | the Lambda function, behind a REST or HTTP API |
//! | `lambda-authorizer` | your own Lambda authorizer | the Lambda function, behind a REST or HTTP API |
//! | `iam` | IAM, from the signature of the request | the Lambda function, behind a REST or HTTP API |
//!
//! # A token in another header
//!
//! CloudFront signs the requests to a function URL (origin access control) and writes its signature into `Authorization`, so a token
//! there does not arrive. The same is true for proxies that sign in themselves. Name another header:
//!
//! ```toml
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! token_header = "x-upload-token"
//! accept_raw_authorization = true
//!
//! [cors]
//! origins = ["https://app.example.com"]
//! allow_headers = ["x-amz-content-sha256"]
//! ```
//!
//! Only that header is then read. Pages may send it without `allow_headers`: the API's CORS and every generated gateway follow
//! `token_header`. With origin access control, the client also sends the SHA-256 of its body, because CloudFront does not compute it:
//!
//! ```js
//! const body = JSON.stringify({ contentType: file.type, contentLength: file.size });
//! const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
//! const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
//! const answer = await fetch("https://d111111abcdef8.cloudfront.net/upload-url", {
//!   method: "POST",
//!   headers: { "x-upload-token": token, "x-amz-content-sha256": hash, "content-type": "application/json" },
//!   body,
//! });
//! ```
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>.
//!
//! A token with many groups is longer than the default of 8 KiB; `max_token_size` goes up to 64 KiB. Gateways have limits of their
//! own: 10,240 bytes for all headers of a REST or HTTP API together.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
//!
//! # IAM
//!
//! Callers sign the request to the API with credentials of a Cognito identity pool, as Amplify does with `iam`. API Gateway checks
//! the signature. `{sub}` is then the identity id, also of guests, if the identity pool has any:
//!
//! ```toml
//! [auth]
//! source = "iam"
//! identity_pool = "ap-southeast-1:11111111-2222-3333-4444-555555555555"
//!
//! [upload]
//! key = "uploads/{sub}/{id}.{ext}"
//! types = ["image/jpeg"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! ```
//!
//! With `user_pool` in place of `identity_pool`, `{sub}` is the `sub` of the user with whose token the credentials were obtained, the
//! same as in a token of that user; guests are refused:
//!
//! ```toml
//! [auth]
//! source = "iam"
//! user_pool = "ap-southeast-1_AbCdEf123"
//! ```
//!
//! IAM says nothing about groups, scopes or claims. What a caller may do is decided by the role of the identity pool.
//!
//! # A Lambda authorizer
//!
//! An authorizer of your own returns a context with the caller. Name the member that identifies the user, and who gave users that id:
//!
//! ```toml
//! [auth]
//! source = "lambda-authorizer"
//! issuer = "https://users.acme.example"
//! subject_claim = "userId"
//! groups_claim = "teams"
//!
//! [deployment]
//! api = "http"
//! ```
//!
//! The authorizer is trusted. `issuer` is a name that is only part of the identity; nothing is fetched from it. The context of a
//! REST API has texts only, so an authorizer writes a list as JSON text (`"[\"red\",\"blue\"]"`) or with commas; both are read.
//!
//! # How each source spells claims
//!
//! The same token has the same groups, scopes and key whichever way it comes, or is refused with a reason that names the claim,
//! the source and what was found there:
//!
//! | claim of the token | token, load balancer, AppSync | REST API, Cognito authorizer | HTTP API, payload 1.0 and 2.0 | Lambda authorizer |
//! | --- | --- | --- | --- | --- |
//! | text `acme` | `"acme"` | `"acme"` | `"acme"` | `"acme"` |
//! | number `42` | `42` | `"42"` | `"42"` | `42`, or `"42"` in a REST API |
//! | boolean `true` | `true` | `"true"` | `"true"` | `true`, or `"true"` in a REST API |
//! | groups `a` and `b` | `["a","b"]` | `"a,b"` | `"[a b]"` | `["a","b"]`, its JSON text, or `"a,b"` |
//! | scopes `x` and `y` | `"x y"` | `"x y"` | `"x y"` | as configured |
//! | `exp` | `1769864400` | a date or a number, as text | a number, as text | none |
//! | a list in `{claim:NAME}` | refused | refused | refused | refused |
//! | a claim within a claim | by its path | not passed on | not passed on | not passed on |
//!
//! IAM has none of these. A group whose name contains a comma cannot be told from two groups in the event of a REST API. Sources:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>.
