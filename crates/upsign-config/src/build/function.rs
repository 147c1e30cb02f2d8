//! The Lambda function in `[deployment]`: its code, variables, table, logs and limits.

use std::str::FromStr;

use upsign_documents::{CodeLocation, InvalidLogRetention, LogRetention};

use super::values::Reader;
use crate::error::ProblemCode;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::source::secret::is_secret;
use crate::source::variables::{self, FunctionVariable};

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

/// The largest number of requests or instances.
const MAX_COUNT: u32 = i32::MAX.unsigned_abs();

impl Reader {
    /// Returns the name of a DynamoDB table.
    ///
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>.
    pub(super) fn dynamodb_table(&mut self, key: &str) -> Option<String> {
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

    /// Returns the place of a function's code: a path, or an object in S3.
    pub(super) fn code(&mut self, key: &str) -> Option<CodeLocation> {
        self.parsed::<Code>(key, "").map(|code| code.0)
    }

    /// Returns the environment variables of the function.
    pub(super) fn variables(&mut self) -> Vec<(String, String)> {
        let key = "deployment.variables";
        let variables = self.table(key).unwrap_or_default();
        for (index, (name, value)) in variables.iter().enumerate() {
            if self.is_token_secret(name) {
                self.report_item(key, index, Self::token_secret_in_template());
                continue;
            }
            // Those of the file are refused when it is read.
            if is_secret(name, value) {
                let message = "a secret must not be a variable of the function: the template contains it";
                let finding = Finding::new(ProblemCode::SecretInFile, message);
                self.report_item(
                    key,
                    index,
                    finding.help("read it from AWS Secrets Manager in a function of your own"),
                );
                continue;
            }
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
            } else {
                self.report_hidden_setting(index, name);
            }
        }
        variables
    }

    /// Reports a variable that would change a key of this file in the function only, and in no document.
    fn report_hidden_setting(&mut self, index: usize, name: &str) {
        let finding = match variables::in_function(&self.raw, name) {
            FunctionVariable::Other => return,
            FunctionVariable::Sets(key) => Finding::contradiction(format!(
                "{name} overrides {key} in the function only, and not in the documents"
            ))
            .help(format!("remove it, and change {key}")),
            FunctionVariable::Unknown => Finding::new(
                ProblemCode::UnknownVariable,
                format!("{name} is an unknown variable, with which the function does not start"),
            )
            .help("remove it"),
        };
        self.report_item("deployment.variables", index, finding);
    }

    pub(super) fn log_retention(&mut self) -> Option<u32> {
        let key = "deployment.log_retention";
        let days = self.count(key)?;
        let report = |error: InvalidLogRetention| {
            let help = self.assignment(key, &Value::Number(error.next().days().into()));
            self.report(key, Finding::invalid(error.to_string()).help(help));
        };
        let days = u32::try_from(days).unwrap_or(u32::MAX);
        LogRetention::try_from(days).map_err(report).map(LogRetention::days).ok()
    }

    /// Returns a number from 1. `why` is the help for another one.
    pub(super) fn positive(&mut self, key: &str, why: &str) -> Option<u32> {
        let count = self.count(key)?;
        let valid = u32::try_from(count).ok().filter(|count| *count > 0 && *count <= MAX_COUNT);
        if valid.is_none() {
            let message = format!("must be from 1 to {MAX_COUNT}, not {count}");
            self.report(key, Finding::invalid(message).help(if count == 0 { why } else { "" }));
        }
        valid
    }
}

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
