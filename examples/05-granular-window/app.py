#!/usr/bin/env python3
"""A stand-in for the application of a maintenance window. Standard library only, loopback only.

    app.py start [PORT]     in the background, in this folder; comes back once it answers
    app.py stop             ends it
    app.py service down     closes its port, as a stopped service would; `up` opens it again
    app.py fail WHAT …      goes wrong from now on; `fail nothing` mends it:
                            health ready notes warm   these answer 500
                            slow                      every answer takes 300 ms
                            mute                      a note is taken, and not answered

    GET  /health  /ready    whether it lives; whether it takes requests (503 under maintenance)
    GET  /metrics           for Prometheus; the cache's hits, misses and hit ratio
  with the header `Authorization: Bearer $APP_TOKEN`:
    GET  /threat_models/ID/PART            served by the cache once it has been asked for
    POST /admin/cache/warm                 fills the cache
    GET  PUT /maintenance                  {"on": true}; also POST /admin/maintenance/enable, disable
    GET  POST /notes, DELETE /notes/ID     each POST makes one more

With APP_REDIS=SOCKET the cache is in that Redis, and as long as it is up and not under maintenance
it has users, who ask for 200 pages a second. It ends by itself when its folder is gone.
"""
import http.server
import json
import os
import signal
import socket
import sys
import threading
import time

SOCKET = "app.sock"  # where the commands of this program reach the one in the background
STATE = "app.json"   # what outlives a restart


class Cache:
    """Which pages are cached: in memory, or in the Redis of a socket."""

    def __init__(self, place):
        self.place, self.kept, self.peer = place, set(), None

    def has(self, path):
        return path in self.kept if not self.place else self.ask("GET", "cache:" + path) is not None

    def add(self, path):
        if self.place:
            self.ask("SET", "cache:" + path, "x", "EX", "300")
        else:
            self.kept.add(path)

    def ask(self, *words):
        """None for nil, and when nobody answers."""
        try:
            if self.peer is None:
                self.peer = socket.socket(socket.AF_UNIX)
                self.peer.connect(self.place)
                self.lines = self.peer.makefile("rb")
            text = f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)
            self.peer.sendall(text.encode())
            head = self.lines.readline()
            if head[:1] != b"$" or head == b"$-1\r\n":
                return None
            return self.lines.read(int(head[1:]) + 2)
        except OSError:
            self.peer = None
            return None


