//! Methods that most calls have.

/// Generates the methods about the field `headers` of a call without a body.
macro_rules! headers {
    () => {
        /// Sets further headers, all of which are signed: `x-amz-expected-bucket-owner` and `x-amz-request-payer`.
        ///
        /// Headers that describe a body are refused ([`InvalidCall::BodyHeader`](crate::InvalidCall::BodyHeader)).
        #[must_use]
        pub fn with_headers(self, headers: ::upsign_core::SignedHeaders) -> Self {
            Self { headers, ..self }
        }

        /// Returns the further headers.
        #[must_use]
        pub const fn headers(&self) -> &::upsign_core::SignedHeaders {
            &self.headers
        }
    };
}

/// Generates the methods about the field `time_limit` of a call.
macro_rules! time_limit {
    () => {
        /// Limits the time of the call with all its attempts, in addition to the limits of the implementation.
        #[must_use]
        pub fn with_time_limit(self, limit: ::std::time::Duration) -> Self {
            Self { time_limit: Some(limit), ..self }
        }

        /// Returns the time that the call may take, or `None` if only the limits of the implementation apply.
        #[must_use]
        pub const fn time_limit(&self) -> Option<::std::time::Duration> {
            self.time_limit
        }
    };
}

pub(super) use {headers, time_limit};
