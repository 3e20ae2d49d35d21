//! What every mailer must do.
