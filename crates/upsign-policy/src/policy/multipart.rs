//! Multipart uploads: which files they are for, and what the store and the client need to know about them.

use std::collections::BTreeSet;

use upsign_core::{InvalidHeader, MultipartPlan, ObjectKey, SignedHeaders, Timestamp};

use crate::decision::denied::{Denied, MultipartConflict};
use crate::decision::multipart::MultipartRequest;
use crate::decision::request::UploadRequest;
use crate::key::placeholder::Placeholder;
use crate::multipart::checksum::MultipartChecksum;
use crate::multipart::planned_size::PlannedSize;
use crate::object::checksum::Checksums;
use crate::policy::UploadPolicy;
use crate::policy::check::CheckedRequest;
use crate::policy::error::InvalidUploadPolicy;
use crate::policy::options::method::{Bodyless, UploadMethod};
use crate::policy::options::multipart::{MultipartMode, MultipartOptions};
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;

/// What the policy decides about one multipart upload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) size: PlannedSize,
    pub(super) checksum: Option<MultipartChecksum>,
}

/// The headers of a `PUT` that `CreateMultipartUpload` does not have: they describe the bytes of the body, or a condition that
/// completing the upload states. Those of checksums begin with [`CHECKSUM`].
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>.
const OF_PUT_ONLY: [&str; 4] = ["content-length", "content-md5", "if-match", "if-none-match"];

/// The start of the names of checksum headers.
const CHECKSUM: &str = "x-amz-checksum-";

/// The headers that S3 checks in every call about an upload.
///
/// Source: the request syntax of each call, for example <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
const OF_EVERY_CALL: [&str; 2] = ["x-amz-expected-bucket-owner", "x-amz-request-payer"];

pub(super) fn is_of_every_call(name: &str) -> bool {
    OF_EVERY_CALL.contains(&name)
}

impl UploadPolicy {
    /// Checks that every file that the policy accepts can be uploaded, and that the key belongs to one upload.
    ///
    /// A key with `{id}` is new for every grant, so an object under the key of an upload whose fate is unknown is the result of
    /// that upload. A declared id does not suffice, because the service can choose it and use it again.
    pub(super) fn check_multipart(&self) -> Result<(), InvalidUploadPolicy> {
        let Some(options) = &self.multipart else { return Ok(()) };
        if self.method == UploadMethod::Post {
            // A form would then send no file at all.
            if options.mode == MultipartMode::Always {
                return Err(InvalidUploadPolicy::MultipartOfForm);
            }
            if options.above < self.size.min() {
                return Err(InvalidUploadPolicy::MultipartAboveMinSize {
                    above: options.above,
                    min: self.size.min(),
                });
            }
        }
        if self.is_for_google() {
            return Err(InvalidUploadPolicy::MultipartAtGoogle);
        }
        if self.template.uses(&Placeholder::Sha256) {
            return Err(InvalidUploadPolicy::MultipartWithSha256);
        }
        if !self.template.has_upload_id() {
            return Err(InvalidUploadPolicy::MultipartWithoutId);
        }
        if self.replace == Replace::IfMatch {
            return Err(InvalidUploadPolicy::MultipartIfMatch);
        }
        let is_always = options.mode == MultipartMode::Always;
        if is_always && self.bodyless == Bodyless::Allow {
            return Err(InvalidUploadPolicy::MultipartBodyless);
        }
        let max = options.store.max_put_bytes;
        if !is_always && options.above > max {
            return Err(InvalidUploadPolicy::MultipartAboveMaxPut { above: options.above, max });
        }
        if !(1..=MultipartOptions::MAX_PARTS_AT_ONCE).contains(&options.parts_at_once) {
            return Err(InvalidUploadPolicy::PartsAtOnce(options.parts_at_once));
        }
        // Sizes in between are possible if both ends are.
        let smallest = is_always.then_some(self.size.min());
        for size in [Some(self.size.max()), smallest].into_iter().flatten() {
            MultipartPlan::new(size, options.part_size, &options.store)
                .map_err(InvalidUploadPolicy::PartSize)?;
        }
        if self.checksums.is_required() && self.candidate_checksums(options).next().is_none() {
            return Err(InvalidUploadPolicy::MultipartChecksums);
        }
        Ok(())
    }

    /// Returns the number of seconds after the grant in which the upload can be made.
    pub(super) fn longest_grant(&self) -> u64 {
        let window = self.multipart.map_or(0, |options| options.resume_window.as_secs());
        window.max(self.lifetime.expires_in.as_secs().into())
    }

