//! The Cargo features of every crate. Only the two of `upsign-cli` that read templates are on by default.
//!
//! | crate | feature | adds |
//! | --- | --- | --- |
//! | `upsign` | `renewing` | `Renewing`, a cache around a source of credentials that fetches on each call; depends on tokio |
//! | `upsign` | `serde` | `Serialize` and `Deserialize` for requests, their results and identities |
//! | `upsign` | `js` | random ids and the clock of JavaScript on `wasm32-unknown-unknown`; no effect elsewhere |
//! | `upsign-core` | `renewing`, `serde` | what the features of `upsign` enable |
//! | `upsign-jwt`, `upsign-cognito` | `fetch` | `HttpFetch`: the issuer's keys over HTTPS. Without it the crate does no I/O |
//! | `upsign-http` | `cognito` | `BearerToken`: callers that send a token |
//! | `upsign-http` | `openapi` | `Api::openapi`: the OpenAPI description, derived from the routes |
//! | `upsign-axum` | `cognito` | `Authentication::bearer`: callers that send a token |
//! | `upsign-axum` | `fetch` | `cognito`, and the issuer's keys over HTTPS |
//! | `upsign-axum` | `server` | `Server`: HTTP/1.1 with limits on connections and heads, and a graceful shutdown |
//! | `upsign-axum` | `tls` | `server`, and TLS with rustls |
//! | `upsign-axum` | `metrics` | `Metrics`: counters and histograms that Prometheus reads |
//! | `upsign-lambda` | `verify` | `UploadFunction::verifying_tokens`, for a function without an authorizer in front; `UploadFunction::configured` needs it there |
//! | `upsign-lambda` | `chain` | `environment::load`: a role to assume, or AWS's provider chain |
//! | `upsign-config` | `chain` | `Config::chain_source`: AWS's provider chain and STS |
//! | `upsign-aws` | `sigv4` | `AwsSigV4`, a presigner on `aws-sigv4` |
//! | `upsign-aws` | `sigv4a` | `AwsSigV4a`, for multi-region access points |
//! | `upsign-aws` | `sdk` | `SdkPresigner`, a presigner on `aws-sdk-s3` |
//! | `upsign-aws` | `chain` | `ProviderChain`: credentials whose expiry is known |
//! | `upsign-aws` | `live` | `LiveBucket`: reads the documents of a bucket |
//! | `upsign-documents` | `xml` | reads the XML of S3's API; writing needs no feature |
//! | `upsign-documents` | `hcl` | reads Terraform's `.tf` files; its JSON needs no feature |
//! | `upsign-documents` | `yaml` | reads CloudFormation templates in YAML; those in JSON need no feature |
//! | `upsign-testing` | `tokens` | an issuer that mints tokens |
//! | `upsign-testing` | `s3` | an S3 server inside the test's process |
//! | `upsign-testing` | `mocks` | mocks of every trait |
//! | `upsign-testing` | `http` | with `mocks`: `MockAuthenticate` |
//! | `upsign-cli` | `chain` | `serve --credentials chain` and `--assume-role`: a profile, single sign-on or a role. Nearly every server needs it; without it only the keys in variables sign |
//! | `upsign-cli` | `sdk` | `--backend aws-sdk` of `presign` |
//! | `upsign-cli` | `live` | the part of `check --live` that reads a bucket's configuration |
//! | `upsign-cli` | `hcl` (default) | `check --against FILE.tf` |
//! | `upsign-cli` | `yaml` (default) | `check --against template.yaml` |
//!
//! The other crates have none. [`internals::weights`](crate::manual::internals::weights) lists what each costs to compile.
