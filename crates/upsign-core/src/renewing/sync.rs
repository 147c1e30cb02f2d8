//! The lock of the state, and the runtime of background fetches.
//!
//! With `--cfg shuttle` the unit tests use those of shuttle, whose scheduler decides at each operation which thread or task
//! runs next. See `schedules.rs`.

#[cfg(not(all(test, shuttle)))]
pub(super) use std::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, shuttle)))]
pub(super) use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, timeout},
};

#[cfg(all(test, shuttle))]
pub(super) use replaced::{AbortHandle, Handle, Instant, Mutex, MutexGuard, timeout};

/// Shuttle's lock, and the operations of tokio that this module calls.
#[cfg(all(test, shuttle))]
mod replaced {
    use std::convert::Infallible;
    use std::time::Duration;

    pub(crate) use shuttle::future::AbortHandle;
    use shuttle::future::{JoinHandle, spawn};
    pub(crate) use shuttle::sync::{Mutex, MutexGuard};

    /// A runtime whose tasks shuttle schedules.
    #[derive(Clone)]
    pub(crate) struct Handle;

    impl Handle {
        pub(crate) fn try_current() -> Result<Self, Infallible> {
            Ok(Self)
        }

        pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
            spawn(task)
        }

        pub(crate) fn enter(&self) -> Self {
            Self
        }
    }

    /// Shuttle has no clock, so nothing takes any time.
    pub(crate) struct Instant;

    impl Instant {
        pub(crate) fn now() -> Self {
            Self
        }

        pub(crate) fn elapsed(&self) -> Duration {
            Duration::ZERO
        }
    }

    /// Nothing takes too long either.
    pub(crate) async fn timeout<F: Future>(_: Duration, future: F) -> Result<F::Output, Infallible> {
        Ok(future.await)
    }
}
