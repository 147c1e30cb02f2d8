//! The canonical request and the string to sign, taken apart.

use percent_encoding::percent_decode_str;

/// A request in the parts that a signature covers.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Box<str>,
    /// The path as written, percent-encoded.
    pub(crate) path: Box<str>,
    /// Decoded names and values, without the signature.
    pub(crate) query: Vec<(Box<str>, Box<str>)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
}

/// A canonical request as a store shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    pub(crate) request: Request,
    /// The names of the signed headers, in lower case.
    pub(crate) signed: Vec<Box<str>>,
    pub(crate) payload_hash: Box<str>,
}

/// A string to sign as a store shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StringToSign {
    /// As in `20130524T000000Z`.
    pub(crate) date: Box<str>,
    /// As in `20130524/us-east-1/s3/aws4_request`.
    pub(crate) scope: Box<str>,
}

// There is no `Debug`: the query contains the session token.

impl Request {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    /// Returns the value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }
}

impl Canonical {
    /// Reads the lines: method, path, query, headers up to an empty line, names of the signed headers, hash of the payload.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.replace("\r\n", "\n");
        let mut lines = text.trim_matches('\n').split('\n');
        let (method, path, query) = (lines.next()?, lines.next()?, lines.next()?);
        if method.is_empty()
            || !method.bytes().all(|byte| byte.is_ascii_alphabetic())
            || !path.starts_with('/')
        {
            return None;
        }
        let rest: Vec<&str> = lines.collect();
        let [headers @ .., signed, payload] = rest.as_slice() else { return None };
        let headers = headers.iter().filter_map(|line| line.split_once(':'));
        let headers =
            headers.map(|(name, value)| (name.trim().to_ascii_lowercase().into(), value.trim().into()));
        Some(Self {
            request: Request {
                method: method.into(),
                path: path.into(),
                query: decoded_pairs(query),
                headers: headers.collect(),
            },
            signed: signed.split(';').filter(|name| !name.is_empty()).map(Into::into).collect(),
            payload_hash: (*payload).into(),
        })
    }
}

impl StringToSign {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        let lines: Vec<&str> = text.split('\n').collect();
        let [algorithm, date, scope, _hash] = lines.as_slice() else { return None };
        algorithm.starts_with("AWS4").then(|| Self { date: (*date).into(), scope: (*scope).into() })
    }
}

/// Returns the decoded parameters of a query, without the signature.
pub(crate) fn decoded_pairs(query: &str) -> Vec<(Box<str>, Box<str>)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs = pairs.map(|(name, value)| (decode(name), decode(value)));
    pairs.filter(|(name, _): &(Box<str>, Box<str>)| &**name != "X-Amz-Signature").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "PUT\n/a/b%20c.jpg\nX-Amz-Date=1&X-Amz-SignedHeaders=content-type%3Bhost\n\
                        content-type:image/jpeg\nhost:b.s3.amazonaws.com\n\ncontent-type;host\nUNSIGNED-PAYLOAD";

    #[test]
    fn canonical_requests_are_taken_apart() {
        let canonical = Canonical::parse(TEXT).unwrap();
        assert_eq!(&*canonical.request.path, "/a/b%20c.jpg");
        assert_eq!(canonical.request.parameter("X-Amz-SignedHeaders"), Some("content-type;host"));
        assert_eq!(canonical.request.header("content-type"), Some("image/jpeg"));
        assert_eq!(canonical.signed, ["content-type".into(), Box::<str>::from("host")]);
        assert_eq!(&*canonical.payload_hash, "UNSIGNED-PAYLOAD");
    }

    #[test]
    fn other_texts_are_none() {
        for text in ["", "PUT", "PUT\n/", "PUT\na\n\n\n\nhost\nX", "PUT \n/\n\n\nh\nX"] {
            assert!(Canonical::parse(text).is_none(), "{text:?}");
        }
        assert!(StringToSign::parse("AWS4-HMAC-SHA256\n1\n2").is_none());
        assert!(StringToSign::parse("AWS4-HMAC-SHA256\n1\n2\n3").is_some());
    }
}
