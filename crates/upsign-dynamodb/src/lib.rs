//! Counts uploads in a DynamoDB table, so that several processes share one quota. Each step is one conditional transaction.
//!
//! ```
//! use upsign::quota::{FailMode, Quota, QuotaLimit, Window};
//! use upsign::{Credentials, UploadService};
//! use upsign_dynamodb::DynamoDbQuota;
//!
//! # fn limited(service: UploadService, credentials: Credentials) -> Result<UploadService, Box<dyn std::error::Error>> {
//! // 20 uploads per caller and UTC day, over all functions that use this table.
//! let store = DynamoDbQuota::new("upsign-quota", "eu-central-1".parse()?, credentials);
//! let limit = QuotaLimit::for_all_routes(Window::DAY).with_objects(20);
//! let service = service.with_quota(Quota::new(store, FailMode::Closed).with_limit(limit));
//! # Ok(service)
//! # }
//! ```
//!
//! [`upsign::quota`] explains quotas, and [`StoreRateLimit`](upsign::quota::StoreRateLimit) keeps a rate limit in the same table.
//! No crate of the AWS SDK is involved: the requests are signed with [`upsign::sigv4::stages`].
//!
//! # Table
//!
//! The partition key is `account` and the sort key `item`, both text. Time to live is enabled for the attribute `expires`; without
//! it the table grows. DynamoDB deletes expired items within a few days
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>), and no item is used after that time.
//!
//! ```json
//! {
//!   "Type": "AWS::DynamoDB::Table",
//!   "Properties": {
//!     "BillingMode": "PAY_PER_REQUEST",
//!     "AttributeDefinitions": [
//!       { "AttributeName": "account", "AttributeType": "S" },
//!       { "AttributeName": "item", "AttributeType": "S" }
//!     ],
//!     "KeySchema": [
//!       { "AttributeName": "account", "KeyType": "HASH" },
//!       { "AttributeName": "item", "KeyType": "RANGE" }
//!     ],
//!     "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true }
//!   }
//! }
//! ```
//!
//! | `item` | attributes |
//! | --- | --- |
//! | `c#NAME#NUMBER` | objects `n` and bytes `b` of a counter in one window |
//! | `r#ID` | a reservation: `state` (`o` open, `s` settled), `bytes`, `counters`, `until`, `keep` |
//! | `t#KIND#RATE` | the theoretical arrival time `tat` of a rate of requests |
//!
//! # Permissions
//!
//! `dynamodb:GetItem`, `PutItem`, `UpdateItem`, `DeleteItem` and `Query` on the table. Transactions are authorized by the actions
//! that they consist of
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>).
//!
//! # What this is not
//!
//! It is no general client of DynamoDB, creates no table, and decides no limits: `upsign` does. It keeps counters and reservations, and
//! nothing about objects.
//!
//! # Speed and cost
//!
//! A reservation writes one item and one for each limit, in a transaction, which costs two write units per item. All of an
//! account are in one partition: DynamoDB permits 1,000 write units per second there, and cancels transactions that meet. They
//! are repeated after a random pause until [`total`](DynamoDbQuota::with_time_limits) has passed. So one account can reserve some
//! hundred uploads per second, and others are not affected.

mod client;
mod error;
mod items;
mod rate;
mod release;
mod reserve;
mod retry;
mod signature;
mod store;

pub use store::DynamoDbQuota;
#[doc(no_inline)]
pub use upsign::quota::QuotaStoreError;
#[doc(no_inline)]
pub use upsign::types::{Endpoint, Region};
#[doc(no_inline)]
pub use upsign::{CredentialsSource, Timestamp};
