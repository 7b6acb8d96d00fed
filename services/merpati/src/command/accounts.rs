//! `merpati user`, `merpati key`, `merpati setup-link`: accounts of people and keys of their programs.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cli::{Key, Role, User};
use crate::client::{Client, ClientError};
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
        User::Password { name, .. } => {
            let id = user_id(client, &name).await?;
            let password = super::first_line_of_input("the password")?;
            let path = format!("/users/{id}/password");
            let _: Value = client.post(&path, &json!({ "password": password })).await?;
            return said(as_json, &format!("{name} has another password, and logs in with it."));
        }
        User::Role { name, role } => {
            let (role, words) = match role {
                Role::Admin => ("admin", "is an administrator now"),
                Role::User => ("user", "is a user now, and no administrator"),
                Role::Service => ("service", "is a program now, and works by its keys only"),
            };
            let path = format!("/users/{}/role", user_id(client, &name).await?);
            let _: Value = client.post(&path, &json!({ "role": role })).await?;
            return said(as_json, &format!("{name} {words}."));
        }
        User::Disable { name } => {
            let path = format!("/users/{}/disable", user_id(client, &name).await?);
            let _: Value = client.post(&path, &json!({})).await?;
            return said(as_json, &format!("{name} is kept out, and so are the keys of {name}."));
        }
        User::Enable { name } => {
            let path = format!("/users/{}/enable", user_id(client, &name).await?);
            let _: Value = client.post(&path, &json!({})).await?;
            return said(as_json, &format!("{name} may log in again."));
        }
    }
    Ok(())
}

/// The id of the account of that name.
async fn user_id(client: &Client, name: &str) -> anyhow::Result<String> {
    let answer: Value = client.get("/users").await?;
    let mut users = answer["users"].as_array().into_iter().flatten();
    let user = users.find(|user| user["name"].as_str() == Some(name));
    let id = user.and_then(|user| user["id"].as_str()).map(str::to_owned);
    id.with_context(|| format!("there is no user named '{name}'; merpati user list shows all"))
}

/// The names of the administrators who may log in, as far as we may know them.
async fn administrators(client: &Client) -> Vec<String> {
    let answer: Value = client.get("/users").await.unwrap_or_default();
    let users = answer["users"].as_array().into_iter().flatten();
    let may = users.filter(|user| user["admin"] == true && user["enabled"] == true);
    may.map(|user| text(&user["name"])).collect()
}

/// Says what was done.
fn said(as_json: bool, words: &str) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "done": words }));
    }
    output::line(words);
    Ok(())
}

/// Makes keys, shows them, makes them void.
pub(crate) async fn key(as_json: bool, client: &Client, key: Key) -> anyhow::Result<()> {
    match key {
        Key::Add { user, label } => add_key(as_json, client, &user, &label).await,
        Key::List => list_keys(as_json, client).await,
        Key::Revoke { key } => {
            let id = key_id(client, &key).await?;
            let _: Value = client.delete(&format!("/keys/{id}")).await?;
            said(as_json, &format!("The key {key} is void."))
        }
    }
}

async fn list_keys(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer: Value = client.get("/keys").await?;
    if as_json {
        return output::json(&answer);
    }
    let users: Value = client.get("/users").await.unwrap_or_default();
    let named = |id: &Value| {
        let mut users = users["users"].as_array().into_iter().flatten();
        users.find(|user| user["id"] == *id).map_or_else(|| text(id), |user| text(&user["name"]))
    };
    let rows: Vec<Vec<String>> = answer["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|key| {
            let state = if key["revoked_at"].is_null() { "good" } else { "void" };
            vec![
                format!("{}…", text(&key["prefix"])),
                named(&key["owner"]),
                text(&key["label"]),
                output::local_time(&key["last_used_at"]),
                state.to_owned(),
                text(&key["id"]),
            ]
        })
        .collect();
    output::table(&["KEY", "USER", "LABEL", "LAST USED", "STATE", "ID"], &rows);
    Ok(())
}

/// The id of the one key that has this id, or begins so.
async fn key_id(client: &Client, wanted: &str) -> anyhow::Result<String> {
    let answer: Value = client.get("/keys").await?;
    let begin = wanted.trim_end_matches('…');
    let fits = |key: &&Value| {
        key["id"].as_str() == Some(wanted)
            || (!begin.is_empty() && key["prefix"].as_str() == Some(begin))
    };
    let keys: Vec<&Value> = answer["keys"].as_array().into_iter().flatten().filter(fits).collect();
    match keys.as_slice() {
        [key] => Ok(text(&key["id"])),
        [] => anyhow::bail!("there is no key '{wanted}'; merpati key list shows all"),
        _ => anyhow::bail!("several keys begin with '{wanted}'; name it by its id"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), output::visible)
}

/// Makes a key and prints it, this once.
async fn add_key(as_json: bool, client: &Client, user: &str, label: &str) -> anyhow::Result<()> {
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
    let made: Value = match client.post("/setup-link", &json!({})).await {
        Ok(made) => made,
        Err(ClientError::Refused(words)) => {
            let names = administrators(client).await;
            anyhow::ensure!(!names.is_empty(), "{words}");
            anyhow::bail!(
                "{words} If the password is lost, set another one: merpati user password {} --password-stdin",
                names.join(" | ")
            );
        }
        Err(error) => return Err(error.into()),
    };
    if as_json {
        return output::json(&made);
    }
    output::line(made["url"].as_str().unwrap_or_default());
    output::note("It works once, within 24 hours. The links before it do not work any more.");
    Ok(())
}
