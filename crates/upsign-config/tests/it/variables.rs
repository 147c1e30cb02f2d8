//! Environment variables: names that could mean two settings, and names that mean none.

use std::path::{Path, PathBuf};

use upsign_config::Config;

const FILE: &str = r#"
[bucket]
name = "article-images-bucket"
region = "ap-southeast-1"

[cors]
origins = ["https://app.example.com"]
"#;

fn route(name: &str) -> String {
    format!(
        "\n[route.{name}]\nkey = \"{name}/{{id}}\"\ntypes = [\"image/png\"]\nmax_size = 1\nbodyless = \"refuse\"\n"
    )
}

/// Reads a file with these routes and these variables.
fn read(routes: &[&str], variables: &[(&str, &str)]) -> Result<Config, String> {
    let text: String =
        std::iter::once(FILE.to_owned()).chain(routes.iter().map(|name| route(name))).collect();
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
    let names = variables.iter().map(|(name, _)| *name);
    Config::read_with_names("upsign.toml", &text, value, names).map_err(|error| error.to_string())
}

#[test]
fn route_names_that_make_variables_ambiguous_are_refused() {
    for (one, other, variable, key, other_key) in [
        ("a", "a-key", "UPSIGN_ROUTE_A_KEY_GROUPS", "key_groups", "groups"),
        ("a", "a_key", "UPSIGN_ROUTE_A_KEY_GROUPS", "key_groups", "groups"),
        ("x-y", "x_y-client", "UPSIGN_ROUTE_X_Y_CLIENT_METADATA", "client_metadata", "metadata"),
        ("photos", "photos-kms", "UPSIGN_ROUTE_PHOTOS_KMS_KEY", "kms_key", "key"),
    ] {
        // Neither the order in the file nor whether a variable is set matters.
        for routes in [[one, other], [other, one]] {
            let error = read(&routes, &[]).unwrap_err();
            let expected = format!(
                "route.{other}: the variable {variable} would set `{other_key}` of this route and `{key}` of the route \
                 `{one}` (rename one of the routes)"
            );
            assert!(error.contains(&expected), "{error}\nexpected: {expected}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
    assert!(read(&["a", "a-images", "b", "b-max"], &[]).is_ok());
}

#[test]
fn one_variable_sets_one_key() {
    let config = read(&["a", "b-key"], &[("UPSIGN_ROUTE_A_KEY_GROUPS", "admins")]).unwrap();
    assert_eq!(config.routes()[0].policy.groups().unwrap().len(), 1);
    assert!(config.routes()[0].access.groups().is_none() && config.routes()[1].access.groups().is_none());
}

#[test]
fn unknown_variable_is_an_error_with_the_nearest_name() {
    for (name, near) in [
        ("UPSIGN_MAX_SISE", "UPSIGN_MAX_SIZE"),
        ("UPSIGN_BUCKETS", "UPSIGN_BUCKET"),
        ("UPSIGN_LOG_FORMATS", "UPSIGN_LOG_FORMAT"),
        ("UPSIGN_ROUTE_AVATAR_MAX_SIZE", "UPSIGN_ROUTE_AVATARS_MAX_SIZE"),
        ("UPSIGN_ROUTE_AVATARS_GROUP", "UPSIGN_ROUTE_AVATARS_GROUPS"),
    ] {
        let error = read(&["avatars"], &[(name, "secret-value")]).unwrap_err();
        assert_eq!(error, format!("{name}: unknown variable (did you mean {near}?)"));
    }
    let error = read(&["avatars"], &[("UPSIGN_WHATEVER_THIS_IS", "secret-value")]).unwrap_err();
    assert!(error.starts_with("UPSIGN_WHATEVER_THIS_IS: unknown variable ("), "{error}");
    let both = [("UPSIGN_MAX_SISE", "1"), ("UPSIGN_MIN_SISE", "1")];
    assert_eq!(read(&["avatars"], &both).unwrap_err().lines().count(), 2);
}

#[test]
fn unknown_variable_that_names_the_section_is_corrected() {
    for (written, meant) in [
        ("UPSIGN_BUCKET_NAME", "UPSIGN_BUCKET"),
        ("UPSIGN_UPLOAD_MAX_SIZE", "UPSIGN_MAX_SIZE"),
        ("UPSIGN_UPLOAD_EXPIRES_IN", "UPSIGN_EXPIRES_IN"),
        ("UPSIGN_AUTH_USER_POOL", "UPSIGN_USER_POOL"),
    ] {
        let error = read(&["a"], &[(written, "1")]).unwrap_err();
        assert!(error.ends_with(&format!("{written}: unknown variable (did you mean {meant}?)")), "{error}");
    }
    // Every name has the prefix, so it is no similarity.
    for written in ["UPSIGN_FOO", "UPSIGN_DEBUG", "UPSIGN_X"] {
        let error = read(&["a"], &[(written, "1")]).unwrap_err();
        assert!(!error.contains("did you mean") && error.contains("UPSIGN_MAX_SIZE for max_size"), "{error}");
    }
}

#[test]
fn warnings_about_variables_name_the_variable() {
    let variables =
        [("UPSIGN_ROUTE_A_STORAGE_CLASS", "DEEP_ARCHIVE"), ("UPSIGN_ROUTE_A_NO_OVERWRITE", "false")];
    let config = read(&["a"], &variables).unwrap();
    let help = |key: &str| config.warnings().iter().find(|warning| warning.key == key).unwrap().help.clone();
    let class = "set UPSIGN_ROUTE_A_STORAGE_CLASS=GLACIER_IR for an archive that can be read at once";
    assert_eq!(help("route.a.storage_class"), class);
    assert_eq!(help("route.a.no_overwrite"), "set UPSIGN_ROUTE_A_NO_OVERWRITE=true");
}

#[test]
fn known_empty_and_foreign_variables_are_accepted() {
    for (name, value) in [
        ("UPSIGN_ROUTE_AVATARS_MAX_SIZE", "7"),
        ("UPSIGN_CONFIG", "upsign.toml"),
        ("UPSIGN_METRICS", "off"),
        ("XTASK_TOOLS", "/tools"),
        ("UPSIGN_CREDENTIALS", "chain"),
        ("UPSIGN_ASSUME_ROLE", "arn:aws:iam::123456789012:role/uploads"),
        ("UPSIGN_LISTEN", "127.0.0.1:0"),
        ("UPSIGN_UNKNOWN", ""),
        ("upsign_unknown", "1"),
        ("MY_UPSIGN_UNKNOWN", "1"),
        ("UPSIGNER", "1"),
    ] {
        assert!(read(&["avatars"], &[(name, value)]).is_ok(), "{name}");
    }
}

/// Kubernetes sets these in each container next to a service of the name.
#[test]
fn variables_of_a_kubernetes_service_are_accepted() {
    for service in ["UPSIGN", "UPSIGN_API"] {
        let names = [
            "_SERVICE_HOST",
            "_SERVICE_PORT",
            "_SERVICE_PORT_HTTP",
            "_PORT",
            "_PORT_8080_TCP",
            "_PORT_8080_TCP_PROTO",
            "_PORT_8080_TCP_PORT",
            "_PORT_8080_TCP_ADDR",
        ];
        let names = names.map(|rest| format!("{service}{rest}"));
        let variables: Vec<_> = names.iter().map(|name| (name.as_str(), "10.0.0.1")).collect();
        assert_eq!(read(&["avatars"], &variables).err(), None);
        // Without the service, they are misspelled variables.
        for variable in variables.iter().skip(1) {
            assert!(read(&["avatars"], &[*variable]).is_err(), "{variable:?}");
        }
        let other = [
            variables[0],
            ("UPSIGN_SERVICE_PORTS", "1"),
            ("UPSIGN_PORT_X_TCP", "1"),
            ("UPSIGN_PORT_1_IP", "1"),
        ];
        assert_eq!(read(&["avatars"], &other).unwrap_err().lines().count(), 3);
    }
}

/// A variable that a program of the project reads must not be reported as unknown.
#[test]
fn every_variable_in_the_sources_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = std::collections::BTreeSet::new();
    for folder in ["crates", "examples", "benches"] {
        for file in sources(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let quoted = code.split('"').filter(|part| part.starts_with("UPSIGN_"));
            let is_name = |part: &&str| {
                part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            };
            names.extend(quoted.filter(is_name).map(str::to_owned));
        }
    }
    names.retain(|name| name != "UPSIGN_" && name != "UPSIGN_ROUTE_");
    // Names that examples give a secret. They are known only where a key such as `token.keys` names them.
    for name in ["UPSIGN_TOKEN_SECRET", "UPSIGN_WEBHOOK_SECRET", "UPSIGN_REDIS_URL", "UPSIGN_CLOUDFRONT_KEY"]
    {
        names.remove(name);
    }
    assert!(names.len() > 60, "{names:?}");
    for name in names {
        let invalid = read(&["avatars", "videos"], &[(&name, "x")]).err().unwrap_or_default();
        assert!(!invalid.contains("unknown variable"), "{invalid}");
    }
}

/// Returns the Rust sources under a folder, except tests and build outputs.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "target", "node_modules"].contains(&name.as_str()) {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    found
}
