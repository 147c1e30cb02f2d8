//! The batches that judge, through the corpora.

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

/// The answers to `requests`, which are as many, in order, and name the same ids.
#[track_caller]
fn answers(arguments: &[&str], requests: &[Value], exit: i32) -> Vec<Value> {
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let finished = upsign(arguments).given(&lines);
    let answers: Vec<Value> = finished.exits(exit).stdout().lines().map(parse).collect();
    let ids = |all: &[Value]| all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&answers), ids(requests));
    answers
}

/// `case`'s own setting, else the corpus's.
fn setting(corpus: &Value, case: &Value, name: &str) -> Value {
    case["config"].get(name).unwrap_or(&corpus["defaults"][name]).clone()
}

/// No `must` is missed, and of twenty `should` at most one.
#[track_caller]
fn weigh(cases: &[Value], right: impl Fn(usize) -> bool) {
    let mut missed = BTreeMap::<&str, Vec<&str>>::new();
    let mut shoulds = 0;
    for (place, case) in cases.iter().enumerate() {
        let severity = case["severity"].as_str().unwrap_or("must");
        shoulds += usize::from(severity == "should");
        if !right(place) {
            missed.entry(severity).or_default().push(case["id"].as_str().unwrap());
        }
    }
    assert_eq!(missed.remove("must"), None);
    let missed = missed.remove("should").unwrap_or_default();
    assert!(missed.len() * 20 <= shoulds, "{missed:?} of {shoulds}");
}

fn token(corpus: &Value, case: &Value) -> Value {
    let setting = |name| setting(corpus, case, name);
    json!({
        "id": case["id"], "token": case["token"], "jwks": corpus["jwks_sets"][case["jwks"].as_str().unwrap()],
        "issuer": setting("issuer"), "client_ids": setting("client_ids"), "token_use": setting("token_use"),
        "now": setting("now_epoch"), "leeway": setting("leeway_seconds"),
        "required_groups": setting("required_groups"), "required_scopes": setting("required_scopes"),
    })
}

