//! The guard `scanned`: only the role of the Malware Protection plan reads unscanned objects and sets the verdict.

use upsign_documents::{
    AccountId, Deployment, Guard, IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal, RoleArn,
};

use crate::policies::{origins, strict};

const SCANNER: &str = "arn:aws:iam::123456789012:role/service/uploads-scanner";
const TAG: &str = "GuardDutyMalwareScanStatus";

fn deployment() -> Deployment {
    Deployment::new([strict("a/{id}").build().unwrap()], origins())
}

/// Returns whether a role that may do everything in the bucket is permitted this action under the guard.
fn permitted(role: &str, action: &str, context: &IamContext) -> bool {
    let deployment = deployment().with_scanner_role(SCANNER.parse().unwrap()).with_guards([Guard::Scanned]);
    let bucket = deployment.buckets();
    let guard = IamPolicy::for_bucket(&deployment, &bucket[0], None).unwrap();
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let own = IamPolicy::from_json(everything).unwrap();
    let request = IamRequest {
        principal: RequestPrincipal::Role(role.into()),
        action: action.into(),
        resource: "arn:aws:s3:::article-images-bucket/a/1".into(),
        context: context.clone().with("aws:PrincipalArn", role),
    };
    matches!(request.evaluate(&[&own], Some(&guard)), IamDecision::Allowed(_))
}

#[test]
fn only_the_configured_role_is_exempt() {
    let unscanned = IamContext::new();
    let forged = IamContext::new().with(&format!("s3:RequestObjectTag/{TAG}"), "NO_THREATS_FOUND");
    assert!(permitted(SCANNER, "s3:GetObject", &unscanned));
    assert!(permitted(SCANNER, "s3:PutObjectTagging", &forged));
    for other in [
        "arn:aws:iam::123456789012:role/GuardDuty",
        "arn:aws:iam::123456789012:role/MyGuardDutyHelper",
        "arn:aws:iam::123456789012:role/GuardDuty/anything",
        "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
        "arn:aws:iam::999999999999:role/service/uploads-scanner",
        "arn:aws:iam::123456789012:role/service/uploads-scanner2",
        "arn:aws:iam::123456789012:role/uploads-scanner",
    ] {
        assert!(!permitted(other, "s3:GetObject", &unscanned), "{other} reads unscanned objects");
        for action in ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"] {
            assert!(!permitted(other, action, &forged), "{other} forges a verdict with {action}");
        }
        let clean = IamContext::new().with(&format!("s3:ExistingObjectTag/{TAG}"), "NO_THREATS_FOUND");
        assert!(permitted(other, "s3:GetObject", &clean), "{other}");
    }
}

#[test]
fn guard_without_the_role_is_refused() {
    let deployment = deployment().with_guards([Guard::Scanned]);
    let refused = IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the guard scanned does not fit the bucket article-images-bucket: it needs the ARN of the IAM role of the GuardDuty Malware Protection plan, which is not set"
    );
}

#[test]
fn role_arns_name_exactly_one_role() {
    for text in [
        SCANNER,
        "arn:aws-cn:iam::123456789012:role/x",
        "arn:aws-us-gov:iam::123456789012:role/a+b=c,d.e@f-g_h",
    ] {
        let arn: RoleArn = text.parse().unwrap();
        assert_eq!((arn.as_ref(), arn.to_string().as_str()), (text, text));
        assert_eq!(RoleArn::try_from(text), Ok(arn));
    }
    for text in [
        "",
        "uploads-scanner",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::123456789012:role/scanne?",
        "arn:aws:iam::*:role/scanner",
        "arn:aws:iam::12345678901:role/scanner",
        "arn:aws:iam:eu-west-1:123456789012:role/scanner",
        "arn:aws:iam::123456789012:user/scanner",
        "arn:aws:sts::123456789012:assumed-role/scanner/GuardDutyMalwareProtection",
        "arn:aws:iam::123456789012:role/scanner ",
        "arn:aws:iam::123456789012:role/${aws:username}",
        "arn::iam::123456789012:role/scanner",
    ] {
        assert!(text.parse::<RoleArn>().is_err(), "{text}");
    }
}

#[test]
fn account_ids_have_twelve_digits() {
    let account: AccountId = "123456789012".parse().unwrap();
    assert_eq!(account, "123456789012");
    assert_eq!(AccountId::try_from(account.to_string()), Ok(account));
    for text in ["", "12345678901", "1234567890123", "1234-5678-9012", "12345678901a", "${AWS::AccountId}"] {
        assert!(AccountId::try_from(text).is_err(), "{text}");
    }
}
