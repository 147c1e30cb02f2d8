//! What S3 enforces, what only a look at the stored object can, and what nobody can.
//!
//! A grant is as strong as what its signature binds. That depends on how the file is sent and on what the client said:
//!
//! | what | `PUT`, described | `PUT`, no body in the request | form, described | form, no size or no body | shown by |
//! | --- | --- | --- | --- | --- | --- |
//! | one key | S3: it is in the signed path | S3 | S3: a condition on `key` | S3 | `local/mutations::any_changed_field_is_refused` |
//! | one method | S3 | S3 | S3 | S3 | `local/mutations::any_changed_field_is_refused` |
//! | the content type | S3: a signed header | S3: the first type of the policy | S3: a condition | S3: a condition, on the first type of the policy | `local/echo::exactly_the_told_headers_are_taken`, `local/echo::exactly_the_told_fields_are_taken` |
//! | the size | S3: exactly the one stated, as signed `content-length` | nobody before it is stored: confirmation | S3: exactly the one stated | S3: the policy's range | `cli/demo::the_built_in_photo`, `policy/forms::who_does_not_know_the_size_gets_the_range`, `local/forms::a_form_that_breaks_its_policy` |
//! | no overwriting | S3: a signed `If-None-Match: *` | nobody; keys hold a fresh id, and the grant itself can be used again | nobody, as before | nobody, as before | `local/echo::exactly_the_told_headers_are_taken`, `policy/forms::a_form_keeps_no_object` |
//! | a checksum | S3: a signed header, compared with the bytes | – | S3: a condition; compared with the bytes where the store does | – | `local/objects::checksums_are_checked_kept_and_shown_on_demand` |
//! | encryption, storage class, ACL, tags, metadata, cache control, disposition | S3: signed headers | the bucket's own defaults and policy only | S3: conditions | S3: those that the policy fixes | `local/echo::headers_to_send_are_those_signed`, `local/echo::exactly_the_told_fields_are_taken` |
//! | until when | S3: `X-Amz-Expires`, and the end of the credentials | S3 | S3: the policy's expiration, and the end of the credentials | S3 | `upsign/lifetimes::short_lived_credentials_shorten_it` |
//! | how often a grant is used | S3, by `If-None-Match`: once | nobody | nobody | nobody | `local/race::one_of_sixteen_writers_wins_each_of_twenty_rounds` |
//! | that the bytes are what the type says | confirmation: look into the file | confirmation | confirmation | confirmation | nothing can |
//! | that the file is harmless | confirmation: scan it before anybody else may read it | confirmation | confirmation | confirmation | nothing can |
//! | that the holder of the grant is the caller | nobody: it is a bearer's right until it ends | nobody | nobody | nobody | nothing can |
//! | that an upload happens at all | nobody; S3 tells of those that did | nobody | nobody | nobody | nothing can |
//!
//! *Confirmation* is a look at the stored object before it counts: its size, type and checksum by `HEAD`, its first bytes,
//! a scan. A request without a body is what the article's front end sends; where clients can be changed, refuse it
//! (`bodyless = "refuse"`).
//!
//! # By store
//!
//! Every store that signs compares the key, the method, the signed headers and the time: type, exact size and everything
//! else above are bound by the signature wherever it is verified. Beyond that, stores speak S3's API and do not all that S3
//! does. What a policy needs of the columns below and a named store lacks is refused when the configuration is read, not
//! found out by an uploader; whether a store honours an ACL, a storage class, KMS or tags is not known here, so ask it.
//!
//! | `bucket.provider` | forms | `If-None-Match` | checksums | largest `PUT` in bytes |
//! | --- | --- | --- | --- | --- |
//! | `aws` | yes | yes | yes | 5368709120 |
//! | `r2` | no | yes | yes | 5363466240 |
//! | `b2` | no | no | no | 5000000000 |
//! | `minio` | yes | yes | yes | 5497558138880 |
//! | `wasabi` | no | no | no | 5000000000 |
//! | `do` | yes | no | no | 5000000000 |
//! | `tigris` | yes | yes | yes | 5368709120 |
//! | `garage` | yes | no | yes | 5497558138880 |
//! | `seaweedfs` | yes | yes | yes | 5497558138880 |
//! | `custom` | yes | yes | yes | 5368709120 |
