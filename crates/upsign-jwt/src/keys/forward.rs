//! Implementations of [`FetchKeys`] for pointers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};

/// Implements the trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: FetchKeys + ?Sized> FetchKeys for $pointer {
            async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
                (**self).fetch(uri).await
            }

            fn needs_discovery(&self) -> bool {
                (**self).needs_discovery()
            }

            fn time_limit(&self) -> Duration {
                (**self).time_limit()
            }

            fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
                (**self).spawn(refresh)
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &'static T);
