"""An issuer of JSON Web Tokens, with real keys, which it gives to a file or over HTTP."""

import json
import time
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

ISSUER = "https://issuer.example/plant"
AUDIENCE = "mes-orders"


@cache
def private_key(algorithm, number=0):
    """A key for tokens of this algorithm; other numbers are other keys."""
    assert number >= 0
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def public(key, kid, algorithm):
    """A public key as it stands in a key set."""
    told = get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    return {**told, "kid": kid, "use": "sig", "alg": algorithm}


class Issuer:
    """Signs with the `keys` that it has at the moment: algorithms and private keys, by their ids."""

    def __init__(self):
        self.keys = {"1": ("RS256", private_key("RS256"))}

    def claims(self, **claims):
        """What a token says that is valid, with these claims; None leaves one out."""
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "exp": int(time.time()) + 300}
        return {name: value for name, value in {**usual, **claims}.items() if value is not None}

    def token(self, kid="1", *, head=None, **claims):
        """A token that is signed with a key, with these claims, and more in its head."""
        algorithm, key = self.keys[kid]
        return jwt.encode(self.claims(**claims), key, algorithm, {"kid": kid, **(head or {})})

    def key_set(self):
        """The public keys."""
        return {"keys": [public(key, kid, algorithm) for kid, (algorithm, key) in self.keys.items()]}

    def write(self, path):
        """Give the keys to a file, which may be read at the same moment."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(self.key_set()))
        new.replace(path)


class Site:
    """Where the issuer gives its keys over HTTP, or what a test wants instead; and how often it was asked."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.status = 200
        self.headers = {}
        self.body = None
        self.asked = 0
        self.url = ""


@contextmanager
def served(issuer):
    """The site of an issuer, on the loopback."""
    site = Site(issuer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            site.asked += 1
            body = json.dumps(issuer.key_set()).encode() if site.body is None else site.body
            self.send_response(site.status)
            for header in {"Content-Length": str(len(body)), **site.headers}.items():
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}/keys"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
