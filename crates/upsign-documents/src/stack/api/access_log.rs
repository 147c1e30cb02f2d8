//! The access log of an API of API Gateway.

use super::super::declared::Declared;
use super::super::reference::{Kind, Reference};
use super::super::service::log_group;
use crate::node::{Node, map, text};

/// The format of one entry, and with it what the access log contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccessLog {
    /// The variable that identifies the method and the path, and its name in an entry.
    target: (&'static str, &'static str),
}

impl AccessLog {
    pub(super) const REST: Self = Self { target: ("resource", "$context.resourcePath") };
    pub(super) const HTTP: Self = Self { target: ("route", "$context.routeKey") };

    /// Returns an entry as one line of JSON.
    ///
    /// It contains no header, no query and no claim. Messages of errors are left out too: those of API Gateway quote parts of
    /// the header `Authorization`. `$context.error.responseType` is one of a few fixed words, such as `UNAUTHORIZED`.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>,
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>.
    fn format(self) -> Node {
        let entry = [
            ("requestId", "$context.requestId"),
            ("time", "$context.requestTime"),
            ("ip", "$context.identity.sourceIp"),
            ("method", "$context.httpMethod"),
            self.target,
            ("status", "$context.status"),
            ("error", "$context.error.responseType"),
            ("functionStatus", "$context.integrationStatus"),
            ("responseBytes", "$context.responseLength"),
        ];
        Node::Encoded(Box::new(map(entry.map(|(name, variable)| (name, text(variable))))))
    }

    /// Returns the setting of the stage.
    pub(super) fn settings(self) -> Node {
        map([("DestinationArn", Kind::ApiLogGroup.id().arn().into()), ("Format", self.format())])
    }

    /// Returns the log group of the entries.
    ///
    /// An HTTP API permits the delivery in one resource policy for all log groups of the account. It has a limit of 5,120
    /// characters, which log groups whose names begin with `/aws/vendedlogs/` do not count towards.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html>.
    pub(super) fn log_group(retention: u32) -> Declared {
        let name = format!("/aws/vendedlogs/{}/upload-api", Reference::STACK_NAME);
        log_group(Kind::ApiLogGroup.id(), name, retention)
    }
}
