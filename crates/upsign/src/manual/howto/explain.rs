//! What a presigned URL or a form allows, and what is odd about it.
//!
//! `upsign explain` takes a presigned URL or a POST form apart. It sends nothing, needs no credentials, and prints neither the signature
//! nor a session token.
//!
//! ```text
//! upsign explain - < url.txt                        # keeps the URL out of the shell's history
//! upsign explain grant.json --config upsign.toml    # the answer of the service, compared with its routes
//! upsign explain "$URL" --at 2026-01-31T23:59:59Z   # as it will be then
//! ```
//!
//! ```text
//! a URL for PUT articles/7/b.jpg
//!    signature    AWS Signature Version 4
//!    bucket       article-images-bucket, signed for ap-southeast-1
//!    key          articles/7/b.jpg
//!    address      https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/articles/7/b.jpg
//!    store        Amazon S3, ap-southeast-1, virtual-hosted
//!    signed by    ASIAY34FZKBOKMUTVV7A: temporary credentials of the account 609629065308, with a session token
//!    valid        expired 5 min ago, at 2026-01-01T00:15:00Z; signed at 2026-01-01T00:00:00Z
//!    send         content-type: as it was signed; the URL does not contain the value
//!    send         host: article-images-bucket.s3.ap-southeast-1.amazonaws.com (clients send it by themselves)
//!    not bound    the size is not bound: the store accepts up to its own maximum (5 GB at S3)
//!    …
//! fails: the URL expired 5 min ago, at 2026-01-01T00:15:00Z (expired)
//!     fix: get a new URL directly before the upload; … (client)
//! ```
//!
//! # What it reads
//!
//! - A URL of AWS Signature Version 4, 4A or 2, of Google Cloud Storage (version 4 or 2), of CloudFront (canned or custom policy), or of
//!   Azure Storage (shared access signature).
//! - The JSON answer of a service: `url` or `uploadUrl` with `headers` or `fields`, as this service, `upsign presign --json`,
//!   `upsign post --json`, boto3 and the SDK for JavaScript write it. Values of headers are known only from such an answer.
//! - The fields of a form as a JSON object, as HTML with `<input>`, or as a command of curl: with `-F`, or as a browser copies it.
//!
//! A URL contains the names of the signed headers and not their values, and not the method: both are stated as far as other parameters
//! imply them. The signature is not verified, which needs the secret access key.
//!
//! Exit codes: 0; 1 if the store would refuse the request, for example because the URL has expired; 2 if the input is something else.
//!
//! # Compared with `upsign.toml`
//!
//! `--config FILE` says which route issues such keys, what the key contains (the caller, or the hash of a sealed key; ids, groups and
//! claims), and whether method, lifetime, size, type, overwriting, checksum and region are as the policy of the route says. Everybody
//! with credentials for the bucket can sign a URL for such a key, so this proves nothing.
//!
//! # JSON
//!
//! `--json` prints one object. New members may be added; a value that is not known is `null`.
//!
//! | member | value |
//! | --- | --- |
//! | `kind` | `url` or `form` |
//! | `scheme` | `sigv4`, `sigv4a`, `sigv2`, `goog4`, `goog2`, `cloudfront-canned`, `cloudfront-custom` or `azure-sas` |
//! | `method` | the method, if it is known or implied |
//! | `address` | the URL without its query |
//! | `store` | the name of the store as in `bucket.provider`: `aws`, `r2`, …; `custom` for a host of no known store |
//! | `style`, `styleIsAssumed` | how the address names the bucket: `path`, `virtual-hosted`, `accelerate`, `access-point`, `multi-region-access-point`, `directory-bucket`, `object-lambda`, `outposts`, `distribution` or `container`; whether path style was assumed |
//! | `hostRegion`, `dualstack`, `fips` | what else the host says |
//! | `bucket`, `key` | decoded |
//! | `signer` | `kind` (`long-term`, `temporary`, `service-account`, `cloudfront-key`, `azure`, `other`), `id`, `account`, `hasSessionToken` |
//! | `signingRegion` | the region, or the set of regions of SigV4a |
//! | `signedAt`, `expiresAt` | times as in `2026-01-31T23:59:59Z` |
//! | `state`, `seconds` | `valid`, `expired`, `not-yet-valid` or `unknown`, and for how long, since when or in which time |
//! | `required` | the headers or fields to send: `name`, `value` (`null` if the URL does not contain it), `automatic` |
//! | `settings` | parameters of the query that set something, and those that limit a signature of Azure (`sp`, `sr`, `sip`, `spr`, with their meaning): `name`, `value` |
//! | `bindings` | for each `part` (`size`, `type`, `overwrite`, `checksum`) whether it is `bound` (`exactly`, `partly`, `no`), and a `sentence` |
//! | `oddities` | `code`, `severity`, `field`, `owner`, `sentence`, `fix`, `source`; the worst first |
//! | `config` | with `--config`: `result` (`route`, `other-key`, `other-host`, `other-bucket`), and `route`, `pending`, `subject` or `callerHash`, `parts`, `rules` (`rule`, `met`, `sentence`) |
//!
//! `field` is `host`, `path`, `key`, `query:NAME`, `header:NAME`, `form-field:NAME`, `clock`, `region`, …; `owner` says in whose hands
//! the fix is: `client`, `configuration` (of the service that signs) or `clock`.
//!
//! # What can be odd
#![doc = include_str!("oddities.md")]
//!
//! In a program: `Explanation` of the crate `upsign-diagnose`.
