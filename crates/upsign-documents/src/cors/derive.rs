//! Derives CORS rules from upload policies.

use std::collections::BTreeSet;

use upsign_core::{CorsOrigins, Dialect, OriginPattern};
use upsign_policy::{UploadMethod, UploadPolicy};

use super::{CorsDocument, CorsMethod, CorsRule, InvalidCorsDocument, InvalidCorsRule};
use crate::deployment::{Deployment, DeploymentBucket, Multipart, Reads};

/// How long browsers may cache the answer to a preflight. Browsers have their own limits: Chromium caches it for at most two hours.
const MAX_AGE_SECONDS: u32 = 3_600;

/// The response headers that a script needs: the ETag of the object or the part and, on a versioned bucket, the version id.
const EXPOSED: [&str; 2] = ["ETag", "x-amz-version-id"];

/// The start of the names of the headers in which the store returns the checksum of a part.
const CHECKSUM: &str = "x-amz-checksum-";

impl CorsDocument {
    /// Derives the rules that let pages of `origins` perform the uploads of one policy, and nothing else: PUT with exactly the
    /// headers that are signed for a file or a part, or POST for a form, or both for a route that uploads large files in parts and
    /// others by forms. Scripts can read the ETag, the version id and, if the
    /// policy uploads in parts, the checksums of parts.
    ///
    /// Without any origin the result is [`CorsDocument::empty`].
    ///
    /// # Errors
    /// Fails if the list of origins exceeds S3's limits (64 KiB of XML).
    pub fn for_policy(policy: &UploadPolicy, origins: &CorsOrigins) -> Result<Self, InvalidCorsDocument> {
        let put = is_sent_by_put(&policy).then(|| put_rule(&[policy], &[CorsMethod::Put]));
        let post = (policy.method() == UploadMethod::Post).then(|| post_rule(&[]));
        Self::of_rules(origins, &[put, post])
    }

    /// Derives the rules for one bucket of a deployment: one rule for PUT with the headers of all its routes and of their parts, one
    /// rule for POST if a route uploads by form, and the methods of [`Multipart::Browser`] if browsers run multipart uploads. If the
    /// deployment has [`Reads::Presigned`] and a route confirms uploads, another rule lets scripts fetch the URLs that read them.
    ///
    /// All headers are in one rule because S3 uses the first rule that matches: a preflight that names headers of two rules
    /// matches neither.
    ///
    /// # Errors
    /// Fails if the list of origins exceeds S3's limits (64 KiB of XML).
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
    ) -> Result<Self, InvalidCorsDocument> {
        let by_browser = deployment.multipart == Multipart::Browser;
        let puts: Vec<&UploadPolicy> = bucket.policies().filter(is_sent_by_put).collect();
        let methods: &[CorsMethod] = if by_browser {
            &[CorsMethod::Put, CorsMethod::Post, CorsMethod::Get, CorsMethod::Delete]
        } else {
            &[CorsMethod::Put]
        };
        if bucket.is_directory() {
            // S3 has none for it: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
            return Ok(Self::empty());
        }
        let needs_put = !puts.is_empty() || by_browser;
        let put = needs_put.then(|| put_rule(&puts, methods));
        let post = bucket.signs(UploadMethod::Post) && !by_browser;
        let post = post.then(|| post_rule(deployment.dialects()));
        let is_read = deployment.reads() == Reads::Presigned
            && bucket.policies().any(|policy| policy.confirmation().confirm());
        Self::of_rules(deployment.origins(), &[put, post, is_read.then(read_rule)])
    }

    /// Returns the CORS rules of the original two-step upload design (ask an API for a URL, then PUT to S3), as the tutorial
    /// that this project implements shows them: every origin, every method and every header.
    ///
    /// Use it for comparison or for a first experiment. In production derive the rules with
    /// [`for_bucket`](Self::for_bucket).
    ///
    /// ```
    /// use upsign_documents::CorsDocument;
    /// let document = CorsDocument::two_step_upload();
    /// assert_eq!(document.rules()[0].allowed_origins(), ["*".into()]);
    /// ```
    #[must_use]
    pub fn two_step_upload() -> Self {
        let methods =
            [CorsMethod::Get, CorsMethod::Put, CorsMethod::Post, CorsMethod::Delete, CorsMethod::Head];
        Self(vec![CorsRule::without_restrictions(methods, &["ETag"])])
    }

    fn of_rules(origins: &CorsOrigins, drafts: &[Option<Draft>]) -> Result<Self, InvalidCorsDocument> {
        let listed = origins.list().iter().map(OriginPattern::as_str);
        let patterns: Vec<&str> = if origins.is_any() { vec!["*"] } else { listed.collect() };
        if patterns.is_empty() {
            return Ok(Self::empty());
        }
        let rules = drafts.iter().flatten().map(|draft| draft.rule(&patterns).map_err(in_first_rule));
        Self::new(rules.collect::<Result<Vec<_>, _>>()?)
    }
}

