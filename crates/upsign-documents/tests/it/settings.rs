//! Comparison of the settings of a live bucket, in the XML that S3 answers, with those of the generated bucket.

use upsign_documents::{BucketSetting, Comparison, DeployedFile, FoundDocuments, Verdict};

use crate::policies::deployment;
use crate::stacks::lines;

const BLOCK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><BlockPublicAcls>true</BlockPublicAcls>
<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>
<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"#;
const OWNERSHIP: &str = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
const ENCRYPTION: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
    <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled>\
    </Rule></ServerSideEncryptionConfiguration>";
const VERSIONING: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

fn compare(settings: &[(BucketSetting, Option<&str>)]) -> Comparison {
    let mut found = FoundDocuments::default();
    for (setting, xml) in settings {
        found.add_setting(*setting, *xml).unwrap();
    }
    let deployment = deployment();
    DeployedFile::from_documents(found).compare(&deployment, &deployment.buckets()[0]).unwrap()
}

#[test]
fn settings_of_the_generated_bucket_agree() {
    let comparison = compare(&[
        (BucketSetting::PublicAccessBlock, Some(BLOCK)),
        (BucketSetting::Ownership, Some(OWNERSHIP)),
        (BucketSetting::Encryption, Some(ENCRYPTION)),
        (BucketSetting::Versioning, Some(VERSIONING)),
    ]);
    assert!(comparison.agrees(), "{}", lines(&comparison));
    let names: Vec<&str> = comparison.parts().iter().map(upsign_documents::ComparedPart::name).collect();
    assert_eq!(names, ["public access", "ownership", "encryption", "versioning"]);
}

#[test]
fn changed_and_absent_settings_are_differences() {
    for (setting, xml, line) in [
        (
            BucketSetting::PublicAccessBlock,
            Some(BLOCK.replace("<BlockPublicPolicy>true", "<BlockPublicPolicy>false")),
            "article-images-bucket.PublicAccessBlockConfiguration.BlockPublicPolicy is false, not true",
        ),
        (
            BucketSetting::PublicAccessBlock,
            None,
            "article-images-bucket.PublicAccessBlockConfiguration is not",
        ),
        (
            BucketSetting::Ownership,
            Some(OWNERSHIP.replace("BucketOwnerEnforced", "ObjectWriter")),
            "OwnershipControls.Rules.ObjectOwnership is ObjectWriter, not BucketOwnerEnforced",
        ),
        (
            BucketSetting::Encryption,
            Some(ENCRYPTION.replace("AES256", "aws:kms")),
            "SSEAlgorithm is aws:kms, not AES256",
        ),
        (
            BucketSetting::Versioning,
            Some("<VersioningConfiguration/>".to_owned()),
            "VersioningConfiguration is not",
        ),
    ] {
        let comparison = compare(&[(setting, xml.as_deref())]);
        assert_eq!(comparison.parts()[0].verdict(), Verdict::Different);
        assert!(lines(&comparison).contains(line), "{}", lines(&comparison));
    }
    let mut found = FoundDocuments::default();
    assert!(found.add_setting(BucketSetting::Versioning, Some("<Versioning")).is_err());
}

#[test]
fn setting_that_could_not_be_read_is_not_compared() {
    let mut found = FoundDocuments::default();
    found.add_uncompared("GetBucketVersioning", "AccessDenied");
    let deployment = deployment();
    let file = DeployedFile::from_documents(found);
    let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
    assert_eq!(lines(&comparison), "not compared: GetBucketVersioning: AccessDenied");
    assert!(!comparison.agrees());
}
