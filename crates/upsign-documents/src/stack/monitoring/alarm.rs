//! Alarms on single metrics.

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{Module, expression};
use super::{ApiMetrics, Metric, PERIOD, function_dimension};
use crate::deployment::{Deployment, NotificationTarget};
use crate::node::{Node, list, map, text};

/// An alarm that fires if the sum of a metric over five minutes exceeds a threshold.
#[derive(Debug)]
pub(super) struct Alarm {
    name: &'static str,
    description: &'static str,
    metric: Metric,
    threshold: i64,
}

impl Alarm {
    pub(super) fn all(deployment: &Deployment) -> Vec<Self> {
        let alarm = |name, description, metric, threshold| Self { name, description, metric, threshold };
        let function =
            |name| Metric { namespace: "AWS/Lambda", name, dimensions: vec![function_dimension()] };
        // The function writes these metrics as lines of its log.
        let log = |name| Metric { namespace: "upsign", name, dimensions: Vec::new() };
        let api = ApiMetrics::of(deployment);
        let mut all = vec![
            alarm("FunctionErrors", "Invocations of the upload function fail", function("Errors"), 0),
            alarm(
                "FunctionThrottles",
                "Invocations of the upload function are throttled",
                function("Throttles"),
                0,
            ),
            alarm(
                "ApiRefusals",
                "Many requests are rejected (4xx): tokens have expired, or a client has changed",
                api.client_errors,
                50,
            ),
            alarm("ApiErrors", "The API answers with server errors (5xx)", api.server_errors, 0),
            // Callers are served for up to 24 hours with the keys that were fetched before, and until the end of the
            // credentials.
            alarm(
                "JwksRefreshFailures",
                "The keys that verify tokens cannot be fetched: once they are 24 hours old, every caller is refused",
                log("JwksRefreshFailures"),
                0,
            ),
            alarm(
                "CredentialsRefreshFailures",
                "The credentials that sign uploads cannot be renewed: once they expire, every caller is refused",
                log("CredentialsRefreshFailures"),
                0,
            ),
        ];
        if deployment.notification_target == NotificationTarget::Queue {
            let metric = Metric {
                namespace: "AWS/SQS",
                name: "ApproximateNumberOfMessagesVisible",
                dimensions: vec![("QueueName", Kind::DeadLetters.id().name().into())],
            };
            all.push(alarm(
                "DeadLetters",
                "A notification of a new object could not be processed",
                metric,
                0,
            ));
        }
        all
    }
}

impl Resource for Alarm {
    fn cloudformation(&self, template: &mut Template) {
        let properties = [
            ("AlarmDescription", text(self.description)),
            ("Namespace", text(self.metric.namespace)),
            ("MetricName", text(self.metric.name)),
            ("Dimensions", dimensions(self.metric.dimensions.clone())),
            ("Statistic", text("Sum")),
            ("Period", Node::Number(PERIOD)),
            ("EvaluationPeriods", Node::Number(1)),
            ("Threshold", Node::Number(self.threshold)),
            ("ComparisonOperator", text("GreaterThanThreshold")),
            ("TreatMissingData", text("notBreaching")),
            ("AlarmActions", topic(template)),
        ];
        template.named_resource::<_, &str>(
            format!("{}Alarm", self.name),
            "AWS::CloudWatch::Alarm",
            [],
            properties,
        );
    }

    fn terraform(&self, module: &mut Module) {
        let body = [
            ("alarm_name", text(format!("{}-{}", Reference::StackName, self.name))),
            ("alarm_description", text(self.description)),
            ("namespace", text(self.metric.namespace)),
            ("metric_name", text(self.metric.name)),
            ("dimensions", map(self.metric.dimensions.clone())),
            ("statistic", text("Sum")),
            ("period", Node::Number(PERIOD)),
            ("evaluation_periods", Node::Number(1)),
            ("threshold", Node::Number(self.threshold)),
            ("comparison_operator", text("GreaterThanThreshold")),
            ("treat_missing_data", text("notBreaching")),
            ("alarm_actions", topics(module)),
        ];
        module.named_resource("aws_cloudwatch_metric_alarm", snake(self.name), body);
    }
}

pub(super) fn dimensions(dimensions: Vec<(&'static str, Node)>) -> Node {
    list(dimensions.into_iter().map(|(name, value)| map([("Name", text(name)), ("Value", value)])))
}

/// Returns the topic of the parameter `AlarmTopic`, or no topic if the parameter is empty.
pub(super) fn topic(template: &mut Template) -> Node {
    let description = "ARN of the SNS topic that receives alarms; empty for none";
    let members = [("Type", text("String")), ("Default", text("")), ("Description", text(description))];
    template.parameter("AlarmTopic", members);
    let is_empty = map([("Fn::Equals", list([refer("AlarmTopic"), text("")]))]);
    template.condition("HasAlarmTopic", map([("Fn::Not", list([is_empty]))]));
    let topic = list([refer("AlarmTopic")]);
    map([("Fn::If", list([text("HasAlarmTopic"), topic, refer("AWS::NoValue")]))])
}

/// Returns the topics of the variable `alarm_topic_arns`.
pub(super) fn topics(module: &mut Module) -> Node {
    let members = [("type", expression("list(string)")), ("default", list::<&str>([]))];
    module.variable("alarm_topic_arns", "ARNs of the SNS topics that receive alarms", members);
    expression("var.alarm_topic_arns")
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
