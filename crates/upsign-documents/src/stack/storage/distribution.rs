//! The CloudFront distribution that serves the uploads of a bucket, with its access control and its response headers.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::{Module, arguments, block};
use crate::deployment::DeploymentBucket;
use crate::node::{Node, list, map, text};

/// The `Content-Security-Policy` of uploads that CloudFront serves.
///
/// It applies only where a browser opens an upload as a page, or in a frame. Images and media are displayed; `sandbox` without
/// `allow-scripts` runs no script and gives the page an opaque origin, so it cannot read cookies or storage of the domain.
/// Chromium's PDF viewer does not run in a sandbox either: to display PDF, add a behavior with another policy.
const UPLOADS_CSP: &str =
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/// The id of CloudFront's managed cache policy "CachingOptimized", which is the same in every account.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

#[derive(Debug)]
pub(super) struct Distribution {
    index: usize,
    comment: String,
}

impl Distribution {
    pub(super) fn new(bucket: &DeploymentBucket<'_>, index: usize) -> Self {
        Self { index, comment: format!("Uploads to {}", bucket.bucket()) }
    }
}

impl Distribution {
    /// Returns the access control, the response headers and the distribution.
    fn ids(&self) -> [Id; 3] {
        [Kind::AccessControl, Kind::ResponseHeaders, Kind::Distribution].map(|kind| kind.nth(self.index))
    }

    /// Returns the properties of the access control, which both forms have.
    fn control() -> [(&'static str, Node); 3] {
        [
            ("OriginAccessControlOriginType", text("s3")),
            ("SigningBehavior", text("always")),
            ("SigningProtocol", text("sigv4")),
        ]
    }

    /// Returns the properties of the distribution that both forms have.
    fn properties(&self) -> [(&'static str, Node); 3] {
        [("Enabled", true.into()), ("Comment", text(&self.comment)), ("HttpVersion", text("http2and3"))]
    }

    /// Returns the properties of the only cache behavior that both forms have.
    fn behavior(&self) -> [(&'static str, Node); 6] {
        let [_, headers, _] = self.ids();
        [
            ("TargetOriginId", text("uploads")),
            ("ViewerProtocolPolicy", text("redirect-to-https")),
            ("CachePolicyId", text(CACHING_OPTIMIZED)),
            ("ResponseHeadersPolicyId", headers.reference().into()),
            ("AllowedMethods", list(["GET", "HEAD"])),
            ("Compress", true.into()),
        ]
    }
}

impl Resource for Distribution {
    fn cloudformation(&self, template: &mut Template) {
        let [access, headers, distribution] = self.ids();
        // Unique in all regions of the account, and at most 64 characters long.
        let name = || ("Name", text(format!("{}-{}", Reference::UniqueName, self.index + 1)));
        let control = [("OriginAccessControlConfig", map([name()].into_iter().chain(Self::control())))];
        template.resource(access, "AWS::CloudFront::OriginAccessControl", control);
        let policy = map([("ContentSecurityPolicy", text(UPLOADS_CSP)), ("Override", true.into())]);
        let security = map([
            ("ContentTypeOptions", map([("Override", true.into())])),
            ("ContentSecurityPolicy", policy),
        ]);
        let config = map([name(), ("SecurityHeadersConfig", security)]);
        let config = [("ResponseHeadersPolicyConfig", config)];
        template.resource(headers, "AWS::CloudFront::ResponseHeadersPolicy", config);
        let origin = map([
            ("Id", text("uploads")),
            ("DomainName", Kind::Bucket.nth(self.index).domain_name().into()),
            ("OriginAccessControlId", access.reference().into()),
            // CloudFormation requires this member. An origin with access control has an empty identity.
            ("S3OriginConfig", map([("OriginAccessIdentity", text(""))])),
        ]);
        let own = [("Origins", list([origin])), ("DefaultCacheBehavior", map(self.behavior()))];
        let config = map(self.properties().into_iter().chain(own));
        template.resource(distribution, "AWS::CloudFront::Distribution", [("DistributionConfig", config)]);
        let output = format!("{}Domain", distribution.logical());
        template.output(output, "Domain name from which uploads are read", distribution.domain_name());
    }

    fn terraform(&self, module: &mut Module) {
        module.data("aws_region");
        let [access, headers, distribution] = self.ids();
        let name = || text(format!("{}-{}-{}", Reference::StackName, Reference::Region, self.index + 1));
        module.resource(access, arguments([("Name", name())].into_iter().chain(Self::control())));
        let policy = [("content_security_policy", text(UPLOADS_CSP)), ("override", true.into())];
        let security = block([
            ("content_type_options", block([("override", true.into())])),
            ("content_security_policy", block(policy)),
        ]);
        module.resource(headers, [("name", name()), ("security_headers_config", security)]);
        let origin = block([
            ("origin_id", text("uploads")),
            ("domain_name", Kind::Bucket.nth(self.index).domain_name().into()),
            ("origin_access_control_id", access.reference().into()),
        ]);
        let cached = ("cached_methods".to_owned(), list(["GET", "HEAD"]));
        let everywhere = block([("restriction_type", text("none"))]);
        let own = [
            ("origin", origin),
            ("default_cache_behavior", block(arguments(self.behavior()).chain([cached]))),
            ("restrictions", block([("geo_restriction", everywhere)])),
            ("viewer_certificate", block([("cloudfront_default_certificate", true.into())])),
        ];
        let own = own.map(|(name, node)| (name.to_owned(), node));
        module.resource(distribution, arguments(self.properties()).chain(own));
        let output = format!("{}_domain", distribution.terraform_name().replace("uploads", "distribution"));
        module.output(output, "Domain name from which uploads are read", distribution.domain_name());
    }
}
