//! Accept files of any type and serve them safely.
//!
//! # Files of any type
//!
//! A range such as `*/*` includes types that browsers are known not to execute. To accept unknown types too, let browsers
//! save the files: with [`Disposition::Attachment`](crate::policy::Disposition::Attachment), `AttachmentNamed` or `FromClient`
//! a range also includes types that nobody knows, and signs `attachment` for them. Types that browsers execute, such as HTML,
//! SVG and PDF, must always be listed.
//!
//! ```
//! use upsign::policy::Disposition;
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("files-bucket".parse()?, "eu-central-1".parse()?);
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let policy = UploadPolicy::builder(target, "files/{sub}/{id}".parse()?, Bodyless::Refuse)
//!     .content_types(["*/*", "application/pdf"])
//!     .disposition(Disposition::FromClient)
//!     .max_size(100 << 20)
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! let file = |content_type| UploadRequest::described().with_content_type(content_type).with_content_length(48_213);
//! # futures_executor::block_on(async {
//! let photo = issuer.issue(&caller, &file("image/png"), at).await?;
//! let molecule = issuer.issue(&caller, &file("chemical/x-pdb"), at).await?;
//! let disposition = |grant: &UploadGrant| {
//!     grant.upload.put().and_then(|put| put.headers.get("content-disposition").map(str::to_owned))
//! };
//! assert_eq!(disposition(&photo), None);
//! assert_eq!(disposition(&molecule).as_deref(), Some("attachment"));
//! assert!(issuer.issue(&caller, &file("text/html"), at).await.is_err());
//! # Ok::<(), IssueError>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! Serve the files from a domain that serves nothing else. With `deployment.reads = "cloudfront"`, the stack contains a distribution
//! that also forbids browsers to guess types and to run scripts (test `documents/forms::cloudfront_forbids_sniffing_and_scripts`).
//! To let nobody read a file before GuardDuty has scanned it, add `scanned` to `deployment.guards`, and set
//! `deployment.scanner_role` to the role of your Malware Protection plan (test `documents/scanned::only_the_configured_role_is_exempt`).
