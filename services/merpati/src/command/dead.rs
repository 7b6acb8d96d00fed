//! `merpati dead`: what could not be read and was given up, with the reason.

use api::DeadLetters;

use crate::client::Client;
use crate::output;

/// Shows it, newest first.
pub(crate) async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let letters = client.get::<DeadLetters>("/dead").await?;
    if as_json {
        return letters.print();
    }
    if letters.dead.is_empty() {
        output::line("Nothing was given up.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = letters
        .dead
        .iter()
        .map(|letter| {
            let reason = output::cell(letter.reason.as_deref());
            vec![output::local_time(letter.at), output::visible(&letter.subject), reason]
        })
        .collect();
    output::table(&["AT", "SUBJECT", "REASON"], &rows);
    Ok(())
}
