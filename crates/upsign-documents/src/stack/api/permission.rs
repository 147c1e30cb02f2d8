//! Statements of the function's resource policy: who may invoke the function.

use super::super::declared::Declared;
use super::super::reference::{Id, Kind, Reference};
use crate::deployment::Deployment;

const INVOKE: &str = "lambda:InvokeFunction";

/// The number of the first permission for a path of a dialect.
const OF_DIALECTS: usize = 3;

fn permission(kind: Kind, action: &str, principal: &str) -> Declared {
    permission_with_id(kind.id(), action, principal)
}

fn permission_with_id(id: Id, action: &str, principal: &str) -> Declared {
    permission_for(id, Kind::Function.id().name(), action, principal)
}

fn permission_for(id: Id, function: Reference, action: &str, principal: &str) -> Declared {
    Declared::new(id).with("Action", action).with("FunctionName", function).with("Principal", principal)
}

/// Permits API Gateway to invoke the function for this method and the paths of the API, in every stage. Those at which uploads
/// continue have a permission of their own, and so does the one at which they are deleted, and each path of a dialect.
pub(super) fn for_gateway(api: Kind, method: &str, deployment: &Deployment) -> Vec<Declared> {
    let permission = |index, method, path: &str| {
        let source = format!("{}/*/{method}{path}", api.id().execution_arn());
        permission_with_id(Kind::ApiPermission.nth(index), INVOKE, "apigateway.amazonaws.com")
            .with("SourceArn", source)
    };
    let issue = permission(0, method, &deployment.path);
    let continued = deployment.upload_paths_pattern().map(|pattern| permission(1, method, &pattern));
    // `*` if the function answers preflights, too.
    let of_deletion = if method == "*" { "*" } else { "DELETE" };
    let deletion = deployment.deletion_path().map(|path| permission(2, of_deletion, path));
    let of_dialects = deployment.paths_of_dialects().map(|path| {
        let only = path.methods.first().filter(|_| path.methods.len() == 1 && method != "*");
        permission(OF_DIALECTS + path.number, only.unwrap_or(&"*"), &path.pattern())
    });
    [issue].into_iter().chain(continued).chain(deletion).chain(of_dialects).collect()
}

/// Permits API Gateway to invoke the function of the Lambda authorizer for every authorizer of the API: the id of the one that a REST
/// API imports is not an attribute of any resource.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html>.
pub(super) fn for_authorizer(api: Kind) -> Declared {
    let source = format!("{}/authorizers/*", api.id().execution_arn());
    let function = Reference::AUTHORIZER_FUNCTION;
    permission_for(Kind::AuthorizerPermission.id(), function, INVOKE, "apigateway.amazonaws.com")
        .with("SourceArn", source)
}

/// Permits everyone to invoke the function through its URL.
///
/// Lambda evaluates two actions: `lambda:InvokeFunctionUrl` for the URL and `lambda:InvokeFunction` for the function behind it.
/// It enforces the second one for URLs created since October 2025. The conditions keep everyone from invoking the function in
/// any other way.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
pub(super) fn for_url() -> [Declared; 2] {
    [
        permission(Kind::UrlPermission, "lambda:InvokeFunctionUrl", "*").with("FunctionUrlAuthType", "NONE"),
        permission(Kind::ApiPermission, INVOKE, "*").with("InvokedViaFunctionUrl", true),
    ]
}

/// Permits the load balancer to invoke the function for the target group.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.
pub(super) fn for_load_balancer() -> Declared {
    permission(Kind::ApiPermission, INVOKE, "elasticloadbalancing.amazonaws.com")
        .with("SourceArn", Kind::TargetGroup.id().arn_pattern())
        .with("SourceAccount", Reference::ACCOUNT)
}
