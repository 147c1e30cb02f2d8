//! What identifies callers before the function is invoked: Lambda authorizers, IAM, and tokens in another header, for every kind
//! of API in CloudFormation and Terraform alike.

use serde_json::{Value, json};
use upsign_core::TokenHeader;
use upsign_documents::{ApiAuthorizer, ApiKind, Deployment, OpenApi, OpenApiVersion, sam_template};

use crate::apis::{GATEWAYS, KINDS, assert_has_lines, blocks, of, only, template};

const FUNCTION: &str = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${AuthorizerFunctionArn}/invocations";
const FUNCTION_IN_TERRAFORM: &str = "\"arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.id}:lambda:path/2015-03-31/functions/${var.authorizer_function_arn}/invocations\"";

pub(crate) fn header() -> TokenHeader {
    "x-upload-token".parse().unwrap()
}

pub(crate) fn lambda(api: ApiKind) -> Deployment {
    of(api).with_authorizer(ApiAuthorizer::Lambda)
}

pub(crate) fn iam(api: ApiKind) -> Deployment {
    of(api).with_authorizer(ApiAuthorizer::Iam)
}

/// Returns every deployment of this file, with a name.
pub(crate) fn all() -> Vec<(&'static str, Deployment)> {
    vec![
        ("rest with a Lambda authorizer", lambda(ApiKind::Rest)),
        ("http with a Lambda authorizer", lambda(ApiKind::Http).with_token_header(header())),
        ("rest with IAM", iam(ApiKind::Rest)),
        ("http with IAM", iam(ApiKind::Http)),
        ("url with IAM", iam(ApiKind::FunctionUrl)),
        ("rest with a token header", of(ApiKind::Rest).with_token_header(header())),
        ("http with a token header", of(ApiKind::Http).with_token_header(header())),
        ("url with a token header", of(ApiKind::FunctionUrl).with_token_header(header())),
    ]
}

/// Returns the document that the REST API of a template imports.
fn document(template: &Value) -> &Value {
    &only(template, "AWS::Serverless::Api")["DefinitionBody"]
}

#[test]
fn rest_api_has_a_lambda_authorizer_of_type_request() {
    let deployment = lambda(ApiKind::Rest);
    let template = template(&deployment);
    let scheme = &document(&template)["components"]["securitySchemes"]["Lambda"];
    let expected = json!({
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "request", "identitySource": "method.request.header.Authorization",
            "authorizerUri": {"Fn::Sub": FUNCTION}, "authorizerResultTtlInSeconds": 0,
        },
    });
    assert_eq!(*scheme, expected);
    let api = &blocks(&deployment, "aws_api_gateway_rest_api")[0];
    let uri = format!("authorizerUri = {FUNCTION_IN_TERRAFORM}");
    assert_has_lines(api, &["Lambda = []", "authorizerResultTtlInSeconds = 0", &uri]);
}

#[test]
fn http_api_has_a_lambda_authorizer_with_simple_responses() {
    let deployment = lambda(ApiKind::Http);
    let template = template(&deployment);
    let expected = json!({
        "ApiId": {"Ref": "UploadApi"}, "Name": "callers", "AuthorizerType": "REQUEST",
        "IdentitySource": ["$request.header.Authorization"], "AuthorizerUri": {"Fn::Sub": FUNCTION},
        "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true, "AuthorizerResultTtlInSeconds": 0,
    });
    assert_eq!(*only(&template, "AWS::ApiGatewayV2::Authorizer"), expected);
    let route = only(&template, "AWS::ApiGatewayV2::Route");
    assert_eq!(route["AuthorizationType"], "CUSTOM");
    assert_eq!(route["AuthorizerId"], json!({"Ref": "UploadApiAuthorizer"}));
    let uri = format!("authorizer_uri = {FUNCTION_IN_TERRAFORM}");
    assert_has_lines(
        &blocks(&deployment, "aws_apigatewayv2_authorizer")[0],
        &[
            "authorizer_type = \"REQUEST\"",
            "authorizer_payload_format_version = \"2.0\"",
            "enable_simple_responses = true",
            "authorizer_result_ttl_in_seconds = 0",
            &uri,
        ],
    );
    assert_has_lines(
        &blocks(&deployment, "aws_apigatewayv2_route")[0],
        &["authorization_type = \"CUSTOM\"", "authorizer_id = aws_apigatewayv2_authorizer.uploads.id"],
    );
}

