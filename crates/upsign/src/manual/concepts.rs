//! The two steps, what a presigned URL consists of, who may get one, and how long it lasts.
//!
//! # The two steps
//!
//! A file that passes through an API costs the API bandwidth, memory and a timeout. In the two-step design it does not:
//!
//! 1. The client describes the file to the API: its type and its size. The API verifies the caller, decides, and answers with a
//!    presigned URL.
//! 2. The client sends the file to S3, with the method and the headers of the answer. S3 verifies the signature and stores the
//!    object.
//!
//! The API never sees the file, and the client never has AWS credentials. The API calls nothing to sign: a signature is a
//! computation over the request, made with credentials that it already has. S3 repeats the computation and compares.
//!
//! # Anatomy of a URL
//!
//! | part | for example | says |
//! | --- | --- | --- |
//! | host | `article-images-bucket.s3.ap-southeast-1.amazonaws.com` | bucket and region; signed as the header `host` |
//! | path | `/articles/7f2b…/raw/0190….jpg` | the key |
//! | `X-Amz-Algorithm` | `AWS4-HMAC-SHA256` | SigV4 |
//! | `X-Amz-Credential` | `AKIA…/20260101/ap-southeast-1/s3/aws4_request` | whose key signed, for which day, region and service |
//! | `X-Amz-Date` | `20260101T000000Z` | when it was signed |
//! | `X-Amz-Expires` | `900` | for how many seconds it is valid |
//! | `X-Amz-Security-Token` | | only with temporary credentials |
//! | `X-Amz-SignedHeaders` | `content-length;content-type;host;if-none-match` | which headers must be sent with exactly the signed values |
//! | `X-Amz-Signature` | 64 hex digits | the result. Anyone who has the whole URL may use it |
//!
//! The signature covers the method, the path, every other parameter, and the *values* of the headers that `X-Amz-SignedHeaders`
//! lists. A request with another method, key, type, size or header has another signature, and S3 answers 403
//! `SignatureDoesNotMatch`. What is not signed is free: without `content-length` in the list, a URL accepts 5 GB.
//!
//! | signed header | effect |
//! | --- | --- |
//! | `content-type` | S3 stores this type, and serves the object with it |
//! | `content-length` | S3 accepts exactly this many bytes |
//! | `if-none-match: *` | S3 stores the object only if the key is free: the second use gets 412 `PreconditionFailed` |
//! | `x-amz-checksum-…` | S3 compares the bytes with the checksum, and answers 400 if they differ |
//! | `x-amz-meta-…`, `x-amz-server-side-encryption`, … | S3 stores the object with these settings |
//!
//! [`security::enforcement`](crate::manual::security::enforcement) says for each limit who enforces it.
//!
//! # Policy, permit, grant
//!
//! ```text
//! caller + description ──▶ policy ──▶ permit ──▶ your Authorize ──▶ signer ──▶ grant
//!                           denies               denies             needs credentials
//! ```
//!
//! A *policy* is fixed at start: key template, types, sizes, lifetime. Applied to one caller and one description it gives a
//! [`Permit`](crate::policy::Permit), which holds the complete request to sign, or a [`Denied`](crate::Denied). Your application
//! may then refuse the permit ([`Authorize`](crate::Authorize)); it cannot change it. The signer signs exactly the request of the
//! permit, and the result is the *grant*. There is no other way to a grant: the types allow none.
//!
//! ```
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "users/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! let upload = |content_type, bytes| UploadRequest::described().with_content_type(content_type).with_content_length(bytes);
//! # futures_executor::block_on(async {
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let grant = issuer.issue(&caller, &upload("image/jpeg", 48_213), at).await?;
//! assert!(grant.key.as_str().starts_with("users/alice/"));
//!
//! let denied = issuer.issue(&caller, &upload("text/html", 48_213), at).await.unwrap_err();
//! assert_eq!((denied.status(), denied.code()), (415, "content-type-not-allowed"));
//! let denied = issuer.issue(&caller, &upload("image/jpeg", 50 << 20), at).await.unwrap_err();
//! assert_eq!((denied.status(), denied.code()), (413, "too-large"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # Who may upload
//!
//! | question | answered by | a no is |
//! | --- | --- | --- |
//! | Who is the caller? | the verifier of tokens, the gateway's authorizer, or your session middleware | 401 |
//! | May callers of this group or scope use this service? | `auth.groups`, `auth.scopes` | 403 |
//! | May callers of this group or scope use this route? | `groups`, `scopes` and `claims` of the route ([`Access`](crate::Access)) | 403 |
//! | Is this upload within the policy? | the policy | 400, 403, 413, 415 |
//! | May this caller upload to *this* article? | your [`Authorize`](crate::Authorize) implementation | 403 |
//! | Does the caller ask too often? | [`RateLimit`](crate::RateLimit), `[limit]` | 429 |
//!
//! Every rejected token gets the same 401, so that a caller cannot find out what was wrong with it. The log has the reason.
//! 401 means that another token can help; 403 means that the token is valid and its caller lacks a group or scope.
//!
//! A caller is an issuer *and* a subject. The key template places the caller's files: `{sub}` is the subject, encoded so that no two
//! subjects give the same text; `{group}` and `{claim:NAME}` come from the token as well. With several issuers, `{issuer}` writes the
//! name that you gave to the caller's issuer, so that two people with the same subject have different folders. What a client sends
//! never becomes part of a key as it is.
//!
//! # Who verifies the token
//!
//! On Lambda, either the authorizer of the API or the function verifies the token. An authorizer is cheaper for invalid tokens, which
//! never reach the function, and it needs no requests for keys at a cold start. But it decides by its own rules: it must let through
//! every token that `[auth]` accepts. A stricter one refuses callers that `[auth]` accepts, with 401 and no reason. It may be laxer,
//! for example about clients, because the function compares the claims with `[auth]`.
//!
//! `upsign` therefore derives who verifies, for the stack and for the function alike: the authorizer if the kind of API has one that
//! lets through all of these tokens, and otherwise the function. A REST API, for example, tells ID tokens from access tokens only by
//! whether scopes are demanded, so it fits `token_use = "id"`, and access tokens with scopes, and never `"any"`. The authorizer of an
//! HTTP API names the issuer. A user pool has two possible ones and uses one at a time, which depends on the setting
//! [`IssuerConfiguration`](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html)
//! of the pool, which `user_pool` does not state: write `issuer` and `jwks_uri` in its place. `auth.source` states your choice: `"token"`
//! always leaves it to the function, and `"authorizer"` is refused, with the reason, where no authorizer fits.
//! [`reference::configuration`](crate::manual::reference::configuration#who-verifies-tokens-on-lambda) has the table.
//!
//! Behind an authorizer, the function still checks the claims that it passes on: issuer, client, use, times, groups and scopes. A gateway
//! that is changed by hand cannot widen `[auth]`, apart from the signature, which only the verifier sees.
//!
//! # Lifetimes
//!
//! | what | how long | why it matters |
//! | --- | --- | --- |
//! | a token | its `exp`, plus a leeway of 60 s | a signed-out user may ask until then |
//! | a grant | `upload.expires_in`, 15 minutes by default, at most 7 days | anyone who has the URL may use it until then; an upload that has *begun* in time may finish later |
//! | the signing credentials | an hour to twelve for a role, without end for a user's key | a URL dies with the credentials that signed it, whatever `X-Amz-Expires` says |
//! | the issuer's keys | as its `Cache-Control` says, 5 minutes to 24 hours | a withdrawn key is trusted until then |
//!
//! `expiresIn` and `expiresAt` of an answer are therefore the smaller of the policy's lifetime and what is left of the credentials
//! minus 30 seconds. If the expiry of the credentials is only assumed, the answer says so: `"expiresAtIs": "upper-bound"`.
