//! What invokes the function: who may do so, what is limited and what is logged, for every kind of API in CloudFormation and
//! Terraform alike.

use serde_json::{Value, json};
use upsign_core::CorsOrigins;
use upsign_documents::{ApiAuthorizer, ApiKind, Deployment, sam_template, terraform_module};

use crate::policies::{authorizer, deployment, jwt_authorizer, two_step_policy};

pub(crate) const KINDS: [ApiKind; 4] =
    [ApiKind::Rest, ApiKind::Http, ApiKind::FunctionUrl, ApiKind::LoadBalancer];
pub(crate) const GATEWAYS: [ApiKind; 2] = [ApiKind::Rest, ApiKind::Http];

/// Returns a deployment with an authorizer where the kind of API has one.
pub(crate) fn of(kind: ApiKind) -> Deployment {
    with_origins(kind, CorsOrigins::listed(["https://app.example.com".parse().unwrap()]))
}

pub(crate) fn with_origins(kind: ApiKind, origins: CorsOrigins) -> Deployment {
    let authorizer = match kind {
        ApiKind::Rest => authorizer(),
        ApiKind::Http => jwt_authorizer(),
        _ => ApiAuthorizer::None,
    };
    Deployment::new([two_step_policy()], origins).with_api(kind).with_authorizer(authorizer)
}

pub(crate) fn template(deployment: &Deployment) -> Value {
    serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap()
}

/// Returns the properties of each resource of a type in a template.
pub(crate) fn properties<'a>(template: &'a Value, kind: &str) -> Vec<&'a Value> {
    let resources = template["Resources"].as_object().unwrap().values();
    resources.filter(|resource| resource["Type"] == kind).map(|resource| &resource["Properties"]).collect()
}

pub(crate) fn only<'a>(template: &'a Value, kind: &str) -> &'a Value {
    match properties(template, kind).as_slice() {
        [one] => one,
        several => panic!("{} resources of type {kind}", several.len()),
    }
}

/// Returns the lines of each resource of a type in a module, without indentation and alignment.
pub(crate) fn blocks(deployment: &Deployment, kind: &str) -> Vec<Vec<String>> {
    let module = terraform_module(deployment).unwrap().to_hcl();
    let head = format!("resource \"{kind}\" ");
    let bodies =
        module.split("\n}\n").filter_map(|block| block.trim_start().strip_prefix(&head).map(str::to_owned));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    bodies.map(|body| body.lines().skip(1).map(words).collect()).collect()
}

#[track_caller]
pub(crate) fn assert_has_lines(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|have| have == line), "{line} is not in\n{}", lines.join("\n"));
    }
}

#[test]
fn api_gateway_may_invoke_the_function_only_for_the_route_of_the_api() {
    for kind in GATEWAYS {
        let (deployment, api) =
            (of(kind), if kind == ApiKind::Rest { "api_gateway_rest_api" } else { "apigatewayv2_api" });
        let template = template(&deployment);
        let expected = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "GetUploadUrlFunction"},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${UploadApi}/*/POST/upload-url"},
        });
        assert_eq!(*only(&template, "AWS::Lambda::Permission"), expected);
        assert_eq!(properties(&template, "AWS::Serverless::Function")[0].get("Events"), None);
        let permissions = blocks(&deployment, "aws_lambda_permission");
        assert_eq!(permissions.len(), 1);
        let source = format!("source_arn = \"${{aws_{api}.uploads.execution_arn}}/*/POST/upload-url\"");
        let lines =
            ["action = \"lambda:InvokeFunction\"", "principal = \"apigateway.amazonaws.com\"", &source];
        assert_has_lines(&permissions[0], &lines);
    }
}

