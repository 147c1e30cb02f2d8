//! The manual's page about the wire: its requests are accepted, and its answers have exactly the members that the API sends.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign::confirm::ConfirmReason;
use upsign::{Route, UploadService};
use upsign_objects::{Checksum, ChecksumAlgorithm, ChecksumType, DeletedObject, PartList, VersionId};
use upsign_policy::FilesOptions;

use super::confirm::{CONFIRM, confirmed, stored, upload};
use super::delete::delete;
use super::read::READ;
use super::{
    ABORT, COMPLETE, ETAG, MIB, PARTS, SECRET, SIZE, STATUS, api, api_of, begin, completed, completion,
    issuer, keys, no_object, part, policy, send, store, three_parts,
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

#[tokio::test]
async fn examples_after_the_upload_have_the_members_of_the_wire() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Ok(stored()));
    calls.expect_delete_object().returning(|_, _| Ok(DeletedObject::default()));
    let policy = confirmed(|options| options.with_delete(true));
    let api = api_of(issuer(policy, calls, keys("default", &[SECRET]))).with_read_urls(true);
    let token = upload(&api).await["uploadToken"].clone();

    let [request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/confirm`")).unwrap();
    let sent = body_of(&send(&api, CONFIRM, &with_token(&request, &token)).await);
    assert_eq!(members(&sent), members(&answer));
    let receipt = &sent["receipt"];

    let [mut request, answer] = <[Value; 2]>::try_from(examples("## `POST /uploads/read-url`")).unwrap();
    request["receipt"] = receipt.clone();
    let sent = body_of(&send(&api, READ, &request).await);
    assert_eq!(members(&sent), members(&answer));
    assert_eq!(sent["expiresIn"], request["expiresIn"]);

    let [mut request, answer] = <[Value; 2]>::try_from(examples("## `DELETE /uploads`")).unwrap();
    request["receipt"] = receipt.clone();
    let sent = body_of(&delete(&api, "alice", &request).await);
    assert_eq!((members(&sent), &sent["state"]), (members(&answer), &answer["state"]));
}

/// The reasons of the page are those of the library, each in the row of its state.
#[test]
fn reasons_are_listed_with_their_state() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign/src/manual/reference/contract.rs");
    let page = std::fs::read_to_string(page).unwrap();
    for reason in ConfirmReason::ALL {
        let row = format!("//! | `{}` | ", reason.state().as_str());
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap();
        assert!(row.contains(&format!("`{}`", reason.as_str())), "{row}");
    }
}

#[tokio::test]
async fn example_of_several_files_is_granted() {
    let files = FilesOptions::new().with_max_files(2);
    let policy = policy(|builder| builder.content_types(["image/jpeg", "image/png"]).files(files));
    let route = Route::named("gallery".parse().unwrap(), issuer(policy, store(), keys("default", &[SECRET])));
    let api = api_of(UploadService::new([route]).unwrap());
    let [request, answer] = <[Value; 2]>::try_from(examples("# Several files")).unwrap();
    let sent = body_of(&send(&api, "/upload-url", &request).await);
    assert_eq!(members(&sent), members(&answer));
    assert_eq!(sent["files"].as_array().unwrap().len(), answer["files"].as_array().unwrap().len());
}
