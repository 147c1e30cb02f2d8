//! Stacks of deployments whose uploads are confirmed: the calls of each kind of API, who may invoke the function for them, the role
//! in the policy of the bucket, and what the function gets.

use serde_json::{Value, json};
use upsign_core::CorsOrigins;
use upsign_documents::{
    ApiAuthorizer, ApiKind, Deployment, IamPolicy, InvalidDeployment, Reads, read_access_template,
    sam_template, terraform_module,
};

use crate::apis::{KINDS, assert_has_lines, blocks, only, properties, template};
use crate::confirmed::{self, SERVICE};
use crate::multipart_stacks::SECRET;
use crate::policies::{authorizer, in_parts, jwt_authorizer, pending, strict};

/// Returns a deployment with a route for each gate, whose objects are read with URLs of the service.
pub(crate) fn of(kind: ApiKind, origins: &str) -> Deployment {
    let authorizer = match kind {
        ApiKind::Rest => authorizer(),
        ApiKind::Http => jwt_authorizer(),
        _ => ApiAuthorizer::None,
    };
    let routes = confirmed::deployment().routes().to_vec();
    Deployment::new(routes, CorsOrigins::listed([origins.parse().unwrap()]))
        .with_api(kind)
        .with_authorizer(authorizer)
        .with_reads(Reads::Presigned)
        .with_token_secret(SECRET)
        .with_quota_table("upsign-quota", None)
}

fn listed(kind: ApiKind) -> Deployment {
    of(kind, "https://app.example.com")
}

/// Returns the keys of the routes of an HTTP API by the logical ids of the resources.
fn routes(template: &Value) -> Vec<(&str, &str)> {
    let resources = template["Resources"].as_object().unwrap().iter();
    let routes = resources.filter(|(_, resource)| resource["Type"] == "AWS::ApiGatewayV2::Route");
    routes.map(|(id, resource)| (id.as_str(), resource["Properties"]["RouteKey"].as_str().unwrap())).collect()
}

#[test]
fn http_api_has_a_route_with_the_authorizer_for_each_call() {
    let first = template(&listed(ApiKind::Http));
    let expected = [
        ("UploadApiRoute", "POST /upload-url"),
        ("UploadApiRoute6", "POST /uploads/confirm"),
        ("UploadApiRoute7", "POST /uploads/read-url"),
        ("UploadApiRoute8", "DELETE /uploads"),
    ];
    assert_eq!(routes(&first), expected);
    let all = properties(&first, "AWS::ApiGatewayV2::Route");
    assert!(all.iter().all(|route| route["AuthorizationType"] == "JWT"), "{all:?}");
    let cors = &only(&first, "AWS::ApiGatewayV2::Api")["CorsConfiguration"];
    assert_eq!(cors["AllowMethods"], json!(["POST", "DELETE"]));
    let module = blocks(&listed(ApiKind::Http), "aws_apigatewayv2_route");
    assert_has_lines(
        module.last().unwrap(),
        &["route_key = \"DELETE /uploads\"", "authorization_type = \"JWT\""],
    );
}

#[test]
fn call_keeps_its_name_if_others_are_added() {
    let parts = in_parts("videos/{id}").build().unwrap();
    let routes_of = |policies: Vec<_>| {
        let deployment = Deployment::new(policies, CorsOrigins::listed([])).with_api(ApiKind::Http);
        let template = template(&deployment.with_authorizer(jwt_authorizer()));
        routes(&template).into_iter().map(|(id, key)| (id.to_owned(), key.to_owned())).collect::<Vec<_>>()
    };
    let more = routes_of(vec![pending("files/{id}"), parts]);
    let fewer = routes_of(vec![pending("files/{id}")]);
    assert_eq!((fewer.len(), more.len()), (3, 7));
    assert!(fewer.iter().all(|route| more.contains(route)), "{fewer:?} {more:?}");
}

#[test]
fn function_answers_preflights_of_each_path_once_if_origins_have_a_star() {
    let deployment = of(ApiKind::Http, "https://*.example.com").with_api_path("/uploads");
    let template = template(&deployment);
    let preflights = routes(&template).into_iter().filter_map(|(_, key)| key.strip_prefix("OPTIONS "));
    assert_eq!(preflights.collect::<Vec<_>>(), ["/uploads", "/uploads/confirm", "/uploads/read-url"]);
}

