//! What stands in the parentheses of `#[handler(...)]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, LitStr, Token};

/// The operation that a handler serves.
pub(crate) enum Operation {
    /// An expression of type `Opcode`.
    Opcode(Expr),
    /// The name of a named call.
    Call(LitStr),
}

/// How the answer of a handler goes out.
pub(crate) enum Answer {
    /// The handler returns `()` or `Replies`.
    Free,
    /// The returned value becomes the parameters of this opcode.
    Reply(Expr),
    /// `[true, ""]` or `[false, text]` with this opcode.
    Outcome(Expr),
    /// The answer of a named call.
    CallResult,
}

/// The parsed attribute.
pub(crate) struct Attributes {
    pub(crate) operation: Operation,
    pub(crate) answer: Answer,
    /// Requests and the seconds in which they are allowed.
    pub(crate) rate: Option<(u32, u64)>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) role: Option<LitStr>,
}

impl Parse for Attributes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(syn::Error::new(
                Span::call_site(),
                "say which operation this handler serves: #[handler(MY_OPCODE)] or #[handler(\"acme.poke\")]",
            ));
        }
        let operation = if input.peek(LitStr) {
            Operation::Call(call_name(input.parse()?)?)
        } else {
            Operation::Opcode(input.parse()?)
        };
        let answer = match operation {
            Operation::Call(_) => Answer::CallResult,
            Operation::Opcode(_) => Answer::Free,
        };
        let mut parsed = Self { operation, answer, rate: None, timeout_ms: None, role: None };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            parsed.option(input)?;
        }
        Ok(parsed)
    }
}

impl Attributes {
    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        match key.to_string().as_str() {
            "reply" => self.answer = self.opcode_answer(&key, Answer::Reply(input.parse()?))?,
            "outcome" => self.answer = self.opcode_answer(&key, Answer::Outcome(input.parse()?))?,
            "rate" => self.rate = Some(rate(&input.parse()?)?),
            "timeout" => self.timeout_ms = Some(milliseconds(&input.parse()?)?),
            "role" => self.role = Some(input.parse()?),
            _ => {
                return Err(syn::Error::new(
                    key.span(),
                    "unknown option; there are reply, outcome, rate, timeout and role",
                ));
            }
        }
        Ok(())
    }

    fn opcode_answer(&self, key: &Ident, answer: Answer) -> syn::Result<Answer> {
        match self.answer {
            Answer::Free => Ok(answer),
            Answer::CallResult => Err(syn::Error::new(
                key.span(),
                "a named call is always answered by call_result: return the value and leave this out",
            )),
            Answer::Reply(_) | Answer::Outcome(_) => {
                Err(syn::Error::new(key.span(), "a handler has one answer: reply or outcome, once"))
            }
        }
    }
}

fn call_name(name: LitStr) -> syn::Result<LitStr> {
    let text = name.value();
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    if text.len() <= 64 && text.contains('.') && text.split('.').all(word) {
        Ok(name)
    } else {
        Err(syn::Error::new(
            name.span(),
            "a named call is called like `acme.poke`: lower-case words of a-z, 0-9, _ and -, at least one dot, \
             at most 64 bytes",
        ))
    }
}

fn rate(text: &LitStr) -> syn::Result<(u32, u64)> {
    let value = text.value();
    let parsed = value.split_once('/').and_then(|(count, unit)| {
        let seconds = match unit.trim() {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return None,
        };
        count.trim().parse::<u32>().ok().filter(|n| *n > 0).map(|n| (n, seconds))
    });
    parsed.ok_or_else(|| syn::Error::new(text.span(), "a rate looks like \"5/s\", \"5/min\" or \"5/h\""))
}

/// A span of time as text, in milliseconds.
pub(crate) fn milliseconds(text: &LitStr) -> syn::Result<u64> {
    let value = text.value();
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let unit = match value[split..].trim() {
        "ms" => Some(1),
        "s" => Some(1000),
        "min" => Some(60_000),
        _ => None,
    };
    let number = value[..split].parse::<u64>().ok().filter(|n| *n > 0);
    number
        .zip(unit)
        .and_then(|(n, unit)| n.checked_mul(unit))
        .ok_or_else(|| syn::Error::new(text.span(), "a time-out looks like \"500ms\", \"10s\" or \"1min\""))
}

impl Attributes {
    /// The `Policy` literal of the descriptor.
    pub(crate) fn policy(&self) -> TokenStream {
        let rate = optional(
            self.rate
                .map(|(count, seconds)| quote!(::uchat_framework::Rate { count: #count, seconds: #seconds })),
        );
        let timeout = optional(self.timeout_ms.map(|ms| quote!(::core::time::Duration::from_millis(#ms))));
        let role = optional(self.role.as_ref().map(|role| quote!(#role)));
        quote!(::uchat_framework::Policy { rate: #rate, role: #role, timeout: #timeout })
    }
}

/// The tokens of an `Option`.
fn optional(tokens: Option<TokenStream>) -> TokenStream {
    tokens.map_or_else(
        || quote!(::core::option::Option::None),
        |tokens| quote!(::core::option::Option::Some(#tokens)),
    )
}
