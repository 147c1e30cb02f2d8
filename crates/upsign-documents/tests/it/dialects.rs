//! Stacks of APIs that answer dialects: their paths, authorizers, preflights and permissions, for every kind of API.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign_core::{BasePath, Dialect};
use upsign_documents::{
    ApiKind, CorsDocument, Deployment, DeploymentRoute, OpenApi, OpenApiVersion, terraform_module,
};

use crate::apis::{KINDS, blocks, only, properties, template};
use crate::multipart_stacks;
use crate::policies::{form, lfs_policy, two_step_policy};

const EVERY: [Dialect; 5] =
    [Dialect::Uppy, Dialect::Companion, Dialect::BetterUpload, Dialect::ActiveStorage, Dialect::GitLfs];

/// Returns a deployment that answers every dialect, with an unnamed route and the routes `videos` and `game`.
fn of(kind: ApiKind, origins: &str) -> Deployment {
    let deployment = multipart_stacks::of(kind, origins);
    let [first, second] = deployment.routes() else { panic!("two routes") };
    let lfs = DeploymentRoute::new(lfs_policy()).with_name("game");
    let routes = [first.clone(), second.clone().with_name("videos"), lfs];
    let named = Deployment::new(routes, deployment.origins().clone())
        .with_api(kind)
        .with_authorizer(deployment.authorizer().clone());
    named.with_dialects(EVERY, &BasePath::default())
}

fn listed(kind: ApiKind) -> Deployment {
    of(kind, "https://app.example.com")
}

