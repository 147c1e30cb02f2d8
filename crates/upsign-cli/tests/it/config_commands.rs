//! `upsign check`, `init`, `schema` and `key`.

use serde_json::{Value, json};

use crate::run::{CONFIG, Finished, upsign};

const ROUTES: &str = r#"
[route.avatars]
key = "articles/{sub}/{id}.{ext}"
types = ["image/webp"]
max_size = "1 MiB"
method = "post"
bodyless = "allow"

[route.raw]
bucket = "raw-bucket"
key = "{group}/{claim:custom:tenant}/{id}/{filename}"
types = ["video/*"]
max_size = "1 GiB"
expires_in = "1h"
bodyless = "refuse"
checksums = ["sha256"]
require_checksum = true
keep_file_name = true
"#;

/// Returns the file that `upsign init` writes.
fn untouched_file() -> String {
    let run = upsign(&["init", "-"]).output();
    run.exits(0);
    run.stdout()
}

/// Returns the file that `upsign init` writes, with its values confirmed.
fn initial_file() -> String {
    untouched_file().replace("# CHANGE", "#")
}

pub(crate) fn json_of(run: &Finished) -> Value {
    serde_json::from_str(run.stdout().trim()).unwrap()
}

#[test]
fn possible_issuers_of_a_pool_are_explained() {
    let run = upsign(&["check"]).file("upsign.toml", &initial_file()).output();
    let output = run.stdout();
    let lines: Vec<&str> = output.split_whitespace().collect();
    assert!(
        lines.join(" ").contains("(one user pool, whose setting IssuerConfiguration decides which)"),
        "{output}"
    );
}

