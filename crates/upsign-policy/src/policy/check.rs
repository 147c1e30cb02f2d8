//! Checking a described request against the policy, and the headers that follow from it.

use upsign_core::{InvalidHeader, SignedHeaders, Timestamp};

use crate::content::content_type::ContentType;
use crate::content::resolve::Unresolved;
use crate::decision::denied::Denied;
use crate::decision::request::UploadRequest;
use crate::encoding::percent::{is_unreserved, push_percent};
use crate::key::placeholder::Placeholder;
use crate::object::checksum::{Checksum, Checksums};
use crate::object::disposition::{
    Disposition, InvalidDisposition, Kind, ParsedDisposition, header_value, parse,
};
use crate::object::etag::{self, Precondition};
use crate::object::file_name::{FileName, InvalidFileName};
use crate::object::metadata::{InvalidMetadata, Metadata};
use crate::object::tags::Tags;
use crate::policy::UploadPolicy;
use crate::policy::multipart::Parts;
use crate::policy::options::confirmation::ConfirmationOptions;
use crate::policy::options::metadata::ClientMetadata;
use crate::policy::options::method::UploadMethod;
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;
use crate::policy::options::unbounded::Unbounded;

/// The metadata name under which a file name is kept.
pub(super) const FILE_NAME: &str = "filename";

/// A request whose values all satisfy the policy.
#[derive(Clone, Debug)]
pub(super) struct CheckedRequest {
    pub(super) content_type: ContentType,
    /// `None` if a form binds the policy's range instead of an exact size, or parts bind the maximum.
    pub(super) content_length: Option<u64>,
    pub(super) file_name: Option<FileName>,
    /// The value of `{ext}`, or `None` if no extension is known.
    pub(super) extension: Option<Box<str>>,
    pub(super) checksum: Option<Checksum>,
    /// `None` if one request stores the file.
    pub(super) parts: Option<Parts>,
    pub(super) disposition: Option<ParsedDisposition>,
    /// The condition that depends on the request. That of [`Replace::Never`] is a fixed header.
    pub(super) precondition: Option<Precondition>,
    /// The fixed metadata and the client's.
    pub(super) metadata: Metadata,
    /// The fixed tags and the client's.
    pub(super) tags: Tags,
}

impl UploadPolicy {
    pub(super) fn check(&self, request: &UploadRequest) -> Result<CheckedRequest, Denied> {
        let content_type = self.check_type(request)?;
        let content_length = self.check_length(request)?;
        let file_name = self.check_file_name(request, &content_type)?;
        let extension = self.content.extension_for(&content_type, request.file_name.as_deref());
        let parts = self.check_parts(request, content_length)?;
        let checksum = if parts.is_some() { None } else { self.check_checksum(request)? };
        let disposition = self.check_disposition(request, &content_type)?;
        let precondition = self.check_precondition(request)?;
        let metadata = self.check_metadata(request, file_name.as_ref())?;
        let tags = self.check_tags(request)?;
        Ok(CheckedRequest {
            content_type,
            content_length,
            file_name,
            extension,
            checksum,
            parts,
            disposition,
            precondition,
            metadata,
            tags,
        })
    }

    /// Returns the content type that is signed for a request. It differs from the one that the client sent if that is another name of
    /// an allowed type, such as `image/jpg`, or if any file is allowed and browsers could execute one of that type.
    ///
    /// It is for adapters of clients that send their own `Content-Type`, whatever was signed. Nothing else of the request is checked.
    ///
    /// # Errors
    /// Returns the same [`Denied`] as [`authorize`](Self::authorize) if the type is missing, not valid or not allowed.
    pub fn content_type_of(&self, request: &UploadRequest) -> Result<ContentType, Denied> {
        self.check_type(request)
    }

