//! The tables of the manual's page about claims are those of the corpus `claims_sources.json`, which `upsign-cognito` checks against
//! the reader of claims.

use std::collections::BTreeMap;

use serde_json::Value;

const CORPUS: &str = include_str!("../../vectors/claims_sources.json");
const PAGE: &str = include_str!("../../../upsign/src/manual/howto/claims.rs");

fn corpus() -> Value {
    serde_json::from_str(CORPUS).unwrap()
}

fn members<'a>(corpus: &'a Value, name: &str) -> &'a Vec<Value> {
    corpus[name].as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Returns a value as code, in the form in which an event contains it.
fn code(value: &Value) -> String {
    format!("`{value}`")
}

/// Returns what a source sends in these cases, or a dash if it has none of them.
fn sent(corpus: &Value, source: &str, names: &[&str]) -> String {
    let find = |name: &&str| {
        let id = format!("{source}/{name}");
        members(corpus, "cases").iter().find(|case| text(&case["id"]) == id)
    };
    let all: Vec<String> = names.iter().filter_map(find).map(|case| code(&case["sent"])).collect();
    if all.is_empty() { "–".to_owned() } else { all.join(", ") }
}

/// How each source spells the types.
fn spellings(corpus: &Value) -> Vec<String> {
    let mut table = vec![
        "| source | the list of `admin` and `uploaders` | 42 | true | a list in place of one value: rejected | expiry |".to_owned(),
        "| --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    // IAM has no claims, only a subject.
    let with_claims = |source: &&Value| !text(&source["id"]).starts_with("iam-");
    for source in members(corpus, "sources").iter().filter(with_claims) {
        let sent = |names: &[&str]| sent(corpus, text(&source["id"]), names);
        table.push(format!(
            "| [{}]({}) | {} | {} | {} | {} | {} |",
            text(&source["name"]),
            text(&source["page"]),
            sent(&["groups", "groups-list", "groups-json-text", "groups-commas"]),
            sent(&["key-number"]),
            sent(&["key-boolean"]),
            sent(&["key-list", "key-brackets"]),
            sent(&["expired", "expired-date"]),
        ));
    }
    table
}

/// What claims are read as, in the order of the table.
const READS: [&str; 5] = ["groups", "scopes", "key", "subject", "expiry"];

/// What each source sends that is not read as it stands, with the sources that have the same outcome in one row.
fn unusable(corpus: &Value) -> Vec<String> {
    let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
    let mut places = BTreeMap::new();
    let order = |case: &&Value| READS.iter().position(|reads| case["reads"] == *reads).unwrap();
    let mut cases: Vec<&Value> = members(corpus, "cases").iter().collect();
    cases.sort_by_key(order);
    for case in cases {
        let expected = &case["expect"];
        let outcome = match (&expected["unusable"], &expected["unreadable"]) {
            (Value::String(reason), _) => format!("rejected: {reason}"),
            (_, Value::String(_)) if case["reads"] == "expiry" => {
                "left to the check of the gateway".to_owned()
            }
            (_, Value::String(_)) => "grants nothing, with a warning".to_owned(),
            _ => continue,
        };
        let reads = match text(&case["reads"]) {
            "key" => "one value",
            other => other,
        };
        let form =
            case["form"].as_str().filter(|form| *form != "json").map(|form| format!(", form `{form}`"));
        let row = format!("| {reads}{} | {} | {outcome} |", form.unwrap_or_default(), code(&case["sent"]));
        let place = *places.entry(row.clone()).or_insert_with(|| {
            rows.push((row, Vec::new()));
            rows.len() - 1
        });
        let source = members(corpus, "sources").iter().find(|source| source["id"] == case["source"]).unwrap();
        rows.get_mut(place).unwrap().1.push(text(&source["name"]));
    }
    let head = ["| read as | sent | outcome | source |", "| --- | --- | --- | --- |"].map(str::to_owned);
    let rows = rows.into_iter().map(|(row, sources)| format!("{row} {} |", sources.join("; ")));
    head.into_iter().chain(rows).collect()
}

#[track_caller]
fn assert_in_page(table: &[String]) {
    let lines: String = table.iter().map(|line| format!("//! {line}\n")).collect();
    assert!(PAGE.contains(&lines), "replace the table of crates/upsign/src/manual/howto/claims.rs:\n{lines}");
}

#[test]
fn manual_shows_how_each_source_spells_claims() {
    assert_in_page(&spellings(&corpus()));
}

#[test]
fn manual_shows_which_spellings_are_not_read() {
    assert_in_page(&unusable(&corpus()));
}