fn keys(template: &Value) -> Vec<String> {
    let routes = properties(template, "AWS::ApiGatewayV2::Route");
    routes.iter().map(|route| route["RouteKey"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn deployments_without_dialects_stay_as_they_are() {
    for kind in KINDS {
        let plain = multipart_stacks::of(kind, "https://app.example.com");
        let none = plain.clone().with_dialects([], &"/api".parse().unwrap());
        assert_eq!(template(&none), template(&plain), "{kind:?}");
        assert!(none.dialect_paths().is_empty());
    }
}

#[test]
fn http_api_has_a_route_for_each_method() {
    let template = template(&listed(ApiKind::Http));
    let routes = properties(&template, "AWS::ApiGatewayV2::Route");
    let authorizer = |key: &str| {
        let route = routes.iter().find(|route| route["RouteKey"] == key);
        route.unwrap_or_else(|| panic!("{key} is not in {:?}", keys(&template))).get("AuthorizationType")
    };
    for key in [
        "POST /uppy/sign",
        "GET /s3/{proxy+}",
        "POST /s3/{proxy+}",
        "DELETE /s3/{proxy+}",
        "POST /better-upload",
        "POST /rails/active_storage/direct_uploads",
        "POST /info/lfs/{proxy+}",
        "POST /{repository}/info/lfs/{proxy+}",
    ] {
        assert_eq!(authorizer(key), Some(&json!("JWT")), "{key}");
    }
    // The function checks the ticket.
    for key in ["POST /uppy/multipart", "GET /uppy/multipart", "DELETE /better-upload/multipart"] {
        assert_eq!(authorizer(key), None, "{key}");
    }
    let cors = &only(&template, "AWS::ApiGatewayV2::Api")["CorsConfiguration"];
    assert_eq!(cors["AllowMethods"], json!(["GET", "POST", "DELETE"]));
    let headers = cors["AllowHeaders"].as_array().unwrap();
    assert!(headers.contains(&json!("x-csrf-token")), "{headers:?}");
}

#[test]
fn resources_keep_their_names_if_dialects_are_added() {
    let names = |dialects: &[Dialect]| {
        let deployment = listed(ApiKind::Http).with_dialects(dialects.iter().copied(), &BasePath::default());
        let template = template(&deployment);
        let resources = template["Resources"].as_object().unwrap().clone();
        let routes = resources.into_iter().filter(|(_, it)| it["Type"] == "AWS::ApiGatewayV2::Route");
        let routes = routes.map(|(name, it)| (name, it["Properties"]["RouteKey"].to_string()));
        routes.collect::<BTreeSet<_>>()
    };
    let all = names(&EVERY);
    for dialect in EVERY {
        assert!(names(&[dialect]).is_subset(&all), "{dialect}");
    }
}

#[test]
fn function_answers_preflights_of_dialects_if_origins_have_a_star() {
    let keys = keys(&template(&of(ApiKind::Http, "https://*.example.com")));
    for path in ["/uppy/sign", "/s3/{proxy+}", "/{repository}/info/lfs/{proxy+}"] {
        assert!(keys.contains(&format!("OPTIONS {path}")), "{path} in {keys:?}");
    }
}

#[test]
fn rest_api_has_the_paths_with_their_parameters() {
    let template = template(&listed(ApiKind::Rest));
    let paths = &only(&template, "AWS::Serverless::Api")["DefinitionBody"]["paths"];
    let integration = "x-amazon-apigateway-integration";
    let below = &paths["/{repository}/info/lfs/{proxy+}"]["post"];
    let names: Vec<&Value> =
        below["parameters"].as_array().unwrap().iter().map(|parameter| &parameter["name"]).collect();
    assert_eq!(names, [&json!("repository"), &json!("proxy")]);
    assert_eq!(below["security"], paths["/upload-url"]["post"]["security"]);
    assert_eq!(below[integration], paths["/upload-url"]["post"][integration]);
    let multipart = &paths["/uppy/multipart"];
    for method in ["get", "post", "delete"] {
        assert_eq!(multipart[method][integration]["type"], "aws_proxy", "{method}");
        assert!(multipart[method].get("security").is_none(), "{method}");
    }
    let preflight = &multipart["options"][integration];
    assert_eq!(preflight["type"], "mock");
    let headers = &preflight["responses"]["default"]["responseParameters"];
    assert_eq!(headers["method.response.header.Access-Control-Allow-Methods"], "'GET, POST, DELETE'");
    let mut ids = BTreeSet::new();
    for operation in paths.as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()) {
        assert!(ids.insert(operation["operationId"].to_string()), "{}", operation["operationId"]);
    }
}

#[test]
fn gateway_may_invoke_the_function_for_dialects() {
    for kind in [ApiKind::Rest, ApiKind::Http] {
        let template = template(&listed(kind));
        let sources: Vec<String> = properties(&template, "AWS::Lambda::Permission")
            .into_iter()
            .map(|permission| permission["SourceArn"]["Fn::Sub"].as_str().unwrap().to_owned())
            .collect();
        for end in ["/*/POST/uppy/sign", "/*/*/uppy/multipart", "/*/*/s3/*", "/*/*/*/info/lfs/*"] {
            assert!(sources.iter().any(|source| source.ends_with(end)), "{kind:?}: {end} in {sources:#?}");
        }
    }
}

#[test]
fn load_balancer_has_rules_with_five_paths_at_most() {
    let deployment = listed(ApiKind::LoadBalancer);
    let template = template(&deployment);
    let rules = properties(&template, "AWS::ElasticLoadBalancingV2::ListenerRule");
    let mut priorities = BTreeSet::new();
    for rule in &rules {
        let values = rule["Conditions"][0]["PathPatternConfig"]["Values"].as_array().unwrap();
        assert!((1..=5).contains(&values.len()), "{values:?}");
        let parameter = rule["Priority"]["Ref"].as_str().unwrap();
        let default = template["Parameters"][parameter]["Default"].as_u64().unwrap();
        assert!(priorities.insert(default), "{parameter}");
    }
    let all: Vec<&Value> = rules
        .iter()
        .flat_map(|rule| rule["Conditions"][0]["PathPatternConfig"]["Values"].as_array().unwrap())
        .collect();
    assert_eq!(all.len(), 2 + deployment.dialect_paths().len());
    for path in ["/uppy/sign", "/s3/*", "/*/info/lfs/*"] {
        assert!(all.contains(&&json!(path)), "{path} in {all:?}");
    }
    assert_eq!(blocks(&deployment, "aws_lb_listener_rule").len(), rules.len());
    let module = terraform_module(&deployment).unwrap().to_hcl();
    for (variable, default) in [("listener_rule_priority", 100), ("dialect_rule_priority", 101)] {
        assert!(module.contains(&format!("priority     = var.{variable}\n")), "{variable} in {module}");
        assert!(module.contains(&format!("variable \"{variable}\"")), "{variable}");
        assert!(module.contains(&format!("= {default}\n")), "{default}");
    }
}

#[test]
fn paths_of_repositories_need_routes() {
    let lfs = |route: DeploymentRoute| {
        let deployment = Deployment::new([route], listed(ApiKind::Rest).origins().clone());
        let paths = deployment.with_dialects([Dialect::GitLfs], &"/api".parse().unwrap()).dialect_paths();
        paths.into_iter().map(|(path, _)| path).collect::<Vec<_>>()
    };
    let route = DeploymentRoute::new(two_step_policy());
    assert_eq!(lfs(route.clone()), ["/api/info/lfs/{proxy+}"]);
    assert_eq!(lfs(route.with_name("videos")), ["/api/{repository}/info/lfs/{proxy+}"]);
    // The only route that serves Git LFS is also that of requests without a repository.
    let both = ["/api/info/lfs/{proxy+}", "/api/{repository}/info/lfs/{proxy+}"];
    assert_eq!(lfs(DeploymentRoute::new(lfs_policy()).with_name("game")), both);
}

#[test]
fn operations_of_git_lfs_are_those_of_the_routes_that_serve_it() {
    let (lfs, other) = (DeploymentRoute::new(lfs_policy()), DeploymentRoute::new(two_step_policy()));
    let named = |route: &DeploymentRoute, name: &str| route.clone().with_name(name);
    for (routes, plain, repositories) in [
        (vec![lfs.clone(), named(&other, "put")], true, &[][..]),
        (vec![other.clone(), named(&other, "put"), named(&lfs, "game")], false, &["game"]),
        (vec![named(&other, "put"), named(&lfs, "game")], true, &["game"]),
        (vec![named(&lfs, "game"), named(&lfs, "art")], false, &["game", "art"]),
    ] {
        let deployment = Deployment::new(routes, listed(ApiKind::Rest).origins().clone());
        let deployment = deployment.with_dialects([Dialect::GitLfs], &BasePath::default());
        let description = OpenApi::for_deployment(&deployment).to_json(OpenApiVersion::V3_1);
        let paths = serde_json::from_str::<Value>(&description).unwrap()["paths"].take();
        assert_eq!(paths["/info/lfs/objects/batch"].is_object(), plain, "{repositories:?}");
        let of_repository = &paths["/{repository}/info/lfs/objects/batch"]["post"]["parameters"][0];
        let described = of_repository["schema"]["enum"].as_array().cloned().unwrap_or_default();
        assert_eq!(described, repositories, "{of_repository}");
    }
}

#[test]
fn every_operation_of_the_description_has_a_path_of_the_gateway() {
    let deployment = listed(ApiKind::Http);
    let description = OpenApi::for_deployment(&deployment).to_json(OpenApiVersion::V3_1);
    let description: Value = serde_json::from_str(&description).unwrap();
    let routed = deployment.dialect_paths();
    let is_routed = |method: &str, path: &str| {
        routed.iter().any(|(known, methods)| {
            let is_below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
            let fits = known.strip_suffix("{proxy+}").map_or(known == path, is_below);
            fits && methods.iter().any(|known| known.eq_ignore_ascii_case(method))
        })
    };
    let mut tags = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id}");
            let Some(tag) = operation["tags"][0].as_str() else { continue };
            tags.insert(tag.to_owned());
            assert!(method == "options" || is_routed(method, path), "{method} {path}");
            assert!(operation["responses"]["default"]["content"].is_object(), "{id}");
        }
    }
    assert_eq!(tags, EVERY.map(|dialect| dialect.name().to_owned()).into());
}

