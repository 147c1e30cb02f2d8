//! `objects/batch`: what is signed, what exists, who may read, and what is refused.

use super::*;

#[test]
fn routes_that_cannot_serve_git_lfs_are_refused_with_the_key_to_change() {
    type Build = fn(UploadPolicyBuilder) -> UploadPolicyBuilder;
    let any_type: Build = |builder| builder.content_types(["image/png"]);
    let gated: Build =
        |builder| builder.confirmation(ConfirmationOptions::new().with_confirm(true).with_gate(Gate::Tag));
    let cases: [(&str, Build, &str); 7] = [
        ("lfs/{id}", |builder| builder.checksums(Checksums::None), "{sha256}"),
        ("lfs/{date}/{sha256}", |builder| builder, "{sha256}"),
        ("lfs/{sha256}", |builder| builder.method(UploadMethod::Post), "method"),
        ("lfs/{sha256}", |builder| builder.replace(Replace::Allow), "replace"),
        ("lfs/{sha256}", any_type, "to types"),
        ("lfs/{sha256}", |builder| builder.confirmation(ConfirmationOptions::new()), "confirm = true"),
        ("lfs/{sha256}", gated, "gate"),
    ];
    for (key, build, part) in cases {
        let mut store = MockObjectCalls::new();
        store.expect_head_object().never();
        let policy = build(builder(key)).build();
        let Ok(policy) = policy else { panic!("{key} {part}: {policy:?}") };
        let error = api_of(issuer(policy, store)).unwrap_err();
        assert!(matches!(error, InvalidDialect::NoRoute { dialect: Dialect::GitLfs, .. }), "{error:?}");
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
    assert!(api_of(issuer(builder("lfs/{sub}/{sha256}").build().unwrap(), MockObjectCalls::new())).is_ok());
}

#[tokio::test]
async fn upload_action_signs_size_type_checksum_and_no_overwrite() {
    let fixture = Fixture::new("lfs/{sub}/{sha256}");
    let response = fixture.batch("alice", "upload", &[(&oid(0xab), 5)]).await;
    assert_eq!(response.headers()["content-type"], "application/vnd.git-lfs+json");
    let answer = body_of(&response);
    assert_eq!((&answer["transfer"], &answer["hash_algo"]), (&json!("basic"), &json!("sha256")));
    let object = &answer["objects"][0];
    assert_eq!((&object["oid"], &object["size"]), (&json!(oid(0xab)), &json!(5)));
    // git-lfs must find the caller's credentials for `verify`.
    assert!(object.get("authenticated").is_none());

    let upload = &object["actions"]["upload"];
    let href = upload["href"].as_str().unwrap();
    let host_and_key = format!("https://lfs-bucket.s3.ap-southeast-1.amazonaws.com/lfs/alice/{}?", oid(0xab));
    assert!(href.starts_with(&host_and_key), "{href}");
    let signed =
        "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256";
    assert!(href.contains(signed), "{href}");
    let header = json!({
        "content-type": "application/octet-stream",
        "if-none-match": "*",
        "x-amz-checksum-sha256": base64_of(&oid(0xab)),
    });
    assert_eq!(upload["header"], header);
    assert_eq!(upload["expires_in"], 900);
    assert_eq!(upload["expires_at"], "2026-01-01T00:15:00Z");

    let verify = &object["actions"]["verify"];
    assert_eq!(verify["href"], "https://lfs.example.com/info/lfs/verify");
    assert_eq!(verify["header"].as_object().unwrap().keys().collect::<Vec<_>>(), ["upsign-upload-token"]);
}

#[tokio::test]
async fn object_that_exists_has_no_actions() {
    let fixture = Fixture::new("lfs/{sub}/{sha256}");
    fixture.put(&format!("lfs/alice/{}", oid(1)), &oid(1), 5);
    assert_eq!(fixture.object("alice", "upload", &oid(1), 5).await, json!({ "oid": oid(1), "size": 5 }));
    // Another caller has objects of their own.
    let of_bob = fixture.object("bob", "upload", &oid(1), 5).await;
    assert!(of_bob["actions"]["upload"]["href"].as_str().unwrap().contains("/lfs/bob/"), "{of_bob}");
    // The store has other bytes at the key, so neither is the object there nor could it be sent.
    for operation in ["upload", "download"] {
        let differs = fixture.object("alice", operation, &oid(1), 6).await;
        assert_eq!(differs["error"]["code"], 422, "{differs}");
    }
}

#[tokio::test]
async fn each_object_is_refused_by_itself() {
    let fixture = Fixture::new("lfs/{sha256}");
    fixture.put(&format!("lfs/{}", oid(3)), &oid(3), 5);
    let (good, present) = (oid(2), oid(3));
    let objects = [("nothex", 1), (&*"AB".repeat(32), 1), (&good, 5), (&oid(9), 101 * MIB), (&present, 5)];
    let answer = body_of(&fixture.batch("alice", "upload", &objects).await);
    let outcome = |object: &Value| match (object["error"]["code"].as_u64(), object.get("actions")) {
        (Some(code), None) => code,
        (None, Some(_)) => 200,
        _ => 0,
    };
    let outcomes: Vec<_> = answer["objects"].as_array().unwrap().iter().map(outcome).collect();
    assert_eq!(outcomes, [422, 422, 200, 413, 0]);
    assert!(answer["objects"][3]["error"]["message"].as_str().unwrap().contains("104857600"), "{answer}");
    // The order of the answer is that of the request.
    let oids: Vec<_> = answer["objects"].as_array().unwrap().iter().map(|object| &object["oid"]).collect();
    assert_eq!(oids, objects.map(|(oid, _)| oid));
}

#[tokio::test]
async fn download_needs_read_urls_and_the_object() {
    let fixture = Fixture::new("lfs/{sha256}");
    fixture.put(&format!("lfs/{}", oid(4)), &oid(4), 7);
    let missing = fixture.object("alice", "download", &oid(5), 7).await;
    assert_eq!(missing["error"]["code"], 404, "{missing}");
    // A template without {sub} shares the objects of the route.
    for caller in ["alice", "bob"] {
        let found = fixture.object(caller, "download", &oid(4), 7).await;
        assert_eq!(found["authenticated"], true);
        let download = &found["actions"]["download"];
        let href = download["href"].as_str().unwrap();
        assert!(href.contains(&format!("/lfs/{}?", oid(4))), "{href}");
        assert!(href.contains("response-content-disposition=attachment"), "{href}");
        assert_eq!((&download["header"], &download["expires_in"]), (&json!({}), &json!(300)));
        assert!(found["actions"].get("verify").is_none());
    }
    let closed = fixture.with_api(|api| api.with_read_urls(false));
    let refused = closed.object("alice", "download", &oid(4), 7).await;
    assert_eq!(refused["error"]["code"], 403, "{refused}");
}

#[tokio::test]
async fn observers_receive_uploads_verifications_and_urls_to_read() {
    let (objects, calls) = (Objects::default(), Arc::default());
    let issuer = issuer(builder("lfs/{sha256}").build().unwrap(), store(&objects, &calls));
    let observer = RecordingObserver::new();
    let service = UploadService::from(issuer).with_observer(observer.clone());
    let fixture = Fixture { api: api_of(service).unwrap().with_read_urls(true), objects, calls };
    let granted = fixture.object("alice", "upload", &oid(1), 5).await;
    let token = granted["actions"]["verify"]["header"]["upsign-upload-token"].as_str().unwrap().to_owned();
    fixture.put(&format!("lfs/{}", oid(1)), &oid(1), 5);
    assert_eq!(send_verify(&fixture, "alice", Some(&token), &oid(1), 5).await.status(), StatusCode::OK);
    fixture.object("bob", "download", &oid(1), 5).await;
    fixture.object("bob", "upload", &oid(2), 101 * MIB).await;
    assert_eq!(observer.codes(), ["granted", "confirm", "read-url", "too-large"]);
    let mut looks = observer.store_calls();
    looks.dedup();
    assert_eq!(looks, ["HeadObject"]);
}

#[tokio::test]
async fn callers_of_other_folders_read_nothing() {
    let fixture = Fixture::new("lfs/{sub}/{sha256}");
    fixture.put(&format!("lfs/alice/{}", oid(4)), &oid(4), 7);
    assert!(fixture.object("alice", "download", &oid(4), 7).await.get("actions").is_some());
    assert_eq!(fixture.object("bob", "download", &oid(4), 7).await["error"]["code"], 404);
}

#[tokio::test]
async fn an_application_that_decides_by_receipts_signs_no_url_for_a_content() {
    let (objects, calls) = (Objects::default(), Arc::default());
    let issuer = issuer(builder("lfs/{sha256}").build().unwrap(), store(&objects, &calls));
    let service = UploadService::from(issuer).with_read_authorizer(upsign::read::UploaderOnly);
    let fixture = Fixture { api: api_of(service).unwrap().with_read_urls(true), objects, calls };
    fixture.put(&format!("lfs/{}", oid(4)), &oid(4), 7);
    assert_eq!(fixture.object("alice", "download", &oid(4), 7).await["error"]["code"], 403);
}

#[tokio::test]
async fn password_is_the_token_and_a_refusal_asks_for_it() {
    let fixture = Fixture::new("lfs/{sub}/{sha256}");
    let basic = format!("Basic {}", STANDARD.encode("git:alice"));
    let response = send(&fixture.api, BATCH, &basic, &batch("upload", &[(&oid(1), 5)])).await;
    let href = body_of(&response)["objects"][0]["actions"]["upload"]["href"].as_str().unwrap().to_owned();
    assert!(href.contains("/lfs/alice/"), "{href}");

    for authorization in ["Digest x", "Basic !", ""] {
        let response = send(&fixture.api, BATCH, authorization, &batch("upload", &[(&oid(1), 5)])).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["lfs-authenticate"], "Basic realm=\"upsign\"");
        assert_eq!(response.headers()["content-type"], "application/vnd.git-lfs+json");
        assert!(body_of(&response)["message"].as_str().unwrap().contains("token"), "{}", response.body());
    }
}

