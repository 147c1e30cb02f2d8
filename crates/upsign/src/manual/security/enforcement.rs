//! Which limits S3 enforces, which need a check after the upload, and which cannot be enforced.
//!
//! S3 enforces what the signature of a grant covers. That depends on the method (`PUT` or form) and on what the client
//! described in its request:
//!
//! | limit | `PUT`, described | `PUT`, request without a body | form, described | form, no size or no body |
//! | --- | --- | --- | --- | --- |
//! | one key | S3: part of the signed path | S3 | S3: a condition on `key` | S3 |
//! | one method | S3 | S3 | S3 | S3 |
//! | the content type | S3: a signed header | S3: the policy's first type | S3: a condition | S3: a condition on the policy's first type |
//! | the size | S3: the exact size, as signed `content-length` | not before the object is stored: confirmation | S3: the exact size | S3: the policy's range |
//! | no overwriting | S3: a signed `If-None-Match: *` | not enforced: keys contain a fresh id, but the grant can be used again | not enforced, likewise | not enforced, likewise |
//! | a checksum | S3: a signed header, compared with the bytes | – | S3: a condition; compared with the bytes if the store does so | – |
//! | encryption, storage class, ACL, tags, metadata, disposition, Object Lock, other fixed headers | S3: signed headers | only the bucket's defaults and bucket policy | S3: conditions, but a form has no field for a lock | S3: conditions on values that the policy fixes, likewise |
//! | the lifetime | S3: `X-Amz-Expires` and the expiry of the credentials | S3 | S3: the POST policy's expiration and the expiry of the credentials | S3 |
//! | the number of uses | S3: once, by `If-None-Match`; with `pending_key`, until the confirmation moves the object | not enforced | not enforced | not enforced |
//! | a browser saves a type that it could execute | the policy, with S3: ranges exclude such types, and an `attachment` is a signed header | only exact types are signed, without a disposition | the policy, with S3: a condition | the same |
//! | the content matches its type | confirmation: inspect the file | confirmation | confirmation | confirmation |
//! | the file is harmless | confirmation: scan it before others may read it | confirmation | confirmation | confirmation |
//! | the uploader is the caller | not enforceable: anyone who has the grant can use it until it expires | same | same | same |
//! | an upload happens at all | not enforceable; S3 can notify about uploads that happened | same | same | same |
//!
//! *Confirmation* means checking the stored object before the application uses it: size, content type and checksum by a
//! `HEAD` request, its first bytes, a malware scan. A route with `confirm = true` compares size, type, checksum and encryption
//! ([`howto::confirm`](crate::manual::howto::confirm)); one with `inspect` also looks into the content, before anyone can read the
//! object, where the policy of the bucket is applied ([`howto::quarantine`](crate::manual::howto::quarantine)). On other routes the application must do this. The original
//! two-step design sends a request without a body; if you can change the clients, refuse that (`bodyless = "refuse"`).
//!
//! # By store
//!
//! Every store that verifies SigV4 compares key, method, signed headers and time, so content type, exact size and the
//! other signed headers hold on all of them. S3-compatible stores differ in the features below. If a policy needs a
//! feature that the store lacks, the configuration is refused at start. A feature that the store's documentation does not
//! mention counts as missing; if you tried it, declare it in `[bucket.can]`. Nothing is known about a `custom` store: it is
//! assumed to have every feature, and a warning lists those that the routes need and that `[bucket.can]` does not declare.
//!
//! | `bucket.provider` | forms | `If-None-Match` | checksums | ACLs | KMS | tags | `*` in origins | storage classes | largest `PUT` in bytes |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | `aws` | yes | yes | all | yes | yes | yes | yes | STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE, REDUCED_REDUNDANCY | 5368709120 |
//! | `r2` | no | yes | sha256, sha1, crc32, crc32c, md5 | no | no | no | no | STANDARD, STANDARD_IA | 5363466240 |
//! | `b2` | no | no | none | no | no | no | at the start of the host | none | 5000000000 |
//! | `minio` | yes | yes | sha256, sha1, crc32, crc32c, crc64nvme, md5 | no | yes | yes | yes | STANDARD, REDUCED_REDUNDANCY | 5497558138880 |
//! | `wasabi` | no | no | none | no | no | no | no | none | 5000000000 |
//! | `do` | yes | no | none | yes | no | no | at the start of the host | none | 5000000000 |
//! | `tigris` | yes | yes | none | no | no | no | no | none | 5368709120 |
//! | `garage` | yes | no | sha256, sha1, crc32, crc32c, crc64nvme, md5 | no | no | no | no | none | 5497558138880 |
//! | `seaweedfs` | yes | yes | sha256, sha1, crc32, crc32c, crc64nvme, md5 | no | no | yes | at the start of the host | all | 5497558138880 |
//! | `gcs` | no | no | md5 | yes | no | no | no | STANDARD | 5368709120 |
//! | `hetzner` | no | no | none | no | no | no | no | none | 5368709120 |
//! | `ovh` | no | no | none | yes | no | yes | no | EXPRESS_ONEZONE, STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE | 5368709120 |
//! | `scaleway` | yes | yes | sha256, sha1, crc32, crc32c, crc64nvme | yes | no | yes | no | STANDARD, ONEZONE_IA, GLACIER | 5368709120 |
//! | `ceph` | yes | no | none | yes | yes | yes | yes | all | 5368709120 |
//! | `rustfs` | yes | yes | sha256, sha1, crc32, crc32c, crc64nvme | no | no | yes | no | none | 5368709120 |
//! | `localstack` | yes | yes | sha256, sha1, crc32, crc32c | yes | yes | yes | yes | all | 5368709120 |
//! | `custom` | yes | yes | all | yes | yes | yes | yes | all | 5368709120 |
//!
//! The row `gcs` is the S3-compatible side of Google Cloud Storage. With its own signatures (`signature = "goog4-hmac"` or
//! `"goog4-rsa"`) the store also has forms, KMS keys and protection against overwriting, by `x-goog-if-generation-match` in place of
//! `If-None-Match`, and it binds a maximum size of a `PUT`.
//!
//! # Tests
//!
//! | limit | proven by |
//! | --- | --- |
//! | one key | `local/mutations::any_changed_field_is_rejected` |
//! | one method | `local/mutations::any_changed_field_is_rejected` |
//! | the content type | `local/grants::put_requires_exactly_the_listed_headers`, `local/grants::form_requires_exactly_the_listed_fields` |
//! | the size | `cli/demo::the_built_in_photo_is_uploaded_and_forbidden_uploads_are_refused`, `policy/forms::form_without_stated_size_binds_the_range`, `local/forms::form_that_violates_its_policy_is_rejected` |
//! | no overwriting | `local/grants::put_requires_exactly_the_listed_headers`, `policy/forms::form_cannot_prevent_overwriting` |
//! | a checksum | `local/objects::checksums_are_verified_stored_and_returned_on_request` |
//! | encryption, storage class, ACL, tags, metadata, disposition, Object Lock, other fixed headers | `local/grants::listed_headers_are_exactly_the_signed_headers`, `local/stored_headers::put_stores_every_fixed_header`, `local/stored_headers::put_stores_the_lock`, `local/grants::form_requires_exactly_the_listed_fields` |
//! | the lifetime | `upsign/lifetimes::short_lived_credentials_shorten_the_lifetime` |
//! | the number of uses | `local/concurrency::concurrent_if_none_match_has_exactly_one_winner` |
//! | a browser saves a type that it could execute | `policy/content_ranges::range_never_grants_an_unknown_type_that_could_be_displayed`, `policy/content_ranges::forms_force_unknown_types_to_be_saved_too` |
//!
//! No test can prove the others: that content matches its type, that a file is harmless, that the uploader is the caller, and that
//! an upload happens at all.
