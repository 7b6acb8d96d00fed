//! What pages say of messages and modems, in words.

use contracts::mo::MoReceived;
use contracts::mt::{MtChange, MtEvent, MtRequest, PrioritisedRequest, SendError, Through};
use contracts::{Address, MessageId, OrgId, Priority, SimId, Timestamp};
use testkit::wait_for;

use crate::browser::newcomer;
use crate::gateway::Gateway;

#[tokio::test]
async fn hostile_texts_are_text() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let sim = SimId::derived("modem1");
    let received = |from: &str, text: &str| MoReceived {
        id: MessageId::new(),
        org: OrgId::default_org(),
        owner: None,
        modem: contracts::ModemId::derived("modem1"),
        sim,
        to: Some("+62811000001".parse().expect("a number")),
        from: Address::from_text(from),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: Vec::new(),
        smsc_at: None,
        received_at: Timestamp::now(),
        wish: None,
    };
    let text = "<script>alert(1)</script>\u{202e}evil";
    gateway.bus.publish(&received("+628159919457", text)).await.expect("published");
    gateway.bus.publish(&received("TELKOMSEL", "promo")).await.expect("published");
    let reach = store::Reach::everything(OrgId::default_org());
    wait_for("both in the inbox", || async {
        let inbox = gateway
            .store
            .inbox(reach, &store::InboxFilter::default(), store::Page::default())
            .await
            .expect("a database");
        (inbox.messages.len() == 2).then_some(())
    })
    .await;
    for page in ["/received", "/"] {
        browser.open(page).await.shows("&#60;script&#62;alert(1)&#60;/script&#62;");
        browser.hides("<script>");
        browser.shows("<span class=\"mark\">U+202E</span>evil");
        browser.shows("TELKOMSEL is a name and not a number");
        browser.shows("<input type=\"hidden\" name=\"to\" value=\"+628159919457\">");
        browser.shows(&format!("<input type=\"hidden\" name=\"sim\" value=\"{sim}\">"));
    }
    let fields = [
        ("form", &*received("x", "").id.to_string()),
        ("to", "+628159919457"),
        ("sim", &sim.to_string()),
        ("text", "Terima kasih"),
    ];
    browser.send("/send", &fields).await;
    assert_eq!(browser.at, "/received");
    browser.shows("On its way.");
    browser.open("/received").await.hides("On its way.");
    wait_for("the answer in the outbox", || async {
        let sent = gateway
            .store
            .messages(reach, &store::MessageFilter::default(), store::Page::default())
            .await
            .expect("a database");
        (!sent.messages.is_empty()).then_some(())
    })
    .await;
    browser.open("/sent").await.shows("Terima kasih");
}

#[tokio::test]
async fn a_timeline_is_told_in_words() {
    let gateway = Gateway::start().await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let mut browser = newcomer(&gateway, "id").await;
    browser.send("/send", &[("to", "+62812345678"), ("text", "Halo")]).await;
    let page = browser.at.clone();
    let id: MessageId = page.trim_start_matches("/messages/").parse().expect("an id");
    let reach = store::Reach::everything(OrgId::default_org());
    let stored = gateway.store.message_detail(reach, id).await.expect("a database").expect("a row");
    let through = Through { modem: modem.id, sim: modem.sim.expect("a SIM").id };
    let error = SendError { code: "cms-38".into(), text: "Network out of order.".into() };
    let changes = [
        MtChange::admitted(1, contracts::subject::Target::Pool(contracts::PoolId::default_pool())),
        MtChange::Sending { through, part: 1, parts: 1, tries: 1 },
        MtChange::Failed { error, through: Some(through), tries: 3 },
    ];
    for change in changes {
        let event = MtEvent::of(id, &stored.request, Timestamp::now(), change);
        gateway.bus.publish(&event).await.expect("published");
    }
    wait_for("the message to have failed", || async {
        let message = gateway.store.message(reach, id).await.expect("a database")?;
        (message.state == contracts::MtState::Failed).then_some(())
    })
    .await;
    browser.open(&page).await.shows("Diterima dan disimpan oleh gateway.");
    browser.shows("Masuk antrean sebagai satu bagian.");
    browser.shows("Diberikan kepada modem1 (+62811000001), percobaan 1.");
    browser.shows("Gagal setelah 3 percobaan: Jaringan tidak melayani kartu SIM ini.");
    browser.shows("data-state=\"failed\"");
    browser.send("/language", &[("language", "en"), ("back", &page)]).await;
    browser.shows("Given up after 3 tries: Network out of order.");
    browser.open("/messages/msg_0198c0ffee000000000000000000000000").await;
    browser.open(&format!("/messages/{}", MessageId::derived("nobody's"))).await;
    assert_eq!(browser.status, 404);
    browser.shows("There is no such message");
}

