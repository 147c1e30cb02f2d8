//! Find out what a store supports.
//!
//! The profile of a store is what its documentation says, and a store without a profile is assumed to be like Amazon S3. `upsign probe`
//! finds out by experiments: it uploads small objects below a new prefix, each with one feature, looks at the answers, and removes
//! everything.
//!
//! ```text
//! upsign probe                                  # lists every request, and sends nothing
//! upsign probe --yes > can.toml                 # sends them
//! upsign probe --bucket uploads --region us-east-1 --endpoint-url http://127.0.0.1:9000 --provider minio --yes
//! ```
//!
//! Without options the bucket is that of `upsign.toml`, and the findings are compared with what the file assumes: the profile of the
//! store, with the changes of `[bucket.can]`. The credentials are in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
//!
//! # What is printed
//!
//! Standard output carries the table for `upsign.toml`. A comment is what was not decided, or what the table cannot express. What a
//! run against SeaweedFS prints, shortened:
//!
//! ```text
//! [bucket.can]
//! post = true
//! if_none_match = true
//! if_match = true
//! # kms: unknown, not tried: pass a key of the KMS with --kms-key
//! expected_bucket_owner = false
//! website_redirect = false
//! # checksums: PUT yes sha256, sha1, crc32, crc32c, crc64nvme, md5, no sha512, amz-md5, …; parts yes …; forms yes
//! # cors_wildcard: unknown, not tried: it would change the CORS configuration of the bucket
//! ```
//!
//! Standard error carries each finding, with the request and the answer that show it, and the differences from the assumption.
//! `--json` prints all of it as one document.
//!
//! | finding | means |
//! | --- | --- |
//! | `✓` | every answer was as expected: the right request succeeded, and the wrong one was refused |
//! | `✗` | an answer shows that the feature is missing: 501, or a wrong checksum that was accepted |
//! | `?` | not tried, or not decided: an error of the server, a redirect, or 403, which can be a missing permission |
//!
//! # What is examined
//!
//! | group | capabilities |
//! | --- | --- |
//! | what a signature binds | `signature_required`, `signature_verified`, `algorithm_verified`, `header_signature_verified`, `signed_length`, `signed_type`, `unsigned_headers_refused`, `unsigned_acl_refused`, `expired_refused`, `future_refused` |
//! | what is stored | `put`, `content_type_kept`, `response_overrides`, `range_of_version`, `website_redirect`, `storage_class`, `acl`, `kms`, `bucket_key` |
//! | conditions | `if_none_match`, `if_match`, `if_match_without_object`, `delete_if_match`, `expected_bucket_owner` |
//! | copies | `copy`, `copy_if_none_match`, `copy_source_if_match` |
//! | checksums | `checksums.put`, `checksums.query` and `checksums.part` of every algorithm, `form_checksums`, `full_object_checksums` |
//! | forms | `post` (with `content-length-range`), `form_website_redirect` |
//! | multipart uploads | `multipart`, `small_parts_refused`, `aborted_upload_is_gone`, `complete_if_none_match`, `object_size` |
//! | tags | `tags`, `object_tags_by_version` |
//! | settings of the bucket, which are read only | `versioning`, `cors_api`, `lifecycle`, `object_lock_enabled` |
//!
//! `--only` selects by name, as in `--only checksums.put`. The clock of the store, by its header `Date`, is compared with that of this machine.
//!
//! # What it does to the bucket
//!
//! - Every key starts with `upsign-probe-` and 16 random digits. Everything below that prefix is removed afterwards, also after an error and
//!   after Ctrl-C: objects, versions, delete markers and multipart uploads. Nothing else is removed. What is left is named, with
//!   the command that removes it, and the exit code is 1.
//! - No setting of the bucket is changed, no object is made readable for others or locked, and none is encrypted with a key that
//!   `--kms-key` does not name. So `object_lock` and `cors_wildcard` stay unknown, and an ACL is only found to be ignored.
//! - A run sends about 250 requests, of which about 80 store or copy an object of 9 bytes.
//! - Notifications of the bucket see these objects, unless their filter has another prefix.
//!
//! `upsign probe --iam` prints the policy with the permissions that a run needs: writing and deleting below `upsign-probe-*`, listing that prefix,
//! and reading settings. Without one of them, what it decides is unknown.
//!
//! # In code
//!
//! The crate `upsign-probe` has the experiments: `Plan` lists the requests, `probe` sends them over any `Transport`, and `Report` has the findings. The
//! tests of this project run it against SeaweedFS, Ministack and the embedded server of `upsign dev`, and compare the findings with a table.
