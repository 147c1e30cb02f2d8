//! Sample requests: one for each combination of headers that a policy can produce.

use std::collections::BTreeSet;

use upsign_core::{
    InvalidHeader, InvalidPostPolicy, MultipartPlan, ObjectKey, PostPolicy, SignedHeaders, Timestamp,
};

use crate::content::content_type::ContentType;
use crate::decision::multipart::MultipartRequest;
use crate::decision::permit::{CLAIM, SignableRequest};
use crate::multipart::planned_size::PlannedSize;
use crate::object::checksum::Checksum;
use crate::object::disposition::{Disposition, Kind, ParsedDisposition};
use crate::object::etag::Precondition;
use crate::object::file_name::FileName;
use crate::policy::UploadPolicy;
use crate::policy::check::{CheckedRequest, FILE_NAME};
use crate::policy::google::METADATA;
use crate::policy::multipart::Parts;
use crate::policy::options::metadata::ClientMetadata;
use crate::policy::options::method::{Bodyless, UploadMethod};
use crate::policy::options::replace::Replace;

impl UploadPolicy {
    /// Returns a sample of every request that [`authorize`](UploadPolicy::authorize) can produce: one for each combination
    /// of signed headers, or the form, with invented values. A multipart upload has one sample for each combination of the
    /// headers that create it.
    ///
    /// An issuer passes the samples to its presigner when it is built, so that a combination that cannot be signed fails at
    /// start instead of at the first request.
    #[must_use]
    pub fn sample_requests(&self) -> Vec<SignableRequest> {
        let Ok(key) = "sample".parse::<ObjectKey>() else { return Vec::new() };
        let claimed = |request: SignableRequest| {
            // A sample has no claim yet, so adding one cannot fail.
            if self.confirmation.claim() { request.with_claim("sample").ok() } else { Some(request) }
        };
        // A form has the same fields for every file, so one sample suffices.
        let form = (self.method == UploadMethod::Post).then(|| self.sample_form().map(SignableRequest::Post));
        let headers = self.header_sets().unwrap_or_default();
        let puts = headers.into_iter().map(|headers| SignableRequest::Put(self.put(key.clone(), headers)));
        let uploads = self.sample_uploads(&key).unwrap_or_default();
        let uploads = uploads.into_iter().map(|upload| SignableRequest::Multipart(upload.into()));
        form.into_iter().flatten().chain(puts).chain(uploads).filter_map(claimed).collect()
    }

    pub(super) fn sample_form(&self) -> Result<PostPolicy, InvalidPostPolicy> {
        let Ok(key) = "sample".parse::<ObjectKey>() else { return Err(InvalidPostPolicy::Name) };
        let mut sample = self.sample(&self.sample_type(), None, None, None, false);
        sample.content_length = sample.content_length.min(Some(self.max_form_size()));
        self.form(&key, &sample)
    }

    /// Returns the names of the headers of all samples, sorted.
    pub(super) fn sampled_header_names(&self) -> Result<Box<[Box<str>]>, InvalidHeader> {
        let mut names = BTreeSet::new();
        if self.method == UploadMethod::Post {
            return Ok(Box::default());
        }
        for headers in self.header_sets()? {
            names.extend(headers.iter().map(|(name, _)| Box::from(name)));
        }
        if self.confirmation.claim() && self.has_put() {
            names.insert(CLAIM.into());
        }
        if self.metadata.client == ClientMetadata::Any {
            let sample = format!("{METADATA}{SAMPLE_METADATA_NAME}");
            names.remove(self.field_for_target(&sample).as_ref());
            names.insert(self.field_for_target(&format!("{METADATA}*")).into());
        }
        Ok(names.into_iter().collect())
    }

    /// Returns one set of headers for each distinct combination of header names.
    fn header_sets(&self) -> Result<Vec<SignedHeaders>, InvalidHeader> {
        let mut sets: Vec<SignedHeaders> = Vec::new();
        if !self.has_put() {
            return Ok(sets);
        }
        let mut add = |headers: SignedHeaders| {
            if !sets.iter().any(|known| have_same_names(known, &headers)) {
                sets.push(headers);
            }
        };
        let sample_type = self.sample_type();
        if self.bodyless == Bodyless::Allow {
            add(self.bodyless_headers(&sample_type)?);
        }
        for checksum in self.sample_checksums() {
            for file_name in self.sample_file_names() {
                for precondition in self.sample_preconditions() {
                    for with_client_options in [false, true] {
                        let checked = self.sample(
                            &sample_type,
                            checksum.clone(),
                            file_name.clone(),
                            precondition.clone(),
                            with_client_options,
                        );
                        add(self.headers(&checked, Timestamp::UNIX_EPOCH)?);
                    }
                }
            }
        }
        Ok(sets)
    }

