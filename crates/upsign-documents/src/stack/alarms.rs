//! Alarms on CloudWatch metrics.

use super::{Resources, attribute, refer, resource};
use crate::deployment::{ApiKind, Deployment, NotificationTarget};
use crate::node::{Node, map, text};
use crate::stack::bucket::{METRICS_ID, named};
use crate::stack::function::FUNCTION;

/// The percentage of rejected uploads. The `+ 1` avoids a division by zero if there are no uploads.
pub(super) const REJECTED_PERCENT: &str = "100 * refused / (puts + posts + 1)";
pub(super) const REJECTED_DESCRIPTION: &str = "S3 rejects more than one upload in ten: compare the headers that clients send with those that are signed";

type Dimension = (&'static str, Node);

/// An alarm that fires if the sum of a metric over five minutes exceeds a threshold.
pub(super) struct MetricAlarm {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) namespace: &'static str,
    pub(super) metric: &'static str,
    pub(super) source: MetricSource,
    pub(super) threshold: i64,
}

/// The resource that a metric belongs to.
#[derive(Clone, Copy)]
pub(super) enum MetricSource {
    Function,
    Api,
    DeadLetters,
    /// The lines of metrics that the function writes, in the namespace `upsign`.
    Log,
}

/// Returns the alarms on single metrics, which CloudFormation and Terraform share.
pub(super) fn metric_alarms(deployment: &Deployment) -> Vec<MetricAlarm> {
    let (client, server) = api_metrics(deployment.api);
    let alarm = |name, description, namespace, metric, source, threshold| MetricAlarm {
        name,
        description,
        namespace,
        metric,
        source,
        threshold,
    };
    let fails = "Invocations of the upload function fail";
    let throttled = "Invocations of the upload function are throttled";
    let rejected = "Many requests are rejected (4xx): tokens have expired, or a client has changed";
    let keys =
        "The keys that verify tokens cannot be fetched: once they are 24 hours old, every caller is refused";
    let credentials =
        "The credentials that sign uploads cannot be renewed: once they expire, every caller is refused";
    let errors = "The API answers with server errors (5xx)";
    let mut all = vec![
        alarm("FunctionErrors", fails, "AWS/Lambda", "Errors", MetricSource::Function, 0),
        alarm("FunctionThrottles", throttled, "AWS/Lambda", "Throttles", MetricSource::Function, 0),
        alarm("ApiRefusals", rejected, "AWS/ApiGateway", client, MetricSource::Api, 50),
        alarm("ApiErrors", errors, "AWS/ApiGateway", server, MetricSource::Api, 0),
        // Callers are served for up to 24 hours with the keys that were fetched before, and until the end of the credentials.
        alarm("JwksRefreshFailures", keys, "upsign", "JwksRefreshFailures", MetricSource::Log, 0),
        alarm(
            "CredentialsRefreshFailures",
            credentials,
            "upsign",
            "CredentialsRefreshFailures",
            MetricSource::Log,
            0,
        ),
    ];
    if deployment.notification_target == NotificationTarget::Queue {
        let description = "A notification of a new object could not be processed";
        let metric = "ApproximateNumberOfMessagesVisible";
        all.push(alarm("DeadLetters", description, "AWS/SQS", metric, MetricSource::DeadLetters, 0));
    }
    all
}

pub(super) fn resources(deployment: &Deployment) -> Resources {
    let each = metric_alarms(deployment).into_iter().map(|alarm| metric_alarm(deployment, &alarm));
    each.chain((0..deployment.buckets().len()).map(rejected_uploads_alarm)).collect()
}

fn dimensions_of(deployment: &Deployment, source: MetricSource) -> Vec<Dimension> {
    match source {
        MetricSource::Function => vec![("FunctionName", refer(FUNCTION))],
        MetricSource::Api => api_dimensions(deployment.api),
        MetricSource::DeadLetters => vec![("QueueName", attribute("UploadsDeadLetters", "QueueName"))],
        MetricSource::Log => Vec::new(),
    }
}