/// Returns whether a route signs a `PUT`, of a file or of a part.
fn is_sent_by_put(policy: &&UploadPolicy) -> bool {
    policy.method() == UploadMethod::Put || policy.multipart().is_some()
}

/// Reports an invalid rule as the first one: all drafts of one document share their origins, so all are invalid.
const fn in_first_rule(source: InvalidCorsRule) -> InvalidCorsDocument {
    InvalidCorsDocument::Rule { index: 0, id: None, source }
}

/// A rule without its origins.
struct Draft {
    id: &'static str,
    methods: Vec<CorsMethod>,
    headers: Vec<String>,
    exposed: Vec<String>,
}

impl Draft {
    fn rule(&self, origins: &[&str]) -> Result<CorsRule, InvalidCorsRule> {
        let rule = CorsRule::new(origins, self.methods.iter().copied())?.with_id(self.id)?;
        let rule = rule.with_allowed_headers(&self.headers)?.with_expose_headers(&self.exposed)?;
        Ok(rule.with_max_age_seconds(MAX_AGE_SECONDS))
    }
}

fn put_rule(routes: &[&UploadPolicy], methods: &[CorsMethod]) -> Draft {
    // Browsers set the length themselves, and scripts cannot, so a preflight never asks for `content-length`.
    let of_parts = || routes.iter().flat_map(|route| route.part_header_names());
    let names = routes.iter().flat_map(|route| route.signed_header_names()).chain(of_parts());
    let headers: BTreeSet<String> = names.filter(|name| *name != "content-length").map(Into::into).collect();
    // S3 returns the checksum of a part under the name of the header that states it:
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
    let checksums: BTreeSet<&str> = of_parts().filter(|name| name.starts_with(CHECKSUM)).collect();
    let exposed = EXPOSED.into_iter().chain(checksums).map(Into::into).collect();
    Draft { id: "upsign-uploads", methods: methods.to_vec(), headers: headers.into_iter().collect(), exposed }
}

/// A form sends no header that needs permission. Browsers still send a preflight if the page listens for upload progress.
///
/// Source: <https://fetch.spec.whatwg.org/#http-requests> (the upload-listener flag).
///
/// Uppy takes the address of the object from `Location`, which S3 answers to a form:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>.
fn post_rule(dialects: &[Dialect]) -> Draft {
    let is_uppy = |dialect: &Dialect| matches!(dialect, Dialect::Uppy | Dialect::Companion);
    let location = dialects.iter().any(is_uppy).then_some("Location");
    Draft {
        id: "upsign-forms",
        methods: vec![CorsMethod::Post],
        headers: Vec::new(),
        exposed: EXPOSED.into_iter().chain(location).map(Into::into).collect(),
    }
}

/// A URL that reads an object of a bucket without versions needs the header `if-match`, which a browser asks permission for.
fn read_rule() -> Draft {
    Draft {
        id: "upsign-reads",
        methods: vec![CorsMethod::Get],
        headers: vec!["if-match".to_owned()],
        exposed: EXPOSED.map(Into::into).to_vec(),
    }
}
