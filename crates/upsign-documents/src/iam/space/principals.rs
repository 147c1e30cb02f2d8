//! Distinguishes principals by the statements that name them.

use std::collections::BTreeSet;

use super::super::principal::account_of;
use super::super::{Effect, IamPrincipal, IamStatement};
use super::bits::Bits;

/// A class of principals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// The principal that an identity policy is attached to.
    Own,
    Anonymous,
    /// A principal that is named, or every principal of an account.
    Named {
        name: IamPrincipal,
        by: Grant,
    },
    /// A principal of an account that is named by its ID.
    OfAccount {
        account: String,
        by: Grant,
    },
    /// Any other principal.
    Other,
}

/// How a principal of AWS is permitted something. A statement for a whole account leaves the decision to the policies of that
/// account, so it permits less than a statement for the role itself.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    Direct,
    Delegated,
}

#[derive(Debug)]
pub(super) struct Principals(Vec<Class>);

impl Principals {
    pub(super) fn new<'a>(statements: impl Iterator<Item = &'a IamStatement>) -> Self {
        let mut classes = BTreeSet::from([Class::Own, Class::Anonymous, Class::Other]);
        for name in statements.flat_map(|it| it.principals.iter().chain(&it.not_principals)) {
            let account = match name {
                IamPrincipal::Aws(arn) => name.whole_account().or_else(|| account_of(arn)),
                _ => None,
            };
            for by in [Grant::Direct, Grant::Delegated] {
                if name.whole_account().is_none() && *name != IamPrincipal::Everyone {
                    classes.insert(Class::Named { name: name.clone(), by });
                }
                if let Some(account) = account {
                    classes.insert(Class::OfAccount { account: account.to_owned(), by });
                }
            }
        }
        Self(classes.into_iter().collect())
    }

    /// Returns the principals to which a statement applies.
    pub(super) fn of(&self, statement: &IamStatement) -> Bits {
        let applies = |class: &Class| {
            let is_named =
                |named: &[IamPrincipal]| named.iter().any(|named| is_in(class, named, statement.effect));
            if statement.is_unclear("Principal") {
                true
            } else if !statement.not_principals.is_empty() {
                *class != Class::Own && !is_named(&statement.not_principals)
            } else if statement.principals.is_empty() {
                *class == Class::Own
            } else {
                is_named(&statement.principals)
            }
        };
        Bits::of(self.0.len(), |index| self.0.get(index).is_some_and(applies))
    }
}

fn is_in(class: &Class, named: &IamPrincipal, effect: Effect) -> bool {
    let of_account = |account: &str, by: Grant| {
        named.whole_account() == Some(account) && (by == Grant::Delegated || effect == Effect::Deny)
    };
    match class {
        Class::Own => false,
        _ if *named == IamPrincipal::Everyone => true,
        Class::Anonymous | Class::Other => false,
        Class::OfAccount { account, by } => of_account(account, *by),
        Class::Named { name, by } => {
            let account = match name {
                IamPrincipal::Aws(arn) => account_of(arn),
                _ => None,
            };
            name == named || account.is_some_and(|account| of_account(account, *by))
        }
    }
}
