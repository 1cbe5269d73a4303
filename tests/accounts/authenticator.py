"""A passkey in software: answers the console's options as a browser's authenticator would (WebAuthn Level 3, sections 6 and 7)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from struct import pack

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def to_text(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def to_bytes(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey for one host; `verifies` says whether it checks the person (PIN, finger)."""

    PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40

    def __init__(self, origin="http://localhost", *, verifies=True, counts=True):
        self.origin, self.verifies, self.counts = origin, verifies, counts
        self.host = origin.split("//")[1].split(":")[0]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counter = 0

    def create(self, options, **changes):
        """The answer to creation options (JSON), as the page's form sends it."""
        wanted = json.loads(options)
        client = self._client("webauthn.create", wanted["challenge"], changes)
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        credential = bytes(16) + pack(">H", len(self.id)) + self.id + cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(self.ATTESTED) + credential})
        return self._answer(
            {
                "clientDataJSON": to_text(client),
                "attestationObject": to_text(attestation),
                "transports": ["internal", "odd"],
            }
        )

    def get(self, options, **changes):
        """The answer to request options (JSON)."""
        wanted = json.loads(options)
        client = self._client("webauthn.get", wanted["challenge"], changes)
        data = self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": to_text(client),
            "authenticatorData": to_text(data),
            "signature": to_text(signature),
        }
        return self._answer(response)

    def _client(self, kind, challenge, changes):
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | changes
        ).encode()

    def _data(self, flags=0):
        self.counter += self.counts
        flags |= self.PRESENT | (self.VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + pack(">I", self.counter)

    def _answer(self, response):
        return json.dumps(
            {
                "id": to_text(self.id),
                "rawId": to_text(self.id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )
