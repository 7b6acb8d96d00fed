//! Numbers that another gateway sent nothing, as opt-outs here.

use api::{NewOptOuts, OptOutHistory, OptedOut};
use contracts::PhoneNumber;

use super::messages::count;
use super::report::Report;
use crate::client::{Client, ClientError};

/// What is counted.
pub(super) const STOPPED: &str = "stopped numbers";
/// The most numbers of one request.
const AT_ONCE: usize = 500;

/// Puts numbers out. What was said of one here before goes before what the other gateway says.
pub(super) async fn stop(
    client: &Client,
    numbers: impl IntoIterator<Item = &PhoneNumber>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut new = Vec::new();
    for number in numbers {
        let path = format!("/optouts/{}", crate::client::segment(number.as_str()));
        match client.get::<OptOutHistory>(&path).await {
            Ok(_) => count(report, STOPPED).there += 1,
            // Nothing was ever said of it.
            Err(ClientError::Refused(_)) => new.push(number.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    for numbers in new.chunks(AT_ONCE) {
        let new = NewOptOuts { numbers: numbers.to_vec(), imported: true };
        let done = client.post::<OptedOut>("/optouts", &new).await?.into_read();
        count(report, STOPPED).made += done.changed;
    }
    Ok(())
}
