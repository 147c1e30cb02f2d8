//! From what a caller stated to what may be signed.

use upsign_core::{InvalidHeader, SignedHeaders};

use super::{ClientMetadata, UploadMethod, UploadPolicy};
use crate::disposition::{Kind, Wanted, read, written};
use crate::percent::{is_unreserved, push_percent};
use crate::{
    Checksum, Checksums, ContentType, Denied, Disposition, FileName, InvalidDisposition, Metadata,
    Placeholder, Tags, UploadRequest,
};

/// The metadata name under which a file name is kept.
pub(super) const FILE_NAME: &str = "filename";

/// A described request in which everything is as the policy wants it.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) content_type: ContentType,
    /// None where a form binds a range instead.
    pub(super) content_length: Option<u64>,
    pub(super) file_name: Option<FileName>,
    pub(super) checksum: Option<Checksum>,
    pub(super) disposition: Option<Wanted>,
    pub(super) metadata: Metadata,
    pub(super) tags: Tags,
}

impl UploadPolicy {
    pub(super) fn check(&self, what: &UploadRequest) -> Result<Checked, Denied> {
        let content_type = self.check_type(what)?;
        let content_length = self.check_length(what)?;
        let file_name = self.check_file_name(what, &content_type)?;
        let checksum = self.check_checksum(what)?;
        let disposition = self.check_disposition(what, &content_type)?;
        let metadata = self.check_metadata(what, file_name.as_ref())?;
        let tags = self.check_tags(what)?;
        Ok(Checked { content_type, content_length, file_name, checksum, disposition, metadata, tags })
    }

    fn check_type(&self, what: &UploadRequest) -> Result<ContentType, Denied> {
        let text = what.content_type.as_deref().ok_or(Denied::ContentTypeRequired)?;
        let content_type: ContentType = text.parse().map_err(Denied::ContentTypeInvalid)?;
        if self.content.allows(&content_type) {
            Ok(content_type)
        } else {
            Err(Denied::ContentTypeNotAllowed(content_type))
        }
    }

