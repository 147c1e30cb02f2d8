//! Alarms on single metrics.

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{Module, arguments, expression, snake_case};
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

impl Alarm {
    /// Returns the properties that both forms have.
    fn properties(&self) -> [(&'static str, Node); 9] {
        [
            ("AlarmDescription", text(self.description)),
            ("Namespace", text(self.metric.namespace)),
            ("MetricName", text(self.metric.name)),
            ("Statistic", text("Sum")),
            ("Period", Node::Number(PERIOD)),
            ("EvaluationPeriods", Node::Number(1)),
            ("Threshold", Node::Number(self.threshold)),
            ("ComparisonOperator", text("GreaterThanThreshold")),
            ("TreatMissingData", text("notBreaching")),
        ]
    }
}

impl Resource for Alarm {
    fn cloudformation(&self, template: &mut Template) {
        let dimensions = dimensions(self.metric.dimensions.clone());
        let own = [("Dimensions", dimensions), ("AlarmActions", topic(template))];
        let name = format!("{}Alarm", self.name);
        let properties = self.properties().into_iter().chain(own);
        template.named_resource::<_, &str>(name, "AWS::CloudWatch::Alarm", [], properties);
    }

    fn terraform(&self, module: &mut Module) {
        let name = ("alarm_name".to_owned(), text(format!("{}-{}", Reference::StackName, self.name)));
        let own = [
            ("dimensions".to_owned(), map(self.metric.dimensions.clone())),
            ("alarm_actions".to_owned(), topics(module)),
        ];
        let body = [name].into_iter().chain(arguments(self.properties())).chain(own);
        module.named_resource("aws_cloudwatch_metric_alarm", snake_case(self.name), body);
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
