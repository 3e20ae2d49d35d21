//! The name that a service's API reference has for a request.
//!
//! DynamoDB says it in `X-Amz-Target`. S3 and SES have none on the wire: theirs follows from the
//! method, the path and the query. Must not know what becomes of a request. Tested below, and by
//! `tests/it/http.rs`.

use hyper::{HeaderMap, Method};

/// The operation that is asked for; for what is no known operation of AWS, the method's name.
pub fn of(method: &Method, path_and_query: &str, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(target) = text("x-amz-target") {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let known = if let Some(rest) = path.strip_prefix("/v2/email/") {
        ses(method, rest)
    } else if signed_for_s3(text("authorization").unwrap_or_default(), query) {
        s3(method, path, &Query(query), headers.contains_key("x-amz-copy-source"))
    } else {
        None
    };
    known.unwrap_or(method.as_str()).to_owned()
}

/// The scope of a signature names the service: `AKID/20260101/us-east-1/s3/aws4_request`, in the
/// header, or percent-encoded in a presigned address.
fn signed_for_s3(authorization: &str, query: &str) -> bool {
    authorization.contains("/s3/aws4_request") || query.contains("%2Fs3%2Faws4_request")
}

/// S3, with the bucket in the path: the loopback has no names for buckets.
fn s3(method: &Method, path: &str, query: &Query<'_>, copies: bool) -> Option<&'static str> {
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
    match (bucket.trim_matches('/').is_empty(), key.is_empty()) {
        (true, _) => (method == Method::GET).then_some("ListBuckets"),
        (false, true) => s3_bucket(method, query),
        (false, false) => s3_object(method, query, copies),
    }
}

fn s3_bucket(method: &Method, query: &Query<'_>) -> Option<&'static str> {
    Some(match method.as_str() {
        "GET" if query.has("versioning") => "GetBucketVersioning",
        "GET" if query.has("versions") => "ListObjectVersions",
        "GET" if query.has("uploads") => "ListMultipartUploads",
        "GET" if query.has("lifecycle") => "GetBucketLifecycleConfiguration",
        "GET" if query.has("location") => "GetBucketLocation",
        "GET" if query.has("list-type") => "ListObjectsV2",
        "GET" => "ListObjects",
        "HEAD" => "HeadBucket",
        "PUT" if query.has("versioning") => "PutBucketVersioning",
        "PUT" if query.has("lifecycle") => "PutBucketLifecycleConfiguration",
        "PUT" if query.has("policy") => "PutBucketPolicy",
        "PUT" => "CreateBucket",
        "POST" if query.has("delete") => "DeleteObjects",
        "DELETE" => "DeleteBucket",
        _ => return None,
    })
}

fn s3_object(method: &Method, query: &Query<'_>, copies: bool) -> Option<&'static str> {
    Some(match method.as_str() {
        "GET" if query.has("uploadId") => "ListParts",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "PUT" if query.has("partNumber") && copies => "UploadPartCopy",
        "PUT" if query.has("partNumber") => "UploadPart",
        "PUT" if copies => "CopyObject",
        "PUT" => "PutObject",
        "POST" if query.has("uploads") => "CreateMultipartUpload",
        "POST" if query.has("uploadId") => "CompleteMultipartUpload",
        "DELETE" if query.has("uploadId") => "AbortMultipartUpload",
        "DELETE" => "DeleteObject",
        _ => return None,
    })
}

/// SES v2, from what follows `/v2/email/`.
fn ses(method: &Method, path: &str) -> Option<&'static str> {
    let (collection, name) = path.trim_end_matches('/').split_once('/').unwrap_or((path, ""));
    Some(match (method.as_str(), collection, name) {
        ("POST", "outbound-emails", "") => "SendEmail",
        ("POST", "outbound-bulk-emails", "") => "SendBulkEmail",
        ("GET", "account", "") => "GetAccount",
        ("POST", "identities", "") => "CreateEmailIdentity",
        ("GET", "identities", "") => "ListEmailIdentities",
        ("GET", "identities", _) => "GetEmailIdentity",
        ("POST", "configuration-sets", "") => "CreateConfigurationSet",
        ("GET", "configuration-sets", _) => "GetConfigurationSet",
        ("PUT", "suppression", "addresses") => "PutSuppressedDestination",
        ("GET", "suppression", "addresses") => "ListSuppressedDestinations",
        _ => return None,
    })
}

/// The part of an address behind the question mark.
struct Query<'q>(&'q str);

impl Query<'_> {
    fn has(&self, wanted: &str) -> bool {
        self.0.split('&').any(|pair| pair.split_once('=').map_or(pair, |(name, _)| name) == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: &str, path: &str, header: (&'static str, &'static str)) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        of(&method.parse().unwrap(), path, &headers)
    }

    #[test]
    fn operations_of_s3_follow_from_method_path_and_query() {
        let signed =
            ("authorization", "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request, x");
        for (method, path, operation) in [
            ("GET", "/", "ListBuckets"),
            ("HEAD", "/b", "HeadBucket"),
            ("PUT", "/b/", "CreateBucket"),
            ("GET", "/b?list-type=2&prefix=versions", "ListObjectsV2"),
            ("GET", "/b/?list-type=2&max-keys=1", "ListObjectsV2"),
            ("GET", "/b?prefix=x&versions", "ListObjectVersions"),
            ("GET", "/b?versioning", "GetBucketVersioning"),
            ("PUT", "/b/?versioning", "PutBucketVersioning"),
            ("POST", "/b/?delete", "DeleteObjects"),
            ("PUT", "/b/photos/1/small?x-id=PutObject", "PutObject"),
            ("PUT", "/b/photos/1/small?partNumber=1&uploadId=u&x-id=UploadPart", "UploadPart"),
            ("POST", "/b/photos/1/small?uploads", "CreateMultipartUpload"),
            ("POST", "/b/photos/1/small?uploadId=u", "CompleteMultipartUpload"),
            ("DELETE", "/b/photos/1/small?uploadId=u", "AbortMultipartUpload"),
            ("DELETE", "/b/photos/1/small", "DeleteObject"),
            ("GET", "/b/delete", "GetObject"),
            ("HEAD", "/b/delete", "HeadObject"),
            ("PATCH", "/b/delete", "PATCH"),
        ] {
            assert_eq!(name(method, path, signed), operation, "{method} {path}");
        }
    }

    #[test]
    fn a_presigned_address_is_known_and_an_unsigned_one_is_not() {
        let nothing = ("accept", "*/*");
        let scope = "X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request";
        assert_eq!(name("GET", &format!("/b/photos/1/small?{scope}"), nothing), "GetObject");
        assert_eq!(name("GET", "/b/photos/1/small", nothing), "GET");
    }

    #[test]
    fn operations_of_ses_follow_from_the_path() {
        let nothing = ("accept", "*/*");
        for (method, path, operation) in [
            ("POST", "/v2/email/outbound-emails", "SendEmail"),
            ("GET", "/v2/email/account", "GetAccount"),
            ("GET", "/v2/email/identities/a@b.example", "GetEmailIdentity"),
            ("GET", "/v2/email/configuration-sets/x", "GetConfigurationSet"),
            ("GET", "/v2/email/outbound-emails", "GET"),
        ] {
            assert_eq!(name(method, path, nothing), operation, "{method} {path}");
        }
    }

    #[test]
    fn a_target_decides_before_everything() {
        let target = ("x-amz-target", "DynamoDB_20120810.PutItem");
        assert_eq!(name("POST", "/v2/email/outbound-emails", target), "PutItem");
    }
}