#[test]
fn the_initial_file_has_no_warnings() {
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &initial_file()).output();
    run.exits(0);
    let text = run.stderr() + &run.stdout();
    for part in ["article-images-bucket in ap-southeast-1", "PUT articles/", "if-none-match: *", "access"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn check_prints_the_headers_of_pages_and_the_base_path() {
    let file =
        CONFIG.replace("[cors]", "[server]\nbase_path = \"/api\"\n[cors]\nallow_headers = [\"traceparent\"]");
    let text = upsign(&["check"]).file("upsign.toml", &file).output().stdout();
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("page headers authorization, content-type, traceparent"), "{text}");
    assert!(plain.contains("base path /api"), "{text}");
    let json = json_of(&upsign(&["--json", "check"]).file("upsign.toml", &file).output()).to_string();
    assert!(json.contains(r#""basePath":"/api""#) && json.contains("\"pageHeaders\""), "{json}");
    let text = upsign(&["check"]).file("upsign.toml", CONFIG).output().stdout();
    assert!(!text.contains("page headers") && !text.contains("base path"), "{text}");
}

#[test]
fn init_does_not_overwrite_a_file_without_force() {
    let run = upsign(&["init"]).file("upsign.toml", "mine").output();
    run.exits(2);
    assert!(run.stderr().contains("upsign.toml already exists and was not changed"), "{}", run.stderr());
    upsign(&["init", "--force"]).file("upsign.toml", "mine").output().exits(0);
    upsign(&["init", "absent/upsign.toml"]).output().exits(2);
}

/// Returns the initial file with the lines that are comments, except those that begin with one of these texts.
fn initial_file_with_comments(except: &[&str]) -> String {
    let is_line = |line: &str| line.contains(" = ") || line.starts_with('[');
    let lines = initial_file();
    let lines = lines.lines().map(|line| match line.strip_prefix("# ") {
        Some(line) if is_line(line) && !line.contains("minio") && !line.starts_with("endpoint") => line,
        Some(_) => "",
        None => line,
    });
    let kept = lines.filter(|line| !except.iter().any(|start| line.starts_with(start)));
    kept.map(|line| format!("{line}\n")).collect()
}

#[test]
fn commented_out_lines_of_the_initial_file_are_valid() {
    // Each of these has an effect only with another value than that of the example.
    let alone = [
        "addressing",
        "accelerate",
        "method = \"put\"",
        // The other setting for the same thing.
        "replace",
        "gate",
        // With `require_checksum`, no route serves Uppy.
        "dialects",
        // For Redis only.
        "url = \"env:UPSIGN_REDIS_URL\"",
        // For RustFS only.
        "size_bound",
        "infrequent_after",
        "shared_content",
        // For forms only.
        "success_action_status",
        "success_action_redirect",
        "listener_arn",
        "scanner_role",
        "distribution_arn",
        // The key set is empty, and a file is elsewhere.
        "jwks = ",
        "jwks_file",
        "identity_pool",
        "danger_http_keys",
        // For reads = "cloudfront" only.
        "[cloudfront]",
        "private_key",
        "public_keys",
        "domain",
        "key_pair_id",
        "public_reads",
    ];
    let pool = ["provider = \"oidc\"", "issuer", "jwks_uri", "token_type"];
    let oidc = ["user_pool", "client_ids"];
    for of_provider in [&pool[..], &oidc[..]] {
        let text = initial_file_with_comments(&[&alone, of_provider].concat());
        let run = upsign(&["--json", "check"]).file("upsign.toml", &text).output();
        assert!(run.stderr().lines().all(|line| line.starts_with("warning")), "{}\n{text}", run.stderr());
        assert_eq!(json_of(&run)["routes"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn unknown_variable_is_refused_with_the_nearest_name() {
    let run =
        upsign(&["check"]).file("upsign.toml", &initial_file()).variable("UPSIGN_MAX_SISE", "1 kB").output();
    run.exits(2).has_message("UPSIGN_MAX_SISE: unknown variable\nhelp: did you mean UPSIGN_MAX_SIZE?");
    let known = upsign(&["check"])
        .file("upsign.toml", &initial_file())
        .variable("UPSIGN_LISTEN", "127.0.0.1:0")
        .output();
    known.exits(0);
}

#[test]
fn check_shows_what_each_route_grants() {
    let text = initial_file() + ROUTES;
    let run = upsign(&["--json", "check"]).file("upsign.toml", &text).output();
    run.exits(0);
    let result = json_of(&run);
    let [upload, avatars, raw] = [0, 1, 2].map(|index| &result["routes"][index]);
    assert_eq!((&upload["route"], &upload["method"]), (&json!("upload"), &json!("PUT")));
    assert_eq!((&avatars["route"], &avatars["method"]), (&json!("avatars"), &json!("POST")));
    assert_eq!(avatars["send"]["Content-Type"], "image/webp");
    assert_eq!(upload["resource"], "arn:aws:s3:::article-images-bucket/articles/*/raw/*.*");
    assert_eq!(raw["resource"], "arn:aws:s3:::raw-bucket/*/*/*/*");
    assert_eq!(raw["request"]["fileName"], "example.mp4");
    assert!(raw["key"].as_str().unwrap().starts_with("group/example/"), "{raw}");
    assert_eq!(raw["send"]["x-amz-meta-filename"], "example.mp4");
    assert_eq!((&raw["bucket"], &raw["region"]), (&json!("raw-bucket"), &json!("ap-southeast-1")));
    assert_eq!((&raw["types"], &raw["expiresIn"]), (&json!(["video/*"]), &json!(3600)));
    assert_eq!((&raw["minSize"], &raw["maxSize"]), (&json!(1), &json!(1 << 30)));
    assert_eq!(raw["template"], "{group}/{claim:custom:tenant}/{id}/{filename}");
    let issuers = result["callers"]["issuers"].as_array().unwrap();
    assert_eq!(issuers.len(), 1);
    assert_eq!(issuers[0]["tokens"], "access");
    assert_eq!(issuers[0]["clients"], json!(["3n4b5urk1ft4fl3mg5e62d9ado"]));
    assert_eq!(issuers[0]["iss"].as_array().unwrap().len(), 2);
    let keys = issuers[0]["keys"]["uri"].as_str().unwrap();
    assert!(keys.ends_with("/ap-southeast-1_AbCdEf123/.well-known/jwks.json"), "{keys}");
    assert_eq!(result["callers"]["tokenHeader"], "authorization");
    assert_eq!(result["callers"]["maxTokenSize"], 8_192);
    assert_eq!(result["callers"]["fetchTimeout"], 3);
    assert_eq!(result["routes"][0]["requestHeaders"], json!({"authorization": "Bearer TOKEN"}));
    assert_eq!(result["callers"]["pages"], json!(["https://app.example.com"]));
    assert_eq!(result["verdict"], "warnings");
    let denied = upsign(&["--json", "check", "--deny-warnings"]).file("upsign.toml", &text).output();
    denied.exits(1);
    assert_eq!(json_of(&denied)["verdict"], "denied");
    let text_of = |warning: &Value| {
        format!("{}: {}", warning["key"].as_str().unwrap(), warning["message"].as_str().unwrap())
    };
    let warnings: Vec<String> = result["warnings"].as_array().unwrap().iter().map(text_of).collect();
    for part in [
        "route.avatars.bodyless: a request without a body",
        "route.raw.expires_in: a grant is valid for 1 h",
        "route.raw.key: the key begins with the placeholder `{group}`, so the signing role must be permitted to write `arn:aws:s3:::raw-bucket/*/*/*/*`",
        "route.raw.types: `video/*`",
        "route.avatars.key: [upload] and this route write to the same folder",
    ] {
        assert!(warnings.iter().any(|warning| warning.starts_with(part)), "{part}: {warnings:#?}");
    }
    assert!(
        !run.stdout().contains("X-Amz-Signature") && !run.stdout().contains("policy\":"),
        "{}",
        run.stdout()
    );
    upsign(&["check", "--deny-warnings"]).file("upsign.toml", &text).output().exits(1);
    let bad = upsign(&["check"]).file("upsign.toml", &text.replace("1 GiB", "0")).output();
    bad.exits(2);
    assert!(
        bad.stderr().contains("route.raw.max_size: the maximum size must be at least 1 byte"),
        "{}",
        bad.stderr()
    );
}

#[test]
fn client_supplied_ids_need_an_authorizer() {
    let text = initial_file().replacen(
        "ids = [\"article_id\"]",
        "ids = [\"article_id\"]\nclient_may_supply = [\"article_id\"]",
        1,
    );
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    run.exits(0).has_message("upload.client_may_supply: requires an application");
    let run = upsign(&["serve", "--listen", "127.0.0.1:0"]).credentials().file("upsign.toml", &text).output();
    run.exits(2);
    assert!(run.stderr().contains("client_may_supply"), "{}", run.stderr());
}

#[test]
fn schema_prints_the_committed_schema() {
    let run = upsign(&["schema"]).output();
    run.exits(0);
    assert_eq!(run.stdout(), include_str!("../../../upsign-config/upsign.schema.json"));
}

#[test]
fn key_applies_the_policy_of_a_route() {
    let text = initial_file() + ROUTES;
    let run = upsign(&["--json", "key", "--content-type", "image/png", "--content-length", "7"])
        .file("upsign.toml", &text)
        .output();
    run.exits(0);
    let result = json_of(&run);
    assert_eq!(result["method"], "PUT");
    assert!(result["key"].as_str().unwrap().contains(result["ids"]["articleId"].as_str().unwrap()));
    let refused = upsign(&["key", "--route", "raw", "--content-type", "image/png", "--content-length", "7"])
        .file("upsign.toml", &text)
        .output();
    refused.exits(1);
    assert!(refused.stderr().contains("content-type-not-allowed"), "{}", refused.stderr());
    let crew =
        ["key", "--route", "raw", "--content-type", "video/mp4", "--content-length", "7", "--group", "crew"];
    let more = ["--claim", "custom:tenant=acme", "--file-name", "a.mp4", "--checksum"];
    let sum = ["sha256=9mnY7EnWb7w/rF7BdfAazum2dnOrQzk7xkS44Xu+qII="];
    let run = upsign(&[&crew[..], &more, &sum].concat()).file("upsign.toml", &text).output();
    run.exits(0);
    assert!(
        run.stdout().starts_with("crew/acme/") && run.stdout().trim_end().ends_with("/a.mp4"),
        "{}",
        run.stdout()
    );
    let closed = text.replacen("bodyless = \"allow\"", "bodyless = \"allow\"\ngroups = [\"members\"]", 1);
    let run = upsign(&["key", "--route", "avatars"]).file("upsign.toml", &closed).output();
    run.exits(1).has_message("route-forbidden");
    let run = upsign(&["--json", "key", "--route", "avatars", "--group", "members"])
        .file("upsign.toml", &closed)
        .output();
    assert_eq!(json_of(&run)["size"], json!([1, 1 << 20]));
    upsign(&["key", "--route", "nowhere"]).file("upsign.toml", &text).output().exits(2);
}

/// `key` reads the file named by `--config` or `UPSIGN_CONFIG`, and variables override it, as for every other command.
#[test]
fn key_reads_the_configuration_like_other_commands() {
    let upload = ["key", "--content-type=image/png", "--content-length=2000", "--json"];
    let key = |more: &[&str], variables: &[(&str, &str)]| {
        let mut run = upsign(&[&upload, more].concat()).file("other.toml", &initial_file());
        for (name, value) in variables {
            run = run.variable(name, value);
        }
        run.output()
    };
    key(&[], &[]).exits(2).has_message("no upsign.toml in ");
    key(&["--config=other.toml"], &[]).exits(0);
    key(&[], &[("UPSIGN_CONFIG", "other.toml")]).exits(0);
    key(&[], &[("UPSIGN_CONFIG", "other.toml"), ("UPSIGN_MAX_SIZE", "1 kB")])
        .exits(1)
        .has_message("too-large");
    key(&["--config=absent.toml"], &[]).exits(2).has_message("cannot read absent.toml");
    let bodyless = upsign(&["key"]).file("upsign.toml", &initial_file()).output();
    bodyless.exits(1).has_message("body-required").has_message("--content-length");
}

#[test]
fn the_sample_upload_fits_content_type_ranges_and_short_file_names() {
    let text = initial_file()
        .replacen("types = [\"image/jpeg\", \"image/png\", \"image/webp\"]", "types = [\"chemical/*\"]\ndisposition = \"attachment\"\nextensions = { \"chemical/x-pdb\" = [\"pdb\"] }\nkeep_file_name = true\nmax_file_name = 8", 1);
    let run = upsign(&["--json", "check", "--deny-warnings"]).file("upsign.toml", &text).output();
    let result = json_of(&run);
    assert_eq!(result["routes"][0]["request"]["contentType"], "chemical/x-pdb", "{result}");
    assert_eq!(result["routes"][0]["request"]["fileName"], "a.pdb", "{result}");
}

/// A file with values of one's own in all lines that are marked.
fn changed_file() -> String {
    let text = untouched_file()
        .replacen("\"article-images-bucket\"", "\"images-of-acme\"", 1)
        .replacen("\"ap-southeast-1_AbCdEf123\"", "\"ap-southeast-1_Q1w2E3r4T\"", 1)
        .replacen("\"3n4b5urk1ft4fl3mg5e62d9ado\"", "\"5k2n8v1c7x3m9q4w6e0r2t8y1u\"", 1);
    text.replacen("\"https://app.example.com\"", "\"https://www.acme.example\"", 1)
}

#[test]
fn values_that_are_still_examples_are_warnings_and_not_served() {
    let run = upsign(&["check"]).file("upsign.toml", &untouched_file()).output();
    run.exits(0).has_message("warning: bucket.name: still the example \"article-images-bucket\"");
    assert_eq!(run.stderr().matches("still the example").count(), 5, "{}", run.stderr());
    assert!(
        run.stdout().ends_with(
            "1 route, 5 warnings\nnext: 5 values are still examples: change the lines marked CHANGE, then: upsign check\n"
        ),
        "{}",
        run.stdout()
    );
    let run = upsign(&["serve", "--listen", "127.0.0.1:0"]).credentials();
    run.file("upsign.toml", &untouched_file())
        .output()
        .exits(2)
        .has_message("error: auth.user_pool: still the example");
    // The example region is a real one, so a bucket in it is no example.
    let run = upsign(&["check", "--deny-warnings"]).file("upsign.toml", &changed_file()).output();
    run.exits(0);
    assert_eq!(run.stderr(), "");
    assert!(run.stdout().ends_with("1 route, no warnings\nnext: upsign serve\n"), "{}", run.stdout());
    // A variable replaces an example.
    let run =
        upsign(&["check"]).file("upsign.toml", &untouched_file()).variable("UPSIGN_BUCKET", "images-of-acme");
    assert_eq!(run.output().stderr().matches("still the example").count(), 3);
}

#[test]
fn init_lists_the_lines_to_change() {
    let run = upsign(&["init"]).output();
    run.exits(0);
    let (text, output) = (untouched_file(), run.stdout());
    let marked: Vec<usize> =
        text.lines().zip(1..).filter(|(line, _)| line.contains("# CHANGE")).map(|(_, n)| n).collect();
    assert_eq!(marked.len(), 5);
    for line in &marked {
        assert!(output.contains(&format!("upsign.toml:{line} ")), "{line}: {output}");
    }
    assert!(
        output.ends_with("next: upsign check   (or try it without AWS: upsign dev --config upsign.toml)\n"),
        "{output}"
    );
    let (_, review) = output.split_once("Then probably:\n").unwrap();
    for key in ["upload.key", "upload.ids", "upload.types", "upload.max_size"] {
        let (_, name) = key.split_once('.').unwrap();
        let line = text.lines().position(|line| line.starts_with(&format!("{name} ="))).unwrap() + 1;
        let found = review.lines().find(|line| line.contains(key)).unwrap();
        assert!(found.contains(&format!("upsign.toml:{line} ")), "{found}");
    }
    let run = upsign(&["--json", "init", "other.toml"]).output();
    let result = json_of(&run);
    assert_eq!(result["file"], "other.toml");
    assert_eq!(result["change"][0]["key"], "bucket.name");
    assert_eq!(result["change"][0]["value"], "article-images-bucket");
    assert_eq!(result["review"][3]["key"], "upload.max_size");
    let run = upsign(&["--json", "init"]).file("upsign.toml", "mine").output();
    run.exits(2);
    assert!(
        json_of(&run)["error"]["message"].as_str().unwrap().contains("already exists"),
        "{}",
        run.stdout()
    );
}

#[test]
fn without_a_file_one_error_says_how_to_start() {
    for command in ["check", "serve", "key"] {
        let run = upsign(&[command]).credentials().variable("AWS_REGION", "ap-southeast-1").output();
        run.exits(2);
        let text = run.stderr();
        assert!(text.contains("error: no upsign.toml in /"), "{command}: {text}");
        assert!(
            text.ends_with("help: start with: upsign init   (or name one: --config FILE, UPSIGN_CONFIG)\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2, "{command}: {text}");
    }
    let run = upsign(&["check"])
        .variable("UPSIGN_BUCKET", "images-of-acme")
        .variable("UPSIGN_KEY", "a/{id}")
        .output();
    run.exits(2)
        .has_message("and no variable sets bucket.region, ")
        .has_message("set UPSIGN_REGION=ap-southeast-1");
    let run = upsign(&["--json", "check"]).output();
    assert_eq!(json_of(&run)["error"]["code"], "no-config");
    upsign(&["check", "--config", "."])
        .output()
        .exits(2)
        .has_message("help: name a file in it: --config ./upsign.toml");
}

#[test]
fn problems_are_shown_at_their_place_and_as_json() {
    let text = changed_file().replacen("max_size = \"10 MiB\"", "max_size = \"ten\"", 1);
    let text = text.replacen("token_use = \"access\"", "token_use = \"acces\"", 1);
    let line = 1 + text.lines().position(|line| line.starts_with("max_size")).unwrap();
    let run = upsign(&["check"]).file("upsign.toml", &text).output();
    run.exits(2).has_message(&format!("  --> upsign.toml:{line}:12\n"));
    assert!(run.stderr().contains("|            ^^^^^"), "{}", run.stderr());
    assert!(!run.stderr().contains('\u{1b}') && run.stdout().is_empty(), "{}", run.stderr());
    let colored = upsign(&["check", "--color", "always"]).file("upsign.toml", &text).output();
    assert!(colored.stderr().contains('\u{1b}'), "{}", colored.stderr());
    let run = upsign(&["--json", "check"]).file("upsign.toml", &text).output();
    let result = run.exits(2).json();
    let error = &result["error"];
    assert_eq!((&error["code"], &error["key"]), (&json!("invalid-value"), &json!("upload.max_size")));
    assert_eq!(
        (&error["file"], &error["line"], &error["column"]),
        (&json!("upsign.toml"), &json!(line), &json!(12))
    );
    assert_eq!(result["errors"].as_array().unwrap().len(), 2);
    assert_eq!(result["errors"][1]["help"], "write token_use = \"access\"");
}

#[test]
fn reports_and_messages_fit_60_columns() {
    let text = changed_file().replacen("bodyless = \"refuse\"", "bodyless = \"allow\"", 1);
    let run = upsign(&["check"]).variable("COLUMNS", "60").file("upsign.toml", &text).output();
    run.exits(0);
    // Words are not broken, and neither are the lines of the file.
    let is_wide = |line: &&str| line.chars().count() > 60 && line.trim().contains(' ') && !line.contains('|');
    for output in [run.stdout(), run.stderr()] {
        let wide: Vec<&str> = output.lines().filter(is_wide).collect();
        assert!(wide.iter().all(|line| line.trim().split(' ').any(|word| word.len() > 40)), "{wide:#?}");
    }
    assert!(run.stderr().contains("\n         "), "{}", run.stderr());
}

#[test]
fn long_files_are_explained_briefly() {
    let keys: String = (0..300).map(|number| format!("k{number} = 1\n")).collect();
    let run = upsign(&["check"]).file("upsign.toml", &format!("[bucket]\n{keys}")).output();
    run.exits(2).has_message("error: there are 80 more: correct these first");
    assert_eq!(run.stderr().matches("-->").count(), 20, "{}", run.stderr());
    let long = format!("[bucket]\nname = \"{}\"\n", "a".repeat(1 << 20));
    let run = upsign(&["check"]).file("upsign.toml", &long).output();
    run.exits(2).has_message("--> upsign.toml:2:8");
    assert!(run.stderr().len() < 2_000, "{}", run.stderr().len());
    let run = upsign(&["check"]).file("upsign.toml", &"#".repeat(17 << 20)).output();
    run.exits(2).has_message("more than 16 MiB");
    let run = upsign(&["check"]).variable("UPSIGN_CONFIG", "absent.toml").output();
    run.exits(2).has_message("help: write it with: upsign init absent.toml; UPSIGN_CONFIG names it");
}

#[test]
fn a_file_without_its_option_is_answered_with_the_option() {
    upsign(&["check", "other.toml"]).output().exits(2).has_message("write --config other.toml");
    let json = upsign(&["check", "other.toml", "--json"]).output();
    assert_eq!(json_of(&json)["error"]["help"], "write --config other.toml");
}
