#!/usr/bin/env python3
"""An HTTP server for tests, on sockets of its own, so that it can also answer wrongly.

    http_server.py FOLDER

Makes certificates in FOLDER, listens on free loopback ports and prints one line of JSON with them.
Then prints "METHOD TARGET" for each request once it has come in whole, and appends the request as
it came to FOLDER/requests. Ends with its standard input. What it answers is decided by the path.
"""
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()
counts = {}


def note(method, target, raw):
    with lock:
        with open(os.path.join(folder, "requests"), "ab") as log:
            log.write(raw + b"\n----\n")
        try:
            os.write(1, f"{method} {target}\n".encode("latin-1"))
        except BlockingIOError:
            pass  # nobody waits for them


def count(key):
    with lock:
        counts[key] = counts.get(key, 0) + 1
        return counts[key]


def read_request(peer):
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = peer.recv(65536)
        if not piece:
            return None
        raw += piece
        if not raw[:1].isalpha():
            return None  # no HTTP: TLS, perhaps
    head, body = raw.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length and len(body) < int(length.group(1)):
        piece = peer.recv(65536)
        if not piece:
            return None
        body += piece
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    note(method, target, head + b"\r\n\r\n" + body)
    return method, target, [line.split(": ", 1) for line in lines[1:]], body


def say(peer, status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
    lines += headers
    peer.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def wait_for_its_end(peer):
    while peer.recv(65536):
        pass


def for_ever(peer, head, piece):
    peer.sendall(head)
    while True:
        peer.sendall(piece)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answer(peer, method, target, headers, body):
    path, _, query = target.partition("?")
    words = path.strip("/").split("/")
    kind = words[0]
    if kind == "echo" or target.startswith("http://"):
        told = {"method": method, "target": target, "headers": headers,
                "body": body.decode("latin-1")}
        text = b"" if method == "HEAD" else json.dumps(told).encode()
        say(peer, 200, text, "Content-Type: application/json", "X-Twice: a", "X-Twice: b")
    elif kind == "status":
        bare = words[1] in ("204", "304")
        say(peer, int(words[1]), b"" if bare else f"status {words[1]}\nmore".encode())
    elif kind == "redirect":
        say(peer, int(words[1]), b"elsewhere", "Location: " + query[3:])
    elif kind == "loop":
        say(peer, 302, b"", "Location: /loop")
    elif kind == "bytes":
        say(peer, 200, b"x" * int(words[1]))
    elif kind == "count":
        say(peer, 200, str(count("count") if method == "POST" else counts.get("count", 0)).encode())
    elif kind == "flaky":
        say(peer, 200 if count(path) > int(words[2]) else 503, b"ready or not")
    elif kind == "flaky-close":
        if count(path) > int(words[2]):
            say(peer, 200, b"at last")
    elif kind == "cookie":
        say(peer, 302, b"", "Set-Cookie: id=1; Path=/", "Location: /echo")
    elif kind == "packed":
        say(peer, 200, b"\x1f\x8bnot unpacked", "Content-Encoding: gzip")
    elif kind == "hold":
        wait_for_its_end(peer)
    elif kind == "slow-head":
        peer.sendall(b"HTTP/1.1 200 OK\r\nX-")
        wait_for_its_end(peer)
    elif kind == "slow-body":
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        wait_for_its_end(peer)
    elif kind == "late":  # is told of once more when all timers of a client but its limit are over
        time.sleep(0.4)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        note("LATE", target, b"")
        wait_for_its_end(peer)
    elif kind == "endless":
        for_ever(peer, CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n")
    elif kind == "endless-headers":
        for_ever(peer, b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n")
    elif kind == "endless-continues":
        for_ever(peer, b"", b"HTTP/1.1 100 Continue\r\nX-More: " + b"x" * 1000 + b"\r\n\r\n")
    elif kind == "endless-trailers":
        for_ever(peer, CHUNKED + b"0\r\n", b"X-More: " + b"x" * 1000 + b"\r\n")
    elif kind == "cut":
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    elif kind == "cut-chunk":
        peer.sendall(CHUNKED + b"5\r\nhel")
    elif kind == "bad-chunk":
        peer.sendall(CHUNKED + b"zz\r\nhello")
    elif kind == "old":
        peer.sendall(b"hello\n")
    elif kind == "ssh":
        peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    elif kind == "reset":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif kind != "close":
        say(peer, 404, b"no such page")


def serve(peer, context):
    try:
        with peer:
            if context is not None:
                peer = context.wrap_socket(peer, server_side=True)
            request = read_request(peer)
            if request is not None:
                answer(peer, *request)
                peer.close()
    except OSError:
        pass  # the client has gone


def listen(context, host="127.0.0.1"):
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    server.bind((host, 0))
    server.listen(64)

    def accept():
        while True:
            peer, _ = server.accept()
            threading.Thread(target=serve, args=(peer, context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificate(name, subject, days):
    """A key and a certificate for `subject`, signed by the CA; a context that shows it."""
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=test", "-keyout", name + ".key", "-out", name + ".csr")
    with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as extension:
        extension.write("subjectAltName=" + subject + "\n")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
            str(days), "-set_serial", "7", "-extfile", name + ".ext", "-out", name + ".pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, name + ".pem"),
                            os.path.join(folder, name + ".key"))
    return context


def main():
    os.set_blocking(1, False)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem")
    good = "IP:127.0.0.1,DNS:localhost"
    ports = {"plain": listen(None),
             "tls": listen(certificate("good", good, 2)),
             "expired": listen(certificate("expired", good, -1)),
             "stranger": listen(certificate("stranger", "DNS:elsewhere.example", 2))}
    try:
        ports["ipv6"] = listen(None, "::1")
    except OSError:
        ports["ipv6"] = 0  # this machine has none
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


main()
