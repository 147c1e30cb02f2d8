//! What a browser asks a store before an upload, and what the answer means.
//!
//! Before a page uploads, its browser sends an `OPTIONS` request: the preflight of CORS. If the answer does not permit the upload, the
//! page sees a network failure without a reason, and S3 answers every refusal with the same sentence. `upsign preflight` sends the same
//! request, and names the part that is refused.
//!
//! # Ask a store
//!
//! ```text
//! $ upsign preflight - --origin https://app.example.com < grant.json
//! PUT https://my-bucket.s3.eu-central-1.amazonaws.com/photos/cat.jpg?[redacted]
//!    page         https://app.example.com
//!    preflight    OPTIONS, because of the method PUT
//!                 origin: https://app.example.com
//!                 access-control-request-method: PUT
//!                 access-control-request-headers: content-type,if-none-match
//!    answer       403
//!    narrowed     by 3 more preflights: the refusal states no reason
//!
//! cause: no CORS rule for the origin and method allows the header if-none-match (cors-header)
//!    fix: add if-none-match to AllowedHeaders of the rule (to be fixed in: the CORS rules)
//! ```
//!
//! The input is what the API answered, or the presigned URL alone; `-` keeps it out of the shell's history. The answer of the API states
//! method and headers. A URL states the names of the signed headers, and often implies the method. `--method` and `--header` state the
//! rest: a header by its name, by `NAME: VALUE` if the value matters, or as `NAME:` to leave it out.
//!
//! - The headers are those that a browser computes: in lower case, sorted, and without those that every page may send
//!   ([Fetch standard](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names)). A test compares them with Chromium's.
//! - If the answer states no reason, a few more preflights find it: without headers, each header alone, or the other methods.
//! - Redirects are explained and not followed. Nothing but `OPTIONS` is sent, without a body.
//! - A preflight does not use the signature. Whether the URL has expired, or the credentials permit the upload, is not checked; send the
//!   upload itself, and pass a refusal to [`diagnose`](crate::manual::howto::diagnose).
//! - A form needs no preflight, unless the page listens to the progress of the upload (`--progress`), as Uppy does.
//!
//! The exit code is 1 if a browser would not send the upload, or if the page could not read what it needs of the answer, such as the
//! ETag of a part. `--json` prints the members of `upsign diagnose`, and the request and its answer as `preflight`.
//!
//! # Ask an API
//!
//! ```text
//! upsign preflight https://api.example.com/upload-url --origin https://app.example.com \
//!   --method POST --header authorization --header 'content-type: application/json'
//! ```
//!
//! # Try rules before they are on the bucket
//!
//! `--cors FILE` evaluates rules as S3 does, and sends nothing:
//!
//! ```text
//! upsign documents cors > cors.json
//! upsign preflight grant.json --origin https://app.example.com --cors cors.json
//! ```
//!
//! # Check every route and every origin
//!
//! ```text
//! upsign check --live
//! upsign check --live --probe
//! ```
//!
//! The first sends a preflight for each route – for a whole file, a form and a part, as far as the route has them – from each origin
//! of `[cors]`. With a `*` in the origin, one that matches is used. What is refused is reported with the line of `upsign.toml` that needs the
//! permission, and with the commands that give the bucket its rules. The URLs are signed with the keys of no account, which a preflight does
//! not notice. The clients of [dialects](crate::manual::reference::dialects) that send other headers to the bucket have preflights of their
//! own: Active Storage with `Content-MD5`, and Uppy and better-upload for parts without a checksum.
//! [`drift`](crate::manual::howto::drift) describes the comparison of the bucket's documents, which is part of the command.
//!
//! The second also examines whether the store has what the routes rely on, such as `If-None-Match` or checksums of parts, by the
//! experiments of [`probe`](mod@crate::manual::howto::probe). They write objects below a new prefix and remove them, with the credentials in
//! `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
//!
//! What could not be checked is reported as such, and fails the check unless `--allow-uncompared` names it: `documents`, `preflights` or
//! `probe`.
//!
//! # What browsers do in addition
//!
//! - A page of `https` sends nothing to a URL of `http`, except to this machine (cause `mixed-content`).
//! - Chromium asks the user before a page of the internet reaches this machine or a private network (cause `local-network`).
//! - A header such as `date` cannot be set by a page, so a URL that signs one cannot be used there.
