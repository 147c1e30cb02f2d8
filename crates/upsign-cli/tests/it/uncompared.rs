//! What `upsign check --against` does not understand or does not read: it is in the report, and no comparison claims it.

use serde_json::{Value, json};

use crate::run::{CONFIG, Finished, upsign};

/// Returns the policy of the role with one member of its first statement changed by `change`.
fn role(change: impl Fn(&mut serde_json::Map<String, Value>)) -> String {
    let role = upsign(&["documents", "iam"]).file("upsign.toml", CONFIG).output().exits(0).stdout();
    let mut role: Value = serde_json::from_str(&role).unwrap();
    change(role["Statement"][0].as_object_mut().unwrap());
    role.to_string()
}

fn check(name: &str, text: &str, options: &[&str]) -> Finished {
    let run = upsign(&[&["check", "--against", name], options].concat());
    run.file("upsign.toml", CONFIG).file(name, text).output()
}

#[test]
fn role_with_an_unknown_condition_is_not_compared() {
    for (condition, reason) in [
        (json!({"StringResembles": {"aws:PrincipalTag/team": "web"}}), "is not a condition operator"),
        (json!({"StringEquals": {"aws:PrincipalTag/team": {"not": "text"}}}), "Condition"),
    ] {
        let role = role(|statement| {
            statement.insert("Condition".to_owned(), condition.clone());
        });
        let report = check("role.json", &role, &[]).exits(1).stdout();
        assert!(report.contains("not compared: role.json: ") && report.contains(reason), "{report}");
        assert!(!report.contains("agrees with upsign.toml"), "{report}");
        let json = check("role.json", &role, &["--json"]).exits(1).json();
        assert_eq!(json["uncompared"].as_array().unwrap().len(), 1, "{json}");
        assert_eq!(json["uncompared"][0]["allowed"], false, "{json}");
    }
}

#[test]
fn role_with_negated_actions_is_compared() {
    let negated = role(|statement| {
        let actions = statement.remove("Action").unwrap();
        statement.insert("NotAction".to_owned(), actions);
    });
    let report = check("role.json", &negated, &[]).exits(1).stdout();
    assert!(report.contains("wider: role.json: every action except s3:PutObject on "), "{report}");
    assert!(report.contains("breaks uploads: role.json: s3:PutObject on "), "{report}");
    // One that is invalid is not compared.
    let both = role(|statement| {
        statement.insert("NotAction".to_owned(), "s3:PutObject".into());
    });
    let report = check("role.json", &both, &[]).exits(1).stdout();
    assert!(report.contains("not compared: role.json: "), "{report}");
    assert!(report.contains("role ✗") || report.contains("role ?"), "{report}");
    assert!(!report.contains("role ✓"), "{report}");
}

/// The result of a document that agrees does not cover the others.
#[test]
fn json_of_a_single_document_claims_only_itself() {
    for (document, part) in [("cors", "cors"), ("iam", "role"), ("bucket-policy", "bucket policy")] {
        let text = upsign(&["documents", document]).file("upsign.toml", CONFIG).output().exits(0).stdout();
        let json = check("document.json", &text, &["--json"]).exits(0).json();
        let parts = json!([{"file": "document.json", "part": part, "verdict": "equal"}]);
        assert_eq!((&json["stack"], &json["parts"]), (&json!(false), &parts), "{json}");
    }
}
