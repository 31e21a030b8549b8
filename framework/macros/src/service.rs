//! The registration that `#[service]` adds.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, ReturnType};

use crate::function;

pub(crate) fn expand(attributes: &TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attributes.is_empty() {
        return Err(syn::Error::new_spanned(attributes, "#[service] takes no options"));
    }
    let function: ItemFn = syn::parse2(item)?;
    function::require_plain(&function, "service builder")?;
    if let Some(token) = function.sig.asyncness {
        return Err(syn::Error::new(
            token.span,
            "a service builder is a plain function: it runs before the server",
        ));
    }
    let doc = function::doc(&function, "what operators read when it is missing")?;
    let origin = function::origin(&function, &doc);
    let types = function::argument_types(&function)?;
    let name = &function.sig.ident;
    let ReturnType::Type(_, output) = &function.sig.output else {
        return Err(syn::Error::new(name.span(), "a service builder returns the service"));
    };

    let values: Vec<_> = (0..types.len()).map(|index| format_ident!("argument_{index}")).collect();
    let extract = types.iter().zip(&values).map(|(ty, value)| {
        quote_spanned! {ty.span()=>
            let #value = <#ty as ::uchat_framework::FromServices>::from_services(services)?;
        }
    });
    let needs =
        types.iter().map(|ty| quote_spanned!(ty.span()=> <#ty as ::uchat_framework::FromServices>::NEEDS));
    let built = quote_spanned! {output.span()=>
        <#output as ::uchat_framework::__private::IntoService>::into_service(#name(#(#values),*))?
    };
    let provides =
        quote_spanned!(output.span()=> <#output as ::uchat_framework::__private::IntoService>::KEY);
    let function = function::quiet(&function);
    Ok(quote! {
        #function

        const _: () = {
            fn build(services: &mut ::uchat_framework::Services) -> ::uchat_framework::Result<()> {
                #(#extract)*
                let built = #built;
                services.insert(built);
                ::core::result::Result::Ok(())
            }

            ::uchat_framework::__private::inventory::submit! {
                ::uchat_framework::ServiceInfo {
                    provides: #provides,
                    origin: #origin,
                    needs: &[#(#needs),*],
                    build,
                }
            }
        };
    })
}
