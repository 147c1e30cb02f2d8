//! The manual's page about the wire: its requests are accepted, and its answers have exactly the members that the API sends.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign_objects::{Checksum, ChecksumAlgorithm, ChecksumType, PartList, VersionId};

use super::{
    ABORT, COMPLETE, ETAG, MIB, PARTS, SIZE, STATUS, api, begin, completed, completion, no_object, part,
    send, store, three_parts,
};
use crate::fixture::json as body_of;

/// The JSON examples of the page, by the heading above them.
fn examples(heading: &str) -> Vec<Value> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign/src/manual/reference/contract.rs");
    let page = std::fs::read_to_string(page).unwrap();
    let text: String = page.lines().map(|line| format!("{}\n", line.trim_start_matches("//!"))).collect();
    let (_, section) = text.split_once(&format!(" {heading}\n")).unwrap();
    let section = section.split("\n # ").next().unwrap().split("\n ## ").next().unwrap();
    let blocks = section.split(" ```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split(" ```").next().unwrap()).unwrap()).collect()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Writes the members of the example into a request for the upload of the test.
fn with_token(example: &Value, token: &Value) -> Value {
    let mut request = example.clone();
    request["uploadToken"] = token.clone();
    request
}

#[tokio::test]
async fn examples_have_the_members_of_the_wire() {
    let checksum = |text: &str| Checksum::parse(ChecksumAlgorithm::Crc64nvme, text).unwrap();
    let mut calls = store();
    let mut second = part(2, 5 * MIB, "e2");
    second.checksums = vec![checksum("3xGEYcLRGls=")];
    let mut lists = 0;
    calls.expect_list_parts().returning(move |_, _| {
        lists += 1;
        Ok(if lists == 1 { PartList::new(vec![second.clone()]) } else { three_parts() })
    });
    calls.expect_complete_multipart_upload().returning(|_, _| {
        let mut object = completed();
        object.version_id = Some("3sL4kqtJlcpXroDTDmJ".parse::<VersionId>().unwrap());
        object.checksum_type = Some(ChecksumType::FullObject);
        Ok(object)
    });
    calls.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    calls.expect_head_object().returning(|_, _| Err(no_object()));
    let api = api(calls);

    let grant = begin(&api).await;
    let [expected] = <[Value; 1]>::try_from(examples("# Multipart uploads")).unwrap();
    assert_eq!(members(&grant), members(&expected));
    let token = &grant["uploadToken"];

    let [request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/parts`")).unwrap();
    let response = send(&api, PARTS, &with_token(&request, token)).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    let sent = body_of(&response);
    assert_eq!(members(&sent), members(&answer));
    assert_eq!(members(&sent["parts"][0]), members(&answer["parts"][0]));
    assert_eq!(sent["parts"][0]["headers"], answer["parts"][0]["headers"]);

    let [request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/status`")).unwrap();
    let mut request = with_token(&request, token);
    request["after"] = json!(1);
    let sent = body_of(&send(&api, STATUS, &request).await);
    assert_eq!(members(&sent), members(&answer));
    assert_eq!(members(&sent["parts"][0]), members(&answer["parts"][0]));

    let [request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/complete`")).unwrap();
    assert_eq!(members(&request), members(&completion("")));
    assert_eq!(members(&request["parts"][0]), BTreeSet::from(["partNumber", "etag", "checksum"]));
    let sent = body_of(&send(&api, COMPLETE, &completion(token.as_str().unwrap())).await);
    assert_eq!(members(&sent), members(&answer));
    assert_eq!((&sent["size"], &sent["etag"]), (&json!(SIZE), &json!(ETAG)));

    let [request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/abort`")).unwrap();
    assert_eq!(body_of(&send(&api, ABORT, &with_token(&request, token)).await), answer);
}
