//! The role with which API Gateway writes access logs.

use super::super::Resource;
use super::super::cloudformation::{Template, refer};
use super::super::reference::Kind;
use super::super::terraform::{Module, expression};
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, list, map, text};

/// The role with which API Gateway writes the access logs of REST APIs. It is a setting of the account in each region, so it
/// is created only on request. Deleting the stack keeps it; `terraform destroy` does not.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions>.
#[derive(Debug)]
pub(super) struct AccountLogRole;

const PARAMETER: &str = "CreateApiGatewayLogRole";
const VARIABLE: &str = "create_api_gateway_log_role";
const CONDITION: &str = "CreatesApiGatewayLogRole";
const DESCRIPTION: &str = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\"";

/// The policy of AWS with the permissions of the role.
const MANAGED_POLICY: &str = "iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

impl AccountLogRole {
    fn trust() -> IamPolicy {
        let statement = IamStatement::new("ApiGateway", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
        IamPolicy::new([statement.with_principal(IamPrincipal::Service("apigateway.amazonaws.com".into()))])
    }

    /// Returns a description of the API that refers to the setting of the account if it is created, so that it exists before
    /// the stage. `DependsOn` cannot name a resource that a condition may leave out.
    pub(super) fn description_of_api() -> Node {
        let plain = "Signs uploads to S3";
        let with = format!("{plain} (access log: {})", Kind::GatewayAccount.id().reference());
        map([("Fn::If", Node::List(vec![text(CONDITION), text(with), text(plain)]))])
    }
}

impl Resource for AccountLogRole {
    fn cloudformation(&self, template: &mut Template) {
        let attributes = || {
            [
                ("Condition", text(CONDITION)),
                ("DeletionPolicy", text("Retain")),
                ("UpdateReplacePolicy", text("Retain")),
            ]
        };
        let policy = map([("Fn::Sub", text(format!("arn:${{AWS::Partition}}:{MANAGED_POLICY}")))]);
        let role = Kind::GatewayLogRole.id();
        template.resource_with(
            role,
            "AWS::IAM::Role",
            attributes(),
            [
                ("AssumeRolePolicyDocument", Self::trust().to_node()),
                ("ManagedPolicyArns", Node::List(vec![policy])),
            ],
        );
        template.resource_with(
            Kind::GatewayAccount.id(),
            "AWS::ApiGateway::Account",
            attributes(),
            [("CloudWatchRoleArn", Node::from(role.arn()))],
        );
        template.parameter(
            PARAMETER,
            [
                ("Type", text("String")),
                ("Default", text("false")),
                ("AllowedValues", list(["true", "false"])),
                ("Description", text(DESCRIPTION)),
            ],
        );
        let is_true = Node::List(vec![refer(PARAMETER), text("true")]);
        template.condition(CONDITION, map([("Fn::Equals", is_true)]));
    }

    fn terraform(&self, module: &mut Module) {
        let count = || ("count", expression(format!("var.{VARIABLE} ? 1 : 0")));
        let (role, account) = (Kind::GatewayLogRole.id(), Kind::GatewayAccount.id());
        let address = format!("{}.{}", role.terraform_type(), role.terraform_name());
        module.resource(
            role,
            [
                count(),
                ("name_prefix", text("api-gateway-logs-")),
                ("assume_role_policy", Self::trust().encoded()),
            ],
        );
        let policy =
            expression(format!("\"arn:${{data.aws_partition.current.partition}}:{MANAGED_POLICY}\""));
        module.data("aws_partition");
        module.part(
            role,
            "aws_iam_role_policy_attachment",
            [count(), ("role", expression(format!("{address}[0].name"))), ("policy_arn", policy)],
        );
        module.resource(account, [count(), ("cloudwatch_role_arn", expression(format!("{address}[0].arn")))]);
        module.variable(
            VARIABLE,
            &format!("{DESCRIPTION}. terraform destroy deletes the role, without which the other REST APIs write no access logs"),
            [("type", expression("bool")), ("default", false.into())],
        );
    }
}
