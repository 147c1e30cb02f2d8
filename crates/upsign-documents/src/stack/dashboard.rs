//! The CloudWatch dashboard: uploads to S3, requests to the API, the function.

use super::alarms::api_metrics;
use super::bucket::METRICS_ID;
use super::bucket::named;
use super::function::FUNCTION;
use super::{resource, rest_api, sub};
use crate::deployment::{ApiKind, Deployment};
use crate::node::{Node, list, map, text};

/// The names of the resources as the metrics' dimensions need them: literal, or as references of the template's language.
pub(super) struct Names {
    pub(super) region: String,
    /// The value of `ApiName` for a REST API, of `ApiId` for an HTTP API.
    pub(super) api: String,
    pub(super) function: String,
    pub(super) buckets: Vec<String>,
}

/// Returns the CloudFormation resource. Its body is a string of JSON.
pub(super) fn dashboard(deployment: &Deployment) -> (String, Node) {
    let api = match deployment.api {
        ApiKind::Rest => "${AWS::StackName}",
        _ => "${UploadApi}",
    };
    let bucket = |index| format!("${{{}}}", named("UploadsBucket", index));
    let names = Names {
        region: "${AWS::Region}".into(),
        api: api.into(),
        function: format!("${{{FUNCTION}}}"),
        buckets: (0..deployment.buckets().len()).map(bucket).collect(),
    };
    let body = serde_json::to_string(&body(deployment, &names)).unwrap_or_default();
    let properties = map([("DashboardName", sub("${AWS::StackName}-uploads")), ("DashboardBody", sub(body))]);
    ("UploadDashboard".into(), resource("AWS::CloudWatch::Dashboard", properties))
}

/// Returns the body of the dashboard.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.
pub(super) fn body(deployment: &Deployment, names: &Names) -> Node {
    let (client, server) = api_metrics(deployment.api);
    let api = match deployment.api {
        ApiKind::Rest => ["ApiName", names.api.as_str(), "Stage", rest_api::STAGE],
        _ => ["ApiId", names.api.as_str(), "Stage", "$default"],
    };
    let stored = names.buckets.iter().flat_map(|bucket| {
        ["PutRequests", "PostRequests", "4xxErrors", "5xxErrors", "BytesUploaded"]
            .map(|name| metric("AWS/S3", name, &["BucketName", bucket, "FilterId", METRICS_ID]))
    });
    let requests = ["Count", client, server, "Latency"].map(|name| metric("AWS/ApiGateway", name, &api));
    let function = ["Invocations", "Errors", "Throttles", "Duration"]
        .map(|name| metric("AWS/Lambda", name, &["FunctionName", &names.function]));
    let graphs =
        [("Uploads", stored.collect()), ("API requests", requests.to_vec()), ("Function", function.to_vec())];
    let widgets = graphs.into_iter().zip([0_i64, 8, 16]);
    let widgets = widgets.map(|((title, metrics), x)| graph(title, metrics, x, &names.region));
    map([("widgets", Node::List(widgets.collect()))])
}

/// Returns one line of a graph: the sum of a count, or the 95th percentile of a duration.
fn metric(namespace: &str, name: &str, dimensions: &[&str]) -> Node {
    let all = [namespace, name].into_iter().chain(dimensions.iter().copied()).map(text);
    let slow = ["Latency", "Duration"].contains(&name).then(|| map([("stat", text("p95"))]));
    list(all.chain(slow))
}

fn graph(title: &str, metrics: Vec<Node>, x: i64, region: &str) -> Node {
    let properties = map([
        ("title", text(title)),
        ("region", text(region)),
        ("stat", text("Sum")),
        ("period", Node::Number(300)),
        ("metrics", Node::List(metrics)),
    ]);
    map([
        ("type", text("metric")),
        ("x", x.into()),
        ("y", Node::Number(0)),
        ("width", Node::Number(8)),
        ("height", Node::Number(6)),
        ("properties", properties),
    ])
}
