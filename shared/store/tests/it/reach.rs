//! What is somebody's is neither seen nor changed by a stranger or by a colleague, whatever call either makes.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::alert::AlertKind;
use contracts::config_kv::Access;
use contracts::credit::Prices;
use contracts::limits::AccountLimits;
use contracts::mt::{DlrCallback, MtRequest};
use contracts::routes::Routes;
use contracts::{
    Address, BatchId, CallbackId, DeliveryId, EventId, Holder, LinkId, MessageId, ModemId, OrgId,
    PhoneNumber, SimId, TeamId, UserId,
};
use store::{
    AfterCall, ApiKey, AuditAction, AuditFilter, Broadcast, BroadcastChange, BroadcastOrder,
    BroadcastProgress, Bulk, BulkPlace, CallbackAttempt, Colleague, ContactChange, ContactFilter,
    ContactImport, ContactImportStep, ConversationChange, ConversationFilter, Cursor, Door,
    DoublesBy, GatewayChange, Group, GroupChange, Heading, ImportedChange, InboxFilter, Keeping,
    MessageFilter, ModemChange, NewCallback, NewContact, NewCredit, NewEntry, NewInvitation,
    NewKey, NewOptOuts, NewSendAttempt, NewServiceCall, NewSession, NewTeam, NextStep,
    OptOutSource, Owner, Page, PersonalField, Queued, Reach, Reader, Replay, Restorable,
    RestoreError, Role, Schedule, ScheduleChange, ScheduleRun, SecretHash, SendAttempt, Service,
    ServiceChange, ServiceDeed, Shelf, SimChange, Store, TallyBy, TallyFilter, TeamChange,
    Template, TemplateChange, User, Webhook, WebhookChange, WebhookSecret,
};

use crate::alerts::new_alert;
use crate::audit::entry;
use crate::broadcasts::new_broadcast;
use crate::bulks::new_bulk;
use crate::contact_imports::new_import;
use crate::contacts::{new_contact, new_group, new_template, page as by_name};
use crate::history::past_sent;
use crate::sample::{at, everything, mo, new_user, org, received, request, store_all};
use crate::schedules::new_schedule;
use crate::services::new_service;
use crate::webhooks::{delivery, new_webhook};

/// An invitation to be made.
fn new_invitation(token: &str) -> NewInvitation {
    let (token, label) = (SecretHash::of(token), "Siti".to_owned());
    NewInvitation { token, role: Role::User, label, maker: None }
}

/// What belongs to one account, and to SIMs and modems that are for that account alone.
struct Belongings {
    user: User,
    sent: MtRequest,
    callback: CallbackId,
    received: MessageId,
    code: MessageId,
    sim: SimId,
    modem: ModemId,
    key: ApiKey,
    webhook: Webhook,
    told: DeliveryId,
    service: Service,
    entry: CallbackId,
    contact: NewContact,
    group: Group,
    template: Template,
    schedule: Schedule,
    broadcast: Broadcast,
    bulk: Bulk,
    import: ContactImport,
    invitation: LinkId,
    team: TeamId,
}

fn new_key(owner: &User, secret: &str) -> NewKey {
    NewKey {
        owner: owner.id,
        name: "shop".to_owned(),
        prefix: secret.to_owned(),
        secret: SecretHash::of(secret),
        scopes: "all:any".to_owned(),
        allowed: String::new(),
        expires_at: None,
    }
}

/// Limits of an account.
fn a_limit() -> AccountLimits {
    AccountLimits { per_hour: std::num::NonZeroU32::new(9), ..AccountLimits::default() }
}

/// A number that is out.
fn opted_out() -> PhoneNumber {
    PhoneNumber::parse("+6281399").unwrap()
}

fn opt_out(account: UserId, out: bool) -> NewOptOuts {
    NewOptOuts { numbers: vec![opted_out()], out, source: OptOutSource::Account, account }
}

fn credit(account: UserId) -> NewCredit {
    let (id, amount) = (EventId::derived("credit"), "100".parse().unwrap());
    NewCredit { id, account, amount, note: None, by: account }
}

fn attempt(owner: &User, request: &str) -> NewSendAttempt {
    NewSendAttempt {
        owner: owner.id,
        key: SecretHash::of("order"),
        fingerprint: SecretHash::of(request),
        seed: "seed".to_owned(),
    }
}

