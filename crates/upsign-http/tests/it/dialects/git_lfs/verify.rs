//! `verify`, which confirms an upload.

use super::*;

#[tokio::test]
async fn verify_confirms_the_object_of_its_token() {
    let fixture = Fixture::new("lfs/{sub}/{sha256}");
    let token_of = |object: &Value| {
        let token = &object["actions"]["verify"]["header"]["upsign-upload-token"];
        token.as_str().unwrap().to_owned()
    };
    let token = token_of(&fixture.object("alice", "upload", &oid(1), 5).await);
    let other = token_of(&fixture.object("alice", "upload", &oid(2), 5).await);

    let missing = send_verify(&fixture, "alice", Some(&token), &oid(1), 5).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{}", missing.body());
    fixture.put(&format!("lfs/alice/{}", oid(1)), &oid(1), 5);
    fixture.put(&format!("lfs/alice/{}", oid(2)), &oid(2), 6);
    let (one, two) = (oid(1), oid(2));
    let cases = [
        ("alice", Some(&*token), &one, 5, StatusCode::OK),
        // It can be repeated.
        ("alice", Some(&*token), &one, 5, StatusCode::OK),
        ("alice", Some(&*token), &one, 6, StatusCode::UNPROCESSABLE_ENTITY),
        ("alice", Some(&*token), &two, 5, StatusCode::UNPROCESSABLE_ENTITY),
        // The stored object has another size than the granted one.
        ("alice", Some(&*other), &two, 5, StatusCode::UNPROCESSABLE_ENTITY),
        ("alice", None, &one, 5, StatusCode::BAD_REQUEST),
        ("bob", Some(&*token), &one, 5, StatusCode::FORBIDDEN),
        ("alice", Some("AgAA"), &one, 5, StatusCode::FORBIDDEN),
    ];
    for (caller, token, oid, size, expected) in cases {
        let response = send_verify(&fixture, caller, token, oid, size).await;
        assert_eq!(response.status(), expected, "{caller} {oid} {size}: {}", response.body());
        assert_eq!(response.headers()["content-type"], "application/vnd.git-lfs+json");
    }
}
