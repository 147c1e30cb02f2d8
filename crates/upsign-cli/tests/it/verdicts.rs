//! `verify --batch`, `jwks --batch` and `identity --batch` with the corpora of attacks, key sets and events.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::run::upsign;

macro_rules! corpus {
    ($name:literal) => {
        parse(include_str!(concat!("../../../upsign-testing/vectors/", $name)))
    };
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn cases(corpus: &Value) -> &Vec<Value> {
    let cases = corpus["cases"].as_array().unwrap();
    assert_eq!(Some(cases.len() as u64), corpus["count"].as_u64());
    cases
}

/// Runs a batch. Checks that there is one answer per request, in order.
#[track_caller]
fn answers(arguments: &[&str], requests: &[Value], exit: i32) -> Vec<Value> {
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let finished = upsign(arguments).output_for_input(&lines);
    let answers: Vec<Value> = finished.exits(exit).stdout().lines().map(parse).collect();
    let ids = |all: &[Value]| all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&answers), ids(requests));
    answers
}

/// Returns a setting of the case, or else the default of the corpus.
fn setting(corpus: &Value, case: &Value, name: &str) -> Value {
    case["config"].get(name).unwrap_or(&corpus["defaults"][name]).clone()
}

/// Requires every case of severity `must` to be right, and 19 of 20 cases of severity `should`.
#[track_caller]
fn require(cases: &[Value], right: impl Fn(usize) -> bool) {
    let mut missed = BTreeMap::<&str, Vec<&str>>::new();
    let mut should_count = 0;
    for (place, case) in cases.iter().enumerate() {
        let severity = case["severity"].as_str().unwrap_or("must");
        should_count += usize::from(severity == "should");
        if !right(place) {
            missed.entry(severity).or_default().push(case["id"].as_str().unwrap());
        }
    }
    assert_eq!(missed.remove("must"), None);
    let missed = missed.remove("should").unwrap_or_default();
    assert!(missed.len() * 20 <= should_count, "{missed:?} of {should_count}");
}

/// Returns the line of a case.
fn token_line(corpus: &Value, case: &Value) -> Value {
    let setting = |name| setting(corpus, case, name);
    json!({
        "id": case["id"], "token": case["token"], "jwks": corpus["jwks_sets"][case["jwks"].as_str().unwrap()],
        "issuer": setting("issuer"), "client_ids": setting("client_ids"), "token_use": setting("token_use"),
        "now": setting("now_epoch"), "leeway": setting("leeway_seconds"),
        "required_groups": setting("required_groups"), "required_scopes": setting("required_scopes"),
    })
}

#[test]
fn token_attacks_are_rejected() {
    let corpus = corpus!("jwt_attack.json");
    let cases = cases(&corpus);
    let requests: Vec<Value> = cases.iter().map(|case| token_line(&corpus, case)).collect();
    let answers = answers(&["verify", "--batch"], &requests, 0);
    require(cases, |place| {
        let (case, answer) = (&cases[place], &answers[place]);
        let signature = case["token"].as_str().unwrap().rsplit('.').next().unwrap();
        assert!(
            signature.len() < 16 || !answer.to_string().contains(signature),
            "the answer contains the signature"
        );
        if answer["result"] == "reject" {
            assert!(answer["code"].is_string() && answer["reason"].is_string(), "{answer}");
        } else {
            let claims = answer["claims"].as_object().unwrap();
            let wanted = case["if_accepted"].as_object().into_iter().flatten();
            assert!(wanted.into_iter().all(|(name, value)| claims.get(name) == Some(value)), "{answer}");
        }
        case["expect"] == "either" || case["expect"] == answer["result"]
    });
    assert!(answers.iter().filter(|answer| answer["result"] == "accept").count() > 10);
}

#[test]
fn signatures_of_the_wycheproof_corpus() {
    let corpus = corpus!("wycheproof_jws.json");
    let cases = cases(&corpus);
    let request = |case: &Value| {
        let jwk = &case["jwk"];
        let jwks = if jwk.get("keys").is_some() { jwk.clone() } else { json!({"keys": [jwk]}) };
        json!({"id": case["id"], "jws": case["jws"], "jwks": jwks})
    };
    let requests: Vec<Value> = cases.iter().map(request).collect();
    let answers = answers(&["verify", "--batch", "--signature-only"], &requests, 0);
    let mut accepted = 0;
    for (case, answer) in cases.iter().zip(&answers) {
        let expected = &case["expect_rs256_only"];
        assert!(expected == "either" || *expected == answer["result"], "{}: {answer}", case["id"]);
        accepted += usize::from(answer["result"] == "accept");
    }
    assert!(accepted >= 5);
}