impl Belongings {
    async fn make(store: &Store) -> Self {
        let user = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await;
        let user = user.unwrap();
        let dlr = DlrCallback { url: "https://shop.example".to_owned(), mask: 31 };
        let batch = Some(BatchId::derived("own"));
        let sent = MtRequest { dlr: Some(dlr), batch, ..request(user.id, "Halo", 1) };
        store_all(store, &[&sent]).await;
        let callback = NewCallback {
            org: org(),
            owner: user.id,
            message: sent.id.unwrap(),
            event_key: "sent".to_owned(),
            url: "https://shop.example".to_owned(),
            form: store::CallbackForm::default(),
            next_at: at(2),
        };
        let callback = store.create_callback(&callback, at(2)).await.unwrap().unwrap();
        let (http_status, duration) = (Some(500), Duration::from_millis(1));
        let tried = CallbackAttempt { at: at(3), duration, http_status, error: None };
        store.record_callback_attempt(callback, &tried, NextStep::GiveUp).await.unwrap();
        let mut own = received("+62811", "own", 4);
        own.owner = Some(user.id);
        let code = received("BANK", "Your code is 123456", 5);
        store.project_events(&[mo(own.clone(), 1), mo(code.clone(), 2)]).await.unwrap();
        let only = Some(Access::only([user.id]));
        let change = SimChange { senders: only.clone(), readers: only, ..SimChange::default() };
        store.change_sim(everything(), code.sim, &change, at(6)).await.unwrap();
        let modem = ModemId::derived("attic");
        let change = ModemChange { name: Some("Attic".to_owned()), enabled: Some(false) };
        store.change_modem(everything(), modem, &change, at(6)).await.unwrap();
        let key = store.create_key(user.reach(), &new_key(&user, "mk_1"), at(7)).await.unwrap();
        store.note_send_attempt(user.reach(), &attempt(&user, "a"), at(8)).await.unwrap();
        let (own, sim) = (own.id, code.sim);
        let webhook =
            store.create_webhook(user.reach(), &new_webhook(user.id), at(9)).await.unwrap();
        let told = delivery(webhook.id, "a");
        store.create_deliveries(std::slice::from_ref(&told), at(10)).await.unwrap();
        let out = store.change_opt_outs(everything(), &opt_out(user.id, true), at(11)).await;
        assert_eq!(out.unwrap(), 1);
        let routes = Routes::unset(org());
        store.change_routes(everything(), &routes, 0, user.id, at(11)).await.unwrap();
        store.change_credit(everything(), &credit(user.id), at(11)).await.unwrap();
        let prices = Prices::unset(org());
        store.change_prices(everything(), &prices, 0, user.id, at(11)).await.unwrap();
        let schedule = new_schedule(user.id, "own");
        let schedule = store.create_schedule(user.reach(), &schedule, at(12)).await.unwrap();
        store.change_account_limits(everything(), user.id, &a_limit(), at(12)).await.unwrap();
        let broadcast = new_broadcast(user.id, "own");
        let broadcast = store.create_broadcast(user.reach(), &broadcast, at(12)).await.unwrap();
        let (code, told) = (code.id, told.id);
        let hour = Duration::from_hours(1);
        let session = NewSession {
            token: SecretHash::of("cookie"),
            user: user.id,
            csrf: String::new(),
            idle: hour,
            absolute: hour,
            browser: "Firefox".to_owned(),
            address: Some([203, 0, 113, 7].into()),
            acting: None,
        };
        assert!(store.begin_session(&session, at(12)).await.unwrap());
        let reach = user.reach();
        assert!(store.begin_second_factor(reach, user.id, "MRUGS", at(12)).await.unwrap());
        let codes = [SecretHash::of("recovery")];
        let confirmed = store.confirm_second_factor(reach, user.id, "MRUGS", 7, &codes, at(12));
        assert!(confirmed.await.unwrap());
        store.set_second_factor_roles(everything(), &[Role::Admin], at(12)).await.unwrap();
        let invited = store.create_invitation(everything(), &new_invitation("own"), at(12)).await;
        let invitation = invited.unwrap().id;
        let new =
            NewTeam { name: "Sales".to_owned(), users: [user.id].into(), ..NewTeam::default() };
        let team = store.create_team(everything(), &new, at(12)).await.unwrap().id;
        let alert = [new_alert(AlertKind::ModemOffline, "attic")];
        store.open_alerts(org(), &alert, 0, at(12)).await.unwrap();
        store.append_audit(entry(AuditAction::KeyCreated, 12)).await.unwrap();
        let service =
            store.create_service(user.reach(), &new_service(user.id, "a", &["a"]), at(11)).await;
        let service = service.unwrap();
        let message = received("+628123456781", "a halo", 11);
        let new = NewServiceCall { service: service.id, message, next_at: at(11) };
        let entry = store.create_service_call(&new, at(11)).await.unwrap().unwrap();
        let kept = ServiceDeed::Keep(NewEntry {
            service: service.id,
            sender: Address::from_text("+628123456781"),
            question: 0,
            body: "halo".to_owned(),
            is_right: None,
            keeping: Keeping::All,
            at: at(11),
        });
        store.settle_deed(entry, &kept, &AfterCall::Done(None), at(11)).await.unwrap();
        let group = new_group(Some(user.id), "own");
        let group = store.create_group(user.reach(), &group, at(12)).await.unwrap();
        let contact = new_contact(Some(user.id), "Siti", "+628123456789");
        let contact = NewContact { groups: vec![group.id], ..contact };
        store.create_contacts(user.reach(), std::slice::from_ref(&contact), at(12)).await.unwrap();
        let template = new_template(Some(user.id), "own");
        let template = store.create_template(user.reach(), &template, at(12)).await.unwrap();
        let bulk = store.create_bulk(user.reach(), &new_bulk(user.id, &[1]), at(12)).await;
        let bulk = bulk.unwrap();
        let said = serde_json::json!({});
        let planned = store.plan_bulk(user.reach(), bulk.id, 0, &said, &[], at(12)).await;
        let bulk = planned.unwrap().unwrap();
        let new = new_import(user.id, &[1]);
        let import = store.create_contact_import(user.reach(), &new, at(12)).await.unwrap();
        let planned = store.plan_contact_import(user.reach(), import.id, 0, &said, &[], at(12));
        let import = planned.await.unwrap().unwrap();
        Self {
            user,
            sent,
            callback,
            received: own,
            code,
            sim,
            modem,
            key,
            webhook,
            told,
            service,
            entry,
            contact,
            group,
            template,
            schedule,
            broadcast,
            bulk,
            import,
            invitation,
            team,
        }
    }

