//! Recipes, one page for each kind of task.
//!
//! | page | recipes |
//! | --- | --- |
//! | [`server`] | `upsign serve` in production: TLS, proxies, health, shutdown, containers, systemd |
//! | [`axum`] | your own sessions below a prefix, tokens, an outer `CorsLayer` |
//! | [`lambda`] | the function, its credentials, who authenticates |
//! | [`deploy`] | the deployment with SAM or Terraform, and the choice of the API |
//! | [`drift`] | compare what is deployed with `upsign.toml`, by hand and in CI |
//! | [`handlers`] | your own paths, members and error answers |
//! | [`routes`] | two routes, tenants by claim, a bucket per tenant, several accounts |
//! | [`authorize`] | ask your database, record pending uploads, let the server choose ids |
//! | [`forms`] | HTML forms, and clients that do not know the size |
//! | [`issuers`] | Auth0, Keycloak, Microsoft Entra and other identity providers in place of Cognito, several issuers, programs |
//! | [`callers`] | a token in another header, IAM, or a Lambda authorizer in place of tokens |
//! | [`claims`] | how each source spells groups, scopes and claims, what they become in a key, and what is rejected |
//! | [`keys`] | keys of an issuer without network, over a proxy, or of an emulator without TLS; time limits, rotation |
//! | [`stores`] | MinIO, Cloudflare R2 and other stores |
//! | [`mod@probe`] | what a store supports, by experiments, and the table `[bucket.can]` |
//! | [`origins`] | pages that may upload: previews below a domain, any port of your machine |
//! | [`preflight`] | what a browser asks the store before an upload, and what the answer means |
//! | [`headers`] | encoding, language, KMS context, Object Lock and other fixed headers of objects |
//! | [`files`] | files of any type, and how to serve them |
//! | [`browser`] | the client for browsers: progress, parts, resuming, React, a web component |
//! | [`dev_page`] | the page of `upsign dev`: try a policy with files of your own |
//! | [`uppy`] | Uppy 6, with its option `signRequest` |
//! | [`companion`] | Uppy 4 and 5, which expect a Companion server |
//! | [`programs`] | upload from curl, Python, Node.js, Rust, iOS, Android and Flutter |
//! | [`active_storage`] | the client of Active Storage, without Rails behind it |
//! | [`better_upload`] | better-upload: photos, several files, large files, React |
//! | [`git_lfs`] | large files of Git repositories: the service as a Git LFS server |
//! | [`large_files`] | files of any size: multipart uploads, resuming, checksums |
//! | [`several_files`] | several files in one request |
//! | [`confirm`] | what arrived: confirmation, receipts, reading and deleting |
//! | [`quarantine`] | inspect content before anyone can read it |
//! | [`events`] | confirm by the events of the bucket |
//! | [`webhooks`] | tell an application what became of an upload |
//! | [`quotas`] | files and bytes per caller and day |
//! | [`explain`] | what a presigned URL or a form allows, and what is odd about it |
//! | [`revoke`] | stop URLs that were already issued |
//! | [`diagnose`] | why an upload was refused, from a HAR, `curl -v` or the store's answer |
//! | [`testing`] | tests without AWS |
//! | [`migrate`] | replace the Lambda function of the original design |
//! | [`library`] | no async, no tokio, WebAssembly, your own credentials |
//!
//! Uploads that several programs handle (a queue, a signer elsewhere, a worker, a download) are in
//! [`internals::distributed`](crate::manual::internals::distributed). The Rust on these pages is compiled by the tests; what is marked
//! as text shows an outline.

pub mod active_storage;
pub mod authorize;
pub mod axum;
pub mod better_upload;
pub mod browser;
pub mod callers;
pub mod claims;
pub mod companion;
pub mod confirm;
pub mod deploy;
pub mod dev_page;
pub mod diagnose;
pub mod drift;
pub mod events;
pub mod explain;
pub mod files;
pub mod forms;
pub mod git_lfs;
pub mod handlers;
pub mod headers;
pub mod issuers;
pub mod keys;
pub mod lambda;
pub mod large_files;
pub mod library;
pub mod migrate;
pub mod origins;
pub mod preflight;
pub mod probe;
pub mod programs;
pub mod quarantine;
pub mod quotas;
pub mod revoke;
pub mod routes;
pub mod server;
pub mod several_files;
pub mod stores;
pub mod testing;
pub mod uppy;
pub mod webhooks;
