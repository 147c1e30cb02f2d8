//! Uploads per day: the keys, their problems and warnings, the limits, and the service that counts.

use std::sync::Arc;

use upsign::quota::{AccountKey, FailMode, MemoryQuota, QuotaLimit, QuotaStore, Window};
use upsign_config::{
    BuildServiceError, Config, QuotaStoreConfig, ServiceParts, StoreSigner, TokenSecretSource,
};
use upsign_core::{Credentials, Identity, Timestamp, WithCredentials};
use upsign_policy::UploadRequest;

const MEMORY: &str = "[quota]\nstore = \"memory\"\nfail = \"closed\"\n[server]\nsingle_process = true";
const REDIS: &str = "[quota]\nstore = \"redis\"\nfail = \"open\"\nurl = \"env:UPSIGN_REDIS_URL\"";
const TABLE: &str = "[quota]\nstore = \"dynamodb\"\nfail = \"closed\"\ntable = \"upsign-quota\"";

/// Returns a file with these lines in `[upload]`, and these sections.
fn file(upload: &str, sections: &str) -> String {
    let key = if upload.contains("key = ") { "" } else { "key = \"a/{id}\"\n" };
    format!(
        "[bucket]\nname = \"uploads\"\nregion = \"eu-west-1\"\n[upload]\n{key}types = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\n\
         bodyless = \"refuse\"\n{upload}\n[cors]\norigins = [\"https://app.example.com\"]\n{sections}\n"
    )
}

fn read(upload: &str, sections: &str) -> Result<Config, String> {
    Config::read("upsign.toml", &file(upload, sections), |_| None).map_err(|error| error.to_string())
}

