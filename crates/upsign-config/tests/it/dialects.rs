//! The key `dialects`, which stands above all sections: where it is read, and the message for each mistake.

use upsign_config::{Config, WarningCode};
use upsign_core::Dialect;

/// A service with forms and uploads in parts, which serves every dialect that asks for either.
const REST: &str = r#"
[bucket]
name = "uploads"
region = "eu-west-1"

[upload]
key = "uploads/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 GiB"
method = "post"
multipart = "auto"
bodyless = "refuse"

[auth]
user_pool = "eu-west-1_AbCdEf123"
client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
token_use = "access"

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[cors]
origins = ["https://app.example.com"]
"#;

fn read(top: &str) -> Result<Config, String> {
    Config::read("upsign.toml", &format!("{top}\n{REST}"), |_| None).map_err(|error| error.to_string())
}

#[test]
fn no_dialect_is_answered_by_default() {
    for top in ["", "dialects = []"] {
        assert_eq!(read(top).unwrap().dialects(), [], "{top}");
    }
}

#[test]
fn listed_dialects_are_answered() {
    let config = read("dialects = [\"uppy\"]").unwrap();
    assert_eq!(config.dialects(), [Dialect::Uppy]);
    assert_eq!(config.effective_value("dialects"), Some(("[\"uppy\"]", "upsign.toml:1")));
    assert!(config.effective().starts_with("dialects = [\"uppy\"]  # upsign.toml:1\n\n[auth]\n"));
    let again = Config::read("again.toml", config.effective(), |_| None).unwrap();
    assert_eq!(again.dialects(), [Dialect::Uppy]);
}

#[test]
fn the_variable_replaces_the_list() {
    let read = |top: &str| {
        let variable = |name: &str| (name == "UPSIGN_DIALECTS").then(|| "uppy".to_owned());
        Config::read_with_names("upsign.toml", &format!("{top}{REST}"), variable, ["UPSIGN_DIALECTS"])
    };
    for top in ["", "dialects = []\n"] {
        let config = read(top).unwrap();
        assert_eq!(config.dialects(), [Dialect::Uppy]);
        assert_eq!(config.effective_value("dialects"), Some(("[\"uppy\"]", "UPSIGN_DIALECTS")));
        assert_eq!(config.values_of_variables(), [("dialects".to_owned(), "[\"uppy\"]", "UPSIGN_DIALECTS")]);
    }
}

/// Each row: what stands at the top of the file, and parts of the only message.
#[test]
fn mistakes_are_explained() {
    for (top, parts) in [
        ("dialects = [\"upy\"]", ["upsign.toml:1:13: dialects: \"upy\"", "write dialects = [\"uppy\"]"]),
        ("dialects = [\"Uppy\"]", ["\"Uppy\" is not the name of a dialect", "write dialects = [\"uppy\"]"]),
        ("dialects = [\"uppy\", \"uppy\"]", ["1:21: dialects: \"uppy\" is listed twice", "remove one"]),
        ("dialects = [\"tus\"]", ["\"tus\" is not the name of a dialect", "the dialects are \"uppy\""]),
        ("dialects = \"uppy\"", ["must be a list of strings, not a string", "write dialects = [\"uppy\"]"]),
        ("dialects = true", ["dialects: must be a list of strings", "not true or false"]),
        ("[dialects]\nuppy = true", ["must be a list of strings, not a table", "above the first section"]),
        ("dialect = [\"uppy\"]", ["dialect: unknown section", "did you mean `dialects`?"]),
        ("[server]\ndialects = [\"uppy\"]", ["server.dialects: unknown key", "top of the file"]),
        ("[_]\ndialects = [\"uppy\"]", ["_: unknown section", "the sections are [bucket]"]),
    ] {
        let error = read(top).unwrap_err();
        assert_eq!(error.lines().filter(|line| line.starts_with("upsign.toml")).count(), 1, "{error}");
        for part in parts {
            assert!(error.contains(part), "{top}: {part} is not in\n{error}");
        }
    }
}

#[test]
fn schema_lists_every_dialect() {
    let schema = upsign_config::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
    assert_eq!(schema["properties"]["dialects"]["items"]["enum"], serde_json::json!(names));
    for (value, valid) in [
        (serde_json::json!({"dialects": ["uppy"]}), true),
        (serde_json::json!({"dialects": "uppy"}), false),
        (serde_json::json!({"dialects": ["tus"]}), false),
        (serde_json::json!({"_": {"dialects": ["uppy"]}}), false),
    ] {
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        let about_it = errors.iter().any(|error| !error.contains("required"));
        assert_eq!(!about_it, valid, "{value}: {errors:?}");
    }
}

#[test]
fn authorizer_that_refuses_the_password_of_git_lfs_is_reported() {
    let read = |source: &str, deployment: &str| {
        let rest = REST.replace("token_use = \"access\"", &format!("token_use = \"id\"\n{source}"));
        let file = format!("dialects = [\"git-lfs\"]\n{rest}{deployment}");
        let config = Config::read("upsign.toml", &file, |_| None).unwrap();
        let about = |warnings: &[upsign_config::Warning]| {
            warnings.iter().filter(|it| it.code == WarningCode::UnreachableDialect).count()
        };
        (about(config.warnings()), about(config.warnings_if_deployed()))
    };
    assert_eq!(read("", ""), (0, 1));
    assert_eq!(read("", "[deployment]\napi = \"rest\""), (1, 0));
    assert_eq!(read("source = \"token\"", "[deployment]\napi = \"rest\""), (0, 0));
    assert_eq!(read("", "[deployment]\napi = \"url\""), (0, 0));
}

#[test]
fn configuration_on_the_page_about_companion_is_valid() {
    let page = include_str!("../../../upsign/src/manual/howto/companion.rs");
    let page: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim_start).collect();
    let page = page.join("\n");
    let (_, block) = page.split_once("```toml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let config = Config::read("upsign.toml", block, |_| None).unwrap();
    assert_eq!(config.dialects(), [Dialect::Companion]);
}
