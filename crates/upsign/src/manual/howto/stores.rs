//! Use MinIO, Cloudflare R2 or another S3-compatible store.
//!
//! Write the endpoint as the console of the store shows it, without the bucket. Its host tells which store it is; name a store that
//! you operate yourself with `provider`. The store's profile sets regions and addresses, and a policy that needs a feature which
//! the store lacks is refused at start, with what to change:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! region = "us-east-1"
//! provider = "minio"
//! endpoint = "http://127.0.0.1:9000"
//! ```
//!
//! | store | `provider` | `region` | `endpoint` | evidence |
//! | --- | --- | --- | --- | --- |
//! | Amazon S3 | `aws`, the default | the bucket's | follows from the region | documentation; tried with the emulator Ministack |
//! | Cloudflare R2 | `r2` | `auto`, the default, or a location hint such as `weur` | `https://ACCOUNT.r2.cloudflarestorage.com` | documentation |
//! | Backblaze B2 | `b2` | as in `us-west-004` | follows from the region | documentation |
//! | MinIO | `minio` | `us-east-1`, unless the server has another | the server's address | documentation |
//! | Wasabi | `wasabi` | as in `eu-central-1` | follows from the region | documentation |
//! | DigitalOcean Spaces | `do` | as in `fra1` | follows from the region | documentation |
//! | Tigris | `tigris` | `auto`, the default | fixed | documentation |
//! | Garage | `garage` | the server's | the server's address | documentation |
//! | SeaweedFS | `seaweedfs` | the server's | the server's address | tried |
//! | Google Cloud Storage ([two kinds of signatures](#google-cloud-storage)) | `gcs` | `auto`, the default | fixed | documentation |
//! | Hetzner Object Storage | `hetzner` | as in `fsn1` | follows from the region | documentation |
//! | OVHcloud Object Storage | `ovh` | as in `gra` | follows from the region | documentation |
//! | Scaleway Object Storage | `scaleway` | as in `fr-par` | follows from the region | documentation |
//! | Ceph Object Gateway | `ceph` | the server's | the server's address | documentation |
//! | RustFS | `rustfs` | the server's | the server's address | documentation |
//! | LocalStack | `localstack` | any of AWS | `http://localhost:4566` | documentation |
//! | any other | `custom`, the default with an unknown host | the store's | the store's address | none |
//!
//! *Tried* means that the tests of this project upload to a server of this store. Everything else is what the documentation of the
//! store says.
//!
//! A region that the store cannot have is refused. `AWS_REGION` and `AWS_DEFAULT_REGION` count for buckets on AWS only: they are
//! set on every Lambda function and in many build systems. An endpoint that contains its region needs no `region`.
//!
//! # The bucket in the endpoint
//!
//! Some consoles show the address of the bucket: `https://ACCOUNT.r2.cloudflarestorage.com/uploads` or
//! `https://uploads.nyc3.digitaloceanspaces.com`. The name would be added once more, and every object would be stored under another
//! key than the answer says, so such an endpoint is refused, with the address without the bucket. `upsign check` prints the URL of
//! an example object, which shows both at a glance.
//!
//! If a host belongs to the bucket itself, as a custom domain does, nothing must be added:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! region = "garage"
//! provider = "garage"
//! endpoint = "https://files.example.com"
//! addressing = "bucket-is-host"
//! ```
//!
//! Tigris accepts signatures for custom domains. Cloudflare R2 and Hetzner do not. If a host of your own is only called like the
//! bucket, write `addressing = "path"` or `"virtual"`.
//!
//! # What a store supports
//!
//! R2, B2, Wasabi, Google's S3-compatible side, Hetzner and OVHcloud have no forms; B2, Wasabi, DigitalOcean, Garage, Google's
//! S3-compatible side, Hetzner, OVHcloud and Ceph cannot prevent overwriting, or do not document it. There, say that you accept it:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! region = "us-west-004"
//! provider = "b2"
//!
//! [upload]
//! key = "inbox/{sub}/{id}.{ext}"
//! types = ["image/jpeg"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! no_overwrite = false
//! ```
//!
//! [`security::enforcement`](crate::manual::security::enforcement) has the table of what each store supports. A store that is not in
//! the list is assumed to support what Amazon S3 supports, and a warning names the features that your routes need. [`upsign
//! probe`](crate::manual::howto::probe) finds out by experiments what it supports, and prints the declaration. It also corrects the
//! profile of a named store, because stores change:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! region = "us-east-1"
//! endpoint = "https://s3.example.com"
//!
//! [bucket.can]
//! post = true
//! if_none_match = true
//! checksums = false
//! ```
//!
//! The features are `post`, `if_none_match`, `if_match`, `checksums` (of every kind), `acl`, `kms`, `storage_class`, `tags`,
//! `object_lock`, `expected_bucket_owner`, `website_redirect` and `cors_wildcard`, and of
//! [multipart uploads](crate::manual::howto::large_files) `complete_if_none_match`, `object_size` and `full_object_checksums`.
//!
//! # Google Cloud Storage
//!
//! The store has two sides. Its S3-compatible side takes AWS's signatures with HMAC keys, and lacks forms, KMS keys and protection
//! against overwriting. Its own signatures have all of them:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! provider = "gcs"
//! signature = "goog4-hmac"
//!
//! [upload]
//! key = "inbox/{sub}/{id}.{ext}"
//! types = ["image/jpeg"]
//! max_size = "10 MiB"
//! size_bound = "max"
//! bodyless = "refuse"
//! ```
//!
//! | `signature` | who signs | where the key is |
//! | --- | --- | --- |
//! | `sigv4`, the default | an HMAC key, on the S3-compatible side | access id and secret in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` |
//! | `goog4-hmac` | an HMAC key | the same |
//! | `goog4-rsa` | a service account | its JSON key file, which `GOOGLE_APPLICATION_CREDENTIALS` names |
//!
//! The store reads headers of its own together with its own signatures, and the policy writes these: `x-goog-meta-…`, `x-goog-acl`,
//! `x-goog-storage-class`, `x-goog-encryption-kms-key-name` (`encryption = "kms"` with the name of the key in `kms_key`),
//! `x-goog-if-generation-match: 0` for an upload that must not overwrite, and `x-goog-content-length-range` for
//! `size_bound = "max"`. Of the checksums it has `md5`. Settings without a counterpart, such as tags, Object Lock and
//! `replace = "if-match"`, are refused.
//!
//! The session token of a role cannot sign, so a Lambda function passes HMAC keys with `with_credentials_source`, or the key of
//! a service account with `with_service_account`. In a library, [`Goog4Hmac` and `Goog4Rsa` of
//! `upsign-gcs`](https://docs.rs/upsign-gcs) are presigners for a target with
//! [`SignatureFamily::Google`](crate::types::SignatureFamily::Google).
//!
//! `upsign documents cors` prints the rules in Google's form, for `gcloud storage buckets update gs://BUCKET --cors-file=FILE`. Give
//! the service account the role Storage Object Creator on the bucket, or Storage Object User for multipart uploads. `upsign presign
//! --signature goog4-hmac` and `upsign post --signature goog4-hmac` sign single requests, and `--operation start-resumable` starts a
//! resumable upload.
//!
//! URLs and forms were compared with those of google-cloud-storage for Python, byte for byte, and a `PUT` and the start of a
//! resumable upload were sent to fake-gcs-server, which verifies no signatures and no conditions. The store itself could not be
//! reached. `upsign dev` replaces it by an S3 server, so headers have their names of S3 there.
//!
//! # Directory buckets
//!
//! A directory bucket of Amazon S3 (S3 Express One Zone) is named by its zone, and its address follows from its name and its region:
//!
//! ```toml
//! [bucket]
//! name = "uploads--euc1-az1--x-s3"
//! region = "eu-central-1"
//! ```
//!
//! URLs are signed for the service `s3express`, with the credentials themselves and without a session, as the AWS SDKs do with
//! `s3_disable_express_session_auth`. A session's credentials expire after five minutes, so a URL that is signed with them would,
//! too.
//!
//! Such a bucket has no forms, ACLs, tags, Object Lock and no checksums in `Content-MD5`; its storage class is `EXPRESS_ONEZONE`, or
//! `ONEZONE_IA` in a Local Zone; the key of a KMS is that of the bucket's default encryption. Settings that need one of these are
//! refused, and so are `accelerate` and `endpoint`. Overwriting is prevented as elsewhere.
//!
//! S3 has no CORS configuration for directory buckets, so pages of other origins cannot upload to one: it is for programs, and a
//! warning says so if `[cors]` has origins. It sends no notifications either. Its only permission is `s3express:CreateSession` on the
//! whole bucket, which also permits reading and deleting, for every key: `upsign documents iam`, templates and modules contain it.
//!
//! Hosts and signatures were compared with the AWS SDK for Rust. Nothing was tried at a server: no emulator has directory buckets.
//!
//! # Tenants of Ceph
//!
//! A bucket of another tenant than that of the keys has the name of the tenant before it. It is always part of the path:
//!
//! ```toml
//! [bucket]
//! name = "press:article-images"
//! region = "default"
//! provider = "ceph"
//! endpoint = "https://rgw.example.com"
//! ```
//!
//! The signature is computed over `/press%3Aarticle-images/…`. Forms are refused: Ceph does not document which bucket the policy of
//! a form must name. None of this was tried at a server.
//!
//! # Checksums
//!
//! A store ignores the header of a checksum that it does not know, and stores whatever arrives. `checksums` may therefore contain
//! only algorithms that the store verifies; the [table](crate::manual::security::enforcement) lists them. SHA-512 (`sha512`),
//! XXHash (`xxhash64`, `xxhash3`, `xxhash128`) and MD5 in `x-amz-checksum-md5` (`amz-md5`) are checksums of Amazon S3 only; SeaweedFS
//! and Ministack were seen to store objects with wrong ones. RustFS verifies none in forms. The server of `upsign dev` verifies all
//! of them.
//!
//! # Emulators
//!
//! `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL` set the endpoint if the file has none, as they do for the AWS SDKs. The store is
//! then still taken for AWS. `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` switches them off.
//!
//! # In code
//!
//! The target holds the address:
//!
//! ```
//! use upsign::types::{Addressing, Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::at(&"http://127.0.0.1:9000".parse()?, Addressing::Path, "uploads".parse()?, "us-east-1".parse()?)?;
//! assert_eq!(target.object_url(&"a.jpg".parse()?), "http://127.0.0.1:9000/uploads/a.jpg");
//! # Ok(())
//! # }
//! ```
//!
//! The store's own credentials go into `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Its CORS rules can usually be set with
//! `aws s3api put-bucket-cors --endpoint-url …` from the output of `upsign documents cors`.