/// Checks the one problem of a file: its key, and parts of its message and help.
#[track_caller]
fn check(upload: &str, sections: &str, key: &str, parts: &[&str]) {
    let line = read(upload, sections).unwrap_err();
    assert_eq!(line.lines().count(), 1, "{line}");
    for part in [&*format!(" {key}: ")].iter().chain(parts) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

fn warnings(config: &Config) -> Vec<String> {
    let all = config.warnings().iter().chain(config.warnings_if_deployed());
    all.map(ToString::to_string).filter(|line| !line.contains("no section [auth]")).collect()
}

#[test]
fn limits_of_all_routes_and_of_each_are_read() {
    let route = "[route.videos]\nkey = \"v/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = 1000\nbodyless = \"refuse\"\nper_day = 5";
    let limits = "[limit]\nper_day = 20\nbytes_per_day = \"1 GiB\"";
    let config = read("bytes_per_day = \"9 MiB\"", &format!("{route}\n{limits}\n{MEMORY}")).unwrap();
    let quota = config.quota().unwrap();
    assert_eq!((&quota.store, quota.fail), (&QuotaStoreConfig::Memory, FailMode::Closed));
    assert_eq!((&quota.account, quota.shares_rate_limits), (&AccountKey::Subject, false));
    let expected = [
        QuotaLimit::for_all_routes(Window::DAY).with_objects(20).with_bytes(1 << 30),
        QuotaLimit::for_route(None, Window::DAY).with_bytes(9 << 20),
        QuotaLimit::for_route(Some("videos".parse().unwrap()), Window::DAY).with_objects(5),
    ];
    assert_eq!(quota.limits, expected);
    assert!(read("", "").unwrap().quota().is_none());
}

#[test]
fn stores_have_their_own_keys() {
    let config = read("per_day = 1", REDIS).unwrap();
    let url = TokenSecretSource::Env("UPSIGN_REDIS_URL".into());
    assert_eq!(config.quota().unwrap().store, QuotaStoreConfig::Redis(url));
    let table = |region: &str| {
        let config = read("per_day = 1", &format!("{TABLE}\n{region}")).unwrap();
        match &config.quota().unwrap().store {
            QuotaStoreConfig::DynamoDb { table, region } => (table.to_string(), region.to_string()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(table(""), ("upsign-quota".to_owned(), "eu-west-1".to_owned()));
    assert_eq!(table("region = \"us-east-1\"").1, "us-east-1");
    check(
        "per_day = 1",
        &format!("{MEMORY}\n").replace("[server]", "url = \"env:A\"\n[server]"),
        "quota.url",
        &["only with store = \"redis\"", "write store = \"redis\", or remove it"],
    );
    check(
        "per_day = 1",
        &format!("{REDIS}\ntable = \"abc\""),
        "quota.table",
        &["only with store = \"dynamodb\""],
    );
    check("per_day = 1", &format!("{TABLE}\nurl = \"env:A\""), "quota.url", &["only with store = \"redis\""]);
    check("per_day = 1", &TABLE.replace("upsign-quota", "a"), "quota.table", &["has 3 to 255 letters"]);
    check("per_day = 1", &TABLE.replace("table =", "#"), "quota.table", &["add table = \"upsign-quota\""]);
    check("per_day = 1", &REDIS.replace("url =", "#"), "quota.url", &["add url = \"env:UPSIGN_REDIS_URL\""]);
}

#[test]
fn limits_need_a_store_and_a_decision() {
    let line = read("per_day = 1", "").unwrap_err();
    assert!(line.contains(" quota.store: ") && line.contains(" quota.fail: "), "{line}");
    check(
        "per_day = 1",
        &MEMORY.replace("fail = \"closed\"", ""),
        "quota.fail",
        &["add fail = \"closed\": uploads are refused"],
    );
    check(
        "per_day = 1",
        &MEMORY.replace("closed", "ajar"),
        "quota.fail",
        &["must be \"closed\" or \"open\""],
    );
    check(
        "",
        MEMORY,
        "quota.store",
        &["has an effect only with a limit per day or limit.shared", "add per_day = 20"],
    );
    check(
        "per_day = 1",
        &MEMORY.replace("true", "false"),
        "quota.store",
        &["counts in the memory of one process", "add single_process = true"],
    );
}

#[test]
fn amounts_have_bounds() {
    for (name, value) in [("per_day", "0"), ("bytes_per_day", "0"), ("per_day", "9007199254740992")] {
        let parts = ["must be from 1 to 9007199254740991", "remove the line for no limit"];
        check(&format!("{name} = {value}"), "", &format!("upload.{name}"), &parts);
    }
}

#[test]
fn password_of_the_server_is_neither_accepted_nor_repeated() {
    let pasted = REDIS.replace("env:UPSIGN_REDIS_URL", "redis://:hunter2hunter2@db:6379");
    let line = read("per_day = 1", &pasted).unwrap_err();
    assert!(line.contains("quota.url: is a URL, which contains the password"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
    let variable =
        |name: &str| (name == "UPSIGN_QUOTA_URL").then(|| "redis://:hunter2hunter2@db:6379".to_owned());
    let error = Config::read("upsign.toml", &file("per_day = 1", REDIS), variable).unwrap_err().to_string();
    assert!(error.contains("quota.url: is a URL") && !error.contains("hunter2"), "{error}");
    check(
        "per_day = 1",
        &REDIS.replace("env:UPSIGN_REDIS_URL", "UPSIGN_REDIS_URL"),
        "quota.url",
        &["must be `env:NAME` or `file:PATH`"],
    );
    check(
        "per_day = 1",
        &REDIS.replace(
            "env:UPSIGN_REDIS_URL",
            "secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf",
        ),
        "quota.url",
        &["must be `env:NAME`"],
    );
}

#[test]
fn variable_of_the_url_is_known() {
    let names = ["UPSIGN_REDIS_URL"];
    let variable = |name: &str| (name == "UPSIGN_REDIS_URL").then(|| "redis://127.0.0.1".to_owned());
    let text = file("per_day = 1", REDIS);
    assert!(Config::read_with_names("upsign.toml", &text, variable, names).is_ok());
    let other = file("per_day = 1", MEMORY);
    assert!(Config::read_with_names("upsign.toml", &other, variable, names).is_err());
}

#[test]
fn accounts_are_subjects_or_claims() {
    let by = |by: &str| read("per_day = 1", &MEMORY.replace("[server]", &format!("by = \"{by}\"\n[server]")));
    assert_eq!(by("subject").unwrap().quota().unwrap().account, AccountKey::Subject);
    assert_eq!(by("claim:org_id").unwrap().quota().unwrap().account, AccountKey::Claim("org_id".into()));
    for wrong in ["org_id", "claim:", ""] {
        let line = by(wrong).unwrap_err();
        assert!(line.contains("quota.by: must be \"subject\" or \"claim:NAME\""), "{line}");
    }
}

#[test]
fn claim_that_counts_is_read_from_every_token() {
    let auth = "[auth]\nuser_pool = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]\ntoken_use = \"access\"";
    let sections = format!("{auth}\n{}", MEMORY.replace("[server]", "by = \"claim:org_id\"\n[server]"));
    let config = read("per_day = 1", &sections).unwrap();
    let verifier = format!("{:?}", config.auth().unwrap().issuers[0].verifier);
    assert!(verifier.contains("org_id"), "{verifier}");
}

#[test]
fn keys_of_counted_routes_are_unique() {
    let parts = ["uploads per day are counted by their keys", "write key = \""];
    check("key = \"avatars/{sub}\"\nreplace = \"allow\"\nper_day = 1", MEMORY, "upload.key", &parts);
    assert!(read("key = \"avatars/{sub}\"\nreplace = \"allow\"", "").is_ok());
}

#[test]
fn shared_limits_of_requests_need_one() {
    let shared = |limit: &str| format!("[limit]\nshared = true\n{limit}\n{MEMORY}");
    assert!(read("", &shared("per_minute = 60")).unwrap().quota().unwrap().shares_rate_limits);
    check("", &shared(""), "limit.shared", &["has an effect only with per_minute or calls_per_minute"]);
}

#[test]
fn unusual_limits_are_warned_about() {
    let of = |upload: &str, sections: &str| warnings(&read(upload, sections).unwrap());
    let grants = of("per_day = 1", MEMORY);
    assert!(grants[0].contains("upload.per_day: each grant counts as an upload"), "{grants:?}");
    assert_eq!(of("per_day = 1\nconfirm = true", TABLE), Vec::<String>::new());
    let small = of("bytes_per_day = \"1 KiB\"\nconfirm = true", TABLE);
    assert!(
        small[0].contains("upload.bytes_per_day: is 1 KiB, less than one file of [upload] may have (1 MiB)"),
        "{small:?}"
    );
    for (sections, part) in [
        (MEMORY, "each of which would permit the whole limit"),
        (REDIS, "does not have env:UPSIGN_REDIS_URL"),
    ] {
        let deployed = of("per_day = 1\nconfirm = true", sections);
        assert!(deployed.len() == 1 && deployed[0].contains(part), "{deployed:?}");
        assert!(deployed[0].contains("dynamodb"), "{deployed:?}");
    }
}

fn presigner() -> WithCredentials<StoreSigner, Credentials> {
    WithCredentials::new(StoreSigner::new(), Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
}

fn issue(
    service: &upsign::UploadService<Arc<WithCredentials<StoreSigner, Credentials>>>,
) -> Result<(), String> {
    let caller = Identity::from_verified("https://issuer.example", "user-1").unwrap();
    let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(1_000);
    let issued = futures_executor::block_on(service.issue(&caller, None, &upload, Timestamp::UNIX_EPOCH));
    issued.map(drop).map_err(|error| error.to_string())
}

#[test]
fn service_counts_uploads_and_requests_in_the_store() {
    let limits = "[limit]\nper_day = 2\nper_minute = 10\nshared = true";
    let config = read("", &format!("{limits}\n{MEMORY}")).unwrap();
    let service = config.service(presigner()).unwrap();
    assert_eq!((issue(&service), issue(&service)), (Ok(()), Ok(())));
    assert!(issue(&service).is_err());
    // Two processes with one store count together.
    let store: Arc<dyn QuotaStore> = Arc::new(MemoryQuota::new());
    let config = read("", &format!("[limit]\nper_minute = 2\nshared = true\n{REDIS}")).unwrap();
    let process = || {
        config.service_with(presigner(), ServiceParts::new().with_quota_store(Arc::clone(&store))).unwrap()
    };
    let (one, other) = (process(), process());
    assert_eq!((issue(&one), issue(&other)), (Ok(()), Ok(())));
    assert!(issue(&one).is_err() && issue(&other).is_err());
    let missing = config.service(presigner()).unwrap_err();
    assert_eq!(missing, BuildServiceError::MissingQuotaStore);
}

#[test]
fn stores_are_opened_with_what_they_need() {
    let open = |sections: &str, variable: &'static str, credentials: bool| {
        let config = read("per_day = 1", sections).unwrap();
        let credentials = credentials.then(|| {
            Arc::new(Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
                as Arc<dyn upsign_core::CredentialsSource>
        });
        let variable = |name: &str| name.starts_with("UPSIGN_REDIS").then(|| variable.to_owned());
        config
            .open_quota_store(variable, credentials)
            .map(|store| store.is_some())
            .map_err(|error| error.to_string())
    };
    assert_eq!(open(MEMORY, "", false), Ok(true));
    assert!(read("", "").unwrap().open_quota_store(|_| None, None).unwrap().is_none());
    if cfg!(feature = "redis") {
        assert_eq!(open(REDIS, "redis://127.0.0.1:6379", false), Ok(true));
        assert!(open(REDIS, "", false).unwrap_err().starts_with("quota.url: the URL cannot be loaded"));
        let wrong = open(REDIS, "http://:hunter2@db", false).unwrap_err();
        assert!(wrong.starts_with("quota.url: ") && !wrong.contains("hunter2"), "{wrong}");
    } else {
        assert_eq!(open(REDIS, "", false), Err("quota.store: this program does not call Redis".into()));
    }
    if cfg!(feature = "dynamodb") {
        assert_eq!(open(TABLE, "", true), Ok(true));
        assert_eq!(open(TABLE, "", false), Err("quota.store: DynamoDB needs credentials of AWS".into()));
    } else {
        assert_eq!(open(TABLE, "", true), Err("quota.store: this program does not call DynamoDB".into()));
    }
}

#[test]
fn table_is_part_of_the_deployment() {
    let deployment = read("per_day = 1", TABLE).unwrap().deployment();
    let template = upsign_documents::sam_template(&deployment).unwrap().to_yaml();
    assert!(template.contains("TableName: upsign-quota") && template.contains("CountUploads"), "{template}");
    let elsewhere = read("per_day = 1", &format!("{TABLE}\nregion = \"us-east-1\"")).unwrap().deployment();
    let template = upsign_documents::sam_template(&elsewhere).unwrap().to_yaml();
    assert!(
        !template.contains("AWS::DynamoDB::Table") && template.contains("dynamodb:us-east-1:"),
        "{template}"
    );
}
