//! Which store is examined, and what is assumed about it.

use clap::Args;
use upsign_config::{Config, RouteConfig};
use upsign_core::{Capabilities, Endpoint, Provider, Region, Resource, Target};

use crate::config_file::ConfigFile;
use crate::exit::CommandError;
use crate::target::{AddressingArg, TargetArgs};
use crate::value_parser;

#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// Bucket. With a configuration that has several: the one to examine.
    #[arg(long, value_parser = value_parser::bucket)]
    bucket: Option<Resource>,
    /// Region of the bucket, in place of a configuration. Default: as for `upsign presign`.
    #[arg(long, requires = "bucket")]
    region: Option<Region>,
    /// Endpoint of an S3-compatible store, in place of a configuration.
    #[arg(long, value_name = "URL", requires = "bucket")]
    endpoint_url: Option<Endpoint>,
    /// Where the endpoint has the bucket. Default: path.
    #[arg(long, value_enum, requires = "endpoint_url")]
    addressing: Option<AddressingArg>,
    /// Store whose profile is compared, as in upsign.toml. Default: the one whose host the endpoint has, or else AWS.
    #[arg(long, requires = "bucket")]
    provider: Option<Provider>,
}

/// The store to examine.
#[derive(Clone, Debug)]
pub(super) struct ChosenStore {
    pub(super) target: Target,
    pub(super) provider: Provider,
    /// What is assumed about it.
    pub(super) assumed: Capabilities,
}

impl StoreArgs {
    pub(super) fn choose(&self) -> Result<ChosenStore, CommandError> {
        let has_place = self.region.is_some() || self.endpoint_url.is_some() || self.provider.is_some();
        if has_place || self.bucket.is_some() && !self.config.exists() {
            return self.of_options();
        }
        let config = self.config.load()?;
        let routes = self.routes(&config)?;
        let Some(route) = routes.first() else {
            return Err(CommandError::usage("upsign.toml has no route"));
        };
        let target = route.policy.target().clone();
        Ok(ChosenStore { target, provider: route.store.provider, assumed: route.store.capabilities })
    }

    fn of_options(&self) -> Result<ChosenStore, CommandError> {
        let target = TargetArgs::new(
            self.bucket.clone(),
            self.region.clone(),
            self.endpoint_url.clone(),
            self.addressing,
        );
        let target = target.target()?;
        let endpoint: Option<Endpoint> = target.endpoint_url().parse().ok();
        let of_host = endpoint.as_ref().and_then(Provider::of_host).map(|host| host.provider);
        let unknown = if self.endpoint_url.is_some() { Provider::Custom } else { Provider::Aws };
        let provider = self.provider.or(of_host).unwrap_or(unknown);
        Ok(ChosenStore { target, provider, assumed: provider.capabilities() })
    }

    /// Returns the routes with the chosen bucket. They must agree about it.
    fn routes<'a>(&self, config: &'a Config) -> Result<Vec<&'a RouteConfig>, CommandError> {
        let name = |route: &RouteConfig| route.policy.target().bucket().as_str().to_owned();
        let mut names: Vec<String> = config.routes().iter().map(name).collect();
        names.sort();
        names.dedup();
        let chosen = self.bucket.as_ref().map(ToString::to_string);
        let is_chosen = |route: &&RouteConfig| chosen.as_ref().is_none_or(|chosen| *chosen == name(route));
        let routes: Vec<&RouteConfig> = config.routes().iter().filter(is_chosen).collect();
        match (&chosen, names.as_slice()) {
            (None, [_, _, ..]) => Err(CommandError::usage(format!(
                "the routes have several buckets: pass --bucket ({})",
                names.join(", ")
            ))),
            (Some(chosen), _) if routes.is_empty() => {
                let message = format!("--bucket: no route has the bucket {chosen} ({})", names.join(", "));
                let help = "pass --region, and --endpoint-url if it is not on AWS, to examine another bucket";
                Err(CommandError::usage(message).with_help(help))
            }
            _ => Ok(routes),
        }
    }
}
