use smtp_proto::request::receiver::RequestReceiver;

use super::*;

fn dialogue(starttls: bool, auth: bool) -> Dialogue {
    Dialogue::new(Offers { host: "sms.example".to_owned(), starttls, auth }, Plan::default())
}

/// What follows one line.
fn say(dialogue: &mut Dialogue, line: &str) -> Step {
    let line = format!("{line}\r\n");
    dialogue.command(RequestReceiver::default().ingest(&mut line.as_bytes().iter()))
}

fn code(step: &Step) -> u16 {
    match step {
        Step::Say(reply)
        | Step::Leave(reply)
        | Step::StartTls(reply)
        | Step::Ask(reply, _)
        | Step::Mail(reply) => reply.code,
        Step::Check { .. } => 0,
    }
}

#[test]
fn a_mail_needs_who_sends_it_and_whom_it_goes_to() {
    let mut it = dialogue(false, true);
    assert!(it.greeting().to_string().starts_with("220 sms.example ESMTP"));
    for (line, expected) in [
        ("MAIL FROM:<a@b.example>", 503),
        ("EHLO me", 250),
        ("MAIL FROM:<a@b.example>", 530),
        ("AUTH CRAM-MD5", 504),
    ] {
        assert_eq!(code(&say(&mut it, line)), expected, "{line}");
    }
    let plain = BASE64.encode(b"\0budi\0mk_1");
    let check = |name: &str, key: &str| Step::Check { name: name.to_owned(), key: key.to_owned() };
    assert_eq!(say(&mut it, &format!("AUTH PLAIN {plain}")), check("budi", "mk_1"));
    let Step::Ask(reply, exchange) = say(&mut it, "AUTH LOGIN") else { panic!("no question") };
    assert_eq!(reply.to_string(), "334 VXNlcm5hbWU6\r\n");
    let Step::Ask(_, exchange) = it.line(exchange, BASE64.encode(b"budi").as_bytes()) else {
        panic!("no question")
    };
    assert_eq!(it.line(exchange, BASE64.encode(b"mk_2").as_bytes()), check("budi", "mk_2"));
    let for_other = BASE64.encode(b"root\0budi\0mk_1");
    assert_eq!(code(&it.line(Exchange::Plain, for_other.as_bytes())), 535);
    for bad in ["%", "AAAA", "/w=="] {
        assert_eq!(code(&it.line(Exchange::Plain, bad.as_bytes())), 501, "{bad}");
    }
    assert_eq!(code(&it.checked(None)), 235);
    for (line, expected) in [
        ("DATA", 503),
        ("RCPT TO:<+628123456789@sms.example>", 503),
        ("MAIL FROM:<> SIZE=2000000", 552),
        ("MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME", 250),
        ("RCPT TO:<budi@sms.example>", 550),
        ("RCPT TO:<+628123456789@sms.example>", 250),
        ("RCPT TO:<08123456780@any.example>", 250),
        ("DATA", 354),
    ] {
        assert_eq!(code(&say(&mut it, line)), expected, "{line}");
    }
    assert_eq!(it.take_recipients(), ["+628123456789", "08123456780"]);
    assert_eq!(code(&say(&mut it, "DATA")), 503, "the next mail begins anew");
    assert_eq!(code(&say(&mut it, "QUIT")), 221);
}

#[test]
fn a_key_is_not_taken_where_others_read_along() {
    let mut it = dialogue(true, false);
    let Step::Say(reply) = say(&mut it, "EHLO me") else { panic!("no answer") };
    let lines = reply.to_string();
    assert!(lines.contains("250 STARTTLS\r\n") && !lines.contains("AUTH"), "{lines}");
    assert_eq!(code(&say(&mut it, "AUTH PLAIN AGIAYQ==")), 538);
    assert!(matches!(say(&mut it, "STARTTLS"), Step::StartTls(_)));
    it.secured();
    assert_eq!(
        code(&say(&mut it, "MAIL FROM:<a@b.example>")),
        503,
        "who greeted before TLS greets again"
    );
    let Step::Say(reply) = say(&mut it, "EHLO me") else { panic!("no answer") };
    let lines = reply.to_string();
    assert!(lines.contains("AUTH PLAIN LOGIN") && !lines.contains("STARTTLS"), "{lines}");
    assert_eq!(code(&say(&mut it, "STARTTLS")), 502);
}

#[test]
fn who_is_wrong_too_often_is_sent_away() {
    let mut it = dialogue(false, true);
    let codes: Vec<u16> = (0..WRONG).map(|_| code(&say(&mut it, "HACK"))).collect();
    assert_eq!((codes[0], codes[8], codes[9]), (500, 500, 421));
    let mut it = dialogue(false, true);
    let refused = || Some(Reply::new(535, "5.7.8", "no"));
    for _ in 1..REFUSED {
        assert!(matches!(it.checked(refused()), Step::Say(_)));
    }
    assert!(matches!(it.checked(refused()), Step::Leave(_)));
    let mut it = dialogue(false, true);
    assert!(matches!(it.command(Err::<Request<&str>, _>(Error::ResponseTooLong)), Step::Leave(_)));
}

#[test]
fn recipients_are_bounded() {
    let mut it = dialogue(false, true);
    say(&mut it, "EHLO me");
    it.checked(None);
    say(&mut it, "MAIL FROM:<a@b.example>");
    for n in 0..RECIPIENTS {
        let line = format!("RCPT TO:<+62812{n:07}@x.example>");
        assert_eq!(code(&say(&mut it, &line)), 250, "{line}");
    }
    assert_eq!(code(&say(&mut it, "RCPT TO:<+628123456789@x.example>")), 452);
    assert_eq!(it.take_recipients().len(), RECIPIENTS);
}
