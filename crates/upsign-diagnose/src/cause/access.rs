//! `AccessDenied`: permissions of the signer, and conditions of POST forms.

use super::table::{ACCESS_DENIED, POST_POLICY, QUERY_AUTH, causes};

causes! {
    NOT_PERMITTED = "not-permitted", Iam {
        symptom: "403 `AccessDenied`: no identity-based policy allows the action",
        sentence: "no policy permits the identity that signed to do this",
        fix: "permit the action on the object in the policy of the role; `upsign documents iam` prints it",
        proof: "aws iam simulate-principal-policy with the role, action and object",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    }
    DENIED_BY_BUCKET = "denied-by-bucket", BucketPolicy {
        symptom: "403 `AccessDenied`: with an explicit deny in a resource-based policy",
        sentence: "a Deny statement of the bucket policy applies to this request",
        fix: "change the statement, or send what its condition requires",
        proof: "aws s3api get-bucket-policy, and pass it with --bucket-policy",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    }
    DENIED_BY_IDENTITY = "denied-by-identity", Iam {
        symptom: "403 `AccessDenied`: with an explicit deny in an identity-based policy, boundary or service control policy",
        sentence: "a Deny statement outside of the bucket applies to the identity that signed",
        fix: "change the policy that the message names, or sign as another role",
        proof: "aws iam simulate-principal-policy with the role, action and object",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    }
    KMS_DENIED = "kms-denied", Iam {
        symptom: "403 `AccessDenied` with a kms: action",
        sentence: "the identity that signed may not use the KMS key of the bucket",
        fix: "permit kms:GenerateDataKey, and kms:Decrypt for multipart uploads, in the role and in the key's policy",
        proof: "aws kms generate-data-key as the role that signs",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    }
    KMS_KEY_UNUSABLE = "kms-key-unusable", Configuration {
        symptom: "400 `KMS.DisabledException`, `KMS.NotFoundException` or `KMS.KMSInvalidStateException`",
        sentence: "the KMS key of the bucket or of the request cannot be used: it is disabled, awaits deletion, or does not exist in this region",
        fix: "enable the key, or configure another one as the default encryption of the bucket and in the route",
        proof: "aws kms describe-key --key-id KEY: KeyState is not Enabled",
        source: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    }
    KMS_STATEMENT = "kms-statement", Iam {
        symptom: "403 `AccessDenied`, and the policy of the KMS key in hand does not permit the signer to use the key",
        sentence: "the policy of the KMS key does not permit the signer to use the key",
        fix: "permit kms:GenerateDataKey, and kms:Decrypt for multipart uploads, to the role in the policy of the key",
        proof: "aws kms generate-data-key as the role that signs",
        source: "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
    }
    NOT_SIGNED = "not-signed", Client {
        symptom: "403 `AccessDenied`: User: anonymous is not authorized, or a request without a query",
        sentence: "the request has no signature: the client sent the URL without its query, or without its end",
        fix: "send the whole URL as it was issued, in quotation marks in a shell: its & would end the command",
        proof: "the URL of the request has no X-Amz-Signature",
        source: QUERY_AUTH,
    }
    ACCESS_DENIED_PLAIN = "access-denied", Iam {
        symptom: "403 `AccessDenied` without a reason",
        sentence: "a permission is missing, or a policy denies the request; S3 gives no reason to other accounts and anonymous callers",
        fix: "compare the role with `upsign documents iam`, then the bucket policy and the block of public access",
        proof: "aws s3api put-object as the role that signs, with the same key and headers",
        source: ACCESS_DENIED,
    }
    PUBLIC_ACL_BLOCKED = "public-acl-blocked", Client {
        symptom: "403 `AccessDenied` for an upload with x-amz-acl: public-read",
        sentence: "the bucket blocks public access, and the request asks for a public ACL",
        fix: "leave the ACL out; publish objects by a bucket policy or CloudFront",
        proof: "aws s3api get-public-access-block --bucket NAME",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    }
    SIGNATURE_TOO_OLD = "signature-too-old", BucketPolicy {
        symptom: "403 `AccessDenied` for an older URL that has not expired",
        sentence: "the bucket policy limits the age of signatures (s3:signatureAge), which may be less than the URL's lifetime",
        fix: "ask for a new URL, or raise s3:signatureAge (in milliseconds) to the lifetime of the URLs",
        proof: "aws s3api get-bucket-policy: look for s3:signatureAge",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html",
    }
    ACL_NOT_SUPPORTED = "acl-not-supported", Client {
        symptom: "400 `AccessControlListNotSupported`",
        sentence: "the request sets an ACL, and the bucket has ACLs disabled",
        fix: "leave x-amz-acl out of the signed headers",
        proof: "aws s3api get-bucket-ownership-controls answers BucketOwnerEnforced",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    }
    FORM_CONDITION = "form-condition", Client {
        symptom: "403 `AccessDenied`: Invalid according to Policy: Policy Condition failed",
        sentence: "a field of the form does not meet the condition of its policy",
        fix: "send the field with the value that the policy requires",
        proof: "decode the field policy (base64) and compare its conditions with the fields",
        source: POST_POLICY,
    }
    FORM_EXTRA_FIELD = "form-extra-field", Client {
        symptom: "403 `AccessDenied`: Invalid according to Policy: Extra input fields",
        sentence: "the form has a field that its policy does not mention",
        fix: "leave the field out, or add a condition for it to the policy",
        proof: "send the form without the field",
        source: POST_POLICY,
    }
    IAM_STATEMENT = "iam-statement", Iam {
        symptom: "403 `AccessDenied`, and the policies in hand do not permit the request",
        sentence: "the policies of the role do not permit the request",
        fix: "add the statement that `upsign documents iam` prints",
        proof: "aws iam simulate-principal-policy with the role, action and object",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    }
    BUCKET_STATEMENT = "bucket-statement", BucketPolicy {
        symptom: "403 `AccessDenied`, and a statement of the bucket policy in hand denies the request",
        sentence: "a statement of the bucket policy denies the request",
        fix: "change the statement, or send what its condition requires",
        proof: "remove the statement in a test bucket and repeat the upload",
        source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    }
}
