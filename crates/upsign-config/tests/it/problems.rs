//! Invalid configurations: the place and the message of each problem.

use upsign_config::Config;

use crate::good::FULL;

/// Replaces one line of the complete file, and checks the message of the one problem that results.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(FULL.contains(from), "{from}");
    let error = Config::read("upsign.toml", &FULL.replacen(from, to, 1), |_| None).unwrap_err();
    let lines: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for part in expected {
        assert!(lines.iter().any(|line| line.contains(part)), "{part} is not in {lines:#?}");
    }
    assert_eq!(error.to_string(), lines.join("\n"));
}

#[test]
fn missing_keys_are_reported() {
    check("name = \"article-images-bucket\"", "", &["upsign.toml:2:2: bucket.name: missing (add name = "]);
    check("region = \"ap-southeast-1\"", "", &["upsign.toml:2:2: bucket.region: missing"]);
    check("bodyless = \"allow\"", "", &["upsign.toml:6:2: upload.bodyless: missing", "refuse"]);
    check("origins = [\"https://app.example.com\"]", "", &["upsign.toml:20:2: cors.origins: missing"]);
    check("max_size = \"10 MiB\"", "", &["upload.max_size: missing"]);
    check("types = [\"image/jpeg\", \"image/png\", \"image/webp\"]", "", &["upload.types: missing"]);
    check("client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]", "", &["auth.client_ids: missing"]);
    check("token_use = \"access\"", "", &["auth.token_use: missing"]);
}

#[test]
fn invalid_headers_of_pages_are_reported() {
    let with = |names: &str| format!("origins = [\"https://app.example.com\"]\nallow_headers = [{names}]");
    let origins = "origins = [\"https://app.example.com\"]";
    check(
        origins,
        &with("\"x-api-key\", \"*\""),
        &["22:", "cors.allow_headers", "\"*\"", "name of a header"],
    );
    check(
        origins,
        &with("\"cookie\""),
        &["cors.allow_headers", "browsers do not let a page set this header"],
    );
    let many: Vec<String> = (0..33).map(|n| format!("\"x-{n}\"")).collect();
    check(origins, &with(&many.join(", ")), &["cors.allow_headers", "more than 32 names"]);
}

#[test]
fn invalid_base_path_is_reported() {
    let text = "[cors]\n";
    let with = "[server]\nbase_path = \"api\"\n[cors]\n";
    check(text, with, &["21:13: server.base_path: \"api\"", "each after a `/`, such as /api"]);
}

#[test]
fn invalid_values_are_reported_with_their_line() {
    check(
        "\"article-images-bucket\"",
        "\"Article_Images\"",
        &["upsign.toml:3:8: bucket.name: \"Article_Images\": ", "article-images"],
    );
    check("\"ap-southeast-1\"", "\"Narnia\"", &["upsign.toml:4:10: bucket.region: \"Narnia\": "]);
    check(
        "\"10 MiB\"",
        "\"ten\"",
        &["upsign.toml:10:12: upload.max_size: \"ten\" is not a size: write bytes"],
    );
    check("\"10 MiB\"", "0", &["upsign.toml:10:12: upload.max_size: "]);
    check("\"10 MiB\"", "\"6 GiB\"", &["upsign.toml:10:12: upload.max_size: "]);
    check("\"10 MiB\"", "-1", &["upload.max_size: must be a whole number of at least 0, not -1"]);
    let too_long = "upsign.toml:11:14: upload.expires_in: must be at most 7 days, not 8 days (write expires_in = \"15m\", or at most \"7 days\")";
    check("\"15m\"", "\"8 days\"", &[too_long]);
    check(
        "\"15m\"",
        "0",
        &["upload.expires_in: must be at least 1 second, not 0 (write expires_in = \"15m\")"],
    );
    check(
        "\"10 MiB\"",
        "\"6 GB\"",
        &["not 6 GB (6000000000 bytes) (write max_size = \"5 GiB\", or write multipart"],
    );
    check("\"10 MiB\"", "6000000000", &["not 5859375 KiB"]);
    check("\"10 MiB\"", "0", &["at least 1 byte, not 0 (write max_size = \"10 MiB\")"]);
    check("\"allow\"", "\"maybe\"", &["(write bodyless = \"refuse\")"]);
    check("\"access\"", "\"both\"", &["(write token_use = \"any\")"]);
    check(
        "= true",
        "= \"yes\"",
        &["upsign.toml:12:16: upload.no_overwrite: must be true or false", "(write no_overwrite = true)"],
    );
    check(
        "\"allow\"",
        "\"maybe\"",
        &["upsign.toml:13:12: upload.bodyless: must be \"allow\" or \"refuse\", not \"maybe\""],
    );
    check(
        "\"access\"",
        "\"acces\"",
        &["upsign.toml:18:13: auth.token_use: ", "(write token_use = \"access\")"],
    );
    check("\"ap-southeast-1_AbCdEf123\"", "\"AbCdEf\"", &["upsign.toml:16:13: auth.user_pool: "]);
    check(
        "\"image/png\"",
        "7",
        &[
            "upsign.toml:9:24: upload.types: must be a list that contains only strings, but this item is a number",
        ],
    );
    check(
        "\"image/png\"",
        "\"image\"",
        &["upsign.toml:9:24: upload.types: \"image\" is not a content type", "image/*"],
    );
}

