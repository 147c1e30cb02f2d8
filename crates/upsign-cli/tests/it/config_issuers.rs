//! `upsign check` and `upsign key` with the names and the requirements of issuers.

use serde_json::json;

use crate::config_commands::json_of;
use crate::run::{CONFIG, Finished, upsign};

/// Returns a file with these issuers, whose keys begin with `{issuer}/{sub}/`, and the route has this additional line.
fn file_of_issuers(issuers: &str, line: &str) -> String {
    let (before, rest) = CONFIG.split_once("[auth]").unwrap();
    let (_, cors) = rest.split_once("[cors]").unwrap();
    let before = before.replace("articles/{article_id}/raw", "{issuer}/{sub}");
    format!("{}{issuers}[cors]{cors}", before.replace("ids = [\"article_id\"]", line))
}

/// Routes for some kinds of callers only can be a choice. Demands that nobody meets cannot.
#[test]
fn demands_that_exclude_some_callers_are_not_denied_with_other_warnings() {
    let pool = "[auth]\nname = \"main\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\n\
                token_use = \"access\"\nscopes = [\"uploads/write\"]\n";
    let check = |line: &str| {
        let text = file_of_issuers(pool, line).replace("bodyless = \"allow\"", "bodyless = \"refuse\"");
        upsign(&["check", "--deny-warnings", "--json"]).file("upsign.toml", &text).output()
    };
    let codes = |run: &Finished| -> Vec<String> {
        let report = json_of(run);
        let warnings = report["warnings"].as_array().unwrap();
        warnings.iter().map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
    };
    let excluded = check("groups = [\"editors\"]");
    excluded.exits(0);
    assert_eq!(codes(&excluded), ["excluded-callers"]);
    let impossible = check("scopes = [\"write\"]");
    impossible.exits(1);
    assert_eq!(codes(&impossible), ["unlikely-scope"]);
}

#[test]
fn key_contains_the_name_of_the_issuer() {
    let issuer = |name: &str, pool: &str| {
        format!(
            "[[auth]]\nname = \"{name}\"\nuser_pool = \"{pool}\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\ntoken_use = \"access\"\n"
        )
    };
    let file = |issuers: &str| file_of_issuers(issuers, "");
    let staff = issuer("staff", "ap-southeast-1_AbCdEf123");
    let both = file(&(staff.clone() + &issuer("customers", "ap-southeast-1_XyZwVu987")));
    let key = |file: &str, more: &[&str]| {
        let upload = ["key", "--sub=7", "--content-type=image/png", "--content-length=2000"];
        upsign(&[&upload, more].concat()).file("upsign.toml", file).output()
    };
    let check = upsign(&["check", "--json"]).file("upsign.toml", &both).output();
    let bucket = "arn:aws:s3:::article-images-bucket";
    let resources = json!([format!("{bucket}/staff/*/*.*"), format!("{bucket}/customers/*/*.*")]);
    assert_eq!(json_of(&check)["routes"][0]["resources"], resources);
    let run = key(&both, &["--issuer-name=customers"]);
    run.exits(0);
    assert!(run.stdout().starts_with("customers/7/"), "{}", run.stdout());
    // A single issuer is the one that is meant.
    let run = key(&file(&staff), &[]);
    run.exits(0);
    assert!(run.stdout().starts_with("staff/7/"), "{}", run.stdout());
    key(&both, &[])
        .exits(2)
        .has_message("the issuer of the caller is not given")
        .has_message("one of staff, customers");
    key(&both, &["--issuer-name=guests"]).exits(2).has_message("no issuer has the name guests");
    key(&both, &["--issuer-name=A B"]).exits(2).has_message("starting with a letter");
    key(CONFIG, &["--issuer-name=staff"]).exits(2).has_message("upsign.toml names none");
}

/// The server and the function read the file of a key set at start.
#[test]
fn key_set_that_cannot_be_used_is_a_warning() {
    let issuer = |name: &str, file: &str| {
        format!(
            "[[auth]]\nname = \"{name}\"\nprovider = \"oidc\"\nissuer = \"https://{name}.example.com\"\naudiences = [\"api\"]\n\
             token_use = \"access\"\njwks_file = \"{file}\"\n"
        )
    };
    let issuers = [issuer("staff", "/nowhere/keys.json"), issuer("customers", "keys.json")].concat();
    let text = file_of_issuers(&issuers, "").replace("bodyless = \"allow\"", "bodyless = \"refuse\"");
    let line = text.lines().position(|line| line == "jwks_file = \"keys.json\"").unwrap() + 1;
    let check = || upsign(&["check", "--json", "--deny-warnings"]).file("upsign.toml", &text);
    // The other path is absolute, so it can be that of another machine.
    for (run, reason) in [
        (check().output(), "cannot read keys.json, the value of auth.jwks_file: "),
        (
            check().file("keys.json", "{}").output(),
            "keys.json, the value of auth.jwks_file, cannot be used: ",
        ),
    ] {
        let report = json_of(run.exits(1));
        let [warning] = report["warnings"].as_array().unwrap().as_slice() else { panic!("{report}") };
        assert_eq!((&warning["code"], &warning["line"]), (&json!("unusable-keys"), &json!(line)));
        assert_eq!(warning["key"], "auth[1].jwks_file");
        assert!(warning["message"].as_str().unwrap().starts_with(reason), "{warning}");
    }
    let issuer = upsign_testing::tokens::TestIssuer::custom("https://customers.example.com");
    check().file("keys.json", &issuer.jwks()).output().exits(0);
}
