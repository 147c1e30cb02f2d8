//! Stop URLs that were already issued.
//!
//! A presigned URL cannot be recalled, and S3 checks the policies each time it is used. `upsign revoke` prints the bucket policy with the
//! smallest statement that denies what leaked, and says what else it stops, what it leaves, and when it can be removed. It sends
//! nothing: the policy is applied by you.
//!
//! | leaked | command | statement |
//! | --- | --- | --- |
//! | one URL | `upsign revoke - < url.txt` | the key, presigned URLs only, and only signatures that are as old (`s3:signatureAge`) |
//! | what one caller may upload | `upsign revoke --caller SUB --config upsign.toml` | the keys that contain the caller's subject (`{sub}`) |
//! | what one identity of AWS signed | `upsign revoke --user-id ID --bucket NAME` | `aws:userid` of a user, a role or one session |
//! | everything that was signed so far | `upsign revoke --issued-before now --bucket NAME` | sessions from before that time (`aws:TokenIssueTime`) |
//!
//! The last one, as it runs:
//!
//! ```sh
//! upsign revoke --issued-before now --bucket my-bucket > policy.json
//! ```
//!
//! # Apply it
//!
//! `put-bucket-policy` replaces the policy of the bucket, so the statement has to be added to the present one:
//!
//! ```text
//! aws s3api get-bucket-policy --bucket my-bucket --query Policy --output text > present.json
//! upsign revoke - --bucket-policy present.json < url.txt > policy.json
//! aws s3api put-bucket-policy --bucket my-bucket --policy file://policy.json
//! ```
//!
//! Everything else in the present policy stays as it is, also what this program does not know. A statement that is there already is not
//! added again. S3 takes policies of up to 20 KB; a longer one is refused. If a template or a Terraform module owns the policy, add the
//! statement there. The id of the statement says when it can be removed: `RevokeUrlUntil20260101T001500Z`. By then every URL that it was
//! made for has expired.
//!
//! # What it does not stop
//!
//! - An upload that S3 has accepted, and the objects and parts that are stored: look for them, and delete them.
//! - For a URL: other URLs of the same leak. A URL for the same key that is signed later works until it is as old as the leaked one was.
//!   If the URL is less than a minute old, or signed by version 2, all presigned URLs for the key are stopped. So are downloads and
//!   deletions, unless the URL proves that it is an upload: a URL does not contain its method.
//! - For a caller: routes whose keys do not contain `{sub}` (they are listed), downloads, and what the service issues after the removal.
//!   Block the account at its issuer first. Until the removal, the caller's new URLs are stopped as well.
//! - For an identity: it can sign again after the removal. Take the permission from it, or rotate its access key, first.
//! - For an instant: URLs that were signed with an access key of a user, without a session. Deactivate the access key, which stops
//!   its URLs at once. A service whose session is older issues URLs that are refused, until it has a new session: restart it.
//! - Requests with an `Authorization` header, which the statements leave alone, so that the service itself goes on.
//!   IAM's ["Revoke active sessions"](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html) stops these too.
//! - Access points, directory buckets and other stores than Amazon S3. The command refuses such URLs: they have other conditions.
//!
//! The list that the command prints is evaluated, not written down: it applies the statement to a request of each kind.
//!
//! With `--config`, a URL that no route of the file issues is refused. Exit codes: 0; 1 if there is nothing to revoke, because the URL has
//! expired; 2 if the input is something else. No signature and no token is printed.
//!
//! # JSON
//!
//! `--json` prints one object. New members may be added.
//!
//! | member | value |
//! | --- | --- |
//! | `kind` | `url`, `caller`, `signer` or `issued-before` |
//! | `bucket` | the bucket whose policy needs the statement |
//! | `statement`, `policy` | the statement, and the whole policy with it |
//! | `stops`, `leaves` | the kinds of requests that it denies and that it does not, in words |
//! | `limits` | what the statement cannot stop, or what else is to be done |
//! | `removableAt` | the time from which the statement can be removed |
//! | `apply` | the commands that apply the policy |
//!
//! In a program: `Revocation` of the crate `upsign-diagnose`.