#[test]
fn origins_must_be_those_that_browsers_send() {
    for origin in ["https://app.example.com/upload", "app.example.com", "*", "null"] {
        check(
            "https://app.example.com",
            origin,
            &["upsign.toml:21:12: cors.origins: ", &origin.escape_debug().to_string()],
        );
    }
    check(
        "[\"https://app.example.com\"]",
        "[]",
        &["upsign.toml:21:11: cors.origins: must contain at least one origin"],
    );
}

#[test]
fn template_errors_are_reported() {
    let key = "articles/{article_id}/raw/{id}.{ext}";
    check(key, "articles/{articel_id}/raw/{id}.{ext}", &["upsign.toml:7:17: upload.key: ", "article_id"]);
    check(key, "articles/*/{id}", &["upsign.toml:7:17: upload.key: ", "*"]);
    check(key, "articles/?/{id}", &["upsign.toml:7:17: upload.key: ", "?"]);
    check(key, "articles/${id}", &["upsign.toml:7:17: upload.key: ", "${"]);
    check("ids = [\"article_id\"]", "", &["upsign.toml:7:17: upload.key: ", "article_id"]);
    check("\"article_id\"]", "\"upload_url\"]", &["uploadUrl"]);
}

#[test]
fn unknown_names_get_a_suggestion() {
    check(
        "expires_in",
        "expire_in",
        &["upsign.toml:11:1: upload.expire_in: unknown key (did you mean `expires_in`?)"],
    );
    check(
        "\n[cors]",
        "\n[cosr]\n[cors]",
        &["upsign.toml:20:2: cosr: unknown section (did you mean [cors]?)"],
    );
    check(
        "name =",
        "zzz = 1\nname =",
        &["upsign.toml:3:1: bucket.zzz: unknown key (known names: name, region"],
    );
}

#[test]
fn secrets_in_the_file_are_refused_and_not_repeated() {
    let error = Config::read("upsign.toml", &format!("{FULL}\n"), |_| None);
    assert!(error.is_ok());
    check(
        "name =",
        "secret_access_key = \"wJalrXUtnFEMI\"\nname =",
        &["bucket.secret_access_key: secrets must not be stored in this file"],
    );
    let text = FULL.replacen("name =", "secret_access_key = \"wJalrXUtnFEMI\"\nname =", 1);
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("wJalr"));
}

#[test]
fn toml_syntax_errors_are_reported_with_their_line() {
    let error = Config::read("upsign.toml", "[bucket\nname = 1", |_| None).unwrap_err();
    assert!(error.to_string().starts_with("upsign.toml:1:8: not valid TOML: "), "{error}");
    let error = Config::read("upsign.toml", "bucket = 7", |_| None).unwrap_err();
    assert!(error.to_string().contains("upsign.toml:1:1: bucket: must be a section"), "{error}");
}