class App:
    def __init__(self, port, token):
        self.port, self.token = port, token
        self.lock = threading.RLock()
        self.server = None
        self.fails = set(os.environ.get("APP_FAIL", "").split())
        self.cached, self.hits, self.misses = Cache(os.environ.get("APP_REDIS")), 0, 0
        self.kept = {"maintenance": False, "notes": {}, "next": 1}
        if os.path.exists(STATE):
            with open(STATE, encoding="utf-8") as file:
                self.kept = json.load(file)

    def keep(self):
        with open(STATE + ".new", "w", encoding="utf-8") as file:
            json.dump(self.kept, file)
        os.replace(STATE + ".new", STATE)

    def up(self):
        with self.lock:
            if self.server is None:
                self.server = Server(("127.0.0.1", self.port), Handler)
                self.server.app = self
                self.port = self.server.server_address[1]
                threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def down(self):
        with self.lock:
            if self.server is not None:
                self.server.shutdown()
                self.server.server_close()
                self.server = None

    def command(self, words):
        """What another process of this program asks for; the text that it prints."""
        if words[:1] == ["service"] and words[1:] in (["up"], ["down"], ["status"]):
            if words[1] != "status":
                getattr(self, words[1])()
            return "running" if self.server else "stopped"
        if words[:1] == ["fail"] and len(words) > 1:
            self.fails = set(words[1:]) - {"nothing"}
            return "fails: " + (" ".join(sorted(self.fails)) or "nothing")
        return "what is that? see app.py --help"

    # What its pages answer: status, and a value or a text.

    def page(self, method, path, body):
        words = path.strip("/").split("/")
        with self.lock:
            if path in ("/health", "/ready"):
                return self.state_of(path)
            if path == "/metrics":
                return 200, self.metrics()
            if path == "/maintenance" and method in ("GET", "PUT"):
                return self.maintenance(body.get("on") if method == "PUT" else None)
            if method == "POST" and words[:2] == ["admin", "maintenance"] and len(words) == 3:
                if words[2] in ("enable", "disable"):
                    return self.maintenance(words[2] == "enable")
            if method == "POST" and path == "/admin/cache/warm":
                self.cached.add("*")
                return (500, {"error": "no memory"}) if "warm" in self.fails else (200, {})
            if method == "GET" and words[0] == "threat_models" and len(words) == 3:
                return self.threats(path, words)
            if words[0] == "notes":
                return self.notes(method, words[1:], body)
        return 404, {"error": "no such page"}

    def state_of(self, path):
        if path[1:] in self.fails:
            return 500, {"status": "broken"}
        if path == "/ready" and self.kept["maintenance"]:
            return 503, {"status": "maintenance"}
        return 200, {"status": "ok"}

    def metrics(self):
        asked = self.hits + self.misses
        return (f"cache_hits_total {self.hits}\ncache_misses_total {self.misses}\n"
                f"cache_hit_ratio {self.hits / asked if asked else 0:.3f}\n"
                f"maintenance {int(self.kept['maintenance'])}\n")

    def maintenance(self, on):
        if on is not None:
            self.kept["maintenance"] = bool(on)
            self.keep()
        return 200, {"on": self.kept["maintenance"]}

    def threats(self, path, words):
        found = self.cached.has("*") or self.cached.has(path)
        self.hits, self.misses = self.hits + found, self.misses + (not found)
        self.cached.add(path)
        return 200, {"threat_model": words[1], "part": words[2], "items": []}

    def users(self):
        """Pages that people ask for, for ever."""
        turn = 0
        while True:
            time.sleep(0.005)
            turn += 1
            with self.lock:
                if self.server is not None and not self.kept["maintenance"]:
                    words = ["threat_models", str(turn % 20), "threats"]
                    self.threats("/" + "/".join(words), words)

    def notes(self, method, words, body):
        notes = self.kept["notes"]
        if "notes" in self.fails:
            return 500, {"error": "the disk is full"}
        if method == "GET" and not words:
            return 200, [{"id": int(key), "text": text} for key, text in notes.items()]
        if method == "POST" and not words:
            made = self.kept["next"]
            notes[str(made)] = body.get("text", "")
            self.kept["next"] = made + 1
            self.keep()
            return (None, None) if "mute" in self.fails else (201, {"id": made})
        if method == "DELETE" and len(words) == 1:
            if notes.pop(words[0], None) is None:
                return 404, {"error": "no such note"}
            self.keep()
            return 204, None
        return 405, {"error": "not here"}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def serve(self):
        app = self.server.app
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, 1 << 20))
        path = self.path.split("?")[0]
        if "slow" in app.fails:
            time.sleep(0.3)
        if path not in ("/health", "/ready", "/metrics"):
            if self.headers.get("Authorization") != "Bearer " + app.token:
                return self.say(401, {"error": "a token is needed"})
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            return self.say(400, {"error": "no JSON"})
        status, answer = app.page(self.command, path, body if isinstance(body, dict) else {})
        if status is None:
            self.close_connection = True
            return None
        return self.say(status, answer)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def say(self, status, answer):
        text = answer if isinstance(answer, str) else "" if answer is None else json.dumps(answer)
        kind = "text/plain" if isinstance(answer, str) else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def ask(words):
    """Has the one in the background do it; None when there is none."""
    with socket.socket(socket.AF_UNIX) as peer:
        try:
            peer.connect(SOCKET)
        except OSError:
            return None
        peer.sendall(json.dumps(words).encode() + b"\n")
        return peer.makefile().read()


def control(app, listener):
    """Serves ask() until it is told to stop or its folder is gone."""
    listener.settimeout(1)
    while os.path.exists(SOCKET):
        try:
            peer, _ = listener.accept()
        except TimeoutError:
            continue
        words = []
        try:
            with peer:
                words = json.loads(peer.makefile().readline())
                peer.sendall(("stopped" if words == ["stop"] else app.command(words)).encode())
        except (OSError, ValueError):
            pass  # who asked was killed in the middle
        if words == ["stop"]:
            os.unlink(SOCKET)
    app.down()


def start(port):
    token = os.environ.get("APP_TOKEN")
    if not token:
        return "give the token: APP_TOKEN=… app.py start"
    if ask(["service", "status"]) is not None:
        return "it is running already"
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    os.chmod(SOCKET, 0o600)
    listener.listen()
    app = App(port, token)
    with Server(("127.0.0.1", port), Handler) as first:
        app.port = first.server_address[1]
    if os.fork() == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        app.up()
        if app.cached.place:
            threading.Thread(target=app.users, daemon=True).start()
        control(app, listener)
        os._exit(0)
    ask(["service", "status"])  # answered once it is up
    print(f"http://127.0.0.1:{app.port}")
    return None


def main(words):
    if words[:1] == ["start"] and len(words) < 3:
        problem = start(int(words[1]) if len(words) == 2 else 0)
    elif words and words[0] in ("stop", "service", "fail"):
        said = ask(words)
        problem = "it is not running" if said is None else None
        if said is not None:
            print(said)
    else:
        print(__doc__.strip())
        return 0 if words in ([], ["--help"]) else 2
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
