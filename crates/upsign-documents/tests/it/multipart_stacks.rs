//! Stacks of deployments with multipart uploads: paths, permissions, outputs, the time limit of the function and the secrets of
//! upload tokens, for every kind of API.

use serde_json::{Value, json};
use upsign_core::CorsOrigins;
use upsign_documents::{
    ApiAuthorizer, ApiKind, Deployment, IamContext, IamPolicy, IamRequest, RequestPrincipal, sam_template,
    terraform_module,
};

use crate::apis::{KINDS, assert_has_lines, blocks, only, properties, template};
use crate::policies::{authorizer, in_parts, jwt_authorizer, two_step_policy};

const PATHS: [&str; 5] =
    ["/upload-url", "/uploads/parts", "/uploads/status", "/uploads/complete", "/uploads/abort"];
pub(crate) const SECRET: &str =
    "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/uploads-AbCdEf";

/// Returns a deployment with a route for small files and one that uploads in parts.
pub(crate) fn of(kind: ApiKind, origins: &str) -> Deployment {
    let authorizer = match kind {
        ApiKind::Rest => authorizer(),
        ApiKind::Http => jwt_authorizer(),
        _ => ApiAuthorizer::None,
    };
    let videos = in_parts("videos/{sub}/{id}.{ext}").build().unwrap();
    Deployment::new([two_step_policy(), videos], CorsOrigins::listed([origins.parse().unwrap()]))
        .with_api(kind)
        .with_authorizer(authorizer)
}

fn listed(kind: ApiKind) -> Deployment {
    of(kind, "https://app.example.com")
}

#[test]
fn stack_without_uploads_in_parts_has_none_of_it() {
    for kind in KINDS {
        let deployment = crate::apis::of(kind).with_token_secret(SECRET);
        let text =
            sam_template(&deployment).unwrap().to_yaml() + &terraform_module(&deployment).unwrap().to_hcl();
        assert!(!text.contains("/uploads/") && !text.contains("secretsmanager"), "{kind:?}");
        assert!(deployment.upload_paths().is_empty());
        assert_eq!(only(&template(&deployment), "AWS::Serverless::Function")["Timeout"], 10);
    }
}

#[test]
fn http_api_has_a_route_with_the_authorizer_for_each_path() {
    let deployment = listed(ApiKind::Http);
    let template = template(&deployment);
    let routes = properties(&template, "AWS::ApiGatewayV2::Route");
    let keys: Vec<&str> = routes.iter().map(|route| route["RouteKey"].as_str().unwrap()).collect();
    let mut expected: Vec<String> = PATHS.map(|path| format!("POST {path}")).to_vec();
    let mut found = keys.clone();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(routes.iter().all(|route| route["AuthorizationType"] == "JWT"), "{routes:?}");
    // The route of an existing stack keeps its name, so that an update does not replace it.
    assert_eq!(template["Resources"]["UploadApiRoute"]["Properties"]["RouteKey"], "POST /upload-url");
    let module = blocks(&deployment, "aws_apigatewayv2_route");
    assert_eq!(module.len(), 5);
    for (route, path) in module.iter().zip(PATHS) {
        assert_has_lines(route, &[&format!("route_key = \"POST {path}\""), "authorization_type = \"JWT\""]);
    }
}

#[test]
fn function_answers_preflights_of_every_path_if_origins_have_a_star() {
    let template = template(&of(ApiKind::Http, "https://*.example.com"));
    let routes = properties(&template, "AWS::ApiGatewayV2::Route");
    for path in PATHS {
        let preflight = routes.iter().find(|route| route["RouteKey"] == format!("OPTIONS {path}")).unwrap();
        assert!(preflight.get("AuthorizationType").is_none(), "{path}");
    }
    assert_eq!(routes.len(), 10);
}

#[test]
fn gateway_may_invoke_the_function_at_these_paths_only() {
    let expected = |origins: &str, method: &str| {
        for (kind, api) in [(ApiKind::Rest, "UploadApi"), (ApiKind::Http, "UploadApi")] {
            let template = template(&of(kind, origins));
            let sources: Vec<&Value> = properties(&template, "AWS::Lambda::Permission")
                .into_iter()
                .map(|permission| &permission["SourceArn"]["Fn::Sub"])
                .collect();
            let arn = |path: &str| {
                format!(
                    "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/*/{method}{path}"
                )
            };
            let mut sources: Vec<&str> = sources.iter().map(|source| source.as_str().unwrap()).collect();
            sources.sort_unstable();
            assert_eq!(sources, [arn("/upload-url"), arn("/uploads/*")], "{kind:?}");
            assert!(template["Resources"].get("UploadApiPermission").is_some());
        }
    };
    expected("https://app.example.com", "POST");
    expected("https://*.example.com", "*");
    let module = blocks(&listed(ApiKind::Http), "aws_lambda_permission");
    let source = "source_arn = \"${aws_apigatewayv2_api.uploads.execution_arn}/*/POST/uploads/*\"";
    assert!(module.iter().any(|block| block.iter().any(|line| line == source)), "{module:#?}");
}

