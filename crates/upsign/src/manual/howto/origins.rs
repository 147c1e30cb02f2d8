//! Pages that may upload: one origin, previews below a domain, any port of your machine.
//!
//! A page uploads in two steps, and a browser asks before each: the API whether the page may request an upload, and the bucket whether
//! it may send the file. `[cors]` has the origins for both. `upsign serve`, the Lambda function and the routers answer for the API;
//! `upsign documents cors` prints the rules of the bucket.
//!
//! # List the origins
//!
//! An origin is a scheme, a host and a port, as the browser shows it, without a path. A default port is left out:
//!
//! ```toml
//! [cors]
//! origins = ["https://app.example.com", "https://admin.example.com:8443"]
//! ```
//!
//! # Previews and other origins that are not known beforehand
//!
//! Each origin can contain one `*`, which stands for any text, as in the CORS rules of Amazon S3:
//!
//! ```toml
//! [cors]
//! origins = [
//!     "https://app.example.com",
//!     "https://*.preview.example.com",  # https://pr-7.preview.example.com
//!     "https://*-app.team.workers.dev", # https://3f2a91c0-app.team.workers.dev
//! ]
//! ```
//!
//! API and bucket compare in the same way: `https://*.example.com` matches `https://a.example.com` and `https://a.b.example.com`, but
//! neither `https://example.com` nor another scheme or port. List the domain itself, too, if it has pages that upload.
//!
//! Below a domain such as `vercel.app` or `workers.dev`, anybody can publish a page. `upsign check` warns about a `*` directly before
//! one, with the code `shared-origin`; it knows these domains from the [Public Suffix List](https://publicsuffix.org/). Use a domain of
//! your own for previews, or a name below which only you have names, such as `*-app.team.workers.dev`. CORS alone admits nobody:
//! every request also needs the token of a caller. But a page of somebody else could use the token that it tricks a user into giving it.
//!
//! Refused is what no bucket or no browser compares: several `*`, `https://*`, `*` in the scheme or at the end of the host, and
//! `https://*example.com`, which would match `https://evilexample.com`.
//!
//! # Any port of your machine
//!
//! ```toml
//! [cors]
//! origins = ["https://app.example.com", "http://localhost:*"]
//! ```
//!
//! `http://localhost` without a port does not match, because it has no `:`. `upsign dev` admits pages of every port with it.
//!
//! # Stores and gateways
//!
//! - A store may compare whole origins. The configuration is then refused, with the name of the store;
//!   [`enforcement`](crate::manual::security::enforcement#by-store) has the table. Declare `cors_wildcard = true` in `[bucket.can]` if
//!   you tried it.
//! - API Gateway compares whole origins. With a `*`, the stack of `upsign documents sam` and `terraform` lets the function answer
//!   preflights. The errors of an HTTP API itself, such as 401 for an expired token, then have no CORS headers: a page sees a network
//!   failure. Those of a REST API can be read by every page.
//!
//! # Try it
//!
//! [`preflight`](crate::manual::howto::preflight) asks API and bucket what a browser asks, and names the part that is refused.
