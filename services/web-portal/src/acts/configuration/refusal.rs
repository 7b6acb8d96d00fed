//! Why an entry of a document cannot be kept, or was not: what the acts that keep it say.

use store::{
    ChangeGroupError, CreateGroupError, CreateTemplateError, ScheduleError, SimError, StoreError,
    TeamError,
};

use crate::acts::acceptance::Unaccepted;
use crate::acts::belonging::NotTheirs;
use crate::acts::not_read::NotRead;
use crate::acts::sim::SimKept;
use crate::acts::sim_limits::NotLimits;
use crate::acts::{group, opt_out, route, schedule, service, team, template, webhook};
use crate::authority::Denied;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// It cannot be so, in words that say what can be done.
    #[error("{0}")]
    Wrong(String),
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotTaken {
    fn wrong(error: &impl ToString) -> Self {
        Self::Wrong(error.to_string())
    }

    /// What is there no more when it was to be changed.
    pub(super) fn gone(what: &str) -> Self {
        Self::Wrong(format!("the {what} is gone: somebody removed it meanwhile"))
    }
}

impl From<NotRead> for NotTaken {
    fn from(error: NotRead) -> Self {
        match error {
            NotRead::Denied(denied) => denied.into(),
            NotRead::Store(error) => error.into(),
        }
    }
}

impl From<NotTheirs> for NotTaken {
    fn from(error: NotTheirs) -> Self {
        match error {
            NotTheirs::Denied(denied) => denied.into(),
            NotTheirs::Store(error) => error.into(),
            error @ (NotTheirs::NoSuchUser(_) | NotTheirs::NoSuchTeam(_) | NotTheirs::Both) => {
                Self::wrong(&error)
            }
        }
    }
}

impl From<route::NotChanged> for NotTaken {
    fn from(error: route::NotChanged) -> Self {
        match error {
            route::NotChanged::Denied(denied) => denied.into(),
            route::NotChanged::Store(error) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<NotLimits> for NotTaken {
    fn from(error: NotLimits) -> Self {
        Self::Wrong(format!("{}: {error}", error.field()))
    }
}

impl From<SimKept> for NotTaken {
    fn from(error: SimKept) -> Self {
        match error {
            SimKept::Denied(denied) => denied.into(),
            SimKept::Sim(SimError::Store(error)) => error.into(),
            SimKept::Sim(error) => Self::wrong(&error),
            SimKept::Limits(error) => error.into(),
        }
    }
}

impl From<team::NotDone> for NotTaken {
    fn from(error: team::NotDone) -> Self {
        match error {
            team::NotDone::Denied(denied) => denied.into(),
            team::NotDone::Team(TeamError::Store(error)) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<group::NotDone> for NotTaken {
    fn from(error: group::NotDone) -> Self {
        match error {
            group::NotDone::NotTheirs(error) => error.into(),
            group::NotDone::Make(CreateGroupError::Store(error))
            | group::NotDone::Change(ChangeGroupError::Store(error)) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<template::NotDone> for NotTaken {
    fn from(error: template::NotDone) -> Self {
        match error {
            template::NotDone::NotTheirs(error) => error.into(),
            template::NotDone::Make(CreateTemplateError::Store(error)) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<service::NotMade> for NotTaken {
    fn from(error: service::NotMade) -> Self {
        match error {
            service::NotMade::Denied(denied) => denied.into(),
            service::NotMade::Store(error) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<schedule::NotDone> for NotTaken {
    fn from(error: schedule::NotDone) -> Self {
        match error {
            schedule::NotDone::NotTheirs(error) => error.into(),
            schedule::NotDone::Unaccepted(Unaccepted::Denied(denied)) => denied.into(),
            schedule::NotDone::Unaccepted(Unaccepted::Store(error))
            | schedule::NotDone::Make(ScheduleError::Store(error)) => error.into(),
            schedule::NotDone::Never => Self::Wrong(format!(
                "{error}: write another 'at', or take the schedule out of the file"
            )),
            error => Self::wrong(&error),
        }
    }
}

impl From<webhook::NotDone> for NotTaken {
    fn from(error: webhook::NotDone) -> Self {
        match error {
            webhook::NotDone::Denied(denied) | webhook::NotDone::OthersMail(denied) => {
                denied.into()
            }
            webhook::NotDone::Store(error) => error.into(),
            error => Self::wrong(&error),
        }
    }
}

impl From<opt_out::NotChanged> for NotTaken {
    fn from(error: opt_out::NotChanged) -> Self {
        match error {
            opt_out::NotChanged::Denied(denied) => denied.into(),
            opt_out::NotChanged::Store(error) => error.into(),
            error => Self::wrong(&error),
        }
    }
}
