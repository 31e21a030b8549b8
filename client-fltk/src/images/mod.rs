//! Pictures: decoded on a thread of their own, under limits, kept under a fixed budget.
//!
//! - `decode`: what a file may ask of the decoder

mod decode;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};

use fltk::enums::ColorDepth;
use fltk::image::RgbImage;
use uchat_client_core::attachment::Attachment;

use self::decode::{Decoded, decode};
use crate::conversation::bubble::THUMB;

/// Decoded thumbnails take no more than this.
const BUDGET: usize = 24 * 1024 * 1024;
/// The longest side of an image in the viewer.
const FULL: u32 = 1600;
/// So many images may wait to be decoded; the others are asked for when they are drawn again.
const MAX_WAITING: usize = 64;
/// Sizes of so many images are remembered after their pixels are gone.
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
struct Job {
    name: String,
    path: PathBuf,
    full: bool,
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
    jobs: SyncSender<Job>,
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
        let (jobs, waiting) = mpsc::sync_channel::<Job>(MAX_WAITING);
        // One answer a job.
        let (done, answers) = mpsc::channel();
        let work = move || {
            for job in waiting {
                let (w, h) =
                    if job.full { (FULL, FULL) } else { (THUMB.0.unsigned_abs(), THUMB.1.unsigned_abs()) };
                let decoded = decode(&job.path, w, h, if job.full { 0.0 } else { CORNER });
                if done.send(Answer { name: job.name, full: job.full, decoded }).is_err() {
                    return;
                }
                wake();
            }
        };
        // Without the thread every image stays "loading": nothing else depends on it.
        let _ = std::thread::Builder::new().name("images".into()).spawn(work);
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

    /// The image for the viewer.
    pub fn full(&self, file: &Attachment) -> Thumb {
        let name = file.file_name();
        let mut inner = self.0.borrow_mut();
        match &inner.full {
            Some((kept, image)) if *kept == name => image.clone(),
            _ => {
                let loading = inner.ask(name.clone(), true);
                inner.full = Some((name, Thumb::Loading));
                loading
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

impl Inner {
    fn ask(&mut self, name: String, full: bool) -> Thumb {
        let job = Job { path: self.dir.join(&name), name: name.clone(), full };
        match self.jobs.try_send(job) {
            Ok(()) if !full => {
                self.thumbs.insert(name, Kept { thumb: Thumb::Loading, bytes: 0, used: self.clock });
            }
            Ok(()) | Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => return Thumb::Broken("no decoder".into()),
        }
        Thumb::Loading
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

fn image_of(decoded: &Decoded) -> (Thumb, usize) {
    let (Ok(w), Ok(h)) = (i32::try_from(decoded.w), i32::try_from(decoded.h)) else {
        return (Thumb::Broken("too large".into()), 0);
    };
    match RgbImage::new(&decoded.rgba, w, h, ColorDepth::Rgba8) {
        Ok(image) => (Thumb::Ready(image, w, h), decoded.rgba.len()),
        Err(error) => (Thumb::Broken(error.to_string()), 0),
    }
}
