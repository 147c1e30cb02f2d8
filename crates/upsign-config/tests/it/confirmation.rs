//! Confirmed uploads and several files in one request: the keys, their problems, and what the policy and the documents then do.

use upsign_config::{Config, WarningCode};
use upsign_core::Provider;
use upsign_documents::LifecycleDocument;
use upsign_policy::{ConfirmationOptions, FilesOptions, Gate, Inspection, UploadPolicy};

const AWS: &str = "region = \"eu-west-1\"";
/// The keys of a route that sends objects through a folder of their own.
const GATED: &str = "confirm = true\npending_key = \"pending/{id}\"";

/// An access point, by its ARN and by its alias.
const ACCESS_POINTS: [&str; 2] = [
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/uploads",
    "myap-abcdefg1234567890123456789012345-s3alias",
];

/// Returns a file with these lines in `[bucket]`, and these in `[upload]`.
fn file(bucket: &str, upload: &str) -> String {
    let own = upload.split("\n[").next().unwrap();
    let or = |name: &str, line: &str| if own.contains(name) { String::new() } else { format!("{line}\n") };
    let (key, size) = (or("\nkey = ", "key = \"a/{id}\""), or("max_size = ", "max_size = \"1 MiB\""));
    let key = if own.starts_with("key = ") { String::new() } else { key };
    let bodyless = or("bodyless = ", "bodyless = \"refuse\"");
    format!(
        "[bucket]\nname = \"uploads\"\n{bucket}\n[upload]\n{key}types = [\"image/jpeg\"]\n{size}{bodyless}{upload}\n\
         [cors]\norigins = [\"https://app.example.com\"]\n"
    )
}

fn read(bucket: &str, upload: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, it)| (*it).to_owned());
    Config::read("upsign.toml", &file(bucket, upload), variable).map_err(|error| error.to_string())
}

#[track_caller]
fn policy(upload: &str) -> UploadPolicy {
    read(AWS, upload, &[]).unwrap().policies().next().unwrap().clone()
}

