"""A Hub on this machine: what `huggingface_hub` asks for over HTTP, and the ways in which a server fails."""

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_this_test"
STATUSES = {"401": 401, "403": 403, "404": 404, "429": 429, "500": 500}
RETRY_AFTER = "3600"  # seconds: longer than anybody waits in front of a notebook
SILENCE = 10  # seconds
LOGIN_PAGE = b"<!DOCTYPE html><html><body>Sign in to the network of this hotel</body></html>"
PARTS = {"files": ("resolve", "large"), "large": ("large",)}  # of a repository; else all
LARGE = (".safetensors", ".parquet")  # stored by SHA-256, as the Hub stores what is large


def blob_id(content: bytes) -> str:
    """Return git's name of a small file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(ThreadingHTTPServer):
    """Repositories in memory: `commits` holds repository -> [(commit, files by path)], the newest last.

    A repository is "models/owner/name" or "datasets/owner/name". `faults` holds repository -> (fault, part),
    a part of `PARTS` or "all"; `asked` holds each request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.commits, self.faults, self.uploads, self.asked = {}, {}, {}, []
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """What HF_ENDPOINT should be."""
        return f"http://127.0.0.1:{self.server_port}"

    def commit(self, repository: str, files: dict[str, bytes]) -> str:
        """Add files to a repository, which is made where it is missing; return the commit."""
        history = self.commits.setdefault(repository, [])
        everything = (history[-1][1] if history else {}) | files
        name = hashlib.sha1(repr((repository, len(history), everything)).encode()).hexdigest()
        history.append((name, everything))
        return name

    def at(self, repository: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """Return commit and files of a revision: a commit, or a branch, which is at the newest."""
        history = self.commits.get(repository, [])
        known = dict(history)
        if revision in known:
            return revision, known[revision]
        return history[-1] if history and not re.fullmatch("[0-9a-f]{40}", revision) else None

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.shutdown()
        self.server_close()


ID = r"(?P<kind>models|datasets)/(?P<name>[^/]+/[^/]+)"
FILE = r"(?:(?P<kind>datasets)/)?(?P<name>[^/]+/[^/]+)"
ROUTES = [
    ("GET", r"/api/whoami-v2", "whoami"),
    ("POST", r"/api/validate-yaml", "validate"),
    ("POST", r"/api/repos/create", "create"),
    ("POST", rf"/api/{ID}/preupload/.+", "preupload"),
    ("POST", rf"/api/{ID}/commit/.+", "take_commit"),
    ("POST", rf"/{FILE}\.git/info/lfs/objects/batch", "batch"),
    ("PUT", r"/uploads/(?P<oid>\w{64})", "upload"),
    ("GET", rf"/api/{ID}(?:/revision/(?P<revision>[^/]+))?", "info"),
    ("GET", rf"/api/{ID}/tree/(?P<revision>[^/]+)(?:/(?P<path>.+))?", "tree"),
    ("GET", rf"/{FILE}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
    ("GET", rf"/large/{ID}/(?P<revision>\w+)/(?P<path>.+)", "large"),
]
WRITES = ("whoami", "create", "preupload", "take_commit", "batch")  # for those who are logged in


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_request(self):
        """Answer one request, or fail as the repository's fault says."""
        path = urlsplit(self.path).path
        self.server.asked.append(f"{self.command} {path}")
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        method = "GET" if self.command == "HEAD" else self.command
        for wanted, pattern, name in ROUTES:
            if wanted == method and (match := re.fullmatch(pattern, path)):
                parts = {k: unquote(v) for k, v in match.groupdict().items() if v is not None}
                self.repository = f"{parts.pop('kind', 'models')}/{parts.pop('name', '')}"
                if name in WRITES and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    return self.refuse(401, "Invalid credentials in Authorization header")
                if method == "GET" and name != "whoami":
                    parts["at"] = self.server.at(self.repository, parts.pop("revision", "main"))
                    if parts["at"] is None:
                        return self.refuse(404, "No such repository", "RevisionNotFound")
                return self.misbehave(name) or getattr(self, name)(**parts)
        return self.refuse(404, "Not here")

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    def send(self, content: bytes, status=200, kind="application/json", **headers):
        """Answer; a keyword X_Repo_Commit is the header X-Repo-Commit."""
        self.send_response(status)
        headers = {"Content_Type": kind, "Content_Length": len(content)} | headers
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        return True

    def json(self, value, status=200, **headers):
        return self.send(json.dumps(value).encode(), status, **headers)

    def refuse(self, status, message, code=None, **headers):
        more = {"X_Error_Code": code} if code else {}
        return self.json({"error": message}, status, X_Error_Message=message, **more, **headers)

    def misbehave(self, route):
        """Fail where the repository has a fault for this request; tell whether it was answered."""
        fault, part = self.server.faults.get(self.repository, ("", ""))
        if route not in PARTS.get(part, [route]):
            return False
        if fault in STATUSES:
            code = {"401": "RepoNotFound", "404": "RepoNotFound"}.get(fault)
            wait = {"Retry_After": RETRY_AFTER} if fault == "429" else {}
            return self.refuse(STATUSES[fault], f"This Hub answers {fault}", code, **wait)
        if fault == "login page":
            return self.send(LOGIN_PAGE, kind="text/html")
        if fault == "silence":
            self.server.closing.wait(SILENCE)
            self.close_connection = True
            return True
        return False  # of a file's content, in `content`

    # Giving

    def whoami(self):
        return self.json({"type": "user", "name": "learner", "fullname": "A learner", "orgs": []})

    def info(self, at):
        name = self.repository.split("/", 1)[1]
        siblings = [{"rfilename": path} for path in at[1]]
        common = {"id": name, "sha": at[0], "siblings": siblings, "private": False, "tags": []}
        return self.json(common | {"downloads": 0, "likes": 0, "gated": False, "disabled": False})

    def entries(self, files):
        found = []
        for path, content in files.items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
            if path.endswith(LARGE):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
            found.append(entry)
        return found

    def tree(self, at, path=""):
        prefix = f"{path}/" if path else ""
        inside = [e for e in self.entries(at[1]) if e["path"].startswith(prefix)]
        return self.json(inside) if inside else self.refuse(404, "No such path", "EntryNotFound")

    def resolve(self, at, path):
        commit, files = at
        if path not in files:
            return self.refuse(404, "Entry not found", "EntryNotFound", X_Repo_Commit=commit)
        content, headers = files[path], {"X_Repo_Commit": commit}
        if not path.endswith(LARGE):
            return self.content(content, ETag=f'"{blob_id(content)}"', **headers)
        sha256 = hashlib.sha256(content).hexdigest()
        # another name than its own, as the Hub's storage has
        address = f"http://localhost:{self.server.server_port}"
        place = f"{address}/large/{self.repository}/{commit}/{path}"
        headers |= {"X_Linked_Etag": f'"{sha256}"', "X_Linked_Size": len(content)}
        return self.send(b"", 302, Location=place, **headers)

    def large(self, at, path):
        return self.content(at[1][path])

    def content(self, content, **headers):
        """Send a file, or the rest of it; cut short or changed where that is the repository's fault."""
        fault, _ = self.server.faults.get(self.repository, ("", ""))
        start = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(start[1]) if start else 0
        if fault == "wrong hash":
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        rest, status = content[first:], 206 if start else 200
        if start:
            headers["Content_Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        headers |= {"Accept_Ranges": "bytes", "Content_Length": len(rest)}
        if fault == "cut short" and self.command != "HEAD":
            rest = b"" if first else rest[: len(rest) // 2]
            self.close_connection = True
        return self.send(rest, status, "application/octet-stream", **headers)

    # Taking

    def create(self):
        asked = json.loads(self.body)
        owner = asked.get("organization") or "learner"
        name = f"{owner}/{asked['name']}"
        address = {"url": f"{self.server.address}/{name}", "id": name}
        if f"models/{name}" in self.server.commits:
            return self.json(address | {"error": "You already created this repo"}, 409)
        self.server.commit(f"models/{name}", {".gitattributes": b"*.safetensors filter=lfs\n"})
        return self.json(address)

    def validate(self):
        return self.json({"errors": [], "warnings": []})

    def preupload(self):
        paths = [one["path"] for one in json.loads(self.body)["files"]]
        modes = {path: "lfs" if path.endswith(LARGE) else "regular" for path in paths}
        files = [{"path": path, "uploadMode": modes[path], "shouldIgnore": False} for path in paths]
        return self.json({"files": files})

    def batch(self):
        answers = [
            {**one, "actions": {"upload": {"href": f"{self.server.address}/uploads/{one['oid']}"}}}
            for one in json.loads(self.body)["objects"]
        ]
        return self.json({"transfer": "basic", "objects": answers})

    def upload(self, oid):
        self.server.uploads[oid] = self.body
        return self.json({})

    def take_commit(self):
        files = {}
        for line in self.body.decode().splitlines():
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.server.uploads[value["oid"]]
        oid = self.server.commit(self.repository, files)
        name = self.repository.split("/", 1)[1]
        address = f"{self.server.address}/{name}/commit/{oid}"
        return self.json({"success": True, "commitUrl": address, "commitOid": oid})
