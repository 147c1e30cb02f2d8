//! The section `[token]`: where the secrets of upload tokens come from, and that no message shows one of them.

use std::cell::RefCell;

use upsign_config::{
    Config, InvalidConfig, InvalidTokenSecrets, LoadSecretError, ProblemCode, SecretArn, TokenSecretSource,
};

use crate::good::FULL;

const ARN: &str = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/uploads-AbCdEf";
/// What `openssl rand -base64 32` prints.
const SECRET: &str = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";

fn with(section: &str) -> String {
    format!("{FULL}\n[token]\n{section}\n")
}

fn read(section: &str) -> Result<Config, InvalidConfig> {
    Config::read("conf/upsign.toml", &with(section), |_| None)
}

#[track_caller]
fn config(section: &str) -> Config {
    read(section).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the only problem, and requires that it does not show the secret and that its lines are not shown either.
#[track_caller]
fn refused(section: &str) -> (ProblemCode, String) {
    let error = read(section).unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert!(!error.to_string().contains(SECRET) && !format!("{error:?}").contains(SECRET), "{error:?}");
    (problem.code, problem.to_string())
}

fn secret(byte: u8) -> Result<zeroize::Zeroizing<Vec<u8>>, LoadSecretError> {
    Ok(vec![byte; 32].into())
}

#[test]
fn sources_of_secrets_are_read_in_order() {
    let config = config(&format!(
        "keys = [\"env:UPSIGN_TOKEN_SECRET\", \"file:secrets/old\", \"file:/run/secrets/token\", \"secretsmanager:{ARN}\"]"
    ));
    let sources = config.token_sources();
    let names: Vec<String> = sources.iter().map(ToString::to_string).collect();
    let arn = format!("secretsmanager:{ARN}");
    assert_eq!(
        names,
        ["env:UPSIGN_TOKEN_SECRET", "file:conf/secrets/old", "file:/run/secrets/token", arn.as_str()]
    );
    let TokenSecretSource::SecretsManager(arn) = &sources[3] else { panic!("{sources:?}") };
    assert_eq!((arn.as_str(), arn.region()), (ARN, "ap-southeast-1"));
    assert_eq!(config.token_deployment(), "default");
    let asked = RefCell::new(Vec::new());
    let keys = config.token_keys(|source| {
        asked.borrow_mut().push(source.to_string());
        secret(u8::try_from(asked.borrow().len()).unwrap())
    });
    assert_eq!(keys.unwrap().key_ids().count(), 4);
    assert_eq!(asked.into_inner(), names);
}

#[test]
fn deployment_gives_other_keys() {
    let ids = |section: &str| {
        let keys = config(section).token_keys(|_| secret(7)).unwrap();
        keys.key_ids().collect::<Vec<_>>()
    };
    let same = ids("keys = [\"env:A\"]\ndeployment = \"default\"");
    assert_eq!(ids("keys = [\"env:A\"]"), same);
    assert_ne!(ids("keys = [\"env:A\"]\ndeployment = \"staging\""), same);
    let (code, line) = refused("keys = [\"env:A\"]\ndeployment = \"\"");
    assert_eq!(code, ProblemCode::InvalidValue);
    assert!(line.contains("token.deployment: must have 1 to 255 bytes, not 0"), "{line}");
    let (_, line) = refused(&format!("keys = [\"env:A\"]\ndeployment = \"{}\"", "a".repeat(256)));
    assert!(line.contains("must have 1 to 255 bytes, not 256"), "{line}");
}

#[test]
fn a_file_without_keys_has_no_sources() {
    let config = Config::read("upsign.toml", FULL, |_| None).unwrap();
    assert!(config.token_sources().is_empty());
    let error = config.token_keys(|_| secret(1)).unwrap_err();
    assert!(matches!(error, InvalidTokenSecrets::NoKeys), "{error:?}");
    assert_eq!(
        error.to_string(),
        "token.keys is not set: write keys = [\"env:UPSIGN_TOKEN_SECRET\"] below [token], and set the variable to what `openssl rand -base64 32` prints"
    );
}

#[test]
fn pasted_secret_is_refused_and_not_shown() {
    for section in [
        format!("keys = [\"{SECRET}\"]"),
        format!("keys = [\"env:A\", \"{SECRET}\"]"),
        format!("keys = [\n  \"{SECRET}\",\n]"),
        format!("keys = \"{SECRET}\""),
        format!("keys = {{ a = \"{SECRET}\" }}"),
        format!("key = \"{SECRET}\""),
        format!("secret = \"{SECRET}\""),
        format!("keys = [\"env:{SECRET}\"]"),
        format!("keys = [\"secretsmanager:{SECRET}\"]"),
        format!("keys = [\"{SECRET}\", 1]"),
    ] {
        let error = read(&section).unwrap_err();
        for problem in error.problems() {
            assert!(!problem.quotable, "{section}\n{problem:?}");
        }
        assert!(!format!("{error:?}").contains(SECRET), "{section}\n{error:?}");
    }
    let (code, line) = refused(&format!("keys = [\"env:A\", \"{SECRET}\"]"));
    assert_eq!(code, ProblemCode::SecretInFile);
    assert!(
        line.contains("token.keys: item 2 is not `env:NAME`, `file:PATH` or `secretsmanager:ARN`"),
        "{line}"
    );
}

#[test]
fn secret_on_a_line_with_invalid_syntax_is_not_quoted() {
    for section in [
        format!("keys = [\"{SECRET}]"),
        format!("keys = [\n  \"env:A\"\n  \"{SECRET}\"\n]"),
        format!("keys = {SECRET}"),
        format!("keys [\"{SECRET}\"]"),
    ] {
        let error = read(&section).unwrap_err();
        assert!(error.problems().iter().all(|problem| !problem.quotable), "{section}\n{error:?}");
        assert!(!format!("{error:?}").contains(SECRET), "{section}\n{error:?}");
    }
    // A mistake without a secret is shown.
    let error = read("keys = [\"env:A\"").unwrap_err();
    assert!(error.problems().iter().all(|problem| problem.quotable), "{error:?}");
}

#[test]
fn secret_outside_of_a_section_is_not_quoted() {
    let text = format!("token = \"{SECRET}\"\n{FULL}");
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
    assert!(error.problems().iter().all(|problem| !problem.quotable), "{error:?}");
    assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
}

#[test]
fn secret_in_the_variable_of_the_keys_is_not_shown() {
    for value in
        [SECRET.to_owned(), format!("\"{SECRET}\""), format!("[\"{SECRET}\"]"), format!("env:A,{SECRET}")]
    {
        let variable = |name: &str| (name == "UPSIGN_TOKEN_KEYS").then(|| value.clone());
        let error = Config::read("upsign.toml", FULL, variable).unwrap_err();
        assert!(!format!("{error:?}").contains(SECRET), "{value}\n{error:?}");
        assert!(error.to_string().starts_with("UPSIGN_TOKEN_KEYS: token.keys: "), "{error}");
        assert!(error.to_string().contains("set UPSIGN_TOKEN_KEYS=env:UPSIGN_TOKEN_SECRET"), "{error}");
    }
}

#[test]
fn malformed_sources_say_what_to_write() {
    for (item, expected) in [
        ("env:", "item 1: `env:` needs the name of a variable"),
        ("env:9A", "item 1: `env:` needs the name of a variable"),
        ("file:", "item 1: `file:` needs a path"),
        (
            "secretsmanager:upsign/uploads",
            "item 1: `secretsmanager:` needs the ARN of a secret, as in secretsmanager:arn:aws:secretsmanager:",
        ),
        ("vault:a", "item 1 is not `env:NAME`, `file:PATH` or `secretsmanager:ARN`"),
        ("hunter2", "item 1 is not `env:NAME`"),
        ("", "item 1 is not `env:NAME`"),
    ] {
        let (code, line) = refused(&format!("keys = [\"{item}\"]"));
        assert_eq!(code, ProblemCode::InvalidValue, "{item}");
        assert!(line.contains(expected), "{item}\n{line}");
        assert!(item.len() < 6 || !line.contains(item), "{item}\n{line}");
    }
    let (_, line) = refused("keys = [\"env:A\", \"file:a\", \"env:A\"]");
    assert!(line.contains("token.keys: item 3 is the same as item 1"), "{line}");
    let (_, line) = refused("keys = []");
    assert!(line.contains("token.keys: is empty"), "{line}");
}

const NOT_SET: &str = "token.keys: item 1: the variable UPSIGN_TOKEN_SECRET is not set or empty: set it to what `openssl rand -base64 32` \
                       prints";

#[test]
fn secrets_that_cannot_be_used_are_named_without_their_value() {
    let config = config("keys = [\"env:UPSIGN_TOKEN_SECRET\", \"env:OLD_SECRET\"]");
    let load = |new: Option<&str>, old: Option<&str>| {
        let variable = |name: &str| {
            let value = if name == "OLD_SECRET" { old } else { new };
            value.map(str::to_owned)
        };
        config.token_keys(|source| source.read(variable)).map(|keys| keys.key_ids().count())
    };
    let message = |new, old| {
        let error = load(new, old).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
        upsign_core::error_chain(&error).to_string()
    };
    assert_eq!(load(Some(SECRET), Some(&"o".repeat(32))).unwrap(), 2);
    assert_eq!(message(None, Some(SECRET)), NOT_SET);
    assert_eq!(message(Some(""), Some(SECRET)), NOT_SET);
    assert_eq!(
        message(Some(SECRET), Some("hunter2hunter2")),
        "token.keys: item 2: OLD_SECRET has 14 bytes, but at least 32 are required: set it to what `openssl rand -base64 32` prints"
    );
    assert_eq!(
        message(Some(SECRET), Some(SECRET)),
        "token.keys: item 2: OLD_SECRET has the same value as item 1: remove one of them"
    );
    // One line break at the end belongs to the file, not to the secret.
    let ids = |text: &str| {
        let keys = config.token_keys(|source| match source.to_string().as_str() {
            "env:OLD_SECRET" => secret(1),
            _ => Ok(text.as_bytes().to_vec().into()),
        });
        keys.unwrap().key_ids().next().unwrap()
    };
    assert_eq!(ids(&format!("{SECRET}\n")), ids(SECRET));
    assert_eq!(ids(&format!("{SECRET}\r\n")), ids(SECRET));
    assert_ne!(ids(&format!("{SECRET}\n\n")), ids(SECRET));
}

#[test]
fn secret_is_read_from_a_file_next_to_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("upsign.toml");
    let text = with("keys = [\"file:token.key\"]");
    let config = Config::read(place.to_str().unwrap(), &text, |_| None).unwrap();
    let read = || config.token_keys(|source| source.read(|_| None));
    let error = upsign_core::error_chain(&read().unwrap_err()).to_string();
    let path = folder.path().join("token.key");
    assert!(
        error.starts_with(&format!("token.keys: item 1: the file {} cannot be read: ", path.display())),
        "{error}"
    );
    std::fs::write(&path, format!("{SECRET}\n")).unwrap();
    let expected = upsign::session::TokenKeys::new("default", [SECRET]).unwrap();
    assert!(read().unwrap().key_ids().eq(expected.key_ids()));
}

