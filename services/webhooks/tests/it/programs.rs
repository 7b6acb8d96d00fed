//! Programs that keyword services run.

use std::path::PathBuf;
use std::time::Duration;

use contracts::config_kv::Access;
use contracts::{MessageId, Timestamp, UserId};
use platform::config::{Period, Services};
use store::{
    CallbackState, LoggedCall, NewService, NewUser, Role, Service, ServiceAction, ServiceRule,
    SimChange,
};
use testkit::wait_for;

use crate::endpoints::{everything, message};
use crate::gateway::{Gateway, config};
use crate::replies::{Replies, text};

/// A gateway that may run these.
async fn allowing(programs: &[&str], timeout: Duration) -> Gateway {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let programs = programs.iter().map(PathBuf::from).collect();
    gateway.services = Services { programs, timeout: Period(timeout) };
    gateway.start_service(config());
    gateway
}

async fn add(gateway: &Gateway, keyword: &str, line: &str) -> Service {
    add_for(gateway, UserId::internal(), keyword, line).await
}

async fn add_for(gateway: &Gateway, owner: UserId, keyword: &str, line: &str) -> Service {
    let new = NewService {
        owner,
        name: keyword.to_owned(),
        keywords: vec![keyword.to_owned()],
        rule: ServiceRule::default(),
        action: ServiceAction::Exec(line.to_owned()),
        reply_with_body: false,
        max_messages: 1,
        omit_empty: false,
    };
    gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap()
}

async fn receive(gateway: &Gateway, said: &str) {
    let mut mo = message(said);
    mo.id = MessageId::new();
    gateway.bus.publish(&mo).await.unwrap();
}

/// The only call of a service once it is over.
async fn over(gateway: &Gateway, service: &Service) -> LoggedCall {
    wait_for("the call to be over", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        calls.into_iter().find(|call| call.state != CallbackState::Pending)
    })
    .await
}

#[tokio::test]
async fn a_program_is_run_with_arguments_and_by_no_shell() {
    let gateway = allowing(&["/bin/echo"], Duration::from_secs(20)).await;
    let mut replies = Replies::of(&gateway).await;
    add(&gateway, "cek", "/bin/echo -n [{word1}] {rest}").await;
    receive(&gateway, "CEK $(id);  `id` > /tmp/x {from}").await;
    assert_eq!(text(&replies.next().await), "[$(id);] $(id);  `id` > /tmp/x {from}");
}

#[tokio::test]
async fn what_is_not_allowed_or_fails_or_takes_long_is_said_and_not_run_again() {
    let programs = ["/bin/false", "/bin/sleep", "/nonexistent/program"];
    let gateway = allowing(&programs, Duration::from_millis(300)).await;
    for (keyword, line, why) in [
        ("satu", "/bin/echo halo", "is not among services.programs"),
        ("dua", "/bin/false", "the program ended with exit status: 1"),
        ("tiga", "/bin/sleep 600", "the program took longer than 0.3 seconds"),
        ("empat", "/nonexistent/program", "the program cannot be run"),
    ] {
        let service = add(&gateway, keyword, line).await;
        receive(&gateway, keyword).await;
        let call = over(&gateway, &service).await;
        assert_eq!((call.state, call.attempts, call.replied_at), (CallbackState::Failed, 1, None));
        let said = call.last_error.unwrap();
        assert!(said.contains(why), "{said}");
    }
}

/// The account that made the service loses the power to run programs while the service is there.
#[tokio::test]
async fn who_may_run_programs_no_more_runs_none() {
    let gateway = allowing(&["/bin/echo"], Duration::from_secs(20)).await;
    let mut replies = Replies::of(&gateway).await;
    let [boss, ani] = ["boss", "ani"].map(|name| NewUser {
        name: name.to_owned(),
        password_hash: None,
        role: Role::Admin,
        language: None,
    });
    let now = Timestamp::now();
    gateway.store.create_user(everything(), &boss, now).await.unwrap();
    let ani = gateway.store.create_user(everything(), &ani, now).await.unwrap();
    // So that the account may still read what comes.
    let change = SimChange { readers: Some(Access::everybody()), ..SimChange::default() };
    gateway.store.change_sim(everything(), message("cek").sim, &change, now).await.unwrap();
    let service = add_for(&gateway, ani.id, "cek", "/bin/echo -n ya").await;
    receive(&gateway, "cek").await;
    assert_eq!(text(&replies.next().await), "ya");
    gateway.store.set_role(everything(), ani.id, Role::User, now).await.unwrap();
    receive(&gateway, "cek").await;
    let refused = wait_for("the second call to be over", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 9).await.ok()?;
        calls.into_iter().find(|call| call.last_error.is_some())
    })
    .await;
    let said = refused.last_error.unwrap();
    assert!(said.contains("may not run programs any more"), "{said}");
    assert_eq!(refused.replied_at, None);
}

/// One that writes without an end.
#[tokio::test]
async fn so_much_of_the_output_is_read_and_no_more() {
    let gateway = allowing(&["/usr/bin/yes"], Duration::from_secs(20)).await;
    let mut replies = Replies::of(&gateway).await;
    add(&gateway, "ya", "/usr/bin/yes {word1}").await;
    receive(&gateway, "ya halo").await;
    let reply = replies.next().await;
    assert!(text(&reply).starts_with("halo\nhalo\n"));
    assert!(text(&reply).len() <= 160);
}
