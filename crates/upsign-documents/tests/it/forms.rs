//! Every document in every form, as committed, and read back.

use upsign_documents::{
    ApiKind, CorsDocument, Found, Guard, IamPolicy, LifecycleDocument, Multipart, NotificationDocument,
    Notify, Reads, System, reads_template, sam, terraform, watch_template,
};

use crate::golden;
use crate::policies::{article, form, origins, strict, system, tokens};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Two routes by PUT and one by form, into one bucket.
fn several() -> System {
    let avatars = strict("avatars/{sub}/{id}").build().unwrap();
    System::new([article(), avatars, form("forms/{id}")], origins())
        .with_account("123456789012".parse().unwrap())
        .with_multipart(Multipart::Service)
        .with_confirm(true)
        .with_pending("pending/", 1)
        .with_infrequent_after(60)
        .with_table("uploads")
        .with_tokens(tokens())
}

#[test]
fn cors() {
    for (name, system) in [("article", system()), ("several", several())] {
        let document = CorsDocument::for_bucket(&system, &system.buckets()[0]).unwrap();
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("console.json", document.to_console_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("cors-{name}.{form}"), text);
            assert_eq!(Found::read(text).unwrap().cors.as_ref(), Some(&document), "{form}");
        }
        assert_eq!(CorsDocument::from_json(&forms[1].1).unwrap(), document);
        assert_eq!(CorsDocument::from_xml(&forms[2].1).unwrap(), document);
        assert_eq!(CorsDocument::from_cloudformation(&forms[3].1).unwrap(), document);
        assert_eq!(CorsDocument::from_terraform(&forms[4].1).unwrap(), document);
        assert_eq!(CorsDocument::from_terraform_json(&forms[5].1).unwrap(), document);
    }
}

#[test]
fn the_articles_own_cors() {
    let document = CorsDocument::article().unwrap();
    golden::check("cors-preset.json", &document.to_console_json());
    assert!(document.rules()[0].allowed_origins().iter().any(|origin| **origin == *"*"));
}

#[test]
fn lifecycle() {
    for (name, system) in [("article", system()), ("several", several())] {
        let document = LifecycleDocument::for_bucket(&system, &system.buckets()[0]);
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("lifecycle-{name}.{form}"), text);
            assert_eq!(Found::read(text).unwrap().lifecycle.as_ref(), Some(&document), "{form}");
        }
    }
}

#[test]
fn notification() {
    let bridge = system().with_notify(Notify::EventBridge);
    for (name, system) in [("article", system()), ("several", several()), ("bridge", bridge)] {
        let document = NotificationDocument::for_bucket(&system, &system.buckets()[0], QUEUE).unwrap();
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("notification-{name}.{form}"), text);
            assert_eq!(Found::read(text).unwrap().notification.as_ref(), Some(&document), "{form}");
        }
    }
    let none = system().with_notify(Notify::None);
    assert_eq!(NotificationDocument::for_bucket(&none, &none.buckets()[0], QUEUE), None);
}

