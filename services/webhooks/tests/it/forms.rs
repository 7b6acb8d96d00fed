//! What programs are told that were written for other gateways.

use contracts::mt::{
    DlrForm, JasminBatch, JasminForm, MtChange, MtRequest, SendError, StatusSignature, TwilioForm,
};
use store::CallbackState;

use crate::endpoint::Endpoint;
use crate::gateway::{Customer, Gateway, delivered, request};
use crate::told::sent;

async fn message(gateway: &Gateway, url: &str, mask: u8, form: DlrForm) -> MtRequest {
    let mut message = request("Halo dunia, apa kabar?", url, mask);
    message.dlr_form = Some(form);
    message.created_at = Some("2026-02-16T02:13:00Z".parse().unwrap());
    gateway.store_request(&message).await;
    message
}

fn failed() -> MtChange {
    let error = SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
    MtChange::Failed { error, through: None, tries: 3 }
}

#[tokio::test]
async fn a_status_callback_is_posted_with_its_signature() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["204 No Content"]).await;
    let form = TwilioForm {
        account: "AC1".to_owned(),
        from: Some("+1500".to_owned()),
        signatures: ["sent", "delivered", "failed"]
            .map(|s| StatusSignature { status: s.to_owned(), signature: format!("{s}=") })
            .into(),
    };
    let message = message(&gateway, &endpoint.url(), 27, DlrForm::Twilio(form.clone())).await;
    let sid = format!("SM{}", message.id.unwrap().uuid().simple());
    for (change, status, rest) in [(sent(), "sent", ""), (delivered(), "delivered", "")] {
        gateway.happens(&message, change).await;
        let told = endpoint.told().await;
        assert_eq!(told.headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(told.headers["x-twilio-signature"], format!("{status}="));
        assert_eq!(
            told.body,
            format!(
                "AccountSid=AC1&ApiVersion=2010-04-01{rest}&From=%2B1500&MessageSid={sid}&\
                 MessageStatus={status}&SmsSid={sid}&SmsStatus={status}&To=%2B628123456789"
            )
        );
    }
    let other = self::message(&gateway, &endpoint.url(), 27, DlrForm::Twilio(form)).await;
    gateway.happens(&other, failed()).await;
    let told = endpoint.told().await;
    assert_eq!(told.headers["x-twilio-signature"], "failed=");
    assert!(told.body.contains("&ErrorCode=30008&From="), "{}", told.body);
    assert!(!endpoint.was_told());
}

#[tokio::test]
async fn jasmins_receipts_are_told_until_they_are_acknowledged() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK", "200 OK\nACK/Jasmin\n"]).await;
    let form = DlrForm::Jasmin(JasminForm { level: 3, post: true, batch: None });
    let both = message(&gateway, &endpoint.url(), 27, form).await;
    let id = both.id.unwrap();
    gateway.happens(&both, sent()).await;
    let first = endpoint.told().await;
    // The first answer was something else: it is told once more.
    let again = endpoint.told().await;
    let sim = contracts::SimId::derived("a");
    let uuid = id.uuid();
    assert_eq!(first.body, format!("id={uuid}&message_status=ESME_ROK&level=3&connector={sim}"));
    assert_eq!(first.body, again.body);
    gateway.happens(&both, delivered()).await;
    let told = endpoint.told().await.body;
    assert_eq!(
        told,
        format!(
            "id={uuid}&id_smsc=&message_status=DELIVRD&level=3&connector=&subdate=2602160213&\
             donedate=2602160214&sub=001&dlvrd=001&err=000&text=Halo+dunia%2C+apa+kaba"
        )
    );
    let all = |all: &[store::Callback]| {
        all.iter().filter(|c| c.state == CallbackState::Done).count() == 2
    };
    let callbacks = gateway.callbacks(id, all).await;
    assert_eq!(callbacks.iter().map(|c| c.attempts).collect::<Vec<_>>(), [2, 1]);

    let form = DlrForm::Jasmin(JasminForm { level: 1, post: true, batch: None });
    let refused = message(&gateway, &endpoint.url(), 24, form).await;
    gateway.happens(&refused, failed()).await;
    let told = endpoint.told().await.body;
    assert!(told.contains("message_status=ESME_RSUBMITFAIL&level=1"), "{told}");
}

#[tokio::test]
async fn jasmins_receipts_may_stand_in_the_address() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let form = DlrForm::Jasmin(JasminForm { level: 2, post: false, batch: None });
    let message = message(&gateway, &customer.url("/dlr?a=1"), 19, form).await;
    gateway.happens(&message, sent()).await;
    gateway.happens(&message, MtChange::Expired {}).await;
    let target = customer.asked().await.target;
    let id = message.id.unwrap();
    let uuid = id.uuid();
    assert!(
        target.starts_with(&format!("/dlr?a=1&id={uuid}&id_smsc=&message_status=EXPIRED&level=2&")),
        "{target}"
    );
    let callback = gateway.callback(id, CallbackState::Failed).await;
    let error = callback.last_error.expect("an error");
    assert_eq!(error, "it answered 200, and its answer is not ACK/Jasmin");
}

#[tokio::test]
async fn jasmins_batches_are_told_which_of_their_messages_went_out() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let called = JasminBatch {
        callback: Some(customer.url("/good?a=1")),
        errback: Some(customer.url("/bad")),
    };
    let form = DlrForm::Jasmin(JasminForm { level: 0, post: false, batch: Some(called) });
    let batch = contracts::BatchId::derived("b");
    let message = async || {
        let mut message = request("Halo", &customer.url("/never"), 26);
        (message.dlr_form, message.batch) = (Some(form.clone()), Some(batch));
        gateway.store_request(&message).await;
        message
    };
    let (good, bad) = (message().await, message().await);
    gateway.happens(&good, sent()).await;
    let uuid = good.id.unwrap().uuid();
    let (batch, to) = (batch.uuid(), "%2B628123456789");
    assert_eq!(
        customer.asked().await.target,
        format!("/good?a=1&batchId={batch}&to={to}&status=1&statusText=Success+%22{uuid}%22")
    );
    gateway.happens(&good, delivered()).await;
    gateway.happens(&bad, failed()).await;
    let target = customer.asked().await.target;
    let begin = format!("/bad?batchId={batch}&to={to}&status=0&statusText=Error+%22");
    assert!(target.starts_with(&begin), "{target}");
    gateway.callback(good.id.unwrap(), CallbackState::Done).await;
    gateway.callback(bad.id.unwrap(), CallbackState::Done).await;
    assert!(!customer.was_asked());
}
