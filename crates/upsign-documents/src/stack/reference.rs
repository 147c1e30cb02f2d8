//! References between the resources of a stack, and texts that contain them.
//!
//! A resource refers to another one by a [`Reference`], whose spelling depends on the form: `Fn::GetAtt` in CloudFormation,
//! `aws_sqs_queue.uploads.arn` in Terraform. Policies and other documents are made of plain texts, so a reference also has a
//! form as text, its *placeholder*: three tokens between two noncharacters of Unicode, which no other text contains. The
//! writers of the two forms replace the placeholders, and escape whatever else their language would interpret.

use std::fmt;

use crate::node::Node;

/// Encloses a placeholder. Noncharacters are reserved for such internal use: <https://www.unicode.org/faq/private_use.html>.
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';

/// One resource of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    pub(super) kind: Kind,
    /// Counts the resources of one kind from 0. Only the second and later ones have a number in their names.
    pub(super) index: usize,
}

/// Declares an enum whose values have their identifiers as names, as in placeholders.
macro_rules! named {
    ($(#[$doc:meta])* pub(crate) enum $type:ident { $($(#[$value_doc:meta])* $value:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $type { $($(#[$value_doc])* $value),* }

        impl $type {
            const fn token(self) -> &'static str {
                match self { $(Self::$value => stringify!($value)),* }
            }

            fn from_token(token: &str) -> Option<Self> {
                match token {
                    $(stringify!($value) => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    };
}

/// Declares the resources: the type and the logical id in CloudFormation, the type and the name in Terraform.
macro_rules! kinds {
    ($($kind:ident: $cloudformation:literal $logical:literal, $terraform:literal $name:literal;)*) => {
        named! {
            /// What a resource is for.
            pub(crate) enum Kind { $($kind),* }
        }

        impl Kind {
            /// Returns the type and the logical id in CloudFormation.
            const fn cloudformation(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($cloudformation, $logical)),* }
            }

            /// Returns the type and the name in Terraform.
            const fn terraform(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($terraform, $name)),* }
            }
        }
    };
}

