//! The alarm on uploads that S3 rejects.

use super::super::declared::Declared;
use super::super::reference::{Kind, Reference};
use super::super::storage::METRICS_ID;
use super::super::terraform::{arguments, block};
use super::PERIOD;
use super::alarm::{dimensions, notifying};
use crate::node::{Node, list, map, text};

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

/// Returns an alarm on the percentage of rejected uploads into one bucket. This is the only place where a header that clients no
/// longer send shows up: the service signs such uploads, and only S3 rejects them.
pub(super) fn alarm(index: usize) -> Declared {
    let id = Kind::RejectedUploadsAlarm.nth(index);
    let share = || {
        [
            ("Id", text("share")),
            ("Label", text(LABEL)),
            ("Expression", text(PERCENT)),
            ("ReturnData", true.into()),
        ]
    };
    let metrics = TERMS.iter().map(|(id, name)| {
        let metric = of_bucket(name).into_iter().chain([("Dimensions", dimensions(filter(index)))]);
        let stat = map([("Metric", map(metric))].into_iter().chain(sum()));
        map([("Id", text(*id)), ("ReturnData", false.into()), ("MetricStat", stat)])
    });
    let queries = TERMS.iter().map(|(id, name)| {
        let metric = arguments(of_bucket(name).into_iter().chain(sum()));
        let metric = block(metric.chain([("dimensions".to_owned(), map(filter(index)))]));
        map([("id", text(*id)), ("metric", metric)])
    });
    let queries = [map(arguments(share()))].into_iter().chain(queries);
    let alarm = Declared::new(id)
        .in_terraform(
            "alarm_name",
            format!("{}-{}", Reference::STACK_NAME, id.logical().replace("Alarm", "")),
        )
        .with("AlarmDescription", DESCRIPTION)
        .with("EvaluationPeriods", PERIODS)
        .with("DatapointsToAlarm", BREACHING)
        .with("Threshold", THRESHOLD)
        .with("ComparisonOperator", "GreaterThanThreshold")
        .with("TreatMissingData", "notBreaching")
        .in_cloudformation("Metrics", list([map(share())].into_iter().chain(metrics)));
    notifying(alarm).in_terraform("metric_query", Node::Blocks(queries.collect()))
}

/// Returns the name of a metric of S3, in both forms.
fn of_bucket(name: &str) -> [(&'static str, Node); 2] {
    [("Namespace", text("AWS/S3")), ("MetricName", text(name))]
}

/// Returns how a metric is summed, in both forms.
fn sum() -> [(&'static str, Node); 2] {
    [("Period", Node::Number(PERIOD)), ("Stat", text("Sum"))]
}

/// Returns the dimensions of the metrics of the bucket at `index`.
fn filter(index: usize) -> Vec<(&'static str, Node)> {
    vec![("BucketName", Kind::Bucket.nth(index).reference().into()), ("FilterId", text(METRICS_ID))]
}
