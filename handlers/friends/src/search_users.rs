//! The named call `uchat.search_users`: finds people by the beginning of their names.

use uchat_db::Db;
use uchat_framework::codec::chat::{FoundUser, SearchUsers};
use uchat_framework::prelude::*;

use crate::fold;

/// How many are found at most.
const MOST: u32 = 50;
/// How long a prefix may be, in characters.
const LONGEST_PREFIX: usize = 64;

rejections! {
    /// The prefix is empty once trimmed, or longer than any name.
    BadPrefix = "请输入用户名的开头 (give the beginning of a name)",
    /// The limit is not between 1 and 50.
    BadLimit = "数量必须在 1 到 50 之间 (limit must be 1 to 50)",
}

/// Finds users by the beginning of their names, in order of name, without the caller.
#[handler("uchat.search_users", rate = "10/s")]
async fn search_users(
    me: User,
    Args(search): Args<SearchUsers>,
    db: Service<Db>,
    online: Online,
) -> Result<Vec<FoundUser>> {
    let prefix = fold(&search.prefix);
    ensure!((1..=LONGEST_PREFIX).contains(&prefix.chars().count()), BadPrefix);
    ensure!((1..=MOST).contains(&search.limit), BadLimit);
    let limit = usize::try_from(search.limit)?;
    let found = db.users_by_prefix(&prefix, limit + 1).await?;
    let others = found.into_iter().filter(|user| user.id != me.id).take(limit);
    Ok(others
        .map(|user| FoundUser { online: online.is_online(user.id), id: user.id, username: user.username })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn others_are_found_by_the_beginning_of_their_names() {
        let db = uchat_db::testkit::with_users(&["ann", "anton", "bob", "a_n"]).await;
        let search = SearchUsers { prefix: " AN".into(), limit: 20 };
        let found = search_users(testkit::user(1, "ann"), Args(search), Service::new(db), Online::recorder());
        let names: Vec<_> = found.await.unwrap().into_iter().map(|user| user.username).collect();
        assert_eq!(names, ["anton"]);
    }
}
