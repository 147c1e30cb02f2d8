//! Golden files of whole stacks: every API × reads × notifications, and deployments with other settings, in SAM and Terraform.
//!
//! Most parts of a template are the same in most combinations, so each distinct part is written once, under a heading that
//! lists the combinations that contain it. `parts-yaml.txt` and `parts-tf.txt` hold the parts in the order in which they occur in every
//! template, so they determine each combination completely; the test puts each one together from them again. Of a part that
//! differs from its first variant in a few lines, only these lines are written.

use std::collections::BTreeSet;
use std::fmt::Write;

use upsign_core::{CorsOrigins, Target, TokenHeader};
use upsign_documents::{
    ApiAuthorizer, ApiKind, Deployment, DeploymentRoute, Guard, NotificationTarget, Reads, sam_template,
    terraform_module,
};
use upsign_policy::{CannedAcl, Encryption, KmsKey, StorageOptions, TagOptions};

use crate::apis::with_origins;
use crate::golden;
use crate::multipart_stacks::{self, SECRET};
use crate::policies::{authorizer, deployment, form, jwt_authorizer, origins, strict, two_step_policy};

const APIS: [(&str, ApiKind); 4] = [
    ("rest", ApiKind::Rest),
    ("http", ApiKind::Http),
    ("url", ApiKind::FunctionUrl),
    ("alb", ApiKind::LoadBalancer),
];
const READS: [(&str, Reads); 3] =
    [("none", Reads::None), ("presigned", Reads::Presigned), ("cloudfront", Reads::CloudFront)];
const NOTIFICATIONS: [(&str, NotificationTarget); 3] = [
    ("none", NotificationTarget::None),
    ("queue", NotificationTarget::Queue),
    ("event-bridge", NotificationTarget::EventBridge),
];

/// Returns every API × reads × notifications, named as in `rest/none/queue`.
fn combinations() -> Vec<(String, Deployment)> {
    let mut all = Vec::new();
    for (api_name, api) in APIS {
        let authorizer = match api {
            ApiKind::Rest => authorizer(),
            ApiKind::Http => jwt_authorizer(),
            _ => ApiAuthorizer::None,
        };
        let listener = "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";
        for (reads_name, reads) in READS {
            for (notification_name, target) in NOTIFICATIONS {
                let deployment = deployment()
                    .with_api(api)
                    .with_authorizer(authorizer.clone())
                    .with_listener_arn(listener)
                    .with_reads(reads)
                    .with_cloudfront_key(crate::policies::read_key())
                    .with_notification_target(target);
                all.push((format!("{api_name}/{reads_name}/{notification_name}"), deployment));
            }
        }
    }
    all
}

