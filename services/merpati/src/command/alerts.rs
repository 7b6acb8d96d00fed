//! `merpati alerts`: what is wrong with the gateway, since when, and what to do about it.

use api::Alerts;
use contracts::alert::Alert;

use crate::client::Client;
use crate::output;

/// How many are shown.
const SHOWN: u32 = 100;

/// Shows what is wrong, newest first, with `all` what was wrong lately too, and where messages wait.
pub(crate) async fn list(as_json: bool, client: &Client, all: bool) -> anyhow::Result<()> {
    let answer = client.get::<Alerts>(&format!("/alerts?all={all}&limit={SHOWN}")).await?;
    if as_json {
        return answer.print();
    }
    let (over, open): (Vec<&Alert>, Vec<&Alert>) =
        answer.alerts.iter().partition(|alert| alert.closed_at.is_some());
    if open.is_empty() {
        output::line("Nothing is wrong.");
    }
    for alert in open {
        let text = output::with_local_times(&output::visible(&alert.text));
        output::line(&format!("{}  {text}", output::local_time(alert.opened_at)));
        output::line(&format!("    {}", output::visible(&alert.advice)));
    }
    if !over.is_empty() {
        output::line("");
        let rows: Vec<Vec<String>> = over.into_iter().map(row).collect();
        output::table(&["BEGAN", "OVER", "WHAT WAS WRONG"], &rows);
    }
    let waiting = answer.queue.iter().filter(|queued| queued.count > 0).map(|queued| {
        let more = if queued.more { "+" } else { "" };
        vec![
            queued.state.to_string(),
            format!("{}{more}", queued.count),
            queued.oldest.map_or_else(|| "-".to_owned(), output::local_time),
        ]
    });
    let waiting: Vec<Vec<String>> = waiting.collect();
    if !waiting.is_empty() {
        output::line("");
        output::table(&["MESSAGES", "HOW MANY", "OLDEST"], &waiting);
    }
    Ok(())
}

fn row(alert: &Alert) -> Vec<String> {
    vec![
        output::local_time(alert.opened_at),
        alert.closed_at.map_or_else(|| "-".to_owned(), output::local_time),
        output::with_local_times(&output::visible(&alert.text)),
    ]
}
