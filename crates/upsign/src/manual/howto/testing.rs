//! Test your application without AWS, without a network and without waiting.
//!
//! `upsign-testing` has a clock and ids that tests control, mocks of every trait, an issuer that mints tokens, and an S3 server inside
//! the test's process. Add it to `[dev-dependencies]`, with the features that a test needs.
//!
//! | to test | use | feature |
//! | --- | --- | --- |
//! | what your service grants, at a known time | [`UploadIssuer`](crate::UploadIssuer) with `FixedClock`, `CountingIds` | |
//! | what observers receive | `RecordingObserver` | |
//! | callers with tokens, also expired or forged ones | `tokens::TestIssuer` | `tokens` |
//! | that an upload arrives | `s3::TestS3` | `s3` |
//! | that your service survives a failing part | `mocks::MockAuthorize`, `MockPresigner`, … | `mocks` |
//! | your own presigner or source of credentials | `conformance` | |
//!
//! # A grant at a known time
//!
//! Signing needs no network, so most tests need no server:
//!
//! ```
//! use upsign::prelude::*;
//! use upsign_testing::{CountingIds, FixedClock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = FixedClock::new("2026-01-01T00:00:00Z");
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "inbox/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! let issuer = UploadIssuer::sigv4(policy, credentials)?.with_ids(CountingIds::new());
//! let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # futures_executor::block_on(async {
//! let grant = issuer.issue(&caller, &upload, clock.now()).await?;
//! assert_eq!(grant.key.as_str(), format!("inbox/alice/{}.jpg", CountingIds::nth(0)));
//! assert_eq!(grant.expires_at.to_string(), "2026-01-01T00:15:00Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # An upload that arrives
//!
//! `TestS3` verifies signatures as S3 does, so a test can send the file and look at the result. Its documentation has the whole example:
//!
//! ```text
//! let s3 = TestS3::start().await;
//! let policy = UploadPolicy::builder(s3.target(), "raw/{id}.{ext}".parse()?, Bodyless::Refuse);
//! let issuer = UploadIssuer::new(policy.content_types(["image/png"]).max_size(100).build()?, s3.presigner())?;
//! // Issue a grant, send the file with any HTTP client, then:
//! assert_eq!(s3.object(grant.key.as_str()).await.map(|object| object.bytes), Some(3));
//! ```
//!
//! # By hand
//!
//! `upsign dev --config` serves the routes of your `upsign.toml` with issuers and an S3 server inside its process, also if the file
//! still has the examples of `upsign init`:
//!
//! ```sh
//! upsign dev --config upsign.toml
//! curl -sS http://127.0.0.1:4280/upload-url -H "Authorization: Bearer $(curl -sS http://127.0.0.1:4280/dev/token)" \
//!   -H "Content-Type: application/json" -d '{"contentType": "image/jpeg", "contentLength": 48213}'
//! ```
//!
//! | of the file | here |
//! | --- | --- |
//! | routes, types, sizes, key templates, PUT or form, rate limit | as in the file |
//! | `[auth]`, or each `[[auth]]` | an embedded issuer signs tokens of the same shape: app clients, audiences, algorithm, groups and scopes in the same claims and spellings, the name for `{issuer}`. The keys are fetched from it, and a discovered issuer has a discovery document. Only the value of `iss` differs |
//! | `token_header`, `accept_raw_authorization`, `max_token_size` | as in the file |
//! | `source = "iam"`, `source = "lambda-authorizer"` | refused: only the Lambda function has such callers |
//! | buckets | buckets of the same names in the embedded S3 server, with keys of this run |
//! | `[cors] origins` | those on this machine, such as `http://localhost:5173` |
//!
//! The user alice is in the groups that the routes and issuers ask for, and has their scopes and the claims of the key templates
//! (each with the value `example`). If they ask for any group or scope, there is also bob, who has none: his requests show a denial.
//!
//! # Users of your own
//!
//! Each `--user` begins a user; the options up to the next one say what the tokens of this user contain:
//!
//! ```sh
//! upsign dev --config upsign.toml --user alice --group editors --scope write --claim custom:tenant=acme --user bob
//! curl -sS "http://127.0.0.1:4280/dev/token?user=bob" | cut -d. -f2
//! ```
//!
//! | option | tokens |
//! | --- | --- |
//! | `--group editors` | the group, in the claim that the issuer uses for groups |
//! | `--scope write` | the scope, in access tokens |
//! | `--claim custom:tenant=acme` | a claim with this text, in access tokens and id tokens |
//! | `--claim level:=3` | a claim with this JSON value |
//! | `--claim sub=user-1` | the subject, which otherwise changes at each start |
//!
//! `GET /dev/token?user=NAME` returns a token of that user to programs on this machine; with several issuers, `&issuer=NAME` chooses
//! who signs it. Users also sign in over HTTP, with the password in `/dev/config.json`: by `InitiateAuth` at a pool, and at the token endpoint
//! of an issuer with `provider = "oidc"` (the password grant of RFC 6749).
//!
//! # Your front end
//!
//! A page that another program serves, such as a development server, is admitted by its origin:
//!
//! ```sh
//! upsign dev --config upsign.toml --origin http://localhost:5173
//! ```
//!
//! It may then call the API and upload, and read `/dev/token`, which saves it a sign-in:
//!
//! ```js
//! const token = await (await fetch('http://localhost:4280/dev/token?user=alice')).text();
//! ```
//!
//! An origin of another machine is refused, unless `[cors]` lists it; it never gets tokens.
//!
//! # Look into the buckets
//!
//! `upsign dev` prints the keys of its S3 server, and a command that lists a bucket with the AWS CLI. SDKs work with the same keys and
//! endpoint. With `--json`, the line that tells a program that everything runs contains users, issuers, buckets and keys.
//!
//! # Without a configuration
//!
//! `upsign dev` without a file has a policy of its own. `upsign demo` runs one upload and exits with 0 only if it was stored, every
//! forbidden variant of it was refused, and a route with an inspection confirmed a photo and rejected a web page. `upsign key` applies
//! your `upsign.toml` to one upload and signs nothing:
//!
//! ```sh
//! upsign key --sub alice --content-type image/jpeg --content-length 48213
//! ```
