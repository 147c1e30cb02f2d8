//! The values that threads share and replace as a whole.
//!
//! With `--cfg shuttle` the unit tests use values of shuttle, whose scheduler decides at each operation which thread runs
//! next. See `schedules.rs`.

#[cfg(not(all(test, shuttle)))]
pub(crate) use arc_swap::{ArcSwap, ArcSwapOption};

#[cfg(all(test, shuttle))]
pub(crate) use replaced::{ArcSwap, ArcSwapOption};

/// The operations of `arc_swap` that this crate calls, on a lock of shuttle.
#[cfg(all(test, shuttle))]
mod replaced {
    use std::sync::{Arc, PoisonError};

    use shuttle::sync::Mutex;

    pub(crate) type ArcSwap<T> = Swap<Arc<T>>;
    pub(crate) type ArcSwapOption<T> = Swap<Option<Arc<T>>>;

    pub(crate) struct Swap<V>(Mutex<V>);

    impl<T> Swap<Arc<T>> {
        pub(crate) fn from_pointee(value: T) -> Self {
            Self(Mutex::new(Arc::new(value)))
        }
    }

    impl<T> Swap<Option<Arc<T>>> {
        pub(crate) fn empty() -> Self {
            Self(Mutex::new(None))
        }
    }

    impl<V: Clone> Swap<V> {
        /// Returns a box, so that it dereferences to the value as the guard of `arc_swap` does.
        pub(crate) fn load(&self) -> Box<V> {
            Box::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
        }

        pub(crate) fn store(&self, value: V) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
        }
    }
}
