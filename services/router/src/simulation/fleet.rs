//! The SIMs and their modems, each with the driver's account of what it has sent.

use std::num::NonZeroU32;

use contracts::limits::{Closed, Limit, Limits, Recipient, Usage, WarmUp};
use contracts::modem::{ModemState, ModemStatus, SimState};
use contracts::mt::MtItem;
use contracts::subject::Target;
use contracts::{ModemId, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp};
use jiff::tz::TimeZone;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::account::{Account, Asked, Beginning, Given, Moment};

/// SIMs of a host.
const OF_A_HOST: usize = 20;
const ZONES: [&str; 5] =
    ["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"];
const QUIET: [&str; 4] = ["21:00-07:00", "22:30-06:15", "12:00-14:00", "00:00-05:00"];

/// A SIM in its modem.
pub(super) struct Sim {
    pub(super) id: SimId,
    pub(super) org: OrgId,
    /// None: it is not for everybody, and in no pool.
    pub(super) pool: Option<PoolId>,
    pub(super) host: usize,
    pub(super) limits: Limits,
    pub(super) zone: TimeZone,
    account: Account,
    /// What the bucket `usage` has of it.
    kept: Usage,
    /// What routers heard last.
    pub(super) state: ModemState,
    /// For how many reasons it is away.
    pub(super) away: u32,
    pub(super) busy: Option<Busy>,
    /// When it is looked at though nothing is sent.
    pub(super) wakes: Option<Timestamp>,
}

/// What a modem has in hand.
pub(super) struct Busy {
    pub(super) item: MtItem,
    /// Parts that were given to it.
    pub(super) given: u8,
    /// Which of all that modems had in hand it is.
    pub(super) serial: u64,
}

impl Sim {
    pub(super) fn new(place: usize, org: OrgId, pool: Option<PoolId>, random: &mut StdRng) -> Self {
        let id = SimId::derived(&place.to_string());
        // One without limits would send all that the others may not.
        let is_default = pool.as_ref().is_some_and(|pool| *pool == PoolId::default_pool());
        let limits = limits(!is_default && random.random_range(0..20) == 0, random);
        let zone = limits.time_zone();
        let state = state(place, id, pool.clone());
        let host = place / OF_A_HOST;
        Self {
            id,
            org,
            pool,
            host,
            limits,
            zone,
            account: Account::default(),
            kept: Usage::default(),
            state,
            away: 0,
            busy: None,
            wakes: None,
        }
    }

    /// What it sends for.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        let pool = self.pool.clone().map(Target::Pool);
        std::iter::once(Target::Sim(self.id)).chain(pool)
    }

    pub(super) fn is_present(&self) -> bool {
        self.away == 0
    }

    /// Why it begins nothing, or nothing but passwords.
    pub(super) fn closed(&mut self, now: Timestamp) -> Option<Closed> {
        if self.limits.is_none() {
            return None;
        }
        let limits = self.limits.on_the_day(now, &self.zone);
        self.account.closed(&limits, Moment { now, zone: &self.zone })
    }

    pub(super) fn may_begin(&mut self, item: &MtItem, now: Timestamp) -> bool {
        if self.limits.is_none() {
            return true;
        }
        let limits = self.limits.on_the_day(now, &self.zone);
        let at = Moment { now, zone: &self.zone };
        let recipient = recipient(&item.request.to);
        let asked = Asked { parts: item.parts, priority: item.priority, recipient };
        self.account.may_begin(&limits, asked, at) == Beginning::May
    }

    /// Counts a part as the driver does before it is given to the modem, the first of so many that are still to go.
    pub(super) fn count(&mut self, to: &PhoneNumber, parts: u8, now: Timestamp) -> Given {
        let limits = self.limits.on_the_day(now, &self.zone);
        let (at, recipient) = (Moment { now, zone: &self.zone }, recipient(to));
        if let Some(due) = self.account.due(&limits, parts, recipient, at) {
            self.kept = due.usage.clone();
            self.account.is_stored(due);
        }
        self.account.give(&limits, recipient)
    }

    /// A part that was counted certainly did not go out.
    pub(super) fn take_back(&mut self, counted: &Given) {
        self.account.take_back(counted);
    }

    /// The driver ends, of its own will or killed, and another run goes on with what is stored.
    pub(super) fn start_again(&mut self, killed: bool) {
        if !killed && let Some(exact) = self.account.exact() {
            self.kept = exact.clone();
        }
        self.account = Account::of(self.kept.clone());
    }

    /// When to look at it though nothing is sent: while it is closed, whenever that may change; else when it gets quiet.
    pub(super) fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.limits.is_none() {
            return None;
        }
        if self.state.closed.is_none() {
            return self.limits.quiet.map(|quiet| quiet.begin(now, &self.zone));
        }
        let limits = self.limits.on_the_day(now, &self.zone);
        self.account.changes_at(&limits, Moment { now, zone: &self.zone })
    }

    /// Whether it takes messages of a priority, as far as routers were told.
    pub(super) fn takes(&self, priority: Priority) -> bool {
        let is_open = self.state.closed.as_ref().is_none_or(|closed| closed.lets_through(priority));
        self.is_present() && is_open
    }
}

