//! `merpati pdu decode`.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use tpdu::{
    Address, Alphabet, AnyPdu, AnyTpdu, Body, Content, Indication, Language, Scts, Shifts,
    from_hex, to_hex,
};

use crate::output;

/// Says what a TPDU means.
pub(crate) fn decode(as_json: bool, hex: &str, no_smsc: bool) -> anyhow::Result<ExitCode> {
    let hex: String = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let octets = from_hex(&hex).context("this is not hex")?;
    let pdu = tpdu::decode_any(&octets, !no_smsc).with_context(|| {
        if no_smsc {
            "this is no TPDU (with an SMSC in front, leave --no-smsc out)"
        } else {
            "this is no TPDU with an SMSC in front (without one, say --no-smsc)"
        }
    })?;
    let fields = fields(&pdu);
    if as_json {
        output::json(&fields)?;
    } else {
        for (name, value) in &fields {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    output::line(&format!("{name:<14} {}", output::visible(text)));
                }
                other => output::line(&format!("{name:<14} {other}")),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The fields by name, in order; what a TPDU of this type has and this one has not is null.
fn fields(pdu: &AnyPdu) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("type", pdu.tpdu.name().into());
    set("smsc", pdu.smsc.as_ref().map(Address::to_string).into());
    match &pdu.tpdu {
        AnyTpdu::Submit(submit) => {
            set("to", submit.destination.to_string().into());
            body(submit.body(), &mut set);
            set("timestamp", Value::Null);
            set("reference", submit.reference.into());
            set("report", submit.report.into());
            set(
                "validity_minutes",
                submit.validity.and_then(tpdu::Validity::period).map(|p| p.as_secs() / 60).into(),
            );
            set("protocol_id", submit.protocol_id.into());
        }
        AnyTpdu::Deliver(deliver) => {
            set("from", deliver.origin.to_string().into());
            body(deliver.body(), &mut set);
            time("timestamp", deliver.timestamp, &mut set);
            set("protocol_id", deliver.protocol_id.into());
            set("cut", deliver.cut.into());
            set("waiting", deliver.waiting().into_iter().map(waiting).collect());
        }
        AnyTpdu::StatusReport(report) => {
            set("to", report.recipient.to_string().into());
            set("reference", report.reference.into());
            set("status", report.status.0.into());
            set("status_text", report.status.words().into());
            time("timestamp", report.smsc_time, &mut set);
            time("discharged_at", report.discharged, &mut set);
        }
    }
    fields
}

/// A time; octets that are none are in a field of their own.
fn time(name: &str, time: Scts, set: &mut impl FnMut(&str, Value) -> Option<Value>) {
    let is_one = time.civil().is_some();
    set(name, if is_one { time.to_string().into() } else { Value::Null });
    if !is_one {
        set(&format!("{name}_octets"), to_hex(&time.0).into());
    }
}

fn waiting(indication: Indication) -> Value {
    json!({
        "kind": indication.waiting.kind.name(),
        "active": indication.waiting.active,
        "count": indication.count,
    })
}

fn body(body: Body<'_>, set: &mut impl FnMut(&str, Value) -> Option<Value>) {
    match body.content() {
        Content::Text(text) => set("text", text.into()),
        Content::Data(data) => set("data", to_hex(&data).into()),
    };
    set(
        "encoding",
        match body.coding.alphabet() {
            Alphabet::Gsm7 => "gsm7",
            Alphabet::Data => "8bit",
            Alphabet::Ucs2 => "ucs2",
        }
        .into(),
    );
    set(
        "concat",
        body.concat().map_or(Value::Null, |concat| {
            json!({ "ref": concat.reference, "total": concat.total, "seq": concat.sequence })
        }),
    );
    let Shifts { locking, single } = match body.coding.alphabet() {
        Alphabet::Gsm7 => body.udh.shifts(),
        _ => Shifts::default(),
    };
    set("locking_shift", locking.map(Language::tag).into());
    set("single_shift", single.map(Language::tag).into());
    set("class", body.coding.class().map(tpdu::Class::number).into());
    // What was decoded can be encoded again.
    let header = (!body.udh.is_empty()).then(|| body.udh.encode().ok()).flatten();
    set("udh", header.map(|octets| to_hex(&octets)).into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(hex: &str, with_smsc: bool) -> Map<String, Value> {
        fields(&tpdu::decode_any(&from_hex(hex).unwrap(), with_smsc).unwrap())
    }

    #[test]
    fn a_message_from_the_field() {
        let fields = read(
            "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535",
            true,
        );
        assert_eq!(fields["type"], "deliver");
        assert_eq!(fields["smsc"], "+62816124");
        assert_eq!(fields["from"], "+628159919457");
        assert_eq!(fields["text"], "PV admin ari jelek");
        assert_eq!(fields["encoding"], "gsm7");
        assert_eq!(fields["timestamp"], "2006-02-16T09:14:26+07:00");
        assert_eq!(fields["concat"], Value::Null);
    }

    #[test]
    fn a_message_that_is_cut_is_read_as_far_as_it_goes() {
        let fields =
            read("07911326040000F0040B911326040010F00000208062917314480CC8F71D149697", true);
        assert_eq!(fields["text"], "How ar");
        assert_eq!(fields["from"], "+31624000010");
        assert_eq!(fields["cut"], true);
        // The voice mail indication of a public report, by TP-DCS C8.
        let fields = read(
            "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F314A85D76\
             CFC3E7721BE59EA700",
            true,
        );
        let waiting = json!([{ "kind": "voicemail", "active": true, "count": null }]);
        assert_eq!((&fields["waiting"], &fields["cut"]), (&waiting, &json!(false)));
    }

    #[test]
    fn octets_that_are_no_time_are_shown_apart() {
        let fields =
            read("07919740430900F306230B919720000010F7511052216103C2511052216103C203", true);
        assert_eq!(fields["timestamp"], Value::Null);
        assert_eq!(fields["timestamp_octets"], "511052216103C2");
        assert!(fields["status_text"].as_str().unwrap().starts_with("service rejected"));
    }

    #[test]
    fn tables_of_a_language_are_named() {
        let spec = tpdu::MessageSpec {
            body: tpdu::MessageBody::Text {
                text: "şimdi İstanbul'da değil, ılık ".repeat(4),
                encoding: tpdu::text::Encoding::Gsm7,
                languages: vec![Language::Turkish],
            },
            ..tpdu::MessageSpec::text(Address::number("+905321234567").unwrap(), "")
        };
        let submit = tpdu::compose(&spec).unwrap().remove(0);
        let fields = read(&to_hex(&submit.encode().unwrap()), false);
        assert_eq!(fields["encoding"], "gsm7");
        assert_eq!(fields["locking_shift"], "tr");
        assert!(fields["text"].as_str().unwrap().starts_with("şimdi İstanbul'da"));
    }

    #[test]
    fn a_report_says_reference_status_and_time() {
        // SMS-STATUS-REPORT as in 3GPP TS 23.040, 9.2.2.3: reference 0x2A, +31612345678, TP-ST 0.
        let fields = read("062A0B911316325476F8423011516433004230115174330000", false);
        assert_eq!(fields["type"], "status-report");
        assert_eq!(fields["reference"], 42);
        assert_eq!(fields["to"], "+31612345678");
        assert_eq!(fields["status"], 0);
        assert_eq!(fields["discharged_at"], "2024-03-11T15:47:33+00:00");
    }
}
