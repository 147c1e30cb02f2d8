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

/// Declares the resources: the logical id in CloudFormation, and the type and name in Terraform.
macro_rules! kinds {
    ($($kind:ident: $logical:literal, $type:literal, $name:literal;)*) => {
        /// What a resource is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($kind),* }

        impl Kind {
            const ALL: &[Self] = &[$(Self::$kind),*];

            const fn logical(self) -> &'static str {
                match self { $(Self::$kind => $logical),* }
            }

            const fn terraform(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($type, $name)),* }
            }
        }
    };
}

kinds! {
    Bucket: "UploadsBucket", "aws_s3_bucket", "uploads";
    BucketPolicy: "UploadsBucketPolicy", "aws_s3_bucket_policy", "uploads";
    Queue: "UploadsQueue", "aws_sqs_queue", "uploads";
    DeadLetters: "UploadsDeadLetters", "aws_sqs_queue", "dead_letters";
    QueuePolicy: "UploadsQueuePolicy", "aws_sqs_queue_policy", "uploads";
    AccessControl: "DistributionAccess", "aws_cloudfront_origin_access_control", "uploads";
    ResponseHeaders: "DistributionHeaders", "aws_cloudfront_response_headers_policy", "uploads";
    Distribution: "Distribution", "aws_cloudfront_distribution", "uploads";
    LogGroup: "UploadLog", "aws_cloudwatch_log_group", "uploads";
    Role: "UploadRole", "aws_iam_role", "uploads";
    Function: "GetUploadUrlFunction", "aws_lambda_function", "uploads";
    ApiLogGroup: "UploadApiLog", "aws_cloudwatch_log_group", "api";
    ApiPermission: "UploadApiPermission", "aws_lambda_permission", "api";
    RestApi: "UploadApi", "aws_api_gateway_rest_api", "uploads";
    GatewayLogRole: "ApiGatewayLogRole", "aws_iam_role", "api_gateway_logs";
    GatewayAccount: "ApiGatewayAccount", "aws_api_gateway_account", "uploads";
    HttpApi: "UploadApi", "aws_apigatewayv2_api", "uploads";
    HttpAuthorizer: "UploadApiAuthorizer", "aws_apigatewayv2_authorizer", "uploads";
    HttpIntegration: "UploadApiIntegration", "aws_apigatewayv2_integration", "uploads";
    HttpRoute: "UploadApiRoute", "aws_apigatewayv2_route", "uploads";
    HttpStage: "UploadApiStage", "aws_apigatewayv2_stage", "uploads";
    FunctionUrl: "UploadFunctionUrl", "aws_lambda_function_url", "uploads";
    UrlPermission: "UploadUrlPermission", "aws_lambda_permission", "url";
    TargetGroup: "UploadTargets", "aws_lb_target_group", "uploads";
    ListenerRule: "UploadListenerRule", "aws_lb_listener_rule", "uploads";
    RejectedUploadsAlarm: "RejectedUploadsAlarm", "aws_cloudwatch_metric_alarm", "rejected_uploads";
    Dashboard: "UploadDashboard", "aws_cloudwatch_dashboard", "uploads";
}

/// A value of a resource that is known once the resource exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A value that is known only when the stack is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Attribute(Id, Attribute),
    /// The ID of the account that the stack is deployed to.
    Account,
    /// The region that the stack is deployed to. In Terraform it needs the data source `aws_region`.
    Region,
    /// The name of the stack, or the variable `name` of the Terraform module.
    StackName,
    /// A short name that no other stack of the account has, in any region. CloudFormation only.
    UniqueName,
    /// The part of the listener's ARN that identifies the load balancer, as its metrics use it.
    LoadBalancer,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    Literal(&'a str),
    Reference(Reference),
}

impl Kind {
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
        let name = self.kind.logical();
        if self.index == 0 { name.to_owned() } else { format!("{name}{}", self.index + 1) }
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

    pub(super) const fn reference(self) -> Reference {
        Reference::Attribute(self, Attribute::Id)
    }

    pub(super) const fn arn(self) -> Reference {
        Reference::Attribute(self, Attribute::Arn)
    }

    pub(super) const fn arn_pattern(self) -> Reference {
        Reference::Attribute(self, Attribute::ArnPattern)
    }

    pub(super) const fn execution_arn(self) -> Reference {
        Reference::Attribute(self, Attribute::ExecutionArn)
    }

    pub(super) const fn invoke_arn(self) -> Reference {
        Reference::Attribute(self, Attribute::InvokeArn)
    }

    pub(super) const fn name(self) -> Reference {
        Reference::Attribute(self, Attribute::Name)
    }

    pub(super) const fn url(self) -> Reference {
        Reference::Attribute(self, Attribute::Url)
    }

    pub(super) const fn domain_name(self) -> Reference {
        Reference::Attribute(self, Attribute::DomainName)
    }
}

impl Reference {
    /// Reads the inside of a placeholder.
    fn read(tokens: &str) -> Option<Self> {
        const ATTRIBUTES: [Attribute; 8] = [
            Attribute::Id,
            Attribute::Arn,
            Attribute::ArnPattern,
            Attribute::ExecutionArn,
            Attribute::InvokeArn,
            Attribute::Name,
            Attribute::Url,
            Attribute::DomainName,
        ];
        const OTHERS: [Reference; 5] = [
            Reference::Account,
            Reference::Region,
            Reference::StackName,
            Reference::UniqueName,
            Reference::LoadBalancer,
        ];
        let tokens: Vec<&str> = tokens.split(' ').collect();
        let [kind, index, attribute] = tokens.as_slice() else {
            return OTHERS.into_iter().find(|it| tokens == [format!("{it:?}")]);
        };
        let kind = *Kind::ALL.iter().find(|it| format!("{it:?}") == *kind)?;
        let attribute = ATTRIBUTES.into_iter().find(|it| format!("{it:?}") == *attribute)?;
        Some(Self::Attribute(kind.nth(index.parse().ok()?), attribute))
    }
}

/// Writes the placeholder.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(id, attribute) => {
                write!(f, "{OPEN}{:?} {} {attribute:?}{CLOSE}", id.kind, id.index)
            }
            other => write!(f, "{OPEN}{other:?}{CLOSE}"),
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
        let text = format!("a{queue}b{bucket}{}{}", Reference::Account, Reference::StackName);
        let expected = [
            Segment::Literal("a"),
            Segment::Reference(queue),
            Segment::Literal("b"),
            Segment::Reference(bucket),
            Segment::Reference(Reference::Account),
            Segment::Reference(Reference::StackName),
        ];
        assert_eq!(segments(&text), expected);
        assert_eq!(bucket.cloudformation(), "${UploadsBucket12.RegionalDomainName}");
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
