//! The dashboard: uploads, grants, the function.

use super::alarms::{METRICS, api_metrics};
use super::bucket::named;
use super::function::FUNCTION;
use super::{resource, rest_api, sub};
use crate::node::{Node, list, map, text};
use crate::{ApiKind, Deployment};

/// What the parts of a stack are called, where it is written.
pub(super) struct Names {
    pub(super) region: String,
    /// The value of `ApiName` for a REST API, of `ApiId` for an HTTP API.
    pub(super) api: String,
    pub(super) function: String,
    pub(super) buckets: Vec<String>,
}

/// The resource of CloudFormation, whose body is JSON inside a text.
pub(super) fn dashboard(deployment: &Deployment) -> (String, Node) {
    let api = match deployment.api {
        ApiKind::Rest => "${AWS::StackName}",
        ApiKind::Http => "${UploadApi}",
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

/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.
pub(super) fn body(deployment: &Deployment, names: &Names) -> Node {
    let (client, server) = api_metrics(deployment.api);
    let api = match deployment.api {
        ApiKind::Rest => ["ApiName", names.api.as_str(), "Stage", rest_api::STAGE],
        ApiKind::Http => ["ApiId", names.api.as_str(), "Stage", "$default"],
    };
    let stored = names.buckets.iter().flat_map(|bucket| {
        ["PutRequests", "PostRequests", "4xxErrors", "5xxErrors", "BytesUploaded"]
            .map(|name| metric("AWS/S3", name, &["BucketName", bucket, "FilterId", METRICS]))
    });
    let grants = ["Count", client, server, "Latency"].map(|name| metric("AWS/ApiGateway", name, &api));
    let function = ["Invocations", "Errors", "Throttles", "Duration"]
        .map(|name| metric("AWS/Lambda", name, &["FunctionName", &names.function]));
    let graphs =
        [("Uploads", stored.collect()), ("Grants", grants.to_vec()), ("Function", function.to_vec())];
    let widgets = graphs.into_iter().zip([0_i64, 8, 16]);
    let widgets = widgets.map(|((title, metrics), x)| graph(title, metrics, x, &names.region));
    map([("widgets", Node::List(widgets.collect()))])
}

/// Counts are summed; of times the slowest twentieth is shown.
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
