//! Options for bucket, region and endpoint, for `presign` and `post`.

use clap::Args;
use upsign_core::{Addressing, Endpoint, Region, Resource, Target};

use crate::exit::CommandError;
use crate::output;
use crate::value_parser;

#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Bucket name, or ARN of an access point.
    #[arg(long, env = "ARTICLE_IMAGES_BUCKET", required_unless_present = "batch", value_parser = value_parser::bucket)]
    bucket: Option<Resource>,
    /// Region of the bucket.
    #[arg(long, env = "AWS_REGION", required_unless_present = "batch")]
    region: Option<Region>,
    /// Endpoint of an S3-compatible store; the bucket is then part of the path.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    endpoint_url: Option<Endpoint>,
}

impl TargetArgs {
    /// Returns the target. At a custom endpoint, a bucket is addressed in the path; an access point stays in the host.
    pub(crate) fn target(&self) -> Result<Target, CommandError> {
        let (Some(resource), Some(region)) = (self.bucket.clone(), self.region.clone()) else {
            return Err(CommandError::usage("--bucket and --region are required"));
        };
        if self.endpoint_url.is_none()
            && let Some(warning) = upsign_config::region_warning(region.as_str())
        {
            output::warning(&format!("--region: {warning}"));
        }
        let is_bucket = matches!(resource, Resource::Bucket(_));
        let mut builder = Target::builder(resource, region);
        if let Some(endpoint) = &self.endpoint_url {
            builder = builder.endpoint(endpoint.clone());
            builder = if is_bucket { builder.addressing(Addressing::Path) } else { builder };
        }
        builder.build().map_err(|error| CommandError::caused("--endpoint-url", &error).into_usage())
    }
}
