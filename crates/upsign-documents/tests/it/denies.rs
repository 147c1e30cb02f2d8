//! `Deny` statements of deployed policies that the derived ones lack, and what each difference breaks.

use upsign_documents::{
    Affected, CorsDocument, Deployment, Effect, Guard, IamPolicy, IamStatement, LifecycleDocument,
    NotificationDocument, Severity,
};

use crate::policies::{deployment, origins, strict, two_step_builder};

/// A bucket policy with these guards.
fn guarded(guards: &[Guard]) -> IamPolicy {
    let deployment = deployment().with_guards(guards.iter().copied());
    IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap()
}

#[test]
fn deny_of_outdated_requests_only_breaks_no_upload() {
    for (guard, sid, consequence) in [
        (Guard::Tls, "OnlyTls", "this statement only denies requests over plain HTTP; uploads use HTTPS"),
        (
            Guard::Tls12,
            "OnlyTls12",
            "this statement only denies TLS versions older than 1.2; no upload of a current client has one",
        ),
        (
            Guard::SigV4,
            "OnlySigV4",
            "this statement only denies signatures older than Signature Version 4; uploads have that one",
        ),
    ] {
        let found = guarded(&[Guard::Acl]).differences(&guarded(&[Guard::Acl, guard]));
        assert_eq!(found.len(), 2, "the bucket and its objects: {found:?}");
        for difference in found {
            assert_eq!(difference.severity(), Severity::Narrower, "{difference}");
            assert_eq!(difference.consequence(), consequence);
            assert_eq!(difference.denied_by(), Some(sid));
        }
        // The other way round, a protection is missing.
        let missing = guarded(&[Guard::Acl, guard]).differences(&guarded(&[Guard::Acl]));
        assert!(missing.iter().all(|it| it.severity() == Severity::Wider && it.denied_by().is_none()));
    }
}

#[test]
fn deny_that_an_upload_can_match_still_breaks_uploads() {
    let deployed = |condition: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": "arn:aws:s3:::article-images-bucket/*", "Condition": {condition}}}}}"#
        );
        IamPolicy::from_json(&policy).unwrap()
    };
    for condition in [
        r#"{"NumericLessThan": {"s3:TlsVersion": "1.3"}}"#,
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        r#"{"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}"#,
        r#"{"NumericGreaterThan": {"s3:signatureAge": "900000"}}"#,
        "{}",
    ] {
        let found = guarded(&[]).differences(&deployed(condition));
        assert_eq!(found.len(), 1, "{condition}");
        assert_eq!(found[0].severity(), Severity::Broken, "{condition}");
        assert_eq!(found[0].affected(), Some(Affected::Uploads), "{condition}");
    }
    // One condition that no upload meets is enough.
    let both =
        r#"{"Bool": {"aws:SecureTransport": "false"}, "NumericGreaterThan": {"s3:signatureAge": "900000"}}"#;
    assert_eq!(guarded(&[]).differences(&deployed(both))[0].severity(), Severity::Narrower);
}

#[test]
fn deny_of_sigv4a_breaks_uploads_to_a_multi_region_access_point() {
    let object = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/object/*";
    let role = IamPolicy::new([IamStatement::new("Put", Effect::Allow, ["s3:PutObject"], [object])]);
    let hmac = |resource: &str| {
        let deny = format!(
            r#"{{"Effect": "Deny", "Action": "s3:*", "Resource": "{resource}",
                "Condition": {{"StringNotEquals": {{"s3:signatureversion": "AWS4-HMAC-SHA256"}}}}}}"#
        );
        let put = format!(r#"{{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "{object}"}}"#);
        IamPolicy::from_json(&format!(r#"{{"Version": "2012-10-17", "Statement": [{put}, {deny}]}}"#))
            .unwrap()
    };
    let found = role.differences(&hmac("*"));
    assert_eq!((found.len(), found[0].severity()), (1, Severity::Broken));
}

#[test]
fn each_difference_names_what_it_breaks() {
    let nothing = IamPolicy::new([]);
    let breaks = |deployment: &Deployment| {
        let found = IamPolicy::for_deployment(deployment).differences(&nothing);
        let name = |it: &upsign_documents::Difference| {
            let action = it.description().split(' ').next().unwrap_or_default().to_owned();
            format!("{action} {}", it.affected().map_or("nothing", Affected::name))
        };
        found.iter().map(name).collect::<Vec<_>>()
    };
    let confirmed = deployment().with_confirmation(true);
    let expected = [
        "s3:PutObject uploads",
        "s3:GetObject confirmation",
        "s3:GetObjectVersion confirmation",
        "s3:ListBucket confirmation",
    ];
    assert_eq!(breaks(&confirmed), expected);
    let read = deployment().with_reads(upsign_documents::Reads::Presigned);
    assert_eq!(breaks(&read), ["s3:PutObject uploads", "s3:GetObject reads", "s3:GetObjectVersion reads"]);

    let deployment = Deployment::new([two_step_builder("us-east-1").build().unwrap()], origins());
    let bucket = &deployment.buckets()[0];
    let cors = CorsDocument::for_bucket(&deployment, bucket).unwrap().differences(&CorsDocument::empty());
    assert_eq!(cors[0].affected(), Some(Affected::Uploads));
    let notification = NotificationDocument::for_bucket(&deployment, bucket, "arn:q").unwrap();
    let found = notification.differences(&NotificationDocument::default());
    assert_eq!(found[0].affected(), Some(Affected::Processing));
    let expiring = LifecycleDocument::for_bucket(&deployment.clone().with_expiring_prefix("", 1), bucket);
    let found = LifecycleDocument::for_bucket(&deployment, bucket).differences(&expiring);
    assert_eq!(found[0].affected(), Some(Affected::Retention), "{found:?}");
}

/// A route that cannot sign `If-None-Match` may have the same template as one that does. The guard used to deny its uploads.
#[test]
fn no_overwrite_is_refused_if_another_route_may_have_the_same_keys() {
    let refused = |first: &str, second: &str| {
        let overwrites = strict(second).no_overwrite(false).build().unwrap();
        let deployment = Deployment::new([strict(first).build().unwrap(), overwrites], origins())
            .with_guards([Guard::NoOverwrite]);
        IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).is_err()
    };
    assert!(refused("{id}.jpg", "{id}.jpg"));
    assert!(refused("a/{id}", "{id}"));
    assert!(!refused("a/{id}", "b/{id}"));
    assert!(!refused("{id}.jpg", "{id}.png"));
}
