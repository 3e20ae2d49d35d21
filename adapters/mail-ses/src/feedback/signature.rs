//! The signature of a message: RSA with PKCS #1 v1.5 over SHA-1 (version 1, which is what topics
//! have unless told otherwise) or SHA-256 (version 2). Tests: `tests` beside this file.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use gallery_core::ports::FeedbackError;

/// A signature, not checked yet.
#[derive(Debug)]
pub struct Signature {
    algorithm: &'static RsaParameters,
    bytes: Vec<u8>,
}

impl Signature {
    pub fn new(version: &str, bytes: Vec<u8>) -> Result<Self, FeedbackError> {
        let algorithm = match version {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(FeedbackError::Forged("the version of its signature is unknown".to_owned())),
        };
        Ok(Self { algorithm, bytes })
    }

    /// Forged, unless the owner of the key (an `RSAPublicKey` of RFC 8017 in DER) signed this text.
    pub fn check(&self, text: &str, key: &[u8]) -> Result<(), FeedbackError> {
        let key = UnparsedPublicKey::new(self.algorithm, key);
        let checked = key.verify(text.as_bytes(), &self.bytes);
        checked.map_err(|_| FeedbackError::Forged("its signature is not the certificate's".to_owned()))
    }
}
