//! The CloudWatch dashboard: uploads to S3, requests to the API, the function.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Kind, Reference};
use super::super::storage::METRICS_ID;
use super::super::terraform::Module;
use super::{ApiMetrics, Metric, PERIOD, function_dimension};
use crate::deployment::Deployment;
use crate::node::{Node, list, map, text};

#[derive(Debug)]
pub(super) struct Dashboard {
    graphs: Vec<(&'static str, Vec<Metric>)>,
}

impl Dashboard {
    pub(super) fn new(deployment: &Deployment) -> Self {
        let stored = (0..deployment.buckets().len()).flat_map(|index| {
            let bucket = Node::from(Kind::Bucket.nth(index).reference());
            ["PutRequests", "PostRequests", "4xxErrors", "5xxErrors", "BytesUploaded"].map(|name| Metric {
                namespace: "AWS/S3",
                name,
                dimensions: vec![("BucketName", bucket.clone()), ("FilterId", text(METRICS_ID))],
            })
        });
        let api = ApiMetrics::of(deployment);
        let api = vec![api.requests, api.client_errors, api.server_errors, api.latency];
        let function = ["Invocations", "Errors", "Throttles", "Duration"].map(|name| Metric {
            namespace: "AWS/Lambda",
            name,
            dimensions: vec![function_dimension()],
        });
        let graphs =
            [("Uploads", stored.collect()), ("API requests", api), ("Function", Vec::from(function))];
        Self { graphs: graphs.into_iter().filter(|(_, metrics): &(_, Vec<_>)| !metrics.is_empty()).collect() }
    }

    /// Returns the body of the dashboard, which is JSON in both forms.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.
    fn body(&self) -> Node {
        let widgets = self.graphs.iter().zip([0_i64, 8, 16]).map(|((title, metrics), x)| {
            let properties = map([
                ("title", text(*title)),
                ("region", Reference::Region.into()),
                ("stat", text("Sum")),
                ("period", Node::Number(PERIOD)),
                ("metrics", list(metrics.iter().map(line))),
            ]);
            map([
                ("type", text("metric")),
                ("x", x.into()),
                ("y", Node::Number(0)),
                ("width", Node::Number(8)),
                ("height", Node::Number(6)),
                ("properties", properties),
            ])
        });
        Node::Encoded(Box::new(map([("widgets", list(widgets))])))
    }
}

/// Returns the name of the dashboard. It contains the region, because dashboards belong to all regions of an account.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>.
fn name() -> Node {
    text(format!("{}-{}", Reference::StackName, Reference::Region))
}

/// Returns one line of a graph: the sum of a count, or the 95th percentile of a duration.
fn line(metric: &Metric) -> Node {
    let dimensions = metric.dimensions.iter().flat_map(|(name, value)| [text(*name), value.clone()]);
    let is_duration =
        ["Latency", "UrlRequestLatency", "TargetResponseTime", "Duration"].contains(&metric.name);
    let percentile = is_duration.then(|| map([("stat", text("p95"))]));
    list([text(metric.namespace), text(metric.name)].into_iter().chain(dimensions).chain(percentile))
}

impl Resource for Dashboard {
    fn cloudformation(&self, template: &mut Template) {
        template.resource(
            Kind::Dashboard.id(),
            "AWS::CloudWatch::Dashboard",
            [("DashboardName", name()), ("DashboardBody", self.body())],
        );
    }

    fn terraform(&self, module: &mut Module) {
        module.data("aws_region");
        let body = [("dashboard_name", name()), ("dashboard_body", self.body())];
        module.resource(Kind::Dashboard.id(), body);
    }
}
