//! SNS's certificates: fetched once from SNS itself, kept, and used while they are valid.
//!
//! What makes a certificate SNS's is where it comes from: over TLS from the host of the topic's
//! region, which `topic` checks. SNS does not send the authority's certificates along, so there is
//! no chain to follow. Tests: `tests` beside this file.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use gallery_core::ports::FeedbackError;
use gallery_core::values::Timestamp;
use tokio::sync::Mutex;
use url::Url;
use x509_parser::pem::parse_x509_pem;

use super::fetch::Fetch;

/// The most certificates that are kept; SNS has one at a time in a region, and changes it once a
/// year.
const MOST_KEPT: usize = 8;

/// The certificates fetched so far.
///
/// One is fetched at a time: whoever posts messages with names of certificates that are not there
/// makes the gallery ask SNS in vain, but never more than once at the same moment.
#[derive(Default)]
pub struct Certificates(Mutex<HashMap<String, Arc<Certificate>>>);

/// A certificate of SNS.
pub struct Certificate {
    key: Vec<u8>,
    /// Seconds since 1970, both included.
    valid: (i64, i64),
}

impl Certificates {
    /// The certificate at this address.
    pub async fn get(
        &self,
        url: &Url,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Result<Arc<Certificate>, FeedbackError> {
        let mut kept = self.0.lock().await;
        if let Some(known) = kept.get(url.as_str()) {
            known.check_validity(now)?;
            return Ok(Arc::clone(known));
        }
        let answer = fetch.get(url).await.map_err(|error| FeedbackError::Unavailable(error.into()))?;
        match answer.status {
            200 => {}
            403 | 404 => return Err(FeedbackError::Forged("its certificate does not exist".to_owned())),
            status => {
                let cause = format!("SNS answered {status} when its certificate was fetched");
                return Err(FeedbackError::Unavailable(cause.into()));
            }
        }
        let certificate = Arc::new(Certificate::parse(&answer.body)?);
        certificate.check_validity(now)?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(url.to_string(), Arc::clone(&certificate));
        Ok(certificate)
    }
}

impl Certificate {
    fn parse(pem: &[u8]) -> Result<Self, FeedbackError> {
        let broken = || FeedbackError::Forged("its certificate cannot be read".to_owned());
        let (_, pem) = parse_x509_pem(pem).map_err(|_| broken())?;
        let certificate = pem.parse_x509().map_err(|_| broken())?;
        let validity = certificate.validity();
        let valid = (validity.not_before.timestamp(), validity.not_after.timestamp());
        Ok(Self { key: certificate.public_key().subject_public_key.data.to_vec(), valid })
    }

    /// Its public key: for RSA, an `RSAPublicKey` in DER (RFC 8017, RFC 3279 §2.3.1).
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    fn check_validity(&self, now: Timestamp) -> Result<(), FeedbackError> {
        let (from, until) = self.valid;
        if (from..=until).contains(&now.seconds()) {
            return Ok(());
        }
        Err(FeedbackError::Forged("its certificate is not valid now".to_owned()))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}
