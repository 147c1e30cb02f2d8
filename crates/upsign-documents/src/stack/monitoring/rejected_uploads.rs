//! The alarm on uploads that S3 rejects.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Kind, Reference};
use super::super::storage::METRICS_ID;
use super::super::terraform::{Module, arguments, block};
use super::PERIOD;
use super::alarm::{dimensions, topic, topics};
use crate::node::{Node, list, map, text};

/// An alarm on the percentage of rejected uploads into one bucket. This is the only place where a header that clients no
/// longer send shows up: the service signs such uploads, and only S3 rejects them.
#[derive(Debug)]
pub(super) struct RejectedUploads {
    pub(super) index: usize,
}

const DESCRIPTION: &str = "S3 rejects more than one upload in ten: compare the headers that clients send with those that are signed";
const LABEL: &str = "rejected uploads in percent";

/// The `+ 1` avoids a division by zero if there are no uploads.
const PERCENT: &str = "100 * rejected / (puts + posts + 1)";

/// The metrics of the expression.
const TERMS: [(&str, &str); 3] =
    [("rejected", "4xxErrors"), ("puts", "PutRequests"), ("posts", "PostRequests")];

/// Fires above this percentage, in two of three periods.
const THRESHOLD: i64 = 10;
const PERIODS: i64 = 3;
const BREACHING: i64 = 2;

/// Returns the properties that both forms have.
fn properties() -> [(&'static str, Node); 6] {
    [
        ("AlarmDescription", text(DESCRIPTION)),
        ("EvaluationPeriods", Node::Number(PERIODS)),
        ("DatapointsToAlarm", Node::Number(BREACHING)),
        ("Threshold", Node::Number(THRESHOLD)),
        ("ComparisonOperator", text("GreaterThanThreshold")),
        ("TreatMissingData", text("notBreaching")),
    ]
}

/// Returns the properties of the expression that both forms have.
fn share() -> [(&'static str, Node); 4] {
    [
        ("Id", text("share")),
        ("Label", text(LABEL)),
        ("Expression", text(PERCENT)),
        ("ReturnData", true.into()),
    ]
}

/// Returns the properties of a sum that both forms have.
fn metric(name: &'static str) -> [(&'static str, Node); 2] {
    [("Namespace", text("AWS/S3")), ("MetricName", text(name))]
}

/// Returns how a metric is summed, in both forms.
fn sum() -> [(&'static str, Node); 2] {
    [("Period", Node::Number(PERIOD)), ("Stat", text("Sum"))]
}

impl RejectedUploads {
    fn dimensions(&self) -> Vec<(&'static str, Node)> {
        let bucket = Kind::Bucket.nth(self.index).reference();
        vec![("BucketName", bucket.into()), ("FilterId", text(METRICS_ID))]
    }
}

impl Resource for RejectedUploads {
    fn cloudformation(&self, template: &mut Template) {
        let terms = TERMS.map(|(id, name)| {
            let dimensions = ("Dimensions", dimensions(self.dimensions()));
            let metric = ("Metric", map(metric(name).into_iter().chain([dimensions])));
            let stat = map([metric].into_iter().chain(sum()));
            map([("Id", text(id)), ("ReturnData", false.into()), ("MetricStat", stat)])
        });
        let metrics = list([map(share())].into_iter().chain(terms));
        let own = [("Metrics", metrics), ("AlarmActions", topic(template))];
        let id = Kind::RejectedUploadsAlarm.nth(self.index);
        template.resource(id, "AWS::CloudWatch::Alarm", properties().into_iter().chain(own));
    }

    fn terraform(&self, module: &mut Module) {
        let terms = TERMS.map(|(id, name)| {
            let dimensions = ("dimensions".to_owned(), map(self.dimensions()));
            let metric = arguments(metric(name).into_iter().chain(sum())).chain([dimensions]);
            map([("id", text(id)), ("metric", block(metric))])
        });
        let id = Kind::RejectedUploadsAlarm.nth(self.index);
        let number = if self.index == 0 { String::new() } else { (self.index + 1).to_string() };
        let name = text(format!("{}-RejectedUploads{number}", Reference::StackName));
        let queries = [map(arguments(share()))].into_iter().chain(terms).collect();
        let own = [
            ("alarm_actions".to_owned(), topics(module)),
            ("metric_query".to_owned(), Node::Blocks(queries)),
        ];
        let body = [("alarm_name".to_owned(), name)].into_iter().chain(arguments(properties())).chain(own);
        module.resource(id, body);
    }
}
