//! The role with which API Gateway writes access logs.

use super::super::Resource;
use super::super::cloudformation::{Template, refer, retained};
use super::super::reference::Kind;
use super::super::terraform::{Module, block, expression};
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::node::{Node, list, map, text};

/// The role with which API Gateway writes the access logs of REST APIs. It is a setting of the account in each region, so it
/// is created only on request. Deleting the stack keeps it, because other REST APIs use it; `terraform destroy` refuses to delete
/// it.
///
/// The order is API, setting, stage: an account in which no API was ever created refuses the setting, and without the setting
/// the stage is refused.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html>.
#[derive(Debug)]
pub(super) struct AccountLogRole;

const PARAMETER: &str = "CreateApiGatewayLogRole";
const VARIABLE: &str = "create_api_gateway_log_role";
const CONDITION: &str = "CreatesApiGatewayLogRole";
const DESCRIPTION: &str = "Whether to create the role with which API Gateway writes access logs, and to set it for all REST APIs of the account in this region. Needed once per account and region: without such a role, the deployment fails with \"CloudWatch Logs role ARN must be set in account settings\"";

/// The policy of AWS with the permissions of the role.
const MANAGED_POLICY: &str = "iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

const ATTACHMENT: &str = "aws_iam_role_policy_attachment";

impl AccountLogRole {
    fn trust() -> IamPolicy {
        let statement = IamStatement::new("ApiGateway", Effect::Allow, ["sts:AssumeRole"], [""; 0]);
        IamPolicy::new([statement.with_principal(IamPrincipal::Service("apigateway.amazonaws.com".into()))])
    }

    /// Returns the variables of the stage. They refer to the setting of the account if it is created, so that CloudFormation
    /// sets it before it creates the stage. `DependsOn` cannot name a resource that a condition may leave out.
    pub(super) fn stage_variables() -> Node {
        let account = Node::from(Kind::GatewayAccount.id().reference());
        map([("accessLogRole", map([("Fn::If", list([text(CONDITION), account, text("existing")]))]))])
    }
}

impl Resource for AccountLogRole {
    fn cloudformation(&self, template: &mut Template) {
        let attributes = || [("Condition", text(CONDITION))].into_iter().chain(retained());
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
            attributes().chain([("DependsOn", text(Kind::RestApi.id().logical()))]),
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
        let address = role.address();
        let kept = || ("lifecycle", block([("prevent_destroy", true.into())]));
        module.resource(
            role,
            [
                count(),
                ("name_prefix", text("api-gateway-logs-")),
                ("assume_role_policy", Self::trust().encoded()),
                kept(),
            ],
        );
        let policy =
            expression(format!("\"arn:${{data.aws_partition.current.partition}}:{MANAGED_POLICY}\""));
        module.data("aws_partition");
        module.part(
            role,
            ATTACHMENT,
            [count(), ("role", expression(format!("{address}[0].name"))), ("policy_arn", policy), kept()],
        );
        // API Gateway tries whether it can write with the role, so the role must have its permissions.
        let before = [Kind::RestApi.id().address(), format!("{ATTACHMENT}.{}", role.terraform_name())];
        module.resource(
            account,
            [
                count(),
                ("cloudwatch_role_arn", expression(format!("{address}[0].arn"))),
                ("depends_on", list(before.map(expression))),
                kept(),
            ],
        );
        module.variable(
            VARIABLE,
            &format!("{DESCRIPTION}. terraform destroy refuses to delete them, because the other REST APIs use them: remove them from the state first (terraform state rm)"),
            [("type", expression("bool")), ("default", false.into())],
        );
    }
}