#[test]
fn function_of_the_lambda_authorizer_is_a_parameter_that_the_api_may_invoke() {
    for api in GATEWAYS {
        let deployment = lambda(api);
        let template = template(&deployment);
        let parameter = &template["Parameters"]["AuthorizerFunctionArn"];
        assert_eq!((&parameter["Type"], parameter.get("Default")), (&json!("String"), None), "{api:?}");
        let pattern = parameter["AllowedPattern"].as_str().unwrap();
        assert!(pattern.starts_with("^arn:") && pattern.ends_with('$'), "{pattern}");
        let permission = &template["Resources"]["UploadAuthorizerPermission"];
        let source =
            "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${UploadApi}/authorizers/*";
        let expected = json!({
            "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "AuthorizerFunctionArn"},
            "Principal": "apigateway.amazonaws.com", "SourceArn": {"Fn::Sub": source},
        });
        assert_eq!(permission["Properties"], expected, "{api:?}");
        let module = upsign_documents::terraform_module(&deployment).unwrap().to_hcl();
        let (_, variable) = module.split_once("variable \"authorizer_function_arn\"").unwrap();
        let (variable, _) = variable.split_once("\n}\n").unwrap();
        assert!(variable.contains("can(regex(") && !variable.contains("default"), "{variable}");
        let permissions = blocks(&deployment, "aws_lambda_permission");
        let own = permissions
            .iter()
            .find(|lines| lines.iter().any(|line| line == "function_name = var.authorizer_function_arn"));
        let api = if api == ApiKind::Rest { "aws_api_gateway_rest_api" } else { "aws_apigatewayv2_api" };
        let source = format!("source_arn = \"${{{api}.uploads.execution_arn}}/authorizers/*\"");
        assert_has_lines(own.unwrap(), &[&source]);
    }
    assert!(!sam_template(&of(ApiKind::Rest)).unwrap().to_json().contains("AuthorizerFunctionArn"));
}

#[test]
fn iam_is_demanded_of_uploads_and_not_of_preflights() {
    let deployment = iam(ApiKind::Rest);
    let rest = template(&deployment);
    let document = document(&rest);
    let path = &document["paths"]["/upload-url"];
    assert_eq!(path["post"]["security"], json!([{"Iam": []}]));
    assert_eq!(path["options"].get("security"), None);
    let scheme = json!({
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
    });
    assert_eq!(document["components"]["securitySchemes"], json!({"Iam": scheme}));

    let http = template(&iam(ApiKind::Http));
    let route = only(&http, "AWS::ApiGatewayV2::Route");
    assert_eq!((&route["AuthorizationType"], route.get("AuthorizerId")), (&json!("AWS_IAM"), None));
    assert!(!http.to_string().contains("AWS::ApiGatewayV2::Authorizer"));
    // Only the route of uploads demands it, so the API answers preflights itself.
    assert_eq!(route["RouteKey"], "POST /upload-url");
    assert_has_lines(
        &blocks(&iam(ApiKind::Http), "aws_apigatewayv2_route")[0],
        &["authorization_type = \"AWS_IAM\""],
    );
}

#[test]
fn function_url_with_iam_permits_nobody_by_itself() {
    let deployment = iam(ApiKind::FunctionUrl);
    let template = template(&deployment);
    assert_eq!(only(&template, "AWS::Lambda::Url")["AuthType"], "AWS_IAM");
    assert!(!template.to_string().contains("AWS::Lambda::Permission"));
    let url = &blocks(&deployment, "aws_lambda_function_url")[0];
    assert_has_lines(url, &["authorization_type = \"AWS_IAM\""]);
    assert!(blocks(&deployment, "aws_lambda_permission").is_empty());
}

#[test]
fn token_header_is_read_by_the_authorizer_and_allowed_for_pages() {
    let rest = template(&of(ApiKind::Rest).with_token_header(header()));
    let document = document(&rest);
    assert_eq!(document["components"]["securitySchemes"]["Cognito"]["name"], "x-upload-token");
    let options = &document["paths"]["/upload-url"]["options"]["x-amazon-apigateway-integration"];
    let answer = &options["responses"]["default"]["responseParameters"];
    let allowed = &answer["method.response.header.Access-Control-Allow-Headers"];
    assert_eq!(allowed, "'x-upload-token, content-type'");

    for deployment in [of(ApiKind::Http), lambda(ApiKind::Http)] {
        let http = template(&deployment.with_token_header(header()));
        let source = &only(&http, "AWS::ApiGatewayV2::Authorizer")["IdentitySource"];
        assert_eq!(*source, json!(["$request.header.x-upload-token"]));
        let cors = &only(&http, "AWS::ApiGatewayV2::Api")["CorsConfiguration"];
        assert_eq!(cors["AllowHeaders"], json!(["x-upload-token", "content-type"]));
    }
    let rest = template(&lambda(ApiKind::Rest).with_token_header(header()));
    let scheme = &self::document(&rest)["components"]["securitySchemes"]["Lambda"];
    let source = &scheme["x-amazon-apigateway-authorizer"]["identitySource"];
    assert_eq!(
        (&scheme["name"], source),
        (&json!("x-upload-token"), &json!("method.request.header.x-upload-token"))
    );
}