    /// All of it, in the words of `Debug`.
    async fn now(&self, store: &Store) -> String {
        let (id, reach) = (self.sent.id.unwrap(), self.user.reach());
        let account = (
            store.users(everything()).await.unwrap(),
            store.password_hash(self.user.id).await.unwrap(),
            store.keys(everything()).await.unwrap(),
            store.settings().await.unwrap(),
        );
        let messages = (
            store.message_detail(reach, id).await.unwrap().unwrap(),
            store.callbacks(reach, id).await.unwrap(),
            store.callback_attempts(reach, self.callback).await.unwrap(),
            store.received(reach, self.received).await.unwrap().unwrap(),
            store.received(reach, self.code).await.unwrap().unwrap(),
            store.note_send_attempt(reach, &attempt(&self.user, "a"), at(9)).await.unwrap(),
        );
        let sims = store.sims(everything()).await.unwrap();
        let webhooks = (
            store.webhooks(everything()).await.unwrap(),
            store.webhook_log(everything(), self.webhook.id, None, 10).await.unwrap(),
        );
        let opt_outs = (
            store.opt_outs(everything(), None, 10).await.unwrap(),
            store.routes_versions(everything()).await.unwrap(),
            store.credits(everything(), 10).await.unwrap(),
            store.credit_ledger(reach, self.user.id, None, 10).await.unwrap(),
            store.prices_versions(everything()).await.unwrap(),
        );
        let services = (
            store.services(everything()).await.unwrap(),
            store.service_calls(everything(), self.service.id, 10).await.unwrap(),
            store.service_entries(everything(), self.service.id, None, 10).await.unwrap(),
        );
        let everybody = everything();
        let contact = store.contact(everybody, self.contact.id).await.unwrap().unwrap();
        let book = (
            (contact.name, contact.number.to_string(), contact.note, contact.groups),
            store.groups(everybody, None, &by_name(10)).await.unwrap(),
            store.template(everybody, self.template.id).await.unwrap().map(|one| one.text),
            store.schedules(everybody, None, &by_name(10)).await.unwrap(),
            store.broadcasts(everybody, None, &by_name(10)).await.unwrap(),
            store.bulk(everybody, self.bulk.id).await.unwrap(),
            store.contact_import(everybody, self.import.id).await.unwrap(),
        );
        let own = self.user.id;
        let coming_in = (
            store.open_sessions(everybody, own, at(13)).await.unwrap(),
            store.invitations(everybody, at(13)).await.unwrap(),
            store.second_factor(everybody, own).await.unwrap(),
            store.second_factor_roles(everybody).await.unwrap(),
            store.teams(everybody).await.unwrap(),
        );
        let account = (account, coming_in);
        format!("{account:?} {messages:?} {sims:?} {webhooks:?} {services:?} {book:?} {opt_outs:?}")
    }

    /// Makes every call that takes a reach, demands that none sees or changes anything of this, and returns the names
    /// of the calls.
    async fn try_all(&self, store: &Store, reach: Reach) -> BTreeSet<&'static str> {
        let (own, id, page) = (&self.user, self.sent.id.unwrap(), Page::default());
        // A program sees the messages that its colleagues send: that is what its reach is for.
        let sees_sent = reach.org == org() && matches!(reach.owner, Owner::Program(_));
        let is_colleague = reach.org == org();
        let mut walked = BTreeSet::new();
        let mut is = |call, holds: bool| {
            assert!(holds, "{call} by {reach:?}");
            walked.insert(call);
        };
        let sent = store.messages(reach, &MessageFilter::default(), page).await.unwrap();
        is("messages", sent.messages.len() == usize::from(sees_sent));
        is("message", store.message(reach, id).await.unwrap().is_some() == sees_sent);
        let states = store.message_states(reach, &[id]).await.unwrap();
        is("message_states", states.len() == usize::from(sees_sent));
        let detail = store.message_detail(reach, id).await.unwrap();
        is("message_detail", detail.is_some() == sees_sent);
        let batch = store.batch(reach, BatchId::derived("own")).await.unwrap();
        is("batch", batch.len() == usize::from(sees_sent));
        let callbacks = store.callbacks(reach, id).await.unwrap();
        is("callbacks", callbacks.len() == usize::from(sees_sent));
        let tries = store.callback_attempts(reach, self.callback).await.unwrap();
        is("callback_attempts", tries.len() == usize::from(sees_sent));
        assert_eq!(reach.sees(org(), own.id), sees_sent, "{reach:?}");

