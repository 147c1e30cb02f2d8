//! Comparison of derived documents with deployed ones.

use upsign_core::CorsOrigins;
use upsign_documents::{
    CorsDocument, CorsMethod, CorsRule, Deployment, Difference, Guard, IamPolicy, LifecycleDocument,
    NotificationDocument, Severity,
};
use upsign_policy::{CannedAcl, StorageOptions};

use crate::policies::{deployment, origins, strict, two_step_builder, two_step_policy};

#[track_caller]
fn check(differences: &[Difference], wanted: &[(Severity, &str)]) {
    let found: Vec<(Severity, &str)> =
        differences.iter().map(|it| (it.severity(), it.description())).collect();
    assert_eq!(found, wanted);
    assert!(differences.iter().all(|it| !it.consequence().is_empty()));
}

fn cors_of(deployment: &Deployment) -> CorsDocument {
    CorsDocument::for_bucket(deployment, &deployment.buckets()[0]).unwrap()
}

#[test]
fn missing_header_and_action_of_a_new_option_are_named() {
    let before =
        Deployment::new([two_step_builder("us-east-1").no_overwrite(false).build().unwrap()], origins());
    let after = Deployment::new([two_step_builder("us-east-1").build().unwrap()], origins());
    assert_ne!(cors_of(&before), cors_of(&after));
    let description = "the header `if-none-match` is not allowed for PUT from https://app.example.com";
    check(&cors_of(&after).differences(&cors_of(&before)), &[(Severity::Broken, description)]);
    check(&cors_of(&after).differences(&cors_of(&after)), &[]);
    let acl =
        two_step_builder("us-east-1").storage(StorageOptions::new().acl(CannedAcl::Private)).build().unwrap();
    let acl = Deployment::new([acl], origins());
    let found = IamPolicy::for_deployment(&acl).differences(&IamPolicy::for_deployment(&after));
    let description = "s3:PutObjectAcl on arn:aws:s3:::article-images-bucket/articles/*/raw/*.* is not allowed (PutUploads)";
    check(&found, &[(Severity::Broken, description)]);
}

#[test]
fn cors_differences() {
    let wanted = cors_of(&deployment());
    check(
        &wanted.differences(&CorsDocument::empty()),
        &[(Severity::Broken, "PUT from https://app.example.com is not allowed")],
    );
    check(
        &wanted.differences(&CorsDocument::two_step_upload()),
        &[
            (
                Severity::Untidy,
                "the response header `x-amz-version-id` is not exposed to https://app.example.com",
            ),
            (Severity::Wider, "the origin `*` is allowed"),
            (Severity::Wider, "every header is allowed (`*`)"),
            (Severity::Wider, "GET is allowed"),
            (Severity::Wider, "POST is allowed"),
            (Severity::Wider, "DELETE is allowed"),
            (Severity::Wider, "HEAD is allowed"),
            (Severity::Untidy, "preflights are cached for 5 s (MaxAgeSeconds is absent) instead of 3600 s"),
        ],
    );
    // A pattern covers the origins that it matches, and other patterns that match fewer.
    let pattern = |origin: &str| {
        let origins = CorsOrigins::listed([origin.parse().unwrap()]);
        cors_of(&Deployment::new([two_step_policy()], origins))
    };
    let wanted_pattern = pattern("https://*.example.com");
    check(&wanted_pattern.differences(&wanted_pattern), &[]);
    for narrower in ["https://app.example.com", "https://*.preview.example.com"] {
        let description = "PUT from https://*.example.com is not allowed";
        check(&wanted_pattern.differences(&pattern(narrower)), &[(Severity::Broken, description)]);
        let description = "the origin `https://*.example.com` is allowed";
        check(&pattern(narrower).differences(&wanted_pattern), &[(Severity::Wider, description)]);
    }
    // Each header has its own rule, so no rule matches a preflight with both headers.
    let json = r#"[{"AllowedOrigins":["https://app.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["content-type"],
        "ExposeHeaders":["ETag","x-amz-version-id"],"MaxAgeSeconds":3600},
        {"AllowedOrigins":["https://app.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["if-none-match"],
        "ExposeHeaders":["ETag","x-amz-version-id"],"MaxAgeSeconds":3600}]"#;
    let split = CorsDocument::from_json(json).unwrap();
    let description =
        "no single rule allows content-type, if-none-match together for PUT from https://app.example.com";
    check(&wanted.differences(&split), &[(Severity::Broken, description)]);
}

