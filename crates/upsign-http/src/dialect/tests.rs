use super::*;

#[test]
fn nothing_is_found_without_dialects() {
    assert!(Dialects::default().at("/uppy/sign", &upsign_core::BasePath::default()).is_none());
}

#[test]
fn paths_are_found_with_and_without_base_path_and_slash() {
    let dialects = Dialects { enabled: [Dialect::Uppy].into(), places: Arc::default() };
    let base: upsign_core::BasePath = "/api".parse().unwrap();
    for path in ["/uppy/sign", "/uppy/sign/", "/api/uppy/sign", "/api/uppy/sign/"] {
        let found = dialects.at(path, &base).unwrap();
        assert_eq!((found.dialect, found.path), (Dialect::Uppy, "/uppy/sign"), "{path}");
    }
    for path in ["/uppy", "/uppy/sign//", "/uppy/sign/x", "/x/uppy/sign", "/api/api/uppy/sign", "/UPPY/sign"]
    {
        assert!(dialects.at(path, &base).is_none(), "{path}");
    }
}

#[test]
fn every_place_is_served() {
    for dialect in Dialect::ALL {
        for place in contract::places::<Arc<dyn Presigner>>(*dialect, &[]) {
            if !place.is_prefix {
                assert!(contract::served(*dialect, &place.path).is_some(), "{place:?}");
            }
        }
    }
}

#[test]
fn methods_are_whole_words() {
    let shape = Shape::Store;
    let served = Served { methods: "GET, POST", headers: &[], shape, body: Body::List };
    assert!(served.accepts(&http::Method::GET) && served.accepts(&http::Method::POST));
    for method in [http::Method::PUT, http::Method::OPTIONS, http::Method::HEAD] {
        assert!(!served.accepts(&method), "{method}");
    }
    assert!(Place::below("/s3/multipart").is_prefix);
}
