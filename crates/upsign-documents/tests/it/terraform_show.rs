//! Reading the output of `terraform show -json`, of a state and of a plan.

use serde_json::{Value, json};
use upsign_documents::{
    ApiKind, CorsDocument, FoundDocuments, LifecycleDocument, NotificationDocument, Severity,
    UnrecognizedDocument, terraform_module,
};

use crate::authorizers::lambda;
use crate::policies::deployment;
use crate::stacks::{compare, lines};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Returns a resource as the AWS provider describes it: arguments that are not configured have the zero value of their type.
fn resource(kind: &str, values: &Value) -> Value {
    json!({
        "address": format!("module.uploads.{kind}.uploads"), "mode": "managed", "type": kind, "name": "uploads",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values,
        "sensitive_values": {},
    })
}

fn module() -> Value {
    let cors = json!({
        "bucket": "article-images-bucket", "expected_bucket_owner": "", "id": "article-images-bucket",
        "cors_rule": [{
            "id": "upsign-uploads", "allowed_headers": ["content-type", "if-none-match"], "allowed_methods": ["PUT"],
            "allowed_origins": ["https://app.example.com"], "expose_headers": ["ETag", "x-amz-version-id"],
            "max_age_seconds": 3600,
        }],
    });
    let expiration =
        |days: u32, marker: bool| json!([{"date": "", "days": days, "expired_object_delete_marker": marker}]);
    let filter = |prefix: &str| json!([{"and": [], "object_size_greater_than": null, "object_size_less_than": null, "prefix": prefix, "tag": []}]);
    let rule = |id: &str, prefix: &str, abort: Value, expiration: Value, noncurrent: Value| {
        json!({
            "id": id, "status": "Enabled", "prefix": "", "filter": filter(prefix), "transition": [],
            "abort_incomplete_multipart_upload": abort, "expiration": expiration,
            "noncurrent_version_expiration": noncurrent, "noncurrent_version_transition": [],
        })
    };
    let rules = [
        rule("upsign-incomplete", "", json!([{"days_after_initiation": 1}]), json!([]), json!([])),
        rule(
            "upsign-pending-1",
            "pending/",
            json!([]),
            expiration(1, false),
            json!([{"newer_noncurrent_versions": null, "noncurrent_days": 1}]),
        ),
        rule("upsign-pending-1-markers", "pending/", json!([]), expiration(0, true), json!([])),
    ];
    let lifecycle = json!({"bucket": "article-images-bucket", "expected_bucket_owner": "", "rule": rules});
    let notification = json!({
        "bucket": "article-images-bucket", "eventbridge": false, "lambda_function": [], "topic": [],
        "queue": [{
            "id": "upsign-1", "queue_arn": QUEUE, "events": ["s3:ObjectCreated:Put"], "filter_prefix": "articles/",
            "filter_suffix": "",
        }],
    });
    json!({
        "address": "module.uploads",
        "resources": [
            resource("aws_s3_bucket_cors_configuration", &cors),
            resource("aws_s3_bucket_lifecycle_configuration", &lifecycle),
            resource("aws_s3_bucket_notification", &notification),
        ],
    })
}

fn check(output: &Value) {
    let deployment = deployment().with_expiring_prefix("pending/", 1);
    let bucket = &deployment.buckets()[0];
    let found = FoundDocuments::read(&output.to_string()).unwrap();
    assert_eq!(found.cors, Some(CorsDocument::for_bucket(&deployment, bucket).unwrap()));
    assert_eq!(found.lifecycle, Some(LifecycleDocument::for_bucket(&deployment, bucket)));
    assert_eq!(found.notification, NotificationDocument::for_bucket(&deployment, bucket, QUEUE));
}

#[test]
fn state_yields_the_documents_of_child_modules() {
    let root = json!({"resources": [], "child_modules": [module()]});
    check(&json!({"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": root}}));
}

#[test]
fn plan_yields_the_planned_values() {
    let mut deployed = module();
    deployed["resources"] = json!([]);
    check(&json!({
        "format_version": "1.2", "terraform_version": "1.9.8",
        "prior_state": {"format_version": "1.0", "values": {"root_module": deployed}},
        "planned_values": {"root_module": module()},
    }));
}

