//! Groups of contacts.

use api::{GroupChanges, Groups, ListByName, NewGroup};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::GroupId;
use store::{
    ChangeGroupError, CreateGroupError, Group, GroupCondition, GroupRule, MOST_GROUP_RULES,
    MOST_GROUPS, MOST_GROUPS_OF_CONTACT,
};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::paging;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::belonging::Belonging;
use crate::acts::group::{self, Change, NotDone};
use crate::app::App;

/// `GET /groups`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListByName>,
) -> Answer<Json<Groups>> {
    let page = paging::page_by_name(listing.limit, listing.after.as_deref())?;
    let (groups, next) = group::list(&app, &authority, listing.q.as_deref(), &page).await?;
    let groups = groups.into_iter().map(shown).collect();
    Ok(Json(Groups { groups, next: next.map(|next| next.to_string()) }))
}

/// `POST /groups`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewGroup>,
) -> Answer<impl IntoResponse> {
    let belonging = Belonging { shared: new.shared, user: new.user, team: new.team };
    let written = (new.name.as_str(), new.code.as_deref());
    let rule = new.rule.map(rule);
    let made = group::make(&app, &authority, belonging, written, rule).await?;
    Ok((StatusCode::CREATED, Json(shown(made))))
}

/// `GET /groups/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<GroupId>,
) -> Answer<Json<api::Group>> {
    let found = group::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    Ok(Json(shown(found)))
}

/// `PATCH /groups/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<GroupId>,
    CheckedJson(changes): CheckedJson<GroupChanges>,
) -> Answer<Json<api::Group>> {
    let GroupChanges { name, code, rule: wanted, add, remove } = changes;
    let change = Change { name, code, rule: wanted.map(rule), add, remove };
    let changed = group::change(&app, &authority, id, change).await?;
    Ok(Json(shown(changed)))
}

/// `DELETE /groups/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<GroupId>,
) -> Answer<StatusCode> {
    let removed = group::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn nowhere() -> Problem {
    Problem::not_found("group of this id")
}

fn shown(group: Group) -> api::Group {
    let Group { id, owner, name, code, rule, members, created_at, .. } = group;
    let rule = rule.map(said);
    let (owner, team) = (owner.user(), owner.team());
    api::Group { id, owner, team, name, code, rule, members, created_at }
}

/// Of all conditions each has to hold.
const ALL: &str = "all";

/// A group's rule, as it is said.
fn rule(said: api::GroupRule) -> GroupRule {
    let tags = said.tags.into_iter().map(GroupCondition::Tag);
    let no_tags = said.no_tags.into_iter().map(GroupCondition::NoTag);
    let fields = said.fields.into_iter();
    let fields = fields.map(|(name, value)| GroupCondition::Field { name, value });
    GroupRule { all: said.of == ALL, conditions: tags.chain(no_tags).chain(fields).collect() }
}

fn said(rule: GroupRule) -> api::GroupRule {
    let of = if rule.all { ALL } else { "any" };
    let mut said = api::GroupRule { of: of.to_owned(), ..api::GroupRule::default() };
    for condition in rule.conditions {
        match condition {
            GroupCondition::Tag(tag) => said.tags.push(tag),
            GroupCondition::NoTag(tag) => said.no_tags.push(tag),
            GroupCondition::Field { name, value } => drop(said.fields.insert(name, value)),
        }
    }
    said
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Name => Self::malformed(detail).with("field", "name"),
            NotDone::Code => Self::malformed(detail).with("field", "code"),
            NotDone::Rule => Self::malformed(detail).with("field", "rule"),
            NotDone::TooManyAtOnce => Self::malformed(detail).with("field", "add"),
            NotDone::Make(CreateGroupError::TooMany) => {
                Self::new(Code::TooManyGroups, detail).with("limit", MOST_GROUPS)
            }
            NotDone::Make(CreateGroupError::TooManyRules) => {
                Self::new(Code::TooManyGroups, detail).with("limit", MOST_GROUP_RULES)
            }
            NotDone::Change(ChangeGroupError::OtherKind) => Self::new(Code::GroupKind, detail),
            NotDone::Change(ChangeGroupError::TooManyGroups(_)) => {
                Self::new(Code::TooManyGroups, detail).with("limit", MOST_GROUPS_OF_CONTACT)
            }
            NotDone::Make(CreateGroupError::NameTaken(_))
            | NotDone::Change(ChangeGroupError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::Change(ChangeGroupError::NoSuchGroup) => nowhere(),
            NotDone::Change(ChangeGroupError::NoSuchContact(_)) => {
                Self::not_found("contact of one of these ids")
            }
            NotDone::Make(CreateGroupError::Store(error))
            | NotDone::Change(ChangeGroupError::Store(error)) => error.into(),
        }
    }
}
