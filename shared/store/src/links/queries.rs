//! The queries of links that work once.

use contracts::{LinkId, Timestamp, UserId};
use serde_json::json;

use super::accounts::rows::{UserRow, insert_user, lock_org, user_columns, write_setting};
use super::{Database, Tx};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{
    ChangeUserError, INVITATION_LASTS, Invitation, LinkError, MOST_INVITATIONS, NewInvitation,
    NewUser, PASSWORD_LINK_LASTS, Reach, Role, SecretHash, StoreError, User,
};

const MAKING: &str = "making a link";
const READING: &str = "reading links";
const TAKING: &str = "using a link";

/// A row of `account_links` that is an invitation.
#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: String,
    role: String,
    label: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("account_links.id", &row.id)?,
            role: parsed("account_links.role", &row.role)?,
            label: row.label,
            created_at: time(row.created_at),
            expires_at: time(row.expires_at),
        })
    }
}

/// What a link is for, and whether it is open.
#[derive(sqlx::FromRow)]
struct LinkRow {
    org: String,
    role: Option<String>,
    account: Option<String>,
    expires_at: i64,
    used_at: Option<i64>,
    void_at: Option<i64>,
}

impl LinkRow {
    fn must_be_open(&self, now: Timestamp) -> Result<(), LinkError> {
        if self.used_at.is_some() || self.void_at.is_some() {
            Err(LinkError::Spent)
        } else if time(self.expires_at) <= now {
            Err(LinkError::Expired)
        } else {
            Ok(())
        }
    }

    /// The role of an invitation.
    fn role(&self) -> Result<Role, LinkError> {
        let role = self.role.as_deref().ok_or(LinkError::Unknown)?;
        Ok(parsed("account_links.role", role)?)
    }

    /// The account of a link for a new password.
    fn account(&self) -> Result<UserId, LinkError> {
        let account = self.account.as_deref().filter(|_| self.role.is_none());
        Ok(parsed("account_links.account", account.ok_or(LinkError::Unknown)?)?)
    }
}