#[tokio::test]
async fn other_algorithms_transfers_and_bodies_are_refused() {
    let fixture = Fixture::new("lfs/{sha256}");
    let mut other = batch("upload", &[(&oid(1), 5)]);
    other["hash_algo"] = "sha512".into();
    let answer = body_of(&send(&fixture.api, BATCH, &bearer("alice"), &other).await);
    assert_eq!(answer["objects"][0]["error"]["code"], 409);

    let mut transfers = batch("upload", &[(&oid(1), 5)]);
    transfers["transfers"] = json!(["ssh"]);
    let many = batch("upload", &vec![(&*oid(1), 5); 257]);
    for (body, part) in [(transfers, "basic"), (many, "256"), (json!({ "operation": "upload" }), "objects")] {
        let response = send(&fixture.api, BATCH, &bearer("alice"), &body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{}", response.body());
        assert!(body_of(&response)["message"].as_str().unwrap().contains(part), "{}", response.body());
    }
    assert_eq!(fixture.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_batch_counts_once_and_looks_once_for_each_object() {
    let (objects, calls) = (Objects::default(), Arc::default());
    let issuer = issuer(builder("lfs/{sha256}").build().unwrap(), store(&objects, &calls));
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&counted);
    let service = UploadService::from(issuer).with_rate_limit(rate_limit_fn(move |_, _| {
        let count = counter.fetch_add(1, Ordering::Relaxed);
        async move { if count < 1 { Ok(()) } else { Err(TooManyRequests::new(30)) } }
    }));
    let fixture = Fixture { api: api_of(service).unwrap(), objects, calls };
    let oids: Vec<String> = (0..100).map(oid).collect();
    let hundred: Vec<_> = oids.iter().map(|oid| (oid.as_str(), 5)).collect();
    let answer = body_of(&fixture.batch("alice", "upload", &hundred).await);
    assert!(answer["objects"].as_array().unwrap().iter().all(|object| object.get("actions").is_some()));
    assert_eq!((counted.load(Ordering::Relaxed), fixture.calls.load(Ordering::Relaxed)), (1, 100));

    let refused = fixture.batch("alice", "upload", &hundred).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "30");
    assert_eq!(fixture.calls.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn a_store_that_does_not_answer_refuses_the_batch() {
    for (status, code, expected) in [(503, "SlowDown", 503), (403, "AccessDenied", 500)] {
        let mut store = MockObjectCalls::new();
        store.expect_head_object().returning(move |_, _| Err(failed(status, code)));
        let api = api_of(issuer(builder("lfs/{sha256}").build().unwrap(), store)).unwrap();
        let response = send(&api, BATCH, &bearer("alice"), &batch("upload", &[(&oid(1), 5)])).await;
        assert_eq!(response.status().as_u16(), expected, "{}", response.body());
        assert!(body_of(&response)["message"].is_string());
    }
}

#[tokio::test]
async fn repository_is_the_route() {
    let (objects, calls) = (Objects::default(), Arc::default());
    let of = |key: &str| issuer(builder(key).build().unwrap(), store(&objects, &calls));
    let photos = builder("photos/{id}").checksums(Checksums::None).build().unwrap();
    let service = UploadService::new([
        Route::named("assets".parse().unwrap(), of("assets/{sha256}")),
        Route::named("secret".parse().unwrap(), of("secret/{sha256}"))
            .with_access(Access::unrestricted().with_groups(["staff"])),
        Route::named("photos".parse().unwrap(), issuer(photos, store(&objects, &calls))),
    ]);
    let api = api_of(service.unwrap()).unwrap();
    assert_eq!(api.prefixes(), ["/info/lfs", "/assets/info/lfs", "/secret/info/lfs"]);
    let cases = [
        ("/assets", StatusCode::OK),
        ("/secret", StatusCode::FORBIDDEN),
        ("/photos", StatusCode::BAD_REQUEST),
        ("/unknown", StatusCode::NOT_FOUND),
        // Two routes could be meant.
        ("", StatusCode::NOT_FOUND),
    ];
    for (repository, expected) in cases {
        let path = format!("{repository}{BATCH}");
        let response = send(&api, &path, &bearer("alice"), &batch("upload", &[(&oid(1), 5)])).await;
        assert_eq!(response.status(), expected, "{repository}: {}", response.body());
        if expected == StatusCode::OK {
            let object = &body_of(&response)["objects"][0]["actions"];
            assert_eq!(object["verify"]["href"], "https://lfs.example.com/assets/info/lfs/verify");
        } else {
            assert!(body_of(&response)["message"].is_string(), "{}", response.body());
        }
    }
}

#[tokio::test]
async fn verify_is_below_the_base_path() {
    let fixture = Fixture::new("lfs/{sha256}").with_api(|api| api.with_base_path("/api".parse().unwrap()));
    for path in [BATCH.to_owned(), format!("/api{BATCH}")] {
        let response = send(&fixture.api, &path, &bearer("alice"), &batch("upload", &[(&oid(1), 5)])).await;
        let verify = body_of(&response)["objects"][0]["actions"]["verify"]["href"].clone();
        assert_eq!(verify, "https://lfs.example.com/api/info/lfs/verify", "{path}");
    }
}

/// A client whose URL is that of the base path expects the unnamed route, or the only one that serves the dialect.
#[test]
fn route_with_the_name_of_the_base_path_is_refused_if_the_base_path_means_another_one() {
    let of = |name: Option<&str>, key: &str| {
        let issuer = issuer(builder(key).build().unwrap(), MockObjectCalls::new());
        match name {
            Some(name) => Route::named(name.parse().unwrap(), issuer),
            None => Route::unnamed(issuer),
        }
    };
    let (lfs, other) = ("lfs/{sha256}", "files/{id}/{sha256}");
    for (routes, base, is_refused) in [
        (vec![of(None, lfs), of(Some("game"), lfs)], "/game", true),
        (vec![of(None, lfs), of(Some("game"), lfs)], "/games", false),
        (vec![of(None, lfs), of(Some("game"), lfs)], "/api/game", false),
        (vec![of(None, other), of(Some("game"), lfs)], "/game", false),
        (vec![of(Some("game"), lfs)], "/game", false),
        (vec![of(Some("game"), lfs), of(Some("b"), lfs)], "/game", false),
        (vec![of(Some("game"), other), of(Some("b"), lfs)], "/game", true),
    ] {
        let names: Vec<_> = routes.iter().map(|route| route.name().map(ToOwned::to_owned)).collect();
        let api = Api::new(UploadService::new(routes).unwrap(), CorsOrigins::listed([]));
        let api = api.with_base_path(base.parse().unwrap()).with_dialects([Dialect::GitLfs]);
        let refused = api.err().map(|error| matches!(error, InvalidDialect::Repository { .. }));
        assert_eq!(refused, is_refused.then_some(true), "{names:?} below {base}");
    }
}

#[tokio::test]
async fn locks_do_not_exist() {
    let fixture = Fixture::new("lfs/{sha256}");
    let locks = send(&fixture.api, "/info/lfs/locks/verify", &bearer("alice"), &json!({})).await;
    assert_eq!(locks.status(), StatusCode::NOT_FOUND);
    assert!(body_of(&locks)["message"].as_str().unwrap().contains("locks"), "{}", locks.body());
    let request = Request::get(BATCH).body(Bytes::new()).unwrap();
    let wrong = fixture.api.handle(&request, at(), &WithToken).await;
    assert_eq!(
        (wrong.status(), wrong.headers()["allow"].to_str().unwrap()),
        (StatusCode::METHOD_NOT_ALLOWED, "POST, OPTIONS")
    );
}

#[tokio::test]
async fn a_request_without_a_host_is_refused() {
    let fixture = Fixture::new("lfs/{sha256}");
    let body = batch("upload", &[(&oid(1), 5)]).to_string();
    let request =
        Request::post(BATCH).header("authorization", "Bearer alice").body(Bytes::from(body)).unwrap();
    let response = fixture.api.handle(&request, at(), &WithToken).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.body().contains("Host"), "{}", response.body());
}
