//! Pictures: decoded on a thread of their own, under limits, kept under a fixed budget.
//!
//! - `queue`: what waits to be decoded
//! - `decode`: what a file may ask of the decoder

mod decode;
mod queue;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use fltk::enums::ColorDepth;
use fltk::image::RgbImage;
use uchat_client_core::attachment::Attachment;

pub use self::decode::small;
use self::decode::{Decoded, decode};
use self::queue::{Job, Queue};

/// The largest thumbnail: width, height.
pub const THUMB: (i32, i32) = (320, 260);
/// Decoded thumbnails take no more than this, in bytes, with the copies that the window system draws from.
const BUDGET: usize = 24 * 1024 * 1024;
/// The longest side of an image in the viewer.
const FULL: u32 = 1600;
/// Sizes of so many images are remembered after their pixels are gone, and what became of so many without pixels.
const MAX_SIZES: usize = 10_000;
/// The radius of a thumbnail's corners.
const CORNER: f32 = 10.0;

/// An image as the window has it.
#[derive(Clone, Debug)]
pub enum Thumb {
    /// It is being decoded.
    Loading,
    /// Pixels, width, height.
    Ready(RgbImage, i32, i32),
    /// It can't be shown, and why.
    Broken(String),
}

#[derive(Debug)]
struct Answer {
    name: String,
    full: bool,
    decoded: Result<Decoded, String>,
}

struct Kept {
    thumb: Thumb,
    bytes: usize,
    used: u64,
}

struct Inner {
    dir: PathBuf,
    jobs: Arc<Queue>,
    answers: Receiver<Answer>,
    thumbs: HashMap<String, Kept>,
    sizes: HashMap<String, (i32, i32)>,
    full: Option<(String, Thumb)>,
    bytes: usize,
    clock: u64,
}

/// The pictures of the window. Clones are the same store.
#[derive(Clone)]
pub struct ImageStore(Rc<RefCell<Inner>>);

impl std::fmt::Debug for ImageStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageStore").field("bytes", &self.0.borrow().bytes).finish_non_exhaustive()
    }
}

impl ImageStore {
    /// Pictures from this folder; `wake` is called when one is decoded.
    pub fn new(dir: PathBuf, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let jobs = Arc::new(Queue::default());
        // One answer a job, and the jobs are bounded.
        let (done, answers) = mpsc::channel();
        let waiting = Arc::clone(&jobs);
        // Without the thread every image stays "loading": nothing else depends on it.
        let _ =
            std::thread::Builder::new().name("images".into()).spawn(move || work(&waiting, &done, &*wake));
        let (thumbs, sizes) = (HashMap::new(), HashMap::new());
        Self(Rc::new(RefCell::new(Inner {
            dir,
            jobs,
            answers,
            thumbs,
            sizes,
            full: None,
            bytes: 0,
            clock: 0,
        })))
    }

    /// Takes in what was decoded. True when something is new.
    pub fn poll(&self) -> bool {
        let mut inner = self.0.borrow_mut();
        let mut news = false;
        while let Ok(answer) = inner.answers.try_recv() {
            inner.take(answer);
            news = true;
        }
        news
    }

    /// The thumbnail of an image, decoding it if need be.
    pub fn thumbnail(&self, file: &Attachment) -> Thumb {
        let name = file.file_name();
        let mut inner = self.0.borrow_mut();
        inner.clock += 1;
        let clock = inner.clock;
        if let Some(kept) = inner.thumbs.get_mut(&name) {
            kept.used = clock;
            return kept.thumb.clone();
        }
        inner.ask(name, false)
    }

    /// The image for the viewer; one at a time is kept.
    pub fn full(&self, file: &Attachment) -> Thumb {
        let name = file.file_name();
        let mut inner = self.0.borrow_mut();
        match &inner.full {
            Some((kept, image)) if *kept == name => image.clone(),
            _ => {
                inner.full = Some((name.clone(), Thumb::Loading));
                inner.ask(name, true)
            }
        }
    }