    fn check_length(&self, what: &UploadRequest) -> Result<Option<u64>, Denied> {
        let Some(len) = what.content_length else {
            return if self.method == UploadMethod::Post {
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

    /// The name, if anything is made of it. Its extension must agree with the type even if not: a caller who says
    /// `a.html` and `image/png` is mistaken about one of the two.
    fn check_file_name(&self, what: &UploadRequest, of: &ContentType) -> Result<Option<FileName>, Denied> {
        let in_key = self.template.uses(&Placeholder::FileName);
        let Some(text) = what.file_name.as_deref() else {
            return if in_key { Err(Denied::FileNameRequired) } else { Ok(None) };
        };
        if !in_key && !self.keeps_file_names() {
            self.check_unused_name(text, of)?;
            return Ok(None);
        }
        let name = self.file_names.read(text, self.max_file_name).map_err(Denied::FileNameInvalid)?;
        match name.extension() {
            Some(extension) => self.check_extension(extension, of, in_key)?,
            None if in_key => return Err(Denied::ExtensionMismatch(of.clone())),
            None => {}
        }
        Ok(Some(name))
    }

    fn check_unused_name(&self, text: &str, of: &ContentType) -> Result<(), Denied> {
        if text.len() > FileName::MAX_BYTES {
            let error = crate::InvalidFileName::TooLong { len: text.len(), limit: FileName::MAX_BYTES };
            return Err(Denied::FileNameInvalid(error));
        }
        match text.rsplit_once('.') {
            Some((_, extension)) => self.check_extension(extension, of, false),
            None => Ok(()),
        }
    }

    fn check_extension(&self, extension: &str, of: &ContentType, in_key: bool) -> Result<(), Denied> {
        let mut known = self.content.extensions_of(of).peekable();
        if known.peek().is_none() {
            return if in_key { Err(Denied::ExtensionUnknown(of.clone())) } else { Ok(()) };
        }
        if known.any(|known| known.eq_ignore_ascii_case(extension)) {
            Ok(())
        } else {
            Err(Denied::ExtensionMismatch(of.clone()))
        }
    }

    fn check_checksum(&self, what: &UploadRequest) -> Result<Option<Checksum>, Denied> {
        let Some((algorithm, value)) = &what.checksum else {
            return match &self.checksums {
                Checksums::Required(list) => Err(Denied::ChecksumRequired(list.clone())),
                Checksums::None | Checksums::Optional(_) => Ok(None),
            };
        };
        let algorithm = algorithm.parse().map_err(|_| Denied::ChecksumNotAllowed)?;
        if !self.checksums.algorithms().contains(&algorithm) {
            return Err(match &self.checksums {
                Checksums::Required(list) => Denied::ChecksumRequired(list.clone()),
                Checksums::None | Checksums::Optional(_) => Denied::ChecksumNotAllowed,
            });
        }
        Checksum::parse(algorithm, value).map(Some).map_err(Denied::ChecksumInvalid)
    }

    fn check_disposition(&self, what: &UploadRequest, of: &ContentType) -> Result<Option<Wanted>, Denied> {
        let Some(text) = what.content_disposition.as_deref() else { return Ok(None) };
        if self.disposition != Disposition::FromClient {
            return Err(Denied::DispositionNotAllowed);
        }
        let wanted = read(text, self.file_names, self.max_file_name).map_err(Denied::DispositionInvalid)?;
        if wanted.kind == Kind::Inline && of.is_active() {
            return Err(Denied::DispositionInvalid(InvalidDisposition::Active));
        }
        if let Some(extension) = wanted.file_name.as_ref().and_then(FileName::extension) {
            self.check_extension(extension, of, false)?;
        }
        Ok(Some(wanted))
    }

    fn check_metadata(&self, what: &UploadRequest, name: Option<&FileName>) -> Result<Metadata, Denied> {
        let mut metadata = self.metadata.clone();
        if let Some(name) = name.filter(|_| self.keep_file_name) {
            let mut encoded = String::new();
            push_percent(&mut encoded, name.as_str(), is_unreserved);
            metadata.insert(FILE_NAME, &encoded).map_err(Denied::MetadataInvalid)?;
        }
        for (name, value) in &what.metadata {
            let allowed = match &self.client_metadata {
                ClientMetadata::None => false,
                ClientMetadata::Named(names) => names.iter().any(|have| have.eq_ignore_ascii_case(name)),
                ClientMetadata::Any => !(self.keep_file_name && name.eq_ignore_ascii_case(FILE_NAME)),
            };
            if !allowed {
                return Err(Denied::MetadataNotAllowed);
            }
            metadata.insert(name, value).map_err(Denied::MetadataInvalid)?;
        }
        Ok(metadata)
    }

    fn check_tags(&self, what: &UploadRequest) -> Result<Tags, Denied> {
        if !what.tags.is_empty() && !self.client_tags {
            return Err(Denied::TagsNotAllowed);
        }
        let mut tags = self.tags.clone();
        for (key, value) in &what.tags {
            tags.insert(key, value).map_err(Denied::TagInvalid)?;
        }
        Ok(tags)
    }

    /// Whether a file name ends up in a header.
    #[must_use]
    pub const fn keeps_file_names(&self) -> bool {
        self.keep_file_name
            || matches!(self.disposition, Disposition::AttachmentNamed | Disposition::InlineNamed)
    }

    /// Everything a described request signs.
    pub(super) fn headers(&self, checked: &Checked) -> Result<SignedHeaders, InvalidHeader> {
        let mut headers = self.fixed.clone();
        headers.insert("content-type", checked.content_type.as_str())?;
        if let Some(bytes) = checked.content_length {
            headers.insert("content-length", &bytes.to_string())?;
        }
        if let Some(checksum) = &checked.checksum {
            headers.insert(checksum.algorithm().header(), checksum.as_base64())?;
        }
        if let Some(text) = self.disposition_of(checked) {
            headers.insert("content-disposition", &text)?;
        }
        for (name, value) in checked.metadata.headers() {
            headers.insert(&name, &value)?;
        }
        if !checked.tags.is_empty() {
            headers.insert("x-amz-tagging", &checked.tags.header())?;
        }
        Ok(headers)
    }

    pub(super) fn disposition_of(&self, checked: &Checked) -> Option<String> {
        let name = checked.file_name.as_ref();
        match self.disposition {
            // `Attachment` is among the fixed headers.
            Disposition::Unset | Disposition::Attachment => None,
            Disposition::AttachmentNamed => Some(written(Kind::Attachment, name)),
            Disposition::InlineNamed => Some(written(Kind::Inline, name)),
            Disposition::FromClient => {
                let wanted = checked.disposition.as_ref()?;
                Some(written(wanted.kind, wanted.file_name.as_ref()))
            }
        }
    }
}
