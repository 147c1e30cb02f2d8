//! The names of the schemas.

use crate::deployment::DeploymentRoute;

/// Returns the prefix of the names of each route's schemas: the name of the route in camel case, as in `UserAvatars`, or
/// `Default` for the route without a name. Each is unique and consists of letters and digits, as API Gateway requires.
pub(super) fn prefixes(routes: &[DeploymentRoute]) -> Vec<String> {
    let mut prefixes: Vec<String> = Vec::with_capacity(routes.len());
    let mut used = std::collections::BTreeSet::new();
    for route in routes {
        let name = camel_case(route.name().unwrap_or("default"));
        // Two route names can differ in nothing but `-` and `_`.
        let mut prefix = name.clone();
        let mut number = 2;
        while !used.insert(prefix.clone()) {
            prefix = format!("{name}Route{number}");
            number += 1;
        }
        prefixes.push(prefix);
    }
    prefixes
}

fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn names_are_alphanumeric() {
        for (name, expected) in [("avatars", "Avatars"), ("user-avatars_2", "UserAvatars2"), ("a--b", "AB")] {
            assert_eq!(camel_case(name), expected);
        }
    }
}