        let inbox = store.inbox(reach, &InboxFilter::default(), page).await.unwrap();
        is("inbox", inbox.messages.is_empty());
        for message in [self.received, self.code] {
            is("received", store.received(reach, message).await.unwrap().is_none());
        }
        let mut own_message = received("+62811", "own", 4);
        for owner in [Some(own.id), None] {
            own_message.owner = owner;
            is("may_read", !store.may_read(reach, &own_message).await.unwrap());
        }
        let reader = Reader { account: own.id, sent: true, names: true };
        let all = ConversationFilter { search: None, shelf: Shelf::Any };
        let all = store.conversations(reach, reader, all, page).await.unwrap();
        is("conversations", all.conversations.len() == usize::from(sees_sent));
        let with = Address::Number(self.sent.to.clone());
        let lines = store.conversation(reach, reader, &with, page).await.unwrap().lines;
        is("conversation", lines.len() == usize::from(sees_sent));
        let from = Address::from_text("+62811");
        let heading = store.conversation_heading(reach, reader, &from).await.unwrap();
        is("conversation_heading", heading == Heading::default());
        let marked = store.read_conversation(reach, own.id, &from, at(20)).await;
        is("read_conversation", marked.is_err() || !is_colleague);
        let is_there = store.conversation_is_there(reach, reader, &from).await.unwrap();
        is("conversation_is_there", !is_there);
        let offered = store.conversation_assignees(reach, reader, &from).await.unwrap();
        is("conversation_assignees", offered.is_empty());
        let change = ConversationChange { blocked: Some(true), ..ConversationChange::default() };
        let changed = store.change_conversation(reach, reader, &from, change, at(20)).await;
        is("change_conversation", !changed.unwrap());
        let muted = store.mute_conversation(reach, reader, &from, Some(at(20))).await;
        is("mute_conversation", !muted.unwrap_or(false));
        let by = Colleague { id: own.id, name: own.name.clone() };
        let note = store.note_in_conversation(reach, reader, &from, (&by, "x"), at(20)).await;
        is("note_in_conversation", note.ok().flatten().is_none());
        let since = Cursor { at: at(-9), id: self.code };
        let answered = store.answered_since(reach, reader, &from, since).await.unwrap();
        is("answered_since", answered.is_none());

        let settings = store.sim(everything(), self.sim).await.unwrap();
        assert!(!reach.reads(org(), Some(own.id), &settings), "{reach:?}");
        assert!(!reach.reads(org(), None, &settings), "{reach:?}");

        let names = |access: &Access| access.users.contains(&own.id);
        let sims = store.sims(reach).await.unwrap();
        let is_named = sims.iter().any(|(_, sim)| names(&sim.senders) || names(&sim.readers));
        is("sims", !is_named && sims.is_empty() != is_colleague);
        let sim = store.sim(reach, self.sim).await.ok();
        is("sim", sim.is_none_or(|sim| !names(&sim.senders) && !names(&sim.readers)));
        is("sends_through", !store.sends_through(reach, self.sim).await.unwrap());
        let may = store.may_send_through(reach, own.id, self.sim).await.unwrap();
        is("may_send_through", !may);
        let open = Some(Access::everybody());
        let open = SimChange { senders: open.clone(), readers: open, ..SimChange::default() };
        is("change_sim", store.change_sim(reach, self.sim, &open, at(20)).await.is_err());
        let forget = ModemChange::forget();
        is("modem", store.modem(reach, self.modem).await.ok().flatten().is_none());
        is("change_modem", store.change_modem(reach, self.modem, &forget, at(20)).await.is_err());

        // What happened to modems is for everybody in the organisation.
        let events = store.modem_events(reach, None, None, 9).await.unwrap();
        is("modem_events", events.is_empty());

        is("gateway", store.gateway(reach).await.is_err() || reach.org != org());
        let isolated = GatewayChange::Isolate;
        let changed = store.change_gateway(reach, &isolated, at(20)).await;
        is("change_gateway", changed.is_err() || reach.org != org());
        assert!(!store.gateway(everything()).await.unwrap().isolated, "{reach:?}");

        let is_abroad = reach.org != org();
        is("routes", store.routes(reach).await.is_err() || is_abroad);
        let unset = Routes::unset(org());
        let changed = store.change_routes(reach, &unset, 1, own.id, at(20)).await;
        is("change_routes", changed.is_err());
        let versions = store.routes_versions(reach).await;
        is("routes_versions", versions.is_err() || versions.is_ok_and(|all| all.is_empty()));
        let of = store.routes_of(reach, 1).await;
        is("routes_of", of.is_err() || of.is_ok_and(|of| of.is_none()));