kinds! {
    Bucket: "AWS::S3::Bucket" "UploadsBucket", "aws_s3_bucket" "uploads";
    DirectoryBucket: "AWS::S3Express::DirectoryBucket" "UploadsDirectoryBucket", "aws_s3_directory_bucket" "uploads";
    BucketPolicy: "AWS::S3::BucketPolicy" "UploadsBucketPolicy", "aws_s3_bucket_policy" "uploads";
    Queue: "AWS::SQS::Queue" "UploadsQueue", "aws_sqs_queue" "uploads";
    DeadLetters: "AWS::SQS::Queue" "UploadsDeadLetters", "aws_sqs_queue" "dead_letters";
    QueuePolicy: "AWS::SQS::QueuePolicy" "UploadsQueuePolicy", "aws_sqs_queue_policy" "uploads";
    AccessControl: "AWS::CloudFront::OriginAccessControl" "DistributionAccess", "aws_cloudfront_origin_access_control" "uploads";
    ResponseHeaders: "AWS::CloudFront::ResponseHeadersPolicy" "DistributionHeaders", "aws_cloudfront_response_headers_policy" "uploads";
    ReadKey: "AWS::CloudFront::PublicKey" "ReadKey", "aws_cloudfront_public_key" "uploads";
    ReadKeyGroup: "AWS::CloudFront::KeyGroup" "ReadKeyGroup", "aws_cloudfront_key_group" "uploads";
    ReadCache: "AWS::CloudFront::CachePolicy" "ReadCache", "aws_cloudfront_cache_policy" "uploads";
    Distribution: "AWS::CloudFront::Distribution" "Distribution", "aws_cloudfront_distribution" "uploads";
    LogGroup: "AWS::Logs::LogGroup" "UploadLog", "aws_cloudwatch_log_group" "uploads";
    Role: "AWS::IAM::Role" "UploadRole", "aws_iam_role" "uploads";
    Function: "AWS::Serverless::Function" "GetUploadUrlFunction", "aws_lambda_function" "uploads";
    ConsumerLogGroup: "AWS::Logs::LogGroup" "ConfirmUploadsLog", "aws_cloudwatch_log_group" "consumer";
    ConsumerRole: "AWS::IAM::Role" "ConfirmUploadsRole", "aws_iam_role" "consumer";
    Consumer: "AWS::Serverless::Function" "ConfirmUploadsFunction", "aws_lambda_function" "consumer";
    ConsumerSource: "AWS::Lambda::EventSourceMapping" "ConfirmUploadsSource", "aws_lambda_event_source_mapping" "consumer";
    WebhookQueue: "AWS::SQS::Queue" "WebhookQueue", "aws_sqs_queue" "webhooks";
    WebhookDeadLetters: "AWS::SQS::Queue" "WebhookDeadLetters", "aws_sqs_queue" "webhook_dead_letters";
    DelivererLogGroup: "AWS::Logs::LogGroup" "DeliverWebhooksLog", "aws_cloudwatch_log_group" "deliverer";
    DelivererRole: "AWS::IAM::Role" "DeliverWebhooksRole", "aws_iam_role" "deliverer";
    Deliverer: "AWS::Serverless::Function" "DeliverWebhooksFunction", "aws_lambda_function" "deliverer";
    DelivererSource: "AWS::Lambda::EventSourceMapping" "DeliverWebhooksSource", "aws_lambda_event_source_mapping" "deliverer";
    QuotaTable: "AWS::DynamoDB::Table" "UploadsQuota", "aws_dynamodb_table" "quota";
    ApiLogGroup: "AWS::Logs::LogGroup" "UploadApiLog", "aws_cloudwatch_log_group" "api";
    ApiPermission: "AWS::Lambda::Permission" "UploadApiPermission", "aws_lambda_permission" "api";
    AuthorizerPermission: "AWS::Lambda::Permission" "UploadAuthorizerPermission", "aws_lambda_permission" "authorizer";
    RestApi: "AWS::Serverless::Api" "UploadApi", "aws_api_gateway_rest_api" "uploads";
    GatewayLogRole: "AWS::IAM::Role" "ApiGatewayLogRole", "aws_iam_role" "api_gateway_logs";
    GatewayAccount: "AWS::ApiGateway::Account" "ApiGatewayAccount", "aws_api_gateway_account" "uploads";
    HttpApi: "AWS::ApiGatewayV2::Api" "UploadApi", "aws_apigatewayv2_api" "uploads";
    HttpAuthorizer: "AWS::ApiGatewayV2::Authorizer" "UploadApiAuthorizer", "aws_apigatewayv2_authorizer" "uploads";
    HttpIntegration: "AWS::ApiGatewayV2::Integration" "UploadApiIntegration", "aws_apigatewayv2_integration" "uploads";
    HttpRoute: "AWS::ApiGatewayV2::Route" "UploadApiRoute", "aws_apigatewayv2_route" "uploads";
    HttpPreflightRoute: "AWS::ApiGatewayV2::Route" "UploadApiPreflightRoute", "aws_apigatewayv2_route" "preflight";
    HttpStage: "AWS::ApiGatewayV2::Stage" "UploadApiStage", "aws_apigatewayv2_stage" "uploads";
    FunctionUrl: "AWS::Lambda::Url" "UploadFunctionUrl", "aws_lambda_function_url" "uploads";
    UrlPermission: "AWS::Lambda::Permission" "UploadUrlPermission", "aws_lambda_permission" "url";
    TargetGroup: "AWS::ElasticLoadBalancingV2::TargetGroup" "UploadTargets", "aws_lb_target_group" "uploads";
    ListenerRule: "AWS::ElasticLoadBalancingV2::ListenerRule" "UploadListenerRule", "aws_lb_listener_rule" "uploads";
    FunctionErrorsAlarm: "AWS::CloudWatch::Alarm" "FunctionErrorsAlarm", "aws_cloudwatch_metric_alarm" "function_errors";
    FunctionThrottlesAlarm: "AWS::CloudWatch::Alarm" "FunctionThrottlesAlarm", "aws_cloudwatch_metric_alarm" "function_throttles";
    ConsumerErrorsAlarm: "AWS::CloudWatch::Alarm" "ConfirmUploadsErrorsAlarm", "aws_cloudwatch_metric_alarm" "consumer_errors";
    DelivererErrorsAlarm: "AWS::CloudWatch::Alarm" "DeliverWebhooksErrorsAlarm", "aws_cloudwatch_metric_alarm" "deliverer_errors";
    ApiRefusalsAlarm: "AWS::CloudWatch::Alarm" "ApiRefusalsAlarm", "aws_cloudwatch_metric_alarm" "api_refusals";
    ApiErrorsAlarm: "AWS::CloudWatch::Alarm" "ApiErrorsAlarm", "aws_cloudwatch_metric_alarm" "api_errors";
    JwksRefreshFailuresAlarm: "AWS::CloudWatch::Alarm" "JwksRefreshFailuresAlarm", "aws_cloudwatch_metric_alarm" "jwks_refresh_failures";
    CredentialsRefreshFailuresAlarm: "AWS::CloudWatch::Alarm" "CredentialsRefreshFailuresAlarm", "aws_cloudwatch_metric_alarm" "credentials_refresh_failures";
    DeadLettersAlarm: "AWS::CloudWatch::Alarm" "DeadLettersAlarm", "aws_cloudwatch_metric_alarm" "dead_letters";
    WebhookDeadLettersAlarm: "AWS::CloudWatch::Alarm" "WebhookDeadLettersAlarm", "aws_cloudwatch_metric_alarm" "webhook_dead_letters";
    MismatchedUploadsAlarm: "AWS::CloudWatch::Alarm" "MismatchedUploadsAlarm", "aws_cloudwatch_metric_alarm" "mismatched_uploads";
    RejectedContentAlarm: "AWS::CloudWatch::Alarm" "RejectedContentAlarm", "aws_cloudwatch_metric_alarm" "rejected_content";
    LimitsSkippedAlarm: "AWS::CloudWatch::Alarm" "LimitsSkippedAlarm", "aws_cloudwatch_metric_alarm" "limits_skipped";
    RejectedUploadsAlarm: "AWS::CloudWatch::Alarm" "RejectedUploadsAlarm", "aws_cloudwatch_metric_alarm" "rejected_uploads";
    Dashboard: "AWS::CloudWatch::Dashboard" "UploadDashboard", "aws_cloudwatch_dashboard" "uploads";
}

