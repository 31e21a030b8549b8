//! The edge of the module: raw memory and the functions of PLUGIN-ABI.md. Everything unsafe is here.

#![allow(unsafe_code, reason = "exports, imports and memory that the other side addresses")]

use std::alloc::Layout;

use crate::serve;

#[cfg(target_family = "wasm")]
mod imports {
    #[link(wasm_import_module = "uchat_1")]
    unsafe extern "C" {
        pub(super) fn host_call(function: i32, at: *const u8, length: usize) -> usize;
        pub(super) fn host_take(at: *mut u8, length: usize) -> i32;
        pub(super) fn log(level: i32, at: *const u8, length: usize);
    }

    unsafe extern "C" {
        /// Runs what is to be run before `main`, which is how handlers register themselves. Made by the linker.
        pub(super) fn __wasm_call_ctors();
    }
}

/// Asks the server; the answer begins with its status.
#[cfg(target_family = "wasm")]
pub(crate) fn ask(function: i32, arguments: &[u8]) -> Vec<u8> {
    // SAFETY: the range is that of the slice, and the server only reads it.
    let length = unsafe { imports::host_call(function, arguments.as_ptr(), arguments.len()) };
    let mut answer = vec![0; length];
    // SAFETY: the server writes exactly the `length` bytes that it has announced.
    unsafe { imports::host_take(answer.as_mut_ptr(), length) };
    answer
}

/// There is no server outside of a module.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn ask(_function: i32, _arguments: &[u8]) -> Vec<u8> {
    Vec::new()
}

/// A line for the log of the server.
#[cfg(target_family = "wasm")]
fn log(level: i32, line: &str) {
    if !line.is_empty() {
        // SAFETY: the range is that of the text, and the server only reads it.
        unsafe { imports::log(level, line.as_ptr(), line.len()) };
    }
}

/// Called once for each instance, before anything else.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn init() {
    // SAFETY: nothing has run before. Since it is called here, the linker does not call it at every export, which would
    // register the handlers again and again.
    unsafe { imports::__wasm_call_ctors() };
    std::panic::set_hook(Box::new(|panic| log(0, &panic.to_string())));
}

#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn abi_version() -> u32 {
    (crate::ABI.0 << 16) | crate::ABI.1
}

/// Room for so many bytes; 0 if there is none.
#[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
extern "C" fn alloc(length: usize) -> *mut u8 {
    match Layout::array::<u8>(length) {
        // SAFETY: the layout is not empty.
        Ok(layout) if length > 0 => unsafe { std::alloc::alloc(layout) },
        _ => std::ptr::null_mut(),
    }
}

/// Gives back what `alloc` gave, or what was returned.
#[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
extern "C" fn free(at: *mut u8, length: usize) {
    if let Ok(layout) = Layout::array::<u8>(length)
        && length > 0
        && !at.is_null()
    {
        // SAFETY: `alloc`, and `Box<[u8]>` in `give`, use this layout; the interface says that it is freed once.
        unsafe { std::alloc::dealloc(at, layout) };
    }
}

/// What the module says of itself.
#[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
extern "C" fn manifest() -> u64 {
    give(serve::manifest())
}

/// Takes the settings; `at` is of `alloc`.
#[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
extern "C" fn configure(at: *mut u8, length: usize) -> u64 {
    give(serve::configure(take(at, length)))
}

/// Serves a request; `at` is of `alloc`.
#[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
extern "C" fn handle(operation: usize, at: *mut u8, length: usize) -> u64 {
    give(serve::handle(operation, take(at, length)))
}

#[allow(clippy::same_length_and_capacity, reason = "it was allocated with just this length")]
/// What the server has written into room of `alloc`, which is ours now.
fn take(at: *mut u8, length: usize) -> Vec<u8> {
    if at.is_null() || length == 0 {
        return Vec::new();
    }
    // SAFETY: `alloc` gave this range with the layout of so many bytes, and the server has filled it.
    unsafe { Vec::from_raw_parts(at, length, length) }
}

/// `address << 32 | length` of bytes that the server takes and then frees.
fn give(bytes: Vec<u8>) -> u64 {
    let bytes = Box::leak(bytes.into_boxed_slice());
    ((bytes.as_mut_ptr().addr() as u64) << 32) | bytes.len() as u64
}