    fn check_type(&self, request: &UploadRequest) -> Result<ContentType, Denied> {
        let (sent, file_name) = (request.content_type.as_deref(), request.file_name.as_deref());
        let attached = self.disposition.can_attach();
        let resolved = self.content.resolve(sent, file_name, attached);
        resolved.map_err(|reason| match reason {
            Unresolved::Missing => Denied::ContentTypeRequired { example: self.example_type() },
            Unresolved::Empty => Denied::ContentTypeEmpty { example: self.example_type() },
            Unresolved::Invalid(source) => {
                let suggestion = self.content.suggestion(sent.unwrap_or_default());
                Denied::ContentTypeInvalid { source, suggestion }
            }
            Unresolved::NotAllowed(content_type) => {
                let suggestion = self.content.suggestion(content_type.as_str());
                // Without a file name, or with the type of arbitrary bytes, clients name types that they do not mean:
                // <https://github.com/Altinn/altinn-studio/issues/18989>.
                let meant = || self.content.meant_by(&content_type, file_name, attached);
                let suggestion = suggestion.or_else(meant);
                let allowed =
                    self.content.summary(if suggestion.is_some() { None } else { Some(&content_type) });
                Denied::ContentTypeNotAllowed { content_type, allowed, suggestion }
            }
        })
    }

    /// Returns a content type that the policy allows, if one is certain: the first exact type, or `image/jpeg` for a range.
    fn example_type(&self) -> Option<ContentType> {
        let jpeg = || "image/jpeg".parse().ok().filter(|jpeg| self.content.allows(jpeg));
        self.content.first_exact().cloned().or_else(jpeg)
    }

    fn check_length(&self, request: &UploadRequest) -> Result<Option<u64>, Denied> {
        let Some(len) = request.content_length else {
            // An upload that states no size: a range or a maximum binds it, or the sum of the parts, or nothing if that is permitted.
            let is_bound = self.method == UploadMethod::Post || self.size_bound != SizeBound::Exact;
            let has_free_parts = request.free_parts && self.multipart.is_some();
            return if is_bound || has_free_parts || self.permits_unbound(request) {
                Ok(None)
            } else {
                Err(Denied::ContentLengthRequired)
            };
        };
        let (min, max) = (self.size.min(), self.size.max());
        if len > max {
            return Err(Denied::TooLarge { len, max });
        }
        if len < min { Err(Denied::TooSmall { len, min }) } else { Ok(Some(len)) }
    }

    /// Returns the file name if the key or a header contains it.
    ///
    /// The extension must agree with the content type even if the name is not used: a client that sends `a.html` with
    /// `image/png` is wrong about one of the two.
    fn check_file_name(
        &self,
        request: &UploadRequest,
        content_type: &ContentType,
    ) -> Result<Option<FileName>, Denied> {
        let in_key = self.template.uses(&Placeholder::FileName);
        let Some(text) = request.file_name.as_deref() else {
            return if in_key { Err(Denied::FileNameRequired) } else { Ok(None) };
        };
        if !in_key && !self.keeps_file_names() {
            self.check_unused_name(text, content_type)?;
            return Ok(None);
        }
        let name = self.file_names.handling.read(text, self.file_names.max_bytes);
        let name = name.map_err(Denied::FileNameInvalid)?;
        match name.extension() {
            Some(extension) => self.check_extension(extension, content_type, in_key)?,
            None if in_key && !self.accepts_any_name(content_type) => {
                return Err(self.extension_mismatch(content_type));
            }
            None => {}
        }
        Ok(Some(name))
    }

    /// Returns whether a `PUT` for the request may bind no size.
    pub(super) fn permits_unbound(&self, request: &UploadRequest) -> bool {
        request.unbound_size && self.unbounded == Unbounded::Danger
    }

    fn check_unused_name(&self, text: &str, content_type: &ContentType) -> Result<(), Denied> {
        if text.len() > FileName::MAX_BYTES {
            let error = InvalidFileName::TooLong { len: text.len(), limit: FileName::MAX_BYTES };
            return Err(Denied::FileNameInvalid(error));
        }
        match text.rsplit_once('.') {
            Some((_, extension)) => self.check_extension(extension, content_type, false),
            None => Ok(()),
        }
    }

    /// Checks that the extension belongs to the content type. If no extension is known for the type, any is accepted,
    /// unless the name becomes part of the key.
    fn check_extension(
        &self,
        extension: &str,
        content_type: &ContentType,
        in_key: bool,
    ) -> Result<(), Denied> {
        if self.accepts_any_name(content_type) {
            return Ok(());
        }
        if in_key && self.content.extension(content_type).is_none() {
            return Err(Denied::ExtensionUnknown(content_type.clone()));
        }
        if self.content.accepts_extension(content_type, extension) {
            Ok(())
        } else {
            Err(self.extension_mismatch(content_type))
        }
    }

