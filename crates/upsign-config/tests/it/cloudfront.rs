//! `[cloudfront]`: the keys, what contradicts what, and what a program opens with them.

use upsign_config::{Config, TokenSecretSource};

const RSA: &str = "-----BEGIN PUBLIC KEY-----\n\
     MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAshW7aOCBg78JfDXWmOco\n\
     BgLxC7cDxkqAdzLLR2lHz1s/IHgbMMaELsOTk5J/YpnA338xlmde1hy6GSZixw4y\n\
     uznErvxqVOzlSshoT38D3tQa7sNxmyfNsxy+4fUVb3fPeGodzXHVN6xEklei1jgz\n\
     d8lBKTGPNxMJbpqBaKQy5sD25Yqg182CMMXQrw9z7uFYVoRqhlaGNLsEd6IzmmGC\n\
     TPdQVxqBmkZuOimjoutZxQGBbWdWYqo6qkJ8/OvjDfF4qUgHaXt8tbJdGjaqRjGn\n\
     FXH+w4B5un02Q+pPHFeIFwzKt+HsauTbXP1oU+V0hTf3C3dpz+e0EbLboHTOn3fc\n\
     owIDAQAB\n\
     -----END PUBLIC KEY-----";
const ECDSA: &str = "-----BEGIN PUBLIC KEY-----\n\
     MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXiqltw8ks1rT3Ubx7bxwXq+6fSZi\n\
     J1MIuZGPfSFAegmQqDPji1ZYzO9cXCnmQI3g7CVjjlWvifmnh7YrOZx7Ng==\n\
     -----END PUBLIC KEY-----";

const READS: &str = "[deployment]\nreads = \"cloudfront\"\n";
const SECRET: &str =
    "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:upsign/cloudfront-AbCdEf";

fn public_keys(pems: &[&str]) -> String {
    let items: Vec<String> = pems.iter().map(|pem| format!("\"\"\"\n{pem}\n\"\"\"")).collect();
    format!("public_keys = [{}]\n", items.join(", "))
}

/// Returns a section that signs, with these lines in addition.
fn signing(lines: &str) -> String {
    format!("{READS}[cloudfront]\nprivate_key = \"{SECRET}\"\n{}{lines}\n", public_keys(&[RSA]))
}

fn file(upload: &str, sections: &str) -> String {
    format!(
        "[bucket]\nname = \"uploads\"\nregion = \"eu-west-1\"\n[upload]\nkey = \"a/{{id}}\"\ntypes = [\"image/jpeg\"]\n\
         max_size = \"1 MiB\"\nbodyless = \"refuse\"\n{upload}\n[cors]\norigins = [\"https://app.example.com\"]\n{sections}\n"
    )
}

fn read_as(upload: &str, sections: &str) -> Result<Config, String> {
    Config::read("upsign.toml", &file(upload, sections), |_| None).map_err(|error| error.to_string())
}

