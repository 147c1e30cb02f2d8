//! What a route that uploads in parts changes in each document of its bucket, and of no other bucket.

use upsign_core::{Addressing, Endpoint, Provider, Target};
use upsign_documents::{
    Affected, CorsAnswer, CorsDocument, CorsRequest, Deployment, DeploymentRoute, DeploymentWarning,
    Difference, Guard, IamContext, IamPolicy, IamRequest, IamStatement, LifecycleDocument,
    NotificationDocument, RequestPrincipal, Severity,
};
use upsign_policy::{
    ChecksumAlgorithm, Checksums, Encryption, HeaderOptions, KmsKey, MultipartMode, MultipartOptions,
    OtherHeaders, ResumeWindow, StorageOptions, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use crate::policies::{form, in_parts, origins, strict};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// A route in parts and one without in the first bucket, and one without in the second.
fn two_buckets() -> Deployment {
    let other = Target::aws("other-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let elsewhere = strict("avatars/{id}").build().unwrap().with_target(other).unwrap();
    let videos = in_parts("videos/{id}").build().unwrap();
    Deployment::new([videos, strict("photos/{id}").build().unwrap(), elsewhere], origins())
}

fn of(builder: UploadPolicyBuilder) -> Deployment {
    Deployment::new([builder.build().unwrap()], origins())
}

fn options(mode: MultipartMode) -> MultipartOptions {
    MultipartOptions::new(mode, Provider::Aws.capabilities())
}

fn cors_of(deployment: &Deployment) -> CorsDocument {
    CorsDocument::for_bucket(deployment, &deployment.buckets()[0]).unwrap()
}

/// Returns the actions and resources of the statement with this id.
fn statement<'a>(policy: &'a IamPolicy, sid: &str) -> Option<&'a IamStatement> {
    policy.statements().iter().find(|statement| statement.sid() == sid)
}

fn names(list: &[impl AsRef<str>]) -> Vec<&str> {
    list.iter().map(AsRef::as_ref).collect()
}

#[test]
fn only_the_keys_of_the_route_can_be_listed_aborted_and_looked_at() {
    let role = IamPolicy::for_deployment(&two_buckets());
    let videos = "arn:aws:s3:::article-images-bucket/videos/*";
    for (sid, actions, resource) in [
        ("ManageParts", &["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"][..], videos),
        ("HeadUploads", &["s3:GetObject"], videos),
        ("ListForNotFound", &["s3:ListBucket"], "arn:aws:s3:::article-images-bucket"),
    ] {
        let statement = statement(&role, sid).unwrap();
        assert_eq!(names(statement.actions()), actions, "{sid}");
        assert_eq!(names(statement.resources()), [resource], "{sid}");
    }
    assert_eq!(role.statements().iter().filter(|it| it.sid().starts_with("ManageParts")).count(), 1);
    // The policy of the route alone has the same permissions.
    let alone = IamPolicy::for_policy(&in_parts("videos/{id}").build().unwrap());
    let only = of(in_parts("videos/{id}"));
    assert!(alone.differences(&IamPolicy::for_deployment(&only)).is_empty());
    assert!(IamPolicy::for_deployment(&only).differences(&alone).is_empty());
}

#[test]
fn only_the_key_of_the_route_decrypts() {
    let encrypted = |builder: UploadPolicyBuilder, key: &str| {
        let key = KmsKey::CustomerManaged(key.parse().unwrap());
        builder.storage(StorageOptions::new().encryption(Encryption::Kms(key))).build().unwrap()
    };
    let (one, two) = ("1234abcd-12ab-34cd-56ef-1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ac");
    let actions = |routes: [UploadPolicy; 2]| {
        let role = IamPolicy::for_deployment(&Deployment::new(routes, origins()));
        let keys = role.statements().iter().filter(|it| it.sid().starts_with("EncryptUploads"));
        keys.map(|it| names(it.actions()).join(" ")).collect::<Vec<_>>()
    };
    let videos = || encrypted(in_parts("videos/{id}"), one);
    let data_key = "kms:GenerateDataKey";
    let both = "kms:GenerateDataKey kms:Decrypt";
    assert_eq!(actions([videos(), encrypted(strict("photos/{id}"), two)]), [both, data_key]);
    // A key of both routes has one statement, whichever route comes first.
    assert_eq!(actions([encrypted(strict("photos/{id}"), one), videos()]), [both]);
}