        let users = store.users(reach).await.unwrap();
        is("users", users.iter().all(|user| user.id != own.id));
        is("user", store.user(reach, own.id).await.unwrap().is_none());
        is("find_user", store.find_user(reach, &own.name).await.unwrap().is_none());
        // A name is shown beside what the account did, to everybody in the organisation.
        let name = store.user_name(reach, own.id).await.unwrap();
        is("user_name", name.is_some() == is_colleague);
        is("teams", store.teams(reach).await.unwrap().is_empty());
        is("team_has_book", !store.team_has_book(reach, self.team).await.unwrap_or(false));
        is("team", store.team(reach, self.team).await.unwrap().is_none());
        let new = NewTeam { name: "Other".to_owned(), ..NewTeam::default() };
        is("create_team", store.create_team(reach, &new, at(20)).await.is_err());
        let open = TeamChange { own_sims_only: Some(true), ..TeamChange::default() };
        is("change_team", store.change_team(reach, self.team, &open, at(20)).await.is_err());
        is("remove_team", store.remove_team(reach, self.team, false, at(20)).await.is_err());
        let another = new_user("another", Role::User);
        is("create_user", store.create_user(reach, &another, at(20)).await.is_err());
        is("set_password", store.set_password(reach, own.id, None, at(20)).await.is_err());
        is("set_role", store.set_role(reach, own.id, Role::Service, at(20)).await.is_err());
        let enabled = store.set_user_enabled(reach, own.id, false, at(20)).await;
        is("set_user_enabled", enabled.is_err());
        is("set_language", store.set_language(reach, own.id, Some("en")).await.is_err());
        is("set_zone", store.set_zone(reach, own.id, Some("Asia/Jakarta")).await.is_err());

        let limits = store.account_limits(reach, own.id).await.unwrap();
        is("account_limits", limits.is_none());
        let limited = store.limited_accounts(reach).await.unwrap();
        is("limited_accounts", limited.is_empty());
        let none = AccountLimits::default();
        let changed = store.change_account_limits(reach, own.id, &none, at(20)).await;
        is("change_account_limits", changed.is_err());

        is("keys", store.keys(reach).await.unwrap().is_empty());
        is("create_key", store.create_key(reach, &new_key(own, "mk_2"), at(20)).await.is_err());
        is("revoke_key", !store.revoke_key(reach, self.key.id, at(20)).await.unwrap());
        for wanted in ["a", "b"] {
            let noted = store.note_send_attempt(reach, &attempt(own, wanted), at(20)).await;
            is("note_send_attempt", noted.is_err());
        }
        let key = SecretHash::of("order");
        let accepted = store.send_attempt_accepted(reach, own.id, key, at(20)).await;
        is("send_attempt_accepted", accepted.is_ok());

        let (hook, told) = (self.webhook.id, self.told);
        is("webhooks", store.webhooks(reach).await.unwrap().is_empty());
        is("webhook", store.webhook(reach, hook).await.unwrap().is_none());
        let new = new_webhook(own.id);
        is("create_webhook", store.create_webhook(reach, &new, at(20)).await.is_err());
        let off = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
        is(
            "change_webhook",
            store.change_webhook(reach, hook, &off, at(20)).await.unwrap().is_none(),
        );
        let secret = WebhookSecret::new("whsec_Mw==".to_owned());
        let rotated = store.rotate_webhook(reach, hook, &secret, at(30), at(20)).await.unwrap();
        is("rotate_webhook", rotated.is_none());
        is("remove_webhook", !store.remove_webhook(reach, hook, at(20)).await.unwrap());
        let test = store.test_webhook(reach, hook, DeliveryId::new(), "{}", at(20)).await.unwrap();
        is("test_webhook", !test);
        is("webhook_log", store.webhook_log(reach, hook, None, 10).await.unwrap().is_empty());
        let one = store.webhook_delivery(reach, hook, told).await.unwrap();
        is("webhook_delivery", one.is_none());
        let replayed = store.replay_webhook(reach, hook, Replay::One(told), at(20)).await.unwrap();
        is("replay_webhook", replayed.is_none());

        let new = new_key(own, "mk_3");
        let passwords = [(Door::Kannel, "hash".to_owned())];
        let made = store.create_key_with_passwords(reach, &new, &passwords, at(20));
        is("create_key_with_passwords", made.await.is_err());

        let counted = store.traffic(reach, at(0), at(99)).await;
        let filter = TallyFilter {
            since: at(-3_600),
            until: at(99),
            account: None,
            sim: None,
            priority: None,
        };
        let tallies = store.tallies(reach, &filter, TallyBy::Account).await.unwrap();
        let accepted: u64 = tallies.iter().map(|(_, one)| one.accepted()).sum();
        let heard: u64 = tallies.iter().map(|(_, one)| one.received).sum();
        is("tallies", (accepted, heard) == (u64::from(sees_sent), 0));
        is("traffic", counted.is_err() || counted.is_ok_and(|all| all.is_empty()));

        // What is wrong with the gateway, and where all of its messages are, is for operators.
        let alerts = store.alerts(reach, true, 9).await;
        is("alerts", alerts.is_err() || alerts.is_ok_and(|alerts| alerts.is_empty()));
        let done = store.audit(reach, &AuditFilter::default(), None, 9).await;
        is("audit", done.is_err() || done.is_ok_and(|done| done.is_empty()));
        let verdict = store.verify_audit(reach, 0, 9).await;
        is("verify_audit", verdict.is_err() || verdict.is_ok_and(|verdict| verdict.checked == 0));
        let queue = store.queue(reach).await;
        let is_empty = |queue: Vec<Queued>| queue.iter().all(|one| one.count == 0);
        is("queue", queue.is_err() || queue.is_ok_and(is_empty));

