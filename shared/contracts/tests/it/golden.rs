//! Each kind of message against its file.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::num::NonZeroU32;
use std::path::PathBuf;

use contracts::alert::{Alert, AlertKind};
use contracts::batch::{BatchFinished, BatchOrder, MtBatch, MtRecipient, Order, StateCount};
use contracts::cancellation::{self, Cancellation, FirstPart};
use contracts::control::{
    AtReply, AtRequest, FlightRequest, NumberRequest, PinRequest, TraceReply, TraceRequest,
    UssdReply, UssdRequest,
};
use contracts::credit::{BlockAnswer, Charge, Charged, Limited, Price, Prices, TakeBlock};
use contracts::dlr::{Dlr, DlrOutcome};
use contracts::journal::{HandOver, PartEntry, PartStage};
use contracts::limits::{AccountLimits, Closed, Counted, Limit, Limits, Recipient, Usage, WarmUp};
use contracts::mo::{MoPart, MoReceived, Wish};
use contracts::modem::{
    Balance, ModemEvent, ModemEventKind, ModemProblem, ModemState, ModemStatus, SimState, Spooled,
};
use contracts::mt::{
    AlsoAdmitted, Body, DlrCallback, DlrForm, Encoding, Gate, Given, JasminForm, Keeper, MtChange,
    MtEvent, MtItem, MtRequest, SendError, SendOptions, SentPart, StatusSignature, Through,
    TwilioForm, WhenUncertain,
};
use contracts::routes::{Conditions, Day, Hours, Pool, Routes, Rule, Strategy, Weight};
use contracts::subject::Target;
use contracts::{
    Address, AlertId, BatchId, BlockId, EventId, KeyId, Languages, Message as _, MessageId,
    ModemId, MtState, OrgId, PhoneNumber, PoolId, Priority, SimId, TeamId, Timestamp, UserId,
    config_kv,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads the file, compares both ways, and reads it again with fields of tomorrow everywhere.
fn check<T>(name: &str, value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = file(name, value);
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&read, value, "{name} is read as it always was");
    let written = serde_json::to_value(value).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written, golden, "{name} is written as it always was");
    let tomorrow = with_unknown_fields(golden);
    let read: T =
        serde_json::from_value(tomorrow).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&read, value, "{name} is read past fields it does not know");
}

/// Like [`check`] for types that hide what they hold.
fn check_bytes<T: Serialize + DeserializeOwned>(name: &str, value: &T) {
    let text = file(name, value);
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let golden: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), golden, "{name}");
    let read: T = serde_json::from_value(with_unknown_fields(golden.clone())).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), golden, "{name}");
}

fn file<T: Serialize>(name: &str, value: &T) -> String {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.json"));
    if !path.exists() && std::env::var_os("GOLDEN").is_some() {
        let text = serde_json::to_string_pretty(value).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn with_unknown_fields(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            // An enum with content is an object of one field whose name says which: `{"pool":"a"}`.
            let is_variant = fields.len() == 1
                && fields.keys().all(|key| matches!(key.as_str(), "pool" | "sim"));
            let mut fields: serde_json::Map<_, _> = fields
                .into_iter()
                .map(|(name, value)| (name, with_unknown_fields(value)))
                .collect();
            if !is_variant {
                fields.insert("of_tomorrow".to_owned(), serde_json::json!({"x": [1, null]}));
            }
            Value::Object(fields)
        }
        Value::Array(all) => Value::Array(all.into_iter().map(with_unknown_fields).collect()),
        other => other,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_123_456 + second * 1_000_000)
}

fn number() -> PhoneNumber {
    PhoneNumber::parse("+628123456789").unwrap()
}

fn message() -> MessageId {
    MessageId::derived("golden")
}

fn sim() -> SimId {
    SimId::derived("8962101234567890123")
}

fn through() -> Through {
    Through { modem: ModemId::derived("353270012345678:1-1.2"), sim: sim() }
}

fn error() -> SendError {
    SendError {
        code: "cms-38".to_owned(),
        text: "Network out of order. An empty balance is a usual cause.".to_owned(),
    }
}