#[test]
fn bucket_policy_of_a_state_is_a_resource_policy() {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": "arn:aws:s3:::article-images-bucket/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }],
    });
    let values = json!({"bucket": "article-images-bucket", "policy": policy.to_string()});
    let module = json!({"resources": [resource("aws_s3_bucket_policy", &values)]});
    let output = json!({"format_version": "1.0", "values": {"root_module": module}}).to_string();
    let found = FoundDocuments::read(&output).unwrap();
    assert_eq!(found.bucket_policy.unwrap().statements()[0].sid(), "OnlyTls");
    assert!(found.role.is_none());
}

#[test]
fn empty_state_yields_nothing() {
    let output = r#"{"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": {}}}"#;
    assert_eq!(FoundDocuments::read(output).unwrap_err(), UnrecognizedDocument::Nothing);
    // Terraform prints this if there is no state at all.
    assert_eq!(
        FoundDocuments::read(r#"{"format_version": "1.0"}"#).unwrap_err(),
        UnrecognizedDocument::Nothing
    );
}

/// The function of a Lambda authorizer, whose ARN is an argument of the module.
const AUTHORIZER: &str = "arn:aws:lambda:ap-southeast-1:123456789012:function:authorizer";

/// Returns the state of a module: the values of its resources with all references replaced, and with what AWS computes.
fn state_of(module: &str) -> Value {
    let module: Value = serde_json::from_str(module).unwrap();
    let value = |text: &str| {
        let mut text = match text.strip_prefix("${\"").and_then(|it| it.strip_suffix("\"}")) {
            Some(quoted) => quoted.to_owned(),
            None => text.to_owned(),
        };
        for (reference, value) in [
            ("${data.aws_caller_identity.current.account_id}", "123456789012"),
            ("${data.aws_partition.current.partition}", "aws"),
            ("${data.aws_region.current.name}", "ap-southeast-1"),
            ("${data.aws_region.current.id}", "ap-southeast-1"),
            ("${var.name}", "uploads"),
            ("${var.reserved_concurrency}", "-1"),
            ("${var.architecture}", "arm64"),
            ("${var.authorizer_function_arn}", AUTHORIZER),
            ("${aws_s3_bucket.uploads.id}", "article-images-bucket"),
        ] {
            text = text.replace(reference, value);
        }
        // Whatever else a resource has gets a value that names it.
        while let Some((before, rest)) = text.clone().split_once("${aws_") {
            let (inner, after) = rest.split_once('}').unwrap();
            let inner = inner.replace("[0]", "");
            let path: Vec<&str> = inner.split('.').collect();
            let known = module["resource"]
                .get(format!("aws_{}", path[0]))
                .and_then(|it| it[path[1]].get(*path.get(2)?));
            let known = known.and_then(Value::as_str).filter(|it| !it.contains("${aws"));
            let value = known.map_or_else(
                || format!("value-of-{}", path.join("-").replace("-name", "-id")),
                str::to_owned,
            );
            text = format!("{before}{value}{after}").replace("${var.name}", "uploads");
        }
        text
    };
    let resources = module["resource"].as_object().unwrap().iter().flat_map(|(kind, named)| {
        named.as_object().unwrap().iter().map(move |(name, body)| {
            let mut values = with_texts(body, &value);
            for argument in ["depends_on", "count", "lifecycle"] {
                values.as_object_mut().unwrap().remove(argument);
            }
            for attribute in ["arn", "id", "invoke_arn", "execution_arn", "function_name", "name", "url", "stage_name"] {
                let computed = json!(format!("value-of-{}-{name}-{attribute}", kind.trim_start_matches("aws_")).replace("-name", "-id"));
                let members = values.as_object_mut().unwrap();
                members.entry(attribute).or_insert(computed);
            }
            json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values})
        })
    });
    let resources: Vec<Value> = resources.collect();
    json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}})
}

fn with_texts(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if text == "${var.alarm_topic_arns}" => json!([]),
        Value::String(text) => json!(change(text)),
        Value::Array(list) => list.iter().map(|it| with_texts(it, change)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, it)| (name.clone(), with_texts(it, change))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn whole_state_is_compared_and_changes_of_it_are_found() {
    let deployment = deployment().with_account("123456789012".parse().unwrap());
    let module = terraform_module(&deployment).unwrap().to_json();
    let state = state_of(&module);
    let comparison = compare(&deployment, &state.to_string());
    let differences: Vec<String> = comparison.differences().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let open = state.to_string().replace("\"block_public_policy\":true", "\"block_public_policy\":false");
    let comparison = compare(&deployment, &open);
    assert!(comparison.differences().any(|it| it.description().contains("block_public_policy")));
}

/// Returns the values of the first resource of a type in a state.
fn values<'a>(state: &'a mut Value, kind: &str) -> &'a mut Value {
    let resources = state["values"]["root_module"]["resources"].as_array_mut().unwrap();
    let resource = resources.iter_mut().find(|it| it["type"] == *kind).unwrap();
    &mut resource["values"]
}

