//! Whom a request is for: the number as networks know it, or why it is sent nothing.
//!
//! The portal reads the numbers that people write before it accepts them, and names each that is refused. What other services
//! publish is read here, by the same plan, before anything else is decided; so is what is requested again once it is due, for
//! persistence keeps requests as they came. From here on, opt-outs, the journal and reports know one writing of a number.

use contracts::mt::{MtRequest, SendError};
use numbering::{Plan, Unusable};

use crate::admission::refusal;

/// The request with its recipient as it is dialled.
///
/// # Errors
/// Why it is refused. The words do not name the number, for they are logged.
pub(crate) fn dialled(request: MtRequest, plan: &Plan) -> Result<MtRequest, SendError> {
    match plan.check(&request.to) {
        Ok(to) => Ok(MtRequest { to, ..request }),
        Err(unusable) => Err(refused(&unusable)),
    }
}

fn refused(unusable: &Unusable) -> SendError {
    refusal(unusable.code(), format!("Nothing is sent to this number: {unusable}."))
}

#[cfg(test)]
mod tests {
    use contracts::PhoneNumber;

    use super::*;

    #[test]
    fn a_recipient_is_written_as_networks_know_it_or_refused() {
        let of = |to: &str| MtRequest::text(PhoneNumber::parse(to).unwrap(), "hi");
        let home = Some("ID".parse().unwrap());
        let plan = Plan { home, short_codes: true, ..Plan::default() };
        let same = |one: &str, other: &str| assert_eq!(dialled(of(one), &plan), Ok(of(other)));
        same("0812-3456-789", "+628123456789");
        same("+628123456789", "+628123456789");
        same("888", "888");
        for (to, code, words) in [
            ("+62812", "number-impossible", "numbers of ID have 7 to 12 digits"),
            ("+6591234567", "destination-not-allowed", "it is a number of SG"),
            ("08091234567", "premium-number", "premium-rate"),
            ("112", "destination-not-allowed", "an emergency number"),
        ] {
            let error = dialled(of(to), &plan).unwrap_err();
            assert_eq!(error.code, code);
            assert!(error.text.starts_with("Nothing is sent to this number: "), "{error}");
            assert!(error.text.contains(words), "{error}");
        }
        let any = of("+99912345");
        assert_eq!(dialled(any.clone(), &Plan::default()), Ok(any));
    }
}
