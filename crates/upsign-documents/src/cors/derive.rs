//! From routes to the rules that their uploads need.

use upsign_core::{CorsOrigins, Origin};
use upsign_policy::{UploadMethod, UploadPolicy};

use super::{CorsDocument, CorsMethod, CorsRule, InvalidCorsDocument, InvalidCorsRule};
use crate::{Deployment, DeploymentBucket, Multipart};

/// How long browsers may remember the answer to a preflight. They cap it themselves: Chromium at two hours.
const MAX_AGE_SECONDS: u32 = 3_600;

/// What a script needs to read of S3's answer: the object's tag and, on a versioned bucket, its version.
const EXPOSED: [&str; 2] = ["ETag", "x-amz-version-id"];

impl CorsDocument {
    /// What a bucket needs so that pages of these origins can make this policy's uploads, and nothing more: the method
    /// PUT with exactly the headers that clients are told to send, or POST for a form.
    ///
    /// With no origin at all it is [`CorsDocument::empty`].
    ///
    /// # Errors
    /// [`InvalidCorsDocument`] where the list of origins is beyond S3's limits.
    pub fn for_policy(policy: &UploadPolicy, origins: &CorsOrigins) -> Result<Self, InvalidCorsDocument> {
        let rule = match policy.method() {
            UploadMethod::Post => post_rule(),
            _ => put_rule(&[policy], &[CorsMethod::Put]),
        };
        Self::of_rules(origins, &[Some(rule)])
    }

    /// What one bucket of a deployment needs: the headers of all its routes in one rule for PUT, a rule for POST where forms
    /// are sent, and the methods of a multipart upload that the browser runs by itself.
    ///
    /// # Errors
    /// [`InvalidCorsDocument`] where the list of origins is beyond S3's limits.
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
    ) -> Result<Self, InvalidCorsDocument> {
        let alone = deployment.multipart == Multipart::Browser;
        let puts: Vec<&UploadPolicy> =
            bucket.routes().iter().copied().filter(|route| route.method() == UploadMethod::Put).collect();
        let methods: &[CorsMethod] = if alone {
            &[CorsMethod::Put, CorsMethod::Post, CorsMethod::Get, CorsMethod::Delete]
        } else {
            &[CorsMethod::Put]
        };
        let needs_put = !puts.is_empty() || deployment.multipart != Multipart::None;
        let put = needs_put.then(|| put_rule(&puts, methods));
        let post = (bucket.signs(UploadMethod::Post) && !alone).then(post_rule);
        Self::of_rules(deployment.origins(), &[put, post])
    }

    /// The article's own document: every site in the world, every method, every header. Good for an afternoon.
    ///
    /// # Errors
    /// None: it is within S3's limits.
    pub fn two_step_upload() -> Result<Self, InvalidCorsDocument> {
        let methods =
            [CorsMethod::Get, CorsMethod::Put, CorsMethod::Post, CorsMethod::Delete, CorsMethod::Head];
        let rule = CorsRule::new(["*"], methods)
            .and_then(|rule| rule.with_allowed_headers(["*"]))
            .and_then(|rule| rule.with_expose_headers(["ETag"]));
        Self::new([rule.map_err(first)?])
    }

    fn of_rules(origins: &CorsOrigins, drafts: &[Option<Draft>]) -> Result<Self, InvalidCorsDocument> {
        let listed = origins.list().iter().map(Origin::as_str);
        let patterns: Vec<&str> = if origins.is_any() { vec!["*"] } else { listed.collect() };
        if patterns.is_empty() {
            return Ok(Self::empty());
        }
        let rules = drafts.iter().flatten().map(|draft| draft.rule(&patterns).map_err(first));
        Self::new(rules.collect::<Result<Vec<_>, _>>()?)
    }
}

const fn first(source: InvalidCorsRule) -> InvalidCorsDocument {
    InvalidCorsDocument::Rule { index: 0, source }
}

/// A rule but for its origins.
struct Draft {
    id: &'static str,
    methods: Vec<CorsMethod>,
    headers: Vec<String>,
}

impl Draft {
    fn rule(&self, origins: &[&str]) -> Result<CorsRule, InvalidCorsRule> {
        let rule = CorsRule::new(origins, self.methods.iter().copied())?.with_id(self.id)?;
        let rule = rule.with_allowed_headers(&self.headers)?.with_expose_headers(EXPOSED)?;
        Ok(rule.with_max_age_seconds(MAX_AGE_SECONDS))
    }
}

fn put_rule(routes: &[&UploadPolicy], methods: &[CorsMethod]) -> Draft {
    // Browsers derive the length from the body; scripts cannot set it, so preflights never ask for it.
    let names = routes.iter().flat_map(|route| route.signed_header_names());
    let mut headers: Vec<String> = names.filter(|name| *name != "content-length").map(Into::into).collect();
    headers.sort();
    headers.dedup();
    Draft { id: "upsign-uploads", methods: methods.to_vec(), headers }
}

/// A form needs no header of its own; with an upload's progress watched it is preflighted all the same.
fn post_rule() -> Draft {
    Draft { id: "upsign-forms", methods: vec![CorsMethod::Post], headers: Vec::new() }
}
