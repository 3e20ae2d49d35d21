//! Somebody who guesses passwords, many at a time.

use serde_json::json;

use crate::Client;

/// What became of guesses.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Guesses {
    /// Answered with 401: the password was compared.
    pub compared: u32,
    /// Answered with 429.
    pub refused: u32,
    /// Answered with anything else.
    pub other: u32,
}

/// Tries so many wrong passwords for an address at once, in turns through these clients.
pub async fn guess_in_parallel(clients: &[Client], email: &str, number: usize) -> Guesses {
    let guesses = (0..number).map(|number| {
        let client = clients[number % clients.len()].stranger();
        let body = json!({"email": email, "password": format!("wrong password {number}")});
        tokio::spawn(async move { client.post("/api/v1/sessions", body).await.status })
    });
    let mut became = Guesses::default();
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.expect("the guess is answered") {
            401 => became.compared += 1,
            429 => became.refused += 1,
            _ => became.other += 1,
        }
    }
    became
}
