//! `merpati user`, `merpati key`, `merpati setup-link`: accounts of people and keys of their programs.

use anyhow::Context as _;
use api::{AccountChanges, KeyRequests, Keys, NewKey, NewRole, NewUser, Nothing, SetupLink, Users};
use contracts::{KeyId, UserId};
use serde_json::json;

use crate::cli::{Key, Role, User};
use crate::client::{Answer, Client, ClientError};
use crate::command::people;
use crate::output;

/// Adds or lists people.
pub(crate) async fn user(as_json: bool, client: &Client, user: User) -> anyhow::Result<()> {
    match user {
        User::Add { name, role, admin, .. } => {
            let password = super::first_line_of_input("the password")?;
            // Gateways of before know the two that there were by the flags alone.
            let more =
                role.filter(|role| !matches!(role, Role::Admin | Role::User | Role::Service));
            let new = NewUser {
                name: name.clone(),
                password: Some(password),
                role: more.map(|role| word(role).to_owned()),
                admin: admin || role == Some(Role::Admin),
                service: role == Some(Role::Service),
                ..NewUser::default()
            };
            let made = client.post::<api::User>("/users", &new).await?;
            if as_json {
                return made.print();
            }
            let role = role.unwrap_or(if admin { Role::Admin } else { Role::User });
            let words = match role {
                Role::Service => "works by its keys",
                _ => "can log in",
            };
            output::line(&format!("{name} is now {} and {words}.", called(role)));
        }
        User::List => {
            let answer = client.get::<Users>("/users").await?;
            if as_json {
                return answer.print();
            }
            let rows: Vec<Vec<String>> = answer
                .users
                .iter()
                .map(|user| {
                    let enabled = if user.enabled { "yes" } else { "no" };
                    let phone = if user.totp { "yes" } else { "no" };
                    vec![
                        output::visible(&user.name),
                        output::visible(&user.role),
                        enabled.to_owned(),
                        phone.to_owned(),
                        user.seen_at.map_or_else(|| "-".to_owned(), output::local_time),
                    ]
                })
                .collect();
            output::table(&["NAME", "ROLE", "ENABLED", "PHONE", "LAST SEEN"], &rows);
        }
        User::Password { name, .. } => {
            let id = user_id(client, &name).await?;
            let password = super::first_line_of_input("the password")?;
            let path = format!("/users/{id}/password");
            let changes = AccountChanges { password: Some(password) };
            client.post::<Nothing>(&path, &changes).await?;
            return said(as_json, &format!("{name} has another password, and logs in with it."));
        }
        User::Role { name, role } | User::Change { name, role } => {
            let path = format!("/users/{}/role", user_id(client, &name).await?);
            client.post::<Nothing>(&path, &NewRole { role: word(role).to_owned() }).await?;
            let words = match role {
                Role::User => ", and no administrator",
                Role::ReadOnly => ", and changes nothing",
                Role::Service => ", and works by its keys only",
                Role::Admin | Role::Operator | Role::Manager => "",
            };
            return said(as_json, &format!("{name} is {} now{words}.", called(role)));
        }
        User::Invite { role, label } => {
            return people::invite(as_json, client, word(role), &label).await;
        }
        User::Invitations => return people::invitations(as_json, client).await,
        User::Uninvite { id } => {
            client.delete::<Nothing>(&format!("/invitations/{id}")).await?;
            return said(as_json, "The invitation is revoked.");
        }
        User::PasswordLink { name } => {
            let id = user_id(client, &name).await?;
            return people::password_link(as_json, client, id).await;
        }
        User::Sessions { name } => {
            let id = user_id(client, &name).await?;
            return people::sessions(as_json, client, id).await;
        }
        User::LogOut { name } => {
            let path = format!("/users/{}/sessions", user_id(client, &name).await?);
            client.delete::<Nothing>(&path).await?;
            return said(as_json, &format!("{name} is logged out everywhere."));
        }
        User::TotpOff { name } => {
            let path = format!("/users/{}/totp", user_id(client, &name).await?);
            client.delete::<Nothing>(&path).await?;
            return said(as_json, &format!("{name} logs in by the password alone."));
        }
        User::TotpRoles { roles } => {
            return people::totp_roles(as_json, client, roles.as_deref()).await;
        }
        User::Disable { name } => {
            let path = format!("/users/{}/disable", user_id(client, &name).await?);
            client.post::<Nothing>(&path, &Nothing {}).await?;
            return said(as_json, &format!("{name} is kept out, and so are the keys of {name}."));
        }
        User::Enable { name } => {
            let path = format!("/users/{}/enable", user_id(client, &name).await?);
            client.post::<Nothing>(&path, &Nothing {}).await?;
            return said(as_json, &format!("{name} may log in again."));
        }
    }
    Ok(())
}

/// The name of a role in the API.
const fn word(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Operator => "operator",
        Role::Manager => "manager",
        Role::User => "user",
        Role::ReadOnly => "read-only",
        Role::Service => "service",
    }
}