#[test]
fn secrets_manager_needs_a_program_that_calls_it() {
    let config = config(&format!("keys = [\"secretsmanager:{ARN}\"]"));
    let error = config.token_keys(|source| source.read(|_| None)).unwrap_err();
    assert_eq!(
        upsign_core::error_chain(&error).to_string(),
        format!("token.keys: item 1: {ARN} cannot be read: this program does not call AWS Secrets Manager")
    );
    let asked = futures_executor::block_on(config.token_keys_from(async |source| match source {
        TokenSecretSource::SecretsManager(arn) => {
            assert_eq!(arn, &ARN.parse::<SecretArn>().unwrap());
            secret(9)
        }
        other => other.read(|_| None),
    }));
    assert_eq!(asked.unwrap().key_ids().count(), 1);
}

#[test]
fn names_of_secrets_are_known_variables() {
    let names = ["UPSIGN_TOKEN_SECRET", "UPSIGN_OLD_SECRET"];
    let read = |text: &str, keys: Option<&str>| {
        let value = |name: &str| match name {
            "UPSIGN_TOKEN_KEYS" => keys.map(str::to_owned),
            _ => Some(SECRET.to_owned()).filter(|_| names.contains(&name)),
        };
        Config::read_with_names("upsign.toml", text, value, names.into_iter().chain(["UPSIGN_TOKEN_KEYS"]))
    };
    let both = "env:UPSIGN_TOKEN_SECRET,env:UPSIGN_OLD_SECRET";
    assert!(read(&with("keys = [\"env:UPSIGN_TOKEN_SECRET\", \"env:UPSIGN_OLD_SECRET\"]"), None).is_ok());
    assert!(read(FULL, Some(both)).is_ok());
    let error = read(&with("keys = [\"env:UPSIGN_TOKEN_SECRET\"]"), None).unwrap_err();
    assert!(error.to_string().starts_with("UPSIGN_OLD_SECRET: unknown variable"), "{error}");
    assert!(read(FULL, None).is_err());
}

