//! The CloudWatch dashboard: uploads to S3, requests to the API, the function.

use super::super::declared::Declared;
use super::super::reference::{Kind, Reference};
use super::super::storage::METRICS_ID;
use super::{ApiMetrics, Metric, PERIOD, after_upload, of_function, with_metrics};
use crate::deployment::Deployment;
use crate::node::{Node, list, map, text};

/// Returns the dashboard. Its name contains the region, because dashboards belong to all regions of an account.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>.
pub(super) fn dashboard(deployment: &Deployment) -> Declared {
    let stored = with_metrics(deployment).into_iter().flat_map(|index| {
        let bucket = Node::from(Kind::Bucket.nth(index).reference());
        ["PutRequests", "PostRequests", "4xxErrors", "5xxErrors", "BytesUploaded"].map(|name| Metric {
            namespace: "AWS/S3",
            name,
            dimensions: vec![("BucketName", bucket.clone()), ("FilterId", text(METRICS_ID))],
        })
    });
    let api = ApiMetrics::of(deployment);
    let api = vec![api.requests, api.client_errors, api.server_errors, api.latency];
    let function =
        ["Invocations", "Errors", "Throttles", "Duration"].map(|name| of_function(name, Kind::Function));
    let graphs = [
        ("Uploads", stored.collect()),
        ("API requests", api),
        ("Function", Vec::from(function)),
        ("After the upload", after_upload::metrics(deployment)),
    ];
    Declared::new(Kind::Dashboard.id())
        .with("DashboardName", format!("{}-{}", Reference::STACK_NAME, Reference::REGION))
        .with("DashboardBody", body(graphs.into_iter().filter(|(_, metrics)| !metrics.is_empty())))
}

/// The height of a graph.
const HEIGHT: i64 = 6;

/// Returns the body of the dashboard, which is JSON in both forms.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.
fn body(graphs: impl Iterator<Item = (&'static str, Vec<Metric>)>) -> Node {
    let places = [(0_i64, 0_i64), (8, 0), (16, 0), (0, HEIGHT)];
    let widgets = graphs.zip(places).map(|((title, metrics), (x, y))| {
        let properties = map([
            ("title", text(title)),
            ("region", Reference::REGION.into()),
            ("stat", text("Sum")),
            ("period", Node::Number(PERIOD)),
            ("metrics", list(metrics.iter().map(line))),
        ]);
        map([
            ("type", text("metric")),
            ("x", x.into()),
            ("y", y.into()),
            ("width", Node::Number(8)),
            ("height", HEIGHT.into()),
            ("properties", properties),
        ])
    });
    Node::Encoded(Box::new(map([("widgets", list(widgets))])))
}

/// Returns one line of a graph: the sum of a count, or the 95th percentile of a duration.
fn line(metric: &Metric) -> Node {
    let dimensions = metric.dimensions.iter().flat_map(|(name, value)| [text(*name), value.clone()]);
    let is_duration =
        ["Latency", "UrlRequestLatency", "TargetResponseTime", "Duration"].contains(&metric.name);
    let percentile = is_duration.then(|| map([("stat", text("p95"))]));
    list([text(metric.namespace), text(metric.name)].into_iter().chain(dimensions).chain(percentile))
}