fn full_request() -> MtRequest {
    MtRequest {
        id: Some(message()),
        number: Some(4711),
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        to: number(),
        body: Body::Text { text: "Halo, dunia €".to_owned(), encoding: Encoding::Smart },
        created_at: Some(at(0)),
        not_before: Some(at(60)),
        not_after: Some(at(3600)),
        sim: Some(sim()),
        pool: Some("alerts".parse().unwrap()),
        udh: Some("0504158100 00".replace(' ', "")),
        options: SendOptions {
            class: Some(0),
            dcs: None,
            validity_minutes: Some(1440),
            no_report: true,
            protocol_id: Some(0x41),
            reply_path: true,
            ports: Some((5505, 0)),
            languages: Languages::NONE,
        },
        when_uncertain: WhenUncertain::Resend,
        dlr: Some(DlrCallback { url: "http://example.org/?d=%d".to_owned(), mask: 31 }),
        dlr_form: None,
        batch: None,
        batch_size: None,
        again_of: None,
        tag: None,
        sender: None,
        key: None,
        trace: None,
        allow_double: false,
        round: 2,
        tries: 3,
        paid: false,
        counted: false,
    }
}

#[test]
fn requests() {
    let text = r#"{"to":"+628123456789","text":"Halo"}"#;
    let least: MtRequest = serde_json::from_str(text).unwrap();
    assert_eq!(least, MtRequest::text(number(), "Halo"));
    check("mt_request", &full_request());
    let mut data = MtRequest::text(number(), "");
    data.body = Body::Data { data: "00ff10".to_owned() };
    check("mt_request_data", &data);
    let tagged = MtRequest {
        tag: Some("invoices".to_owned()),
        sender: Some("TOKO".to_owned()),
        key: Some(KeyId::derived("shop")),
        ..full_request()
    };
    check("mt_request_tagged", &tagged);
    let mut turkish = MtRequest::text(number(), "Şık");
    turkish.options.languages = Languages::parse(["tr", "es"]).unwrap();
    check("mt_request_languages", &turkish);
    let mut again = MtRequest::text(number(), "Halo");
    again.again_of = Some(message());
    check("mt_request_again", &again);
    let double = MtRequest { allow_double: true, ..MtRequest::text(number(), "Halo") };
    check("mt_request_double", &double);
    let mut twilio = MtRequest::text(number(), "Halo");
    twilio.dlr_form = Some(DlrForm::Twilio(TwilioForm {
        account: "AC0123456789abcdef0123456789abcdef".to_owned(),
        from: Some("+15005550006".to_owned()),
        signatures: vec![StatusSignature {
            status: "sent".to_owned(),
            signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=".to_owned(),
        }],
    }));
    check("mt_request_dlr_twilio", &twilio);
    let mut jasmin = MtRequest::text(number(), "Halo");
    jasmin.dlr_form = Some(DlrForm::Jasmin(JasminForm { level: 3, post: true, batch: None }));
    check("mt_request_dlr_jasmin", &jasmin);
}

#[test]
fn the_journal_entry_of_a_message_that_was_taken_back() {
    let cancellation = Cancellation {
        by: Some(UserId::derived("alice")),
        round: 1,
        at: at(5),
        keep_until: at(3600),
    };
    check("journal_cancelled", &FirstPart::Cancelled(cancellation));
    let target = Target::Sim(sim());
    let item = MtItem {
        id: message(),
        priority: Priority::Normal,
        target,
        parts: 2,
        request: full_request(),
        rule: None,
        others: Vec::new(),
    };
    let error = SendError { code: "sim-away".to_owned(), text: "The SIM is away.".to_owned() };
    let entry = HandOver::of(&item, sim(), 77, error, at(60));
    assert!(entry.is_routers());
    check("journal_handed_over_by_router", &entry);
    assert_eq!(cancellation::key(message()), format!("{}.1", message()));
    let mut exact = MtRequest::text(number(), "Halo");
    exact.options.dcs = Some(0xF1);
    check("mt_request_dcs", &exact);
}

