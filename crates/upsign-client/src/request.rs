//! The description of an upload that the API receives.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::checksum::{Checksum, ChecksumAlgorithm};

/// The description of the upload. Every member is optional; the policy of the route decides which it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadRequest {
    /// The route, or `None` for the unnamed one.
    pub route: Option<String>,
    /// The content type, such as `video/mp4`.
    pub content_type: Option<String>,
    /// The name of the file.
    pub file_name: Option<String>,
    /// The value of `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// Ids that the client supplies, by their names in requests, such as `articleId`.
    pub ids: BTreeMap<String, String>,
    /// Metadata of the object.
    pub metadata: BTreeMap<String, String>,
    /// Tags of the object.
    pub tags: BTreeMap<String, String>,
    /// Whether the upload is to have parts. Default: as the route says.
    pub multipart: Option<bool>,
    /// The checksum algorithm of a multipart upload. Default: the first one of the route that the store compares.
    pub checksum_algorithm: Option<ChecksumAlgorithm>,
}

impl UploadRequest {
    /// Creates a request for an upload with a content type.
    #[must_use]
    pub fn new(content_type: impl Into<String>) -> Self {
        Self { content_type: Some(content_type.into()), ..Self::default() }
    }

    /// Selects a route.
    #[must_use]
    pub fn with_route(self, route: impl Into<String>) -> Self {
        Self { route: Some(route.into()), ..self }
    }

    /// Sets the name of the file.
    #[must_use]
    pub fn with_file_name(self, name: impl Into<String>) -> Self {
        Self { file_name: Some(name.into()), ..self }
    }

    /// Returns the body of the call that begins the upload of `size` bytes.
    pub(crate) fn body(&self, size: Option<u64>, checksum: Option<&Checksum>) -> Value {
        let mut body = Map::new();
        let texts = [
            ("route", &self.route),
            ("contentType", &self.content_type),
            ("fileName", &self.file_name),
            ("contentDisposition", &self.content_disposition),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                body.insert(name.to_owned(), text.as_str().into());
            }
        }
        for (name, pairs) in [("metadata", &self.metadata), ("tags", &self.tags)] {
            if !pairs.is_empty() {
                let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
                body.insert(name.to_owned(), Value::Object(pairs.collect()));
            }
        }
        body.extend(self.ids.iter().map(|(name, id)| (name.clone(), id.as_str().into())));
        // Without a size, only a multipart upload is possible.
        let multipart = self.multipart.or_else(|| size.is_none().then_some(true));
        body.extend(multipart.map(|multipart| ("multipart".to_owned(), multipart.into())));
        body.extend(size.map(|size| ("contentLength".to_owned(), size.into())));
        body.extend(self.checksum_algorithm.map(|it| ("checksumAlgorithm".to_owned(), it.name().into())));
        body.extend(checksum.map(|checksum| ("checksum".to_owned(), of_checksum(checksum))));
        Value::Object(body)
    }

    /// Returns a text that differs for requests that differ. Members of `serde_json` objects are sorted.
    pub(crate) fn fingerprint(&self) -> String {
        self.body(None, None).to_string()
    }
}

/// Returns `{"crc64nvme": "<base64>"}`.
pub(crate) fn of_checksum(checksum: &Checksum) -> Value {
    Value::Object([(checksum.algorithm().name().to_owned(), checksum.base64().into())].into_iter().collect())
}

/// Reads `{"crc64nvme": "<base64>"}`. Unknown algorithms are ignored.
pub(crate) fn read_checksum(members: &BTreeMap<String, String>) -> Option<Checksum> {
    members.iter().find_map(|(name, base64)| Checksum::from_base64(name.parse().ok()?, base64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_members_are_left_out() {
        assert_eq!(UploadRequest::default().body(Some(7), None).to_string(), r#"{"contentLength":7}"#);
        assert_eq!(UploadRequest::default().body(None, None).to_string(), r#"{"multipart":true}"#);
    }

    #[test]
    fn every_member_has_its_wire_name() {
        let request = UploadRequest {
            content_disposition: Some("inline".into()),
            ids: [("articleId".into(), "i".into())].into(),
            metadata: [("a".into(), "b".into())].into(),
            tags: [("k".into(), "v".into())].into(),
            multipart: Some(false),
            checksum_algorithm: Some(ChecksumAlgorithm::Crc32),
            ..UploadRequest::new("video/mp4").with_route("videos").with_file_name("a.mp4")
        };
        let checksum = Checksum::of(ChecksumAlgorithm::Crc32, b"123456789");
        let expected = r#"{"articleId":"i","checksum":{"crc32":"y/Q5Jg=="},"checksumAlgorithm":"crc32","contentDisposition":"inline","contentLength":9,"contentType":"video/mp4","fileName":"a.mp4","metadata":{"a":"b"},"multipart":false,"route":"videos","tags":{"k":"v"}}"#;
        assert_eq!(request.body(Some(9), Some(&checksum)).to_string(), expected);
        assert_ne!(request.fingerprint(), UploadRequest { route: None, ..request.clone() }.fingerprint());
    }
}
