//! The CloudFront distribution that serves the uploads of a bucket, with its access control and its response headers.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Kind, Reference};
use super::super::terraform::{Module, block};
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
    /// The name of the access control and of the response headers policy, which must be unique in all regions of the account.
    name: Node,
}

impl Distribution {
    pub(super) fn new(bucket: &DeploymentBucket<'_>, index: usize) -> Self {
        let name = text(format!("{}-{}-{}", Reference::StackName, Reference::Region, index + 1));
        Self { index, comment: format!("Uploads to {}", bucket.bucket()), name }
    }
}

impl Resource for Distribution {
    fn cloudformation(&self, template: &mut Template) {
        let access = Kind::AccessControl.nth(self.index);
        let headers = Kind::ResponseHeaders.nth(self.index);
        let distribution = Kind::Distribution.nth(self.index);
        let control = map([
            ("Name", self.name.clone()),
            ("OriginAccessControlOriginType", text("s3")),
            ("SigningBehavior", text("always")),
            ("SigningProtocol", text("sigv4")),
        ]);
        template.resource(
            access,
            "AWS::CloudFront::OriginAccessControl",
            [("OriginAccessControlConfig", control)],
        );
        let security = map([
            ("ContentTypeOptions", map([("Override", true.into())])),
            (
                "ContentSecurityPolicy",
                map([("ContentSecurityPolicy", text(UPLOADS_CSP)), ("Override", true.into())]),
            ),
        ]);
        let config = map([("Name", self.name.clone()), ("SecurityHeadersConfig", security)]);
        template.resource(
            headers,
            "AWS::CloudFront::ResponseHeadersPolicy",
            [("ResponseHeadersPolicyConfig", config)],
        );
        let origin = map([
            ("Id", text("uploads")),
            ("DomainName", Kind::Bucket.nth(self.index).domain_name().into()),
            ("OriginAccessControlId", access.reference().into()),
            // CloudFormation requires this member. An origin with access control has an empty identity.
            ("S3OriginConfig", map([("OriginAccessIdentity", text(""))])),
        ]);
        let behavior = map([
            ("TargetOriginId", text("uploads")),
            ("ViewerProtocolPolicy", text("redirect-to-https")),
            ("CachePolicyId", text(CACHING_OPTIMIZED)),
            ("ResponseHeadersPolicyId", headers.reference().into()),
            ("AllowedMethods", list(["GET", "HEAD"])),
            ("Compress", true.into()),
        ]);
        let config = map([
            ("Enabled", true.into()),
            ("Comment", text(&self.comment)),
            ("HttpVersion", text("http2and3")),
            ("Origins", Node::List(vec![origin])),
            ("DefaultCacheBehavior", behavior),
        ]);
        template.resource(distribution, "AWS::CloudFront::Distribution", [("DistributionConfig", config)]);
        let output = format!("{}Domain", distribution.logical());
        template.output(output, "Domain name from which uploads are read", distribution.domain_name());
    }

    fn terraform(&self, module: &mut Module) {
        module.data("aws_region");
        let access = Kind::AccessControl.nth(self.index);
        let headers = Kind::ResponseHeaders.nth(self.index);
        let distribution = Kind::Distribution.nth(self.index);
        module.resource(
            access,
            [
                ("name", self.name.clone()),
                ("origin_access_control_origin_type", text("s3")),
                ("signing_behavior", text("always")),
                ("signing_protocol", text("sigv4")),
            ],
        );
        let security = block([
            ("content_type_options", block([("override", true.into())])),
            (
                "content_security_policy",
                block([("content_security_policy", text(UPLOADS_CSP)), ("override", true.into())]),
            ),
        ]);
        module.resource(headers, [("name", self.name.clone()), ("security_headers_config", security)]);
        let origin = block([
            ("origin_id", text("uploads")),
            ("domain_name", Kind::Bucket.nth(self.index).domain_name().into()),
            ("origin_access_control_id", access.reference().into()),
        ]);
        let behavior = block([
            ("target_origin_id", text("uploads")),
            ("viewer_protocol_policy", text("redirect-to-https")),
            ("cache_policy_id", text(CACHING_OPTIMIZED)),
            ("response_headers_policy_id", headers.reference().into()),
            ("allowed_methods", list(["GET", "HEAD"])),
            ("cached_methods", list(["GET", "HEAD"])),
            ("compress", true.into()),
        ]);
        let everywhere = block([("restriction_type", text("none"))]);
        module.resource(
            distribution,
            [
                ("enabled", true.into()),
                ("comment", text(&self.comment)),
                ("http_version", text("http2and3")),
                ("origin", origin),
                ("default_cache_behavior", behavior),
                ("restrictions", block([("geo_restriction", everywhere)])),
                ("viewer_certificate", block([("cloudfront_default_certificate", true.into())])),
            ],
        );
        let output = format!("{}_domain", distribution.terraform_name().replace("uploads", "distribution"));
        module.output(output, "Domain name from which uploads are read", distribution.domain_name());
    }
}
