//! The description of the API in OpenAPI: golden files, and what the policies decide.

use upsign_core::{CorsOrigins, ExpiresIn, Provider, Target};
use upsign_documents::{ApiKind, Deployment, DeploymentRoute, OpenApi, OpenApiVersion, SecurityScheme};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition, FileNameOptions,
    KeyOptions, KeyTemplate, LifetimeOptions, MetadataOptions, MultipartMode, MultipartOptions, SizeBound,
    SizeLimit, TagOptions, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use crate::golden;
use crate::policies::{origins, two_step_policy};

fn builder(key: &str, types: &[&str]) -> UploadPolicyBuilder {
    let ids = ["article_id".parse().unwrap(), "owner".parse().unwrap()];
    let ids = ids.into_iter().filter(|id: &upsign_policy::IdName| key.contains(&format!("{{{id}}}")));
    let template = KeyTemplate::parse(key, &ids.collect::<Vec<_>>()).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content(ContentRules::new(types).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
}

/// Photos by `PUT` and documents by a form: together they have every member of a request.
pub(crate) fn two_routes() -> Vec<DeploymentRoute> {
    let photos = builder("photos/{sub}/{article_id}/{id}.{ext}", &["image/jpeg", "image/png"])
        .keys(KeyOptions::new().client_may_supply(["article_id".parse().unwrap()]))
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc32c].into()))
        .metadata(MetadataOptions::new().client(ClientMetadata::Named(["title".into()].into())))
        .tags(TagOptions::new().client(true))
        .lifetime(LifetimeOptions::new().expires_in(ExpiresIn::from_secs(300).unwrap()));
    let documents = builder("documents/{owner}/{id}-{filename}", &["text/plain", "video/*"])
        .method(UploadMethod::Post)
        .no_overwrite(false)
        .disposition(Disposition::FromClient)
        .file_names(FileNameOptions::new().max_bytes(100));
    vec![
        DeploymentRoute::new(photos.build().unwrap()).with_name("photos"),
        DeploymentRoute::new(documents.build().unwrap()).with_name("signed-documents"),
    ]
}

/// Videos of known size, of which small ones need one request, and recordings of unknown size.
pub(crate) fn large_routes() -> Vec<DeploymentRoute> {
    let options = |mode| MultipartOptions::new(mode, Provider::Aws.capabilities());
    let videos = builder("videos/{sub}/{article_id}/{id}.{ext}", &["video/mp4"])
        .max_size(1 << 40)
        .multipart(options(MultipartMode::Auto));
    let recordings = builder("recordings/{id}", &["video/webm"])
        .max_size(1 << 30)
        .size_bound(SizeBound::MaxInParts)
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .multipart(options(MultipartMode::Always));
    vec![
        DeploymentRoute::new(videos.build().unwrap()).with_name("videos"),
        DeploymentRoute::new(recordings.build().unwrap()).with_name("recordings"),
    ]
}

#[test]
fn descriptions_match_the_golden_files() {
    let two =
        OpenApi::for_deployment(&Deployment::new(two_routes(), origins()).with_api(ApiKind::FunctionUrl));
    let one = OpenApi::for_deployment(&Deployment::new([two_step_policy()], origins()));
    golden::check("openapi-two-routes.3.1.json", &two.to_json(OpenApiVersion::V3_1));
    golden::check("openapi-two-routes.3.0.json", &two.to_json(OpenApiVersion::V3_0));
    golden::check("openapi-two-step.3.1.json", &one.to_json(OpenApiVersion::V3_1));
    let parts = OpenApi::for_deployment(&Deployment::new(large_routes(), origins()).with_api(ApiKind::Http));
    golden::check("openapi-multipart.3.1.json", &parts.to_json(OpenApiVersion::V3_1));
    golden::check("openapi-multipart.3.0.json", &parts.to_json(OpenApiVersion::V3_0));
}

fn document(api: &OpenApi) -> serde_json::Value {
    serde_json::from_str(&api.to_json(OpenApiVersion::V3_1)).unwrap()
}

