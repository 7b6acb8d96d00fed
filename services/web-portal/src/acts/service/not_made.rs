//! Why a keyword service is not made or changed.

use contracts::bounds;
use keyword::command::BadCommand;
use keyword::expression::BadExpression;
use keyword::template::BadTemplate;
use keyword::times::BadTimes;
use keyword::to_group;
use store::{
    LONGEST_ADDRESS, MOST_CONFIRMED, MOST_INBOXES, MOST_SERVICES, MOST_SHOWN, StoreError, Survey,
};

use super::lines::BadLines;
use super::{
    LAST_PLACE, LONGEST_NAME, LONGEST_OPTION, LONGEST_REPLY, LONGEST_SENDER, MOST_ALIASES,
    MOST_FORWARDS, MOST_OPTIONS,
};
use crate::authority::Denied;

/// Why a service was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotMade {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} characters without spaces at its ends")]
    Name,
    /// The keyword cannot be one.
    #[error("a keyword is one word of 1 to {} characters", bounds::KEYWORD)]
    Keyword,
    /// It has neither a keyword nor an expression, or both.
    #[error("say one of keyword and match: the first word of a message, or an expression")]
    KeywordOrMatch,
    /// The expression is none.
    #[error("the expression cannot be used: {0}")]
    Match(#[from] BadExpression),
    /// The place is none.
    #[error("a place is a number from 1 to {LAST_PLACE}")]
    Place,
    /// No sender begins so.
    #[error("senders begin with 1 to {LONGEST_SENDER} characters without spaces, such as +628")]
    From,
    /// The times are none.
    #[error("the times cannot be used: {0}")]
    When(#[from] BadTimes),
    /// The text has a field that there is not.
    #[error("the text cannot be used: {0}")]
    Template(#[from] BadTemplate),
    /// There are too many of them.
    #[error("a service has at most {MOST_ALIASES} aliases")]
    TooManyAliases,
    /// The URL is none that can be called.
    #[error("the URL cannot be used: {why}")]
    Url {
        /// Which one.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nothing is to be sent back, or too much.
    #[error("a reply is a text of 1 to {LONGEST_REPLY} characters")]
    Reply,
    /// It is to do nothing, or two things.
    #[error(
        "say one of get_url, post_url, post_xml, reply, forward_to, subscribe, unsubscribe, vote, quiz, survey, \
         scenario, board, inbox, to_group and exec"
    )]
    NotOneAction,
    /// A text is to be sent on to nobody, or to too many.
    #[error("a text is sent on to 1 to {MOST_FORWARDS} numbers")]
    ForwardTo,
    /// A text is to be sent on to what is no number of a phone.
    #[error("'{0}' is no number of a phone that a text can be sent on to")]
    NoPhone(String),
    /// A text is to be sent on to one of our own SIMs.
    #[error("'{0}' is one of this gateway's own SIMs, and nothing is sent on to those")]
    ToOurselves(String),
    /// The command line is none.
    #[error("the command line cannot be used: {0}")]
    Exec(#[from] BadCommand),
    /// The configuration does not allow the program.
    #[error(
        "'{0}' is not among services.programs of the gateway's configuration; add it there first"
    )]
    NotAllowed(String),
    /// Senders are to vote for nothing, or for too much.
    #[error(
        "senders vote for 2 to {MOST_OPTIONS} options, each one word of at most {LONGEST_OPTION} characters"
    )]
    Options,
    /// A text is to be sent back by what sends none.
    #[error(
        "the service sends no text of its own back; to make it do that and nothing else, remove it and make another"
    )]
    NoText,
    /// Something is said of what the service is not to do.
    #[error("'{field}' goes with {with}, which the service does not do")]
    Beside {
        /// What is said.
        field: &'static str,
        /// What it would go with.
        with: &'static str,
    },
    /// Questions or answers are none.
    #[error("'{field}' cannot be used: {why}")]
    Lines {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        why: BadLines,
    },
    /// A question is to wait for too long, or not at all.
    #[error("a question waits for 1 to {} minutes", Survey::MOST_MINUTES)]
    Wait,
    /// No survey is left so.
    #[error("a survey is left by one word of 1 to {} characters", bounds::KEYWORD)]
    Leave,
    /// A board is to show nothing, or too much.
    #[error("a board shows 1 to {MOST_SHOWN} texts")]
    Shown,
    /// The address cannot be one.
    #[error(
        "the address of a board is 3 to {LONGEST_ADDRESS} small letters, digits and hyphens, or * for one that nobody can guess"
    )]
    Address,
    /// Everybody is to see what is taken by an expression.
    #[error(
        "everybody may see a board with an address, and an expression takes what was not written for it: give the service a \
         keyword in place of the expression, or the board no address"
    )]
    PublicMatch,
    /// Another board has the address.
    #[error("another board has the address '{0}'; choose another one")]
    AddressTaken(String),
    /// Messages are to be put into no inbox, or too many.
    #[error(
        "say whose inbox gets the message: inbox with 1 to {MOST_INBOXES} accounts, or inbox_named where the message names one"
    )]
    Inboxes,
    /// There is no such account.
    #[error("there is no account '{0}' whose inbox this service could put messages into")]
    NoSuchAccount(String),
    /// Nothing says who may send to a group.
    #[error(
        "say who may send to the group: pin, one word of {} to {} characters, or senders, at most {MOST_CONFIRMED} numbers that \
         a code is sent to",
        to_group::SHORTEST_PIN,
        to_group::LONGEST_PIN
    )]
    Pin,
    /// What is no number of a phone is to send to a group.
    #[error("'{0}' is no number of a phone that could send to the group")]
    NoSender(String),
    /// A PIN could not be hashed.
    #[error("there is not memory enough to keep the PIN; try again")]
    Hashing,
    /// There is no such group.
    #[error("there is no group '{0}' of the account that the service could change")]
    NoSuchGroup(String),
    /// The account has as many as it may have.
    #[error("the account has {MOST_SERVICES} services, which is the most there may be")]
    TooMany,
    /// Another service is called so.
    #[error("there is a service '{0}' already; choose another name or remove that one")]
    NameTaken(String),
    /// Another service of the account has the keyword.
    #[error(
        "another service of the account has the keyword '{0}'; choose another, or remove that service"
    )]
    KeywordTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