fn read(sections: &str) -> Result<Config, String> {
    read_as("confirm = true", sections)
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(found: Result<Config, String>, key: &str, parts: &[&str]) {
    let line = found.unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn section_is_read_and_part_of_the_deployment() {
    let lines = "domain = \"files.example.com\"\nkey_pair_id = \"K2JCJMDEHXQW5F\"\n";
    let config = read(&signing(lines)).unwrap();
    let values = config.cloudfront();
    assert_eq!(values.domains, [("uploads".into(), "files.example.com".into())]);
    assert_eq!(values.key_pair_id.as_deref(), Some("K2JCJMDEHXQW5F"));
    assert!(matches!(&values.private_key, Some(TokenSecretSource::SecretsManager(_))));
    assert_eq!(values.public_keys[0].to_string(), format!("{RSA}\n"));
    assert!(!values.public_reads && config.signs_reads() && config.signs_reads_of_cloudfront());
    assert!(config.warnings().iter().all(|it| !it.to_string().contains("cloudfront")));
    let role = upsign_documents::IamPolicy::for_runtime(&config.deployment()).to_json();
    assert!(role.contains("secret:upsign/cloudfront-AbCdEf"), "{role}");
    assert!(upsign_documents::sam_template(&config.deployment()).is_ok());
    let presigned = read("[deployment]\nreads = \"presigned\"").unwrap();
    assert!(presigned.signs_reads() && !presigned.signs_reads_of_cloudfront());
    assert!(!read("").unwrap().signs_reads());
}

/// The stack passes these variables to its function.
#[test]
fn variables_replace_what_the_file_cannot_contain_before_the_deployment() {
    let variable = |name: &str| match name {
        "UPSIGN_CLOUDFRONT_DOMAINS" => Some("uploads=d111111abcdef8.cloudfront.net".to_owned()),
        "UPSIGN_CLOUDFRONT_KEY_PAIR_ID" => Some("K2JCJMDEHXQW5F".to_owned()),
        _ => None,
    };
    let config = Config::read("upsign.toml", &file("confirm = true", &signing("")), variable).unwrap();
    assert_eq!(config.cloudfront().domains, [("uploads".into(), "d111111abcdef8.cloudfront.net".into())]);
    assert_eq!(config.cloudfront().key_pair_id.as_deref(), Some("K2JCJMDEHXQW5F"));
    let public = |name: &str| (name == "UPSIGN_CLOUDFRONT_PUBLIC_KEYS").then(|| format!("{RSA},{ECDSA}"));
    let text = file("", READS);
    let config = Config::read("upsign.toml", &text, public).unwrap();
    assert_eq!(config.cloudfront().public_keys.len(), 2);
}

#[test]
fn signatures_are_required_unless_reads_are_public() {
    check(read_as("", READS), "cloudfront.public_keys", &["add public_keys = ", "public_reads = true"]);
    let keys = public_keys(&[RSA]);
    let unsigned = format!("{READS}[cloudfront]\n{keys}");
    check(read(&unsigned), "cloudfront.private_key", &["add private_key = "]);
    let own = "distribution_arn = \"arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7\"\n";
    assert!(read(&format!("{READS}{own}[cloudfront]\nprivate_key = \"env:KEY\"\n")).is_ok());
    let public = read(&format!("{READS}[cloudfront]\npublic_reads = true\n")).unwrap();
    assert!(!public.signs_reads() && public.deployment().public_reads());
    check(
        read(&format!("{READS}[cloudfront]\npublic_reads = true\nprivate_key = \"{SECRET}\"\n")),
        "cloudfront.private_key",
        &["public_reads = true lets everybody read", "remove public_reads, or the other keys"],
    );
    // Nothing signs, but nobody reads without a signature either.
    assert!(!read_as("", &unsigned).unwrap().signs_reads());
}

#[test]
fn keys_without_effect_are_refused() {
    let presigned = signing("").replace("reads = \"cloudfront\"", "reads = \"presigned\"");
    check(read(&presigned), "cloudfront.private_key", &["only with reads = \"cloudfront\""]);
    let without = "[cloudfront]\npublic_reads = false";
    check(read(without), "cloudfront.public_reads", &["only with reads = \"cloudfront\""]);
    check(read_as("", &signing("")), "cloudfront.private_key", &["add confirm = true to a route"]);
    let unversioned = signing("").replacen("reads", "versioned = false\nreads", 1);
    check(read(&unversioned), "deployment.versioned", &["name the version that was confirmed"]);
}

#[test]
fn each_bucket_has_a_domain_of_its_own() {
    let other = "[route.other]\nbucket = \"second\"\nkey = \"b/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\n\
                 bodyless = \"refuse\"\n";
    let two = |lines: &str| read(&format!("{}{other}", signing(lines)));
    check(
        two("domain = \"files.example.com\""),
        "cloudfront.domain",
        &["write domains = { \"uploads\" = \"…\", \"second\" = \"…\" }"],
    );
    check(
        two("domains = { uploads = \"a.example.com\" }"),
        "cloudfront.domains",
        &["the bucket second has no domain"],
    );
    let three =
        "domains = { uploads = \"a.example.com\", second = \"b.example.com\", third = \"c.example.com\" }";
    check(two(three), "cloudfront.domains", &["no route uploads to the bucket \"third\""]);
    let config = two("domains = { uploads = \"a.example.com\", second = \"b.example.com\" }").unwrap();
    assert_eq!(config.cloudfront().domains.len(), 2);
    let both = "domain = \"a.example.com\"\ndomains = { uploads = \"a.example.com\" }";
    check(read(&signing(both)), "cloudfront.domain", &["remove one of the two"]);
}

#[test]
fn malformed_values_have_a_next_step() {
    for (lines, key, part) in [
        (
            "domain = \"https://files.example.com/a\"",
            "cloudfront.domain",
            "without https:// and path: \"files.example.com\"",
        ),
        ("domain = \"localhost\"", "cloudfront.domain", "is not a host name such as"),
        ("key_pair_id = \"k2jc\"", "cloudfront.key_pair_id", "aws cloudfront list-public-keys"),
    ] {
        check(read(&signing(lines)), key, &[part]);
    }
    let with_keys = |pems: &[&str]| read_as("", &format!("{READS}[cloudfront]\n{}", public_keys(pems)));
    let key = "cloudfront.public_keys";
    check(with_keys(&[RSA, "K2JCJMDEHXQW5F"]), key, &["item 2: ", "openssl pkey -in KEY -pubout"]);
    check(with_keys(&[RSA, ECDSA, RSA]), key, &["item 3 is the same key"]);
    check(with_keys(&[]), key, &["is empty"]);
}

/// A key that is pasted into the file is refused, and no message repeats it.
#[test]
fn pasted_private_keys_are_secrets() {
    let pasted = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----";
    let text = signing("").replace(&format!("\"{SECRET}\""), &format!("\"\"\"{pasted}\"\"\""));
    let error = Config::read("upsign.toml", &file("confirm = true", &text), |_| None).unwrap_err();
    let problem = &error.problems()[0];
    let line = problem.to_string();
    assert!(line.contains(" cloudfront.private_key: is not `env:NAME`"), "{line}");
    assert!(line.contains("write private_key = \"env:UPSIGN_CLOUDFRONT_KEY\""), "{line}");
    assert!(!problem.quotable && !format!("{error:?}{error}").contains("MIGHAgEA"), "{error:?}");
    let variable = |name: &str| (name == "UPSIGN_CLOUDFRONT_PRIVATE_KEY").then(|| pasted.to_owned());
    let error = Config::read("upsign.toml", &file("confirm = true", &signing("")), variable).unwrap_err();
    assert!(!format!("{error:?}{error}").contains("MIGHAgEA"), "{error}");
    let exported = "[deployment.variables]\nCF_KEY = \"x\"\n";
    let text = format!("{}{exported}", signing("").replace(SECRET, "env:CF_KEY"));
    check(read(&text), "deployment.variables", &["the generated template would contain it"]);
}

#[test]
fn key_that_the_function_does_not_have_is_a_warning() {
    for (source, place) in
        [("env:CF_KEY", "the variable CF_KEY"), ("file:/run/cf.pem", "the file /run/cf.pem")]
    {
        let config = read(&signing("").replace(SECRET, source)).unwrap();
        let warnings = config.warnings().iter().filter(|it| it.code.as_str() == "token-secret-not-deployed");
        let of_key: Vec<String> =
            warnings.map(ToString::to_string).filter(|it| it.contains("cloudfront.private_key")).collect();
        assert!(of_key.len() == 1 && of_key[0].contains(place), "{of_key:?}");
    }
}

#[cfg(feature = "cloudfront")]
mod open {
    use std::error::Error;
    use std::sync::Arc;

    use upsign::read::{ReadTarget, SignRead};
    use upsign_config::LoadSecretError;
    use upsign_core::{ExpiresIn, Query, Target};
    use zeroize::Zeroizing;

    use super::*;

    /// The private half of [`RSA`], for these tests only.
    const KEY: &str = include_str!("cloudfront.pem");
    const ALL: &str = "domain = \"files.example.com\"\nkey_pair_id = \"K2JCJMDEHXQW5F\"\n";

    fn open(sections: &str, key: &str) -> Result<Option<Arc<dyn SignRead>>, String> {
        let config = read(sections).unwrap();
        let load = |source: &TokenSecretSource| {
            assert_eq!(source.to_string(), SECRET);
            Ok(Zeroizing::new(key.as_bytes().to_vec()))
        };
        config.open_local_read_signer(load).map_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}"));
            format!("{error}{}", cause.unwrap_or_default())
        })
    }

    #[test]
    fn urls_lead_to_the_distribution_of_the_bucket() {
        let signer = open(&signing(ALL), KEY).unwrap().unwrap();
        let (key, query) = ("a/1".parse().unwrap(), Query::new());
        let sign = |bucket: &str| {
            let target = Target::aws(bucket.parse().unwrap(), "eu-west-1".parse().unwrap());
            let expires_in = ExpiresIn::from_secs(60).unwrap();
            let at = "2026-01-01T00:00:00Z".parse().unwrap();
            signer.sign_read(&ReadTarget::new(&target, &key, &query), expires_in, at)
        };
        let url = sign("uploads").unwrap();
        assert!(url.expose().starts_with("https://files.example.com/a/1?Expires=1767225660&Signature="));
        assert!(url.expose().contains("&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"));
        assert!(sign("another").is_err(), "a bucket without a distribution");
        assert!(open(&format!("{READS}[cloudfront]\npublic_reads = true\n"), KEY).unwrap().is_none());
        assert!(open("", KEY).unwrap().is_none());
    }

    #[test]
    fn what_is_missing_or_does_not_fit_is_an_error() {
        let other = signing(ALL).replace(RSA, ECDSA);
        for (sections, key, expected) in [
            (signing(""), KEY, "cloudfront.domain is not set"),
            (signing("domain = \"files.example.com\""), KEY, "cloudfront.key_pair_id is not set"),
            (signing(ALL), "K2JCJMDEHXQW5F", "cloudfront.private_key: the key must be one PEM block"),
            (other, KEY, "belongs to none of cloudfront.public_keys"),
        ] {
            let error = open(&sections, key).unwrap_err();
            assert!(error.contains(expected), "{expected} is not in {error}");
        }
        let config = read(&signing(ALL)).unwrap();
        let load = |source: &TokenSecretSource| {
            let TokenSecretSource::SecretsManager(arn) = source else { panic!("{source}") };
            Err(LoadSecretError::NoSecretsManager(arn.clone()))
        };
        assert_eq!(config.open_local_read_signer(load).unwrap_err().to_string(), "cloudfront.private_key");
    }

    /// While keys are replaced, the distributions trust the new key before and the old one after the change.
    #[test]
    fn key_may_belong_to_any_of_the_public_keys() {
        let two = |pems: &[&str]| signing(ALL).replace(&public_keys(&[RSA]), &public_keys(pems));
        for (pems, index) in [([RSA, ECDSA], 0), ([ECDSA, RSA], 1)] {
            let config = read(&two(&pems)).unwrap();
            let key = config.cloudfront_key(Ok(Zeroizing::new(KEY.as_bytes().to_vec()))).unwrap();
            assert_eq!(config.public_key_index(&key), Some(index));
        }
    }
}
