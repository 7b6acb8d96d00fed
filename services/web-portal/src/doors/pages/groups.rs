//! Groups of contacts: a list with search, and a page for each.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::GroupId;
use serde::Deserialize;
use store::{
    ChangeGroupError, CreateGroupError, Group, GroupCondition, GroupRule, MOST_CONDITIONS,
    MOST_GROUP_RULES, MOST_GROUPS, MOST_GROUPS_OF_CONTACT, Restorable,
};

use super::contacts::{fields, following, place, searched};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::restoring::restored;
use super::visit::Visit;
use super::whose::{self, Whose};
use crate::acts::belonging::{NotTheirs, may_share};
use crate::acts::group::{self, Change, NotDone};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// Groups of one page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "groups.html")]
struct GroupsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    search: String,
    first: bool,
    more: Option<String>,
    name: String,
    code: String,
    rule: Rule,
    may_write: bool,
    whose: Whose,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage {
    w: Words,
    frame: Frame,
    path: String,
    id: GroupId,
    shown: Hostile,
    members: u64,
    name: String,
    code: String,
    /// The group is by rule, and has this one.
    is_by_rule: bool,
    rule: Rule,
    may_write: bool,
    error: Option<String>,
}

/// A rule as it is written.
#[derive(Debug, Clone, Default)]
struct Rule {
    /// Any of the conditions has to hold, in the place of all.
    any: bool,
    tags: String,
    no_tags: String,
    /// Fields, each on a line with its name.
    fields: String,
}

impl Rule {
    /// What a form wrote.
    fn from(form: &Form) -> Self {
        let text = |name: &str| form.field(name).trim().to_owned();
        Self {
            any: form.field("of") == "any",
            tags: text("tags"),
            no_tags: text("no_tags"),
            fields: text("fields"),
        }
    }

    /// What a group has.
    fn of(rule: &GroupRule) -> Self {
        let mut written = Self { any: !rule.all, ..Self::default() };
        for condition in &rule.conditions {
            match condition {
                GroupCondition::Tag(tag) => written.tags.extend([tag, " "]),
                GroupCondition::NoTag(tag) => written.no_tags.extend([tag, " "]),
                GroupCondition::Field { name, value } => {
                    written.fields.extend([name, ": ", value, "\n"]);
                }
            }
        }
        written
    }

    fn is_empty(&self) -> bool {
        [&self.tags, &self.no_tags, &self.fields].iter().all(|text| text.is_empty())
    }

    /// What is meant by it.
    fn read(&self) -> Result<GroupRule, NotDone> {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let tags = words(&self.tags).into_iter().map(GroupCondition::Tag);
        let no_tags = words(&self.no_tags).into_iter().map(GroupCondition::NoTag);
        let fields = fields(&self.fields).ok_or(NotDone::Rule)?.into_iter();
        let fields = fields.map(|(name, value)| GroupCondition::Field { name, value });
        Ok(GroupRule { all: !self.any, conditions: tags.chain(no_tags).chain(fields).collect() })
    }
}

/// A group in the list.
struct Row {
    id: GroupId,
    name: Hostile,
    code: Hostile,
    members: u64,
    by_rule: bool,
    shared: bool,
    /// The name of the team whose it is.
    team: Option<Hostile>,
}

/// The query of a list that is sorted by name.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    pub(super) q: String,
    pub(super) after: Option<String>,
}

/// `GET /groups`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, listing, ("", "", "", Rule::default()), None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    (name, code, shared, rule): (&str, &str, &str, Rule),
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let place = place(listing.after.as_deref(), ROWS)?;
    let first = place.after.is_none();
    let (groups, next) = group::list(app, authority, Some(searched(&listing.q)?), &place).await?;
    let query = [("q", listing.q.clone())];
    let whose = Whose::of(app, authority, shared).await?;
    html(&GroupsPage {
        w: visit.words,
        frame: Frame { path: "/groups".to_owned(), ..Frame::of(app, visit).await },
        rows: groups.into_iter().map(|group| row(group, &whose)).collect(),
        search: listing.q,
        first,
        more: next.map(|next| following("/groups", &query, &next)),
        name: name.to_owned(),
        code: code.to_owned(),
        rule,
        may_write: authority.may(Power::ContactsWrite),
        whose,
        error,
    })
}

fn row(group: Group, whose: &Whose) -> Row {
    Row {
        id: group.id,
        name: Hostile(group.name).short(Hostile::NAME),
        code: Hostile(group.code.unwrap_or_default()),
        members: group.members,
        by_rule: group.rule.is_some(),
        shared: group.owner.is_everybody(),
        team: whose.team(group.owner),
    }
}

