//! The store on DynamoDB, in DynamoDB Local behind a fault proxy: the suite that all stores share, and the model
//! test. `cargo xtask test` starts the engine.

#![cfg(all(feature = "engines", feature = "dynamodb"))]

mod conformance;
mod cost;
mod fixture;
mod model;
