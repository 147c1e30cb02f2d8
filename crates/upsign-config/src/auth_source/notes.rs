//! What an API and its authorizer need in addition to the configuration.

use upsign_documents::{ApiAuthorizer, ApiKind};

use crate::auth::Auth;
use crate::units;

/// The maximum size of the request line and the headers that API Gateway accepts, in bytes.
///
/// Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const GATEWAY_HEADERS: usize = 10_240;

/// The size of the request line and the headers other than the token, in bytes: those of a browser have about 1 KiB.
const OTHER_HEADERS: usize = 1_024;

/// The maximum size of one header that a load balancer accepts, in bytes.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>.
const BALANCER_HEADER: usize = 16_384;

/// Returns the length of the longest token that an API of this kind lets through, and its limit, for people. AWS documents no limit
/// for function URLs.
pub(crate) const fn largest_token(api: ApiKind) -> Option<(usize, &'static str)> {
    match api {
        ApiKind::Rest | ApiKind::Http => Some((
            GATEWAY_HEADERS - OTHER_HEADERS,
            "API Gateway accepts 10 KiB for the request line and all headers together",
        )),
        ApiKind::LoadBalancer => {
            Some((BALANCER_HEADER - "Bearer ".len(), "a load balancer accepts 16 KiB for a single header"))
        }
        _ => None,
    }
}

/// Returns what the authorizer of an API needs.
pub(super) fn of_authorizer(authorizer: &ApiAuthorizer, api: ApiKind) -> Option<String> {
    let otherwise = "set auth.source = \"token\" to verify tokens in the function";
    match authorizer {
        ApiAuthorizer::Jwt { issuer, .. } => Some(format!(
            "API Gateway reads the keys that {}/.well-known/openid-configuration names, not auth.jwks_uri; without such a document, \
             the deployment fails: {otherwise}",
            issuer.trim_end_matches('/')
        )),
        ApiAuthorizer::Cognito { user_pool, .. } => Some(format!(
            "the authorizer expects the user pool {user_pool} in the account of the stack; if it is in another one, {otherwise}"
        )),
        ApiAuthorizer::Lambda => {
            let answer = match api {
                ApiKind::Rest => "an IAM policy with a context",
                _ => "{\"isAuthorized\": true, \"context\": {…}}",
            };
            Some(format!(
                "deploy with the ARN of your Lambda authorizer as AuthorizerFunctionArn (in Terraform, authorizer_function_arn); it \
                 must be in the account and region of the stack, and return {answer}, in which auth.subject_claim is a member"
            ))
        }
        ApiAuthorizer::Iam => {
            let needed = match api {
                ApiKind::FunctionUrl => {
                    "lambda:InvokeFunctionUrl and lambda:InvokeFunction for the function; browsers cannot call it, because Lambda also \
                     demands a signature of preflights"
                }
                _ => {
                    "execute-api:Invoke for the API, for example in the role of the identity pool for authenticated users"
                }
            };
            Some(format!("the stack permits nobody to call the API; permit {needed}"))
        }
        _ => None,
    }
}

/// Returns what sending tokens to an API of this kind needs.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html>.
pub(super) fn of_tokens(auth: &Auth, api: ApiKind) -> Vec<String> {
    let exceeded =
        largest_token(api).filter(|(largest, _)| auth.gateway.is_none() && auth.max_token_bytes > *largest);
    let size = exceeded.map(|(_, limit)| {
        let size = units::format_size(auth.max_token_bytes as u64);
        format!("auth.max_token_size is {size}, but {limit}")
    });
    let is_signed = api == ApiKind::FunctionUrl && !auth.token_header.is_authorization();
    let signed = is_signed.then(|| {
        "if CloudFront signs the requests with origin access control, change the AuthType of the function URL to AWS_IAM, and its \
         permissions to the principal cloudfront.amazonaws.com with the ARN of the distribution; clients then also send \
         x-amz-content-sha256, which cors.allow_headers must list"
            .to_owned()
    });
    size.into_iter().chain(signed).collect()
}