    /// Returns whether the service states `If-None-Match` when it completes a multipart upload, so that the store replaces no
    /// object: with [`Replace::Never`], and for a route with forms. A form cannot prevent overwriting, but completing an upload
    /// can, and its key contains `{id}`, so an object that is there already is never one that the client means to replace.
    ///
    /// It is `false` without [`multipart`](Self::multipart), or if the store ignores the header in this call.
    #[must_use]
    pub fn completes_only_new(&self) -> bool {
        let is_compared = self.multipart.is_some_and(|options| options.store.complete_if_none_match);
        is_compared && (self.replace == Replace::Never || self.method == UploadMethod::Post)
    }

    /// Returns whether a file whose size the client does not state is sent by a form. With
    /// [`SizeBound::MaxInParts`](crate::SizeBound::MaxInParts), it is uploaded in parts.
    fn has_form_of_unknown_size(&self) -> bool {
        self.method == UploadMethod::Post && self.size_bound == SizeBound::Exact
    }

    /// Decides whether a file of `len` bytes is uploaded in parts. `len` is `None` if the client does not state it, which forms and
    /// [`SizeBound::MaxInParts`](crate::SizeBound::MaxInParts) allow.
    pub(super) fn check_parts(
        &self,
        request: &UploadRequest,
        len: Option<u64>,
    ) -> Result<Option<Parts>, Denied> {
        let conflict = |conflict| Err(Denied::MultipartNotAllowed(conflict));
        let Some(options) = &self.multipart else {
            let is_wanted = request.multipart == Some(true) || request.free_parts;
            return if is_wanted { conflict(MultipartConflict::NotOffered) } else { Ok(None) };
        };
        if request.free_parts && len.is_none() {
            return self.free_parts(options).map(Some);
        }
        // Also for a file that one request stores, so that a client learns of its mistake with the first file.
        let named = self.named_checksum(options, request)?;
        let max = options.store.max_put_bytes;
        match (options.mode, request.multipart, len) {
            (MultipartMode::Always, Some(false), _) => conflict(MultipartConflict::Required),
            (_, Some(false), None) if self.method == UploadMethod::Post => Ok(None),
            (_, Some(false), None) if self.permits_unbound(request) => Ok(None),
            (_, Some(false), None) => Err(Denied::ContentLengthRequired),
            // Without a maximum for the parts, only an exact size says how many there are.
            (_, Some(true), None) if self.has_form_of_unknown_size() => Err(Denied::ContentLengthRequired),
            (_, None, None) if self.has_form_of_unknown_size() => Ok(None),
            (_, Some(false), Some(len)) if len > max => conflict(MultipartConflict::AboveMaxPut { len, max }),
            (_, Some(false), Some(_)) => Ok(None),
            (MultipartMode::Auto, None, Some(len)) if len <= options.above => Ok(None),
            _ => self.parts(options, request, named, len).map(Some),
        }
    }

    /// Decides about an upload in parts of any length. Its client sends no checksums.
    fn free_parts(&self, options: &MultipartOptions) -> Result<Parts, Denied> {
        if let Checksums::Required(algorithms) = &self.checksums {
            return Err(Denied::ChecksumRequired(algorithms.clone()));
        }
        let plan = MultipartPlan::new(self.size.max(), options.part_size, &options.store);
        let plan = plan.map_err(|error| Denied::MultipartNotAllowed(MultipartConflict::Impossible(error)))?;
        Ok(Parts { size: PlannedSize::FreeParts(plan), checksum: None })
    }

    fn parts(
        &self,
        options: &MultipartOptions,
        request: &UploadRequest,
        named: Option<MultipartChecksum>,
        len: Option<u64>,
    ) -> Result<Parts, Denied> {
        let plan = MultipartPlan::new(len.unwrap_or(self.size.max()), options.part_size, &options.store);
        let plan = plan.map_err(|error| Denied::MultipartNotAllowed(MultipartConflict::Impossible(error)))?;
        let size = if len.is_some() { PlannedSize::Exact(plan) } else { PlannedSize::AtMost(plan) };
        let unnamed = self.unnamed_checksum(options, request)?;
        Ok(Parts { size, checksum: named.or(unnamed) })
    }