#[test]
fn variable_of_the_function_that_holds_a_secret_is_refused() {
    for name in ["UPSIGN_TOKEN_SECRET", "UPSIGN_UPLOADS", "UPLOADS"] {
        let text = format!(
            "{}\n[deployment]\nvariables = {{ {name} = \"0123456789abcdef0123456789abcdef\" }}\n",
            with(&format!("keys = [\"env:{name}\"]"))
        );
        let error = Config::read("upsign.toml", &text, |_| None).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!(problem.code, ProblemCode::SecretInFile, "{error}");
        assert!(!problem.quotable && !format!("{error:?}").contains("0123456789"), "{error:?}");
    }
}

#[test]
fn effective_configuration_shows_the_sources() {
    let config = config("keys = [\"env:UPSIGN_TOKEN_SECRET\"]\ndeployment = \"production\"");
    for line in ["[token]\n", "keys = [\"env:UPSIGN_TOKEN_SECRET\"]  # conf/upsign.toml:", "\"production\""] {
        assert!(config.effective().contains(line), "{line} is not in\n{}", config.effective());
    }
}

#[test]
fn calls_of_uploads_have_a_limit_of_their_own() {
    let calls = |limit: &str| {
        let text = format!("{FULL}\n[limit]\n{limit}\n");
        let config = Config::read("upsign.toml", &text, |_| None).unwrap_or_else(|error| panic!("{error}"));
        config.calls_per_minute().map(std::num::NonZeroU32::get)
    };
    assert_eq!(Config::read("upsign.toml", FULL, |_| None).unwrap().calls_per_minute(), None);
    assert_eq!(calls("per_minute = 30"), Some(300));
    assert_eq!(calls("per_minute = 30\nburst = 3"), Some(300));
    assert_eq!(calls("per_minute = 4294967295"), Some(u32::MAX));
    assert_eq!(calls("per_minute = 30\ncalls_per_minute = 45"), Some(45));
    assert_eq!(calls("calls_per_minute = 45"), Some(45));
    let text = format!("{FULL}\n[limit]\ncalls_per_minute = 0\n");
    let error = Config::read("upsign.toml", &text, |_| None).unwrap_err().to_string();
    assert!(error.contains("limit.calls_per_minute: must be from 1 to 4294967295, not 0"), "{error}");
    assert!(error.contains("write calls_per_minute = 600, or remove it for ten times per_minute"), "{error}");
}
