//! The role of the function.

use super::super::Resource;
use super::super::declared::{Declared, Output, Part};
use super::super::reference::Kind;
use crate::deployment::Deployment;
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{list, map, text};

/// Returns the role of the function. The role that SAM would create may write to every log group of the account.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let id = Kind::Role.id();
    let own = IamPolicy::for_runtime(deployment);
    let traces = deployment.tracing.then(send_traces);
    let permissions = IamPolicy::new(own.statements().iter().cloned().chain([write_log()]).chain(traces));
    // Lambda, and nothing else, may assume the role.
    let trust = IamStatement::new("Lambda", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
    let trust = trust.with_principal(IamPrincipal::Service("lambda.amazonaws.com".into()));
    let inline = map([("PolicyName", text("uploads")), ("PolicyDocument", permissions.to_node())]);
    let role = Declared::new(id)
        .in_terraform("name_prefix", "upload-")
        .with("AssumeRolePolicyDocument", IamPolicy::new([trust]).to_node())
        .in_cloudformation("Policies", list([inline]));
    let policy = Part {
        of: id,
        kind: "aws_iam_role_policy",
        body: vec![
            ("name", text("uploads")),
            ("role", id.reference().into()),
            ("policy", permissions.encoded()),
        ],
    };
    let description = "ARN of the role of the function, which the trust policy of a signing role must name";
    vec![Box::new(role), Box::new(policy), Box::new(Output::new("FunctionRoleArn", description, id.arn()))]
}

/// Permits writing to the log group of the function. The ARN of a log stream begins with that of its group.
fn write_log() -> IamStatement {
    let streams = format!("{}:*", Kind::LogGroup.id().arn());
    IamStatement::new("WriteOwnLog", Effect::Allow, ["logs:CreateLogStream", "logs:PutLogEvents"], [streams])
}

/// Permits sending traces. These actions have no resources.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>.
fn send_traces() -> IamStatement {
    let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    IamStatement::new("SendTraces", Effect::Allow, actions, ["*"])
}
