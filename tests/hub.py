"""A Hub on this machine: what `huggingface_hub` asks for over HTTP, and the ways in which a server fails."""

import asyncio
import base64
import hashlib
import json
import re
import threading

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "hf_of_this_test"
RETRY_AFTER = "3600"  # seconds: longer than anybody waits in front of a notebook
SILENCE = 10  # seconds
LOGIN_PAGE = "<!DOCTYPE html><html><body>Sign in to the network of this hotel</body></html>"
PARTS = {"files": ("resolve", "large"), "large": ("large",)}  # of a repository; else all
LARGE = (".safetensors", ".parquet")  # stored by SHA-256, as the Hub stores what is large
WRITES = ("whoami", "create", "preupload", "take_commit", "batch")  # for those who are logged in
CODES = {"401": "RepoNotFound", "404": "RepoNotFound"}  # of a fault


def blob_id(content: bytes) -> str:
    """Return git's name of a small file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def refuse(status, message, code="", **headers):
    """Return an answer with the Hub's headers of an error."""
    told = {"X-Error-Message": message, "X-Error-Code": code} | headers
    return web.json_response({"error": message}, status=status, headers=told)


class Hub:
    """Repositories in memory: `commits` holds repository -> commit -> files by path, the newest last.

    A repository is "models/owner/name" or "datasets/owner/name". `faults` holds repository -> (fault, part),
    a part of `PARTS` or "all"; `asked` holds each request. `address` is what HF_ENDPOINT should be.
    """

    def __init__(self):
        self.commits, self.faults, self.uploads, self.asked = {}, {}, {}, []

    def commit(self, repository: str, files: dict[str, bytes]) -> str:
        """Add files to a repository, which is made where it is missing; return the commit."""
        _, before = self.at(repository, "main") or ("", {})
        name = hashlib.sha1(repr((repository, before, files)).encode()).hexdigest()
        self.commits.setdefault(repository, {})[name] = before | files
        return name

    def at(self, repository: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """Return commit and files of a revision: a commit, or a branch, which is at the newest."""
        known = self.commits.get(repository, {})
        is_commit = re.fullmatch("[0-9a-f]{40}", revision)
        commit = revision if is_commit else next(reversed(known), None)
        return (commit, known[commit]) if commit in known else None

    def __enter__(self):
        application = web.Application(middlewares=[self.watch], client_max_size=2**26)
        repository = "/api/{kind:models|datasets}/{owner}/{name}"
        application.add_routes(
            [
                web.get("/api/whoami-v2", self.whoami),
                web.post("/api/validate-yaml", self.validate),
                web.post("/api/repos/create", self.create),
                web.post(repository + "/preupload/{branch}", self.preupload),
                web.post(repository + "/commit/{branch}", self.take_commit),
                web.post("/{owner}/{name}.git/info/lfs/objects/batch", self.batch),
                web.put("/uploads/{oid}", self.upload),
                web.get(repository + "/revision/{revision}", self.info),
                web.get(repository + "/tree/{revision}{path:.*}", self.tree),
                web.get(
                    "/{kind:datasets/|}{owner}/{name}/resolve/{revision}/{path:.+}", self.resolve
                ),
                web.get("/large/{kind}/{owner}/{name}/{revision}/{path:.+}", self.large),
            ]
        )
        self.loop, self.server = asyncio.new_event_loop(), TestServer(application)
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.wait_for(self.server.start_server())
        self.address = f"http://127.0.0.1:{self.server.port}"
        return self

    def wait_for(self, work):
        asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def __exit__(self, *_):
        self.wait_for(self.server.close())
        self.loop.call_soon_threadsafe(self.loop.stop)

    @web.middleware
    async def watch(self, request, handler):
        """Answer one request, or fail as the repository's fault says."""
        self.asked.append(f"{request.method} {request.path}")
        parts, route = request.match_info, request.match_info.handler.__name__
        kind = parts.get("kind", "").strip("/") or "models"
        parts["repository"] = repository = f"{kind}/{parts.get('owner')}/{parts.get('name')}"
        if route in WRITES and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refuse(401, "Invalid credentials in Authorization header")
        if "revision" in parts:
            parts["at"] = self.at(repository, parts["revision"])
            if parts["at"] is None:
                return refuse(404, "No such repository", "RevisionNotFound")
        fault, part = self.faults.get(repository, ("", ""))
        if route in PARTS.get(part, [route]):
            if fault.isdigit():
                wait = {"Retry-After": RETRY_AFTER} if fault == "429" else {}
                message = f"This Hub answers {fault}"
                return refuse(int(fault), message, CODES.get(fault, ""), **wait)
            if fault == "login page":
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            if fault == "silence":
                await asyncio.sleep(SILENCE)
                request.transport.close()
        return await handler(request)  # some faults are of a file's content, in `content`

    # Giving

    async def whoami(self, request):
        user = {"type": "user", "name": "learner", "fullname": "A learner", "orgs": []}
        return web.json_response(user)

    async def info(self, request):
        commit, files = request.match_info["at"]
        found = {"id": request.match_info["repository"].split("/", 1)[1], "sha": commit, "tags": []}
        found |= {"siblings": [{"rfilename": path} for path in files], "downloads": 0, "likes": 0}
        return web.json_response(found | dict.fromkeys(("private", "gated", "disabled"), False))

    async def tree(self, request):
        found = []
        for path, content in request.match_info["at"][1].items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
            if path.endswith(LARGE):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
            if f"/{path}".startswith(request.match_info["path"]):
                found.append(entry)
        return web.json_response(found) if found else refuse(404, "No such path", "EntryNotFound")

    async def resolve(self, request):
        (commit, files), path = request.match_info["at"], request.match_info["path"]
        headers = {"X-Repo-Commit": commit}
        if path not in files:
            return refuse(404, "Entry not found", "EntryNotFound", **headers)
        content = files[path]
        if not path.endswith(LARGE):
            return await self.content(request, content, ETag=f'"{blob_id(content)}"', **headers)
        # another name than its own, as the Hub's storage has
        address = f"http://localhost:{self.server.port}"
        headers["Location"] = f"{address}/large/{request.match_info['repository']}/{commit}/{path}"
        headers["X-Linked-Etag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        headers["X-Linked-Size"] = str(len(content))
        return web.Response(status=302, headers=headers)

    async def large(self, request):
        return await self.content(request, request.match_info["at"][1][request.match_info["path"]])

    async def content(self, request, content, **headers):
        """Send a file, or the rest of it; cut short or changed where that is the repository's fault."""
        fault, _ = self.faults.get(request.match_info["repository"], ("", ""))
        if fault == "wrong hash":
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        first, rest = request.http_range.start or 0, content[request.http_range]
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        headers, status = {"Accept-Ranges": "bytes"} | headers, 206 if first else 200
        if fault != "cut short" or request.method == "HEAD":
            return web.Response(body=rest, status=status, headers=headers)
        headers["Content-Length"] = str(len(rest))
        answer = web.StreamResponse(status=status, headers=headers)
        await answer.prepare(request)
        await answer.write(b"" if first else rest[: len(rest) // 2])
        request.transport.close()
        return answer

    # Taking

    async def create(self, request):
        asked = await request.json()
        name = f"{asked.get('organization') or 'learner'}/{asked['name']}"
        address = {"url": f"{self.address}/{name}", "id": name}
        if f"models/{name}" in self.commits:
            told = address | {"error": "You already created this repo"}
            return web.json_response(told, status=409)
        self.commit(f"models/{name}", {".gitattributes": b"*.safetensors filter=lfs\n"})
        return web.json_response(address)

    async def validate(self, request):
        return web.json_response({"errors": [], "warnings": []})

    async def preupload(self, request):
        files = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["path"].endswith(LARGE) else "regular",
                "shouldIgnore": False,
            }
            for one in (await request.json())["files"]
        ]
        return web.json_response({"files": files})

    async def batch(self, request):
        answers = [
            {**one, "actions": {"upload": {"href": f"{self.address}/uploads/{one['oid']}"}}}
            for one in (await request.json())["objects"]
        ]
        return web.json_response({"transfer": "basic", "objects": answers})

    async def upload(self, request):
        self.uploads[request.match_info["oid"]] = await request.read()
        return web.json_response({})

    async def take_commit(self, request):
        files = {}
        for line in (await request.text()).splitlines():
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.uploads[value["oid"]]
        oid = self.commit(request.match_info["repository"], files)
        address = f"{self.address}/{request.match_info['repository'].split('/', 1)[1]}/commit/{oid}"
        return web.json_response({"success": True, "commitUrl": address, "commitOid": oid})