#[test]
fn requests_with_a_ticket_need_no_other_credential() {
    let description = OpenApi::for_deployment(&listed(ApiKind::Rest)).to_json(OpenApiVersion::V3_1);
    let description: Value = serde_json::from_str(&description).unwrap();
    let operation = |path: &str, method: &str| description["paths"][path][method].clone();
    for method in ["get", "post", "delete"] {
        assert_eq!(operation("/uppy/multipart", method)["security"], json!([]), "{method}");
    }
    assert!(operation("/uppy/sign", "post").get("security").is_none());
}

#[test]
fn uppy_can_read_the_location_of_a_form() {
    let form = form("forms/{sub}/{id}");
    let exposed = |dialects: &[Dialect]| {
        let deployment = Deployment::new([form.clone()], listed(ApiKind::Rest).origins().clone())
            .with_dialects(dialects.iter().copied(), &BasePath::default());
        let document = CorsDocument::for_bucket(&deployment, &deployment.buckets()[0]).unwrap();
        document.rules()[0].expose_headers().iter().any(|name| name.as_ref() == "Location")
    };
    assert!(exposed(&[Dialect::Uppy]) && exposed(&[Dialect::Companion]));
    assert!(!exposed(&[]) && !exposed(&[Dialect::ActiveStorage]));
}