/// What drivers write says more than its readers want.
#[test]
fn the_journal_entry_of_a_part_that_was_given_to_a_modem() {
    let golden = file("journal_writing", &());
    let mut entry: PartEntry = serde_json::from_str(&golden).unwrap();
    let given = Given { at: at(3), through: through(), part: 2, parts: 2, tries: 1 };
    assert_eq!(entry.given(2), Some(given));
    // Of a release before it had the time.
    entry.begun_at = None;
    assert_eq!(entry.given(2), Some(Given { at: at(5), ..given }));
    for not_out in PartStage::ALL {
        let entry = PartEntry { stage: not_out, ..entry.clone() };
        assert_eq!(entry.given(2), None, "{not_out}");
    }
    let cancelled: PartEntry = serde_json::from_str(&file("journal_cancelled", &())).unwrap();
    assert_eq!((cancelled.stage, cancelled.given(1)), (PartStage::Cancelled, None));
}

#[test]
fn batches() {
    let plain = MtBatch { first: full_request(), others: Vec::new() };
    check("mt_batch_of_one", &plain);
    let mut first = full_request();
    first.batch = Some(BatchId::derived("golden"));
    let like_the_first = MtRecipient {
        id: MessageId::derived("second"),
        number: Some(4712),
        to: PhoneNumber::parse("+628123456790").unwrap(),
        body: None,
        dlr: None,
        created_at: None,
        trace: None,
    };
    let own = MtRecipient {
        id: MessageId::derived("third"),
        body: Some(Body::Text { text: "Halo, Budi".to_owned(), encoding: Encoding::Auto }),
        dlr: Some(DlrCallback { url: "http://example.org/3".to_owned(), mask: 1 }),
        created_at: Some(at(1)),
        ..like_the_first.clone()
    };
    let order = BatchOrder {
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        order: Order::Cancelled,
        by: Some(UserId::derived("alice")),
        at: at(5),
    };
    check("batch_order", &order);
    check("batch_order_paused", &BatchOrder { order: Order::Paused, by: None, ..order });
    check("mt_batch", &MtBatch { first, others: vec![like_the_first, own] });
    let batch = BatchId::derived("batch");
    let of_batch = MtRequest { batch: Some(batch), batch_size: Some(3), ..full_request() };
    check("mt_request_of_batch", &of_batch);
    let finished = BatchFinished {
        batch,
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        at: at(9),
        messages: 3,
        states: vec![
            StateCount { state: MtState::Delivered, count: 2 },
            StateCount { state: MtState::Failed, count: 1 },
        ],
    };
    check("batch_finished", &finished);
}

#[test]
fn alerts() {
    let opened = Alert {
        id: AlertId::derived("golden"),
        org: OrgId::default_org(),
        kind: AlertKind::ModemOffline,
        subject: ModemId::derived("golden").to_string(),
        name: "ttyUSB0".to_owned(),
        text: "Modem ttyUSB0 is offline.".to_owned(),
        advice: "See whether it is plugged in and has power.".to_owned(),
        opened_at: at(5),
        closed_at: None,
    };
    check("alert_opened", &opened);
    assert_eq!(opened.msg_id(), format!("{}:opened", opened.id));
    let closed = Alert { closed_at: Some(at(9)), ..opened };
    check("alert_closed", &closed);
    assert_eq!(closed.msg_id(), format!("{}:closed", closed.id));
}

#[test]
fn credit() {
    let (org, account) = (OrgId::default_org(), UserId::derived("alice"));
    let block = BlockId::derived("golden");
    let amount = |text: &str| text.parse().unwrap();
    let price = |(prefix, price): (&str, &str)| Price {
        prefix: prefix.parse().unwrap(),
        price: amount(price),
    };
    let prefixes = [("+62", "350"), ("+62811", "299.5")].map(price).to_vec();
    let prices = Prices { org, currency: "IDR".to_owned(), usual: amount("900"), prefixes };
    check("credit_prices", &prices);
    check("credit_limited", &Limited { org, limited: true });
    let charges = vec![
        Charge { message: message(), cost: amount("700") },
        Charge { message: MessageId::derived("second"), cost: amount("299.5") },
    ];
    let charged = Charged { block, org, account, at: at(5), charges };
    check("credit_charged", &charged);
    assert!(charged.msg_id().starts_with(&format!("{}:charged:{block}:", message())));
    let mut other = charged.clone();
    other.charges[1].message = MessageId::derived("third");
    assert_ne!(other.msg_id(), charged.msg_id(), "other messages, and as many");
    let (needed, wished) = (amount("350"), amount("5600"));
    check("credit_take", &TakeBlock { id: block, org, account, needed, wished, ahead: true });
    check("credit_granted", &BlockAnswer::Granted { amount: wished, lasts_seconds: 60 });
    check("credit_out", &BlockAnswer::Out { left: amount("12.5") });
    check("credit_unlimited", &BlockAnswer::Unlimited);
    check("mt_request_paid", &MtRequest { paid: true, ..full_request() });
}