#[test]
fn invalid_variables_are_reported_by_name() {
    let wrong = |name: &str| (name == "UPSIGN_MAX_SIZE").then(|| "huge".to_owned());
    let error = Config::read("upsign.toml", FULL, wrong).unwrap_err();
    assert!(
        error.to_string().starts_with("UPSIGN_MAX_SIZE: upload.max_size: \"huge\" is not a size"),
        "{error}"
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let error =
        Config::read("upsign.toml", "[bucket]\nname = \"X\"\n[upload]\nkey = \"*\"\n", |_| None).unwrap_err();
    let keys: Vec<&str> = error.problems().iter().map(|problem| problem.key.as_str()).collect();
    for key in [
        "bucket.name",
        "bucket.region",
        "upload.key",
        "upload.types",
        "upload.max_size",
        "upload.bodyless",
        "cors",
    ] {
        assert!(keys.contains(&key), "{key} is not in {keys:?}");
    }
}

#[test]
fn requirements_that_the_provider_cannot_meet_are_errors() {
    let garage = "region = \"garage\"\nprovider = \"garage\"\nendpoint = \"https://s3.example.com\"";
    let region = "region = \"ap-southeast-1\"";
    check(
        region,
        garage,
        &[
            "upsign.toml:14:16: upload.no_overwrite: Garage does not support If-None-Match",
            "no_overwrite = false",
        ],
    );
    check(
        region,
        "region = \"auto\"\nprovider = \"r2\"",
        &["upsign.toml:2:2: bucket.endpoint: missing", "ACCOUNT_ID.r2.cloudflarestorage.com"],
    );
    check(
        region,
        "region = \"auto\"\nprovider = \"r2\"\nendpoint = \"https://uploads.example.com\"",
        &[
            "upsign.toml:6:12: bucket.endpoint: https://uploads.example.com is not an endpoint of Cloudflare R2",
        ],
    );
    check(region, "region = \"x\"\nprovider = \"s3\"", &["upsign.toml:5:12: bucket.provider: ", "garage"]);
}

#[test]
fn regions_are_understood_by_their_names_in_the_console() {
    for name in ["Europe (Frankfurt)", "Frankfurt", "EU (Frankfurt)", "Europe (Frankfurt) eu-central-1"] {
        let expected = format!("bucket.region: \"{name}\" is not a region (write region = \"eu-central-1\")");
        check("\"ap-southeast-1\"", &format!("\"{name}\""), &[&expected]);
    }
}

#[test]
fn templates_are_corrected() {
    let key = FULL.lines().find_map(|line| line.trim().strip_prefix("key = ")).unwrap();
    for (written, help) in [
        (
            "articles/{sub}.{ext}",
            "write key = \"articles/{sub}/{id}.{ext}\"; or replace no_overwrite by replace = \"if-match\", so that an upload replaces the object",
        ),
        (
            "articles/{sub}",
            "write key = \"articles/{sub}/{id}\"; or replace no_overwrite by replace = \"if-match\", so that an upload replaces the object",
        ),
        ("articles/{id.{ext}", "write key = \"articles/{id}.{ext}\""),
        ("articles/{sub/{id}", "write key = \"articles/{sub}/{id}\""),
        ("articles/{id}.{ext", "write key = \"articles/{id}.{ext}\""),
        ("articles/{articel_id}/{id}.{ext}", "write key = \"articles/{article_id}/{id}.{ext}\""),
    ] {
        check(key, &format!("\"{written}\""), &["upload.key: ", &format!("({help})")]);
    }
}

#[test]
fn syntax_errors_are_corrected() {
    for (text, help) in [
        (
            "types = [\"image/jpeg\", \"image/png\"\nkey = \"a\"\n",
            "write types = [\"image/jpeg\", \"image/png\"]",
        ),
        ("types = [\"image/jpeg\",\nkey = \"a\"\n", "write ] after its last item"),
        ("types = [\"a\" \"b\"] # both\n", "write types = [\"a\", \"b\"]"),
        ("[upload\n", "write [upload]"),
        ("[upload # the default\n", "write [upload]"),
    ] {
        let error = Config::read("upsign.toml", text, |_| None).unwrap_err();
        assert_eq!(error.problems()[0].help, help, "{text}");
    }
}

#[test]
fn empty_file_is_replaced_by_the_command_that_names_it() {
    for (file, command) in [
        ("upsign.toml", "upsign init --force"),
        ("b/x.toml", "upsign init --force b/x.toml"),
        ("my files/x.toml", "upsign init --force 'my files/x.toml'"),
    ] {
        let error = Config::read(file, "\n", |_| None).unwrap_err();
        assert!(error.problems()[0].help.starts_with(&format!("start with: {command}   (")), "{error}");
    }
}

#[test]
fn errors_of_a_template_point_at_the_placeholder() {
    let key = FULL.lines().find_map(|line| line.trim().strip_prefix("key = ")).unwrap();
    for (template, part) in [
        ("articles/{articel_id}/{id}", "{articel_id}"),
        ("articles/{order_id}/{id}", "{order_id}"),
        ("articles/{id.{ext}", "{id"),
        ("articles/*/{id}", "*"),
        ("articles/${id}", "${"),
        ("articles/{sub}", "\"articles/{sub}\""),
    ] {
        let text = FULL.replacen(key, &format!("\"{template}\""), 1);
        let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
        assert_eq!(&text[error.problems()[0].place.span().unwrap()], part, "{error}");
    }
}

#[test]
fn keys_with_the_names_of_other_tools_get_the_right_one() {
    for (line, meant) in [
        ("content_disposition = \"attachment\"", "`disposition`"),
        ("ttl = \"1h\"", "`expires_in`"),
        ("max_file_size = 5", "`max_size`"),
        ("Content-Types = []", "`types`"),
        ("template = \"a/{id}\"", "`key`"),
        (
            "allow_overwrite = true",
            "`no_overwrite`? It is the opposite: no_overwrite = true prevents overwriting",
        ),
        ("allowed_origins = []", "`origins`? It is a key of [cors]"),
    ] {
        check("no_overwrite = true", line, &[&format!("unknown key (did you mean {meant}")]);
    }
    check("user_pool = ", "userpool = ", &["auth.userpool: unknown key (did you mean `user_pool`?)"]);
    check("client_ids = ", "client_id = ", &["did you mean `client_ids`?"]);
    check("origins = ", "allowed_origins = ", &["did you mean `origins`?"]);
    let route = format!("{FULL}\n[route.a]\nbucket_name = \"b\"\n");
    let error = Config::read("upsign.toml", &route, |_| None).unwrap_err().to_string();
    assert!(error.contains("route.a.bucket_name: unknown key (did you mean `bucket`?)"), "{error}");
}

#[test]
fn booleans_instead_of_a_choice_are_reported_with_the_choices() {
    check(
        "\"allow\"",
        "false",
        &["upload.bodyless: must be \"allow\" or \"refuse\", not false (write bodyless = \"refuse\")"],
    );
    check(
        "no_overwrite = true",
        "method = false",
        &["must be \"put\" or \"post\", not false (remove the line"],
    );
    check(
        "no_overwrite = true",
        "method = 1",
        &["must be \"put\" or \"post\", not a number (write method = \"put\", or remove"],
    );
    check("no_overwrite = true", "method = [\"post\"]", &["not a list (write method = \"post\")"]);
    check("\"access\"", "true", &["must be \"access\", \"id\" or \"any\", not true"]);
}

#[test]
fn a_table_below_upload_is_one_problem() {
    let start = FULL.find("[upload]").unwrap();
    let end = FULL.find("[auth]").unwrap();
    let text = format!("{}[upload.avatars]\nkey = \"a/{{id}}\"\n{}", &FULL[..start], &FULL[end..]);
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err().to_string();
    assert_eq!(
        error,
        "upsign.toml:6:9: upload.avatars: unknown key (a further route is a section [route.avatars])"
    );
}

#[test]
fn client_ids_that_no_user_pool_generates_are_warned_about() {
    let warnings = |text: &str| {
        let config = Config::read("upsign.toml", text, |_| None).unwrap();
        config.warnings().iter().map(ToString::to_string).filter(|text| text.contains("client_ids")).collect()
    };
    let id = "3n4b5urk1ft4fl3mg5e62d9ado";
    let found: Vec<String> = warnings(&FULL.replace(id, "web app"));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("\"web app\" is probably not the id of an app client"), "{found:?}");
    assert!(found[0].contains("list-user-pool-clients --user-pool-id ap-southeast-1_AbCdEf123"), "{found:?}");
    let none: Vec<String> = warnings(FULL);
    assert!(none.is_empty(), "{none:?}");
    let other = "issuer = \"https://login.example.com\"\njwks_uri = \"https://login.example.com/jwks\"";
    let custom = FULL.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", other).replace(id, "web-app");
    assert!(custom.contains(other));
    let none: Vec<String> = warnings(&custom);
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn availability_zones_are_rejected_for_aws_only() {
    check(
        "\"ap-southeast-1\"",
        "\"eu-central-1a\"",
        &["\"eu-central-1a\" is an availability zone, not a region (write region = \"eu-central-1\")"],
    );
    let custom =
        FULL.replace("\"ap-southeast-1\"", "\"eu-central-1a\"\nendpoint = \"https://s3.example.com\"");
    let config = Config::read("upsign.toml", &custom, |_| None).map_err(|error| error.to_string());
    assert!(config.is_ok(), "{config:?}");
}
