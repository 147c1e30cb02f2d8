//! The corpus `key_policy.json`: valid and hostile requests, each with the required verdict.

use serde_json::Value;
use upsign_core::{Identity, Timestamp};
use upsign_policy::{
    Bodyless, ClientMetadata, ContentRules, Denied, DeniedKind, Disposition, FileNameOptions, FileNames, Ids,
    KeyTemplate, MetadataOptions, Permit, SizeLimit, TagOptions, UploadPolicy, UploadRequest, decode_claim,
};

use crate::invariants::{check_error, check_headers, check_key};
use crate::sample::target;

const CORPUS: &str = include_str!("../../../upsign-testing/vectors/key_policy.json");

/// The outcome of a case. `Refused(None)` means that the input cannot be expressed as a request or an identity.
enum Outcome {
    Issued(Box<Permit>),
    Refused(Option<Denied>),
}

#[test]
fn corpus_with_unsafe_names_refused() {
    check_corpus(FileNames::Refuse, false);
}

#[test]
fn corpus_with_unsafe_names_repaired() {
    check_corpus(FileNames::Mend, false);
}

#[test]
fn corpus_with_names_kept_in_headers() {
    check_corpus(FileNames::Refuse, true);
}

fn check_corpus(names: FileNames, keep: bool) {
    let corpus: Value = serde_json::from_str(CORPUS).unwrap();
    let cases = corpus["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 124);
    let mut deviations = Vec::new();
    for case in cases {
        let mut input = corpus["defaults"].clone();
        for (name, value) in case["input"].as_object().unwrap() {
            input[name] = value.clone();
        }
        let policy = policy(&input, names, keep);
        let outcome = run(&policy, &input);
        let id = case["id"].as_str().unwrap();
        match &outcome {
            Outcome::Issued(permit) => {
                check_issued(&policy, &input, case, permit);
                let Outcome::Issued(again) = run(&policy, &input) else { panic!("I12: {id}") };
                assert_eq!(permit.request(), again.request(), "I12: {id}");
            }
            Outcome::Refused(Some(denied)) => {
                check_error(denied);
                assert!(denied.kind() != DeniedKind::Fault, "{id}: {denied}");
            }
            Outcome::Refused(None) => {}
        }
        let agrees = match (case["expect"].as_str().unwrap(), &outcome) {
            ("accept", Outcome::Issued(permit)) => has_expected_suffix(case, &input, permit),
            ("reject", Outcome::Refused(_)) | ("reject-or-sanitise", _) => true,
            _ => false,
        };
        if !agrees {
            assert_eq!(case["severity"], "should", "{id}: {:?}", describe(&outcome));
            deviations.push(id);
        }
    }
    assert_eq!(deviations, DEVIATIONS, "{names:?}");
}

/// Cases of severity `should` with a different verdict of this policy. There are none.
const DEVIATIONS: [&str; 0] = [];

/// Returns the policy of the corpus. It lets a client set every value that a case contains.
fn policy(input: &Value, names: FileNames, keep: bool) -> UploadPolicy {
    let template = KeyTemplate::parse(input["template"].as_str().unwrap(), &[]).unwrap();
    let max = input["max_content_length"].as_u64().unwrap();
    UploadPolicy::builder(target(), template, Bodyless::Refuse)
        .content(rules(input))
        .size(SizeLimit::up_to(max).unwrap())
        .file_names(
            FileNameOptions::new()
                .handling(names)
                .max_bytes(usize::try_from(input["max_filename_bytes"].as_u64().unwrap()).unwrap())
                .keep(keep),
        )
        .disposition(Disposition::FromClient)
        .metadata(MetadataOptions::new().client(ClientMetadata::Any))
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap()
}

fn rules(input: &Value) -> ContentRules {
    let allowed = input["allowed"].as_object().unwrap();
    let mut rules = ContentRules::new(allowed.keys()).unwrap();
    for (content_type, extensions) in allowed {
        let extensions = extensions.as_array().unwrap().iter().map(|extension| extension.as_str().unwrap());
        rules = rules.with_extensions(content_type, extensions).unwrap();
    }
    rules
}

fn run(policy: &UploadPolicy, input: &Value) -> Outcome {
    let text = |name: &str| input[name].as_str();
    let Ok(identity) = Identity::from_verified("https://issuer.example", text("sub").unwrap()) else {
        return Outcome::Refused(None);
    };
    let mut request = UploadRequest::described();
    match &input["content_length"] {
        Value::Null => {}
        length => match length.as_u64() {
            Some(length) => request = request.with_content_length(length),
            None => return Outcome::Refused(None),
        },
    }
    if let Some(content_type) = text("content_type") {
        request = request.with_content_type(content_type);
    }
    if let Some(name) = text("filename") {
        request = request.with_file_name(name);
    }
    if let Some(disposition) = text("content_disposition") {
        request = request.with_content_disposition(disposition);
    }
    for (name, value) in input["metadata"].as_object().unwrap() {
        request = request.with_metadata(name.as_str(), value.as_str().unwrap());
    }
    for (key, value) in input["tags"].as_object().unwrap() {
        request = request.with_tag(key.as_str(), value.as_str().unwrap());
    }
    let ids = Ids::new(Timestamp::UNIX_EPOCH, text("uuid").unwrap().parse().unwrap());
    match policy.authorize(&identity, &request, &ids) {
        Ok(permit) => Outcome::Issued(Box::new(permit)),
        Err(denied) => Outcome::Refused(Some(denied)),
    }
}

fn check_issued(policy: &UploadPolicy, input: &Value, case: &Value, permit: &Permit) {
    let (key, headers) = (permit.key().as_str(), permit.headers().unwrap());
    if case["category"] == "claim" {
        let mut segments = key.split('/').skip(1);
        assert_eq!(decode_claim(segments.next().unwrap()).as_deref(), input["sub"].as_str(), "{key}");
        assert!(segments.eq([input["uuid"].as_str().unwrap(), "photo.png"]), "{key}");
    } else {
        assert!(key.starts_with(input["fixed_prefix"].as_str().unwrap()), "I1: {key:?}");
    }
    check_key(key, headers, policy.content_rules());
    check_headers(headers);
    let parts = policy.template().parse_key(key).unwrap();
    assert_eq!(parts.subject.as_deref(), input["sub"].as_str());
    if let Some(kept) = headers.get("x-amz-meta-filename") {
        assert!(
            kept.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)),
            "I14: {kept}"
        );
    }
}

fn has_expected_suffix(case: &Value, input: &Value, permit: &Permit) -> bool {
    let suffix = case["key_suffix"].as_str();
    let whole = suffix.map(|suffix| format!("{}{suffix}", input["fixed_prefix"].as_str().unwrap()));
    whole.is_none_or(|whole| permit.key().as_str() == whole)
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Issued(permit) => format!("issued {:?}", permit.key()),
        Outcome::Refused(denied) => format!("refused: {denied:?}"),
    }
}
