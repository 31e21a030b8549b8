"""A client of the strong suite written from PROTOCOL.md (sections 12 and 13) with another library.

    pip install cryptography
    python3 codec/tests/independent/strong_client.py HOST PORT [FINGERPRINT]

It shakes hands with a running server, sends echoes and an unknown opcode, checks every answer, and then sends a frame
with one bit changed, which the server must answer by closing the connection.
"""

import hashlib
import hmac
import os
import socket
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NAME = b"Noise_XX_25519_AESGCM_SHA256"
PREAMBLE = b"UCHAT/2\n"
PROLOGUE = b"UCHAT/2\nstrong/1"


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def noise_hkdf(chaining_key, material):
    temporary = mac(chaining_key, material)
    one = mac(temporary, b"\x01")
    return one, mac(temporary, one + b"\x02")


class Noise:
    """The symmetric state of the Noise specification, for the initiator of XX."""

    def __init__(self):
        self.hash = NAME.ljust(32, b"\0")
        self.chaining_key, self.key, self.counter = self.hash, None, 0
        self.mix_hash(PROLOGUE)

    def mix_hash(self, data):
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, secret, public):
        shared = secret.exchange(X25519PublicKey.from_public_bytes(public))
        self.chaining_key, self.key = noise_hkdf(self.chaining_key, shared)
        self.counter = 0

    def nonce(self):
        self.counter += 1
        return bytes(4) + struct.pack(">Q", self.counter - 1)

    def encrypt(self, plaintext):
        out = AESGCM(self.key).encrypt(self.nonce(), plaintext, self.hash)
        self.mix_hash(out)
        return out

    def decrypt(self, ciphertext):
        plaintext = AESGCM(self.key).decrypt(self.nonce(), ciphertext, self.hash)
        self.mix_hash(ciphertext)
        return plaintext


class Direction:
    """Keys and sequence number of one direction of frames."""

    def __init__(self, noise_key, handshake_hash, info):
        secret, info = mac(handshake_hash, noise_key), info
        parts, last = [], b""
        for number in (1, 2, 3):
            last = mac(secret, last + info + bytes([number]))
            parts.append(last)
        self.cipher_key, self.mac_key, self.sequence = parts[0], parts[1], 0

    def digest(self, head, iv, body):
        return mac(self.mac_key, struct.pack(">Q", self.sequence) + head + iv + body)

    def seal(self, plaintext):
        padding, iv = 16 - len(plaintext) % 16, os.urandom(16)
        encryptor = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).encryptor()
        body = encryptor.update(plaintext + bytes([padding]) * padding) + encryptor.finalize()
        head = struct.pack(">IB", len(body), padding)
        frame = head + iv + self.digest(head, iv, body) + body
        self.sequence += 1
        return frame

    def open(self, frame):
        head, iv, digest, body = frame[:5], frame[5:21], frame[21:53], frame[53:]
        assert hmac.compare_digest(digest, self.digest(head, iv, body)), "wrong digest"
        self.sequence += 1
        decryptor = Cipher(algorithms.AES(self.cipher_key), modes.CBC(iv)).decryptor()
        plaintext = decryptor.update(body) + decryptor.finalize()
        assert 1 <= head[4] <= 16 and plaintext.endswith(bytes([head[4]]) * head[4]), "wrong padding"
        return plaintext[: -head[4]]


def read(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def shake_hands(stream, expected):
    noise, ephemeral, static, identity = Noise(), X25519PrivateKey.generate(), X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    noise.mix_hash(public)
    noise.mix_hash(b"")
    stream.sendall(PREAMBLE + struct.pack(">H", 32) + public)
    second = read(stream, struct.unpack(">H", read(stream, 2))[0])
    server_ephemeral = second[:32]
    noise.mix_hash(server_ephemeral)
    noise.mix_key(ephemeral, server_ephemeral)
    server_static = noise.decrypt(second[32:80])
    noise.mix_key(ephemeral, server_static)
    payload = noise.decrypt(second[80:])
    server_key = payload[:32]
    Ed25519PublicKey.from_public_bytes(server_key).verify(payload[32:96], b"uchat-noise-static-key:" + server_static)
    assert expected is None or server_key == expected, "another server"
    own_static = static.public_key().public_bytes_raw()
    third = noise.encrypt(own_static)
    noise.mix_key(static, server_ephemeral)
    signature = identity.sign(b"uchat-noise-static-key:" + own_static)
    third += noise.encrypt(identity.public_key().public_bytes_raw() + signature + b"\0\0")
    stream.sendall(struct.pack(">H", len(third)) + third)
    to_server, to_client = noise_hkdf(noise.chaining_key, b"")
    return (
        server_key,
        Direction(to_server, noise.hash, b"uchat strong/1 client to server"),
        Direction(to_client, noise.hash, b"uchat strong/1 server to client"),
    )


def receive(stream, direction):
    head = read(stream, 5)
    return direction.open(head + read(stream, 48 + struct.unpack(">I", head[:4])[0]))


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    expected = bytes.fromhex(sys.argv[3].replace(" ", "")) if len(sys.argv) > 3 else None
    stream = socket.create_connection((host, port), timeout=10)
    server_key, out, back = shake_hands(stream, expected)
    print("server key", server_key.hex())
    for text in ["", "x", "x" * 15, "x" * 16, "你好" * 1000]:
        value = b"\x03" + struct.pack(">I", len(text.encode())) + text.encode()
        stream.sendall(out.seal(b"\x03" + value))
        assert receive(stream, back) == b"\x69" + value, text
    stream.sendall(out.seal(b"\xfe\x00"))
    assert receive(stream, back)[0] == 203
    changed = bytearray(out.seal(b"\x03\x00"))
    changed[-1] ^= 1
    stream.sendall(changed)
    assert stream.recv(1) == b"", "a changed frame was not refused"
    print("7 passed, 0 failed")


main()
