//! The CloudFront distribution that serves the uploads of a bucket, with its access control and its response headers. Unless reads are
//! public, its viewers need a signature of one of the [keys](super::read_keys).

use upsign_core::{CorsOrigins, OriginWildcard};

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::declared::Output;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::{Module, arguments};
use crate::deployment::{Deployment, DeploymentBucket};
use crate::node::{Node, list, map, text};

/// The `Content-Security-Policy` of uploads that CloudFront serves.
///
/// It applies only where a browser opens an upload as a page, or in a frame. Images and media are displayed; `sandbox` without
/// `allow-scripts` runs no script and gives the page an opaque origin, so it cannot read cookies or storage of the domain.
/// Chromium's PDF viewer does not run in a sandbox either: to display PDF, add a behavior with another policy.
const UPLOADS_CSP: &str =
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/// The id of CloudFront's managed cache policy "CachingOptimized", which is the same in every account. It passes on no query, so it
/// serves only readers without signatures, who read the newest version.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

#[derive(Debug)]
pub(super) struct Distribution {
    index: usize,
    comment: String,
    /// Whether viewers need a signature of a trusted key.
    is_signed: bool,
    /// The origins whose scripts may fetch what is signed.
    origins: Vec<String>,
}

impl Distribution {
    pub(super) fn new(deployment: &Deployment, bucket: &DeploymentBucket<'_>, index: usize) -> Self {
        let comment = format!("Uploads to {}", bucket.bucket());
        let is_signed = !deployment.public_reads;
        let is_read = is_signed && bucket.policies().any(|policy| policy.confirmation().confirm());
        let origins = if is_read { origins(deployment.origins()) } else { Vec::new() };
        Self { index, comment, is_signed, origins }
    }

    /// Returns the outputs with the domain and the ARN.
    pub(super) fn outputs(&self) -> [Output; 2] {
        let [_, _, id] = self.ids();
        let name = |attribute: &str| format!("{}{attribute}", id.logical());
        let arn = "ARN of the distribution, which the policies of the bucket and of its KMS key must name";
        [
            Output::new(name("Domain"), "Domain name from which uploads are read", id.domain_name()),
            Output::new(name("Arn"), arn, id.arn()),
        ]
    }
}

/// Returns the origins that a response headers policy can state: CloudFront knows a `*` for the start of a host or for the port, and
/// none in a name, as in `https://pr-*.example.com`. Scripts of such an origin cannot fetch.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html>.
fn origins(origins: &CorsOrigins) -> Vec<String> {
    if origins.is_any() {
        return vec!["*".to_owned()];
    }
    let listed = origins.list().iter().filter(|it| it.wildcard() != Some(OriginWildcard::Host));
    listed.map(|origin| origin.as_str().to_owned()).collect()
}