/// Changes the state of the generated module and returns whether the comparison notices, and its report.
fn changed(change: impl Fn(&mut Value)) -> (bool, String) {
    let deployment = deployment().with_account("123456789012".parse().unwrap());
    let before = state_of(&terraform_module(&deployment).unwrap().to_json());
    let mut after = before.clone();
    change(&mut after);
    assert_ne!(before, after);
    let report = |state: &Value| lines(&compare(&deployment, &state.to_string()));
    let lines = report(&after);
    (lines != report(&before), lines)
}

#[test]
fn what_the_provider_shows_of_a_bucket_is_compared_with_what_other_resources_set() {
    let owner = json!([{"id": "79a5", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}]);
    let group = json!({"id": "", "permissions": ["FULL_CONTROL"], "type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"});
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]});
    let policy = |state: &mut Value| values(state, "aws_s3_bucket_policy")["policy"].clone();
    let (is_noticed, lines) = changed(|state| {
        let (policy, cors) =
            (policy(state), values(state, "aws_s3_bucket_cors_configuration")["cors_rule"].clone());
        let encryption = values(state, "aws_s3_bucket_server_side_encryption_configuration")["rule"].clone();
        let bucket = values(state, "aws_s3_bucket");
        bucket["grant"] = owner.clone();
        bucket["policy"] = policy;
        bucket["cors_rule"] = cors;
        bucket["server_side_encryption_configuration"] = json!([{"rule": encryption}]);
        bucket["request_payer"] = json!("BucketOwner");
        bucket["bucket_namespace"] = json!("global");
        let queue = values(state, "aws_sqs_queue_policy")["policy"].clone();
        let url = values(state, "aws_sqs_queue_policy")["queue_url"].clone();
        let resources = state["values"]["root_module"]["resources"].as_array_mut().unwrap();
        let own = resources.iter_mut().find(|it| it["type"] == "aws_sqs_queue" && it["values"]["id"] == url);
        own.unwrap()["values"]["policy"] = queue;
    });
    assert!(!is_noticed, "{lines}");
    for (member, value) in [
        ("grant", json!([owner[0], group])),
        ("grant", json!([group])),
        ("policy", json!(open.to_string())),
        ("cors_rule", json!([{"allowed_origins": ["*"], "allowed_methods": ["GET"]}])),
        ("lifecycle_rule", json!([{"id": "x", "enabled": true, "prefix": "", "expiration": [{"days": 1}]}])),
        (
            "server_side_encryption_configuration",
            json!([{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}]),
        ),
        ("versioning", json!([{"enabled": true, "mfa_delete": true}])),
        ("object_lock_configuration", json!([{"object_lock_enabled": "Enabled"}])),
        ("replication_configuration", json!([{"role": "x"}])),
        ("website", json!([{"index_document": "index.html"}])),
        ("request_payer", json!("Requester")),
        ("status", json!("open")),
    ] {
        let (is_noticed, lines) = changed(|state| values(state, "aws_s3_bucket")[member] = value.clone());
        assert!(
            is_noticed && lines.contains(&format!("aws_s3_bucket.uploads.{member}")),
            "{member}: {lines}"
        );
    }
}

