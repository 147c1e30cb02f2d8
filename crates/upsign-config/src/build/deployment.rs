//! The section `[deployment]`: each value by itself. What contradicts what is in `contradictions`.

use std::fmt::Display;
use std::str::FromStr;

use upsign_documents::{AccountId, ApiKind, CodeLocation, Guard, NotificationTarget, Reads, RoleArn};

use super::pasted;
use super::values::Reader;
use crate::arn::{self, Arn, InvalidArn};
use crate::deployment::DeploymentConfig;
use crate::keys::nearest;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;

const APIS: [(&str, ApiKind); 4] = [
    ("rest", ApiKind::Rest),
    ("http", ApiKind::Http),
    ("url", ApiKind::FunctionUrl),
    ("alb", ApiKind::LoadBalancer),
];
const READS: [(&str, Reads); 3] =
    [("none", Reads::None), ("presigned", Reads::Presigned), ("cloudfront", Reads::CloudFront)];
const NOTIFY: [(&str, NotificationTarget); 3] = [
    ("none", NotificationTarget::None),
    ("queue", NotificationTarget::Queue),
    ("event-bridge", NotificationTarget::EventBridge),
];

/// The numbers of days for which CloudWatch Logs keeps logs.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>.
const RETENTIONS: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Names that Lambda sets itself and refuses in the configuration of a function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>.
const RESERVED_VARIABLES: [&str; 17] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

