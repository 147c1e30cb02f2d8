//! Options for bucket, region and endpoint, for `presign` and `post`.

use clap::{Args, ValueEnum};
use upsign_core::{
    Addressing, Bucket, Endpoint, EndpointMismatch, Provider, Region, RegionFit, Resource, SignatureFamily,
    StoreHost, Target,
};

use crate::environment::variable;
use crate::exit::CommandError;
use crate::output;
use crate::value_parser;

#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Bucket name, ARN of an access point, or TENANT:BUCKET of Ceph.
    #[arg(long, env = "ARTICLE_IMAGES_BUCKET", required_unless_present = "batch", value_parser = value_parser::bucket)]
    bucket: Option<Resource>,
    /// Region of the bucket. Default: the one in the endpoint, or else, for AWS, that of AWS_REGION or AWS_DEFAULT_REGION.
    #[arg(long)]
    region: Option<Region>,
    /// Endpoint of an S3-compatible store. Default: AWS_ENDPOINT_URL_S3, or else AWS_ENDPOINT_URL; with Google's signatures,
    /// that of Google Cloud Storage.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<Endpoint>,
    /// Where the endpoint has the bucket. Default: path.
    #[arg(long, value_enum)]
    addressing: Option<AddressingArg>,
    /// Signatures: those of AWS, which every S3-compatible store accepts, or Google Cloud Storage's own.
    #[arg(long, value_enum, default_value_t = SignatureArg::Sigv4, conflicts_with = "batch")]
    signature: SignatureArg,
}

/// The kind of key, and the family of signatures that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignatureArg {
    /// AWS's Signature Version 4.
    Sigv4,
    /// Google's, with an HMAC key: its access id in AWS_ACCESS_KEY_ID and its secret in AWS_SECRET_ACCESS_KEY.
    Goog4Hmac,
    /// Google's, with the key file of a service account that GOOGLE_APPLICATION_CREDENTIALS names.
    Goog4Rsa,
}

/// The endpoint for Google's own signatures, unless another is given.
///
/// Source: <https://cloud.google.com/storage/docs/request-endpoints>.
const GOOGLE_ENDPOINT: &str = "https://storage.googleapis.com";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddressingArg {
    /// In the path of the URL.
    Path,
    /// In the host, before that of the endpoint.
    Virtual,
    /// The endpoint is the bucket's own host, such as a custom domain.
    BucketIsHost,
}

impl TargetArgs {
    /// Creates the options of a command that has others, for signatures of AWS.
    pub(crate) const fn new(
        bucket: Option<Resource>,
        region: Option<Region>,
        endpoint_url: Option<Endpoint>,
        addressing: Option<AddressingArg>,
    ) -> Self {
        Self { bucket, region, endpoint_url, addressing, signature: SignatureArg::Sigv4 }
    }

