//! A game of dice in a room: everybody rolls, the best roll of each is remembered.

use serde::{Deserialize, Serialize};
use uchat_framework::prelude::*;

grants! { keep = ["room"], tell = ["uchat.dice.rolled"], random }

/// How many players a table shows.
const SHOWN: usize = 100;

rejections! {
    /// Not a member, or there is no such room.
    NotMember = "还没有加入该群 (not a member)",
}

/// `[plugins.dice]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// Sides of a die.
    sides: u32,
    /// Dice of one roll.
    dice: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { sides: 6, dice: 2 }
    }
}

rejections! {
    /// The settings make no game.
    BadRules = "dice.sides must be 2 to 1000 and dice.dice 1 to 10",
}

/// The rules, from the configuration.
#[service]
fn rules(tables: Service<PluginSettings>) -> Result<Rules> {
    let rules: Rules = tables.read("dice")?;
    ensure!((2..=1000).contains(&rules.sides) && (1..=10).contains(&rules.dice), BadRules);
    Ok(rules)
}

/// What is remembered: for each room the players by their numbers.
struct Tables(Namespace);

/// Where it is remembered.
#[service]
fn tables(keep: Service<Keep>) -> Result<Tables> {
    Ok(Tables(keep.namespace("dice")))
}

/// Where to play.
#[derive(Deserialize)]
struct At {
    room: u64,
}

/// One player at a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Player {
    name: String,
    rolls: u64,
    best: u32,
}

/// A roll, as the caller and the other members (`uchat.dice.rolled`) see it.
#[derive(Debug, Serialize)]
struct Rolled {
    room: u64,
    user: UserId,
    name: String,
    dice: Vec<u32>,
    total: u32,
    best: u32,
}

/// Rolls the dice in a room; the members who are there see it.
#[handler("uchat.dice.roll", rate = "30/min")]
async fn roll(
    me: User,
    Args(at): Args<At>,
    reach: Reach,
    random: Random,
    rules: Service<Rules>,
    tables: Service<Tables>,
) -> Result<Rolled> {
    ensure!(reach.belongs("room", at.room).await?, NotMember);
    let roll = |_| Ok(u32::try_from(random.among(1..=rules.sides.into())?)?);
    let dice = (0..rules.dice).map(roll).collect::<Result<Vec<u32>>>()?;
    let total = dice.iter().sum();
    let update = |old: Option<Player>| Player {
        name: me.name.to_string(),
        rolls: old.as_ref().map_or(0, |old| old.rolls) + 1,
        best: old.map_or(total, |old| old.best.max(total)),
    };
    let player = tables.0.update(Scope::of("room", at.room), &me.id.to_string(), update).await?;
    let rolled = Rolled { room: at.room, user: me.id, name: player.name, dice, total, best: player.best };
    reach.tell_others("room", at.room, "uchat.dice.rolled", &rolled).await?;
    Ok(rolled)
}

/// Lists the players of a room, the best first.
#[handler("uchat.dice.table", rate = "30/min")]
async fn table(Args(at): Args<At>, reach: Reach, tables: Service<Tables>) -> Result<Vec<Player>> {
    ensure!(reach.belongs("room", at.room).await?, NotMember);
    let found = tables.0.list(Scope::of("room", at.room), "", SHOWN).await?;
    let mut players: Vec<Player> = found.into_iter().map(|(_, player)| player).collect();
    players.sort_by(|a, b| (b.best, &a.name).cmp(&(a.best, &b.name)));
    Ok(players)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit::{self, Circle};

    #[tokio::test]
    async fn members_roll_see_each_other_and_have_a_table() {
        let (circle, online) = (Circle::default().thing("room", 7, &[1, 2]), Online::recorder());
        let (rules, at) = (Service::new(Rules { sides: 20, dice: 1 }), || Args(At { room: 7 }));
        let tables = Service::new(Tables(Keep::in_memory(10, 200).namespace("dice")));
        let play = |id, name| {
            let (me, reach) = (testkit::user(id, name), circle.reach(id, &online));
            roll(me, at(), reach, Random::default(), rules.clone(), tables.clone())
        };
        let mut best = 0;
        for _ in 0..5 {
            let rolled = play(1, "ann").await.unwrap();
            assert!((1..=20).contains(&rolled.total) && rolled.dice == [rolled.total]);
            best = best.max(rolled.total);
        }
        play(2, "bob").await.unwrap();
        assert!(play(3, "eve").await.unwrap_err() == NotMember);
        let sent = online.sent();
        assert_eq!(sent.iter().map(|(user, _)| *user).collect::<Vec<_>>(), [2, 2, 2, 2, 2, 1]);
        let players = table(at(), circle.reach(2, &online), tables.clone()).await.unwrap();
        assert!(players.contains(&Player { name: "ann".into(), rolls: 5, best }), "{players:?}");
        assert!(players[0].best >= players[1].best);
    }
}