#[test]
fn defaults_of_the_provider_are_no_change_and_their_zero_values_are() {
    for (kind, member, default, other) in [
        ("aws_cloudwatch_metric_alarm", "actions_enabled", json!(true), json!(false)),
        ("aws_sqs_queue", "kms_data_key_reuse_period_seconds", json!(300), json!(60)),
        ("aws_lambda_function", "package_type", json!("Zip"), json!("Image")),
        (
            "aws_lambda_function",
            "tracing_config",
            json!([{"mode": "PassThrough"}]),
            json!([{"mode": "Active"}]),
        ),
        ("aws_lambda_function", "reserved_concurrent_executions", json!(-1), json!(0)),
        ("aws_iam_role", "max_session_duration", json!(3600), json!(43200)),
        (
            "aws_iam_role",
            "inline_policy",
            json!([]),
            json!([{"name": "more", "policy": "{\"Statement\": []}"}]),
        ),
        (
            "aws_iam_role",
            "managed_policy_arns",
            json!([]),
            json!(["arn:aws:iam::aws:policy/AdministratorAccess"]),
        ),
        ("aws_api_gateway_rest_api", "api_key_source", json!("HEADER"), json!("AUTHORIZER")),
        ("aws_sqs_queue", "policy", json!(""), json!("{\"Statement\": []}")),
    ] {
        let set = |value: &Value| {
            changed(|state| {
                let values = values(state, kind);
                values[member] = value.clone();
                values["tags"] = json!({});
            })
        };
        let (is_noticed, lines) = set(&default);
        assert!(!is_noticed, "{kind}.{member}: {lines}");
        let (is_noticed, lines) = set(&other);
        assert!(is_noticed && lines.contains(member), "{kind}.{member}: {lines}");
    }
}

#[test]
fn resources_that_the_defaults_leave_out_may_be_absent_and_none_is_skipped() {
    let (_, lines) = changed(|state| {
        let resources = state["values"]["root_module"]["resources"].as_array_mut().unwrap();
        resources.retain(|it| {
            it["type"] != "aws_api_gateway_account"
                && !it["address"].as_str().unwrap().contains("api_gateway_logs")
        });
    });
    assert!(!lines.contains("is missing") && !lines.contains("has no such"), "{lines}");
    for change in ["address", "mode"] {
        let mut extra =
            resource("aws_iam_role_policy_attachment", &json!({"role": "uploads", "policy_arn": "x"}));
        match change {
            "address" => drop(extra.as_object_mut().unwrap().remove("address")),
            _ => extra["mode"] = json!("future"),
        }
        let (is_noticed, lines) = changed(|state| {
            state["values"]["root_module"]["resources"].as_array_mut().unwrap().push(extra.clone());
        });
        assert!(is_noticed && lines.contains("aws_iam_role_policy_attachment.uploads"), "{lines}");
    }
    let (is_noticed, lines) = changed(|state| {
        let account = json!({
            "address": "data.aws_caller_identity.current", "mode": "data", "type": "aws_caller_identity",
            "name": "current", "values": {"account_id": "999999999999"},
        });
        state["values"]["root_module"]["resources"].as_array_mut().unwrap().push(account);
    });
    assert!(is_noticed && lines.contains("account_id is 999999999999"), "{lines}");
}

/// The function of a Lambda authorizer is in no configuration, so which one is deployed is left to the reader; everything else about
/// the authorizer is compared.
#[test]
fn function_of_a_lambda_authorizer_in_a_state_is_not_compared() {
    let reason = "refers to something that neither the configuration nor the state has";
    for (api, uri, ttl) in [
        (
            ApiKind::Rest,
            "x-amazon-apigateway-authorizer.authorizerUri",
            r#""authorizerResultTtlInSeconds\":0"#,
        ),
        (
            ApiKind::Http,
            "aws_apigatewayv2_authorizer.uploads.authorizer_uri",
            r#""authorizer_result_ttl_in_seconds":0"#,
        ),
    ] {
        let deployment = lambda(api).with_account("123456789012".parse().unwrap());
        let state = state_of(&terraform_module(&deployment).unwrap().to_json()).to_string();
        let comparison = compare(&deployment, &state);
        assert_eq!(comparison.differences().count(), 0, "{}", lines(&comparison));
        let unknown: Vec<_> = comparison.uncompared().filter(|it| it.reason().contains(reason)).collect();
        let names: Vec<&str> = unknown.iter().map(|it| it.name()).collect();
        assert!(names[0].ends_with(uri), "{names:?}");
        assert_eq!(names[1..], ["aws_lambda_permission.authorizer.function_name"]);
        for one in unknown {
            let has = |text: &str| one.reason().contains(text);
            assert!(has(AUTHORIZER) && has("${var.authorizer_function_arn}"), "{}", one.reason());
        }
        let reused = compare(&deployment, &state.replace(ttl, &ttl.replace('0', "300")));
        assert!(reused.differences().any(|it| it.severity() == Severity::Wider), "{}", lines(&reused));
    }
}
