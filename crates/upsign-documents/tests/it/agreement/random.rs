//! Random routes and deployments.

use upsign_core::{CorsOrigins, Provider, Target};
use upsign_documents::{
    ApiAuthorizer, ApiKind, Deployment, DeploymentRoute, Guard, IamPolicy, NotificationTarget, Reads,
};
use upsign_policy::{
    Bodyless, CacheControl, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption,
    ExpiresIn, FileNameOptions, FileNames, HeaderOptions, IdName, KeyOptions, KeyTemplate, KmsKey,
    LifetimeOptions, LockMode, LockOptions, Metadata, MetadataOptions, MultipartMode, MultipartOptions,
    OtherHeaders, ResumeWindow, Retention, SharedContent, SizeBound, SizeLimit, StorageClass, StorageOptions,
    TagOptions, Tags, UploadMethod, UploadPolicy,
};

pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const REGION: &str = "ap-southeast-1";
pub(super) const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";
pub(super) const SCANNER: &str = "arn:aws:iam::123456789012:role/scanner";
pub(super) const KMS_KEY: &str =
    "arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A generator of pseudorandom numbers (xorshift64*), so that a seed names a configuration.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.below(2);
        random
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// Key templates. `#` becomes the number of the route. The last ones begin with a placeholder.
const TEMPLATES: [&str; 15] = [
    "r#/{id}",
    "r#/{sub}/{id}.{ext}",
    "r#/{date}/{id}-{filename}",
    "r#/{article_id}/raw/{id}.{ext}",
    "r#/{group}/{id}/original",
    "r#/{claim:tenant}/{id}.{ext}",
    "r#/{sub}/{sha256}.{ext}",
    "r#/{issuer}/{sub}/{id}.{ext}",
    "r#-{id}",
    "{sub}/{id}.{ext}",
    "{group}/{id}",
    "{issuer}/r#/{sub}/{id}",
    "{issuer}.{sub}/{id}",
    "{claim:tenant}/r#/{id}.{ext}",
    "{id}",
];

const ACLS: [CannedAcl; 7] = [
    CannedAcl::Private,
    CannedAcl::PublicRead,
    CannedAcl::PublicReadWrite,
    CannedAcl::AuthenticatedRead,
    CannedAcl::BucketOwnerRead,
    CannedAcl::BucketOwnerFullControl,
    CannedAcl::AwsExecRead,
];

const CLASSES: [StorageClass; 4] = [
    StorageClass::Standard,
    StorageClass::StandardIa,
    StorageClass::IntelligentTiering,
    StorageClass::GlacierIr,
];

fn storage(random: &mut Random, encryption: Option<&Encryption>) -> StorageOptions {
    let mut storage = StorageOptions::new();
    if random.percent(25) {
        storage = storage.acl(random.pick(&ACLS));
    }
    if random.percent(25) {
        storage = storage.storage_class(random.pick(&CLASSES));
    }
    if random.percent(20) {
        storage = storage.cache_control("max-age=60".parse::<CacheControl>().unwrap());
    }
    match encryption {
        Some(encryption) => storage.encryption(encryption.clone()),
        None => storage,
    }
}

fn encryption(random: &mut Random) -> Option<Encryption> {
    let key = |name: &str| KmsKey::CustomerManaged(name.parse().unwrap());
    let keys = [
        KmsKey::AwsManaged,
        key(KMS_KEY),
        key("1234abcd-12ab-34cd-56ef-1234567890ab"),
        key("alias/uploads"),
        key("arn:aws:kms:ap-southeast-1:123456789012:alias/uploads"),
    ];
    let chosen = random.pick(&keys);
    match random.below(6) {
        0 => Some(Encryption::S3),
        1 | 2 => Some(Encryption::Kms(chosen)),
        3 => Some(Encryption::KmsDsse(chosen)),
        _ => None,
    }
}

fn checksums(random: &mut Random, template: &str) -> Checksums {
    if template.contains("{sha256}") {
        return Checksums::Required([ChecksumAlgorithm::Sha256].into());
    }
    match random.below(5) {
        0 => Checksums::Required([ChecksumAlgorithm::Sha256].into()),
        1 => Checksums::Optional(ChecksumAlgorithm::ALL.into()),
        2 => Checksums::Optional([ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Md5].into()),
        _ => Checksums::None,
    }
}

