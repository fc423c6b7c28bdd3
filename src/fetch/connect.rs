//! An address to a connection: names, sockets and certificates, each fault in one sentence.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::{Address, CONNECT_TIMEOUT, Options, Protocol};

/// A socket, with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that is ready for a request.
pub struct Connected {
    pub stream: Box<dyn Stream>,
    pub is_http2: bool,
}

/// Connects to the first address that answers.
pub async fn connect(address: &Address, options: &Options) -> Result<Connected, String> {
    let whom = address.host_and_port();
    let connecting = async {
        let socket = socket(address, options).await?;
        _ = socket.set_nodelay(true);
        if !address.is_secure {
            return Ok(Connected {
                stream: Box::new(socket),
                is_http2: options.protocol == Protocol::Http2,
            });
        }
        let connector = TlsConnector::from(Arc::new(client_config(options)?));
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| format!("TLS: `{}` is no name of a server", address.host))?;
        let stream = connector
            .connect(name, socket)
            .await
            .map_err(|error| format!("TLS with {whom} failed: {}", tls_fault(&error)))?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if options.protocol == Protocol::Http2 && !is_http2 {
            return Err(format!("{whom} does not speak HTTP/2"));
        }
        Ok(Connected {
            stream: Box::new(stream),
            is_http2,
        })
    };
    tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .unwrap_or_else(|_| {
            let seconds = CONNECT_TIMEOUT.as_secs();
            Err(format!("no connection to {whom} within {seconds} s"))
        })
}

async fn socket(address: &Address, options: &Options) -> Result<TcpStream, String> {
    let whom = address.host_and_port();
    let resolved = options
        .resolve
        .iter()
        .find(|(host, port, _)| host.eq_ignore_ascii_case(&address.host) && *port == address.port);
    let candidates: Vec<SocketAddr> = match resolved {
        Some((_, _, addresses)) => addresses.clone(),
        None => tokio::net::lookup_host((address.host.as_str(), address.port))
            .await
            .map_err(|error| {
                format!(
                    "DNS has no address for {}: {}",
                    address.host,
                    without_prefix(&error)
                )
            })?
            .collect(),
    };
    let mut last = format!("DNS has no address for {}", address.host);
    for candidate in candidates {
        match TcpStream::connect(candidate).await {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                last = format!("{whom} refused the connection: nothing listens there");
            }
            Err(error) => last = format!("no connection to {whom}: {error}"),
        }
    }
    Err(last)
}

fn client_config(options: &Options) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS: {error}"))?;
    let mut config = if options.insecure {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(authorities(options)?)
            .with_no_client_auth()
    };
    let protocols: &[&[u8]] = match options.protocol {
        Protocol::Any => &[b"h2", b"http/1.1"],
        Protocol::Http1 => &[b"http/1.1"],
        Protocol::Http2 => &[b"h2"],
    };
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn authorities(options: &Options) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    if let Some(pem) = &options.authorities {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| format!("--cacert: this is no PEM file: {error}"))?;
            store
                .add(certificate)
                .map_err(|error| format!("--cacert: {error}"))?;
        }
        if store.is_empty() {
            return Err("--cacert: the file holds no certificate".to_owned());
        }
    } else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(
                "TLS: the system has no certificates to trust; name some with --cacert".to_owned(),
            );
        }
    }
    Ok(store)
}

fn tls_fault(error: &io::Error) -> String {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(reason)) => format!(
            "its certificate is not trusted ({reason}); --cacert FILE trusts its authority, -k anybody"
        ),
        Some(Error::InvalidMessage(_)) => "what answers there does not speak TLS".to_owned(),
        Some(error) => error.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection closed in mid-handshake".to_owned()
        }
        None => error.to_string(),
    }
}

fn without_prefix(error: &io::Error) -> String {
    let text = error.to_string();
    let start = "failed to lookup address information: ";
    text.strip_prefix(start).unwrap_or(&text).to_owned()
}

/// Takes any certificate, because the user said so.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
