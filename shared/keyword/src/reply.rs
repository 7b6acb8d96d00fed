//! What is sent back to the sender of a message, and to which senders nothing is.

use contracts::composition;
use contracts::mo::{MoReceived, Wish};
use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{Address, PhoneNumber};
use store::{Service, Webhook};

use crate::template::{Filling, filled};

/// What is sent back in place of an empty answer, in Kannel's words, which programs know.
const EMPTY: &str = "<Empty reply from service provider>";

/// Why nothing is sent back, in words for the owner of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// Nothing is to be.
    #[error("nothing is to be sent back")]
    Unwanted,
    /// The answer is empty.
    #[error("the text would be empty, so nothing is sent back")]
    Empty,
    /// The answer is no plain text.
    #[error("it answered with {0}, and only text/plain is sent back")]
    NotText(String),
    /// The answer is in a charset that is not read.
    #[error("it answered in a charset that is not read here ({0}); UTF-8 always is")]
    Charset(String),
    /// The sender is a name.
    #[error("the sender is a name, which cannot be answered")]
    ToName,
    /// The sender is a short code.
    #[error("the sender is a short code, and none is answered: it may cost money")]
    ToShortCode,
    /// The sender is one of our own SIMs.
    #[error("the sender is one of this gateway's own SIMs, and none is answered")]
    ToOurselves,
    /// The message was made for an application or a screen, and not by a person.
    #[error("the message is for an application or the screen, and none such is answered")]
    NotFromPerson,
    /// The sender asks to be sent nothing more.
    #[error("the sender asks to be sent nothing more, and is sent nothing")]
    OptedOut,
    /// The sender is blocked.
    #[error("the sender is blocked, and is sent nothing back")]
    Blocked,
    /// The account may not send through the SIM.
    #[error("the account may not send through the SIM that the message came to")]
    SimNotYours,
    /// The message came long ago.
    #[error("the message came more than a day before the answer, so nothing is sent back")]
    TooLate,
    /// The answer goes to another number.
    #[error("it answered with a message to another number, and only the sender is answered")]
    ToSomebodyElse,
    /// There is nobody whom the text is sent on to.
    #[error(
        "each number that the text would be sent on to is the sender's own, or one of this gateway's SIMs"
    )]
    ToNobody,
    /// The word after the keyword is none of the options.
    #[error("the word after the keyword is none of the options, so no vote is counted")]
    NoOption,
    /// Nothing follows the keyword that could be kept or sent on.
    #[error("nothing follows the keyword that could be taken")]
    NoText,
    /// The sender is asked nothing, or not any more.
    #[error("what the sender was asked is over, and the message begins nothing")]
    NotAsked,
    /// The sender leaves what it was asked.
    #[error("the sender left the survey")]
    Left,
    /// The message names no account.
    #[error("the message names no account that there is")]
    NoAccount,
    /// The sender may not send to the group.
    #[error("the sender is none of those who may send to the group")]
    NotOneOfSenders,
    /// The PIN is wrong.
    #[error("the PIN is wrong")]
    WrongPin,
    /// Too many PINs were wrong.
    #[error("too many PINs were wrong in the last hour, so none is looked at")]
    TooManyPins,
    /// The code is wrong.
    #[error("the code is not the one that was sent to the sender")]
    WrongCode,
    /// The message was not written in time, so its PIN could not be struck.
    #[error(
        "the message was not kept within an hour, so its PIN could not be struck, and nothing was sent"
    )]
    NoRow,
    /// The group is gone, or has nobody in it, or too many.
    #[error("the group is gone, has no contacts, or more than {0}; nothing was sent")]
    GroupSize(usize),
    /// The answer is no TwiML.
    #[error("it answered with no TwiML that can be read: {0}")]
    NotTwiml(String),
}

/// What of a message that was received says whether it is answered.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who sent it.
    pub from: &'a Address,
    /// The number of the SIM, where the message says it.
    pub to: Option<&'a PhoneNumber>,
    /// It is a text for a person to read: none for an application, and none that is only shown.
    pub is_of_person: bool,
    /// What it asks the gateway for, where the message says it.
    pub wish: Option<Wish>,
}