/// Returns deployments with the settings that the combinations do not vary.
fn others() -> Vec<(String, Deployment)> {
    // A function URL has the smallest API: here only the other resources vary.
    let of = |routes: Vec<DeploymentRoute>, origins: CorsOrigins| {
        Deployment::new(routes, origins).with_api(ApiKind::FunctionUrl)
    };
    let in_bucket = |name: &str| {
        let target = Target::aws(name.parse().unwrap(), "ap-southeast-1".parse().unwrap());
        DeploymentRoute::new(strict("b/{id}").build().unwrap().with_target(target).unwrap())
    };
    let stored = |options: StorageOptions| {
        strict("a/{id}").storage(options).tags(TagOptions::new().client(true)).build()
    };
    let acl = stored(StorageOptions::new().acl(CannedAcl::PublicRead)).unwrap();
    let key = Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
    let encrypted = stored(StorageOptions::new().encryption(key)).unwrap();
    let endpoint = "https://0123456789abcdef.r2.cloudflarestorage.com".parse().unwrap();
    let r2 = Target::builder("uploads".parse::<upsign_core::Bucket>().unwrap(), "auto".parse().unwrap());
    let r2 = strict("b/{id}").build().unwrap().with_target(r2.endpoint(endpoint).build().unwrap()).unwrap();
    let moved = DeploymentRoute::new(two_step_policy()).with_infrequent_access_after(60);
    let all = [
        ("public ACL", of(vec![acl.into()], origins())),
        ("KMS key, any origin", of(vec![encrypted.into()], CorsOrigins::any())),
        (
            "two buckets, CloudFront",
            of(vec![form("f/{id}").into(), in_bucket("second.bucket")], origins())
                .with_reads(Reads::CloudFront)
                .with_cloudfront_key(crate::policies::read_key())
                .with_guards([Guard::Tls, Guard::SignatureAge, Guard::AuthType]),
        ),
        (
            "account-regional name",
            of(vec![in_bucket("uploads-123456789012-ap-southeast-1-an")], origins())
                .with_account_regional_buckets(true),
        ),
        (
            "no origins, unversioned, unmonitored, no guards",
            of(vec![two_step_policy().into()], CorsOrigins::listed([]))
                .with_versioning(false)
                .with_monitoring(false)
                .with_guards([]),
        ),
        (
            "expiry, table, role, variables, limits, traces",
            Deployment::new([moved], origins())
                .with_authorizer(authorizer())
                .with_expiring_prefix("pending/", 1)
                .with_dynamodb_table("uploads")
                .with_signing_role("arn:aws:iam::123456789012:role/signer")
                .with_environment_variable("ARTICLE_IMAGES_BUCKET", "article-images-bucket")
                .with_throttle(5, 10)
                .with_reserved_concurrency(10)
                .with_log_retention(90)
                .with_access_logs(false)
                .with_tracing(true),
        ),
        ("wildcard origins, REST", with_origins(ApiKind::Rest, wildcards())),
        ("wildcard origins, HTTP", with_origins(ApiKind::Http, wildcards())),
        ("R2 and AWS", of(vec![r2.clone().into(), two_step_policy().into()], origins())),
        ("R2", of(vec![r2.into()], origins())),
    ];
    all.into_iter()
        .chain(callers())
        .chain(in_parts())
        .map(|(name, deployment)| (name.to_owned(), deployment))
        .collect()
}

fn wildcards() -> CorsOrigins {
    let origins = ["https://app.example.com", "https://*.preview.example.com", "http://localhost:*"];
    CorsOrigins::listed(origins.map(|origin| origin.parse().unwrap()))
}

/// Returns deployments whose callers send no token, or send it in another header.
fn callers() -> Vec<(&'static str, Deployment)> {
    let of = |api: ApiKind, authorizer: ApiAuthorizer| {
        Deployment::new([two_step_policy()], origins()).with_api(api).with_authorizer(authorizer)
    };
    let header: TokenHeader = "x-upload-token".parse().unwrap();
    vec![
        (
            "REST API with a Lambda authorizer, token header",
            of(ApiKind::Rest, ApiAuthorizer::Lambda).with_token_header(header.clone()),
        ),
        ("HTTP API with a Lambda authorizer", of(ApiKind::Http, ApiAuthorizer::Lambda)),
        ("HTTP API with IAM", of(ApiKind::Http, ApiAuthorizer::Iam)),
        ("function URL with IAM", of(ApiKind::FunctionUrl, ApiAuthorizer::Iam)),
        ("HTTP API, token header", of(ApiKind::Http, jwt_authorizer()).with_token_header(header)),
    ]
}

/// Returns deployments with multipart uploads.
fn in_parts() -> Vec<(&'static str, Deployment)> {
    let of = |api, origins| multipart_stacks::of(api, origins).with_token_secret(SECRET);
    vec![
        ("parts, REST", of(ApiKind::Rest, "https://app.example.com")),
        ("parts, HTTP, wildcard origins", of(ApiKind::Http, "https://*.example.com")),
        ("parts, load balancer", of(ApiKind::LoadBalancer, "https://app.example.com")),
    ]
}

/// A part of a template: one entry of a section in YAML, one top-level block in HCL.
type Part = (String, String);

