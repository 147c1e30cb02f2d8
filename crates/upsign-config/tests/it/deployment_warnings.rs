//! Warnings about the section `[deployment]`: configurations that work, but not as one may expect.

use upsign_config::WarningCode;

use crate::deployment::{read, with};
use crate::good::FULL;

/// Returns the warnings with this code.
fn warnings(text: &str, code: WarningCode) -> Vec<String> {
    let config = read(text);
    config.warnings().iter().filter(|it| it.code == code).map(ToString::to_string).collect()
}

#[test]
fn transition_after_the_expiry_is_a_warning() {
    let file = |days: &str| {
        with(&format!("expire = {{ \"articles/\" = {days} }}\n")).replacen(
            "[upload]\n",
            "[upload]\ninfrequent_after = 60\n",
            1,
        )
    };
    let found = warnings(&file("30"), WarningCode::ExpiringUploads);
    assert_eq!(found.len(), 2, "{found:#?}");
    let expected = "upload.infrequent_after: has no effect: deployment.expire deletes these uploads, which begin with \"articles/\", after 30 days";
    assert!(found.iter().any(|line| line.contains(expected)), "{found:#?}");
    assert_eq!(warnings(&file("90"), WarningCode::ExpiringUploads).len(), 1);
}

#[test]
fn expiry_of_the_uploads_themselves_is_a_warning() {
    let found =
        warnings(&with("expire = { \"tmp/\" = 1, \"articles/\" = 7 }\n"), WarningCode::ExpiringUploads);
    assert_eq!(found.len(), 1, "{found:#?}");
    let expected = "upsign.toml:23:24: deployment.expire: every upload of [upload] is deleted after 7 days: its key begins with \"articles/\"";
    assert!(found[0].starts_with(expected), "{}", found[0]);
    assert!(warnings(&with("expire = { \"pending/\" = 1 }\n"), WarningCode::ExpiringUploads).is_empty());
}

#[test]
fn acls_that_new_buckets_refuse_are_a_warning() {
    let with_acl = |acl: &str| FULL.replacen("bodyless", &format!("acl = \"{acl}\"\nbodyless"), 1);
    let public = warnings(&with_acl("public-read"), WarningCode::AclsDisabled);
    assert!(
        public[0].contains("refuses uploads with the ACL public-read, and so does Block Public Access"),
        "{public:#?}"
    );
    let private = warnings(&with_acl("private"), WarningCode::AclsDisabled);
    assert!(private.len() == 1 && !private[0].contains("Block Public Access"), "{private:#?}");
    assert!(warnings(&with_acl("bucket-owner-full-control"), WarningCode::AclsDisabled).is_empty());
}

#[test]
fn functions_without_a_limit_are_a_warning() {
    let found = warnings(&with("api = \"url\"\n"), WarningCode::NoThrottle);
    assert!(
        found[0].starts_with("upsign.toml:23:7: deployment.api: a function URL has no limit of requests"),
        "{found:#?}"
    );
    assert!(found[0].contains("add reserved_concurrency = 10"), "{found:#?}");
    assert!(
        warnings(&with("api = \"url\"\nreserved_concurrency = 10\n"), WarningCode::NoThrottle).is_empty()
    );
    assert!(warnings(&with("api = \"http\"\n"), WarningCode::NoThrottle).is_empty());
}

#[test]
fn function_that_signs_for_another_store_is_a_warning() {
    let r2 = FULL.replacen(
        "region = \"ap-southeast-1\"",
        "region = \"auto\"\nprovider = \"r2\"\nendpoint = \"https://a1b2.r2.cloudflarestorage.com\"",
        1,
    );
    let found = warnings(&format!("{r2}[deployment]\napi = \"http\"\n"), WarningCode::ForeignStore);
    assert!(
        found[0].contains("deployment: the function signs with the credentials of its role"),
        "{found:#?}"
    );
    // `upsign serve` with keys of the store needs no [deployment].
    assert!(warnings(&r2, WarningCode::ForeignStore).is_empty());
}

/// One set of credentials signs uploads and calls AWS.
#[test]
fn services_of_aws_next_to_another_store_are_a_warning() {
    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/keys-AbCdEf";
    let r2 = FULL.replacen(
        "region = \"ap-southeast-1\"",
        "region = \"auto\"\nprovider = \"r2\"\nendpoint = \"https://a1b2.r2.cloudflarestorage.com\"",
        1,
    );
    let queue = |url: &str| {
        format!(
            "[webhook]\nurl = \"https://app.example.com/hook\"\nsecrets = [\"env:SECRET\"]\noutbox = \"sqs\"\n\
             queue_url = \"{url}\"\n"
        )
    };
    let of_aws = "https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks";
    let confirms = |text: &str| text.replacen("[upload]", "[upload]\nconfirm = true", 1);
    let dynamodb = "[limit]\nper_day = 2\n[quota]\nstore = \"dynamodb\"\ntable = \"uploads\"\nregion = \"eu-central-1\"\n\
                    fail = \"closed\"\n";
    let token = |source: &str| format!("[token]\nkeys = [\"{source}\"]\n");
    let secret = format!("secretsmanager:{ARN}");
    for (key, sections) in [
        ("webhook.queue_url", token("env:KEY") + &queue(of_aws)),
        ("quota.store", token("env:KEY") + dynamodb),
        ("token.keys", token(&secret)),
    ] {
        let found = warnings(&format!("{}{sections}", confirms(&r2)), WarningCode::ForeignStore);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains(key), "{found:#?}");
        assert!(
            found[0].contains("keys of the store at article-images-bucket.a1b2.r2.cloudflarestorage.com"),
            "{found:#?}"
        );
        let in_aws = warnings(&format!("{}{sections}", confirms(FULL)), WarningCode::ForeignStore);
        assert!(in_aws.is_empty(), "{in_aws:#?}");
    }
    let own_queue = token("env:KEY") + &queue("https://queue.example.com/1/webhooks");
    assert!(warnings(&format!("{}{own_queue}", confirms(&r2)), WarningCode::ForeignStore).is_empty());
}