#[test]
fn tokens() {
    let corpus = corpus!("jwt_attack.json");
    let cases = cases(&corpus);
    let requests: Vec<Value> = cases.iter().map(|case| token(&corpus, case)).collect();
    let answers = answers(&["verify", "--batch"], &requests, 0);
    weigh(cases, |place| {
        let (case, answer) = (&cases[place], &answers[place]);
        let signature = case["token"].as_str().unwrap().rsplit('.').next().unwrap();
        assert!(signature.len() < 16 || !answer.to_string().contains(signature), "the signature is told");
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
fn signatures() {
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
fn key_sets() {
    let corpus = corpus!("jwks_documents.json");
    let cases = cases(&corpus);
    let request = |case: &Value| {
        let told = ["id", "status", "headers", "body", "body_b64"];
        let told = told.into_iter().filter(|name| !case[name].is_null());
        Value::Object(told.map(|name| (name.to_owned(), case[name].clone())).collect::<Map<_, _>>())
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
fn identities() {
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
    weigh(cases, |place| identified(&cases[place]["expect"], &answers[place]));
    let found = |wanted: &str| answers.iter().filter(|answer| answer["result"] == wanted).count();
    assert!(found("identity") > 5 && found("identity-iam") > 1 && found("reject") > 10);
}

fn identified(expected: &Value, found: &Value) -> bool {
    let told = ["sub", "username", "groups", "scopes", "token_use", "issuer", "client_id", "http"];
    let fits = |name: &str| {
        expected.get(name).is_none_or(|wanted| found.get(name).unwrap_or(&Value::Null) == wanted)
    };
    let among = |any: &Value| any.as_array().is_none_or(|any| any.contains(&found["groups"]));
    let has = |group: &Value| found["groups"].as_array().is_some_and(|groups| groups.contains(group));
    let none = expected["groups_must_not_include"].as_array().is_none_or(|not| !not.iter().any(has));
    expected["result"] == "either"
        || (expected["result"] == found["result"]
            && told.into_iter().all(fits)
            && among(&expected["groups_any_of"])
            && none)
}

/// What is no request is told from what is refused.
#[test]
fn a_line_that_is_no_request() {
    let corpus = corpus!("jwt_attack.json");
    let good = token(&corpus, &cases(&corpus)[0]);
    let with = |name: &str, value: Value| {
        let mut request = good.clone();
        request[name] = value;
        request
    };
    let requests = [
        good.clone(),
        with("client_ids", json!([])),
        with("token_use", json!("refresh")),
        with("issuer", json!("http://id.example.com")),
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
    let bad = "bad-line";
    assert_eq!(kinds, ["accept", bad, bad, bad, bad, bad, bad, bad, bad, "reject", "accept"]);
    assert_eq!(
        answers[1]["error"]["reason"],
        "`client_ids`: at least one client id is needed, and none may be empty"
    );
    assert!(!answers[6].to_string().contains("eyJ"), "what the line held is told");
}

/// Each answer comes before the next question is asked.
#[test]
fn an_answer_waits_for_no_further_line() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_upsign"))
        .args(["jwks", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut questions = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        writeln!(questions, "{{\"id\":{n},\"status\":404}}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert_eq!(parse(&answer), json!({"id": n, "error": {"code": "key-set-status"}}));
    }
    drop(questions);
    assert!(child.wait().unwrap().success());
}

/// For a person: flags in place of a file, and the reason in words.
#[test]
fn a_person_needs_no_file() {
    let corpus = corpus!("jwt_attack.json");
    let case = &cases(&corpus)[0];
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let token = case["token"].as_str().unwrap();
    let verify = |more: &[&str]| {
        let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z", "--token-use=access"];
        upsign(&[&shared, more].concat()).file("keys.json", &jwks).given(token)
    };
    let pool = "--user-pool=us-east-1_TestPool1";
    verify(&[pool, "--client-id=other", "--client-id=client-app-1"]).exits(0).says("a valid access token");
    verify(&[pool, "--client-id=other"]).exits(1).says("(client)");
    let issuer = "--issuer=https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1";
    let client = "--client-id=client-app-1";
    verify(&[issuer, "--jwks-uri=https://id.example.com/keys", client]).exits(0);
    let http = "--jwks-uri=http://127.0.0.1:9/keys";
    verify(&[issuer, http, client]).exits(2).says("https");
    verify(&[issuer, http, client, "--danger-http-issuer"]).exits(0);
    verify(&[issuer, client]).exits(2);
    verify(&[pool]).exits(2);
    let keys = upsign(&["jwks", "keys.json"]).file("keys.json", &jwks).output();
    assert!(keys.exits(0).stdout().lines().any(|kid| kid == "rsa-1"));
    upsign(&["jwks", "keys.json"]).file("keys.json", "{}").output().exits(1).says("no array `keys`");
}

/// Flags stand over the file, which keeps the rest of its `[auth]`.
#[test]
fn flags_stand_over_the_file() {
    let corpus = corpus!("jwt_attack.json");
    let jwks = corpus["jwks_sets"]["main"].to_string();
    let verify = |more: &[&str], file: &str| {
        let shared = ["verify", "-", "--jwks=keys.json", "--at=2026-01-01T00:00:00Z", "--json"];
        let run = upsign(&[&shared, more].concat()).file("keys.json", &jwks).file("upsign.toml", file);
        run.given(cases(&corpus)[0]["token"].as_str().unwrap())
    };
    let file = crate::run::CONFIG.replace("ap-southeast-1_AbCdEf123", "us-east-1_TestPool1");
    assert_eq!(verify(&[], &file).exits(1).json()["code"], "client");
    verify(&["--client-id=client-app-1"], &file).exits(0);
    let file = file.replace("[auth]\n", "[auth]\ngroups = [\"admin\"]\n");
    assert_eq!(verify(&["--client-id=client-app-1"], &file).exits(1).json()["code"], "groups");
}
