//! Words that are not sent: masked, or the whole message is refused.

use serde::Deserialize;
use uchat_events::MessageDraft;
use uchat_framework::prelude::*;

rejections! {
    /// The message has a word that is not sent here.
    NotHere = "消息包含不允许的词语 (this word is not sent here)",
}

/// What happens to a message with such a word.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// The word is replaced by stars.
    #[default]
    Mask,
    /// The message is refused.
    Refuse,
}

/// `[plugins.word_filter]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// Words, in any case; parts of words count, since not every script has blanks.
    words: Vec<String>,
    action: Action,
}

/// The rules, from the configuration.
#[service]
fn rules(tables: Service<PluginSettings>) -> Result<Rules> {
    let mut rules: Rules = tables.read("word_filter")?;
    for word in &mut rules.words {
        *word = word.trim().to_lowercase();
    }
    rules.words.retain(|word| !word.is_empty());
    Ok(rules)
}

/// Masks or refuses messages with words that are not sent here.
#[filter]
async fn word_filter(draft: MessageDraft, rules: Service<Rules>) -> Result<MessageDraft> {
    let Some(text) = draft.text().filter(|_| !rules.words.is_empty()) else { return Ok(draft) };
    let Some(masked) = mask(text, &rules.words) else { return Ok(draft) };
    ensure!(rules.action == Action::Mask, NotHere);
    Ok(draft.with_text(&masked))
}

/// The text with a star for each character of such a word; none if there is no such word. Characters whose lower case
/// is several characters are compared as they are.
fn mask(text: &str, words: &[String]) -> Option<String> {
    let fold = |c: char| {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    let mut chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().copied().map(fold).collect();
    let mut found = false;
    for word in words {
        let word: Vec<char> = word.chars().collect();
        for start in 0..(folded.len() + 1).saturating_sub(word.len()) {
            if folded[start..].starts_with(&word) {
                chars[start..start + word.len()].fill('*');
                found = true;
            }
        }
    }
    found.then(|| chars.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::codec::chat::MessageBody;
    use uchat_framework::testkit;

    fn draft(text: &str) -> MessageDraft {
        let message = MessageBody::text(text).into_value().unwrap();
        MessageDraft { sender: testkit::user(1, "ann"), to_room: false, target: 2, message }
    }

    fn rules(words: &[&str], action: Action) -> Service<Rules> {
        Service::new(Rules { words: words.iter().map(|word| (*word).to_owned()).collect(), action })
    }

    #[tokio::test]
    async fn words_are_masked_in_any_case_and_script() {
        let rules = rules(&["damn", "笨蛋"], Action::Mask);
        let said = |text: &'static str| {
            let rules = rules.clone();
            async move { word_filter(draft(text), rules).await.unwrap().text().unwrap().to_owned() }
        };
        assert_eq!(said("DAMN, 你这个笨蛋!").await, "****, 你这个**!");
        assert_eq!(said("all is well").await, "all is well");
        assert_eq!(said("").await, "");
    }

    #[tokio::test]
    async fn or_the_message_is_refused() {
        let refused = word_filter(draft("damn"), rules(&["damn"], Action::Refuse)).await;
        assert!(refused.unwrap_err() == NotHere);
        let fine = word_filter(draft("fine"), rules(&["damn"], Action::Refuse)).await;
        assert_eq!(fine.unwrap().text(), Some("fine"));
    }
}