#[test]
fn wide_permissions_name_the_placeholder() {
    let wide = FULL.replacen(
        "key = \"articles/{article_id}/raw/{id}.{ext}\"\nids = [\"article_id\"]",
        "key = \"{sub}/{id}.{ext}\"",
        1,
    );
    let found = warnings(&wide, WarningCode::Policy);
    let found = found.iter().find(|it| it.contains("upload.key")).unwrap();
    assert!(found.contains("the key begins with the placeholder `{sub}`, so the signing role must be permitted to write `arn:aws:s3:::article-images-bucket/*"), "{found}");
    assert!(found.contains("write key = \"uploads/{sub}/{id}.{ext}\", for example"), "{found}");
}

/// Returns a file with a route that uploads files of up to this size in parts.
fn with_parts(max_size: &str, keys: &str, deployment: &str) -> String {
    format!(
        "{FULL}\n[route.videos]\nkey = \"videos/{{sub}}/{{id}}\"\ntypes = \"any\"\nmax_size = \"{max_size}\"\nbodyless = \
         \"refuse\"\nmultipart = \"auto\"\n[token]\nkeys = [{keys}]\n{deployment}"
    )
}

const IN_SECRETS_MANAGER: &str =
    "\"secretsmanager:arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:uploads-AbCdEf\"";

#[test]
fn secrets_that_the_function_does_not_have_are_a_warning() {
    let code = WarningCode::TokenSecretNotDeployed;
    let keys = format!("{IN_SECRETS_MANAGER}, \"env:UPSIGN_TOKEN_SECRET\", \"file:token.key\"");
    let found = warnings(&with_parts("1 GiB", &keys, "[deployment]\napi = \"http\"\n"), code);
    assert!(found[0].contains("does not have the variable UPSIGN_TOKEN_SECRET"), "{found:#?}");
    assert!(found[1].contains("does not have the file token.key"), "{found:#?}");
    assert_eq!(found.len(), 2, "{found:#?}");
    // On a server of one's own, variables and files are there.
    let undeployed = with_parts("1 GiB", &keys, "");
    assert!(warnings(&undeployed, code).is_empty());
    let config = read(&undeployed);
    let if_deployed: Vec<String> = config.warnings_if_deployed().iter().map(ToString::to_string).collect();
    assert_eq!(if_deployed.len(), 2, "{if_deployed:#?}");
    assert!(if_deployed[1].contains("does not have the file token.key"), "{if_deployed:#?}");
    let deployment = "[deployment]\napi = \"http\"\n";
    assert!(warnings(&with_parts("1 GiB", IN_SECRETS_MANAGER, deployment), code).is_empty());
}

#[test]
fn uploads_of_too_many_parts_for_a_load_balancer_are_a_warning() {
    let code = WarningCode::LargeCompletions;
    let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/lb/1/2";
    let alb = format!("[deployment]\napi = \"alb\"\nlistener_arn = \"{listener}\"\n");
    let found = warnings(&with_parts("1 TiB", IN_SECRETS_MANAGER, &alb), code);
    assert!(
        found[0].contains("route.videos.max_size: a file of this size has ") && found.len() == 1,
        "{found:#?}"
    );
    assert!(warnings(&with_parts("1 GiB", IN_SECRETS_MANAGER, &alb), code).is_empty());
    let http = "[deployment]\napi = \"http\"\n";
    assert!(warnings(&with_parts("1 TiB", IN_SECRETS_MANAGER, http), code).is_empty());
}

#[test]
fn deployment_has_the_paths_and_the_secrets_of_uploads() {
    let text = with_parts("1 GiB", IN_SECRETS_MANAGER, "[server]\nbase_path = \"/api\"\n");
    let config = upsign_config::Config::read("upsign.toml", &text, |_| None).unwrap();
    let deployment = config.deployment();
    assert_eq!(deployment.upload_paths()[2], "/api/uploads/complete");
    let role = upsign_documents::IamPolicy::for_runtime(&deployment).to_json();
    assert!(
        role.contains("secretsmanager:GetSecretValue") && role.contains(":secret:uploads-AbCdEf"),
        "{role}"
    );
}
