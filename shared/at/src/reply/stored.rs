//! Memories and the messages in them (27.005, 3).

use crate::fields::fields;

/// `+CPMS: ("SM","ME"),("SM","ME"),("SM")`: the memories offered for reading, for sending and for receiving.
pub fn storage_offer(value: &str) -> Vec<Vec<String>> {
    let names = |text: &str| {
        text.trim_matches(['(', ')'])
            .split(',')
            .map(|name| name.trim().trim_matches('"').to_owned())
            .filter(|name| !name.is_empty())
            .collect::<Vec<_>>()
    };
    // Wavecom puts one more pair of brackets around all of it.
    let wrapped = value.trim().strip_prefix('(').filter(|rest| rest.trim_start().starts_with('('));
    let value = wrapped.and_then(|rest| rest.strip_suffix(')')).unwrap_or(value);
    fields(value).iter().map(|field| names(field.text())).filter(|list| !list.is_empty()).collect()
}

/// `+CPMS: "SM",3,20,"SM",3,20,"ME",0,50`: the memories that are selected for reading, for sending and for receiving,
/// and how full the first is; `None` when none is named.
pub fn storage_selection(value: &str) -> Option<(Vec<String>, StorageUse)> {
    let memories: Vec<String> = fields(value)
        .iter()
        .filter(|field| field.is_quoted() && !field.text().is_empty())
        .map(|field| field.text().to_owned())
        .collect();
    let used = StorageUse::parse(value).filter(|used| used.total > 0)?;
    (!memories.is_empty()).then_some((memories, used))
}

/// How full the memory for reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StorageUse {
    /// The messages in the memory.
    pub used: u32,
    /// The messages that the memory has room for.
    pub total: u32,
}

impl StorageUse {
    /// Reads `+CPMS: 3,20,3,20,3,20` and `+CPMS: "SM",3,20,…`, of which the first pair counts.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = fields(value);
        let mut numbers = fields.iter().filter(|f| !f.is_quoted()).filter_map(crate::Field::number);
        Some(Self { used: numbers.next()?, total: numbers.next()? })
    }

    /// Whether the memory has no room for another message.
    pub fn is_full(self) -> bool {
        self.total > 0 && self.used >= self.total
    }
}

/// State of a stored message in PDU mode (27.005, 3.1, `<stat>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// 0: received, not read.
    Unread,
    /// 1: received, read.
    Read,
    /// 2: to be sent.
    Unsent,
    /// 3: sent.
    Sent,
    /// Something else.
    Other,
}

impl Stored {
    fn parse(text: &str) -> Self {
        match text {
            "0" | "REC UNREAD" => Self::Unread,
            "1" | "REC READ" => Self::Read,
            "2" | "STO UNSENT" => Self::Unsent,
            "3" | "STO SENT" => Self::Sent,
            _ => Self::Other,
        }
    }

    /// Whether the message came from the network.
    pub fn is_received(self) -> bool {
        matches!(self, Self::Unread | Self::Read | Self::Other)
    }
}

/// The line before a PDU: `+CMGL: <index>,<stat>,[<alpha>],<length>` or `+CMGR: <stat>,[<alpha>],<length>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredHeader {
    /// The slot; only in a list.
    pub index: Option<u32>,
    /// The state of the message.
    pub state: Stored,
    /// Octets of the TPDU, the service centre's address not counted; `None` in text mode.
    pub length: Option<usize>,
}

impl StoredHeader {
    /// Reads the value of a line in a list (`+CMGL`).
    pub fn in_list(value: &str) -> Option<Self> {
        let fields = fields(value);
        let index = fields.first()?.number()?;
        let state = Stored::parse(fields.get(1)?.text());
        Some(Self { index: Some(index), state, length: length(&fields, 1) })
    }

    /// Reads the value of the line before a single message (`+CMGR`).
    pub fn of_one(value: &str) -> Option<Self> {
        let fields = fields(value);
        let state = Stored::parse(fields.first()?.text());
        Some(Self { index: None, state, length: length(&fields, 0) })
    }
}

/// The last field as a length. Text mode tells the state in words, and has a date or a number in quotes at the end.
fn length(fields: &[crate::Field<'_>], state: usize) -> Option<usize> {
    let text_mode = fields.get(state)?.number::<u8>().is_none();
    let last = fields.last().filter(|field| !field.is_quoted() && !text_mode)?;
    last.number::<usize>().filter(|length| *length <= 255)
}
