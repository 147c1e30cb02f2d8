//! Properties that hold for every upload policy and deployment.

use proptest::prelude::*;
use upsign_documents::{
    CorsAnswer, CorsDocument, CorsRequest, Deployment, DeploymentRoute, IamContext, IamPolicy, IamRequest,
    LifecycleDocument, Multipart, NotificationDocument, RequestPrincipal,
};
use upsign_policy::{
    CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, FileNameOptions, MetadataOptions,
    SignableRequest, StorageClass, StorageOptions, TagOptions, Tags, UploadMethod, UploadPolicy,
};

use crate::policies::{origins, strict};

const ORIGIN: &str = "https://app.example.com";

fn policy(folder: &'static str) -> impl Strategy<Value = UploadPolicy> {
    let flags = (any::<[bool; 8]>(), 0_usize..4, 0_usize..4);
    flags.prop_map(
        move |([post, overwrite, tags, client_tags, acl, class, name, meta], checksums, disposition)| {
            let mut tag_options = TagOptions::new().client(client_tags);
            if tags {
                let mut fixed = Tags::new();
                fixed.insert("team", "a").unwrap();
                tag_options = tag_options.fixed(fixed);
            }
            let mut storage = StorageOptions::new();
            if acl {
                storage = storage.acl(CannedAcl::Private);
            }
            if class {
                storage = storage.storage_class(StorageClass::StandardIa);
            }
            let client_metadata = if meta { ClientMetadata::Any } else { ClientMetadata::None };
            let builder = strict(&format!("{folder}/{{id}}/x"))
                .no_overwrite(!overwrite && !post)
                .tags(tag_options)
                .storage(storage)
                .metadata(MetadataOptions::new().client(client_metadata))
                .file_names(FileNameOptions::new().keep(name))
                .method(if post { UploadMethod::Post } else { UploadMethod::Put })
                .checksums(match checksums {
                    0 => Checksums::None,
                    1 => Checksums::Required([ChecksumAlgorithm::Sha256].into()),
                    2 => Checksums::Optional(ChecksumAlgorithm::ALL.into()),
                    _ => Checksums::Optional([ChecksumAlgorithm::Crc32].into()),
                })
                .disposition(match disposition {
                    0 => Disposition::Unset,
                    1 => Disposition::Attachment,
                    2 => Disposition::AttachmentNamed,
                    _ => Disposition::FromClient,
                });
            builder.build().unwrap()
        },
    )
}

fn deployment() -> impl Strategy<Value = Deployment> {
    let multipart = prop_oneof![Just(Multipart::None), Just(Multipart::Browser)];
    (policy("a"), policy("b"), multipart, any::<bool>()).prop_map(|(first, second, multipart, confirm)| {
        Deployment::new([first, second], origins()).with_multipart(multipart).with_confirmation(confirm)
    })
}

/// Returns the actions that an upload of this policy needs.
fn actions(policy: &UploadPolicy) -> Vec<&'static str> {
    let tags = policy.sets_tags().then_some("s3:PutObjectTagging");
    let acl = policy.acl().map(|_| "s3:PutObjectAcl");
    ["s3:PutObject"].into_iter().chain(tags).chain(acl).collect()
}

fn allowed(policy: &IamPolicy, action: &str, resource: &str) -> bool {
    let request = IamRequest {
        principal: RequestPrincipal::Role("arn:aws:iam::123456789012:role/signer".into()),
        action: action.into(),
        resource: resource.into(),
        context: IamContext::new(),
    };
    request.evaluate(&[policy], None).is_allowed()
}

