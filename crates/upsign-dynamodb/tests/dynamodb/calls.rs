//! Calls, and what follows from their answers.

use std::time::Duration;

use serde_json::{Value, json};
use upsign::quota::{
    Limits, ObjectMark, QuotaAccount, QuotaCounter, QuotaDenied, QuotaKind, QuotaScope, QuotaStore,
    Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::{Credentials, Timestamp};
use upsign_dynamodb::DynamoDbQuota;

use crate::server::{Answer, Server};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn at() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

fn store(server: &Server) -> DynamoDbQuota {
    let credentials = Credentials::long_term("AKIDEXAMPLE", SECRET).unwrap();
    let store = DynamoDbQuota::new("quota", "eu-central-1".parse().unwrap(), credentials);
    store
        .with_endpoint(&server.origin().parse().unwrap())
        .with_time_limits(Duration::from_secs(5), Duration::from_secs(5))
}

/// Reserves 10 bytes of an account that may have 3 objects and 100 bytes a day.
fn reservation() -> Reservation {
    let (id, account) = (ReservationId::from_bytes([1; 16]), QuotaAccount::from_bytes([2; 16]));
    let max = Limits::new(Some(3), Some(100));
    let day = QuotaCounter::new(QuotaScope::AllRoutes, Window::DAY, Window::DAY.number(at()), max);
    Reservation::new(id, account, 10, at().saturating_add(900)).with_counter(day)
}

async fn reserve(server: &Server) -> Result<Result<Reserved, QuotaDenied>, String> {
    let result = store(server).reserve(&reservation(), at()).await;
    result.map_err(|error| upsign::types::error_chain(&error).to_string())
}

fn refused(status: u16, code: &str) -> Answer {
    let code = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Answer::new(status, &json!({ "__type": code, "message": "explained" }).to_string())
}

/// Cancels a transaction. `reasons` are codes with items.
fn canceled(reasons: &[(&str, Value)]) -> Answer {
    let reasons: Vec<Value> =
        reasons.iter().map(|(code, item)| json!({ "Code": code, "Item": item })).collect();
    let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Answer::new(400, &json!({ "__type": code, "CancellationReasons": reasons }).to_string())
}

fn stored(until: u64) -> Value {
    json!({
        "item": { "S": format!("r#{}", ReservationId::from_bytes([1; 16])) }, "state": { "S": "o" },
        "bytes": { "N": "10" }, "counters": { "L": [{ "S": "c#86400*#20484" }] },
        "until": { "N": until.to_string() }, "keep": { "BOOL": false },
        "expires": { "N": (until + 3_600).to_string() },
    })
}

#[tokio::test]
async fn a_reservation_is_one_conditional_transaction() {
    let server = Server::start([Answer::new(200, "{}")]).await;
    assert_eq!(reserve(&server).await.unwrap(), Ok(Reserved::New));
    let requests = server.requests();
    let request = &requests[0];
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.header("x-amz-target"), "DynamoDB_20120810.TransactWriteItems");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.0");
    assert!(request.header("authorization").contains("/20260131/eu-central-1/dynamodb/aws4_request"));
    let account = json!({ "S": "02020202020202020202020202020202" });
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let put = &body["TransactItems"][0]["Put"];
    assert_eq!(put["Item"]["account"], account);
    assert_eq!(put["Item"]["item"]["S"], "r#01010101010101010101010101010101");
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(#item)");
    let raise = &body["TransactItems"][1]["Update"];
    assert_eq!(raise["Key"], json!({ "account": account, "item": { "S": "c#86400*#20484" } }));
    assert_eq!(
        raise["ConditionExpression"],
        "(attribute_not_exists(#n) OR #n <= :most_n) AND (attribute_not_exists(#b) OR #b <= :most_b)"
    );
    assert_eq!(raise["ExpressionAttributeValues"][":most_n"]["N"], "2");
    assert_eq!(raise["ExpressionAttributeValues"][":most_b"]["N"], "90");
}

#[tokio::test]
async fn temporary_failures_are_repeated() {
    let none = Value::Null;
    let server = Server::start([
        refused(400, "ThrottlingException"),
        refused(500, "InternalServerError"),
        Answer::disconnect(),
        canceled(&[("None", none.clone()), ("TransactionConflict", none.clone())]),
        canceled(&[("ThrottlingError", none.clone()), ("None", none)]),
        Answer::new(200, "{}"),
    ])
    .await;
    assert_eq!(reserve(&server).await.unwrap(), Ok(Reserved::New));
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn other_failures_are_not_repeated() {
    let not_json = Answer::new(200, "<html>");
    for (answer, expected) in [
        (refused(400, "AccessDeniedException"), "400 AccessDeniedException: explained"),
        (refused(400, "ResourceNotFoundException"), "400 ResourceNotFoundException: explained"),
        (Answer::redirect("http://127.0.0.1:1/"), "307"),
        (not_json, "not that of the operation"),
        (canceled(&[("ValidationError", Value::Null)]), "ValidationError"),
    ] {
        let server = Server::start([answer]).await;
        let error = reserve(&server).await.unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_known_reservation_is_not_counted_again() {
    let known = canceled(&[("ConditionalCheckFailed", stored(at().as_unix() + 1)), ("None", Value::Null)]);
    let server = Server::start([known]).await;
    assert_eq!(reserve(&server).await.unwrap(), Ok(Reserved::Already));
}

#[tokio::test]
async fn an_expired_reservation_is_subtracted_first() {
    let known = canceled(&[("ConditionalCheckFailed", stored(at().as_unix())), ("None", Value::Null)]);
    let server = Server::start([known, Answer::new(200, "{}"), Answer::new(200, "{}")]).await;
    assert_eq!(reserve(&server).await.unwrap(), Ok(Reserved::New));
    let requests = server.requests();
    let body: Value = serde_json::from_str(&requests[1].body).unwrap();
    assert_eq!(body["TransactItems"][0]["Delete"]["ConditionExpression"], "#state = :open");
    let subtract = &body["TransactItems"][1]["Update"]["ExpressionAttributeValues"];
    assert_eq!(*subtract, json!({ ":objects": { "N": "-1" }, ":bytes": { "N": "-10" } }));
}

#[tokio::test]
async fn a_limit_denies_after_a_look_for_expired_reservations() {
    let used = json!({ "n": { "N": "3" }, "b": { "N": "30" } });
    let full = canceled(&[("None", Value::Null), ("ConditionalCheckFailed", used)]);
    let server = Server::start([full, Answer::new(200, "{\"Items\":[]}")]).await;
    let denied = reserve(&server).await.unwrap().unwrap_err();
    assert_eq!((denied.kind, denied.limit), (QuotaKind::Objects, 3));
    assert_eq!(server.requests()[1].header("x-amz-target"), "DynamoDB_20120810.Query");
}

#[tokio::test]
async fn an_upload_whose_window_has_ended_is_settled_without_it() {
    let item = json!({ "Item": stored(at().as_unix() + 900) }).to_string();
    let ended = canceled(&[("None", Value::Null), ("ConditionalCheckFailed", Value::Null)]);
    let server = Server::start([Answer::new(200, &item), ended, Answer::new(200, "{}")]).await;
    let mut upload = reservation();
    upload.bytes = 7;
    let settled = store(&server).settle(&upload, ObjectMark::of("v1"), at()).await.unwrap();
    assert_eq!(settled, Ok(Settled::ThisObject));
    let requests = server.requests();
    let items = |index: usize| -> Value { serde_json::from_str(&requests[index].body).unwrap() };
    assert_eq!(items(1)["TransactItems"][1]["Update"]["ExpressionAttributeValues"][":bytes"]["N"], "-3");
    assert_eq!(items(2)["TransactItems"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_object_that_is_settled_is_known_after_its_reservation_has_expired() {
    let mut item = stored(at().as_unix() - 3_599);
    (item["state"], item["object"]) = (json!({ "S": "s" }), json!({ "S": ObjectMark::of("v1").to_string() }));
    for (version, expected) in [("v1", Settled::ThisObject), ("v2", Settled::OtherObject)] {
        let answer = Answer::new(200, &json!({ "Item": &item }).to_string());
        let server = Server::start([answer]).await;
        let settled = store(&server).settle(&reservation(), ObjectMark::of(version), at()).await.unwrap();
        assert_eq!(settled, Ok(expected));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_step_ends_in_time() {
    let server = Server::start([]).await;
    let store = store(&server).with_time_limits(Duration::from_millis(50), Duration::from_millis(300));
    let began = std::time::Instant::now();
    assert!(store.reserve(&reservation(), at()).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn debug_output_has_no_secret() {
    let server = Server::start([]).await;
    let text = format!("{:?}", store(&server));
    assert!(text.contains("quota") && !text.contains(SECRET), "{text}");
}
