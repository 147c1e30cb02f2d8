//! ARNs of the resources that a deployment names, and the regions and accounts in them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

use upsign_documents::AccountId;

/// The parts of an ARN that a configuration is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arn<'a> {
    /// The region, or an empty text for a global resource.
    pub region: &'a str,
    /// The account ID: twelve digits.
    pub account: &'a str,
}

/// The text is not the ARN of such a resource. `Display` says what to write, with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the ARN of {what}, as in {example}")]
pub struct InvalidArn {
    what: &'static str,
    example: &'static str,
}

/// Reads the ARN of an SQS queue.
///
/// ```
/// use upsign_config::arn;
/// let queue = arn::queue("arn:aws:sqs:eu-central-1:123456789012:uploads")?;
/// assert_eq!((queue.region, queue.account), ("eu-central-1", "123456789012"));
/// assert!(arn::queue("uploads").is_err());
/// # Ok::<(), arn::InvalidArn>(())
/// ```
///
/// # Errors
/// The text is not the ARN of one queue.
pub fn queue(text: &str) -> Result<Arn<'_>, InvalidArn> {
    let is_name = |name: &str| has_only(name, b"-_.");
    read(text, "sqs")
        .filter(|(arn, name)| is_name(arn.region) && is_name(name))
        .map(|(arn, _)| arn)
        .ok_or(InvalidArn { what: "an SQS queue", example: "arn:aws:sqs:eu-central-1:123456789012:uploads" })
}

/// Reads the ARN of a CloudFront distribution.
///
/// # Errors
/// The text is not the ARN of one distribution.
pub fn distribution(text: &str) -> Result<Arn<'_>, InvalidArn> {
    let is_id = |resource: &str| resource.strip_prefix("distribution/").is_some_and(|id| has_only(id, b""));
    read(text, "cloudfront")
        .filter(|(arn, resource)| arn.region.is_empty() && is_id(resource))
        .map(|(arn, _)| arn)
        .ok_or(InvalidArn {
            what: "a CloudFront distribution",
            example: "arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7",
        })
}

/// Reads the ARN of a listener of an Application Load Balancer.
///
/// # Errors
/// The text is not the ARN of one such listener, for example because it is that of the load balancer.
pub fn listener(text: &str) -> Result<Arn<'_>, InvalidArn> {
    let is_listener = |resource: &str| {
        let parts: Vec<&str> = resource.split('/').collect();
        matches!(parts.as_slice(), ["listener", "app", name, balancer, listener]
            if [name, balancer, listener].iter().all(|part| has_only(part, b"-")))
    };
    read(text, "elasticloadbalancing")
        .filter(|(arn, resource)| has_only(arn.region, b"-") && is_listener(resource))
        .map(|(arn, _)| arn)
        .ok_or(InvalidArn {
            what: "a listener of an Application Load Balancer",
            example: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/NAME/50dc6c495c0c9188/f2f7dc8efc522ab2",
        })
}

/// Reads the ARN of a secret of AWS Secrets Manager, with or without the six random characters at its end.
///
/// # Errors
/// The text is not the ARN of one secret.
pub fn secret(text: &str) -> Result<Arn<'_>, InvalidArn> {
    // The last part is `secret:NAME`.
    let parts = text.rsplit_once(":secret:").filter(|(_, name)| has_only(name, b"/_+=.@-"));
    let arn = parts.and_then(|(before, _)| {
        let (_, service, region, account) = parts_of(before)?;
        (service == "secretsmanager" && has_only(region, b"-")).then_some(Arn { region, account })
    });
    arn.ok_or(InvalidArn {
        what: "a secret",
        example: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf",
    })
}

/// Splits the first five parts of an ARN, without `arn`: partition, service, region and account.
fn parts_of(text: &str) -> Option<(&str, &str, &str, &str)> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, service, region, account]
            if (*partition == "aws" || partition.starts_with("aws-"))
                && account.parse::<AccountId>().is_ok() =>
        {
            Some((partition, service, region, account))
        }
        _ => None,
    }
}

/// Splits the ARN of a resource of `service` into its region and account, and its last part.
fn read<'a>(text: &'a str, service: &str) -> Option<(Arn<'a>, &'a str)> {
    let (before, resource) = text.rsplit_once(':')?;
    let (_, of, region, account) = parts_of(before)?;
    (of == service).then_some((Arn { region, account }, resource))
}

/// Returns whether a text is not empty and has only letters, digits and these characters.
fn has_only(text: &str, others: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_other_resources_are_refused() {
        assert!(queue("arn:aws:sqs:eu-central-1:123456789012:uploads.fifo").is_ok());
        assert!(queue("arn:aws-cn:sqs:cn-north-1:123456789012:uploads").is_ok());
        for text in [
            "",
            "foo",
            "arn:q",
            "arn:aws:sns:eu-central-1:123456789012:uploads",
            "arn:aws:sqs:eu-central-1:ACCOUNT:uploads",
            "arn:aws:sqs:eu-central-1:123456789012:",
        ] {
            assert!(queue(text).is_err(), "{text}");
        }
        assert!(distribution("arn:aws:cloudfront::123456789012:distribution/E1").is_ok());
        for text in ["E1", "arn:aws:cloudfront::123456789012:E1", "arn:aws:s3:::uploads"] {
            assert!(distribution(text).is_err(), "{text}");
        }
        let balancer = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";
        assert!(
            listener(&format!("{balancer}:listener/app/my-alb/50dc6c495c0c9188/f2f7dc8efc522ab2")).is_ok()
        );
        for resource in [
            "loadbalancer/app/my-alb/50dc6c495c0c9188",
            "listener/net/my-nlb/50dc6c495c0c9188/f2f7dc8efc522ab2",
            "listener/app/my-alb",
            "listener-rule/app/my-alb/1/2/3",
        ] {
            assert!(listener(&format!("{balancer}:{resource}")).is_err(), "{resource}");
        }
        let manager = "arn:aws:secretsmanager:eu-central-1:123456789012";
        assert_eq!(secret(&format!("{manager}:secret:a/b_c+d=e.f@g-AbCdEf")).unwrap().region, "eu-central-1");
        assert!(secret("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:uploads").is_ok());
        for text in [
            format!("{manager}:secret:"),
            format!("{manager}:secret:a:b"),
            format!("{manager}:uploads"),
            "arn:aws:secretsmanager::123456789012:secret:uploads".to_owned(),
            "arn:aws:ssm:eu-central-1:123456789012:secret:uploads".to_owned(),
        ] {
            assert!(secret(&text).is_err(), "{text}");
        }
    }
}
