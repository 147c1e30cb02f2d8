//! The traits that every text type implements.

/// Implements the standard traits of a text type by its `as_str` and its `FromStr`.
///
/// A text type is a newtype around text that was validated when it was created. All of them implement the same traits,
/// so that a reader who knows one knows all: `Display` and `AsRef<str>` give the text, `TryFrom<&str>` and
/// `TryFrom<String>` validate like `FromStr`, and the comparisons with `str` compare the text byte by byte. The types
/// derive `Eq`, `Ord` and `Hash` themselves.
///
/// Exported for the other crates of this project; it is not part of the public API. Not for secrets, whose `Display`
/// must redact.
#[doc(hidden)]
#[macro_export]
macro_rules! text_type {
    // Everything except the conversions from and to `String`, for a type that need not copy the text.
    (@borrowed $type:ty) => {
        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::convert::AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::cmp::PartialEq<str> for $type {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::std::cmp::PartialEq<&str> for $type {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::std::convert::TryFrom<&str> for $type {
            type Error = <Self as ::std::str::FromStr>::Err;

            fn try_from(text: &str) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }
    };

    (@owned $type:ty) => {
        impl ::std::convert::TryFrom<::std::string::String> for $type {
            type Error = <Self as ::std::str::FromStr>::Err;

            fn try_from(text: ::std::string::String) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::std::convert::From<$type> for ::std::string::String {
            fn from(text: $type) -> Self {
                text.as_str().to_owned()
            }
        }
    };

    ($($type:ty),+ $(,)?) => {$(
        $crate::text_type!(@borrowed $type);
        $crate::text_type!(@owned $type);
    )+};
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};
    use std::fmt::{Debug, Display};
    use std::hash::Hash;
    use std::str::FromStr;

    use crate::identity::{Issuer, Subject};
    use crate::issuer_name::IssuerName;
    use crate::origin::Origin;
    use crate::origin_pattern::OriginPattern;
    use crate::request::key::ObjectKey;
    use crate::request::part::UploadId;
    use crate::target::access_point::AccessPoint;
    use crate::target::bucket::Bucket;
    use crate::target::region::Region;
    use crate::target::resource::Resource;
    use crate::token_header::TokenHeader;

    /// Uses every trait of a text type on a valid text, and checks that all validating constructors agree on `invalid`.
    #[track_caller]
    fn check<T>(valid: &str, invalid: &str)
    where
        T: FromStr<Err: Debug + PartialEq> + Display + Debug + AsRef<str> + Clone + Ord + Hash,
        T: PartialEq<str> + for<'a> PartialEq<&'a str>,
        T: for<'a> TryFrom<&'a str, Error = T::Err> + TryFrom<String, Error = T::Err>,
        String: From<T>,
    {
        let value: T = valid.parse().unwrap();
        assert_eq!(value, *valid);
        assert_eq!(value, valid);
        assert_ne!(value, "~");
        assert_eq!((value.as_ref(), value.to_string().as_str()), (valid, valid));
        assert_eq!(format!("[{value:>width$}]", width = valid.len() + 2), format!("[  {valid}]"));
        assert_eq!(T::try_from(valid), Ok(value.clone()));
        assert_eq!(T::try_from(valid.to_owned()), Ok(value.clone()));
        assert_eq!(T::try_from(invalid).unwrap_err(), invalid.parse::<T>().unwrap_err());
        assert_eq!(T::try_from(invalid.to_owned()).unwrap_err(), invalid.parse::<T>().unwrap_err());
        assert!(HashSet::from([value.clone()]).contains(&value));
        assert!(BTreeSet::from([value.clone()]).contains(&value));
        assert_eq!(String::from(value), valid);
    }

    #[test]
    fn text_types_implement_the_same_traits() {
        check::<Issuer>("https://issuer.example", "");
        check::<IssuerName>("customers", "Customers");
        check::<Subject>("3f2504e0", &"s".repeat(2_049));
        check::<Origin>("https://app.example.com", "https://app.example.com/");
        check::<OriginPattern>("https://*.example.com", "https://*");
        check::<ObjectKey>("articles/1/raw/2.jpg", "a/../b");
        check::<UploadId>("2~abc", "");
        check::<AccessPoint>("arn:aws:s3:us-west-2:123456789012:accesspoint/uploads", "arn:aws:s3");
        check::<Bucket>("article-images-bucket", "logs--x-s3");
        check::<Region>("ap-southeast-1", "aws-global");
        check::<TokenHeader>("x-upload-token", "x token");
        check::<Resource>("article-images-bucket", "arn:");
        check::<Resource>("arn:aws:s3:us-west-2:123456789012:accesspoint/uploads", "Abc");
    }
}
