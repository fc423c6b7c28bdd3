//! Requests from a page of another origin: what they are granted, beside the script.

use super::request::Request;
use crate::script::Response;

/// The answer to a preflight, which belongs to no script.
pub fn preflight(request: &Request) -> Option<Response> {
    let asks = request.method == "OPTIONS";
    let method = request.values("access-control-request-method").next()?;
    let mut response = Response::status(204);
    let mut add = |name: &str, value: &[u8]| {
        response.headers.push((name.to_owned(), value.to_vec()));
    };
    add("access-control-allow-methods", method);
    for names in request.values("access-control-request-headers") {
        add("access-control-allow-headers", names);
    }
    // Each preflight is asked, so that none depends on an earlier case.
    add("access-control-max-age", b"0");
    grant(request, &mut response);
    asks.then_some(response)
}

/// Lets the page that asked read the answer, with credentials, unless the script says who may.
pub fn grant(request: &Request, response: &mut Response) {
    const WHO: [&str; 2] = [
        "access-control-allow-origin",
        "access-control-allow-credentials",
    ];
    let says_who = |name: &str| WHO.iter().any(|who| name.eq_ignore_ascii_case(who));
    let is_scripted = response.headers.iter().any(|(name, _)| says_who(name));
    let Some(origin) = request.values("origin").next().filter(|_| !is_scripted) else {
        return;
    };
    let mut add = |name: &str, value: &[u8]| {
        response.headers.push((name.to_owned(), value.to_vec()));
    };
    add("access-control-allow-origin", origin);
    add("access-control-allow-credentials", b"true");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let header =
            |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        Request {
            method: method.to_owned(),
            headers: headers.iter().map(header).collect(),
            ..Request::default()
        }
    }

    #[track_caller]
    fn check(response: &Response, expected: &[(&str, &str)]) {
        let headers: Vec<(&str, &str)> = response
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), std::str::from_utf8(value).expect("ASCII")))
            .collect();
        assert_eq!(headers, expected);
    }

    #[test]
    fn who_says_where_it_comes_from_may_read_the_answer() {
        let mut response = Response::status(500);
        grant(&request("GET", &[]), &mut response);
        check(&response, &[]);
        grant(&request("GET", &[("Origin", "http://a")]), &mut response);
        let granted = [
            ("access-control-allow-origin", "http://a"),
            ("access-control-allow-credentials", "true"),
        ];
        check(&response, &granted);
    }

    #[test]
    fn a_script_that_says_who_may_read_is_left_alone() {
        let mut response = Response::status(200);
        let own = ("Access-Control-Allow-Origin".to_owned(), b"*".to_vec());
        response.headers.push(own);
        grant(&request("GET", &[("origin", "http://a")]), &mut response);
        check(&response, &[("Access-Control-Allow-Origin", "*")]);
    }

    #[test]
    fn a_preflight_is_granted_what_it_asks_for() {
        let asks = [
            ("origin", "http://a"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "last-event-id"),
        ];
        assert_eq!(preflight(&request("GET", &asks)), None);
        assert_eq!(preflight(&request("OPTIONS", &asks[..1])), None);
        let response = preflight(&request("OPTIONS", &asks)).expect("a preflight");
        let granted = [
            ("access-control-allow-methods", "GET"),
            ("access-control-allow-headers", "last-event-id"),
            ("access-control-max-age", "0"),
            ("access-control-allow-origin", "http://a"),
            ("access-control-allow-credentials", "true"),
        ];
        check(&response, &granted);
    }
}
