//! How much a peer may ask of us.

/// The bounds that every decoder of this crate keeps; PROTOCOL.md §9 lists them.
///
/// A bound that is exceeded is a typed error, found before the memory is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest ciphertext of one frame, in bytes.
    pub max_frame_body: usize,
    /// How deep lists and dicts may be nested; `[[1]]` is 2 deep. Values above [`Limits::DEPTH_CEILING`] count as
    /// that, since decoding recurses.
    pub max_depth: usize,
    /// The longest key of a dict, in bytes. The wire can't carry more than 255.
    pub max_key_len: usize,
    /// How many values (list elements and dict entries, at every depth) one message may hold.
    pub max_elements: usize,
    /// The most bytes that a peer may send before its first frame.
    pub max_handshake: usize,
}

impl Limits {
    /// Nothing is read or written that is nested deeper than this, whatever the settings say.
    pub const DEPTH_CEILING: usize = 128;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_body: 40 * 1024 * 1024,
            max_depth: 32,
            max_key_len: 255,
            max_elements: 1_000_000,
            max_handshake: 4096,
        }
    }
}
