//! Alarms and the dashboard.

use super::super::alarms::{MetricSource, REJECTED_DESCRIPTION, REJECTED_PERCENT, metric_alarms};
use super::super::bucket::METRICS_ID;
use super::super::dashboard::{self, Names};
use super::bucket::named;
use super::{Parts, block};
use crate::deployment::{ApiKind, Deployment};
use crate::node::{Node, map, text};

pub(super) fn monitoring(deployment: &Deployment) -> Parts {
    let mut parts = Parts::new();
    for alarm in metric_alarms(deployment) {
        let body = map([
            ("alarm_name", text(format!("uploads-{}", alarm.name))),
            ("alarm_description", text(alarm.description)),
            ("namespace", text(alarm.namespace)),
            ("metric_name", text(alarm.metric)),
            ("dimensions", dimensions(deployment, alarm.source)),
            ("statistic", text("Sum")),
            ("period", Node::Number(300)),
            ("evaluation_periods", Node::Number(1)),
            ("threshold", Node::Number(alarm.threshold)),
            ("comparison_operator", text("GreaterThanThreshold")),
            ("treat_missing_data", text("notBreaching")),
            ("alarm_actions", text("${var.alarm_topic_arns}")),
        ]);
        parts.push(("aws_cloudwatch_metric_alarm", snake(alarm.name), body));
    }
    for index in 0..deployment.buckets().len() {
        parts.push((
            "aws_cloudwatch_metric_alarm",
            named("refused_uploads", index),
            rejected_uploads_alarm(index),
        ));
    }
    let body = dashboard(deployment);
    let body = map([("dashboard_name", text("uploads")), ("dashboard_body", Node::Encoded(Box::new(body)))]);
    parts.push(("aws_cloudwatch_dashboard", "uploads".into(), body));
    parts
}

fn dashboard(deployment: &Deployment) -> Node {
    let api = match deployment.api {
        ApiKind::Rest => "${aws_api_gateway_rest_api.uploads.name}",
        _ => "${aws_apigatewayv2_api.uploads.id}",
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

fn dimensions(deployment: &Deployment, source: MetricSource) -> Node {
    match (source, deployment.api) {
        (MetricSource::Function, _) => {
            map([("FunctionName", text("${aws_lambda_function.uploads.function_name}"))])
        }
        (MetricSource::DeadLetters, _) => map([("QueueName", text("${aws_sqs_queue.dead_letters.name}"))]),
        (MetricSource::Log, _) => map::<&str>([]),
        (MetricSource::Api, ApiKind::Rest) => map([
            ("ApiName", text("${aws_api_gateway_rest_api.uploads.name}")),
            ("Stage", text("${aws_api_gateway_stage.uploads.stage_name}")),
        ]),
        (MetricSource::Api, _) => map([
            ("ApiId", text("${aws_apigatewayv2_api.uploads.id}")),
            ("Stage", text("${aws_apigatewayv2_stage.uploads.name}")),
        ]),
    }
}

fn rejected_uploads_alarm(index: usize) -> Node {
    let bucket = format!("${{aws_s3_bucket.{}.id}}", named("uploads", index));
    let query = |id: &str, name: &str| {
        let dimensions = map([("BucketName", text(&bucket)), ("FilterId", text(METRICS_ID))]);
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
        ("label", text("rejected uploads in percent")),
        ("expression", text(REJECTED_PERCENT)),
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
        ("alarm_description", text(REJECTED_DESCRIPTION)),
        ("evaluation_periods", Node::Number(3)),
        ("datapoints_to_alarm", Node::Number(2)),
        ("threshold", Node::Number(10)),
        ("comparison_operator", text("GreaterThanThreshold")),
        ("treat_missing_data", text("notBreaching")),
        ("alarm_actions", text("${var.alarm_topic_arns}")),
        ("metric_query", Node::Blocks(queries)),
    ])
}

/// Converts `DeadLetters` to `dead_letters`.
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