#[test]
fn rule_of_the_load_balancer_forwards_the_paths() {
    let deployment =
        listed(ApiKind::LoadBalancer).with_api_path("/api/upload-url").with_uploads_path("/api/uploads");
    let template = template(&deployment);
    let rule = only(&template, "AWS::ElasticLoadBalancingV2::ListenerRule");
    assert_eq!(
        rule["Conditions"][0]["PathPatternConfig"]["Values"],
        json!(["/api/upload-url", "/api/uploads/*"])
    );
    let module = terraform_module(&deployment).unwrap().to_hcl();
    assert!(module.contains("[\"/api/upload-url\", \"/api/uploads/*\"]"), "{module}");
    assert_eq!(deployment.upload_paths()[0], "/api/uploads/parts");
}

#[test]
fn rest_api_has_the_paths_and_their_preflights() {
    let template = template(&listed(ApiKind::Rest));
    let paths = &only(&template, "AWS::Serverless::Api")["DefinitionBody"]["paths"];
    for path in PATHS {
        let operation = &paths[path]["post"];
        assert_eq!(operation["x-amazon-apigateway-integration"]["type"], "aws_proxy", "{path}");
        assert_eq!(operation["security"], paths["/upload-url"]["post"]["security"], "{path}");
        let (preflight, first) = (&paths[path]["options"], &paths["/upload-url"]["options"]);
        let integration = "x-amazon-apigateway-integration";
        assert_eq!(preflight[integration], first[integration], "{path}");
        assert_eq!(preflight[integration]["type"], "mock", "{path}");
        assert!(preflight.get("security").is_none(), "{path}");
    }
    assert_eq!(paths.as_object().unwrap().len(), PATHS.len());
}

#[test]
fn outputs_name_the_url_of_the_calls() {
    for kind in [ApiKind::Rest, ApiKind::Http, ApiKind::FunctionUrl] {
        let deployment = listed(kind).with_uploads_path("/api/uploads");
        let template = template(&deployment);
        let value = |name: &str| template["Outputs"][name]["Value"].to_string();
        assert!(value("UploadsUrl").contains("api/uploads\""), "{kind:?}: {}", value("UploadsUrl"));
        assert!(!value("UploadsUrl").contains("//api"), "{kind:?}: {}", value("UploadsUrl"));
        let module = terraform_module(&deployment).unwrap().to_hcl();
        assert!(module.contains("output \"uploads_url\""), "{kind:?}");
    }
}

#[test]
fn function_has_time_to_complete_an_upload() {
    for kind in KINDS {
        assert_eq!(only(&template(&listed(kind)), "AWS::Serverless::Function")["Timeout"], 30);
        let function = &blocks(&listed(kind), "aws_lambda_function")[0];
        assert_has_lines(function, &["timeout = 30"]);
    }
}

#[test]
fn role_may_read_the_secrets_of_upload_tokens_and_no_others() {
    let role = IamPolicy::for_runtime(&listed(ApiKind::Rest).with_token_secret(SECRET));
    let is_allowed = |arn: &str| {
        let request = IamRequest {
            principal: RequestPrincipal::Role("arn:aws:iam::123456789012:role/function".into()),
            action: "secretsmanager:GetSecretValue".into(),
            resource: arn.into(),
            context: IamContext::new(),
        };
        request.evaluate(&[&role], None).is_allowed()
    };
    assert!(is_allowed(SECRET));
    assert!(!is_allowed(&format!("{SECRET}x")) && !is_allowed(&SECRET.replace("uploads", "other")));
    assert!(!IamPolicy::for_runtime(&listed(ApiKind::Rest)).to_json().contains("secretsmanager"));
    // Also if another role signs: the function itself reads the secrets.
    let signer = listed(ApiKind::Rest).with_signing_role("arn:aws:iam::123456789012:role/signer");
    assert!(IamPolicy::for_runtime(&signer.with_token_secret(SECRET)).to_json().contains(SECRET));
}

#[test]
fn paths_with_patterns_are_refused() {
    for path in ["uploads", "/up*", "/{uploads}"] {
        let error = sam_template(&listed(ApiKind::Http).with_uploads_path(path)).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
    }
}