/// Lambda denies requests to a function URL if one of the two permissions is absent.
#[test]
fn function_url_has_both_permissions_and_no_cors_configuration() {
    let deployment = of(ApiKind::FunctionUrl);
    let template = template(&deployment);
    let function = json!({"Ref": "GetUploadUrlFunction"});
    let expected = [
        json!({"Action": "lambda:InvokeFunction", "FunctionName": function, "Principal": "*", "InvokedViaFunctionUrl": true}),
        json!({"Action": "lambda:InvokeFunctionUrl", "FunctionName": function, "Principal": "*", "FunctionUrlAuthType": "NONE"}),
    ];
    assert_eq!(properties(&template, "AWS::Lambda::Permission"), expected.iter().collect::<Vec<_>>());
    let url =
        json!({"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": ["GetUploadUrlFunction", "Arn"]}});
    assert_eq!(*only(&template, "AWS::Lambda::Url"), url);
    let output = json!({"Fn::Sub": "${UploadFunctionUrl.FunctionUrl}upload-url"});
    assert_eq!(template["Outputs"]["UploadUrl"]["Value"], output);

    let permissions = blocks(&deployment, "aws_lambda_permission");
    assert_eq!(permissions.len(), 2);
    assert_has_lines(
        &permissions[0],
        &["action = \"lambda:InvokeFunctionUrl\"", "function_url_auth_type = \"NONE\""],
    );
    assert_has_lines(
        &permissions[1],
        &["action = \"lambda:InvokeFunction\"", "invoked_via_function_url = true"],
    );
    let urls = blocks(&deployment, "aws_lambda_function_url");
    assert_eq!(
        urls[0],
        ["function_name = aws_lambda_function.uploads.function_name", "authorization_type = \"NONE\""]
    );
    // Earlier versions of the provider do not have `invoked_via_function_url`.
    assert!(terraform_module(&deployment).unwrap().to_hcl().contains("version = \">= 6.28\""));
}

#[test]
fn load_balancer_may_invoke_the_function_only_for_its_target_group() {
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";
    let deployment = of(ApiKind::LoadBalancer).with_listener_arn(listener);
    let template = template(&deployment);
    let permission = only(&template, "AWS::Lambda::Permission");
    assert_eq!(permission["Principal"], "elasticloadbalancing.amazonaws.com");
    assert_eq!(permission["SourceAccount"], json!({"Ref": "AWS::AccountId"}));
    let [pattern, values] = permission["SourceArn"]["Fn::Sub"].as_array().unwrap().as_slice() else {
        panic!()
    };
    assert!(pattern.as_str().unwrap().ends_with(":${AWS::AccountId}:targetgroup/${UniqueName}/*"));
    let group = only(&template, "AWS::ElasticLoadBalancingV2::TargetGroup");
    assert_eq!(group["Name"], values["UniqueName"]);
    assert_eq!(group["TargetType"], "lambda");
    assert_eq!(group["Targets"], json!([{"Id": {"Fn::GetAtt": ["GetUploadUrlFunction", "Arn"]}}]));
    let multi_value = json!([{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}]);
    assert_eq!(group["TargetGroupAttributes"], multi_value);
    // The target is accepted only once the permission exists.
    assert_eq!(template["Resources"]["UploadTargets"]["DependsOn"], "UploadApiPermission");
    let rule = only(&template, "AWS::ElasticLoadBalancingV2::ListenerRule");
    assert_eq!(rule["ListenerArn"], json!({"Ref": "ListenerArn"}));
    assert_eq!(rule["Priority"], json!({"Ref": "ListenerRulePriority"}));
    assert_eq!(rule["Conditions"][0]["PathPatternConfig"]["Values"], json!(["/upload-url"]));
    assert_eq!(template["Parameters"]["ListenerArn"]["Default"], listener);

    let permission = &blocks(&deployment, "aws_lambda_permission")[0];
    assert_has_lines(permission, &["source_arn = aws_lb_target_group.uploads.arn"]);
    let group = &blocks(&deployment, "aws_lb_target_group")[0];
    assert_has_lines(group, &["target_type = \"lambda\"", "lambda_multi_value_headers_enabled = true"]);
    let attachment = &blocks(&deployment, "aws_lb_target_group_attachment")[0];
    assert_has_lines(attachment, &["depends_on = [aws_lambda_permission.api]"]);
    let rule = &blocks(&deployment, "aws_lb_listener_rule")[0];
    assert_has_lines(rule, &["listener_arn = var.listener_arn", "priority = var.listener_rule_priority"]);
}

