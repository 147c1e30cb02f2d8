//! Statements of the function's resource policy: who may invoke the function.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind, Reference};
use super::super::terraform::Module;
use crate::node::{Node, text};

/// One statement of the function's resource policy.
#[derive(Debug)]
pub(super) struct Permission {
    pub(super) id: Id,
    pub(super) action: &'static str,
    pub(super) principal: &'static str,
    pub(super) source: Source,
}

/// The invocations that a statement allows.
#[derive(Debug)]
pub(super) enum Source {
    /// Those by the resource with this ARN, in which `*` matches any text.
    Arn(String),
    /// Those by the target group of the stack.
    TargetGroup,
    /// Those through a function URL whose `AuthType` is `NONE`.
    UnauthenticatedUrl,
    /// Those that arrived through the function URL.
    Url,
}

impl Permission {
    /// Permits API Gateway to invoke the function for this method and path of the API, in every stage.
    pub(super) fn for_gateway(api: Kind, method: &str, path: &str) -> Self {
        Self {
            id: Kind::ApiPermission.id(),
            action: "lambda:InvokeFunction",
            principal: "apigateway.amazonaws.com",
            source: Source::Arn(format!("{}/*/{method}{path}", api.id().execution_arn())),
        }
    }

    /// Permits everyone to invoke the function through its URL.
    ///
    /// Lambda evaluates two actions: `lambda:InvokeFunctionUrl` for the URL and `lambda:InvokeFunction` for the function
    /// behind it. It enforces the second one for URLs created since October 2025. The conditions keep everyone from invoking the
    /// function in any other way.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
    pub(super) fn for_url() -> [Self; 2] {
        let permission = |kind: Kind, action, source| Self { id: kind.id(), action, principal: "*", source };
        [
            permission(Kind::UrlPermission, "lambda:InvokeFunctionUrl", Source::UnauthenticatedUrl),
            permission(Kind::ApiPermission, "lambda:InvokeFunction", Source::Url),
        ]
    }

    /// Permits the load balancer to invoke the function for the target group.
    ///
    /// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.
    pub(super) fn for_load_balancer() -> Self {
        Self {
            id: Kind::ApiPermission.id(),
            action: "lambda:InvokeFunction",
            principal: "elasticloadbalancing.amazonaws.com",
            source: Source::TargetGroup,
        }
    }
}

impl Resource for Permission {
    fn cloudformation(&self, template: &mut Template) {
        let mut properties = vec![
            ("Action", text(self.action)),
            ("FunctionName", Kind::Function.id().name().into()),
            ("Principal", text(self.principal)),
        ];
        match &self.source {
            Source::Arn(arn) => properties.push(("SourceArn", text(arn))),
            Source::TargetGroup => properties.extend([
                ("SourceArn", Kind::TargetGroup.id().arn_pattern().into()),
                ("SourceAccount", Reference::Account.into()),
            ]),
            Source::UnauthenticatedUrl => properties.push(("FunctionUrlAuthType", text("NONE"))),
            Source::Url => properties.push(("InvokedViaFunctionUrl", true.into())),
        }
        template.resource(self.id, "AWS::Lambda::Permission", properties);
    }

    fn terraform(&self, module: &mut Module) {
        let mut body: Vec<(&str, Node)> = vec![
            ("action", text(self.action)),
            ("function_name", Kind::Function.id().name().into()),
            ("principal", text(self.principal)),
        ];
        match &self.source {
            Source::Arn(arn) => body.push(("source_arn", text(arn))),
            Source::TargetGroup => body.extend([
                ("source_arn", Kind::TargetGroup.id().arn_pattern().into()),
                ("source_account", Reference::Account.into()),
            ]),
            Source::UnauthenticatedUrl => body.push(("function_url_auth_type", text("NONE"))),
            Source::Url => body.push(("invoked_via_function_url", true.into())),
        }
        module.resource(self.id, body);
    }
}
