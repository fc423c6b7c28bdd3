//! A certificate for the loopback address, made for this run and thrown away with it, to what TLS connections need.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Whom the certificate is for.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// What the origin shows of itself over TLS.
pub struct Security {
    /// The certificate that clients have to trust, as PEM: an authority's, since many refuse to trust a server's own.
    pub pem: String,
    /// Takes connections on which HTTP/1.1 is agreed.
    pub http1: TlsAcceptor,
    /// Takes connections on which HTTP/2 is agreed.
    pub http2: TlsAcceptor,
}

impl Security {
    /// Makes keys and certificates.
    ///
    /// # Errors
    ///
    /// There is no randomness, or the libraries do not agree.
    pub fn generate() -> io::Result<Self> {
        let mut authority = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // What strict clients look for.
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(
            rcgen::DnType::CommonName,
            "ssespec, thrown away after the run",
        );
        let authority_key = KeyPair::generate().map_err(io::Error::other)?;
        let trusted = authority
            .self_signed(&authority_key)
            .map_err(io::Error::other)?;
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut own = CertificateParams::new(NAMES.map(str::to_owned)).map_err(io::Error::other)?;
        own.use_authority_key_identifier_extension = true;
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = own.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let acceptor = |protocol: &[u8]| acceptor(certificate.der(), &key, protocol);
        Ok(Self {
            http1: acceptor(b"http/1.1")?,
            http2: acceptor(b"h2")?,
            pem: trusted.pem(),
        })
    }
}

fn acceptor(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    protocol: &[u8],
) -> io::Result<TlsAcceptor> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![protocol.to_vec()];
    // A ticket would follow the handshake by itself, in bytes that belong to no answer.
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