    /// Returns the target. At a custom endpoint, a bucket is addressed in the path unless `--addressing` says otherwise; an
    /// access point stays in the host.
    pub(crate) fn target(&self) -> Result<Target, CommandError> {
        let Some(resource) = self.bucket.clone() else {
            return Err(CommandError::usage("--bucket is required"));
        };
        let endpoint = self.endpoint()?;
        let host = endpoint.as_ref().and_then(Provider::of_host);
        if let Some(host) = host.as_ref().filter(|host| host.provider != Provider::Gcs)
            && self.signature != SignatureArg::Sigv4
        {
            let title = host.provider.title();
            let message = format!("--signature: {title} does not accept signatures of Google Cloud Storage");
            return Err(CommandError::usage(message).with_help("leave --signature out"));
        }
        if endpoint.is_none() && self.addressing == Some(AddressingArg::BucketIsHost) {
            let message = "--endpoint-url is missing: the bucket's own host";
            return Err(CommandError::usage(message));
        }
        let region = self.region(host.as_ref())?;
        let is_aws = host.as_ref().map_or(endpoint.is_none(), |host| host.provider == Provider::Aws);
        if is_aws && let Some(warning) = upsign_config::region_warning(region.as_str()) {
            output::warning(&format!("--region: {warning}"));
        }
        let is_bucket = !matches!(resource, Resource::AccessPoint(_));
        if let (Resource::Bucket(bucket), Some(endpoint)) = (&resource, &endpoint) {
            self.check_bucket(bucket, endpoint)?;
        }
        let mut builder = Target::builder(resource, region).signature_family(self.signature.family());
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint(endpoint);
            let addressing = self.addressing.unwrap_or(AddressingArg::Path);
            builder = if is_bucket { builder.addressing(addressing.into()) } else { builder };
        }
        builder.build().map_err(|error| CommandError::caused("--endpoint-url", &error).into_usage())
    }

    /// Fails if the endpoint cannot be the one of the bucket.
    fn check_bucket(&self, bucket: &Bucket, endpoint: &Endpoint) -> Result<(), CommandError> {
        let Err(mismatch) = endpoint.check_bucket(bucket, self.addressing.map(Addressing::from)) else {
            return Ok(());
        };
        let strip = mismatch.without().map(|url| format!("write --endpoint-url {url}"));
        let strip =
            strip.unwrap_or_else(|| "leave --addressing out, or write the host of the bucket".to_owned());
        let help = match mismatch {
            EndpointMismatch::Doubled { is_of_store: false, .. } => format!(
                "{strip}, or --addressing bucket-is-host for the bucket's own host, or --addressing path if the store is called \
                 like the bucket"
            ),
            _ => strip,
        };
        Err(CommandError::usage(format!("--endpoint-url: {endpoint} {mismatch}")).with_help(help))
    }

    /// Returns the kind of key to sign with.
    pub(crate) const fn signature(&self) -> SignatureArg {
        self.signature
    }

    /// Returns the endpoint of the option, or else that of the variables of the AWS SDKs. These do not count for signatures of
    /// Google.
    fn endpoint(&self) -> Result<Option<Endpoint>, CommandError> {
        if self.endpoint_url.is_none() && self.signature != SignatureArg::Sigv4 {
            return Ok(GOOGLE_ENDPOINT.parse().ok());
        }
        let is_ignored = is_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let variables = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].into_iter().filter(|_| !is_ignored);
        let found = variables.filter_map(|name| Some((name, is_set(name)?))).next();
        match (&self.endpoint_url, found) {
            (Some(endpoint), _) => Ok(Some(endpoint.clone())),
            (None, Some((name, url))) => {
                url.parse().map(Some).map_err(|error| CommandError::caused(name, &error).into_usage())
            }
            (None, None) => Ok(None),
        }
    }

    /// Returns the region of the option, or else the one in the endpoint, or else the one that the store has, or else that of
    /// the variables of the AWS SDKs, which name regions of AWS.
    fn region(&self, host: Option<&StoreHost>) -> Result<Region, CommandError> {
        // Google's signatures name no region, at any endpoint.
        let other = if self.signature == SignatureArg::Sigv4 { Provider::Aws } else { Provider::Gcs };
        let provider = host.map_or(other, |host| host.provider);
        let in_host = host.and_then(|host| host.region.clone());
        let region = match (&self.region, &in_host) {
            (Some(region), _) | (None, Some(region)) => Some(region.clone()),
            (None, None) => provider.default_region(),
        };
        let region = match region {
            Some(region) => region,
            None => region_of_environment(provider)?,
        };
        if provider.region_fit(&region) == RegionFit::Impossible {
            let message = format!("--region: \"{region}\" is no region of {}", provider.title());
            let known = provider.regions().join(", ");
            return Err(CommandError::usage(message).with_help(format!("one of {known}")));
        }
        match in_host {
            Some(in_host) if in_host != region => {
                let message = format!("--region: is \"{region}\", but the endpoint is that of \"{in_host}\"");
                Err(CommandError::usage(message).with_help(format!("write --region {in_host}")))
            }
            _ => Ok(region),
        }
    }
}

fn region_of_environment(provider: Provider) -> Result<Region, CommandError> {
    let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let found = names.into_iter().find_map(|name| Some((name, is_set(name)?)));
    match found.filter(|_| provider.has_aws_regions()) {
        Some((name, region)) => {
            region.parse().map_err(|error| CommandError::caused(name, &error).into_usage())
        }
        None => Err(CommandError::usage("--region is missing: the region of the bucket")),
    }
}

/// Returns the value of a variable that is set and not empty.
fn is_set(name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

impl SignatureArg {
    const fn family(self) -> SignatureFamily {
        match self {
            Self::Sigv4 => SignatureFamily::Aws,
            Self::Goog4Hmac | Self::Goog4Rsa => SignatureFamily::Google,
        }
    }
}

impl From<AddressingArg> for Addressing {
    fn from(addressing: AddressingArg) -> Self {
        match addressing {
            AddressingArg::Path => Self::Path,
            AddressingArg::Virtual => Self::VirtualHosted,
            AddressingArg::BucketIsHost => Self::BucketHost,
        }
    }
}
