//! Which pages may call the API: the preflights that a gateway answers, and the document that a REST API imports.

use serde_json::{Value, json};
use upsign_core::{CorsOrigins, api_cors};
use upsign_documents::ApiKind;

use crate::apis::{GATEWAYS, assert_has_lines, blocks, of, only, properties, template, with_origins};
use crate::stacks::{compare, forms, lines};

/// Returns the integration that answers preflights of a REST API with these origins.
fn preflight(origins: CorsOrigins) -> Value {
    let template = template(&with_origins(ApiKind::Rest, origins));
    let body = &only(&template, "AWS::Serverless::Api")["DefinitionBody"];
    body["paths"]["/upload-url"]["options"]["x-amazon-apigateway-integration"].clone()
}

#[test]
fn preflights_of_a_rest_api_do_not_invoke_the_function() {
    let origins = ["https://app.example.com".parse().unwrap(), "http://localhost:3000".parse().unwrap()];
    for listed in [&origins[..1], &origins[..]] {
        let integration = preflight(CorsOrigins::listed(listed.iter().cloned()));
        assert_eq!((&integration["type"], integration.get("uri")), (&json!("mock"), None));
        let answer = &integration["responses"]["default"];
        assert_eq!(answer["statusCode"], "204");
        let header =
            |name: &str| answer["responseParameters"][format!("method.response.header.{name}")].clone();
        assert_eq!(header("Access-Control-Allow-Origin"), "'https://app.example.com'");
        assert_eq!(header("Access-Control-Allow-Methods"), format!("'{}'", api_cors::ALLOW_METHODS));
        assert_eq!(
            header("Access-Control-Allow-Headers"),
            format!("'{}'", api_cors::AllowHeaders::default())
        );
        assert_eq!(header("Access-Control-Max-Age"), format!("'{}'", api_cors::MAX_AGE));
        assert!(header("Vary").as_str().unwrap().starts_with("'Origin,"));
        assert_eq!(header("X-Content-Type-Options"), "'nosniff'");
        // The header of a page that is not listed stays the first origin. Equality, because a pattern would also match
        // `https://appXexample.com`.
        let template = answer["responseTemplates"]["application/json"].as_str();
        assert_eq!(template.is_some(), listed.len() > 1);
        if let Some(template) = template {
            let condition = |name: &str| {
                format!("(${name} == \"https://app.example.com\" || ${name} == \"http://localhost:3000\")")
            };
            let echo = "#set($context.responseOverride.header.Access-Control-Allow-Origin =";
            let lines: Vec<&str> = template.lines().collect();
            let expected = [
                "#set($lower = $input.params().header.get(\"origin\"))".to_owned(),
                "#set($upper = $input.params().header.get(\"Origin\"))".to_owned(),
                format!("#if{}", condition("lower")),
                format!("{echo} $lower)"),
                format!("#elseif{}", condition("upper")),
                format!("{echo} $upper)"),
                "#end".to_owned(),
            ];
            assert_eq!(lines, expected);
        }
    }
}

