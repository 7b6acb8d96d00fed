//! `store-status`: the messages that wait to be sent.

use std::fmt::Write as _;

use contracts::mt::Body;
use contracts::{MtState, composition};
use store::{Message, MessageFilter, Page};
use tpdu::Alphabet;

use super::report::{Form, escaped};
use super::{Said, failed};
use crate::acts::history;
use crate::app::App;
use crate::authority::Authority;

/// The most messages that are listed, the newest.
const MOST: u32 = 1_000;

/// The states of messages that no network has yet.
const WAITING: [MtState; 6] = [
    MtState::Accepted,
    MtState::Admitted,
    MtState::Held,
    MtState::Released,
    MtState::Deferred,
    MtState::Sending,
];

/// The names of the fields, as the text and the table have them.
const FIELDS: [&str; 10] = [
    "SMS ID", "Type", "Time", "Sender", "Receiver", "SMSC ID", "BOX ID", "Flags", "UDH", "Message",
];
/// The same as XML has them.
const TAGS: [&str; 10] = [
    "id", "type", "time", "sender", "receiver", "smsc-id", "box-id", "flags", "udh-data",
    "msg-data",
];

async fn waiting(app: &App, authority: &Authority) -> Result<Vec<Message>, String> {
    let filter = MessageFilter { states: WAITING.to_vec(), ..MessageFilter::default() };
    let page = Page { before: None, limit: MOST };
    let page = history::list(app, authority, &filter, page).await;
    page.map(|page| page.messages).map_err(|error| failed(&error))
}

/// How many wait, as far as they are counted.
pub(super) async fn count(app: &App, authority: &Authority) -> Result<u64, String> {
    waiting(app, authority).await.map(|all| u64::try_from(all.len()).unwrap_or(u64::MAX))
}

/// The list.
pub(super) async fn list(app: &App, authority: &Authority, form: Form) -> Said {
    let rows: Vec<[String; 10]> = waiting(app, authority).await?.iter().map(row).collect();
    Ok(written(&rows, form))
}

fn written(rows: &[[String; 10]], form: Form) -> String {
    let mut text = match form {
        Form::Text => {
            let names: Vec<String> = FIELDS.iter().map(|name| format!("[{name}]")).collect();
            names.join(" ") + "\n"
        }
        Form::Html => {
            let names: Vec<String> = FIELDS.iter().map(|name| format!("<td>{name}</td>")).collect();
            let names = names.concat();
            format!(
                "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2//EN\">\n<html>\n<title>Kannel</title>\n<body>\n\
                 <p><table border=1>\n<tr>{names}</tr>\n"
            )
        }
        Form::Xml => "<?xml version=\"1.0\"?>\n<gateway>\n".to_owned(),
    };
    for row in rows {
        // Writing to a String cannot fail.
        let _ = match form {
            Form::Text => {
                let fields: Vec<String> = row.iter().map(|field| format!("[{field}]")).collect();
                writeln!(text, "{}", fields.join(" "))
            }
            Form::Html => {
                let fields: Vec<String> =
                    row.iter().map(|field| format!("<td>{}</td>", escaped(field))).collect();
                writeln!(text, "<tr>{}</tr>", fields.concat())
            }
            Form::Xml => {
                let tagged = TAGS.iter().zip(row);
                let fields: Vec<String> = tagged
                    .map(|(tag, field)| format!("\t<{tag}>{}</{tag}>\n", escaped(field)))
                    .collect();
                let fields = fields.concat();
                write!(text, "\t<message>\n{fields}\t</message>\n")
            }
        };
    }
    text.push_str(match form {
        Form::Text => "",
        Form::Html => "</table></p>\n</body></html>\n",
        Form::Xml => "</gateway>\n",
    });
    text
}

fn row(message: &Message) -> [String; 10] {
    let request = message.pending.as_deref();
    let udh = request.and_then(|request| request.udh.as_deref());
    let options = request.map(|request| request.options).unwrap_or_default();
    let (coding, octets) = match &message.body {
        Body::Data { data } => (1, tpdu::from_hex(data).unwrap_or_default()),
        Body::Text { text, .. } => match composition::outline(&message.body, udh, &options) {
            Ok(outline) if outline.alphabet == Alphabet::Ucs2 => {
                (2, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
            }
            _ => (0, text.as_bytes().to_vec()),
        },
    };
    let class = options.class.map_or(-1, i16::from);
    let mask = message.dlr.as_ref().map_or(-1, |dlr| i16::from(dlr.mask));
    let udh = udh.and_then(|hex| tpdu::from_hex(hex).ok()).unwrap_or_default();
    let encoded = |octets: &[u8]| url::form_urlencoded::byte_serialize(octets).collect::<String>();
    [
        message.id.to_string(),
        "MT-PUSH".to_owned(),
        message.created_at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string(),
        String::new(),
        message.to.to_string(),
        message.sim.map(|sim| sim.to_string()).unwrap_or_default(),
        String::new(),
        format!("{class}:{coding}:-1:-1:{mask}"),
        encoded(&udh),
        encoded(&octets),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kannel 1.4.5 lists two messages that wait, but for the ids.
    #[test]
    fn the_list_is_kannel_s() {
        let row = |id: &str, to: &str, flags: &str, text: &str| {
            [id, "MT-PUSH", "2026-11-30 15:14:26", "123", to, "", "", flags, "", text]
                .map(str::to_owned)
        };
        let rows = [
            row("a", "62813", "0:2:-1:-1:-1", "%04%16"),
            row("b", "+62812", "-1:0:-1:-1:31", "Halo+dunia%0Abaru"),
        ];
        assert_eq!(
            written(&rows, Form::Text),
            "[SMS ID] [Type] [Time] [Sender] [Receiver] [SMSC ID] [BOX ID] [Flags] [UDH] [Message]\n\
             [a] [MT-PUSH] [2026-11-30 15:14:26] [123] [62813] [] [] [0:2:-1:-1:-1] [] [%04%16]\n\
             [b] [MT-PUSH] [2026-11-30 15:14:26] [123] [+62812] [] [] [-1:0:-1:-1:31] [] [Halo+dunia%0Abaru]\n"
        );
        assert_eq!(
            written(&rows[..1], Form::Xml),
            "<?xml version=\"1.0\"?>\n<gateway>\n\t<message>\n\t<id>a</id>\n\t<type>MT-PUSH</type>\n\
             \t<time>2026-11-30 15:14:26</time>\n\t<sender>123</sender>\n\t<receiver>62813</receiver>\n\
             \t<smsc-id></smsc-id>\n\t<box-id></box-id>\n\t<flags>0:2:-1:-1:-1</flags>\n\t<udh-data></udh-data>\n\
             \t<msg-data>%04%16</msg-data>\n\t</message>\n</gateway>\n"
        );
        assert!(
            written(&rows, Form::Html).contains("<td>Halo+dunia%0Abaru</td></tr>\n</table></p>")
        );
    }
}
