//! The ARN of a secret, and the endpoint that follows from it.

use upsign_core::{Partition, Region};

/// The ARN of a secret, with what a call needs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretAddress<'a> {
    pub(super) arn: &'a str,
    pub(super) region: &'a str,
    /// The end of the host names of the services in the partition.
    pub(super) dns_suffix: &'static str,
}

impl<'a> SecretAddress<'a> {
    /// Reads an ARN such as `arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf`.
    ///
    /// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html#iam-resources>.
    pub(super) fn parse(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "secretsmanager", region, account, "secret", name] = *parts.as_slice() else {
            return None;
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
        if !is_account || name.is_empty() || !name.bytes().all(is_name) {
            return None;
        }
        let of_region = Partition::of(&region.parse::<Region>().ok()?);
        (of_region.name() == partition).then_some(Self { arn, region, dns_suffix: of_region.dns_suffix() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_and_partition_come_from_the_arn() {
        let read = |arn: &str| {
            SecretAddress::parse(arn).map(|address| (address.region.to_owned(), address.dns_suffix))
        };
        let name = "123456789012:secret:upsign/uploads-AbCdEf";
        let arn = format!("arn:aws:secretsmanager:eu-central-1:{name}");
        assert_eq!(read(&arn), Some(("eu-central-1".to_owned(), "amazonaws.com")));
        let china = format!("arn:aws-cn:secretsmanager:cn-north-1:{name}");
        assert_eq!(read(&china), Some(("cn-north-1".to_owned(), "amazonaws.com.cn")));
        for other in [
            "upsign/uploads".to_owned(),
            format!("arn:aws:secretsmanager:cn-north-1:{name}"),
            format!("arn:aws:ssm:eu-central-1:{name}"),
            format!("arn:aws:secretsmanager:eu-central-1@evil.example/:{name}"),
            format!("{arn}:json-key"),
            arn.replace("uploads", "up\"loads"),
            arn.replace("123456789012", "1234"),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
