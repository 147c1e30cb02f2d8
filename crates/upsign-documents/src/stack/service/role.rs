//! The roles of the functions.

use super::super::Resource;
use super::super::declared::{Declared, Output, Part};
use super::super::reference::Kind;
use crate::deployment::Deployment;
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{list, map, text};

/// The name of the policy of each role.
const POLICY: &str = "uploads";

/// Returns the role of the function that signs uploads.
pub(super) fn resources(deployment: &Deployment) -> Vec<Box<dyn Resource>> {
    let id = Kind::Role.id();
    let own = IamPolicy::for_runtime(deployment);
    let mut resources = of_function(Kind::Role, Kind::LogGroup, "upload-", &own, deployment.tracing);
    let description = "ARN of the role of the function, which the trust policy of a signing role must name";
    resources.push(Box::new(Output::new("FunctionRoleArn", description, id.arn())));
    resources
}

/// Returns a role with these permissions for a function that writes to a log group. The role that SAM would create may write to
/// every log group of the account.
pub(super) fn of_function(
    role: Kind,
    log_group: Kind,
    name_prefix: &str,
    own: &IamPolicy,
    tracing: bool,
) -> Vec<Box<dyn Resource>> {
    let id = role.id();
    let traces = tracing.then(send_traces);
    let permissions =
        IamPolicy::new(own.statements().iter().cloned().chain([write_log(log_group)]).chain(traces));
    // Lambda, and nothing else, may assume the role.
    let trust = IamStatement::new("Lambda", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
    let trust = trust.with_principal(IamPrincipal::Service("lambda.amazonaws.com".into()));
    let inline = map([("PolicyName", text(POLICY)), ("PolicyDocument", permissions.to_node())]);
    let role = Declared::new(id)
        .in_terraform("name_prefix", name_prefix)
        .with("AssumeRolePolicyDocument", IamPolicy::new([trust]).to_node())
        .in_cloudformation("Policies", list([inline]));
    let policy = Part {
        of: id,
        kind: POLICY_KIND,
        body: vec![
            ("name", text(POLICY)),
            ("role", id.reference().into()),
            ("policy", permissions.encoded()),
        ],
    };
    vec![Box::new(role), Box::new(policy)]
}

/// The type of a policy of a role, in Terraform.
pub(super) const POLICY_KIND: &str = "aws_iam_role_policy";

/// Permits writing to the log group of a function. The ARN of a log stream begins with that of its group.
fn write_log(group: Kind) -> IamStatement {
    let streams = format!("{}:*", group.id().arn());
    IamStatement::new("WriteOwnLog", Effect::Allow, ["logs:CreateLogStream", "logs:PutLogEvents"], [streams])
}

/// Permits sending traces. These actions have no resources.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>.
fn send_traces() -> IamStatement {
    let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    IamStatement::new("SendTraces", Effect::Allow, actions, ["*"])
}
