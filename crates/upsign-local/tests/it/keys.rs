//! Object keys: length, characters, and the encoding of paths.

use crate::support::Fixture;

#[tokio::test]
async fn keys_up_to_1024_bytes_are_stored() {
    let s3 = Fixture::start().await;
    for bytes in [155, 156, 157, 255, 256, 1_023, 1_024] {
        let key = "k".repeat(bytes);
        s3.put(&key, key.as_bytes()).await.expect_status(200);
        assert_eq!(s3.get(&key).await.expect_status(200).body, key.as_bytes(), "{bytes}");
    }
    s3.put(&"k".repeat(1_025), b"x").await.expect_error(400, "KeyTooLongError");
    assert_eq!(s3.stored().await.len(), 7);
}

#[tokio::test]
async fn keys_may_have_any_characters() {
    let s3 = Fixture::start().await;
    let keys = [
        "with space",
        " leading and trailing ",
        "plus+plus",
        "100%",
        "%2B",
        "a%2Fb",
        "é",
        "e\u{301}",
        "日本語/写真.jpg",
        "👩‍👩‍👧",
        "a!b'c(d)e*f",
        "a&b=c?d#e",
        "a;b,c:d@e$f",
        "a\"b\\c<d>e",
        "a~b-c_d.e",
        "dir/",
        "dir",
        "dir/file",
        "a.b/..c/...",
        ".hidden",
        "CON",
        "UPPER",
        "upper",
    ];
    for key in keys {
        s3.put(key, key.as_bytes()).await.expect_status(200);
    }
    for key in keys {
        assert_eq!(s3.get(key).await.expect_status(200).body, key.as_bytes(), "{key}");
    }
    let mut stored: Vec<String> = s3.stored().await.into_iter().map(|object| object.key).collect();
    let mut expected: Vec<String> = keys.map(str::to_owned).into();
    stored.sort_unstable();
    expected.sort_unstable();
    assert_eq!(stored, expected);
}

/// S3 decodes a path and encodes it again before it computes the signature. All spellings of a path therefore share the
/// signature of the canonical one.
#[tokio::test]
async fn all_spellings_of_a_path_share_one_signature() {
    let s3 = Fixture::start().await;
    let url = s3.presign("PUT", "a+b!c").url();
    assert!(url.contains("/a%2Bb%21c?"));
    s3.send_to("PUT", &url.replace("a%2Bb%21c", "a+b!c"), &[], "x").await.expect_status(200);
    s3.send_to("PUT", &url.replace("a%2Bb%21c", "a%2bb!%63"), &[], "x").await.expect_status(200);
    assert_eq!(s3.stored().await.first().unwrap().key, "a+b!c");

    let unencoded = s3.presign("PUT", "a+b").encoded_path("a+b");
    s3.send("PUT", &unencoded, "x").await.expect_error(403, "SignatureDoesNotMatch");
    assert_eq!(s3.stored().await.len(), 1);
}
