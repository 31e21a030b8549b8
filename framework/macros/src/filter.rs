//! The registration that `#[filter]` adds.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ItemFn;
use syn::spanned::Spanned as _;

use crate::function::{self, FromServer};

pub(crate) fn expand(attributes: &TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attributes.is_empty() {
        return Err(syn::Error::new_spanned(
            attributes,
            "#[filter] takes no options: the event is the type of the first argument",
        ));
    }
    let function: ItemFn = syn::parse2(item)?;
    function::require_async(&function, "filter")?;
    let doc = function::doc(&function, "what operators read about it")?;
    let origin = function::origin(&function, &doc);
    let types = function::argument_types(&function)?;
    let name = &function.sig.ident;
    let Some((event, rest)) = types.split_first() else {
        return Err(syn::Error::new(name.span(), "the first argument of a filter is the event it looks at"));
    };

    let FromServer { extract, values, needs } = function::from_server(rest);
    let result = quote_spanned! {function::returned(&function)=>
        ::uchat_framework::__private::PassedOn::<#event>::passed_on(#name(*event, #values).await)?
    };
    let key = quote_spanned!(event.span()=> ::uchat_framework::event_key::<#event>);
    let function = function::quiet(&function);
    Ok(quote! {
        #function

        const _: () = {
            fn call(
                server: ::std::sync::Arc<::uchat_framework::Context>,
                event: ::uchat_framework::AnyEvent,
            ) -> ::uchat_framework::BoxFuture<::uchat_framework::Result<::uchat_framework::AnyEvent>> {
                ::std::boxed::Box::pin(async move {
                    #extract
                    match event.downcast::<#event>() {
                        ::core::result::Result::Ok(event) => {
                            let passed: #event = #result;
                            ::core::result::Result::Ok(
                                ::std::boxed::Box::new(passed) as ::uchat_framework::AnyEvent
                            )
                        }
                        ::core::result::Result::Err(other) => ::core::result::Result::Ok(other),
                    }
                })
            }

            ::uchat_framework::__private::inventory::submit! {
                ::uchat_framework::FilterInfo {
                    event: #key,
                    origin: #origin,
                    needs: #needs,
                    call,
                }
            }
        };
    })
}