/// Each change of one member of a deployed rule is reported, and so is its severity.
#[test]
fn every_change_of_a_deployed_cors_rule_is_a_difference() {
    let wanted = cors_of(&deployment());
    let deployed = wanted.to_console_json();
    let same: serde_json::Value = serde_json::from_str(&deployed).unwrap();
    let header = ["content-type", "if-none-match"];
    for (member, value, severity, description) in [
        (
            "AllowedOrigins",
            serde_json::json!(["https://app.example.com", "https://evil.example"]),
            Severity::Wider,
            "the origin `https://evil.example` is allowed",
        ),
        (
            "AllowedOrigins",
            serde_json::json!(["http://localhost:3000", "https://app.example.com"]),
            Severity::Wider,
            "the origin `http://localhost:3000` is allowed",
        ),
        (
            "AllowedOrigins",
            serde_json::json!(["https://app.example.com", "https://*.example.com"]),
            Severity::Wider,
            "the origin `https://*.example.com` is allowed",
        ),
        ("AllowedMethods", serde_json::json!(["PUT", "GET"]), Severity::Wider, "GET is allowed"),
        ("AllowedMethods", serde_json::json!(["PUT", "DELETE"]), Severity::Wider, "DELETE is allowed"),
        ("AllowedMethods", serde_json::json!(["HEAD", "PUT"]), Severity::Wider, "HEAD is allowed"),
        (
            "AllowedHeaders",
            serde_json::json!([header[0], header[1], "x-amz-acl"]),
            Severity::Wider,
            "the header `x-amz-acl` is allowed",
        ),
        (
            "AllowedHeaders",
            serde_json::json!([header[0], header[1], "x-amz-*"]),
            Severity::Wider,
            "the header `x-amz-*` is allowed",
        ),
        ("AllowedHeaders", serde_json::json!(["*"]), Severity::Wider, "every header is allowed (`*`)"),
        (
            "ExposeHeaders",
            serde_json::json!(["ETag", "x-amz-version-id", "x-amz-request-id"]),
            Severity::Wider,
            "the response header `x-amz-request-id` is exposed to https://app.example.com",
        ),
        (
            "MaxAgeSeconds",
            serde_json::json!(86_400),
            Severity::Wider,
            "preflights are cached for 86400 s instead of 3600 s",
        ),
        (
            "MaxAgeSeconds",
            serde_json::json!(60),
            Severity::Untidy,
            "preflights are cached for 60 s instead of 3600 s",
        ),
    ] {
        let mut changed = same.clone();
        changed[0][member] = value;
        let changed = CorsDocument::from_json(&changed.to_string()).unwrap();
        check(&wanted.differences(&changed), &[(severity, description)]);
    }
    // Neither the case of header names nor the grouping of rules changes what a page may do.
    let mut regrouped = same.clone();
    regrouped[0]["AllowedHeaders"] = serde_json::json!(["If-None-Match", "Content-Type"]);
    regrouped[0]["ExposeHeaders"] = serde_json::json!(["X-Amz-Version-Id", "etag"]);
    regrouped[0]["ID"] = serde_json::json!("other");
    let regrouped = CorsDocument::from_json(&regrouped.to_string()).unwrap();
    check(&wanted.differences(&regrouped), &[]);
}

#[test]
fn method_of_another_origin_is_a_difference() {
    let rule = |origin: &str, method| CorsRule::new([origin], [method]).unwrap();
    let (one, two) = ("https://one.example", "https://two.example");
    let wanted = CorsDocument::new([rule(one, CorsMethod::Put), rule(two, CorsMethod::Post)]).unwrap();
    let both = CorsRule::new([one, two], [CorsMethod::Put, CorsMethod::Post]).unwrap();
    check(
        &wanted.differences(&CorsDocument::new([both]).unwrap()),
        &[
            (Severity::Wider, "POST from https://one.example is allowed"),
            (Severity::Wider, "PUT from https://two.example is allowed"),
        ],
    );
}

