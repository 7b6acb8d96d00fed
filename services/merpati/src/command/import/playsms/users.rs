//! Users of playSMS.

use platform::config::Network;

use super::super::dump::Row;
use super::super::networks::network;
use super::super::report::Report;

/// A user.
pub(super) struct User {
    pub(super) name: String,
    pub(super) admin: bool,
    /// What its programs send as `h`.
    pub(super) token: Option<String>,
    /// The hash of its password: bcrypt, or MD5.
    pub(super) password_hash: Option<String>,
    /// From where the token works; empty: from anywhere.
    pub(super) allowed: Vec<Network>,
}

/// Leaves out token and hash.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.name)
    }
}

/// The most characters of a name.
const NAME: usize = 64;
/// The most networks of a key.
const NETWORKS: usize = 32;

/// The user of a row, with its id in playSMS; none: it is not carried over.
pub(super) fn user(row: &Row, report: &mut Report) -> Option<(i64, User)> {
    let uid = row.number("uid")?;
    let name = row.filled("username").unwrap_or_default();
    let is_name = (1..=NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !is_name {
        let words =
            format!("a user is not carried over: a name has 1 to {NAME} visible characters");
        report.remark(&row.place, &words);
        return None;
    }
    let mut remark =
        |words: String| report.remark(&row.place, &format!("the user '{name}': {words}"));
    for (column, why) in [
        ("footer", "write it into texts and templates"),
        ("sender", "a SIM sends from its own number"),
    ] {
        if row.filled(column).is_some() {
            remark(format!("'{column}' is not carried over: {why}"));
        }
    }
    for column in ["fwd_to_mobile", "fwd_to_email"] {
        if row.number(column) == Some(1) {
            remark(format!(
                "'{column}' is not carried over: a webhook tells a program what is received"
            ));
        }
    }
    let has_credit = |text: String| text.chars().any(|c| ('1'..='9').contains(&c));
    if row.filled("credit").is_some_and(has_credit) {
        remark("'credit' is not carried over: messages have no prices".to_owned());
    }
    if row.number("status") == Some(4) {
        remark("it is a user of its own now: there are no users of users".to_owned());
    }
    let password_hash = row.filled("password").filter(|hash| is_hash(hash));
    if password_hash.is_none() {
        remark("its password is kept in a way that is not known; set another one with merpati user password".to_owned());
    }
    let token = row.filled("token").filter(|_| row.number("enable_webservices") != Some(0));
    let allowed = allowed(&row.filled("webservices_ip").unwrap_or_default());
    let is_let_in = allowed.is_some();
    let token = token.filter(|_| is_let_in);
    if !is_let_in {
        remark("its token is not carried over: 'webservices_ip' names something else than at most 32 addresses such as 10.0.0.7 and 10.0.*.*".to_owned());
    }
    let admin = row.number("status") == Some(2);
    let allowed = allowed.unwrap_or_default();
    Some((uid, User { name, admin, token, password_hash, allowed }))
}

/// Whether a hash is one that playSMS has: bcrypt, or MD5 in hex.
fn is_hash(hash: &str) -> bool {
    let is_md5 = hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_md5 || (hash.len() == 60 && hash.starts_with("$2"))
}

/// playSMS's list of addresses; empty: from anywhere. None: no key can be limited so.
fn allowed(list: &str) -> Option<Vec<Network>> {
    let all = list.split([',', ' ', ';']).filter(|one| !one.is_empty());
    let mut networks = Vec::new();
    for one in all {
        if one == "*.*.*.*" || one == "0.0.0.0/0" {
            return Some(Vec::new());
        }
        networks.push(network(one).or_else(|| one.parse().ok())?);
    }
    (networks.len() <= NETWORKS).then_some(networks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_key_s() {
        let shown = |list: &str| {
            allowed(list).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let two = shown("127.0.0.1, 192.168.*.*").unwrap();
        assert_eq!(two, ["127.0.0.1", "192.168.0.0/16"]);
        assert_eq!(shown("10.0.0.0/8").unwrap(), ["10.0.0.0/8"]);
        assert_eq!(shown("").unwrap(), [""; 0]);
        assert_eq!(shown("127.0.0.1 *.*.*.*").unwrap(), [""; 0]);
        assert_eq!(shown("10.*.0.1"), None);
        assert_eq!(shown("everywhere"), None);
    }

    #[test]
    fn only_known_hashes_are() {
        assert!(is_hash("5f4dcc3b5aa765d61d8327deb882cf99"));
        assert!(is_hash("$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"));
        for other in ["", "secret", "5f4dcc3b5aa765d61d8327deb882cf9x"] {
            assert!(!is_hash(other), "{other}");
        }
    }
}
