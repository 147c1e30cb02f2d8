//! Which call a path and a method mean.

use http::Method;

/// What is below `/s3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource<'a> {
    /// `params`
    Params,
    /// `sts`
    Sts,
    /// `multipart`
    Uploads,
    /// `multipart/UPLOAD`
    Upload(&'a str),
    /// `multipart/UPLOAD/batch`
    Batch(&'a str),
    /// `multipart/UPLOAD/complete`
    Complete(&'a str),
    /// `multipart/UPLOAD/NUMBER`
    Part(&'a str, &'a str),
}

/// A call of a client. `token` is the upload token, which the client knows as the upload's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call<'a> {
    Params,
    TemporaryCredentials,
    Begin,
    ListParts { token: &'a str },
    Abort { token: &'a str },
    SignParts { token: &'a str },
    SignPart { token: &'a str, number: &'a str },
    Complete { token: &'a str },
}

impl<'a> Resource<'a> {
    /// Returns what is at a path below `/s3`, such as `multipart/UPLOAD/complete`. A slash at its end is not significant.
    ///
    /// Upload tokens consist of characters that clients do not percent-encode. Others are refused as a token that is not valid.
    pub(super) fn at(path: &'a str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = path.split('/');
        let resource = match (segments.next()?, segments.next(), segments.next()) {
            ("params", None, None) => Self::Params,
            ("sts", None, None) => Self::Sts,
            ("multipart", None, None) => Self::Uploads,
            (_, Some(""), _) | (_, _, Some("")) => return None,
            ("multipart", Some(token), None) => Self::Upload(token),
            ("multipart", Some(token), Some("batch")) => Self::Batch(token),
            ("multipart", Some(token), Some("complete")) => Self::Complete(token),
            ("multipart", Some(token), Some(number)) => Self::Part(token, number),
            _ => return None,
        };
        segments.next().is_none().then_some(resource)
    }

    /// Returns the methods that it accepts, as the value of `Access-Control-Allow-Methods`.
    pub(super) const fn methods(self) -> &'static str {
        match self {
            Self::Params | Self::Sts | Self::Batch(_) | Self::Part(..) => "GET",
            Self::Uploads | Self::Complete(_) => "POST",
            Self::Upload(_) => "GET, DELETE",
        }
    }

    /// Returns the call that a request with this method means.
    pub(super) fn call(self, method: &Method) -> Option<Call<'a>> {
        Some(match (self, method) {
            (Self::Params, &Method::GET) => Call::Params,
            (Self::Sts, &Method::GET) => Call::TemporaryCredentials,
            (Self::Uploads, &Method::POST) => Call::Begin,
            (Self::Upload(token), &Method::GET) => Call::ListParts { token },
            (Self::Upload(token), &Method::DELETE) => Call::Abort { token },
            (Self::Batch(token), &Method::GET) => Call::SignParts { token },
            (Self::Part(token, number), &Method::GET) => Call::SignPart { token, number },
            (Self::Complete(token), &Method::POST) => Call::Complete { token },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_companion_is_a_call() {
        let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
        let token = "AQ-_";
        let cases = [
            (&get, "params", Call::Params),
            (&get, "sts/", Call::TemporaryCredentials),
            (&post, "multipart", Call::Begin),
            (&post, "multipart/", Call::Begin),
            (&get, "multipart/AQ-_", Call::ListParts { token }),
            (&delete, "multipart/AQ-_", Call::Abort { token }),
            (&get, "multipart/AQ-_/batch", Call::SignParts { token }),
            (&get, "multipart/AQ-_/17", Call::SignPart { token, number: "17" }),
            (&post, "multipart/AQ-_/complete", Call::Complete { token }),
        ];
        for (method, path, call) in cases {
            let resource = Resource::at(path).unwrap();
            assert_eq!(resource.call(method), Some(call), "{path}");
            assert!(resource.methods().split(", ").any(|known| known == method.as_str()), "{path}");
            assert_eq!(resource.call(&Method::PUT), None);
        }
    }

    #[test]
    fn other_paths_are_nothing() {
        for path in [
            "",
            "/",
            "Params",
            "params/x",
            "multipart//",
            "multipart//1",
            "multipart/a/b/c",
            "multipart/a//",
            "x",
        ] {
            assert_eq!(Resource::at(path), None, "{path}");
        }
    }
}
