//! Services that send a text on to a group of contacts, once it is known that who sent it may.
//!
//! A sender's number proves nothing. Where the group has a PIN, it stands before the text; before anything else is done it is struck
//! from the received message. Where it has none, a code is sent to the number of the sender, and the text goes out once the code
//! comes back: who only wrote another's number never learns it.

use std::time::Duration;

use contracts::{GroupId, PhoneNumber};
use keyword::after_keyword;
use keyword::reply::{self, NoReply};
use keyword::to_group::{CODE_DIGITS, asks_for, code, is_right, with_pin};
use store::{
    AfterCall, CODE_LASTS, ContactFilter, MOST_OF_GROUP, NamePage, NewAsking, ServiceCall,
    ServiceDeed, StoreError, ToGroup,
};

use super::{Caller, refused};

/// How long the row of a message is waited for, from which its PIN is to be struck.
const ROW_WITHIN: Duration = Duration::from_hours(1);

impl Caller {
    /// Looks at who sends a text to a group, and what follows.
    pub(super) async fn to_group(
        &self,
        call: &ServiceCall,
        to_group: &ToGroup,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        if to_group.pin.is_some()
            && let Some(said) = with_pin(&call.message)
            && !self.store.strike_received(call.message.org, call.message.id, &said.struck).await?
        {
            return Ok((None, self.after_no_row(call)));
        }
        let sender = match self.person(call).await {
            Ok(sender) => sender,
            Err(why) => return Ok(refused(&why)),
        };
        if !to_group.is_for(&sender) {
            return Ok(refused(&NoReply::NotOneOfSenders));
        }
        let members = self.members(call, to_group.group).await?;
        if members.is_empty() || members.len() > MOST_OF_GROUP {
            return Ok(refused(&NoReply::GroupSize(MOST_OF_GROUP)));
        }
        match &to_group.pin {
            Some(hash) => self.by_pin(call, &sender, hash).await,
            None => self.by_code(call, sender, members.len()).await,
        }
    }

    /// What follows when the row of a message is not written yet, from which a PIN is to be struck: the message may be quicker.
    fn after_no_row(&self, call: &ServiceCall) -> AfterCall {
        let now = self.clock.now();
        let waited = now.since(call.message.received_at);
        if waited > ROW_WITHIN {
            return AfterCall::Done(Some(NoReply::NoRow.to_string()));
        }
        let is_new = waited < Duration::from_secs(10);
        let wait = if is_new { Duration::from_millis(500) } else { Duration::from_secs(10) };
        AfterCall::Retry(now.plus(wait))
    }

    /// A text with a PIN before it.
    async fn by_pin(
        &self,
        call: &ServiceCall,
        sender: &PhoneNumber,
        hash: &str,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        let Some(said) = with_pin(&call.message).filter(|said| !said.text.is_empty()) else {
            return Ok(refused(&NoReply::NoText));
        };
        if !self.store.try_pin(call.id, call.service.id, sender, self.clock.now()).await? {
            return Ok(refused(&NoReply::TooManyPins));
        }
        let (pin, hash) = (said.pin, hash.to_owned());
        let right = tokio::task::spawn_blocking(move || is_right(&pin, &hash)).await;
        if !right.unwrap_or(false) {
            return Ok(refused(&NoReply::WrongPin));
        }
        self.store.right_pin(call.id).await?;
        Ok((None, self.after_text_for_group(call, &said.text).await?))
    }

    /// A text without a PIN, or the code that lets one go.
    async fn by_code(
        &self,
        call: &ServiceCall,
        sender: PhoneNumber,
        contacts: usize,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        let (message, now) = (&call.message, self.clock.now());
        let asking = self.store.asking(message.org, message.sim, &sender, now).await?;
        let asking = asking.map(|(_, asking)| asking);
        let asking = asking.filter(|one| one.service == call.service.id && one.code.is_some());
        if let (Some(said), Some(asking)) = (code(message), asking) {
            if asking.code.as_ref() != Some(&said) {
                let (_, after) = refused(&NoReply::WrongCode);
                return Ok((Some(ServiceDeed::WrongCode(asking.id)), after));
            }
            let text = asking.body.unwrap_or_default();
            let after = self.after_text_for_group(call, &text).await?;
            return Ok((Some(ServiceDeed::End(asking.id)), after));
        }
        let text = after_keyword(message);
        if text.is_empty() {
            return Ok(refused(&NoReply::NoText));
        }
        let code = new_code();
        let after = self.after_reply(call, Ok(asks_for(&code, contacts))).await?;
        let new = NewAsking {
            service: call.service.id,
            sim: message.sim,
            sender,
            code: Some(code),
            body: Some(text),
            expires_at: now.plus(CODE_LASTS),
        };
        let is_asked = matches!(after, AfterCall::Reply { .. });
        Ok((is_asked.then_some(ServiceDeed::Ask(new)), after))
    }

    /// What follows when a text is to go to a group. It counts as one reply to the sender.
    async fn after_text_for_group(
        &self,
        call: &ServiceCall,
        text: &str,
    ) -> Result<AfterCall, StoreError> {
        let may = self.may_send(call).await?;
        let now = self.clock.now();
        Ok(if may {
            AfterCall::Reply {
                text: reply::cut(text, call.service.max_messages.max(1)),
                caps: self.replier.caps(now),
                next_at: now.plus(self.lease),
            }
        } else {
            AfterCall::Done(Some(NoReply::SimNotYours.to_string()))
        })
    }

    /// The numbers of the contacts in a group that the account of the service may read, one more than a text goes to at most.
    pub(super) async fn members(
        &self,
        call: &ServiceCall,
        group: GroupId,
    ) -> Result<Vec<PhoneNumber>, StoreError> {
        let Some(reach) = self.reach(&call.service).await? else { return Ok(Vec::new()) };
        if self.store.group(reach, group).await?.is_none() {
            return Ok(Vec::new());
        }
        let filter = ContactFilter { group: Some(group), ..ContactFilter::default() };
        let limit = u32::try_from(MOST_OF_GROUP + 1).unwrap_or(u32::MAX);
        let page = NamePage { after: None, limit };
        let (contacts, _) = self.store.contacts(reach, &filter, &page).await?;
        Ok(contacts.into_iter().map(|contact| contact.number).collect())
    }
}

/// A code that nobody can know.
fn new_code() -> String {
    let most = 10_u32.pow(u32::try_from(CODE_DIGITS).unwrap_or(6));
    format!("{:0width$}", rand::random::<u32>() % most, width = CODE_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_differ() {
        let codes: std::collections::HashSet<String> = (0..100).map(|_| new_code()).collect();
        assert!(codes.len() > 90);
        assert!(codes.iter().all(|code| code.len() == CODE_DIGITS));
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_digit())));
    }
}
