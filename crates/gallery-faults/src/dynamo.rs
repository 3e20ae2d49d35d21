//! The answers with which DynamoDB refuses, as they stand on the wire (JSON 1.0 of AWS), for
//! [`HttpProxy`](crate::HttpProxy). Names and texts are those of the service's API reference.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{Call, Fault, Reply};

/// An error of this type (`ProvisionedThroughputExceededException`), with a message.
pub fn error(status: u16, kind: &str, message: &str) -> Reply {
    reply(status, "com.amazonaws.dynamodb.v20120810", kind, json!({ "message": message }))
}

/// The table's capacity is used up. Clients try again.
pub fn throttled() -> Fault {
    let message = "The level of configured provisioned throughput for the table was exceeded. Consider \
                   increasing your provisioning level with the UpdateTable API.";
    Fault::answer(error(400, "ProvisionedThroughputExceededException", message))
}

/// The account's limit of requests is reached. Clients try again.
pub fn request_limit() -> Fault {
    let message = "Throughput exceeds the current throughput limit for your account.";
    Fault::answer(error(400, "RequestLimitExceeded", message))
}

/// The service has a fault of its own. Clients try again.
pub fn internal_error() -> Fault {
    Fault::answer(error(500, "InternalServerError", "The request could not be completed"))
}

/// The role may not do this. Clients do not try again.
pub fn denied() -> Fault {
    Fault::answer_with(|call| {
        let message = format!("User is not authorized to perform: dynamodb:{}", call.operation);
        reply(400, "com.amazon.coral.service", "AccessDeniedException", json!({ "Message": message }))
    })
}

/// Another transaction holds an item: a transaction is cancelled with `TransactionConflict` for its
/// first item, a single write is refused with `TransactionConflictException`.
pub fn transaction_conflict() -> Fault {
    Fault::answer_with(|call| match items(call) {
        None => error(400, "TransactionConflictException", "Transaction is ongoing for the item"),
        Some(items) => cancelled(items, "TransactionConflict", "Transaction is ongoing for the item"),
    })
}

/// A transaction is cancelled because its first item is throttled; a single request is throttled.
pub fn transaction_throttled() -> Fault {
    Fault::answer_with(|call| {
        let message = "Throughput exceeds the current capacity of your table or index.";
        match items(call) {
            None => error(400, "ThrottlingException", message),
            Some(items) => cancelled(items, "ThrottlingError", message),
        }
    })
}

/// The same transaction is being done at this moment.
pub fn transaction_in_progress() -> Fault {
    let message = "The transaction with the given request token is already in progress.";
    Fault::answer(error(400, "TransactionInProgressException", message))
}

/// How many items a transaction has; `None` when the request is none.
fn items(call: &Call) -> Option<usize> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    body["TransactItems"].as_array().map(Vec::len)
}

fn cancelled(items: usize, code: &str, message: &str) -> Reply {
    // One reason for each item, in the order of the request.
    let reasons = (0..items).map(|item| match item {
        0 => json!({ "Code": code, "Message": message }),
        _ => json!({ "Code": "None" }),
    });
    let codes = (0..items).map(|item| if item == 0 { code } else { "None" }).collect::<Vec<_>>().join(", ");
    let fields = json!({
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"),
        "CancellationReasons": reasons.collect::<Vec<_>>(),
    });
    reply(400, "com.amazonaws.dynamodb.v20120810", "TransactionCanceledException", fields)
}

fn reply(status: u16, space: &str, kind: &str, mut fields: Value) -> Reply {
    fields["__type"] = format!("{space}#{kind}").into();
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amzn-requestid", "FAULTPROXY")];
    Reply {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: Bytes::from(fields.to_string()),
    }
}
