//! `/send`, `/get` and `/cancel`: files of any kind, and how far they are.

use uchat_client_core::SharedFile;
use uchat_client_core::sanitise::line;
use uchat_client_core::transfer::{News, Step, TooMany};

use super::Chat;

/// The words of this file.
pub(super) const WORDS: [&str; 3] = ["send", "get", "cancel"];

impl Chat {
    pub(super) fn with_file(&mut self, word: &str, rest: &str) -> anyhow::Result<()> {
        let Some(open) = self.app.state.open_conversation() else {
            return Ok(self.say("请先 /open 一个好友或群", "/open a friend or a #room first")?);
        };
        let begun = match word {
            "cancel" => return self.cancel(rest),
            "send" if rest.is_empty() => return Ok(self.screen.print(self.language.help())?),
            "send" => self.files.send(open, rest.into()),
            _ => {
                let history = self.app.state.history(open);
                let told = history.and_then(|history| {
                    history.entries().rev().find_map(|entry| entry.content.file_reference().cloned())
                });
                let Some(file) = told else {
                    return Ok(self.say("这里没有可以接收的文件", "there is no file to get here")?);
                };
                self.files.fetch(file.sha256, &file.name, &self.app.home.files_dir())
            }
        };
        self.begun(begun)
    }

    fn begun(&self, begun: Result<u64, TooMany>) -> anyhow::Result<()> {
        let text = match begun {
            Ok(number) => self.language.transfer_begun(number),
            Err(error) => error.to_string(),
        };
        Ok(self.screen.print(&text)?)
    }

    fn cancel(&mut self, rest: &str) -> anyhow::Result<()> {
        let ended = rest.trim_start_matches('#').parse().is_ok_and(|number| self.files.cancel(number));
        if ended {
            return Ok(self.say("已取消", "cancelled")?);
        }
        Ok(self.say("没有这个正在传输的文件", "no such file is on its way")?)
    }

    /// Says how far a file is, by quarters, and tells of it whom it is for.
    pub(super) async fn moved(&mut self, news: News) -> anyhow::Result<()> {
        let text = match &news.what {
            Step::Moved { done, size } => {
                let quarter = (news.transfer, done.saturating_mul(4) / (*size).max(1));
                if quarter.1 == 0 || self.quarter.replace(quarter) == Some(quarter) {
                    return Ok(());
                }
                format!("#{}: {} %", news.transfer, quarter.1 * 25)
            }
            Step::Sent(_) => format!("#{}: {}", news.transfer, self.language.pick("已发送", "sent")),
            Step::Fetched(path) => {
                format!("#{}: {}", news.transfer, line(&path.to_string_lossy()))
            }
            Step::Failed(error) => format!("#{}: {}", news.transfer, line(&error.to_string())),
        };
        self.screen.print(&text)?;
        match self.files.follows(&news)? {
            Some(request) => self.request(request).await,
            None => Ok(()),
        }
    }
}

/// A file that a message refers to, as a line.
pub(crate) fn told(file: &SharedFile, word: &str) -> String {
    format!("[{word} {} {} bytes] /get", line(&file.name), file.size)
}
