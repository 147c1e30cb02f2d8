//! The serialized form of the types of this crate, with the feature `serde`.
//!
//! A service that lets another process sign sends it a [`PresignRequest`] or a [`PostPolicy`] and receives a
//! [`PresignedRequest`] or a [`PresignedPost`]; a service that works off a queue stores the [`Identity`] and the
//! [`ObjectKey`] of an upload in its messages. These types, and the types that they consist of, therefore implement
//! `Serialize` and `Deserialize`.
//!
//! The form is a contract: it changes only as a breaking change of this crate would. It is meant for JSON and other
//! self-describing formats.
//!
//! ```
//! # use upsign_core::{ExpiresIn, Operation, PresignRequest, SignedHeaders, Target};
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let mut headers = SignedHeaders::new();
//! headers.insert("content-type", "image/jpeg")?;
//! let request = PresignRequest::new(target, Operation::PutObject, "a/b.jpg".parse()?, ExpiresIn::from_secs(900)?)
//!     .with_headers(headers);
//!
//! let json = serde_json::json!({
//!     "target": { "bucket": "article-images-bucket", "region": "ap-southeast-1" },
//!     "operation": { "name": "PutObject" },
//!     "key": "a/b.jpg",
//!     "headers": { "content-type": "image/jpeg" },
//!     "query": [],
//!     "expiresIn": 900,
//!     "shortCredentials": "clamp",
//! });
//! assert_eq!(serde_json::to_value(&request)?, json);
//! assert_eq!(serde_json::from_value::<PresignRequest>(json)?, request);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Validation
//!
//! Deserializing calls the same constructors as a program does, so it creates no value that the program could not create,
//! and fails with the error of the constructor. All members are mandatory unless the table says otherwise, and unknown
//! members are an error: a signer that does not know a constraint must not sign without it.
//!
//! Deserializing does not authenticate. Read an [`Identity`] only from a queue that nobody but your own service can write
//! to, and a [`PresignRequest`] only from callers that may sign every request: see [`Identity::from_verified`].
//!
//! # Secrets
//!
//! [`Credentials`] are not serializable. The URL of a [`PresignedRequest`] and the fields of a [`PresignedPost`] are:
//! anyone who reads the message can use them until they expire. `Debug` and `Display` still redact them.
//!
//! ```compile_fail,E0277
//! fn write(value: impl serde::Serialize) {}
//! # let credentials = upsign_core::Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
//! write(credentials);
//! ```
//!
//! # Forms
//!
//! | type | JSON |
//! | --- | --- |
//! | [`Timestamp`] | `"2026-01-31T23:59:59Z"` |
//! | [`ExpiresIn`] | the number of seconds: `900` |
//! | [`ExpiryPrecision`] | `"exact"` or `"upper-bound"` |
//! | [`ShortCredentials`] | `"clamp"` or `"refuse"` |
//! | [`ObjectKey`], [`Bucket`], [`Region`], [`AccessPoint`], [`Endpoint`], [`Origin`], [`OriginPattern`], [`UploadId`], [`Issuer`], [`IssuerName`], [`Subject`] | the text |
//! | [`PartNumber`] | the number: `7` |
//! | [`Method`] | `"PUT"` |
//! | [`Operation`] | `{"name": "UploadPart", "partNumber": 7, "uploadId": "…"}`; the operations on one part of an object are `GetObject` and `HeadObject` with `partNumber`, others have no `partNumber` or `uploadId` |
//! | [`SignedHeaders`] | an object: `{"content-type": "image/jpeg"}` |
//! | [`Query`] | a list, because the order matters: `[["versionId", "3"]]` |
//! | [`Target`] | `{"bucket": "…", "region": "…"}` on AWS, where `bucket` is a name or the ARN of an access point; in addition `"endpoint": "https://…"` and `"addressing": "path"`, `"virtual"` or `"bucket-is-host"` for other stores; `"dualstack"`, `"fips"` and `"accelerate"` are `true` or absent; `"addressing": "path"` on AWS only where it is not the default; `"signature": "google"` for Google Cloud Storage with its own signatures |
//! | [`PresignRequest`] | the example above |
//! | [`PresignedRequest`] | `{"method": "PUT", "url": "https://…", "headers": {…}, "expiresAt": "…", "expiryPrecision": "exact"}` |
//! | [`PostKey`] | `{"exact": "a/b.jpg"}` or `{"startsWith": "a/"}` |
//! | [`LengthRange`] | `{"min": 1, "max": 10485760}` |
//! | [`Condition`] | `{"name": "acl", "exact": "private"}` or `{"name": "Content-Type", "startsWith": "image/"}` |
//! | [`PostStyle`] | `"lower"` or `"js"` |
//! | [`PostPolicy`] | `{"target": {…}, "key": {…}, "length": {…}, "expiresIn": 900, "fields": [["acl", "private"]], "conditions": […], "style": "lower", "shortCredentials": "clamp"}` |
//! | [`PresignedPost`] | `{"url": "https://…", "fields": [["key", "a/b.jpg"], …], "expiresAt": "…", "expiryPrecision": "exact"}` |
//! | [`Identity`] | `{"issuer": "…", "subject": "…", "groups": […], "scopes": […], "claims": {"custom:tenant": "acme"}}`; in addition `"issuerName": "…"` if the issuer has a name |
//!
//! Equal values have equal forms. A [`Target`] is written with the fewest options that give its address, whichever
//! options it was built with.
//!
//! [`AccessPoint`]: crate::AccessPoint
//! [`Bucket`]: crate::Bucket
//! [`Condition`]: crate::Condition
//! [`Credentials`]: crate::Credentials
//! [`Endpoint`]: crate::Endpoint
//! [`ExpiresIn`]: crate::ExpiresIn
//! [`ExpiryPrecision`]: crate::ExpiryPrecision
//! [`Identity`]: crate::Identity
//! [`Identity::from_verified`]: crate::Identity::from_verified
//! [`Issuer`]: crate::Issuer
//! [`IssuerName`]: crate::IssuerName
//! [`LengthRange`]: crate::LengthRange
//! [`Method`]: crate::Method
//! [`ObjectKey`]: crate::ObjectKey
//! [`Operation`]: crate::Operation
//! [`Origin`]: crate::Origin
//! [`OriginPattern`]: crate::OriginPattern
//! [`PartNumber`]: crate::PartNumber
//! [`PostKey`]: crate::PostKey
//! [`PostPolicy`]: crate::PostPolicy
//! [`PostStyle`]: crate::PostStyle
//! [`PresignRequest`]: crate::PresignRequest
//! [`PresignedPost`]: crate::PresignedPost
//! [`PresignedRequest`]: crate::PresignedRequest
//! [`Query`]: crate::Query
//! [`Region`]: crate::Region
//! [`ShortCredentials`]: crate::ShortCredentials
//! [`SignedHeaders`]: crate::SignedHeaders
//! [`Subject`]: crate::Subject
//! [`Target`]: crate::Target
//! [`Timestamp`]: crate::Timestamp
//! [`UploadId`]: crate::UploadId

/// Implements `Serialize` and `Deserialize` for a type by its form, a struct that has only serde's derives. The form
/// implements `From` or `TryFrom` for a reference to the type, and `TryInto` the type by the validating constructors.
macro_rules! through_form {
    ($type:ty, $form:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let form = <$form>::try_from(self).map_err(serde::ser::Error::custom)?;
                form.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let form = <$form>::deserialize(deserializer)?;
                form.try_into().map_err(serde::de::Error::custom)
            }
        }
    };
}

mod identity;
mod post;
mod request;
mod target;
#[cfg(test)]
mod tests;
mod values;
