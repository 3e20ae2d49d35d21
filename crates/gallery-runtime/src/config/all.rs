//! All sections together. Tests: those of the modules that read, check and print them.

use super::sections::{
    Auth, Blobs, Database, DynamoDb, General, Limits, Log, Mail, Metrics, Photos, S3, Server, Ses, Site,
    Smtp, Throttling, Workers,
};
use super::setting::Section;

/// Every setting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Settings outside any section.
    pub general: General,
    /// `[site]`
    pub site: Site,
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[dynamodb]`
    pub dynamodb: DynamoDb,
    /// `[blobs]`
    pub blobs: Blobs,
    /// `[s3]`
    pub s3: S3,
    /// `[auth]`
    pub auth: Auth,
    /// `[photos]`
    pub photos: Photos,
    /// `[limits]`
    pub limits: Limits,
    /// `[mail]`
    pub mail: Mail,
    /// `[smtp]`
    pub smtp: Smtp,
    /// `[ses]`
    pub ses: Ses,
    /// `[throttling]`
    pub throttling: Throttling,
    /// `[workers]`
    pub workers: Workers,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[log]`
    pub log: Log,
}

impl Config {
    /// Every section, in the order in which they are printed.
    pub(super) fn sections(&mut self) -> [&mut dyn Section; 17] {
        let Self {
            general,
            site,
            server,
            database,
            dynamodb,
            blobs,
            s3,
            auth,
            photos,
            limits,
            mail,
            smtp,
            ses,
            throttling,
            workers,
            metrics,
            log,
        } = self;
        [
            general, site, server, database, dynamodb, blobs, s3, auth, photos, limits, mail, smtp, ses,
            throttling, workers, metrics, log,
        ]
    }
}
