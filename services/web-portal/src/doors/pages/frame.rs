//! What is around every page.

use askama::Template;
use axum::response::Html;
use platform::DiskTrouble;
use platform::config::Size;
use store::Restorable;

use super::failure::Failure;
use super::hostile::Hostile;
use super::navigation::{AT_HAND, Place, SECTIONS, Section};
use super::notice::Notice;
use super::parts::zone;
use super::visit::Visit;
use crate::app::App;
use crate::live::Position;
use crate::power::Power;
use crate::words::Words;

/// The frame's own data.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What every form brings back.
    pub(crate) csrf: String,
    /// Path and query of this page, to come back to.
    pub(crate) path: String,
    /// Others can read along.
    pub(crate) not_private: bool,
    /// From where events go on, for who is logged in.
    pub(crate) position: String,
    /// Who is logged in.
    pub(crate) account: Option<Account>,
    /// What the form did that led here.
    pub(crate) notice: Option<NoticeLine>,
    /// The zone of the times on the page.
    pub(crate) zone: String,
    /// There is no room for new messages.
    pub(crate) disk: Option<DiskTrouble>,
}

/// A notice on the page.
#[derive(Debug, Clone)]
pub(crate) struct NoticeLine {
    pub(crate) words: Hostile,
    pub(crate) failed: bool,
    /// Where the form goes that brings back what was removed.
    pub(crate) undo: Option<String>,
}

impl NoticeLine {
    fn of(Notice { text, failed, removed }: Notice) -> Self {
        let undo = removed.map(|what| {
            let page = match what {
                Restorable::Contact(_) => "contacts",
                Restorable::Group(_) => "groups",
                Restorable::Template(_) => "templates",
            };
            format!("/{page}/{}/restore", what.id())
        });
        Self { words: Hostile(text), failed, undo }
    }
}

/// Who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The name.
    pub(crate) name: String,
    /// What tells this account's event connection from another's in one browser.
    pub(crate) viewer: String,
    /// Manages the accounts of the organisation.
    pub(crate) administers: bool,
    /// The pages of the navigation that the account may see, by their paths.
    places: Vec<&'static str>,
    /// Operates the gateway.
    pub(crate) operates: bool,
    /// May send.
    pub(crate) sends: bool,
    /// The administrator who acts as them, if one does.
    pub(crate) acting: Option<String>,
}

/// Pages of the navigation that belong together.
#[derive(Debug, Clone)]
pub(crate) struct EntrySection {
    pub(crate) name: String,
    /// Those that a phone shows at its foot.
    pub(crate) at_hand: Vec<Entry>,
    pub(crate) entries: Vec<Entry>,
}

/// A page of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) letter: char,
    pub(crate) name: String,
    pub(crate) here: bool,
}

impl Frame {
    /// Around a page for this visit.
    pub(crate) async fn of(app: &App, visit: &Visit) -> Self {
        let account = visit.authority.as_ref().map(|authority| Account {
            name: authority.name().to_owned(),
            viewer: authority.owner().to_string(),
            administers: authority.may(Power::UsersManage),
            places: SECTIONS
                .iter()
                .flat_map(|section| section.places)
                .filter(|place| place.is_for(|power| authority.may(power)))
                .map(|place| place.path)
                .collect(),
            operates: authority.may(Power::GatewayOperate),
            sends: authority.may(Power::MessagesSend),
            acting: authority.acting().map(|acting| acting.name.clone()),
        });
        let position = match account {
            Some(_) if app.bus.is_connected() => app.hub.position().await,
            // Nothing is heard now; a page looks again when its event connection begins.
            _ => Position::NOWHERE,
        };
        Self {
            csrf: visit.csrf.clone(),
            path: visit.path.clone(),
            not_private: !visit.private && !visit.on_this_machine,
            position: position.to_string(),
            disk: app.has_room().err().filter(|_| account.is_some()),
            account,
            zone: zone(app.clock.now()),
            notice: visit.notice.clone().map(NoticeLine::of),
        }
    }

    /// Whether who visits may send.
    pub(crate) fn sends(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.sends)
    }

    /// That new messages are refused: with numbers for those who can make room.
    pub(crate) fn disk_full(&self, w: Words) -> Option<String> {
        let operates = self.account.as_ref().is_some_and(|account| account.operates);
        self.disk.as_ref().map(|trouble| match trouble {
            DiskTrouble::Full { folder, free, reserve } if operates => w.disk_full_admin(
                folder.display().to_string(),
                Size(*free).to_string(),
                Size(*reserve).to_string(),
            ),
            DiskTrouble::Full { .. } | DiskTrouble::Silent { .. } => w.disk_full(),
        })
    }

    /// The navigation, as far as the account sees it.
    pub(crate) fn sections(&self, w: Words) -> Vec<EntrySection> {
        let Some(account) = &self.account else { return Vec::new() };
        let path = self.path.split('?').next().unwrap_or_default();
        let entry = |place: &Place| Entry {
            path: place.path,
            icon: place.icon,
            letter: place.letter,
            name: (place.name)(w),
            here: place.is_at(path),
        };
        let mut at_hand = AT_HAND;
        let section = |section: &Section| {
            let seen = section.places.iter().filter(|place| account.places.contains(&place.path));
            let mut entries: Vec<Entry> = seen.map(&entry).collect();
            let rest = entries.split_off(at_hand.min(entries.len()));
            // Only the first section has some.
            at_hand = 0;
            EntrySection { name: (section.name)(w), at_hand: entries, entries: rest }
        };
        let sections: Vec<EntrySection> = SECTIONS.iter().map(section).collect();
        let is_there = |one: &EntrySection| !one.at_hand.is_empty() || !one.entries.is_empty();
        sections.into_iter().filter(is_there).collect()
    }

    /// Whether this page is one of those that a phone shows behind “More”.
    pub(crate) fn is_behind(&self, w: Words) -> bool {
        let sections = self.sections(w);
        sections.iter().flat_map(|section| &section.entries).any(|entry| entry.here)
    }
}

/// A page as a response.
pub(crate) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    Ok(Html(page.render()?))
}
