//! The store on DynamoDB, in DynamoDB Local behind a fault proxy: the suite that all stores share,
//! the model test, and what only these tables have.

mod conformance;
mod fixture;
mod model;
mod release_before;