named! {
    /// A value of a resource that is known once the resource exists.
    pub(crate) enum Attribute {
        /// What `Ref` returns in CloudFormation, and the attribute `id` in Terraform.
        Id,
        Arn,
        /// The ARN, or a pattern of it for a resource that must refer to this one before it exists.
        ArnPattern,
        /// The ARN with which API Gateway invokes other services: that of an API without stage, method and path.
        ExecutionArn,
        /// The ARN with which a REST API names a function.
        InvokeArn,
        /// The name as metrics and other services use it.
        Name,
        Url,
        DomainName,
    }
}

named! {
    /// A value of the stack itself.
    pub(crate) enum StackValue {
        /// The ID of the account that the stack is deployed to.
        Account,
        /// The region that the stack is deployed to.
        Region,
        /// The partition that the stack is deployed to, such as `aws`.
        Partition,
        /// The name of the stack, or the variable `name` of the Terraform module.
        Name,
        /// A short name that no other stack of the account has, in any region. CloudFormation only.
        UniqueName,
        /// The part of the listener's ARN that identifies the load balancer, as its metrics use it.
        LoadBalancer,
        /// The ARN of the function of the Lambda authorizer, which is not part of the stack.
        AuthorizerFunction,
    }
}

/// A value that is known only when the stack is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Attribute(Id, Attribute),
    Stack(StackValue),
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    Literal(&'a str),
    Reference(Reference),
}

impl Kind {
    pub(super) const fn is_log_group(self) -> bool {
        matches!(self, Self::LogGroup | Self::ApiLogGroup | Self::ConsumerLogGroup | Self::DelivererLogGroup)
    }

    /// Returns the resource of this kind that exists once.
    pub(super) const fn id(self) -> Id {
        self.nth(0)
    }

    /// Returns the resource of this kind for the bucket at `index`.
    pub(super) const fn nth(self, index: usize) -> Id {
        Id { kind: self, index }
    }
}

impl Id {
    /// Returns the logical id in CloudFormation.
    pub(super) fn logical(self) -> String {
        let name = self.kind.cloudformation().1;
        if self.index == 0 { name.to_owned() } else { format!("{name}{}", self.index + 1) }
    }

    /// Returns the type in CloudFormation.
    pub(super) const fn cloudformation_type(self) -> &'static str {
        self.kind.cloudformation().0
    }

    /// Returns the type in Terraform.
    pub(super) const fn terraform_type(self) -> &'static str {
        self.kind.terraform().0
    }

    /// Returns the name in Terraform.
    pub(super) fn terraform_name(self) -> String {
        let name = self.kind.terraform().1;
        if self.index == 0 { name.to_owned() } else { format!("{name}_{}", self.index + 1) }
    }

    /// Returns the address in Terraform, as in `aws_sqs_queue.uploads`.
    pub(super) fn address(self) -> String {
        format!("{}.{}", self.terraform_type(), self.terraform_name())
    }
}