#[test]
fn completed_uploads_are_announced_for_their_bucket_only() {
    let events = |deployment: &Deployment, index: usize| {
        let bucket = &deployment.buckets()[index];
        let document = NotificationDocument::for_bucket(deployment, bucket, QUEUE).unwrap();
        let json = document.to_json();
        ["Put", "Post", "CompleteMultipartUpload"]
            .into_iter()
            .filter(|name| json.contains(&format!("s3:ObjectCreated:{name}\"")))
            .collect::<Vec<_>>()
    };
    assert_eq!(events(&two_buckets(), 0), ["Put", "CompleteMultipartUpload"]);
    assert_eq!(events(&two_buckets(), 1), ["Put"]);
    // Without a route that stores files with one PUT, no event of a PUT occurs.
    assert_eq!(events(&of(in_parts("videos/{id}")), 0), ["CompleteMultipartUpload"]);
    let auto = of(strict("videos/{id}").multipart(options(MultipartMode::Auto)));
    assert_eq!(events(&auto, 0), ["Put", "CompleteMultipartUpload"]);
}

/// A route that sends small files by a form and large ones in parts.
fn form_or_parts() -> UploadPolicyBuilder {
    strict("both/{id}").method(UploadMethod::Post).multipart(options(MultipartMode::Auto).with_above(1_000))
}

#[test]
fn pages_send_forms_and_parts_of_one_route() {
    let policy = form_or_parts().build().unwrap();
    let alone = CorsDocument::for_policy(&policy, &origins()).unwrap();
    let deployment = of(form_or_parts());
    for document in [cors_of(&deployment), alone] {
        for (method, headers, is_allowed) in [
            ("POST", None, true),
            ("PUT", None, true),
            ("PUT", Some("x-amz-checksum-crc32c"), true),
            ("PUT", Some("content-type"), false),
            ("PUT", Some("if-none-match"), false),
            ("DELETE", None, false),
        ] {
            let origin = Some("https://app.example.com");
            let answer = document.evaluate(&CorsRequest::preflight(origin, Some(method), headers));
            let answered = matches!(answer, CorsAnswer::Allowed { .. });
            assert_eq!(answered, is_allowed, "{method} {headers:?} {}", document.to_json());
        }
    }
    // Without parts, no page sends a PUT.
    assert_eq!(cors_of(&Deployment::new([form("forms/{id}")], origins())).rules().len(), 1);
}

#[test]
fn forms_and_parts_of_one_route_are_permitted_and_announced() {
    let deployment = of(form_or_parts());
    let bucket = &deployment.buckets()[0];
    let role = IamPolicy::for_deployment(&deployment);
    let guarded = IamPolicy::for_bucket(&deployment.clone().with_guards([Guard::AuthType]), bucket, None);
    let guarded = guarded.unwrap();
    let is_allowed = |action: &str, key: &str, kind: &str| {
        let context = IamContext::new().with("aws:SecureTransport", "true").with("s3:authType", kind);
        let request = IamRequest {
            principal: RequestPrincipal::Role("arn:aws:iam::123456789012:role/uploads".into()),
            action: action.into(),
            resource: format!("arn:aws:s3:::article-images-bucket/{key}"),
            context: context.with("s3:signatureversion", "AWS4-HMAC-SHA256").with("s3:TlsVersion", "1.3"),
        };
        request.evaluate(&[&role], Some(&guarded)).is_allowed()
    };
    for (action, key, kind, expected) in [
        ("s3:PutObject", "both/1", "POST", true),
        ("s3:PutObject", "both/1", "REST-QUERY-STRING", true),
        ("s3:PutObject", "both/1", "REST-HEADER", false),
        ("s3:PutObject", "other/1", "POST", false),
        ("s3:AbortMultipartUpload", "both/1", "REST-QUERY-STRING", true),
        ("s3:ListMultipartUploadParts", "both/1", "REST-QUERY-STRING", true),
        ("s3:AbortMultipartUpload", "other/1", "REST-QUERY-STRING", false),
        ("s3:DeleteObject", "both/1", "REST-QUERY-STRING", false),
    ] {
        assert_eq!(is_allowed(action, key, kind), expected, "{action} {key} {kind}");
    }
    let events = NotificationDocument::for_bucket(&deployment, bucket, QUEUE).unwrap().to_json();
    for (name, is_named) in [("Post", true), ("CompleteMultipartUpload", true), ("Put", false)] {
        assert_eq!(events.contains(&format!("s3:ObjectCreated:{name}\"")), is_named, "{name}");
    }
    let lifecycle = LifecycleDocument::for_bucket(&deployment, bucket);
    assert!(lifecycle.rules().iter().any(|rule| rule.abort_incomplete_after.is_some()));
}