#[test]
fn listener_without_default_must_be_chosen_at_deployment() {
    let template = template(&of(ApiKind::LoadBalancer));
    assert_eq!(template["Parameters"]["ListenerArn"].get("Default"), None);
}

#[test]
fn rest_authorizer_compares_scopes_only_if_there_are_some() {
    for scopes in [vec![], vec!["uploads/write".to_owned(), "uploads/admin".to_owned()]] {
        let authorizer =
            ApiAuthorizer::Cognito { user_pool: "eu-west-1_AbCdEf123".into(), scopes: scopes.clone() };
        let deployment = of(ApiKind::Rest).with_authorizer(authorizer);
        let template = template(&deployment);
        let body = &only(&template, "AWS::Serverless::Api")["DefinitionBody"];
        assert_eq!(body["paths"]["/upload-url"]["post"]["security"], json!([{"Cognito": scopes}]));
        assert_eq!(body["paths"]["/upload-url"]["options"].get("security"), None);
        let authorizer = &body["components"]["securitySchemes"]["Cognito"]["x-amazon-apigateway-authorizer"];
        let pool = "arn:aws:cognito-idp:eu-west-1:${AWS::AccountId}:userpool/eu-west-1_AbCdEf123";
        assert_eq!(authorizer["providerARNs"], json!([{"Fn::Sub": pool}]));
        let listed = scopes.iter().map(|scope| format!("\"{scope}\"")).collect::<Vec<_>>().join(", ");
        let api = &blocks(&deployment, "aws_api_gateway_rest_api")[0];
        assert_has_lines(api, &[&format!("Cognito = [{listed}]")]);
    }
}

#[test]
fn http_authorizer_compares_issuer_audiences_and_scopes() {
    for scopes in [vec![], vec!["uploads/write".to_owned()]] {
        let authorizer = ApiAuthorizer::Jwt {
            issuer: "https://login.example.com".into(),
            audiences: vec!["web".into(), "app".into()],
            scopes: scopes.clone(),
        };
        let deployment = of(ApiKind::Http).with_authorizer(authorizer);
        let template = template(&deployment);
        let jwt = &only(&template, "AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"];
        assert_eq!(*jwt, json!({"Issuer": "https://login.example.com", "Audience": ["web", "app"]}));
        let route = only(&template, "AWS::ApiGatewayV2::Route");
        assert_eq!(route["AuthorizationType"], "JWT");
        assert_eq!(route["AuthorizerId"], json!({"Ref": "UploadApiAuthorizer"}));
        let expected = (!scopes.is_empty()).then(|| json!(scopes));
        assert_eq!(route.get("AuthorizationScopes").cloned(), expected);
        let route = &blocks(&deployment, "aws_apigatewayv2_route")[0];
        assert_has_lines(
            route,
            &["authorization_type = \"JWT\"", "authorizer_id = aws_apigatewayv2_authorizer.uploads.id"],
        );
        let line = "authorization_scopes = [\"uploads/write\"]".to_owned();
        assert_eq!(route.contains(&line), !scopes.is_empty());
        let authorizer = &blocks(&deployment, "aws_apigatewayv2_authorizer")[0];
        assert_has_lines(
            authorizer,
            &["issuer = \"https://login.example.com\"", "audience = [\"web\", \"app\"]"],
        );
    }
}