    /// The file may be there now: what was tried before does not count.
    pub fn look_again(&self, name: &str) {
        let mut inner = self.0.borrow_mut();
        if inner.thumbs.get(name).is_some_and(|kept| !matches!(kept.thumb, Thumb::Ready(..))) {
            inner.thumbs.remove(name);
        }
        if inner.full.as_ref().is_some_and(|(full, image)| full == name && !matches!(image, Thumb::Ready(..)))
        {
            inner.full = None;
        }
    }

    /// The size of a thumbnail, once it is known.
    pub fn size(&self, file: &Attachment) -> Option<(i32, i32)> {
        self.0.borrow().sizes.get(&file.file_name()).copied()
    }

    /// How many bytes of pixels are kept.
    pub fn bytes(&self) -> usize {
        self.0.borrow().bytes
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

impl Inner {
    fn ask(&mut self, name: String, full: bool) -> Thumb {
        let job = Job { path: self.dir.join(&name), name: name.clone(), full };
        if let Some(given_up) = self.jobs.push(job) {
            self.give_up(&given_up);
        }
        if !full {
            self.make_place();
            self.thumbs.insert(name, Kept { thumb: Thumb::Loading, bytes: 0, used: self.clock });
        }
        Thumb::Loading
    }

    /// The image is asked for again when it is drawn again.
    fn give_up(&mut self, job: &Job) {
        if !job.full {
            self.thumbs.remove(&job.name);
        } else if self.full.as_ref().is_some_and(|(name, _)| *name == job.name) {
            self.full = None;
        }
    }

    /// What is known of images without pixels is bounded too.
    fn make_place(&mut self) {
        if self.thumbs.len() >= MAX_SIZES {
            self.thumbs.retain(|_, kept| kept.bytes > 0);
        }
    }

    fn take(&mut self, answer: Answer) {
        let (thumb, bytes) = match answer.decoded {
            Ok(decoded) => image_of(&decoded),
            Err(why) => (Thumb::Broken(why), 0),
        };
        if answer.full {
            if self.full.as_ref().is_some_and(|(name, _)| *name == answer.name) {
                self.full = Some((answer.name, thumb));
            }
            return;
        }
        if let Thumb::Ready(_, w, h) = thumb {
            if self.sizes.len() >= MAX_SIZES {
                self.sizes.clear();
            }
            self.sizes.insert(answer.name.clone(), (w, h));
        }
        self.bytes += bytes;
        if let Some(old) = self.thumbs.insert(answer.name, Kept { thumb, bytes, used: self.clock }) {
            self.bytes -= old.bytes;
        }
        while self.bytes > BUDGET {
            let oldest =
                self.thumbs.iter().filter(|(_, kept)| kept.bytes > 0).min_by_key(|(_, kept)| kept.used);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { break };
            if let Some(gone) = self.thumbs.remove(&name) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

/// Decodes until the store is gone.
fn work(jobs: &Queue, done: &Sender<Answer>, wake: &dyn Fn()) {
    while let Some(job) = jobs.next() {
        let (w, h) = if job.full { (FULL, FULL) } else { (THUMB.0.unsigned_abs(), THUMB.1.unsigned_abs()) };
        let corner = if job.full { 0.0 } else { CORNER };
        // A decoder that a hostile file brings down takes only that file with it.
        let decoded = std::panic::catch_unwind(|| decode(&job.path, w, h, corner))
            .unwrap_or_else(|_| Err("the decoder failed".into()));
        if done.send(Answer { name: job.name, full: job.full, decoded }).is_err() {
            return;
        }
        wake();
    }
}

/// An image with the memory that it takes: its pixels, and the copy that is drawn from.
fn image_of(decoded: &Decoded) -> (Thumb, usize) {
    let (Ok(w), Ok(h)) = (i32::try_from(decoded.w), i32::try_from(decoded.h)) else {
        return (Thumb::Broken("too large".into()), 0);
    };
    match RgbImage::new(&decoded.rgba, w, h, ColorDepth::Rgba8) {
        Ok(image) => (Thumb::Ready(image, w, h), decoded.rgba.len() * 2),
        Err(error) => (Thumb::Broken(error.to_string()), 0),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::Bytes;

    use super::*;

    struct Fixture {
        store: ImageStore,
        decoded: Receiver<()>,
        dir: tempfile::TempDir,
    }

    fn fixture() -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let (woken, decoded) = mpsc::channel();
        let woken = std::sync::Mutex::new(woken);
        let wake = Arc::new(move || woken.lock().unwrap().send(()).unwrap_or_default());
        Fixture { store: ImageStore::new(dir.path().to_owned(), wake), decoded, dir }
    }

    impl Fixture {
        fn image(&self, w: u32, h: u32) -> Attachment {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::RgbImage::new(w, h).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            self.file(bytes.into_inner())
        }

        fn file(&self, content: Vec<u8>) -> Attachment {
            let content = Bytes::from(content);
            let file = Attachment::of(&content);
            std::fs::write(self.dir.path().join(file.file_name()), content).unwrap();
            file
        }

        fn wait(&self) {
            self.decoded.recv_timeout(Duration::from_mins(1)).unwrap();
            assert!(self.store.poll());
        }
    }

    #[test]
    fn an_image_is_loading_first_and_ready_once_it_is_decoded() {
        let fixture = fixture();
        let file = fixture.image(640, 320);
        assert!(matches!(fixture.store.thumbnail(&file), Thumb::Loading));
        assert_eq!(fixture.store.size(&file), None);
        fixture.wait();
        assert!(matches!(fixture.store.thumbnail(&file), Thumb::Ready(_, 320, 160)));
        assert_eq!(fixture.store.size(&file), Some((320, 160)));
        assert!(matches!(fixture.store.full(&file), Thumb::Loading));
        fixture.wait();
        assert!(matches!(fixture.store.full(&file), Thumb::Ready(_, 640, 320)));
    }

    #[test]
    fn a_broken_file_says_so_and_may_be_there_later() {
        let fixture = fixture();
        let file = fixture.file(b"\x89PNG\r\n\x1a\nrubbish".to_vec());
        let _ = fixture.store.thumbnail(&file);
        fixture.wait();
        assert!(matches!(fixture.store.thumbnail(&file), Thumb::Broken(_)));
        fixture.store.look_again(&file.file_name());
        assert!(matches!(fixture.store.thumbnail(&file), Thumb::Loading));
    }

    #[test]
    fn thumbnails_stay_within_their_budget_and_their_sizes_are_remembered() {
        let fixture = fixture();
        let files: Vec<Attachment> = (0..60).map(|more| fixture.image(320 + more, 260)).collect();
        for file in &files {
            let _ = fixture.store.thumbnail(file);
            fixture.wait();
            assert!(fixture.store.bytes() <= BUDGET);
        }
        assert!(fixture.store.bytes() > BUDGET / 2);
        assert!(fixture.store.size(&files[0]).is_some());
        assert!(
            matches!(fixture.store.thumbnail(&files[0]), Thumb::Loading),
            "decoded again when it is drawn again"
        );
    }

    #[test]
    fn many_wishes_at_once_are_all_fulfilled_in_the_end() {
        let fixture = fixture();
        let files: Vec<Attachment> = (1..=200).map(|side| fixture.image(side, 1)).collect();
        let until = Instant::now() + Duration::from_mins(1);
        while !files.iter().all(|file| matches!(fixture.store.thumbnail(file), Thumb::Ready(..))) {
            assert!(Instant::now() < until);
            let _ = fixture.decoded.recv_timeout(Duration::from_millis(20));
            fixture.store.poll();
        }
    }
}