#[test]
fn uploads_are_aborted_after_the_longest_window_of_the_bucket() {
    let days = |deployment: &Deployment, index: usize| {
        let document = LifecycleDocument::for_bucket(deployment, &deployment.buckets()[index]);
        document.rules().iter().find_map(|rule| rule.abort_incomplete_after)
    };
    assert_eq!((days(&two_buckets(), 0), days(&two_buckets(), 1)), (Some(3), Some(1)));
    for (seconds, whole_days) in [(1, 1), (86_400, 1), (86_401, 2), (604_800, 7)] {
        let window = ResumeWindow::from_secs(seconds).unwrap();
        let route = |key, window| {
            let options = options(MultipartMode::Auto).with_resume_window(window);
            strict(key).multipart(options).build().unwrap()
        };
        let routes = [route("a/{id}", window), route("b/{id}", ResumeWindow::from_secs(60).unwrap())];
        assert_eq!(days(&Deployment::new(routes, origins()), 0), Some(whole_days), "{seconds} s");
    }
}

#[test]
fn pages_send_and_read_checksums_of_parts() {
    let put = |deployment: &Deployment| {
        let document = cors_of(deployment);
        let rule = &document.rules()[0];
        (names(rule.allowed_headers()).join(" "), names(rule.expose_headers()).join(" "))
    };
    let checked = |mode| {
        let checksums = Checksums::Required([ChecksumAlgorithm::Sha256].into());
        of(strict("videos/{id}").checksums(checksums).multipart(options(mode)))
    };
    let exposed = "ETag x-amz-version-id x-amz-checksum-sha256".to_owned();
    assert_eq!(
        put(&checked(MultipartMode::Auto)),
        ("content-type if-none-match x-amz-checksum-sha256".to_owned(), exposed.clone())
    );
    // A part has neither type nor condition.
    assert_eq!(put(&checked(MultipartMode::Always)), ("x-amz-checksum-sha256".to_owned(), exposed));
    // MD5 has no header in the answer.
    let md5 = Checksums::Optional([ChecksumAlgorithm::Md5].into());
    let md5 = of(in_parts("videos/{id}").checksums(md5));
    assert_eq!(put(&md5), ("content-md5".to_owned(), "ETag x-amz-version-id".to_owned()));
    let mut payer = OtherHeaders::new();
    payer.insert("x-amz-request-payer", "requester").unwrap();
    let payer = of(in_parts("videos/{id}").headers(HeaderOptions::new().others(payer)));
    assert!(put(&payer).0.ends_with("x-amz-checksum-crc64nvme x-amz-request-payer"), "{:?}", put(&payer));
    let policy = in_parts("videos/{id}").build().unwrap();
    assert_eq!(CorsDocument::for_policy(&policy, &origins()).unwrap(), cors_of(&of(in_parts("videos/{id}"))));
    // A bucket with forms and parts has a rule for each.
    let both = Deployment::new([policy, form("forms/{id}")], origins());
    assert_eq!(cors_of(&both).rules().len(), 2);
}

