//! What earlier answers of an experiment decide about later requests.

use upsign_core::Bucket;

use crate::run::answer::{Answered, element, unescape};
use crate::run::sign::Unsigned;
use crate::step::{Call, Step};

/// The state of one experiment.
#[derive(Debug)]
pub(crate) struct Context {
    /// The prefix of its keys.
    folder: String,
    bucket: String,
    etag: Option<String>,
    version: Option<String>,
    pub(crate) upload_id: Option<String>,
    /// Numbers and entity tags.
    parts: Vec<(u64, String)>,
}

impl Context {
    pub(crate) fn new(folder: String, bucket: &Bucket) -> Self {
        let bucket = bucket.as_str().to_owned();
        Self { folder, bucket, etag: None, version: None, upload_id: None, parts: Vec::new() }
    }

    /// Returns the request of a step with the values of earlier answers. The error says which value there is not.
    pub(crate) fn complete(&self, step: &Step) -> Result<Unsigned, String> {
        let pairs = |pairs: &[(&str, String)]| -> Result<Vec<(String, String)>, String> {
            pairs.iter().map(|(name, value)| Ok(((*name).to_owned(), self.value(value)?))).collect()
        };
        let mut query = pairs(&step.query)?;
        if let Call::Setting(name) = step.call {
            query.push((name.to_owned(), String::new()));
        }
        let body = match step.call {
            Call::Complete => self.document(),
            _ => step.body.to_owned(),
        };
        Ok(Unsigned {
            call: step.call,
            key: format!("{}{}", self.folder, step.key),
            upload_id: self.upload_id.clone(),
            headers: pairs(&step.headers)?,
            query,
            body,
            alteration: step.alteration,
        })
    }

    fn value(&self, text: &str) -> Result<String, String> {
        Ok(match text {
            "{etag}" => self.etag.clone().ok_or("the store returned no ETag")?,
            "{version}" => self.version.clone().ok_or("not tried: the bucket keeps no versions")?,
            "{source}" => format!("/{}/{}source", self.bucket, self.folder),
            _ => text.to_owned(),
        })
    }

    /// Remembers what later requests need.
    pub(crate) fn learn(&mut self, call: Call, answer: &Answered) {
        let etag = answer.header("etag").map(str::to_owned);
        match call {
            Call::Put => {
                self.etag = etag;
                // A bucket whose versioning is suspended has the version `null`.
                self.version =
                    answer.header("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned);
            }
            Call::Create => {
                self.upload_id = element(&answer.body, "UploadId").map(unescape);
                self.parts.clear();
            }
            Call::Part(number) => self.parts.extend(etag.map(|etag| (number, etag))),
            _ => {}
        }
    }

    fn document(&self) -> String {
        let part = |(number, etag): &(u64, String)| {
            let etag = etag.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        };
        let parts: String = self.parts.iter().map(part).collect();
        let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
        format!("<CompleteMultipartUpload xmlns=\"{namespace}\">{parts}</CompleteMultipartUpload>")
    }
}
