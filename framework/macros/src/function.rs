//! The annotated function: its doc line, its arguments, whether it is async.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, FnArg, GenericArgument, ItemFn, Lit, Meta, PathArguments, ReturnType, Type};

/// The first paragraph of the doc comment, or an error that says why one is needed.
pub(crate) fn doc(function: &ItemFn, what_for: &str) -> syn::Result<String> {
    let lines = function.attrs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    let paragraph: Vec<String> =
        lines.skip_while(String::is_empty).take_while(|line| !line.is_empty()).collect();
    if paragraph.is_empty() {
        Err(syn::Error::new(
            function.sig.ident.span(),
            format!(
                "`{}` needs a doc comment: write `/// …` above it; its first line is {what_for}",
                function.sig.ident
            ),
        ))
    } else {
        Ok(paragraph.join(" "))
    }
}

/// The types of the arguments.
pub(crate) fn argument_types(function: &ItemFn) -> syn::Result<Vec<&Type>> {
    function
        .sig
        .inputs
        .iter()
        .map(|argument| match argument {
            FnArg::Typed(typed) => Ok(&*typed.ty),
            FnArg::Receiver(receiver) => Err(syn::Error::new(
                receiver.self_token.span,
                "this attribute takes a free function: write it outside of the `impl`, and ask for what it needs as arguments",
            )),
        })
        .collect()
}

/// Where a complaint about the returned value points.
pub(crate) fn returned(function: &ItemFn) -> Span {
    match &function.sig.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => function.sig.ident.span(),
    }
}

/// The `T` of an `Args<T>`.
pub(crate) fn parameters(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Args")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// What the arguments of a hook, filter or timer need, and how they are taken from the running server.
pub(crate) struct FromServer {
    /// `let argument_0 = …;` for each.
    pub(crate) extract: TokenStream,
    /// The arguments, as they are passed on.
    pub(crate) values: TokenStream,
    /// The list of a descriptor.
    pub(crate) needs: TokenStream,
}

/// The arguments of these types, from `server`.
pub(crate) fn from_server(types: &[&Type]) -> FromServer {
    let names: Vec<_> = (0..types.len()).map(|index| format_ident!("argument_{index}")).collect();
    let extract = types.iter().zip(&names).map(|(ty, name)| {
        quote_spanned! {ty.span()=>
            let #name = <#ty as ::uchat_framework::FromServer>::from_server(&server)?;
        }
    });
    let needs =
        types.iter().map(|ty| quote_spanned!(ty.span()=> <#ty as ::uchat_framework::FromServer>::NEEDS));
    FromServer { extract: quote!(#(#extract)*), values: quote!(#(#names),*), needs: quote!(&[#(#needs),*]) }
}

/// Refuses a function that isn't async, or is generic.
pub(crate) fn require_async(function: &ItemFn, attribute: &str) -> syn::Result<()> {
    require_plain(function, attribute)?;
    if function.sig.asyncness.is_none() {
        let message = format!("a {attribute} is an async function: write `async fn {}`", function.sig.ident);
        return Err(syn::Error::new(function.sig.fn_token.span, message));
    }
    Ok(())
}

/// Refuses a generic function: a descriptor is one constant.
pub(crate) fn require_plain(function: &ItemFn, attribute: &str) -> syn::Result<()> {
    if function.sig.generics.params.is_empty() {
        return Ok(());
    }
    Err(syn::Error::new_spanned(&function.sig.generics, format!("a {attribute} can't be generic")))
}

/// `name, krate, file, line, doc` of a descriptor.
pub(crate) fn origin(function: &ItemFn, doc: &str) -> TokenStream {
    let name = function.sig.ident.to_string();
    quote! {
        ::uchat_framework::Origin {
            name: #name,
            doc: #doc,
            krate: ::core::env!("CARGO_PKG_NAME"),
            file: ::core::file!(),
            line: ::core::line!(),
        }
    }
}

/// The function, without lints that its signature can't help: it is async and returns a `Result` because the attribute
/// wants it so.
pub(crate) fn quiet(function: &ItemFn) -> TokenStream {
    quote! {
        #[allow(clippy::unused_async, clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
        #function
    }
}
