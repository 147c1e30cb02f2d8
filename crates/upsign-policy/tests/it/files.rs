//! The corpus `content_types.json`: files as people have them, with the type and the extension that are signed.

use serde_json::Value;
use upsign_policy::{Bodyless, ContentRules, Denied, Disposition, Permit, UploadPolicy, UploadRequest};

use crate::invariants::{check_error, check_headers};
use crate::sample::{builder, caller, ids};

const CORPUS: &str = include_str!("../../../upsign-testing/vectors/content_types.json");

fn cases() -> Vec<Value> {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    corpus["cases"].as_array().unwrap().clone()
}

fn rules(case: &Value) -> ContentRules {
    let Some(types) = case["types"].as_array() else { return ContentRules::any_file() };
    let mut rules = ContentRules::new(types.iter().map(|name| name.as_str().unwrap())).unwrap();
    for (name, extensions) in case["extensions"].as_object().into_iter().flatten() {
        let extensions = extensions.as_array().unwrap().iter().map(|extension| extension.as_str().unwrap());
        rules = rules.with_extensions(name, extensions).unwrap();
    }
    rules
}

fn policy(case: &Value, template: &str) -> UploadPolicy {
    let mut builder = builder(template, Bodyless::Refuse).content(rules(case));
    if case["disposition"] == "attachment" {
        builder = builder.disposition(Disposition::Attachment);
    }
    builder.build().unwrap()
}

fn request(case: &Value) -> UploadRequest {
    let mut request = UploadRequest::described().with_content_length(1_000);
    if let Some(sent) = case["sent"].as_str() {
        request = request.with_content_type(sent);
    }
    match case["name"].as_str() {
        Some(name) => request.with_file_name(name),
        None => request,
    }
}

fn authorize(case: &Value, policy: &UploadPolicy) -> Result<Permit, Denied> {
    policy.authorize(&caller(), &request(case), &ids(policy))
}

#[test]
fn every_file_is_signed_with_the_type_and_extension_of_the_corpus() {
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        // Types without an extension are no part of the cases that are granted.
        let template = if case["denied"].is_string() { "u/{id}" } else { "u/{id}.{ext}" };
        let policy = policy(&case, template);
        match (authorize(&case, &policy), case["denied"].as_str()) {
            (Ok(permit), None) => {
                let headers = permit.headers().unwrap();
                check_headers(headers);
                assert_eq!(headers.get("content-type"), case["type"].as_str(), "{id}");
                let content_type = policy.content_type_of(&request(&case)).unwrap();
                assert_eq!(Some(content_type.as_str()), case["type"].as_str(), "{id}");
                let (_, extension) = permit.key().as_str().rsplit_once('.').unwrap();
                assert_eq!(Some(extension), case["ext"].as_str(), "{id}");
            }
            (Err(denied), Some(code)) => {
                check_error(&denied);
                assert_eq!(denied.code(), code, "{id}: {denied}");
            }
            (granted, expected) => panic!("{id}: {granted:?}, but expected {expected:?}"),
        }
    }
}

/// A client that sends the signed type of an earlier answer gets the same type again.
#[test]
fn signed_type_is_signed_as_it_is() {
    for case in cases().iter().filter(|case| case["type"].is_string()) {
        let policy = policy(case, "u/{id}");
        let mut again = case.clone();
        again["sent"] = case["type"].clone();
        let permit = authorize(&again, &policy).unwrap();
        assert_eq!(permit.headers().unwrap().get("content-type"), case["type"].as_str(), "{}", case["id"]);
    }
}

/// Whatever a client sends, a policy for any file signs an attachment of a type that browsers do not execute.
#[test]
fn any_file_is_signed_as_an_inert_attachment() {
    for case in cases() {
        for disposition in [Disposition::Unset, Disposition::Attachment, Disposition::AttachmentNamed] {
            let any = builder("u/{id}.{ext}", Bodyless::Refuse).content(ContentRules::any_file());
            let any = any.disposition(disposition).build().unwrap();
            let permit = authorize(&case, &any).unwrap();
            let headers = permit.headers().unwrap();
            let signed: upsign_policy::ContentType = headers.get("content-type").unwrap().parse().unwrap();
            assert!(signed.is_inert(), "{}: {signed}", case["id"]);
            assert!(headers.get("content-disposition").unwrap().starts_with("attachment"), "{}", case["id"]);
        }
    }
}