    /// Returns one multipart upload for each distinct combination of the names of headers that create it.
    fn sample_uploads(&self, key: &ObjectKey) -> Result<Vec<MultipartRequest>, InvalidHeader> {
        let mut uploads: Vec<MultipartRequest> = Vec::new();
        let Some(options) = &self.multipart else { return Ok(uploads) };
        let plan = MultipartPlan::new(self.size.max(), options.part_size, &options.store);
        let Ok(size) = plan.map(PlannedSize::Exact) else { return Ok(uploads) };
        let sample_type = self.sample_type();
        for checksum in self.sample_parts_checksums(options) {
            for file_name in self.sample_file_names() {
                for with_client_options in [false, true] {
                    let checked =
                        self.sample(&sample_type, None, file_name.clone(), None, with_client_options);
                    let parts = Parts { size, checksum };
                    let at = Timestamp::UNIX_EPOCH;
                    let upload = self.multipart_request(options, key.clone(), &checked, parts, at)?;
                    let is_known = |known: &MultipartRequest| {
                        let has_same_checksum = known.checksum == upload.checksum;
                        has_same_checksum && have_same_names(&known.create_headers, &upload.create_headers)
                    };
                    if !uploads.iter().any(is_known) {
                        uploads.push(upload);
                    }
                }
            }
        }
        Ok(uploads)
    }

    /// Returns a sample request. `with_client_options` sets every other value that a client may set: metadata, a tag, and
    /// the disposition.
    fn sample(
        &self,
        content_type: &ContentType,
        checksum: Option<Checksum>,
        file_name: Option<FileName>,
        precondition: Option<Precondition>,
        with_client_options: bool,
    ) -> CheckedRequest {
        let mut metadata = self.metadata.fixed.clone();
        // An insertion fails only if the name exists already. The set of names is then the same, so the error is ignored.
        if self.file_names.keep && file_name.is_some() {
            let _ = metadata.insert(FILE_NAME, "sample");
        }
        let mut tags = self.tags.fixed.clone();
        if with_client_options {
            for name in self.metadata.client.sample_names() {
                let _ = metadata.insert(name, "sample");
            }
            if self.tags.client {
                let _ = tags.insert("sample", "sample");
            }
        }
        let requested = ParsedDisposition { kind: Kind::Attachment, file_name: file_name.clone() };
        CheckedRequest {
            content_type: content_type.clone(),
            content_length: Some(self.size.max()),
            file_name,
            extension: None,
            checksum,
            parts: None,
            disposition: (with_client_options && self.disposition == Disposition::FromClient)
                .then_some(requested),
            precondition,
            metadata,
            tags,
        }
    }

    fn sample_type(&self) -> ContentType {
        self.content.bodyless_type().unwrap_or_else(ContentType::octet_stream)
    }

    fn sample_checksums(&self) -> Vec<Option<Checksum>> {
        let none = (!self.checksums.is_required()).then_some(None);
        let each = self.checksums.algorithms().iter().map(|algorithm| Some(Checksum::zero(*algorithm)));
        none.into_iter().chain(each).collect()
    }

    fn sample_preconditions(&self) -> Vec<Option<Precondition>> {
        match self.replace {
            Replace::IfMatch => {
                vec![Some(Precondition::NoObject), Some(Precondition::Unchanged("\"sample\"".into()))]
            }
            Replace::Never | Replace::Allow => vec![None],
        }
    }

    fn sample_file_names(&self) -> Vec<Option<FileName>> {
        let name = FileName::parse("sample").ok().filter(|_| self.keeps_file_names());
        if name.is_some() { vec![None, name] } else { vec![None] }
    }
}

fn have_same_names(one: &SignedHeaders, other: &SignedHeaders) -> bool {
    one.iter().map(|(name, _)| name).eq(other.iter().map(|(name, _)| name))
}

/// A metadata name that represents every name a client may choose.
const SAMPLE_METADATA_NAME: &str = "sample";

impl ClientMetadata {
    fn sample_names(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::Named(names) => names.iter().map(AsRef::as_ref).collect(),
            Self::Any => vec![SAMPLE_METADATA_NAME],
        }
    }
}