proptest! {
    #[test]
    fn cors_allows_every_signed_upload(deployment in deployment()) {
        let buckets = deployment.buckets();
        let cors = CorsDocument::for_bucket(&deployment, &buckets[0]).unwrap();
        for policy in deployment.policies() {
            for shape in policy.sample_requests() {
                let (method, headers) = match shape {
                    SignableRequest::Put(request) => {
                        let names: Vec<String> =
                            request.headers().settable().map(|(name, _)| name.to_owned()).collect();
                        ("PUT", names)
                    }
                    SignableRequest::Post(_) => ("POST", Vec::new()),
                    SignableRequest::Multipart(_) => continue,
                };
                let names = headers.join(",");
                let request = CorsRequest::preflight(Some(ORIGIN), Some(method), Some(names.as_str()).filter(|it| !it.is_empty()));
                let answer = cors.evaluate(&request);
                let passes = matches!(answer, CorsAnswer::Allowed { .. });
                prop_assert!(passes, "{method} {names}");
            }
        }
        let unsigned = CorsRequest::preflight(Some(ORIGIN), Some("PUT"), Some("x-amz-grant-read"));
        let refused = matches!(cors.evaluate(&unsigned), CorsAnswer::Refused(_));
        prop_assert!(refused);
    }

    #[test]
    fn role_permits_exactly_the_needed_actions(deployment in deployment()) {
        let iam = IamPolicy::for_deployment(&deployment);
        for (policy, folder) in deployment.policies().zip(["a", "b"]) {
            let key = format!("arn:aws:s3:::article-images-bucket/{folder}/1/x");
            for action in actions(policy) {
                prop_assert!(allowed(&iam, action, &key), "{action}");
            }
            for action in ["s3:PutObjectTagging", "s3:PutObjectAcl"] {
                prop_assert_eq!(allowed(&iam, action, &key), actions(policy).contains(&action), "{}", action);
            }
            for action in ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectLegalHold"] {
                prop_assert!(!allowed(&iam, action, &key), "{action}");
            }
            for action in ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"] {
                prop_assert!(!allowed(&iam, action, "arn:aws:s3:::article-images-bucket/c/1/x"));
                prop_assert!(!allowed(&iam, action, &key.replace("article-images-bucket", "other-bucket")));
            }
        }
    }

    #[test]
    fn every_form_round_trips(deployment in deployment()) {
        let bucket = &deployment.buckets()[0];
        let cors = CorsDocument::for_bucket(&deployment, bucket).unwrap();
        prop_assert_eq!(&CorsDocument::from_xml(&cors.to_xml()).unwrap(), &cors);
        prop_assert_eq!(&CorsDocument::from_cloudformation(&cors.to_cloudformation()).unwrap(), &cors);
        prop_assert_eq!(&CorsDocument::from_terraform(&cors.to_terraform("b")).unwrap(), &cors);
        let iam = IamPolicy::for_deployment(&deployment);
        prop_assert_eq!(&IamPolicy::from_json(&iam.to_json()).unwrap(), &iam);
        let lifecycle = LifecycleDocument::for_bucket(&deployment, bucket);
        prop_assert_eq!(&LifecycleDocument::from_xml(&lifecycle.to_xml()).unwrap(), &lifecycle);
        let notification = NotificationDocument::for_bucket(&deployment, bucket, "arn:q").unwrap();
        prop_assert_eq!(&NotificationDocument::from_xml(&notification.to_xml()).unwrap(), &notification);
        prop_assert!(cors.differences(&cors).is_empty());
        prop_assert!(iam.differences(&iam).is_empty());
        prop_assert!(lifecycle.differences(&lifecycle).is_empty());
    }
}

#[test]
fn warnings_name_routes_without_a_folder_of_their_own() {
    let warnings = |template: &str| {
        let route = DeploymentRoute::new(strict(template).build().unwrap()).with_name("avatars");
        let deployment = Deployment::new([route], origins());
        deployment.warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for template in ["a/{id}", "a/b-{id}.{ext}", "tenants/{sub}/{id}"] {
        assert_eq!(warnings(template), [""; 0], "{template}");
    }
    assert_eq!(
        warnings("{id}"),
        [
            "the role may write to every folder of the bucket (arn:aws:s3:::article-images-bucket/*), because the keys of the \
          route `avatars` begin with the placeholder {id}; begin the template with a folder, as in `uploads/{id}`"
        ],
    );
    assert_eq!(
        warnings("{issuer}/{id}"),
        [
            "the role may write to every folder of the bucket (arn:aws:s3:::article-images-bucket/*/*), because the keys of \
          the route `avatars` begin with the placeholder {issuer}; begin the template with a folder, as in `uploads/{issuer}`"
        ],
    );
    assert_eq!(
        warnings("img-{id}.{ext}"),
        [
            "the role may write every key that starts with `img-` (arn:aws:s3:::article-images-bucket/img-*.*), because the \
          keys of the route `avatars` have no folder before the placeholder {id}; begin the template with a folder, as in \
          `uploads/img-{id}`"
        ],
    );
}
