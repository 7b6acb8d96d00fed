//! What accounts do.

use std::time::Duration;

use contracts::batch::MtBatch;
use contracts::config_kv::OptOut;
use contracts::mt::MtRequest;
use contracts::{BatchId, OrgId, Priority, SimId, Timestamp};
use rand::RngExt as _;

use super::{EXPIRE_AFTER, Event, MONTH, World};
use crate::simulation::traffic;

/// How long the bulk may take.
const BULK_ENDS_AFTER: Duration = Duration::from_hours(5 * 24);

/// Schedules: the account, the organisation, when, and how many recipients.
pub(super) const SCHEDULES: [(&str, usize, &str, &str, &str, u32); 3] = [
    ("clinic", 2, "2026-09-01 08:00", "Europe/Berlin", "FREQ=DAILY", 15),
    ("school", 1, "2026-09-01 02:30", "America/New_York", "FREQ=WEEKLY;BYDAY=MO,TH", 60),
    ("shop", 0, "2026-10-31 17:00", "Asia/Jakarta", "FREQ=MONTHLY;BYMONTHDAY=-1", 100),
];

impl World {
    pub(super) fn request_all(&mut self, priority: Priority, requests: Vec<MtRequest>) {
        for request in &requests {
            self.witness.asked(request, priority, EXPIRE_AFTER);
        }
        self.queues.requested(priority, requests);
    }

    pub(super) fn send(&mut self, source: usize) {
        if !self.goes_on() {
            return;
        }
        let own = traffic::orgs()[0];
        let own: Vec<SimId> = self
            .sims
            .iter()
            .filter(|sim| sim.pool.is_none() && sim.org == own)
            .map(|sim| sim.id)
            .collect();
        let (now, random) = (self.now, &mut self.random);
        let requests = self.sources[source].requests(now, &mut self.serial, &own, random);
        let pause = self.sources[source].pause(random);
        let (priority, count) = (self.sources[source].priority, requests.len());
        self.step(&format!("{count} {priority} of {}", self.sources[source].account));
        self.later(pause, Event::Source(source));
        self.gathered(priority, requests);
    }

    /// What is sent together goes as the portal publishes it.
    pub(super) fn gathered(&mut self, priority: Priority, requests: Vec<MtRequest>) {
        for batch in MtBatch::gather(requests) {
            let requests = batch.requests().collect();
            self.request_all(priority, requests);
        }
    }

    pub(super) fn send_bulk(&mut self) {
        self.step(&format!("a bulk of {}", self.bulk));
        let (org, account) = (OrgId::default_org(), traffic::account(traffic::LARGE));
        let batch = Some(BatchId::derived("bulk"));
        let end = Some(self.now.plus(BULK_ENDS_AFTER));
        let mut sent = 0;
        while sent < self.bulk {
            let count = (self.bulk - sent).min(contracts::batch::MOST_RECIPIENTS);
            let requests = (sent..sent + count).map(|n| {
                let to = traffic::numbered(u32::try_from(n).unwrap());
                let (now, serial) = (self.now, &mut self.serial);
                let request = traffic::request(org, account, to, "Promo hari ini", now, serial);
                MtRequest { batch, not_after: end, ..request }
            });
            let requests = requests.collect();
            self.gathered(Priority::Bulk, requests);
            self.settle();
            sent += count;
        }
    }

    /// The next time of a schedule in the month.
    pub(super) fn schedule(&mut self, plan: usize) {
        let next = self.plans[plan].after(self.now.to_jiff()).map(Timestamp::from);
        if let Some(next) = next.filter(|next| next.since(self.begin) < MONTH) {
            self.at(next, Event::Schedule(plan));
        }
    }

    pub(super) fn send_scheduled(&mut self, plan: usize) {
        let (account, org, _, _, _, count) = SCHEDULES[plan];
        self.times[plan] += 1;
        let (org, account) = (traffic::orgs()[org], traffic::account(account));
        self.step(&format!("a schedule of {account}"));
        let batch = Some(BatchId::derived(&format!("{account} {}", self.now)));
        let requests = (0..count).map(|n| {
            let (now, serial) = (self.now, &mut self.serial);
            let to = traffic::numbered(n);
            MtRequest { batch, ..traffic::request(org, account, to, "Pengingat", now, serial) }
        });
        let requests = requests.collect();
        self.gathered(Priority::Normal, requests);
        self.schedule(plan);
    }

    pub(super) fn opt_out(&mut self) {
        if !self.goes_on() {
            return;
        }
        let number = traffic::phone(&mut self.random);
        let org = traffic::orgs()[self.random.random_range(0..3)];
        let out = self.random.random_bool(0.8);
        let value = OptOut { org, number: number.clone(), out };
        self.queues.settings.put(&OptOut::key(org, &number), &value);
        self.witness.opt_out(org, &number, out);
        self.queues.settings_changed();
        let hours = self.random.random_range(0.1..3.0);
        self.later(Duration::from_hours(1).mul_f64(hours), Event::OptOut);
    }
}
