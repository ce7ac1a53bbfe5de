"""nginx as an ordinary process, on the file that is shipped: only its ports and paths are other ones."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.browser.servers import PROJECT
from tests.live_server import free_port
from tests.services import nginx

NAME = "chat.example"
"""The name in the shipped file. Not localhost: that one Reflex's pages treat in a way of their own."""

TO_THIS_MACHINE = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
"""Tells a Chromium where the name leads."""

SHIPPED = PROJECT / "deploy" / "nginx.conf"
READY_SECONDS = 10

# As Debian's own file has it: whatever the site does not say for itself comes from here, queries in the log included.
AROUND = """
{user}
pid {here}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log {here}/inherited.access.log;
    error_log {here}/inherited.error.log;
    gzip on;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_ciphers DEFAULT@SECLEVEL=0;
    ssl_prefer_server_ciphers on;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    scgi_temp_path {here}/scgi;
    uwsgi_temp_path {here}/uwsgi;
    include {here}/site.conf;
}}
"""


class ToThisMachine(httpx.HTTPTransport):
    """Leads every name to this machine, as the operator's DNS would."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        named = request.extensions | {"sni_hostname": request.url.host}
        here = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(
            httpx.Request(request.method, here, headers=request.headers, stream=request.stream, extensions=named)
        )


class Edge:
    """A running nginx. Its logs, its certificate and what certbot would write lie in `directory`."""

    def __init__(self, directory: Path, behind: int) -> None:
        self.directory = directory
        self.behind = behind
        """The port of the server it stands before."""
        self.http_port, self.https_port = free_port(), free_port()

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.https_port}"

    @property
    def http_url(self) -> str:
        return f"http://{NAME}:{self.http_port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts nobody but this nginx."""
        return ssl.create_default_context(cafile=self.directory / "fullchain.pem")

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        """Somebody who comes from a loopback `address`; redirects are not followed."""
        transport = ToThisMachine(verify=self.trust, local_address=address)
        return httpx.Client(transport=transport, base_url=self.url, headers={"Origin": self.url})

    def logged(self) -> str:
        """All that nginx wrote down anywhere."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("*.log")))

    def site(self) -> str:
        """The shipped file, moved here."""
        text = SHIPPED.read_text()
        for shipped, here in {
            f"https://{NAME}$request_uri": f"{self.url}$request_uri",
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{self.behind};",
            # a machine may lack IPv6
            "listen [::]:80": f"listen 127.0.0.1:{free_port()}",
            "listen [::]:443": f"listen 127.0.0.1:{free_port()}",
            "listen 80": f"listen 127.0.0.1:{self.http_port}",
            "listen 443": f"listen 127.0.0.1:{self.https_port}",
            f"/etc/letsencrypt/live/{NAME}/": f"{self.directory}/",
            "/var/log/nginx/": f"{self.directory}/",
            "/var/www/html": f"{self.directory}/www",
        }.items():
            assert shipped in text, f"deploy/nginx.conf has no {shipped}"
            text = text.replace(shipped, here)
        return text


@contextmanager
def edge_before(port: int, directory: Path) -> Iterator[Edge]:
    """An nginx before the server on `port`, with a certificate that it signed itself."""
    edge = Edge(directory, port)
    _make_certificate(directory)
    (directory / "site.conf").write_text(edge.site())
    user = "user root;" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(AROUND.format(user=user, here=directory))
    program = nginx()
    assert program
    log = directory / "start.log"
    command = [program, "-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", str(log), "-g", "daemon off;"]
    with log.open("ab") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=lines)
    try:
        _wait_for(edge.https_port, process, log)
        yield edge
    finally:
        process.terminate()
        process.wait(10)


def _make_certificate(directory: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(directory / "privkey.pem"), "-out", str(directory / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx did not start:\n{log.read_text()}")
