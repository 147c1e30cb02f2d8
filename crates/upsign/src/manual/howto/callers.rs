//! Where the caller is named: a token in another header, IAM, or a Lambda authorizer.
//!
//! `auth.source` names the only place from which the identity of a caller is read. No other place is tried if the caller is not named
//! there.
//!
//! | `source` | who has verified the caller | where it works |
//! | --- | --- | --- |
//! | `token` | this service, with the issuer's keys | everywhere |
//! | `authorizer` | the Cognito or JWT authorizer of the API | the Lambda function, behind a REST or HTTP API |
//! | `lambda-authorizer` | your own Lambda authorizer | the Lambda function, behind a REST or HTTP API |
//! | `iam` | IAM, from the signature of the request | the Lambda function, behind a REST or HTTP API, or at a function URL |
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
//! The generated function URL is open to everybody. For origin access control, change its `AuthType` to `AWS_IAM`, and the principal of
//! its two permissions to `cloudfront.amazonaws.com` with the ARN of the distribution as `SourceArn`.
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>.
//!
//! A token with many groups is longer than the default of 8 KiB; `max_token_size` goes up to 64 KiB. Gateways have limits of their
//! own: 10,240 bytes for all headers of a REST or HTTP API together.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
//!
//! # IAM
//!
//! Callers sign the request to the API with credentials of a Cognito identity pool, as Amplify does with `iam`. API Gateway checks
//! the signature. `{sub}` is then the identity id. Guests of the identity pool are refused:
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
//! same as in a token of that user:
//!
//! ```toml
//! [auth]
//! source = "iam"
//! user_pool = "ap-southeast-1_AbCdEf123"
//! ```
//!
//! The event of a caller of IAM contains no groups, scopes or claims. What a caller may do is decided by the role of the identity pool.
//!
//! The generated API demands a signature of every request except preflights, and allows pages to send the headers of a signature. The
//! stack permits nobody to call it: give the role of the identity pool for authenticated users the permission `execute-api:Invoke` for
//! `arn:aws:execute-api:REGION:ACCOUNT:API/*/POST/upload-url`. For a function URL, the permissions are `lambda:InvokeFunctionUrl` and
//! `lambda:InvokeFunction` for the function; no page can call it, because Lambda demands a signature of preflights as well.
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
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
//! The function of the authorizer is not part of the generated stack. Deploy with its ARN as the parameter `AuthorizerFunctionArn`, or
//! as the variable `authorizer_function_arn` of the Terraform module; the stack permits the API to invoke it. It must be in the account
//! and region of the stack. API Gateway invokes it for every request with the header `token_header`, and does not reuse its answers.
//! For a REST API it returns an IAM policy with the context, and for an HTTP API a simple response:
//!
//! ```js
//! export const handler = async ({ headers }) => {
//!   const user = await findUser(headers.authorization);
//!   return { isAuthorized: Boolean(user), context: { userId: user?.id, teams: user?.teams ?? [] } };
//! };
//! ```
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>.
//!
//! The authorizer is trusted. `issuer` is a name that is only part of the identity; nothing is fetched from it. The context of a
//! REST API has texts only, so an authorizer writes a list as JSON text (`"[\"red\",\"blue\"]"`) or with commas; both are read.
//!
//! [`claims`](super::claims) shows how each source spells groups, numbers and other claims.
