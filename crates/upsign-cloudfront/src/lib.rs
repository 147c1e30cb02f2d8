//! Signs URLs of CloudFront with a canned policy, for objects that are read through a distribution.
