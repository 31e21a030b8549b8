//! The queries that run for every message and login look things up; none goes through a whole table.

use rusqlite::Connection;

use super::{USER, accounts, delivery, files, friends, history, logins, messages, rooms, schema};

/// How SQLite would run a query.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(parameter, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get::<_, String>(3).unwrap());
    }
    lines.join("\n")
}

#[test]
fn no_hot_query_goes_through_a_table_or_sorts_one() {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection, std::path::Path::new("none.db")).unwrap();
    let selected = |from: &str| format!("SELECT {USER} {from}");
    for sql in [
        history::OLDEST_NEWS.to_owned(),
        history::CONVERSATIONS.to_owned(),
        history::BEFORE.to_owned(),
        history::AFTER.to_owned(),
        history::SIZE.to_owned(),
        history::ITEM.to_owned(),
        messages::NAMED.to_owned(),
        delivery::STANDING.to_owned(),
        delivery::CURSOR.to_owned(),
        delivery::SENDERS.to_owned(),
        files::rows::VISIBLE.to_owned(),
        rooms::MEMBER_IDS.to_owned(),
        rooms::ROOMS_OF.to_owned(),
        logins::CREDENTIALS.to_owned(),
        logins::KEY_HOLDER.to_owned(),
        format!("SELECT {USER}, {}", accounts::LISTED),
        selected(rooms::MEMBERS),
        selected(friends::REQUESTS),
        selected(accounts::BETWEEN),
    ] {
        let plan = plan(&connection, &sql);
        // What is gone through may only be the outcome of a query inside this one.
        let scans = plan.lines().any(|line| line.contains("SCAN") && !line.contains("(subquery"));
        assert!(!scans && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
    // The friends of one user are few enough to be sorted.
    // And so are the requests to one owner.
    for sql in [selected(friends::FRIENDS), format!("SELECT {USER}, {}", rooms::REQUESTS_TO)] {
        let plan = plan(&connection, &sql);
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