#[test]
fn guards_fit_uploads_in_parts_or_say_why_not() {
    let guarded = |guard| {
        let deployment = two_buckets()
            .with_scanner_role("arn:aws:iam::123456789012:role/scanner".parse().unwrap())
            .with_guards([guard]);
        IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).map_err(|error| error.to_string())
    };
    for (guard, problem) in [
        (Guard::Scanned, "before they are scanned: use another bucket"),
        (Guard::Encryption, "the parts of a multipart upload carry no encryption header"),
        (Guard::StorageClass, "the parts of a multipart upload carry no storage class"),
    ] {
        let error = guarded(guard).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    let no_overwrite = guarded(Guard::NoOverwrite).unwrap();
    let resources = names(no_overwrite.statements()[0].resources());
    assert_eq!(
        resources,
        ["arn:aws:s3:::article-images-bucket/videos/*", "arn:aws:s3:::article-images-bucket/photos/*"]
    );
    // A store that ignores the condition of the completion could not be bound by it.
    let mut store = Provider::Aws.capabilities();
    store.complete_if_none_match = false;
    let ignored = MultipartOptions::new(MultipartMode::Always, store);
    let ignored = of(strict("a/{id}").multipart(ignored)).with_guards([Guard::NoOverwrite]);
    assert!(IamPolicy::for_bucket(&ignored, &ignored.buckets()[0], None).is_err());
}

#[track_caller]
fn check(differences: &[Difference], severity: Severity, affected: Option<Affected>, text: &str) {
    let found = differences.iter().find(|it| it.to_string().contains(text));
    let found = found.unwrap_or_else(|| panic!("{text:?} is not among {differences:?}"));
    assert_eq!((found.severity(), found.affected()), (severity, affected), "{found}");
}

#[test]
fn documents_from_before_the_route_differ() {
    let (before, after) = (of(strict("videos/{id}")), of(in_parts("videos/{id}")));
    let role = IamPolicy::for_deployment(&after).differences(&IamPolicy::for_deployment(&before));
    for action in ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:GetObject", "s3:ListBucket"]
    {
        check(&role, Severity::Broken, Some(Affected::Uploads), &format!("{action} on "));
    }
    let cors = cors_of(&after).differences(&cors_of(&before));
    check(
        &cors,
        Severity::Broken,
        Some(Affected::Uploads),
        "the header `x-amz-checksum-crc64nvme` is not allowed",
    );
    check(&cors, Severity::Untidy, None, "cannot compare the checksum of a part");
    let lifecycle =
        |deployment: &Deployment| LifecycleDocument::for_bucket(deployment, &deployment.buckets()[0]);
    let aborts = lifecycle(&after).differences(&lifecycle(&before));
    let text = "are aborted after 1 day, not 3 days: multipart uploads cannot be resumed after that";
    check(&aborts, Severity::Broken, Some(Affected::Uploads), text);
    let late = lifecycle(&before).differences(&lifecycle(&after));
    check(&late, Severity::Untidy, None, "are aborted only after 3 days");
    let notification = |deployment: &Deployment| {
        NotificationDocument::for_bucket(deployment, &deployment.buckets()[0], QUEUE).unwrap()
    };
    let events = notification(&after).differences(&notification(&before));
    check(&events, Severity::Broken, Some(Affected::Processing), "CompleteMultipartUpload");
}

#[test]
fn stores_that_keep_abandoned_parts_are_named() {
    let at = |url: &str, provider: Provider, mode| {
        let endpoint: Endpoint = url.parse().unwrap();
        let target =
            Target::at(&endpoint, Addressing::Path, "uploads".parse().unwrap(), "auto".parse().unwrap())
                .unwrap();
        let options = MultipartOptions::new(mode, provider.capabilities());
        let policy = strict("a/{id}").no_overwrite(false).multipart(options).build().unwrap();
        let route = DeploymentRoute::new(policy.with_target(target).unwrap()).with_provider(provider);
        let warnings = Deployment::new([route], origins()).warnings();
        warnings.iter().any(|it| matches!(it, DeploymentWarning::AbandonedParts { .. }))
    };
    assert!(at("https://t3.storage.dev", Provider::Tigris, MultipartMode::Auto));
    assert!(!at("https://t3.storage.dev", Provider::Tigris, MultipartMode::No));
    // It removes them after a day.
    assert!(!at("http://127.0.0.1:9000", Provider::Minio, MultipartMode::Auto));
    assert!(!at("https://0123456789abcdef.r2.cloudflarestorage.com", Provider::R2, MultipartMode::Auto));
}