impl Database {
    pub(crate) async fn create_invitation(
        &self,
        reach: Reach,
        new: &NewInvitation,
        at: Timestamp,
    ) -> Result<Invitation, LinkError> {
        reach.must_be_everything(MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // Of two who make the last one that there may be, the second waits here.
        lock_org(&mut tx, reach.org, at).await?;
        let sql = "SELECT count(*) FROM account_links WHERE org = $1 AND role IS NOT NULL \
                   AND used_at IS NULL AND void_at IS NULL AND expires_at > $2";
        let open = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let open = open.bind(at.as_micros()).fetch_one(&mut *tx).await.map_err(failed(MAKING))?;
        if open >= i64::from(MOST_INVITATIONS) {
            return Err(LinkError::TooMany);
        }
        let made = Invitation {
            id: LinkId::new(),
            role: new.role,
            label: storable(&new.label),
            created_at: at,
            expires_at: at.plus(INVITATION_LASTS),
        };
        let sql = "INSERT INTO account_links (id, org, token_sha256, role, label, maker, created_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let insert = sqlx::query(sql)
            .bind(made.id.to_string())
            .bind(reach.org.to_string())
            .bind(new.token.column())
            .bind(new.role.as_str())
            .bind(made.label.clone())
            .bind(new.maker.map(|maker| maker.to_string()).unwrap_or_default())
            .bind(at.as_micros())
            .bind(made.expires_at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(MAKING))?;
        tx.about(&made.id, &made.label);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(made)
    }

    pub(crate) async fn invitations(
        &self,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        reach.must_be_everything(READING)?;
        let sql = "SELECT id, role, label, created_at, expires_at FROM account_links \
                   WHERE org = $1 AND role IS NOT NULL AND used_at IS NULL AND void_at IS NULL \
                   AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        let rows = sqlx::query_as::<_, InvitationRow>(sql)
            .bind(reach.org.to_string())
            .bind(now.as_micros())
            .bind(i64::from(MOST_INVITATIONS))
            .fetch_all(&self.read)
            .await;
        rows.map_err(failed(READING))?.into_iter().map(Invitation::try_from).collect()
    }

    pub(crate) async fn revoke_invitation(
        &self,
        reach: Reach,
        id: LinkId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "revoking an invitation";
        reach.must_be_everything(doing)?;
        let mut tx = self.begin(doing).await?;
        let sql = "UPDATE account_links SET void_at = $3 WHERE id = $1 AND org = $2 AND role IS NOT NULL \
                   AND used_at IS NULL AND void_at IS NULL RETURNING label, role";
        let row = sqlx::query_as::<_, (String, String)>(sql)
            .bind(id.to_string())
            .bind(reach.org.to_string())
            .bind(at.as_micros())
            .fetch_optional(&mut *tx)
            .await;
        let Some((label, role)) = row.map_err(failed(doing))? else { return Ok(false) };
        tx.about(&id, &label);
        tx.changed(&json!({ "role": role }), &json!({}));
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }

    pub(crate) async fn create_password_link(
        &self,
        reach: Reach,
        account: UserId,
        token: SecretHash,
        maker: Option<UserId>,
        at: Timestamp,
    ) -> Result<Timestamp, LinkError> {
        reach.must_be_everything(MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        let sql = "SELECT name FROM users WHERE id = $1 AND org = $2 AND role <> 'service'";
        let name = sqlx::query_scalar::<_, String>(sql)
            .bind(account.to_string())
            .bind(reach.org.to_string())
            .fetch_optional(&mut *tx)
            .await;
        let name = name.map_err(failed(MAKING))?.ok_or(ChangeUserError::NoSuchUser)?;
        void_of_account(&mut tx, account, at).await?;
        let expires_at = at.plus(PASSWORD_LINK_LASTS);
        let sql = "INSERT INTO account_links (id, org, token_sha256, account, label, maker, created_at, expires_at) \
                   VALUES ($1, $2, $3, $4, '', $5, $6, $7)";
        let insert = sqlx::query(sql)
            .bind(LinkId::new().to_string())
            .bind(reach.org.to_string())
            .bind(token.column())
            .bind(account.to_string())
            .bind(maker.map(|maker| maker.to_string()).unwrap_or_default())
            .bind(at.as_micros())
            .bind(expires_at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(MAKING))?;
        tx.about(&account, &name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(expires_at)
    }

    pub(crate) async fn check_invitation(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Role, LinkError> {
        let link = self.link(token).await?;
        let role = link.role()?;
        link.must_be_open(now)?;
        Ok(role)
    }

    pub(crate) async fn take_invitation(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, LinkError> {
        let link = self.link(token).await?;
        let role = link.role()?;
        link.must_be_open(at)?;
        let org = parsed("account_links.org", &link.org)?;
        let mut tx = self.begin(TAKING).await?;
        // The organisation first, as whoever disables the maker of the link locks it before the link, too.
        lock_org(&mut tx, org, at).await?;
        spend(&mut tx, token, at).await?;
        let user = insert_user(&mut tx, org, &NewUser { role, ..new.clone() }, at).await?;
        if role == Role::Admin {
            super::setup::void_open(&mut tx, at).await?;
        }
        tx.about(&user.id, &user.name);
        tx.commit().await.map_err(failed(TAKING))?;
        Ok(user)
    }

    pub(crate) async fn check_password_link(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<User, LinkError> {
        let link = self.link(token).await?;
        let account = link.account()?;
        link.must_be_open(now)?;
        let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");
        let row = sqlx::query_as::<_, UserRow>(sql).bind(account.to_string());
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        let user = User::try_from(row.ok_or(LinkError::Spent)?)?;
        if user.enabled && user.role != Role::Service { Ok(user) } else { Err(LinkError::Spent) }
    }

    pub(crate) async fn take_password_link(
        &self,
        token: SecretHash,
        hash: &str,
        at: Timestamp,
    ) -> Result<User, LinkError> {
        let user = self.check_password_link(token, at).await?;
        let mut tx = self.begin(TAKING).await?;
        lock_org(&mut tx, user.org, at).await?;
        spend(&mut tx, token, at).await?;
        let sql = "UPDATE users SET password_hash = $2 WHERE id = $1 AND enabled = $3";
        let update = sqlx::query(sql).bind(user.id.to_string()).bind(hash.to_owned()).bind(true);
        let done = update.execute(&mut *tx).await.map_err(failed(TAKING))?;
        if done.rows_affected() == 0 {
            return Err(LinkError::Spent);
        }
        super::keys::forget_old_password(&mut tx, user.id).await?;
        super::sessions::end_all(&mut tx, user.id).await?;
        write_setting(&mut tx, user.id, at).await?;
        tx.about(&user.id, &user.name);
        tx.commit().await.map_err(failed(TAKING))?;
        Ok(user)
    }

    async fn link(&self, token: SecretHash) -> Result<LinkRow, LinkError> {
        let sql = "SELECT org, role, account, expires_at, used_at, void_at FROM account_links \
                   WHERE token_sha256 = $1";
        let row = sqlx::query_as::<_, LinkRow>(sql).bind(token.column());
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        row.ok_or(LinkError::Unknown)
    }
}

/// Uses a link. Of two who use it at the same moment, the second waits here and then changes nothing.
async fn spend(tx: &mut Tx, token: SecretHash, at: Timestamp) -> Result<(), LinkError> {
    let sql = "UPDATE account_links SET used_at = $2 \
               WHERE token_sha256 = $1 AND used_at IS NULL AND void_at IS NULL";
    let update = sqlx::query(sql).bind(token.column()).bind(at.as_micros());
    let done = update.execute(&mut **tx).await.map_err(failed(TAKING))?;
    if done.rows_affected() == 0 { Err(LinkError::Spent) } else { Ok(()) }
}

/// Voids the open links for a new password of an account.
pub(super) async fn void_of_account(
    tx: &mut Tx,
    account: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE account_links SET void_at = $2 \
               WHERE account = $1 AND used_at IS NULL AND void_at IS NULL";
    let update = sqlx::query(sql).bind(account.to_string()).bind(at.as_micros());
    update.execute(&mut **tx).await.map(drop).map_err(failed("voiding links"))
}

/// Voids the open links that an account made, which may not make such links any more.
pub(super) async fn void_of_maker(
    tx: &mut Tx,
    maker: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE account_links SET void_at = $2 \
               WHERE maker = $1 AND used_at IS NULL AND void_at IS NULL";
    let update = sqlx::query(sql).bind(maker.to_string()).bind(at.as_micros());
    update.execute(&mut **tx).await.map(drop).map_err(failed("voiding links"))
}
