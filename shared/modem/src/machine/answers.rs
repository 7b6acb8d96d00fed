//! What becomes of a command that was answered, or was not in time: each task is told.

use at::Final;

use super::Modem;
use super::parts::active::{Active, shown};
use super::parts::by_hand::changes_set_up;
use super::parts::task::{Poll, Task, Wanted};
use crate::event::{Event, RequestError};

impl Modem {
    /// A command has ended with a final result, or its answer counts as whole.
    pub(super) fn finish(&mut self, active: Active, result: &Final, line: &str) {
        self.link.note_result(self.now, &active, result);
        self.health.note_answer();
        match active.task().clone() {
            Task::Handshake => self.handshake_answered(result),
            Task::Boot(step) => self.boot_answered(step, &active, result),
            Task::KeepLink => self.outbox.note_keeps_link(result.is_ok()),
            Task::Submit | Task::Store | Task::SendStored => self.submit_answered(&active, result),
            Task::LookAtSent { index } => self.sent_looked_at(index, &active, result),
            Task::CheckSent => self.sent_checked(&active, result),
            Task::Acknowledge { receipt, positive } => {
                self.acknowledged(receipt, positive, result);
            }
            Task::Upkeep(upkeep) => self.upkeep_answered(upkeep, &active, result),
            Task::Read { slot, named } => {
                self.read_answered(slot, named.as_deref(), &active, result);
            }
            Task::List { memory } => self.list_answered(&memory, &active, result),
            Task::Delete { receipt } => self.deleted(receipt, result),
            Task::Enter { memory } => self.entered(memory, result),
            Task::Poll(poll) => self.polled(poll, &active, result),
            Task::Ussd { id, packed } => self.ussd_answered(id, packed, result),
            Task::DeleteSent | Task::EndUssd | Task::HangUp => {}
            Task::ByHand { id } => {
                let command = active.command().to_owned();
                self.at_answered(id, &command, active.into_lines(line));
            }
        }
    }

    /// The time of the command in flight is over.
    pub(super) fn active_ran_out(&mut self) {
        let Some(active) = self.link.take_active() else { return };
        if active.is_whole(self.now) {
            self.finish(active, &Final::Ok, "OK");
            return;
        }
        self.link.expect_prompt(false);
        if *active.task() == Task::Handshake {
            self.handshake_try_failed();
            return;
        }
        self.notices.stalled(shown(active.command()));
        // The modem said what was asked, and no `OK`: from now on silence ends the answer to this command.
        let informative = matches!(active.task(), Task::Boot(_) | Task::Poll(_))
            && active.value().is_some()
            && self.link.learn_no_ok(&active);
        if informative {
            self.finish(active, &Final::Ok, "OK");
            self.bring_in_step();
            return;
        }
        self.not_answered(&active);
    }

    /// A command was not answered in time: what it was for is told, and the line is brought in step.
    pub(super) fn not_answered(&mut self, active: &Active) {
        self.note_owed(active);
        match active.task().clone() {
            Task::Boot(step) => {
                self.boot_ran_out(step, active);
                return;
            }
            Task::Handshake => return,
            Task::KeepLink => self.outbox.note_keeps_link(false),
            Task::Submit | Task::Store | Task::SendStored => self.submit_ran_out(),
            Task::Acknowledge { receipt, positive } => {
                self.acknowledged(receipt, positive, &Final::Error);
            }
            Task::List { memory } => self.list_ran_out(&memory, active),
            Task::Delete { receipt } => self.deleted(receipt, &Final::Error),
            Task::Enter { memory } => self.may_have_entered(&memory),
            Task::Poll(poll) => {
                if poll != Poll::Lock {
                    self.link.note_missed(active.command());
                }
            }
            Task::Ussd { id, .. } => self.ussd_not_answered(id),
            Task::ByHand { id } => {
                self.event(Event::AtReply { id, result: Err(RequestError::NoAnswer) });
                if changes_set_up(active.command()) {
                    self.want(Wanted::SetUp);
                }
            }
            Task::DeleteSent
            | Task::LookAtSent { .. }
            | Task::CheckSent
            | Task::Upkeep(_)
            | Task::Read { .. }
            | Task::EndUssd
            | Task::HangUp => {}
        }
        self.resync();
    }
}
