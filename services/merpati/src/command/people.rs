//! `merpati user`: how people come in.

use api::{Invitation, Invitations, NewInvitation, Nothing, PasswordLink, Sessions, SignIn};
use contracts::UserId;

use crate::client::Client;
use crate::output;

/// Makes an invitation and prints its link, this once.
pub(super) async fn invite(
    as_json: bool,
    client: &Client,
    role: &str,
    label: &str,
) -> anyhow::Result<()> {
    let new = NewInvitation { role: role.to_owned(), label: label.to_owned() };
    let made = client.post::<Invitation>("/invitations", &new).await?;
    if as_json {
        return made.print();
    }
    output::line(made.url.as_deref().unwrap_or_default());
    output::note("It works once, for seven days, and is not shown again.");
    Ok(())
}

/// Shows the open invitations.
pub(super) async fn invitations(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Invitations>("/invitations").await?;
    if as_json {
        return answer.print();
    }
    let rows: Vec<Vec<String>> = answer
        .invitations
        .iter()
        .map(|one| {
            vec![
                output::cell(Some(&one.label)),
                output::visible(&one.role),
                output::local_time(one.expires_at),
                one.id.to_string(),
            ]
        })
        .collect();
    output::table(&["FOR", "ROLE", "EXPIRES", "ID"], &rows);
    Ok(())
}

/// Prints a link by which an account sets a new password, this once.
pub(super) async fn password_link(
    as_json: bool,
    client: &Client,
    id: UserId,
) -> anyhow::Result<()> {
    let path = format!("/users/{id}/password-link");
    let made = client.post::<PasswordLink>(&path, &Nothing {}).await?;
    if as_json {
        return made.print();
    }
    output::line(&made.url);
    output::note("It works once, within 24 hours. The password of before is good until then.");
    Ok(())
}

/// Shows where an account is logged in.
pub(super) async fn sessions(as_json: bool, client: &Client, id: UserId) -> anyhow::Result<()> {
    let answer = client.get::<Sessions>(&format!("/users/{id}/sessions")).await?;
    if as_json {
        return answer.print();
    }
    let rows: Vec<Vec<String>> = answer
        .sessions
        .iter()
        .map(|open| {
            vec![
                output::local_time(open.seen_at),
                output::cell(open.address.as_deref()),
                output::cell(Some(&open.browser)),
            ]
        })
        .collect();
    output::table(&["LAST USED", "FROM", "BROWSER"], &rows);
    Ok(())
}

/// Says which roles give a code of a phone at log-in; without roles, shows which do.
pub(super) async fn totp_roles(
    as_json: bool,
    client: &Client,
    roles: Option<&str>,
) -> anyhow::Result<()> {
    let answer = match roles {
        None => client.get::<SignIn>("/sign-in").await?,
        Some(said) => {
            let words = said.split(',').map(str::trim).filter(|word| *word != "none");
            let totp = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
            client.put::<SignIn>("/sign-in", &SignIn { totp }).await?
        }
    };
    if as_json {
        return answer.print();
    }
    if answer.totp.is_empty() {
        output::line("No role has to give a code of a phone.");
    } else {
        output::line(&format!("These roles give a code of a phone: {}", answer.totp.join(", ")));
    }
    Ok(())
}
