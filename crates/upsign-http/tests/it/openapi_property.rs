//! For random policies and requests: the OpenAPI description accepts every request that is granted, and contains every answer.

use bytes::Bytes;
use http::{Request, Response};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use upsign::confirm::{Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};
use upsign::session::TokenKeys;
use upsign::{Access, Decision, Route, SigV4, UploadIssuer, UploadPolicy, UploadService, authorize_fn};
use upsign_core::{CorsOrigins, Credentials, Provider, Target, WithCredentials};
use upsign_http::{Api, OpenApiVersion};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ConfirmationOptions, ContentRules, Disposition,
    FileNameOptions, FileNames, FilesOptions, Gate, Inspection, KeyOptions, KeyTemplate, MetadataOptions,
    MultipartMode, MultipartOptions, Replace, SizeBound, SizeLimit, TagOptions, UploadMethod,
};
use upsign_testing::mocks::MockObjectCalls;

use crate::fixture::{FakeAuthenticator, Signer, TOKEN, at, json as read};
use crate::openapi::codes;

/// The choices of one policy. Combinations that contradict each other are not policies and are skipped.
#[derive(Clone, Debug)]
struct Choices {
    key: &'static str,
    types: &'static [&'static str],
    size: (u64, u64),
    is_form: bool,
    bodyless: bool,
    supplied: bool,
    checksums: usize,
    disposition: usize,
    metadata: usize,
    tags: bool,
    mend: bool,
    keep: bool,
    if_match: bool,
    /// 0: no file is uploaded in parts, 1: files above 50 bytes, 2: every file.
    multipart: usize,
    unknown_size: bool,
}

fn choices() -> impl Strategy<Value = Choices> {
    let keys = prop::sample::select(vec![
        "{id}.{ext}",
        "{sub}",
        "{article_id}/{id}",
        "{sub}/{article_id}/{id}-{filename}",
        "{sub}/{sha256}",
        "{group}/{claim:tenant}/{id}",
        "{issuer}/{sub}/{id}",
        "{sub}/{id}",
    ]);
    let types: Vec<&'static [&'static str]> = vec![
        &["image/jpeg"],
        &["text/plain", "image/*"],
        &["*/*"],
        &["any"],
        &["video/webm"],
        &["application/json", "text/*", "image/svg+xml"],
    ];
    let content = (prop::sample::select(types), prop::sample::select(vec![(0, 100), (1, 1 << 20), (7, 7)]));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let flags = (flags, any::<bool>(), 0..3_usize, any::<bool>());
    (keys, content, 0..4_usize, 0..5_usize, 0..3_usize, flags).prop_map(
        |(
            key,
            (types, size),
            checksums,
            disposition,
            metadata,
            ((is_form, bodyless, supplied, tags, mend, keep), if_match, multipart, unknown_size),
        )| {
            Choices {
                key,
                types,
                size,
                is_form,
                bodyless,
                supplied,
                checksums,
                disposition,
                metadata,
                tags,
                mend,
                keep,
                if_match,
                multipart,
                unknown_size,
            }
        },
    )
}

fn policy(folder: &str, choices: &Choices) -> Option<UploadPolicy> {
    let id = "article_id".parse().unwrap();
    let declared: &[_] = if choices.key.contains("{article_id}") { &[id] } else { &[] };
    let template = KeyTemplate::parse(&format!("{folder}/{}", choices.key), declared).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let supplied = declared.iter().filter(|_| choices.supplied).cloned();
    let sha256 = || [ChecksumAlgorithm::Sha256].into();
    let metadata =
        [ClientMetadata::None, ClientMetadata::Any, ClientMetadata::Named(["title".into()].into())];
    let checksums = [
        Checksums::None,
        Checksums::Required(sha256()),
        Checksums::Optional(sha256()),
        Checksums::Required([ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Sha256].into()),
    ];
    let dispositions = [
        Disposition::Unset,
        Disposition::Attachment,
        Disposition::AttachmentNamed,
        Disposition::InlineNamed,
        Disposition::FromClient,
    ];
    let names = if choices.mend { FileNames::Mend } else { FileNames::Refuse };
    let bodyless = if choices.bodyless { Bodyless::Allow } else { Bodyless::Refuse };
    let content = match choices.types {
        ["any"] => ContentRules::any_file(),
        types => ContentRules::new(types).unwrap(),
    };
    let replace = match (choices.is_form, choices.if_match) {
        (true, _) => Replace::Allow,
        (false, true) => Replace::IfMatch,
        (false, false) => Replace::Never,
    };
    let mode = [MultipartMode::No, MultipartMode::Auto, MultipartMode::Always][choices.multipart];
    let multipart = MultipartOptions::new(mode, Provider::Aws.capabilities()).with_above(50);
    let bound = match (mode, choices.unknown_size) {
        (MultipartMode::No, _) | (_, false) => SizeBound::Exact,
        _ => SizeBound::MaxInParts,
    };
    UploadPolicy::builder(target, template, bodyless)
        .multipart(multipart)
        .size_bound(bound)
        .content(content)
        .size(SizeLimit::between(choices.size.0, choices.size.1).unwrap())
        .method(if choices.is_form { UploadMethod::Post } else { UploadMethod::Put })
        .replace(replace)
        .keys(KeyOptions::new().client_may_supply(supplied))
        .checksums(checksums[choices.checksums].clone())
        .disposition(dispositions[choices.disposition])
        .metadata(MetadataOptions::new().client(metadata[choices.metadata].clone()))
        .tags(TagOptions::new().client(choices.tags))
        .file_names(FileNameOptions::new().handling(names).max_bytes(20).keep(choices.keep))
        .build()
        .ok()
}

