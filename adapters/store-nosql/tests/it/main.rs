//! The store from outside, on both engines: the suite that all stores share, the model test, and
//! what only one engine can get wrong. Tests on DynamoDB need DynamoDB Local, which `cargo xtask
//! test` starts.

#[cfg(all(feature = "engines", feature = "dynamodb"))]
mod dynamo;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(feature = "embedded")]
mod embedded_durability;
#[cfg(feature = "embedded")]
mod embedded_model;
#[cfg(feature = "embedded")]
mod embedded_opening;
mod release_before;
