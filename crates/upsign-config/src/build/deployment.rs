//! The section `[deployment]`: each value by itself. What contradicts what is in `contradictions`.

use std::fmt::Display;
use std::str::FromStr;

use upsign_documents::{AccountId, RoleArn};

use super::pasted;
use super::values::Reader;
use crate::arn::{self, Arn, InvalidArn};
use crate::deployment::DeploymentConfig;
use crate::source::finding::Finding;
use crate::source::raw::Value;

impl Reader {
    /// Reads every value of `[deployment]`. One that is absent or invalid leaves the default in place; an invalid one is also
    /// reported.
    pub(super) fn deployment(&mut self) -> DeploymentConfig {
        DeploymentConfig {
            api: self.named("deployment.api").unwrap_or_default(),
            account: self.account(),
            reads: self.named("deployment.reads"),
            notify: self.named("deployment.notify"),
            versioned: self.flag("deployment.versioned"),
            guards: self.guards(),
            expire: self.expire(),
            table: self.dynamodb_table("deployment.table"),
            signing_role: self.role("deployment.signing_role"),
            service_role: self.role("deployment.service_role"),
            scanner_role: self.role("deployment.scanner_role"),
            queue_arn: self.arn("deployment.queue_arn", arn::queue),
            distribution_arn: self.arn("deployment.distribution_arn", arn::distribution),
            listener_arn: self.arn("deployment.listener_arn", arn::listener),
            code: self.code("deployment.code"),
            consumer_code: self.code("deployment.consumer_code"),
            deliverer_code: self.code("deployment.deliverer_code"),
            variables: self.variables(),
            monitoring: self.flag("deployment.monitoring"),
            throttle_rate: self.positive(
                "deployment.throttle_rate",
                "0 would refuse every request; remove the line for 50 requests per second",
            ),
            throttle_burst: self.positive(
                "deployment.throttle_burst",
                "0 would refuse every request; remove the line for 100 requests",
            ),
            reserved_concurrency: self.positive(
                "deployment.reserved_concurrency",
                "0 would stop the function; remove the line to share the limit of the account",
            ),
            access_logs: self.flag("deployment.access_logs"),
            log_retention: self.log_retention(),
            tracing: self.flag("deployment.tracing"),
            account_regional_buckets: self.flag("deployment.account_regional_buckets"),
        }
    }

    fn account(&mut self) -> Option<AccountId> {
        let key = "deployment.account";
        let text = self.text(key)?;
        let report = |error| {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let help = match digits.len() {
                12 => self.assignment(key, &Value::Text(digits)),
                _ => "`aws sts get-caller-identity --query Account --output text` prints it".to_owned(),
            };
            self.report(key, Finding::malformed(&text, &error).help(help));
        };
        text.parse().map_err(report).ok()
    }

    fn role(&mut self, key: &str) -> Option<RoleArn> {
        let help = "`aws iam get-role --role-name NAME --query Role.Arn --output text` prints it";
        self.parsed(key, help)
    }

    /// Returns an ARN that `read` accepts.
    fn arn(&mut self, key: &str, read: fn(&str) -> Result<Arn<'_>, InvalidArn>) -> Option<String> {
        let text = self.text(key)?;
        match read(&text).map(drop) {
            Ok(()) => Some(text),
            Err(error) => {
                let meant = pasted::queue(&text).filter(|meant| read(meant).is_ok());
                let help = meant.map(|meant| self.assignment(key, &Value::Text(meant)));
                self.report(key, Finding::malformed(&text, &error).help(help.unwrap_or_default()));
                None
            }
        }
    }

    /// Parses an optional string. `help` is the next step if it is invalid.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, help: &str) -> Option<T> {
        let text = self.text(key)?;
        let report = |error| self.report(key, Finding::malformed(&text, &error).help(help));
        text.parse().map_err(report).ok()
    }
}
