//! The registration that `#[handler]` adds.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ItemFn;
use syn::spanned::Spanned;

use crate::attributes::{Answer, Attributes, Operation};
use crate::function;

pub(crate) fn expand(attributes: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attributes: Attributes = syn::parse2(attributes)?;
    let function: ItemFn = syn::parse2(item)?;
    function::require_async(&function, "handler")?;
    let doc = function::doc(&function, "the help text of `uchat handlers`")?;
    let origin = function::origin(&function, &doc);
    let types = function::argument_types(&function)?;
    let name = &function.sig.ident;

    let values: Vec<_> = (0..types.len()).map(|index| format_ident!("argument_{index}")).collect();
    let extract = types.iter().zip(&values).map(|(ty, value)| {
        // Asked for directly, so that what is wrong with the parameters is said of them, and not of `Args`.
        if let Some(inner) = function::parameters(ty) {
            return quote_spanned! {inner.span()=>
                let #value: #ty = ::uchat_framework::__private::parameters::<#inner>(&mut request)?;
            };
        }
        quote_spanned! {ty.span()=>
            let #value = <#ty as ::uchat_framework::FromRequest>::from_request(&mut request)?;
        }
    });
    let needs = types.iter().map(|ty| {
        if function::parameters(ty).is_some() {
            return quote!(::uchat_framework::Needs::NOTHING);
        }
        quote_spanned!(ty.span()=> <#ty as ::uchat_framework::FromRequest>::NEEDS)
    });
    let returned = function::returned(&function);
    let (operation, answer, reply) = answer_tokens(&attributes, returned);
    let result = quote_spanned! {returned=>
        ::uchat_framework::__private::Returned::returned(#name(#(#values),*).await)?
    };
    let policy = attributes.policy();

    let function = function::quiet(&function);
    Ok(quote! {
        #function

        const _: () = {
            fn call(
                mut request: ::uchat_framework::Request,
            ) -> ::uchat_framework::BoxFuture<::uchat_framework::Result<::uchat_framework::Replies>> {
                ::std::boxed::Box::pin(async move {
                    #(#extract)*
                    let answer = #result;
                    #reply
                })
            }

            ::uchat_framework::__private::inventory::submit! {
                ::uchat_framework::HandlerInfo {
                    operation: #operation,
                    origin: #origin,
                    needs: &[#(#needs),*],
                    answer: #answer,
                    policy: #policy,
                    call,
                }
            }
        };
    })
}

fn answer_tokens(attributes: &Attributes, returned: Span) -> (TokenStream, TokenStream, TokenStream) {
    let operation = match &attributes.operation {
        Operation::Opcode(opcode) => quote!(::uchat_framework::Operation::Opcode(#opcode)),
        Operation::Call(name) => quote!(::uchat_framework::Operation::Call(#name)),
    };
    let (answer, reply) = match &attributes.answer {
        Answer::Free => (
            quote!(::uchat_framework::Answer::Free),
            quote_spanned!(returned=> ::core::result::Result::Ok(::uchat_framework::IntoReplies::into_replies(answer))),
        ),
        Answer::Reply(opcode) => (
            quote!(::uchat_framework::Answer::Reply(#opcode)),
            quote_spanned!(returned=> ::uchat_framework::__private::reply(#opcode, &answer)),
        ),
        Answer::Outcome(opcode) => (
            quote!(::uchat_framework::Answer::Outcome(#opcode)),
            quote_spanned!(returned=> ::uchat_framework::Replies::outcome(
                #opcode,
                ::uchat_framework::IntoReplies::into_replies(answer)
            )),
        ),
        Answer::CallResult => (
            quote!(::uchat_framework::Answer::CallResult),
            quote_spanned!(returned=> ::uchat_framework::IntoCallResult::into_call_result(answer, request.call_id())),
        ),
    };
    (operation, answer, reply)
}
