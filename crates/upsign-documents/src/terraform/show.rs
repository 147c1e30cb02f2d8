//! Reads the output of `terraform show -json`.

use serde_json::{Map, Value};

/// Converts the output of `terraform show -json`, a state or a plan, to the shape of Terraform's JSON configuration syntax.
/// Returns `None` if `value` is not such output.
///
/// Resources are named by their address, which is unique across modules. Of a plan, the planned values count.
///
/// Source: <https://developer.hashicorp.com/terraform/internals/json-format>.
pub(crate) fn configuration(value: &Value) -> Option<Value> {
    value.get("format_version")?;
    let values = value.get("planned_values").or_else(|| value.get("values"))?;
    let (mut resources, mut data) = (Map::new(), Map::new());
    collect(values.get("root_module")?, &mut resources, &mut data);
    let members =
        [("resource".to_owned(), Value::Object(resources)), ("data".to_owned(), Value::Object(data))];
    Some(Value::Object(Map::from_iter(members)))
}

fn collect(module: &Value, resources: &mut Map<String, Value>, data: &mut Map<String, Value>) {
    let members = |name: &str| module.get(name).and_then(Value::as_array).into_iter().flatten();
    for resource in members("resources") {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        let kind = text("type").unwrap_or("unknown");
        let address = text("address").map(str::to_owned);
        let address = address.unwrap_or_else(|| format!("{kind}.{}", text("name").unwrap_or("unknown")));
        // What is no data source may change something, whatever later versions call it.
        let kinds = if text("mode") == Some("data") { &mut *data } else { &mut *resources };
        let body = resource.get("values").map(|values| configured_as(kind, values)).unwrap_or_default();
        let named = kinds.entry(kind).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(named) = named {
            // Two resources with one address stay two.
            match named.get_mut(&address) {
                Some(Value::Array(known)) => known.push(body),
                Some(known) => *known = Value::Array(vec![known.take(), body]),
                None => drop(named.insert(address, body)),
            }
        }
    }
    for child in members("child_modules") {
        collect(child, resources, data);
    }
}

/// Returns the parts of the values of all resources that the configuration sets.
pub(crate) fn configured(resources: &Value) -> Value {
    let kinds = resources.as_object().into_iter().flatten();
    let kinds = kinds.map(|(kind, named)| {
        let named = named.as_object().into_iter().flatten();
        let named = named.map(|(name, body)| (name.clone(), configured_as(kind, body)));
        (kind.clone(), Value::Object(named.collect()))
    });
    Value::Object(kinds.collect())
}

fn configured_as(kind: &str, values: &Value) -> Value {
    set_values(kind, "", values).unwrap_or_else(|| Value::Object(Map::new()))
}

/// Returns the parts of a value that the configuration sets.
///
/// A state lists every argument of a resource. Those that the configuration leaves out have the default of the provider: the
/// zero value of their type (`null`, `""`, `0`, `false` or an empty list) or the one in [`DEFAULTS`]. They count as absent.
fn set_values(kind: &str, path: &str, value: &Value) -> Option<Value> {
    let default = default_of(kind, path);
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(|it| set_values(kind, path, it)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members = members.iter().filter_map(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                Some((name.clone(), set_values(kind, &path, value)?))
            });
            let members: Map<String, Value> = members.collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        scalar => match default {
            Some(default) => (text_of(scalar) != default).then(|| scalar.clone()),
            None => (!is_zero(scalar)).then(|| scalar.clone()),
        },
    }
}

/// Returns the default of an argument if it is no zero value.
pub(crate) fn default_of(kind: &str, path: &str) -> Option<&'static str> {
    DEFAULTS.iter().find(|(of, name, _)| *of == kind && *name == path).map(|(.., default)| *default)
}