        // Who opted out is for all of an organisation to know.
        let opt_outs = store.opt_outs(reach, None, 10).await.unwrap();
        is("opt_outs", opt_outs.is_empty() != is_colleague);
        let out = store.opted_out(reach, &[opted_out()]).await.unwrap();
        is("opted_out", out.is_empty() != is_colleague);
        let out = store.opt_outs_of(reach, &[opted_out()]).await.unwrap();
        is("opt_outs_of", out.is_empty() != is_colleague);
        let changes = store.opt_out_changes(reach, &opted_out(), 10).await.unwrap();
        is("opt_out_changes", changes.is_empty() != is_colleague);
        let changed = store.change_opt_outs(reach, &opt_out(own.id, false), at(20)).await;
        is("change_opt_outs", changed.is_err() || changed.is_ok_and(|changed| changed == 0));

        is("credit", store.credit(reach, own.id).await.unwrap().is_none());
        is("credits", store.credits(reach, 10).await.unwrap().is_empty());
        let ledger = store.credit_ledger(reach, own.id, None, 10).await.unwrap();
        is("credit_ledger", ledger.is_empty());
        let more = NewCredit { id: EventId::new(), ..credit(own.id) };
        is("change_credit", store.change_credit(reach, &more, at(20)).await.is_err());
        is("make_unlimited", store.make_unlimited(reach, own.id, at(20)).await.is_err());
        // What messages cost is for all of an organisation to know.
        let (_, version) = store.prices(reach).await.unwrap();
        is("prices", (version == 1) == is_colleague);
        let free = Prices::unset(org());
        let changed = store.change_prices(reach, &free, 1, own.id, at(20)).await;
        is("change_prices", changed.is_err());
        let versions = store.prices_versions(reach).await;
        is("prices_versions", versions.is_err() || versions.is_ok_and(|all| all.is_empty()));
        let of = store.prices_of(reach, 1).await;
        is("prices_of", of.is_err() || of.is_ok_and(|of| of.is_none()));

        let service = self.service.id;
        is("services", store.services(reach).await.unwrap().is_empty());
        is("service", store.service(reach, service).await.unwrap().is_none());
        let new = new_service(own.id, "b", &["b"]);
        is("create_service", store.create_service(reach, &new, at(20)).await.is_err());
        let renamed = ServiceChange { name: Some("x".to_owned()), ..ServiceChange::default() };
        let changed = store.change_service(reach, service, &renamed, at(20)).await.unwrap();
        is("change_service", changed.is_none());
        is("service_named", store.service_named(reach, "a").await.unwrap().is_none());
        is("remove_service", !store.remove_service(reach, service).await.unwrap());
        let calls = store.service_calls(reach, service, 10).await.unwrap();
        is("service_calls", calls.is_empty());
        let votes = store.service_votes(reach, service).await.unwrap();
        is("service_votes", votes.is_empty());
        let entries = store.service_entries(reach, service, None, 10).await.unwrap();
        is("service_entries", entries.is_empty());
        let counts = store.count_service_entries(reach, service).await.unwrap();
        is("count_service_entries", counts.is_empty());
        let hidden = store.hide_service_entry(reach, service, self.entry, true).await.unwrap();
        is("hide_service_entry", !hidden);
        is("clear_service", !store.clear_service(reach, service).await.unwrap());

