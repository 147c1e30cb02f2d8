//! Every operation, every address and the requests of other SDKs: signed correctly, or refused as unsupported.

use upsign_core::{Addressing, Operation, PartNumber, PresignRequest, Query, Resource, Target, UploadId};

use super::{Suite, fixed, put_request, request};
use crate::corpora::{self, Answer};

pub(super) async fn operations(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    let upload_id: UploadId = "an id&x=1".parse().unwrap();
    let part_number = PartNumber::new(7).unwrap();
    let all = [
        (Operation::PutObject, "PUT", ""),
        (Operation::GetObject, "GET", ""),
        (Operation::GetObjectPart { part_number }, "GET", "partNumber=7"),
        (Operation::HeadObject, "HEAD", ""),
        (Operation::HeadObjectPart { part_number }, "HEAD", "partNumber=7"),
        (Operation::DeleteObject, "DELETE", ""),
        (Operation::CopyObject, "PUT", ""),
        (Operation::PutObjectTagging, "PUT", "tagging="),
        (Operation::GetObjectTagging, "GET", "tagging="),
        (Operation::CreateMultipartUpload, "POST", "uploads="),
        (
            Operation::UploadPart { upload_id: upload_id.clone(), part_number },
            "PUT",
            "partNumber=7&uploadId=an%20id%26x%3D1",
        ),
        (
            Operation::CompleteMultipartUpload { upload_id: upload_id.clone() },
            "POST",
            "uploadId=an%20id%26x%3D1",
        ),
        (
            Operation::AbortMultipartUpload { upload_id: upload_id.clone() },
            "DELETE",
            "uploadId=an%20id%26x%3D1",
        ),
        (Operation::ListParts { upload_id }, "GET", "uploadId=an%20id%26x%3D1"),
    ];
    for (operation, method, parameters) in all {
        let plain = put_request("a.jpg", &[], 60);
        let request =
            PresignRequest::new(plain.target().clone(), operation, plain.key().clone(), plain.expires_in());
        let Some(presigned) = suite.presign(&credentials, &request, at).await else { continue };
        assert_eq!(presigned.method.as_str(), method, "{request:?}");
        let (_, query) = presigned.url.expose().split_once('?').unwrap();
        let own: Vec<&str> = query.split('&').filter(|parameter| !parameter.starts_with("X-Amz-")).collect();
        assert_eq!(own.join("&"), parameters, "{request:?}");
    }
}

/// Checks that query parameters of the request are signed and kept.
pub(super) async fn parameters(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    let mut query = Query::new();
    query.insert("response-content-disposition", "attachment; filename=\"a b.jpg\"").unwrap();
    let mut versioned = query.clone();
    versioned.insert("versionId", "null").unwrap();
    for query in [query, versioned] {
        let request = request(Operation::GetObject, "a.jpg", &[], 60).with_query(query);
        suite.presign(&credentials, &request, at).await;
    }
}

pub(super) async fn addresses(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    let build =
        |resource: &str| Target::builder(resource.parse::<Resource>().unwrap(), "us-west-2".parse().unwrap());
    let endpoint = |url: &str| url.parse().unwrap();
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/uploads";
    let all = [
        (build("abc"), "https://abc.s3.us-west-2.amazonaws.com/k"),
        (build("a.bcd"), "https://s3.us-west-2.amazonaws.com/a.bcd/k"),
        (build("abc").addressing(Addressing::Path), "https://s3.us-west-2.amazonaws.com/abc/k"),
        (build("abc").dualstack(true), "https://abc.s3.dualstack.us-west-2.amazonaws.com/k"),
        (build("abc").fips(true), "https://abc.s3-fips.us-west-2.amazonaws.com/k"),
        (build("abc").accelerate(true), "https://abc.s3-accelerate.amazonaws.com/k"),
        (
            build("abc--usw2-az1--x-s3"),
            "https://abc--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/k",
        ),
        (
            build("abc--usw2-az1--x-s3").fips(true).dualstack(true),
            "https://abc--usw2-az1--x-s3.s3express-fips-usw2-az1.dualstack.us-west-2.amazonaws.com/k",
        ),
        (build(arn), "https://uploads-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k"),
        (build("abc").endpoint(endpoint("http://[::1]:9000")), "http://[::1]:9000/abc/k"),
        (
            build("abc").endpoint(endpoint("https://GW.example.com:443/s3/")),
            "https://gw.example.com/s3/abc/k",
        ),
        (
            build("abc").endpoint(endpoint("https://gw.example.com")).addressing(Addressing::VirtualHosted),
            "https://abc.gw.example.com/k",
        ),
        (
            build("abc").endpoint(endpoint("https://files.example.com")).addressing(Addressing::BucketHost),
            "https://files.example.com/k",
        ),
        (
            build("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/uploads"),
            "https://uploads-123456789012.op-1.s3-outposts.us-west-2.amazonaws.com/k",
        ),
        (
            build("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"),
            "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/k",
        ),
    ];
    for (target, wanted) in all {
        let plain = put_request("k", &[], 60);
        let target = target.build().unwrap();
        let request =
            PresignRequest::new(target, Operation::PutObject, plain.key().clone(), plain.expires_in());
        assert_eq!(request.target().object_url(request.key()), wanted);
        let Some(presigned) = suite.presign(&credentials, &request, at).await else { continue };
        let (base, query) = presigned.url.expose().split_once('?').unwrap();
        assert_eq!(base, wanted);
        let algorithm = if request.target().requires_sigv4a() { "ECDSA-P256" } else { "HMAC" };
        assert!(query.starts_with(&format!("X-Amz-Algorithm=AWS4-{algorithm}-SHA256&")), "{query}");
    }
}

pub(super) async fn requests_of_other_sdks(suite: &Suite<'_>) {
    let mut comparisons = Vec::new();
    let rows: Vec<_> = corpora::boto3_urls().into_iter().chain(corpora::js_urls()).collect();
    for row in &rows {
        let answer = match row.request() {
            Err(reason) => Answer::Refused(reason),
            Ok(request) => match suite.presign(&row.credentials(), &request, row.at()).await {
                Some(presigned) => Answer::of::<String>(Ok(presigned)),
                None => continue,
            },
        };
        comparisons.push((row.id.as_str(), row.compare(&answer, |_, _, _| false)));
    }
    let _ = corpora::tally(comparisons);
}
