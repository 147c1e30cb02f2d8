//! Large files of Git repositories: the service as a Git LFS server.
//!
//! The large files of a repository go straight to your bucket, and its history stays where it is: at GitHub, GitLab or on a disk. Git LFS
//! names a file by its SHA-256. That is the key of the object, and the checksum that every URL signs, so the store refuses other bytes. An
//! object never changes, and a file that several branches or repositories of a route have is stored once. git-lfs 3.3 is tested unmodified.
//!
//! # Switch it on
//!
//! ```toml
//! dialects = ["git-lfs"]
//!
//! [upload]
//! key = "lfs/{sha256}"
//! shared_content = "danger"            # all callers share the files: see below
//! types = ["application/octet-stream"] # git-lfs does not tell the type
//! max_size = "5 GiB"                   # the most that one request can store
//! bodyless = "refuse"
//! checksums = ["sha256"]
//! require_checksum = true
//! confirm = true                       # the service looks for objects, and verifies what was pushed
//!
//! [deployment]
//! reads = "presigned"                  # to pull; without it, the service only accepts pushes
//! ```
//!
//! A route needs all of this. Its key contains nothing else of a file than `{sha256}`, because that is all a client has when it pulls. It
//! has neither `pending_key` nor `gate`: git-lfs expects a file to be there as soon as it was sent. `upsign check` says which routes serve
//! the dialect, and what others lack.
//!
//! # In a repository
//!
//! Once for everybody, `.lfsconfig` and `.gitattributes` are committed. Each user has a token of the service:
//!
//! ```shell
//! git lfs install --local
//! git lfs track "*.psd"
//! git config -f .lfsconfig lfs.url https://uploads.example.com/info/lfs
//! git config http.https://uploads.example.com/.extraHeader "Authorization: Bearer $TOKEN"
//! git add .
//! git commit -m "Store large files with Git LFS"
//! git push origin main
//! ```
//!
//! Set the header for the address of the service, as here, and never for all addresses (`http.extraHeader`): git-lfs would send the token
//! to the store too, which refuses requests with two kinds of credentials.
//!
//! Tokens expire. A credential helper of Git can fetch a new one each time: git-lfs sends its *password* as the token, and ignores the user
//! name. It asks the helper after the first answer 401, which has `LFS-Authenticate: Basic`.
//!
//! ```shell
//! git config credential.https://uploads.example.com.helper '!f() { echo username=git; echo "password=$(your-sign-in)"; }; f'
//! ```
//!
//! # Whose files
//!
//! | key | who reads |
//! | --- | --- |
//! | `lfs/{sha256}` | every caller of the route: restrict it with `groups` or `scopes`. It needs `shared_content = "danger"` |
//! | `lfs/{claim:team}/{sha256}` | callers with the same claim. It needs `shared_content = "danger"` too |
//! | `lfs/{sub}/{sha256}` | only the caller that pushed a file |
//!
//! Who may push to a route may pull from it. With `shared_content`, a caller who knows the SHA-256 of a file learns whether the service has
//! it, and reads it. For several repositories with different people, add a route for each: `[route.game]` is at
//! `https://uploads.example.com/game/info/lfs`. An application that decides by itself who reads
//! ([`AuthorizeRead`](crate::read::AuthorizeRead)) decides by receipts, which git-lfs does not have: such a service signs no URLs to pull.
//!
//! # What happens
//!
//! git-lfs asks for up to 100 files at a time. The service looks for each with one `HeadObject`, 16 at the same time, and signs a URL for
//! those that the store does not have. git-lfs sends them, and has each one verified: that is [`confirm`](super::confirm), with its events.
//! One batch counts once against the rate limit of uploads, and each verification against that of calls.
//!
//! | if | then |
//! | --- | --- |
//! | a push is interrupted | the next one sends only what the store does not have |
//! | a URL has expired | git-lfs asks for another one: also in the middle of a push |
//! | two people push the same file at once | the store answers 412 to the second, and git-lfs learns that the file is there |
//! | bytes are damaged on the way | the store answers 400, and git-lfs sends them again |
//! | a file has more than `max_size` | git-lfs shows the reason for this file, and the push fails |
//!
//! # Limits
//!
//! - A file has at most 5 GiB: the transfer `basic` is one `PUT`.
//! - `per_day` cannot count the uploads of such a route, because its key has no `{id}`: `upsign check` refuses it. A
//!   [`Quota`](crate::quota::Quota) of the library can; a file that was never verified stays counted there, because it can be read all
//!   the same.
//! - There are no locks. git-lfs notices that once, and sets `lfs.URL.locksverify` to `false` by itself.
//! - The address of `verify` has the host of the request, and the scheme of `X-Forwarded-Proto`. Without that header it is `https`, except
//!   for addresses of private networks and names without a public domain. A proxy in front must pass on `Host`, and state in
//!   `X-Forwarded-Prefix` what it removes from the path. The stage and the base path of an API Gateway are known, but for the API
//!   mapping of an HTTP API, which its events (payload 2.0) do not have.
//! - Behind an authorizer of API Gateway, only `Authorization: Bearer` works, because the gateway reads the token.
//! - Nothing deletes objects that no commit refers to any more.
