//! `merpati conversation`: conversations, and what a team keeps of them.

use api::{
    ConversationAssignee, ConversationChanges, ConversationLine, ConversationLines,
    ConversationState, Conversations, NewConversationNote,
};

use super::inbox;
use crate::cli::Conversation as Said;
use crate::client::{Client, segment};
use crate::output;

/// The word that stands for no account.
const NOBODY: &str = "nobody";

/// Shows conversations, and writes down what a team keeps of them.
pub(crate) async fn run(as_json: bool, client: &Client, said: Said) -> anyhow::Result<()> {
    let archived = |archived| ConversationChanges {
        archived: Some(archived),
        ..ConversationChanges::default()
    };
    let blocked =
        |blocked| ConversationChanges { blocked: Some(blocked), ..ConversationChanges::default() };
    match said {
        Said::List { show, search, limit } => {
            list(as_json, client, (show.as_deref(), search.as_deref()), limit).await
        }
        Said::Show { number, limit } => show(as_json, client, &number, limit).await,
        Said::Note { number, text } => note(as_json, client, &number, text).await,
        Said::Assign { number, to } => {
            let to = if to == NOBODY { String::new() } else { to };
            let assigned =
                ConversationChanges { assigned_to: Some(to), ..ConversationChanges::default() };
            change(as_json, client, &number, &assigned).await
        }
        Said::Archive { number } => change(as_json, client, &number, &archived(true)).await,
        Said::Unarchive { number } => change(as_json, client, &number, &archived(false)).await,
        Said::Block { number } => change(as_json, client, &number, &blocked(true)).await,
        Said::Unblock { number } => change(as_json, client, &number, &blocked(false)).await,
    }
}

/// The path of the conversation with a number or a name. A name may have spaces.
fn path_of(with: &str) -> String {
    format!("/conversations/{}", segment(with.trim()).replace('+', "%20"))
}

async fn list(
    as_json: bool,
    client: &Client,
    (show, search): (Option<&str>, Option<&str>),
    limit: u16,
) -> anyhow::Result<()> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    for (name, value) in [("show", show), ("q", search)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let answer = client.get::<Conversations>(&format!("/conversations?{}", query.finish())).await?;
    if as_json {
        return answer.print();
    }
    if answer.conversations.is_empty() {
        output::line("There is no such conversation.");
        return Ok(());
    }
    let rows = answer.conversations.iter().map(|one| {
        let with = one.with.to_string();
        let with = one.name.as_ref().map_or_else(|| with.clone(), |name| format!("{name} {with}"));
        let unread = if one.unread == 0 { "-".to_owned() } else { one.unread.to_string() };
        vec![
            output::local_time(one.last.at),
            output::visible(&with),
            unread,
            state(one.assigned_to.as_ref(), one.archived, one.blocked),
            what(&one.last),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    output::table(&["LAST", "WITH", "UNREAD", "STATE", "TEXT"], &rows);
    Ok(())
}

async fn show(as_json: bool, client: &Client, number: &str, limit: u16) -> anyhow::Result<()> {
    let path = format!("{}?limit={limit}", path_of(number));
    let talk = client.get::<ConversationLines>(&path).await?;
    if as_json {
        return talk.print();
    }
    let mut facts = vec![("With", output::visible(&talk.with.to_string()))];
    if let Some(name) = &talk.name {
        facts.push(("Contact", output::visible(name)));
    }
    facts.push(("State", state(talk.assigned_to.as_ref(), talk.archived, talk.blocked)));
    output::facts(&facts);
    if talk.lines.is_empty() {
        output::line("Nothing was said yet.");
        return Ok(());
    }
    let rows =
        talk.lines.iter().map(|line| vec![output::local_time(line.at), who(line), what(line)]);
    output::table(&["AT", "WHAT", "TEXT"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn note(as_json: bool, client: &Client, number: &str, text: String) -> anyhow::Result<()> {
    let new = NewConversationNote { text };
    let path = format!("{}/notes", path_of(number));
    let note = client.post::<ConversationLine>(&path, &new).await?;
    if as_json {
        return note.print();
    }
    output::line("The note is written.");
    Ok(())
}

async fn change(
    as_json: bool,
    client: &Client,
    number: &str,
    changes: &ConversationChanges,
) -> anyhow::Result<()> {
    let now = client.patch::<ConversationState>(&path_of(number), changes).await?;
    if as_json {
        return now.print();
    }
    let state = state(now.assigned_to.as_ref(), now.archived, now.blocked);
    output::line(&format!("{}: {state}.", output::visible(&now.with.to_string())));
    Ok(())
}

/// What a team keeps of a conversation, in words.
fn state(assigned: Option<&ConversationAssignee>, archived: bool, blocked: bool) -> String {
    let mut words = Vec::new();
    if let Some(to) = assigned {
        words.push(format!("assigned to {}", output::visible(&to.name)));
    }
    for (word, holds) in [("archived", archived), ("blocked", blocked)] {
        if holds {
            words.push(word.to_owned());
        }
    }
    if words.is_empty() { "assigned to nobody".to_owned() } else { words.join(", ") }
}

/// What a line is, and of whom.
fn who(line: &ConversationLine) -> String {
    if let Some(message) = &line.sent {
        return message.state.to_string();
    }
    match &line.note {
        Some(note) => format!("note of {}", output::visible(&note.author_name)),
        None if line.missed_call.is_some() => "missed call".to_owned(),
        None => "received".to_owned(),
    }
}

/// What a line says.
fn what(line: &ConversationLine) -> String {
    if let Some(message) = &line.received {
        return inbox::said(message);
    }
    if let Some(note) = &line.note {
        return output::visible(&note.text);
    }
    let Some(message) = &line.sent else { return "[missed call]".to_owned() };
    let octets =
        || format!("[{} octets of data]", message.data.as_ref().map_or(0, String::len) / 2);
    message.text.as_deref().map_or_else(octets, output::visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_one_segment_of_a_path() {
        assert_eq!(path_of(" +62812 3456"), "/conversations/%2B62812%203456");
        assert_eq!(path_of("BANK/1"), "/conversations/BANK%2F1");
    }

    #[test]
    fn a_state_is_said_in_words() {
        assert_eq!(state(None, false, false), "assigned to nobody");
        let ani = ConversationAssignee { id: contracts::UserId::new(), name: "ani".to_owned() };
        assert_eq!(state(Some(&ani), true, false), "assigned to ani, archived");
        assert_eq!(state(None, false, true), "blocked");
    }
}