fn pairs(random: &mut Random) -> (TagOptions, MetadataOptions) {
    let (mut tags, mut metadata) = (TagOptions::new().client(random.percent(20)), MetadataOptions::new());
    if random.percent(20) {
        let mut fixed = Tags::new();
        fixed.insert("team", "a b&c").unwrap();
        tags = tags.fixed(fixed);
    }
    if random.percent(20) {
        let mut fixed = Metadata::new();
        fixed.insert("source", "web").unwrap();
        metadata = metadata.fixed(fixed);
    }
    metadata = metadata.client(match random.below(4) {
        0 => ClientMetadata::Any,
        1 => ClientMetadata::Named([Box::from("width")].into()),
        _ => ClientMetadata::None,
    });
    (tags, metadata)
}

/// Returns a route into `bucket`, or `None` if the policy refuses the combination of options.
fn policy(
    random: &mut Random,
    bucket: &str,
    number: usize,
    encryption: Option<&Encryption>,
) -> Option<UploadPolicy> {
    let template = random.pick(&TEMPLATES).replace('#', &number.to_string());
    let ids: Vec<IdName> =
        if template.contains("article_id") { vec!["article_id".parse().unwrap()] } else { Vec::new() };
    let target = Target::aws(bucket.parse().unwrap(), REGION.parse().unwrap());
    let method = random.pick(&[UploadMethod::Put, UploadMethod::Put, UploadMethod::Post]);
    let bodyless = random.pick(&[Bodyless::Allow, Bodyless::Refuse, Bodyless::Refuse]);
    let types: &[&str] = random.pick(&[
        &["image/jpeg"][..],
        &["image/jpeg", "image/png", "application/pdf"],
        &["image/*"],
        &["application/octet-stream"],
    ]);
    let dispositions = [
        Disposition::Unset,
        Disposition::Attachment,
        Disposition::AttachmentNamed,
        Disposition::InlineNamed,
        Disposition::FromClient,
    ];
    let expires_in = ExpiresIn::from_secs(random.pick(&[60, 900, 3_600])).unwrap();
    let file_names = FileNameOptions::new()
        .keep(random.percent(20))
        .handling(random.pick(&[FileNames::Refuse, FileNames::Mend]));
    let keys = if random.percent(50) {
        KeyOptions::new().shared_content(SharedContent::Danger)
    } else {
        KeyOptions::new()
    };
    let keys = if random.percent(30) { keys.groups(["editors"]) } else { keys };
    let issuers = ["staff", "customers"].map(|name| name.parse().unwrap());
    let keys = if random.percent(50) { keys.issuers(issuers) } else { keys };
    let checksums = checksums(random, &template);
    let (tags, metadata) = pairs(random);
    let template = KeyTemplate::parse(&template, &ids).unwrap();
    let mut builder = UploadPolicy::builder(target, template, bodyless)
        .content_types(types)
        .size(SizeLimit::up_to(1 << 20).unwrap())
        .method(method)
        .keys(keys)
        .lifetime(LifetimeOptions::new().expires_in(expires_in))
        .checksums(checksums)
        .file_names(file_names)
        .disposition(random.pick(&dispositions))
        .storage(storage(random, encryption))
        .tags(tags)
        .metadata(metadata);
    if random.percent(30) {
        builder = builder.no_overwrite(random.percent(30));
    }
    if random.percent(25) {
        builder = builder.multipart(multipart(random));
        if random.percent(20) {
            builder = builder.size_bound(SizeBound::MaxInParts);
        }
    }
    if random.percent(20) {
        builder = builder.headers(headers(random));
    }
    if random.percent(20) {
        builder = builder.lock(lock(random));
    }
    builder.build().ok()
}

/// Returns options for files above half of the largest size, or for all.
fn multipart(random: &mut Random) -> MultipartOptions {
    let mode = random.pick(&[MultipartMode::Auto, MultipartMode::Always]);
    let window = random.pick(&[60, 86_400, 86_401, 3 * 86_400, 604_800]);
    MultipartOptions::new(mode, Provider::Aws.capabilities())
        .with_above(500_000)
        .with_resume_window(ResumeWindow::from_secs(window).unwrap())
}

fn headers(random: &mut Random) -> HeaderOptions {
    let mut headers = HeaderOptions::new().content_encoding("gzip".parse().unwrap());
    if random.percent(50) {
        headers = headers.expected_bucket_owner(ACCOUNT.parse().unwrap());
    }
    if random.percent(50) {
        let mut others = OtherHeaders::new();
        others.insert("x-amz-request-payer", "requester").unwrap();
        headers = headers.others(others);
    }
    headers
}

