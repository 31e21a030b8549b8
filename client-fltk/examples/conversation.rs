//! Opens the conversation view with made-up messages, to look at it: `--example conversation -- [dark] [zh] [room]`.
//!
//! Keys: n lets a message arrive, r reveals the third one, p prints what is in sight.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use fltk::app;
use fltk::enums::Event;
use fltk::prelude::*;
use fltk::window::Window;
use uchat_client::conversation::{Asked, ConversationView, Delivery, Row, RowKey, now};
use uchat_client::design::Theme;
use uchat_client::design::paint;
use uchat_client::design::theme::Accent;
use uchat_client::images::ImageStore;
use uchat_client::texts::{Language, Texts};
use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;
use uchat_codec::Value;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    let width = words.iter().find_map(|word| word.strip_prefix("w=")?.parse().ok()).unwrap_or(760);
    let height = words.iter().find_map(|word| word.strip_prefix("h=")?.parse().ok()).unwrap_or(860);
    let folder = std::env::temp_dir().join("uchat-conversation-example");
    std::fs::create_dir_all(&folder)?;
    let app = app::App::default();
    paint::set_family(paint::default_family());
    let mut window = Window::new(0, 0, width, height, "Conversation");
    let images = ImageStore::new(folder.clone(), Arc::new(app::awake));
    let view = ConversationView::new(Rc::new(|asked: Asked| println!("{asked:?}")), images.clone());
    view.widget().resize(0, 0, width, height);
    window.resizable(&view.widget());
    window.end();
    window.show();
    let theme = if has("dark") { Theme::dark(Accent::Sky) } else { Theme::light(Accent::Sky) };
    view.set_look(theme, Rc::new(Texts::new(if has("zh") { Language::Zh } else { Language::En })));
    let (rows, sending) = if has("empty") { (Vec::new(), Vec::new()) } else { rows(&folder)? };
    let fresh = has("unread").then(|| rows[rows.len() - 5].key);
    let third = rows.get(2).map(|row| row.key);
    view.show(rows, has("older"), false, has("room"), fresh);
    view.set_outgoing(sending);
    listen(&mut window, &view, third);
    let _ = view.widget().take_focus();
    while app.wait() {
        if images.poll() {
            view.images_changed();
        }
    }
    Ok(())
}

fn listen(window: &mut Window, view: &ConversationView, third: Option<RowKey>) {
    let view = view.clone();
    window.handle(move |_, event| {
        if event != Event::KeyDown {
            return false;
        }
        match (app::event_key().to_char(), third) {
            (Some('n'), _) => {
                let content = text("A new message has come.", 15, "#000000");
                let (key, time) = (RowKey::Stored { time: now(), row: 1_000 }, now());
                let sender_name = "Ann".to_owned();
                let delivery = Delivery::Sent;
                view.arrived(vec![Row {
                    key,
                    sender_id: 9,
                    sender_name,
                    own: false,
                    time,
                    content,
                    delivery,
                    number: None,
                }]);
            }
            (Some('r'), Some(key)) => view.reveal(key),
            (Some('p'), _) => println!("{:#?}", view.controls()),
            _ => return false,
        }
        true
    });
}

fn text(text: &str, size: u32, colour: &str) -> Content {
    Content::Text { text: text.into(), size, colour: colour.into() }
}

fn file(folder: &std::path::Path, content: &[u8]) -> Result<Content, Box<dyn std::error::Error>> {
    let attachment = Attachment::of(&Bytes::copy_from_slice(content));
    std::fs::write(folder.join(attachment.file_name()), content)?;
    Ok(Content::File(attachment))
}

fn picture(w: u32, h: u32) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let byte = |part: u32, whole: u32| u8::try_from(part * 255 / whole).unwrap_or(255);
    let image = image::RgbImage::from_fn(w, h, |x, y| {
        let hill = 60 + (x / 3 + x * x / 900) % 90;
        if h - y < hill {
            image::Rgb([40, 110, 70])
        } else {
            image::Rgb([byte(y, h), 170, 255 - byte(y, h) / 3])
        }
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

fn rows(folder: &std::path::Path) -> Result<(Vec<Row>, Vec<Row>), Box<dyn std::error::Error>> {
    let long = "A long English message which must wrap at word boundaries and not in the middle of a word when the bubble is full, https://example.com/a/very/long/url/that/never/ends/and/goes/on and so on.";
    let chinese = "今天下午三点在会议室开会，请大家提前十分钟到，带上自己的笔记本电脑。会议议程已经发到群里了，有问题随时联系我，谢谢！";
    let said: Vec<(u64, u64, Content)> = vec![
        (2 * DAY, 2, text("周末去爬山吗？", 15, "#000000")),
        (2 * DAY - MINUTE, 1, text("好啊，几点出发？", 15, "#000000")),
        (2 * DAY - 2 * MINUTE, 2, text(chinese, 15, "#000000")),
        (DAY, 3, text(long, 15, "#000000")),
        (DAY - MINUTE, 3, text("ok", 15, "#000000")),
        (DAY - 2 * MINUTE, 3, file(folder, &picture(640, 420)?)?),
        (DAY - 3 * MINUTE, 1, text("红色大字", 24, "#e02020")),
        (DAY - 4 * MINUTE, 1, text("yellow that nobody could read", 15, "#ffff00")),
        (100 * MINUTE, 4, file(folder, &[b"%PDF-1.7\n".as_slice(), &vec![32; 1_260_000]].concat())?),
        (99 * MINUTE, 1, file(folder, &picture(200, 300)?)?),
        (98 * MINUTE, 4, file(folder, b"\x89PNG\r\n\x1a\nrubbish")?),
        (97 * MINUTE, 4, Content::Other(Value::None)),
        (50 * MINUTE, 2, text("日本語テスト 한국어 테스트 العربية 😀 👍🏽", 15, "#000000")),
        (49 * MINUTE, 2, text(&"很长的一句话，".repeat(20_000), 15, "#000000")),
        (40 * MINUTE, 1, text("你好，世界 hello😀", 15, "#000000")),
        (39 * MINUTE, 1, text("看 www.rust-lang.org，很好！", 15, "#000000")),
        (5 * MINUTE, 2, text("tiny", 6, "#000000")),
        (4 * MINUTE, 3, text("Deal. See you tomorrow, and bring the cable please.", 15, "#000000")),
        (3 * MINUTE, 1, text("👍", 28, "#000000")),
    ];
    let names = ["", "Ann", "小明", "Alice 爱丽丝", "王老师"];
    let now = now();
    let row = |(number, (ago, sender, content)): (i64, (u64, u64, Content))| Row {
        key: RowKey::Stored { time: now - ago, row: number },
        sender_id: sender,
        sender_name: names[usize::try_from(sender).unwrap_or(0) % names.len()].into(),
        own: sender == 1,
        time: now - ago,
        content,
        delivery: Delivery::Sent,
        number: None,
    };
    let stored = (0..).zip(said).map(row).collect();
    let sending =
        [(1, Delivery::Failed, "this one did not get out"), (2, Delivery::Sending, "this one is on its way")];
    let sending = sending.map(|(id, delivery, words)| Row {
        key: RowKey::Outgoing(id),
        delivery,
        ..row((0, (MINUTE, 1, text(words, 15, "#000000"))))
    });
    Ok((stored, sending.into()))
}