#[test]
fn gateway_may_invoke_the_function_at_the_paths_of_the_calls_only() {
    for (origins, post, delete) in
        [("https://app.example.com", "POST", "DELETE"), ("https://*.example.com", "*", "*")]
    {
        for kind in [ApiKind::Rest, ApiKind::Http] {
            let template = template(&of(kind, origins));
            let sources: Vec<&str> = properties(&template, "AWS::Lambda::Permission")
                .into_iter()
                .map(|permission| permission["SourceArn"]["Fn::Sub"].as_str().unwrap())
                .map(|arn| arn.split_once("/*/").unwrap().1)
                .collect();
            let expected = [format!("{post}/upload-url"), format!("{delete}/uploads")];
            let last = sources.iter().filter(|source| !source.ends_with("/*")).collect::<Vec<_>>();
            assert_eq!(last, expected.iter().collect::<Vec<_>>(), "{kind:?}");
        }
    }
}

#[test]
fn rest_api_has_the_calls_and_their_preflights() {
    let template = template(&listed(ApiKind::Rest));
    let paths = &only(&template, "AWS::Serverless::Api")["DefinitionBody"]["paths"];
    let issue = &paths["/upload-url"];
    for (path, method) in
        [("/uploads/confirm", "post"), ("/uploads/read-url", "post"), ("/uploads", "delete")]
    {
        let operation = &paths[path][method];
        assert_eq!(operation["x-amazon-apigateway-integration"]["type"], "aws_proxy", "{path}");
        assert_eq!(operation["security"], issue["post"]["security"], "{path}");
        assert_eq!(paths[path]["options"]["x-amazon-apigateway-integration"]["type"], "mock", "{path}");
    }
    let methods = "method.response.header.Access-Control-Allow-Methods";
    let preflight = &paths["/uploads"]["options"]["x-amazon-apigateway-integration"];
    assert_eq!(preflight["responses"]["default"]["responseParameters"][methods], "'POST, DELETE'");
    assert_eq!(paths.as_object().unwrap().len(), 4);
}

#[test]
fn rule_of_the_load_balancer_forwards_the_calls() {
    let deployment = listed(ApiKind::LoadBalancer).with_uploads_path("/api/uploads");
    let template = template(&deployment);
    let rule = only(&template, "AWS::ElasticLoadBalancingV2::ListenerRule");
    let paths = json!(["/upload-url", "/api/uploads/*", "/api/uploads"]);
    assert_eq!(rule["Conditions"][0]["PathPatternConfig"]["Values"], paths);
}

#[test]
fn function_has_the_secrets_and_time_to_copy_an_object() {
    for kind in KINDS {
        let deployment = listed(kind);
        let first = template(&deployment);
        assert_eq!(only(&first, "AWS::Serverless::Function")["Timeout"], 30, "{kind:?}");
        assert!(first["Resources"]["UploadRole"].to_string().contains(SECRET), "{kind:?}");
        if kind != ApiKind::LoadBalancer {
            assert!(first["Outputs"].get("UploadsUrl").is_some(), "{kind:?}");
        }
    }
}

