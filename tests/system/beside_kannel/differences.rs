//! What differs on purpose, each with its reason.

/// A request whose answer or TPDU differs, and why that is meant.
pub(super) struct OnPurpose {
    pub(super) name: &'static str,
    /// The rest of a query.
    pub(super) query: &'static [u8],
    pub(super) kannel: &'static str,
    pub(super) merpati: &'static str,
    #[expect(dead_code, reason = "it is for the reader")]
    pub(super) because: &'static str,
}

pub(super) const ACCEPTED: &str = "202 0: Accepted for delivery";

pub(super) const ON_PURPOSE: &[OnPurpose] = &[
    OnPurpose {
        name: "what GSM 7-bit lacks",
        query: b"text=%D0%9F%E2%80%9C",
        kannel: "1/1 pid=00 dcs=00 rp=false udh=[] text \"??\"",
        merpati: "1/1 pid=00 dcs=08 rp=false udh=[] text \"П“\"",
        because: "a text is sent as it is written: in UCS-2 where GSM 7-bit has no such character",
    },
    OnPurpose {
        name: "look-alikes with coding=0",
        query: b"coding=0&text=%E2%80%9Chi%E2%80%9D",
        kannel: "1/1 pid=00 dcs=00 rp=false udh=[] text \"?hi?\"",
        merpati: "1/1 pid=00 dcs=08 rp=false udh=[] text \"“hi”\"",
        because: "the same, and look-alikes are only taken where they save a part",
    },
    OnPurpose {
        name: "8-bit text of no charset",
        query: b"text=caf\xe9",
        kannel: "1/1 pid=00 dcs=00 rp=false udh=[] text \"caf\"",
        merpati: "1/1 pid=00 dcs=00 rp=false udh=[] text \"café\"",
        because: "octets that are not UTF-8 are read as Windows-1252, and not dropped",
    },
    OnPurpose {
        name: "a byte order mark",
        query: b"coding=2&text=%FE%FF%04%10",
        kannel: "1/1 pid=00 dcs=08 rp=false udh=[] text \"\\u{feff}А\"",
        merpati: "1/1 pid=00 dcs=08 rp=false udh=[] text \"А\"",
        because: "a byte order mark is no character of the text",
    },
    OnPurpose {
        name: "a percent sign at the end",
        query: b"text=full%20100%",
        kannel: "1/1 pid=00 dcs=00 rp=false udh=[] text \"full 100\"",
        merpati: "1/1 pid=00 dcs=00 rp=false udh=[] text \"full 100%\"",
        because: "nothing is cut off",
    },
    OnPurpose {
        name: "flash",
        query: b"flash=1&text=x",
        kannel: "1/1 pid=00 dcs=00 rp=false udh=[] text \"x\"",
        merpati: "1/1 pid=00 dcs=10 rp=false udh=[] text \"x\"",
        because: "the name that earlier versions had for mclass=0 is still understood",
    },
    OnPurpose {
        name: "a UCS-2 indication taken back",
        query: b"mwi=4&coding=2&text=%04%10",
        kannel: "1/1 pid=00 dcs=C0 rp=false udh=[] text \"è \"",
        merpati: "1/1 pid=00 dcs=E0 rp=false udh=[] text \"А\"",
        because: "UCS-2 is not marked as GSM 7-bit",
    },
    OnPurpose {
        name: "an empty header",
        query: b"udh=%00&text=x",
        kannel: "1/1 pid=00 dcs=04 rp=false udh=[] data 78",
        merpati: "1/1 pid=00 dcs=04 rp=false udh=[] data 78",
        because: "a header of no elements is none: TP-UDHI is not set",
    },
];

/// A request that one of both refuses, and why that is meant.
pub(super) struct Refused {
    pub(super) query: &'static [u8],
    pub(super) kannel: &'static str,
    pub(super) merpati: &'static str,
    #[expect(dead_code, reason = "it is for the reader")]
    pub(super) because: &'static str,
}

pub(super) const REFUSED_ON_PURPOSE: &[Refused] = &[
    Refused {
        query: b"to={to}&charset=UTF-8&text=caf%E9",
        kannel: ACCEPTED,
        merpati: "400 Charset or body misformed, rejected",
        because: "Kannel sends a part of the text; what is not in the charset it names is refused",
    },
    Refused {
        query: b"to={to}&coding=2&text=%04",
        kannel: ACCEPTED,
        merpati: "400 Charset or body misformed, rejected",
        because: "half a character is no UCS-2",
    },
    Refused {
        query: b"to={to}&charset=klingon&text=x",
        kannel: "400 Charset or body misformed, rejected",
        merpati: "400 Charset not supported, rejected: send UTF-8 or UTF-16BE",
        because: "who names a charset that is not read learns which are",
    },
    Refused {
        query: b"to={to}&compress=1&text=x",
        kannel: ACCEPTED,
        merpati: "400 Compress field not supported, rejected",
        because: "Kannel marks text as compressed that is not, so nobody can read it",
    },
    Refused {
        query: b"to={to}&udh=%02%70%05&text=x",
        kannel: ACCEPTED,
        merpati: "400 Message cannot be sent, rejected: the user data header is not one: \
                  udh.element.data, octet 3: 5 octets are needed and 0 are left",
        because: "a header whose elements do not fit is read by nobody",
    },
    Refused {
        query: b"to=%2B&text=x",
        kannel: ACCEPTED,
        merpati: "400 No receiver can be dialled, rejected: not sent to '+': the number is empty",
        because: "Kannel accepts it and the network never does",
    },
    Refused {
        query: b"to={to}&text=a b",
        kannel: "400 ",
        merpati: "400 The request cannot be read: its first line or one of its headers is not HTTP. \
                  Percent-encode what stands in the address, blanks too (%20).",
        because: "a refusal has words",
    },
];