/// What somebody of a role is called.
const fn called(role: Role) -> &'static str {
    match role {
        Role::Admin => "an administrator",
        Role::Operator => "an operator",
        Role::Manager => "a manager",
        Role::User => "a user",
        Role::ReadOnly => "read-only",
        Role::Service => "a program",
    }
}

/// The id of the account of that name.
pub(super) async fn user_id(client: &Client, name: &str) -> anyhow::Result<UserId> {
    let answer = client.get::<Users>("/users").await?;
    let user = answer.users.iter().find(|user| user.name == name);
    user.map(|user| user.id)
        .with_context(|| format!("there is no user named '{name}'; merpati user list shows all"))
}

/// The names of the administrators who may log in, as far as we may know them.
async fn administrators(client: &Client) -> Vec<String> {
    let Ok(answer) = client.get::<Users>("/users").await else { return Vec::new() };
    let may = answer.users.iter().filter(|user| user.admin && user.enabled);
    may.map(|user| output::visible(&user.name)).collect()
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
        Key::Add { user, label, scopes, allow, expires } => {
            let scopes = (!scopes.is_empty()).then_some(scopes);
            let allow = (!allow.is_empty()).then_some(allow);
            let new = NewKey {
                user: Some(user),
                label,
                scopes,
                allow,
                expires_at: expires,
                ..NewKey::default()
            };
            add_key(as_json, client, &new).await
        }
        Key::List => list_keys(as_json, client).await,
        Key::Requests { key } => {
            let id = key_id(client, &key).await?;
            list_requests(as_json, client, id).await
        }
        Key::Revoke { key } => {
            let id = key_id(client, &key).await?;
            client.delete::<Nothing>(&format!("/keys/{id}")).await?;
            said(as_json, &format!("The key {key} is void."))
        }
    }
}

async fn list_keys(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Keys>("/keys").await?;
    if as_json {
        return answer.print();
    }
    // Only administrators may ask; others see ids.
    let users =
        client.get::<Users>("/users").await.map(Answer::into_read).unwrap_or_default().users;
    let named = |id: UserId| {
        let user = users.iter().find(|user| user.id == id);
        user.map_or_else(|| id.to_string(), |user| output::visible(&user.name))
    };
    let rows: Vec<Vec<String>> = answer
        .keys
        .iter()
        .map(|key| {
            vec![
                format!("{}…", output::visible(&key.prefix)),
                named(key.owner),
                output::cell(Some(&key.label)),
                key.last_used_at.map_or_else(|| "-".to_owned(), output::local_time),
                key.expires_at.map_or_else(|| "-".to_owned(), output::local_time),
                output::cell(Some(&key.allow.join(" "))),
                if key.revoked_at.is_none() { "good" } else { "void" }.to_owned(),
                key.id.to_string(),
            ]
        })
        .collect();
    output::table(&["KEY", "USER", "LABEL", "LAST USED", "EXPIRES", "FROM", "STATE", "ID"], &rows);
    Ok(())
}

/// What came by a key lately.
async fn list_requests(as_json: bool, client: &Client, id: KeyId) -> anyhow::Result<()> {
    let answer = client.get::<KeyRequests>(&format!("/keys/{id}/requests")).await?;
    if as_json {
        return answer.print();
    }
    if answer.requests.is_empty() {
        output::line("The gateway has answered no request of this key since it was started.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = answer
        .requests
        .iter()
        .map(|one| {
            vec![
                output::local_time(one.at),
                output::visible(&one.method),
                output::visible(&one.path),
                one.status.to_string(),
                output::cell(one.refusal.as_deref()),
            ]
        })
        .collect();
    output::table(&["AT", "METHOD", "PATH", "STATUS", "REFUSED"], &rows);
    Ok(())
}

/// The id of the one key that has this id, or begins so.
async fn key_id(client: &Client, wanted: &str) -> anyhow::Result<KeyId> {
    let answer = client.get::<Keys>("/keys").await?;
    let begin = wanted.trim_end_matches('…');
    let fits = |key: &&api::Key| {
        key.id.to_string() == wanted || (!begin.is_empty() && key.prefix == begin)
    };
    let keys: Vec<&api::Key> = answer.keys.iter().filter(fits).collect();
    match keys.as_slice() {
        [key] => Ok(key.id),
        [] => anyhow::bail!("there is no key '{wanted}'; merpati key list shows all"),
        _ => anyhow::bail!("several keys begin with '{wanted}'; name it by its id"),
    }
}

/// Makes a key and prints it, this once.
async fn add_key(as_json: bool, client: &Client, new: &NewKey) -> anyhow::Result<()> {
    let made = client.post::<api::Key>("/keys", new).await?;
    if as_json {
        return made.print();
    }
    output::line(made.key.as_deref().unwrap_or_default());
    output::note("This is the only time the key is shown.");
    Ok(())
}

/// Prints a new one-time link.
pub(crate) async fn setup_link(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let made = match client.post::<SetupLink>("/setup-link", &Nothing {}).await {
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
        return made.print();
    }
    output::line(&made.url);
    output::note("It works once, within 24 hours. The links before it do not work any more.");
    Ok(())
}