    /// Returns whether a file of this type can have any name: its bytes are arbitrary, or any file is allowed, and the type was
    /// chosen to fit the name.
    fn accepts_any_name(&self, content_type: &ContentType) -> bool {
        self.content.is_any_file() || self.content.accepts_any_extension(content_type)
    }

    fn extension_mismatch(&self, content_type: &ContentType) -> Denied {
        let extensions = self.content.extensions_of(content_type).map(Into::into).collect();
        Denied::ExtensionMismatch { content_type: content_type.clone(), extensions }
    }

    pub(super) fn check_checksum(&self, request: &UploadRequest) -> Result<Option<Checksum>, Denied> {
        let Some((algorithm, value)) = &request.checksum else {
            return match &self.checksums {
                Checksums::Required(list) => Err(Denied::ChecksumRequired(list.clone())),
                Checksums::None | Checksums::Optional(_) => Ok(None),
            };
        };
        let not_allowed = || Denied::ChecksumNotAllowed(self.checksums.algorithms().into());
        let algorithm = algorithm.parse().map_err(|_| not_allowed())?;
        if !self.checksums.algorithms().contains(&algorithm) {
            return Err(match &self.checksums {
                Checksums::Required(list) => Denied::ChecksumRequired(list.clone()),
                Checksums::None | Checksums::Optional(_) => not_allowed(),
            });
        }
        Checksum::parse(algorithm, value).map(Some).map_err(Denied::ChecksumInvalid)
    }

    fn check_disposition(
        &self,
        request: &UploadRequest,
        content_type: &ContentType,
    ) -> Result<Option<ParsedDisposition>, Denied> {
        let must_be_saved = content_type.is_active() || !self.content.allows(content_type);
        let Some(text) = request.content_disposition.as_deref() else {
            let forced = must_be_saved && self.disposition == Disposition::FromClient;
            return Ok(forced.then_some(ParsedDisposition { kind: Kind::Attachment, file_name: None }));
        };
        if self.disposition != Disposition::FromClient {
            return Err(Denied::DispositionNotAllowed);
        }
        let parsed = parse(text, self.file_names.handling, self.file_names.max_bytes);
        let parsed = parsed.map_err(Denied::DispositionInvalid)?;
        if parsed.kind == Kind::Inline && must_be_saved {
            return Err(Denied::DispositionInvalid(InvalidDisposition::Active));
        }
        if let Some(extension) = parsed.file_name.as_ref().and_then(FileName::extension) {
            self.check_extension(extension, content_type, false)?;
        }
        Ok(Some(parsed))
    }

    fn check_precondition(&self, request: &UploadRequest) -> Result<Option<Precondition>, Denied> {
        match (self.replace, request.if_match.as_deref()) {
            (Replace::IfMatch, None) => Ok(Some(Precondition::NoObject)),
            (Replace::IfMatch, Some(text)) => {
                let etag = etag::parse(text).ok_or(Denied::IfMatchInvalid)?;
                Ok(Some(Precondition::Unchanged(etag)))
            }
            (Replace::Never | Replace::Allow, Some(_)) => Err(Denied::IfMatchNotAllowed),
            (Replace::Never | Replace::Allow, None) => Ok(None),
        }
    }

    fn check_metadata(
        &self,
        request: &UploadRequest,
        file_name: Option<&FileName>,
    ) -> Result<Metadata, Denied> {
        let keep_file_name = self.file_names.keep;
        let mut metadata = self.metadata.fixed.clone();
        if let Some(name) = file_name.filter(|_| keep_file_name) {
            let mut encoded = String::new();
            push_percent(&mut encoded, name.as_str(), is_unreserved);
            metadata.insert(FILE_NAME, &encoded).map_err(Denied::MetadataInvalid)?;
        }
        for (name, value) in &request.metadata {
            let allowed = match &self.metadata.client {
                ClientMetadata::None => false,
                ClientMetadata::Named(names) => names.iter().any(|known| known.eq_ignore_ascii_case(name)),
                ClientMetadata::Any => {
                    !self.reserved_metadata().any(|taken| name.eq_ignore_ascii_case(taken))
                }
            };
            if !allowed {
                return Err(Denied::MetadataNotAllowed);
            }
            metadata.insert(name, value).map_err(Denied::MetadataInvalid)?;
        }
        self.check_room_for_claim(&metadata).map_err(Denied::MetadataInvalid)?;
        Ok(metadata)
    }

