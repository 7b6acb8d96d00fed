//! `merpati user`, `merpati key`, `merpati setup-link`: accounts of people and keys of their programs.

use serde_json::{Value, json};

use crate::cli::{Key, User};
use crate::client::Client;
use crate::output;

/// Adds or lists people.
pub(crate) async fn user(as_json: bool, client: &Client, user: User) -> anyhow::Result<()> {
    match user {
        User::Add { name, admin, .. } => {
            let password = super::first_line_of_input("the password")?;
            let body = json!({ "name": name, "password": password, "admin": admin });
            let made: Value = client.post("/users", &body).await?;
            if as_json {
                return output::json(&made);
            }
            let role = if admin { "an administrator" } else { "a user" };
            output::line(&format!("{name} is now {role} and can log in."));
        }
        User::List => {
            let answer: Value = client.get("/users").await?;
            if as_json {
                return output::json(&answer);
            }
            let rows: Vec<Vec<String>> = answer["users"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|user| {
                    vec![
                        output::visible(user["name"].as_str().unwrap_or_default()),
                        user["role"].as_str().unwrap_or_default().to_owned(),
                        if user["enabled"] == true { "yes" } else { "no" }.to_owned(),
                    ]
                })
                .collect();
            output::table(&["NAME", "ROLE", "ENABLED"], &rows);
        }
    }
    Ok(())
}

/// Makes a key and prints it, this once.
pub(crate) async fn key(as_json: bool, client: &Client, key: Key) -> anyhow::Result<()> {
    let Key::Add { user, label } = key;
    let made: Value = client.post("/keys", &json!({ "user": user, "label": label })).await?;
    if as_json {
        return output::json(&made);
    }
    output::line(made["key"].as_str().unwrap_or_default());
    output::note("This is the only time the key is shown.");
    Ok(())
}

/// Prints a new one-time link.
pub(crate) async fn setup_link(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let made: Value = client.post("/setup-link", &json!({})).await?;
    if as_json {
        return output::json(&made);
    }
    output::line(made["url"].as_str().unwrap_or_default());
    output::note("It works once, within 24 hours. The links before it do not work any more.");
    Ok(())
}