#[test]
fn policy_differences() {
    let wanted = IamPolicy::for_deployment(&deployment());
    let broad = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["s3:PutObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::article-images-bucket/*"}]}"#;
    let broad = IamPolicy::from_json(broad).unwrap();
    check(
        &wanted.differences(&broad),
        &[
            (Severity::Wider, "s3:PutObject on arn:aws:s3:::article-images-bucket/* is allowed"),
            (Severity::Wider, "s3:PutObjectAcl on arn:aws:s3:::article-images-bucket/* is allowed"),
        ],
    );
    let other = Deployment::new([strict("other/{id}").build().unwrap()], origins());
    let description =
        "s3:PutObject on arn:aws:s3:::article-images-bucket/articles/*/raw/*.* is not allowed (PutUploads)";
    let found = wanted.differences(&IamPolicy::for_deployment(&other));
    assert_eq!((found[0].severity(), found[0].description()), (Severity::Broken, description));
}

/// A role's policy with the permission that the two-step policy needs, with `condition`, and more statements.
fn role(condition: &str, more: &str) -> IamPolicy {
    let resource = "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*";
    let put = format!(
        r#"{{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "{resource}", "Condition": {condition}}}"#
    );
    IamPolicy::from_json(&format!(r#"{{"Version": "2012-10-17", "Statement": [{put}{more}]}}"#)).unwrap()
}

#[test]
fn condition_on_tls_counts_as_fulfilled() {
    let wanted = IamPolicy::for_deployment(&deployment());
    check(&wanted.differences(&role("{}", "")), &[]);
    check(&wanted.differences(&role(r#"{"Bool": {"aws:SecureTransport": "true"}}"#, "")), &[]);
    let description =
        "s3:PutObject on arn:aws:s3:::article-images-bucket/articles/*/raw/*.* is not allowed (PutUploads)";
    for condition in [
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
        r#"{"StringEquals": {"aws:PrincipalTag/team": "uploads"}}"#,
    ] {
        check(&wanted.differences(&role(condition, "")), &[(Severity::Broken, description)]);
    }
}

#[test]
fn deny_breaks_something_only_if_it_applies_to_a_permission_of_the_role() {
    let wanted = IamPolicy::for_deployment(&deployment());
    let with = |more: &str| wanted.differences(&role("{}", &format!(", {more}")));
    for harmless in [
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
        r#"{"Sid": "NoDelete", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}"#,
        r#"{"Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::other/*"}"#,
        r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#,
    ] {
        let found = with(harmless);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].severity(), found[0].affected()), (Severity::Narrower, None));
        assert!(found[0].denied_by().is_some());
    }
    for (deny, description, consequence) in [
        (
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
            "s3:* on * is denied (statement 2)",
            "every upload that this role signs fails with 403",
        ),
        (
            r#"{"Sid": "Old", "Effect": "Deny", "Action": "S3:Put*", "Resource": "arn:aws:s3:::*/articles/5b*"}"#,
            "S3:Put* on arn:aws:s3:::*/articles/5b* is denied (Old)",
            "every upload that this role signs fails with 403",
        ),
        (
            r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}}"#,
            "s3:PutObject on * is denied (statement 2)",
            "requests that match its conditions fail with 403",
        ),
    ] {
        let found = with(deny);
        check(&found, &[(Severity::Broken, description)]);
        assert_eq!(found[0].consequence(), consequence);
    }
}

#[test]
fn deny_of_a_bucket_policy_breaks_something_if_a_deployment_may_call_its_action() {
    let deployment = deployment().with_guards([Guard::Acl]);
    let wanted = IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap();
    let with = |more: &str| {
        let guarded = wanted.to_json();
        let guarded: serde_json::Value = serde_json::from_str(&guarded).unwrap();
        let mut statements = guarded["Statement"].as_array().unwrap().clone();
        statements.push(serde_json::from_str(more).unwrap());
        let deployed = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
        wanted.differences(&IamPolicy::from_json(&deployed.to_string()).unwrap())
    };
    for harmless in [
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": "*"}"#,
        r#"{"Effect": "Deny", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:*", "Resource": "*"}"#,
    ] {
        let found = with(harmless);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].severity(), found[0].affected()), (Severity::Narrower, None));
        assert!(found[0].denied_by().is_some());
    }
    let found = with(r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "*"}"#);
    check(&found, &[(Severity::Broken, "s3:Put* on * is denied (statement 2)")]);
    let consequence =
        "uploads may fail; if the statement is intended, derive the policy with the same guards";
    assert_eq!(found[0].consequence(), consequence);
}