#[test]
fn gateways_allow_the_headers_of_the_deployment() {
    let headers = api_cors::AllowHeaders::default().with_names(["traceparent", "x-api-key"]).unwrap();
    let origins = CorsOrigins::listed(["https://app.example.com".parse().unwrap()]);
    let of = |api| with_origins(api, origins.clone()).with_allow_headers(headers.clone());
    let rest = template(&of(ApiKind::Rest));
    let body = &only(&rest, "AWS::Serverless::Api")["DefinitionBody"];
    let options = &body["paths"]["/upload-url"]["options"]["x-amazon-apigateway-integration"];
    assert_eq!(
        options["responses"]["default"]["responseParameters"]["method.response.header.Access-Control-Allow-Headers"],
        "'authorization, content-type, traceparent, x-api-key'"
    );
    let http = template(&of(ApiKind::Http));
    let cors = &only(&http, "AWS::ApiGatewayV2::Api")["CorsConfiguration"];
    assert_eq!(cors["AllowHeaders"], json!(["authorization", "content-type", "traceparent", "x-api-key"]));
    let block = &blocks(&of(ApiKind::Http), "aws_apigatewayv2_api")[0];
    assert_has_lines(
        block,
        &[r#"allow_headers = ["authorization", "content-type", "traceparent", "x-api-key"]"#],
    );
}

/// API Gateway refuses a document in which an integration sets a header that the answer does not declare.
#[test]
fn headers_of_preflights_are_declared() {
    let template = template(&of(ApiKind::Rest));
    let body = &only(&template, "AWS::Serverless::Api")["DefinitionBody"];
    let options = &body["paths"]["/upload-url"]["options"];
    let declared = options["responses"]["204"]["headers"].as_object().unwrap();
    let answer = &options["x-amazon-apigateway-integration"]["responses"]["default"];
    for name in answer["responseParameters"].as_object().unwrap().keys() {
        assert!(declared.contains_key(name.strip_prefix("method.response.header.").unwrap()), "{name}");
    }
}

#[test]
fn gateways_allow_no_page_without_origins() {
    for (origins, allowed) in [
        (CorsOrigins::listed([]), None),
        (CorsOrigins::any(), Some("*")),
        (CorsOrigins::listed(["https://app.example.com".parse().unwrap()]), Some("https://app.example.com")),
    ] {
        let integration = preflight(origins.clone());
        let answer = &integration["responses"]["default"]["responseParameters"];
        let quoted = allowed.map(|origin| json!(format!("'{origin}'")));
        assert_eq!(answer.get("method.response.header.Access-Control-Allow-Origin"), quoted.as_ref());
        assert_eq!(
            answer.get("method.response.header.Access-Control-Allow-Headers").is_some(),
            allowed.is_some()
        );

        let rest = template(&with_origins(ApiKind::Rest, origins.clone()));
        let body = &only(&rest, "AWS::Serverless::Api")["DefinitionBody"];
        for kind in ["DEFAULT_4XX", "DEFAULT_5XX"] {
            let headers = &body["x-amazon-apigateway-gateway-responses"][kind]["responseParameters"];
            let origin = headers.get("gatewayresponse.header.Access-Control-Allow-Origin");
            assert_eq!(origin, quoted.as_ref(), "{kind}");
            assert_eq!(headers["gatewayresponse.header.X-Content-Type-Options"], "'nosniff'");
            assert_eq!(headers["gatewayresponse.header.Cache-Control"], "'no-store'");
        }

        let deployment = with_origins(ApiKind::Http, origins);
        let http = template(&deployment);
        let cors = only(&http, "AWS::ApiGatewayV2::Api").get("CorsConfiguration");
        let expected = allowed.map(|origin| {
            json!({
                "AllowOrigins": [origin],
                "AllowMethods": ["POST"],
                "AllowHeaders": ["authorization", "content-type"],
                "ExposeHeaders": ["retry-after", "www-authenticate"],
                "MaxAge": 600,
            })
        });
        assert_eq!(cors, expected.as_ref());
        let api = &blocks(&deployment, "aws_apigatewayv2_api")[0];
        assert_eq!(api.contains(&"cors_configuration {".to_owned()), allowed.is_some());
    }
}

/// An HTTP API compares whole origins, and so does the template of a REST API.
#[test]
fn function_answers_preflights_if_an_origin_has_a_wildcard() {
    let origins = ["https://app.example.com", "https://*.preview.example.com"];
    let origins = CorsOrigins::listed(origins.map(|origin| origin.parse().unwrap()));
    for kind in GATEWAYS {
        let template = template(&with_origins(kind, origins.clone()));
        let source = &only(&template, "AWS::Lambda::Permission")["SourceArn"]["Fn::Sub"];
        assert!(source.as_str().unwrap().ends_with("/*/*/upload-url"), "{source}");
    }

    let integration = preflight(origins.clone());
    assert_eq!(integration["type"], "aws_proxy");
    let rest = template(&with_origins(ApiKind::Rest, origins.clone()));
    let body = &only(&rest, "AWS::Serverless::Api")["DefinitionBody"];
    let options = &body["paths"]["/upload-url"]["options"];
    assert_eq!(options.get("security"), None);
    let errors = &body["x-amazon-apigateway-gateway-responses"]["DEFAULT_4XX"]["responseParameters"];
    assert_eq!(errors["gatewayresponse.header.Access-Control-Allow-Origin"], "'*'");

    let deployment = with_origins(ApiKind::Http, origins);
    let http = template(&deployment);
    assert_eq!(only(&http, "AWS::ApiGatewayV2::Api").get("CorsConfiguration"), None);
    let routes = properties(&http, "AWS::ApiGatewayV2::Route");
    let keys: Vec<_> =
        routes.iter().map(|route| (&route["RouteKey"], route.get("AuthorizerId").is_some())).collect();
    assert_eq!(keys, [(&json!("OPTIONS /upload-url"), false), (&json!("POST /upload-url"), true)]);
    assert_eq!(routes[0]["Target"], routes[1]["Target"]);
    let api = &blocks(&deployment, "aws_apigatewayv2_api")[0];
    assert!(!api.contains(&"cors_configuration {".to_owned()));
    let routes = blocks(&deployment, "aws_apigatewayv2_route");
    assert_has_lines(&routes[1], &["route_key = \"OPTIONS /upload-url\""]);
}

#[test]
fn comparison_finds_a_gateway_that_does_not_pass_on_preflights() {
    let origins = || CorsOrigins::listed(["https://*.preview.example.com".parse().unwrap()]);
    for kind in GATEWAYS {
        let deployment = with_origins(kind, origins());
        for (form, text) in forms(&deployment) {
            let comparison = compare(&deployment, &text);
            assert!(comparison.agrees(), "{kind:?} {form:?}\n{}", lines(&comparison));
        }
        let other = with_origins(kind, CorsOrigins::listed(["https://app.example.com".parse().unwrap()]));
        for (form, text) in forms(&other) {
            let found = lines(&compare(&deployment, &text));
            assert!(
                found.contains("PUT from https://*.preview.example.com is not allowed"),
                "{form:?}\n{found}"
            );
            // The API answers preflights itself, so the function is not asked.
            let preflights = match kind {
                ApiKind::Http => "route) is missing",
                _ => "integration.type is mock, not aws_proxy",
            };
            assert!(found.to_lowercase().contains(preflights), "{form:?}\n{found}");
        }
    }
}

/// The document of the REST API is the same in both forms, apart from the references in it.
#[test]
fn terraform_imports_the_same_document() {
    let deployment = of(ApiKind::Rest);
    let template = template(&deployment);
    let api = &blocks(&deployment, "aws_api_gateway_rest_api")[0];
    fn leaves(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(members)
                if members.len() == 1 && members.keys().any(|key| key == "Ref" || key == "Fn::Sub") => {}
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                if let Value::String(text) = value {
                    let name = if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                        name.clone()
                    } else {
                        json!(name).to_string()
                    };
                    out.push(format!("{name} = {}", json!(text)));
                } else {
                    leaves(value, out);
                }
            }),
            Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
            _ => {}
        }
    }
    let mut expected = Vec::new();
    leaves(&only(&template, "AWS::Serverless::Api")["DefinitionBody"], &mut expected);
    assert!(expected.len() > 30, "{expected:#?}");
    assert_has_lines(api, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}