    /// Returns the checksums that clients can choose for a multipart upload, the preferred ones first.
    pub(super) fn candidate_checksums(
        &self,
        options: &MultipartOptions,
    ) -> impl Iterator<Item = MultipartChecksum> {
        MultipartChecksum::candidates(&self.checksums, &options.store)
    }

    /// Returns the checksum whose algorithm the client names.
    fn named_checksum(
        &self,
        options: &MultipartOptions,
        request: &UploadRequest,
    ) -> Result<Option<MultipartChecksum>, Denied> {
        let Some(name) = request.checksum_algorithm.as_deref() else { return Ok(None) };
        let named = self.candidate_checksums(options).find(|it| it.algorithm.as_str() == name);
        let accepted = || self.candidate_checksums(options).map(|it| it.algorithm).collect();
        named.map(Some).ok_or_else(|| Denied::ChecksumNotAllowed(accepted()))
    }

    /// Returns the checksum of a multipart upload whose client names no algorithm.
    ///
    /// The client may send a checksum of the file before it knows that the file is uploaded in parts. Its value binds nothing yet,
    /// because the store takes it when the upload is completed, but must be valid.
    fn unnamed_checksum(
        &self,
        options: &MultipartOptions,
        request: &UploadRequest,
    ) -> Result<Option<MultipartChecksum>, Denied> {
        let stated = match &request.checksum {
            Some(_) => self.check_checksum(request)?,
            None => None,
        };
        let stated = stated.and_then(|checksum| {
            self.candidate_checksums(options).find(|it| it.algorithm == checksum.algorithm())
        });
        Ok(stated.or_else(|| MultipartChecksum::default(&self.checksums, &options.store)))
    }

    /// Returns the complete upload for a request that the policy permits.
    pub(super) fn multipart_request(
        &self,
        options: &MultipartOptions,
        key: ObjectKey,
        checked: &CheckedRequest,
        parts: Parts,
        at: Timestamp,
    ) -> Result<MultipartRequest, InvalidHeader> {
        let mut create_headers = SignedHeaders::new();
        for (name, value) in &self.headers(checked, at)? {
            if !OF_PUT_ONLY.contains(&name) && !name.starts_with(CHECKSUM) {
                create_headers.insert(name, value)?;
            }
        }
        if let Some(checksum) = parts.checksum
            && let Some(kind) = checksum.kind.header_value()
        {
            let algorithm = checksum.algorithm.as_str().to_ascii_uppercase();
            create_headers.insert("x-amz-checksum-algorithm", &algorithm)?;
            create_headers.insert("x-amz-checksum-type", kind)?;
        }
        Ok(MultipartRequest {
            target: self.target.clone(),
            key,
            create_headers,
            call_headers: self.call_headers(),
            content_type: checked.content_type.clone(),
            size: parts.size,
            checksum: parts.checksum,
            parts_at_once: options.parts_at_once,
            resume_window: options.resume_window,
        })
    }

    /// Returns the headers of every call about a multipart upload after it was created: those whose value the policy fixes and that
    /// S3 checks in each of them, such as `x-amz-expected-bucket-owner`.
    #[must_use]
    pub fn call_headers(&self) -> SignedHeaders {
        let mut headers = SignedHeaders::new();
        for name in OF_EVERY_CALL {
            if let Some(value) = self.fixed_headers.get(name) {
                // An insertion fails for a name that is there already. Each name occurs once.
                let _ = headers.insert(name, value);
            }
        }
        headers
    }

    /// Returns the checksums that a multipart upload can have, and `None` if it can have none.
    pub(super) fn sample_parts_checksums(
        &self,
        options: &MultipartOptions,
    ) -> Vec<Option<MultipartChecksum>> {
        let default = MultipartChecksum::default(&self.checksums, &options.store);
        let none = default.is_none().then_some(None);
        none.into_iter().chain(self.candidate_checksums(options).map(Some)).collect()
    }

    /// Returns the names of the headers of the parts, sorted.
    pub(super) fn sampled_part_header_names(&self) -> Box<[Box<str>]> {
        let Some(options) = &self.multipart else { return Box::default() };
        let checksums = self.candidate_checksums(options).filter_map(|it| options.part_checksum_header(it));
        let headers = self.call_headers();
        let fixed = headers.iter().map(|(name, _)| name);
        let names: BTreeSet<&str> = ["content-length"].into_iter().chain(fixed).chain(checksums).collect();
        names.into_iter().map(Box::from).collect()
    }
}
