#!/usr/bin/env python3
"""Checks the vectors of the strong suite without any of our code: check_strong.py ../data/strong.json

Needs `pip install cryptography`. Noise_XX_25519_AESGCM_SHA256 is written out by hand from the Noise specification, the
rest from PROTOCOL.md.
"""

import datetime
import hashlib
import hmac
import json
import struct
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

PREAMBLE = b"UCHAT/2\n"
PROLOGUE = b"UCHAT/2\nstrong/1"
INFO = {"to_server": b"uchat strong/1 client to server", "to_client": b"uchat strong/1 server to client"}


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(secret, info, length):
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = mac(secret, block + info + bytes([count]))
        out, count = out + block, count + 1
    return out[:length]


class Symmetric:
    """The SymmetricState of the Noise specification, with its CipherState."""

    def __init__(self):
        name = b"Noise_XX_25519_AESGCM_SHA256"
        self.h = self.ck = name + bytes(32 - len(name))
        self.key = None
        self.mix_hash(PROLOGUE)

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, secret):
        out = expand(mac(self.ck, secret), b"", 64)
        self.ck, self.key, self.n = out[:32], out[32:], 0

    def encrypt(self, plaintext):
        out = plaintext
        if self.key:
            out = AESGCM(self.key).encrypt(bytes(4) + struct.pack(">Q", self.n), plaintext, self.h)
            self.n += 1
        self.mix_hash(out)
        return out

    def split(self):
        out = expand(mac(self.ck, b""), b"", 64)
        return out[:32], out[32:]


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def dh(secret, other):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(other))


def payload(seed, static, certificate):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(b"uchat-noise-static-key:" + public(static))
    return key.public_key().public_bytes_raw() + signature + struct.pack(">H", len(certificate)) + certificate


def with_length(message):
    return struct.pack(">H", len(message)) + message


def handshake(v):
    """The three messages and what comes after them."""
    c_e, c_s, s_e, s_s = (v[k] for k in ("client_ephemeral", "client_static", "server_ephemeral", "server_static"))
    noise = Symmetric()
    noise.mix_hash(public(c_e))
    first = public(c_e) + noise.encrypt(b"")
    assert v["client_first"] == PREAMBLE + with_length(first), "message 1"
    noise.mix_hash(public(s_e))
    noise.mix_key(dh(s_e, public(c_e)))
    second = public(s_e) + noise.encrypt(public(s_s))
    noise.mix_key(dh(s_s, public(c_e)))
    second += noise.encrypt(payload(v["server_seed"], s_s, v["server_certificate"]))
    assert v["server_second"] == with_length(second), "message 2"
    third = noise.encrypt(public(c_s))
    noise.mix_key(dh(c_s, public(s_e)))
    third += noise.encrypt(payload(v["client_seed"], c_s, v["client_certificate"]))
    assert v["client_third"] == with_length(third), "message 3"
    for who in ("client", "server"):
        key = Ed25519PrivateKey.from_private_bytes(v[who + "_seed"]).public_key()
        assert key.public_bytes_raw() == v[who + "_public"], who + "_public"
    keys = dict(zip(("to_server", "to_client"), noise.split()))
    for direction, who in (("to_server", "client"), ("to_client", "server")):
        one = {"frame": v[who + "_frame"], "plaintext": v[who + "_plaintext"]}
        frames(direction, keys[direction], noise.h, 1 << 20, 1 << 34, [one])


def frames(direction, key, handshake_hash, max_frames, max_bytes, parts):
    """Opens the frames in their order, and writes them again."""
    secret, count, total = mac(handshake_hash, key), 0, 0
    for sequence, part in enumerate(parts):
        okm = expand(secret, INFO[direction], 96)
        frame, plaintext = part["frame"], part["plaintext"]
        iv = frame[5:21]
        assert iv == part.get("iv", iv), "iv"
        padding = 16 - len(plaintext) % 16
        aes = Cipher(algorithms.AES(okm[:32]), modes.CBC(iv)).encryptor()
        body = aes.update(plaintext + bytes([padding]) * padding) + aes.finalize()
        head = struct.pack(">IB", len(body), padding)
        digest = mac(okm[32:64], struct.pack(">Q", sequence) + head + iv + body)
        assert frame == head + iv + digest + body, f"frame {sequence}"
        count, total = count + 1, total + len(body)
        if count >= max_frames or total >= max_bytes:
            secret, count, total = okm[64:], 0, 0


def moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def certificate(v):
    """The certificates say what the vector says, and are signed by whom they should be."""
    signer = Ed25519PrivateKey.from_private_bytes(v["authority_seed"]).public_key()
    key = Ed25519PrivateKey.from_private_bytes(v["seed"]).public_key()
    own = x509.load_der_x509_certificate(v["authority_certificate"])
    issued = x509.load_der_x509_certificate(v["certificate"])
    for one, about, prefix in ((own, signer, "authority_"), (issued, key, "")):
        signer.verify(one.signature, one.tbs_certificate_bytes)
        assert one.version == x509.Version.v3 and one.issuer == own.subject, "issuer"
        assert one.public_key().public_bytes_raw() == about.public_bytes_raw(), "key"
        first = v[prefix + "serial"][0] & 0x7F | 0x40
        assert one.serial_number == int.from_bytes(bytes([first]) + v[prefix + "serial"][1:], "big"), "serial"
        assert one.not_valid_before_utc == moment(v[prefix + "not_before"]), "not_before"
        assert one.not_valid_after_utc == moment(v[prefix + "not_after"]), "not_after"
        identifier = hashlib.sha256(about.public_bytes_raw()).digest()[:20]
        found = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        assert found.digest == identifier, "subject key identifier"
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints)
        assert basic.critical and basic.value.ca == (one is own), "basic constraints"
    name = [part.rfc4514_string() for part in own.subject.rdns]
    assert name == ["O=Uchat", "CN=Uchat server " + signer.public_bytes_raw().hex()[:16]], name
    assert [(part.oid, part.value) for part in issued.subject] == [(NameOID.COMMON_NAME, v["username"])], "name"
    authority_key = issued.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority_key.key_identifier == hashlib.sha256(signer.public_bytes_raw()).digest()[:20]
    usage = issued.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.ExtendedKeyUsageOID.CLIENT_AUTH], "extended key usage"
    emails = []
    if v["email"].isascii():
        names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        emails = names.get_values_for_type(x509.RFC822Name)
    assert emails == [v["email"]] * v["email"].isascii(), "e-mail"
    asked = x509.load_der_x509_csr(v["request"])
    assert asked.is_signature_valid and asked.public_key().public_bytes_raw() == key.public_bytes_raw(), "request"


def safety_number(v):
    def half(key):
        digest = hashlib.sha512(b"uchat safety number/1" + key).digest()
        for _ in range(5199):
            digest = hashlib.sha512(digest + key).digest()
        groups = (int.from_bytes(digest[at : at + 5], "big") % 100000 for at in range(0, 30, 5))
        return " ".join(f"{group:05}" for group in groups)

    assert v["number"] == " ".join(sorted((half(v["one"]), half(v["other"])))), "number"


TEXTS = ("id", "direction", "username", "email", "number")


def unhex(value):
    if isinstance(value, dict):
        return {k: v if k in TEXTS else unhex(v) for k, v in value.items()}
    if isinstance(value, list):
        return [unhex(v) for v in value]
    return bytes.fromhex(value) if isinstance(value, str) else value


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        data = json.load(file)
    passed = 0
    for v in unhex(data["strong_handshakes"]):
        handshake(v)
        passed += 1
    for v in unhex(data["strong_frames"]):
        key = v[v["direction"] + "_key"]
        frames(v["direction"], key, v["handshake_hash"], v["rekey_frames"], v["rekey_bytes"], v["frames"])
        passed += 1
    for v in unhex(data["certificates"]):
        certificate(v)
        passed += 1
    for v in unhex(data["safety_numbers"]):
        safety_number(v)
        passed += 1
    print(f"{passed} passed")


main()