/// Returns the roles that the policy of the bucket lets read objects below `pending/`.
fn readers(template: &Value) -> Value {
    let statements = &only(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"];
    let pending = statements.as_array().unwrap().iter().find(|it| it["Sid"] == "PendingIsNotRead").unwrap();
    pending["Condition"]["ArnNotLike"]["aws:PrincipalArn"].clone()
}

#[test]
fn policy_of_the_bucket_names_the_role_of_the_function() {
    let deployment = listed(ApiKind::Rest);
    let own = json!({"Fn::GetAtt": ["UploadRole", "Arn"]});
    assert_eq!(readers(&template(&deployment)), own);
    let module = terraform_module(&deployment).unwrap().to_hcl();
    assert!(module.contains("aws_iam_role.uploads.arn"), "{module}");
    let more = deployment.clone().with_service_role(&SERVICE.parse().unwrap());
    assert_eq!(readers(&template(&more)), json!([own, SERVICE]));
    // The function calls the store with the role that it assumes.
    let signer = deployment.with_signing_role("arn:aws:iam::123456789012:role/signer");
    assert_eq!(readers(&template(&signer)), "arn:aws:iam::123456789012:role/signer");
    assert!(!IamPolicy::for_runtime(&signer).to_json().contains("s3:"));
}

#[test]
fn fragment_for_reads_names_the_role_too() {
    let deployment =
        listed(ApiKind::Rest).with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
    let fragment = read_access_template(&deployment).unwrap().to_json();
    assert!(fragment.contains("PendingIsNotRead") && fragment.contains("UploadRole"), "{fragment}");
}

#[test]
fn gates_need_a_bucket_with_a_policy_and_tags_need_versions() {
    let directory =
        upsign_core::Target::aws("abc--apse1-az1--x-s3".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = pending("files/{id}").with_target(directory).unwrap();
    let error = sam_template(&Deployment::new([policy], CorsOrigins::listed([]))).unwrap_err();
    let is_problem = |problem: &str| problem.contains("pending_key");
    assert!(matches!(&error, InvalidDeployment::Bucket { problem, .. } if is_problem(problem)), "{error}");
    let error = sam_template(&listed(ApiKind::Rest).with_versioning(false)).unwrap_err();
    assert!(error.to_string().contains("set versioned = true"), "{error}");
    let open = Deployment::new([strict("a/{id}").build().unwrap()], CorsOrigins::listed([]));
    assert!(sam_template(&open.with_versioning(false)).is_ok());
}

/// The keys and the time to live are those of the documentation of `upsign-dynamodb`.
#[test]
fn table_of_the_quota_has_the_keys_that_the_service_writes() {
    let template = template(&listed(ApiKind::Rest));
    let table = only(&template, "AWS::DynamoDB::Table");
    let expected = json!({
        "TableName": "upsign-quota",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "account", "AttributeType": "S"},
            {"AttributeName": "item", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "account", "KeyType": "HASH"},
            {"AttributeName": "item", "KeyType": "RANGE"},
        ],
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true},
    });
    assert_eq!(*table, expected);
    let module = &blocks(&listed(ApiKind::Rest), "aws_dynamodb_table")[0];
    assert_has_lines(
        module,
        &["name = \"upsign-quota\"", "billing_mode = \"PAY_PER_REQUEST\"", "hash_key = \"account\""],
    );
    assert_has_lines(module, &["range_key = \"item\"", "attribute_name = \"expires\"", "type = \"S\""]);
}

#[test]
fn function_may_count_in_its_table_and_in_no_other() {
    let role = |deployment: &Deployment| IamPolicy::for_runtime(deployment);
    let own = listed(ApiKind::Rest).with_account("123456789012".parse().unwrap());
    let statements = |policy: &IamPolicy| {
        let all = policy.statements().iter().filter(|it| it.actions()[0].starts_with("dynamodb:"));
        all.map(|it| (it.sid().to_owned(), it.resources().join(" "), it.actions().len())).collect::<Vec<_>>()
    };
    let arn = |region: &str, name: &str| format!("arn:aws:dynamodb:{region}:123456789012:table/{name}");
    let here = ("CountUploads".to_owned(), arn("ap-southeast-1", "upsign-quota"), 5);
    assert_eq!(statements(&role(&own)), std::slice::from_ref(&here));
    // Also if another role signs: the function itself counts.
    let signer = own.clone().with_signing_role("arn:aws:iam::123456789012:role/signer");
    assert_eq!(statements(&role(&signer)), std::slice::from_ref(&here));
    let both = own.clone().with_dynamodb_table("records");
    let records = ("KeepRecords".to_owned(), arn("ap-southeast-1", "records"), 4);
    assert_eq!(statements(&role(&both)), [records, here]);
    let far = own.with_quota_table("upsign-quota", Some(&"us-east-1".parse().unwrap()));
    assert_eq!(statements(&role(&far))[0].1, arn("us-east-1", "upsign-quota"));
    assert!(!sam_template(&far).unwrap().to_yaml().contains("AWS::DynamoDB::Table"));
}

#[test]
fn function_may_put_webhooks_into_their_queue() {
    let queue = "arn:aws:sqs:ap-southeast-1:123456789012:webhooks";
    let sends = |deployment: Deployment| {
        let policy = IamPolicy::for_runtime(&deployment);
        let found = policy.statements().iter().find(|it| it.sid() == "SendWebhooks");
        found.map(|it| (it.actions().to_vec(), it.resources().to_vec()))
    };
    let expected = Some((vec!["sqs:SendMessage".to_owned()], vec![queue.to_owned()]));
    assert_eq!(sends(listed(ApiKind::Rest).with_webhook_queue(queue)), expected);
    assert_eq!(sends(listed(ApiKind::Rest)), None);
}
