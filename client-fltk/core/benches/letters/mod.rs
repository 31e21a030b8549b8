//! Messages as people write them, as far as an index can tell: Chinese, English and both, a few words very often and
//! most words seldom.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uchat_codec::chat::{MessageBody, NewMessage};

/// The account that the history belongs to.
const ME: u64 = 1;
/// The friend with most messages.
pub(crate) const FIRST: u64 = 2;
/// The friend with fewest messages.
pub(crate) const PEOPLE: u64 = 200;
/// The time of the first message; each next one is a while later.
const BEGIN: u64 = 1_600_000_000_000;
/// Milliseconds between two messages.
const STEP: u64 = 60_000;

const CHINESE: &str = "的 我们 是 了 不 在 你 他们 一个 这个 有 我 好 今天 明天 什么 没有 知道 时候 可以 现在 就 都 去 说 要 \
    会 吃饭 工作 时间 公司 问题 大家 还是 觉得 因为 所以 但是 如果 已经 一起 朋友 电话 晚上 下午 早上 会议 文件 项目 \
    开始 喜欢 谢谢 怎么 这样 那个 里面 出来 起来 看看 东西 事情 老师 学生 学校 医院 公园 散步 天气 手机 电脑 发一个";
const ENGLISH: &str = "the to and a of in is it you that for on was with have this be not are but they at what his from \
    or had we there can all your when up use how said each she which do their time if will way about many then them \
    would like so these her long make thing see him two has look more day could go come did my sound no most people \
    over know water than call first who may down side been now find other email meeting project tomorrow please";
const SYLLABLES: [&str; 24] = [
    "an", "ber", "con", "der", "el", "fi", "gra", "hin", "in", "jo", "ka", "lo", "men", "nor", "op", "pro",
    "qui", "ra", "sti", "ter", "un", "ver", "wa", "yo",
];
const MARKS: [&str; 6] = ["，", "。", "！", "？", "...", ", "];
/// How many seldom words there are in each language.
const SELDOM: u32 = 20_000;

/// An endless row of messages, the same ones in each run.
pub(crate) struct Letters {
    random: StdRng,
    number: u64,
    chinese: Vec<&'static str>,
    english: Vec<&'static str>,
}

/// The time of the message in the middle of so many.
pub(crate) fn middle(messages: usize) -> u64 {
    BEGIN + messages as u64 / 2 * STEP
}

impl Letters {
    /// From the first one on.
    pub(crate) fn new() -> Self {
        Self::after(0)
    }

    /// Later ones than the first so many.
    pub(crate) fn after(number: usize) -> Self {
        Self {
            random: StdRng::seed_from_u64(number as u64),
            number: number as u64,
            chinese: CHINESE.split_whitespace().collect(),
            english: ENGLISH.split_whitespace().collect(),
        }
    }

    /// A small number often, a great one seldom, below `end`.
    fn zipf(&mut self, end: f64) -> f64 {
        (end.powf(self.random.random::<f64>()) - 1.0).floor()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below SELDOM")]
    fn chinese_word(&mut self) -> String {
        let number = self.zipf(f64::from(SELDOM)) as u32;
        match self.chinese.get(number as usize) {
            Some(word) => (*word).to_owned(),
            // Two characters of the 3,000 of the table that begins with U+4E00, the same two for the same number.
            None => [number * 7_919, number * 104_729]
                .into_iter()
                .filter_map(|part| char::from_u32(0x4e00 + part % 3_000))
                .collect(),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below SELDOM")]
    fn english_word(&mut self) -> String {
        let mut number = self.zipf(f64::from(SELDOM)) as usize;
        if let Some(word) = self.english.get(number) {
            return (*word).to_owned();
        }
        let mut word = String::new();
        while number > 0 {
            word.push_str(SYLLABLES[number % SYLLABLES.len()]);
            number /= SYLLABLES.len();
        }
        word
    }

    fn text(&mut self) -> String {
        let words = 2 + self.random.random_range(0..12) + self.random.random_range(0..12_usize);
        let chinese = self.random.random_bool(0.7);
        let mut text = String::new();
        for number in 0..words {
            let other = self.random.random_bool(0.05);
            if chinese == other {
                text.push_str(&self.english_word());
                text.push(' ');
            } else {
                text.push_str(&self.chinese_word());
            }
            if number % 6 == 5 {
                text.push_str(MARKS[self.random.random_range(0..MARKS.len())]);
            }
        }
        match self.number % 50_000 {
            7 => text.push_str("鸳鸯"),
            8 => text.push_str("我们明天一起去公园散步吧"),
            9 => text.push_str("a cephalopod"),
            _ => {}
        }
        text
    }
}

impl Iterator for Letters {
    type Item = NewMessage;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "below PEOPLE"
    )]
    fn next(&mut self) -> Option<NewMessage> {
        self.number += 1;
        let friend = FIRST + self.zipf((PEOPLE - FIRST + 2) as f64) as u64;
        let sender = if self.random.random_bool(0.5) { ME } else { friend };
        Some(NewMessage {
            message: MessageBody::text(self.text()).into_value().ok()?,
            sender_id: sender,
            sender_name: format!("user{sender}"),
            target_type: 0,
            time: BEGIN + self.number * STEP,
            target_id: friend,
        })
    }
}
