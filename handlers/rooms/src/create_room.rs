//! Opcode 8: a new room.

use uchat_config::Settings;
use uchat_db::Db;
use uchat_framework::codec::chat::RoomInfo;
use uchat_framework::codec::opcode::{CONTACT_INFO, CREATE_ROOM, GENERAL_MSG};
use uchat_framework::prelude::*;

use crate::act::NameTaken;

rejections! {
    /// The name is empty once trimmed.
    EmptyName = "群名称不能为空",
    /// The name is longer than `rooms.name_max_chars`.
    LongName = "群名称过长",
    /// The name holds control characters.
    IllegalName = "群名称含有非法字符",
}

/// Creates a room; its creator is its first member.
#[handler(CREATE_ROOM)]
async fn create_room(
    me: User,
    Args(name): Args<String>,
    db: Service<Db>,
    settings: Service<Settings>,
) -> Result<Replies> {
    let name = checked_name(&name, &settings)?;
    let room = db.create_room(me.id, name).await?.ok_or(NameTaken)?;
    let text = format!("创建成功，群号为：{}", room.id);
    Replies::one(CONTACT_INFO, &RoomInfo::new(room.id, room.name))?.and(GENERAL_MSG, &text)
}

/// The name as it is kept, if it keeps to the rules.
pub(crate) fn checked_name<'a>(name: &'a str, settings: &Settings) -> Result<&'a str> {
    let name = name.trim();
    let longest = settings.rooms.name_max_chars;
    ensure!(!name.is_empty(), EmptyName);
    ensure!(name.chars().count() <= longest, LongName.with(format_args!("最多 {longest} 个字符")));
    ensure!(!name.chars().any(char::is_control), IllegalName);
    Ok(name)
}