impl<'a> From<&'a MoReceived> for Question<'a> {
    fn from(message: &'a MoReceived) -> Self {
        let is_plain = message.ports.is_none() && message.class != Some(0);
        let is_of_person = message.text.is_some() && is_plain;
        Self { from: &message.from, to: message.to.as_ref(), is_of_person, wish: message.wish }
    }
}

/// What somebody wants sent back.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Of how many parts a reply is at most. 0: nothing is sent back.
    pub parts: u8,
    /// An empty answer is no reply.
    pub omit_empty: bool,
}

impl Wanted {
    /// Returns what a service wants of what its URL answers.
    pub fn by_service(service: &Service) -> Self {
        let parts = if service.reply_with_body { service.max_messages } else { 0 };
        Self { parts, omit_empty: service.omit_empty }
    }

    /// Returns what an endpoint wants. Many answer everything with nothing, so an empty answer is never a reply.
    pub fn by_endpoint(webhook: &Webhook) -> Self {
        let parts = if webhook.reply_with_body { webhook.max_messages } else { 0 };
        Self { parts, omit_empty: true }
    }
}

/// Returns to whom a message is answered, unless [`PhoneNumber::is_same_phone`] finds that the number is one of our own SIMs'.
pub fn recipient(question: Question<'_>) -> Result<PhoneNumber, NoReply> {
    let Address::Number(sender) = question.from else { return Err(NoReply::ToName) };
    let is_dialled = sender.digits().bytes().all(|digit| digit.is_ascii_digit());
    if sender.is_short_code() || sender.is_whole().is_err() || !is_dialled {
        return Err(NoReply::ToShortCode);
    }
    if !question.is_of_person {
        return Err(NoReply::NotFromPerson);
    }
    if question.to == Some(sender) {
        return Err(NoReply::ToOurselves);
    }
    if question.wish == Some(Wish::Stop) {
        return Err(NoReply::OptedOut);
    }
    Ok(sender.clone())
}

/// Returns what a service with a text of its own sends back, with the fields of the text filled in.
pub fn of_text(service: &Service, text: &str, filling: &Filling) -> Result<String, NoReply> {
    if service.max_messages == 0 || text.is_empty() {
        return Err(NoReply::Unwanted);
    }
    match filled(text, filling).trim() {
        "" => Err(NoReply::Empty),
        text => Ok(cut(text, service.max_messages)),
    }
}

/// Returns what a service sends on to others, with the fields of its text filled in.
pub fn of_forward(
    service: &Service,
    text: &str,
    filling: &Filling,
    question: Question<'_>,
) -> Result<String, NoReply> {
    if !question.is_of_person {
        return Err(NoReply::NotFromPerson);
    }
    if question.wish == Some(Wish::Stop) {
        return Err(NoReply::OptedOut);
    }
    match filled(text, filling).trim() {
        "" => Err(NoReply::Empty),
        text => Ok(cut(text, service.max_messages.max(1))),
    }
}

/// Returns whom of these a text is sent on to: nobody who sent it, and none of our own SIMs.
pub fn forwarded<'a>(
    to: &'a [PhoneNumber],
    from: &Address,
    is_ours: impl Fn(&PhoneNumber) -> bool,
) -> Vec<&'a PhoneNumber> {
    let is_sender = |number: &PhoneNumber| match from {
        Address::Number(from) => from.is_same_phone(number),
        Address::Name(_) => false,
    };
    to.iter().filter(|number| !is_sender(number) && !is_ours(number)).collect()
}

