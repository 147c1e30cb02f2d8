//! A function URL.

use super::super::Resource;
use super::super::declared::{Declared, Output};
use super::super::reference::Kind;
use super::permission;
use crate::deployment::{ApiAuthorizer, Deployment};

/// The first version of the Terraform provider whose permissions have `invoked_via_function_url`.
///
/// Source: <https://github.com/hashicorp/terraform-provider-aws/blob/main/CHANGELOG.md>.
const PROVIDER: (u32, u32) = (6, 28);

/// Returns the URL of the function, with the permissions to invoke it.
///
/// It has no CORS configuration. The function answers preflights and adds the CORS headers itself; Lambda would add its own to
/// them, and browsers reject an answer with two `Access-Control-Allow-Origin`. It has no limit of requests either: Lambda
/// accepts ten times as many requests per second as the function has reserved instances.
///
/// Terraform's `aws_lambda_function_url` adds both permissions itself when it creates a URL, since the version with
/// [`PROVIDER`], but does not record them: it neither shows nor restores nor removes them. So the module has its own as well;
/// the function's policy then contains each statement twice, which permits nothing more.
///
/// With IAM, no statement permits anybody: callers of the same account need the permissions in policies of their own. Lambda
/// then also demands a signature of preflights, which browsers send without one, so no web page can call the URL.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>,
/// <https://github.com/hashicorp/terraform-provider-aws/pull/44858>,
/// <https://github.com/hashicorp/terraform-provider-aws/issues/38260>.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let is_iam = deployment.authorizer == ApiAuthorizer::Iam;
    let kind = if is_iam { "AWS_IAM" } else { "NONE" };
    let url = Declared::new(Kind::FunctionUrl.id())
        .in_terraform("function_name", Kind::Function.id().name())
        .in_terraform("authorization_type", kind)
        .in_cloudformation("AuthType", kind)
        .in_cloudformation("TargetFunctionArn", Kind::Function.id().arn());
    let url = if is_iam { url } else { url.requires_provider(PROVIDER) };
    // A function URL ends in a slash.
    let url_of = |path: &str| format!("{}{}", Kind::FunctionUrl.id().url(), path.trim_start_matches('/'));
    let output = Output::new("UploadUrl", super::UPLOAD_URL, url_of(&deployment.path));
    let mut resources: Vec<Box<dyn Resource>> = vec![Box::new(url), Box::new(output)];
    if deployment.has_tokens() {
        let output = Output::new("UploadsUrl", super::UPLOADS_URL, url_of(&deployment.uploads_path));
        resources.push(Box::new(output));
    }
    if !is_iam {
        resources.extend(permission::for_url().map(|permission| Box::new(permission) as Box<dyn Resource>));
    }
    resources
}
