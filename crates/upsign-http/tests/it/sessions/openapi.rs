//! The OpenAPI description describes the calls that continue an upload: every answer of these tests is compared with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use http::Response;
use jsonschema::Validator;
use serde_json::Value;
use upsign_http::{Api, OpenApiVersion};
use upsign_policy::MultipartMode;

use super::{SECRET, Signer, api, api_of, issuer, keys, options, policy, store};
use crate::fixture::json as body_of;

/// The description of an API, and the validators of its answers by path and status.
struct Described {
    document: Value,
    validators: RefCell<BTreeMap<(String, u16), Validator>>,
}

thread_local! {
    /// By the text of the document, because each test creates its own API.
    static DESCRIBED: RefCell<BTreeMap<String, Rc<Described>>> = const { RefCell::new(BTreeMap::new()) };
}

fn described(api: &Api<Signer>) -> Rc<Described> {
    let text = api.openapi().to_json(OpenApiVersion::V3_1);
    DESCRIBED.with_borrow_mut(|known| {
        Rc::clone(known.entry(text).or_insert_with_key(|text| {
            Rc::new(Described {
                document: serde_json::from_str(text).unwrap(),
                validators: RefCell::default(),
            })
        }))
    })
}

/// Asserts that the description lists the status of an answer to this path, and that its body has the described form.
#[track_caller]
pub(super) fn assert_described(api: &Api<Signer>, path: &str, response: &Response<String>) {
    assert_described_for(api, path, "post", response);
}

/// Like [`assert_described`], for a request with this method.
#[track_caller]
pub(super) fn assert_described_for(api: &Api<Signer>, path: &str, method: &str, response: &Response<String>) {
    let described = described(api);
    let operation = &described.document["paths"][path.trim_end_matches('/')][method];
    if operation.is_null() {
        return; // an unknown path, or one below the base path
    }
    let status = response.status().as_u16();
    let answer = &operation["responses"][status.to_string()];
    assert!(answer.is_object(), "{status} is not described for {path}: {}", response.body());
    let mut validators = described.validators.borrow_mut();
    let validator = validators.entry((format!("{method} {path}"), status)).or_insert_with(|| {
        let content = answer["content"].as_object().unwrap();
        let mut schema = content.values().next().unwrap()["schema"].clone();
        schema["components"] = described.document["components"].clone();
        jsonschema::validator_for(&schema).unwrap()
    });
    let body = body_of(response);
    let errors: Vec<String> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{path} {status}: {errors:?} in {body}");
}

#[test]
fn calls_are_described_if_a_route_has_uploads_in_parts() {
    let paths = |api: &Api<Signer>| {
        described(api).document["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let api = api(store()).with_uploads_path("/large").unwrap().with_base_path("/api".parse().unwrap());
    let mut expected: Vec<String> =
        api.endpoints().into_iter().map(|endpoint| api.public_path_of(endpoint)).collect();
    expected.sort_unstable();
    let mut described = paths(&api);
    described.sort_unstable();
    assert_eq!(described, expected);
    let never = policy(|builder| builder.multipart(options(MultipartMode::No)));
    assert_eq!(paths(&api_of(issuer(never, store(), keys("default", &[SECRET])))), ["/upload-url"]);
}
