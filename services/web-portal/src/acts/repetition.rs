//! Sending a message again that did not reach its recipient: a new message, which names the old one.
//!
//! The new one's id is made from the old one's, so a message is sent again once, however often it is asked for; what
//! was sent again and failed too can itself be sent again.

use contracts::mt::DlrForm;
use contracts::{MessageId, MtState, Timestamp};
use store::{MessageDetail, StoreError};

use crate::acts::acceptance::{self, Acceptance, Accepted, Attempt, Sender, Unaccepted};
use crate::acts::draft::Draft;
use crate::acts::history;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Why a message was not sent again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAgain {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is none of that id in reach.
    #[error("there is no such message")]
    NoSuchMessage,
    /// It may still reach its recipient, or has.
    #[error("{}", not_yet(*.0))]
    NotOver(MtState),
    /// The new one was not accepted.
    #[error(transparent)]
    Unaccepted(#[from] Unaccepted),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn not_yet(state: MtState) -> &'static str {
    match state {
        MtState::Delivered => "the message was delivered, so it is not sent again",
        MtState::Sent => {
            "the network has the message and has not said that it gave up, so it is not sent again"
        }
        _ => "the message is still on its way: cancel it first, or wait for its end",
    }
}

/// Whether a message in this state may be sent again.
pub(crate) const fn may_be_repeated(state: MtState) -> bool {
    matches!(
        state,
        MtState::Failed
            | MtState::Uncertain
            | MtState::Expired
            | MtState::Cancelled
            | MtState::Rejected
            | MtState::Undelivered
    )
}

/// The repetition of a message, if there is one.
pub(crate) async fn repeated_as(
    app: &App,
    authority: &Authority,
    detail: &MessageDetail,
) -> Result<Option<MessageId>, NotRead> {
    authority.must(Power::MessagesRead)?;
    let state = detail.message.state;
    // One that was uncertain or not delivered may be delivered after all.
    if !state.is_settled() && state != MtState::Uncertain {
        return Ok(None);
    }
    let repetition = app.store.message(authority.reach, id_of(app, detail)).await?;
    Ok(repetition.map(|message| message.id))
}

/// The id that the repetition of a message has, if there is one. Its number is read as that of any other message.
fn id_of(app: &App, detail: &MessageDetail) -> MessageId {
    let message = &detail.message;
    acceptance::id_of_repetition(message.id, &app.settings.numbering.normal(&message.to))
}

/// Sends a message in reach again, for the account it was sent for.
pub(crate) async fn again(
    app: &App,
    authority: &Authority,
    id: MessageId,
) -> Result<Acceptance, NotAgain> {
    authority.must(Power::MessagesSend)?;
    let reach = authority.reach;
    let detail = history::find(app, reach, id).await?.ok_or(NotAgain::NoSuchMessage)?;
    let draft = draft(&detail, app.clock.now());
    if let Some(known) = app.store.message(reach, id_of(app, &detail)).await? {
        let accepted = Accepted { id: known.id, to: known.to, state: known.state, request: None };
        let count = draft.count(app.settings.max_parts).map_err(Unaccepted::from)?;
        let (messages, left) = (vec![accepted], Vec::new());
        return Ok(Acceptance { repeated: true, batch: None, messages, count, left });
    }
    let message = &detail.message;
    if !may_be_repeated(message.state) {
        return Err(NotAgain::NotOver(message.state));
    }
    let sender = Sender { org: message.org, owner: message.owner, key: None, reach };
    Ok(acceptance::accept_for(app, sender, &draft, Some(&Attempt::Again(id))).await?)
}

/// The same message; its times have gone by, but it may take as long as before.
fn draft(detail: &MessageDetail, now: Timestamp) -> Draft {
    let request = &detail.request;
    let begun = request.not_before.into_iter().chain(request.created_at).max();
    // What is signed for one message is good for no other.
    let is_signed = matches!(request.dlr_form, Some(DlrForm::Twilio(_)));
    let not_after = request.not_after.zip(begun).map(|(end, begun)| end.since(begun));
    Draft {
        to: vec![request.to.to_string()],
        priority: detail.message.priority,
        not_after: not_after.map(|length| now.plus(length)),
        sim: request.sim,
        pool: request.pool.clone(),
        udh: request.udh.clone(),
        options: request.options,
        when_uncertain: request.when_uncertain,
        dlr: request.dlr.clone().filter(|_| !is_signed),
        dlr_form: request.dlr_form.clone().filter(|_| !is_signed),
        tag: request.tag.clone(),
        sender: request.sender.clone(),
        again_of: Some(detail.message.id),
        allow_double: request.allow_double,
        // It was accepted before.
        even_cut_off: true,
        ..Draft::of(request.body.clone())
    }
}