#[test]
fn the_function_learns_who_verifies_tokens() {
    for kind in KINDS {
        for (authorizer, source) in [(None, "authorizer"), (Some(ApiAuthorizer::None), "token")] {
            let has_authorizer = authorizer.is_none() && GATEWAYS.contains(&kind);
            let source = if has_authorizer { source } else { "token" };
            // A value that was chosen by hand could disagree with the authorizer.
            let deployment = of(kind).with_environment_variable("UPSIGN_AUTH_SOURCE", "other");
            let deployment = authorizer.into_iter().fold(deployment, Deployment::with_authorizer);
            let template = template(&deployment);
            let variables = &only(&template, "AWS::Serverless::Function")["Environment"]["Variables"];
            assert_eq!(*variables, json!({"UPSIGN_AUTH_SOURCE": source}), "{kind:?}");
            let function = &blocks(&deployment, "aws_lambda_function")[0];
            assert_has_lines(function, &[&format!("UPSIGN_AUTH_SOURCE = \"{source}\"")]);
            if kind == ApiKind::Http {
                assert_eq!(
                    properties(&template, "AWS::ApiGatewayV2::Authorizer").len(),
                    usize::from(has_authorizer)
                );
            }
        }
    }
}

#[test]
fn authorizers_of_another_kind_of_api_are_refused() {
    let jwt = |issuer: &str, audiences: &[&str]| ApiAuthorizer::Jwt {
        issuer: issuer.into(),
        audiences: audiences.iter().map(|it| (*it).to_owned()).collect(),
        scopes: Vec::new(),
    };
    let cognito = |pool: &str| ApiAuthorizer::Cognito { user_pool: pool.into(), scopes: Vec::new() };
    let (issuer, pool) = ("https://login.example.com", "eu-west-1_AbCdEf123");
    for (kind, authorizer, message) in [
        (
            ApiKind::Rest,
            jwt(issuer, &["web"]),
            "no JWT authorizer is generated for a REST API: use an HTTP API",
        ),
        (ApiKind::Rest, cognito(""), "the Cognito authorizer has no user pool"),
        (ApiKind::Http, cognito(pool), "an HTTP API has no Cognito authorizer: use a REST API"),
        (ApiKind::Http, jwt("", &["web"]), "the JWT authorizer has no issuer"),
        (ApiKind::Http, jwt(issuer, &[]), "the JWT authorizer has no audience"),
        (ApiKind::FunctionUrl, cognito(pool), "a function URL has no authorizer"),
        (ApiKind::FunctionUrl, jwt(issuer, &["web"]), "a function URL has no authorizer but IAM"),
        (ApiKind::FunctionUrl, ApiAuthorizer::Lambda, "a function URL has no authorizer but IAM"),
        (
            ApiKind::LoadBalancer,
            ApiAuthorizer::Iam,
            "a load balancer does not verify signatures of AWS credentials",
        ),
        (
            ApiKind::LoadBalancer,
            ApiAuthorizer::Lambda,
            "a listener rule of a load balancer gets no authorizer",
        ),
        (ApiKind::LoadBalancer, cognito(pool), "a listener rule of a load balancer gets no authorizer"),
        (
            ApiKind::LoadBalancer,
            jwt(issuer, &["web"]),
            "a listener rule of a load balancer gets no authorizer",
        ),
    ] {
        let deployment = of(kind).with_authorizer(authorizer);
        for error in [sam_template(&deployment).unwrap_err(), terraform_module(&deployment).unwrap_err()] {
            assert!(error.to_string().starts_with(message), "{kind:?}: {error}");
        }
    }
}

/// In an ARN and in the pattern of a listener rule, `*` would permit other paths too.
#[test]
fn paths_with_wildcards_are_refused() {
    for kind in KINDS {
        for path in ["", "upload-url", "/*", "/upload?url", "/{proxy+}", "/a b", "/ä"] {
            let error = sam_template(&of(kind).with_api_path(path)).unwrap_err().to_string();
            assert!(error.starts_with("the path of the API must begin with a slash"), "{error}");
        }
        assert!(sam_template(&of(kind).with_api_path("/v1/upload-url")).is_ok());
    }
}