/// The distinct texts of the part `name`, each with the combinations that contain it.
struct Variants {
    name: String,
    texts: Vec<(String, BTreeSet<usize>)>,
}

fn yaml_parts(template: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut section = String::new();
    for line in template.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let name = line.trim().split(':').next().unwrap();
        match indent {
            0 => {
                name.clone_into(&mut section);
                parts.push((section.clone(), line.to_owned()));
            }
            2 if !line.trim_start().starts_with('-') => {
                parts.push((format!("{section}.{name}"), line.to_owned()));
            }
            _ => parts.last_mut().unwrap().1.push_str(line),
        }
    }
    parts
}

fn hcl_parts(module: &str) -> Vec<Part> {
    let blocks = module.split("\n\n").collect::<Vec<_>>();
    let mut parts: Vec<Part> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let text = if index + 1 == blocks.len() { (*block).to_owned() } else { format!("{block}\n\n") };
        if block.starts_with([' ', '}']) {
            parts.last_mut().unwrap().1.push_str(&text);
        } else {
            parts.push((block.lines().next().unwrap().trim_end_matches(" {").replace('"', ""), text));
        }
    }
    parts
}

/// Collects the variants of every part, in an order in which each template has its parts.
fn collect(templates: &[Vec<Part>]) -> Vec<Variants> {
    let mut all: Vec<Variants> = Vec::new();
    for (combination, parts) in templates.iter().enumerate() {
        let mut at = 0;
        for (name, text) in parts {
            let known = all.iter().position(|it| it.name == *name);
            let index = known.unwrap_or_else(|| {
                all.insert(at, Variants { name: name.clone(), texts: Vec::new() });
                at
            });
            at = index + 1;
            let texts = &mut all[index].texts;
            match texts.iter_mut().find(|(known, _)| known == text) {
                Some((_, combinations)) => {
                    combinations.insert(combination);
                }
                None => texts.push((text.clone(), BTreeSet::from([combination]))),
            }
        }
    }
    all
}

/// Describes a set of combinations: `*` stands for all of a dimension.
fn described(names: &[String], chosen: &BTreeSet<usize>) -> String {
    if chosen.len() == names.len() {
        return "all".into();
    }
    let chosen: Vec<&str> = chosen.iter().map(|index| names[*index].as_str()).collect();
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (api, _) in APIS {
        let rest: Vec<&str> =
            chosen.iter().filter_map(|name| name.strip_prefix(api)?.strip_prefix('/')).collect();
        match groups.iter_mut().find(|(_, known)| *known == rest) {
            Some((apis, _)) => apis.push(api),
            None => groups.push((vec![api], rest)),
        }
    }
    let either = |values: &[&str], all: usize| match values {
        values if values.len() == all => "*".to_owned(),
        values => values.join("|"),
    };
    let mut out: Vec<String> = Vec::new();
    for (apis, rest) in groups.iter().filter(|(_, rest)| !rest.is_empty()) {
        let part = |index: usize| {
            let mut parts: Vec<&str> = rest.iter().map(|name| name.split('/').nth(index).unwrap()).collect();
            parts.sort_unstable();
            parts.dedup();
            parts
        };
        let (reads, targets) = (part(0), part(1));
        let api = either(apis, APIS.len());
        if reads.len() * targets.len() == rest.len() {
            out.push(format!(
                "{api}/{}/{}",
                either(&reads, READS.len()),
                either(&targets, NOTIFICATIONS.len())
            ));
        } else {
            out.extend(rest.iter().map(|name| format!("{api}/{name}")));
        }
    }
    out.extend(chosen.iter().filter(|name| !name.contains('/')).map(|name| format!("\"{name}\"")));
    out.join(", ")
}