#[tokio::test]
async fn the_trace_of_a_message_stands_on_its_page() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let (id, to) = (MessageId::new(), "+62812345678".parse().expect("a number"));
    let request =
        MtRequest { id: Some(id), trace: trace.parse().ok(), ..MtRequest::text(to, "Halo") };
    let traced = PrioritisedRequest { priority: Priority::Normal, request: &request };
    gateway.bus.publish(&traced).await.expect("published");
    browser.open(&format!("/messages/{id}")).await;
    browser.shows(&format!("<code id=\"trace\">{trace}</code>"));
    browser.shows("data-copy=\"trace\"");
    // One that nobody traced has none.
    browser.send("/send", &[("to", "+62812345678"), ("text", "Halo")]).await;
    assert!(browser.at.starts_with("/messages/msg_"), "{}", browser.at);
    browser.hides("id=\"trace\"");
}

#[tokio::test]
async fn what_is_no_plain_text_is_named_in_words() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let cut = "07911326040000F0040B911326040010F00000208062917314480CC8F71D149697";
    let voicemail = "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F3\
        14A85D76CFC3E7721BE59EA700";
    let mms = "010601BE8C828D928918802B33323437303030303030312F545950453D504C4D4E008E02040083687474703A\
        2F2F6D00";
    let all = [
        (Some("How ar"), None, None, cut),
        (Some("Voce tem"), None, None, voicemail),
        (None, Some(mms), Some((2948, 9200)), "00"),
        (None, Some("543D32332E35"), None, "00"),
        (None, None, None, "0004FF"),
    ];
    for (text, data, ports, pdu) in all {
        let message = MoReceived {
            id: MessageId::new(),
            org: OrgId::default_org(),
            owner: None,
            modem: contracts::ModemId::derived("modem1"),
            sim: SimId::derived("modem1"),
            to: None,
            from: Address::from_text("+628159919457"),
            text: text.map(ToOwned::to_owned),
            data: data.map(ToOwned::to_owned),
            class: None,
            ports,
            parts: 1,
            missing: Vec::new(),
            pdus: vec![pdu.to_owned()],
            smsc_at: None,
            received_at: Timestamp::now(),
            wish: None,
        };
        gateway.bus.publish(&message).await.expect("published");
    }
    let reach = store::Reach::everything(OrgId::default_org());
    wait_for("all in the inbox", || async {
        let filter = store::InboxFilter::default();
        let inbox = gateway.store.inbox(reach, &filter, store::Page::default()).await;
        (inbox.expect("a database").messages.len() == all.len()).then_some(())
    })
    .await;
    browser.open("/received").await;
    for words in [
        "This message arrived incomplete: its end is missing.",
        "Voice mail is waiting.",
        "A picture message (MMS) of 1 KB waits at the network.",
        "Sender of the picture message: +32470000001",
        "Where it waits: http://m",
        "T=23.5",
        "Sent as 8-bit data, shown as text.",
        "This message cannot be read.",
    ] {
        browser.shows(words);
    }
    browser.open("/conversations/+628159919457").await.shows("data-kind=\"mms\"");
    browser.shows("data-kind=\"waiting\"");
    browser.shows("Voice mail is waiting.");
    browser.send("/language", &[("language", "id")]).await;
    browser.open("/received").await.shows("Pesan suara menunggu.");
    browser.shows("Pesan ini datang tidak utuh");
}

/// The PIN, the number and the code of a modem are asked for and answered in words, on the page of the modems.
#[tokio::test]
async fn what_a_modem_answers_is_said_on_the_page_of_the_modems() {
    let gateway = Gateway::start().await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let mut calls = gateway
        .bus
        .client()
        .subscribe(contracts::control::Call::Pin.subject(modem.id))
        .await
        .expect("a subscription");
    let client = gateway.bus.client().clone();
    tokio::spawn(async move {
        // As the driver answers: refused, then taken.
        let mut wrong = async_nats::HeaderMap::new();
        wrong.insert("Nats-Service-Error", "The SIM refused this PIN.");
        wrong.insert("Nats-Service-Error-Code", "409");
        let request = futures_util::StreamExt::next(&mut calls).await.expect("a call");
        let reply = request.reply.expect("a reply subject");
        client.publish_with_headers(reply, wrong, "".into()).await.expect("published");
        let request = futures_util::StreamExt::next(&mut calls).await.expect("a call");
        let reply = request.reply.expect("a reply subject");
        client.publish(reply, r#"{"entered":true}"#.into()).await.expect("published");
    });
    let mut browser = newcomer(&gateway, "id").await;
    let path = format!("/modems/{}/pin", modem.id);
    browser.send(&path, &[("pin", "1111")]).await.shows("Kartu SIM menolak PIN ini.");
    browser.shows("role=\"alert\"");
    assert_eq!(browser.at, format!("/modems#modem-{}", modem.id), "the address is that of a page");
    browser.send(&path, &[("pin", "1234")]).await.shows("Kartu SIM sudah terbuka.");
    browser.shows("role=\"status\"");
    browser.send(&path, &[("pin", "12a4")]).await.shows("role=\"alert\"");
    browser.open("/modems").await.hides("Kartu SIM sudah terbuka.");
}
