//! The registration that `#[hook]` adds.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ItemFn;
use syn::spanned::Spanned as _;

use crate::function::{self, FromServer};

pub(crate) fn expand(attributes: &TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attributes.is_empty() {
        return Err(syn::Error::new_spanned(
            attributes,
            "#[hook] takes no options: the event is the type of the first argument",
        ));
    }
    let function: ItemFn = syn::parse2(item)?;
    function::require_async(&function, "hook")?;
    let doc = function::doc(&function, "what operators read about it")?;
    let origin = function::origin(&function, &doc);
    let types = function::argument_types(&function)?;
    let name = &function.sig.ident;
    let Some((event, rest)) = types.split_first() else {
        return Err(syn::Error::new(name.span(), "the first argument of a hook is the event it waits for"));
    };

    let FromServer { extract, values, needs } = function::from_server(rest);
    let key = quote_spanned!(event.span()=> ::uchat_framework::event_key::<#event>);
    let result = quote_spanned! {function::returned(&function)=>
        ::uchat_framework::__private::Finished::finished(#name(event, #values).await)
    };
    let function = function::quiet(&function);
    Ok(quote! {
        #function

        const _: () = {
            fn call(
                server: ::std::sync::Arc<::uchat_framework::Context>,
                event: &(dyn ::core::any::Any + ::core::marker::Send + ::core::marker::Sync),
            ) -> ::uchat_framework::BoxFuture<::uchat_framework::Result<()>> {
                let event = event.downcast_ref::<#event>().cloned();
                ::std::boxed::Box::pin(async move {
                    #extract
                    match event {
                        ::core::option::Option::Some(event) => #result,
                        ::core::option::Option::None => ::core::result::Result::Ok(()),
                    }
                })
            }

            ::uchat_framework::__private::inventory::submit! {
                ::uchat_framework::HookInfo {
                    event: #key,
                    origin: #origin,
                    needs: #needs,
                    call,
                }
            }
        };
    })
}