/// Returns the names of the metrics for 4xx and 5xx answers, which the two kinds of API spell differently.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>.
pub(super) const fn api_metrics(api: ApiKind) -> (&'static str, &'static str) {
    match api {
        ApiKind::Rest => ("4XXError", "5XXError"),
        _ => ("4xx", "5xx"),
    }
}

fn api_dimensions(api: ApiKind) -> Vec<Dimension> {
    match api {
        ApiKind::Rest => vec![("ApiName", refer("AWS::StackName")), ("Stage", text(super::rest_api::STAGE))],
        _ => vec![("ApiId", refer("UploadApi")), ("Stage", text("$default"))],
    }
}

fn dimensions(dimensions: Vec<Dimension>) -> Node {
    let each = dimensions.into_iter().map(|(name, value)| map([("Name", text(name)), ("Value", value)]));
    Node::List(each.collect())
}

fn metric_alarm(deployment: &Deployment, alarm: &MetricAlarm) -> (String, Node) {
    let properties = map([
        ("AlarmDescription", text(alarm.description)),
        ("Namespace", text(alarm.namespace)),
        ("MetricName", text(alarm.metric)),
        ("Dimensions", dimensions(dimensions_of(deployment, alarm.source))),
        ("Statistic", text("Sum")),
        ("Period", Node::Number(300)),
        ("EvaluationPeriods", Node::Number(1)),
        ("Threshold", Node::Number(alarm.threshold)),
        ("ComparisonOperator", text("GreaterThanThreshold")),
        ("TreatMissingData", text("notBreaching")),
        ("AlarmActions", actions()),
    ]);
    (format!("{}Alarm", alarm.name), resource("AWS::CloudWatch::Alarm", properties))
}

/// Notifies the topic of the parameter `AlarmTopic`, if it is set.
fn actions() -> Node {
    let topic = Node::List(vec![refer("AlarmTopic")]);
    map([("Fn::If", Node::List(vec![text("HasAlarmTopic"), topic, refer("AWS::NoValue")]))])
}

/// An alarm on the percentage of rejected uploads. This is the only place where a header that clients no longer send shows up:
/// the service signs such uploads, and only S3 rejects them.
fn rejected_uploads_alarm(index: usize) -> (String, Node) {
    let metric = |id: &str, name: &str| {
        let of = vec![("BucketName", refer(&named("UploadsBucket", index))), ("FilterId", text(METRICS_ID))];
        let metric =
            map([("Namespace", text("AWS/S3")), ("MetricName", text(name)), ("Dimensions", dimensions(of))]);
        map([
            ("Id", text(id)),
            ("ReturnData", false.into()),
            ("MetricStat", map([("Metric", metric), ("Period", Node::Number(300)), ("Stat", text("Sum"))])),
        ])
    };
    let share = map([
        ("Id", text("share")),
        ("Label", text("rejected uploads in percent")),
        ("Expression", text(REJECTED_PERCENT)),
        ("ReturnData", true.into()),
    ]);
    let metrics = vec![
        share,
        metric("refused", "4xxErrors"),
        metric("puts", "PutRequests"),
        metric("posts", "PostRequests"),
    ];
    let properties = map([
        ("AlarmDescription", text(REJECTED_DESCRIPTION)),
        ("Metrics", Node::List(metrics)),
        ("EvaluationPeriods", Node::Number(3)),
        ("DatapointsToAlarm", Node::Number(2)),
        ("Threshold", Node::Number(10)),
        ("ComparisonOperator", text("GreaterThanThreshold")),
        ("TreatMissingData", text("notBreaching")),
        ("AlarmActions", actions()),
    ]);
    (named("RefusedUploadsAlarm", index), resource("AWS::CloudWatch::Alarm", properties))
}
