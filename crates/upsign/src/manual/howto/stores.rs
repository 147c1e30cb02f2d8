//! Use MinIO, Cloudflare R2 or another S3-compatible store.
//!
//! Name the store. Its profile sets the addresses, and a policy that needs a feature which the store lacks is refused at start, with
//! what to change:
//!
//! ```toml
//! [bucket]
//! name = "uploads"
//! region = "us-east-1"
//! provider = "minio"
//! endpoint = "http://127.0.0.1:9000"
//! ```
//!
//! | store | `provider` | `region` | `endpoint` |
//! | --- | --- | --- | --- |
//! | Amazon S3 | `aws`, the default | the bucket's | follows from the region |
//! | Cloudflare R2 | `r2` | `auto` | `https://ACCOUNT.r2.cloudflarestorage.com` |
//! | Backblaze B2 | `b2` | as in `us-west-004` | follows from the region |
//! | MinIO | `minio` | `us-east-1`, unless the server has another | the server's address |
//! | Wasabi | `wasabi` | as in `eu-central-1` | follows from the region |
//! | DigitalOcean Spaces | `do` | as in `fra1` | follows from the region |
//! | Tigris | `tigris` | `auto` | fixed |
//! | Garage, SeaweedFS | `garage`, `seaweedfs` | the server's | the server's address |
//! | any other | `custom` | the store's | the store's address |
//!
//! R2, B2 and Wasabi have no forms; B2, Wasabi, DigitalOcean and Garage cannot prevent overwriting. There, say that you
//! accept it:
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
//! the list is assumed to support what Amazon S3 supports; upload to it twice with one URL to see whether it does.
//!
//! In code, the target holds the address:
//!
//! ```
//! use upsign::types::{Addressing, Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::at(&"http://127.0.0.1:9000".parse()?, Addressing::Path, "uploads".parse()?, "us-east-1".parse()?)?;
//! assert_eq!(target.endpoint_url(), "http://127.0.0.1:9000");
//! # Ok(())
//! # }
//! ```
//!
//! The store's own credentials go into `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Its CORS rules can usually be set with
//! `aws s3api put-bucket-cors --endpoint-url …` from the output of `upsign documents cors`.