#[test]
fn any_file_that_browsers_would_display_is_an_invalid_policy() {
    for disposition in [Disposition::InlineNamed, Disposition::FromClient] {
        let any = builder("u/{id}", Bodyless::Refuse).content(ContentRules::any_file());
        let error = any.disposition(disposition).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "any file is allowed, so browsers must save the objects: set disposition to attachment or attachment-named"
        );
    }
}

#[test]
fn bodyless_request_for_any_file_is_signed_as_arbitrary_bytes() {
    let any = builder("u/{id}", Bodyless::Allow).content(ContentRules::any_file()).build().unwrap();
    let permit = any.authorize(&caller(), &UploadRequest::bodyless(), &ids(&any)).unwrap();
    assert_eq!(permit.headers().unwrap().get("content-type"), Some("application/octet-stream"));
    assert!(
        !any.warnings().iter().any(|warning| matches!(warning, upsign_policy::PolicyWarning::WideTypes(_)))
    );
}

#[test]
fn arbitrary_bytes_have_any_name_in_the_key() {
    for types in ["any", "listed"] {
        let rules = match types {
            "any" => ContentRules::any_file(),
            _ => ContentRules::new(["application/octet-stream"]).unwrap(),
        };
        let policy = builder("u/{id}/{filename}", Bodyless::Refuse).content(rules).build().unwrap();
        for name in ["Makefile", "plan.dwg", "a.tar.gz", "Entwürfe 2024.X_T"] {
            let request = UploadRequest::described()
                .with_content_length(1)
                .with_content_type("application/octet-stream")
                .with_file_name(name);
            let permit = policy.authorize(&caller(), &request, &ids(&policy)).unwrap();
            assert!(permit.key().as_str().ends_with(&format!("/{name}")), "{types} {name}");
            let parts = policy.template().parse_key(permit.key().as_str()).unwrap();
            assert_eq!(parts.file_name.as_deref(), Some(name));
        }
    }
}

/// The remedy is for the developer of the client: which type to send for a file that the client does not know.
#[test]
fn refused_types_that_clients_do_not_mean_suggest_another() {
    for (types, sent, name, suggested) in [
        (&["image/heic"][..], "application/octet-stream", Some("IMG_0001.HEIC"), Some("image/heic")),
        (&["image/*"], "application/octet-stream", Some("a.avif"), Some("image/avif")),
        (&["application/zip"], "binary/octet-stream", Some("a.zip"), Some("application/zip")),
        (&["image/*"], "application/octet-stream", Some("a.svg"), None),
        (&["image/png"], "application/octet-stream", Some("a.exe"), None),
        (&["image/png"], "application/octet-stream", None, None),
        (&["text/csv"], "application/vnd.ms-excel", None, Some("text/csv")),
        (&["text/csv"], "application/vnd.ms-excel", Some("a.xls"), None),
        (&["image/png"], "application/vnd.ms-excel", None, None),
    ] {
        let policy = builder("u/{id}", Bodyless::Refuse).content(ContentRules::new(types).unwrap());
        let mut request = UploadRequest::described().with_content_length(1).with_content_type(sent);
        if let Some(name) = name {
            request = request.with_file_name(name);
        }
        let policy = policy.build().unwrap();
        let denied = policy.authorize(&caller(), &request, &ids(&policy)).unwrap_err();
        let text = denied.to_string();
        match suggested {
            Some(suggested) => assert!(text.ends_with(&format!("(did you mean {suggested}?)")), "{text}"),
            None => assert!(!text.contains("did you mean"), "{text}"),
        }
        assert_eq!(denied.code(), "content-type-not-allowed");
    }
}
