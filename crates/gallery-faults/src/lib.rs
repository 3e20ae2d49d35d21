//! Fault proxies for tests: they stand on the loopback between the gallery and a real engine, pass
//! everything on, and at run time lose, delay, refuse and cut what they are told to.
//!
//! [`HttpProxy`] understands HTTP/1.1 and which operation of DynamoDB, S3 or SES v2 a request is;
//! [`TcpProxy`] passes bytes on, for MySQL and the like. [`dynamo`] and [`s3`] hold the answers
//! with which those services refuse. They know the wire and nothing of the gallery, so every
//! crate's tests may use them. A proxy runs on a thread of its own: a test that blocks does not
//! stop it. Tests: `tests/it/http.rs`, `tests/it/tcp.rs`.
//!
//! ```no_run
//! use gallery_faults::{Fault, HttpProxy, Rule, dynamo};
//!
//! let proxy = HttpProxy::start("http://127.0.0.1:8000");
//! proxy.add(Rule::on("Scan", dynamo::denied()));
//! proxy.add(Rule::on("TransactWriteItems", Fault::ResetAfter).once());
//! // … point the store at `proxy.url()`, use it …
//! assert_eq!(proxy.count("Scan"), 0);
//! ```

pub mod dynamo;
mod gate;
mod host;
mod http;
mod line;
pub mod s3;
mod tcp;

pub use http::{Call, Exchange, Fault, HttpProxy, Reply, Rule};
pub use tcp::TcpProxy;