#[test]
fn usable_keys_of_the_jwks_corpus() {
    let corpus = corpus!("jwks_documents.json");
    let cases = cases(&corpus);
    let request = |case: &Value| {
        let members = ["id", "status", "headers", "body", "body_b64"];
        let present = members.into_iter().filter(|name| !case[name].is_null());
        Value::Object(present.map(|name| (name.to_owned(), case[name].clone())).collect::<Map<_, _>>())
    };
    let requests: Vec<Value> = cases.iter().map(request).collect();
    for (case, answer) in cases.iter().zip(answers(&["jwks", "--batch"], &requests, 0)) {
        if case["either"] == true {
            continue;
        }
        if case["usable_kids"].is_null() {
            assert!(answer["error"]["code"].is_string(), "{answer}");
            continue;
        }
        let optional = case["optional_kids"].as_array().cloned().unwrap_or_default();
        let found = answer["usable_kids"].as_array().unwrap().iter();
        let found: Vec<&Value> = found.filter(|kid| !optional.contains(kid)).collect();
        assert_eq!(json!(found), case["usable_kids"], "{}", case["id"]);
    }
}

#[test]
fn identities_of_the_event_corpus() {
    let corpus = corpus!("lambda_events.json");
    let cases = cases(&corpus);
    let request = |case: &Value| {
        let mut config = corpus["defaults"].as_object().unwrap().clone();
        config.extend(case["config"].as_object().unwrap().clone());
        let event = if case["event_raw"].is_null() { "event" } else { "event_raw" };
        json!({"id": case["id"], event: case[event], "config": config})
    };
    let requests: Vec<Value> = cases.iter().map(request).collect();
    let answers = answers(&["identity", "--batch"], &requests, 0);
    require(cases, |place| is_expected(&cases[place]["expect"], &answers[place]));
    let found = |wanted: &str| answers.iter().filter(|answer| answer["result"] == wanted).count();
    assert!(found("identity") > 5 && found("identity-iam") > 1 && found("reject") > 10);
}

/// Returns whether an answer is what the case expects.
fn is_expected(expected: &Value, found: &Value) -> bool {
    let members = ["sub", "username", "groups", "scopes", "token_use", "issuer", "client_id", "http"];
    let fits = |name: &str| {
        expected.get(name).is_none_or(|wanted| found.get(name).unwrap_or(&Value::Null) == wanted)
    };
    let among = |any: &Value| any.as_array().is_none_or(|any| any.contains(&found["groups"]));
    let has = |group: &Value| found["groups"].as_array().is_some_and(|groups| groups.contains(group));
    let none = expected["groups_must_not_include"].as_array().is_none_or(|not| !not.iter().any(has));
    expected["result"] == "either"
        || (expected["result"] == found["result"]
            && members.into_iter().all(fits)
            && among(&expected["groups_any_of"])
            && none)
}

/// An invalid line is an error; a token that fails verification is an answer.
#[test]
fn invalid_lines_are_distinguished_from_rejected_tokens() {
    let corpus = corpus!("jwt_attack.json");
    let good = token_line(&corpus, &cases(&corpus)[0]);
    let with = |name: &str, value: Value| {
        let mut request = good.clone();
        request[name] = value;
        request
    };
    let requests = [
        good.clone(),
        with("client_ids", json!([])),
        with("token_use", json!("refresh")),
        with("issuer", json!("id.example.com")),
        with("required_groups", json!([])),
        with("now", json!(-1)),
        with("token", json!(["eyJhbGciOiJSUzI1NiJ9"])),
        json!({"id": 7}),
        json!([1]),
        with("jwks", json!({"keys": []})),
        good.clone(),
    ];
    let answers = answers(&["verify", "--batch"], &requests, 3);
    let kinds: Vec<&str> = answers
        .iter()
        .map(|answer| answer["result"].as_str().or(answer["error"]["code"].as_str()).unwrap())
        .collect();
    let bad = "invalid-request";
    assert_eq!(kinds, ["accept", bad, bad, bad, bad, bad, bad, bad, bad, "reject", "accept"]);
    assert_eq!(
        answers[1]["error"]["message"],
        "`client_ids`: at least one client id is required, and none may be empty"
    );
    assert!(!answers[6].to_string().contains("eyJ"), "the error contains a value of the line");
}

/// A client may wait for each answer before it writes the next line.
#[test]
fn each_line_is_answered_before_the_next_one_is_read() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_upsign"))
        .args(["jwks", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        writeln!(lines, "{{\"id\":{n},\"status\":404}}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        let answer = parse(&answer);
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(n), &json!("key-set-status")));
        assert_eq!(answer["error"]["line"], n + 1);
        assert!(answer["error"]["message"].as_str().unwrap().contains("404"), "{answer}");
    }
    drop(lines);
    assert!(child.wait().unwrap().success());
}
