"""An authority that exists for one run of the tests, and the certificates that it gives."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_MAY_SIGN = x509.KeyUsage(**{use: use == "key_cert_sign" for use in _USES})


@dataclass(frozen=True)
class Authority:
    """Signs certificates; who trusts `file` trusts them."""

    directory: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def make(cls, directory: Path) -> "Authority":
        made = cls(directory, ec.generate_private_key(ec.SECP256R1()), _name("Tests"))
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        builder = (
            _certificate(made.name, made.key)
            .add_extension(constraints, critical=True)
            .add_extension(_MAY_SIGN, critical=True)
        )
        made.file.write_bytes(made._sign(builder).public_bytes(Encoding.PEM))
        return made

    @property
    def file(self) -> Path:
        return self.directory / "authority.pem"

    def client_context(self) -> ssl.SSLContext:
        """TLS for a client that trusts this authority alone, and is as strict as Python 3.13."""
        context = ssl.create_default_context(cafile=str(self.file))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def server_context(self, *places: str) -> ssl.SSLContext:
        """TLS for a server at these IP addresses and under these host names."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_place(place) for place in places])
        builder = _certificate(_name(places[0]), key).add_extension(names, critical=False)
        signed = self._sign(builder).public_bytes(Encoding.PEM)
        file = self.directory / f"server-{places[0]}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        by = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        named = builder.issuer_name(self.name).add_extension(by, critical=False)
        return named.sign(self.key, hashes.SHA256())


def _place(place: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(place))
    except ValueError:
        return x509.DNSName(place)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
