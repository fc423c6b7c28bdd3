//! The scripted server over TLS and HTTP/2, with coded bodies and a port that refuses, seen by clients that know the protocol.
#![cfg(feature = "cli")]

use std::io::{ErrorKind, Read as _};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ssespec::origin::{Fact, Origin, Playing};
use ssespec::script::{Coding, Ending, Framing, Gate, Location, Response, Script, Step, Transport};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Long enough for a busy machine; nothing here waits that long when all is well.
const DEADLINE: Duration = Duration::from_secs(20);

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = Runtime::new().expect("a runtime");
    let in_time = async { tokio::time::timeout(DEADLINE, test).await };
    runtime.block_on(in_time).expect("in time")
}

fn script(responses: Vec<Response>, transport: Transport) -> Script {
    Script {
        responses,
        afterwards: Response::status(204),
        refusals: Vec::new(),
        transport,
    }
}

/// Host and port, and the path, of a played script.
fn address(playing: &Playing) -> (String, String) {
    let (_, rest) = playing.url.split_once("://").expect("a scheme");
    let (host, path) = rest.split_once('/').expect("a path");
    (host.to_owned(), format!("/{path}"))
}

async fn connect(playing: &Playing) -> TcpStream {
    let (host, _) = address(playing);
    TcpStream::connect(host).await.expect("the port listens")
}

/// TLS that trusts what the play says, and offers this protocol.
async fn secure(playing: &Playing, offers: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
    let pem = playing.certificate.as_ref().expect("a certificate");
    let mut trusted = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
    trusted.add(certificate).expect("an authority");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = vec![offers.to_vec()];
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let stream = connect(playing).await;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Asks in HTTP/1.1 and reads to the end, or to a reset.
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    path: &str,
    headers: &str,
) -> (String, bool) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    stream.flush().await.expect("it reads");
    let mut bytes = Vec::new();
    let is_reset = match stream.read_to_end(&mut bytes).await {
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
        Err(error) => panic!("{error}"),
    };
    (String::from_utf8_lossy(&bytes).into_owned(), is_reset)
}

#[test]
fn http_1_1_is_spoken_over_tls_with_every_ending() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        for (then, body, was_reset) in [
            (Ending::Close, "3\r\n:a\n\r\n0\r\n\r\n", false),
            (Ending::Truncate, "3\r\n:a\n\r\n", false),
            (Ending::Reset, "3\r\n:a\n\r\n", true),
        ] {
            let response = Response::stream([b":a\n".to_vec()], then);
            let script = script(vec![response], Transport::Tls);
            let playing = origin.play_alone(script).expect("a port");
            assert!(playing.url.starts_with("https://127.0.0.1:"));
            let stream = secure(&playing, b"http/1.1").await.expect("TLS");
            let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
            assert_eq!(agreed, Some(b"http/1.1".to_vec()));
            let (answer, is_reset) = ask(stream, &address(&playing).1, "").await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
            assert_eq!(is_reset, was_reset, "{then:?}");
        }
    });
}

#[test]
fn a_client_that_does_not_trust_the_certificate_is_told_of() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        let mut playing = origin
            .play_alone(script(Vec::new(), Transport::Tls))
            .expect("a port");
        // Another run's certificate is nobody's.
        let other = Origin::start().await.expect("a port");
        let others = other.play_alone(script(Vec::new(), Transport::Tls));
        playing.certificate = others.expect("a port").certificate.clone();
        secure(&playing, b"http/1.1")
            .await
            .expect_err("it is not trusted");
        let told = playing.facts.recv().await.expect("a fact");
        let Fact::Unheard(why) = told.fact else {
            panic!("{:?}", told.fact);
        };
        assert!(why.starts_with("TLS was not agreed on: "), "{why}");
    });
}

/// The status, headers and body of an answer in HTTP/2, and how it ended.
async fn ask_http2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    path: &str,
) -> (http::Response<()>, String, Result<(), String>) {
    let (client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::get(format!("http://localhost{path}"));
    let request = request.header("x-a", "b").body(()).expect("a request");
    let mut client = client.ready().await.expect("it listens");
    let (response, _) = client.send_request(request, true).expect("it listens");
    let (head, mut body) = response.await.expect("a head").into_parts();
    let (mut bytes, mut end) = (Vec::new(), Ok(()));
    while let Some(chunk) = body.data().await {
        match chunk {
            Ok(chunk) => {
                let room = body.flow_control().release_capacity(chunk.len());
                room.expect("it is ours");
                bytes.extend_from_slice(&chunk);
            }
            Err(error) => {
                end = Err(error.to_string());
                break;
            }
        }
    }
    let text = String::from_utf8(bytes).expect("ASCII");
    (http::Response::from_parts(head, ()), text, end)
}

#[test]
fn http_2_is_spoken_with_and_without_tls_with_every_ending() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        for transport in [Transport::Http2, Transport::Http2Cleartext] {
            for (then, fault) in [
                (Ending::Close, None),
                (Ending::Reset, Some("unexpected internal error")),
                (Ending::Truncate, Some("")),
            ] {
                let chunks = ["data: a\n\n", "data: b\n\n"].map(|chunk| chunk.as_bytes().to_vec());
                let script = script(vec![Response::stream(chunks, then)], transport);
                let mut playing = origin.play_alone(script).expect("a port");
                let path = address(&playing).1;
                let (head, body, end) = if transport == Transport::Http2 {
                    let stream = secure(&playing, b"h2").await.expect("TLS");
                    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                    ask_http2(stream, &path).await
                } else {
                    ask_http2(connect(&playing).await, &path).await
                };
                assert_eq!(head.status(), 200);
                assert_eq!(head.headers()["content-type"], "text/event-stream");
                assert_eq!(body, "data: a\n\ndata: b\n\n");
                match (fault, end) {
                    (None, end) => assert_eq!(end, Ok(())),
                    (Some(fault), Err(error)) => assert!(error.contains(fault), "{error}"),
                    (Some(_), Ok(())) => panic!("{then:?} is no clean end"),
                }
                let told = playing.facts.recv().await.expect("a fact");
                let Fact::Asked(request) = told.fact else {
                    panic!("{:?}", told.fact);
                };
                assert_eq!((&*request.method, &*request.target), ("GET", ""));
                assert_eq!(request.values("x-a").collect::<Vec<_>>(), [b"b"]);
            }
        }
    });
}

