//! The named call `uchat.send`: a message that is stored once, however often it is sent.

use uchat_db::{ClientMessageId, Db};
use uchat_framework::codec::chat::{SendMessage, SendOnce, Sent};
use uchat_framework::prelude::*;

use crate::numbered::NeedsStrong;
use crate::send_message::post;

rejections! {
    /// The id is not 16 bytes long.
    BadId = "消息编号有误 (a message id has 16 bytes)",
}

/// Sends a message that the client has named. The answer says where it is stored; a repetition is answered alike.
#[handler("uchat.send")]
async fn send(
    me: User,
    caller: Caller,
    Args(asked): Args<SendOnce>,
    db: Service<Db>,
    online: Online,
    notifier: Notifier,
) -> Result<Later<Sent>> {
    ensure!(caller.identity().identity_key.is_some(), NeedsStrong);
    let SendOnce { target_type, target_id, id, message } = asked;
    let name = ClientMessageId::try_from(id.as_ref()).map_err(|_| BadId)?;
    let new = SendMessage { target_type, target_id, message };
    let stored = post(&me, Some(name), new, &db, online, &notifier).await?;
    Ok(Later::new(async move {
        let receipt = stored.await?;
        Ok(Sent { conversation: receipt.conversation, number: receipt.seq, time: receipt.time_ms })
    }))
}