#[test]
fn lifecycle_and_notification_differences() {
    let deployment = deployment().with_expiring_prefix("pending/", 1);
    let buckets = deployment.buckets();
    let wanted = LifecycleDocument::for_bucket(&deployment, &buckets[0]);
    check(&wanted.differences(&wanted), &[]);
    check(
        &wanted.differences(&LifecycleDocument::default()),
        &[
            (Severity::Untidy, "incomplete multipart uploads under any prefix are never aborted"),
            (Severity::Untidy, "objects under `pending/` are never deleted"),
            (Severity::Untidy, "noncurrent versions under `pending/` are never deleted"),
            (Severity::Untidy, "expired delete markers under `pending/` are never deleted"),
        ],
    );
    let late = wanted.to_json().replace("\"DaysAfterInitiation\": 1", "\"DaysAfterInitiation\": 30");
    let late = LifecycleDocument::from_json(&late).unwrap();
    let description = "incomplete multipart uploads under any prefix are aborted only after 30 days";
    check(&wanted.differences(&late), &[(Severity::Untidy, description)]);
    let gone = wanted.to_json().replace("pending/", "");
    let description = "objects under any prefix expire after 1 day";
    let found = wanted.differences(&LifecycleDocument::from_json(&gone).unwrap());
    let markers = "expired delete markers under any prefix are deleted";
    check(&found, &[(Severity::Broken, description), (Severity::Untidy, markers)]);

    let wanted = NotificationDocument::for_bucket(&deployment, &buckets[0], "arn:q").unwrap();
    check(&wanted.differences(&wanted), &[]);
    let found = wanted.differences(&NotificationDocument::default());
    check(
        &found,
        &[(Severity::Broken, "arn:q does not receive s3:ObjectCreated:Put for keys under `articles/`")],
    );
    let every = wanted.to_json().replace("s3:ObjectCreated:Put", "s3:ObjectCreated:*");
    let description = "arn:q receives s3:ObjectCreated:* for keys under `articles/`";
    let found = wanted.differences(&NotificationDocument::from_json(&every).unwrap());
    check(&found, &[(Severity::Wider, description)]);
    let mut bus = wanted.clone();
    bus.event_bridge = true;
    check(&wanted.differences(&bus), &[(Severity::Wider, "EventBridge receives events")]);
}

#[test]
fn every_extra_action_of_a_deployed_lifecycle_rule_is_a_difference() {
    let deployment = deployment().with_expiring_prefix("pending/", 7);
    let wanted = LifecycleDocument::for_bucket(&deployment, &deployment.buckets()[0]);
    for (rule, severity, description) in [
        (
            r#""Filter": {"Prefix": "pending/"}, "Expiration": {"Days": 1}"#,
            Severity::Broken,
            "objects under `pending/` expire after 1 day, not 7 days",
        ),
        (
            r#""Filter": {"Prefix": "articles/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}"#,
            Severity::Wider,
            "noncurrent versions under `articles/` are deleted after 3 days",
        ),
        (
            r#""Filter": {"Prefix": "articles/"}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]"#,
            Severity::Untidy,
            "objects under `articles/` move to GLACIER after 30 days",
        ),
    ] {
        let mut document: serde_json::Value = serde_json::from_str(&wanted.to_json()).unwrap();
        let rule = format!(r#"{{"ID": "more", "Status": "Enabled", {rule}}}"#);
        document["Rules"].as_array_mut().unwrap().push(serde_json::from_str(&rule).unwrap());
        let deployed = LifecycleDocument::from_json(&document.to_string()).unwrap();
        check(&wanted.differences(&deployed), &[(severity, description)]);
    }
}