#[test]
fn gateways_limit_requests() {
    for kind in GATEWAYS {
        for (deployment, rate, burst) in [(of(kind), 50, 100), (of(kind).with_throttle(7, 9), 7, 9)] {
            let template = template(&deployment);
            let expected = json!({"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst});
            let lines =
                [format!("throttling_rate_limit = {rate}"), format!("throttling_burst_limit = {burst}")];
            let stage = if kind == ApiKind::Rest {
                let settings = &only(&template, "AWS::Serverless::Api")["MethodSettings"][0];
                assert_eq!((&settings["HttpMethod"], &settings["ResourcePath"]), (&json!("*"), &json!("/*")));
                assert_eq!(settings["ThrottlingRateLimit"], expected["ThrottlingRateLimit"]);
                assert_eq!(settings["ThrottlingBurstLimit"], expected["ThrottlingBurstLimit"]);
                let settings = blocks(&deployment, "aws_api_gateway_method_settings");
                assert_has_lines(&settings[0], &["method_path = \"*/*\""]);
                settings
            } else {
                assert_eq!(only(&template, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"], expected);
                blocks(&deployment, "aws_apigatewayv2_stage")
            };
            assert_has_lines(&stage[0], &lines.each_ref().map(String::as_str));
        }
    }
}

/// Everything that an entry of the access log contains. No header, no query, no claim and no message can carry a token.
#[test]
fn access_log_contains_no_token() {
    let allowed = [
        "$context.requestId",
        "$context.requestTime",
        "$context.identity.sourceIp",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.routeKey",
        "$context.status",
        "$context.error.responseType",
        "$context.integrationStatus",
        "$context.responseLength",
    ];
    for (kind, stage, setting, block) in [
        (ApiKind::Rest, "AWS::Serverless::Api", "AccessLogSetting", "aws_api_gateway_stage"),
        (ApiKind::Http, "AWS::ApiGatewayV2::Stage", "AccessLogSettings", "aws_apigatewayv2_stage"),
    ] {
        let deployment = of(kind);
        let template = template(&deployment);
        let settings = &only(&template, stage)[setting];
        let format: Value = serde_json::from_str(settings["Format"].as_str().unwrap()).unwrap();
        let entry = format.as_object().unwrap();
        assert_eq!(entry.len(), 9);
        for (name, variable) in entry {
            let variable = variable.as_str().unwrap();
            assert!(allowed.contains(&variable), "{name}: {variable}");
            assert_has_lines(&blocks(&deployment, block)[0], &[&format!("{name} = \"{variable}\"")]);
        }
        let group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${UploadApiLog}";
        assert_eq!(settings["DestinationArn"], json!({"Fn::Sub": group}));

        let without = deployment.with_access_logs(false);
        assert!(!sam_template(&without).unwrap().to_json().contains("AccessLogSetting"));
        assert!(!terraform_module(&without).unwrap().to_hcl().contains("access_log_settings"));
    }
}

#[test]
fn every_log_group_has_a_retention() {
    for kind in KINDS {
        let deployment = of(kind).with_log_retention(90);
        let template = template(&deployment);
        let groups = properties(&template, "AWS::Logs::LogGroup");
        let expected = if GATEWAYS.contains(&kind) { 2 } else { 1 };
        assert_eq!(groups.len(), expected, "{kind:?}");
        assert!(groups.iter().all(|group| group["RetentionInDays"] == 90));
        let groups = blocks(&deployment, "aws_cloudwatch_log_group");
        assert_eq!(groups.len(), expected);
        groups.iter().for_each(|group| assert_has_lines(group, &["retention_in_days = 90"]));
    }
    let error = sam_template(&deployment().with_log_retention(31)).unwrap_err().to_string();
    assert!(error.starts_with("logs cannot be kept for 31 days: use 1, 3, 5, 7, 14, 30, 60"), "{error}");
}

/// The role is a setting of the account, which other APIs use too.
#[test]
fn role_for_access_logs_of_rest_apis_is_created_only_on_request() {
    let deployment = of(ApiKind::Rest);
    let template = template(&deployment);
    assert_eq!(template["Parameters"]["CreateApiGatewayLogRole"]["Default"], "false");
    for name in ["ApiGatewayLogRole", "ApiGatewayAccount"] {
        let resource = &template["Resources"][name];
        assert_eq!(resource["Condition"], "CreatesApiGatewayLogRole");
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate");
    }
    let condition = json!({"Fn::Equals": [{"Ref": "CreateApiGatewayLogRole"}, "true"]});
    assert_eq!(template["Conditions"]["CreatesApiGatewayLogRole"], condition);
    let account = &blocks(&deployment, "aws_api_gateway_account")[0];
    assert_has_lines(account, &["count = var.create_api_gateway_log_role ? 1 : 0"]);
    let stage = &blocks(&deployment, "aws_api_gateway_stage")[0];
    assert_has_lines(stage, &["depends_on = [aws_api_gateway_account.uploads]"]);
    assert!(!sam_template(&of(ApiKind::Http)).unwrap().to_json().contains("AWS::ApiGateway::Account"));
}

#[test]
fn role_of_the_function_may_write_only_its_own_log() {
    for kind in KINDS {
        let deployment = of(kind);
        let template = template(&deployment);
        let policies = &template["Resources"]["UploadRole"]["Properties"]["Policies"];
        let statements = policies[0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let of_logs: Vec<&Value> = statements.iter().filter(|it| it.to_string().contains("logs:")).collect();
        let group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${UploadLog}:*";
        let expected = json!({
            "Sid": "WriteOwnLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::Sub": group},
        });
        assert_eq!(of_logs, [&expected]);
        let policy = &blocks(&deployment, "aws_iam_role_policy")[0];
        assert_has_lines(policy, &["Resource = \"${aws_cloudwatch_log_group.uploads.arn}:*\""]);
        assert!(!policy.iter().any(|line| line == "Resource = \"*\""));
    }
}

#[test]
fn traces_are_sent_only_by_choice() {
    for kind in KINDS {
        for tracing in [false, true] {
            let deployment = of(kind).with_tracing(tracing);
            let template = template(&deployment);
            let function = only(&template, "AWS::Serverless::Function");
            assert_eq!(function.get("Tracing"), tracing.then(|| json!("Active")).as_ref());
            assert_eq!(template.to_string().contains("xray:PutTraceSegments"), tracing);
            if kind == ApiKind::Rest {
                let api = only(&template, "AWS::Serverless::Api");
                assert_eq!(api.get("TracingEnabled"), tracing.then_some(json!(true)).as_ref());
            }
            let module = terraform_module(&deployment).unwrap().to_hcl();
            assert_eq!(module.contains("mode = \"Active\""), tracing);
            assert_eq!(module.contains("xray:PutTraceSegments"), tracing);
            assert_eq!(module.contains("xray_tracing_enabled = true"), tracing && kind == ApiKind::Rest);
        }
    }
}

#[test]
fn reserved_concurrency_is_a_parameter() {
    for (chosen, default, variable) in [(None, "", "-1"), (Some(20), "20", "20")] {
        let deployment = chosen.into_iter().fold(of(ApiKind::Rest), Deployment::with_reserved_concurrency);
        let template = template(&deployment);
        assert_eq!(template["Parameters"]["ReservedConcurrency"]["Default"], default);
        let reserved = &only(&template, "AWS::Serverless::Function")["ReservedConcurrentExecutions"];
        let expected = json!({"Fn::If": ["HasReservedConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]});
        assert_eq!(*reserved, expected);
        let module = terraform_module(&deployment).unwrap().to_hcl();
        let (_, declaration) = module.split_once("variable \"reserved_concurrency\"").unwrap();
        let (declaration, _) = declaration.split_once("\n}\n").unwrap();
        assert!(declaration.ends_with(&format!("default     = {variable}")), "{declaration}");
        let function = &blocks(&deployment, "aws_lambda_function")[0];
        assert_has_lines(function, &["reserved_concurrent_executions = var.reserved_concurrency"]);
    }
}