fn issuer(policy: UploadPolicy) -> UploadIssuer<Signer> {
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().returning(|_, _| Ok("upload".parse().unwrap()));
    let issuer = issuer.with_store(store, TokenKeys::new("test", [[7; 32]]).unwrap());
    issuer.with_authorizer(authorize_fn(|_| async { Ok(Decision::Allow) }))
}

/// Returns a service with up to two routes, of which one has a name, or `None` if there is no policy for any of the choices.
fn api(first: &Choices, second: &Choices, is_named: bool) -> Option<Api<Signer>> {
    let route = |folder: &str, choices: &Choices, name: Option<&str>| {
        let issuer = issuer(policy(folder, choices)?);
        Some(name.map_or_else(
            || Route::unnamed(issuer.clone()),
            |name| Route::named(name.parse().unwrap(), issuer.clone()),
        ))
    };
    let first = route("first", first, is_named.then_some("first"));
    let routes: Vec<_> = first.into_iter().chain(route("second", second, Some("second"))).collect();
    let service = UploadService::new(routes).ok()?;
    Some(Api::new(service, CorsOrigins::listed([])))
}

/// Returns a service whose routes together have every option, so that it can answer with every problem.
pub(crate) fn service_with_every_option() -> Api<Signer> {
    let put = Choices {
        key: "{sub}/{article_id}/{id}-{filename}",
        types: &["*/*"],
        size: (1, 100),
        is_form: false,
        bodyless: false,
        supplied: true,
        checksums: 2,
        disposition: 4,
        metadata: 2,
        tags: true,
        mend: false,
        keep: false,
        if_match: true,
        multipart: 0,
        unknown_size: false,
    };
    let large = Choices { key: "{sub}/{id}", if_match: false, supplied: false, multipart: 1, ..put.clone() };
    let form = Choices {
        key: "{issuer}/{group}/{claim:tenant}/{id}",
        is_form: true,
        disposition: 0,
        checksums: 3,
        tags: false,
        ..put.clone()
    };
    let put = Route::named("put".parse().unwrap(), issuer(policy("put", &put).unwrap()));
    let form = Route::named("form".parse().unwrap(), issuer(policy("form", &form).unwrap()));
    let restricted = form.with_access(Access::unrestricted().with_groups(["writers"]));
    let large = Route::named("large".parse().unwrap(), issuer(policy("large", &large).unwrap()));
    let routes = [put, restricted, large, gated(), tagged()];
    let quota = Quota::new(MemoryQuota::new(), FailMode::Closed)
        .with_limit(QuotaLimit::for_all_routes(Window::DAY).with_objects(20));
    let service = UploadService::new(routes).unwrap().with_quota(quota);
    Api::new(service, CorsOrigins::listed([])).with_read_urls(true)
}

/// Accepts every object.
#[derive(Debug)]
struct AcceptAll;

#[async_trait::async_trait]
impl Inspect for AcceptAll {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        Ok(InspectVerdict::Accept)
    }
}

/// A route whose objects are inspected before they are copied to their final key, and which accepts several files.
fn gated() -> Route<Signer> {
    let gate = Gate::Pending("pending/{id}".parse().unwrap());
    let options = ConfirmationOptions::new().with_confirm(true).with_gate(gate).with_delete(true);
    let policy = confirmed("gated/{id}", options.with_inspection(Inspection::Hook));
    Route::named("gated".parse().unwrap(), issuer(policy).with_inspector(AcceptAll))
}

/// A route whose objects can be read once they have a tag.
fn tagged() -> Route<Signer> {
    let options = ConfirmationOptions::new().with_confirm(true).with_gate(Gate::Tag);
    Route::named("tagged".parse().unwrap(), issuer(confirmed("tagged/{id}", options)))
}

fn confirmed(key: &str, options: ConfirmationOptions) -> UploadPolicy {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(100)
        .confirmation(options)
        .files(FilesOptions::new().with_max_files(if key.starts_with("gated") { 3 } else { 1 }))
        .build()
        .unwrap()
}

