//! What a page or a list asks of the database and of the broker depends on neither how much there is nor how much it shows.

use std::cell::Cell;

use contracts::config_kv::Access;
use contracts::mt::MtRequest;
use contracts::{
    ContactId, Holder, MessageId, ModemId, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId,
    WebhookEvent,
};
use futures_util::{FutureExt as _, StreamExt as _};
use store::{
    BroadcastPlan, NewBroadcast, NewContact, NewGroup, NewOptOuts, NewSchedule, NewService,
    NewTemplate, NewUser, NewWebhook, OptOutSource, Reach, Role, ServiceAction, ServiceRule,
    SimChange, Store, StoredRequest, Timing, WebhookFilter, WebhookForm, WebhookSecret,
};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::browser::Browser;
use crate::gateway::Gateway;

/// How often each is asked; the least counts, for others ask now and then, too.
const ROUNDS: usize = 4;

thread_local! {
    /// The statements that were asked for on this thread.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// Counts statements, thread by thread. All of a test's gateway runs on the thread of the test, and the driver of PostgreSQL
/// tells of a statement where it is asked for; that of SQLite has threads of its own.
struct Statements;

impl Statements {
    /// Begins to count, for the whole process: what one thread alone listens to, others may switch off.
    fn count() {
        let targets = Targets::new().with_target("sqlx::query", tracing::Level::DEBUG);
        let counts = tracing_subscriber::registry().with(Self.with_filter(targets));
        tracing::subscriber::set_global_default(counts).expect("the only subscriber");
    }

    fn now() -> usize {
        ASKED.get()
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        ASKED.set(ASKED.get() + 1);
    }
}

/// An administrator, and what they are looking at.
struct Look<'a> {
    gateway: &'a Gateway,
    browser: Browser<'a>,
    key: String,
    message: MessageId,
    /// What anybody asks of JetStream.
    requests: async_nats::Subscriber,
}

impl Look<'_> {
    /// Opens every page and every list, and returns how much each asked of database and broker.
    async fn costs(&mut self) -> Vec<(String, usize)> {
        let message = format!("/messages/{}", self.message);
        let modem = format!("/modems/{}", ModemId::derived("modem0"));
        let pages = [
            "/",
            "/conversations",
            "/conversations/+628120000000",
            "/sent",
            "/received",
            &message,
            "/modems",
            "/modems/add",
            &modem,
            "/users",
            "/webhooks",
            "/account",
            "/keys",
            "/services",
            "/contacts",
            "/groups",
            "/templates",
            "/schedules",
            "/broadcasts",
            "/optouts",
            "/routes",
            "/credits",
            "/status",
            "/reports",
        ];
        let lists = [
            "/messages",
            "/inbox",
            "/conversations",
            "/conversations/+628120000000",
            &message,
            "/modems",
            "/sims",
            "/users",
            "/keys",
            "/webhooks",
            "/services",
            "/contacts",
            "/groups",
            "/templates",
            "/schedules",
            "/broadcasts",
            "/optouts",
            "/routes",
            "/credits",
            "/prices",
            "/alerts",
            "/reports?by=day",
            "/reports?by=user",
            "/reports?by=sim",
        ];
        let pages = pages.map(|path| (path, true)).into_iter();
        let mut costs = Vec::new();
        for (path, is_page) in pages.chain(lists.map(|path| (path, false))) {
            let mut least = usize::MAX;
            for _ in 0..ROUNDS {
                self.asked().await;
                let before = Statements::now();
                if is_page {
                    self.browser.open(path).await;
                    assert_eq!(self.browser.status, 200, "{path}");
                } else {
                    let answer = self.gateway.get(&self.key, path).send().await.expect("an answer");
                    assert_eq!(answer.status(), 200, "{path}");
                    answer.bytes().await.expect("a body");
                }
                least = least.min(Statements::now() - before + self.asked().await);
            }
            costs.push((format!("{} {path}", if is_page { "page" } else { "list" }), least));
        }
        costs
    }

    /// How many requests JetStream got since this was called last.
    async fn asked(&mut self) -> usize {
        // What came before its answer has been read.
        self.gateway.bus.client().flush().await.expect("an answer");
        let mut asked = 0;
        while self.requests.next().now_or_never().flatten().is_some() {
            asked += 1;
        }
        asked
    }
}