    /// Returns the names of metadata that the policy itself sets.
    pub(super) fn reserved_metadata(&self) -> impl Iterator<Item = &'static str> {
        let claim = self.confirmation.claim().then_some(ConfirmationOptions::CLAIM_NAME);
        self.file_names.keep.then_some(FILE_NAME).into_iter().chain(claim)
    }

    pub(super) fn check_room_for_claim(&self, metadata: &Metadata) -> Result<(), InvalidMetadata> {
        let max = Metadata::MAX_BYTES - ConfirmationOptions::CLAIM_BYTES;
        if self.confirmation.claim() && metadata.bytes() > max {
            return Err(InvalidMetadata::TooLargeWithClaim);
        }
        Ok(())
    }

    fn check_tags(&self, request: &UploadRequest) -> Result<Tags, Denied> {
        if !request.tags.is_empty() && !self.tags.client {
            return Err(Denied::TagsNotAllowed);
        }
        let mut tags = self.tags.fixed.clone();
        for (key, value) in &request.tags {
            tags.insert(key, value).map_err(Denied::TagInvalid)?;
        }
        Ok(tags)
    }

    /// Returns every header that the `PUT` of a described request signs. `at` is the time of the grant.
    pub(super) fn headers(
        &self,
        checked: &CheckedRequest,
        at: Timestamp,
    ) -> Result<SignedHeaders, InvalidHeader> {
        let mut headers = self.fixed_headers.clone();
        if self.pending_template().is_none() {
            self.lock.add_retain_until(&mut headers, at)?;
        }
        headers.insert("content-type", checked.content_type.as_str())?;
        if let Some(bytes) = checked.content_length.filter(|_| self.size_bound.is_exact_if_stated()) {
            headers.insert("content-length", &bytes.to_string())?;
        }
        if let Some(checksum) = &checked.checksum {
            headers.insert(checksum.algorithm().header(), checksum.as_base64())?;
        }
        if let Some(text) = self.disposition_of(checked) {
            headers.insert("content-disposition", &text)?;
        }
        if let Some(precondition) = &checked.precondition {
            let (name, value) = precondition.header();
            headers.insert(name, value)?;
        }
        for (name, value) in checked.metadata.headers() {
            headers.insert(&name, &value)?;
        }
        if !checked.tags.is_empty() {
            headers.insert("x-amz-tagging", &checked.tags.header())?;
        }
        self.add_size_bound(&mut headers)?;
        self.named_for_target(headers)
    }

    /// Returns the headers that the `PUT` of a request without a description signs.
    pub(super) fn bodyless_headers(
        &self,
        content_type: &ContentType,
    ) -> Result<SignedHeaders, InvalidHeader> {
        let mut headers = SignedHeaders::new();
        headers.insert("content-type", content_type.as_str())?;
        self.add_size_bound(&mut headers)?;
        Ok(headers)
    }

    fn add_size_bound(&self, headers: &mut SignedHeaders) -> Result<(), InvalidHeader> {
        match self.size_bound.header(self.size) {
            Some((name, value)) => headers.insert(name, &value),
            None => Ok(()),
        }
    }

    /// Returns the `Content-Disposition` of a request, if it depends on the request.
    pub(super) fn disposition_of(&self, checked: &CheckedRequest) -> Option<String> {
        let name = checked.file_name.as_ref();
        match self.disposition {
            // `Attachment` is one of the fixed headers.
            Disposition::Unset | Disposition::Attachment => None,
            Disposition::AttachmentNamed => Some(header_value(Kind::Attachment, name)),
            Disposition::InlineNamed => Some(header_value(Kind::Inline, name)),
            Disposition::FromClient => {
                let requested = checked.disposition.as_ref()?;
                Some(header_value(requested.kind, requested.file_name.as_ref()))
            }
        }
    }
}