/// Members with values of which policies accept some. Each is in the form that clients should send: policies also accept types
/// in upper case and empty objects, which the description leaves out.
fn body() -> impl Strategy<Value = Map<String, Value>> {
    let member = |name: &'static str, values: Vec<Value>| {
        prop::option::weighted(0.6, prop::sample::select(values)).prop_map(move |value| (name, value))
    };
    let sha256 = json!({"sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="});
    let types = [
        "image/jpeg",
        "text/plain",
        "text/plain;charset=utf-8",
        "image/svg+xml",
        "application/json",
        "video/webm;codecs=vp9",
        "video/webm;codecs=\"vp8,opus\"",
        "x/y",
        "no",
    ];
    let names = ["a.jpg", "a.txt", "no-extension", "a name that is longer than twenty bytes.json", "a/b.jpg"];
    let members = (
        member("contentType", types.map(Value::from).to_vec()),
        prop::option::weighted(0.9, prop::sample::select(vec![0, 1, 7, 100, 101]))
            .prop_map(|size| ("contentLength", size.map(Value::from))),
        member("fileName", names.map(Value::from).to_vec()),
        member("checksum", vec![sha256, json!({"crc32": "AAAAAA=="}), json!({"md5": "no"})]),
        member("ifMatch", ["\"9b2cf535f27731c974343645a3985328\"", "*"].map(Value::from).to_vec()),
        member(
            "contentDisposition",
            ["inline", "attachment; filename=\"a.jpg\"", "form-data"].map(Value::from).to_vec(),
        ),
        member("metadata", vec![json!({"title": "a"}), json!({"other": "b"})]),
        member("tags", vec![json!({"state": "new"}), json!({"": ""})]),
        member("route", ["first", "second", "third"].map(Value::from).to_vec()),
        member("articleId", ["0f0e0d0c-0b0a-4908-8706-050403020100", "no"].map(Value::from).to_vec()),
        (
            prop::option::weighted(0.3, any::<bool>()).prop_map(|it| ("multipart", it.map(Value::from))),
            prop::option::weighted(0.3, prop::sample::select(vec!["sha256", "crc64nvme", "no"]))
                .prop_map(|it| ("checksumAlgorithm", it.map(Value::from))),
        ),
    );
    members.prop_map(|(a, b, c, d, e, f, g, h, i, j, (k, l))| {
        let members = [a, b, c, d, e, f, g, h, i, j, k, l].into_iter();
        members.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

async fn send(api: &Api<Signer>, body: Option<&Map<String, Value>>) -> Response<String> {
    let body = body.map_or_else(String::new, |body| serde_json::to_string(body).unwrap());
    let request =
        Request::post("/upload-url").header("authorization", TOKEN).body(Bytes::from(body)).unwrap();
    api.handle(&request, at(), &FakeAuthenticator).await
}

pub(crate) fn validator(description: &Value, schema: Value) -> Validator {
    let mut schema = schema;
    schema["components"] = description["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn description_agrees_with_the_answers(
        first in choices(),
        second in choices(),
        is_named in any::<bool>(),
        bodies in prop::collection::vec(prop::option::weighted(0.9, body()), 30),
    ) {
        let Some(api) = api(&first, &second, is_named) else { return Ok(()) };
        let description: Value = serde_json::from_str(&api.openapi().to_json(OpenApiVersion::V3_1)).unwrap();
        let operation = &description["paths"]["/upload-url"]["post"];
        let accepts = validator(&description, json!({"$ref": "#/components/schemas/UploadRequest"}));
        let grants = validator(&description, json!({"$ref": "#/components/schemas/UploadGrant"}));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for body in bodies {
            let response = runtime.block_on(send(&api, body.as_ref()));
            let answer = read(&response);
            if response.status() == 200 {
                prop_assert!(grants.is_valid(&answer), "{answer} {description:#}");
                match &body {
                    Some(body) => {
                        let mut described = body.clone();
                        if answer["method"] != "MULTIPART" {
                            // On a route without parts, these members have no effect, and the description leaves them out.
                            described.remove("multipart");
                            described.remove("checksumAlgorithm");
                        }
                        prop_assert!(accepts.is_valid(&described.into()), "{body:?} {description:#}");
                    }
                    None => prop_assert_eq!(&operation["requestBody"]["required"], &false),
                }
            } else {
                let code = answer["code"].as_str().unwrap();
                prop_assert!(codes(&description, "/upload-url", response.status()).contains(&code), "{} {}", answer, description);
                let content = &operation["responses"][response.status().as_str()]["content"];
                let schema = content["application/problem+json"]["schema"].clone();
                prop_assert!(validator(&description, schema).is_valid(&answer), "{answer}");
            }
        }
    }
}