/// Declares the methods that return references to the attributes of a resource.
macro_rules! attributes {
    ($($method:ident: $attribute:ident),*) => {
        impl Id {
            $(pub(super) const fn $method(self) -> Reference {
                Reference::Attribute(self, Attribute::$attribute)
            })*
        }
    };
}

attributes! {
    reference: Id, arn: Arn, arn_pattern: ArnPattern, execution_arn: ExecutionArn, invoke_arn: InvokeArn, name: Name, url: Url,
    domain_name: DomainName
}

impl Reference {
    pub(crate) const ACCOUNT: Self = Self::Stack(StackValue::Account);
    pub(crate) const REGION: Self = Self::Stack(StackValue::Region);
    pub(crate) const PARTITION: Self = Self::Stack(StackValue::Partition);
    pub(crate) const STACK_NAME: Self = Self::Stack(StackValue::Name);
    pub(crate) const UNIQUE_NAME: Self = Self::Stack(StackValue::UniqueName);
    pub(crate) const LOAD_BALANCER: Self = Self::Stack(StackValue::LoadBalancer);
    pub(crate) const AUTHORIZER_FUNCTION: Self = Self::Stack(StackValue::AuthorizerFunction);
}

impl Reference {
    /// Reads the inside of a placeholder.
    fn read(tokens: &str) -> Option<Self> {
        let mut tokens = tokens.split(' ');
        let first = tokens.next()?;
        let reference = match (tokens.next(), tokens.next()) {
            (Some(index), Some(attribute)) => {
                let id = Kind::from_token(first)?.nth(index.parse().ok()?);
                Self::Attribute(id, Attribute::from_token(attribute)?)
            }
            _ => Self::Stack(StackValue::from_token(first)?),
        };
        tokens.next().is_none().then_some(reference)
    }
}

/// Writes the placeholder.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(id, attribute) => {
                write!(f, "{OPEN}{} {} {}{CLOSE}", id.kind.token(), id.index, attribute.token())
            }
            Self::Stack(value) => write!(f, "{OPEN}{}{CLOSE}", value.token()),
        }
    }
}

impl From<Reference> for Node {
    fn from(reference: Reference) -> Self {
        Self::Text(reference.to_string())
    }
}

/// Splits a text at its placeholders. The segments are not empty.
pub(super) fn segments(mut text: &str) -> Vec<Segment<'_>> {
    let mut out = Vec::new();
    while let Some((before, rest)) = text.split_once(OPEN) {
        let Some((reference, after)) =
            rest.split_once(CLOSE).and_then(|(inside, after)| Some((Reference::read(inside)?, after)))
        else {
            break;
        };
        out.extend((!before.is_empty()).then_some(Segment::Literal(before)));
        out.push(Segment::Reference(reference));
        text = after;
    }
    out.extend((!text.is_empty()).then_some(Segment::Literal(text)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_read_back() {
        let (queue, bucket) = (Kind::Queue.id().arn(), Kind::Bucket.nth(11).domain_name());
        let text = format!("a{queue}b{bucket}{}{}", Reference::ACCOUNT, Reference::STACK_NAME);
        let expected = [
            Segment::Literal("a"),
            Segment::Reference(queue),
            Segment::Literal("b"),
            Segment::Reference(bucket),
            Segment::Reference(Reference::ACCOUNT),
            Segment::Reference(Reference::STACK_NAME),
        ];
        assert_eq!(segments(&text), expected);
        assert_eq!(bucket.cloudformation().in_text(), "${UploadsBucket12.RegionalDomainName}");
        assert_eq!(bucket.terraform(), "aws_s3_bucket.uploads_12.bucket_regional_domain_name");
    }

    #[test]
    fn text_without_placeholders_is_literal() {
        for text in ["arn:aws:s3:::a/*", "${AWS::AccountId}", "\u{FDD0}", "\u{FDD0}Queue\u{FDD1}"] {
            assert_eq!(segments(text), [Segment::Literal(text)], "{text:?}");
        }
        assert_eq!(segments(""), []);
    }
}
