//! What lies between a page and a server, besides CORS.

use super::table::causes;

causes! {
    LOCAL_NETWORK = "local-network", Configuration {
        symptom: "the browser asks whether the page may look for devices on the local network, or blocks the request: Permission was denied",
        sentence: "the server is on this machine or in a private network, and the page is not: browsers ask the user for permission first",
        fix: "use a public https address of the store, or serve the page from the same network; only pages of https can be permitted",
        proof: "look the host up: its address is one of 127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, ::1 or fc00::/7",
        source: "https://developer.chrome.com/blog/local-network-access",
    }
}
