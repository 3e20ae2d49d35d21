//! [`Ports`], and how they are put together. Knows no use case; tests are below.

use std::sync::Arc;

use crate::ports::{
    Blobs, Clock, Entropy, Feedback, Imaging, JobNotifier, Mailer, PasswordHasher, SharedStore, Spool,
};

/// A port that a gallery can't do without was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a gallery needs the port `{0}`: give it to the builder of its ports")]
pub struct MissingPort(&'static str);

macro_rules! ports {
    ($( $(#[doc = $doc:literal])+ $name:ident: $port:ty, )+) => {
        /// The ports that a gallery works through; made by [`builder`](Self::builder), so that a
        /// port more is no change to those who have no use for it.
        #[derive(Clone)]
        #[non_exhaustive]
        pub struct Ports {
            $( $(#[doc = $doc])+ pub $name: $port, )+
            /// What the mail system reports; absent when it reports nothing.
            pub feedback: Option<Arc<dyn Feedback>>,
        }

        /// Puts [`Ports`] together.
        #[derive(Clone, Default)]
        pub struct PortsBuilder {
            $( $name: Option<$port>, )+
            feedback: Option<Arc<dyn Feedback>>,
        }

        impl PortsBuilder {
            $( $(#[doc = $doc])+
            #[must_use]
            pub fn $name(mut self, $name: $port) -> Self {
                self.$name = Some($name);
                self
            } )+

            /// All of them.
            ///
            /// # Errors
            ///
            /// [`MissingPort`] names the first that was not given; only `feedback` need not be.
            pub fn build(self) -> Result<Ports, MissingPort> {
                Ok(Ports {
                    $( $name: self.$name.ok_or(MissingPort(stringify!($name)))?, )+
                    feedback: self.feedback,
                })
            }
        }
    };
}

ports! {
    /// Records.
    store: SharedStore,
    /// Originals and renditions.
    blobs: Arc<dyn Blobs>,
    /// Mail.
    mailer: Arc<dyn Mailer>,
    /// Decoding and scaling.
    imaging: Arc<dyn Imaging>,
    /// Temporary files for uploads.
    spool: Arc<dyn Spool>,
    /// Password hashing.
    hasher: Arc<dyn PasswordHasher>,
    /// Time.
    clock: Arc<dyn Clock>,
    /// Randomness.
    entropy: Arc<dyn Entropy>,
    /// Wakes the workers of this process.
    job_notifier: Arc<dyn JobNotifier>,
}

impl Ports {
    /// A builder that has none yet.
    pub fn builder() -> PortsBuilder {
        PortsBuilder::default()
    }
}

impl PortsBuilder {
    /// What the mail system reports, if it reports anything.
    #[must_use]
    pub fn feedback(mut self, feedback: Option<Arc<dyn Feedback>>) -> Self {
        self.feedback = feedback;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_port_is_named() {
        let missing = Ports::builder().build().err().unwrap();
        assert_eq!(
            missing.to_string(),
            "a gallery needs the port `store`: give it to the builder of its ports"
        );
    }
}
