//! The alarm on uploads that S3 rejects.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::{Kind, Reference};
use super::super::storage::METRICS_ID;
use super::super::terraform::{Module, block};
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
const PERCENT: &str = "100 * refused / (puts + posts + 1)";

/// The metrics of the expression.
const TERMS: [(&str, &str); 3] =
    [("refused", "4xxErrors"), ("puts", "PutRequests"), ("posts", "PostRequests")];

/// Fires above this percentage, in two of three periods.
const THRESHOLD: i64 = 10;
const PERIODS: i64 = 3;
const BREACHING: i64 = 2;

impl RejectedUploads {
    fn dimensions(&self) -> Vec<(&'static str, Node)> {
        let bucket = Kind::Bucket.nth(self.index).reference();
        vec![("BucketName", bucket.into()), ("FilterId", text(METRICS_ID))]
    }
}

impl Resource for RejectedUploads {
    fn cloudformation(&self, template: &mut Template) {
        let share = map([
            ("Id", text("share")),
            ("Label", text(LABEL)),
            ("Expression", text(PERCENT)),
            ("ReturnData", true.into()),
        ]);
        let terms = TERMS.map(|(id, name)| {
            let metric = map([
                ("Namespace", text("AWS/S3")),
                ("MetricName", text(name)),
                ("Dimensions", dimensions(self.dimensions())),
            ]);
            let stat = map([("Metric", metric), ("Period", Node::Number(PERIOD)), ("Stat", text("Sum"))]);
            map([("Id", text(id)), ("ReturnData", false.into()), ("MetricStat", stat)])
        });
        let properties = [
            ("AlarmDescription", text(DESCRIPTION)),
            ("Metrics", list([share].into_iter().chain(terms))),
            ("EvaluationPeriods", Node::Number(PERIODS)),
            ("DatapointsToAlarm", Node::Number(BREACHING)),
            ("Threshold", Node::Number(THRESHOLD)),
            ("ComparisonOperator", text("GreaterThanThreshold")),
            ("TreatMissingData", text("notBreaching")),
            ("AlarmActions", topic(template)),
        ];
        template.resource(Kind::RejectedUploadsAlarm.nth(self.index), "AWS::CloudWatch::Alarm", properties);
    }

    fn terraform(&self, module: &mut Module) {
        let share = map([
            ("id", text("share")),
            ("label", text(LABEL)),
            ("expression", text(PERCENT)),
            ("return_data", true.into()),
        ]);
        let terms = TERMS.map(|(id, name)| {
            let metric = block([
                ("namespace", text("AWS/S3")),
                ("metric_name", text(name)),
                ("period", Node::Number(PERIOD)),
                ("stat", text("Sum")),
                ("dimensions", map(self.dimensions())),
            ]);
            map([("id", text(id)), ("metric", metric)])
        });
        let id = Kind::RejectedUploadsAlarm.nth(self.index);
        let body = [
            ("alarm_name", text(format!("{}-{}", Reference::StackName, id.terraform_name()))),
            ("alarm_description", text(DESCRIPTION)),
            ("evaluation_periods", Node::Number(PERIODS)),
            ("datapoints_to_alarm", Node::Number(BREACHING)),
            ("threshold", Node::Number(THRESHOLD)),
            ("comparison_operator", text("GreaterThanThreshold")),
            ("treat_missing_data", text("notBreaching")),
            ("alarm_actions", topics(module)),
            ("metric_query", Node::Blocks([share].into_iter().chain(terms).collect())),
        ];
        module.resource(id, body);
    }
}
