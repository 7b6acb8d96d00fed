//! What follows a try.

use std::time::Duration;

use contracts::Timestamp;
use store::AfterTry;

use crate::fetch::{Answer, FetchError};
use crate::schedule::Schedule;

/// Tries of an event that the endpoint refuses for what it is. Others wait no longer behind it.
const TRIES_OF_A_REFUSED: u32 = 3;
/// The longest that an endpoint can ask to be left alone.
const LONGEST_REST: Duration = Duration::from_hours(24);

/// Where a lane stands before a try.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// It is a test.
    pub(crate) is_test: bool,
    /// Tries of the event before this one that were refusals.
    pub(crate) refusals: u32,
    /// Tries in a row that failed before this one, of this and other events.
    pub(crate) failures: u32,
}

/// What follows a try that ended at `now`.
pub(crate) fn after(
    standing: Standing,
    tried: &Result<Answer, FetchError>,
    schedule: &Schedule,
    now: Timestamp,
) -> AfterTry {
    let Standing { is_test, refusals, failures } = standing;
    let status = tried.as_ref().ok().map(|answer| answer.status);
    match status {
        Some(200..=299) => return AfterTry::Taken,
        _ if is_test => {
            // The lane waits as it did before.
            let wait = (failures > 0).then(|| schedule.next(failures, now)).flatten();
            return AfterTry::GivenUp(wait);
        }
        Some(410) => return AfterTry::Disable("It answered 410 Gone.".to_owned()),
        _ => {}
    }
    // An event that is given up is a failure like others: an endpoint that refuses everything comes to the end too.
    let Some(next) = schedule.next(failures + 1, now) else {
        let why = tried.as_ref().map_or_else(ToString::to_string, Answer::words);
        let times = failures + 1;
        return AfterTry::Disable(format!("It failed {times} times in a row, at last so: {why}."));
    };
    if tried.as_ref().is_ok_and(Answer::is_final) {
        return AfterTry::GivenUp(None);
    }
    if status.is_some_and(is_refusal) && refusals + 1 >= TRIES_OF_A_REFUSED {
        return AfterTry::GivenUp(None);
    }
    let rest = tried.as_ref().ok().and_then(|answer| answer.rest(now));
    let rest = rest.map(|rest| rest.min(LONGEST_REST));
    AfterTry::Wait(rest.map_or(next, |rest| next.max(now.plus(rest))))
}

/// Whether an endpoint that answers so seems to be well and not to want this body.
pub(crate) const fn is_refusal(status: u16) -> bool {
    matches!(status, 400 | 405 | 406 | 409 | 411 | 413 | 415 | 422 | 431)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::RetryAfter;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }

    fn schedule() -> Schedule {
        Schedule::new(vec![Duration::from_secs(5), Duration::from_mins(5), Duration::from_hours(1)])
    }

    fn answer(status: u16, retry_after: Option<u64>) -> Answer {
        let retry_after = retry_after.map(Duration::from_secs).map(RetryAfter::For);
        Answer { status, retry_after, content_type: None, body: Vec::new(), by_mail: None }
    }

    fn after(refusals: u32, failures: u32, tried: &Result<Answer, FetchError>) -> AfterTry {
        super::after(Standing { is_test: false, refusals, failures }, tried, &schedule(), now())
    }

    fn waits(after: &AfterTry) -> f64 {
        let AfterTry::Wait(until) = after else { panic!("{after:?}") };
        until.since(now()).as_secs_f64()
    }

    #[test]
    fn a_lane_waits_for_an_endpoint_that_is_down_and_is_disabled_at_the_end() {
        for tried in [
            Ok(answer(500, None)),
            Ok(answer(302, None)),
            Ok(answer(404, None)),
            Err(FetchError::Timeout(Duration::from_secs(30))),
        ] {
            assert!((4.0..=6.0).contains(&waits(&after(9, 0, &tried))));
            assert!((240.0..=360.0).contains(&waits(&after(0, 1, &tried))));
            let AfterTry::Disable(reason) = after(0, 3, &tried) else { panic!("not disabled") };
            assert!(reason.starts_with("It failed 4 times in a row, at last so: "), "{reason}");
        }
    }

    #[test]
    fn an_event_that_is_refused_does_not_hold_up_the_others_for_long() {
        let refused = Ok(answer(422, None));
        assert!(waits(&after(0, 0, &refused)) > 0.0);
        assert!(waits(&after(1, 1, &refused)) > 0.0);
        assert_eq!(after(2, 2, &refused), AfterTry::GivenUp(None));
        // Other failures of the event do not count.
        assert!(waits(&after(0, 2, &refused)) > 0.0);
    }

    #[test]
    fn a_mail_that_is_refused_for_good_is_not_tried_again_and_others_are() {
        let of = |status| Ok(Answer::of_mail(status, "said so"));
        assert_eq!(after(0, 0, &of(250)), AfterTry::Taken);
        for status in [550, 552, 554] {
            assert_eq!(after(0, 0, &of(status)), AfterTry::GivenUp(None), "{status}");
        }
        // Later, or when our name and password are right.
        for status in [421, 450, 451, 452, 530, 535] {
            assert!(waits(&after(0, 0, &of(status))) > 0.0, "{status}");
        }
        let AfterTry::Disable(reason) = after(0, 3, &of(550)) else { panic!("not disabled") };
        assert!(reason.contains("the mail server answered 550: said so"), "{reason}");
    }

    #[test]
    fn an_endpoint_that_refuses_everything_is_disabled_at_the_end() {
        let refused = Ok(answer(400, None));
        for refusals in 0..3 {
            assert!(matches!(after(refusals, 3, &refused), AfterTry::Disable(_)));
        }
    }

    #[test]
    fn what_is_gone_is_disabled_and_what_asks_for_rest_has_it() {
        assert!(matches!(after(0, 0, &Ok(answer(410, None))), AfterTry::Disable(_)));
        assert_eq!(after(5, 1, &Ok(answer(204, None))), AfterTry::Taken);
        assert!((waits(&after(0, 0, &Ok(answer(429, Some(90))))) - 90.0).abs() < 0.1);
        assert!((waits(&after(0, 0, &Ok(answer(503, Some(9_999_999))))) - 86_400.0).abs() < 0.1);
        // Or a time of day, by its own clock.
        let until = now().plus(Duration::from_secs(90));
        let dated = |status| {
            let retry_after = Some(RetryAfter::Until(until));
            Ok(Answer { retry_after, ..answer(status, None) })
        };
        assert!((waits(&after(0, 0, &dated(503))) - 90.0).abs() < 0.1);
        assert!(waits(&after(0, 0, &dated(500))) < 10.0);
        // Not shorter than the schedule says, and only where it means something.
        assert!(waits(&after(0, 1, &Ok(answer(503, Some(1))))) >= 240.0);
        assert!(waits(&after(0, 0, &Ok(answer(500, Some(90))))) < 10.0);
    }

    #[test]
    fn a_test_that_fails_says_nothing_of_the_lane() {
        let of_test = |failures, tried: &Result<Answer, FetchError>| {
            super::after(
                Standing { is_test: true, refusals: 0, failures },
                tried,
                &schedule(),
                now(),
            )
        };
        assert_eq!(of_test(0, &Ok(answer(410, None))), AfterTry::GivenUp(None));
        assert!(matches!(of_test(1, &Ok(answer(500, None))), AfterTry::GivenUp(Some(_))));
        assert_eq!(of_test(1, &Ok(answer(200, None))), AfterTry::Taken);
    }
}