#[test]
fn a_request_that_counts_no_more() {
    let request = MtRequest { counted: true, ..full_request() };
    check("mt_request_counted", &request);
    assert!(MtRequest { tries: 0, ..request.clone() }.is_counted());
    assert!(!MtRequest { tries: 0, round: 0, ..request }.is_counted(), "it has no earlier round");
}

#[test]
fn items() {
    let item = MtItem {
        id: message(),
        priority: Priority::Otp,
        target: Target::Pool(PoolId::default_pool()),
        parts: 2,
        request: full_request(),
        rule: None,
        others: Vec::new(),
    };
    check("mt_item_pool", &item);
    check("mt_item_rule", &MtItem { rule: Some("vip".to_owned()), ..item.clone() });
    check("mt_item_sim", &MtItem { target: Target::Sim(sim()), ..item });
}

#[test]
fn changes_of_a_sent_message() {
    let through = Some(through());
    let here = self::through();
    let changes = [
        MtChange::admitted(2, Target::Pool(PoolId::default_pool())),
        MtChange::Rejected { error: error() },
        MtChange::Held { gate: Gate::BackOff, until: at(300), tries: 3, round: 1 },
        MtChange::RELEASED,
        MtChange::Deferred {
            error: error(),
            until: at(300),
            tries: 3,
            kept_by: Keeper::Router,
            through,
        },
        MtChange::Sending { through: here, part: 1, parts: 2, tries: 1 },
        MtChange::Sent {
            through: here,
            parts: vec![SentPart { part: 1, reference: 17, at: at(9) }],
        },
        MtChange::Failed { error: error(), through, tries: 4 },
        MtChange::Delivered { discharged_at: at(20) },
        MtChange::Undelivered { error: error() },
        MtChange::Expired {},
        MtChange::Cancelled { by: Some(UserId::derived("alice")) },
        MtChange::Uncertain { error: error(), through: here, part: 2 },
    ];
    for change in changes {
        let name = format!("mt_event_{}", change.state());
        let event = MtEvent {
            message: message(),
            org: OrgId::default_org(),
            owner: UserId::derived("alice"),
            at: at(5),
            round: 1,
            otp: false,
            change,
            given: Vec::new(),
            report: None,
        };
        check(&name, &event);
    }
    let change = MtChange::Sent {
        through: here,
        parts: vec![SentPart { part: 1, reference: 17, at: at(9) }],
    };
    let event = MtEvent {
        message: message(),
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        at: at(5),
        round: 1,
        otp: true,
        change,
        given: Vec::new(),
        report: None,
    };
    check("mt_event_sent_otp", &event);
    let subject = contracts::Message::subject(&event).to_string();
    assert_eq!(subject, "sms.v1.event.mt.sent.otp");
    let followed = MtEvent { change: MtChange::RELEASED, ..event };
    let subject = contracts::Message::subject(&followed).to_string();
    assert_eq!(subject, "sms.v1.event.mt.released", "a router of before must find it");
}

/// Of releases that told each part that was given to a modem, and each report, on its own.
#[test]
fn one_event_tells_what_happened_together() {
    let event = |change| MtEvent {
        message: message(),
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        at: at(9),
        round: 1,
        otp: false,
        change,
        given: Vec::new(),
        report: None,
    };
    let given =
        |part| Given { at: at(i64::from(part)), through: through(), part, parts: 2, tries: 1 };
    let parts = [1, 2].map(|part| SentPart { part, reference: 16 + part, at: at(9) }).to_vec();
    let sent = MtChange::Sent { through: through(), parts };
    check("mt_event_sent_given", &MtEvent { given: vec![given(1), given(2)], ..event(sent) });
    let report = Dlr { part: Some(1), parts: Some(1), ..matched() };
    let undelivered = Dlr {
        status: 0x45,
        outcome: DlrOutcome::Undelivered,
        text: "The message's validity is over.".to_owned(),
        ..report.clone()
    };
    check("mt_event_delivered_report", &report.end(1).unwrap());
    check("mt_event_undelivered_report", &undelivered.end(1).unwrap());
    assert_eq!(matched().end(1), None, "of one part of two");
}