        let past = past_sent("x", own.id);
        let brought = store.import_history(reach, "playSMS", &[past], &[], at(20)).await;
        is("import_history", brought.is_err());
        let (contact, group) = (self.contact.id, self.group.id);
        let (found, _) =
            store.contacts(reach, &ContactFilter::default(), &by_name(9)).await.unwrap();
        is("contacts", found.is_empty());
        is("contact", store.contact(reach, contact).await.unwrap().is_none());
        let numbers = [self.contact.number.clone()];
        let found = store.contacts_of_phones(reach, Holder::User(own.id), &numbers).await.unwrap();
        is("contacts_of_phones", found.is_empty());
        let (sets, _) =
            store.doubles(reach, Holder::User(own.id), DoublesBy::Name, None, 9).await.unwrap();
        is("doubles", sets.is_empty());
        let new = [new_contact(Some(own.id), "x", "0811")];
        is("create_contacts", store.create_contacts(reach, &new, at(20)).await.is_err());
        let change = ContactChange { name: Some("x".to_owned()), ..ContactChange::default() };
        let changed = store.change_contact(reach, contact, &change, at(20)).await;
        is("change_contact", changed.is_err());
        is("remove_contact", !store.remove_contact(reach, contact, at(20)).await.unwrap());
        is("groups", store.groups(reach, None, &by_name(9)).await.unwrap().0.is_empty());
        is("group", store.group(reach, group).await.unwrap().is_none());
        let new = new_group(Some(own.id), "x");
        is("create_group", store.create_group(reach, &new, at(20)).await.is_err());
        let change = GroupChange { name: Some("x".to_owned()), ..GroupChange::default() };
        is("change_group", store.change_group(reach, group, &change, at(20)).await.is_err());
        is("remove_group", !store.remove_group(reach, group, at(20)).await.unwrap());
        let template = self.template.id;
        is("templates", store.templates(reach, None, &by_name(9)).await.unwrap().0.is_empty());
        is("template", store.template(reach, template).await.unwrap().is_none());
        let new = new_template(Some(own.id), "x");
        is("create_template", store.create_template(reach, &new, at(20)).await.is_err());
        let change = TemplateChange { name: Some("x".to_owned()), text: None };
        let changed = store.change_template(reach, template, &change, at(20)).await.unwrap();
        is("change_template", changed.is_none());
        is("remove_template", !store.remove_template(reach, template, at(20)).await.unwrap());
        let back = store.restore(reach, Restorable::Template(template), at(20)).await;
        is("restore", matches!(back, Err(RestoreError::Gone)));
        let schedule = self.schedule.id;
        is("schedules", store.schedules(reach, None, &by_name(9)).await.unwrap().0.is_empty());
        is("schedule", store.schedule(reach, schedule).await.unwrap().is_none());
        let recipients = store.schedule_recipients(reach, schedule).await.unwrap();
        is("schedule_recipients", recipients.is_none());
        let new = new_schedule(own.id, "x");
        is("create_schedule", store.create_schedule(reach, &new, at(20)).await.is_err());
        let change = ScheduleChange { name: Some("x".to_owned()), ..ScheduleChange::default() };
        let changed = store.change_schedule(reach, schedule, &change, at(20)).await.unwrap();
        is("change_schedule", changed.is_none());
        let run = ScheduleRun { at: at(20), batch: None, messages: 1, trouble: None };
        let noted = store.note_schedule_run(reach, schedule, &run).await.unwrap();
        is("note_schedule_run", !noted);
        is("remove_schedule", !store.remove_schedule(reach, schedule).await.unwrap());
        let broadcast = self.broadcast.id;
        is("broadcasts", store.broadcasts(reach, None, &by_name(9)).await.unwrap().0.is_empty());
        is("broadcast", store.broadcast(reach, broadcast).await.unwrap().is_none());
        let new = new_broadcast(own.id, "x");
        is("create_broadcast", store.create_broadcast(reach, &new, at(20)).await.is_err());
        let change = BroadcastChange { name: Some("x".to_owned()), ..BroadcastChange::default() };
        let changed = store.change_broadcast(reach, broadcast, &change, at(20)).await.unwrap();
        is("change_broadcast", changed.is_none());
        let cancel = BroadcastOrder::Cancel;
        let ordered = store.order_broadcast(reach, broadcast, cancel, at(20)).await.unwrap();
        is("order_broadcast", ordered.is_none());
        let audience = store.broadcast_audience(reach, broadcast).await.unwrap();
        is("broadcast_audience", audience.is_none());
        let has = store.broadcast_has(reach, broadcast, PersonalField::Name).await.unwrap();
        is("broadcast_has", !has);
        let has = store.broadcast_has_own(reach, broadcast, "Kota").await.unwrap();
        is("broadcast_has_own", !has);
        let all = store.broadcast_recipients(reach, broadcast, None, false, 9).await.unwrap();
        is("broadcast_recipients", all.is_empty());
        let progress = store.broadcast_progress(reach, broadcast).await.unwrap();
        is("broadcast_progress", progress == BroadcastProgress::default());
        is("note_broadcast_test", !store.note_broadcast_test(reach, broadcast).await.unwrap());
        is("remove_broadcast", !store.remove_broadcast(reach, broadcast).await.unwrap());
        let bulk = self.bulk.id;
        is("bulks", store.bulks(reach).await.unwrap().is_empty());
        is("bulk", store.bulk(reach, bulk).await.unwrap().is_none());
        let piece = store.bulk_piece(reach, bulk, BulkPlace::Row(0)).await.unwrap();
        is("bulk_piece", piece.is_none());
        let new = new_bulk(own.id, &[1]);
        is("create_bulk", store.create_bulk(reach, &new, at(20)).await.is_err());
        let said = serde_json::json!({});
        let planned = store.plan_bulk(reach, bulk, 1, &said, &[], at(20)).await.unwrap();
        is("plan_bulk", planned.is_none());
        is("begin_bulk", store.begin_bulk(reach, bulk, 1, at(20)).await.unwrap().is_none());
        let noted = store.note_bulk_batches(reach, bulk, 1, true, at(20)).await;
        is("note_bulk_batches", noted.is_ok());
        is("remove_bulk", !store.remove_bulk(reach, bulk).await.unwrap());
        let import = self.import.id;
        is("contact_imports", store.contact_imports(reach).await.unwrap().is_empty());
        is("contact_import", store.contact_import(reach, import).await.unwrap().is_none());
        let piece = store.contact_import_piece(reach, import, 0).await.unwrap();
        is("contact_import_piece", piece.is_none());
        let new = new_import(own.id, &[1]);
        is(
            "create_contact_import",
            store.create_contact_import(reach, &new, at(20)).await.is_err(),
        );
        let planned = store.plan_contact_import(reach, import, 1, &said, &[], at(20)).await;
        is("plan_contact_import", planned.unwrap().is_none());
        let begun = store.begin_contact_import(reach, import, 1, at(20)).await.unwrap();
        is("begin_contact_import", begun.is_none());
        let new = new_group(Some(own.id), "x");
        let made = store.create_imported_group(reach, reach, import, &new, at(20)).await;
        is("create_imported_group", made.unwrap().is_none());
        let step = ContactImportStep::default();
        let written = store.write_contact_import(reach, reach, import, &step, at(20)).await;
        is("write_contact_import", written.unwrap().is_none());
        let kept = ImportedChange {
            contact,
            seen: at(12),
            change: ContactChange { note: Some("x".to_owned()), ..ContactChange::default() },
            add: Vec::new(),
        };
        let merged = store.merge_contacts(reach, own.id, &kept, &[], at(20)).await;
        is("merge_contacts", merged.is_err());
        let begun = store.begin_contact_import_undo(reach, import, at(20)).await.unwrap();
        is("begin_contact_import_undo", begun.is_none());
        let undone = store.undo_contact_import(reach, reach, import, 9, at(20)).await.unwrap();
        is("undo_contact_import", undone.is_none());
        let left = store.left_contacts(reach, import, 9).await.unwrap();
        is("left_contacts", left.is_empty());
        is("remove_contact_import", !store.remove_contact_import(reach, import).await.unwrap());

