//! Each guard denies a request that differs from an issued one in what the guard is about.

use upsign_documents::{Guard, IamContext, IamDecision, IamPolicy};
use upsign_policy::{Bodyless, UploadPolicy};

use super::random::{ACCOUNT, Random};
use super::requests;
use super::s3::{SCANNED, Upload, role_decides};
use super::{Counts, Documents};

impl Documents<'_> {
    /// Each guard of the bucket denies what it promises, even to a role that may do everything.
    pub(super) fn check_guards(&self, random: &mut Random, counts: &mut Counts, context: &str) {
        let everything = IamPolicy::from_json(
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
        )
        .unwrap();
        for policy in self.bucket.policies() {
            let caller = requests::caller(random);
            let ids = requests::ids(random, policy);
            let Ok(permit) = policy.authorize(&caller, &requests::request(random, policy), &ids) else {
                continue;
            };
            let upload = Upload::of(policy, &permit);
            for guard in self.deployment.guards() {
                let Some((action, request)) = self.violation(*guard, policy, upload.context(0)) else {
                    continue;
                };
                for (bucket, _) in self.policies() {
                    let decision = role_decides(
                        action,
                        &self.object(&upload.key),
                        request.clone(),
                        &everything,
                        Some(bucket),
                    );
                    counts.guard_violations += 1;
                    let is_denied = matches!(decision, IamDecision::ExplicitDeny(_));
                    assert!(is_denied, "{context}: {guard:?} lets {request:?} through\n{}", bucket.to_json());
                }
            }
        }
    }

    /// Returns a request that differs from an issued one in what the guard is about, or `None` if the guard does not concern
    /// the route.
    fn violation(
        &self,
        guard: Guard,
        policy: &UploadPolicy,
        issued: IamContext,
    ) -> Option<(&'static str, IamContext)> {
        let put = |context: IamContext| Some(("s3:PutObject", context));
        match guard {
            Guard::Tls => put(issued.with("aws:SecureTransport", "false")),
            Guard::Tls12 => put(issued.with("s3:TlsVersion", "1.1")),
            Guard::SigV4 => put(issued.with("s3:signatureversion", "AWS")),
            Guard::SignatureAge => {
                let longest = self.bucket.policies().map(|policy| policy.expires_in().as_secs()).max()?;
                put(issued.with("s3:signatureAge", (longest * 1_000 + 1).to_string()))
            }
            Guard::AuthType => put(issued.with("s3:authType", "REST-HEADER")),
            Guard::NoOverwrite => {
                let is_bound = policy.no_overwrite() && policy.bodyless() == Bodyless::Refuse;
                if is_bound { put(issued.without("s3:if-none-match")) } else { None }
            }
            Guard::Encryption => put(issued.with("s3:x-amz-server-side-encryption", "other")),
            Guard::Acl => put(issued.with("s3:x-amz-acl", "log-delivery-write")),
            Guard::StorageClass => put(issued.with("s3:x-amz-storage-class", "DEEP_ARCHIVE")),
            Guard::Scanned => Some(("s3:GetObject", issued.with(SCANNED, "THREATS_FOUND"))),
            Guard::Account => put(issued.with("aws:PrincipalAccount", ACCOUNT.replace('1', "9"))),
            other => panic!("no violation of {other:?} is known"),
        }
    }
}
