//! Everybody with an account, invitations, and which roles need a phone to log in: for administrators.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{LinkId, UserId};
use store::{CreateUserError, LinkError, Role};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::pieces::Piece;
use super::visit::Visit;
use crate::acts::account::{self, AccountError, NewAccount};
use crate::acts::invitation::{self, NotInvited};
use crate::acts::second_factor;
use crate::app::App;
use crate::words::Words;

/// Accounts of one page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    w: Words,
    frame: Frame,
    users: Vec<UserRow>,
    /// It is the beginning of the list, and the address of what follows.
    first: bool,
    more: Option<String>,
    /// The account of messages that name none.
    local: UserId,
    roles: Vec<RoleChoice>,
    /// The roles that need a phone to log in.
    required: Vec<RoleChoice>,
    invitations: Vec<InvitationRow>,
    name: String,
    error: Option<String>,
    /// The link of a new invitation, this once.
    invited: Option<String>,
    invitation_error: Option<String>,
}

/// A person or a program in the list.
struct UserRow {
    id: UserId,
    name: String,
    role: String,
    enabled: bool,
    second_factor: bool,
    seen: Sentence,
}

/// A role as a choice.
pub(super) struct RoleChoice {
    pub(super) word: &'static str,
    pub(super) words: String,
    pub(super) is_chosen: bool,
}

/// An invitation in the list.
struct InvitationRow {
    id: LinkId,
    label: Hostile,
    role: String,
    until: Sentence,
}

/// What is said beside the lists of the page.
#[derive(Default)]
struct Said {
    name: String,
    error: Option<String>,
    invited: Option<String>,
    invitation_error: Option<String>,
}

/// What a role may do, in words.
pub(super) fn role_words(w: Words, role: Role) -> String {
    match role {
        Role::Admin => w.role_admin(),
        Role::Operator => w.role_operator(),
        Role::Manager => w.role_manager(),
        Role::User => w.role_user(),
        Role::ReadOnly => w.role_read_only(),
        Role::Service => w.role_service(),
    }
}

/// Roles as choices, of which some are chosen.
pub(super) fn choices(w: Words, roles: &[Role], chosen: &[Role]) -> Vec<RoleChoice> {
    let choice = |role: &Role| RoleChoice {
        word: role.as_str(),
        words: role_words(w, *role),
        is_chosen: chosen.contains(role),
    };
    roles.iter().map(choice).collect()
}

/// `GET /users`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, Said::default()).await
}

async fn page(app: &App, visit: &Visit, said: Said) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let users = account::list(app, authority).await?;
    let users = users.into_iter().map(|user| UserRow {
        id: user.id,
        name: user.name,
        role: role_words(w, user.role),
        enabled: user.enabled,
        second_factor: user.second_factor,
        seen: Sentence(match user.seen_at {
            Some(at) => w.users_seen(within(at)),
            None => w.users_never_seen(within(user.created_at)),
        }),
    });
    let piece = Piece::of(visit, "/users", users, ROWS);
    let invitations = invitation::list(app, authority).await?;
    let invitations = invitations.into_iter().map(|one| InvitationRow {
        id: one.id,
        label: Hostile(one.label),
        role: role_words(w, one.role),
        until: Sentence(w.invitations_until(within(one.expires_at))),
    });
    let required = second_factor::required(app, authority).await?;
    let frame = Frame { path: "/users".to_owned(), ..Frame::of(app, visit).await };
    html(&UsersPage {
        w,
        frame,
        users: piece.rows,
        first: piece.first,
        more: piece.more,
        local: UserId::internal(),
        roles: choices(w, &Role::OF_PEOPLE, &[Role::User]),
        required: choices(w, &Role::OF_PEOPLE, &required),
        invitations: invitations.collect(),
        name: said.name,
        error: said.error,
        invited: said.invited,
        invitation_error: said.invitation_error,
    })
}

/// The role of a form; one that names none is a user's.
fn role_of(form: &Form) -> Result<Role, Failure> {
    match form.field("role") {
        "" => Ok(Role::User),
        word => word.parse().map_err(|_| Failure::Malformed),
    }
}

/// `POST /users`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.authority()?;
    let w = visit.words;
    let written = form.field("name").trim();
    let again = async |words: String| {
        let said = Said { name: written.to_owned(), error: Some(words), ..Said::default() };
        let page = page(&app, visit, said).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let role = role_of(&form)?;
    let (name, password) = (written.to_owned(), Some(form.field("password").to_owned()));
    let new = NewAccount { name, password, role, language: None };
    match account::make(&app, authority, new).await {
        Ok(user) => Ok(visit.lead_to("/users", Notice::done(w.users_added(user.name)))),
        Err(AccountError::Unfit(unfit)) => again(unfit_words(w, unfit)).await,
        Err(AccountError::Make(CreateUserError::NameTaken(_))) => again(w.users_taken()).await,
        Err(AccountError::Make(CreateUserError::Store(error))) => Err(error.into()),
        Err(AccountError::Make(CreateUserError::NoSuchOrg(_)) | AccountError::Change(_)) => {
            Err(Failure::Internal)
        }
        Err(AccountError::Denied(_)) => Err(Failure::Forbidden),
    }
}

/// `POST /users/invitations`: the page with the link of the new invitation, this once.
pub(super) async fn invite(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let role = role_of(&form)?;
    let made = invitation::make(&app, visit.authority()?, role, form.field("label")).await;
    let (status, said) = match made {
        Ok((_, link)) => (StatusCode::OK, Said { invited: Some(link), ..Said::default() }),
        Err(NotInvited::Denied(denied)) => return Err(denied.into()),
        Err(NotInvited::Program) => return Err(Failure::Malformed),
        Err(NotInvited::Link(LinkError::Store(error))) => return Err(error.into()),
        Err(NotInvited::Link(LinkError::TooMany)) => {
            let words = visit.words.invitations_too_many(store::MOST_INVITATIONS);
            let said = Said { invitation_error: Some(words), ..Said::default() };
            (StatusCode::UNPROCESSABLE_ENTITY, said)
        }
        Err(NotInvited::Label) => {
            let words = visit.words.invitations_label_wrong(invitation::LONGEST_LABEL);
            let said = Said { invitation_error: Some(words), ..Said::default() };
            (StatusCode::UNPROCESSABLE_ENTITY, said)
        }
        Err(NotInvited::Link(_)) => return Err(Failure::Internal),
    };
    Ok((status, page(&app, visit, said).await?).into_response())
}

/// `POST /users/invitations/{id}/revoke`.
pub(super) async fn revoke_invitation(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let id: LinkId = id.parse().map_err(|_| Failure::NotFound)?;
    if !invitation::revoke(&app, visit.authority()?, id).await? {
        return Err(Failure::NotFound);
    }
    Ok(visit.lead_to("/users", Notice::done(visit.words.invitations_revoked())))
}

/// `POST /users/sign-in`: which roles need a phone to log in.
pub(super) async fn require(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let roles =
        form.fields("role").map(|word| word.parse::<Role>().map_err(|_| Failure::Malformed));
    let roles: Vec<Role> = roles.collect::<Result<_, _>>()?;
    second_factor::require(&app, visit.authority()?, &roles).await?;
    Ok(visit.lead_to("/users", Notice::done(visit.words.totp_roles_set())))
}
