//! What is watched.

use super::super::alarms::{METRICS, Of, REFUSED, SHARE, watches};
use super::super::dashboard::{self, Names};
use super::bucket::named;
use super::{Parts, block};
use crate::node::{Node, map, text};
use crate::{ApiKind, Deployment};

pub(super) fn watch(deployment: &Deployment) -> Parts {
    let mut parts = Parts::new();
    for watch in watches(deployment) {
        let body = map([
            ("alarm_name", text(format!("uploads-{}", watch.name))),
            ("alarm_description", text(watch.what)),
            ("namespace", text(watch.namespace)),
            ("metric_name", text(watch.metric)),
            ("dimensions", dimensions(deployment, watch.of)),
            ("statistic", text("Sum")),
            ("period", Node::Number(300)),
            ("evaluation_periods", Node::Number(1)),
            ("threshold", Node::Number(watch.above)),
            ("comparison_operator", text("GreaterThanThreshold")),
            ("treat_missing_data", text("notBreaching")),
            ("alarm_actions", text("${var.alarm_topic_arns}")),
        ]);
        parts.push(("aws_cloudwatch_metric_alarm", snake(watch.name), body));
    }
    for index in 0..deployment.buckets().len() {
        parts.push(("aws_cloudwatch_metric_alarm", named("refused_uploads", index), ratio(index)));
    }
    let body = dashboard(deployment);
    let body = map([("dashboard_name", text("uploads")), ("dashboard_body", Node::Encoded(Box::new(body)))]);
    parts.push(("aws_cloudwatch_dashboard", "uploads".into(), body));
    parts
}

fn dashboard(deployment: &Deployment) -> Node {
    let api = match deployment.api {
        ApiKind::Rest => "${aws_api_gateway_rest_api.uploads.name}",
        ApiKind::Http => "${aws_apigatewayv2_api.uploads.id}",
    };
    let bucket = |index| format!("${{aws_s3_bucket.{}.id}}", named("uploads", index));
    let names = Names {
        region: deployment.region().map(ToString::to_string).unwrap_or_default(),
        api: api.into(),
        function: "${aws_lambda_function.uploads.function_name}".into(),
        buckets: (0..deployment.buckets().len()).map(bucket).collect(),
    };
    dashboard::body(deployment, &names)
}

fn dimensions(deployment: &Deployment, of: Of) -> Node {
    match (of, deployment.api) {
        (Of::Function, _) => map([("FunctionName", text("${aws_lambda_function.uploads.function_name}"))]),
        (Of::DeadLetters, _) => map([("QueueName", text("${aws_sqs_queue.dead_letters.name}"))]),
        (Of::Api, ApiKind::Rest) => map([
            ("ApiName", text("${aws_api_gateway_rest_api.uploads.name}")),
            ("Stage", text("${aws_api_gateway_stage.uploads.stage_name}")),
        ]),
        (Of::Api, ApiKind::Http) => map([
            ("ApiId", text("${aws_apigatewayv2_api.uploads.id}")),
            ("Stage", text("${aws_apigatewayv2_stage.uploads.name}")),
        ]),
    }
}

fn ratio(index: usize) -> Node {
    let bucket = format!("${{aws_s3_bucket.{}.id}}", named("uploads", index));
    let query = |id: &str, name: &str| {
        let dimensions = map([("BucketName", text(&bucket)), ("FilterId", text(METRICS))]);
        let metric = block([
            ("namespace", text("AWS/S3")),
            ("metric_name", text(name)),
            ("period", Node::Number(300)),
            ("stat", text("Sum")),
            ("dimensions", dimensions),
        ]);
        map([("id", text(id)), ("metric", metric)])
    };
    let share = map([
        ("id", text("share")),
        ("label", text("refused, of 100 uploads")),
        ("expression", text(SHARE)),
        ("return_data", true.into()),
    ]);
    let queries = vec![
        share,
        query("refused", "4xxErrors"),
        query("puts", "PutRequests"),
        query("posts", "PostRequests"),
    ];
    map([
        ("alarm_name", text(format!("uploads-{}", named("refused", index)))),
        ("alarm_description", text(REFUSED)),
        ("evaluation_periods", Node::Number(3)),
        ("datapoints_to_alarm", Node::Number(2)),
        ("threshold", Node::Number(10)),
        ("comparison_operator", text("GreaterThanThreshold")),
        ("treat_missing_data", text("notBreaching")),
        ("alarm_actions", text("${var.alarm_topic_arns}")),
        ("metric_query", Node::Blocks(queries)),
    ])
}

/// `DeadLetters` as `dead_letters`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}