fn lock(random: &mut Random) -> LockOptions {
    let retention = Retention::new(random.pick(&LockMode::ALL), 30).unwrap();
    let lock = LockOptions::new().legal_hold(random.percent(50));
    if random.percent(50) { lock.retention(retention) } else { lock }
}

fn origins(random: &mut Random) -> CorsOrigins {
    let all = ["https://app.example.com", "https://*.example.org", "http://localhost:*"];
    if random.percent(10) {
        return CorsOrigins::any();
    }
    let count = 1 + random.below(all.len());
    CorsOrigins::listed(all[..count].iter().map(|origin| origin.parse().unwrap()))
}

fn authorizer(random: &mut Random, api: ApiKind) -> ApiAuthorizer {
    let scopes = if random.percent(50) { vec!["uploads/write".to_owned()] } else { Vec::new() };
    match api {
        _ if random.percent(30) => ApiAuthorizer::None,
        ApiKind::Rest | ApiKind::Http if random.percent(25) => ApiAuthorizer::Lambda,
        ApiKind::Rest | ApiKind::Http | ApiKind::FunctionUrl if random.percent(25) => ApiAuthorizer::Iam,
        ApiKind::Rest => ApiAuthorizer::Cognito { user_pool: "ap-southeast-1_AbCdEf123".into(), scopes },
        ApiKind::Http => ApiAuthorizer::Jwt {
            issuer: "https://id.example.com".into(),
            audiences: vec!["client".into()],
            scopes,
        },
        _ => ApiAuthorizer::None,
    }
}

/// What the generator refused on the way to a deployment.
#[derive(Debug, Default)]
pub(super) struct Refused {
    pub(super) policies: usize,
    pub(super) guards: usize,
}

/// A deployment, with the options that the documents do not give back.
pub(super) struct Configuration {
    pub(super) deployment: Deployment,
    pub(super) versioned: bool,
    pub(super) confirmation: bool,
}

/// Returns a deployment of one to four routes into one or two buckets, with guards that fit it.
pub(super) fn configuration(random: &mut Random, refused: &mut Refused) -> Configuration {
    let buckets = ["first-bucket-example", "second-bucket-example"];
    let common = encryption(random);
    let (count, mut routes) = (1 + random.below(4), Vec::new());
    while routes.len() < count {
        let own = if random.percent(50) { common.clone() } else { encryption(random) };
        let bucket = random.pick(&buckets);
        match policy(random, bucket, routes.len(), own.as_ref()) {
            Some(policy) => {
                let route = DeploymentRoute::new(policy).with_name(&format!("route-{}", routes.len()));
                let moves = random.percent(5);
                routes.push(if moves { route.with_infrequent_access_after(40) } else { route });
            }
            None => refused.policies += 1,
        }
    }
    let api = random.pick(&[ApiKind::Rest, ApiKind::Http, ApiKind::FunctionUrl, ApiKind::LoadBalancer]);
    let (versioned, confirmation) = (random.percent(50), random.percent(20));
    let mut deployment = Deployment::new(routes, origins(random))
        .with_api(api)
        .with_authorizer(authorizer(random, api))
        .with_token_header(random.pick(&["authorization", "x-upload-token"]).parse().unwrap())
        .with_listener_arn(
            "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/a/50dc6c495c0c9188/f2f7dc8efc522ab2",
        )
        .with_reads(random.pick(&[Reads::None, Reads::Presigned, Reads::CloudFront]))
        .with_cloudfront_key(crate::policies::read_key())
        .with_notification_target(random.pick(&[
            NotificationTarget::None,
            NotificationTarget::Queue,
            NotificationTarget::EventBridge,
        ]))
        .with_versioning(versioned)
        .with_confirmation(confirmation)
        .with_monitoring(random.percent(30))
        .with_tracing(random.percent(30))
        .with_distribution_arn(DISTRIBUTION);
    if random.percent(60) {
        deployment = deployment.with_account(ACCOUNT.parse().unwrap());
    }
    if random.percent(60) {
        deployment = deployment.with_scanner_role(SCANNER.parse().unwrap());
    }
    let chosen: Vec<Guard> = Guard::ALL.into_iter().filter(|_| random.percent(40)).collect();
    let fits = |guard: &Guard| {
        let alone = deployment.clone().with_guards([*guard]);
        alone.buckets().iter().all(|bucket| IamPolicy::for_bucket(&alone, bucket, Some(DISTRIBUTION)).is_ok())
    };
    let fitting: Vec<Guard> = chosen.iter().copied().filter(fits).collect();
    refused.guards += chosen.len() - fitting.len();
    Configuration { deployment: deployment.with_guards(fitting), versioned, confirmation }
}
