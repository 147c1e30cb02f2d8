//! Samples of every request a policy can make.

use std::collections::BTreeSet;

use upsign_core::{InvalidHeader, InvalidPost, ObjectKey, PostPolicy, SignedHeaders};

use super::check::Checked;
use super::{Bodyless, ClientMetadata, UploadMethod, UploadPolicy};
use crate::disposition::{Kind, Wanted};
use crate::{Checksum, ContentType, Decided, Disposition, FileName};

impl UploadPolicy {
    /// A sample of every combination of signed headers (or of a form's fields) that [`authorize`](UploadPolicy::authorize) can come to, with
    /// made-up values: what an issuer shows its presigner when it is built, so that an impossible combination fails
    /// at start.
    #[must_use]
    pub fn shapes(&self) -> Vec<Decided> {
        let Ok(key) = "sample".parse::<ObjectKey>() else { return Vec::new() };
        if self.method == UploadMethod::Post {
            return self.sample_form().map(Decided::Post).into_iter().collect();
        }
        let headers = self.header_sets().unwrap_or_default();
        headers.into_iter().map(|headers| Decided::Put(self.put(key.clone(), headers))).collect()
    }

    pub(super) fn sample_form(&self) -> Result<PostPolicy, InvalidPost> {
        let Ok(key) = "sample".parse::<ObjectKey>() else { return Err(InvalidPost::Name) };
        self.form(&key, &self.sample(&self.sample_type(), None, None, false))
    }

    /// The names of all headers of all shapes.
    pub(super) fn names_of_shapes(&self) -> Result<Box<[Box<str>]>, InvalidHeader> {
        let mut names = BTreeSet::new();
        if self.method == UploadMethod::Post {
            return Ok(Box::default());
        }
        for headers in self.header_sets()? {
            names.extend(headers.iter().map(|(name, _)| Box::from(name)));
        }
        if self.client_metadata == ClientMetadata::Any {
            names.remove(format!("x-amz-meta-{ANY_NAME}").as_str());
            names.insert("x-amz-meta-*".into());
        }
        Ok(names.into_iter().collect())
    }

    fn header_sets(&self) -> Result<Vec<SignedHeaders>, InvalidHeader> {
        let mut sets: Vec<SignedHeaders> = Vec::new();
        let mut keep = |headers: SignedHeaders| {
            let same = |have: &SignedHeaders| {
                have.iter().map(|(name, _)| name).eq(headers.iter().map(|(name, _)| name))
            };
            if !sets.iter().any(same) {
                sets.push(headers);
            }
        };
        let sample_type = self.sample_type();
        if self.bodyless == Bodyless::Allow {
            let mut headers = SignedHeaders::new();
            headers.insert("content-type", sample_type.as_str())?;
            keep(headers);
        }
        for checksum in self.sample_checksums() {
            for file_name in self.sample_file_names() {
                for said in [false, true] {
                    keep(self.headers(&self.sample(
                        &sample_type,
                        checksum.clone(),
                        file_name.clone(),
                        said,
                    ))?);
                }
            }
        }
        Ok(sets)
    }

    /// `said`: whether the client states everything else that it may state.
    fn sample(
        &self,
        of: &ContentType,
        checksum: Option<Checksum>,
        name: Option<FileName>,
        said: bool,
    ) -> Checked {
        let mut metadata = self.metadata.clone();
        // An insertion that fails is a name that is there already, so the shape is the same.
        if self.keep_file_name && name.is_some() {
            let _ = metadata.insert(super::check::FILE_NAME, "sample");
        }
        let mut tags = self.tags.clone();
        if said {
            for name in self.client_metadata.sample_names() {
                let _ = metadata.insert(name, "sample");
            }
            if self.client_tags {
                let _ = tags.insert("sample", "sample");
            }
        }
        let wanted = Wanted { kind: Kind::Attachment, file_name: name.clone() };
        Checked {
            content_type: of.clone(),
            content_length: Some(self.size.max()),
            file_name: name,
            checksum,
            disposition: (said && self.disposition == Disposition::FromClient).then_some(wanted),
            metadata,
            tags,
        }
    }

    fn sample_type(&self) -> ContentType {
        self.content.first_exact().cloned().unwrap_or_else(ContentType::octet_stream)
    }

    fn sample_checksums(&self) -> Vec<Option<Checksum>> {
        let none = (!self.checksums.is_required()).then_some(None);
        let each = self.checksums.algorithms().iter().map(|algorithm| Some(Checksum::zero(*algorithm)));
        none.into_iter().chain(each).collect()
    }

    fn sample_file_names(&self) -> Vec<Option<FileName>> {
        let name = FileName::parse("sample").ok().filter(|_| self.keeps_file_names());
        if name.is_some() { vec![None, name] } else { vec![None] }
    }
}

/// Stands for a name of the client's choice.
const ANY_NAME: &str = "sample";

impl ClientMetadata {
    fn sample_names(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::Named(names) => names.iter().map(AsRef::as_ref).collect(),
            Self::Any => vec![ANY_NAME],
        }
    }
}
