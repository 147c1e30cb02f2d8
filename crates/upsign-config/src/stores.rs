//! The calls to the stores of a configuration over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use upsign::objects::ObjectCalls;
use upsign::session::TokenKeys;
use upsign_core::{Presigner, Target};
use upsign_objects::{HttpObjects, TimeLimits};

use crate::service_parts::ServiceParts;

impl<'a, P: Presigner + 'static> ServiceParts<'a, P> {
    /// Sets what the routes with multipart uploads need, as [`with_store`](Self::with_store) does: the calls to their stores
    /// are made over HTTP ([`HttpObjects`]) within these time limits, and signed by the presigner of the service. Feature
    /// `objects`. Requires a tokio runtime when the service is called.
    ///
    /// Routes with the same target share one client. The proxy that the environment names is used, as
    /// [`HttpObjects::with_environment_proxy`] describes.
    #[must_use]
    pub fn with_http_store(self, keys: TokenKeys, limits: TimeLimits) -> Self {
        let mut clients: HashMap<Target, Arc<HttpObjects<Arc<P>>>> = HashMap::new();
        self.with_store(keys, move |route, presigner| {
            let target = route.policy.target();
            let client = clients.entry(target.clone()).or_insert_with(|| {
                let objects = HttpObjects::new(target.clone(), Arc::clone(presigner));
                Arc::new(objects.with_time_limits(limits).with_environment_proxy())
            });
            Arc::clone(client) as Arc<dyn ObjectCalls>
        })
    }
}

#[cfg(test)]
mod tests {
    use upsign_core::{Credentials, WithCredentials};

    use super::*;
    use crate::{Config, StoreSigner, initial_file};

    #[test]
    fn routes_of_one_target_share_a_client() {
        let route = |name: &str, bucket: &str| {
            format!(
                "\n[route.{name}]\n{bucket}\nkey = \"{name}/{{id}}\"\ntypes = \"any\"\nmax_size = 1\nbodyless = \"refuse\"\n"
            )
        };
        let other = route("other", "bucket = \"another-bucket\"");
        let text = format!("{}{}{other}", initial_file(), route("same", ""));
        let config = Config::read("upsign.toml", &text, |_| None).unwrap();
        let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
        let presigner = Arc::new(WithCredentials::new(StoreSigner::new(), credentials));
        let keys = TokenKeys::new("default", [[7; 32]]).unwrap();
        let parts = ServiceParts::new().with_http_store(keys, TimeLimits::default());
        let mut objects = parts.store.unwrap().objects;
        let calls: Vec<_> = config.routes().iter().map(|route| objects(route, &presigner)).collect();
        let shares_with_first = |other: &Arc<dyn ObjectCalls>| Arc::ptr_eq(&calls[0], other);
        // The unnamed route, then the others in alphabetical order.
        assert_eq!(calls.iter().map(shares_with_first).collect::<Vec<_>>(), [true, false, true]);
    }
}