#[test]
fn messages_that_were_admitted_together() {
    let other =
        AlsoAdmitted { message: MessageId::derived("other"), round: 2, parts: 1, rule: None };
    let target = Target::Pool(PoolId::default_pool());
    let event = MtEvent {
        message: message(),
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        at: at(5),
        round: 1,
        otp: false,
        change: MtChange::Admitted {
            parts: 2,
            target: target.clone(),
            others: vec![other],
            rule: None,
        },
        given: Vec::new(),
        report: None,
    };
    check("mt_event_admitted_together", &event);
    let apart: Vec<MtEvent> = event.clone().told_apart().collect();
    let first = MtEvent { change: MtChange::admitted(2, target.clone()), ..event.clone() };
    let second = MtEvent {
        message: MessageId::derived("other"),
        round: 2,
        change: MtChange::admitted(1, target),
        ..event
    };
    assert_eq!(apart, [first, second]);
}

/// What a rule did stands on the timeline of each message, however many are told of together.
#[test]
fn messages_that_a_rule_sent_their_way() {
    let (first, second) = (Some("vip".to_owned()), Some("night".to_owned()));
    let others = vec![AlsoAdmitted {
        message: MessageId::derived("other"),
        round: 2,
        parts: 1,
        rule: second.clone(),
    }];
    let target = Target::Sim(sim());
    let change =
        MtChange::Admitted { parts: 2, target: target.clone(), others, rule: first.clone() };
    let event = MtEvent {
        message: message(),
        org: OrgId::default_org(),
        owner: UserId::derived("alice"),
        at: at(5),
        round: 1,
        otp: false,
        change,
        given: Vec::new(),
        report: None,
    };
    check("mt_event_admitted_rule", &event);
    let told: Vec<MtChange> = event.clone().told_apart().map(|event| event.change).collect();
    let admitted = |parts, rule| MtChange::admitted(parts, target.clone()).by_rule(rule);
    assert_eq!(told, [admitted(2, first.clone()), admitted(1, second)]);
    let target = Target::Pool(PoolId::default_pool());
    let released = MtChange::Released { parts: Some(2), target: Some(target), rule: first };
    let event = MtEvent { change: released, ..event };
    check("mt_event_released_rule", &event);
    let told: Vec<String> = event.told_apart().map(|event| event.change.to_string()).collect();
    let by_rule = "Queued as 2 parts, by rule 'vip' through the pool default.";
    assert_eq!(told, [by_rule, "Waits for a free modem."]);
}