/// Makes one more of everything that a page or a list shows, and returns the message.
async fn one_more(gateway: &Gateway, number: usize) -> MessageId {
    let (everything, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
    let store = &gateway.store;
    let user = NewUser {
        name: format!("user{number}"),
        password_hash: None,
        role: Role::User,
        language: None,
    };
    let user = store.create_user(everything, &user, now).await.expect("a user");
    let id = MessageId::new();
    let to = PhoneNumber::parse(&format!("+62812{number:07}")).expect("a number");
    let request = MtRequest {
        id: Some(id),
        owner: user.id,
        created_at: Some(now),
        ..MtRequest::text(to, "Halo")
    };
    let request = StoredRequest::new(request, Priority::Normal, now, 1);
    store.project_requests(&[request]).await.expect("a row");
    let name = format!("modem{number}");
    let modem = gateway.modem(&name, &format!("+62811{number:07}")).await;
    gateway.receive(&modem, &format!("+62813{number:07}"), "Halo juga").await;
    let only = Some(Access::only([user.id]));
    let change = SimChange { senders: only.clone(), readers: only, ..SimChange::default() };
    let sim = SimId::derived(&name);
    store.change_sim(everything, sim, &change, now).await.expect("a setting");
    let key = store::NewKey {
        owner: user.id,
        name: name.clone(),
        prefix: name.clone(),
        secret: store::SecretHash::of(&name),
        scopes: "all:any".to_owned(),
        allowed: String::new(),
        expires_at: None,
    };
    store.create_key(everything, &key, now).await.expect("a key");
    let webhook = NewWebhook {
        owner: user.id,
        url: "https://shop.example/hook".to_owned(),
        events: vec![WebhookEvent::SmsReceived],
        filter: WebhookFilter { sim: Some(sim), ..WebhookFilter::default() },
        raw_pdu: false,
        reply_with_body: false,
        max_messages: 1,
        form: WebhookForm::Standard,
        secret: WebhookSecret::new("whsec_MQ==".to_owned()),
    };
    store.create_webhook(everything, &webhook, now).await.expect("an endpoint");
    let service = NewService {
        owner: user.id,
        name: name.clone(),
        keywords: vec![name],
        rule: ServiceRule::default(),
        action: ServiceAction::GetUrl("https://shop.example/?t=%a".to_owned()),
        reply_with_body: false,
        max_messages: 1,
        omit_empty: false,
    };
    store.create_service(everything, &service, now).await.expect("a service");
    in_the_book(store, number).await;
    id
}

/// Makes one more of what people keep to write messages, and one more number that is sent nothing.
async fn in_the_book(store: &Store, number: usize) {
    let (everything, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
    let name = format!("one{number}");
    let group = NewGroup { owner: Holder::Everybody, name: name.clone(), code: None, rule: None };
    let group = store.create_group(everything, &group, now).await.expect("a group");
    let to = PhoneNumber::parse(&format!("+62814{number:07}")).expect("a number");
    let contact = NewContact {
        id: ContactId::new(),
        owner: Holder::Everybody,
        name: name.clone(),
        number: to.clone(),
        email: None,
        note: None,
        tags: Vec::new(),
        fields: std::collections::BTreeMap::new(),
        groups: vec![group.id],
    };
    store.create_contacts(everything, &[contact], now).await.expect("a contact");
    let template =
        NewTemplate { owner: Holder::Everybody, name: name.clone(), text: "Halo".to_owned() };
    store.create_template(everything, &template, now).await.expect("a template");
    let message = serde_json::json!({ "text": "Halo" });
    let broadcast = NewBroadcast {
        owner: UserId::internal(),
        name: name.clone(),
        message: serde_json::from_value(message.clone()).expect("a message"),
        groups: vec![group.id],
        numbers: vec![to.to_string()],
        plan: BroadcastPlan {
            starts: None,
            zone: "Asia/Jakarta".to_owned(),
            pace: None,
            quiet: None,
        },
    };
    store.create_broadcast(everything, &broadcast, now).await.expect("a broadcast");
    let schedule = NewSchedule {
        owner: UserId::internal(),
        name,
        message: serde_json::from_value(message).expect("a message"),
        numbers: vec![to.clone()],
        groups: vec![group.id],
        timing: Timing {
            starts: "2130-01-01T08:00:00".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
            repetition: Some("FREQ=DAILY".to_owned()),
        },
        paused: false,
        next_at: "2130-01-01T01:00:00Z".parse().ok(),
    };
    store.create_schedule(everything, &schedule, now).await.expect("a schedule");
    let source = OptOutSource::Import;
    let out = NewOptOuts { numbers: vec![to], out: true, source, account: UserId::internal() };
    store.change_opt_outs(everything, &out, now).await.expect("an opt-out");
}

#[tokio::test]
async fn no_page_and_no_list_asks_more_when_there_is_more() {
    let database = testkit::TempDatabase::postgres().await;
    Statements::count();
    let gateway = Gateway::start_on(database.url()).await;
    let key = gateway.user("root", true).await;
    let message = one_more(&gateway, 0).await;
    let requests = gateway.bus.client().subscribe("$JS.API.>").await.expect("a subscription");
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    let mut look = Look { gateway: &gateway, browser, key, message, requests };
    let few = look.costs().await;
    for number in 1..=30 {
        one_more(&gateway, number).await;
    }
    let many = look.costs().await;
    assert!(few.iter().any(|(_, asked)| *asked > 1), "statements are counted: {few:?}");
    for ((what, few), (_, many)) in few.iter().zip(&many) {
        // What belongs to the rows of a page is read in pieces of a few sizes.
        let most = few + 5;
        assert!(many <= &most, "{what} asked {few} times when there was one, and {many} times now");
    }
}