#[test]
fn odd_prefixes_are_encoded_as_s3_wants_them() {
    let policy = strict("läden & co+/a b/{id}").build().unwrap();
    let system = System::new([policy], origins());
    let document = NotificationDocument::for_bucket(&system, &system.buckets()[0], QUEUE).unwrap();
    assert!(document.to_json().contains(r#""Value": "l%C3%A4den+%26+co%2B/a+b/""#), "{}", document.to_json());
    for text in [document.to_json(), document.to_xml(), document.to_cloudformation()] {
        assert_eq!(Found::read(&text).unwrap().notification.as_ref(), Some(&document));
    }
}

#[test]
fn policies() {
    let system = several();
    let buckets = system.buckets();
    let distribution = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";
    let role = "arn:aws:iam::123456789012:role/signer";
    let strict = System::new([strict("a/{id}").build().unwrap()], origins())
        .with_account("123456789012".parse().unwrap())
        .with_reads(Reads::CloudFront);
    let all: Vec<Guard> = Guard::ALL
        .into_iter()
        .filter(|guard| *guard != Guard::Encryption && *guard != Guard::Scanned)
        .collect();
    let guarded = IamPolicy::for_bucket(&strict, &strict.buckets()[0], &all, Some(distribution)).unwrap();
    for (name, policy) in [
        ("signer-article", IamPolicy::for_system(&crate::policies::system())),
        ("signer-several", IamPolicy::for_system(&system)),
        ("runtime", IamPolicy::for_runtime(&system)),
        ("runtime-assuming", IamPolicy::for_runtime(&system.clone().with_signing_role(role))),
        ("worker", IamPolicy::for_worker(&system, QUEUE)),
        ("queue", IamPolicy::for_queue(&buckets[0].arn(), "123456789012", QUEUE)),
        ("bucket-usual", IamPolicy::for_bucket(&system, &buckets[0], &Guard::USUAL, None).unwrap()),
        ("bucket-guarded", guarded),
        ("key-read", IamPolicy::for_key_read_by(distribution)),
    ] {
        golden::check(&format!("policy-{name}.json"), &policy.to_json());
        assert_eq!(IamPolicy::from_json(&policy.to_json()).unwrap(), policy, "{name}");
        for text in [
            policy.to_terraform_json_of_role("r"),
            policy.to_terraform_of_role("r"),
            policy.to_terraform_json_of_bucket("b"),
            policy.to_terraform_of_bucket("b"),
        ] {
            let found = Found::read(&text).unwrap();
            assert_eq!(found.role.or(found.resource), Some(policy.clone()), "{name}: {text}");
        }
    }
}

#[test]
fn stacks() {
    let http = several().with_api(ApiKind::Http).with_reads(Reads::CloudFront);
    for (name, system, guards) in [
        ("rest", system().with_variable("ARTICLE_IMAGES_BUCKET", "article-images-bucket"), &Guard::USUAL[..]),
        ("http", http, &[Guard::Tls, Guard::SignatureAge, Guard::Acl][..]),
        (
            "bridge",
            system().with_notify(Notify::EventBridge).with_versioning(false).with_watch(false),
            &[][..],
        ),
    ] {
        let template = sam(&system, guards).unwrap();
        golden::check(&format!("sam-{name}.yaml"), &template.to_yaml());
        golden::check(&format!("sam-{name}.json"), &template.to_json());
        golden::check(&format!("module-{name}.tf"), &terraform(&system, guards).unwrap().to_hcl());
        // What is in the whole template is what the single documents say.
        let found = Found::read(&template.to_json()).unwrap();
        let bucket = &system.buckets()[0];
        assert_eq!(found.cors, Some(CorsDocument::for_bucket(&system, bucket).unwrap()));
        assert_eq!(found.lifecycle, Some(LifecycleDocument::for_bucket(&system, bucket)));
    }
    let reads = system().with_reads(Reads::CloudFront);
    golden::check("reads.yaml", &reads_template(&reads).unwrap().to_yaml());
    golden::check("watch.yaml", &watch_template(&system()).unwrap().to_yaml());
}

#[test]
fn no_stack_of_what_is_not_whole() {
    let refused = |system: System| sam(&system, &[]).unwrap_err().to_string();
    assert_eq!(refused(System::new([], origins())), "there is no route");
    let pool = system().with_tokens(upsign_documents::Tokens::default());
    assert_eq!(refused(pool.clone()), "a REST API's Cognito authorizer needs a user pool");
    let issuer = pool.with_api(ApiKind::Http);
    assert_eq!(refused(issuer), "an HTTP API's JWT authorizer needs an issuer and at least one client id");
    let far = crate::policies::article_builder("eu-west-1").build().unwrap();
    assert!(
        refused(System::new([article(), far], origins())).starts_with("the buckets are in several regions")
    );
    let guarded = sam(&system(), &[Guard::NoOverwrite]).unwrap_err();
    assert_eq!(guarded.to_string(), "the bucket policy");
}
