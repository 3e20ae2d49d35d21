//! The answers with which S3 refuses, as they stand on the wire (REST XML), for
//! [`HttpProxy`](crate::HttpProxy). Names and texts are those of the service's API reference,
//! "Error responses".

use bytes::Bytes;

use crate::{Fault, Reply};

/// An error of this code (`SlowDown`), with a message.
pub fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>FAULTPROXY</RequestId></Error>"
    );
    let headers = [("content-type", "application/xml"), ("x-amz-request-id", "FAULTPROXY")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply { status, headers, body: Bytes::from(body) }
}

/// The service has a fault of its own. Clients try again.
pub fn internal_error() -> Fault {
    Fault::answer(error(500, "InternalError", "We encountered an internal error. Please try again."))
}

/// Too many requests. Clients try again, later.
pub fn slow_down() -> Fault {
    Fault::answer(error(503, "SlowDown", "Please reduce your request rate."))
}

/// The role may not do this. Clients do not try again.
pub fn denied() -> Fault {
    Fault::answer_with(|call| {
        let message = format!("User is not authorized to perform: s3:{}", call.operation);
        error(403, "AccessDenied", &message)
    })
}

/// Another request for the same resource was in the way. Clients try again.
pub fn operation_aborted() -> Fault {
    let message = "A conflicting conditional operation is currently in progress against this resource.";
    Fault::answer(error(409, "OperationAborted", message))
}

/// The bucket is in another region.
pub fn moved(region: &str) -> Fault {
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint.";
    let mut reply = error(301, "PermanentRedirect", message);
    reply.headers.push(("x-amz-bucket-region".to_owned(), region.to_owned()));
    Fault::answer(reply)
}
