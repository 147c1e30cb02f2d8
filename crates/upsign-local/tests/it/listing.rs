//! Lists of objects and buckets.

use crate::sign::Presign;
use crate::support::{Fixture, REGION, builder};

/// Returns the texts of the elements with this name, in their order.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close).map(|(text, _)| text.to_owned()))
        .collect()
}

async fn list(s3: &Fixture, query: &str) -> String {
    let query = format!("list-type=2{query}");
    let request = s3.presign("GET", "").query(&query);
    s3.send("GET", &request, "").await.expect_status(200).text()
}

#[tokio::test]
async fn objects_are_listed_by_prefix_and_delimiter() {
    let s3 = Fixture::start().await;
    for key in ["b/2.png", "a/1.png", "a/2/x y.png", "c.png", "a.png"] {
        s3.put(key, key.as_bytes()).await.expect_status(200);
    }
    let all = list(&s3, "").await;
    assert_eq!(elements(&all, "Key"), ["a.png", "a/1.png", "a/2/x y.png", "b/2.png", "c.png"]);
    assert_eq!(elements(&all, "Size"), ["5", "7", "11", "7", "5"]);
    assert_eq!(elements(&all, "KeyCount"), ["5"]);
    assert_eq!(elements(&all, "IsTruncated"), ["false"]);
    assert!(elements(&all, "LastModified").iter().all(|time| time.ends_with('Z')), "{all}");

    let top = list(&s3, "&delimiter=%2F").await;
    assert_eq!(elements(&top, "Key"), ["a.png", "c.png"]);
    assert_eq!(elements(&top, "CommonPrefixes"), ["<Prefix>a/</Prefix>", "<Prefix>b/</Prefix>"]);
    let folder = list(&s3, "&delimiter=%2F&encoding-type=url&prefix=a%2F2%2F").await;
    assert_eq!(
        (elements(&folder, "Key"), elements(&folder, "EncodingType")),
        (vec!["a/2/x%20y.png".into()], vec!["url".into()])
    );
    assert!(elements(&list(&s3, "&prefix=absent").await, "Key").is_empty());
}

#[tokio::test]
async fn pages_of_a_list_contain_every_object_once() {
    let s3 = Fixture::start().await;
    let keys: Vec<String> = (0..7).map(|number| format!("k&{number}")).collect();
    for key in &keys {
        s3.put(key, b"x").await.expect_status(200);
    }
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let page = list(&s3, &format!("&max-keys=3{token}")).await;
        found.extend(elements(&page, "Key"));
        let Some(next) = elements(&page, "NextContinuationToken").pop() else { break };
        assert_eq!(elements(&page, "IsTruncated"), ["true"]);
        token = format!("&continuation-token={}", next.replace('%', "%25"));
    }
    let expected: Vec<String> = keys.iter().map(|key| key.replace('&', "&amp;")).collect();
    assert_eq!(found, expected);
    assert_eq!(elements(&list(&s3, "&start-after=k%264").await, "Key"), expected[5..]);
}

#[tokio::test]
async fn buckets_have_a_region_and_unknown_ones_do_not_exist() {
    let s3 = Fixture::with_builder(builder().additional_bucket("documents".parse().unwrap())).await;
    let documents = s3.s3.target("documents".parse().unwrap());
    let request = Presign::new(&documents, s3.s3.credentials(), "GET", "").query("list-type=2");
    assert_eq!(s3.send("GET", &request, "").await.expect_status(200).element("Name"), "documents");
    let (url, headers) = s3.presign("HEAD", "").sign_header(b"");
    let head = s3.send_to("HEAD", &url, &headers, "").await.expect_status(200);
    assert_eq!(head.header("x-amz-bucket-region"), REGION);
    let absent = s3.s3.target("absent".parse().unwrap());
    let request = Presign::new(&absent, s3.s3.credentials(), "GET", "").query("list-type=2");
    s3.send("GET", &request, "").await.expect_error(404, "NoSuchBucket");
}
