//! What identifies the caller before an API invokes the function: which kind of API has which authorizer, and the authorizers
//! themselves.

use upsign_core::{Partition, TokenHeader};

use super::super::declared::{Declared, Parameter};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{block, expression};
use super::super::{InvalidDeployment, Resource};
use super::permission;
use crate::deployment::{ApiAuthorizer, ApiKind, Deployment};
use crate::node::{Node, list, map, text};

/// The time for which API Gateway reuses the answer of a Lambda authorizer: none. It would reuse an answer for every request with
/// an equal token header, but the function may have decided by other parts of the request as well. The default of a REST API is
/// five minutes.
const RESULT_TTL_SECONDS: u32 = 0;

const FUNCTION_ARN: &str = "AuthorizerFunctionArn";
const DESCRIPTION: &str =
    "ARN of the function of the Lambda authorizer, in the account and region of the stack";

/// Returns what a Lambda authorizer needs besides the authorizer itself: the ARN of its function, and the permission to invoke
/// it. Empty for other authorizers.
pub(super) fn resources(deployment: &Deployment, api: Kind) -> Vec<Box<dyn Resource>> {
    match deployment.authorizer {
        ApiAuthorizer::Lambda => {
            vec![Box::new(function_arn()), Box::new(permission::for_authorizer(api))]
        }
        _ => Vec::new(),
    }
}

fn function_arn() -> Parameter {
    let pattern = "^arn:[^:]+:lambda:[^:]+:[0-9]{12}:function:[a-zA-Z0-9_-]+(:[^:]+)?$";
    let fits = expression(format!("can(regex(\"{pattern}\", var.authorizer_function_arn))"));
    let message =
        text("The ARN must be that of a Lambda function, as in arn:aws:lambda:REGION:ACCOUNT:function:NAME.");
    Parameter {
        name: FUNCTION_ARN,
        description: DESCRIPTION,
        parameter: Some(("String", None)),
        restrictions: vec![("AllowedPattern", text(pattern))],
        variable: Some(("string", None)),
        validation: Some(block([("condition", fits), ("error_message", message)])),
        ..Parameter::default()
    }
}

/// Returns the authorizer of a REST API as a security scheme, and its name; `None` if the function verifies tokens.
///
/// A Cognito authorizer reads the header that the scheme names. The term `awsSigv4` stands for IAM.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>.
pub(super) fn scheme(deployment: &Deployment) -> Option<(String, Node)> {
    let header = header_name(&deployment.token_header);
    let (name, header, kind, authorizer) = match &deployment.authorizer {
        ApiAuthorizer::Cognito { user_pool, .. } => {
            let kind = "cognito_user_pools";
            let pools = list([pool_arn(user_pool)]);
            ("Cognito", header, kind, Some(map([("type", text(kind)), ("providerARNs", pools)])))
        }
        ApiAuthorizer::Lambda => {
            let authorizer = map([
                ("type", text("request")),
                ("identitySource", text(format!("method.request.header.{header}"))),
                ("authorizerUri", text(function_uri())),
                ("authorizerResultTtlInSeconds", RESULT_TTL_SECONDS.into()),
            ]);
            ("Lambda", header, "custom", Some(authorizer))
        }
        ApiAuthorizer::Iam => ("Iam", AUTHORIZATION, "awsSigv4", None),
        ApiAuthorizer::None | ApiAuthorizer::Jwt { .. } => return None,
    };
    let authorizer = authorizer.map(|authorizer| ("x-amazon-apigateway-authorizer", authorizer));
    let scheme = [
        ("type", text("apiKey")),
        ("name", text(header)),
        ("in", text("header")),
        ("x-amazon-apigateway-authtype", text(kind)),
    ];
    Some((name.into(), map(scheme.into_iter().chain(authorizer))))
}

/// Returns the ARN of a user pool in the account of the stack.
fn pool_arn(user_pool: &str) -> String {
    // The id of a pool starts with its region, as in `eu-west-1_AbCdEf123`.
    let region = user_pool.split_once('_').map_or(user_pool, |(region, _)| region);
    let partition = region.parse().map_or("aws", |region| Partition::of(&region).name());
    format!("arn:{partition}:cognito-idp:{region}:{}:userpool/{user_pool}", Reference::ACCOUNT)
}

const AUTHORIZATION: &str = "Authorization";

/// Returns the name of the header in the spelling of the documentation of API Gateway. Names are case-insensitive.
fn header_name(header: &TokenHeader) -> &str {
    if header.is_authorization() { AUTHORIZATION } else { header.as_str() }
}

