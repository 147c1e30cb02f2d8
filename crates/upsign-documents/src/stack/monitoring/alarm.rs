//! Alarms on single metrics, and the topic that alarms notify.

use super::super::cloudformation::refer;
use super::super::declared::{Declared, Parameter, is_set};
use super::super::reference::{Kind, Reference};
use super::super::terraform::expression;
use super::{ApiMetrics, Metric, PERIOD, dead_letters, of_function, of_log};
use crate::deployment::{ApiAuthorizer, Deployment, NotificationTarget};
use crate::node::{Node, list, map, text};

/// Returns the alarms on single metrics.
pub(super) fn alarms(deployment: &Deployment) -> Vec<Declared> {
    let function = |name| of_function(name, Kind::Function);
    let api = ApiMetrics::of(deployment);
    let mut all = vec![
        alarm(Kind::FunctionErrorsAlarm, "Invocations of the upload function fail", function("Errors"), 0),
        alarm(
            Kind::FunctionThrottlesAlarm,
            "Invocations of the upload function are throttled",
            function("Throttles"),
            0,
        ),
        alarm(
            Kind::ApiRefusalsAlarm,
            "Many requests are rejected (4xx): tokens have expired, or a client has changed",
            api.client_errors,
            50,
        ),
        alarm(Kind::ApiErrorsAlarm, "The API answers with server errors (5xx)", api.server_errors, 0),
    ];
    // A gateway that identifies callers has no keys that the function could fail to fetch.
    if deployment.authorizer == ApiAuthorizer::None {
        // Callers are served for up to 24 hours with the keys that were fetched before.
        all.push(alarm(
            Kind::JwksRefreshFailuresAlarm,
            "The keys that verify tokens cannot be fetched: once they are 24 hours old, every caller is refused",
            of_log("JwksRefreshFailures"),
            0,
        ));
    }
    all.push(alarm(
        Kind::CredentialsRefreshFailuresAlarm,
        "The credentials that sign uploads cannot be renewed: once they expire, every caller is refused",
        of_log("CredentialsRefreshFailures"),
        0,
    ));
    if deployment.notification_target == NotificationTarget::Queue {
        let description = "A notification of a new object could not be processed";
        all.push(alarm(Kind::DeadLettersAlarm, description, dead_letters(Kind::DeadLetters), 0));
    }
    all
}

/// Returns an alarm that fires if the sum of a metric over five minutes exceeds a threshold.
pub(super) fn alarm(kind: Kind, description: &str, metric: Metric, threshold: i64) -> Declared {
    let name = kind.id().logical();
    let name = name.strip_suffix("Alarm").unwrap_or(&name);
    let alarm = Declared::new(kind.id())
        .in_terraform("alarm_name", format!("{}-{name}", Reference::STACK_NAME))
        .with("AlarmDescription", description)
        .with("Namespace", metric.namespace)
        .with("MetricName", metric.name)
        .with("Statistic", "Sum")
        .with("Period", PERIOD)
        .with("EvaluationPeriods", Node::Number(1))
        .with("Threshold", threshold)
        .with("ComparisonOperator", "GreaterThanThreshold")
        .with("TreatMissingData", "notBreaching")
        .in_cloudformation("Dimensions", dimensions(metric.dimensions.clone()))
        .in_terraform("dimensions", map(metric.dimensions));
    notifying(alarm)
}

pub(super) fn dimensions(dimensions: Vec<(&'static str, Node)>) -> Node {
    list(dimensions.into_iter().map(|(name, value)| map([("Name", text(name)), ("Value", value)])))
}

const HAS_TOPIC: &str = "HasAlarmTopic";

/// Returns the alarm with the topics that it notifies.
pub(super) fn notifying(alarm: Declared) -> Declared {
    let topic = list([text(HAS_TOPIC), list([refer("AlarmTopic")]), refer("AWS::NoValue")]);
    alarm
        .in_cloudformation("AlarmActions", map([("Fn::If", topic)]))
        .in_terraform("alarm_actions", expression("var.alarm_topic_arns"))
}

/// Returns the parameter with the topics that alarms notify: one in a template, any number in a module.
pub(super) fn topics() -> [Parameter; 2] {
    let topic = Parameter {
        name: "AlarmTopic",
        description: "ARN of the SNS topic that receives alarms; empty for none",
        parameter: Some(("String", Some(text("")))),
        condition: Some((HAS_TOPIC, is_set("AlarmTopic"))),
        ..Parameter::default()
    };
    let topics = Parameter {
        name: "AlarmTopicArns",
        description: "ARNs of the SNS topics that receive alarms",
        variable: Some(("list(string)", Some(list::<&str>([])))),
        ..Parameter::default()
    };
    [topic, topics]
}
