//! The registration that `#[timer]` adds.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, ItemFn, Token};

use crate::attributes::milliseconds;
use crate::function::{self, FromServer};

/// `every = "30s"`.
struct Every(u64);

impl Parse for Every {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let wanted = "say how often: #[timer(every = \"30s\")]";
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), wanted));
        }
        let key: Ident = input.parse()?;
        if key != "every" {
            return Err(syn::Error::new(key.span(), wanted));
        }
        input.parse::<Token![=]>()?;
        milliseconds(&input.parse()?).map(Self)
    }
}

pub(crate) fn expand(attributes: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let Every(every) = syn::parse2(attributes)?;
    let function: ItemFn = syn::parse2(item)?;
    function::require_async(&function, "timer")?;
    let doc = function::doc(&function, "what operators read about it")?;
    let origin = function::origin(&function, &doc);
    let types = function::argument_types(&function)?;
    let name = &function.sig.ident;

    let FromServer { extract, values, needs } = function::from_server(&types);
    let result = quote_spanned! {function::returned(&function)=>
        ::uchat_framework::__private::Finished::finished(#name(#values).await)
    };
    let function = function::quiet(&function);
    Ok(quote! {
        #function

        const _: () = {
            fn call(
                server: ::std::sync::Arc<::uchat_framework::Context>,
            ) -> ::uchat_framework::BoxFuture<::uchat_framework::Result<()>> {
                ::std::boxed::Box::pin(async move {
                    #extract
                    #result
                })
            }

            ::uchat_framework::__private::inventory::submit! {
                ::uchat_framework::TimerInfo {
                    every: ::core::time::Duration::from_millis(#every),
                    origin: #origin,
                    needs: #needs,
                    call,
                }
            }
        };
    })
}
