//! What is around every page.

use askama::Template;
use axum::response::Html;
use platform::DiskTrouble;
use platform::config::Size;

use super::failure::Failure;
use super::hostile::Hostile;
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
}

impl NoticeLine {
    fn of(Notice { text, failed }: Notice) -> Self {
        Self { words: Hostile(text), failed }
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
    /// Operates the gateway.
    pub(crate) operates: bool,
    /// May send.
    pub(crate) sends: bool,
    /// The administrator who acts as them, if one does.
    pub(crate) acting: Option<String>,
}

/// A page of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) icon: &'static str,
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

    /// The navigation.
    pub(crate) fn entries(&self, w: Words) -> Vec<Entry> {
        let all = [
            ("/", "write", w.nav_home()),
            ("/bulk", "bulk", w.nav_bulk()),
            ("/conversations", "talks", w.nav_conversations()),
            ("/sent", "outbox", w.nav_outbox()),
            ("/received", "inbox", w.nav_inbox()),
            ("/contacts", "contacts", w.nav_contacts()),
            ("/schedules", "schedules", w.nav_schedules()),
            ("/broadcasts", "broadcasts", w.nav_broadcasts()),
            ("/reports", "reports", w.nav_reports()),
            ("/modems", "modems", w.nav_modems()),
            ("/status", "status", w.nav_status()),
            ("/account", "account", w.nav_account()),
            ("/users", "users", w.nav_users()),
        ];
        let administers = self.account.as_ref().is_some_and(|account| account.administers);
        let operates = self.account.as_ref().is_some_and(|account| account.operates);
        let path = self.path.split('?').next().unwrap_or_default();
        // A conversation is a page of theirs, too, and so is a file.
        let below = ["/conversations", "/bulk"];
        let is_below = |at: &str| below.contains(&at) && path.starts_with(&format!("{at}/"));
        all.into_iter()
            .filter(|(path, ..)| administers || *path != "/users")
            .filter(|(path, ..)| operates || *path != "/status")
            .map(|(at, icon, name)| {
                let here = at == path || is_below(at);
                Entry { path: at, icon, name, here }
            })
            .collect()
    }
}

/// A page as a response.
pub(crate) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    Ok(Html(page.render()?))
}