#[test]
fn received_messages() {
    let pdu = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    check(
        "mo_part",
        &MoPart {
            id: MoPart::id_of(sim(), pdu),
            org: OrgId::default_org(),
            modem: through().modem,
            sim: sim(),
            to: Some(number()),
            pdu: pdu.to_owned(),
            received_at: at(0),
        },
    );
    let received = MoReceived {
        id: message(),
        org: OrgId::default_org(),
        owner: Some(UserId::derived("alice")),
        modem: through().modem,
        sim: sim(),
        to: Some(number()),
        from: Address::from_text("+628159919457"),
        text: Some("PV admin ari jelek".to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: vec![],
        pdus: vec![pdu.to_owned()],
        smsc_at: Some(at(-3)),
        received_at: at(0),
        wish: None,
    };
    check("mo_received_text", &received);
    check(
        "mo_received_stop",
        &MoReceived { text: Some("STOP".to_owned()), wish: Some(Wish::Stop), ..received.clone() },
    );
    check(
        "mo_received_data",
        &MoReceived {
            from: Address::from_text("TELKOMSEL"),
            text: None,
            data: Some("00ff".to_owned()),
            class: Some(2),
            ports: Some((2948, 9200)),
            parts: 3,
            missing: vec![2],
            ..received
        },
    );
}

/// A report on the first of two parts.
fn matched() -> Dlr {
    Dlr {
        id: EventId::derived("golden"),
        org: OrgId::default_org(),
        owner: Some(UserId::derived("alice")),
        modem: through().modem,
        sim: sim(),
        message: Some(message()),
        part: Some(1),
        parts: Some(2),
        reference: 17,
        to: Some(number()),
        status: 0,
        outcome: DlrOutcome::Delivered,
        text: "The recipient has it.".to_owned(),
        discharged_at: at(20),
        pdu: "0006110D91261832547698F9".to_owned(),
        received_at: at(21),
    }
}

#[test]
fn delivery_reports() {
    let report = matched();
    check("dlr_matched", &report);
    check(
        "dlr_unmatched",
        &Dlr {
            owner: None,
            message: None,
            part: None,
            parts: None,
            to: None,
            status: 0x46,
            outcome: DlrOutcome::Undelivered,
            ..report
        },
    );
}

#[test]
fn modems() {
    let state = ModemState {
        id: through().modem,
        name: "ttyUSB0".to_owned(),
        port: "/dev/ttyUSB0".to_owned(),
        host: "shop".to_owned(),
        status: ModemStatus::Ready,
        text: "It can send and receive.".to_owned(),
        manufacturer: "WAVECOM MODEM".to_owned(),
        model: "MULTIBAND  900E  1800".to_owned(),
        firmware: "641b09gg".to_owned(),
        imei: Some("353270012345678".to_owned()),
        sim: Some(SimState {
            id: sim(),
            iccid: Some("8962101234567890123".to_owned()),
            imsi: Some("510101234567890".to_owned()),
            number: Some(number()),
            smsc: Some("+62816124".to_owned()),
        }),
        operator: Some("TELKOMSEL".to_owned()),
        technology: Some("GSM".to_owned()),
        roaming: true,
        signal_dbm: Some(-71),
        pools: vec![PoolId::default_pool()],
        problem: Some(ModemProblem {
            code: "cms-38".to_owned(),
            text: error().text,
            advice: "Look at the balance.".to_owned(),
            at: at(-60),
        }),
        queue: 1,
        sent_today: 12,
        failed_today: 1,
        balance: None,
        spool: None,
        closed: None,
        closed_to_new: None,
        low: None,
        since: at(-120),
        seen_at: at(0),
    };
    check("modem_state", &state);
    let balance = Balance {
        sim: sim(),
        amount: Some("12345.67".parse().unwrap()),
        text: "Rp 12.345,67".to_owned(),
        at: at(-30),
        low: true,
        problem: Some(ModemProblem {
            code: "balance-no-answer".to_owned(),
            text: "The network did not answer.".to_owned(),
            advice: "It is asked again.".to_owned(),
            at: at(-10),
        }),
    };
    check("modem_state_balance", &ModemState { balance: Some(balance), ..state.clone() });
    let spool = Some(Spooled { entries: 7, since: at(-300), full: true });
    check("modem_state_spool", &ModemState { spool, ..state.clone() });
    let closed = Closed { limit: Limit::Hour, most: Some(100), until: at(600), passwords: true };
    check("modem_state_closed", &ModemState { closed: Some(closed), ..state.clone() });
    let (limit, until) = (Limit::Recipients, at(90_000));
    let closed_to_new = Some(Closed { limit, most: Some(200), until, passwords: false });
    let low = Some(Limit::Month);
    check("modem_state_closed_to_new", &ModemState { closed_to_new, low, ..state.clone() });
    let event = ModemEvent {
        id: EventId::derived("golden"),
        kind: ModemEventKind::MissedCall,
        modem: state.id,
        sim: Some(sim()),
        text: "Somebody called.".to_owned(),
        from: Some(number()),
        at: at(0),
    };
    check("modem_event", &event);
    let low = ModemEvent {
        kind: ModemEventKind::LowBalance,
        text: "The balance is Rp 900, which is low.".to_owned(),
        from: None,
        ..event.clone()
    };
    check("modem_event_low_balance", &low);
    let text = "Anda dapat bonus 100 SMS".to_owned();
    check("modem_event_ussd", &ModemEvent { kind: ModemEventKind::Ussd, text, ..low.clone() });
    let text = "The SIM sends nothing until 2026-11-24T07:00:00Z: the limit of 100 messages an hour is reached."
        .to_owned();
    let reached = ModemEventKind::LimitReached;
    check("modem_event_limit_reached", &ModemEvent { kind: reached, text, ..low });
}

#[test]
fn settings() {
    let org = OrgId::default_org();
    check("config_account", &config_kv::Account { org, enabled: false, admin: false });
    check("config_account_admin", &config_kv::Account { org, enabled: true, admin: true });
    let limits = AccountLimits {
        per_hour: NonZeroU32::new(100),
        otp_per_hour: NonZeroU32::new(20),
        weight: NonZeroU32::new(3),
        zone: Some("Asia/Jakarta".to_owned()),
        ..AccountLimits::default()
    };
    check("config_limits", &config_kv::LimitedAccount { org, limits });
    let limits = AccountLimits::default();
    check("config_limits_none", &config_kv::LimitedAccount { org, limits });
    check("config_webhooks", &config_kv::Webhooks { org });
    check("config_optout", &config_kv::OptOut { org, number: number(), out: true });
    let settings = config_kv::Sim {
        owner: Some(UserId::derived("alice")),
        pool: "alerts".parse().unwrap(),
        number: Some(number()),
        ..config_kv::Sim::unset(org)
    };
    check("config_sim", &settings);
    let senders = config_kv::Access::only([UserId::derived("alice")]);
    let readers = config_kv::Access::everybody();
    let shared = config_kv::Sim { senders, readers, ..settings.clone() };
    check("config_sim_members", &shared);
    let team = TeamId::derived("sales");
    let of_team = config_kv::Sim {
        team: Some(config_kv::SimTeam { id: team, name: "Sales".to_owned() }),
        readers: shared.senders.clone(),
        ..shared
    };
    check("config_sim_team", &of_team);
    let users = [UserId::derived("alice")].into();
    let sims = [sim()].into();
    let kept = config_kv::Team { org, name: "Sales".to_owned(), own_sims_only: true, users, sims };
    check("config_team", &kept);
    let removed = config_kv::Team {
        own_sims_only: false,
        users: BTreeSet::new(),
        sims: BTreeSet::new(),
        ..kept
    };
    check("config_team_removed", &removed);
    let limits = Limits {
        per_minute: NonZeroU32::new(5),
        per_hour: NonZeroU32::new(100),
        per_day: NonZeroU32::new(500),
        per_month: NonZeroU32::new(10_000),
        quiet: Some("22:00-06:00".parse().unwrap()),
        warm_up: Some(WarmUp {
            from: "2026-12-01".parse().unwrap(),
            first_day: NonZeroU32::new(20).unwrap(),
        }),
        zone: Some("Asia/Jakarta".to_owned()),
        ..Limits::default()
    };
    check("config_sim_limits", &config_kv::Sim { limits: limits.clone(), ..settings.clone() });
    let limits = Limits {
        price: NonZeroU32::new(350),
        spend_per_day: NonZeroU32::new(50_000),
        spend_per_month: NonZeroU32::new(1_000_000),
        recipients_per_month: NonZeroU32::new(200),
        ..limits
    };
    check("config_sim_spend", &config_kv::Sim { limits, ..settings });
    let counted = |used, until| Counted { used, until, ..Counted::default() };
    let usage = Usage {
        per_minute: counted(1, at(60)),
        per_hour: Counted { full: true, low: true, ..counted(100, at(3_600)) },
        per_day: counted(120, at(7_200)),
        per_month: counted(3_000, at(90_000)),
        ..Usage::default()
    };
    check("usage", &usage);
    let mut usage = Usage {
        spend_per_day: counted(42_000, at(7_200)),
        spend_per_month: counted(1_050_000, at(90_000)),
        recipients_per_month: counted(0, at(90_000)),
        ..usage
    };
    for hash in [u64::MAX, 7] {
        usage.count_recipient(Recipient::of_hash(hash));
    }
    check("usage_recipients", &usage);
    let modem = config_kv::Modem { org, name: Some("Attic".to_owned()), enabled: false };
    check("config_modem", &modem);
    let stopped = Some([ModemId::derived("attic")].into());
    check("config_gateway", &config_kv::Gateway { org, isolated: true, suspended: stopped });
    check("config_gateway_unset", &config_kv::Gateway::unset(org));
    check("config_routes_unset", &Routes::unset(org));
    let when = Conditions {
        prefixes: vec!["+62812".parse().unwrap(), "0812".parse().unwrap()],
        accounts: [UserId::derived("alice")].into(),
        priorities: [Priority::Otp, Priority::Normal].into(),
        keywords: ["promo".to_owned()].into(),
        hours: Some(Hours {
            zone: "Asia/Jakarta".to_owned(),
            from: "08:00".parse().unwrap(),
            until: "17:30".parse().unwrap(),
            days: [Day::Monday, Day::Friday].into(),
        }),
        ..Conditions::default()
    };
    let targets = vec![Target::Sim(sim()), Target::Pool("vip".parse().unwrap())];
    let rule = Rule { name: "vip".to_owned(), enabled: true, when, targets, refuse: None };
    let refuses = Rule {
        name: "nothing else".to_owned(),
        enabled: false,
        when: Conditions::default(),
        targets: Vec::new(),
        refuse: Some("Only one-time passwords go out.".to_owned()),
    };
    let pool = Pool {
        name: "vip".parse().unwrap(),
        strategy: Strategy::Weighted,
        weights: vec![Weight { sim: sim(), weight: 3 }],
    };
    check("config_routes", &Routes { org, rules: vec![rule, refuses], pools: vec![pool] });
    let when = Conditions {
        keys: [KeyId::derived("shop")].into(),
        tags: ["invoices".to_owned()].into(),
        senders: ["TOKO".to_owned()].into(),
        ..Conditions::default()
    };
    let targets = vec![Target::Sim(sim())];
    let rule = Rule { name: "shop".to_owned(), enabled: true, when, targets, refuse: None };
    check("config_routes_tagged", &Routes { rules: vec![rule], ..Routes::unset(org) });
}

#[test]
fn control() {
    check_bytes("control_ussd_request", &UssdRequest { code: "*888#".to_owned() });
    let reply = UssdReply { text: "Pulsa 1000".to_owned(), answer_wanted: true };
    check_bytes("control_ussd_reply", &reply);
    check_bytes("control_at_request", &AtRequest { command: "AT+CSQ".to_owned() });
    let lines = vec!["+CSQ: 21,0".to_owned(), "OK".to_owned()];
    check_bytes("control_at_reply", &AtReply { lines });
    check_bytes("control_pin_request", &PinRequest { pin: "0042".to_owned() });
    check("control_flight_request", &FlightRequest { on: true });
    check("control_number_request", &NumberRequest { number: Some(number()) });
    check("control_number_request_none", &NumberRequest { number: None });
    check_bytes("control_trace_request", &TraceRequest { seconds: 60 });
    check_bytes("control_trace_reply", &TraceReply { transcript: "> AT\n".to_owned() });
}

#[test]
fn what_was_written() {
    let messages = vec![MessageId::derived("1"), MessageId::derived("2")];
    check("written", &contracts::written::Written { messages });
}

#[test]
fn what_is_scheduled() {
    check("scheduled", &contracts::scheduled::Scheduled { at: at(60) });
}

#[test]
fn what_is_done_with_conversations() {
    use contracts::talk::{Talked, TalkedKind, TalkedNote};
    let noted = Talked {
        org: OrgId::default_org(),
        with: Address::from_text("+628123456789"),
        kind: TalkedKind::Noted,
        by: UserId::internal(),
        name: "siti".to_owned(),
        note: Some(TalkedNote {
            id: "nte_00000000000000000000000000000001".parse().unwrap(),
            text: "Pelanggan lama".to_owned(),
        }),
        at: at(60),
    };
    check("talked_noted", &noted);
    let (with, kind) = (Address::from_text("BANK"), TalkedKind::Writing);
    check("talked_writing", &Talked { with, kind, note: None, ..noted });
}