#[track_caller]
fn options(upload: &str) -> ConfirmationOptions {
    policy(upload).confirmation().clone()
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(bucket: &str, upload: &str, key: &str, parts: &[&str]) {
    let line = read(bucket, upload, &[]).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn options_have_defaults_and_can_be_set() {
    // The table of stores says that Amazon S3 compares `If-Match` of a deletion.
    let default = ConfirmationOptions::new().with_delete_if_match(true);
    assert_eq!(options(""), default);
    assert_eq!(options("confirm = false"), default);
    assert_eq!(options("confirm = true"), default.with_confirm(true));
    let all = options(&format!(
        "{GATED}\nconfirm_within = \"1h\"\ninspect = \"magic\"\nclaim = true\ndelete = true\nread_expires_in = \"1m\""
    ));
    assert!(all.confirm() && all.claim() && all.delete());
    assert_eq!(all.inspection(), Inspection::Magic);
    assert_eq!((all.confirm_within().as_secs(), all.read_expires_in().as_secs()), (3_600, 60));
    assert_eq!(*all.gate(), Gate::Pending("pending/{id}".parse().unwrap()));
    let tagged = options("confirm = true\ngate = \"tag\"\ninspect = \"hook\"");
    assert_eq!((tagged.gate(), tagged.inspection()), (&Gate::Tag, Inspection::Hook));
    assert_eq!(options("confirm = true\ngate = \"none\"\ninspect = \"none\"").gate(), &Gate::None);
}

#[test]
fn variables_set_the_options_of_each_route() {
    let variables = [
        ("UPSIGN_CONFIRM", "true"),
        ("UPSIGN_PENDING_KEY", "incoming/{id}"),
        ("UPSIGN_INSPECT", "magic"),
        ("UPSIGN_CONFIRM_WITHIN", "2h"),
        ("UPSIGN_PENDING_DAYS", "9"),
        ("UPSIGN_MAX_FILES", "7"),
        ("UPSIGN_MAX_TOTAL_SIZE", "3 MiB"),
    ];
    let config = read(AWS, "", &variables).unwrap();
    let set = config.policies().next().unwrap();
    assert_eq!(set.pending_template().unwrap(), "incoming/{id}");
    assert_eq!(set.confirmation().inspection(), Inspection::Magic);
    assert_eq!(set.files(), FilesOptions::new().with_max_files(7).with_max_total_size(3 << 20));
    assert_eq!(config.routes()[0].pending_days, Some(9));
    let route = "\n[route.videos]\nkey = \"v/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = 1000\nbodyless = \"refuse\"\nconfirm = true";
    let config = read(AWS, route, &[("UPSIGN_ROUTE_VIDEOS_GATE", "tag")]).unwrap();
    let gates: Vec<_> = config.policies().map(|policy| policy.confirmation().gate().clone()).collect();
    assert_eq!(gates, [Gate::None, Gate::Tag]);
    let line = read(AWS, "", &[("UPSIGN_GATE", "tags")]).unwrap_err();
    assert!(line.starts_with("UPSIGN_GATE: upload.gate: must be \"none\" or \"tag\""), "{line}");
}

#[test]
fn keys_of_confirmation_need_it() {
    for (name, value) in [
        ("confirm_within", "\"1h\""),
        ("read_expires_in", "\"1m\""),
        ("pending_key", "\"pending/{id}\""),
        ("gate", "\"tag\""),
        ("claim", "true"),
        ("delete", "true"),
    ] {
        let help = format!("(write confirm = true, or remove {name})");
        for confirm in ["", "confirm = false\n"] {
            check(AWS, &format!("{confirm}{name} = {value}"), &format!("upload.{name}"), &[&help]);
        }
    }
    let line = read(AWS, "inspect = \"magic\"", &[]).unwrap_err();
    assert!(line.contains("upload.inspect: inspect is for uploads that clients confirm"), "{line}");
}

#[test]
fn nothing_is_inspected_that_can_be_read_before() {
    let parts = [
        "an object could be read before it is inspected",
        "write pending_key = \"pending/a/{id}\", or write gate = \"tag\"",
    ];
    check(AWS, "confirm = true\ninspect = \"magic\"", "upload.inspect", &parts);
    check(AWS, "confirm = true\ninspect = \"hook\"", "upload.inspect", &parts);
    check(
        AWS,
        "confirm = true\ninspect = \"virus\"",
        "upload.inspect",
        &["must be \"none\", \"magic\" or \"hook\""],
    );
}

#[test]
fn durations_have_bounds() {
    check(
        AWS,
        "confirm = true\nconfirm_within = \"8 days\"",
        "upload.confirm_within",
        &["must be at most 7 days, not 8 days", "write confirm_within = \"7 days\""],
    );
    check(
        AWS,
        "confirm = true\nconfirm_within = 0",
        "upload.confirm_within",
        &["must be at least 1 second, not 0", "write confirm_within = \"24h\""],
    );
    check(
        AWS,
        "confirm = true\nread_expires_in = 0",
        "upload.read_expires_in",
        &["write read_expires_in = \"5m\""],
    );
    check(
        AWS,
        "confirm = true\nread_expires_in = \"8 days\"",
        "upload.read_expires_in",
        &["must be at most 7 days"],
    );
}

#[test]
fn templates_of_pending_keys_are_checked_like_those_of_final_ones() {
    let gated =
        |key: &str, pending: &str| format!("key = \"{key}\"\nconfirm = true\npending_key = \"{pending}\"");
    for (key, pending, parts) in [
        ("a/{id}", "pending/{uid}", &["unknown placeholder `{uid}`"][..]),
        ("a/{id}", "pending/{id", &["write pending_key = \"pending/{id}\""]),
        (
            "a/{sub}/{id}",
            "pending/{id}",
            &[
                "pending_key must have every placeholder of the key",
                "{sub}",
                "write pending_key = \"pending/a/{sub}/{id}\"",
            ],
        ),
        (
            "a/{id}",
            "pending/{sub}/{id}",
            &["pending_key has `{sub}`, which the key has not", "write pending_key = \"pending/a/{id}\""],
        ),
        (
            "a/{id}",
            "{id}",
            &["must begin with a folder of its own", "write pending_key = \"pending/a/{id}\""],
        ),
        ("a/{id}", "a/{id}/x", &["begin with `a/`", "write pending_key = \"pending/a/{id}\""]),
        ("{id}", "pending/{id}", &["one could be among the others", "write key = \"files/{id}\""]),
    ] {
        check(AWS, &gated(key, pending), "upload.pending_key", parts);
    }
    check(
        AWS,
        &format!("{}\nreplace = \"if-match\"", gated("a/{id}", "pending/{id}")),
        "upload.pending_key",
        &["write replace = \"never\""],
    );
    check(
        AWS,
        &format!("{}\nreplace = \"allow\"", gated("a/{sub}", "pending/{sub}")),
        "upload.pending_key",
        &["add `{id}` to both templates"],
    );
    check(
        AWS,
        &format!("{GATED}\nmultipart = \"auto\"\nmax_size = \"6 GiB\""),
        "upload.pending_key",
        &["an object of 6 GiB cannot be copied to its final key", "write max_size = \"5 GiB\""],
    );
}

#[test]
fn one_gate_is_enough() {
    check(
        AWS,
        &format!("{GATED}\ngate = \"tag\""),
        "upload.gate",
        &["two ways to keep readers", "remove one of them"],
    );
    assert!(read(AWS, &format!("{GATED}\ngate = \"none\""), &[]).is_ok());
    let tag = "confirm = true\ngate = \"tag\"";
    check(AWS, &format!("{tag}\nclient_tags = true"), "upload.gate", &["remove client_tags"]);
    check(AWS, &format!("{tag}\ntags = {{ upsign = \"x\" }}"), "upload.gate", &["remove it from tags"]);
}

#[test]
fn claims_need_clients_that_send_them() {
    let upload = "confirm = true\nclaim = true\nbodyless = \"allow\"";
    check(AWS, upload, "upload.claim", &["would not send the claim", "write bodyless = \"refuse\""]);
}

#[test]
fn objects_are_kept_as_long_as_they_can_be_confirmed() {
    let parts = ["must be at least 2, not 1", "write pending_days = 2"];
    check(AWS, &format!("{GATED}\npending_days = 1"), "upload.pending_days", &parts);
    check(
        AWS,
        "confirm = true\npending_days = 3",
        "upload.pending_days",
        &["has an effect only with pending_key"],
    );
    let config = read(AWS, &format!("{GATED}\npending_days = 5"), &[]).unwrap();
    let deployment = config.deployment();
    let lifecycle = LifecycleDocument::for_bucket(&deployment, &deployment.buckets()[0]);
    let expiring =
        lifecycle.rules().iter().filter_map(|rule| Some((rule.prefix.as_str(), rule.expire_after?)));
    assert_eq!(expiring.collect::<Vec<_>>(), [("pending/", 5)]);
    assert!(read(AWS, &format!("{GATED}\nconfirm_within = \"1h\"\npending_days = 1"), &[]).is_ok());
}

#[test]
fn several_files_have_bounds() {
    assert_eq!(policy("").files(), FilesOptions::new());
    for (files, nearest) in [(0, 1), (256, 255), (70_000, 255)] {
        let parts = [format!("must be 1 to 255, not {files}"), format!("write max_files = {nearest}")];
        check(AWS, &format!("max_files = {files}"), "upload.max_files", &[&parts[0], &parts[1]]);
    }
    check(
        AWS,
        "max_total_size = \"9 MiB\"",
        "upload.max_total_size",
        &["set max_files", "write max_files = 10, or remove max_total_size"],
    );
    check(
        AWS,
        "max_files = 5\nmax_total_size = \"1 KiB\"",
        "upload.max_total_size",
        &["must be at least max_size (1 MiB), not 1 KiB", "write max_total_size = \"1 MiB\""],
    );
}

#[test]
fn stores_must_compare_the_source_of_a_copy() {
    let wasabi = "provider = \"wasabi\"\nregion = \"eu-central-1\"";
    let gated =
        format!("{GATED}\nno_overwrite = false\nreplace = \"allow\"").replace("no_overwrite = false\n", "");
    let line = read(wasabi, &gated, &[]).unwrap_err();
    assert!(line.contains("upload.pending_key: Wasabi does not compare the source of a copy"), "{line}");
    let declared = format!("{wasabi}\ncan = {{ copy_source_if_match = true }}");
    assert!(read(&declared, &gated, &[]).is_ok());
    assert!(Provider::SeaweedFs.capabilities().copy_source_if_match);
}

#[test]
fn gates_need_a_bucket_that_has_them() {
    let directory = "region = \"eu-north-1\"";
    let line = read(directory, GATED, &[("UPSIGN_BUCKET", "uploads--eun1-az1--x-s3")]).unwrap_err();
    assert!(line.contains("upload.pending_key: the policy of a directory bucket cannot keep"), "{line}");
    let tagged = "confirm = true\ngate = \"tag\"";
    for name in ACCESS_POINTS {
        for (key, upload) in [("pending_key", GATED), ("gate", tagged)] {
            let line =
                read("", upload, &[("UPSIGN_BUCKET", name), ("UPSIGN_REGION", "eu-west-1")]).unwrap_err();
            assert!(
                line.contains(&format!("upload.{key}: a policy that names an access point keeps nobody")),
                "{line}"
            );
            assert!(line.contains(&format!("remove {key}, or use the name of the bucket")), "{line}");
        }
    }
    let unversioned = [("UPSIGN_DEPLOYMENT_VERSIONED", "false")];
    let line = read(AWS, tagged, &unversioned).unwrap_err();
    assert!(line.contains("upload.gate: needs a versioned bucket"), "{line}");
    assert!(read(AWS, GATED, &unversioned).is_ok());
}

#[test]
fn no_event_confirms_objects_of_an_access_point() {
    let found = |name: &str, upload: &str| -> Vec<String> {
        let config = read("", upload, &[("UPSIGN_BUCKET", name), ("UPSIGN_REGION", "eu-west-1")]).unwrap();
        let of_events = |it: &&upsign_config::Warning| it.code == WarningCode::EventsProveNothing;
        config.warnings().iter().filter(of_events).map(ToString::to_string).collect()
    };
    let claimed = "confirm = true\nclaim = true";
    let sealed = "key = \"a/{id:sealed}\"\nconfirm = true";
    for name in ACCESS_POINTS {
        for (key, upload) in [("claim", claimed), ("key", sealed)] {
            let warnings = found(name, upload);
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            let start =
                format!("upload.{key}: no event confirms an object of this route: events name the bucket");
            assert!(warnings[0].contains(&start), "{warnings:?}");
        }
        assert!(
            found(name, "confirm = true").is_empty() && found(name, "key = \"a/{id:sealed}\"").is_empty()
        );
    }
    assert!(found("uploads", claimed).is_empty() && found("uploads", sealed).is_empty());
}

#[test]
fn folder_of_pending_objects_has_no_final_keys_of_any_route() {
    let other = |bucket: &str| {
        format!(
            "{GATED}\n[route.other]\n{bucket}key = \"pending/b/{{id}}\"\ntypes = [\"image/png\"]\nmax_size = 1000\n\
             bodyless = \"refuse\""
        )
    };
    let parts = [
        "final keys of [route.other] are in the folder \"pending/\"",
        "begin pending_key with a folder that no route has",
    ];
    check(AWS, &other(""), "upload.pending_key", &parts);
    assert!(read(AWS, &other("bucket = \"another-bucket\"\n"), &[]).is_ok());
}

#[test]
fn roles_of_readers_need_a_gate() {
    let role = "arn:aws:iam::123456789012:role/reader";
    for (name, variable) in [
        ("scanner_role", "UPSIGN_DEPLOYMENT_SCANNER_ROLE"),
        ("service_role", "UPSIGN_DEPLOYMENT_SERVICE_ROLE"),
    ] {
        assert!(read(AWS, GATED, &[(variable, role)]).is_ok(), "{name}");
        let line = read(AWS, "confirm = true", &[(variable, role)]).unwrap_err();
        assert!(line.contains(&format!("deployment.{name}: has an effect only with")), "{line}");
    }
    let config = read(AWS, GATED, &[("UPSIGN_DEPLOYMENT_SERVICE_ROLE", role)]).unwrap();
    let deployment = config.deployment();
    let policy =
        upsign_documents::IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap();
    assert!(policy.to_json().contains(role), "{}", policy.to_json());
}

/// Returns the warnings of a file with this code, as text.
fn warnings(bucket: &str, upload: &str, code: WarningCode) -> Vec<String> {
    let config = read(bucket, upload, &[]).unwrap();
    let found = config.warnings().iter().filter(|warning| warning.code == code);
    found.map(ToString::to_string).collect()
}

#[test]
fn gate_at_another_store_is_warned_of_because_nobody_enforces_it() {
    let code = || WarningCode::GateNotEnforced;
    let minio = "provider = \"minio\"\nendpoint = \"https://minio.example.com\"\nregion = \"us-east-1\"\n\
                 can = { copy_if_none_match = true, copy_source_if_match = true }";
    let found = warnings(minio, GATED, code());
    assert_eq!(found.len(), 1, "{found:?}");
    for part in ["upload.pending_key: ", "which this store does not enforce", "not the folder of pending_key"]
    {
        assert!(found[0].contains(part), "{found:?}");
    }
    let found = warnings(minio, "confirm = true\ngate = \"tag\"", code());
    assert!(found[0].contains("upload.gate: ") && found[0].contains("use pending_key"), "{found:?}");
    assert!(warnings(AWS, GATED, code()).is_empty());
    assert!(warnings(minio, "confirm = true", code()).is_empty());
    let endpoint = [("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4566")];
    let emulator = read(AWS, GATED, &endpoint).unwrap();
    assert!(emulator.warnings().iter().all(|warning| warning.code != code()));
}

#[test]
fn sealed_uploads_are_warned_of_if_they_are_counted_and_name_no_account() {
    let quota =
        "\n[limit]\nper_day = 20\n[quota]\nstore = \"dynamodb\"\ntable = \"quota\"\nfail = \"closed\"\n";
    let sealed = |more: &str, quota: &str| {
        let upload = format!("key = \"a/{{id:sealed}}\"\nconfirm = true\n{more}{quota}");
        let found = warnings(AWS, &upload, WarningCode::Policy);
        found.into_iter().filter(|warning| warning.contains("sealed")).collect::<Vec<_>>()
    };
    let found = sealed("", quota);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("upload.key: ") && found[0].contains("add claim = true"), "{found:?}");
    assert!(sealed("claim = true\n", quota).is_empty());
    assert!(sealed("", "").is_empty());
}