/// Returns what is sent back when a URL answered with this body, of which it says that it is of this kind.
pub fn of_answer(
    wanted: Wanted,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<String, NoReply> {
    if wanted.parts == 0 {
        return Err(NoReply::Unwanted);
    }
    let said = content_type.unwrap_or("text/plain");
    let (kind, parameters) = said.split_once(';').unwrap_or((said, ""));
    if !kind.trim().eq_ignore_ascii_case("text/plain") {
        return Err(NoReply::NotText(kind.trim().chars().take(100).collect()));
    }
    let text = decoded(body, charset(parameters))?;
    match text.trim() {
        "" if wanted.omit_empty => Err(NoReply::Empty),
        "" => Ok(EMPTY.to_owned()),
        text => Ok(cut(text, wanted.parts)),
    }
}

/// Returns the beginning of a text that goes out in at most so many parts.
pub fn cut(text: &str, parts: u8) -> String {
    let fits = |text: &str| {
        let body = Body::Text { text: text.to_owned(), encoding: Encoding::Auto };
        let outline = composition::outline(&body, None, &SendOptions::default());
        outline.is_ok_and(|outline| outline.parts <= usize::from(parts))
    };
    if fits(text) {
        return text.to_owned();
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    // A beginning of a beginning that fits does so too.
    let first_too_long = ends.partition_point(|end| fits(&text[..*end]));
    let end = first_too_long.checked_sub(1).and_then(|last| ends.get(last)).copied();
    text[..end.unwrap_or(0)].to_owned()
}

/// Returns the charset that the parameters of a content type name.
pub fn charset(parameters: &str) -> Option<&str> {
    let named = |parameter: &'_ str| -> bool {
        parameter
            .split_once('=')
            .is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
    };
    let parameter = parameters.split(';').find(|parameter| named(parameter))?;
    parameter.split_once('=').map(|(_, value)| value.trim().trim_matches('"'))
}

/// Reads octets as text: in the charset that is named, and else UTF-8 or, when they are not, Windows-1252, which holds ISO 8859-1.
pub fn decoded(octets: &[u8], charset: Option<&str>) -> Result<String, NoReply> {
    let unreadable = |name: &str| NoReply::Charset(name.chars().take(40).collect());
    match charset {
        None => {
            let utf8 = std::str::from_utf8(octets).map(str::to_owned);
            let latin = || encoding_rs::WINDOWS_1252.decode_without_bom_handling(octets).0;
            Ok(utf8.unwrap_or_else(|_| latin().into_owned()))
        }
        Some(name) => {
            let encoding = encoding_rs::Encoding::for_label(name.as_bytes());
            let encoding = encoding.ok_or_else(|| unreadable(name))?;
            let (text, _, is_malformed) = encoding.decode(octets);
            if is_malformed { Err(unreadable(name)) } else { Ok(text.into_owned()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::{OrgId, ServiceId, Timestamp, UserId};
    use store::ServiceAction;

    use super::*;
    use crate::sample::message;

    fn service() -> Service {
        Service {
            id: ServiceId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: "info".to_owned(),
            keywords: vec!["info".to_owned()],
            rule: store::ServiceRule::default(),
            action: ServiceAction::GetUrl("http://a.example/".to_owned()),
            reply_with_body: true,
            max_messages: 2,
            omit_empty: false,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_plain_text_is_sent_back_in_whatever_charset_it_is() {
        let of = |kind, body: &[u8]| of_answer(Wanted::by_service(&service()), kind, body);
        let text = |text: &str| Ok(text.to_owned());
        assert_eq!(of(None, b" Buka jam 9.\r\n"), text("Buka jam 9."));
        assert_eq!(of(Some("text/plain"), "café €".as_bytes()), text("café €"));
        assert_eq!(of(Some("Text/Plain; charset=\"ISO-8859-1\""), b"caf\xe9"), text("café"));
        assert_eq!(of(Some("text/plain"), b"caf\xe9"), text("café"));
        assert_eq!(of(Some("text/plain;charset=UTF-16BE"), b"\x00h\x04\x16"), text("hЖ"));
        assert_eq!(
            of(Some("text/plain; charset=klingon"), b"x"),
            Err(NoReply::Charset("klingon".to_owned()))
        );
        assert_eq!(
            of(Some("text/plain; charset=utf-8"), b"\xff"),
            Err(NoReply::Charset("utf-8".to_owned()))
        );
        assert_eq!(
            of(Some("text/html; x=y"), b"<p>"),
            Err(NoReply::NotText("text/html".to_owned()))
        );
    }

    #[test]
    fn an_empty_answer_is_a_reply_unless_it_is_left_out() {
        let plain = Some("text/plain");
        let of =
            |service: &Service, body: &[u8]| of_answer(Wanted::by_service(service), plain, body);
        assert_eq!(of(&service(), b" \n"), Ok(EMPTY.to_owned()));
        let omits = Service { omit_empty: true, ..service() };
        assert_eq!(of(&omits, b" \n"), Err(NoReply::Empty));
        for silent in [
            Service { reply_with_body: false, ..service() },
            Service { max_messages: 0, ..service() },
        ] {
            assert_eq!(of(&silent, b"x"), Err(NoReply::Unwanted));
        }
        let silent = Service { max_messages: 0, ..service() };
        let zone = jiff::tz::TimeZone::get("UTC").unwrap();
        let filling = Filling::of(&message("jam senin"), "+62811000001", &zone);
        let of = |service: &Service, text: &str| of_text(service, text, &filling);
        assert_eq!(of(&silent, "Buka jam 9."), Err(NoReply::Unwanted));
        assert_eq!(of(&service(), "Buka jam 9."), Ok("Buka jam 9.".to_owned()));
        assert_eq!(of(&service(), "Hari {rest}"), Ok("Hari senin".to_owned()));
        assert_eq!(of(&service(), "{word2}"), Err(NoReply::Empty));
    }

    #[test]
    fn a_text_is_sent_on_to_nobody_who_would_send_it_back() {
        let zone = jiff::tz::TimeZone::get("UTC").unwrap();
        let mo = message("banjir di pasar");
        let filling = Filling::of(&mo, "+62811000001", &zone);
        let on = |message: &MoReceived, text: &str| {
            of_forward(&service(), text, &filling, message.into())
        };
        assert_eq!(on(&mo, "{from}: {text}"), Ok("+628123456789: banjir di pasar".to_owned()));
        assert_eq!(on(&mo, "{word9}"), Err(NoReply::Empty));
        let data = MoReceived { text: None, data: Some("00".to_owned()), ..message("") };
        assert_eq!(on(&data, "x"), Err(NoReply::NotFromPerson));
        let stop = MoReceived { wish: Some(Wish::Stop), ..mo.clone() };
        assert_eq!(on(&stop, "x"), Err(NoReply::OptedOut));

        let numbers: [PhoneNumber; 3] =
            ["08123456789", "+62811000001", "+628999"].map(|number| number.parse().unwrap());
        let is_ours = |number: &PhoneNumber| number.as_str() == "+62811000001";
        assert_eq!(forwarded(&numbers, &mo.from, is_ours), [&numbers[2]]);
        let bank = Address::from_text("BANK");
        assert_eq!(forwarded(&numbers, &bank, is_ours), [&numbers[0], &numbers[2]]);
    }

    #[test]
    fn a_long_text_is_cut_to_its_parts() {
        assert_eq!(cut(&"x".repeat(1_000), 1), "x".repeat(160));
        assert_eq!(cut(&"x".repeat(1_000), 2), "x".repeat(306));
        assert_eq!(cut(&"x".repeat(306), 2), "x".repeat(306));
        assert_eq!(cut(&"Ж".repeat(1_000), 1), "Ж".repeat(70));
        assert_eq!(cut(&"🕊".repeat(1_000), 1), "🕊".repeat(35));
        // More than there can be of one message.
        assert_eq!(cut(&"x".repeat(64 * 1024), 3), "x".repeat(459));
    }

    #[test]
    fn only_a_person_is_answered() {
        let from = |from: &str| MoReceived { from: Address::from_text(from), ..message("info") };
        let of = |name: &str| recipient((&from(name)).into());
        assert_eq!(of("+628123456789"), Ok("+628123456789".parse().unwrap()));
        assert_eq!(of("08123456789"), Ok("08123456789".parse().unwrap()));
        assert_eq!(of("BANK"), Err(NoReply::ToName));
        for code in ["888", "97000", "+6281", "*123#"] {
            assert_eq!(of(code), Err(NoReply::ToShortCode), "{code}");
        }
        let own = "+62822000002".parse().unwrap();
        let to_itself = MoReceived { to: Some(own), ..from("+62822000002") };
        assert_eq!(recipient((&to_itself).into()), Err(NoReply::ToOurselves));
        let stop = MoReceived { wish: Some(Wish::Stop), ..message("stop") };
        assert_eq!(recipient((&stop).into()), Err(NoReply::OptedOut));
        for other in [
            MoReceived { text: None, data: Some("00".to_owned()), ..message("") },
            MoReceived { ports: Some((2948, 9200)), ..message("info") },
            MoReceived { class: Some(0), ..message("info") },
        ] {
            assert_eq!(recipient((&other).into()), Err(NoReply::NotFromPerson));
        }
    }
}
