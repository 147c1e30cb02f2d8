"""usage: certificates.py FOLDER NAME…: writes ca.pem, and server.pem and server.key of a certificate for these names and addresses."""
import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
now = datetime.datetime.now(datetime.timezone.utc)


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def certificate(subject, key, issuer, issuer_key, extensions):
    """Signs a certificate that is valid for a day."""
    named = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(named[0]).issuer_name(named[1]).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.not_valid_after(now + datetime.timedelta(days=1)).sign(issuer_key, hashes.SHA256())


authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
authority = certificate("test authority", authority_key, "test authority", authority_key,
                        [(x509.BasicConstraints(ca=True, path_length=0), True)])
server = certificate("issuer", key, "test authority", authority_key, [
    (x509.SubjectAlternativeName([alternative(name) for name in names]), False),
    (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False)])
pem = serialization.Encoding.PEM
(folder / "ca.pem").write_bytes(authority.public_bytes(pem))
(folder / "server.pem").write_bytes(server.public_bytes(pem))
(folder / "server.key").write_bytes(key.private_bytes(
    pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
