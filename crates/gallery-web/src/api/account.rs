//! One's own account: read, rename, change the password, cancel.

use std::sync::Arc;

use gallery_core::usecases::AccountPatch;
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::accounts::Done;
use super::login::Login;
use super::payload::{JsonBody, present};
use super::refusal::{Answer, OwnChange, OwnReading, PasswordAgain};
use super::tag::Tag;
use super::views::{AccountView, CancellationView};
use crate::Web;

/// Operations on one's own account.
pub(super) struct OwnAccount(pub(super) Arc<Web>);

/// What shall change; what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct AccountChange {
    /// The new name, 1 to 100 characters.
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
}

/// A change of the password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct PasswordChange {
    /// The password of today.
    current_password: String,
    /// The password of tomorrow.
    new_password: String,
}

/// The password, again.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct PasswordProof {
    /// The account's password.
    password: String,
}

#[derive(ApiResponse)]
enum Cancelled {
    /// The account is gone for everybody and its address is free; what it held is being removed. A
    /// mail will say when that is done.
    #[oai(status = 202)]
    Cancelled(JsonBody<CancellationView>),
}

#[OpenApi(tag = "Tag::Account")]
impl OwnAccount {
    /// Read one's account
    #[oai(path = "/account", method = "get", operation_id = "getAccount")]
    async fn read(&self, login: Login) -> Answer<JsonBody<AccountView>, OwnReading> {
        let caller = login.caller(&self.0).await?;
        Ok(JsonBody((&caller.user).into()))
    }

    /// Change one's name
    #[oai(path = "/account", method = "patch", operation_id = "updateAccount")]
    async fn update(
        &self,
        login: Login,
        body: JsonBody<AccountChange>,
    ) -> Answer<JsonBody<AccountView>, OwnChange> {
        let caller = login.caller(&self.0).await?;
        let patch = AccountPatch { name: body.0.name.as_deref(), ..AccountPatch::default() };
        let user = self.0.gallery.update_account(&caller, patch).await?;
        Ok(JsonBody((&user).into()))
    }

    /// Change one's password
    ///
    /// All other sessions end, and a mail tells the owner of the address.
    #[oai(path = "/account/password", method = "post", operation_id = "changePassword")]
    async fn change_password(
        &self,
        request: &Request,
        login: Login,
        body: JsonBody<PasswordChange>,
    ) -> Answer<Done, PasswordAgain> {
        let caller = login.caller(&self.0).await?;
        let PasswordChange { current_password, new_password } = &body.0;
        let client = self.0.client(request)?;
        self.0.gallery.change_password(&caller, current_password, new_password, &client).await?;
        Ok(Done::Done)
    }

    /// Cancel one's account
    ///
    /// Removes the account with all its albums and photos. There is no way back.
    #[oai(path = "/account", method = "delete", operation_id = "cancelAccount")]
    async fn cancel(
        &self,
        request: &Request,
        login: Login,
        body: JsonBody<PasswordProof>,
    ) -> Answer<Cancelled, PasswordAgain> {
        let caller = login.caller(&self.0).await?;
        let client = self.0.client(request)?;
        let job = self.0.gallery.cancel_account(&caller, &body.0.password, &client).await?;
        login.clear();
        Ok(Cancelled::Cancelled(JsonBody(CancellationView { job_id: job.uuid() })))
    }
}
