//! Broadcasts under way: an audience is read into rows, and the rows are handed out in pieces as messages that are held and due at
//! once, which [`crate::due`] requests.
//!
//! A piece is as large as the pace allows, and no larger than what modems took since the piece before: so what is handed out and not yet
//! with a modem is about ten seconds of their work, and a pause, a cancel or quiet hours come soon to all of it. Each piece is one
//! transaction with the note of who is handed out and when the next piece is due, so whoever is killed has done all or nothing of it, and of two
//! copies of the service one does it.

mod orders;

use std::time::Duration;

use contracts::written::Written;
use contracts::{MessageId, Timestamp};
use jiff::tz::TimeZone;
use numbering::{Country, Plan};
use store::{
    Broadcast, BroadcastPiece, BroadcastState, BroadcastTrouble, Candidate, Looked, Pace,
    PersonalText, StoreError, ZoneShare,
};

use crate::due::Due;
use crate::schedules::LATE;

pub(crate) use orders::{TellError, tell_untold};

/// Broadcasts that are dealt with before their messages are requested.
const AT_ONCE: u32 = 8;
/// How many of an audience are read in one transaction.
const READ_AT_ONCE: u32 = 1_000;
/// How often a piece is handed out, where its pace does not say less often.
const EACH: Duration = Duration::from_secs(5);
/// Messages that may always wait for modems.
const LEAST_IN_HAND: u32 = 50;
/// Messages of the largest piece: more than hundreds of modems take until the next one.
const LARGEST_PIECE: u32 = 2_000;
/// How long it is waited for the end of quiet hours before it is looked again: what a clock shows may be shown twice, and a zone may be
/// changed.
const LOOKS_AGAIN: Duration = Duration::from_mins(30);
/// Messages that are told together to be written.
const TOLD_AT_ONCE: usize = 1_000;

/// So many messages, each so long after the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tempo {
    count: u32,
    each: Duration,
}

/// What can be handed out by the clocks of recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hours {
    /// These, most first.
    Open(Vec<ZoneShare>),
    /// Nothing before then.
    Quiet(Timestamp),
}

/// Does what is due for broadcasts, a few at a time; whether there were any.
pub(crate) async fn advance_due(due: &Due, now: Timestamp) -> Result<bool, StoreError> {
    let broadcasts = due.store.due_broadcasts(now, AT_ONCE).await?;
    for broadcast in &broadcasts {
        match advance(due, broadcast, now).await {
            // It will never work, and the others must not suffer for it.
            Err(error) if !error.is_temporary() => {
                tracing::error!(broadcast.id = %broadcast.id, "the database refuses what a broadcast sends, and it is paused: {error}");
                due.store.stop_broadcast(broadcast, BroadcastTrouble::Unreadable).await?;
            }
            advanced => advanced?,
        }
    }
    Ok(!broadcasts.is_empty())
}

async fn advance(due: &Due, broadcast: &Broadcast, now: Timestamp) -> Result<(), StoreError> {
    let is_all_out = broadcast.reading.is_none() && broadcast.remaining() == 0;
    let hands_out = broadcast.state == BroadcastState::Scheduled
        || broadcast.state == BroadcastState::Running && !is_all_out;
    // Every message of it would be rejected, and none of its recipients is asked for twice.
    if hands_out && !due.store.is_owner_enabled(broadcast).await? {
        if due.store.stop_broadcast(broadcast, BroadcastTrouble::Disabled).await? {
            tracing::warn!(broadcast.id = %broadcast.id, "the account of a broadcast is disabled, and it is paused");
        }
        return Ok(());
    }
    match broadcast.state {
        BroadcastState::Scheduled => begin(due, broadcast, now).await,
        BroadcastState::Running if broadcast.reading.is_some() => read(due, broadcast, now).await,
        BroadcastState::Running if broadcast.remaining() == 0 => {
            if due.store.end_broadcast(broadcast, now).await? {
                tracing::info!(broadcast.id = %broadcast.id, recipients = broadcast.audience.recipients, "a broadcast is finished");
            }
            Ok(())
        }
        BroadcastState::Running => hand_out(due, broadcast, now).await,
        BroadcastState::Draft
        | BroadcastState::Paused
        | BroadcastState::Finished
        | BroadcastState::Cancelled => due.store.wait_broadcast(broadcast, None).await.map(drop),
    }
}

/// Starts a broadcast whose time has come, if that was not long ago.
async fn begin(due: &Due, broadcast: &Broadcast, now: Timestamp) -> Result<(), StoreError> {
    if broadcast.next_at.is_some_and(|at| now.since(at) > LATE) {
        if due.store.stop_broadcast(broadcast, BroadcastTrouble::Missed).await? {
            tracing::warn!(broadcast.id = %broadcast.id, "nobody was there to start a broadcast at its time, and it is paused");
        }
    } else if due.store.begin_broadcast(broadcast, now).await? {
        tracing::info!(broadcast.id = %broadcast.id, "the time of a broadcast has come");
    }
    Ok(())
}

/// Reads the next of an audience.
async fn read(due: &Due, broadcast: &Broadcast, now: Timestamp) -> Result<(), StoreError> {
    let (candidates, reading) = due.store.broadcast_candidates(broadcast, READ_AT_ONCE).await?;
    let looked = candidates.into_iter().map(|candidate| look(&due.plan, broadcast, candidate));
    let looked: Vec<Looked> = looked.collect();
    due.store.add_broadcast_recipients(broadcast, &looked, reading.as_ref(), now).await?;
    Ok(())
}