fn text_of(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_zero(scalar: &Value) -> bool {
    match scalar {
        Value::Bool(yes) => !yes,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

/// The arguments whose default is no zero value, with that default. Their zero value is a change.
///
/// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>, the page of each resource.
const DEFAULTS: [(&str, &str, &str); 47] = [
    ("aws_api_gateway_authorizer", "authorizer_result_ttl_in_seconds", "300"),
    ("aws_api_gateway_authorizer", "identity_source", "method.request.header.Authorization"),
    ("aws_api_gateway_integration", "connection_type", "INTERNET"),
    ("aws_api_gateway_integration", "passthrough_behavior", "WHEN_NO_MATCH"),
    ("aws_api_gateway_integration", "response_transfer_mode", "BUFFERED"),
    ("aws_api_gateway_integration", "timeout_milliseconds", "29000"),
    ("aws_api_gateway_method_settings", "settings.cache_ttl_in_seconds", "300"),
    ("aws_api_gateway_method_settings", "settings.logging_level", "OFF"),
    ("aws_api_gateway_method_settings", "settings.require_authorization_for_cache_control", "true"),
    ("aws_api_gateway_method_settings", "settings.throttling_burst_limit", "-1"),
    ("aws_api_gateway_method_settings", "settings.throttling_rate_limit", "-1"),
    (
        "aws_api_gateway_method_settings",
        "settings.unauthorized_cache_control_header_strategy",
        "SUCCEED_WITH_RESPONSE_HEADER",
    ),
    ("aws_api_gateway_rest_api", "api_key_source", "HEADER"),
    ("aws_api_gateway_rest_api", "endpoint_configuration.ip_address_type", "ipv4"),
    ("aws_apigatewayv2_api", "api_key_selection_expression", "$request.header.x-api-key"),
    ("aws_apigatewayv2_api", "ip_address_type", "ipv4"),
    ("aws_apigatewayv2_api", "route_selection_expression", "$request.method $request.path"),
    ("aws_apigatewayv2_integration", "connection_type", "INTERNET"),
    ("aws_apigatewayv2_integration", "timeout_milliseconds", "30000"),
    ("aws_apigatewayv2_route", "authorization_type", "NONE"),
    ("aws_cloudfront_distribution", "http_version", "http2"),
    ("aws_cloudfront_distribution", "origin.connection_attempts", "3"),
    ("aws_cloudfront_distribution", "origin.connection_timeout", "10"),
    ("aws_cloudfront_distribution", "price_class", "PriceClass_All"),
    ("aws_cloudfront_distribution", "viewer_certificate.minimum_protocol_version", "TLSv1"),
    ("aws_cloudfront_distribution", "wait_for_deployment", "true"),
    ("aws_cloudwatch_log_group", "log_group_class", "STANDARD"),
    ("aws_cloudwatch_metric_alarm", "actions_enabled", "true"),
    ("aws_cloudwatch_metric_alarm", "treat_missing_data", "missing"),
    ("aws_iam_role", "max_session_duration", "3600"),
    ("aws_iam_role", "path", "/"),
    ("aws_lambda_function", "architectures", "x86_64"),
    ("aws_lambda_function", "ephemeral_storage.size", "512"),
    ("aws_lambda_function", "logging_config.log_format", "Text"),
    ("aws_lambda_function", "memory_size", "128"),
    ("aws_lambda_function", "package_type", "Zip"),
    ("aws_lambda_function", "reserved_concurrent_executions", "-1"),
    ("aws_lambda_function", "timeout", "3"),
    ("aws_lambda_function", "tracing_config.mode", "PassThrough"),
    ("aws_lambda_function_url", "invoke_mode", "BUFFERED"),
    ("aws_s3_bucket", "bucket_namespace", "global"),
    ("aws_s3_bucket", "request_payer", "BucketOwner"),
    (
        "aws_s3_bucket_lifecycle_configuration",
        "transition_default_minimum_object_size",
        "all_storage_classes_128K",
    ),
    ("aws_sqs_queue", "max_message_size", "262144"),
    ("aws_sqs_queue", "kms_data_key_reuse_period_seconds", "300"),
    ("aws_sqs_queue", "message_retention_seconds", "345600"),
    ("aws_sqs_queue", "visibility_timeout_seconds", "30"),
];