#[test]
fn access_logs_do_not_contain_the_token_header() {
    let mut logs = 0;
    for (name, deployment) in all() {
        let template = template(&deployment).to_string();
        for (at, _) in template.match_indices("\"Format\":") {
            let format = &template[at..];
            let format = &format[..format.find("\\\"}\"").unwrap()];
            assert!(!format.contains("x-upload-token") && !format.contains("header"), "{name}: {format}");
            logs += 1;
        }
    }
    assert_eq!(logs, 6, "every REST and HTTP API has an access log");
}

#[test]
fn pages_may_send_the_headers_of_a_signature() {
    for api in GATEWAYS {
        let template = template(&iam(api)).to_string();
        let separator = if api == ApiKind::Rest { ", " } else { "\",\"" };
        let headers =
            ["authorization", "content-type", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
        assert!(template.contains(&headers.join(separator)), "{api:?}");
        let others = sam_template(&of(api)).unwrap().to_json();
        assert!(!others.contains("x-amz-date"), "{api:?}");
    }
}

#[test]
fn function_learns_what_identifies_callers() {
    for (deployment, source) in [
        (lambda(ApiKind::Rest), "lambda-authorizer"),
        (lambda(ApiKind::Http), "lambda-authorizer"),
        (iam(ApiKind::Rest), "iam"),
        (iam(ApiKind::Http), "iam"),
        (iam(ApiKind::FunctionUrl), "iam"),
        (of(ApiKind::Rest).with_token_header(header()), "authorizer"),
        (of(ApiKind::FunctionUrl).with_token_header(header()), "token"),
    ] {
        let template = template(&deployment);
        let variables = &only(&template, "AWS::Serverless::Function")["Environment"]["Variables"];
        assert_eq!(*variables, json!({"UPSIGN_AUTH_SOURCE": source}));
    }
}

/// Only a function that verifies tokens fetches keys, so behind a gateway that identifies callers the alarm would never change its
/// state.
#[test]
fn alarm_on_keys_is_generated_only_if_the_function_verifies_tokens() {
    let unverified = KINDS.map(|api| (of(api).with_authorizer(ApiAuthorizer::None), true));
    let identified = [
        of(ApiKind::Rest),
        of(ApiKind::Http),
        lambda(ApiKind::Rest),
        lambda(ApiKind::Http),
        iam(ApiKind::Rest),
        iam(ApiKind::Http),
        iam(ApiKind::FunctionUrl),
    ];
    for (deployment, has_alarm) in unverified.into_iter().chain(identified.map(|it| (it, false))) {
        let template = sam_template(&deployment).unwrap().to_json();
        let module = upsign_documents::terraform_module(&deployment).unwrap().to_hcl();
        let (api, authorizer) = (deployment.api(), deployment.authorizer());
        for text in [template, module] {
            assert_eq!(text.contains("JwksRefreshFailures"), has_alarm, "{api:?} {authorizer:?}");
            assert!(text.contains("CredentialsRefreshFailures"), "{api:?} {authorizer:?}");
        }
    }
}

#[test]
fn description_says_how_callers_authenticate() {
    let described = |deployment: &Deployment| -> Value {
        serde_json::from_str(&OpenApi::for_deployment(deployment).to_json(OpenApiVersion::V3_1)).unwrap()
    };
    let scheme = |deployment: &Deployment| described(deployment)["components"]["securitySchemes"].clone();
    let bearer = json!({"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}});
    assert_eq!(scheme(&of(ApiKind::Rest)), bearer);
    let token = scheme(&of(ApiKind::FunctionUrl).with_token_header(header()));
    assert_eq!((&token["bearer"]["type"], &token["bearer"]["in"]), (&json!("apiKey"), &json!("header")));
    assert_eq!(token["bearer"]["name"], "x-upload-token");
    let custom = scheme(&lambda(ApiKind::Http).with_token_header(header()));
    assert_eq!(custom, json!({"header": {"type": "apiKey", "in": "header", "name": "x-upload-token"}}));
    let signature = scheme(&iam(ApiKind::Rest));
    assert_eq!(signature["sigv4"]["name"], "Authorization");

    // The challenge names the header, and is absent where no bearer token is sent.
    let challenge = |deployment: &Deployment| {
        let post = &described(deployment)["paths"]["/upload-url"]["post"];
        post["responses"]["401"]["headers"].get("WWW-Authenticate").is_some()
    };
    assert!(challenge(&of(ApiKind::FunctionUrl).with_token_header(header())));
    assert!(!challenge(&lambda(ApiKind::Http)) && !challenge(&iam(ApiKind::FunctionUrl)));
    // Lambda demands a signature of preflights as well.
    let operations = |api: ApiKind| {
        let operations = described(&iam(api))["paths"]["/upload-url"].clone();
        operations.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(operations(ApiKind::FunctionUrl), ["post"]);
    assert!(operations(ApiKind::Rest).contains(&"options".to_owned()));
}
