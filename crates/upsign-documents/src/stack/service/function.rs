//! The function.

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::{Kind, Reference};
use super::super::terraform::{Module, block, expression};
use crate::deployment::{ApiAuthorizer, CodeLocation, Deployment};
use crate::node::{Node, list, map, text};

/// The variable that tells the function who verifies the token of a caller.
const AUTH_SOURCE: &str = "UPSIGN_AUTH_SOURCE";

const RUNTIME: &str = "provided.al2023";
/// The name of the program in the zip file, which the runtime starts.
const HANDLER: &str = "bootstrap";
/// In MiB. Signing needs little memory; Lambda assigns processor time in proportion to it.
const MEMORY: u32 = 256;
/// In seconds. A request may have to fetch the keys that verify tokens.
const TIMEOUT: u32 = 10;

/// The Lambda function that signs uploads.
#[derive(Debug)]
pub(in super::super) struct Function {
    code: CodeLocation,
    variables: Vec<(String, String)>,
    reserved_concurrency: Option<u32>,
    tracing: bool,
}

impl Function {
    pub(super) fn for_deployment(deployment: &Deployment) -> Self {
        Self {
            code: deployment.code.clone(),
            variables: variables(deployment),
            reserved_concurrency: deployment.reserved_concurrency,
            tracing: deployment.tracing,
        }
    }

    fn environment(&self) -> Node {
        map(self.variables.iter().map(|(name, value)| (name.as_str(), text(value))))
    }
}

/// Returns the variables of the environment. The one that says who verifies tokens follows from the authorizer, so that
/// another value cannot disagree with it.
fn variables(deployment: &Deployment) -> Vec<(String, String)> {
    let source = match deployment.authorizer {
        ApiAuthorizer::None => "token",
        ApiAuthorizer::Cognito { .. } | ApiAuthorizer::Jwt { .. } => "authorizer",
    };
    let chosen = deployment.variables.iter().filter(|(name, _)| name != AUTH_SOURCE).cloned();
    chosen.chain([(AUTH_SOURCE.to_owned(), source.to_owned())]).collect()
}

const ARCHITECTURE: &str = "Processor architecture of the function, for which its zip file is built";
const CONCURRENCY: &str = "How many instances of the function may run at a time. Lambda reserves them from the concurrency of the account, of which 100 (10 in a new account) stay for other functions";

impl Resource for Function {
    fn cloudformation(&self, template: &mut Template) {
        let code = match &self.code {
            CodeLocation::Local(path) => text(path),
            CodeLocation::Object { bucket, key } => map([("Bucket", text(bucket)), ("Key", text(key))]),
        };
        let reserved = [text("HasReservedConcurrency"), refer("ReservedConcurrency"), refer("AWS::NoValue")];
        let mut properties = vec![
            ("CodeUri", code),
            ("Handler", text(HANDLER)),
            ("Runtime", text(RUNTIME)),
            ("Architectures", Node::List(vec![refer("Architecture")])),
            ("MemorySize", MEMORY.into()),
            ("Timeout", TIMEOUT.into()),
            ("ReservedConcurrentExecutions", map([("Fn::If", Node::List(reserved.into()))])),
            ("Role", Kind::Role.id().arn().into()),
            ("LoggingConfig", map([("LogGroup", Node::from(Kind::LogGroup.id().reference()))])),
            ("Environment", map([("Variables", self.environment())])),
        ];
        if self.tracing {
            properties.push(("Tracing", text("Active")));
        }
        let id = Kind::Function.id();
        template.resource(id, "AWS::Serverless::Function", properties);
        template.output("FunctionArn", "ARN of the function that signs uploads", id.arn());
        template.parameter(
            "Architecture",
            [
                ("Type", text("String")),
                ("Default", text("arm64")),
                ("AllowedValues", list(["arm64", "x86_64"])),
                ("Description", text(ARCHITECTURE)),
            ],
        );
        let default = self.reserved_concurrency.map(|instances| instances.to_string()).unwrap_or_default();
        template.parameter(
            "ReservedConcurrency",
            [
                ("Type", text("String")),
                ("Default", text(default)),
                ("AllowedPattern", text("^([1-9][0-9]*)?$")),
                ("Description", text(format!("{CONCURRENCY}; empty for no limit of its own"))),
            ],
        );
        let is_empty = map([("Fn::Equals", Node::List(vec![refer("ReservedConcurrency"), text("")]))]);
        template.condition("HasReservedConcurrency", map([("Fn::Not", Node::List(vec![is_empty]))]));
    }

    fn terraform(&self, module: &mut Module) {
        let logging = [("log_format", text("Text")), ("log_group", Kind::LogGroup.id().name().into())];
        let mut body = vec![
            ("function_name", Reference::StackName.into()),
            ("role", Kind::Role.id().arn().into()),
            ("filename", expression("var.package")),
            ("source_code_hash", expression("filebase64sha256(var.package)")),
            ("handler", text(HANDLER)),
            ("runtime", text(RUNTIME)),
            ("architectures", Node::List(vec![expression("var.architecture")])),
            ("memory_size", MEMORY.into()),
            ("timeout", TIMEOUT.into()),
            ("reserved_concurrent_executions", expression("var.reserved_concurrency")),
            ("logging_config", block(logging)),
            ("environment", block([("variables", self.environment())])),
        ];
        if self.tracing {
            body.push(("tracing_config", block([("mode", text("Active"))])));
        }
        let id = Kind::Function.id();
        module.resource(id, body);
        module.output("function_arn", "ARN of the function that signs uploads", id.arn());
        module.variable("package", "Path of the function's zip file", [("type", expression("string"))]);
        let is_known = expression("contains([\"arm64\", \"x86_64\"], var.architecture)");
        let message = text("The architecture must be arm64 or x86_64.");
        module.variable(
            "architecture",
            ARCHITECTURE,
            [
                ("type", expression("string")),
                ("default", text("arm64")),
                ("validation", block([("condition", is_known), ("error_message", message)])),
            ],
        );
        // -1 removes the limit.
        let default = self.reserved_concurrency.map_or(-1, i64::from);
        module.variable(
            "reserved_concurrency",
            &format!("{CONCURRENCY}; -1 for no limit of its own"),
            [("type", expression("number")), ("default", default.into())],
        );
    }
}