#[test]
fn a_held_stream_of_http_2_waits_at_its_gate_and_leaving_is_noticed() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        let mut response = Response::stream([b"a".to_vec()], Ending::Hold);
        response.steps.push(Step::Gate(Gate::Events(1)));
        response.steps.push(Step::Write(b"b".to_vec()));
        let script = script(vec![response], Transport::Http2Cleartext);
        let mut playing = origin.play_alone(script).expect("a port");
        let path = address(&playing).1;
        let (client, connection) = h2::client::handshake(connect(&playing).await)
            .await
            .expect("HTTP/2");
        let connection = tokio::spawn(connection);
        let mut client = client.ready().await.expect("it listens");
        let request = http::Request::get(format!("http://localhost{path}")).body(());
        let (response, _) = client
            .send_request(request.expect("a request"), true)
            .expect("it listens");
        let mut body = response.await.expect("a head").into_body();
        assert_eq!(body.data().await.expect("a").expect("a"), Bytes::from("a"));
        let go = loop {
            if let Fact::Gate(_, go) = playing.facts.recv().await.expect("a fact").fact {
                break go;
            }
        };
        go.send(()).expect("it waits");
        assert_eq!(body.data().await.expect("b").expect("b"), Bytes::from("b"));
        connection.abort();
        while !matches!(playing.facts.recv().await.expect("a fact").fact, Fact::Left) {}
    });
}

#[test]
fn a_coded_body_can_be_decoded_chunk_by_chunk() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        for (offer, is_coded) in [("accept-encoding: br, gzip\r\n", true), ("", false)] {
            let mut response = Response::stream([b"data: a\n\n".to_vec()], Ending::Close);
            response.framing = Framing::UntilClose;
            response.coding = Some(Coding::Gzip);
            let playing = origin.play(script(vec![response], Transport::Plain));
            let (_, path) = address(&playing);
            let mut stream = connect(&playing).await;
            let request = format!("GET {path} HTTP/1.1\r\nhost: h\r\n{offer}\r\n");
            stream
                .write_all(request.as_bytes())
                .await
                .expect("it reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("an end");
            let at = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let (head, body) = answer.split_at(at.expect("a head") + 4);
            let head = String::from_utf8_lossy(head);
            assert_eq!(head.contains("content-encoding: gzip\r\n"), is_coded);
            let mut text = String::new();
            if is_coded {
                let mut decoder = flate2::read::GzDecoder::new(body);
                decoder.read_to_string(&mut text).expect("gzip");
            } else {
                text = String::from_utf8_lossy(body).into_owned();
            }
            assert_eq!(text, "data: a\n\n");
        }
    });
}

#[test]
fn a_port_of_its_own_refuses_until_it_is_told_not_to() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        let mut script = script(
            vec![Response::stream([b"a".to_vec()], Ending::Close)],
            Transport::Plain,
        );
        script.refusals = vec![0, 1];
        let mut playing = origin.play_alone(script).expect("a port");
        let (host, path) = address(&playing);
        let mut n_answers = 0;
        while n_answers < 2 {
            let refused = TcpStream::connect(&host).await.expect_err("it refuses");
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            let go = loop {
                if let Fact::Refuses(go) = playing.facts.recv().await.expect("a fact").fact {
                    break go;
                }
            };
            go.send(()).expect("it waits");
            let stream = loop {
                match TcpStream::connect(&host).await {
                    Ok(stream) => break stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            };
            let (answer, _) = ask(stream, &path, "").await;
            let status = ["HTTP/1.1 200 ", "HTTP/1.1 204 "][n_answers];
            assert!(answer.starts_with(status), "{answer}");
            n_answers += 1;
        }
    });
}

#[test]
fn a_redirect_may_lead_to_another_port_and_heads_may_come_before_the_head() {
    run(async {
        let origin = Origin::start().await.expect("a port");
        let mut moved = Response::status(307);
        moved.location = Some(Location::OtherOrigin("next".to_owned()));
        moved.interim = vec![103];
        let last = Response::stream([b"a".to_vec()], Ending::Close);
        let script = script(vec![moved, last], Transport::Plain);
        let playing = origin.play_alone(script).expect("a port");
        let (host, path) = address(&playing);
        let (answer, _) = ask(connect(&playing).await, &path, "").await;
        let head = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 307 Temporary Redirect\r\n";
        assert!(answer.starts_with(head), "{answer}");
        let location = answer
            .lines()
            .find_map(|line| line.strip_prefix("location: http://"))
            .expect("a location");
        let (other, path) = location.split_once('/').expect("a path");
        assert_ne!(other, host);
        let stream = TcpStream::connect(other).await.expect("it listens");
        let (answer, _) = ask(stream, &format!("/{path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    });
}
