//! The attributes of `uchat-framework`: `#[handler]`, `#[hook]`, `#[filter]`, `#[timer]`, `#[service]`.
//!
//! Each leaves the function as it is and adds one `inventory::submit!` of a constant descriptor, so that the
//! function stays callable from a unit test and nobody edits a table.
//!
//! # Layout
//!
//! - `attributes` parses what stands in the parentheses of `#[handler(...)]`
//! - `function` looks at the annotated function: its doc line, its arguments, whether it is async
//! - `handler`, `hook`, `filter`, `timer`, `service` write the registration of each kind

mod attributes;
mod filter;
mod function;
mod handler;
mod hook;
mod service;
mod timer;

use proc_macro::TokenStream;

/// Registers an async function as the handler of one operation.
///
/// The first argument is the operation: an `Opcode` constant, or a string for a named call. Then, as needed:
///
/// - `reply = OPCODE`: the returned value is sent back as the parameters of this opcode;
/// - `outcome = OPCODE`: success is answered `[true, ""]`, a rejection `[false, text]`, both with this opcode;
/// - neither: the handler returns `()` or `Replies`;
/// - `rate = "5/min"` (per second `s`, minute `min`, hour `h`), `timeout = "10s"` (`ms`, `s`, `min`),
///   `role = "operator"`: policy, enforced by the dispatcher.
///
/// Rejections of a handler without `outcome` are answered by `general_failure` (PROTOCOL.md, errors), unless the
/// rejection names an opcode of its own. The doc comment is required: it is the help text of `uchat handlers`.
#[proc_macro_attribute]
pub fn handler(attributes: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(attributes.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Registers an async function as a hook: it runs after each event of the type of its first argument.
///
/// A hook can't refuse the event; an error or a panic in it is logged and the other hooks run.
#[proc_macro_attribute]
pub fn hook(attributes: TokenStream, item: TokenStream) -> TokenStream {
    hook::expand(&attributes.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Registers an async function as a filter: it looks at each event of the type of its first argument *before* it happens.
///
/// It takes the event and returns `Result` of the same type: as it was, changed, or a rejection, which is what the peer
/// is told. Filters for one event run in the order of their crates and names. One that panics or takes too long lets
/// nothing through.
#[proc_macro_attribute]
pub fn filter(attributes: TokenStream, item: TokenStream) -> TokenStream {
    filter::expand(&attributes.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Registers an async function that runs again and again while the server does: `#[timer(every = "30s")]` (`ms`, `s`,
/// `min`).
///
/// It takes what a hook takes after the event, and returns `Result<()>`; an error or a panic is logged, and the next run
/// comes all the same. Two runs of one timer never overlap.
#[proc_macro_attribute]
pub fn timer(attributes: TokenStream, item: TokenStream) -> TokenStream {
    timer::expand(attributes.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Registers a function as the builder of one service: it runs once, before the listener opens.
///
/// Its arguments are `Service<T>`s that it needs; it returns `Result<T>`, and `T` is the service.
#[proc_macro_attribute]
pub fn service(attributes: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(&attributes.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
