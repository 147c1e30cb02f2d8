//! A function URL.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::Kind;
use super::super::terraform::Module;
use super::permission::Permission;
use crate::deployment::Deployment;
use crate::node::text;

/// The first version of the Terraform provider whose permissions have `invoked_via_function_url`.
///
/// Source: <https://github.com/hashicorp/terraform-provider-aws/blob/main/CHANGELOG.md>.
const PROVIDER: (u32, u32) = (6, 28);

/// The URL of the function.
///
/// It has no CORS configuration. The function answers preflights and adds the CORS headers itself; Lambda would add its own to
/// them, and browsers reject an answer with two `Access-Control-Allow-Origin`. It has no limit of requests either: Lambda
/// accepts ten times as many requests per second as the function has reserved instances.
///
/// Terraform's `aws_lambda_function_url` adds both permissions itself when it creates a URL, since the version with
/// [`PROVIDER`], but does not record them: it neither shows nor restores nor removes them. So the module has its own as well;
/// the function's policy then contains each statement twice, which permits nothing more.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>,
/// <https://github.com/hashicorp/terraform-provider-aws/pull/44858>,
/// <https://github.com/hashicorp/terraform-provider-aws/issues/38260>.
#[derive(Debug)]
struct FunctionUrl {
    path: String,
}

pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let mut resources: Vec<Box<dyn Resource>> = vec![Box::new(FunctionUrl { path: deployment.path.clone() })];
    for permission in Permission::for_url() {
        resources.push(Box::new(permission));
    }
    resources
}

impl FunctionUrl {
    /// Returns the URL of the path. A function URL ends in a slash.
    fn upload_url(&self) -> String {
        format!("{}{}", Kind::FunctionUrl.id().url(), self.path.trim_start_matches('/'))
    }
}

impl Resource for FunctionUrl {
    fn cloudformation(&self, template: &mut Template) {
        let properties =
            [("AuthType", text("NONE")), ("TargetFunctionArn", Kind::Function.id().arn().into())];
        template.resource(Kind::FunctionUrl.id(), "AWS::Lambda::Url", properties);
        template.output("UploadUrl", super::UPLOAD_URL, self.upload_url());
    }

    fn terraform(&self, module: &mut Module) {
        let body =
            [("function_name", Kind::Function.id().name().into()), ("authorization_type", text("NONE"))];
        module.require_provider(PROVIDER.0, PROVIDER.1);
        module.resource(Kind::FunctionUrl.id(), body);
        module.output("upload_url", super::UPLOAD_URL, self.upload_url());
    }
}
