//! The description of the calls that follow an upload, and of several files in one request.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign_core::{Provider, Target};
use upsign_documents::{ApiKind, Deployment, DeploymentRoute, OpenApi, OpenApiVersion, Reads};
use upsign_policy::{
    Bodyless, ConfirmationOptions, FilesOptions, Gate, Inspection, MultipartMode, MultipartOptions,
    UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use crate::golden;
use crate::policies::origins;

fn builder(key: &str, types: &[&str]) -> UploadPolicyBuilder {
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
        .content_types(types)
        .max_size(10 << 20)
}

fn confirmed() -> ConfirmationOptions {
    ConfirmationOptions::new().with_confirm(true)
}

/// Images with every option, forms that are confirmed, large files that are not, and notes without anything.
fn routes() -> Vec<DeploymentRoute> {
    let gate = Gate::Pending("pending/{sub}/{id}.{ext}".parse().unwrap());
    let images = builder("images/{sub}/{id}.{ext}", &["image/jpeg", "image/png"])
        .confirmation(confirmed().with_gate(gate).with_inspection(Inspection::Magic).with_delete(true))
        .files(FilesOptions::new().with_max_files(20).with_max_total_size(50 << 20));
    let forms = builder("forms/{id}", &["text/plain"])
        .method(UploadMethod::Post)
        .no_overwrite(false)
        .confirmation(confirmed())
        .files(FilesOptions::new().with_max_files(3));
    let parts = MultipartOptions::new(MultipartMode::Auto, Provider::Aws.capabilities());
    let videos = builder("videos/{id}", &["video/mp4"]).max_size(1 << 40).multipart(parts);
    let routes = [
        ("images", images),
        ("forms", forms),
        ("videos", videos),
        ("notes", builder("notes/{id}", &["text/plain"])),
    ];
    routes.map(|(name, policy)| DeploymentRoute::new(policy.build().unwrap()).with_name(name)).into()
}

fn api() -> OpenApi {
    let deployment =
        Deployment::new(routes(), origins()).with_api(ApiKind::Http).with_reads(Reads::Presigned);
    OpenApi::for_deployment(&deployment)
}

fn document(api: &OpenApi) -> Value {
    serde_json::from_str(&api.to_json(OpenApiVersion::V3_1)).unwrap()
}

fn paths(api: &OpenApi) -> BTreeSet<String> {
    document(api)["paths"].as_object().unwrap().keys().cloned().collect()
}

fn codes(document: &Value, path: &str, method: &str, status: &str) -> Vec<String> {
    let answer = &document["paths"][path][method]["responses"][status]["content"]["application/problem+json"];
    let codes = answer["schema"]["allOf"][1]["properties"]["code"]["enum"].as_array();
    codes.into_iter().flatten().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[test]
fn descriptions_match_the_golden_files() {
    golden::check("openapi-after-upload.3.1.json", &api().to_json(OpenApiVersion::V3_1));
    golden::check("openapi-after-upload.3.0.json", &api().to_json(OpenApiVersion::V3_0));
}

#[test]
fn calls_are_described_if_a_route_needs_them() {
    let one = |build: fn(UploadPolicyBuilder) -> UploadPolicyBuilder| {
        OpenApi::for_routes([build(builder("a/{id}", &["image/png"])).build().unwrap()])
    };
    let expected = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(paths(&one(|it| it)), expected(&["/upload-url"]));
    let confirms = one(|it| it.confirmation(confirmed()));
    assert_eq!(paths(&confirms), expected(&["/upload-url", "/uploads/confirm"]));
    let reads = confirms.with_read_urls(true);
    assert_eq!(paths(&reads), expected(&["/upload-url", "/uploads/confirm", "/uploads/read-url"]));
    let deletes = one(|it| it.confirmation(confirmed().with_delete(true)));
    assert_eq!(paths(&deletes), expected(&["/upload-url", "/uploads", "/uploads/confirm"]));
    assert_eq!(paths(&one(|it| it).with_read_urls(true)), expected(&["/upload-url"]), "nothing is confirmed");
}

#[test]
fn deleting_can_share_a_path_with_the_requests_for_uploads() {
    let policy = builder("a/{id}", &["image/png"]).confirmation(confirmed().with_delete(true));
    let api = OpenApi::for_routes([policy.build().unwrap()]).with_path("/uploads");
    let document = document(&api);
    let operations = document["paths"]["/uploads"].as_object().unwrap();
    assert_eq!(operations.keys().collect::<BTreeSet<_>>().len(), 3, "{operations:?}");
    assert_eq!(operations["post"]["operationId"], "issueUpload");
    assert_eq!(operations["delete"]["operationId"], "deleteUpload");
    assert_eq!(operations["options"]["operationId"], "preflight");
}

/// Every id of an operation occurs once, and every link leads to one of them.
#[test]
fn links_lead_from_a_grant_to_its_confirmation_and_from_there_to_the_object() {
    let document = document(&api());
    let operations = document["paths"].as_object().unwrap().values();
    let operations: Vec<_> = operations.flat_map(|path| path.as_object().unwrap().values()).collect();
    let ids: BTreeSet<_> = operations.iter().map(|it| it["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    for operation in operations {
        for link in operation["responses"]["200"]["links"].as_object().into_iter().flat_map(|it| it.values())
        {
            assert!(ids.contains(link["operationId"].as_str().unwrap()), "{link}");
        }
    }
    let link = |path: &str, id: &str| {
        document["paths"][path]["post"]["responses"]["200"]["links"][id]["requestBody"].clone()
    };
    let token = json!({"uploadToken": "$response.body#/uploadToken"});
    assert_eq!(
        (link("/upload-url", "confirmUpload"), link("/upload-url", "deleteUpload")),
        (token.clone(), token)
    );
    let receipt = json!({"receipt": "$response.body#/receipt"});
    for id in ["readUrl", "deleteUpload"] {
        assert_eq!(link("/uploads/confirm", id), receipt, "{id}");
    }
    assert!(link("/upload-url", "readUrl").is_null());
}

#[test]
fn grant_of_a_confirmed_route_says_so_and_has_an_upload_token() {
    let schemas = &document(&api())["components"]["schemas"];
    for member in ["uploadToken", "confirm"] {
        let requires = |grant: &str| schemas[grant]["required"].as_array().unwrap().contains(&member.into());
        assert!(requires("ImagesGrant") && requires("FormsGrant"), "{member}");
        assert!(!requires("NotesGrant") && schemas["NotesGrant"]["properties"][member].is_null(), "{member}");
    }
}

#[test]
fn codes_of_a_confirmation_depend_on_the_policy() {
    let of = |gate: Gate, inspection| {
        let options = confirmed().with_gate(gate).with_inspection(inspection);
        let policy = builder("a/{id}", &["image/png"]).confirmation(options);
        let document = document(&OpenApi::for_routes([policy.build().unwrap()]));
        let codes = |status: &str| codes(&document, "/uploads/confirm", "post", status);
        [codes("500"), codes("503")].concat()
    };
    let has = |codes: &[String], code: &str| codes.iter().any(|known| known == code);
    let plain = of(Gate::None, Inspection::None);
    assert!(!has(&plain, "versions-required") && !has(&plain, "inspection-unavailable"), "{plain:?}");
    assert!(has(&plain, "store-unavailable") && has(&plain, "announcement-unavailable"), "{plain:?}");
    assert!(has(&of(Gate::Tag, Inspection::None), "versions-required"));
    let pending = Gate::Pending("pending/{id}".parse().unwrap());
    assert!(has(&of(pending, Inspection::Hook), "inspection-unavailable"));
}

#[test]
fn files_are_described_for_the_routes_that_accept_them() {
    let document = document(&api());
    let body =
        &document["paths"]["/upload-url"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let schemas = &document["components"]["schemas"];
    let references = json!([{"$ref": "#/components/schemas/UploadRequest"}, {"$ref": "#/components/schemas/FilesRequest"}]);
    assert_eq!(body["oneOf"], references);
    let of_routes = schemas["FilesRequest"]["oneOf"].as_array().unwrap();
    let described: Vec<_> = of_routes
        .iter()
        .map(|request| {
            let members = &request["properties"];
            (members["route"]["const"].as_str().unwrap(), members["files"]["maxItems"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(described, [("images", 20), ("forms", 3)]);
    let file = &schemas["ImagesFile"];
    assert!(file["properties"]["contentType"].is_object() && file["properties"]["route"].is_null(), "{file}");
    assert_eq!(file["required"], json!(["contentType", "contentLength"]));
    assert_eq!(schemas["FilesAnswer"]["properties"]["files"]["maxItems"], 20);

    let bad = codes(&document, "/upload-url", "post", "400");
    assert!(bad.contains(&"files-count".to_owned()) && bad.contains(&"files-not-offered".to_owned()));
    assert!(codes(&document, "/upload-url", "post", "413").contains(&"files-too-large".to_owned()));
    assert_eq!(schemas["Problem"]["properties"]["file"]["type"], "integer");
    let description = &document["paths"]["/upload-url"]["post"]["requestBody"]["description"];
    assert_eq!(*description, format!("At most {} bytes.", (16 << 10) + 19 * 1024));
}

#[test]
fn service_without_lists_of_files_does_not_describe_them() {
    let api = OpenApi::for_routes([builder("a/{id}", &["image/png"]).build().unwrap()]);
    let text = api.to_json(OpenApiVersion::V3_1);
    assert!(!text.contains("\"files") && !text.contains("Files"), "{text}");
}

/// Every reference leads to a schema, and every schema is used.
#[test]
fn references_and_schemas_match() {
    fn references(node: &Value, found: &mut BTreeSet<String>) {
        match node {
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(target) if name == "$ref" => {
                            found.insert(target.rsplit('/').next().unwrap().to_owned());
                        }
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let one = builder("a/{id}", &["image/png"]);
    let one = one.confirmation(confirmed().with_delete(true)).files(FilesOptions::new().with_max_files(2));
    for api in
        [api(), OpenApi::for_routes([one.build().unwrap()]), OpenApi::for_routes(routes()[..2].to_vec())]
    {
        let document = document(&api);
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        let schemas = document["components"]["schemas"].as_object().unwrap().keys().cloned();
        assert_eq!(found, schemas.collect());
    }
}
