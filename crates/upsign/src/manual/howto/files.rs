//! Accept the files that people really have, of any type, and serve them safely.
//!
//! # The type that is signed
//!
//! Browsers take the type of a file from the operating system, and the same file has different types on different machines.
//! A policy therefore signs the type that *it* lists, and the answer's `headers` contain it: a client must send that header, not
//! its own idea of the type.
//!
//! | the client sends | the policy lists | signed |
//! | --- | --- | --- |
//! | `image/jpg` | `image/jpeg` | `image/jpeg` |
//! | `application/x-zip-compressed` (Windows) | `application/zip` | `application/zip` |
//! | `application/vnd.ms-excel` with `report.csv` (Windows with Excel) | `text/csv` | `text/csv` |
//! | an empty type with `IMG_0001.HEIC` | `image/*` | `image/heic` |
//! | `video/webm;codecs=vp8,opus` (`MediaRecorder` of Chromium) | `video/webm` | `video/webm;codecs="vp8,opus"` |
//! | `text/plain;charset=utf-7` | `text/plain` | refused: the character set changes what the bytes mean |
//!
//! An entry without parameters covers the type with parameters. `upsign check --types` prints what each entry covers, and under
//! which other names clients may send it. The cases are in the corpus `content_types.json`, each with its source (test `files` of
//! `upsign-policy`).
//!
//! `application/octet-stream` means arbitrary bytes: where it is listed, a file of this type may have any name, and `{ext}` is
//! the extension of the name, or `bin`. For a type that the table of extensions does not contain, set `upload.extensions`.
//! Where it is not listed it is refused, and the answer suggests the allowed type that `fileName` determines.
//!
//! Send `fileName` with every request: it decides between types, and stands in for an empty one.
//!
//! # Any file
//!
//! One line accepts every file, to be stored and downloaded again:
//!
//! ```toml
//! [upload]
//! key = "files/{sub}/{id}.{ext}"
//! types = "any"
//! max_size = "100 MiB"
//! bodyless = "refuse"
//! ```
//!
//! Every upload is signed with `Content-Disposition: attachment`, and nothing that a browser could execute keeps its type: HTML,
//! SVG, PDF, scripts, unknown types, and files whose name does not fit their type are signed as `application/octet-stream`. In
//! code, this is [`ContentRules::any_file`](crate::policy::ContentRules::any_file).
//!
//! One store was seen to change the type: SeaweedFS 4.48 keeps an object that is sent as `application/octet-stream` with the type
//! of its key's extension, `text/html` for `.html`. It still answers with `attachment`; to keep the type too, leave `{ext}` and
//! `{filename}` out of the key there. Every file of the corpus was stored as it was signed at SeaweedFS, with this exception, and
//! at ministack (`cargo xtask test --only servers`); Chromium recorded and uploaded with `MediaRecorder` (`--only browser`).
//!
//! # An object that an upload replaces
//!
//! A key without a generated id, such as that of a user's own avatar, is refused unless the policy says that an upload may
//! replace the object:
//!
//! ```toml
//! [upload]
//! key = "avatars/{sub}"
//! types = ["image/jpeg", "image/png", "image/webp"]
//! max_size = "1 MiB"
//! replace = "if-match"
//! bodyless = "refuse"
//! ```
//!
//! | `replace` | signed | the store refuses |
//! | --- | --- | --- |
//! | `"never"` (the default of `put`) | `If-None-Match: *` | an upload to a key that has an object (412) |
//! | `"if-match"` | `If-Match` with the client's `ifMatch`, or else `If-None-Match: *` | an upload over an object that the client has not seen (412) |
//! | `"allow"` | neither | nothing: the last upload wins |
//!
//! The client sends as `ifMatch` the `ETag` that the store answered to the last upload; the bucket's CORS rules must expose it,
//! which those of `upsign documents cors` do. Leave `{ext}` out of such a key: another type would move the object. A form has no
//! field for either header, so it can only `"allow"`. In code, this is [`Replace`](crate::policy::Replace).
//!
//! # A size that the client does not know
//!
//! A `PUT` binds the exact size, so the client states it as `contentLength`. For a recording that is sent while it is made,
//! there are two ways: `method = "post"`, a form that binds a range of sizes, at every store that accepts forms; and
//! `size_bound = "max"`, a `PUT` whose maximum is part of the signed URL. Of the stores that upsign knows, only RustFS reads such a
//! maximum ([`SizeBound`](crate::policy::SizeBound)); its documentation says so, and the store of `upsign dev` does the same, but
//! it was not tried with a RustFS server.
//!
//! # Ranges of types
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
//! that needs signed URLs and also forbids browsers to guess types and to run scripts (test `documents/forms::cloudfront_forbids_sniffing_and_scripts`).
//! To let nobody read a file before GuardDuty has scanned it, add `scanned` to `deployment.guards`, and set
//! `deployment.scanner_role` to the role of your Malware Protection plan (test `documents/scanned::only_the_configured_role_is_exempt`).