        let open = store.open_sessions(reach, own.id, at(13)).await.unwrap();
        is("open_sessions", open.is_empty());
        let acted = store.acted_as(reach, own.id).await;
        is("acted_as", acted.is_err() || acted.is_ok_and(|acted| acted.is_empty()));
        let session = SecretHash::of("cookie").session();
        let ended = store.end_open_session(reach, session, at(20)).await.unwrap();
        is("end_open_session", !ended);
        let ended = store.end_open_sessions(reach, own.id, None, at(20)).await.unwrap();
        is("end_open_sessions", ended.is_none());
        let invited = store.create_invitation(reach, &new_invitation("theirs"), at(20)).await;
        is("create_invitation", invited.is_err());
        let open = store.invitations(reach, at(20)).await;
        is("invitations", open.is_err() || open.is_ok_and(|open| open.is_empty()));
        let revoked = store.revoke_invitation(reach, self.invitation, at(20)).await;
        is("revoke_invitation", revoked.is_err() || revoked.is_ok_and(|revoked| !revoked));
        let token = SecretHash::of("a password link");
        let made = store.create_password_link(reach, own.id, token, None, at(20)).await;
        is("create_password_link", made.is_err());
        let factor = store.second_factor(reach, own.id).await.unwrap();
        is("second_factor", factor.is_none());
        let begun = store.begin_second_factor(reach, own.id, "GEZDG", at(20)).await.unwrap();
        is("begin_second_factor", !begun);
        let confirmed = store.confirm_second_factor(reach, own.id, "MRUGS", 9, &[], at(20)).await;
        is("confirm_second_factor", !confirmed.unwrap());
        is("renew_recovery_codes", !store.renew_recovery_codes(reach, own.id, &[]).await.unwrap());
        is("remove_second_factor", !store.remove_second_factor(reach, own.id).await.unwrap());
        // Which roles need a code is for all of an organisation to know: they are asked for it.
        let roles = store.second_factor_roles(reach).await.unwrap();
        is("second_factor_roles", roles.is_empty() != is_colleague);
        let set = store.set_second_factor_roles(reach, &[Role::User], at(20)).await;
        is("set_second_factor_roles", set.is_err());
        walked
    }
}

pub(crate) async fn nobody_reaches_what_is_somebody_else_s(store: Store) {
    let own = Belongings::make(&store).await;
    let budi = store.create_user(everything(), &new_user("budi", Role::User), at(0)).await;
    let shop = store.create_user(everything(), &new_user("shop", Role::Service), at(0)).await;
    let (budi, shop) = (budi.unwrap(), shop.unwrap());
    let abroad = OrgId::derived("abroad");
    let before = own.now(&store).await;
    for reach in [
        Reach::everything(abroad),
        Reach::own(abroad, own.user.id),
        Reach::program(abroad, own.user.id),
        Reach::operator(abroad, own.user.id),
        Reach::manager(abroad, own.user.id),
        budi.reach(),
        shop.reach(),
    ] {
        assert_eq!(
            Box::pin(own.try_all(&store, reach)).await,
            calls_that_take_a_reach(),
            "{reach:?}"
        );
        assert_eq!(own.now(&store).await, before, "{reach:?}");
    }
    let again = store.note_send_attempt(own.user.reach(), &attempt(&own.user, "a"), at(21)).await;
    assert_eq!(again.unwrap(), SendAttempt::Again { seed: "seed".to_owned(), accepted: false });
}

/// The calls of the store, read from its source. Those outside `system` and `entry` act on somebody's behalf and take
/// a reach first.
fn calls_that_take_a_reach() -> BTreeSet<&'static str> {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut calls = BTreeSet::new();
    for folder in std::fs::read_dir(&src).expect("the source") {
        let folder = folder.expect("an entry").path();
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        if !folder.is_dir() || ["entry", "engine", "schema", "system"].contains(&name.as_str()) {
            continue;
        }
        let source = std::fs::read_to_string(folder.join("mod.rs")).expect("a module").leak();
        for call in source.split("pub async fn ").skip(1) {
            let (call, arguments) = call.split_once('(').expect("arguments");
            let arguments = arguments.trim_start().trim_start_matches("&self,").trim_start();
            assert!(arguments.starts_with("reach: Reach"), "{name}: {call} takes no reach");
            calls.insert(call);
        }
    }
    calls
}