/// Returns the authorizer of an HTTP API; `None` if it has none, or only IAM.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>.
pub(super) fn of_http(deployment: &Deployment) -> Option<Declared> {
    let source = format!("$request.header.{}", header_name(&deployment.token_header));
    let authorizer = |name: &str, kind: &str| {
        Declared::new(Kind::HttpAuthorizer.id())
            .with("ApiId", Kind::HttpApi.id().reference())
            .with("Name", name)
            .with("AuthorizerType", kind)
            .with("IdentitySource", list([source]))
    };
    match &deployment.authorizer {
        ApiAuthorizer::Jwt { issuer, audiences, .. } => {
            let audiences = list(audiences.iter().map(String::as_str));
            let accepted = map([("Issuer", text(issuer)), ("Audience", audiences)]);
            Some(authorizer("tokens", "JWT").with("JwtConfiguration", accepted))
        }
        ApiAuthorizer::Lambda => Some(
            authorizer("callers", "REQUEST")
                .with("AuthorizerUri", function_uri())
                .with("AuthorizerPayloadFormatVersion", "2.0")
                .with("EnableSimpleResponses", true)
                .with("AuthorizerResultTtlInSeconds", RESULT_TTL_SECONDS),
        ),
        _ => None,
    }
}

/// Returns the properties of the route of an HTTP API that say what identifies its callers.
pub(super) fn of_route(deployment: &Deployment) -> Vec<(&'static str, Node)> {
    let authorizer = || ("AuthorizerId", Kind::HttpAuthorizer.id().reference().into());
    match &deployment.authorizer {
        ApiAuthorizer::Jwt { scopes, .. } => {
            let scopes = (!scopes.is_empty())
                .then(|| ("AuthorizationScopes", list(scopes.iter().map(String::as_str))));
            [("AuthorizationType", text("JWT")), authorizer()].into_iter().chain(scopes).collect()
        }
        ApiAuthorizer::Lambda => vec![("AuthorizationType", text("CUSTOM")), authorizer()],
        ApiAuthorizer::Iam => vec![("AuthorizationType", text("AWS_IAM"))],
        _ => Vec::new(),
    }
}

/// Returns the URI with which API Gateway invokes the function of the Lambda authorizer.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>.
fn function_uri() -> String {
    let (partition, region) = (Reference::PARTITION, Reference::REGION);
    let function = Reference::AUTHORIZER_FUNCTION;
    format!("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations")
}

/// Checks that the kind of API has such an authorizer, and that the authorizer is complete.
pub(super) fn check(deployment: &Deployment) -> Result<(), InvalidDeployment> {
    let (api, authorizer) = (deployment.api, &deployment.authorizer);
    let is_blank = |text: &String| text.trim().is_empty();
    let problem = match (api, authorizer) {
        _ if !api.has_authorizer(authorizer) => lack(api, authorizer),
        (_, ApiAuthorizer::Cognito { user_pool, .. }) if is_blank(user_pool) => {
            "the Cognito authorizer has no user pool"
        }
        (_, ApiAuthorizer::Jwt { issuer, .. }) if is_blank(issuer) => "the JWT authorizer has no issuer",
        (_, ApiAuthorizer::Jwt { audiences, .. }) if audiences.iter().all(is_blank) => {
            "the JWT authorizer has no audience, so it would reject every token"
        }
        _ => return Ok(()),
    };
    Err(InvalidDeployment::Authorizer(problem))
}

/// Returns why an API has no such authorizer, and what to use.
const fn lack(api: ApiKind, authorizer: &ApiAuthorizer) -> &'static str {
    match (api, authorizer) {
        (ApiKind::Rest, _) => {
            "no JWT authorizer is generated for a REST API: use an HTTP API, a Cognito authorizer, or none, so that the function verifies tokens"
        }
        (ApiKind::Http, _) => {
            "an HTTP API has no Cognito authorizer: use a REST API, a JWT authorizer, or none, so that the function verifies tokens"
        }
        (ApiKind::FunctionUrl, _) => {
            "a function URL has no authorizer but IAM: use none, so that the function verifies tokens"
        }
        (ApiKind::LoadBalancer, ApiAuthorizer::Iam) => {
            "a load balancer does not verify signatures of AWS credentials: use a REST API, an HTTP API or a function URL"
        }
        (ApiKind::LoadBalancer, _) => {
            "a listener rule of a load balancer gets no authorizer: use none, so that the function verifies tokens"
        }
    }
}
