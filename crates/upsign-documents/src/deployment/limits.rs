//! How many requests the API accepts, and how long logs are kept.

use super::{ApiKind, Deployment};

/// Requests per second that an API accepts, and the burst that it accepts above this rate.
///
/// It applies to all callers together. Usage plans, which limit each caller and have quotas per day, count by API key. The
/// callers of this API have tokens and no API keys, so a quota would not apply to any request.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>.
///
/// ```
/// use upsign_documents::Throttle;
/// assert_eq!((Throttle::DEFAULT.rate_per_second, Throttle::DEFAULT.burst), (50, 100));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Throttle {
    /// Requests per second.
    pub rate_per_second: u32,
    /// Requests that may arrive at once.
    pub burst: u32,
}

impl Throttle {
    /// The limit of a deployment that sets none.
    pub const DEFAULT: Self = Self { rate_per_second: 50, burst: 100 };
}

impl Default for Throttle {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How many days CloudWatch Logs keeps an entry: one of the numbers that it accepts.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>.
///
/// ```
/// use upsign_documents::LogRetention;
/// assert_eq!(LogRetention::try_from(90)?.days(), 90);
/// let error = LogRetention::try_from(31).unwrap_err();
/// assert!(error.to_string().starts_with("logs cannot be kept for 31 days: use 1, 3, 5"));
/// assert_eq!(error.next().days(), 60);
/// # Ok::<(), upsign_documents::InvalidLogRetention>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogRetention(u32);

/// CloudWatch Logs does not keep log entries for this number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("logs cannot be kept for {0} days: use {list}", list = LogRetention::list())]
pub struct InvalidLogRetention(u32);

impl LogRetention {
    /// Every number that CloudWatch Logs accepts, in ascending order.
    pub const ALL: [Self; 22] = [
        Self(1),
        Self(3),
        Self(5),
        Self(7),
        Self(14),
        Self(30),
        Self(60),
        Self(90),
        Self(120),
        Self(150),
        Self(180),
        Self(365),
        Self(400),
        Self(545),
        Self(731),
        Self(1096),
        Self(1827),
        Self(2192),
        Self(2557),
        Self(2922),
        Self(3288),
        Self(3653),
    ];

    /// The retention of a deployment that sets none: 30 days.
    pub const DEFAULT: Self = Self(30);

    /// Returns the number of days.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.0
    }

    /// Returns every number as a sentence has it: `1, 3, … or 3653`.
    fn list() -> String {
        let days = Self::ALL.map(|it| it.0.to_string());
        let (last, others) = days.split_last().map_or(("", &days[..0]), |(last, others)| (last, others));
        format!("{} or {last}", others.join(", "))
    }
}

impl InvalidLogRetention {
    /// Returns the next longer retention, or the longest one.
    #[must_use]
    pub fn next(self) -> LogRetention {
        let [.., longest] = LogRetention::ALL;
        LogRetention::ALL.into_iter().find(|it| it.0 > self.0).unwrap_or(longest)
    }
}

impl Default for LogRetention {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u32> for LogRetention {
    type Error = InvalidLogRetention;

    fn try_from(days: u32) -> Result<Self, InvalidLogRetention> {
        Self::ALL.into_iter().find(|it| it.0 == days).ok_or(InvalidLogRetention(days))
    }
}

impl Deployment {
    /// Returns how many requests the API accepts, or `None` if it has no limit of its own: function URLs and load balancers.
    ///
    /// ```
    /// use upsign_documents::{ApiKind, Deployment, Throttle};
    /// # let (policies, origins) = ([] as [upsign_policy::UploadPolicy; 0], upsign_core::CorsOrigins::listed([]));
    /// let deployment = Deployment::new(policies, origins);
    /// assert_eq!(deployment.throttle(), Some(Throttle::DEFAULT));
    /// assert_eq!(deployment.with_api(ApiKind::FunctionUrl).throttle(), None);
    /// ```
    #[must_use]
    pub const fn throttle(&self) -> Option<Throttle> {
        if self.has_gateway() { Some(self.throttle) } else { None }
    }

    /// Returns whether the API writes an access log. Function URLs have none, and that of a load balancer is not part of the
    /// deployment.
    #[must_use]
    pub const fn access_logs(&self) -> bool {
        self.has_gateway() && self.access_logs
    }

    /// Returns for how many days logs are kept.
    #[must_use]
    pub const fn log_retention(&self) -> u32 {
        self.log_retention
    }

    /// Returns whether traces are sent to AWS X-Ray.
    #[must_use]
    pub const fn tracing(&self) -> bool {
        self.tracing
    }

    const fn has_gateway(&self) -> bool {
        matches!(self.api, ApiKind::Rest | ApiKind::Http)
    }
}