/// `POST /groups`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let written = (form.field("name").trim(), form.field("code").trim());
    let shared = form.field("shared");
    let belonging = whose::said(shared);
    let code = Some(written.1).filter(|code| !code.is_empty());
    let rule = Rule::from(&form);
    let wanted = if rule.is_empty() { Ok(None) } else { rule.read().map(Some) };
    let made = match wanted {
        Ok(wanted) => {
            let named = (written.0, code);
            group::make(&app, visit.authority()?, belonging, named, wanted).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(made) => Ok(visit.lead_to("/groups", Notice::done(w.groups_added(made.name)))),
        Err(refused) => {
            let words = words(w, refused)?;
            let written = (written.0, written.1, shared, rule);
            let page = page(&app, visit, Listing::default(), written, Some(words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /groups/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: GroupId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = group::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    let code = found.code.clone().unwrap_or_default();
    let rule = found.rule.as_ref().map(Rule::of).unwrap_or_default();
    one_page(&app, &visit, &found, (&found.name, &code, rule), None).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    group: &Group,
    (name, code, rule): (&str, &str, Rule),
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let is_own = !group.owner.is_everybody() || may_share(authority);
    let path = format!("/groups/{}", group.id);
    html(&GroupPage {
        w: visit.words,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        id: group.id,
        shown: Hostile(group.name.clone()),
        members: group.members,
        name: name.to_owned(),
        code: code.to_owned(),
        is_by_rule: group.rule.is_some(),
        rule,
        may_write: authority.may(Power::ContactsWrite) && is_own,
        error,
    })
}

/// `POST /groups/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: GroupId = id.parse().map_err(|_| Failure::NotFound)?;
    match call.as_str() {
        "remove" => {
            if !group::remove(&app, authority, id).await? {
                return Err(Failure::NotFound);
            }
            let notice = Notice::removed(w.groups_removed(), Restorable::Group(id));
            Ok(visit.lead_to("/groups", notice))
        }
        "restore" => restored(&app, visit, Restorable::Group(id)).await,
        "change" => {
            let written = (form.field("name").trim(), form.field("code").trim());
            let rule = Rule::from(&form);
            // A page of a group by rule says so.
            let wanted = (form.field("ruled") == "1").then(|| rule.read()).transpose();
            let changed = match wanted {
                Ok(wanted) => {
                    let change = Change {
                        name: Some(written.0.to_owned()),
                        code: Some(written.1.to_owned()),
                        rule: wanted,
                        ..Change::default()
                    };
                    group::change(&app, authority, id, change).await
                }
                Err(refused) => Err(refused),
            };
            match changed {
                Ok(_) => {
                    let notice = Notice::done(w.groups_changed());
                    Ok(visit.lead_to(&format!("/groups/{id}"), notice))
                }
                Err(refused) => {
                    let words = words(w, refused)?;
                    let found = group::one(&app, authority, id).await?;
                    let found = found.ok_or(Failure::NotFound)?;
                    let page =
                        one_page(&app, visit, &found, (written.0, written.1, rule), Some(words))
                            .await?;
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
                }
            }
        }
        _ => Err(Failure::NotFound),
    }
}

/// What is wrong with what was written, for who wrote it.
fn words(w: Words, refused: NotDone) -> Result<String, Failure> {
    match refused {
        NotDone::Name => Ok(w.contacts_bad_name(group::LONGEST_NAME)),
        NotDone::Code => Ok(w.groups_bad_code(group::LONGEST_CODE)),
        NotDone::Rule => Ok(w.groups_bad_rule(MOST_CONDITIONS)),
        NotDone::Make(CreateGroupError::TooManyRules) => {
            Ok(w.groups_too_many_rules(MOST_GROUP_RULES))
        }
        NotDone::Make(CreateGroupError::TooMany) => Ok(w.groups_too_many(MOST_GROUPS)),
        NotDone::Make(CreateGroupError::NameTaken(_))
        | NotDone::Change(ChangeGroupError::NameTaken(_)) => Ok(w.groups_taken()),
        NotDone::Change(ChangeGroupError::TooManyGroups(_)) => {
            Ok(w.contacts_bad_groups(MOST_GROUPS_OF_CONTACT))
        }
        NotDone::Change(ChangeGroupError::NoSuchGroup | ChangeGroupError::NoSuchContact(_)) => {
            Err(Failure::NotFound)
        }
        NotDone::TooManyAtOnce | NotDone::Change(ChangeGroupError::OtherKind) => {
            Err(Failure::Malformed)
        }
        NotDone::NotTheirs(NotTheirs::NoSuchTeam(_)) => Ok(w.contacts_no_team()),
        NotDone::NotTheirs(refused) => Err(refused.into()),
        NotDone::Make(CreateGroupError::Store(error))
        | NotDone::Change(ChangeGroupError::Store(error)) => Err(error.into()),
    }
}