fn codes(api: &OpenApi, status: &str) -> Vec<String> {
    let schema = &document(api)["paths"]["/upload-url"]["post"]["responses"][status]["content"]["application/problem+json"]
        ["schema"];
    let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array().cloned().unwrap_or_default();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// Returns whether the description of a policy contains a code.
#[track_caller]
fn check_code(policy: UploadPolicyBuilder, status: &str, code: &str, expected: bool) {
    let codes = codes(&OpenApi::for_routes([policy.build().unwrap()]), status);
    assert_eq!(codes.iter().any(|known| known == code), expected, "{status} {code}: {codes:?}");
}

#[test]
fn only_codes_that_the_policy_can_produce_are_described() {
    let plain = || builder("uploads/{id}.{ext}", &["image/jpeg"]);
    check_code(plain(), "400", "body-required", true);
    check_code(plain(), "400", "content-length-required", true);
    check_code(
        plain().method(UploadMethod::Post).no_overwrite(false),
        "400",
        "content-length-required",
        false,
    );
    check_code(plain(), "400", "key-too-long", false);
    check_code(builder("{sub}/{id}", &["image/jpeg"]), "400", "key-too-long", true);
    check_code(builder("{sub}/{id}", &["image/jpeg"]), "403", "subject-invalid", true);
    check_code(plain(), "403", "subject-invalid", false);
    check_code(builder("{issuer}/{id}", &["image/jpeg"]), "500", "issuer-name-missing", true);
    check_code(builder("{issuer}/{id}", &["image/jpeg"]), "400", "key-too-long", false);
    check_code(plain(), "500", "issuer-name-missing", false);
    check_code(plain(), "415", "extension-unknown", false);
    check_code(builder("uploads/{id}.{ext}", &["image/*"]), "415", "extension-unknown", true);
    check_code(plain(), "400", "tags-invalid", false);
    check_code(plain().tags(TagOptions::new().client(true)), "400", "tags-invalid", true);
    check_code(plain().size(SizeLimit::between(0, 5).unwrap()), "400", "too-small", false);
    check_code(plain(), "400", "route-required", false);
}

#[test]
fn a_request_without_a_name_for_its_route_is_described_only_if_a_route_has_none() {
    let all_named = OpenApi::for_routes(two_routes());
    assert!(codes(&all_named, "400").contains(&"route-required".to_owned()));
    assert_eq!(document(&all_named)["paths"]["/upload-url"]["post"]["requestBody"]["required"], true);
    let discriminator = &document(&all_named)["components"]["schemas"]["UploadRequest"]["discriminator"];
    assert_eq!(discriminator["mapping"]["signed-documents"], "#/components/schemas/SignedDocumentsUpload");

    let routes = two_routes().into_iter().chain([DeploymentRoute::new(two_step_policy())]);
    let one_unnamed = document(&OpenApi::for_routes(routes));
    assert_eq!(one_unnamed["paths"]["/upload-url"]["post"]["requestBody"]["required"], false);
    assert!(one_unnamed["components"]["schemas"]["UploadRequest"]["discriminator"].is_null());
    assert!(one_unnamed["components"]["schemas"]["DefaultUpload"]["properties"]["route"].is_null());
}

#[test]
fn the_path_the_security_scheme_and_further_problems_are_those_of_the_service() {
    let api = OpenApi::for_routes([two_step_policy()])
        .with_path("/api/uploads")
        .with_security(SecurityScheme::Cookie("session".into()))
        .with_problem(403, "forbidden")
        .with_health_check(true);
    let document = document(&api);
    assert_eq!(
        document["paths"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["/api/uploads", "/healthz"]
    );
    let scheme = &document["components"]["securitySchemes"]["cookie"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&"apiKey".into(), &"cookie".into(), &"session".into())
    );
    let responses = &document["paths"]["/api/uploads"]["post"]["responses"];
    assert!(responses["401"]["headers"]["WWW-Authenticate"].is_null());
    let codes =
        &responses["403"]["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"];
    assert_eq!(codes["enum"], serde_json::json!(["forbidden", "insufficient-scope"]));
    assert!(responses["default"].is_null(), "no gateway is in front of it");
}

#[test]
fn browser_client_has_a_path_with_its_version() {
    let api = OpenApi::for_routes([two_step_policy()]);
    let path = "/upsign/0.1.0/{module}";
    assert!(document(&api)["paths"].get(path).is_none());
    let document = document(&api.with_browser_client(Some("0.1.0")));
    let get = &document["paths"][path]["get"];
    assert_eq!(get["parameters"][0]["in"], "path");
    assert!(get["responses"]["200"]["content"]["text/javascript"].is_object());
    assert_eq!(get["security"], serde_json::json!([]), "nobody needs a token");
}

#[test]
fn names_of_routes_that_differ_in_their_separator_have_schemas_of_their_own() {
    let route = |name: &str| {
        DeploymentRoute::new(builder(&format!("{name}/{{id}}"), &["image/png"]).build().unwrap())
            .with_name(name)
    };
    let document = document(&OpenApi::for_routes([route("a-b"), route("a_b")]));
    let mapping =
        document["components"]["schemas"]["UploadRequest"]["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(mapping.values().collect::<std::collections::HashSet<_>>().len(), 2, "{mapping:?}");
}

#[test]
fn origins_of_preflights_are_listed_or_match_a_pattern() {
    let allowed = |origins: &[&str]| {
        let origins = CorsOrigins::listed(origins.iter().map(|origin| origin.parse().unwrap()));
        let document = document(&OpenApi::for_deployment(&Deployment::new([two_step_policy()], origins)));
        let headers = &document["paths"]["/upload-url"]["options"]["responses"]["204"]["headers"];
        headers["Access-Control-Allow-Origin"]["schema"].clone()
    };
    let listed = serde_json::json!({"type": "string", "enum": ["https://app.example.com"]});
    assert_eq!(allowed(&["https://app.example.com"]), listed);
    assert_eq!(allowed(&[]), serde_json::json!({"type": "string"}));
    let schema = allowed(&["https://app.example.com", "https://*.example.org", "http://[::1]:*"]);
    let expression = r"^(https://app\.example\.com|https://.*\.example\.org|http://\[::1\]:.*)$";
    assert_eq!(schema, serde_json::json!({"type": "string", "pattern": expression}));
}

#[test]
fn calls_that_continue_uploads_are_described_if_a_route_has_parts() {
    let paths = |api: &OpenApi| -> Vec<String> {
        document(api)["paths"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(paths(&OpenApi::for_routes([two_step_policy()])), ["/upload-url"]);
    let large = OpenApi::for_routes(large_routes());
    let expected =
        ["/upload-url", "/uploads/parts", "/uploads/status", "/uploads/complete", "/uploads/abort"];
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    let mut described = paths(&large);
    described.sort();
    assert_eq!(described, expected);
    let moved = paths(&large.clone().with_uploads_path("/api/large/"));
    assert!(moved.contains(&"/api/large/parts".to_owned()), "{moved:?}");

    let document = document(&large);
    let ids: std::collections::BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 10, "{ids:?}");
    for id in ["presignParts", "uploadStatus", "completeUpload", "abortUpload"] {
        assert!(ids.contains(id), "{id}");
        let link = &document["paths"]["/upload-url"]["post"]["responses"]["200"]["links"][id];
        assert_eq!(
            (&link["operationId"], &link["requestBody"]["uploadToken"]),
            (&id.into(), &"$response.body#/uploadToken".into())
        );
    }
}

/// Every reference of the document leads to a schema, and every schema is used.
#[test]
fn references_and_schemas_match() {
    fn references(node: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        match node {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(target) if name == "$ref" => {
                            found.insert(target.rsplit('/').next().unwrap().to_owned());
                        }
                        _ => references(value, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for routes in [large_routes(), large_routes()[..1].to_vec(), two_routes()] {
        for version in [OpenApiVersion::V3_1, OpenApiVersion::V3_0] {
            let text = OpenApi::for_routes(routes.clone()).to_json(version);
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut found = std::collections::BTreeSet::new();
            references(&document, &mut found);
            let schemas = document["components"]["schemas"].as_object().unwrap().keys().cloned();
            assert_eq!(found, schemas.collect());
        }
    }
}

#[test]
fn grant_is_one_request_or_an_upload_in_parts() {
    let schemas = document(&OpenApi::for_routes(large_routes()))["components"]["schemas"].clone();
    let kinds = schemas["VideosGrant"]["oneOf"].as_array().unwrap();
    let methods: Vec<_> = kinds.iter().map(|kind| &kind["properties"]["method"]["const"]).collect();
    assert_eq!(methods, ["PUT", "MULTIPART"]);
    assert!(
        kinds[0]["properties"]["uploadToken"].is_object()
            && kinds[1]["required"].as_array().unwrap().contains(&"contentLength".into())
    );
    let recordings = &schemas["RecordingsGrant"];
    assert_eq!(recordings["properties"]["method"]["const"], "MULTIPART");
    assert!(!recordings["required"].as_array().unwrap().contains(&"contentLength".into()));
    assert_eq!(recordings["properties"]["checksumType"]["enum"], serde_json::json!(["COMPOSITE"]));
    assert_eq!(schemas["VideosUpload"]["properties"]["multipart"]["type"], "boolean");
    assert_eq!(schemas["RecordingsUpload"]["properties"]["multipart"]["enum"], serde_json::json!([true]));
    assert!(schemas["PartsRequest"]["properties"]["contentLengths"].is_object());
    let exact = document(&OpenApi::for_routes(large_routes()[..1].to_vec()));
    assert!(exact["components"]["schemas"]["PartsRequest"]["properties"]["contentLengths"].is_null());
    assert_eq!(
        schemas["CompleteRequest"]["properties"]["checksum"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["crc32", "crc32c", "crc64nvme"]
    );
}

#[test]
fn grant_is_a_form_or_an_upload_in_parts() {
    let options = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities()).with_above(1_000);
    let both = || builder("both/{id}", &["video/mp4"]).method(UploadMethod::Post).multipart(options);
    let route = DeploymentRoute::new(both().build().unwrap()).with_name("both");
    let routes = two_routes().into_iter().chain([route]);
    let schemas = document(&OpenApi::for_routes(routes))["components"]["schemas"].clone();
    let kinds = schemas["BothGrant"]["oneOf"].as_array().unwrap();
    let methods: Vec<_> = kinds.iter().map(|kind| &kind["properties"]["method"]["const"]).collect();
    assert_eq!(methods, ["POST", "MULTIPART"]);
    assert!(kinds[0]["required"].as_array().unwrap().contains(&"fields".into()));
    let upload = &schemas["BothUpload"];
    assert!(!upload["required"].as_array().unwrap().contains(&"contentLength".into()), "{upload}");
    // Parts of unknown size are refused, unless the policy binds their maximum.
    check_code(both(), "400", "content-length-required", true);
    let of_maximum = both().size_bound(SizeBound::MaxInParts);
    check_code(of_maximum, "400", "content-length-required", false);
    check_code(both(), "500", "header-unsignable", true);
    check_code(both(), "400", "multipart-not-allowed", false);
}

#[test]
fn codes_of_parts_depend_on_the_policy() {
    let options = |mode| MultipartOptions::new(mode, Provider::Aws.capabilities());
    let plain = || builder("uploads/{id}.{ext}", &["image/jpeg"]);
    check_code(plain(), "400", "multipart-not-allowed", true);
    check_code(plain().multipart(options(MultipartMode::Auto)), "400", "multipart-not-allowed", false);
    check_code(
        plain().max_size(6 << 30).multipart(options(MultipartMode::Auto)),
        "400",
        "multipart-not-allowed",
        true,
    );
    check_code(plain().multipart(options(MultipartMode::Always)), "400", "multipart-not-allowed", true);
    check_code(plain().multipart(options(MultipartMode::Always)), "503", "store-unavailable", true);
    check_code(plain(), "503", "store-unavailable", false);
    let unknown = |mode| plain().multipart(options(mode)).size_bound(SizeBound::MaxInParts);
    check_code(unknown(MultipartMode::Auto), "400", "content-length-required", true);
    check_code(unknown(MultipartMode::Always), "400", "content-length-required", false);
}
