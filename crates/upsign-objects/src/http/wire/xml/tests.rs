use proptest::prelude::*;

use super::*;

/// Returns the element as nested text, or the error.
fn shown(text: &str) -> Result<String, InvalidXml> {
    fn show(element: &Element) -> String {
        let children: Vec<String> = element.children.iter().map(show).collect();
        format!("{}[{}]({})", element.name, element.text, children.join(","))
    }
    parse(text).map(|root| show(&root))
}

#[test]
fn documents_are_read() {
    for (text, expected) in [
        ("<A/>", "A[]()"),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"http://x/\"><B>1</B><C/></A>",
            "A[](B[1](),C[]())",
        ),
        (
            " \n\t <?xml version='1.0'?><!-- c --><s:A xmlns:s='x'><s:B>&lt;&amp;&#65;&#x42;&quot;</s:B></s:A>\n",
            "A[](B[<&AB\"]())",
        ),
        ("<A><![CDATA[<b>&amp;]]></A>", "A[<b>&amp;]()"),
        ("<A>x<B/>y</A>", "A[xy](B[]())"),
    ] {
        assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn truncated_documents_are_incomplete() {
    let text = "<?xml version=\"1.0\"?><A b=\"c\"><B>&amp;1</B><!-- c --></A>";
    for end in 0..text.len() {
        let start: String = text.chars().take(end).collect();
        assert_eq!(shown(&start), Err(InvalidXml::Incomplete), "{start}");
    }
    assert!(shown(text).is_ok());
}

#[test]
fn malformed_documents_are_rejected() {
    for text in [
        "x",
        "<A></B>",
        "<A/><B/>",
        "</A>",
        "<A/>x",
        "x<A/>",
        "<A>&#xD800;</A>",
        "<A>&#0;</A>",
        "<A>&# 1;</A>",
    ] {
        assert_eq!(shown(text), Err(InvalidXml::Malformed), "{text}");
    }
}

#[test]
fn entities_are_not_expanded() {
    for text in [
        "<!DOCTYPE a [<!ENTITY b \"c\">]><A>&b;</A>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><A/>",
        "<A>&b;</A>",
        "<A>&nbsp;</A>",
    ] {
        assert_eq!(shown(text), Err(InvalidXml::Entities), "{text}");
    }
}

#[test]
fn depth_and_number_of_elements_are_limited() {
    let nested = |depth: usize| format!("{}{}", "<A>".repeat(depth), "</A>".repeat(depth));
    assert!(shown(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(shown(&nested(MAX_DEPTH + 1)), Err(InvalidXml::TooComplex));
    assert_eq!(shown(&nested(100_000)), Err(InvalidXml::TooComplex));
    let flat = |count: usize| format!("<A>{}</A>", "<B/>".repeat(count));
    assert!(shown(&flat(MAX_ELEMENTS - 1)).is_ok());
    assert_eq!(shown(&flat(MAX_ELEMENTS)), Err(InvalidXml::TooComplex));
}

#[test]
fn escaped_text_is_read_back() {
    let text = "a<b>&'\"é ]]>";
    let mut xml = String::new();
    push_element(&mut xml, "A", text);
    assert_eq!(parse(&xml).map(|root| root.text), Ok(text.to_owned()));
}

/// Fragments of documents, in any order.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = proptest::sample::select(vec![
        "<A>",
        "</A>",
        "<B/>",
        "<A b='",
        "c'>",
        "&amp;",
        "&#65;",
        "&#x110000;",
        "&b;",
        "&",
        ";",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a [",
        "]>",
        "<?xml version=\"1.0\"?>",
        "<?",
        "?>",
        "x",
        " ",
        "é",
        "<",
        ">",
        "\u{0}",
    ]);
    proptest::collection::vec(fragment, 0..30).prop_map(|fragments| fragments.concat())
}

/// Returns the length of all text and names.
fn length(element: &Element) -> usize {
    element.name.len() + element.text.len() + element.children.iter().map(length).sum::<usize>()
}

proptest! {
    /// No document becomes longer than its text.
    #[test]
    fn nothing_is_expanded(text in prop_oneof![fragments(), "\\PC{0,60}"]) {
        if let Ok(root) = parse(&text) {
            prop_assert!(length(&root) <= text.len());
        }
    }
}