/// What number somebody of an audience has, and by which clocks they live.
fn look(plan: &Plan, broadcast: &Broadcast, candidate: Candidate) -> Looked {
    let number = plan.read(&candidate.written).ok().filter(|number| number.is_whole().is_ok());
    let own = broadcast.plan.quiet.and(number.as_ref());
    let zone = own.and_then(|number| plan.country(number)).and_then(Country::zone);
    let zone = zone.map_or_else(|| broadcast.plan.zone.clone(), str::to_owned);
    Looked { candidate, number, zone }
}

/// Hands out the next piece.
async fn hand_out(due: &Due, broadcast: &Broadcast, now: Timestamp) -> Result<(), StoreError> {
    let Ok(text) = broadcast.message.text.parse::<PersonalText>() else {
        tracing::error!(broadcast.id = %broadcast.id, "the text of a broadcast cannot be read here, and it is paused");
        due.store.stop_broadcast(broadcast, BroadcastTrouble::Unreadable).await?;
        return Ok(());
    };
    let shares = due.store.broadcast_shares(broadcast).await?;
    let open = match hours(broadcast, shares, now) {
        Some(Hours::Open(open)) => open,
        Some(Hours::Quiet(until)) => {
            due.store.wait_broadcast(broadcast, Some(until)).await?;
            return Ok(());
        }
        None => {
            tracing::error!(broadcast.id = %broadcast.id, "the zone of a broadcast is not known here, and it is paused");
            due.store.stop_broadcast(broadcast, BroadcastTrouble::Unreadable).await?;
            return Ok(());
        }
    };
    let tempo = Tempo::of(broadcast.plan.pace);
    let next = tempo.next(broadcast.next_at, now);
    let in_hand = due.store.broadcast_in_hand(broadcast).await?;
    let count = tempo.count.min(room(broadcast, tempo, in_hand));
    if count == 0 {
        due.store.wait_broadcast(broadcast, Some(next)).await?;
        return Ok(());
    }
    let pieces = pieces(open, count);
    let handing =
        due.store.hand_out_broadcast(broadcast, &text, &pieces, (in_hand, next), now, due.within);
    // Changed meanwhile, or another copy of the service was first.
    let Some(sent) = handing.await? else { return Ok(()) };
    if let Some(trouble) = sent.trouble.filter(|trouble| broadcast.trouble != Some(*trouble)) {
        tracing::warn!(broadcast.id = %broadcast.id, "a broadcast waits: {trouble}");
    }
    let messages = sent.messages.len();
    tracing::debug!(broadcast.id = %broadcast.id, messages, "a piece of a broadcast is handed out");
    due.wordless.notify_one();
    for some in sent.messages.chunks(TOLD_AT_ONCE) {
        let messages: Vec<MessageId> = some.to_vec();
        due.bus.hint(&Written::SUBJECT, &Written { messages }).await;
    }
    Ok(())
}

/// Which recipients can be handed out at `now`. None: the zone of the broadcast is not known here.
fn hours(broadcast: &Broadcast, shares: Vec<ZoneShare>, now: Timestamp) -> Option<Hours> {
    let Some(quiet) = broadcast.plan.quiet else { return Some(Hours::Open(shares)) };
    let own = TimeZone::get(&broadcast.plan.zone).ok()?;
    let mut open = Vec::new();
    let mut opens: Option<Timestamp> = None;
    for share in shares {
        let zone = TimeZone::get(&share.zone).unwrap_or_else(|_| own.clone());
        match quiet.end(now, &zone) {
            None => open.push(share),
            Some(until) => opens = Some(opens.map_or(until, |opens| opens.min(until))),
        }
    }
    match opens {
        Some(opens) if open.is_empty() => Some(Hours::Quiet(opens.min(now.plus(LOOKS_AGAIN)))),
        _ => Some(Hours::Open(open)),
    }
}

/// How many may wait for modems beside those that do.
fn room(broadcast: &Broadcast, tempo: Tempo, in_hand: u32) -> u32 {
    let taken = broadcast.in_hand.saturating_sub(in_hand);
    let paced = if broadcast.plan.pace.is_some() { tempo.count } else { 0 };
    let most = LEAST_IN_HAND.max(paced.saturating_mul(2)).max(taken.saturating_mul(2));
    most.saturating_sub(in_hand)
}

/// So many of these recipients, at most.
fn pieces(open: Vec<ZoneShare>, count: u32) -> Vec<BroadcastPiece> {
    let mut left = count;
    let mut pieces = Vec::new();
    for ZoneShare { zone, remaining } in open {
        let count = remaining.min(left);
        if count > 0 {
            left -= count;
            pieces.push(BroadcastPiece { zone, count });
        }
    }
    pieces
}

impl Tempo {
    fn of(pace: Option<Pace>) -> Self {
        let Some(Pace { messages, per }) = pace else {
            return Self { count: LARGEST_PIECE, each: EACH };
        };
        let (messages, seconds) = (u64::from(messages.max(1)), u64::from(per.seconds()));
        let count = (messages * EACH.as_secs() / seconds).clamp(1, u64::from(LARGEST_PIECE));
        let each = Duration::from_micros(count * seconds * 1_000_000 / messages);
        Self { count: u32::try_from(count).unwrap_or(LARGEST_PIECE), each }
    }

    /// When the piece after the one is due that was due at `at`. Pieces that nobody was there for are not made up for.
    fn next(self, at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let begun = now.minus(self.each);
        at.unwrap_or(begun).max(begun).plus(self.each)
    }
}

#[cfg(test)]
mod tests;
