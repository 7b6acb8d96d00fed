//! What was uncertain becomes certain: by a late answer, by a mark in the modem's memory, by a delivery
//! report.
//!
//! The journal is told first. A message that was left uncertain is then told as sent, or, where parts of
//! it are still to come, given to its SIM again.

use bus::{Backoff, KvError};
use contracts::mt::{MtChange, MtItem, SendError, SentPart, Through};
use contracts::{OrgId, SimId, UserId};

use crate::dispatch::Dispatch;
use crate::journal::about::About;
use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::outstanding::{UncertainPart, UncertainParts};
use crate::reports::Awaited;
use crate::settle::redirect::redirect;
use crate::spool::record::Answer;

/// Notes that a part is out, as a report proves. `known` is what this run remembers of the part, if anything.
pub(crate) async fn is_out(
    dispatch: &Dispatch,
    awaited: &Awaited,
    known: Option<UncertainPart>,
    reference: u8,
) {
    if let Some(part) = known {
        return is_sent(dispatch, &part, reference).await;
    }
    // After a restart: the journal may still hold it.
    let key = entry::key(awaited.message, awaited.part);
    let mut noting = Noting::new(&key);
    loop {
        let marked = match dispatch.journal.entry(&key).await {
            Ok(Some(recorded)) => {
                let Awaited { message, org, owner, .. } = *awaited;
                let round = recorded.entry.round;
                let about = About { message, org, owner, round, otp: false };
                mark_sent(dispatch, about, awaited.part, recorded, reference, None).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        match marked {
            Err(error) if noting.after(&error).await => {}
            Ok(()) | Err(_) => return,
        }
    }
}

/// The tries to note in the journal what is certain now, however long the broker does not answer or others write there.
struct Noting<'a> {
    key: &'a str,
    pauses: Backoff,
}

impl<'a> Noting<'a> {
    fn new(key: &'a str) -> Self {
        Self { key, pauses: Backoff::of_millis(50, 2_000) }
    }

    /// Waits for the next try; `false` when there is to be none.
    async fn after(&mut self, error: &KvError) -> bool {
        let key = self.key;
        if matches!(error, KvError::Decode { .. }) {
            tracing::warn!(key, "the journal is not told what is certain now of a part: {error}");
            return false;
        }
        tracing::debug!(key, "the journal is not told yet what is certain now of a part: {error}");
        self.pauses.wait().await;
        true
    }
}

/// Notes that a part is out, as the modem says.
pub(crate) async fn is_sent(dispatch: &Dispatch, part: &UncertainPart, reference: u8) {
    let about = About::item(&part.item);
    let key = entry::key(part.item.id, part.part);
    let mut noting = Noting::new(&key);
    loop {
        let marked = match dispatch.journal.entry(&key).await {
            Ok(Some(recorded)) if !matches!(recorded.entry.stage, Stage::Cancelled { .. }) => {
                mark_sent(dispatch, about, part.part, recorded, reference, Some(&part.item)).await
            }
            // Done with, or taken back while it was to be sent once more.
            Ok(_) if part.item.parts == 1 => {
                let sent = SentPart { part: 1, reference, at: dispatch.clock.now() };
                let change = MtChange::Sent { through: part.through, parts: vec![sent] };
                dispatch.tell_change(about, change).await;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        match marked {
            Err(error) if noting.after(&error).await => {}
            Ok(()) | Err(_) => return,
        }
    }
}

/// Notes what was known of a part before the driver was killed and could not be written to the journal then: that the
/// part is out, or was never given to the modem.
///
/// # Errors
/// The journal does not say how it stands with the part.
pub(crate) async fn answered(dispatch: &Dispatch, answer: &Answer) -> Result<(), KvError> {
    let key = entry::key(answer.message, answer.part);
    let Some(recorded) = dispatch.journal.entry(&key).await? else { return Ok(()) };
    let (there, ours) = (&recorded.entry, &answer.entry);
    if there.is_begun_by(ours) {
        // The item comes again by itself, and is judged by this.
        return match dispatch.journal.write(&key, ours, Some(recorded.revision)).await {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        };
    }
    if let Stage::Sent { reference, .. } = ours.stage {
        let Answer { message, org, owner, .. } = *answer;
        let about = About { message, org, owner, round: there.round, otp: false };
        return mark_sent(dispatch, about, answer.part, recorded, reference, None).await;
    }
    Ok(())
}

/// Notes that a part is not out, as the modem says: if the part was left uncertain, it may be sent again.
pub(crate) async fn is_not_sent(dispatch: &Dispatch, part: &UncertainPart) {
    let key = entry::key(part.item.id, part.part);
    let mut noting = Noting::new(&key);
    let (tries, place) = loop {
        let error = match dispatch.journal.entry(&key).await {
            Ok(Some(Recorded { entry, revision }))
                if entry.tries == part.tries && matches!(entry.stage, Stage::Uncertain { .. }) =>
            {
                let known = (entry.tries, entry.sequence);
                let entry = Entry { stage: Stage::Waiting, at: dispatch.clock.now(), ..entry };
                match dispatch.journal.write(&key, &entry, Some(revision)).await {
                    Ok(_) => break known,
                    Err(error) => error,
                }
            }
            // The item comes again by itself.
            Ok(_) => return,
            Err(error) => error,
        };
        if !noting.after(&error).await {
            return;
        }
    };
    let change = MtChange::Deferred {
        error: SendError {
            code: "not-sent".to_owned(),
            text: "The modem says now that the message did not go out.".to_owned(),
        },
        until: dispatch.clock.now(),
        tries,
        kept_by: contracts::mt::Keeper::Broker,
        through: Some(part.through),
    };
    dispatch.tell_change(About::item(&part.item), change).await;
    redirect(dispatch, &part.item, part.through.sim, place).await;
}

/// Looks for the part that a message for sending in the memory of the modem with this SIM is. Returns whether there is
/// one, so that the message may be deleted from the memory.
///
/// Messages with one text for one recipient look the same there. One slot proves that one of them went out, and nothing
/// where one is known to be out: the slot may be what was left of that one.
pub(crate) async fn found(
    dispatch: &Dispatch,
    uncertain: &UncertainParts,
    sim: SimId,
    print: Option<u64>,
    sent: bool,
) -> Result<bool, KvError> {
    let Some(print) = print else { return Ok(false) };
    let mut alike = Vec::new();
    for (key, recorded) in dispatch.journal.all().await?.entries {
        if (recorded.entry.print, recorded.entry.sim) == (print, sim)
            && let Some((message, part)) = entry::parse_key(&key)
        {
            alike.push((message, part, recorded));
        }
    }
    // One of them may be on its way right now.
    if alike.is_empty() || alike.iter().any(|(message, ..)| dispatch.in_hand.has(*message)) {
        return Ok(false);
    }
    let is_known = alike.iter().any(|(.., one)| matches!(one.entry.stage, Stage::Sent { .. }));
    // `STO UNSENT` proves nothing.
    if !sent || is_known {
        return Ok(true);
    }
    alike.retain(|(.., one)| matches!(one.entry.stage, Stage::Writing | Stage::Uncertain { .. }));
    let oldest = alike.into_iter().min_by_key(|(.., one)| one.entry.at);
    if let Some((message, part, recorded)) = oldest {
        tracing::info!(message.id = %message, part, "the modem's memory says that the part went out");
        let known = uncertain.take(|known| (known.item.id, known.part) == (message, part));
        let Entry { org, owner, round, .. } = recorded.entry;
        let about = About {
            message,
            org: org.unwrap_or_else(OrgId::default_org),
            owner: owner.unwrap_or_else(UserId::internal),
            round,
            otp: false,
        };
        let item = known.as_ref().map(|known| &known.item);
        mark_sent(dispatch, about, part, recorded, 0, item).await?;
    }
    Ok(true)
}

/// Notes that a part is out which was not known to be. What was told as uncertain is told as sent; otherwise the item
/// comes again by itself, and is continued after this part.
async fn mark_sent(
    dispatch: &Dispatch,
    about: About,
    part: u8,
    recorded: Recorded,
    reference: u8,
    item: Option<&MtItem>,
) -> Result<(), KvError> {
    let Recorded { entry, revision } = recorded;
    let was_held = matches!(entry.stage, Stage::Uncertain { .. });
    let was_open = was_held
        || matches!(entry.stage, Stage::Writing | Stage::Waiting | Stage::HandedOver { .. });
    if !was_open {
        return Ok(());
    }
    let at = dispatch.clock.now();
    let through = Through { modem: entry.modem, sim: entry.sim };
    let (parts, place) = (entry.parts, entry.sequence);
    let entry = Entry { stage: Stage::Sent { reference, at }, at, ..entry };
    let key = entry::key(about.message, part);
    dispatch.journal.write(&key, &entry, Some(revision)).await?;
    tracing::info!(message.id = %about.message, part, "part {part} went out: this is certain now");
    if !was_held {
        return Ok(());
    }
    let entries = dispatch.journal.entries_when_answered(about.message, parts).await;
    let sent: Vec<SentPart> = (1..)
        .zip(&entries)
        .filter_map(|(part, recorded)| match recorded.entry.stage {
            Stage::Sent { reference, at } => Some(SentPart { part, reference, at }),
            _ => None,
        })
        .collect();
    if sent.len() == usize::from(parts) {
        let change = MtChange::Sent { through, parts: sent };
        dispatch.tell_ended(about, change, entry::given(&entries)).await;
    } else if let Some(item) = item {
        redirect(dispatch, item, through.sim, place).await;
    }
    Ok(())
}