/// The members of an access control that both forms have, with its name.
fn control(name: &str) -> [(&'static str, Node); 4] {
    [
        ("Name", text(name)),
        ("OriginAccessControlOriginType", text("s3")),
        ("SigningBehavior", text("always")),
        ("SigningProtocol", text("sigv4")),
    ]
}

/// The headers that let scripts of these origins fetch with `GET`. Such a request has no header that needs permission, so no preflight
/// precedes it; the policy must name one header nevertheless.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-responseheaderspolicy-corsconfig.html>.
fn cors(origins: &[String]) -> Node {
    let items = |items: Node| map([("Items", items)]);
    map([
        ("AccessControlAllowCredentials", false.into()),
        ("AccessControlAllowHeaders", items(list(["range"]))),
        ("AccessControlAllowMethods", items(list(["GET", "HEAD"]))),
        ("AccessControlAllowOrigins", items(list(origins.iter().map(String::as_str)))),
        ("AccessControlExposeHeaders", items(list(["ETag", "x-amz-version-id"]))),
        ("OriginOverride", true.into()),
    ])
}

/// The members of a response headers policy that both forms have, with its name.
fn response_headers(name: &str, origins: &[String]) -> Vec<(&'static str, Node)> {
    let policy = map([("ContentSecurityPolicy", text(UPLOADS_CSP)), ("Override", true.into())]);
    let options = map([("Override", true.into())]);
    let security = map([("ContentTypeOptions", options), ("ContentSecurityPolicy", policy)]);
    let cors = (!origins.is_empty()).then(|| ("CorsConfig", cors(origins)));
    [("Name", text(name)), ("SecurityHeadersConfig", security)].into_iter().chain(cors).collect()
}

impl Distribution {
    /// Returns the access control, the response headers and the distribution.
    fn ids(&self) -> [Id; 3] {
        [Kind::AccessControl, Kind::ResponseHeaders, Kind::Distribution].map(|kind| kind.nth(self.index))
    }

    fn cache_policy(&self) -> Node {
        if self.is_signed { Kind::ReadCache.id().reference().into() } else { text(CACHING_OPTIMIZED) }
    }

    /// Returns the members of the distribution. `id`, `origin` and `behavior` are members that one form has: the name of the
    /// origin's id, and further members of the origin and of the only cache behavior.
    fn members(
        &self,
        id: &'static str,
        origin: Option<(&'static str, Node)>,
        behavior: Option<(&'static str, Node)>,
    ) -> Vec<(&'static str, Node)> {
        let [access, headers, _] = self.ids();
        let own = [
            (id, text("uploads")),
            ("DomainName", Kind::Bucket.nth(self.index).domain_name().into()),
            ("OriginAccessControlId", access.reference().into()),
        ];
        let origin = map(own.into_iter().chain(origin));
        let own = [
            ("TargetOriginId", text("uploads")),
            // A redirect would come after the signed URL was sent in the clear.
            ("ViewerProtocolPolicy", text(if self.is_signed { "https-only" } else { "redirect-to-https" })),
            ("CachePolicyId", self.cache_policy()),
            ("ResponseHeadersPolicyId", headers.reference().into()),
            ("AllowedMethods", list(["GET", "HEAD"])),
            ("Compress", true.into()),
        ];
        let group = Node::from(Kind::ReadKeyGroup.id().reference());
        let signers = self.is_signed.then(|| ("TrustedKeyGroups", list([group])));
        let behavior = map(own.into_iter().chain(signers).chain(behavior));
        vec![
            ("Enabled", true.into()),
            ("Comment", text(&self.comment)),
            ("HttpVersion", text("http2and3")),
            ("Origins", list([origin])),
            ("DefaultCacheBehavior", behavior),
        ]
    }
}

impl Resource for Distribution {
    fn cloudformation(&self, template: &mut Template) {
        let [access, headers, distribution] = self.ids();
        // Unique in all regions of the account, and at most 64 characters long.
        let name = format!("{}-{}", Reference::UNIQUE_NAME, self.index + 1);
        template.resource(access, [("OriginAccessControlConfig", map(control(&name)))]);
        template.resource(
            headers,
            [("ResponseHeadersPolicyConfig", map(response_headers(&name, &self.origins)))],
        );
        // CloudFormation requires this member. An origin with access control has an empty identity.
        let identity = ("S3OriginConfig", map([("OriginAccessIdentity", text(""))]));
        let config = map(self.members("Id", Some(identity), None));
        template.resource(distribution, [("DistributionConfig", config)]);
    }

    fn terraform(&self, module: &mut Module) {
        let [access, headers, distribution] = self.ids();
        let name = format!("{}-{}-{}", Reference::STACK_NAME, Reference::REGION, self.index + 1);
        module.resource(access, arguments(control(&name)));
        module.resource(headers, arguments(response_headers(&name, &self.origins)));
        let cached = ("CachedMethods", list(["GET", "HEAD"]));
        let mut members = self.members("OriginId", None, Some(cached));
        let everywhere = map([("RestrictionType", text("none"))]);
        members.push(("Restrictions", map([("GeoRestriction", everywhere)])));
        members.push(("ViewerCertificate", map([("CloudfrontDefaultCertificate", true.into())])));
        module.resource(distribution, arguments(members));
    }
}
