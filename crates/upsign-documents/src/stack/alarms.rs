//! What is watched.

use super::{Resources, attribute, refer, resource};
use crate::node::{Node, map, text};
use crate::stack::bucket::named;
use crate::stack::function::FUNCTION;
use crate::{ApiKind, Deployment, NotificationTarget};

/// The id of a bucket's metrics configuration: S3 counts requests only where one asks for it.
pub(super) const METRICS: &str = "upsign-uploads";

/// Of a hundred uploads; the one more keeps a quiet bucket from dividing by nothing.
pub(super) const SHARE: &str = "100 * refused / (puts + posts + 1)";
pub(super) const REFUSED: &str =
    "S3 refuses more than one upload in ten: compare what clients send with what is signed";

type Dimension = (&'static str, Node);

/// The sum of five minutes above a number.
pub(super) struct Watch {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) namespace: &'static str,
    pub(super) metric: &'static str,
    pub(super) of: Of,
    pub(super) above: i64,
}

/// Whose metric it is.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Function,
    Api,
    DeadLetters,
}

pub(super) fn watches(deployment: &Deployment) -> Vec<Watch> {
    let (client, server) = api_metrics(deployment.api);
    let watch = |name, what, namespace, metric, of, above| Watch { name, what, namespace, metric, of, above };
    let refused = "many callers are refused: expired tokens, or a client that has changed";
    let mut all = vec![
        watch("FunctionErrors", "the function fails", "AWS/Lambda", "Errors", Of::Function, 0),
        watch("FunctionThrottles", "the function is throttled", "AWS/Lambda", "Throttles", Of::Function, 0),
        watch("ApiRefusals", refused, "AWS/ApiGateway", client, Of::Api, 50),
        watch("ApiErrors", "the API fails", "AWS/ApiGateway", server, Of::Api, 0),
    ];
    if deployment.notify == NotificationTarget::Queue {
        let what = "a new object could not be worked on";
        let metric = "ApproximateNumberOfMessagesVisible";
        all.push(watch("DeadLetters", what, "AWS/SQS", metric, Of::DeadLetters, 0));
    }
    all
}

pub(super) fn alarms(deployment: &Deployment) -> Resources {
    let each = watches(deployment).into_iter().map(|watch| simple(deployment, &watch));
    each.chain((0..deployment.buckets().len()).map(ratio)).collect()
}

fn dimensions_of(deployment: &Deployment, of: Of) -> Vec<Dimension> {
    match of {
        Of::Function => vec![("FunctionName", refer(FUNCTION))],
        Of::Api => api_dimensions(deployment.api),
        Of::DeadLetters => vec![("QueueName", attribute("UploadsDeadLetters", "QueueName"))],
    }
}

/// The two kinds of API spell them differently.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>.
pub(super) const fn api_metrics(api: ApiKind) -> (&'static str, &'static str) {
    match api {
        ApiKind::Rest => ("4XXError", "5XXError"),
        ApiKind::Http => ("4xx", "5xx"),
    }
}

fn api_dimensions(api: ApiKind) -> Vec<Dimension> {
    match api {
        ApiKind::Rest => vec![("ApiName", refer("AWS::StackName")), ("Stage", text(super::rest_api::STAGE))],
        ApiKind::Http => vec![("ApiId", refer("UploadApi")), ("Stage", text("$default"))],
    }
}

fn dimensions(dimensions: Vec<Dimension>) -> Node {
    let each = dimensions.into_iter().map(|(name, value)| map([("Name", text(name)), ("Value", value)]));
    Node::List(each.collect())
}

fn simple(deployment: &Deployment, watch: &Watch) -> (String, Node) {
    let properties = map([
        ("AlarmDescription", text(watch.what)),
        ("Namespace", text(watch.namespace)),
        ("MetricName", text(watch.metric)),
        ("Dimensions", dimensions(dimensions_of(deployment, watch.of))),
        ("Statistic", text("Sum")),
        ("Period", Node::Number(300)),
        ("EvaluationPeriods", Node::Number(1)),
        ("Threshold", Node::Number(watch.above)),
        ("ComparisonOperator", text("GreaterThanThreshold")),
        ("TreatMissingData", text("notBreaching")),
        ("AlarmActions", actions()),
    ]);
    (format!("{}Alarm", watch.name), resource("AWS::CloudWatch::Alarm", properties))
}

fn actions() -> Node {
    let topic = Node::List(vec![refer("AlarmTopic")]);
    map([("Fn::If", Node::List(vec![text("HasAlarmTopic"), topic, refer("AWS::NoValue")]))])
}

/// The share of refused requests among uploads. A header that a client no longer sends shows here and nowhere else.
fn ratio(index: usize) -> (String, Node) {
    let metric = |id: &str, name: &str| {
        let of = vec![("BucketName", refer(&named("UploadsBucket", index))), ("FilterId", text(METRICS))];
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
        ("Label", text("refused, of 100 uploads")),
        ("Expression", text(SHARE)),
        ("ReturnData", true.into()),
    ]);
    let metrics = vec![
        share,
        metric("refused", "4xxErrors"),
        metric("puts", "PutRequests"),
        metric("posts", "PostRequests"),
    ];
    let properties = map([
        ("AlarmDescription", text(REFUSED)),
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