impl Reader {
    /// Reads every value of `[deployment]`. One that is absent or invalid leaves the default in place; an invalid one is also
    /// reported.
    pub(super) fn deployment(&mut self) -> DeploymentConfig {
        DeploymentConfig {
            api: self.choice("deployment.api", &APIS).unwrap_or_default(),
            account: self.account(),
            reads: self.choice("deployment.reads", &READS),
            notify: self.choice("deployment.notify", &NOTIFY),
            versioned: self.flag("deployment.versioned"),
            guards: self.guards(),
            expire: self.expire(),
            table: self.dynamodb_table(),
            signing_role: self.role("deployment.signing_role"),
            scanner_role: self.role("deployment.scanner_role"),
            queue_arn: self.arn("deployment.queue_arn", arn::queue),
            distribution_arn: self.arn("deployment.distribution_arn", arn::distribution),
            listener_arn: self.arn("deployment.listener_arn", arn::listener),
            code: self.code(),
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

    /// Returns after how many days uploads of a route move to `STANDARD_IA`.
    pub(super) fn infrequent_after(&mut self, key: &str) -> Option<u32> {
        let days = self.count(key)?;
        let valid = u32::try_from(days).ok().filter(|days| *days >= 30 && *days <= MAX_DAYS);
        if valid.is_none() {
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>.
            let message = if days < 30 {
                format!("S3 moves objects to STANDARD_IA after 30 days at the earliest, not after {days}")
            } else {
                format!("must be at most {MAX_DAYS} days, not {days}")
            };
            let help = self.assignment(key, &Value::Number(30));
            self.report(key, Finding::invalid(message).help(help));
        }
        valid
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

    fn guards(&mut self) -> Option<Vec<Guard>> {
        let key = "deployment.guards";
        let texts = self.texts(key)?;
        let mut guards = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let names = Guard::ALL.iter().map(|guard| guard.name());
            match Guard::ALL.into_iter().find(|guard| guard.name() == text) {
                Some(guard) if guards.contains(&guard) => {
                    let finding = Finding::invalid(format!("{} is listed twice", shown(text)));
                    self.report_item(key, index, finding.help("remove one of them"));
                }
                Some(guard) => guards.push(guard),
                None if matches!(text.as_str(), "none" | "") => {
                    let finding = Finding::invalid(format!("{} is not a guard", shown(text)));
                    let help = format!("for no guards, {}", self.assignment(key, &Value::Texts(Vec::new())));
                    self.report_item(key, index, finding.help(help));
                }
                None => {
                    let plain = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
                    let help = match names
                        .clone()
                        .find(|name| *name == plain)
                        .or_else(|| nearest(&plain, names.clone()))
                    {
                        Some(near) => self.replacement(key, index, near),
                        None => format!("the guards are {}", names.collect::<Vec<_>>().join(", ")),
                    };
                    let finding = Finding::invalid(format!("{} is not a guard", shown(text)));
                    self.report_item(key, index, finding.help(help));
                }
            }
        }
        Some(guards)
    }

    /// Returns the prefixes whose objects expire, with the days after which they do.
    fn expire(&mut self) -> Vec<(String, u32)> {
        let key = "deployment.expire";
        let mut all = Vec::new();
        for (index, (prefix, days)) in self.counts(key).unwrap_or_default().into_iter().enumerate() {
            let problem = match prefix.as_str() {
                "" => Some((
                    "an empty prefix would delete every object of the bucket".to_owned(),
                    "write the prefix of the keys to delete, for example { \"pending/\" = 1 }".to_owned(),
                )),
                _ if prefix.starts_with('/') => {
                    let meant = prefix.trim_start_matches('/');
                    Some((
                        format!("{} matches no key: keys do not begin with /", shown(&prefix)),
                        format!("write {} instead", shown(meant)),
                    ))
                }
                _ if prefix.contains('*') => {
                    let meant = prefix.trim_end_matches('*');
                    Some((
                        format!("{} matches no key: a prefix has no wildcards", shown(&prefix)),
                        format!("write {} instead", shown(meant)),
                    ))
                }
                _ if prefix.len() > 1024 => {
                    Some(("a prefix has at most 1024 bytes, like a key".to_owned(), String::new()))
                }
                _ => None,
            };
            if let Some((message, help)) = problem {
                self.report_item(key, index, Finding::invalid(message).help(help));
                continue;
            }
            match u32::try_from(days).ok().filter(|days| (1..=MAX_DAYS).contains(days)) {
                Some(days) => all.push((prefix, days)),
                None => {
                    let message =
                        format!("the days of {} must be from 1 to {MAX_DAYS}, not {days}", shown(&prefix));
                    let help = "S3 deletes expired objects once a day, so 1 is the shortest time";
                    self.report_item(key, index, Finding::invalid(message).help(help));
                }
            }
        }
        all
    }

    /// Returns the name of a DynamoDB table.
    ///
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>.
    fn dynamodb_table(&mut self) -> Option<String> {
        let key = "deployment.table";
        let text = self.text(key)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if (3..=255).contains(&text.len()) && text.bytes().all(allowed) {
            return Some(text);
        }
        let message = "the name of a DynamoDB table has 3 to 255 letters, digits, _, - and .";
        let help = match text.rsplit_once(":table/") {
            Some((_, name)) => self.assignment(key, &Value::Text(name.to_owned())),
            None => String::new(),
        };
        self.report(key, Finding::malformed(&text, &message).help(help));
        None
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

    /// Returns the place of the function's code: a path, or an object in S3.
    fn code(&mut self) -> Option<CodeLocation> {
        let key = "deployment.code";
        self.parsed::<Code>(key, "").map(|code| code.0)
    }

    /// Returns the environment variables of the function.
    fn variables(&mut self) -> Vec<(String, String)> {
        let key = "deployment.variables";
        let variables = self.table(key).unwrap_or_default();
        for (index, (name, _)) in variables.iter().enumerate() {
            // <https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html>.
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let is_name = name.len() > 1
                && name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(allowed);
            if RESERVED_VARIABLES.contains(&name.as_str()) {
                let finding =
                    Finding::invalid(format!("{name} is set by Lambda, and cannot be set to another value"));
                self.report_item(key, index, finding.help("remove it"));
            } else if !is_name {
                let message = format!(
                    "{} is not the name of a variable: a letter, followed by letters, digits and _",
                    shown(name)
                );
                self.report_item(key, index, Finding::invalid(message));
            }
        }
        variables
    }

    fn log_retention(&mut self) -> Option<u32> {
        let key = "deployment.log_retention";
        let days = self.count(key)?;
        if RETENTIONS.contains(&days) {
            return u32::try_from(days).ok();
        }
        let listed = RETENTIONS.map(|days| days.to_string()).join(", ");
        let message = format!("CloudWatch cannot keep logs for {days} days, only for {listed}");
        let next = RETENTIONS.into_iter().find(|known| *known > days).unwrap_or(3653);
        let help = self.assignment(key, &Value::Number(next));
        self.report(key, Finding::invalid(message).help(help));
        None
    }

    /// Returns a number from 1. `why` is the help for another one.
    fn positive(&mut self, key: &str, why: &str) -> Option<u32> {
        let count = self.count(key)?;
        let valid = u32::try_from(count).ok().filter(|count| *count > 0 && *count <= MAX_COUNT);
        if valid.is_none() {
            let message = format!("must be from 1 to {MAX_COUNT}, not {count}");
            self.report(key, Finding::invalid(message).help(if count == 0 { why } else { "" }));
        }
        valid
    }

    /// Parses an optional string. `help` is the next step if it is invalid.
    fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, help: &str) -> Option<T> {
        let text = self.text(key)?;
        let report = |error| self.report(key, Finding::malformed(&text, &error).help(help));
        text.parse().map_err(report).ok()
    }
}

/// The largest number of days: S3 and CloudFormation count them in 32 bits with a sign.
const MAX_DAYS: u32 = i32::MAX.unsigned_abs();

/// The largest number of requests or instances.
const MAX_COUNT: u32 = i32::MAX.unsigned_abs();

/// The place of the function's code, as it is written.
struct Code(CodeLocation);

impl FromStr for Code {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("write a path, or s3://BUCKET/KEY");
        }
        let Some(object) = text.strip_prefix("s3://") else {
            return Ok(Self(CodeLocation::Local(text.into())));
        };
        match object.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self(CodeLocation::Object { bucket: bucket.into(), key: key.into() }))
            }
            _ => Err("write the bucket and the key of the zip file, as in s3://BUCKET/upsign.zip"),
        }
    }
}