/// The print of a number.
fn recipient(to: &PhoneNumber) -> Recipient {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    Recipient::of_hash(to.as_str().bytes().fold(0xCBF2_9CE4_8422_2325, step))
}

/// Limits as people set them, or none.
fn limits(none: bool, random: &mut StdRng) -> Limits {
    if none {
        return Limits::default();
    }
    let mut some = |chance: f64, from: u32, to: u32| {
        random.random_bool(chance).then(|| random.random_range(from..=to)).and_then(NonZeroU32::new)
    };
    let limits = Limits {
        per_minute: some(0.2, 3, 4),
        per_hour: some(0.6, 4, 8),
        per_day: some(1.0, 8, 25),
        per_month: some(0.7, 60, 250),
        ..Limits::default()
    };
    let quiet = random.random_bool(0.4).then(|| QUIET[random.random_range(0..QUIET.len())]);
    let warm_up = random.random_bool(0.25).then(|| WarmUp {
        from: jiff::civil::date(2026, 10, random.random_range(1..=20)),
        first_day: NonZeroU32::new(random.random_range(3..=8)).unwrap(),
    });
    let limits = Limits {
        quiet: quiet.map(|quiet| quiet.parse().unwrap()),
        warm_up,
        zone: Some(ZONES[random.random_range(0..ZONES.len())].to_owned()),
        ..limits
    };
    assert_eq!(limits.check(), Ok(()), "{limits:?}");
    assert!(Limit::COUNTED.iter().all(|limit| limits.most(*limit).is_none_or(|most| most >= 3)));
    limits
}

fn state(place: usize, sim: SimId, pool: Option<PoolId>) -> ModemState {
    let began = Timestamp::from_micros(0);
    ModemState {
        id: ModemId::derived(&place.to_string()),
        name: format!("modem{place}"),
        port: format!("/dev/ttyUSB{place}"),
        host: (place / OF_A_HOST).to_string(),
        status: ModemStatus::Ready,
        text: String::new(),
        manufacturer: String::new(),
        model: String::new(),
        firmware: String::new(),
        imei: None,
        sim: Some(SimState { id: sim, iccid: None, imsi: None, number: None, smsc: None }),
        operator: None,
        technology: None,
        roaming: false,
        signal_dbm: None,
        pools: pool.into_iter().collect(),
        problem: None,
        queue: 0,
        sent_today: 0,
        failed_today: 0,
        balance: None,
        spool: None,
        closed: None,
        closed_to_new: None,
        low: None,
        since: began,
        seen_at: began,
    }
}