/// Returns the lines that are only in one of two texts, marked with `-` and `+`, after the line before them.
fn changes(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // The length of the longest common subsequence of the lines from `i` and from `j`.
    let mut common = vec![vec![0; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i][j] = if before[i] == after[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = String::new();
    let mut context = None;
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            context = Some(before[i]);
            (i, j) = (i + 1, j + 1);
            continue;
        }
        context.take().into_iter().for_each(|line| writeln!(out, "@@\n {line}").unwrap());
        if i < before.len() && (j == after.len() || common[i + 1][j] >= common[i][j + 1]) {
            writeln!(out, "-{}", before[i]).unwrap();
            i += 1;
        } else {
            writeln!(out, "+{}", after[j]).unwrap();
            j += 1;
        }
    }
    out
}

/// Compares the parts of these templates with a golden file, and each template with what the parts yield.
fn check(file: &str, templates: &[(String, String)], split: impl Fn(&str) -> Vec<Part>) {
    let names: Vec<String> = templates.iter().map(|(name, _)| name.clone()).collect();
    let parts: Vec<Vec<Part>> = templates.iter().map(|(_, text)| split(text)).collect();
    let all = collect(&parts);
    for (index, (name, text)) in templates.iter().enumerate() {
        let texts = all.iter().flat_map(|part| &part.texts);
        let used = texts.filter(|(_, combinations)| combinations.contains(&index));
        let whole: String = used.map(|(text, _)| text.as_str()).collect();
        assert_eq!(&whole, text, "{name}: the parts of {file} are in another order");
    }
    let mut out = String::new();
    for Variants { name, texts } in &all {
        for (text, combinations) in texts {
            let changes = changes(&texts[0].0, text);
            let is_short = 2 * changes.lines().count() < text.lines().count();
            let (note, shown) = match is_short && *text != texts[0].0 {
                true => ("\n# like the first, with these changes", changes.as_str()),
                false => ("", text.as_str()),
            };
            let combinations = described(&names, combinations);
            let _ = write!(out, "# {name}\n# in {combinations}{note}\n{}\n\n", shown.trim_end());
        }
    }
    golden::check(file, &out);
}

#[test]
fn sam_templates_match_the_golden_parts() {
    let all = combinations().into_iter().chain(others());
    let all = all.map(|(name, deployment)| (name, sam_template(&deployment).unwrap().to_yaml()));
    check("stacks/parts-yaml.txt", &all.collect::<Vec<_>>(), yaml_parts);
}

#[test]
fn terraform_modules_match_the_golden_parts() {
    let all = combinations().into_iter().chain(others());
    let all = all.map(|(name, deployment)| (name, terraform_module(&deployment).unwrap().to_hcl()));
    check("stacks/parts-tf.txt", &all.collect::<Vec<_>>(), hcl_parts);
}

#[test]
fn changes_of_a_part_are_its_lines_after_the_line_before_them() {
    let before = "a\nb\nc\nd\n";
    assert_eq!(changes(before, before), "");
    assert_eq!(changes(before, "a\nx\nc\nd\ne\n"), "@@\n a\n-b\n+x\n@@\n d\n+e\n");
    assert_eq!(changes(before, "b\nc\nd\n"), "-a\n");
}

#[test]
fn combinations_are_described_as_products() {
    let names: Vec<String> = combinations().into_iter().chain(others()).map(|(name, _)| name).collect();
    let described = |filter: &dyn Fn(&str) -> bool| {
        let chosen = names.iter().enumerate().filter(|(_, name)| filter(name)).map(|(index, _)| index);
        described(&names, &chosen.collect())
    };
    assert_eq!(described(&|_| true), "all");
    assert_eq!(described(&|name| name.contains('/')), "*/*/*");
    assert_eq!(described(&|name| name.ends_with("/queue")), "*/*/queue");
    assert_eq!(described(&|name| name.starts_with("rest/") || name == "R2"), "rest/*/*, \"R2\"");
    assert_eq!(
        described(&|name| ["url/none/none", "url/presigned/queue"].contains(&name)),
        "url/none/none, url/presigned/queue"
    );
}
