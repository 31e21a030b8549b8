//! Scrolls through 100,000 messages and prints what each frame costs the processor. Needs a display.

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cpu_time::ThreadTime;
use fltk::app;
use fltk::prelude::*;
use fltk::window::DoubleWindow;
use uchat_client::conversation::{Asked, ConversationView, Delivery, Row, RowKey};
use uchat_client::design::Theme;
use uchat_client::design::paint;
use uchat_client::design::theme::Accent;
use uchat_client::images::ImageStore;
use uchat_client::texts::{Language, Texts};
use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;

/// How many messages the conversation has.
const MESSAGES: i64 = 100_000;
/// How many come at once from the local history.
const PAGE: i64 = 100;
/// The size of the view.
const SIZE: (i32, i32) = (900, 800);
/// The time of the first message: a fixed day, so that each run draws the same.
const BEGIN: u64 = 1_750_000_000_000;
/// What a frame may cost at the 99th percentile, and at most.
const BUDGET: (Duration, Duration) = (Duration::from_millis(8), Duration::from_millis(16));

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` only wants to know that it runs.
    let short = std::env::args().any(|word| word == "--test");
    let folder = tempfile::tempdir()?;
    let pictures = pictures(folder.path())?;
    let _app = app::App::default();
    paint::set_family(paint::default_family());
    let mut window = DoubleWindow::new(0, 0, SIZE.0, SIZE.1, "scroll");
    let asked: Rc<RefCell<Vec<Asked>>> = Rc::default();
    let images = ImageStore::new(folder.path().to_owned(), Arc::new(app::awake));
    let told = Rc::clone(&asked);
    let view = ConversationView::new(Rc::new(move |what| told.borrow_mut().push(what)), images.clone());
    view.widget().resize(0, 0, SIZE.0, SIZE.1);
    window.end();
    window.show();
    app::wait_for(0.2)?;
    view.set_look(Theme::light(Accent::Sky), Rc::new(Texts::new(Language::Zh)));

    let mut run = Run { view, images, asked, pictures };
    let begun = Instant::now();
    run.view.show(run.rows(MESSAGES - PAGE..MESSAGES), true, false, true, None);
    app::flush();
    println!("open and draw the newest {PAGE}: {:.1} ms", ms(begun.elapsed()));
    let (slow, fast) = if short { (60, 60) } else { (3_000, usize::MAX) };
    let mut holds = run.scroll("wheel, 28 pixels a frame", -28, slow);
    holds &= run.scroll("fling up to the first message, 1,200 pixels a frame", -1_200, fast);
    holds &= run.scroll("fling down to the newest, 1,200 pixels a frame", 1_200, fast);
    println!("decoded images: {} KB", run.images.bytes() / 1_024);
    if let (Some(all), Some(own)) = (memory("VmRSS:"), memory("RssAnon:")) {
        println!("resident memory: {all:.1} MB, {own:.1} MB of it not of files (fonts, libraries)");
    }
    println!("under 8 ms at p99 and never over 16 ms: {}", if holds { "yes" } else { "no" });
    Ok(())
}

struct Run {
    view: ConversationView,
    images: ImageStore,
    asked: Rc<RefCell<Vec<Asked>>>,
    pictures: Vec<Attachment>,
}

impl Run {
    /// Scrolls until nothing moves any more, or so many frames; prints the costs. Whether they are within the budget.
    fn scroll(&mut self, what: &str, pixels: i32, most: usize) -> bool {
        // What the window's thread computes: other programs on the machine do not count.
        let mut frames = Vec::new();
        let mut longest = Duration::ZERO;
        let (begun, mut still) = (Instant::now(), 0);
        let mut seen = String::new();
        while frames.len() < most && still < 3 {
            let (frame, clock) = (ThreadTime::now(), Instant::now());
            self.view.scroll_by(pixels);
            self.answer();
            if self.images.poll() {
                self.view.images_changed();
            }
            app::flush();
            frames.push(frame.elapsed());
            longest = longest.max(clock.elapsed());
            // Lets the window system take in what was drawn; not a part of the cost.
            app::wait_for(0.0).ok();
            if frames.len() % 8 == 0 {
                let now = format!("{:?}", self.view.controls().get(1));
                still = if now == seen { still + 1 } else { 0 };
                seen = now;
            }
        }
        frames.sort_unstable();
        let at = |part: usize| frames[(frames.len() * part / 100).min(frames.len() - 1)];
        let (p50, p99, max) = (at(50), at(99), frames[frames.len() - 1]);
        println!(
            "{what}: {} frames in {:.1} s; a frame p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms (by the clock at \
             most {:.2} ms)",
            frames.len(),
            begun.elapsed().as_secs_f64(),
            ms(p50),
            ms(p99),
            ms(max),
            ms(longest)
        );
        p99 < BUDGET.0 && max < BUDGET.1
    }

    /// Gives the pages that were asked for.
    fn answer(&self) {
        let asked = std::mem::take(&mut *self.asked.borrow_mut());
        for what in asked {
            match what {
                Asked::Older(RowKey::Stored { row, .. }) => {
                    let from = (row - PAGE).max(0);
                    self.view.prepend(self.rows(from..row), from > 0);
                }
                Asked::Newer(RowKey::Stored { row, .. }) => {
                    let to = (row + 1 + PAGE).min(MESSAGES);
                    self.view.append_page(self.rows(row + 1..to), to < MESSAGES);
                }
                _ => {}
            }
        }
    }

    fn rows(&self, numbers: std::ops::Range<i64>) -> Vec<Row> {
        numbers.map(|number| self.row(number)).collect()
    }

    fn row(&self, number: i64) -> Row {
        let place = usize::try_from(number).unwrap_or(0);
        let names = ["我", "小明", "Alice", "王老师", "Bob", "李雷"];
        let sender = place / 3 % names.len();
        let time = BEGIN + u64::try_from(number).unwrap_or(0) * 150_000;
        Row {
            key: RowKey::Stored { time, row: number },
            sender_id: u64::try_from(sender).unwrap_or(0),
            sender_name: names[sender].into(),
            own: sender == 0,
            time,
            content: self.content(place),
            delivery: Delivery::Sent,
            number: None,
        }
    }

    /// Texts of many lengths in two languages, now and then a link, an image, a colour.
    fn content(&self, place: usize) -> Content {
        let text = match place % 10 {
            0 => "好的".to_owned(),
            1 => format!("第 {place} 条消息，今天下午三点开会，请大家准时参加。"),
            2 => format!("See https://example.com/page/{place}?from=chat for the details, please."),
            3 => "今天天气不错，我们去公园走走吧，顺便把上次说的书还给你；如果下雨就改到明天。"
                .repeat(1 + place % 3),
            4 => format!("Message number {place} in a conversation that goes on and on. ")
                .repeat(1 + place % 4),
            5 => "😀👍🎉".to_owned(),
            6 => format!("混合 text 和 English words {place}，再加上一些 emoji 😄。"),
            7 if place % 40 == 7 => {
                return Content::File(self.pictures[place / 40 % self.pictures.len()].clone());
            }
            7 => "收到！".to_owned(),
            8 => "word ".repeat(place % 60),
            _ => format!("嗯嗯 {place}"),
        };
        let colour = if place.is_multiple_of(17) { "#c03030" } else { "#000000" };
        let size = if place.is_multiple_of(23) { 22 } else { 15 };
        Content::Text { text, size, colour: colour.into() }
    }
}

/// A few photographs, about.
fn pictures(folder: &Path) -> Result<Vec<Attachment>, Box<dyn Error>> {
    let mut made = Vec::new();
    for seed in 0..40_u32 {
        let byte = |value: u32| u8::try_from(value % 256).unwrap_or(0);
        let image = image::RgbImage::from_fn(400 + seed * 10, 300, |x, y| {
            image::Rgb([byte(x + seed * 20), byte(y), byte(x * y / 300 + seed)])
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Jpeg)?;
        let content = Bytes::from(bytes.into_inner());
        let attachment = Attachment::of(&content);
        std::fs::write(folder.join(attachment.file_name()), &content)?;
        made.push(attachment);
    }
    Ok(made)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A kind of memory of this process in MB, where the system tells.
fn memory(kind: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kb| kb / 1_024.0)
}
