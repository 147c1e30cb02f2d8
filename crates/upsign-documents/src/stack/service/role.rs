//! The role of the function.

use super::super::Resource;
use super::super::cloudformation::Template;
use super::super::reference::Kind;
use super::super::terraform::Module;
use crate::deployment::Deployment;
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, map, text};

/// The role of the function. The role that SAM would create may write to every log group of the account.
#[derive(Debug)]
pub(super) struct Role {
    permissions: IamPolicy,
}

impl Role {
    pub(super) fn for_deployment(deployment: &Deployment) -> Self {
        let own = IamPolicy::for_runtime(deployment);
        let traces = deployment.tracing.then(send_traces);
        let statements = own.statements().iter().cloned().chain([write_log()]).chain(traces);
        Self { permissions: IamPolicy::new(statements) }
    }

    /// Permits Lambda, and nothing else, to assume the role.
    fn trust() -> IamPolicy {
        let statement = IamStatement::new("Lambda", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
        IamPolicy::new([statement.with_principal(IamPrincipal::Service("lambda.amazonaws.com".into()))])
    }
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

const OUTPUT: &str = "ARN of the role of the function, which the trust policy of a signing role must name";

impl Resource for Role {
    fn cloudformation(&self, template: &mut Template) {
        let inline = map([("PolicyName", text("uploads")), ("PolicyDocument", self.permissions.to_node())]);
        let properties =
            [("AssumeRolePolicyDocument", Self::trust().to_node()), ("Policies", Node::List(vec![inline]))];
        template.resource(Kind::Role.id(), "AWS::IAM::Role", properties);
        template.output("FunctionRoleArn", OUTPUT, Kind::Role.id().arn());
    }

    fn terraform(&self, module: &mut Module) {
        let id = Kind::Role.id();
        module.resource(
            id,
            [("name_prefix", text("upload-")), ("assume_role_policy", Self::trust().encoded())],
        );
        let inline = [
            ("name", text("uploads")),
            ("role", id.reference().into()),
            ("policy", self.permissions.encoded()),
        ];
        module.part(id, "aws_iam_role_policy", inline);
        module.output("function_role_arn", OUTPUT, id.arn());
    }
}
