//! What a plug-in asks to be allowed when it is loaded while the server runs.

/// Says what a plug-in does besides answering: what it is granted when it is built as a module and loaded (PLUGIN-ABI.md,
/// manifest). One that is linked in is part of the program and needs no grants.
///
/// ```
/// uchat_framework::grants! {
///     keep = ["room"],
///     tell = ["acme.poked"],
///     random,
/// }
/// # fn main() {}
/// ```
///
/// `keep` lists the kinds of scopes in which values are kept (`server`, `user`, `room`), `tell` the named events that users are told;
/// `online`, `random` and `clock` are the permissions to use [`Online::is_online`](crate::Online::is_online),
/// [`Random`](crate::Random) and [`Clock`](crate::Clock). Written once, at the top of the crate.
#[macro_export]
macro_rules! grants {
    ($($grant:ident $(= [$($name:literal),* $(,)?])?),* $(,)?) => {
        const _: () = { $( $crate::grants!(@check $grant $(= [$($name),*])?); )* };
    };
    (@check keep = [$($name:literal),*]) => {};
    (@check tell = [$($name:literal),*]) => {};
    (@check online) => {};
    (@check random) => {};
    (@check clock) => {};
    (@check $($other:tt)*) => {
        ::core::compile_error!("the grants are `keep = [\"…\"]`, `tell = [\"…\"]`, `online`, `random` and `clock`")
    };
}
