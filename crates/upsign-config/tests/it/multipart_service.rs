//! Services with multipart uploads: what they need, and that routes of one target share the calls to it.

use std::cell::RefCell;
use std::sync::Arc;

use upsign::objects::ObjectCalls;
use upsign::session::TokenKeys;
use upsign_config::{BuildServiceError, Config, ServiceParts, StoreSigner};
use upsign_core::{Credentials, WithCredentials};
use upsign_testing::mocks::MockObjectCalls;

use crate::good::FULL;

const ROUTES: &str = r#"
[route.videos]
key = "videos/{sub}/{id}"
types = ["video/mp4"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "always"

[route.archives]
key = "archives/{sub}/{id}"
types = ["application/zip"]
max_size = "5 GiB"
bodyless = "refuse"
multipart = "auto"
"#;

fn read(text: &str) -> Config {
    Config::read("upsign.toml", text, |_| None).unwrap_or_else(|error| panic!("{error}"))
}

fn presigner() -> WithCredentials<StoreSigner, Credentials> {
    let credentials =
        Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    WithCredentials::new(StoreSigner::new(), credentials)
}

fn keys() -> TokenKeys {
    TokenKeys::new("default", [[7; 32]]).unwrap()
}

#[test]
fn multipart_routes_need_keys_of_upload_tokens() {
    let config = read(&format!("{FULL}{ROUTES}"));
    assert!(config.needs_store() && !read(FULL).needs_store());
    for result in [
        config.service(presigner()).map(drop),
        config.service_with_authorizer(presigner(), |_| None).map(drop),
        config.service_with(presigner(), ServiceParts::new()).map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(
            matches!(&error, BuildServiceError::MissingTokenKeys(section) if section.starts_with("route."))
        );
        assert!(
            error
                .to_string()
                .contains("has multipart or confirmed uploads, which need [token] keys: write keys = ")
        );
    }
}

#[test]
fn calls_to_the_store_are_made_for_multipart_routes_only() {
    let config = read(&format!("{FULL}{ROUTES}"));
    let asked = RefCell::new(Vec::new());
    let parts = ServiceParts::new().with_store(keys(), |route, _| {
        asked.borrow_mut().push(route.name.as_ref().unwrap().to_string());
        Arc::new(MockObjectCalls::new()) as Arc<dyn ObjectCalls>
    });
    let service = config.service_with(presigner(), parts).unwrap();
    assert_eq!(asked.into_inner(), ["archives", "videos"]);
    let has_calls: Vec<bool> = service.routes().iter().map(|it| it.issuer().store().is_some()).collect();
    assert_eq!(has_calls, [false, true, true]);
}
